"""Which parameters matter: Morris screens all that are in question, Sobol apportions the variance among the survivors.

Everything is measured over stated ranges, uniformly, and says nothing beyond them. What is measured at a point is the mean
over the same few replicates everywhere: luck is held fixed, so that differences are the parameters' alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.errors import about, named_once
from perpetuum.model.observed.metrics import METRICS, OF_FIRMS
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import InputError, Scenario, nearest
from perpetuum.model.worlds import Array
from perpetuum.runs.questions import sensitivity_indices as indices
from perpetuum.runs.questions.asked_scenario import checked, scenario_of
from perpetuum.runs.questions.payoffs import PAYOFFS, Payoff, check_firms, column
from perpetuum.runs.study.batches import Progress, run_worlds
from perpetuum.runs.study.description import MOST_WORLDS
from perpetuum.runs.study.design import MOST_CELLS, cells_of, describe, make_design, unit_points

if TYPE_CHECKING:
    import pandas as pd


#: What is measured unless something else is asked for: names of `payoffs.PAYOFFS`.
USUAL_METRICS = ("life", "bust", "drawdown", "boom", "own_money")
ALIASES = {
    "fallen": "bust",
    "stands_alone": "alone",
    "peak_revenue": "boom",
    "own_money_share": "own_money",
}
#: Metrics that not every world has, or not every table of worlds.
NOT_EVERYWHERE = ("first_default_month", "core_default_month", "caused_share", "unlocked_per_dollar")
#: Survivors of the screening, at most.
SURVIVORS = 6


@dataclass(frozen=True)
class Plan:
    """What is asked: a scenario, what is varied over which ranges, what is measured, and how finely."""

    preset: str
    overrides: dict[str, Any]
    scenario: Scenario
    ranges: dict[str, str | list[Any]]  # as a design takes them: `low:high` or values
    metrics: tuple[Payoff, ...]
    trajectories: int
    samples: int
    replicates: int
    survivors: int
    seed: int
    fixed: bool = False

    @property
    def screens(self) -> bool:
        """Whether there is anything to screen: with few parameters all of them survive."""
        return len(self.ranges) > self.survivors

    @property
    def worlds(self) -> int:
        """Number of worlds, at most (fewer survive where few matter)."""
        screened = self.trajectories * (len(self.ranges) + 1) if self.screens else 0
        return (screened + self.samples * (min(len(self.ranges), self.survivors) + 2)) * self.replicates


@dataclass(frozen=True)
class Answer:
    """What a sensitivity study found; `screening` and `sobol` by metric."""

    plan: Plan
    screening: dict[str, indices.Effects]  # empty: nothing had to be screened
    names: tuple[str, ...]  # parameters of the screening
    kept: tuple[str, ...]  # parameters of the Sobol indices, the most influential of the screening first
    sobol: dict[str, list[indices.Shares]]  # of growing parts of the sample, all of it last
    levels: dict[str, tuple[float, float, float]]  # lowest, mean and highest value of each metric over the last design
    failed: int  # points left out because a world of theirs failed

    @property
    def ranges(self) -> dict[str, Any]:
        """What was varied, as a user would write it."""
        return dict(describe(make_design(self.plan.ranges, self.plan.scenario, "morris", self.plan.trajectories)))


def make_plan(
    preset: str,
    overrides: Mapping[str, Any] | None = None,
    *,
    over: Mapping[str, str | Sequence[Any] | None] | None = None,
    everything: bool = False,
    metrics: Sequence[str] = USUAL_METRICS,
    trajectories: int = 10,
    samples: int = 512,
    replicates: int = 4,
    survivors: int = SURVIVORS,
    seed: int = 1,
    months: int | None = None,
    fixed: bool = False,
) -> Plan:
    """Return the plan of a study: over what the preset calls unknown, `everything`, or the parameters of `over`.

    A preset that calls nothing unknown has the levers of the registry varied. `over`: name to `low:high`, `a,b,c`, values, or
    None for the range of the preset's table, else the registry's. What is set is not varied; what is neither set nor varied
    each world draws for itself, but for `fixed`.
    Raises InputError for unknown names, ranges beyond the registry's, and sample sizes that do not work.
    """
    scenario = scenario_of(preset, overrides or {}, seed, months)
    for name, number in (("trajectories", trajectories), ("replicates", replicates), ("survivors", survivors)):
        if number < 1:
            raise InputError(f"{name} must be a whole number of at least 1, not {number}", name)
    if samples < indices.FEWEST or samples & (samples - 1):
        near = max(indices.FEWEST, 1 << max(samples - 1, 1).bit_length())
        told = f"samples must be a power of two of at least {indices.FEWEST}, not {samples}: {near} would do"
        raise InputError(told, "samples")
    wanted = dict(over) if over else _varied(scenario, everything)
    with about("over"):
        ranges = {name: what if what is not None else usual_range(scenario, name) for name, what in wanted.items()}
    with about("metrics"):
        named_once(metrics, "the metrics")
        check_firms(metrics, scenario, wanted)
        measured = tuple(metric_of(name) for name in dict.fromkeys(ALIASES.get(name, name) for name in metrics))
    plan = Plan(
        preset=preset,
        overrides=checked(scenario, overrides or {}),
        scenario=scenario,
        ranges={name: what if isinstance(what, str) else list(what) for name, what in ranges.items()},
        metrics=measured,
        trajectories=trajectories,
        samples=samples,
        replicates=replicates,
        survivors=survivors,
        seed=seed,
        fixed=fixed,
    )
    with about("over"):  # so that what is wrong is told before anything is simulated
        make_design(plan.ranges, scenario, "morris", trajectories)
    points = samples * (min(len(ranges), survivors) + 2)
    if points > MOST_CELLS or plan.worlds > MOST_WORLDS:
        raise InputError(
            f"{samples:,} samples make up to {points:,} points and {plan.worlds:,} worlds in all, and a study has at most "
            f"{MOST_CELLS:,} and {MOST_WORLDS:,}: use fewer"
        )
    return plan


def _varied(scenario: Scenario, everything: bool) -> dict[str, None]:
    """What the preset calls unknown, else the levers, or everything that may differ between worlds, except what is set."""
    names = [one.name for one in scenario.definition.unknowns] or [name for name, one in PARAMETERS.items() if one.lever]
    if everything:
        names = list(PARAMETERS)
    allowed = {name for name in names if not scenario.definition.parameter(name).structural}
    return {name: None for name in names if name in allowed - set(scenario.overrides)}


def usual_range(scenario: Scenario, name: str) -> str | list[Any]:
    """A parameter's range in the preset's table, else the registry's, as a design takes it; choices take equal slices."""
    unknown = next((one for one in scenario.definition.unknowns if one.name == name), None)
    if unknown is not None:
        return f"{unknown.low!r}:{unknown.high!r}"
    parameter = scenario.definition.parameter(name)
    if parameter.kind == "choice":
        return list(parameter.choices)
    if parameter.kind == "bool":
        return [False, True]
    return f"{parameter.low!r}:{parameter.high!r}"


