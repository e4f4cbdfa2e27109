"""Odds over worlds: shares of the states by month, hazard by year, causes, and months of life lost, each with its interval.

All worlds are followed to the last month judged, so that plain shares are the multi-state estimates of Aalen and Johansen (1978),
and months of life lost a difference of restricted mean survival times (Royston, Parmar 2013).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from perpetuum.model.observed.outcome import share_and_interval
from perpetuum.model.observed.states import STATES, Dates
from perpetuum.model.worlds import Array, Floats

#: Share of resamples between the ends of an interval, and how many are drawn.
CONFIDENCE, RESAMPLES = 0.95, 2000
#: Worlds below which no interval of a mean means anything.
FEWEST = 10
#: Words of `STATES` in the tables of odds.
NAMES = {"fallen": "fallen", "stands_alone": "alone", "smaller": "smaller", "spinning": "spinning"}

Share = dict[str, float | None]


def share_of(mask: Array) -> Share:
    """Share of worlds with its Wilson interval: {share, low, high}; all None where there is no world."""
    n = int(np.size(mask))
    if n == 0:
        return {"share": None, "low": None, "high": None}
    return {**share_and_interval(int(np.count_nonzero(mask)), n)}


def odds(dates: Dates, calendar: Sequence[datetime.date]) -> list[dict[str, Any]]:
    """One entry a month judged: {month, date, fallen, alone, smaller, spinning}, shares of worlds in that state then."""
    return [
        {"month": month, "date": calendar[month].isoformat()}
        | {NAMES[name]: share_of(dates.state[:, month] == code) for code, name in enumerate(STATES)}
        for month in range(dates.judged)
    ]


def hazard(dates: Dates, calendar: Sequence[datetime.date]) -> dict[str, dict[str, float | None]]:
    """By calendar year: falls in the year over worlds not fallen at its start, as an annual rate where a year is partial.

    rate = 1 - (1 - falls / at risk) ** (12 / months of the year that are judged); {rate, low, high}, None without any at risk.
    """
    years: dict[int, list[int]] = {}
    for month in range(dates.judged):
        years.setdefault(calendar[month].year, []).append(month)
    fallen = np.where(dates.fallen < 0, dates.judged, dates.fallen)
    result: dict[str, dict[str, float | None]] = {}
    for year, months in years.items():
        at_risk = fallen >= months[0]
        found = share_of(fallen[at_risk] <= months[-1])
        annual = {
            name: None if value is None else 1.0 - (1.0 - value) ** (12 / len(months))
            for name, value in (("rate", found["share"]), ("low", found["low"]), ("high", found["high"]))
        }
        result[str(year)] = annual
    return result


def causes(dates: Dates) -> dict[str, Share]:
    """What falls begin with: share of the fallen worlds by cause, the commonest first."""
    fallen = dates.cause[dates.fallen >= 0]
    names, counts = np.unique(fallen, return_counts=True)
    order = sorted(zip(names.tolist(), counts.tolist(), strict=True), key=lambda one: (-one[1], one[0]))
    return {name: share_of(fallen == name) for name, _ in order}


def life_lost(asked: Array, loose: Array, seed: int = 1) -> dict[str, float | None]:
    """Mean months of life lost over pairs, life loose - life as asked: {months, low, high}, from resampled pairs."""
    return mean_with_interval(np.asarray(loose, dtype=np.float64) - np.asarray(asked, dtype=np.float64), seed)


def mean_with_interval(values: Floats, seed: int = 1) -> dict[str, float | None]:
    """Mean of independent values with a percentile bootstrap interval: {months, low, high}; None where there is none."""
    if values.size == 0:
        return {"months": None, "low": None, "high": None}
    chosen = np.random.default_rng(seed).integers(0, values.size, (RESAMPLES, values.size))
    tail = (1.0 - CONFIDENCE) / 2
    low, high = np.quantile(values[chosen].mean(axis=1), (tail, 1.0 - tail))
    return {"months": float(values.mean()), "low": float(low), "high": float(high)}


def life_lost_from(start: int, asked: Array, loose: Array, months: int = 60) -> tuple[dict[str, float | None], int]:
    """Months of life lost within `months` of a start: {months, low, high}, and the number of pairs that these are of.

    Only pairs count that have not fallen at the start, of the same worlds as asked and with loose money (worlds,): later starts
    would otherwise lose less by construction.
    """
    life, loose = np.asarray(asked, dtype=np.float64), np.asarray(loose, dtype=np.float64)
    standing = (life >= start) & (loose >= start)
    gap = np.minimum(loose[standing], start + months) - np.minimum(life[standing], start + months)
    return mean_with_interval(gap), int(standing.sum())


def life_lost_by_start(asked: Mapping[tuple[int, float], Array], loose: Array, months: int = 60) -> dict[str, list[Any]]:
    """Months of life lost within `months` of each start, among pairs that have not fallen at the start.

    `asked`: life (worlds,) by (start, strength); `loose`: life (worlds,) of the same worlds with loose money. `low` and `high`
    are the ends of its interval, from resampled pairs, `pairs` their number; `unconditional` is the mean over all pairs, to the
    last month judged.
    """
    starts, strengths = sorted({s for s, _ in asked}), sorted({x for _, x in asked})
    table: dict[str, list[list[float | None]]] = {"months": [], "low": [], "high": []}
    whole: list[list[float]] = []
    pairs: list[list[int]] = []
    for start in starts:
        row = [life_lost_from(start, asked[start, strength], loose, months) for strength in strengths]
        for part, rows in table.items():
            rows.append([one[part] for one, _ in row])
        pairs.append([number for _, number in row])
        whole.append([float(np.mean(loose - asked[start, strength])) for strength in strengths])
    return {"starts": starts, "strengths": strengths, **table, "pairs": pairs, "unconditional": whole}
