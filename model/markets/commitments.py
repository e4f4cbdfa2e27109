"""Large commitments to compute: whom a lab signs with, and how much of what it wants a seller believes and can build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from perpetuum.model.equations import DUST, equation, kernel
from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.parameters.groups import CloudFigures
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Array, Floats, anywhere

#: Months from one part of a commitment to the next.
QUARTER = 3


@equation
def believed(wanted: float, price: float, most_bill: float, most_built: float) -> float:
    """min(wanted, most bill / price, most built), GW: a buyer's yearly bill is believed in up to a part of what it is worth.

    >>> believed(4.0, 12.0, 60.0, 8.0), believed(4.0, 12.0, 36.0, 8.0), believed(4.0, 12.0, 60.0, 1.5)
    (4.0, 3.0, 1.5)
    """
    return min(wanted, most_bill / price if price > DUST else wanted, most_built)


class Lump(NamedTuple):
    """A commitment that a lab would sign this month, (worlds,)."""

    gw: Floats
    most_bill: Floats  # dollars a year that sellers believe
    seller: Floats  # luck in [0, 1) that picks the seller
    start: Array  # month


class Seller(Protocol):
    """Who signs: a cloud, large or not, that wins its part of new contracts."""

    account: int
    kind: str
    figures: CloudFigures


class Signed(NamedTuple):
    """What is signed, (worlds,): account of the seller (-1: nothing), GW, first month."""

    seller: Array
    gw: Floats
    start: Array


def most_at_once(p: ParameterValues, sellers: Sequence[Seller], capacity: Mapping[int, Floats]) -> Floats:
    """GW that each seller can build for one contract (sellers, worlds): several times its capacity; a large cloud whatever is
    asked for."""
    several = {"leveraged": p.ambition.lump_leveraged, "neocloud": p.ambition.lump_neocloud}
    most = np.full((len(sellers), p.worlds), np.inf)
    for row, seller in zip(most, sellers, strict=True):
        if seller.kind in several:
            row[:] = several[seller.kind] * capacity[seller.account]
    return most


@kernel
def picked_by_luck(shares, luck, alone):
    """Number of the seller (sellers, worlds) whose share a world's luck in [0, 1) falls on: the last one's where it falls on
    none. Where no seller has a share, luck falls on the last one (`alone` 0.0) or on the first (1.0)."""
    sellers, worlds = shares.shape
    picked = np.zeros(worlds, dtype=np.int64)
    for w in range(worlds):
        whole = shares[0, w]
        for s in range(1, sellers):
            whole += shares[s, w]
        mark = 0.0
        for s in range(sellers):
            mark += shares[s, w]
            if luck[w] >= (mark / whole if whole > DUST else alone):
                picked[w] += 1
        picked[w] = min(picked[w], sellers - 1)
    return picked


def place_lump(
    p: ParameterValues,
    capacity: Mapping[int, Floats],
    sellers: Sequence[Seller],
    lump: Lump,
    price: Floats,
    able: Floats,
) -> Signed:
    """One seller by its share of new contracts signs what it believes and can build; `able` is 0 where nobody signs.

    `capacity`: GW of each seller. Large clouds build whatever is asked for.
    """
    shares = np.array([seller.figures.contract_share for seller in sellers])
    picked = picked_by_luck(shares, lump.seller, 0.0)
    built = most_at_once(p, sellers, capacity)[picked, np.arange(p.worlds)]
    gw = believed(lump.gw, price, lump.most_bill, built) * able * (shares > 0).any(axis=0)
    accounts = np.array([seller.account for seller in sellers])
    return Signed(np.where(gw > 0, accounts[picked], -1), gw, lump.start)


def sign_in_steps(
    contracts: ComputeContracts, buyer: int, signed: Signed, price: Floats, steps: int, term: int | Array
) -> None:
    """Enter a commitment that starts in equal parts, a quarter apart, and ends with its first part's term."""
    if anywhere(signed.gw):
        pairs = contracts.pairs_with(buyer, signed.seller)
        contracts.sign_each(pairs, signed.gw, price, signed.start, term, steps, QUARTER)
