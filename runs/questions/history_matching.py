"""History matching in waves, then approximate Bayesian computation on what is left: the arithmetic, for any simulator.

Points are places in the unit cube, a coordinate a parameter (its quantile under its prior). A wave simulates a Latin hypercube of
points, several worlds at each, and rules out those whose worlds lie too far from a figure of the record (Vernon, Goldstein and
Bower 2010, without an emulator: simulating is cheap enough). Worlds at the points that are left are then weighed by their
distance from the record, and their parameters moved to where the record is by a regression (Beaumont, Zhang and Balding 2002).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from perpetuum.model.fits import EDGE
from perpetuum.model.scenario import InputError
from perpetuum.model.worlds import Array, Floats
from perpetuum.runs.study.design import unit_points

#: Points with a larger implausibility are ruled out (three standard deviations hold 95 % of any unimodal error: Pukelsheim 1994).
CUT = 3.0
#: A figure that fewer of the first wave's points come near to than this share is out of reach, and where fewer stand by all
#: figures the most implausible one of each point is passed over, then the two most, and so on.
LEAST = 0.05
#: The last wave has so many times the points of the others.
LAST = 3
#: Share of the worlds left that are nearest to the record.
NEAREST = 0.2
#: Spread of the draws over the prior's beyond which nothing was learnt of a parameter.
IDENTIFIED = 0.9

#: Worlds at places (worlds, parameters), each with luck of its own (worlds,): what they say of the figures (worlds, figures), in
#: logs; NaN where a world failed.
Simulator = Callable[[Floats, Array], Floats]


@dataclass(frozen=True)
class Figure:
    """A figure of the record, in logs, with the standard deviation of how well it was observed."""

    name: str
    value: float
    observed: float


@dataclass(frozen=True, eq=False)
class Wave:
    """Points of a wave (points, parameters), what their worlds say (points, replicates, figures), and which stand."""

    low: Floats  # ends of the box in which the points lie (parameters,)
    high: Floats
    points: Floats
    said: Floats
    spread: Floats  # variance between worlds at a point, mean over points (figures,)
    implausible: Floats  # (points, figures)
    used: Array  # figures that rule points out
    kept: Array  # points that stand
    passed: int  # most implausible figures of each point that were passed over

    @property
    def left(self) -> float:
        """Share of the whole cube that is left after this wave."""
        return float(np.prod(self.high - self.low) * self.kept.mean())


@dataclass(frozen=True, eq=False)
class Matched:
    """What came of it: the waves, and equal draws of places (draws, parameters)."""

    waves: tuple[Wave, ...]
    draws: Floats

    @property
    def reachable(self) -> Array:
        """Figures that points of the first wave come near to."""
        return self.waves[0].used


def implausibility(said: Floats, figures: Sequence[Figure], discrepancy: float) -> tuple[Floats, Floats]:
    """I = |z - f| / sqrt(s^2 (1 + 1 / r) + observation^2 + discrepancy^2) by point and figure, and s^2 by figure.

    `said` (points, replicates, figures); f is the mean over r replicates, s^2 their variance, mean over points: reality is one
    draw, and the mean is known to s^2 / r only. A point at which a world failed is infinitely implausible.
    """
    replicates = said.shape[1]
    spread = np.nanmean(said.var(axis=1, ddof=1), axis=0)
    observed = np.array([one.observed for one in figures])
    deviation = np.sqrt(spread * (1.0 + 1.0 / replicates) + observed**2 + discrepancy**2)
    away = np.abs(said.mean(axis=1) - np.array([one.value for one in figures])) / deviation
    return np.where(np.isnan(away), np.inf, away), spread


def match(
    simulate: Simulator,
    figures: Sequence[Figure],
    parameters: int,
    *,
    points: int = 1000,
    replicates: int = 4,
    waves: int = 3,
    discrepancy: float = 0.15,
    draws: int = 300,
    seed: int = 1,
    told: Callable[[Wave], None] = lambda wave: None,
) -> Matched:
    """Rule out in waves, then weigh and regress what is left: `draws` equal draws of places.

    A figure that next to no point of the first wave comes near to is out of reach: it says that something is missing from the
    model, not where its parameters lie, and chooses no points.
    """
    low, high = np.zeros(parameters), np.ones(parameters)
    luck, used = 0, np.ones(len(figures), dtype=bool)
    done: list[Wave] = []
    for number in range(waves):
        count = points * (LAST if number == waves - 1 and waves > 1 else 1)
        places = low + (high - low) * unit_points("lhs", parameters, count, seed + number)
        each = np.clip(np.repeat(places, replicates, axis=0), EDGE, 1.0 - EDGE)
        said = simulate(each, np.arange(luck, luck + len(each))).reshape(count, replicates, len(figures))
        luck += len(each)
        away, spread = implausibility(said, figures, discrepancy)
        if number == 0:
            used = (away <= CUT).mean(axis=0) >= LEAST
            if not used.any():
                raise InputError(
                    f"no figure of the record is within reach of the priors: fewer than {LEAST:.0%} of {count} points come near "
                    f"to any of {', '.join(one.name for one in figures)}"
                )
        kept, passed = standing(away[:, used])
        done.append(Wave(low, high, places, said, spread, away, used, kept, passed))
        told(done[-1])
        low, high = box(places[kept], low, high)
    return Matched(tuple(done), posterior(done[-1], figures, discrepancy, draws, seed))


def standing(away: Floats) -> tuple[Array, int]:
    """Which points stand by implausibilities (points, figures), and how many figures of each had to be passed over for it."""
    ordered = np.sort(away, axis=1)
    for passed in range(ordered.shape[1]):
        kept = ordered[:, -1 - passed] <= CUT
        if kept.mean() >= LEAST:
            return kept, passed
    return np.isfinite(ordered).all(axis=1), ordered.shape[1]


def box(points: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Ends of the box that holds points (points, parameters), wider by what so few leave out: a share 1 / n at either end.

    >>> box(np.array([[0.25], [0.5], [0.75], [0.5]]), np.zeros(1), np.ones(1))
    (array([0.125]), array([0.875]))
    """
    least, most = points.min(axis=0), points.max(axis=0)
    beyond = (most - least) / len(points)
    return np.maximum(least - beyond, low), np.minimum(most + beyond, high)


