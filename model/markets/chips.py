"""The chip market: orders become backlog, backlog is allocated to shipments, shipments are paid for or leased.

Ships min(backlog, capacity), pro rata to backlog or favouring investees; a buyer that cannot pay waits in the backlog. List price
per GW follows the generation's content; the price index moves with backlog cover.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from perpetuum.model.equations import DUST, equation, kernel
from perpetuum.model.instruments.cancelled_commitments import CancelledOrders
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Floats, Register, anywhere, share, total

#: Share of orders below which no vendor falls.
SMALLEST_SHARE = 1e-4


@kernel
def _allocate(backlog, weight, vendor, supply, allocated):
    """Share a vendor's supply (worlds,) over its backlog by weight x backlog, nobody above its order, in two rounds."""
    buyers, _, worlds = backlog.shape
    for w in range(worlds):
        whole = backlog[0, vendor, w]
        for b in range(1, buyers):
            whole += backlog[b, vendor, w]
        most = min(supply[w], whole)
        left = most
        for b in range(buyers):
            allocated[b, vendor, w] = 0.0
        for _ in range(2):  # what favoured buyers do not need goes round again
            claims = weight[0, w] * (backlog[0, vendor, w] - allocated[0, vendor, w])
            for b in range(1, buyers):
                claims += weight[b, w] * (backlog[b, vendor, w] - allocated[b, vendor, w])
            part = left / claims if claims > 1e-150 else 0.0
            granted = 0.0
            for b in range(buyers):
                wanted = backlog[b, vendor, w] - allocated[b, vendor, w]
                allocated[b, vendor, w] += min(weight[b, w] * wanted * part, wanted)
                granted = allocated[b, vendor, w] if b == 0 else granted + allocated[b, vendor, w]
            left = max(most - granted, 0.0)


@kernel
def _waiting_at(backlog, vendor):
    """GW that all buyers wait for at one vendor (worlds,)."""
    result = backlog[0, vendor].copy()
    for b in range(1, backlog.shape[0]):
        for w in range(len(result)):
            result[w] += backlog[b, vendor, w]
    return result


@kernel
def _waited_for(backlog, buyer):
    """GW that one buyer waits for at all vendors (worlds,)."""
    result = backlog[buyer, 0].copy()
    for v in range(1, backlog.shape[1]):
        for w in range(len(result)):
            result[w] += backlog[buyer, v, w]
    return result


@kernel
def _bills(allocated, price, leased, shell, bills):
    """Cash bill of every buyer: shells for all that is allocated, and chips less what is leased of them."""
    buyers, vendors, worlds = allocated.shape
    for b in range(buyers):
        for w in range(worlds):
            gw = allocated[b, 0, w]
            for v in range(1, vendors):
                gw += allocated[b, v, w]
            bill = shell[b, w] * gw
            for v in range(vendors):
                bill += allocated[b, v, w] * price[v, w] * (1.0 - leased[b, v, w])
            bills[b, w] = bill


@kernel
def _take(allocated, backlog, shipped, fraction):
    """Ship a fraction (buyers, worlds), at most all, of what is allocated; it leaves the backlog."""
    buyers, vendors, worlds = allocated.shape
    for b in range(buyers):
        for v in range(vendors):
            for w in range(worlds):
                taken = allocated[b, v, w] * min(max(fraction[b, w], 0.0), 1.0)
                shipped[b, v, w] = taken
                backlog[b, v, w] = max(backlog[b, v, w] - taken, 0.0)


@equation
def part_taken(means: float, bill: float) -> float:
    """means / bill: what a buyer can take of its allocation, all where it has nothing to pay; the rest waits.

    >>> part_taken(30.0, 40.0), part_taken(0.0, 0.0)
    (0.75, 1.0)
    """
    return means / bill if bill > DUST else 1.0


