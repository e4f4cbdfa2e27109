"""Over the cells of a study: shares with intervals, quantiles, commonest endings, and where a share passes one half.

A table of worlds has a row a world (see `runs.study.batches`). An axis is a varied parameter with its levels; a cell is one
level of each axis. Replicate r lives through the same shocks in every cell, so that worlds are resampled by replicate, each
with all its cells. Nothing here knows the economy or draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.outcome import wilson
from perpetuum.model.observed.states import ALARMING
from perpetuum.model.worlds import Array, share
from perpetuum.runs.questions.response_curves import HALF, draw_worlds

if TYPE_CHECKING:
    import pandas as pd


#: Quantiles of a metric: nine worlds in ten, the middle half, the median.
QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)
RESAMPLES = 400
#: The 50 % line lies in the band in so many of the resamples.
LEVEL = 0.95
#: Points at which a resampled surface is looked at: so many from one level to the next, and about so many in all.
_FINE, _FINEST = 12, 240
#: How often cells are dealt anew to their replicates.
_DEALS = 200


@dataclass(frozen=True)
class Axis:
    """A varied parameter and its levels in order: numbers that increase, or words (then `numeric` is false)."""

    name: str
    levels: tuple[Any, ...]
    numeric: bool = True

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def values(self) -> Array:
        """Levels as numbers, or as their places where they are words."""
        return np.asarray(self.levels if self.numeric else range(len(self)), dtype=np.float64)

    def codes(self, worlds: pd.DataFrame) -> Array:
        """Place of each world's level."""
        if self.numeric:
            return np.searchsorted(self.values, worlds[self.name].to_numpy(dtype=np.float64))
        place = {level: number for number, level in enumerate(self.levels)}
        return worlds[self.name].map(place).to_numpy(dtype=np.int64)


def axis_of(worlds: pd.DataFrame, name: str) -> Axis:
    """Return the axis of a varied parameter; words and truth values stand in the order in which they were varied."""
    column = worlds[name]
    if column.dtype.kind in "if":
        return Axis(name, tuple(sorted(float(value) for value in column.unique())))
    return Axis(name, tuple(column.unique().tolist()), numeric=False)


# --- shares -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """Worlds counted by cell and replicate, (*levels, replicates): those that are marked, and all that are there."""

    marked: Array
    there: Array

    @property
    def share(self) -> Array:
        """Share of each cell's worlds that is marked (*levels); NaN where a cell has no world."""
        return share(self.marked.sum(axis=-1), self.there.sum(axis=-1), np.nan)

    @property
    def worlds(self) -> Array:
        """Number of worlds in each cell (*levels)."""
        return self.there.sum(axis=-1).astype(np.int64)

    @property
    def intervals(self) -> Array:
        """Wilson's 95 % interval of each cell's share, (*levels, 2)."""
        marked, there = self.marked.sum(axis=-1), self.there.sum(axis=-1)
        spans = [wilson(round(m), round(n)) for m, n in zip(marked.ravel(), there.ravel(), strict=True)]
        return np.array(spans).reshape(*marked.shape, 2)

    @property
    def paired(self) -> bool:
        """Whether every replicate has exactly one world in every cell."""
        return bool((self.there == 1).all())

    @cached_property
    def within_chance(self) -> bool:
        """Whether shares differ, but no further than chance: no two by more than their intervals, or as far where none matters.

        The cells of a replicate are dealt anew to it, again and again: were they all alike, one of twenty such deals would bring
        shares as far apart as these (R. A. Fisher 1935, The Design of Experiments, section 21).
        """
        spans, apart = self.intervals, _range(self.marked, self.there)
        if not apart > 0:
            return False
        if np.nanmax(spans[..., 0]) <= np.nanmin(spans[..., 1]):
            return True
        marked, there = (array.reshape(-1, array.shape[-1]) for array in (self.marked, self.there))
        rng, as_far = np.random.default_rng(1), 0
        for _ in range(_DEALS):
            order = rng.random(marked.shape).argsort(axis=0)
            dealt = (np.take_along_axis(array, order, axis=0) for array in (marked, there))
            as_far += _range(*dealt) >= apart - 1e-12
        return as_far > (1 - LEVEL) * _DEALS

    def panel(self, *place: int) -> Tally:
        """Return the cells at given levels of the first axes."""
        return Tally(self.marked[place], self.there[place])


