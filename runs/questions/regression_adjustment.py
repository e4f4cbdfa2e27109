"""Moving parameters to where the record lies by a regression on the figures, with as many figures as worlds allow.

Approximate Bayesian computation moves each world's parameter along a linear regression to where the record is and keeps its
residual (Beaumont, Zhang and Balding 2002). Least squares takes a part of the residuals' variance for each predictor, and with a
few dozen worlds and as many figures most of it: draws are then narrower than what is known. Two things are done here. The
regression is a ridge regression (Blum, Nunes, Prangle and Sisson 2013), whose penalty each parameter has by generalised cross
validation (Golub, Heath and Wahba 1979): a parameter of which the figures say nothing keeps no slope, and where there are more
figures than worlds there is still an answer. And residuals are inflated by sqrt(n / (n - d - 1)), n effective points, d the
degrees of freedom of the regression (k without a penalty, 0 without slopes), and by sqrt(1 + h), h what mean and slopes, known
from n points only, may be off by at the record; never beyond what is left without any slope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perpetuum.model.worlds import Array, Floats

#: Penalties that are tried, as multiples of the largest squared singular value, up to one that leaves no slope.
PENALTIES: tuple[float, ...] = (*(float(10.0**power) for power in np.arange(-4.0, 3.01, 0.25)), np.inf)


@dataclass(frozen=True, eq=False)
class Adjusted:
    """Parameters moved to the record (worlds, parameters), and how."""

    values: Floats
    freedom: Floats  # degrees of freedom of each regression (parameters,)
    inflated: Floats  # what its residuals were multiplied by (parameters,)
    effective: float  # points that the weights amount to


def effective_points(weight: Floats, point: Array) -> float:
    """(sum w)^2 / sum w^2 over points, w the weights of a point's worlds: worlds at one point tell of one place.

    >>> effective_points(np.ones(4), np.array([0, 1, 2, 3])), effective_points(np.ones(4), np.array([0, 0, 1, 1]))
    (4.0, 2.0)
    """
    each = np.bincount(np.unique(point, return_inverse=True)[1], weights=weight)
    return float(each.sum() ** 2 / (each**2).sum())


def adjusted(values: Floats, away: Floats, weight: Floats, point: Array, penalties: Sequence[float] = PENALTIES) -> Adjusted:
    """Parameters (worlds, parameters) moved to where the record lies, from how far `away` (worlds, figures) each world is.

    A penalty that leaves no degree of freedom is not tried: with fewer effective points than figures the regression is never
    without one, and with next to no points there are no slopes at all.

    Two worlds that lie as far on either side of the record as their parameters from 3 both move to 3:

    >>> points = np.arange(3)
    >>> adjusted(np.array([[2.0], [3.0], [4.0]]), np.array([[-1.0], [0.0], [1.0]]), np.ones(3), points).values.round(3).tolist()
    [[3.0], [3.0], [3.0]]
    """
    effective = effective_points(weight, point)
    share = weight / weight.sum()
    middle, centre = share @ values, share @ away
    root = np.sqrt(share)[:, None]
    left, size, right = np.linalg.svd((away - centre) * root, full_matrices=False)
    size = np.where(size > size.max(initial=0.0) * 1e-10, size, 0.0)
    along, record = left.T @ ((values - middle) * root), right @ centre  # (directions, parameters), (directions,)
    whole = ((values - middle) ** 2 * share[:, None]).sum(axis=0)
    score = np.full(values.shape[1], np.inf)
    freedom, spread, kept = np.zeros_like(score), np.zeros_like(score), np.zeros_like(along)
    for penalty in penalties:
        part = _part_kept(size, penalty)
        spent = float(part.sum())
        if spent and effective - spent - 1.0 <= 0.0:
            continue
        residual = np.maximum(whole - ((2.0 * part - part**2)[:, None] * along**2).sum(axis=0), 0.0)
        left_over = max((effective - spent - 1.0) / effective, 1e-9)
        better = residual / left_over**2 < score
        score = np.where(better, residual / left_over**2, score)
        off = (1.0 + _leverage(part, size, record, centre, penalty)) / effective
        wide = np.minimum(residual / left_over * (1.0 + off), without_slopes(whole, effective))
        spread = np.where(better, np.sqrt(wide / np.where(residual > 0.0, residual, 1.0)), spread)
        freedom, kept = np.where(better, spent, freedom), np.where(better, part[:, None], kept)
    slopes = right.T @ (kept * along / np.where(size > 0.0, size, 1.0)[:, None])
    residuals = values - middle - (away - centre) @ slopes
    return Adjusted(middle - centre @ slopes + residuals * spread, freedom, spread, effective)


def without_slopes(variance: Floats, effective: float) -> Floats:
    """What a place may vary by where no figure tells of it: variance x n / (n - 1) of n points, whose mean is off by 1 / n of it.

    >>> without_slopes(np.array([3.0]), 4.0).tolist()
    [5.0]
    """
    return variance * (effective + 1.0) / max(effective - 1.0, 1e-9)


def _leverage(part: Floats, size: Floats, record: Floats, centre: Floats, penalty: float) -> float:
    """n times what slopes may be off by at the record, over residuals' variance: z' (S + penalty)^-1 z, z from mean to record.

    Along directions in which no two worlds differ a penalty alone holds slopes to nothing.
    """
    if np.isinf(penalty):
        return 0.0
    seen = float((part * record**2 / np.where(size > 0.0, size, 1.0) ** 2).sum())
    unseen = float(centre @ centre - record[size > 0.0] @ record[size > 0.0])
    held = penalty * float(size.max(initial=0.0)) ** 2
    return seen + (max(unseen, 0.0) / held if held > 0.0 else 0.0)


def _part_kept(size: Floats, penalty: float) -> Floats:
    """What a ridge keeps of the slope along each direction: s^2 / (s^2 + penalty x largest s^2), nothing where s is 0."""
    if np.isinf(penalty):
        return np.zeros(len(size))
    square = np.square(size)
    return square / np.where(square > 0.0, square + penalty * square.max(initial=0.0), 1.0)
