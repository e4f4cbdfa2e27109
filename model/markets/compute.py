"""The compute market: reserved capacity is delivered, what stays idle meets spot demand, and the rent moves.

r' = r exp(k (D + slack - idle)/capacity), floor operating cost, cap a multiple of the opening rent (history: 8 to 2 $ per
chip-hour in 2023-24). Quantities in GW, rents in dollars per GW and year.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.equations import DUST, equation, kernel
from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import ByAccount, Floats, Stateful, anywhere, bounded, move_towards, share


@equation
def contract_price(rent: float, markup: float, new_capacity: float, years: float, operating_cost: float) -> float:
    """min(rent, markup (cost of new capacity / years + operating cost)), dollars per GW and year: never above the going rent.

    >>> contract_price(12.0, 1.25, 20.0, 5.0, 4.0), contract_price(8.0, 1.25, 20.0, 5.0, 4.0)
    (10.0, 8.0)
    """
    return min(rent, markup * (new_capacity / years + operating_cost))


@kernel
def _deliver(gw, sellers, buyers, usable, powered, contracted, capacity, fraction, reserved, rented_in):
    """Serve clouds' contracts (pairs, worlds) from their own chips that have power and what they rent in, all pairs of a seller
    alike; first those with clouds, so that what these rent in is there for their own buyers in the same month (what a seller of
    such a contract rents in itself counts as it was last month).

    `sellers`: each pair's place among clouds; `buyers`: among labs, or beyond them among clouds.
    """
    clouds, worlds = capacity.shape
    labs = reserved.shape[0]
    contracted[:] = 0.0
    for pair in range(len(sellers)):
        for w in range(worlds):
            contracted[sellers[pair], w] += gw[pair, w]
    reserved[:] = 0.0
    for to_clouds in (True, False):
        for c in range(clouds):
            for w in range(worlds):
                capacity[c, w] = usable[w] * powered[c, w] + rented_in[c, w]
                there = contracted[c, w] > DUST
                fraction[c, w] = min(1.0, capacity[c, w] / contracted[c, w] if there else 1.0)
        if to_clouds:
            rented_in[:] = 0.0
        for pair in range(len(sellers)):
            buyer = buyers[pair]
            if buyer >= 0 and (buyer >= labs) == to_clouds:
                received = rented_in[buyer - labs] if to_clouds else reserved[buyer]
                for w in range(worlds):
                    received[w] += gw[pair, w] * fraction[sellers[pair], w]


@kernel
def _use(contracted, fraction, capacity, direct, own, absorbed, direct_served, idle, own_used):
    """Clouds serve their direct customers, then their own products, which also absorb part of the rest (clouds, worlds)."""
    clouds, worlds = capacity.shape
    for c in range(clouds):
        for w in range(worlds):
            left = max(capacity[c, w] - contracted[c, w] * fraction[c, w], 0.0)
            direct_served[c, w] = min(1.0, left / direct[c, w] if direct[c, w] > DUST else 1.0)
            left = max(left - direct[c, w], 0.0)
            idle[c, w] = max(left - own[c, w], 0.0) * (1.0 - absorbed[c, w])
            own_used[c, w] = left - idle[c, w]


@kernel
def _sell_spot(idle, wanted, capacity, rented_in, idle_norm, spot, spot_sold, excess):
    """Sell clouds' idle capacity to labs (labs, worlds) pro rata; `excess`: demand beyond it and the usual slack, of capacity,
    in which what clouds rent of each other counts once.
    """
    clouds, worlds = idle.shape
    labs = wanted.shape[0]
    for w in range(worlds):
        there, demand, whole = idle[0, w], wanted[0, w], capacity[0, w] - rented_in[0, w]
        for c in range(1, clouds):
            there += idle[c, w]
            whole += capacity[c, w] - rented_in[c, w]
        for lab in range(1, labs):
            demand += wanted[lab, w]
        served = min(1.0, there / demand if demand > DUST else 1.0)
        taken = min(1.0, demand / there if there > DUST else 0.0)
        for lab in range(labs):
            spot[lab, w] = wanted[lab, w] * served
        for c in range(clouds):
            spot_sold[c, w] = idle[c, w] * taken
        excess[w] = (demand + idle_norm[w] * whole - there) / whole if whole > DUST else 0.0


@kernel
def _spot_bills(spot, spot_sold, rent, quality):
    """Rent due this month on spot compute by lab and cloud (labs, clouds, worlds), dollars: labs pay the rent for all that they
    use, of which clouds with older chips get less for each GW.
    """
    labs, clouds, worlds = spot.shape[0], spot_sold.shape[0], len(rent)
    bills, part = np.empty((labs, clouds, worlds)), np.empty((clouds, worlds))
    for w in range(worlds):
        sold = spot_sold[0, w] * quality[0, w]
        for c in range(1, clouds):
            sold += spot_sold[c, w] * quality[c, w]
        for c in range(clouds):
            part[c, w] = spot_sold[c, w] * quality[c, w] / sold if sold > DUST else 0.0
    for lab in range(labs):
        for c in range(clouds):
            for w in range(worlds):
                bills[lab, c, w] = spot[lab, w] * part[c, w] * rent[w] / 12
    return bills


class _Places:
    """Each pair's seller among clouds and its buyer among labs and, after these, clouds (-1: neither), the same in all worlds."""

    def __init__(self, pairs: tuple[tuple[int, int], ...], clouds: tuple[int, ...], labs: tuple[int, ...]):
        buyers = (*labs, *clouds)
        self.sellers = np.array([clouds.index(seller) for _, seller in pairs], dtype=np.int64)
        self.buyers = np.array([buyers.index(b) if b in buyers else -1 for b, _ in pairs], dtype=np.int64)