def _range(marked: Array, there: Array) -> float:
    """The largest share of a cell less the smallest; replicates on the last axis."""
    shares = share(marked.sum(axis=-1), there.sum(axis=-1), np.nan)
    return float(np.nanmax(shares) - np.nanmin(shares))


def tally(worlds: pd.DataFrame, axes: Sequence[Axis], marks: Array) -> Tally:
    """Count worlds, and those that `marks` (worlds,) marks, by cell and replicate."""
    replicates, of_world = np.unique(worlds["replicate"].to_numpy(), return_inverse=True)
    shape = (*(len(axis) for axis in axes), len(replicates))
    place = np.ravel_multi_index((*(axis.codes(worlds) for axis in axes), of_world), shape)
    size = int(np.prod(shape))
    marked = np.bincount(place, weights=np.asarray(marks, dtype=np.float64), minlength=size).reshape(shape)
    return Tally(marked, np.bincount(place, minlength=size).reshape(shape).astype(np.float64))


def _cells(worlds: pd.DataFrame, axes: Sequence[Axis]) -> tuple[tuple[int, ...], Array]:
    """How many levels the axes have, and the number of each world's cell."""
    shape = tuple(len(axis) for axis in axes)
    return shape, np.ravel_multi_index([axis.codes(worlds) for axis in axes], shape)


def quantiles(worlds: pd.DataFrame, axes: Sequence[Axis], name: str) -> Array:
    """Return the quantiles of a metric over each cell's worlds, (*levels, 5); NaN where it has none."""
    shape, place = _cells(worlds, axes)
    values = worlds[name].to_numpy(dtype=np.float64)
    result = np.full((int(np.prod(shape)), len(QUANTILES)), np.nan)
    for cell, inside in _groups(place):
        own = values[inside]
        own = own[np.isfinite(own)]
        if len(own):
            result[cell] = np.quantile(own, QUANTILES)
    return result.reshape(*shape, len(QUANTILES))


@dataclass(frozen=True)
class Endings:
    """The commonest state of each cell (*levels), "" without worlds, and its share."""

    state: Array
    share: Array


def commonest(worlds: pd.DataFrame, axes: Sequence[Axis]) -> Endings:
    """Find the commonest state of each cell's worlds; of those that are equally common the most alarming."""
    shape, place = _cells(worlds, axes)
    cells = int(np.prod(shape))
    state = worlds["state"].to_numpy(dtype=str)
    words, shares = np.full(cells, "", "U32"), np.full(cells, np.nan)
    for cell, inside in _groups(place):
        counts = [np.count_nonzero(state[inside] == name) for name in ALARMING]
        first = int(np.argmax(counts))
        words[cell], shares[cell] = ALARMING[first], counts[first] / len(inside)
    return Endings(words.reshape(shape), shares.reshape(shape))


def _groups(place: Array) -> Iterator[tuple[int, Array]]:
    """Cells that have worlds, each with the rows of its worlds."""
    order = np.argsort(place, kind="stable")
    cells, starts = np.unique(place[order], return_index=True)
    yield from zip(cells.tolist(), np.split(order, starts[1:]), strict=True)


# --- the line on which half of the worlds are marked ----------------------------------------------------------------


def half_lines(x: Array, y: Array, marked: Array) -> list[Array]:
    """Lines on which a share `marked` (y, x), linear between levels, is one half: points (n, 2)."""
    if min(marked.shape) < 2:
        return []
    (fine_x, across), (fine_y, along) = _net(x), _net(y)
    return lines_at(fine_x, fine_y, _between_levels(marked, across, along), HALF)


