"""Does it hold up or fall apart? The verdict on every world, from its series alone.

The rules are meant to be hard to game. R is the vendors' AI revenue as a trailing six-month mean; its
drawdown is measured in the months after the tightening begins, from the highest R until then.

    falls_apart   a core firm defaults, or sheds a third of its commitments, or R halves and stays under
                  75 % of its old peak for 24 months
    holds_up      lives off customers at the end, is past its peak of outside money, delivers what was
                  contracted, and no core firm defaulted, was rescued, fell into arrears or stopped training
    undecided     everything else, worlds that end too early among them

Everything here takes arrays (worlds, months) and returns arrays (worlds,); nothing here knows the economy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from perpetuum.model.worlds import Array, Floats, Mask

HEADLINES = ("holds_up", "falls_apart", "undecided")
CLASSES = (
    "collapse",
    "hard_landing",
    "contained_failure",
    "self_sustaining",
    "soft_landing",
    "rescued",
    "stalled",
    "still_spinning",
)
PAIRS = ("fell_because_of_tightening", "fell_anyway", "saved", "stood")

_DEFAULT, _RESCUE, _ARREARS, _SHED = "default:", "rescue:", "arrears:", "commitments_shed:"


#: Series that a verdict needs beside the events that every economy collects.
JUDGED_BY = ("vendor_revenue", "operating_ratio", "gw_in_service")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The numbers in the definition of the verdict; each is a share, a ratio or a number of months."""

    drawdown: float = 0.50  # share of its peak that R must lose to count as a fall
    recovery: float = 0.75  # share of the old peak that counts as recovered ...
    recovery_months: float = 24  # ... when reached within so many months
    shed: float = 1 / 3  # share of a core firm's commitments rejected, lapsed or renegotiated
    operating_ratio: float = 1.0  # outside AI receipts over running costs, mean of the last months
    delivered: float = 0.80  # share of contracted GW that was delivered
    training: float = 0.50  # training at the end, over its level when the tightening began
    mild_drawdown: float = 0.25  # holds up with less than this: self-sustaining
    stall_growth: float = 0.05  # growth of R a year, over the last months
    stall_ratio: float = 0.80  # operating ratio under which slow growth is a stall
    last_months: float = 24  # "the last months"
    smoothing_months: float = 6  # R is a mean over so many months


@dataclass(frozen=True)
class Outcome:
    """The verdict on each world: every field is an array (worlds,), metrics by name likewise."""

    headline: Array
    outcome: Array
    first_domino: Array
    first_default_month: Array
    metrics: dict[str, Floats] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Floats:
        try:
            return self.__dict__["metrics"][name]
        except KeyError:
            raise AttributeError(name) from None

    def take(self, worlds: Array) -> Outcome:
        """Return the verdicts on chosen worlds."""
        return Outcome(
            self.headline[worlds],
            self.outcome[worlds],
            self.first_domino[worlds],
            self.first_default_month[worlds],
            {name: values[worlds] for name, values in self.metrics.items()},
        )


