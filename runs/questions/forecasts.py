"""Forecasts and how they are scored: rulers that know only what was published, and scores on natural logs.

A ruler extrapolates a series of the record from an origin on: no change, a trend of the last twelve or six months, half a trend,
an autoregression. A score is a mean over a series' points, then over series, so that a series with many points counts once.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from perpetuum.model.history import Fact, facts
from perpetuum.model.worlds import Floats

#: Mean days of a month.
MONTH = 365.25 / 12
#: A window of months may open so many days early: quarters do not end on the same day of the year.
SLACK = 20
#: Fewest published points of an autoregression.
FEWEST_POINTS = 24

Ruler = Callable[[datetime.date], float]


@dataclass(frozen=True)
class Score:
    """How well a forecast did: mean |log error|, share of outcomes inside its 10-90 band, ranked probability score in logs."""

    error: float
    inside: float
    crps: float


def log_trend(known: Sequence[Fact], months: float) -> float:
    """ln(last / first) / days between them, over the points of the window that ends with the last one known; a day.

    Where the window holds no second point the one before it is taken; 0 where there is only one point.
    """
    last = known[-1]
    opens = last.date - datetime.timedelta(days=round(months * MONTH) + SLACK)
    earlier = [fact for fact in known[:-1] if fact.date >= opens] or list(known[-2:-1])
    if not earlier:
        return 0.0
    return math.log(last.value / earlier[0].value) / (last.date - earlier[0].date).days


def extrapolated(known: Sequence[Fact], months: float, part: float = 1.0) -> Ruler:
    """ln of the last value known + part x its trend x days since: part 0 is no change."""
    last, slope = known[-1], log_trend(known, months)
    return lambda day: math.log(last.value) + part * slope * (day - last.date).days


def autoregression(known: Sequence[Fact]) -> Ruler | None:
    """AR(1) of the logs about their mean, by least squares on consecutive points; None where there are too few.

    ln x(d) = m + (ln x_last - m) a^(days since / mean days between points), 0 <= a <= 1.
    """
    if len(known) < FEWEST_POINTS:
        return None
    logs = np.log([fact.value for fact in known])
    apart = (known[-1].date - known[0].date).days / (len(known) - 1)
    slope, level = np.polyfit(logs[:-1], logs[1:], 1)
    if slope >= 1.0:
        return lambda day: float(logs[-1])
    kept, mean = max(float(slope), 0.0), float(level / (1.0 - slope))
    return lambda day: mean + (float(logs[-1]) - mean) * kept ** ((day - known[-1].date).days / apart)


def rulers(series: str, origin: datetime.date) -> dict[str, Ruler]:
    """The rulers of a series, by name, from what was public on the day of origin."""
    known = facts(series, origin)
    found: dict[str, Ruler] = {
        "no_change": extrapolated(known, 12, 0.0),
        "half_trend": extrapolated(known, 12, 0.5),
        "trend": extrapolated(known, 12),
        "trend_6": extrapolated(known, 6),
    }
    ar = autoregression(known)
    return found if ar is None else found | {"ar_1": ar}


def outcomes(
    series: str, origin: datetime.date, months: int = 12, public_by: datetime.date | None = None
) -> tuple[Fact, ...]:
    """What came of a series in the months after an origin (the first of a month), by the period's end.

    `public_by`: only what was public on that day, which is all that a fit may see.
    """
    month = origin.month - 1 + months
    end = datetime.date(origin.year + month // 12, month % 12 + 1, 1)
    return tuple(fact for fact in facts(series, public_by) if origin < fact.date < end)


def crps(forecast: Floats, outcome: float) -> float:
    """Continuous ranked probability score of an ensemble: mean |x - y| - mean |x - x'| / 2 (Gneiting and Raftery 2007).

    A certain forecast scores its absolute error; two members that straddle the outcome score half the distance less a quarter:

    >>> crps(np.array([3.0]), 1.0), crps(np.array([0.0, 2.0]), 1.0)
    (2.0, 0.5)
    """
    spread = np.abs(forecast[:, None] - forecast[None, :]).mean()
    return float(np.abs(forecast - outcome).mean() - spread / 2)


def score(ensembles: Sequence[Floats], happened: Sequence[Fact]) -> Score:
    """Score of an ensemble of worlds' values (points of (worlds,)) against what happened, on natural logs."""
    logs = [np.log(np.maximum(members, 1e-12)) for members in ensembles]
    truth = [math.log(fact.value) for fact in happened]
    error = [abs(float(np.median(members)) - fact) for members, fact in zip(logs, truth, strict=True)]
    low_high = [np.quantile(members, (0.1, 0.9)) for members in logs]
    inside = [low <= fact <= high for (low, high), fact in zip(low_high, truth, strict=True)]
    ranked = [crps(members, fact) for members, fact in zip(logs, truth, strict=True)]
    return Score(float(np.mean(error)), float(np.mean(inside)), float(np.mean(ranked)))


def past_errors(series: str, origin: datetime.date, ruler: str) -> Floats:
    """Log errors that a ruler made twelve months ahead at every earlier point of the record, as it was public then."""
    found = []
    for fact in facts(series, origin):
        begun = fact.date - datetime.timedelta(days=365)
        known = rulers(series, begun) if len(facts(series, begun)) >= 2 else {}
        if ruler in known:  # an autoregression comes only once there are points enough
            found.append(known[ruler](fact.date) - math.log(fact.value))
    return np.array(found)


def ruler_score(series: str, origin: datetime.date, name: str, happened: Sequence[Fact]) -> Score | None:
    """A ruler's score, its band being the spread of its own past errors; None where it does not exist for the series."""
    ruler = rulers(series, origin).get(name)
    if ruler is None:
        return None
    errors = past_errors(series, origin, name)
    spread = errors - np.median(errors) if len(errors) else np.zeros(1)
    return score([np.exp(ruler(fact.date) - spread) for fact in happened], happened)


def mean_score(by_series: Mapping[str, Score]) -> Score:
    """The mean over series of each figure."""
    rows = list(by_series.values())
    return Score(*(float(np.mean([getattr(row, name) for row in rows])) for name in ("error", "inside", "crps")))
