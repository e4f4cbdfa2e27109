"""Leases between clouds and contracts of customers outside the model (`leases.on`): take-or-pay, lumpy, and ending.

A hyperscaler leases part of what it lacks from the leveraged cloud or a neocloud. Customers outside the model, who pay as all
AI's customers do, sign with these two as well; what they have signed before the start is a preset's figure. All of it stands
in the book of contracts, so that it is built for, served, billed, and lapses where it is not delivered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from perpetuum.model.equations import DUST, equation
from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.markets.commitments import QUARTER, Seller, Signed, most_at_once, picked_by_luck
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.expectations import growth_expected, growth_seen, need_expected
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Array, Floats, Stateful, anywhere

#: Kinds of clouds that let compute to others by contract.
SELLERS = ("leveraged", "neocloud")
#: Draws for a contract that may come in a month; its size is drawn, normal, beside them.
CHANCES = ("comes", "seller", "start", "term")


@equation
def leased(gap: float, capacity: float, least: float, part: float, most: float, luck: float) -> float:
    """min(part x gap, most) x luck, GW; 0 where the gap is below least x own capacity.

    >>> leased(2.0, 8.0, 0.125, 0.5, 4.0, 1.0), leased(2.0, 8.0, 0.125, 0.5, 0.75, 2.0), leased(0.5, 8.0, 0.125, 0.5, 4.0, 1.0)
    (1.0, 1.5, 0.0)
    """
    return min(part * gap, most) * luck if gap > least * capacity else 0.0


@equation
def sought_by_outsiders(
    capacity: float, size: float, luck: float, growth: float, full: float, most: float, room: float
) -> float:
    """min(capacity x size x luck x clip(growth expected / full, 0, most), room), GW: who does not grow signs nothing.

    >>> [sought_by_outsiders(8.0, 0.25, 1.5, growth, 0.04, 1.5, 9.0) for growth in (0.02, 0.04, 0.4, -0.01)]
    [1.5, 3.0, 4.5, 0.0]
    >>> sought_by_outsiders(8.0, 0.25, 1.5, 0.04, 0.04, 1.5, 2.0)
    2.0
    """
    return min(capacity * size * luck * min(max(growth / full, 0.0), most), room)


@equation
def room_for_contracts(use: float, pool: float, contracted: float) -> float:
    """(pool x direct customers' use expected - outside customers' contracts then)+, GW: both grow with the same demand.

    >>> room_for_contracts(8.0, 0.75, 4.0), room_for_contracts(8.0, 0.75, 7.0)
    (2.0, 0.0)
    """
    return max(pool * use - contracted, 0.0)


@equation
def open_to_all(contracted: float, use: float, at_opening: float) -> float:
    """(1 - contracted / use)+ over what it was at the opening: part of direct customers' use that no contract covers.

    Who signs a contract no longer buys what it is for as one of a cloud's direct customers.

    >>> open_to_all(2.0, 8.0, 1.0), open_to_all(2.0, 8.0, 0.75), open_to_all(9.0, 8.0, 0.75), open_to_all(1.0, 8.0, 0.0)
    (0.75, 1.0, 0.0, 1.0)
    """
    if at_opening <= DUST or use <= DUST:
        return 1.0
    return max(1.0 - contracted / use, 0.0) / at_opening


@equation
def trusted(delivered: float, patience: float) -> float:
    """clip(1 - (1 - delivered) / patience, 0, 1): part of a contract that is signed with who delivers a part of what it sold.

    >>> trusted(1.0, 0.5), trusted(0.75, 0.5), trusted(0.25, 0.5)
    (1.0, 0.5, 0.0)
    """
    return min(max(1.0 - (1.0 - delivered) / patience, 0.0), 1.0)


@equation
def in_use_at_opening(gw: float, commitments: float, price: float, months: float) -> float:
    """min(gw, 12 x commitments / (price x months)), GW: no more than what is promised pays for.

    >>> in_use_at_opening(0.5, 60.0, 12.0, 60.0), in_use_at_opening(0.5, 60.0, 12.0, 240.0)
    (0.5, 0.25)
    """
    return min(gw, 12.0 * commitments / (price * months) if price > DUST else 0.0)


@equation
def started_each_quarter(commitments: float, price: float, in_use: float, months: float, months_left: float) -> float:
    """(12 x commitments / price - in use x months)+ / months left, GW: what makes the whole worth what was promised.

    `months left`: of all steps together, each from its start to the common end.

    >>> started_each_quarter(60.0, 12.0, 0.5, 60.0, 60.0), started_each_quarter(60.0, 12.0, 1.0, 60.0, 60.0)
    (0.5, 0.0)
    """
    return max((12.0 * commitments / price if price > DUST else 0.0) - in_use * months, 0.0) / months_left


class Drawn(NamedTuple):
    """The luck of a month for one signer: chances in [0, 1), and the log of a size's luck; (worlds,)."""

    comes: Floats
    seller: Floats
    start: Floats
    term: Floats
    size: Floats


