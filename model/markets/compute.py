"""The compute market: reserved capacity is delivered, what stays idle meets spot demand, and the rent moves.

r' = r exp(k (D + slack - idle)/capacity), floor operating cost, cap a multiple of the opening rent (history: 8 to 2 $ per
chip-hour in 2023-24). Quantities in GW, rents in dollars per GW and year.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import equation
from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Floats, Stateful, anywhere, bounded, move_towards, share, total


@equation
def contract_price(rent: float, markup: float, new_capacity: float, years: float, operating_cost: float) -> float:
    """min(rent, markup (cost of new capacity / years + operating cost)), dollars per GW and year: never above the going rent.

    >>> contract_price(12.0, 1.25, 20.0, 5.0, 4.0), contract_price(8.0, 1.25, 20.0, 5.0, 4.0)
    (10.0, 8.0)
    """
    return min(rent, markup * (new_capacity / years + operating_cost))


class ComputeMarket(Stateful):
    """Reservations and spot compute between clouds (sellers) and labs (buyers); clouds may also reserve with clouds."""

    def __init__(self, p: ParameterValues, contracts: ComputeContracts, clouds: tuple[int, ...], labs: tuple[int, ...]):
        self.p = p
        self.contracts = contracts
        self.clouds = clouds
        self.labs = labs
        zero = np.zeros(p.worlds)
        self.rent = p.compute.rent.copy()
        self.rent_average = p.compute.rent.copy()
        self.capacity = {c: zero.copy() for c in clouds}  # GW that can be sold or used
        self.rented_in = {c: zero.copy() for c in clouds}
        self.idle = {c: zero.copy() for c in clouds}
        self.quality = {c: np.ones(p.worlds) for c in clouds}
        self.fraction = {c: np.ones(p.worlds) for c in clouds}  # of contracted GW that is delivered
        self.direct_served = {c: np.ones(p.worlds) for c in clouds}
        self.spot = {lab: zero.copy() for lab in labs}  # GW bought on spot
        self.reserved = {lab: zero.copy() for lab in labs}  # GW delivered under contract
        self.spot_sold = {c: zero.copy() for c in clouds}
        self.own_used = {c: zero.copy() for c in clouds}  # GW that run a cloud's own products
        self.excess = zero.copy()

    def contracted_by(self, cloud: int) -> Floats:
        """GW under contract with a cloud (worlds,)."""
        pairs = self.contracts.of_seller(cloud)
        return total(self.contracts.gw[i] for i in pairs) if pairs else np.zeros(self.p.worlds)

    def deliver_reserved(self, cloud: int, powered: Floats, quality: Floats) -> None:
        """Serve a cloud's contracts from its own chips that have power and what it rents from others, all pairs alike."""
        self.capacity[cloud] = self.p.compute.usable * powered + self.rented_in[cloud]
        self.quality[cloud] = quality
        contracted = self.contracted_by(cloud)
        self.fraction[cloud] = np.minimum(1.0, share(self.capacity[cloud], contracted, 1.0))

    def hand_over_reserved(self) -> None:
        """Buyers receive what sellers can deliver."""
        for lab in self.labs:
            self.reserved[lab] = self._received(lab)
        for cloud in self.clouds:
            self.rented_in[cloud] = self._received(cloud)

    def _received(self, buyer: int) -> Floats:
        pairs = self.contracts.of_buyer(buyer)
        if not pairs:
            return np.zeros(self.p.worlds)
        return total(self.contracts.gw[i] * self.fraction[self.contracts.pairs[i][1]] for i in pairs)

    def use(self, cloud: int, direct: Floats, own: Floats, absorbed: Floats) -> None:
        """A cloud serves its direct customers, then its own products, which also absorb part of the rest (worlds,)."""
        left = np.maximum(self.capacity[cloud] - self.contracted_by(cloud) * self.fraction[cloud], 0.0)
        self.direct_served[cloud] = np.minimum(1.0, share(left, direct, 1.0))
        left = np.maximum(left - direct, 0.0)
        self.idle[cloud] = np.maximum(left - own, 0.0) * (1.0 - absorbed)
        self.own_used[cloud] = left - self.idle[cloud]

    def own_share(self, cloud: int) -> Floats:
        """Share of a cloud's capacity that runs its own products (worlds,)."""
        return share(self.own_used[cloud], self.capacity[cloud])

    def clear_spot(self, wanted: dict[int, Floats]) -> None:
        """Sell idle capacity to labs pro rata and move the rent; `wanted` (worlds,) GW by lab."""
        idle = total(self.idle[c] for c in self.clouds)
        demand = total(wanted[lab] for lab in self.labs)
        capacity = total(self.capacity[c] for c in self.clouds)
        served = np.minimum(1.0, share(idle, demand, 1.0))
        taken = np.minimum(1.0, share(demand, idle, 0.0))
        for lab in self.labs:
            self.spot[lab] = wanted[lab] * served
        for cloud in self.clouds:
            self.spot_sold[cloud] = self.idle[cloud] * taken
        c = self.p.compute
        slack = c.idle_norm * capacity
        self.excess = share(demand + slack - idle, capacity)
        moved = self.rent * np.exp(c.rent_speed * bounded(self.excess, -1.0, 1.0))
        self.rent = bounded(moved, c.operating_cost, c.rent_cap * c.rent)
        self.rent_average = move_towards(self.rent_average, self.rent, 1.0 / self.p.compute.average_months)

    def unsold(self, cloud: int) -> Floats:
        """GW of a cloud that neither contracts nor spot customers use."""
        return np.maximum(self.idle[cloud] - self.spot_sold[cloud], 0.0)

    def reserved_bill(self, pair: int) -> Floats:
        """Rent due this month on a pair's contracts (dollars)."""
        seller = self.contracts.pairs[pair][1]
        return self.contracts.bill[pair] * self.fraction[seller] / 12

    def spot_bill(self, lab: int, cloud: int) -> Floats:
        """Rent due this month on spot compute (dollars); older chips rent for less."""
        sold = total(self.spot_sold[c] for c in self.clouds)
        part = share(self.spot_sold[cloud], sold)
        return self.spot[lab] * part * self.rent * self.quality[cloud] / 12

    def contract_price(self, new_capacity: Floats) -> Floats:
        """Dollars per GW and year of a new contract, given what new capacity costs per GW.

        That cost over five years and operation, plus a margin; never above the going rent.
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
