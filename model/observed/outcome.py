"""Does it fall or stand alone, and when? The verdict on every world, dated, from its monthly facts alone.

The states and their dates are defined in `model.observed.states`. Of H months simulated, N = H - 11 are judged: all that is
measured here is measured over those, and a verdict on a month is the same however much longer the world runs.

Everything here takes arrays (worlds, months) and returns arrays (worlds,); nothing here knows the economy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from perpetuum.model.observed.states import (
    FALLEN,
    STATES,
    Dates,
    Definition,
    alone_with_growth_held,
    date_states,
    trailing_sum,
    yearly_sales,
)
from perpetuum.model.units import NEVER, YEAR
from perpetuum.model.worlds import Array, Floats

PAIRS = ("fell_because_of_tightening", "fell_anyway", "saved", "stood")

_DEFAULT, _RESCUE, _ARREARS = "default:", "rescue:", "arrears:"


@dataclass(frozen=True)
class Outcome:
    """The verdict on each world: every field is an array (worlds,), metrics by name likewise; `dates` has the states by month.

    `state`: at the last month judged, "" where none is; `cause`: what a fall began with; months are -1 where the thing never
    happens.
    """

    state: Array
    fallen_month: Array
    alone_month: Array
    cause: Array
    life: Array
    first_domino: Array
    first_default_month: Array
    dates: Dates
    metrics: dict[str, Floats] = field(default_factory=dict)

    @property
    def outcome(self) -> Array:
        """The state, by the name that older tables have for it."""
        return self.state

    def __getattr__(self, name: str) -> Floats:
        try:
            return self.__dict__["metrics"][name]
        except KeyError:
            raise AttributeError(name) from None

    def take(self, worlds: Array) -> Outcome:
        """Return the verdicts on chosen worlds."""
        arrays = {one.name: getattr(self, one.name)[worlds] for one in fields(self) if one.name not in ("dates", "metrics")}
        metrics = {name: values[worlds] for name, values in self.metrics.items()}
        return Outcome(**arrays, dates=self.dates.take(worlds), metrics=metrics)


def judge(
    facts: Mapping[str, Array], core: Sequence[str], before: Mapping[str, Array], definition: Definition | None = None
) -> Outcome:
    """Judge every world.

    `facts`: name to (worlds, months): `sales`, `paid`, `spent`, `spent_whole`, `own_use_value`, `outside_financing`,
    `source:...`, `training_gw`, `growth_capex`, and `default:`, `rescue:`, `arrears:`, `shed:` followed by an agent's id (those
    missing count as nothing). `core`: ids of the core firms. `before`: `sales`, `paid`, `spent` of the twelve months before the
    start (worlds, 12); a name that is missing stands at its first month's level.
    """
    sales = np.asarray(facts["sales"], dtype=np.float64)
    worlds, earlier = len(sales), {name: before_start(facts, before, name) for name in ("sales", "paid", "spent")}
    ratio = trailing_ratio(facts["paid"], facts["spent"], earlier["paid"], earlier["spent"])
    defaults = {firm: np.asarray(facts[_DEFAULT + firm]) for firm in core if _DEFAULT + firm in facts}
    shed = {firm: _shed(facts, firm, definition) for firm in core if "shed:" + firm in facts}
    dates = date_states(sales, earlier["sales"], ratio, defaults, shed, definition)
    n = dates.judged
    judged = {name: np.asarray(values)[:, :n] for name, values in facts.items()}
    last = dates.state[:, -1] if n else np.full(worlds, -1)
    states = np.array([*STATES, ""])
    default_month = first_months(judged, _DEFAULT, n)
    domino, domino_month = _first_domino(default_month, core, worlds, n)
    return Outcome(
        state=states[last],
        fallen_month=dates.fallen,
        alone_month=dates.alone,
        cause=dates.cause,
        life=dates.life,
        first_domino=domino,
        first_default_month=domino_month,
        dates=dates,
        metrics=_metrics(judged, core, sales, earlier["sales"], ratio, dates) | _held(facts, before, dates, definition)
        if n
        else {},
    )


def _held(
    facts: Mapping[str, Array], before: Mapping[str, Array], dates: Dates, definition: Definition | None
) -> dict[str, Floats]:
    """When a world first stands alone, were growth capex held at its mean of the year before; facts may lack growth."""
    known = {"growth_capex": np.zeros_like(np.asarray(facts["spent"], dtype=np.float64)), **facts}
    paid, spent, growth = (
        np.concatenate([before_start(known, before, name), np.asarray(known[name], dtype=np.float64)], axis=1)
        for name in ("paid", "spent", "growth_capex")
    )
    held = alone_with_growth_held(dates.alone, paid, spent, growth, definition)
    return {"alone_held_month": held.astype(np.float64)}


def _shed(facts: Mapping[str, Array], firm: str, definition: Definition | None) -> Floats:
    """Share of a firm's book cancelled within twelve months, with or without what lapsed."""
    shed = np.asarray(facts["shed:" + firm], dtype=np.float64)
    return shed if definition is None or definition.lapses else shed - facts["lapsed:" + firm]


