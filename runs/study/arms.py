"""Arms: a run is a study whose cells are arms, the scenario as asked and its twins, side by side under the same shocks.

An *arm* is the scenario with a few levers moved; replicate r of every arm lives through the same shocks. All arms of a
replicate stay in one batch, and batches are cut so that memory stays bounded however many worlds there are.

Intervals over worlds say how much luck matters while every parameter stays where it is. What the answer owes to the
parameters themselves shows in *other readings* of those that matter most and are known least: how strong demand is, how fast
chips lose their value, how much a dollar of vendor finance adds. These are the twelve cells of a second, small study, which
live through the shocks of the run's first replicates.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.events import Event
from perpetuum.model.observed.outcome import Thresholds, headline_shares
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import Scenario
from perpetuum.runs.study.batches import Progress, run_batch
from perpetuum.runs.study.description import Study

if TYPE_CHECKING:
    import pyarrow as pa

Array = np.ndarray[Any, Any]
#: A year's payments between sectors: (from, to) to dye to $bn.
Flows = Mapping[tuple[str, str], Mapping[str, float]]

#: Worlds simulated at once: more cost memory (about 3 MB a world) and save no time.
BATCH = 512
#: What the figures need of every world; all else leaves memory with its batch.
DRAWN = ("vendor_revenue", "capex", "gpu_price", "compute_rent")
#: Arms of which the tables have the worlds.
TABLED = ("asked", "loose")

#: Worlds of each other reading: enough to tell rare from common, few enough for an answer in seconds.
READ_WORLDS = 6
#: What is read otherwise: factors on the scenario's own values, clipped to the registry's ranges.
#: Demand: at the defaults AI revenue of about 0.37, 0.46 and 0.64 $tn in 2030 (Bain, Sep 2025: 2.0 needed).
#: Depreciation: at the defaults a chip keeps 80 or 60 % of its rent at each new generation, and 12 or 20 % of chips
#: fail or decay in a year (an old vintage's rent falls 25-30 % a year; 9.1 % a year failures in a 54-day training run).
#: Vendor finance: at the defaults 5 or 15 $bn per tied gigawatt (letter of intent, 22 Sep 2025: 10). Labs count it as a
#: rebate on compute, so that it moves how much a vendor dollar adds; the letter's limit of dollars stays.
READINGS: dict[str, dict[str, dict[str, float]]] = {
    "demand": {
        "weak": {"demand.strength": 0.75},
        "unchanged": {"demand.strength": 1.0},
        "strong": {"demand.strength": 1.5},
    },
    "depreciation": {
        "slow": {"technology.value_kept": 0.80 / 0.70, "technology.decay": 0.011 / 0.014},
        "fast": {"technology.value_kept": 0.60 / 0.70, "technology.decay": 0.018 / 0.014},
    },
    "vendor finance": {
        "thin": {"vendor_finance.per_gw": 0.5},
        "ample": {"vendor_finance.per_gw": 1.5},
    },
}


@dataclass(frozen=True)
class Question:
    """What the user asked: a preset with overrides, how many worlds and months, which seed."""

    preset: str
    overrides: Mapping[str, Any]
    worlds: int
    seed: int
    months: int | None = None
    ladder: tuple[float, ...] = ()
    series: Sequence[str] | None = None  # columns wanted; None: all

    def scenario(self) -> Scenario:
        """Return the scenario as asked, validated (raises InputError)."""
        overrides = dict(self.overrides)
        return Scenario(self.preset, overrides, worlds=self.worlds, seed=self.seed, months=self.months)

    def arms(self) -> dict[str, dict[str, Any]]:
        """Return what each arm moves: name to {dotted parameter: value}, arms that move nothing included."""
        return {
            "asked": {},
            "loose": {"funding.tightening": 0.0},
            "no_vendor_finance": {"vendor_finance.scale": 0.0},
            **{rung_name(rung): {"funding.tightening": rung} for rung in self.ladder},
        }

    def study(self) -> tuple[Study, dict[str, int]]:
        """Return the run as a study, and the number of each arm's cell.

        An arm that moves its levers to where another has them is the same cell: it is not simulated twice.
        """
        values, arms = self.scenario().values, self.arms()
        levers = sorted({lever for moved in arms.values() for lever in moved})
        places = {name: tuple(moved.get(lever, values[lever]) for lever in levers) for name, moved in arms.items()}
        cells = list(dict.fromkeys(places.values()))
        series = self.series and tuple(dict.fromkeys((*self.series, *DRAWN)))
        study = self._study([dict(zip(levers, cell, strict=True)) for cell in cells], self.worlds, series)
        return study, {name: cells.index(place) for name, place in places.items()}

    def study_of_readings(self, worlds: int = READ_WORLDS) -> Study:
        """Return the other readings as a study, first all as asked, then all with loose money where that is not the same."""
        values = self.scenario().values
        theta = values["funding.tightening"]
        thetas = (theta, 0.0) if theta > 0 else (theta,)
        cells = [{"funding.tightening": one, **parameters} for one in thetas for _, parameters in readings_of(values)]
        return self._study(cells, min(worlds, self.worlds), ())

    def _study(self, cells: Sequence[Mapping[str, Any]], replicates: int, series: Any) -> Study:
        varied = {name: [cell[name] for cell in cells] for name in cells[0]}
        overrides = {name: value for name, value in self.overrides.items() if name not in varied}
        return Study(self.preset, overrides, varied, replicates, self.seed, self.scenario().horizon, series)


def rung_name(theta: float) -> str:
    """Name of the arm of one rung of the ladder."""
    return f"tightening_{theta:.1f}"


@dataclass
class Arm:
    """What is kept of an arm: a row a world, as in the table of a study, and what the figures and the summary need.

    `drawn` by series (worlds, months); `dyes` (months,), means over worlds; `rings`: (last month of the window, flows);
    `sensitivity`: threshold to `lower` and `higher` to the shares of the headlines.
    """

    name: str
    moved: dict[str, Any]
    worlds: pa.Table
    drawn: dict[str, Array]
    dyes: dict[str, Array]
    rings: list[tuple[int, Flows]] = field(default_factory=list)
    sensitivity: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)

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


@dataclass(frozen=True)
class Part:
    """One simulated batch, for the tables: its replicates and months, and by arm the months' series and the events.

    Events are pairs: replicate, event.
    """

    replicates: range
    dates: list[datetime.date]
    series: dict[str, pa.Table]
    events: dict[str, list[tuple[int, Event]]]


@dataclass(frozen=True)
class Reading:
    """How each assumption is read, the parameters that follow, and the headlines of its worlds by arm."""

    reading: dict[str, str]
    parameters: dict[str, float]
    headlines: dict[str, Array]


@dataclass
class Answer:
    """The simulated question."""

    question: Question
    scenario: Scenario
    dates: list[datetime.date]
    arms: dict[str, Arm]
    readings: list[Reading] = field(default_factory=list)  # none: not asked for

    @property
    def asked(self) -> Arm:
        """The scenario as asked."""
        return self.arms["asked"]

    def value(self, name: str) -> Any:
        """Value of a parameter or of an agent's opening figure, as checked."""
        group, _, leaf = name.partition(".")
        figures = self.scenario.figures
        return figures[group][leaf] if group in figures else self.scenario.values[name]

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
    observer = _RunObserver(study, _ring_months(scenario), progress)
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
        n = len(replicates)
        series = [result.series.slice(cell * n * study.months, n * study.months) for cell in range(study.cells)]
        for cell, months in enumerate(series):
            tables[cell].append(result.worlds.slice(cell * n, n))
            drawn[cell].append({name: months[name].to_numpy().astype(np.float32).reshape(n, -1) for name in DRAWN})
        if on_batch is not None:
            cells = {name: cell_of[name] for name in TABLED}
            events = {name: observer.events_of(cell) for name, cell in cells.items()}
            on_batch(Part(replicates, observer.dates, {name: series[cell] for name, cell in cells.items()}, events))
    arms = {}
    for name, moved in question.arms().items():
        cell = cell_of[name]
        curves = {one: np.concatenate([part[one] for part in drawn[cell]]) for one in DRAWN}
        arms[name] = Arm(name, moved, _concatenated(tables[cell]), curves, observer.mean_dyes(cell))
        if cell == cell_of["asked"]:
            arms[name].rings, arms[name].sensitivity = observer.mean_rings(), observer.mean_sensitivity()
    return Answer(question, scenario, observer.dates, arms)


