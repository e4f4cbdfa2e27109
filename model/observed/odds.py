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

    rate = 1 - (1 - falls / at risk) ** (12 / months of the year that are judged); {rate, low, high, at_risk}, None without any
    at risk.
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
        result[str(year)] = annual | {"at_risk": int(at_risk.sum())}
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


def spread_of(values: Array) -> dict[str, float]:
    """Median over worlds, and the 5th and 95th percentile."""
    low, middle, high = np.percentile(np.asarray(values, dtype=np.float64), (5, 50, 95))
    return {"median": float(middle), "low": float(low), "high": float(high)}


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
    gap = life_lost_of_each(start, asked, loose, months)
    standing = ~np.isnan(gap)
    return mean_with_interval(gap[standing]), int(standing.sum())


def life_lost_of_each(start: int, asked: Array, loose: Array, months: int = 60) -> Floats:
    """Months of life that each pair loses within `months` of a start (worlds,); NaN where either had fallen by the start.

    >>> life_lost_of_each(12, np.array([30, 6, 90]), np.array([50, 40, 95])).tolist()
    [20.0, nan, 0.0]
    """
    life, loose = np.asarray(asked, dtype=np.float64), np.asarray(loose, dtype=np.float64)
    gap = np.minimum(loose, start + months) - np.minimum(life, start + months)
    return np.where((life >= start) & (loose >= start), gap, np.nan)


def life_lost_by_world(
    asked: Mapping[tuple[int, float], Array], loose: Array, months: int = 60
) -> list[list[list[float | None]]]:
    """What `life_lost_by_start` is the mean of: months that each pair loses, (worlds, starts, strengths), None for NaN."""
    starts, strengths = sorted({s for s, _ in asked}), sorted({x for _, x in asked})
    gaps = np.array([[life_lost_of_each(s, asked[s, x], loose, months) for x in strengths] for s in starts])
    return [
        [[None if np.isnan(gap) else float(gap) for gap in row] for row in of_world] for of_world in np.moveaxis(gaps, -1, 0)
    ]


def life_lost_by_start(asked: Mapping[tuple[int, float], Array], loose: Array, months: int = 60) -> dict[str, list[Any]]:
    """Months of life lost within `months` of each start, among pairs that have not fallen at the start.

    `asked`: life (worlds,) by (start, strength); `loose`: life (worlds,) of the same worlds with loose money. `low` and `high`
    are the ends of its interval, from resampled pairs, `pairs` their number; `unconditional` is the mean over all pairs, to the
    last month judged, with `unconditional_low` and `unconditional_high`; `beyond_chance`: life is lost there, and more than
    chance would bring somewhere among so many cells, `unconditional_beyond_chance` the same of all pairs; `backwards`, by
    start: pairs that lose less somewhere to a harder tightening than to the next milder one.
    """
    starts, strengths = sorted({s for s, _ in asked}), sorted({x for _, x in asked})
    table: dict[str, list[list[Any]]] = {name: [] for name in ("months", "low", "high", "pairs", "unconditional")}
    table |= {"unconditional_low": [], "unconditional_high": []}
    gaps = np.array([[life_lost_of_each(s, asked[s, x], loose, months) for x in strengths] for s in starts])
    whole_gaps = np.array([[loose - asked[s, x] for x in strengths] for s in starts], dtype=np.float64)
    for start in starts:
        row = [life_lost_from(start, asked[start, strength], loose, months) for strength in strengths]
        whole = [life_lost(asked[start, strength], loose) for strength in strengths]
        for part in ("months", "low", "high"):
            table[part].append([one[part] for one, _ in row])
        table["pairs"].append([number for _, number in row])
        for part, end in (("unconditional", "months"), ("unconditional_low", "low"), ("unconditional_high", "high")):
            table[part].append([one[end] for one in whole])
    beyond = {
        f"{part}beyond_chance": (
            lost_beyond_chance(of_pairs) & (np.array(table[f"{part}low"], dtype=np.float64) > 0)
        ).tolist()
        for part, of_pairs in (("", gaps), ("unconditional_", whole_gaps))
    }
    backwards = (np.diff(gaps, axis=1) < 0).any(axis=1).sum(axis=-1).tolist()
    return {"starts": starts, "strengths": strengths, **table, **beyond, "backwards": backwards}


def lost_beyond_chance(gaps: Floats, seed: int = 1) -> Array:
    """Whether each cell (..., worlds) loses more than chance would bring in any of them; NaN: no such pair.

    Were a tightening to cost nothing, a world's months would be lost as likely as gained: signs of whole worlds are drawn anew,
    and a cell counts whose sum over the root of its squares is reached by any cell in fewer than one of forty such draws
    (R. A. Fisher 1935, The Design of Experiments, section 21; the largest of all cells: P. H. Westfall, S. S. Young 1993).

    >>> lost_beyond_chance(np.array([[9.0] * 8, [9.0, -9.0] * 4])).tolist()
    [True, False]
    """
    values = np.nan_to_num(gaps.reshape(-1, gaps.shape[-1]))
    size = np.sqrt((values**2).sum(axis=1))
    scaled = values / np.where(size > 0, size, 1.0)[:, None]
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (RESAMPLES, values.shape[-1]))
    largest = (signs @ scaled.T).max(axis=1)
    by_chance = (largest[:, None] >= scaled.sum(axis=1) - 1e-9).mean(axis=0)
    return np.asarray((size > 0) & (by_chance < (1.0 - CONFIDENCE) / 2)).reshape(gaps.shape[:-1])


def intervals_of_all(gaps: Floats, seed: int = 1) -> tuple[Floats, Floats, Floats]:
    """Means of paired differences (..., worlds) and the ends of intervals that hold for all of them at once; NaN: no such pair.

    An interval holds every mean that the worlds do not contradict: where differences from it, their signs drawn anew world by
    world, bring in any of the sets as large a sum over the root of its squares in more than one of twenty draws (the test of
    `lost_beyond_chance` to both sides). Infinite where so few worlds could contradict nothing.

    >>> [one.round(1).tolist() for one in intervals_of_all(np.array([[9.0] * 8, [9.0, -9.0] * 4]))]
    [[9.0, 0.0], [9.0, -10.2], [9.0, 10.2]]
    """
    values, number = np.nan_to_num(gaps), (~np.isnan(gaps)).sum(axis=-1)
    size = np.sqrt((values**2).sum(axis=-1, keepdims=True))
    scaled = (values / np.where(size > 0, size, 1.0)).reshape(-1, gaps.shape[-1])
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (RESAMPLES, gaps.shape[-1]))
    bound = float(np.quantile(np.abs(signs @ scaled.T).max(axis=1), CONFIDENCE, method="higher")) + 1e-9
    means = values.sum(axis=-1) / np.where(number > 0, number, np.nan)
    spread = (values**2).sum(axis=-1) / np.maximum(number, 1) - np.nan_to_num(means) ** 2
    free = number - bound**2
    half = np.where(free > 0, bound * np.sqrt(np.maximum(spread, 0.0) / np.where(free > 0, free, 1.0)), np.inf)
    return means, means - half, means + half
