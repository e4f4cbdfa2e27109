"""Side studies: the small studies that a run does beside its arms, under the same shocks and draws, for single questions.

demand       the scenario with half and twice each world's own demand: the odds at the end again
stop         all outside finance is zero from the first month on: months until a core firm cannot pay
other luck   the same draws under other shocks: what share of the variance of life is luck
squeezes     funding tightens now, in a year, ... and a quarter, half, ...: months of life lost within five years

All of them are worlds of one batch: a month of a batch costs much the same however few its worlds are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.states import Dates
from perpetuum.model.uncertainty import draw
from perpetuum.model.worlds import Array
from perpetuum.runs.study.batches import Batch, Progress, run_batch
from perpetuum.runs.study.question import Question

if TYPE_CHECKING:
    from perpetuum.runs.study.executors import Processes

#: Worlds of each side study: enough for an answer in seconds.
DEMAND_WORLDS, STOP_WORLDS, LUCK_WORLDS, SQUEEZE_WORLDS = 50, 100, 50, 12
#: Months that the machine is watched after all outside finance stops.
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
    """What the side studies found.

    `stop` (worlds,): months until a core firm could not pay, -1: not within `stop_months`; `stop_life` (worlds,): months until
    such a world falls; `other_luck` (worlds,): life of the run's first worlds under other shocks.
    """

    demand: dict[str, Dates]
    stop: Array
    stop_months: int
    other_luck: Array
    squeezes: Squeezes | None
    stop_life: Array
    stop_shed: Array  # (worlds,), whether its fall by then began with a core firm shedding what it had signed
    demand_sales: dict[str, Array] = field(default_factory=dict)  # vendors' revenue over the run (worlds,)

    @property
    def stop_fallen(self) -> Array:
        """Whether a world in which all outside finance has stopped has fallen within `stop_months` (worlds,)."""
        return self.stop_life < self.stop_months


class BesideTheRun:
    """Side studies of a run: called, they tell what they found. In a second process they begin at once, else when called.

    The answer is the same to the bit.
    """

    def __init__(self, question: Question, second: Processes | None):
        self.question = question
        self.begun = second.begin(run_side_studies, question) if second is not None else None

    def __call__(self, progress: Progress | None = None) -> SideStudies:
        """Return what they found."""
        found: SideStudies = self.begun() if self.begun is not None else run_side_studies(self.question, progress)
        return found

    @property
    def under_way(self) -> bool:
        """Whether another process is at work on them."""
        return self.begun is not None and self.begun.under_way


def run_side_studies(question: Question, progress: Progress | None = None) -> SideStudies:
    """Run them all; no more worlds of each than the question has."""
    judged = question.scenario().judged
    stop_months = min(STOP_MONTHS, judged)
    starts = tuple(start for start in STARTS if start + 12 <= judged)
    rows = _Rows(question)
    for name, factor in DEMAND.items():
        rows.add(name, DEMAND_WORLDS, {}, demand=factor)
    rows.add("stop", STOP_WORLDS, {"funding.stop_month": 0.0})
    rows.add("other_luck", LUCK_WORLDS, {}, luck=_OTHER_LUCK)
    if starts:
        rows.add("loose", SQUEEZE_WORLDS, {"funding.tightening": 0.0})
        for start in starts:
            for strength in STRENGTHS:
                moved = {"funding.start_month": float(start), "funding.tightening": strength}
                rows.add(f"squeeze {start} {strength}", SQUEEZE_WORLDS, moved)
    batch, watcher = rows.batch(judged), _Watcher(rows, judged, stop_months, progress)
    table = run_batch(batch, watcher).worlds
    life, sales = (table[name].to_numpy() for name in ("life", "vendor_revenue_sum"))
    squeezes = None
    if starts:
        lives = [[life[rows.places[f"squeeze {start} {strength}"]] for strength in STRENGTHS] for start in starts]
        squeezes = Squeezes(starts, STRENGTHS, WITHIN, np.array(lives), life[rows.places["loose"]])
    demand = {name: watcher.dates.take(rows.places[name]) for name in DEMAND}
    stopped, other_luck = rows.places["stop"], life[rows.places["other_luck"]]
    shed = (life[stopped] < stop_months) & np.char.startswith(watcher.dates.take(stopped).cause.astype(str), "shedding:")
    sold = {name: sales[rows.places[name]] for name in DEMAND}
    return SideStudies(demand, watcher.unpaid[stopped], stop_months, other_luck, squeezes, life[stopped], shed, sold)


def own_draws(question: Question, replicates: int) -> dict[str, Array]:
    """What the first worlds draw: name to (worlds,)."""
    return draw(question.unknowns(), question.seed, np.arange(replicates))


class _Rows:
    """The worlds of all side studies, one a row: which study, replicate, shocks, and every parameter that any of them moves."""

    def __init__(self, question: Question):
        self.question = question
        values = question.scenario().values
        moved = ("demand.strength", "funding.stop_month", "funding.start_month", "funding.tightening")
        self.usual: dict[str, float] = {name: values[name] for name in moved}
        self.places: dict[str, Array] = {}
        self.replicates: list[int] = []
        self.luck: list[int] = []
        self.columns: dict[str, list[float]] = {name: [] for name in (*moved, *(u.name for u in question.unknowns()))}

    def add(self, name: str, most: int, moved: Mapping[str, float], demand: float = 1.0, luck: int = 0) -> None:
        """Worlds of a study: the run's first replicates, with their own draws, some parameters moved and other shocks."""
        n = min(most, self.question.worlds)
        self.places[name] = np.arange(len(self.replicates), len(self.replicates) + n)
        self.replicates += range(n)
        self.luck += [luck + replicate for replicate in range(n)]
        drawn = own_draws(self.question, n)
        for column, values in self.columns.items():
            own = np.asarray(drawn.get(column, np.full(n, self.usual.get(column, 0.0))), dtype=np.float64)
            if column == "demand.strength":
                parameter = self.question.scenario().definition.parameter(column)
                own = np.clip(own * demand, parameter.low, parameter.high)
            values += np.broadcast_to(moved.get(column, own), n).tolist()

    def batch(self, months: int) -> Batch:
        """All worlds as one batch."""
        question = self.question
        overrides = {name: value for name, value in question.overrides.items() if name not in self.columns}
        worlds = range(len(self.replicates))
        return Batch(
            question.preset, overrides, self.columns, worlds, self.replicates, question.seed, months, luck=self.luck
        )


class _Watcher:
    """Sees dates of all worlds, and in which month a core firm first defaults or pays late (`unpaid`; -1: in none)."""

    def __init__(self, rows: _Rows, judged: int, stop_months: int, progress: Progress | None):
        worlds = len(rows.replicates)
        self.stop_months, self.progress = stop_months, progress
        self.unpaid = np.full(worlds, -1)
        self.dates = Dates.blank(worlds, judged)
        self.done = 0

    def __call__(self, economy: Any, places: Array) -> None:
        """Observe an economy that has finished a month; `places` of its worlds among all."""
        horizon = economy.scenario.horizon
        self.done += len(places)
        if self.progress is not None:
            self.progress(self.done, len(self.unpaid) * horizon)
        if economy.month < horizon:
            return
        self.dates.put(places, economy.outcome().dates)
        facts, watched = economy.core_events, slice(0, self.stop_months)
        marks = np.logical_or.reduce(
            [facts[f"{what}:{firm}"][:, watched] > 0 for what in ("default", "arrears") for firm in economy.core]
        )
        self.unpaid[places] = np.where(marks.any(axis=1), marks.argmax(axis=1), -1)
