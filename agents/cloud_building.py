"""The rules of building where `building.on`: how many chips a cloud orders, what it can afford, what shareholders get.

Each is an equation for one cloud in one world; `Builder` says where their numbers come from. C is GW in service, under way and on
order, C* what is needed when an order of today arrives, k = (1 - decay)^lead; (a)+ is max(a, 0), clip(a, low, high) =
min(max(a, low), high).
"""

from __future__ import annotations

from perpetuum.model.equations import DUST, equation


@equation
def chips_needed(contracted: float, own: float, direct: float, part: float, open_need: float, rented: float) -> float:
    """(contracted + own use + direct + part of what labs have not reserved - rented from others)+, GW, all of them then.

    >>> chips_needed(2.0, 3.0, 1.0, 0.25, 4.0, 1.0), chips_needed(0.0, 0.0, 0.0, 0.25, 0.0, 1.0)
    (6.0, 0.0)
    """
    return max(contracted + own + direct + part * open_need - rented, 0.0)


@equation
def there_in_time(
    installed: float, kept: float, pipeline: float, waiting: float, months: float, shipping: float, wait: float
) -> float:
    """kept x installed + pipeline + waiting x clip((months - shipping) / wait, 0, 1), GW in service `months` from now.

    Chips `waiting` at vendors are shipped evenly over `wait` months, and in service `shipping` months after that.

    >>> [there_in_time(8.0, 0.75, 1.0, 4.0, months, 3.0, 8.0) for months in (2.0, 7.0, 20.0)]
    [7.0, 9.0, 11.0]
    >>> there_in_time(8.0, 0.75, 1.0, 4.0, 7.0, 3.0, 0.0)
    11.0
    """
    shipped = min(max((months - shipping) / wait, 0.0), 1.0) if wait > DUST else 1.0
    return kept * installed + pipeline + waiting * shipped


@equation
def gap_to_lease(needed: float, usable: float, there: float, rented: float) -> float:
    """(needed - usable x GW there in time - rented from others)+, GW: what cannot be built by the time a lease starts.

    >>> gap_to_lease(9.0, 0.75, 8.0, 1.0), gap_to_lease(6.0, 0.75, 8.0, 1.0)
    (2.0, 0.0)
    """
    return max(needed - usable * there - rented, 0.0)


@equation
def wedge_at_opening(orders: float, there: float, needed: float, decay: float, speed: float, kept: float) -> float:
    """((orders - decay C) / speed + k C) / C* - 1: what makes the rule order what is ordered at the opening; 0 without needs.

    >>> wedge_at_opening(2.0, 8.0, 8.0, 0.0, 0.25, 1.0), wedge_at_opening(2.0, 8.0, 0.0, 0.0, 0.25, 1.0)
    (1.0, 0.0)
    """
    return ((orders - decay * there) / speed + there * kept) / needed - 1.0 if needed > DUST else 0.0


@equation
def chips_wanted(there: float, needed: float, wedge: float, left: float, decay: float, speed: float, kept: float) -> float:
    """(decay C + speed (C* (1 + wedge x left) - k C))+, GW a month; `left` of the wedge falls from 1 to 0.

    >>> [chips_wanted(8.0, needed, 1.0, left, 0.0, 0.25, 1.0) for needed, left in ((8.0, 1.0), (10.0, 0.0), (1.0, 0.0))]
    [2.0, 0.5, 0.0]
    >>> chips_wanted(8.0, 10.0, 0.0, 1.0, 0.0625, 0.25, 0.5)
    2.0
    """
    return max(decay * there + speed * (needed * (1.0 + wedge * left) - there * kept), 0.0)


@equation
def signed_for(contracted: float, usable: float, there: float, kept: float, late: float, left: float) -> float:
    """(contracted / usable - k C - late x left)+, GW ordered outright: what is signed does not wait.

    `late` is what was signed and not ordered at the opening, `left` as in `chips_wanted`.

    >>> signed_for(9.0, 0.75, 8.0, 1.0, 0.0, 1.0), signed_for(9.0, 0.75, 8.0, 1.0, 3.0, 1.0)
    (4.0, 1.0)
    >>> signed_for(3.0, 0.75, 8.0, 1.0, 0.0, 1.0)
    0.0
    """
    return max(contracted / usable - there * kept - late * left, 0.0)


