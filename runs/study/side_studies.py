"""Side studies: the small studies that a run does beside its arms, under the same shocks and draws, for single questions.

demand       the scenario with half and twice each world's own demand: the odds at the end again
stop         all external finance is zero from the first month on: months until a core firm cannot pay
other luck   the same draws under other shocks: what share of the variance of life is luck
squeezes     funding tightens now, in a year, ... and a quarter, half, ...: months of life lost within five years
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from perpetuum.model.observed.states import Dates
from perpetuum.model.uncertainty import draw
from perpetuum.runs.study.batches import Batch, Progress, run_batch
from perpetuum.runs.study.executors import Processes
from perpetuum.runs.study.question import Question

Array = np.ndarray[Any, Any]

#: Worlds of each side study: enough for an answer in seconds.
DEMAND_WORLDS, STOP_WORLDS, LUCK_WORLDS, SQUEEZE_WORLDS = 50, 100, 50, 12
#: Months that the machine is watched after all external finance stops.
STOP_MONTHS = 60
#: By how much demand is weaker and stronger than a world's own.
DEMAND = {"weak_demand": 0.5, "strong_demand": 2.0}
#: When a squeeze begins (months from the start), how hard, and within how many months of its start life is counted.
STARTS, STRENGTHS, WITHIN = (0, 12, 24, 36, 48), (0.25, 0.5, 0.75, 1.0), 60
#: Replicates of the shocks that stand in for a world's own.
_OTHER_LUCK = 1_000_000


@dataclass(frozen=True)
class Squeezes:
    """Life of worlds by when and how hard funding tightens; `life` (starts, strengths, worlds), `loose` (worlds,)."""

    starts: tuple[int, ...]
    strengths: tuple[float, ...]
    within: int
    life: Array
    loose: Array


@dataclass(frozen=True)
class SideStudies:
    """What the side studies found; `stop` (worlds,): months until a core firm could not pay, -1: not within `stop_months`."""

    demand: dict[str, Dates]
    stop: Array
    stop_months: int
    life: Array  # of the first worlds, under their own luck ...
    other_luck: Array  # ... and under another
    squeezes: Squeezes | None


def run_side_studies(question: Question, progress: Progress | None = None) -> SideStudies:
    """Run them all; no more worlds of each than the question has."""
    judged = question.scenario().judged
    stop_months = min(STOP_MONTHS, judged)
    starts = tuple(start for start in STARTS if start + 12 <= judged)
    months = min(judged, max(STARTS) + WITHIN)
    squeezes = _squeeze_cells(starts)
    sizes = [min(worlds, question.worlds) for worlds in (DEMAND_WORLDS, STOP_WORLDS, LUCK_WORLDS, SQUEEZE_WORLDS)]
    whole = 2 * sizes[0] * judged + sizes[1] * stop_months + 2 * sizes[2] * judged + len(squeezes) * sizes[3] * months
    count = _Counter(progress, whole)

    demand = {name: _states(_with_demand(question, sizes[0], factor), count(judged)) for name, factor in DEMAND.items()}
    stop = _months_until_unpaid(question, sizes[1], stop_months, count(stop_months))
    life, other = (_life(batch, count(judged)) for batch in _lucks(question, sizes[2]))
    found = None
    if starts:
        study = question.study_of(squeezes, sizes[3], months)
        lives = _life(study.batch(0, study.worlds), count(months)).reshape(len(squeezes), sizes[3])
        shape = (len(starts), len(STRENGTHS), sizes[3])
        found = Squeezes(starts, STRENGTHS, WITHIN, lives[1:].reshape(shape), lives[0])
    return SideStudies(demand, stop, stop_months, life, other, found)


@contextmanager
def beside(question: Question, apart: bool) -> Iterator[Callable[[Progress | None], SideStudies]]:
    """Side studies as a function that returns them; where `apart`, a process of their own works on them meanwhile."""
    if not apart:
        yield lambda progress: run_side_studies(question, progress)
        return
    with Processes(1) as engine:
        future = engine.executor().submit(run_side_studies, question)

        def wait(progress: Progress | None) -> SideStudies:
            try:
                return future.result()
            except BrokenExecutor:  # the process has died: nothing is lost but time
                return run_side_studies(question, progress)

        yield wait


def _squeeze_cells(starts: Sequence[int]) -> list[dict[str, Any]]:
    """Loose money first, then every start with every strength."""
    squeezed = [{"funding.start_month": s, "funding.tightening": x} for s in starts for x in STRENGTHS]
    return [{"funding.start_month": 0, "funding.tightening": 0.0}, *squeezed]


class _Counter:
    """Tells a run's progress over several studies."""

    def __init__(self, progress: Progress | None, whole: int):
        self.progress, self.whole, self.done = progress, whole, 0

    def __call__(self, months: int) -> Callable[[Any, Array], None]:
        """An observer that counts the world-months of one study."""

        def tell(economy: Any, places: Array) -> None:
            if economy.month <= months:
                self.done += len(places)
            if self.progress is not None:
                self.progress(min(self.done, self.whole), self.whole)

        return tell


