"""States, dated at onset: when a world falls, when it first stands alone, and where it stands in each month.

Months are numbered from the first simulated one. Of H months N = H - 11 are judged, 0 to N - 1: what needs confirmation is
looked at over the twelve months from its onset on, and nothing counts whose onset lies at N or later. So every month is judged
alike, however much longer the world runs.

    R        vendors' AI sales, mean of the twelve months up to and including the month; its running peak, likewise
    ratio    AI customers' payments / (running cost + interest + replacement + growth capex), sums of the same twelve months
    fall     T_F: a core firm defaults, or sheds a third of its book within twelve months, or R <= half of its peak for a year
    alone    T_S: first month from which ratio >= 1 and R >= 75 % of its peak for a year, with no fall in that year

A fall absorbs; in a tie it wins; nothing stands alone for the first time after a fall. Everything here takes arrays
(worlds, months) and returns arrays; nothing here knows the economy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from perpetuum.model.units import NEVER, YEAR
from perpetuum.model.worlds import Array, Floats, Mask

STATES = ("fallen", "stands_alone", "smaller", "spinning")
FALLEN, STANDS_ALONE, SMALLER, SPINNING = range(4)
#: The states from the most alarming on: the order of columns and keys, and of those that are equally common.
ALARMING = ("fallen", "spinning", "smaller", "stands_alone")

#: Arrays of `Dates`, worlds on the first axis.
_BY_WORLD = ("fallen", "alone", "cause", "state", "sales_turned")


@dataclass(frozen=True, slots=True)
class Definition:
    """The numbers in the definition of the states: shares, a ratio, and months of confirmation."""

    fallen_sales: float = 0.50  # share of their peak to which sales fall
    kept_sales: float = 0.75  # share of their peak at which a world that pays for itself stands alone
    paid: float = 1.0  # what customers pay over what running and building cost
    shed: float = 1 / 3  # share of a core firm's book that is cancelled within twelve months
    confirmed: float = YEAR  # months over which a fall by sales, and standing alone, must last
    lapses: bool = True  # whether what lapses because the seller cannot deliver counts as shed


@dataclass(frozen=True)
class Dates:
    """Dates and states of every world: months (worlds,), -1 where there is none; `state` (worlds, months judged)."""

    judged: int
    fallen: Array
    alone: Array
    cause: Array  # "default:<firm>", "shedding:<firm>", "sales" or ""
    state: Array
    sales_turned: Array

    @property
    def life(self) -> Array:
        """Months until the fall, `judged` where there is none."""
        return np.where(self.fallen >= 0, self.fallen, self.judged)

    def take(self, worlds: Array) -> Dates:
        """The dates of chosen worlds."""
        return Dates(self.judged, *(getattr(self, name)[worlds] for name in _BY_WORLD))

    @classmethod
    def blank(cls, worlds: int, judged: int) -> Dates:
        """Dates of so many worlds, of which nothing is known yet."""
        never = np.full(worlds, NEVER)
        return cls(
            judged, never, never.copy(), np.full(worlds, "", dtype=object), np.full((worlds, judged), SPINNING), never.copy()
        )

    def put(self, worlds: Array, told: Dates) -> None:
        """Write down the dates of chosen worlds."""
        for name in _BY_WORLD:
            getattr(self, name)[worlds] = getattr(told, name)

    @classmethod
    def joined(cls, parts: Sequence[Dates]) -> Dates:
        """The dates of several lots of worlds, one after the other."""
        return cls(parts[0].judged, *(np.concatenate([getattr(part, name) for part in parts]) for name in _BY_WORLD))


def months_judged(simulated: int) -> int:
    """How many of the simulated months are judged: N = max(H - 11, 0)."""
    return max(simulated - (YEAR - 1), 0)


def months_simulated(judged: int) -> int:
    """How many months are simulated so that so many are judged: H = N + 11."""
    return judged + YEAR - 1


def date_states(
    sales: Floats,
    sales_before: Floats,
    ratio: Floats,
    defaults: Mapping[str, Array],
    shed: Mapping[str, Floats],
    definition: Definition | None = None,
) -> Dates:
    """Date what happens to every world.

    `sales` (worlds, months) and the twelve months before them, `sales_before` (worlds, 12): vendors' AI sales.
    `ratio` (worlds, months): the full ratio of the trailing twelve months. `defaults`: marks by core firm (worlds, months).
    `shed`: share of a core firm's book, as it stood twelve months before, that was cancelled since (worlds, months).
    """
    limit = definition or Definition()
    worlds, months = sales.shape
    judged = months_judged(months)
    mean, peak = yearly_sales(sales, sales_before)
    window = round(limit.confirmed)
    down, kept, pays = mean <= limit.fallen_sales * peak, mean >= limit.kept_sales * peak, ratio >= limit.paid

    onsets = {f"default:{firm}": _first(np.asarray(marks) > 0) for firm, marks in defaults.items()}
    onsets |= {f"shedding:{firm}": _first(part >= limit.shed) for firm, part in shed.items()}
    onsets["sales"] = _first(lasting(down, window))
    fallen, cause = np.full(worlds, months), np.full(worlds, "", dtype=object)
    for name, onset in onsets.items():  # of causes in one month the first named counts
        cause = np.where(onset < fallen, name, cause)
        fallen = np.minimum(fallen, onset)
    fallen = np.where(fallen < judged, fallen, months)
    cause = np.where(fallen < judged, cause, "")

    alone = _first(lasting(pays & kept, window))
    # No fall in the year that confirms: one that is itself judged, or a default or shedding beyond the last month judged.
    first_fall = np.minimum.reduce([*onsets.values()])
    alone = np.where((alone < judged) & (first_fall > alone + window - 1), alone, months)

    month = np.arange(judged)
    state = np.select([pays & kept, pays], [STANDS_ALONE, SMALLER], SPINNING)[:, :judged]
    state = np.where(month >= fallen[:, None], FALLEN, state)
    return Dates(
        judged,
        np.where(fallen < judged, fallen, NEVER),
        np.where(alone < judged, alone, NEVER),
        cause.astype(str),
        state,
        _turned(sales, sales_before, np.where(cause == "sales", fallen, -1)),
    )


def alone_with_growth_held(
    alone: Array, paid: Floats, spent: Floats, growth: Floats, definition: Definition | None = None
) -> Array:
    """Month in which each world first stands alone were growth capex held, -1 where that undoes it, or where it never does.

    A pause in building raises the ratio. From the onset t on growth capex g stands at its mean of the twelve months before:

        held(m) = spent(m) + mean(g(t - 12), ..., g(t - 1)) - g(m), m >= t

    and the onset stays where paid / held, sums of twelve months, is at least 1 over the year that confirms it. `alone` (worlds,),
    -1 never; the others (worlds, 12 + months), the twelve months before the start first.
    """
    limit = definition or Definition()
    window, there = round(limit.confirmed), np.flatnonzero(alone >= 0)
    if not len(there):
        return np.full(len(alone), NEVER)
    rows, onset = there[:, None], alone[there][:, None] + YEAR  # the column of the onset
    mean = growth[rows, onset - YEAR + np.arange(YEAR)].mean(axis=1, keepdims=True)
    months = onset + np.arange(1 - YEAR, window)
    held = spent[rows, months] + np.where(months >= onset, mean - growth[rows, months], 0.0)
    sums = [trailing_sum(values, YEAR)[:, YEAR - 1 :] for values in (paid[rows, months], held)]
    stays = (sums[0] >= limit.paid * sums[1]).all(axis=1)
    result = np.full(len(alone), NEVER)
    result[there[stays]] = alone[there[stays]]
    return result


def yearly_sales(sales: Floats, before: Floats) -> tuple[Floats, Floats]:
    """Mean of the twelve months up to and including each month, and its running peak, that of the last month before included."""
    whole = np.concatenate([before, sales], axis=1)
    mean = trailing_sum(whole, YEAR)[:, YEAR - 1 :] / YEAR
    peak = np.maximum.accumulate(mean, axis=1)
    return mean[:, 1:], peak[:, 1:]


def trailing_sum(values: Floats, window: int) -> Floats:
    """Sum of the last `window` months, of as many as there are at the beginning; (worlds, months).

    Each month is added up anew, so that no sum depends on what came before its window, nor on how many worlds there are.
    """
    result = np.empty_like(values)
    for month in range(values.shape[1]):
        result[:, month] = np.ascontiguousarray(values[:, max(0, month - window + 1) : month + 1]).sum(axis=1)
    return result


def lasting(mask: Mask, window: int = YEAR) -> Mask:
    """Where a condition holds from a month on for a year (`window` months): months whose year is not over yet do not count."""
    confirmed = np.zeros_like(mask)
    months = mask.shape[1]
    if months >= window:
        windows = np.lib.stride_tricks.sliding_window_view(mask, window, axis=1)
        confirmed[:, : months - window + 1] = windows.all(axis=-1)
    return confirmed


def _first(mask: Mask) -> Array:
    """First month of a mask; the number of months where there is none."""
    return np.where(mask.any(axis=1), mask.argmax(axis=1), mask.shape[1])


def _turned(sales: Floats, before: Floats, fallen: Array) -> Array:
    """Last month of the highest six-month mean up to a fall by sales: when they turned; -1 where they did not fall so."""
    half_year = trailing_sum(np.concatenate([before, sales], axis=1), 6)[:, before.shape[1] :]
    until = np.arange(sales.shape[1]) <= fallen[:, None]
    highest = np.where(until, half_year, -np.inf)
    return np.where(fallen >= 0, sales.shape[1] - 1 - highest[:, ::-1].argmax(axis=1), -1)
