"""Commitments cancelled within a year: how much of what was in a book at the start of a window of twelve months is gone.

A window begins with the books as its first month finds them. Of what is cancelled later, only what was in the book then counts:
what was signed since is taken out first, month of signing by month of signing. Deliveries, options and expiries never count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.equations import kernel
from perpetuum.model.units import YEAR
from perpetuum.model.worlds import Array, Floats, Register, share, total


@kernel
def _cancel(pairs, obligations, fraction, served, slots, signed, start, end, cancelled, lapsed, lapse):
    """Add what a fraction (worlds,) of some pairs' obligations (all pairs, worlds) takes from the book that each window began
    with.

    `signed` (YEAR, pairs, worlds): signed by month, which starts and ends in months `start`, `end` (YEAR, worlds);
    `slots`: the rows of windows still open, oldest first. `cancelled`, and where sellers could not deliver `lapsed`, (YEAR,
    pairs, worlds) grow.
    """
    losing = np.flatnonzero(fraction > 0.0)
    undelivered, to_come = np.empty((2, len(slots), fraction.shape[0]))
    since = np.empty(fraction.shape[0])
    for i, slot in enumerate(slots):
        for w in losing:
            first, last = start[slot, w], end[slot, w]
            undelivered[i, w] = (last - min(max(served, first), last)) / (last - first)
    for pair in pairs:
        committed = losing[obligations[pair][losing] > 0.0]
        for i, slot in enumerate(slots):
            for n, w in enumerate(committed):
                to_come[i, n] = signed[slot, pair, w] * undelivered[i, w]
                signed[slot, pair, w] *= 1.0 - fraction[w]
        for i, slot in enumerate(slots):
            for n in range(len(committed)):
                since[n] = to_come[i, n]
            for later in range(i + 1, len(slots)):
                for n in range(len(committed)):
                    since[n] += to_come[later, n]
            for n, w in enumerate(committed):
                gone = fraction[w] * max(obligations[pair, w] - since[n], 0.0)
                if gone > 0.0:
                    cancelled[slot, pair, w] += gone
                    if lapse:
                        lapsed[slot, pair, w] += gone


class CancelledCommitments(Register):
    """By pair (buyer, seller), for the windows that began in the last twelve months, in dollars.

    `book` (YEAR, pairs, worlds): obligations as a window begins; `signed`: signed in a month since; `cancelled`: of the book,
    cancelled since; `lapsed`: the part of it that the seller could not deliver. Rings by month.
    """

    def __init__(self, pairs: int, worlds: int):
        shape = (YEAR, pairs, worlds)
        self.book: Floats = np.zeros(shape)
        self.signed: Floats = np.zeros(shape)
        self.cancelled: Floats = np.zeros(shape)
        self.lapsed: Floats = np.zeros(shape)
        self.start: Array = np.zeros((YEAR, worlds), dtype=np.int64)  # month in which what was signed in a month starts
        self.end: Array = np.ones((YEAR, worlds), dtype=np.int64)  # and in which it ends
        self.month = -1

    def begin_month(self, month: int, obligations: Floats) -> None:
        """A window begins with the month, the oldest one is over."""
        self.month, slot = month, month % YEAR
        self.book[slot] = obligations
        for ring in (self.signed, self.cancelled, self.lapsed):
            ring[slot] = 0.0

    def sign(self, pairs: Sequence[int], dollars: Floats, start: int | Array, end: int | Array) -> None:
        """Contracts of dollars (pairs, worlds) are signed this month; what was signed before the first month is in the book.

        They start and end in months that are the same for all worlds, or (worlds,).
        """
        if self.month >= 0:
            slot, where = self.month % YEAR, (dollars > 0).any(axis=0)
            self.signed[slot, list(pairs)] += dollars
            self.start[slot] = np.where(where, start, self.start[slot])
            self.end[slot] = np.where(where, end, self.end[slot])

    def of_month(self) -> tuple[Floats, Array, Array] | None:
        """What is signed this month (pairs, worlds), when it starts and ends (worlds,), to be entered; None before the first."""
        slot = self.month % YEAR
        return (self.signed[slot], self.start[slot], self.end[slot]) if self.month >= 0 else None

    def cancel(self, pairs: Array, obligations: Floats, fraction: Floats, served: int, lapse: bool) -> None:
        """A fraction (worlds,) of the obligations (all pairs, worlds) of some is cancelled, after so many months were served."""
        if self.month < 0:
            return
        _cancel(
            pairs, obligations, np.asarray(fraction, dtype=np.float64), served, np.array(self.windows()) % YEAR, self.signed,
            self.start, self.end, self.cancelled, self.lapsed, lapse,
        )  # fmt: skip

    def windows(self) -> list[int]:
        """Months in which the open windows began, the oldest first."""
        return list(range(max(0, self.month - YEAR + 1), self.month + 1))

    def of(self, pairs: Sequence[int]) -> tuple[Floats, Floats, Floats]:
        """Of some pairs, for the window that ends with this month: its book, what was cancelled, and what of it lapsed."""
        if not len(pairs):
            nothing = np.zeros(self.book.shape[-1])
            return nothing, nothing, nothing
        slot, chosen = self.windows()[0] % YEAR, list(pairs)
        return tuple(total(ring[slot, chosen]) for ring in (self.book, self.cancelled, self.lapsed))  # type: ignore[return-value]


class CancelledOrders(Register):
    """The same for orders of chips by vendor, in GW: first ordered, first shipped.

    `book`, `left`, `cancelled`, `shipped` (YEAR, vendors, worlds).
    """

    def __init__(self, vendors: int, worlds: int):
        shape = (YEAR, vendors, worlds)
        self.book: Floats = np.zeros(shape)
        self.left: Floats = np.zeros(shape)
        self.cancelled: Floats = np.zeros(shape)
        self.shipped: Floats = np.zeros(shape)
        self.month = -1

    def begin_month(self, month: int, backlog: Floats) -> None:
        """A window begins with a month's backlog (vendors, worlds)."""
        self.month, slot = month, month % YEAR
        self.book[slot] = self.left[slot] = backlog
        self.cancelled[slot] = self.shipped[slot] = 0.0

    def cancel(self, vendor: int, backlog: Floats, gw: Floats) -> None:
        """GW of a vendor's backlog are cancelled: of what a window began with, in proportion."""
        fraction = np.minimum(share(gw, backlog), 1.0)
        self.cancelled[:, vendor] += self.left[:, vendor] * fraction
        self.left[:, vendor] *= 1.0 - fraction

    def ship(self, vendor: int, gw: Floats) -> None:
        """GW are shipped: what was ordered first."""
        self.left[:, vendor] = np.maximum(self.left[:, vendor] - gw, 0.0)
        self.shipped[self.month % YEAR, vendor] += gw

    def of(self, vendor: int) -> tuple[Array, Array, Array]:
        """For the window that ends with this month: its book, what of it was cancelled, and shipments of its first month."""
        slot = max(0, self.month - YEAR + 1) % YEAR
        return self.book[slot, vendor], self.cancelled[slot, vendor], self.shipped[slot, vendor]
