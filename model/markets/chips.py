"""The chip market: orders become backlog, backlog is allocated to shipments, shipments are paid for or leased.

Ships min(backlog, capacity), pro rata to backlog or favouring investees; a buyer that cannot pay waits in the backlog. List price
per GW follows the generation's content; the price index moves with backlog cover.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Floats, Register, bounded, share, total


class ChipMarket(Register):
    """Backlog by buyer and vendor: `backlog` (buyers, vendors, worlds) GW; `shipped` likewise, this month."""

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

    def order(self, buyer: int, vendor: int, gw: Floats) -> None:
        """Add an order to the backlog (negative: cancel, never below nothing)."""
        b, v = self.buyer[buyer], self.vendor[vendor]
        self.backlog[b, v] = np.maximum(self.backlog[b, v] + gw, 0.0)

    def backlog_of_vendor(self, vendor: int) -> Floats:
        """GW ordered from a vendor and not yet shipped (worlds,)."""
        return total(self.backlog[b, self.vendor[vendor]] for b in range(len(self.buyers)))

    def backlog_of_buyer(self, buyer: int) -> Floats:
        """GW that a buyer waits for (worlds,)."""
        return total(self.backlog[self.buyer[buyer], v] for v in range(len(self.vendors)))

    def allocate(self, vendor: int, supply: Floats) -> None:
        """Share a vendor's supply (GW this month) over the backlog by weight x backlog, nobody above its order."""
        v = self.vendor[vendor]
        whole = self.backlog_of_vendor(vendor)
        left = np.minimum(supply, whole)
        granted = np.zeros_like(self.backlog[:, v])
        # Two rounds: what favoured buyers do not need goes round again.
        for _ in range(2):
            open_orders = self.backlog[:, v] - granted
            claims = self.weight * open_orders
            granted += np.minimum(claims * share(left, total(claims)), open_orders)
            left = np.maximum(np.minimum(supply, whole) - total(granted), 0.0)
        self.allocated[:, v] = granted

    def expected(self, buyer: int) -> Floats:
        """GW allocated to a buyer this month over all vendors (worlds,)."""
        return total(self.allocated[self.buyer[buyer], v] for v in range(len(self.vendors)))

    def take(self, buyer: int, fraction: Floats) -> None:
        """The buyer takes (and can pay for) a fraction of its allocation; the rest waits."""
        b = self.buyer[buyer]
        self.shipped[b] = self.allocated[b] * bounded(fraction, 0.0, 1.0)
        self.backlog[b] -= self.shipped[b]
        np.maximum(self.backlog[b], 0.0, out=self.backlog[b])

    def fall_short(self, vendor: int, fraction: Floats) -> None:
        """The vendor can deliver only a fraction of what was taken; the rest goes back to the backlog."""
        v = self.vendor[vendor]
        missing = self.shipped[:, v] * (1.0 - fraction)
        self.shipped[:, v] -= missing
        self.backlog[:, v] += missing
