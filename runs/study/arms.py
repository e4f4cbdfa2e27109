"""Arms: a run is a study whose cells are arms, the scenario as asked and its twins, side by side under the same shocks.

An *arm* is the scenario with a few levers moved; replicate r of every arm lives through the same shocks and has the same
draws of what nobody knows. All arms of a replicate stay in one batch, and batches are cut so that memory stays bounded however
many worlds there are.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.books.payment_kinds import SOURCES
from perpetuum.model.observed.events import Event
from perpetuum.model.observed.odds import Share
from perpetuum.model.observed.outcome import thresholds_moved
from perpetuum.model.observed.states import STATES, Dates
from perpetuum.model.scenario import Scenario
from perpetuum.model.units import BN
from perpetuum.model.worlds import Array
from perpetuum.runs.study.batches import Progress, run_batch
from perpetuum.runs.study.description import Study
from perpetuum.runs.study.question import DRAWN, Question
from perpetuum.runs.study.variance_shares import shares_of_variance

if TYPE_CHECKING:
    import pyarrow as pa

    from perpetuum.model.dye.money_ring import RingSums
    from perpetuum.runs.study.side_studies import SideStudies

#: A year's payments between sectors: (from, to) to dye to $bn.
Flows = Mapping[tuple[str, str], Mapping[str, float]]

#: Worlds simulated at once: more cost memory (about 3 MB a world) and save no time.
BATCH = 512
#: Arms of which the tables have the worlds.
TABLED = ("asked", "loose")
#: Facts that are added up by calendar year: who paid what running and building cost.
MONEY = ("paid", "spent", "spent_whole", "own_use_value", *(f"source:{source}" for source in (*SOURCES, "cash")))


@dataclass
class Arm:
    """What is kept of an arm: a row a world, as in the table of a study, and what the figures and the summary need.

    `firms`: what became of each firm by name of the column, (firms named in `firm_names`, worlds);
    `states`: dates and states by month; `money`: by fact (worlds, calendar years), $bn; `drawn` by series (worlds, months
    judged); by dye what the vendors were paid: `dyes` (months judged,), means over worlds, and `paid` (worlds,), sums over
    months; `rings`: (last month of the window, flows); `moved_thresholds`: threshold to side to shares of the states.
    """

    name: str
    worlds: pa.Table
    states: Dates
    firm_names: tuple[str, ...]
    firms: dict[str, Array]
    money: dict[str, Array]
    drawn: dict[str, Array]
    dyes: dict[str, Array]
    paid: dict[str, Array] = field(default_factory=dict)
    rings: list[tuple[int, Flows]] = field(default_factory=list)
    moved_thresholds: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)

    def of(self, column: str) -> Array:
        """A column of the table of worlds."""
        values = self.worlds[column].to_numpy()
        return values.astype(str) if values.dtype == object else values

    def metrics(self, prefix: str = "") -> dict[str, Array]:
        """The metrics, or those of the reckoning (`reckoning:`); name without the prefix to (worlds,)."""
        names = self.worlds.column_names
        told = names[names.index("first_default_month") + 1 : names.index("error")]
        return {
            name.removeprefix(prefix): self.of(name)
            for name in told
            if (name.startswith(prefix) if prefix else not name.startswith("reckoning:"))
        }

    def payments(self) -> dict[str, Any]:
        """What figures show and no table has: the vendors' revenue by dye and month, and who pays whom in the years looked at."""
        rings = [
            {"month": month, "flows": [{"from": pair[0], "to": pair[1], "dyes": dict(mix)} for pair, mix in flows.items()]}
            for month, flows in self.rings
        ]
        return {"dyes": {name: values.tolist() for name, values in self.dyes.items()}, "rings": rings}


@dataclass(frozen=True)
class Part:
    """One simulated batch, for the tables: its replicates and months, and by arm the months' series and the events.

    Events are pairs: replicate, event. `firms` are columns (firms, replicates).
    """

    replicates: range
    dates: list[datetime.date]
    series: dict[str, pa.Table]
    events: dict[str, list[tuple[int, Event]]]
    firm_names: tuple[str, ...]
    firms: dict[str, dict[str, Array]]


@dataclass
class Answer:
    """The simulated question; `dates`: first day of every month judged."""

    question: Question
    scenario: Scenario
    dates: list[datetime.date]
    arms: dict[str, Arm]
    beside: SideStudies | None = None  # none: not asked for

    @property
    def asked(self) -> Arm:
        """The scenario as asked."""
        return self.arms["asked"]

    @cached_property
    def decided(self) -> dict[str, dict[str, Share]]:
        """Shares of the variance of life, and of standing alone at the end, by unknown: worked out once."""
        asked = self.asked
        unknowns = {one.name: asked.of(one.name) for one in self.question.unknowns()}
        alone = (asked.of("state") == "stands_alone").astype(np.float64)
        return {name: shares_of_variance(one, unknowns) for name, one in (("life", asked.states.life), ("alone", alone))}

    def twin_measures(self, arm: str) -> dict[str, Array]:
        """Measures by world of the scenario as asked that need a twin: the caused share, and what a vendor dollar brought."""
        if arm != "asked":
            return {}
        asked, without = self.asked, self.arms["no_vendor_finance"]
        revenue = asked.of("vendor_revenue_sum")
        safe = np.where(revenue > 0, revenue, 1.0)
        paid, brought = (asked.of(one) - without.of(one) for one in ("vendor_finance_sum", "outside_financing_sum"))
        return {
            "caused_share": np.where(revenue > 0, 1 - without.of("vendor_revenue_sum") / safe, 0.0),
            "unlocked_per_dollar": np.where(paid > 0, brought / np.where(paid > 0, paid, 1.0), 0.0),
        }


