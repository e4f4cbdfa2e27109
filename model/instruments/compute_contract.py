"""Reserved compute: take-or-pay contracts, as cohorts by pair.

A contract is a quantity (GW) at a price for a term. Cohorts are kept by the month in which they start and the month in which
they end, so that thousands of contracts are four arrays. Remaining performance obligations (RPO) are neither debt nor revenue.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import kernel
from perpetuum.model.worlds import Floats, Register


@kernel
def _reserved(gw, starting, ending, pairs, first, last):
    """GW in force, and starting less ending from month `first` to before `last`, over pairs (worlds,)."""
    worlds = gw.shape[1]
    result = np.zeros(worlds)
    for pair in pairs:
        coming = gw[pair].copy()
        for t in range(first, last):
            for w in range(worlds):
                coming[w] += starting[pair, t, w] - ending[pair, t, w]
        for w in range(worlds):
            result[w] += coming[w]
    return result


class ComputeContracts(Register):
    """Contracts of pairs (buyer, seller): GW and dollars a year in force, starting and ending, and what remains to be paid.

    `gw`, `bill` (pairs, worlds): in force, dollars a year for `bill`. `starting_*`, `ending_*` (pairs, months, worlds).
    `obligations` (pairs, worlds): RPO in dollars.
    """

    def __init__(self, pairs: tuple[tuple[int, int], ...], months: int, worlds: int):
        self.pairs = pairs
        shape = (len(pairs), months, worlds)
        self.gw: Floats = np.zeros((len(pairs), worlds))
        self.bill: Floats = np.zeros((len(pairs), worlds))
        self.obligations: Floats = np.zeros((len(pairs), worlds))
        self.starting_gw: Floats = np.zeros(shape)
        self.starting_bill: Floats = np.zeros(shape)
        self.ending_gw: Floats = np.zeros(shape)
        self.ending_bill: Floats = np.zeros(shape)
        self.served: Floats = np.zeros((len(pairs), worlds))  # obligations that have been served so far
        self.shed: Floats = np.zeros((len(pairs), worlds))  # RPO rejected, lapsed or renegotiated so far

    def of_buyer(self, buyer: int) -> list[int]:
        """Pairs of a buyer."""
        return [index for index, (who, _) in enumerate(self.pairs) if who == buyer]

    def of_seller(self, seller: int) -> list[int]:
        """Pairs of a seller."""
        return [index for index, (_, who) in enumerate(self.pairs) if who == seller]

    def sign(self, pair: int, gw: Floats, price: Floats, start: int, term: int, month: int) -> None:
        """Sign GW at dollars per GW-year from month `start` for `term` months; `start` may lie in the past."""
        bill = gw * price
        end = start + term
        if end <= month:
            return
        self.obligations[pair] += bill * (end - max(start, month)) / 12
        if start <= month:
            self.gw[pair] += gw
            self.bill[pair] += bill
        else:
            if start >= self.starting_gw.shape[1]:
                return
            self.starting_gw[pair, start] += gw
            self.starting_bill[pair, start] += bill
        last = self.ending_gw.shape[1] - 1
        if end <= last:
            self.ending_gw[pair, end] += gw
            self.ending_bill[pair, end] += bill

    def advance(self, month: int) -> tuple[Floats, Floats]:
        """Start and end contracts at the beginning of a month; returns GW ended and GW started by pair."""
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
        self.served += month

    def reserved_at(self, pairs: list[int], month: int, ahead: int) -> Floats:
        """GW that will be in force `ahead` months after `month` over the given pairs (worlds,)."""
        last = min(month + ahead + 1, self.starting_gw.shape[1])
        chosen = np.array(pairs, dtype=np.int64)
        return _reserved(self.gw, self.starting_gw, self.ending_gw, chosen, month + 1, last)

    def shrink(self, pair: int, lost: Floats, month: int) -> None:
        """Reject, lapse or renegotiate away a fraction (worlds,) of everything a pair has signed."""
        kept = 1.0 - lost
        self.shed[pair] += self.obligations[pair] * lost
        for array in (self.gw, self.bill, self.obligations):
            array[pair] *= kept
        where = np.flatnonzero(lost)
        for array in (self.starting_gw, self.starting_bill, self.ending_gw, self.ending_bill):
            array[pair, month + 1 :, where] *= kept[where, None]