@equation
def value_over_hurdle(
    rent: float,
    value_margin: float,
    operating_cost: float,
    annuity: float,
    residual: float,
    cost: float,
    volatility: float,
    race: float,
    rivals_growth: float,
    hurdle_floor: float,
) -> float:
    """Worth / cost / ((1 + volatility) max(1 - race x clip(rivals' growth, 0, 1), hurdle_floor)), as in `part_built`.

    >>> [value_over_hurdle(4.0, 1.0, 0.0, 3.0, 0.0, 8.0, 0.0, 0.5, growth, 0.25) for growth in (-1.0, 0.0, 1.0)]
    [1.5, 1.5, 3.0]
    """
    bar = (1.0 + volatility) * max(1.0 - race * min(max(rivals_growth, 0.0), 1.0), hurdle_floor)
    worth = max(rent * value_margin - operating_cost, 0.0) * annuity + residual * cost
    return worth / cost / bar


@equation
def pace(value: float, opening: float, limit: float) -> float:
    """clip(value / opening value, 0, limit) of new capacity over its hurdle; 1 where there was none.

    >>> pace(3.0, 2.0, 4.0), pace(9.0, 2.0, 4.0), pace(-3.0, 2.0, 4.0), pace(3.0, 0.0, 4.0)
    (1.5, 4.0, 0.0, 1.0)
    """
    return min(max(value / opening if opening > DUST else 1.0, 0.0), limit)


@equation
def in_the_race(wanted: float, replaced: float, pace: float) -> float:
    """min(wanted, replaced) + (wanted - replaced)+ x pace, GW: growth is worth more or less than at the opening.

    >>> in_the_race(3.0, 1.0, 1.0), in_the_race(3.0, 1.0, 0.25), in_the_race(0.5, 1.0, 2.0)
    (3.0, 1.5, 0.5)
    """
    return min(wanted, replaced) + max(wanted - replaced, 0.0) * pace


@equation
def flow_kept(ebitda: float, service: float, other_capex: float, taxes: float, payouts: float) -> float:
    """(EBITDA - debt service) / 12 - other capex - taxes - payouts, dollars a month.

    >>> flow_kept(120.0, 24.0, 2.0, 1.0, 3.0)
    2.0
    """
    return (ebitda - service) / 12 - other_capex - taxes - payouts


@equation
def headroom(ebitda: float, target: float, debt: float, willing: float) -> float:
    """(target x (EBITDA)+ - debt)+ x lenders' willingness, dollars.

    >>> headroom(10.0, 4.0, 30.0, 1.0), headroom(10.0, 4.0, 30.0, 0.5), headroom(10.0, 4.0, 50.0, 1.0)
    (10.0, 5.0, 0.0)
    """
    return max(target * max(ebitda, 0.0) - debt, 0.0) * willing


@equation
def cash_target(opening_target: float, capex: float, costs: float, opening_spending: float) -> float:
    """opening target x (capex + costs) / opening spending, dollars: as many months of spending as at the opening.

    >>> cash_target(30.0, 12.0, 3.0, 10.0), cash_target(30.0, 12.0, 3.0, 0.0)
    (45.0, 30.0)
    """
    spending = capex + costs
    return opening_target * (spending / opening_spending if opening_spending > DUST else 1.0)


@equation
def ebitda_counted(ebitda: float, part: float, coming: float, on: float) -> float:
    """EBITDA + part x rents that contracts of the next twelve months add, where lenders count them (dollars a year).

    >>> ebitda_counted(8.0, 0.5, 4.0, 1.0), ebitda_counted(8.0, 0.5, 4.0, 0.0)
    (10.0, 8.0)
    """
    return ebitda + part * coming * on


@equation
def orders_affordable(
    cash: float,
    target: float,
    flow: float,
    credit: float,
    shares: float,
    standing: float,
    lead: float,
    renewed: float,
    capex: float,
    other_capex: float,
) -> float:
    """((cash - target)+ + lead x (flow + shares) + credit - standing)+ / lead + renewed x min(standing / lead, spent), dollars a
    month.

    `standing` is the bill of what is on order, spent = (capex - other capex)+ what is spent on chips a month: part of it can be
    spent again on new ones.

    >>> [orders_affordable(50.0, 40.0, flow, 20.0, 1.0, 30.0, 10.0, 0.5, 11.0, 2.0) for flow in (2.0, -9.0)]
    [4.5, 1.5]
    >>> orders_affordable(50.0, 40.0, -9.0, 20.0, 1.0, 30.0, 10.0, 0.5, 3.0, 2.0)
    0.5
    """
    spare, spent = max(cash - target, 0.0), max(capex - other_capex, 0.0)
    return max(spare + lead * (flow + shares) + credit - standing, 0.0) / lead + renewed * min(standing / lead, spent)