def lines_at(x: Array, y: Array, values: Array, level: float) -> list[Array]:
    """Lines on which values on a net (y, x) have a level: points (n, 2)."""
    from contourpy import contour_generator

    lines = contour_generator(x, y, np.ma.masked_invalid(values)).lines(level)
    return [np.asarray(line) for line in lines if len(line) > 1]


@dataclass(frozen=True)
class Doubt:
    """On a fine net: in what share of the resamples half of the worlds or more are marked, (y, x)."""

    x: Array
    y: Array
    above: Array

    @property
    def edges(self) -> tuple[list[Array], list[Array]]:
        """Lines between which the 50 % line lies in 95 % of the resamples, point by point."""
        tail = (1 - LEVEL) / 2
        return lines_at(self.x, self.y, self.above, tail), lines_at(self.x, self.y, self.above, 1 - tail)


def resample(x: Array, y: Array, tally: Tally, resamples: int = RESAMPLES) -> Doubt | None:
    """How sure the 50 % line is: replicates are drawn with replacement, each with all its cells (y, x).

    A share is linear between levels. None where there is but one replicate, which says nothing of the others.
    """
    replicates = tally.there.shape[-1]
    if replicates < 2 or min(tally.there.shape[:2]) < 2:
        return None
    (fine_x, across), (fine_y, along) = _net(x), _net(y)
    above = np.zeros((len(fine_y), len(fine_x)))
    unknown = np.zeros_like(above, dtype=bool)
    for times in draw_worlds(replicates, resamples):
        drawn = _between_levels(share(tally.marked @ times, tally.there @ times, np.nan), across, along)
        above += drawn >= HALF
        unknown |= np.isnan(drawn)
    return Doubt(fine_x, fine_y, np.where(unknown, np.nan, above / resamples))


def _between_levels(marked: Array, across: Array, along: Array) -> Array:
    """A surface on the net; NaN next to a cell without worlds."""
    known = np.isfinite(marked)
    values = along @ np.where(known, marked, 0.0) @ across.T
    return values if known.all() else np.where(along @ ~known @ across.T > 0, np.nan, values)


