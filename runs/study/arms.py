"""Simulate a question: the scenario as asked and its twins, side by side under the same shocks.

An *arm* is the scenario with a few levers moved; replicate r of every arm lives through the same shocks. All arms
of a replicate stay in one batch, and batches are cut so that memory stays bounded however many worlds there are.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.outcome import Outcome, Thresholds, headline_shares
from perpetuum.model.scenario import Scenario

if TYPE_CHECKING:
    from perpetuum.runs.study.other_readings import Cell
    from perpetuum.visualization.figures import Flows

Array = np.ndarray[Any, Any]
Progress = Callable[[int, int], None]

#: Worlds simulated at once: more cost memory (about 3 MB a world) and save no time.
BATCH = 512
#: What the figures need of every world; all else leaves memory with its batch.
DRAWN = ("vendor_revenue", "capex", "gpu_price", "compute_rent")
#: What the verdict needs beside the economy's core events.
JUDGED = ("vendor_revenue", "vendor_revenue_net", "operating_ratio", "gw_in_service")
#: Measures of circularity, averaged over the run with the vendors' revenue as weight.
RINGS = (
    "own_money_share",
    "own_money_share_low",
    "own_money_share_high",
    "in_system_share",
    "non_customer_share",
)


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
        return Scenario(
            preset=self.preset,
            overrides=dict(self.overrides),
            worlds=self.worlds,
            seed=self.seed,
            months=self.months,
        )

    def arms(self) -> dict[str, dict[str, Any]]:
        """Return what each arm moves: name to {dotted parameter: value}, arms that move nothing included."""
        arms: dict[str, dict[str, Any]] = {
            "asked": {},
            "loose": {"funding.tightening": 0.0},
            "no_vendor_finance": {"vendor_finance.scale": 0.0},
        }
        for rung in self.ladder:
            arms[rung_name(rung)] = {"funding.tightening": rung}
        return arms


def rung_name(theta: float) -> str:
    """Name of the arm of one rung of the ladder."""
    return f"tightening_{theta:.1f}"


@dataclass
class Arm:
    """What is kept of an arm: verdicts of all worlds, and what the figures and the summary need."""

    name: str
    moved: dict[str, Any]
    outcome: Outcome
    measures: dict[str, Array]  # (worlds,)
    reckoning: dict[str, Array]  # (worlds,)
    drawn: dict[str, Array]  # (worlds, months)
    dyes: dict[str, Array]  # (months,), mean over worlds
    rings: list[tuple[int, Flows]] = field(default_factory=list)  # (last month of the window, flows)
    sensitivity: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)


@dataclass
class Batch:
    """One simulated batch: the economy, its series, and which of its worlds belong to which arm."""

    economy: Any
    dates: list[datetime.date]
    series: Mapping[str, Array]
    replicates: Array
    worlds_of: dict[str, Array]


@dataclass
class Answer:
    """The simulated question."""

    question: Question
    scenario: Scenario
    dates: list[datetime.date]
    arms: dict[str, Arm]
    readings: list[Cell] = field(default_factory=list)  # other readings of the parameters; none: not asked for

    @property
    def asked(self) -> Arm:
        """The scenario as asked."""
        return self.arms["asked"]


def simulate(
    question: Question,
    on_batch: Callable[[Batch], None] | None = None,
    progress: Progress | None = None,
    batch: int = BATCH,
) -> Answer:
    """Run all arms; `on_batch` sees each batch once, `progress(done, total)` counts world-months."""
    scenario = question.scenario()
    stands_for, distinct = _distinct(question, scenario)
    parts: dict[str, list[_Part]] = {name: [] for name in distinct}
    dates: list[datetime.date] = []
    done, total = 0, question.worlds * len(distinct) * int(scenario.months or 0)
    for replicates in _batches(question.worlds, max(1, batch // len(distinct))):
        economy = make_economy(_batch_scenario(question, scenario, distinct, replicates))
        size = len(replicates)
        worlds_of = {name: np.arange(k * size, (k + 1) * size) for k, name in enumerate(distinct)}
        rings: list[tuple[int, Flows]] = []
        for month in range(int(scenario.months or 0)):
            economy.step()
            if month + 1 in _ring_months(scenario):
                rings.append((month, economy.ring_flows(window_months=12, worlds=worlds_of["asked"])))
            done += size * len(distinct)
            if progress is not None:
                progress(done, total)
        dates = list(economy.dates)
        told = _Told(economy.series, economy.core_events, economy.dye_series, economy.outcome(), economy.reckoning())
        for name in distinct:
            part = _part(told, worlds_of[name])
            part.rings = rings if name == "asked" else []
            part.sensitivity = _sensitivity(economy, worlds_of[name]) if name == "asked" else {}
            parts[name].append(part)
        if on_batch is not None:
            everyone = {name: worlds_of[stand_in] for name, stand_in in stands_for.items()}
            on_batch(Batch(economy, dates, told.series, replicates, everyone))
    joined = {name: _join(name, distinct[name], pieces) for name, pieces in parts.items()}
    return Answer(question, scenario, dates, {name: joined[stand_in] for name, stand_in in stands_for.items()})


def make_economy(scenario: Scenario, agent_classes: Mapping[str, type] | None = None) -> Any:
    """Build the economy (a seam for tests)."""
    from perpetuum.model.economy import Economy

    return Economy(scenario, agent_classes=agent_classes)


# --- arms and batches ---------------------------------------------------------------------------------------


def _distinct(question: Question, scenario: Scenario) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Return which arm stands for each, and the arms to simulate.

    An arm that moves its levers to where another has them is the same arm: it is not simulated twice.
    """
    stands_for: dict[str, str] = {}
    distinct: dict[str, dict[str, Any]] = {}
    known: dict[tuple[Any, ...], str] = {}
    arms = question.arms()
    levers = sorted({lever for moved in arms.values() for lever in moved})
    for name, moved in arms.items():
        place = tuple(moved.get(lever, scenario.values[lever]) for lever in levers)
        if place not in known:
            known[place] = name
            distinct[name] = moved
        stands_for[name] = known[place]
    return stands_for, distinct