def metric_of(name: str) -> Payoff:
    """Return what is measured under a name: a payoff, or a column of the table of worlds that texts know."""
    if name in PAYOFFS or name.partition(":")[0] in OF_FIRMS:
        return PAYOFFS[name]
    names = [*PAYOFFS, *(known for known in METRICS if known not in NOT_EVERYWHERE)]
    if name not in names:
        near = nearest(name, [*names, *ALIASES])
        raise InputError(f"unknown metric '{name}'{near} (there are {', '.join(dict.fromkeys(names))})")
    return Payoff(name, METRICS[name], column(name))


# --- simulating ---------------------------------------------------------------------------------------------

Run = Callable[..., "pd.DataFrame"]


def study(plan: Plan, *, workers: int = 1, progress: Progress | None = None, run: Run = run_worlds) -> Answer:
    """Screen, then apportion."""
    counted = _Counted(plan, progress, workers, run)
    names = kept = tuple(plan.ranges)
    screening: dict[str, indices.Effects] = {}
    sobol: dict[str, list[indices.Shares]] = {}
    values: dict[str, Array] = {}
    if plan.screens:
        points, values = counted.measure(plan.ranges, "morris", plan.trajectories)
        screening = {name: indices.effects(points, column, plan.seed) for name, column in values.items()}
        kept = tuple(indices.survivors(screening, names, plan.survivors))
    if kept:
        _, values = counted.measure({name: plan.ranges[name] for name in kept}, "saltelli", plan.samples)
        sobol = {name: indices.growing(column, len(kept), plan.samples, plan.seed) for name, column in values.items()}
    return Answer(
        plan, screening, names, kept, sobol, {name: _level(column) for name, column in values.items()}, counted.failed
    )


def _level(values: Array) -> tuple[float, float, float]:
    sound = values[np.isfinite(values)]
    return (float(sound.min()), float(sound.mean()), float(sound.max())) if len(sound) else (np.nan, np.nan, np.nan)


class _Counted:
    """Simulates designs and counts the worlds of all of them."""

    def __init__(self, plan: Plan, progress: Progress | None, workers: int, run: Run):
        self.plan, self.progress, self.workers, self.run = plan, progress, workers, run
        self.done = self.failed = 0

    def measure(self, ranges: Mapping[str, Any], kind: str, samples: int) -> tuple[Array, dict[str, Array]]:
        """Points of a design in the unit cube, and every metric there: mean over replicates, NaN where a world failed."""
        plan, r = self.plan, self.plan.replicates
        design = make_design(ranges, plan.scenario, kind, samples)
        cells = cells_of(design, plan.seed)
        count = len(next(iter(cells.values())))
        table = self.run(
            plan.preset,
            overrides=plan.overrides,
            varied={name: [value for value in column for _ in range(r)] for name, column in cells.items()},
            replicates=list(range(r)) * count,
            seed=plan.seed,
            months=plan.scenario.judged,
            draws=not plan.fixed,
            workers=self.workers,
            progress=self._told,
        )
        self.done += count * r
        fine = (table["error"] == "").to_numpy()
        self.failed += int((~fine.reshape(count, r).all(axis=1)).sum())
        values = {}
        for metric in plan.metrics:
            numbers = np.where(fine, metric.of(table), np.nan)
            values[metric.name] = numbers.reshape(count, r).mean(axis=1)
        return unit_points(kind, len(cells), samples, plan.seed), values

    def _told(self, done: int, _: int) -> None:
        if self.progress is not None:
            self.progress(min(self.done + done, self.plan.worlds), self.plan.worlds)
