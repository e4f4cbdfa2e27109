"""Indices of sensitivity: Morris's elementary effects and Sobol's shares of variance, with intervals and convergence.

All functions take points in the unit cube and what was measured there. SALib computes the indices; here is what surrounds
them: outputs that do not vary, samples that failed, which parameters survive a screening, and whether the sample was enough.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perpetuum.model.worlds import Array
from perpetuum.runs.study.design import MORRIS_LEVELS

#: Resamples of every bootstrap.
RESAMPLES = 400
#: A parameter survives with at least this share of the largest effect on some metric.
NOTABLE = 0.10
#: Converged: no index moved by more than this when the sample was last doubled ...
SETTLED = 0.05
#: ... and no interval of a total index is wider than this to either side.
NARROW = 0.10
#: What numbers of the size of 1, or relative to larger ones, differ by where nothing but rounding does.
ROUNDING = 1e-12
#: Fewest samples of which indices are computed.
FEWEST = 8


@dataclass(frozen=True)
class Effects:
    """Morris's measures of one metric; arrays are (parameters,). `constant`: nothing but rounding varied: all zero."""

    mu: Array  # mean elementary effect of going over the whole range
    mu_star: Array  # mean of its absolute value
    sigma: Array  # its standard deviation: interplay and curvature
    half: Array  # half of the 95 % interval of mu_star
    constant: bool


@dataclass(frozen=True)
class Shares:
    """Sobol's indices of one metric from so many samples; arrays are (parameters,)."""

    samples: int
    first: Array  # share of variance that a parameter explains alone
    first_half: Array  # half of its 95 % interval
    total: Array  # share that goes with it and all its interplay
    total_half: Array
    constant: bool


def effects(points: Array, values: Array, seed: int = 1) -> Effects:
    """Morris's measures from trajectories (points x parameters) in the unit cube; those that failed (NaN) are left out.

    mu* is the mean absolute elementary effect (F. Campolongo et al. 2007, Environmental Modelling & Software 22, 1509-1518).
    """
    from SALib.analyze import morris

    parameters = points.shape[1]
    points, values = _sound_blocks(points, values, parameters + 1)
    if is_constant(values):
        zero = np.zeros(parameters)
        return Effects(zero, zero, zero, zero, True)
    with _quiet():
        found = morris.analyze(
            _problem(parameters),
            points,
            values,
            num_levels=MORRIS_LEVELS,
            num_resamples=RESAMPLES,
            seed=seed + 1,
        )
    mu, star, sigma, half = (
        np.asarray(found[name], dtype=np.float64) for name in ("mu", "mu_star", "sigma", "mu_star_conf")
    )
    return Effects(mu, star, sigma, _unknown_is_wide(half), False)