def simulate(
    question: Question,
    on_batch: Callable[[Part], None] | None = None,
    progress: Progress | None = None,
    batch: int = BATCH,
) -> Answer:
    """Run all arms; `on_batch` sees each batch once, `progress(done, total)` counts world-months.

    A world that fails ends the run with its error: the twins of the others would miss it.
    """
    scenario = question.scenario()
    study, cell_of = question.study()
    observer = RunObserver(study, _ring_months(scenario), progress)
    tables: list[list[pa.Table]] = [[] for _ in range(study.cells)]
    drawn: list[list[dict[str, Array]]] = [[] for _ in range(study.cells)]
    size = max(1, batch // study.cells)
    for first in range(0, study.replicates, size):
        replicates = range(first, min(study.replicates, first + size))
        observer.begin(replicates)
        result = run_batch(
            study.batch_of([c * study.replicates + r for c in range(study.cells) for r in replicates]), observer
        )
        assert result.series is not None
        n, months = len(replicates), study.simulated
        series = [result.series.slice(cell * n * months, n * months) for cell in range(study.cells)]
        for cell, rows in enumerate(series):
            tables[cell].append(result.worlds.slice(cell * n, n))
            kept = {name: rows[name].to_numpy().astype(np.float32).reshape(n, -1)[:, : study.months] for name in DRAWN}
            drawn[cell].append(kept)
        if on_batch is not None:
            cells = {name: cell_of[name] for name in TABLED}
            events = {name: observer.events_of(cell) for name, cell in cells.items()}
            months_of = {name: series[cell] for name, cell in cells.items()}
            fates = {name: observer.firms_of(cell, only_this_batch=True) for name, cell in cells.items()}
            on_batch(Part(replicates, observer.dates, months_of, events, observer.firm_names, fates))
    arms = {}
    for name in question.arms():
        cell = cell_of[name]
        curves = {one: np.concatenate([part[one] for part in drawn[cell]]) for one in DRAWN}
        firms, states, money = observer.firms_of(cell), observer.states_of(cell), observer.money_of(cell)
        worlds, dyes, paid = concatenated(tables[cell]), observer.mean_dyes(cell), observer.paid_of(cell)
        arms[name] = Arm(name, worlds, states, observer.firm_names, firms, money, curves, dyes, paid)
        if cell == cell_of["asked"]:
            arms[name].rings, arms[name].moved_thresholds = observer.mean_rings(), observer.mean_thresholds()
    return Answer(question, scenario, observer.dates[: study.months], arms)


def concatenated(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables one under the other, each column in one piece."""
    import pyarrow as pa

    return pa.concat_tables(tables).combine_chunks()


def _ring_months(scenario: Scenario) -> tuple[int, ...]:
    """Months after which the money ring is looked at: as the tightening begins, and at the end."""
    start = int(scenario.values.get("funding.start_month", 0))
    tightens = scenario.values.get("funding.tightening", 0) > 0
    return (start, scenario.judged) if tightens and 12 <= start < scenario.judged else (scenario.judged,)


class RunObserver:
    """What of a run's economies no table of worlds holds, seen as they run: states by month, who paid, dyes, rings, events.

    A batch has its replicates in every cell, cell after cell; the first cell is the scenario as asked. What is a mean over
    worlds is added up in whole numbers (dollars, worlds): an answer has the same bits however its worlds are cut into batches,
    which more arms make smaller.
    """

    def __init__(self, study: Study, ring_months: Sequence[int], progress: Progress | None):
        self.study, self.ring_months, self.progress = study, ring_months, progress
        self.replicates = range(0)
        self.done = 0
        self.dates: list[datetime.date] = []
        self.events: list[tuple[int, int, Event]] = []  # cell, replicate, event
        self.dyes: list[dict[str, Array]] = [{} for _ in range(study.cells)]  # dollars by month, sums over worlds
        self.paid: list[list[dict[str, Array]]] = [[] for _ in range(study.cells)]
        self.firm_names: tuple[str, ...] = ()
        self.firms: list[list[dict[str, Array]]] = [[] for _ in range(study.cells)]
        self.before = [0] * study.cells  # parts of earlier batches
        self.states: list[list[Dates]] = [[] for _ in range(study.cells)]
        self.money: list[list[dict[str, Array]]] = [[] for _ in range(study.cells)]
        self.rings: dict[int, RingSums] = {}  # by last month of the window
        self.thresholds: Counter[tuple[str, str, str]] = Counter()  # worlds by threshold, side and state

    def begin(self, replicates: range) -> None:
        """Another batch begins."""
        self.replicates, self.events = replicates, []
        self.before = [len(parts) for parts in self.firms]

    def __call__(self, economy: Any, places: Array) -> None:
        """Observe an economy that has finished a month; `places` of its worlds in the batch."""
        cells = places // len(self.replicates)
        asked = np.flatnonzero(cells == 0)
        if len(asked) and economy.month in self.ring_months:
            sums, before = economy.ring_sums(window_months=12, worlds=asked), self.rings.get(economy.month - 1)
            self.rings[economy.month - 1] = sums if before is None else before + sums
        if economy.month == self.study.simulated:
            self._finish(economy, cells, asked, places)
        self.done += len(places)
        if self.progress is not None:
            self.progress(self.done, self.study.worlds * self.study.simulated)

    def _finish(self, economy: Any, cells: Array, asked: Array, places: Array) -> None:
        self.dates, n = list(economy.dates), self.study.months
        dyes = {name: np.asarray(values)[:, :n] for name, values in economy.dye_series.items()}
        years, dated = yearly(economy.core_events, self.dates[:n]), economy.outcome().dates
        self.firm_names, firms = economy.firm_defaults.names, economy.firm_defaults.told(n)
        for cell in np.unique(cells).tolist():
            here = np.flatnonzero(cells == cell)
            for name, values in dyes.items():
                dollars = np.rint(values[here] * BN).astype(np.int64).sum(axis=0)
                self.dyes[cell][name] = dollars + self.dyes[cell].get(name, 0)
            self.paid[cell].append({name: values[here].sum(axis=1) for name, values in dyes.items()})
            self.states[cell].append(dated.take(here))
            self.firms[cell].append({name: values[:, here] for name, values in firms.items()})
            self.money[cell].append({name: values[here] for name, values in years.items()})
        if len(asked):
            self.thresholds += _other_thresholds(economy, asked)
        for event in economy.journal.events:
            cell, number = divmod(int(places[event.world]), len(self.replicates))
            self.events.append((cell, self.replicates[number], event))

    def events_of(self, cell: int) -> list[tuple[int, Event]]:
        """Events of a cell in this batch, each with its replicate, by replicate and month."""
        events = [(replicate, event) for of, replicate, event in self.events if of == cell]
        return sorted(events, key=lambda one: (one[0], one[1].month))

    def states_of(self, cell: int) -> Dates:
        """Dates and states of a cell's worlds."""
        return Dates.joined(self.states[cell])

    def firms_of(self, cell: int, *, only_this_batch: bool = False) -> dict[str, Array]:
        """What became of the firms in a cell's worlds, (firms, worlds)."""
        parts = self.firms[cell][self.before[cell] if only_this_batch else 0 :]
        return {name: np.concatenate([part[name] for part in parts], axis=1) for name in parts[0]}

    def money_of(self, cell: int) -> dict[str, Array]:
        """Who paid what running and building cost, by world and calendar year ($bn)."""
        return {name: np.concatenate([part[name] for part in self.money[cell]]) for name in MONEY}

    def mean_dyes(self, cell: int) -> dict[str, Array]:
        """Means over a cell's worlds, (months,)."""
        return {name: dollars / BN / self.study.replicates for name, dollars in self.dyes[cell].items()}

    def paid_of(self, cell: int) -> dict[str, Array]:
        """What a cell's vendors were paid over the months judged by dye, (worlds,)."""
        return {name: np.concatenate([part[name] for part in self.paid[cell]]) for name in self.paid[cell][0]}

    def mean_rings(self) -> list[tuple[int, Flows]]:
        """The rings as asked, by last month of the window."""
        return sorted((month, sums.flows()) for month, sums in self.rings.items())

    def mean_thresholds(self) -> dict[str, dict[str, dict[str, float]]]:
        """Threshold to side to the shares of the states as asked."""
        return {
            threshold: {
                side: {name: self.thresholds[threshold, side, name] / self.study.replicates for name in STATES}
                for side in sides
            }
            for threshold, sides in thresholds_moved().items()
        }


def yearly(facts: Mapping[str, Array], dates: Sequence[datetime.date]) -> dict[str, Array]:
    """Who paid what, added up by calendar year: name to (worlds, years)."""
    year = np.array([date.year for date in dates])
    return {
        name: np.stack([facts[name][:, : len(dates)][:, year == one].sum(axis=1) for one in np.unique(year)], axis=1)
        for name in MONEY
    }


def _other_thresholds(economy: Any, worlds: Array) -> Counter[tuple[str, str, str]]:
    """Worlds by threshold, side and state at the last month judged, with each number of the states' definition moved."""
    return Counter(
        (threshold, side, str(state))
        for threshold, sides in thresholds_moved().items()
        for side, definition in sides.items()
        for state in economy.outcome(definition).state[worlds]
    )
