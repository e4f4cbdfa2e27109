"""What decides it: shares of the variance of an answer that unknown parameters and luck explain, and the odds at their ends.

Worlds are put into thirds by each unknown. The share of variance between the thirds, freed of what chance alone puts there, is

    omega^2 = (SSB - 2 MSW) / (SST + MSW)        W. L. Hays (1963), Statistics for Psychologists

and luck's is 1 - r, with r the correlation over worlds simulated twice: the same draws, other shocks. Intervals come from
resampled worlds; an unknown whose interval holds zero is not separable from luck and the others. It holds zero too where chance
would bring one of so many unknowns as far in one of twenty runs: thirds that mean nothing leave within them less than a part x of
all squares with probability x^((n - 3) / 2) among n worlds (R. A. Fisher 1925, section 45), times the number of unknowns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from perpetuum.model.observed.odds import CONFIDENCE, Share, share_of
from perpetuum.model.worlds import Array

RESAMPLES = 400
#: Fewer worlds than this in a third say nothing.
FEWEST = 10


def shares_of_variance(values: Array, unknowns: Mapping[str, Array]) -> dict[str, Share]:
    """Share of the variance of `values` (worlds,) between the thirds of each unknown: name to {share, low, high}, largest first.

    Empty where nothing varies or where there are too few worlds.
    """
    values = np.asarray(values, dtype=np.float64)
    if len(values) < 3 * FEWEST or np.ptp(values) == 0:
        return {}
    drawn = np.random.default_rng(1).integers(0, len(values), (RESAMPLES, len(values)))
    found = {name: _interval(float(omega_squared(values, thirds(x))), values, x, drawn) for name, x in unknowns.items()}
    for name, one in found.items():
        if by_chance(values, thirds(unknowns[name])) * len(unknowns) >= 1.0 - CONFIDENCE:
            one["low"] = 0.0
    return dict(sorted(found.items(), key=lambda one: -(one[1]["share"] or 0.0)))


def _interval(share: float, values: Array, x: Array, drawn: Array) -> Share:
    # Worlds in the order of the unknown: their thirds stand side by side. Small numbers are sorted by their digits, at once.
    places = np.unique(x, return_inverse=True)[1].astype(np.min_scalar_type(len(x)))
    order = np.argsort(places[drawn], kind="stable")
    resampled = omega_squared(np.take_along_axis(values[drawn], order, axis=-1), thirds(np.arange(len(x))))
    tail = (1.0 - CONFIDENCE) / 2
    low, high = np.quantile(resampled, (tail, 1.0 - tail))
    return {"share": max(share, 0.0), "low": float(max(low, 0.0)), "high": float(max(high, 0.0))}


def by_chance(values: Array, groups: Array) -> float:
    """Probability that thirds which mean nothing explain as much: (squares within / all squares)^((n - 3) / 2).

    >>> round(by_chance(np.array([1.0, 3.0, 2.0, 4.0, 6.0, 8.0]), np.array([0, 0, 1, 1, 2, 2])), 4)  # (6 / 34)^(3 / 2)
    0.0741
    """
    within = sum(_squares(values[groups == g]) for g in np.unique(groups))
    return float((within / _squares(values)) ** ((len(values) - 3) / 2))


def thirds(x: Array) -> Array:
    """The third that each world is in by its value among all (worlds,): 0, 1 or 2."""
    rank = np.argsort(np.argsort(x, kind="stable"), kind="stable")
    return np.minimum(rank * 3 // len(x), 2)


def omega_squared(values: Array, groups: Array) -> Any:
    """Share of variance between groups (worlds,), freed of chance, of each row (..., worlds) -> (...); 0 where nothing varies.

    >>> float(omega_squared(np.array([1.0, 1.0, 2.0, 2.0, 3.0, 3.0]), np.array([0, 0, 1, 1, 2, 2])).round(3))
    1.0
    """
    names = np.unique(groups)
    whole = _squares(values)
    within = sum(_squares(values[..., groups == g]) for g in names)
    mean_within = within / max(values.shape[-1] - len(names), 1)
    between = whole - within - (len(names) - 1) * mean_within
    return np.where(whole > 0, between / np.where(whole > 0, whole + mean_within, 1.0), 0.0)[()]


def _squares(values: Array) -> Array:
    """Sum of squares around the mean of each row."""
    return ((values - values.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)


def share_of_luck(first: Array, second: Array) -> Share:
    """1 - correlation of an answer over worlds that share draws, not shocks: {share, low, high}.

    None where hardly a world differs from the others.
    """
    pairs = np.stack([np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)], axis=1)
    if len(pairs) < FEWEST or np.count_nonzero((pairs != np.median(pairs)).any(axis=1)) < FEWEST:
        return {"share": None, "low": None, "high": None}
    drawn = np.random.default_rng(1).integers(0, len(pairs), (RESAMPLES, len(pairs)))
    resampled = np.array([_unlike(pairs[rows]) for rows in drawn])
    tail = (1.0 - CONFIDENCE) / 2
    low, high = np.nanquantile(resampled, (tail, 1.0 - tail)) if np.isfinite(resampled).any() else (0.0, 1.0)
    return {"share": _unlike(pairs), "low": float(low), "high": float(high)}


def _unlike(pairs: Array) -> float:
    """1 - intraclass correlation, between 0 and 1; not a number where nothing varies."""
    variance = float(pairs.var())
    if variance <= 0:
        return float("nan")
    centred = pairs - pairs.mean()
    return float(np.clip(1.0 - (centred[:, 0] * centred[:, 1]).mean() / variance, 0.0, 1.0))


def odds_by(unknowns: Mapping[str, Array], marks: Mapping[str, Array]) -> dict[str, dict[str, Any]]:
    """Odds in the lower and upper third of each unknown: name to {low_third, high_third: {mark: {share, low, high}, range}}."""
    found: dict[str, dict[str, Any]] = {}
    for name, x in unknowns.items():
        if len(x) < 3 * FEWEST:
            continue
        third = thirds(x)
        found[name] = {
            word: {
                **{mark: share_of(values[third == place]) for mark, values in marks.items()},
                "range": [float(x[third == place].min()), float(x[third == place].max())],
            }
            for word, place in (("low_third", 0), ("high_third", 2))
        }
    return found