def _batch(question: Question, replicates: int, months: int, moved: Mapping[str, Any]) -> Batch:
    study = question.study_of([{**moved}] if moved else [{"funding.stop_month": -1}], replicates, months)
    return study.batch(0, study.worlds)


def own_draws(question: Question, replicates: int) -> dict[str, Array]:
    """What the first worlds draw: name to (worlds,)."""
    return draw(question.unknowns(), question.seed, np.arange(replicates))


def _with_demand(question: Question, replicates: int, factor: float) -> Batch:
    """The scenario with a multiple of each world's own demand, within the registry's range."""
    scenario, name = question.scenario(), "demand.strength"
    base = own_draws(question, replicates).get(name, np.full(replicates, scenario.values[name], dtype=np.float64))
    parameter = scenario.definition.parameter(name)
    batch = _batch(question, replicates, scenario.judged, {name: scenario.values[name]})
    return replace(batch, varied={name: np.clip(base * factor, parameter.low, parameter.high).tolist()})


def _lucks(question: Question, replicates: int) -> tuple[Batch, Batch]:
    """The first worlds under their own luck and under another, with the same draws."""
    batch = _batch(question, replicates, question.scenario().judged, {})
    drawn = {name: values.tolist() for name, values in own_draws(question, replicates).items()}
    other = replace(batch, varied={**batch.varied, **drawn}, draws=False)
    return batch, replace(other, luck=[_OTHER_LUCK + replicate for replicate in batch.replicates])


def _life(batch: Batch, tell: Callable[[Any, Array], None]) -> Array:
    return run_batch(batch, tell).worlds["life"].to_numpy()


def _states(batch: Batch, tell: Callable[[Any, Array], None]) -> Dates:
    kept: list[tuple[Array, Dates]] = []

    def watch(economy: Any, places: Array) -> None:
        tell(economy, places)
        if economy.month == economy.scenario.horizon:
            kept.append((places, economy.outcome().dates))

    run_batch(batch, watch)
    order = np.argsort(np.concatenate([places for places, _ in kept]))
    return Dates.joined([dates for _, dates in kept]).take(order)


def _months_until_unpaid(question: Question, replicates: int, months: int, tell: Callable[[Any, Array], None]) -> Array:
    """Months until a core firm defaults or pays late once all external finance has stopped; -1 where none does."""
    found = np.full(replicates, -1)

    def watch(economy: Any, places: Array) -> None:
        tell(economy, places)
        if economy.month == months:
            core = [firm.name for firm in (economy.lead_lab, economy.leveraged_cloud, economy.lead_vendor)]
            facts = economy.core_events
            marks = np.logical_or.reduce([facts[f"{what}:{firm}"] > 0 for what in ("default", "arrears") for firm in core])
            found[places] = np.where(marks.any(axis=1), marks.argmax(axis=1), -1)

    run_batch(_batch(question, replicates, months, {"funding.stop_month": 0}), watch)
    return found
