"""Reserved compute: take-or-pay contracts, as cohorts by pair.

A contract is a quantity (GW) at a price for a term. Cohorts are kept by the month in which they start and the month in which
they end, so that thousands of contracts are four arrays. Remaining performance obligations (RPO) are neither debt nor revenue.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from perpetuum.model.equations import kernel, loop
from perpetuum.model.instruments.cancelled_commitments import CancelledCommitments
from perpetuum.model.worlds import Array, Floats, Mask, Register, anywhere, total


@loop
def _pass_month(now, starting, ending, starts, ends, until, pair, t):
    """What starts less what ends of a pair in month `t` is added to `now`, in worlds that look beyond it, `until` a month."""
    come, go = starting[pair, t], ending[pair, t]
    if starts[pair, t] and ends[pair, t]:
        for w in range(len(now)):
            now[w] += come[w] - go[w] if t < until[w] else 0.0
    elif starts[pair, t]:
        for w in range(len(now)):
            now[w] += come[w] if t < until[w] else 0.0
    elif ends[pair, t]:
        for w in range(len(now)):
            now[w] -= go[w] if t < until[w] else 0.0


@kernel
def _reserved(gw, starting, ending, starts, ends, pairs, first, last):
    """GW in force, and starting less ending from month `first` to before `last`, over pairs (worlds,)."""
    worlds = gw.shape[1]
    result, until = np.zeros(worlds), np.full(worlds, last)
    for pair in pairs:
        coming = gw[pair].copy()
        for t in range(first, last):
            _pass_month(coming, starting, ending, starts, ends, until, pair, t)
        for w in range(worlds):
            result[w] += coming[w]
    return result


@kernel
def _ahead(level, starting, ending, starts, ends, pairs, month, months):
    """What `level` will be `months` (worlds,) after `month`, over pairs."""
    worlds = level.shape[1]
    looking = np.flatnonzero(months)
    result = np.zeros(worlds)
    for pair in pairs:
        now = level[pair].copy()
        for t in range(month + 1, min(month + int(months.max()) + 1, starting.shape[1])):
            if starts[pair, t] or ends[pair, t]:
                for w in looking:
                    if t <= month + months[w]:
                        come = starting[pair, t, w] if starts[pair, t] else 0.0
                        go = ending[pair, t, w] if ends[pair, t] else 0.0
                        now[w] += come - go
        result += now
    return result


@kernel
def _mean_ahead(level, starting, ending, starts, ends, pairs, month, months):
    """The mean of what `level` will be over so many months (worlds,), that of `month` included, over pairs."""
    worlds, longest = level.shape[1], max(int(months.max()), 1)
    counted = np.maximum(months, 1).astype(np.float64)
    until = month + counted
    result, part = np.zeros(worlds), np.empty(worlds)
    for pair in pairs:
        now = level[pair].copy()
        for t in range(month, month + longest):
            changes = month < t < starting.shape[1] and (starts[pair, t] or ends[pair, t])
            if changes:
                _pass_month(now, starting, ending, starts, ends, until, pair, t)
            if changes or t == month:
                for w in range(worlds):
                    part[w] = now[w] / counted[w]
            for w in range(worlds):
                result[w] += part[w] if t < until[w] else 0.0
    return result


@kernel
def _sign_each(
    gw, bill, obligations, starting_gw, starting_bill, ending_gw, ending_bill, starts, ends, cancelled, chosen, start, end,
    parts, apart,
):  # fmt: skip
    """Enter `parts` equal contracts in each world, with the pair chosen there (-1: none), the first from a month of its own on
    and each of the others so many months after the one before; all end together.

    `cancelled`: what is signed this month (pairs, worlds), when it starts and ends; None before the first month.
    """
    for w in np.flatnonzero(chosen >= 0):
        pair = chosen[w]
        for part in range(parts):
            first = start[w] + apart * part
            dollars = bill[w] * (end[w] - first) / 12
            obligations[pair, w] += dollars
            if cancelled is not None:
                signed, earliest, latest = cancelled
                signed[pair, w] += dollars
                if dollars > 0.0:
                    earliest[w], latest[w] = first, end[w]
            if first < starting_gw.shape[1]:
                starting_gw[pair, first, w] += gw[w]
                starting_bill[pair, first, w] += bill[w]
                starts[pair, first] = True
                if end[w] < ending_gw.shape[1]:
                    ends[pair, end[w]] = True
                    ending_gw[pair, end[w], w] += gw[w]
                    ending_bill[pair, end[w], w] += bill[w]


@kernel
def _then(level, starting, ending, starts, ends, pairs, month, ahead):
    """What `level` will be over pairs some months (worlds,) after `month`, at least 0."""
    worlds = level.shape[1]
    result, until = np.zeros(worlds), np.empty(worlds)
    for w in range(worlds):
        until[w] = np.rint(month + ahead[w] + 1.0)
    stop = min(int(until.max()), starting.shape[1])
    for pair in pairs:
        for w in range(worlds):
            result[w] += level[pair, w]
        for t in range(month + 1, stop):  # month by month, as they lie in memory
            _pass_month(result, starting, ending, starts, ends, until, pair, t)
    return np.maximum(result, 0.0)


@kernel
def _rise(level, starting, ending, starts, ends, pairs, month, ahead):
    """By how much `level` over pairs will be above today's `ahead` months after `month`, at least 0 (worlds,)."""
    worlds = level.shape[1]
    now, then, until = np.zeros(worlds), np.zeros(worlds), np.full(worlds, month + ahead + 1)
    for pair in pairs:
        for w in range(worlds):
            now[w] += level[pair, w]
            then[w] += level[pair, w]
        for t in range(month + 1, min(month + ahead + 1, starting.shape[1])):
            _pass_month(then, starting, ending, starts, ends, until, pair, t)
    return np.maximum(np.maximum(then, 0.0) - np.maximum(now, 0.0), 0.0)