def posterior(wave: Wave, figures: Sequence[Figure], discrepancy: float, draws: int, seed: int) -> Floats:
    """Equal draws of places (draws, parameters) from the worlds of a wave's points that stand.

    Each world's figures get an error of observation and discrepancy, so that the record is one of them (Wilkinson 2013); the
    nearest share is weighed by 1 - (distance / largest)^2 and moved along a linear regression of Phi^-1(place) on the figures.
    """
    rng = np.random.default_rng(seed)
    said = wave.said[wave.kept][:, :, wave.used]
    worlds = said.reshape(-1, said.shape[2])
    places = np.repeat(wave.points[wave.kept], said.shape[1], axis=0)
    known = [one for one, used in zip(figures, wave.used, strict=True) if used]
    error = np.sqrt(np.array([one.observed for one in known]) ** 2 + discrepancy**2)
    away = worlds + error * rng.standard_normal(worlds.shape) - np.array([one.value for one in known])
    away /= away.std(axis=0)
    distance = np.sqrt((away**2).sum(axis=1))
    near = np.argsort(distance, kind="stable")[: max(int(NEAREST * len(distance)), min(len(distance), 4 * away.shape[1]))]
    weight = 1.0 - (distance[near] / (distance[near].max() * 1.0001)) ** 2
    moved = adjusted(ndtri(np.clip(places[near], EDGE, 1.0 - EDGE)), away[near], weight)
    steps = (rng.random() + np.arange(draws)) / draws
    chosen = np.minimum(np.searchsorted(np.cumsum(weight) / weight.sum(), steps), len(near) - 1)
    return np.clip(ndtr(moved[chosen]), EDGE, 1.0 - EDGE)


def adjusted(values: Floats, away: Floats, weight: Floats) -> Floats:
    """Parameters (worlds, parameters) moved to where the record lies: values - away B, B by least squares with weights.

    Two worlds that lie as far on either side of the record as their parameters from 3 both move to 3:

    >>> adjusted(np.array([[2.0], [3.0], [4.0]]), np.array([[-1.0], [0.0], [1.0]]), np.ones(3)).round(9).tolist()
    [[3.0], [3.0], [3.0]]
    """
    root = np.sqrt(weight)[:, None]
    design = np.hstack([np.ones((len(away), 1)), away]) * root
    slopes = np.linalg.lstsq(design, values * root, rcond=None)[0][1:]
    return values - away @ slopes


def narrowed(draws: Floats) -> Floats:
    """Standard deviation of places over that of the prior, 1 / sqrt(12), by parameter: 1 where the record says nothing."""
    return draws.std(axis=0) * np.sqrt(12.0)
