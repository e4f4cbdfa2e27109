"""Single postings of a month, kept where a page asks for them: who paid whom how much for what, and in which colours."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from perpetuum.model.worlds import Array, Dollars, Floats, anywhere


class Posting(NamedTuple):
    """One payment in all worlds; account numbers of the ledger.

    `amount` (worlds,): whole dollars. `colours` (dyes, worlds): fractions of the dollars paid, at that moment.
    `cash`: False for a sale on the seller's own credit, for which no cash moved.
    """

    kind: str
    payer: int
    payee: int
    amount: Dollars
    colours: Floats
    cash: bool = True


def match_pairs(value: Dollars) -> tuple[Array, Array, Any]:
    """Pair buyers with sellers of one leg (accounts, worlds) in account order: payers, payees, paid (pairs, worlds)."""
    bought = np.cumsum(np.maximum(value, 0), axis=0)
    sold = np.cumsum(np.maximum(-value, 0), axis=0)
    payers, payees, paid = [], [], []
    for buyer in np.flatnonzero((value > 0).any(axis=1)):
        for seller in np.flatnonzero((value < 0).any(axis=1)):
            top = np.minimum(bought[buyer], sold[seller])
            bottom = np.maximum(bought[buyer] - np.maximum(value[buyer], 0), sold[seller] - np.maximum(-value[seller], 0))
            amount = np.maximum(top - bottom, 0)
            if anywhere(amount):
                payers.append(buyer)
                payees.append(seller)
                paid.append(amount)
    return np.array(payers, dtype=np.int64), np.array(payees, dtype=np.int64), paid
