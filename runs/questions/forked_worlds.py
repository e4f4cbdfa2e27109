"""Worlds whose levers are moved while they run, forked from what they have in common.

Arms that differ only in when and how far a lever is moved are the same world until then: each replicate is simulated once up
to the first move, forked into its arms, and the arms run on side by side. A fork that is moved is, bit for bit, the world in
which the lever had been moved in that month.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from perpetuum.model.books.ledger import BooksBreachError, OverdraftError
from perpetuum.model.scenario import Scenario, months_to_simulate
from perpetuum.model.worlds import Array
from perpetuum.runs.questions.asked_scenario import drawn
from perpetuum.runs.study.batches import Progress, make_economy
from perpetuum.runs.study.executors import cut, open_engine
from perpetuum.runs.study.fingerprint import OnTheSameProgram
from perpetuum.runs.study.measures import SALES


class Plan(Protocol):
    """When the lever stands where, world by world; picklable and small."""

    @property
    def first(self) -> int:
        """The first month in which the lever of any world may move."""
        ...

    def levels(self, month: int) -> Array:
        """Where the lever stands from this month on (worlds,); NaN where it is left alone."""
        ...

    def take(self, places: Array) -> Plan:
        """Return the plan of chosen worlds."""
        ...


@dataclass(frozen=True)
class Steered:
    """Description of a batch of steered worlds: a row each in `replicates` and in the plan.

    `draws`: what the preset calls unknown, and nobody sets or steers, is drawn for each world by its replicate.
    """

    preset: str
    overrides: Mapping[str, Any]
    lever: str
    plan: Plan
    replicates: Array
    seed: int = 1
    months: int | None = None
    series: tuple[str, ...] = ()
    draws: bool = False

    def take(self, places: Array) -> Steered:
        """Return the description of chosen worlds."""
        return replace(self, plan=self.plan.take(places), replicates=self.replicates[places])

    def unknowns(self, replicates: Array) -> dict[str, Any]:
        """What is drawn: name to (replicates,)."""
        if not self.draws:
            return {}
        return drawn(self.preset, {*self.overrides, self.lever}, self.seed, replicates)


@dataclass
class Steering:
    """What came of steered worlds: `state` (worlds,) at the last month judged, "" where one failed; `core_default_month`
    (worlds,), -1 where no core firm defaulted; series by name (worlds, months).
    """

    state: Array
    core_default_month: Array
    series: dict[str, Array] = field(default_factory=dict)

    @classmethod
    def blank(cls, worlds: int) -> Steering:
        """Nothing has come of any world yet."""
        return cls(np.full(worlds, "", dtype=object), np.full(worlds, -1))

    def put(self, places: Array, told: Steering) -> None:
        """Write down what came of the worlds at these places."""
        self.state[places] = told.state
        self.core_default_month[places] = told.core_default_month
        for name, values in told.series.items():
            if name not in self.series:
                self.series[name] = np.full((len(self.state), values.shape[1]), np.nan)
            self.series[name][places] = values


class _FailedError(Exception):
    """In some worlds money cannot be booked; `worlds` is their mask."""

    def __init__(self, worlds: Array):
        super().__init__("worlds failed")
        self.worlds = worlds


def run_steered(steered: Steered) -> Steering:
    """Simulate a batch; worlds in which money cannot be booked drop out, and the others do not notice."""
    told = Steering.blank(len(steered.replicates))
    places = np.arange(len(steered.replicates))
    while len(places):
        try:
            told.put(places, _simulate(steered.take(places)))
            break
        except _FailedError as failure:
            places = places[~failure.worlds]
    return told


def run_all(steered: Steered, workers: int = 1, progress: Progress | None = None, scheduler: str | None = None) -> Steering:
    """Simulate any number of steered worlds in batches, over processes or a cluster; rows in the order of the description.

    `progress(done, total)` counts worlds.
    """
    total, done = len(steered.replicates), 0
    told = Steering.blank(total)
    # Worlds with the same past belong into one batch.
    order = np.argsort(steered.replicates, kind="stable")
    with open_engine(workers, scheduler=scheduler) as engine:
        tasks = (((first, last), steered.take(order[first:last])) for first, last in cut([(0, total)], engine.workers))
        elsewhere = scheduler or str(steered.preset).endswith(".toml")  # where a file may have been changed meanwhile
        simulate = OnTheSameProgram.as_here(run_steered, steered.preset) if elsewhere else run_steered
        for (first, last), part in engine.run(simulate, tasks):
            told.put(order[first:last], part)
            done += last - first
            if progress is not None:
                progress(done, total)
    return told


def _simulate(steered: Steered) -> Steering:
    past, branch = np.unique(steered.replicates, return_inverse=True)
    economy = make_economy(
        Scenario(
            preset=steered.preset,
            overrides={**steered.overrides, **steered.unknowns(past)},
            worlds=len(past),
            seed=steered.seed,
            months=months_to_simulate(steered.months),
            replicates=past,
            series=tuple(dict.fromkeys((*steered.series, *SALES))),
        )
    )
    horizon = economy.scenario.horizon
    with _telling_who_failed(branch):
        economy.run(min(steered.plan.first, horizon))
    economy = economy.fork(branch)
    stands = np.full(len(branch), np.nan)
    with _telling_who_failed(np.arange(len(branch))):
        for month in range(economy.month, horizon):
            wanted = steered.plan.levels(month)
            moved = ~np.isnan(wanted) & (wanted != stands)
            for level in np.unique(wanted[moved]):
                economy.move_lever(steered.lever, float(level), moved & (wanted == level))
            stands = np.where(moved, wanted, stands)
            economy.step()
    outcome, series = economy.outcome(), economy.series
    return Steering(
        outcome.state.astype(object),
        outcome.metrics["core_default_month"].astype(np.int64),
        {name: np.asarray(series[name])[:, : economy.scenario.judged] for name in steered.series},
    )


@contextmanager
def _telling_who_failed(branch: Array) -> Iterator[None]:
    """Say which arms a failure befell; `branch`: the number of each arm's world in the economy."""
    try:
        yield
    except (BooksBreachError, OverdraftError) as error:
        if error.mask is None or not np.any(error.mask):
            raise
        raise _FailedError(np.asarray(error.mask, dtype=bool)[branch]) from error