class Offer(NamedTuple):
    """What sellers can do this month, by account, (worlds,) each."""

    capacity: Mapping[int, Floats]  # GW that can be sold or used
    able: dict[int, Floats]  # part of a contract that is signed with it: 0 in default, or where nobody finances anything


class LeaseMarket(Stateful):
    """Who signs what in a month. `use`, `growth` (worlds,): GW that direct customers use, and its growth seen, log a month;
    `direct_open` (worlds,): part of it that no contract covers, against the opening's.
    """

    def __init__(self, p: ParameterValues, streams: Streams, signers: dict[int, str]):
        """`signers`: accounts of buyers of leases and of sellers to outside customers, each with a name for its luck."""
        self.p = p
        self.growth: Floats = p.building.direct_growth.copy()
        self.use: Floats = np.zeros(p.worlds)
        self.direct_open: Floats = np.ones(p.worlds)
        self._open_at_opening: Floats = np.ones(p.worlds)
        self._use_now: Floats = np.zeros(p.worlds)  # GW that direct customers use this month
        self.chances: dict[int, Floats] = {}  # by account: (worlds, months, chances)
        self.sizes: dict[int, Floats] = {}  # (worlds, months)
        for account, name in signers.items():
            draws = streams.uniform(f"lease {name} chances", streams.months * len(CHANCES))
            # chance by chance and month by month, as they are looked up
            self.chances[account] = np.asfortranarray(draws.reshape(-1, streams.months, len(CHANCES)))
            self.sizes[account] = np.asfortranarray(streams.normal(f"lease {name} size", streams.months))

    def see(self, use: Floats) -> None:
        """How fast direct customers' use of compute grows, from this month's."""
        self.growth = growth_seen(self.growth, use, self.use, self.p.expectations.memory_months)
        self.use = use

    def see_contracts(self, month: int, use: Floats, contracted: Floats) -> None:
        """What of direct customers' use (GW) outside customers' contracts of the month leave open."""
        self._use_now = use
        if month == 0:
            self._open_at_opening = open_to_all(contracted, use, np.ones(len(use)))
        self.direct_open = self.open_when(contracted, np.ones(len(use)))

    def open_when(self, contracted: Floats, grown: Floats) -> Floats:
        """Part of direct customers' use that so many GW of contracts leave open, once that use has grown to so many times this
        month's, against the opening's.
        """
        left = open_to_all(contracted, self._use_now * grown, self._open_at_opening)
        return np.where(self.p.leases.on, left, 1.0)

    def latest_start(self) -> Floats:
        """Months until the last part of what is signed now starts, at most."""
        leases = self.p.leases
        return leases.start_months + leases.wait + QUARTER * (leases.steps - 1)

    def arrivals(self, seller: Seller) -> Floats:
        """Chance that outside customers come to a cloud in a month."""
        leases = self.p.leases
        return leases.arrivals_leveraged if seller.kind == "leveraged" else leases.arrivals_neocloud

    def comes(self, account: int, rate: Floats, month: int) -> bool:
        """Whether a firm signs anything this month in any world; `rate`: the chance that it does."""
        return anywhere(self.chances[account][:, month, CHANCES.index("comes")] < rate)

    def lease(
        self, buyer: int, gap: Floats, own: Floats, sellers: Sequence[Seller], offer: Offer, month: int
    ) -> tuple[Signed, Array]:
        """What a hyperscaler leases of what it lacks (GW), and for how many months; `own`: GW of its own.

        One seller by its kind's share and by trust signs what it can build.
        """
        leases, luck = self.p.leases, self._drawn(buyer, month)
        wanted = leased(gap, own, leases.least, leases.part, leases.most, self._size(luck, leases.spread))
        wanted = np.where(luck.comes < leases.rate, wanted, 0.0)
        shares = {"neocloud": leases.to_neocloud, "leveraged": 1.0 - leases.to_neocloud}
        able = np.array([offer.able[seller.account] for seller in sellers])
        picked = picked_by_luck(np.array([shares[seller.kind] for seller in sellers]) * able, luck.seller, 1.0)
        built = most_at_once(self.p, sellers, offer.capacity)
        chosen = picked, np.arange(self.p.worlds)
        accounts = np.array([seller.account for seller in sellers])[picked]
        return self._terms(np.minimum(wanted, built[chosen]) * able[chosen], accounts, luck, month)

    def outsiders(self, seller: Seller, offer: Offer, contracted: Floats, month: int) -> tuple[Signed, Array]:
        """What an outside customer signs with a cloud this month (GW), and for how many months.

        `contracted`: GW of all outside customers' contracts when what is signed now has started.
        """
        leases, e, luck = self.p.leases, self.p.expectations, self._drawn(seller.account, month)
        use = need_expected(self.use, self.growth, e.weight, e.long_run, e.fade, self.latest_start())
        wanted = sought_by_outsiders(
            offer.capacity[seller.account],
            leases.size_leveraged if seller.kind == "leveraged" else leases.size_neocloud,
            self._size(luck, leases.size_spread),
            growth_expected(self.growth, e.weight, e.long_run),
            leases.growth_full,
            leases.growth_most,
            room_for_contracts(use, leases.pool, contracted),
        )
        [built] = most_at_once(self.p, [seller], offer.capacity)
        wanted = np.where(luck.comes < self.arrivals(seller), np.minimum(wanted, built), 0.0)
        return self._terms(wanted * offer.able[seller.account], np.full(self.p.worlds, seller.account), luck, month)

    def _drawn(self, account: int, month: int) -> Drawn:
        chances = dict(zip(CHANCES, self.chances[account][:, month].T, strict=True))
        return Drawn(**chances, size=self.sizes[account][:, month])

    def _size(self, luck: Drawn, spread: Floats) -> Floats:
        """Log-normal, one on average."""
        return np.exp(spread * luck.size - spread**2 / 2)

    def _terms(self, gw: Floats, accounts: Array, luck: Drawn, month: int) -> tuple[Signed, Array]:
        leases = self.p.leases
        start = month + np.floor(leases.start_months + leases.wait * luck.start).astype(np.int64)
        longest = np.maximum(leases.term_most, leases.term_least)
        term = np.rint(leases.term_least + (longest - leases.term_least) * luck.term).astype(np.int64)
        return Signed(np.where(gw > 0, accounts, -1), gw, start), term


def open_outside_contracts(
    contracts: ComputeContracts, p: ParameterValues, pair: int, gw: Floats, commitments: Floats
) -> None:
    """Enter what outside customers have signed with a cloud before the start: worth `commitments` dollars where `leases.on`.

    `gw` of it is in use (worlds,); the rest starts in equal steps, a quarter apart, and all of it ends together.
    """
    leases, months = p.leases, p.leases.open_months
    starts = [QUARTER * step for step in range(1, leases.open_steps + 1)]
    left = sum(months - start for start in starts)
    promised = commitments * leases.on
    in_use = in_use_at_opening(gw, promised, leases.open_price, months)
    contracts.sign(pair, in_use, leases.open_price, 0, months, 0)
    step = started_each_quarter(promised, leases.open_price, in_use, months, left)
    for start in starts:
        contracts.sign(pair, step, leases.open_price, start, months - start, 0)
