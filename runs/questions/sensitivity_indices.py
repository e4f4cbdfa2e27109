"""Indices of sensitivity: Morris's elementary effects and Sobol's shares of variance, with intervals and convergence.

All functions take points in the unit cube and what was measured there. SALib computes the indices; here is what surrounds
them: outputs that do not vary, samples that failed, which parameters survive a screening, and whether the sample was enough.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perpetuum.runs.study.design import MORRIS_LEVELS

Array = np.ndarray[Any, Any]

#: Resamples of every bootstrap.
RESAMPLES = 400
#: A parameter survives with at least this share of the largest effect on some metric.
NOTABLE = 0.10
#: Converged: no index moved by more than this when the sample was last doubled ...
SETTLED = 0.05
#: ... and no interval of a total index is wider than this to either side.
NARROW = 0.10
#: Fewest samples of which indices are computed.
FEWEST = 8


@dataclass(frozen=True)
class Effects:
    """Morris's measures of one metric; arrays are (parameters,). `constant`: the metric never varied, and all are zero."""

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
    if not len(values) or np.ptp(values) == 0:
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
    if kept < 2 or np.ptp(values) == 0:
        zero = np.zeros(parameters)
        return Shares(kept, zero, zero, zero, zero, True)
    with _quiet():
        found = sobol.analyze(_problem(parameters), values, calc_second_order=False, num_resamples=RESAMPLES, seed=seed + 1)
    first, first_half, total, total_half = (np.asarray(found[name]) for name in ("S1", "S1_conf", "ST", "ST_conf"))
    return Shares(kept, first, _unknown_is_wide(first_half), total, _unknown_is_wide(total_half), False)


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
    """Whether a sample was enough: the largest move of a total index at the last doubling, the widest interval, the verdict."""

    move: float | None  # None: the sample was too small to be halved
    widest: float
    converged: bool


def convergence(found: Sequence[Shares]) -> Convergence:
    """Judge growing samples: converged if no total index moved much and every interval is narrow."""
    last = found[-1]
    if last.constant:
        return Convergence(None, 0.0, False)
    widest = float(last.total_half.max())
    before = [one for one in found[:-1] if not one.constant]
    if not before:
        return Convergence(None, widest, False)
    move = float(np.abs(last.total - before[-1].total).max())
    return Convergence(move, widest, move <= SETTLED and widest <= NARROW)


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