@kernel
def _sign(
    gw, bill, obligations, in_force, yearly, starting_gw, starting_bill, ending_gw, ending_bill, starts, ends, pairs, start,
    end, month,
):  # fmt: skip
    """Enter contracts of `gw` for `bill` dollars a year (pairs, worlds) from month `start` to `end`."""
    for i in range(len(pairs)):
        pair = pairs[i]
        if start > month:
            starts[pair, start] = True
        if end < ending_gw.shape[1]:
            ends[pair, end] = True
        for w in range(gw.shape[1]):
            obligations[pair, w] += bill[i, w] * (end - max(start, month)) / 12
            if start <= month:
                in_force[pair, w] += gw[i, w]
                yearly[pair, w] += bill[i, w]
            else:
                starting_gw[pair, start, w] += gw[i, w]
                starting_bill[pair, start, w] += bill[i, w]
            if end < ending_gw.shape[1]:
                ending_gw[pair, end, w] += gw[i, w]
                ending_bill[pair, end, w] += bill[i, w]


@kernel
def _shrink(pairs, lost, gw, bill, obligations, schedules, first, stop):
    """Take a fraction (worlds,) off pairs' rows: what is in force, and what starts and ends in months [first, stop).

    `schedules`: rows by pair and month, and whether there is anything in a month (pairs, months).
    """
    some = np.flatnonzero(lost)
    for pair in pairs:
        losing = some[(obligations[pair][some] > 0.0) | (gw[pair][some] > 0.0)]  # elsewhere nothing is signed
        for w in losing:
            kept = 1.0 - lost[w]
            gw[pair, w] *= kept
            bill[pair, w] *= kept
            obligations[pair, w] *= kept
        for schedule, there in schedules:
            for t in range(first, min(stop, schedule.shape[1])):
                if there[pair, t]:
                    for w in losing:
                        schedule[pair, t, w] *= 1.0 - lost[w]


@functools.cache
def _rows(pairs: tuple[int, ...]) -> Array:
    """Pairs as a kernel takes them, made once."""
    return np.array(pairs, dtype=np.int64)


@functools.cache
def _pair_of_seller(pairs: tuple[tuple[int, int], ...], buyer: int) -> Array:
    """A buyer's pairs by the account of the seller; -1 for others, and at the end for nobody."""
    found = np.full(max(seller for _, seller in pairs) + 2, -1)
    for pair, (who, seller) in enumerate(pairs):
        if who == buyer:
            found[seller] = pair
    return found


class Calendar:
    """Months in which anything of a pair starts or ends in any world, (pairs, months) each: no array of these varies by world."""

    def __init__(self, pairs: int, months: int):
        self.starts, self.ends = np.zeros((2, pairs, months), dtype=np.bool_)


