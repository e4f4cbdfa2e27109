"""History matching in waves, then approximate Bayesian computation on what is left: the arithmetic, for any simulator.

Points are places in the unit cube, a coordinate a parameter (its quantile under its prior). A wave simulates a Latin hypercube of
points, several worlds at each, and rules out those whose worlds lie too far from a figure of the record (Vernon, Goldstein and
Bower 2010, without an emulator: simulating is cheap enough). Worlds at the points that are left are then weighed by their
distance from the record, and their parameters moved to where the record is by a regression (`regression_adjustment.py`).

What chance narrows is measured by placebos: pseudo-parameters that lie in the cube as the others do and enter no simulation go
through the same waves, weights and regressions. A parameter is identified where it is narrower than nearly all of them are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from perpetuum.model.fits import EDGE
from perpetuum.model.scenario import InputError
from perpetuum.model.worlds import Array, Floats
from perpetuum.runs.questions.regression_adjustment import adjusted
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
#: Spread of the draws over the prior's beyond which next to nothing was learnt of a parameter, whatever chance would bring.
IDENTIFIED = 0.9
#: Pseudo-parameters that enter no simulation, and how often chance may call any parameter at all identified.
PLACEBOS, BY_CHANCE = 999, 0.05
#: Added to the seed of parameters' points for those of placebos.
APART = 1_000_003

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
    """What came of it: the waves, equal draws of places (draws, parameters), and how they were moved to the record."""

    waves: tuple[Wave, ...]
    draws: Floats
    placebos: Floats  # how narrow pseudo-parameters came out that enter no simulation (placebos,), see `narrowed`
    freedom: Floats  # degrees of freedom of each parameter's regression (parameters,)
    inflated: Floats  # what its residuals were multiplied by (parameters,)
    effective: float  # points that the weights amount to
    predictors: int  # figures that the regressions are on

    @property
    def bound(self) -> float:
        """What a parameter has to be narrower than, for chance to name any of them once in twenty times."""
        return bound(self.placebos, self.draws.shape[1])

    def by_chance(self, kept: float) -> float:
        """Share of placebos that come out as narrow or narrower, the parameter counted among them."""
        return float((1 + (self.placebos <= kept).sum()) / (1 + len(self.placebos)))


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
    placebos: int = PLACEBOS,
) -> Matched:
    """Rule out in waves, then weigh and regress what is left: `draws` equal draws of places.

    `placebos`: so many pseudo-parameters go through all of it beside the parameters, and are simulated nowhere.

    A figure that next to no point of the first wave comes near to is out of reach: it says that something is missing from the
    model, not where its parameters lie, and chooses no points.
    """
    low, high = np.zeros(parameters), np.ones(parameters)
    least, most = np.zeros(placebos), np.ones(placebos)
    luck, used = 0, np.ones(len(figures), dtype=bool)
    done: list[Wave] = []
    for number in range(waves):
        count = points * (LAST if number == waves - 1 and waves > 1 else 1)
        places = low + (high - low) * unit_points("lhs", parameters, count, seed + number)
        beside = least + (most - least) * unit_points("lhs", placebos, count, seed + number + APART)
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
        least, most = box(beside[kept], least, most)
    return posterior(done, beside[kept], figures, discrepancy, draws, seed)


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


def posterior(
    waves: Sequence[Wave], beside: Floats, figures: Sequence[Figure], discrepancy: float, draws: int, seed: int
) -> Matched:
    """Equal draws of places (draws, parameters) from the worlds of the last wave's points that stand.

    Each world's figures get an error of observation and discrepancy, so that the record is one of them (Wilkinson 2013); the
    nearest share is weighed by 1 - (distance / largest)^2 and moved along a regression of Phi^-1(place) on the figures.
    `beside`: places of placebos at the points that stand (points, placebos).
    """
    wave, rng = waves[-1], np.random.default_rng(seed)
    said = wave.said[wave.kept][:, :, wave.used]
    worlds = said.reshape(-1, said.shape[2])
    point = np.repeat(np.arange(len(said)), said.shape[1])
    known = [one for one, used in zip(figures, wave.used, strict=True) if used]
    error = np.sqrt(np.array([one.observed for one in known]) ** 2 + discrepancy**2)
    away = worlds + error * rng.standard_normal(worlds.shape) - np.array([one.value for one in known])
    away /= away.std(axis=0)
    distance = np.sqrt((away**2).sum(axis=1))
    near = np.argsort(distance, kind="stable")[: max(int(NEAREST * len(distance)), min(len(distance), 4 * away.shape[1]))]
    weight = 1.0 - (distance[near] / (distance[near].max() * 1.0001)) ** 2
    places = np.hstack([wave.points[wave.kept], beside])[point[near]]
    moved = adjusted(ndtri(np.clip(places, EDGE, 1.0 - EDGE)), away[near], weight, point[near])
    steps = (rng.random() + np.arange(draws)) / draws
    chosen = np.minimum(np.searchsorted(np.cumsum(weight) / weight.sum(), steps), len(near) - 1)
    drawn, parameters = np.clip(ndtr(moved.values[chosen]), EDGE, 1.0 - EDGE), wave.points.shape[1]
    return Matched(
        tuple(waves), drawn[:, :parameters], narrowed(drawn[:, parameters:]), moved.freedom[:parameters],
        moved.inflated[:parameters], moved.effective, away.shape[1],
    )  # fmt: skip


def narrowed(draws: Floats) -> Floats:
    """Standard deviation of places over that of the prior, 1 / sqrt(12), by parameter: 1 where the record says nothing."""
    return draws.std(axis=0) * np.sqrt(12.0)


def bound(placebos: Floats, parameters: int) -> float:
    """What has to be narrower than so many placebos leave: below it chance brings any of all parameters one time in twenty.

    Of 999 placebos and five parameters, ten may be narrower (0.05 / 5 of a thousand, one of them the parameter itself):

    >>> bound(np.arange(999) / 999, 5) == 9 / 999
    True
    """
    least = max(int(BY_CHANCE / parameters * (len(placebos) + 1) + 1e-9), 1)
    return float(np.sort(placebos)[least - 1])


def identified(kept: float, beyond: float) -> bool:
    """Whether the record tells of a parameter so narrowed: beyond what placebos give, and by a tenth at least."""
    return kept < beyond and kept <= IDENTIFIED
