"""Prepayments: what buyers of computing power have paid ahead to sellers, and how much of it a default leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from perpetuum.model.books.ledger import Ledger
from perpetuum.model.worlds import Array, Dollars, Floats, Register, anywhere


class Prepayments(Register):
    """`held` (pairs, worlds): whole dollars; `pairs`: (buyer, seller); `contracts`: the pair's number among contracts."""

    def __init__(self, pairs: Sequence[tuple[int, int]], buyers: Sequence[int], worlds: int):
        self.contracts = [number for number, (buyer, _) in enumerate(pairs) if buyer in buyers]
        self.pairs = tuple(pairs[number] for number in self.contracts)
        self.held: Dollars = np.zeros((len(self.pairs), worlds), dtype=np.int64)

    def items(self) -> Iterator[tuple[tuple[int, int], Dollars]]:
        """Each pair with what its buyer has paid ahead (worlds,)."""
        return zip(self.pairs, self.held, strict=True)

    def wanted(self, bill: Array, months: Floats) -> Dollars:
        """Whole dollars that the bills of contracts in force (contracts, worlds; dollars a year) ask to be paid ahead."""
        return np.rint(bill[self.contracts] / 12 * months).astype(np.int64)

    def returned(self, ledger: Ledger, row: int, missing: Dollars) -> Dollars:
        """Whole dollars that a seller gives back of what is held beyond the bills, as far as its cash goes."""
        return np.minimum(np.maximum(-missing, 0), ledger.cash(self.pairs[row][1]))

    def open(self, ledger: Ledger, wanted: Dollars) -> None:
        """Enter what has been paid ahead at the start."""
        for row, (buyer, seller) in enumerate(self.pairs):
            ledger.open_claim("prepayments", buyer, seller, wanted[row])
        self.held = wanted

    def move(self, ledger: Ledger, row: int, more: Dollars, back: Dollars) -> None:
        """A buyer pays more ahead, or gets some of it back."""
        buyer, seller = self.pairs[row]
        if anywhere(more):
            ledger.advance(buyer, seller, more, "prepayments", "prepayment")
        if anywhere(back):
            ledger.redeem(seller, buyer, back, "prepayments", "prepayment_return")
        self.held[row] += more - back

    def forfeit(self, ledger: Ledger, firm: int, as_buyer: Floats, as_seller: Floats) -> None:
        """After a default the claims are gone in part: fractions of what it has paid and of what it was paid ahead."""
        for row, (buyer, seller) in enumerate(self.pairs):
            fraction = as_buyer if buyer == firm else as_seller if seller == firm else None
            if fraction is not None:
                held = self.held[row]
                lost = np.minimum(np.rint(held * fraction), held).astype(np.int64)
                ledger.write_off(buyer, seller, lost, "prepayments")
                self.held[row] -= lost