def _batches(worlds: int, size: int) -> Iterator[Array]:
    for first in range(0, worlds, size):
        yield np.arange(first, min(worlds, first + size))


def _batch_scenario(
    question: Question, scenario: Scenario, arms: Mapping[str, Mapping[str, Any]], replicates: Array
) -> Scenario:
    size = len(replicates)
    overrides = dict(question.overrides)
    for lever in sorted({name for moved in arms.values() for name in moved}):
        asked = scenario.values[lever]
        overrides[lever] = np.concatenate([np.full(size, moved.get(lever, asked)) for moved in arms.values()])
    return Scenario(
        preset=question.preset,
        overrides=overrides,
        worlds=size * len(arms),
        seed=question.seed,
        months=scenario.months,
        replicates=np.tile(replicates, len(arms)),
        series=question.series and tuple(dict.fromkeys((*question.series, *JUDGED, *DRAWN, *RINGS))),
    )


def _ring_months(scenario: Scenario) -> tuple[int, ...]:
    """Months after which the money ring is looked at: as the tightening begins, and at the end."""
    months = int(scenario.months or 0)
    start = int(scenario.values.get("funding.start_month", 0))
    tightens = scenario.values.get("funding.tightening", 0) > 0
    return (start, months) if tightens and 12 <= start < months else (months,)


# --- what is kept -------------------------------------------------------------------------------------------


@dataclass
class _Part:
    """An arm's share of one batch."""

    outcome: Outcome
    measures: dict[str, Array]
    reckoning: dict[str, Array]
    drawn: dict[str, Array]
    dyes: dict[str, Array]
    rings: list[tuple[int, Flows]] = field(default_factory=list)
    sensitivity: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)

    @property
    def worlds(self) -> int:
        return len(self.outcome.headline)


@dataclass(frozen=True)
class _Told:
    """What an economy has to say at the end of its run, gathered once."""

    series: Mapping[str, Array]
    events: Mapping[str, Array]
    dyes: Mapping[str, Array]
    verdicts: Outcome
    reckoning: Mapping[str, Array]