def judge(series: Mapping[str, Array], facts: Mapping[str, Any], thresholds: Thresholds | None = None) -> Outcome:
    """Judge every world.

    `series`: name to (worlds, months): `vendor_revenue`, `operating_ratio`, `gw_in_service`,
    `outside_financing`, `contracted_gw`, `delivered_gw`, `training_gw`, `theta`, and `default:`, `rescue:`,
    `arrears:`, `commitments_shed:` followed by an agent's id (core firms' that are missing count as zero).
    `facts`: `core`, ids of the core firms (lead lab, leveraged cloud, lead vendor); `tightening_start`
    (worlds,), the month in which the tightening begins (0 is the first); optionally `release_end` (worlds,),
    the first month in which funding is back to normal (default: the month after the last one with theta > 0,
    or the start where theta never rises).
    """
    limit = thresholds or Thresholds()
    revenue = np.asarray(series["vendor_revenue"], dtype=np.float64)
    worlds, months = revenue.shape
    start = np.broadcast_to(np.asarray(facts["tightening_start"], dtype=np.int64), (worlds,))
    core = tuple(facts["core"])
    last = min(_whole(limit.last_months), months)
    smooth = trailing_mean(revenue, _whole(limit.smoothing_months))

    drawdown, trough, unrecovered = _drawdowns(smooth, start, limit)
    default_month = _first_months(series, _DEFAULT, worlds, months)
    core_default = _first_of([default_month[a] for a in core if a in default_month], worlds, months)
    shed = _largest(series, _SHED, core, worlds)
    rescued = _largest(series, _RESCUE, core, worlds) > 0
    arrears = _largest(series, _ARREARS, core, worlds) > 0

    operating_ratio = _mean_of_last(series["operating_ratio"], last)
    gw = np.asarray(series["gw_in_service"], dtype=np.float64)
    gw_kept = _ratio(gw[:, -last:].min(axis=1), _level_before(gw, start))
    financing = np.cumsum(np.asarray(series["outside_financing"], dtype=np.float64), axis=1)
    financing_peak = np.maximum(financing.max(axis=1), 0.0)
    contracted = np.asarray(series["contracted_gw"], dtype=np.float64).sum(axis=1)
    delivered = _ratio(np.asarray(series["delivered_gw"], dtype=np.float64).sum(axis=1), contracted)
    training = np.asarray(series["training_gw"], dtype=np.float64)
    training_kept = _ratio(_mean_of_last(training, last), _level_before(training, start))
    growth = _growth(smooth, last)
    released = _release_end(series, facts, start, worlds, months)

    fell_by_default = core_default < months
    falls = fell_by_default | (shed >= limit.shed) | unrecovered
    holds = (
        ~falls
        & (operating_ratio >= limit.operating_ratio)
        & (gw_kept >= 1.0)
        & (financing[:, -1] < financing_peak)
        & (delivered >= limit.delivered)
        & ~(rescued | arrears)
        & (training_kept >= limit.training)
        & (months - released >= _whole(limit.last_months))
    )
    headline = np.select([falls, holds], ["falls_apart", "holds_up"], "undecided")
    outcome = np.select(
        [
            falls & fell_by_default & (drawdown >= limit.drawdown),
            falls & unrecovered,
            falls,
            holds & (drawdown < limit.mild_drawdown),
            holds,
            rescued,
            (growth < limit.stall_growth) & (operating_ratio < limit.stall_ratio),
        ],
        list(CLASSES[:-1]),
        CLASSES[-1],
    )
    domino, domino_month = _first_domino(default_month, core, worlds, months)
    return Outcome(
        headline=headline,
        outcome=outcome,
        first_domino=domino,
        first_default_month=domino_month,
        metrics={
            "drawdown": drawdown,
            "drawdown_month": trough.astype(np.float64),
            "operating_ratio_last24": operating_ratio,
            "gw_kept": gw_kept,
            "training_kept": training_kept,
            "delivered_share": delivered,
            "growth_last24": growth,
            "core_shed": shed,
            "core_default_month": np.where(fell_by_default, core_default, -1).astype(np.float64),
            "core_rescued": rescued.astype(np.float64),
            "core_arrears": arrears.astype(np.float64),
            "outside_financing_peak": financing_peak,
            "outside_financing_peak_month": financing.argmax(axis=1).astype(np.float64),
            "peak_revenue": smooth.max(axis=1),
            "peak_revenue_month": smooth.argmax(axis=1).astype(np.float64),
            "final_revenue": smooth[:, -1],
            "months_after_release": (months - released).astype(np.float64),
        },
    )


def threshold_sensitivity(
    series: Mapping[str, Array],
    facts: Mapping[str, Any],
    thresholds: Thresholds | None = None,
    by: float = 0.20,
) -> dict[str, dict[str, dict[str, float]]]:
    """Shares of the headlines when each threshold is moved by -20 % and +20 %, one at a time.

    Returns {"as_defined": {headline: share}, threshold: {...}}; a threshold's entry has `lower` and `higher`.
    """
    base = thresholds or Thresholds()
    result: dict[str, Any] = {"as_defined": headline_shares(judge(series, facts, base).headline)}
    for one in fields(base):
        value = getattr(base, one.name)
        result[one.name] = {
            side: headline_shares(judge(series, facts, replace(base, **{one.name: value * factor})).headline)
            for side, factor in (("lower", 1 - by), ("higher", 1 + by))
        }
    return result


def headline_shares(headline: Array) -> dict[str, float]:
    """Share of worlds with each headline."""
    return {name: float(np.mean(headline == name)) for name in HEADLINES}