@equation
def cash_sought(bills: float, dues: float, target: float, cash: float, speed: float, missing: float) -> float:
    """max(speed x (bills + dues + target - cash)+, missing), dollars: cash is led back to its target, bills are paid in any case.

    >>> cash_sought(20.0, 10.0, 40.0, 50.0, 0.25, 0.0), cash_sought(20.0, 10.0, 40.0, 50.0, 0.25, 8.0)
    (5.0, 8.0)
    """
    return max(speed * max(bills + dues + target - cash, 0.0), missing)


@equation
def lent_on_contracts(loan_to_value: float, signed: float, capacity: float) -> float:
    """loan to value x min(signed / capacity, 1): lenders count what of the capacity is contracted (GW that can be sold).

    >>> lent_on_contracts(0.5, 3.0, 4.0), lent_on_contracts(0.5, 8.0, 4.0), lent_on_contracts(0.5, 1.0, 0.0)
    (0.375, 0.5, 0.0)
    """
    return loan_to_value * min(signed / capacity if capacity > DUST else 0.0, 1.0)


@equation
def bonds_sought(left: float, room: float, months: float, months_in_breach: float) -> float:
    """min(cash still missing, room / months), dollars; 0 in breach.

    >>> bonds_sought(15.0, 60.0, 6.0, 0.0), bonds_sought(5.0, 60.0, 6.0, 0.0), bonds_sought(15.0, 60.0, 6.0, 1.0)
    (10.0, 5.0, 0.0)
    """
    return 0.0 if months_in_breach > 0.0 else min(left, max(room, 0.0) / months)


@equation
def sticky_payout(
    now: float, usual: float, speed: float, extra: float, spare: float, cash: float, target: float, low: float, cut: float
) -> float:
    """Next month's payout, dollars: (1 - cut) x now where cash is below low x target, else now + speed (usual + extra - now)+.

    Lintner (1956): part of the way to what earnings allow, `usual`, and to `extra` x spare cash; cut late and slowly.

    >>> sticky_payout(8.0, 12.0, 0.25, 0.0, 50.0, 90.0, 40.0, 0.75, 0.125)
    9.0
    >>> sticky_payout(8.0, 4.0, 0.25, 0.0, 50.0, 90.0, 40.0, 0.75, 0.125)
    8.0
    >>> sticky_payout(8.0, 12.0, 0.25, 0.0, 0.0, 20.0, 40.0, 0.75, 0.125)
    7.0
    """
    if cash < low * target:
        return now * (1.0 - cut)
    return now + speed * max(usual + extra * spare - now, 0.0)


@equation
def paid_to_owners(payout: float, cash: float, target: float, floor: float) -> float:
    """clip(cash - floor x target, 0, payout), dollars.

    >>> paid_to_owners(8.0, 50.0, 40.0, 0.5), paid_to_owners(8.0, 24.0, 40.0, 0.5), paid_to_owners(8.0, 9.0, 40.0, 0.5)
    (8.0, 4.0, 0.0)
    """
    return min(payout, max(cash - floor * target, 0.0))


@equation
def earned_by_own_products(
    usual: float, used: float, wanted: float, opening: float, yielded: float, rent: float, on: float
) -> float:
    """(other business + yield x (GW of own products - opening ones) x rent / 12)+, dollars a month; other business where off.

    GW of own products: what they use, at most what they want.

    >>> [earned_by_own_products(5.0, used, 8.0, 6.0, 0.5, 12.0, 1.0) for used in (7.0, 9.0)]
    [5.5, 6.0]
    >>> earned_by_own_products(5.0, 0.0, 8.0, 60.0, 0.5, 12.0, 1.0), earned_by_own_products(5.0, 0.0, 8.0, 60.0, 0.5, 12.0, 0.0)
    (0.0, 5.0)
    """
    if on <= 0.0:
        return usual
    return max(usual + yielded * (min(used, wanted) - opening) * rent / 12, 0.0)