def _net(levels: Array) -> tuple[Array, Array]:
    """Points between levels, and the matrix that interpolates from the levels to them."""
    fine = min(_FINE, max(1, _FINEST // (len(levels) - 1)))
    steps = np.arange((len(levels) - 1) * fine + 1) / fine
    left = np.minimum(steps.astype(np.int64), len(levels) - 2)
    part = steps - left
    matrix = np.zeros((len(steps), len(levels)))
    rows = np.arange(len(steps))
    matrix[rows, left] = 1 - part
    matrix[rows, left + 1] += part
    return levels[left] * (1 - part) + levels[left + 1] * part, matrix


# --- sampled designs ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Groups:
    """A parameter's worlds in groups: an axis of their levels or `middles` (medians), and each world's group."""

    axis: Axis
    of_world: Array
    middles: bool = False


def grouped(worlds: pd.DataFrame, name: str, most: int = 10, smallest: int = 30) -> Groups:
    """Put worlds into groups by a parameter: its levels where there are few, else groups of equal numbers of worlds."""
    axis = axis_of(worlds, name)
    if not axis.numeric or len(axis) <= most:
        return Groups(axis, axis.codes(worlds))
    values = worlds[name].to_numpy(dtype=np.float64)
    number = int(np.clip(len(values) // smallest, 2, most))
    inner = np.quantile(values, np.linspace(0, 1, number + 1)[1:-1])
    of_world = np.searchsorted(np.unique(inner), values, side="right")
    present, of_world = np.unique(of_world, return_inverse=True)
    middles = tuple(float(np.median(values[of_world == group])) for group in range(len(present)))
    return Groups(Axis(name, middles), of_world, True)


def explained(groups: Groups, values: Array) -> float:
    """Share of a quantity's variance that goes with a parameter's groups, less what chance alone would give.

    The adjusted correlation ratio 1 - (1 - eta^2) (n - 1) / (n - k), with n worlds in k groups; at least 0.
    Source: T. L. Kelley (1935), Proceedings of the National Academy of Sciences 21, 554-559.
    """
    there = np.isfinite(values)
    values, of_world = values[there], groups.of_world[there]
    total = float(((values - values.mean()) ** 2).sum()) if len(values) else 0.0
    counts = np.bincount(of_world)
    k = int((counts > 0).sum())
    if total <= 0 or len(values) <= k:
        return 0.0
    means = np.bincount(of_world, weights=values) / np.maximum(counts, 1)
    inside = float(((values - means[of_world]) ** 2).sum())
    return max(0.0, 1 - inside / (len(values) - k) / (total / (len(values) - 1)))


def by_chance(groups: Groups, values: Array) -> float:
    """Probability that groups which mean nothing explain as much of a quantity's variance: of eta^2 among n worlds in k groups.

    Without any influence eta^2 has a beta distribution with (k - 1) / 2 and (n - k) / 2; 1 where nothing can be said.
    Source: R. A. Fisher (1925), Statistical Methods for Research Workers, section 45.
    """
    from scipy.special import betaincc  # type: ignore[attr-defined]

    there = np.isfinite(values)
    n, k = int(there.sum()), len(np.unique(groups.of_world[there]))
    if k < 2 or n <= k:
        return 1.0
    eta = 1 - (1 - explained(groups, values)) * (n - k) / (n - 1)
    return float(betaincc((k - 1) / 2, (n - k) / 2, eta)) if explained(groups, values) > 0 else 1.0


def leads(first: Groups, second: Groups, values: Array, resamples: int = RESAMPLES, seed: int = 1) -> bool:
    """Whether one parameter's groups explain more than another's in 95 % of resamples of the worlds."""
    known = np.isfinite(values)
    one, other, values = (array[known] for array in (first.of_world, second.of_world, values))
    rng, ahead = np.random.default_rng(seed), 0
    for _ in range(resamples):
        drawn = rng.integers(0, len(values), len(values))
        parts = [explained(Groups(first.axis, of_world[drawn]), values[drawn]) for of_world in (one, other)]
        ahead += parts[0] > parts[1]
    return ahead >= LEVEL * resamples


def ends_apart(worlds: pd.DataFrame, axes: Sequence[Axis], name: str) -> bool:
    """Whether the highest and the lowest median of all cells differ by more than chance.

    Replicates are drawn with replacement, each with both cells: |difference| > z x its standard error, where z is that of 95 %
    among all pairs of cells, since these two were chosen as the furthest apart. False where there is but one replicate.
    """
    from scipy.special import ndtri  # type: ignore[attr-defined]

    median = quantiles(worlds, axes, name)[..., QUANTILES.index(0.50)].ravel()
    replicates, of_replicate = np.unique(worlds["replicate"].to_numpy(), return_inverse=True)
    cells = int(np.isfinite(median).sum())
    if cells < 2 or len(replicates) < 2:
        return False
    _, place = _cells(worlds, axes)
    values = worlds[name].to_numpy(dtype=np.float64)
    ends = [np.flatnonzero((place == int(end(median))) & np.isfinite(values)) for end in (np.nanargmin, np.nanargmax)]
    apart = []
    for times in draw_worlds(len(replicates), RESAMPLES).astype(np.int64):
        drawn = [np.repeat(values[rows], times[of_replicate[rows]]) for rows in ends]
        if all(len(one) for one in drawn):
            apart.append(float(np.median(drawn[1]) - np.median(drawn[0])))
    z = float(ndtri(1 - (1 - LEVEL) / (cells * (cells - 1))))
    return bool(len(apart) > 1 and np.nanmax(median) - np.nanmin(median) > z * np.std(apart))


def state_marks(worlds: pd.DataFrame, name: str) -> Array:
    """Which worlds stand in a state at the last month judged."""
    return (worlds["state"] == name).to_numpy()