def _metrics(
    facts: Mapping[str, Array], core: Sequence[str], sales: Floats, before: Floats, ratio: Floats, dates: Dates
) -> dict[str, Floats]:
    """What is measured over the months judged; name to (worlds,)."""
    n, worlds = dates.judged, len(sales)
    mean, peak = (part[:, :n] for part in yearly_sales(sales, before))
    loss = np.where(peak > 0, 1.0 - mean / np.where(peak > 0, peak, 1.0), 0.0)
    core_default = _first_of([first for name, first in first_months(facts, _DEFAULT, n).items() if name in core], worlds, n)
    rescued = _first_of([first for name, first in first_months(facts, _RESCUE, n).items() if name in core], worlds, n)
    late = [np.asarray(facts[_ARREARS + firm]) > 0 for firm in core if _ARREARS + firm in facts]
    financing = np.cumsum(np.asarray(facts["outside_financing"], dtype=np.float64), axis=1)
    shed = [np.asarray(facts["shed:" + firm]).max(axis=1) for firm in core if "shed:" + firm in facts]
    year = slice(max(0, n - YEAR), n)
    found: dict[str, Array] = {
        "drawdown": loss.max(axis=1),
        "drawdown_month": loss.argmax(axis=1),
        "sales_turned_month": dates.sales_turned,
        "full_ratio_last": ratio[:, n - 1],
        "full_ratio_own_use_last": _year_ratio(facts, year),
        "peak_revenue": mean.max(axis=1),
        "peak_revenue_month": mean.argmax(axis=1),
        "final_revenue": mean[:, -1],
        "core_shed": np.maximum.reduce(shed) if shed else np.zeros(worlds),
        "core_default_month": np.where(core_default < n, core_default, NEVER),
        "core_rescued_month": np.where(rescued < n, rescued, NEVER),
        "core_arrears_months": np.logical_or.reduce(late).sum(axis=1) if late else np.zeros(worlds),
        "outside_financing_peak": np.maximum(financing.max(axis=1), 0.0),
        "outside_financing_peak_month": financing.argmax(axis=1),
    }
    return {name: np.asarray(values, dtype=np.float64) for name, values in found.items()}


def _year_ratio(facts: Mapping[str, Array], year: slice) -> Floats:
    """The other reading of the last year's full ratio: own use on both sides, at the rent that clouds charge others."""
    paid = np.ascontiguousarray((facts["paid"] + facts["own_use_value"])[:, year]).sum(axis=1)
    return _ratio(paid, np.ascontiguousarray(facts["spent_whole"][:, year]).sum(axis=1))


@dataclass(frozen=True)
class Readings:
    """What is read of every month at once, without foresight: yearly sales, their peak so far, full ratio (worlds, months)."""

    sales: Floats
    peak: Floats
    ratio: Floats


def read_months(facts: Mapping[str, Array], before: Mapping[str, Array]) -> Readings:
    """This month's readings of every month: what a state is provisional by until the year after it has confirmed it."""
    earlier = {name: before_start(facts, before, name) for name in ("sales", "paid", "spent")}
    mean, peak = yearly_sales(np.asarray(facts["sales"], dtype=np.float64), earlier["sales"])
    return Readings(mean, peak, trailing_ratio(facts["paid"], facts["spent"], earlier["paid"], earlier["spent"]))