def _part(told: _Told, worlds: Array) -> _Part:
    series = told.series
    return _Part(
        outcome=told.verdicts.take(worlds),
        measures={name: values[worlds] for name, values in measured(series, told.events).items()},
        reckoning={name: np.asarray(values)[worlds] for name, values in told.reckoning.items()},
        drawn={name: np.asarray(series[name], dtype=np.float32)[worlds] for name in DRAWN},
        dyes={name: np.asarray(values)[worlds].mean(axis=0) for name, values in told.dyes.items()},
    )


def measured(series: Mapping[str, Array], events: Mapping[str, Array]) -> dict[str, Array]:
    """Measures of each world over the whole run: circularity weighted by revenue, and sums ($bn); name to (worlds,)."""
    revenue = np.asarray(series["vendor_revenue"], dtype=np.float64)
    measures = {name: _weighted(np.asarray(series[name]), revenue) for name in RINGS}
    measures["vendor_revenue_sum"] = revenue.sum(axis=1)
    measures["outside_financing_sum"] = np.asarray(events["outside_financing"]).sum(axis=1)
    net = np.asarray(series["vendor_revenue_net"], dtype=np.float64)
    measures["vendor_finance_sum"] = revenue.sum(axis=1) - net.sum(axis=1)
    return measures


def _weighted(values: Array, weights: Array) -> Array:
    whole = weights.sum(axis=1)
    return np.where(whole > 0, (values * weights).sum(axis=1) / np.where(whole > 0, whole, 1.0), 0.0)


def _sensitivity(economy: Any, worlds: Array) -> dict[str, dict[str, dict[str, float]]]:
    """Shares of the headlines with each threshold of the verdict moved by -20 % and +20 %."""
    from dataclasses import fields, replace

    base = Thresholds()
    result = {}
    for one in fields(base):
        value = getattr(base, one.name)
        result[one.name] = {
            side: headline_shares(economy.outcome(replace(base, **{one.name: value * factor})).headline[worlds])
            for side, factor in (("lower", 0.8), ("higher", 1.2))
        }
    return result


def _join(name: str, moved: dict[str, Any], parts: list[_Part]) -> Arm:
    """Put an arm's batches together; means over worlds are weighted by worlds."""
    weights = np.array([part.worlds for part in parts], dtype=np.float64)
    weights /= weights.sum()

    def stacked(field_name: str) -> dict[str, Array]:
        return {
            key: np.concatenate([getattr(part, field_name)[key] for part in parts]) for key in getattr(parts[0], field_name)
        }

    first = parts[0].outcome
    outcome = Outcome(
        headline=np.concatenate([part.outcome.headline for part in parts]),
        outcome=np.concatenate([part.outcome.outcome for part in parts]),
        first_domino=np.concatenate([part.outcome.first_domino for part in parts]),
        first_default_month=np.concatenate([part.outcome.first_default_month for part in parts]),
        metrics={key: np.concatenate([part.outcome.metrics[key] for part in parts]) for key in first.metrics},
    )
    rings: list[tuple[int, Flows]] = []
    for number, (month, _) in enumerate(parts[0].rings):
        mean: dict[tuple[str, str], dict[str, float]] = {}
        for weight, part in zip(weights, parts, strict=True):
            for pair, mix in part.rings[number][1].items():
                target = mean.setdefault(pair, {})
                for dye, amount in mix.items():
                    target[dye] = target.get(dye, 0.0) + float(weight) * float(amount)
        rings.append((month, mean))
    sensitivity = {
        threshold: {
            side: {
                headline: float(
                    sum(w * part.sensitivity[threshold][side][headline] for w, part in zip(weights, parts, strict=True))
                )
                for headline in shares
            }
            for side, shares in sides.items()
        }
        for threshold, sides in parts[0].sensitivity.items()
    }
    return Arm(
        name=name,
        moved=moved,
        outcome=outcome,
        measures=stacked("measures"),
        reckoning=stacked("reckoning"),
        drawn=stacked("drawn"),
        dyes={key: sum(w * part.dyes[key] for w, part in zip(weights, parts, strict=True)) for key in parts[0].dyes},
        rings=rings,
        sensitivity=sensitivity,
    )
