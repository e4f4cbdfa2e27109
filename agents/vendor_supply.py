"""Supply with limits that slow: a vendor's capacity follows the orders it expects, the slower the larger the industry is.

Each rule is an equation for one vendor in one world. GW a month, dollars a month, log growth a month.
"""

from __future__ import annotations

import math

from perpetuum.model.equations import DUST, equation


@equation
def lead_time(backlog: float, capacity: float, shortest: float, longest: float) -> float:
    """clip(backlog / capacity, shortest, longest), months that a new order waits.

    >>> lead_time(24.0, 4.0, 2.0, 18.0), lead_time(1.0, 4.0, 2.0, 18.0), lead_time(1.0, 0.0, 2.0, 18.0)
    (6.0, 2.0, 18.0)
    """
    return min(max(backlog / capacity if capacity > DUST else longest, shortest), longest)


@equation
def fastest_growth(shipments: float, base: float, at_scale: float, scale: float, power: float, cap: float) -> float:
    """min(cap, base + at_scale (scale / shipments)^power) a month; cap where nothing is shipped. What was built in a month
    of the past is a smaller share of more: quarterly sales of 2023-25 grew by about the same number of dollars.

    >>> round(fastest_growth(20.0, 0.01, 0.08, 5.0, 1.0, 0.15), 12), fastest_growth(1.0, 0.01, 0.08, 5.0, 1.0, 0.15)
    (0.03, 0.15)
    >>> fastest_growth(0.0, 0.01, 0.08, 5.0, 1.0, 0.15)
    0.15
    """
    if shipments <= DUST or scale <= DUST:
        return cap
    return min(cap, base + at_scale * math.exp(power * math.log(scale / shipments)))


@equation
def capacity_worth_having(
    orders: float, ahead: float, backlog: float, comfort: float, lead: float, capacity: float, catch_up: float
) -> float:
    """orders x exp(growth expected ahead) + catch_up (backlog - comfort x usual lead x capacity)+, GW a month.

    >>> capacity_worth_having(8.0, 0.0, 40.0, 0.5, 6.0, 10.0, 0.1), capacity_worth_having(8.0, 0.0, 20.0, 0.5, 6.0, 10.0, 0.1)
    (9.0, 8.0)
    """
    return orders * math.exp(ahead) + catch_up * max(backlog - comfort * lead * capacity, 0.0)


@equation
def capacity_followed(capacity: float, worth: float, months: float, fall: float, rise: float) -> float:
    """clip(capacity + (worth - capacity) / months, (1 - fall) capacity, (1 + rise) capacity), GW a month.

    >>> capacity_followed(8.0, 12.0, 4.0, 0.25, 0.5), capacity_followed(8.0, 80.0, 4.0, 0.25, 0.5)
    (9.0, 12.0)
    >>> capacity_followed(8.0, 0.0, 2.0, 0.25, 0.5)
    6.0
    """
    return min(max(capacity + (worth - capacity) / months, (1.0 - fall) * capacity), (1.0 + rise) * capacity)


@equation
def price_of_waiting(lead: float, usual: float, swing: float, months: float) -> float:
    """1 + swing x tanh((lead - usual lead) / months): the price index, dearer while buyers wait.

    >>> price_of_waiting(6.0, 6.0, 0.05, 4.0), round(price_of_waiting(600.0, 6.0, 0.05, 4.0), 4)
    (1.0, 1.05)
    """
    return 1.0 + swing * math.tanh((lead - usual) / months)


@equation
def shippable(capacity: float, backlog: float, part: float) -> float:
    """min(capacity, part x backlog), GW: no order is delivered in the month in which it is placed.

    >>> shippable(8.0, 24.0, 0.5), shippable(8.0, 6.0, 0.5)
    (8.0, 3.0)
    """
    return min(capacity, part * backlog)
