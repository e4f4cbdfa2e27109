"""Response curves under common random numbers: where a mean over worlds crosses a level, and whether that is one place.

A curve is a matrix (worlds, probes): entry w, i says whether world w (the shocks of one replicate) is marked at the i-th value
of a parameter, and the level is one half of the worlds; or it is an amount, such as months of life lost. All probes hold the
same worlds, so that probes are compared world by world, and worlds are resampled with all their probes. Values increase along
the second axis. Nothing here knows the economy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from perpetuum.model.observed.outcome import wilson
from perpetuum.model.worlds import Array

Floats = np.ndarray[Any, np.dtype[np.float64]]

#: The share at which a curve tips.
HALF = 0.5
#: Chance of calling a monotone response not monotone, over all pairs of probes together.
SIGNIFICANCE = 0.05
RESAMPLES = 2000
FLIPS = 4000
#: Flips that are looked at together: what they show of all pairs stays in the processor's cache.
BLOCK = 250

NO_CROSSING, NOT_MONOTONE, NO_RESPONSE = "no_crossing", "not_monotone", "no_response"


@dataclass(frozen=True)
class Crossing:
    """A place where a curve crosses its level, going `up` or `down`, interpolated between two neighbouring probes."""

    value: float
    direction: str
    low: float
    high: float


@dataclass(frozen=True)
class Change:
    """A change of the mean between two probes (values from < to), and its p-value guarded for all pairs of probes."""

    start: float
    end: float
    share_before: float
    share_after: float
    p: float


@dataclass(frozen=True)
class Response:
    """How a curve responds: `rises`, `falls`, `not_monotone` or `flat`, with its clearest rise and fall."""

    direction: str
    rise: Change | None
    fall: Change | None


@dataclass(frozen=True)
class Threshold:
    """The one value at which a curve tips, with its 95 % interval, or None and the reason.

    `low` or `high` is None where the interval is open, because resampled curves tip beyond the range; `beyond` is the
    share of those. `crossings`: all of them, in order. `reason`: one of NO_CROSSING, NOT_MONOTONE, NO_RESPONSE.
    """

    value: float | None
    low: float | None
    high: float | None
    beyond: float
    reason: str | None
    crossings: tuple[Crossing, ...]
    response: Response


def find_crossings(values: Floats, shares: Floats, level: float = HALF) -> tuple[Crossing, ...]:
    """Every place where a curve passes between below `level` and at or above it, by linear interpolation."""
    above = shares >= level
    found = []
    for i in np.flatnonzero(above[1:] != above[:-1]):
        place = _between(values[i], values[i + 1], shares[i], shares[i + 1], level)
        found.append(Crossing(float(place), "up" if above[i + 1] else "down", float(values[i]), float(values[i + 1])))
    return tuple(found)


def find_threshold(
    values: Floats, marks: Array, resamples: int = RESAMPLES, seed: int = 1, level: float = HALF
) -> Threshold:
    """The value at which the mean of a curve (worlds, probes) passes a level, or why there is none.

    Where a monotone curve wiggles across the level within noise, its isotonic fit says where it tips. The interval is the
    middle 95 % of the same estimate over resampled worlds (percentile bootstrap).
    """
    shares = marks.mean(axis=0)
    crossings, response = find_crossings(values, shares, level), judge_response(values, marks)
    reason = None
    if not crossings:
        reason = NO_CROSSING
    elif response.direction == "not_monotone":
        reason = NOT_MONOTONE
    elif response.direction == "flat":
        reason = NO_RESPONSE
    if reason is not None:
        return Threshold(None, None, None, 0.0, reason, crossings, response)
    rises = response.direction == "rises"
    value = float(tipping_values(values, shares[None, :], rises, level)[0])
    if not np.isfinite(value):
        # An even number of crossings within the noise: the fit stays on one side of the level.
        return Threshold(None, None, None, 0.0, NO_CROSSING, crossings, response)
    drawn = tipping_values(values, resampled_shares(marks, resamples, seed), rises, level)
    low, high = np.quantile(drawn, (0.025, 0.975), method="inverted_cdf")
    beyond = float(np.mean(~np.isfinite(drawn)))
    return Threshold(value, _finite(low), _finite(high), beyond, None, crossings, response)


def judge_response(values: Floats, marks: Array, flips: int = FLIPS, seed: int = 1) -> Response:
    """Test every pair of probes for a rise and for a fall of the mean, world against the same world.

    The statistic of a pair is z = sum d / sqrt(sum d^2), d the worlds' differences between the two: of marks it is McNemar's,
    (gained - lost) / sqrt(gained + lost). Its p-value is guarded for all pairs together: the share of random sign flips, one a
    world and the same for all its probes, in which any pair shows as large a z (Westfall and Young). A response with both a
    significant rise and a significant fall is not monotone. Sources: Q. McNemar (1947), Psychometrika 12, 153-157; P. H.
    Westfall and S. S. Young (1993), Resampling-Based Multiple Testing.
    """
    marked = marks.astype(np.float64)
    first, second = np.triu_indices(len(values), k=1)
    if not len(first):
        return Response("flat", None, None)
    turns = (marked.sum(axis=0)[second] - marked.sum(axis=0)[first]).astype(np.float64)
    together = marked.T @ marked
    squares = np.diag(together)
    apart = squares[first] + squares[second] - 2.0 * together[first, second]
    scale = 1.0 / np.sqrt(np.maximum(apart, 1.0))
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(flips, len(marks)))
    flipped = signs @ marked
    # Flipping all signs turns rises into falls: one distribution serves both.
    largest = np.concatenate(
        [((rows[:, second] - rows[:, first]) * scale).max(axis=1) for rows in np.array_split(flipped, -(-flips // BLOCK))]
    )
    shares = marked.mean(axis=0)

    def clearest(turned: Floats) -> Change | None:
        z = turned * scale
        # Among equals the widest change, so that a plateau's ends are named and not some neighbours.
        best = np.lexsort((-np.abs(shares[second] - shares[first]), -z))[0]
        p = (np.count_nonzero(largest >= z[best] - 1e-9) + 1) / (flips + 1)
        if p >= SIGNIFICANCE:
            return None
        i, j = first[best], second[best]
        return Change(float(values[i]), float(values[j]), float(shares[i]), float(shares[j]), float(p))

    rise, fall = clearest(turns), clearest(-turns)
    direction = {(True, True): "not_monotone", (True, False): "rises", (False, True): "falls", (False, False): "flat"}
    return Response(direction[rise is not None, fall is not None], rise, fall)


def can_tell(worlds: int) -> bool:
    """Whether so few worlds could ever show a change: all turning the same way would be significant."""
    return bool(0.5**worlds < SIGNIFICANCE)


def tipping_values(values: Floats, curves: Floats, rises: bool, level: float = HALF) -> Floats:
    """Where each curve (curves, probes) tips: its crossing, or that of its isotonic fit where it has several.

    Infinite where a curve stays on one side: +inf where it would tip above the range, -inf below.
    """
    if not rises:
        return -tipping_values(-values[::-1], curves[:, ::-1], True, level)
    above = curves >= level
    turns = above[:, 1:] != above[:, :-1]
    result = np.where(above[:, 0], -np.inf, np.inf)
    once = (turns.sum(axis=1) == 1) & above[:, -1]
    at = turns[once].argmax(axis=1)
    rows = np.flatnonzero(once)
    result[once] = _between(values[at], values[at + 1], curves[rows, at], curves[rows, at + 1], level)
    for row in np.flatnonzero(turns.any(axis=1) & ~once):
        result[row] = _isotonic_crossing(values, curves[row], level)
    return result


def _isotonic_crossing(values: Floats, shares: Floats, level: float) -> float:
    """Where the best non-decreasing fit crosses a level (-inf or +inf where it stays above or below)."""
    from scipy.optimize import isotonic_regression

    fit = np.asarray(isotonic_regression(shares).x)
    if fit[0] >= level:
        return -np.inf
    if fit[-1] < level:
        return np.inf
    at = int(np.argmax(fit >= level))
    return float(_between(values[at - 1], values[at], fit[at - 1], fit[at], level))


def resampled_shares(marks: Array, resamples: int = RESAMPLES, seed: int = 1) -> Floats:
    """Curves (resamples, probes) of worlds drawn with replacement, each with all its probes."""
    return draw_worlds(len(marks), resamples, seed) @ marks.astype(np.float64) / len(marks)


def draw_worlds(worlds: int, resamples: int = RESAMPLES, seed: int = 1) -> Floats:
    """How often each world is drawn in each bootstrap sample (resamples, worlds)."""
    chances = np.full(worlds, 1.0 / worlds)
    return np.random.default_rng(seed).multinomial(worlds, chances, size=resamples).astype(np.float64)


def gaps_to_refine(values: Floats, marks: Array, fine: float, coarse: float, level: float = HALF) -> list[tuple[int, bool]]:
    """Gaps between neighbouring probes that deserve more: (number of the gap, whether the curve crosses in it).

    A gap in which the mean crosses the level is refined to `fine`; one with an end whose interval holds the level,
    so that the curve may cross there in other worlds, to `coarse`.
    """
    shares = marks.mean(axis=0)
    doubtful = [low <= level <= high for low, high in intervals(marks)]
    width, above = np.diff(values), shares >= level
    slack = 1 + 1e-9  # widths are differences of rounded numbers
    found = []
    for gap in range(len(values) - 1):
        crosses = bool(above[gap] != above[gap + 1])
        if crosses and width[gap] > fine * slack:
            found.append((gap, True))
        elif (doubtful[gap] or doubtful[gap + 1]) and width[gap] > coarse * slack:
            found.append((gap, False))
    return found


def intervals(marks: Array) -> list[tuple[float, float]]:
    """The 95 % interval of each probe's mean: Wilson's of a share, mean -/+ 1.96 standard errors of an amount."""
    worlds = len(marks)
    if marks.dtype == bool:
        return [wilson(int(count), worlds) for count in marks.sum(axis=0)]
    half = 1.96 * marks.std(axis=0, ddof=1) / np.sqrt(worlds) if worlds > 1 else np.full(marks.shape[1], np.inf)
    return list(zip((marks.mean(axis=0) - half).tolist(), (marks.mean(axis=0) + half).tolist(), strict=True))


@dataclass(frozen=True)
class Switching:
    """How single worlds respond: counts of worlds never marked, always, turning once, and back and forth.

    `turns` holds the value at which each world that turns once does so, the middle of the gap.
    """

    never: int
    always: int
    once: int
    back_and_forth: int
    turns: tuple[float, ...]


def count_switches(values: Floats, marks: Array) -> Switching:
    """Look at each world's own row of marks."""
    changes = marks[:, 1:] != marks[:, :-1]
    number = changes.sum(axis=1)
    once = number == 1
    at = changes[once].argmax(axis=1) if once.any() else np.zeros(0, dtype=np.int64)
    turns = tuple(float(value) for value in (values[at] + values[at + 1]) / 2) if once.any() else ()
    constant = number == 0
    return Switching(
        never=int((constant & ~marks[:, 0]).sum()),
        always=int((constant & marks[:, 0]).sum()),
        once=int(once.sum()),
        back_and_forth=int((number > 1).sum()),
        turns=turns,
    )


def first_passage(values: Floats, path: Floats, level: float) -> float:
    """Value at which a path, followed from its first point, first passes `level` (NaN if it never does)."""
    crossed = find_crossings(values, path, level)
    return crossed[0].value if crossed else float("nan")


def _between(left: Any, right: Any, before: Any, after: Any, level: float) -> Any:
    return left + (level - before) / (after - before) * (right - left)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