def shares(values: Array, parameters: int, samples: int | None = None, seed: int = 1) -> Shares:
    """Sobol's indices from the values at a Saltelli design, of its first `samples`; samples that failed (NaN) are left out.

    S1 = V[E(y | x_i)] / V(y), ST = E[V(y | all but x_i)] / V(y) (A. Saltelli et al. 2010).
    """
    from SALib.analyze import sobol

    block = parameters + 2
    values = values[: (samples or len(values) // block) * block]
    values = _sound_blocks(values[:, None], values, block)[1]
    kept = len(values) // block
    if kept < 2 or is_constant(values):
        zero = np.zeros(parameters)
        return Shares(kept, zero, zero, zero, zero, True)
    with _quiet():
        found = sobol.analyze(_problem(parameters), values, calc_second_order=False, num_resamples=RESAMPLES, seed=seed + 1)
    first, first_half, total, total_half = (np.asarray(found[name]) for name in ("S1", "S1_conf", "ST", "ST_conf"))
    return Shares(kept, first, _unknown_is_wide(first_half), total, _unknown_is_wide(total_half), False)


def is_constant(values: Array) -> bool:
    """Whether values differ by nothing but rounding: a mean over worlds that are all alike has its last digits from the sum."""
    return not len(values) or bool(np.ptp(values) <= ROUNDING * max(1.0, np.abs(values).max()))


def growing(values: Array, parameters: int, samples: int, seed: int = 1) -> list[Shares]:
    """Indices of growing parts of the sample: a quarter, a half, and all of it (parts under `FEWEST` samples are left out)."""
    parts = [part for part in (samples // 4, samples // 2) if part >= FEWEST]
    return [shares(values, parameters, part, seed) for part in (*parts, samples)]


def survivors(found: Mapping[str, Effects], names: Sequence[str], most: int) -> list[str]:
    """Parameters worth a closer look: the strongest on each metric, then those that matter most on the whole.

    What a parameter matters on the whole is the mean over metrics of its mu*, relative to the metric's largest. Survivors have
    at least `NOTABLE` of the largest mu* on some metric, and there are at most `most` of them.
    """
    relative = _relative(found)
    if not len(relative):
        return []
    whole = relative.mean(axis=0)
    strongest = {int(row.argmax()) for row in relative}
    order = sorted(range(len(names)), key=lambda place: (place not in strongest, -whole[place], names[place]))
    kept = [place for place in order if relative[:, place].max() >= NOTABLE][:most]
    return [names[place] for place in sorted(kept, key=lambda place: -whole[place])]


def _relative(found: Mapping[str, Effects]) -> Array:
    """Effects relative to the largest on the same metric (metrics that vary, parameters)."""
    return np.array([one.mu_star / one.mu_star.max() for one in found.values() if not one.constant])


@dataclass(frozen=True)
class Convergence:
    """Whether a sample was enough, for each total index and for all: moves at the last doubling, half intervals, verdicts.

    `needed`: samples at which an index would settle, a power of two, were its noise to shrink with the root of their number;
    None where that cannot be told.
    """

    moves: tuple[float, ...] | None  # None: the sample was too small to be halved
    halves: tuple[float, ...]
    needed: tuple[int | None, ...]
    samples: int

    @property
    def move(self) -> float | None:
        """The largest move."""
        return max(self.moves, default=0.0) if self.moves is not None else None

    @property
    def widest(self) -> float:
        """The widest interval, to either side."""
        return max(self.halves, default=0.0)

    @property
    def settled(self) -> tuple[bool, ...]:
        """Which of the indices converged."""
        return tuple(one is not None and one <= self.samples for one in self.needed)

    @property
    def converged(self) -> bool:
        """Whether all of them did."""
        return bool(self.settled) and all(self.settled)

    @property
    def most_needed(self) -> int | None:
        """Samples at which all of them would."""
        return max((one for one in self.needed if one is not None), default=None) if None not in self.needed else None


def convergence(found: Sequence[Shares]) -> Convergence:
    """Judge growing samples: an index converged if it moved little at the last doubling, and its interval is narrow."""
    last = found[-1]
    if last.constant:
        return Convergence(None, (), (), last.samples)
    halves = tuple(last.total_half.tolist())
    before = [one for one in found[:-1] if not one.constant]
    if not before:
        return Convergence(None, halves, (None,) * len(halves), last.samples)
    moves = tuple(np.abs(last.total - before[-1].total).tolist())
    needed = tuple(
        _needed(last.samples, max(move / SETTLED, half / NARROW)) for move, half in zip(moves, halves, strict=True)
    )
    return Convergence(moves, halves, needed, last.samples)


def _needed(samples: int, too_wide: float) -> int | None:
    """Samples, a power of two, of which the noise is as many times less: samples x too_wide^2; so many where it is small enough.

    >>> _needed(512, 0.5), _needed(512, 1.0), _needed(512, 2.0), _needed(512, 2.1), _needed(512, math.inf)
    (512, 512, 2048, 4096, None)
    """
    if not math.isfinite(too_wide):
        return None
    return samples << max(0, math.ceil(2 * math.log2(max(too_wide, 1.0)) - 1e-9))


# --- inside -------------------------------------------------------------------------------------------------


def _problem(parameters: int) -> dict[str, Any]:
    return {
        "num_vars": parameters,
        "names": [f"x{number}" for number in range(parameters)],
        "bounds": [[0.0, 1.0]] * parameters,
    }


def _sound_blocks(points: Array, values: Array, block: int) -> tuple[Array, Array]:
    """Leave out whole samples in which a value is missing: their differences mean nothing."""
    sound = np.repeat(np.isfinite(values).reshape(-1, block).all(axis=1), block)
    return points[sound], values[sound]


def _unknown_is_wide(half: Any) -> Array:
    """An interval that could not be estimated (a resample without variance) is as wide as can be."""
    return np.nan_to_num(np.asarray(half, dtype=np.float64), nan=np.inf, posinf=np.inf)


class _quiet(warnings.catch_warnings):  # noqa: N801 - used like a function
    """Silence warnings about resamples without variance: their intervals are told to be unknown."""

    def __enter__(self) -> Any:
        entered = super().__enter__()
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        return entered