class ChipMarket(Register):
    """Backlog by buyer and vendor: `backlog` (buyers, vendors, worlds) GW; `allocated`, `shipped` likewise, this month.

    This month's terms: list `price` (vendors, worlds) dollars per GW, share of a delivery that is `leased` (buyers, vendors,
    worlds), `weight` (buyers, worlds) of a buyer's orders where chips are scarce.
    """

    def __init__(self, p: ParameterValues, buyers: tuple[int, ...], vendors: tuple[int, ...]):
        self.p = p
        self.buyers = buyers
        self.vendors = vendors
        self.buyer = {account: index for index, account in enumerate(buyers)}
        self.vendor = {account: index for index, account in enumerate(vendors)}
        shape = (len(buyers), len(vendors), p.worlds)
        self.backlog: Floats = np.zeros(shape)
        self.allocated: Floats = np.zeros(shape)
        self.shipped: Floats = np.zeros(shape)
        self.weight: Floats = np.ones((len(buyers), p.worlds))
        self.price: Floats = np.zeros((len(vendors), p.worlds))
        self.leased: Floats = np.zeros(shape)
        self.ordered: Floats = np.zeros((len(vendors), p.worlds))  # GW ordered this month
        self.ordered_before: Floats = np.zeros((len(vendors), p.worlds))  # and last month
        self.cancelled = CancelledOrders(len(vendors), p.worlds)

    def order(self, buyer: int, vendor: int, gw: Floats) -> None:
        """Add an order to the backlog (negative: cancel, never below nothing)."""
        b, v = self.buyer[buyer], self.vendor[vendor]
        if anywhere(gw < 0.0):
            gone = np.minimum(np.maximum(-gw, 0.0), self.backlog[b, v])
            self.cancelled.cancel(v, self.backlog_of_vendor(vendor), gone)
        self.backlog[b, v] = np.maximum(self.backlog[b, v] + gw, 0.0)
        self.ordered[v] += np.maximum(gw, 0.0)

    def divide(self, buyer: int, gw: Floats, shares: Floats) -> None:
        """Order GW (at least 0) of all vendors, of each its share of orders (vendors, worlds)."""
        more = gw * shares
        self.backlog[self.buyer[buyer]] += more
        self.ordered += more

    def begin_month(self, month: int) -> None:
        """Remember what is on order as a month begins, and what was ordered in the month before."""
        self.ordered_before, self.ordered = self.ordered, np.zeros(self.ordered.shape)
        self.cancelled.begin_month(month, np.array([self.backlog_of_vendor(vendor) for vendor in self.vendors]))

    def count_shipped(self) -> None:
        """What was shipped this month leaves the books of orders, first ordered, first shipped."""
        for v in range(len(self.vendors)):
            self.cancelled.ship(v, total(self.shipped[:, v]))

    def cancelled_by(self, vendor: int) -> tuple[Floats, Floats, Floats]:
        """Of a vendor's orders as the last twelve months began (GW): the book, what was cancelled, a month's shipments."""
        return self.cancelled.of(self.vendor[vendor])

    def ordered_from(self, vendor: int) -> Floats:
        """GW ordered from a vendor in the month before (worlds,)."""
        return self.ordered_before[self.vendor[vendor]]

    def backlog_of_vendor(self, vendor: int) -> Floats:
        """GW ordered from a vendor and not yet shipped (worlds,)."""
        return _waiting_at(self.backlog, self.vendor[vendor])

    def backlog_of_buyer(self, buyer: int) -> Floats:
        """GW that a buyer waits for (worlds,)."""
        return _waited_for(self.backlog, self.buyer[buyer])

    def allocate(self, vendor: int, supply: Floats) -> None:
        """Share a vendor's supply (GW this month) over the backlog by weight x backlog, nobody above its order."""
        _allocate(self.backlog, self.weight, self.vendor[vendor], supply, self.allocated)

    def bills(self, shell: Floats) -> Floats:
        """Cash that buyers need to take all that is allocated to them (buyers, worlds), dollars.

        bill_b = shell_b sum_v gw_bv + sum_v gw_bv price_v (1 - leased_bv); `shell` (buyers, worlds) dollars per GW.
        """
        bills = np.empty(self.weight.shape)
        _bills(self.allocated, self.price, self.leased, shell, bills)
        return bills

    def cash_bill(self, buyer: int, vendor: int) -> Floats:
        """Cash that a buyer needs for the chips that one vendor has allocated to it (worlds,), dollars."""
        b, v = self.buyer[buyer], self.vendor[vendor]
        return self.allocated[b, v] * self.price[v] * (1.0 - self.leased[b, v])

    def lease(self, buyer: int, vendor: int, amount: Floats) -> Floats:
        """Lease up to `amount` dollars more of what is allocated to a buyer this month. Returns dollars (worlds,)."""
        b, v = self.buyer[buyer], self.vendor[vendor]
        more = np.minimum(amount, self.cash_bill(buyer, vendor))
        self.leased[b, v] = np.minimum(self.leased[b, v] + share(more, self.allocated[b, v] * self.price[v]), 1.0)
        return more

    def take(self, fraction: Floats) -> None:
        """Buyers take (and can pay for) a fraction (buyers, worlds) of their allocation; the rest waits."""
        _take(self.allocated, self.backlog, self.shipped, fraction)

    def fall_short(self, vendor: int, fraction: Floats) -> None:
        """The vendor can deliver only a fraction of what was taken; the rest goes back to the backlog."""
        v = self.vendor[vendor]
        missing = self.shipped[:, v] * (1.0 - fraction)
        self.shipped[:, v] -= missing
        self.backlog[:, v] += missing