def _concatenated(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables one under the other, each column in one piece."""
    import pyarrow as pa

    return pa.concat_tables(tables).combine_chunks()


def _ring_months(scenario: Scenario) -> tuple[int, ...]:
    """Months after which the money ring is looked at: as the tightening begins, and at the end."""
    start = int(scenario.values.get("funding.start_month", 0))
    tightens = scenario.values.get("funding.tightening", 0) > 0
    return (start, scenario.horizon) if tightens and 12 <= start < scenario.horizon else (scenario.horizon,)


class _RunObserver:
    """What of a run's economies no table of worlds holds, seen as they run: dyes, rings, verdicts by other thresholds, events.

    A batch has its replicates in every cell, cell after cell; the first cell is the scenario as asked. What is a mean over
    worlds is kept by batch, with the batch's weight.
    """

    def __init__(self, study: Study, ring_months: Sequence[int], progress: Progress | None):
        self.study, self.ring_months, self.progress = study, ring_months, progress
        self.replicates = range(0)
        self.done = 0
        self.dates: list[datetime.date] = []
        self.events: list[tuple[int, int, Event]] = []  # cell, replicate, event
        self.dyes: list[list[tuple[float, Mapping[str, Array]]]] = [[] for _ in range(study.cells)]
        self.rings: list[tuple[float, int, Flows]] = []
        self.sensitivity: list[tuple[float, dict[str, dict[str, dict[str, float]]]]] = []

    def begin(self, replicates: range) -> None:
        """Another batch begins."""
        self.replicates, self.events = replicates, []

    def __call__(self, economy: Any, places: Array) -> None:
        """Observe an economy that has finished a month; `places` of its worlds in the batch."""
        cells = places // len(self.replicates)
        asked = np.flatnonzero(cells == 0)
        if len(asked) and economy.month in self.ring_months:
            self.rings.append((self._weight(asked), economy.month - 1, economy.ring_flows(window_months=12, worlds=asked)))
        if economy.month == self.study.months:
            self._finish(economy, cells, asked, places)
        self.done += len(places)
        if self.progress is not None:
            self.progress(self.done, self.study.worlds * self.study.months)

    def _finish(self, economy: Any, cells: Array, asked: Array, places: Array) -> None:
        self.dates = list(economy.dates)
        dyes = {name: np.asarray(values) for name, values in economy.dye_series.items()}
        for cell in np.unique(cells).tolist():
            here = np.flatnonzero(cells == cell)
            self.dyes[cell].append((self._weight(here), {name: values[here].mean(axis=0) for name, values in dyes.items()}))
        if len(asked):
            self.sensitivity.append((self._weight(asked), _sensitivity(economy, asked)))
        for event in economy.journal.events:
            cell, number = divmod(int(places[event.world]), len(self.replicates))
            self.events.append((cell, self.replicates[number], event))

    def _weight(self, worlds: Array) -> float:
        return len(worlds) / self.study.replicates

    def events_of(self, cell: int) -> list[tuple[int, Event]]:
        """Events of a cell in this batch, each with its replicate, by replicate and month."""
        events = [(replicate, event) for of, replicate, event in self.events if of == cell]
        return sorted(events, key=lambda one: (one[0], one[1].month))

    def mean_dyes(self, cell: int) -> dict[str, Array]:
        """Means over a cell's worlds, (months,)."""
        parts = self.dyes[cell]
        return {name: np.sum([weight * part[name] for weight, part in parts], axis=0) for name in parts[0][1]}

    def mean_rings(self) -> list[tuple[int, Flows]]:
        """The rings as asked, by last month of the window."""
        means: dict[int, dict[tuple[str, str], dict[str, float]]] = {}
        for weight, month, flows in self.rings:
            for pair, mix in flows.items():
                target = means.setdefault(month, {}).setdefault(pair, {})
                for dye, amount in mix.items():
                    target[dye] = target.get(dye, 0.0) + weight * float(amount)
        return sorted(means.items())

    def mean_sensitivity(self) -> dict[str, dict[str, dict[str, float]]]:
        """Threshold to side to the shares of the headlines as asked."""
        return {
            threshold: {
                side: {name: float(sum(w * part[threshold][side][name] for w, part in self.sensitivity)) for name in shares}
                for side, shares in sides.items()
            }
            for threshold, sides in self.sensitivity[0][1].items()
        }


def _sensitivity(economy: Any, worlds: Array) -> dict[str, dict[str, dict[str, float]]]:
    """Shares of the headlines with each threshold of the verdict moved by -20 % and +20 %."""
    base = Thresholds()
    result = {}
    for one in fields(base):
        value = getattr(base, one.name)
        result[one.name] = {
            side: headline_shares(economy.outcome(replace(base, **{one.name: value * factor})).headline[worlds])
            for side, factor in (("lower", 0.8), ("higher", 1.2))
        }
    return result


# --- other readings -----------------------------------------------------------------------------------------


def readings_of(values: Mapping[str, Any]) -> list[tuple[dict[str, str], dict[str, float]]]:
    """Every reading and its parameters, from the values of the scenario as asked."""
    result = []
    for levels in itertools.product(*(readings.items() for readings in READINGS.values())):
        reading = {name: level for name, (level, _) in zip(READINGS, levels, strict=True)}
        factors = {parameter: factor for _, moved in levels for parameter, factor in moved.items()}
        result.append((reading, {name: _moved(name, values[name], factor) for name, factor in factors.items()}))
    return result


def _moved(name: str, value: float, factor: float) -> float:
    return float(f"{min(max(value * factor, PARAMETERS[name].low), PARAMETERS[name].high):.6g}")


def simulate_readings(question: Question, worlds: int = READ_WORLDS, progress: Progress | None = None) -> list[Reading]:
    """Run every reading, as asked and loose; no more worlds of each than the question has."""
    study = question.study_of_readings(worlds)
    readings = readings_of(question.scenario().values)

    def tell(economy: Any, places: Array) -> None:
        if progress is not None:
            progress(economy.month, study.months)

    told = run_batch(study.batch(0, study.worlds), tell).worlds["headline"].to_numpy().astype(str)
    by_arm = told.reshape(-1, len(readings), study.replicates)
    # Where funding does not tighten, the loose twin is the scenario as asked.
    return [
        Reading(reading, parameters, {"asked": by_arm[0, k], "loose": by_arm[-1, k]})
        for k, (reading, parameters) in enumerate(readings)
    ]