def before_start(facts: Mapping[str, Array], before: Mapping[str, Array], name: str) -> Floats:
    """The twelve months before the start (worlds, 12): given, else at the level of the first month."""
    now = np.asarray(facts[name], dtype=np.float64)
    given = before.get(name)
    if given is None:
        return np.repeat(now[:, :1], YEAR, axis=1)
    return np.broadcast_to(np.asarray(given, dtype=np.float64), (len(now), YEAR))


def trailing_ratio(paid: Array, spent: Array, paid_before: Floats, spent_before: Floats) -> Floats:
    """What AI's customers paid over what running and building cost, sums of the last twelve months (worlds, months)."""
    sums = [
        trailing_sum(np.concatenate([earlier, np.asarray(values, dtype=np.float64)], axis=1), YEAR)[:, YEAR:]
        for values, earlier in ((paid, paid_before), (spent, spent_before))
    ]
    return _ratio(*sums)


def thresholds_moved(by: float = 0.20) -> dict[str, dict[str, Definition]]:
    """The definition with each of its numbers moved by a fifth: name to `lower` and `higher`.

    Of `shed` also `not_counted`, and `without_lapses`. `confirmed` `higher` takes fourteen months, of which the last onsets have
    only twelve: those are counted as not there.
    """
    base = Definition()
    moved = {
        one.name: {
            side: replace(base, **{one.name: getattr(base, one.name) * factor})
            for side, factor in (("lower", 1 - by), ("higher", 1 + by))
        }
        for one in fields(base)
        if one.name != "lapses"
    }
    return moved | {
        "shed": {**moved["shed"], "not_counted": replace(base, shed=math.inf), "without_lapses": replace(base, lapses=False)}
    }


def wilson(successes: float, n: int, z: float = 1.96) -> tuple[float, float]:
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


def share_and_interval(count: int, n: int) -> dict[str, float]:
    """Share of n worlds with its Wilson interval: {share, low, high}; the share is 0 where n = 0."""
    low, high = wilson(count, n)
    return {"share": count / n if n else 0.0, "low": low, "high": high}


def shares(labels: Array, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Share of worlds with each label, with its Wilson interval: name to {share, low, high}."""
    n = len(labels)
    return {name: share_and_interval(int(np.count_nonzero(labels == name)), n) for name in names}


def paired(asked: Array, loose: Array) -> dict[str, dict[str, float]]:
    """What the tightening did: states as asked against those with loose money under the same shocks.

    Position by position the same replicate; a world fell where its state is `fallen`. Returns name to {share, low, high} for
    `PAIRS`: fell because of the tightening, fell anyway, saved by it, stood both times.
    """
    return shares(pair_labels(asked, loose), PAIRS)


def pair_labels(asked: Array, loose: Array) -> Array:
    """Name of each pair (worlds,), one of `PAIRS`."""
    fell, fell_loose = (np.asarray(states) == STATES[FALLEN] for states in (asked, loose))
    return np.select([fell & ~fell_loose, fell & fell_loose, ~fell & fell_loose], list(PAIRS[:3]), PAIRS[3])


def trailing_mean(values: Floats, window: int) -> Floats:
    """Mean of the last `window` months, of as many as there are at the beginning; (worlds, months)."""
    months = np.minimum(np.arange(1, values.shape[1] + 1), window)
    return trailing_sum(values, window) / months


def first_months(facts: Mapping[str, Array], prefix: str, months: int) -> dict[str, Array]:
    """First month with a mark, by agent; `months` where there is none."""
    result = {}
    for name, marks in facts.items():
        if name.startswith(prefix):
            marked = np.asarray(marks)[:, :months] > 0
            result[name.removeprefix(prefix)] = np.where(marked.any(axis=1), marked.argmax(axis=1) if months else 0, months)
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
    return names[number], np.where(number >= 0, first, NEVER)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, and 1 where there is nothing to pay for."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 1.0)