class Seller(Protocol):
    """A vendor as its buyers see it: what it can make a month (GW), its price index and its share of orders."""

    account: int
    capacity: Floats
    price_index: Floats
    order_share: Floats

    def list_price(self) -> Floats:
        """Dollars per GW."""


def price_of_new(vendors: Sequence[Seller]) -> Floats:
    """Dollars per GW of new chips, as orders are divided over vendors."""
    return total([vendor.order_share * vendor.list_price() for vendor in vendors])


@equation
def orders_kept(
    part: float,
    price: float,
    mean_price: float,
    queue: float,
    mean_queue: float,
    queue_weight: float,
    queue_limit: float,
    switching: float,
    lock_in: float,
) -> float:
    """max(share (1 - switching (1 - lock_in) premium), 0.0001), before all vendors' shares are made to add up to 1;
    premium = price - mean + queue_weight clip(queue - mean queue, -queue_limit, queue_limit).

    Of half of all orders a vendor loses a fourth where it is half dearer, half where one also waits longer for it:

    >>> [orders_kept(0.5, 1.5, 1.0, queue, 2.0, 0.25, 2.0, 1.0, 0.5) for queue in (2.0, 4.0, 9.0, 0.0)]
    [0.375, 0.25, 0.25, 0.5]
    >>> orders_kept(0.5, 9.0, 1.0, 2.0, 2.0, 0.25, 2.0, 1.0, 0.5), orders_kept(0.5, 9.0, 1.0, 2.0, 2.0, 0.25, 2.0, 1.0, 1.0)
    (0.0001, 0.5)
    """
    premium = (price - mean_price) + queue_weight * min(max(queue - mean_queue, -queue_limit), queue_limit)
    return max(part * (1.0 - switching * (1.0 - lock_in) * premium), SMALLEST_SHARE)


def switch_vendors(market: ChipMarket, vendors: Sequence[Seller]) -> None:
    """Orders drift from a dear or late vendor to the others, the more so the weaker the lock-in."""
    v = market.p.vendor
    mean = total([vendor.order_share * vendor.price_index for vendor in vendors])
    waiting = [share(market.backlog_of_vendor(x.account), x.capacity) for x in vendors]
    queue = total([x.order_share * w for x, w in zip(vendors, waiting, strict=True)])
    moved = [
        orders_kept(
            vendor.order_share, vendor.price_index, mean, wait, queue, v.queue_weight, v.queue_limit, v.switching, v.lock_in
        )
        for vendor, wait in zip(vendors, waiting, strict=True)
    ]
    whole = total(moved)
    for vendor, part in zip(vendors, moved, strict=True):
        vendor.order_share = part / whole
