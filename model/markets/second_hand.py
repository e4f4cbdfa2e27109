"""Second-hand chips: price = min(value in use, buyers' cash / quantity), cash in the market (Allen and Gale 1994).

It feeds the value of collateral and substitutes for new orders. Prices in dollars per GW of current-generation chips.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import DUST, equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Floats, Mask, Stateful, move_towards


@equation
def cash_in_the_market(worth: float, cash: float, offered: float) -> float:
    """min(worth, cash / GW offered), dollars per GW; worth where nothing is offered.

    >>> cash_in_the_market(10.0, 60.0, 4.0), cash_in_the_market(10.0, 20.0, 4.0), cash_in_the_market(10.0, 20.0, 0.0)
    (10.0, 5.0, 10.0)
    """
    return min(worth, cash / offered) if offered > DUST else worth


@equation
def worth_in_use(rent: float, operating_cost: float, annuity: float, new_price: float) -> float:
    """min((rent - operating cost)+ x annuity, price of a new one), dollars per GW.

    >>> worth_in_use(10.0, 6.0, 3.0, 20.0), worth_in_use(10.0, 6.0, 3.0, 8.0), worth_in_use(4.0, 6.0, 3.0, 20.0)
    (12.0, 8.0, 0.0)
    """
    return min(max(rent - operating_cost, 0.0) * annuity, new_price)


class SecondHandMarket(Stateful):
    """Price of used chips; offers and bids are collected, then settled in one go."""

    def __init__(self, p: ParameterValues, opening_price: Floats):
        self.p = p
        self.price = opening_price.copy()
        self.opening = opening_price.copy()

    def value_in_use(self, rent: Floats, policy_rate: Floats, new_price: Floats) -> Floats:
        """What a GW earns above operating cost over its remaining life, never above the price of a new one.

        Earnings are discounted at what a leveraged owner pays for debt in good times.
        """
        discount = policy_rate + self.p.credit.base_leveraged
        years = annuity(discount, self.p.technology.recovery_years)
        return worth_in_use(rent, self.p.compute.operating_cost, years, new_price)

    def part_paid(self, forced: Mask) -> Floats:
        """Part of the price that a seller gets: less where it must sell at once."""
        return np.where(forced, self.p.default.fire_sale, 1.0)

    def settle(self, offered: Floats, cash: Floats, value_in_use: Floats, quoted: Mask | bool = True) -> Floats:
        """Price at which `offered` GW (value-weighted) change hands for at most `cash`; the quote follows it with inertia.

        Where nothing is offered the quote follows value in use; where it is not `quoted` (worlds,) it stays.
        """
        cleared = cash_in_the_market(value_in_use, cash, offered)
        self.price = np.where(quoted, move_towards(self.price, cleared, self.p.second_hand.inertia), self.price)
        return cleared


def annuity(rate: Floats, years: Floats | float) -> Floats:
    """Present value of one a year for some years, continuous: (1 - exp(-r n)) / r."""
    safe = np.maximum(rate, 1e-6)
    return (1.0 - np.exp(np.ascontiguousarray(-safe * years))) / safe