class ComputeContracts(Register):
    """Contracts of pairs (buyer, seller): GW and dollars a year in force, starting and ending, and what remains to be paid.

    `gw`, `bill` (pairs, worlds): in force, dollars a year for `bill`. `starting_*`, `ending_*` (pairs, months, worlds).
    `obligations` (pairs, worlds): RPO in dollars.
    """

    def __init__(self, pairs: tuple[tuple[int, int], ...], months: int, worlds: int, beyond: int = 0):
        self.pairs = pairs
        self.months = months  # what starts later is seen by those alone who look `beyond` them
        self._bought = {who: [i for i, (buyer, _) in enumerate(pairs) if buyer == who] for who, _ in pairs}
        self._sold = {who: [i for i, (_, seller) in enumerate(pairs) if seller == who] for _, who in pairs}
        shape = (len(pairs), months + beyond, worlds)
        self.gw: Floats = np.zeros((len(pairs), worlds))
        self.bill: Floats = np.zeros((len(pairs), worlds))
        self.obligations: Floats = np.zeros((len(pairs), worlds))
        self.starting_gw: Floats = np.zeros(shape)
        self.starting_bill: Floats = np.zeros(shape)
        self.ending_gw: Floats = np.zeros(shape)
        self.ending_bill: Floats = np.zeros(shape)
        self.calendar = Calendar(len(pairs), months + beyond)
        self.latest = 0  # month in which the last of all contracts ends
        self.months_served = 0
        self.cancelled = CancelledCommitments(len(pairs), worlds)
        self._to_come: dict[tuple[int, int, int], Floats] = {}  # kept until contracts change

    def _changes_of_gw(self) -> tuple[Floats, Floats, Mask, Mask]:
        """What starts and ends in GW, and in which months anything does."""
        return self.starting_gw, self.ending_gw, self.calendar.starts, self.calendar.ends

    def _changes_of_bill(self) -> tuple[Floats, Floats, Mask, Mask]:
        """The same in dollars a year."""
        return self.starting_bill, self.ending_bill, self.calendar.starts, self.calendar.ends

    def of_buyer(self, buyer: int) -> list[int]:
        """Pairs of a buyer."""
        return self._bought.get(buyer, [])

    def of_seller(self, seller: int) -> list[int]:
        """Pairs of a seller."""
        return self._sold.get(seller, [])

    def sign(self, pair: int, gw: Floats, price: Floats, start: int, term: int, month: int) -> None:
        """Sign GW at dollars per GW-year from month `start` for `term` months; `start` may lie in the past."""
        self.sign_all([pair], gw[None], price, start, term, month)

    def sign_all(self, pairs: Sequence[int], gw: Floats, price: Floats, start: int, term: int, month: int) -> None:
        """The same for several pairs at once, with GW (pairs, worlds)."""
        end = start + term
        if end <= month:
            return
        self._to_come.clear()
        self.cancelled.sign(pairs, gw * price * (end - start) / 12, start, end)
        if month < start >= self.starting_gw.shape[1]:
            self.obligations[list(pairs)] += gw * price * (end - start) / 12
            return
        self.latest = max(self.latest, end)
        _sign(
            gw, gw * price, self.obligations, self.gw, self.bill, self.starting_gw, self.starting_bill, self.ending_gw,
            self.ending_bill, self.calendar.starts, self.calendar.ends, np.array(pairs), start, end, month,
        )  # fmt: skip

    def sign_each(
        self, pairs: Array, gw: Floats, price: Floats, start: Array, term: int | Array, parts: int = 1, apart: int = 0
    ) -> None:
        """Sign one contract a world, all (worlds,): with its own pair (-1 for none), from its own month on, which lies ahead.

        `term`: months, the same for all worlds or (worlds,). `parts`: so many equal contracts, each starting `apart` months after
        the one before, which all end with the first.

        What starts beyond the last month that is kept never starts within the run, and counts as an obligation.
        """
        if not anywhere(pairs >= 0):
            return
        self._to_come.clear()
        part, end = gw / parts, start + term
        self.latest = max(self.latest, int(end.max()))
        _sign_each(
            part, part * price, self.obligations, self.starting_gw, self.starting_bill, self.ending_gw, self.ending_bill,
            self.calendar.starts, self.calendar.ends, self.cancelled.of_month(), pairs, start, end, parts, apart,
        )  # fmt: skip

    def advance(self, month: int) -> tuple[Floats, Floats]:
        """Start and end contracts at the beginning of a month; returns GW ended and GW started by pair."""
        self._to_come.clear()
        self.cancelled.begin_month(month, self.obligations)
        started, ended = self.starting_gw[:, month].copy(), self.ending_gw[:, month].copy()
        self.gw += started - ended
        self.bill += self.starting_bill[:, month] - self.ending_bill[:, month]
        # Quantities, not money: only float dust can be negative here.
        np.maximum(self.gw, 0.0, out=self.gw)
        np.maximum(self.bill, 0.0, out=self.bill)
        return ended, started

    def serve_month(self) -> None:
        """A month of every contract in force has passed."""
        month = np.minimum(self.bill / 12, self.obligations)
        self.obligations -= month
        self.months_served += 1

    def reserved_at(self, pairs: list[int], month: int, ahead: int) -> Floats:
        """GW that will be in force `ahead` months after `month` over the given pairs (worlds,)."""
        last = min(month + ahead + 1, self.months)
        return _reserved(self.gw, *self._changes_of_gw(), _rows(tuple(pairs)), month + 1, last)

    def gw_ahead(self, buyer: int, month: int, months: Array, mean: bool = False) -> Floats:
        """GW that a buyer will have in force `months` (worlds,) after `month`, or on average until then."""
        look = _mean_ahead if mean else _ahead
        return look(self.gw, *self._changes_of_gw(), _rows(tuple(self.of_buyer(buyer))), month, months)

    def pairs_with(self, buyer: int, sellers: Array) -> Array:
        """A buyer's pair with the seller chosen in each world (worlds,); -1 where the seller is -1, nobody."""
        return _pair_of_seller(self.pairs, buyer)[sellers]

    def bill_of(self, buyer: int) -> Floats:
        """Yearly bill of a buyer's contracts in force (dollars)."""
        return total([self.bill[pair] for pair in self.of_buyer(buyer)])

    def bill_of_coming_year(self, buyer: int, month: int) -> Floats:
        """What a buyer owes in twelve months from `month` on, on contracts in force and to start, each to its end (dollars)."""
        return self.mean_bill_ahead(buyer, month, np.full(self.bill.shape[1], 12))

    def mean_bill_ahead(self, buyer: int, month: int, months: Array) -> Floats:
        """Dollars a year that a buyer owes on average over the coming `months` (worlds,)."""
        return _mean_ahead(self.bill, *self._changes_of_bill(), _rows(tuple(self.of_buyer(buyer))), month, months)

    def reserved_then(self, pairs: list[int], month: int, ahead: Floats) -> Floats:
        """GW that will be in force over the given pairs `ahead` (worlds,) months after `month`."""
        if not pairs:
            return np.zeros(self.gw.shape[1])
        return _then(self.gw, *self._changes_of_gw(), _rows(tuple(pairs)), month, ahead)

    def bill_to_come(self, seller: int, month: int, ahead: int) -> Floats:
        """By how much a seller's rents will be above today's `ahead` months after `month` (at least 0), dollars a year."""
        asked = seller, month, ahead
        if asked not in self._to_come:
            rows = _rows(tuple(self.of_seller(seller)))
            self._to_come[asked] = _rise(self.bill, *self._changes_of_bill(), rows, month, ahead)
        return self._to_come[asked]

    def cancelled_by(self, account: int) -> tuple[Floats, Floats, Floats]:
        """Of a firm's own book, bought and sold, as the last twelve months began (dollars, each (worlds,)).

        Returns the book, what of it was cancelled since, and what of that lapsed because the seller could not deliver.
        """
        return self.cancelled.of([*self.of_buyer(account), *self.of_seller(account)])

    def shrink(self, pair: int, lost: Floats, month: int, lapse: bool = False) -> None:
        """Reject or renegotiate away a fraction (worlds,) of what a pair has signed; `lapse`: the seller could not deliver it."""
        self.shrink_all([pair], lost, month, lapse)

    def shrink_all(self, pairs: Sequence[int], lost: Floats, month: int, lapse: bool = False) -> None:
        """The same fraction of what each of several pairs has signed."""
        if not (pairs and anywhere(lost)):
            return
        self._to_come.clear()
        chosen, calendar = np.array(pairs), self.calendar
        self.cancelled.cancel(chosen, self.obligations, lost, self.months_served, lapse)
        schedules = (
            (self.starting_gw, calendar.starts), (self.starting_bill, calendar.starts),
            (self.ending_gw, calendar.ends), (self.ending_bill, calendar.ends),
        )  # fmt: skip
        _shrink(chosen, lost, self.gw, self.bill, self.obligations, schedules, month + 1, self.latest + 1)