def wilson(successes: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    Returns (low, high); (0, 1) where n = 0.
    Source: E. B. Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    if n <= 0:
        return 0.0, 1.0
    p = successes / n
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # At the ends the bound is exactly 0 or 1; rounding must not push it past.
    low = 0.0 if successes == 0 else max(0.0, (centre - half) / scale)
    high = 1.0 if successes == n else min(1.0, (centre + half) / scale)
    return low, high


def shares(labels: Array, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Share of worlds with each label, with its Wilson interval: name to {share, low, high}."""
    n = len(labels)
    return {name: _share(int(np.count_nonzero(labels == name)), n) for name in names}


def paired(asked: Array, loose: Array) -> dict[str, dict[str, float]]:
    """What the tightening did: headlines as asked against those with loose money under the same shocks.

    Position by position the same replicate; a world fell where its headline is `falls_apart`. Returns name
    to {share, low, high} for `PAIRS`: fell because of the tightening, fell anyway, saved by it, stood both
    times.
    """
    return shares(pair_labels(asked, loose), PAIRS)


def pair_labels(asked: Array, loose: Array) -> Array:
    """Name of each pair (worlds,), one of `PAIRS`."""
    fell, fell_loose = np.asarray(asked) == "falls_apart", np.asarray(loose) == "falls_apart"
    return np.select([fell & ~fell_loose, fell & fell_loose, ~fell & fell_loose], list(PAIRS[:3]), PAIRS[3])


def trailing_mean(values: Floats, window: int) -> Floats:
    """Mean of the last `window` months, of as many as there are at the beginning; (worlds, months)."""
    result = np.empty_like(values)
    for month in range(values.shape[1]):
        recent = values[:, max(0, month - window + 1) : month + 1]
        result[:, month] = np.ascontiguousarray(recent).mean(axis=1)
    return result


# --- how each condition is measured -------------------------------------------------------------------------


def _drawdowns(smooth: Floats, start: Array, limit: Thresholds) -> tuple[Floats, Array, Mask]:
    """Largest drawdown after the start, its month, and whether a fall by half went unrecovered."""
    worlds, months = smooth.shape
    peak = np.full(worlds, -np.inf)
    deepest = np.zeros(worlds)
    trough = np.full(worlds, -1)
    broken_since = np.full(worlds, -1)
    unrecovered = np.zeros(worlds, dtype=bool)
    patience = _whole(limit.recovery_months)
    for month in range(months):
        value = smooth[:, month]
        peak = np.maximum(peak, value)
        loss = np.where(peak > 0, 1.0 - value / np.where(peak > 0, peak, 1.0), 0.0)
        after = month >= start
        deeper = after & (loss > deepest)
        deepest = np.where(deeper, loss, deepest)
        trough = np.where(deeper, month, trough)
        recovered = value >= limit.recovery * peak
        broken_since = np.where(recovered, -1, broken_since)
        broken_since = np.where(after & (loss >= limit.drawdown) & (broken_since < 0), month, broken_since)
        unrecovered |= (broken_since >= 0) & (month - broken_since >= patience)
    return deepest, trough, unrecovered


def _first_months(series: Mapping[str, Array], prefix: str, worlds: int, months: int) -> dict[str, Array]:
    """First month with a mark, by agent; `months` where there is none."""
    result = {}
    for name, marks in series.items():
        if name.startswith(prefix):
            marked = np.asarray(marks) > 0
            result[name.removeprefix(prefix)] = np.where(marked.any(axis=1), marked.argmax(axis=1), months)
    return result


def _first_of(candidates: list[Array], worlds: int, months: int) -> Array:
    first = np.full(worlds, months)
    for candidate in candidates:
        first = np.minimum(first, candidate)
    return first


def _first_domino(default_month: Mapping[str, Array], core: Sequence[str], worlds: int, months: int) -> tuple[Array, Array]:
    """Who defaulted first and when. In one month, firms outside the core come first, then by name."""
    order = sorted(default_month, key=lambda agent: (agent in core, agent))
    first = np.full(worlds, months)
    number = np.full(worlds, -1)
    for place, agent in enumerate(order):
        earlier = default_month[agent] < first
        first = np.where(earlier, default_month[agent], first)
        number = np.where(earlier, place, number)
    names = np.array([*order, ""])
    return names[number], np.where(number >= 0, first, -1)


def _largest(series: Mapping[str, Array], prefix: str, agents: Sequence[str], worlds: int) -> Floats:
    largest = np.zeros(worlds)
    for agent in agents:
        if prefix + agent in series:
            largest = np.maximum(largest, np.asarray(series[prefix + agent], dtype=np.float64).max(axis=1))
    return largest


def _release_end(series: Mapping[str, Array], facts: Mapping[str, Any], start: Array, worlds: int, months: int) -> Array:
    """First month in which funding is back to normal."""
    if "release_end" in facts:
        return np.broadcast_to(np.asarray(facts["release_end"], dtype=np.int64), (worlds,))
    tight = np.asarray(series["theta"]) > 0
    after_last = months - tight[:, ::-1].argmax(axis=1)
    return np.where(tight.any(axis=1), after_last, start)


def _level_before(values: Floats, start: Array) -> Floats:
    """Level at the end of the month before the tightening (of the first month if it begins at once)."""
    month = np.clip(start - 1, 0, values.shape[1] - 1)
    return values[np.arange(values.shape[0]), month]


def _mean_of_last(values: Array, months: int) -> Floats:
    return np.ascontiguousarray(np.asarray(values, dtype=np.float64)[:, -months:]).mean(axis=1)


def _growth(smooth: Floats, last: int) -> Floats:
    """Growth of R a year over the last months; -1 where it fell to nothing."""
    months = smooth.shape[1]
    before = smooth[:, max(0, months - 1 - last)]
    years = max(min(last, months - 1), 1) / 12
    kept = np.maximum(_ratio(smooth[:, -1], before), 0.0)
    return np.ascontiguousarray(kept) ** (1 / years) - 1.0


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, and 1 where there was nothing to begin with."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 1.0)


def _share(successes: int, n: int) -> dict[str, float]:
    low, high = wilson(successes, n)
    return {"share": successes / n if n else 0.0, "low": low, "high": high}


def _whole(months: float) -> int:
    return max(1, round(months))
