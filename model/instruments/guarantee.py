"""Guarantees: a vendor stands behind a lender's loan to its customer, and pays when the customer defaults."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.worlds import Dollars, Register, anywhere


class Guarantees(Register):
    """What each vendor guarantees, by loan pool: `amount` (vendors, pools, worlds), whole dollars, never in the books."""

    def __init__(self, vendors: tuple[int, ...], pools: int, worlds: int):
        self.vendors = vendors
        self.amount: Dollars = np.zeros((len(vendors), pools, worlds), dtype=np.int64)

    def give(self, vendor: int, pool: int, amount: Dollars) -> None:
        """Guarantee a newly drawn loan."""
        self.amount[self.vendors.index(vendor), pool] += amount

    def limit_to(self, balance: Dollars) -> None:
        """A guarantee never exceeds what is still owed of its pool (pools, worlds); the first vendor's is reduced first."""
        if not anywhere(self.amount):
            return
        left = balance.copy()
        for rows in self.amount:
            np.minimum(rows, left, out=rows)
            left -= rows

    def of(self, vendor: int) -> Dollars:
        """All guarantees of a vendor (worlds,)."""
        return self.amount[self.vendors.index(vendor)].sum(axis=0)

    def on(self, vendor: int, pools: Sequence[int]) -> Dollars:
        """What a vendor guarantees of some pools (worlds,)."""
        return self.amount[self.vendors.index(vendor), list(pools)].sum(axis=0)