class ComputeMarket(Stateful):
    """Reservations and spot compute between clouds (sellers) and labs (buyers); clouds may also reserve with clouds."""

    def __init__(self, p: ParameterValues, contracts: ComputeContracts, clouds: tuple[int, ...], labs: tuple[int, ...]):
        self.p = p
        self.contracts = contracts
        self.clouds = clouds
        self.labs = labs
        self._places = _Places(contracts.pairs, clouds, labs)
        self.rent = p.compute.rent.copy()
        self.rent_average = p.compute.rent.copy()
        self.capacity = ByAccount(clouds, p.worlds)  # GW that can be sold or used
        self.rented_in = ByAccount(clouds, p.worlds)
        self.idle = ByAccount(clouds, p.worlds)
        self.quality = ByAccount(clouds, p.worlds, 1.0)
        self.fraction = ByAccount(clouds, p.worlds, 1.0)  # of contracted GW that is delivered
        self.direct_served = ByAccount(clouds, p.worlds, 1.0)
        self.spot = ByAccount(labs, p.worlds)  # GW bought on spot
        self.reserved = ByAccount(labs, p.worlds)  # GW delivered under contract
        self.spot_sold = ByAccount(clouds, p.worlds)
        self.own_used = ByAccount(clouds, p.worlds)  # GW that run a cloud's own products
        self.contracted = ByAccount(clouds, p.worlds)  # GW under contract with a cloud as the month's are delivered
        self.excess = np.zeros(p.worlds)

    def deliver_reserved(self, powered: Sequence[Floats], quality: Sequence[Floats]) -> None:
        """Clouds serve their contracts from their own chips that have power and what they rent from others, all pairs alike;
        buyers receive what sellers can deliver.
        """
        places = self._places
        self.quality.rows[...] = quality
        _deliver(
            self.contracts.gw, places.sellers, places.buyers, self.p.compute.usable, np.array(powered), self.contracted.rows,
            self.capacity.rows, self.fraction.rows, self.reserved.rows, self.rented_in.rows,
        )  # fmt: skip

    def use(self, direct: Sequence[Floats], own: Sequence[Floats], absorbed: Sequence[Floats]) -> None:
        """Clouds serve their direct customers, then their own products, which also absorb part of the rest, (worlds,) each."""
        _use(
            self.contracted.rows, self.fraction.rows, self.capacity.rows, np.array(direct), np.array(own), np.array(absorbed),
            self.direct_served.rows, self.idle.rows, self.own_used.rows,
        )  # fmt: skip

    def own_share(self, cloud: int) -> Floats:
        """Share of a cloud's capacity that runs its own products (worlds,)."""
        return share(self.own_used[cloud], self.capacity[cloud])

    def sell_spot(self, wanted: Sequence[Floats]) -> None:
        """Sell idle capacity to labs pro rata; `wanted`: GW of each lab, (worlds,)."""
        _sell_spot(
            self.idle.rows, np.array(wanted), self.capacity.rows, self.rented_in.rows, self.p.compute.idle_norm,
            self.spot.rows, self.spot_sold.rows, self.excess,
        )  # fmt: skip

    def clear_spot(self, wanted: Sequence[Floats]) -> None:
        """Sell idle capacity to labs pro rata and move the rent; `wanted`: GW of each lab, (worlds,)."""
        c = self.p.compute
        self.sell_spot(wanted)
        moved = self.rent * np.exp(c.rent_speed * bounded(self.excess, -1.0, 1.0))
        self.rent = bounded(moved, c.operating_cost, c.rent_cap * c.rent)
        self.rent_average = move_towards(self.rent_average, self.rent, 1.0 / self.p.compute.average_months)

    def unsold(self, cloud: int) -> Floats:
        """GW of a cloud that neither contracts nor spot customers use."""
        return np.maximum(self.idle[cloud] - self.spot_sold[cloud], 0.0)

    def reserved_bills(self) -> Floats:
        """Rent due this month on contracts (pairs, worlds), dollars."""
        return self.contracts.bill * self.fraction.rows[self._places.sellers] / 12

    def spot_bills(self) -> Floats:
        """Rent due this month on spot compute (labs, clouds, worlds), dollars; clouds with older chips get less of it."""
        return _spot_bills(self.spot.rows, self.spot_sold.rows, self.rent, self.quality.rows)

    def contract_price(self, new_capacity: Floats) -> Floats:
        """Dollars per GW and year of a new contract, given what new capacity costs per GW.

        That cost over the years in which it is recovered, and operation, plus a margin; never above the going rent.
        """
        years, cost = self.p.technology.recovery_years, self.p.compute.operating_cost
        return contract_price(self.rent_average, self.p.contracts.markup, new_capacity, years, cost)

    def rent_index(self) -> Floats:
        """Average rent against the opening one."""
        return self.rent_average / self.p.compute.rent

    def lapse(self, month: int) -> None:
        """Contracts that a seller cannot serve lapse slowly, in proportion to what is missing."""
        for seller in self.clouds:
            missing = 1.0 - self.fraction[seller]
            if anywhere(missing):
                self.contracts.shrink_all(
                    self.contracts.of_seller(seller), self.p.contracts.lapse * missing, month, lapse=True
                )
