"""The telecom machine of 1999 held against what came: the same equations, other openings, forced by the policy rate alone.

Scored are the high-yield spread and the Nasdaq of 2000 to 2003, by the rulers of the hindcasts. How far vendors' sales fall, and
who fails when, is a forecast that nobody has scored.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from perpetuum.model.economy import Economy
from perpetuum.model.history import facts
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.model.uncertainty import draw
from perpetuum.model.units import NEVER
from perpetuum.model.worlds import Array, Floats
from perpetuum.runs.questions.forecasts import outcomes, ruler_score, score
from perpetuum.runs.questions.hindcast import RULERS, WORLDS, Hindcast, Reading, read

ORIGIN, PRESET = "1999-10", "telecom_1999"
#: The first day that is scored; the last is the last of the preset's months.
SCORED_FROM = datetime.date(2000, 1, 1)
#: What is scored, by name in the record; an index is read as a multiple of its last value before the start.
SCORED: dict[str, Reading] = {
    "monthly_hy_oas_pct_avg": Reading("high_yield_spread", 100.0),
    "monthly_nasdaq_month_end": Reading("share_index"),
}
INDEX = "monthly_nasdaq_month_end"
#: Customer finance comes as loans in every other world, as guarantees in the rest.
FORMS = ("loan", "guarantee")


@dataclass(frozen=True)
class Simulated:
    """What worlds of the preset did: series by name (worlds, months), first defaults by firm (firms, worlds), -1 never."""

    start: datetime.date
    months: int
    series: Mapping[str, Floats]
    firms: tuple[str, ...]
    default_month: Array


@dataclass(frozen=True)
class Failure:
    """A firm's first default: share of worlds in which it fails, share in which nobody fails before it, months from the start.

    Months are of the worlds in which it fails: the median and the 10-90 range; -1 where it never does.
    """

    firm: str
    share: float
    first: float
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Telecom:
    """Scores, and the forecast that is not scored: drawdown of vendors' sales (median, 10, 90), failures in their order."""

    scored: Hindcast
    start: datetime.date
    drawdown: tuple[float, float, float]
    failures: tuple[Failure, ...]

    def forecast(self) -> dict[str, Any]:
        """As `validate --json` prints it: dates beside months."""
        middle, low, high = self.drawdown
        rows = [{**asdict(one), "date": self._date(one.median)} for one in self.failures]
        return {"drawdown": {"median": middle, "low": low, "high": high}, "failures": rows}

    def _date(self, month: float) -> str:
        if month < 0:
            return ""
        number = self.start.year * 12 + self.start.month - 1 + round(month)
        return f"{number // 12}-{number % 12 + 1:02}"


def drawdown(sales: Floats) -> Floats:
    """Largest fall of a quarter's sales below the highest quarter before it, as a share (worlds,); sales (worlds, months).

    >>> [round(float(x), 2) for x in drawdown(np.array([[2.0, 2, 2, 4, 4, 4, 1, 1, 1, 3, 3, 3], [1.0] * 12]))]
    [0.75, 0.0]
    """
    whole = sales.shape[1] // 3
    quarters = sales[:, : 3 * whole].reshape(len(sales), whole, 3).sum(axis=2)
    return np.max(1.0 - quarters / np.maximum.accumulate(quarters, axis=1), axis=1)


def failures(firms: tuple[str, ...], default_month: Array) -> tuple[Failure, ...]:
    """Who fails, in the order of their median months, those that fail in more worlds first where these agree; (firms, worlds).

    >>> [(one.firm, one.share, one.first, one.median) for one in failures(("a", "b"), np.array([[9, 9, -1, -1], [4, -1, 8, -1]]))]
    [('b', 0.5, 0.5, 6.0), ('a', 0.5, 0.25, 9.0)]
    """
    month = np.where(default_month == NEVER, np.inf, default_month.astype(np.float64))
    earliest = month.min(axis=0)
    rows = []
    for firm, own in zip(firms, month, strict=True):
        fails = np.isfinite(own)
        if fails.any():
            low, middle, high = (float(x) for x in np.quantile(own[fails], (0.1, 0.5, 0.9)))
            first = float((fails & (own == earliest)).mean())
            rows.append(Failure(firm, float(fails.mean()), first, middle, low, high))
        else:
            rows.append(Failure(firm, 0.0, 0.0, NEVER, NEVER, NEVER))
    return tuple(sorted(rows, key=lambda one: (one.median < 0, one.median, -one.share)))


def simulated(worlds: int, seed: int) -> Simulated:
    """Worlds of the preset, each with its own unknowns, its vendor's finance in either form, money as loose as it was."""
    definition = load_preset(PRESET)
    settings: dict[str, Any] = draw(definition.unknowns, seed, np.arange(worlds))
    settings |= {"funding.tightening": 0.0, "vendor_finance.instrument": np.resize(FORMS, worlds)}
    economy = Economy(Scenario(PRESET, overrides=settings, worlds=worlds, seed=seed, months=definition.months))
    economy.run()
    last = facts(INDEX, definition.start)[-1].value
    index = {"share_index": economy.core_events["share_index"] * last}
    defaults = economy.firm_defaults
    return Simulated(definition.start, definition.months, economy.series | index, defaults.names, defaults.default_month)


def telecom(worlds: int = WORLDS, seed: int = 1, run: Callable[[int, int], Simulated] = simulated) -> Telecom:
    """Score the telecom machine beside the rulers, and say what it expects of its firms."""
    got = run(worlds, seed)
    happened = {
        name: tuple(fact for fact in outcomes(name, got.start, got.months) if fact.date >= SCORED_FROM) for name in SCORED
    }
    scores = {
        name: score([read(reading, got.series[reading.of], got.start, fact) for fact in happened[name]], happened[name])
        for name, reading in SCORED.items()
    }
    beside = {}
    for ruler in RULERS:
        found = {name: ruler_score(name, got.start, ruler, happened[name]) for name in SCORED}
        beside[ruler] = {name: one for name, one in found.items() if one is not None}
    low, middle, high = (float(x) for x in np.quantile(drawdown(got.series["vendor_revenue"]), (0.1, 0.5, 0.9)))
    order = failures(got.firms, got.default_month)
    return Telecom(Hindcast(ORIGIN, worlds, scores, {}, beside), got.start, (middle, low, high), order)
