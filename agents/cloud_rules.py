"""The rules of clouds (but for debts: `borrower.py`), each an equation for one cloud in one world, in the order of their month.

`CloudProvider` says where their numbers come from. GW, dollars and dollars a month; (a)+ is max(a, 0), x opinion, clip(a, low,
high) = min(max(a, low), high).
"""

from __future__ import annotations

from perpetuum.model.equations import DUST, equation


@equation
def thrift(rent: float, opening_rent: float) -> float:
    """clip(2 - rent / opening rent, 0, 1): what own products still claim; 1 up to the opening rent, 0 from twice of it on.

    >>> thrift(8.0, 10.0), thrift(15.0, 10.0), thrift(25.0, 10.0)
    (1.0, 0.5, 0.0)
    """
    return min(max(2.0 - rent / opening_rent, 0.0), 1.0)


@equation
def direct_use(spending: float, part: float, per_dollar: float, opening_rent: float, rent: float, grows: float) -> float:
    """part x spending / average rent, GW of direct customers; where demand grows by itself, x compute per dollar / opening rent.

    >>> direct_use(80.0, 0.5, 0.25, 8.0, 10.0, 0.0), direct_use(80.0, 0.5, 0.25, 8.0, 10.0, 1.0)
    (4.0, 1.25)
    """
    spent = spending * part
    return spent * per_dollar / opening_rent if grows > 0.0 else spent / rent


@equation
def running_costs(gw: float, operating_cost: float, overheads: float) -> float:
    """gw x operating cost / 12 + overheads, dollars a month.

    >>> running_costs(4.0, 6.0, 1.0)
    3.0
    """
    return gw * operating_cost / 12 + overheads


@equation
def remaining(whole: float, taken: float) -> float:
    """(whole - taken)+: what is left of a business once contracts that carry a part of it are counted apart.

    >>> remaining(5.0, 3.0), remaining(3.0, 5.0)
    (2.0, 0.0)
    """
    return max(whole - taken, 0.0)


@equation
def own_use_grown(now: float, growth: float, thrift: float, opening: float, index: float, grows: float) -> float:
    """own use x (1 + growth x thrift), GW; where demand grows by itself, opening own use x its index of compute.

    >>> own_use_grown(4.0, 0.5, 0.5, 2.0, 3.0, 0.0), own_use_grown(4.0, 0.5, 0.5, 2.0, 3.0, 1.0)
    (5.0, 6.0)
    """
    return opening * index if grows > 0.0 else now * (1.0 + growth * thrift)


@equation
def part_absorbed(race: float, absorption: float, thrift: float, grows: float) -> float:
    """clip(race x absorption, 0, 1) x thrift: idle chips that a hyperscaler's own products take in the race; none where demand
    grows by itself.

    >>> part_absorbed(0.5, 0.5, 1.0, 0.0), part_absorbed(2.0, 0.75, 0.5, 0.0), part_absorbed(2.0, 0.75, 0.5, 1.0)
    (0.25, 0.5, 0.0)
    """
    return 0.0 if grows > 0.0 else min(max(race * absorption, 0.0), 1.0) * thrift


@equation
def needs_in_a_race(
    needs: float, open_need: float, race: float, build_ahead: float, sentiment: float, months: float
) -> float:
    """(needs + open need) (1 + race x build_ahead x (x)+ x months / 12), GW; pessimism does not slow a race.

    >>> needs_in_a_race(8.0, 2.0, 1.0, 1.0, 0.5, 12.0), needs_in_a_race(8.0, 2.0, 1.0, 1.0, -0.5, 12.0)
    (15.0, 10.0)
    """
    return (needs + open_need) * (1.0 + race * build_ahead * max(sentiment, 0.0) * months / 12)


@equation
def capacity_gap(
    needs: float, use: float, installed: float, rented_in: float, coming: float, gap_months: float, decay: float
) -> float:
    """((needs / use - installed - rented in - coming) / gap_months + decay x installed)+, GW a month.

    >>> capacity_gap(9.0, 0.75, 5.0, 0.0, 1.0, 6.0, 0.1), capacity_gap(3.0, 0.75, 5.0, 0.0, 5.0, 6.0, 0.1)
    (1.5, 0.0)
    """
    return max((needs / use - installed - rented_in - coming) / gap_months + decay * installed, 0.0)


@equation
def part_built(
    rent: float,
    value_margin: float,
    operating_cost: float,
    annuity: float,
    residual: float,
    cost: float,
    hurdle: float,
    volatility: float,
    race: float,
    rivals_growth: float,
    hurdle_floor: float,
    slope: float,
) -> float:
    """Real option (Dixit and Pindyck 1994) in a race: clip(1 + slope (worth / cost / h - 1), 0, 1), a firm being many projects.

    worth = (value_margin x rent - operating cost)+ x annuity + residual x cost;
    h = hurdle (1 + volatility) max(1 - race x clip(rivals' growth, 0, 1), hurdle_floor).
    A GW worth 12 at a cost of 8 passes a hurdle of 1.5; worth 9 it is a quarter short and half is built; worth 6, nothing.

    >>> [part_built(rent, 1.0, 0.0, 3.0, 0.0, 8.0, 1.5, 0.0, 0.0, 0.0, 0.0, 2.0) for rent in (4.0, 3.0, 2.0)]
    [1.0, 0.5, 0.0]

    Rivals that grow by half lower the hurdle by a fourth, to no less than its floor; uncertain times raise it:

    >>> [part_built(3.0, 1.0, 0.0, 3.0, 0.0, 8.0, 1.5, 0.0, 0.5, growth, 0.75, 2.0) for growth in (-0.5, 0.5, 5.0)]
    [0.5, 1.0, 1.0]
    >>> part_built(3.0, 1.0, 0.0, 3.0, 0.0, 8.0, 1.0, 0.5, 0.0, 0.0, 0.0, 2.0)
    0.5
    """
    bar = hurdle * (1.0 + volatility) * max(1.0 - race * min(max(rivals_growth, 0.0), 1.0), hurdle_floor)
    worth = max(rent * value_margin - operating_cost, 0.0) * annuity + residual * cost
    return min(max(1.0 + slope * (worth / cost / bar - 1.0), 0.0), 1.0)


@equation
def building_budget(
    ebitda: float,
    sentiment: float,
    rivals_growth: float,
    base: float,
    by_sentiment: float,
    by_rivalry: float,
    floor: float,
    limit: float,
    channel: float,
    reinvested: float,
    direct_sales: float,
    other_capex: float,
) -> float:
    """(clip(base + by_sentiment x + by_rivalry clip(rivals' growth, -1, 1), floor, limit) x (EBITDA)+ / 12 x capex channel
    + reinvested x direct sales - other capex)+, dollars a month. Half of a month's 100, and of direct sales half, less 10:

    >>> building_budget(1200.0, 0.0, 0.0, 0.5, 0.25, 0.25, 0.25, 0.75, 1.0, 0.5, 20.0, 10.0)
    50.0
    >>> building_budget(1200.0, -4.0, 0.0, 0.5, 0.25, 0.25, 0.25, 0.75, 1.0, 0.5, 20.0, 60.0)
    0.0
    """
    appetite = base + by_sentiment * sentiment
    appetite = appetite + by_rivalry * min(max(rivals_growth, -1.0), 1.0)
    part = min(max(appetite, floor), limit)
    return max(part * (max(ebitda, 0.0) / 12) * channel + reinvested * direct_sales - other_capex, 0.0)


@equation
def spent_elsewhere(other_capex: float, cash: float, dues: float) -> float:
    """min(other capex, (cash - dues)+), dollars.

    >>> spent_elsewhere(10.0, 50.0, 6.0), spent_elsewhere(10.0, 13.0, 6.0), spent_elsewhere(10.0, 5.0, 6.0)
    (10.0, 7.0, 0.0)
    """
    return min(other_capex, max(cash - dues, 0.0))


@equation
def cash_for_chips(cash: float, dues: float, cushion_kept: float, cushion: float) -> float:
    """(cash - dues - cushion_kept x cushion)+, dollars.

    >>> cash_for_chips(50.0, 6.0, 0.5, 8.0), cash_for_chips(9.0, 6.0, 0.5, 8.0)
    (40.0, 0.0)
    """
    return max(cash - (dues + cushion_kept * cushion), 0.0)


@equation
def part_idle(idle: float, sold: float, installed: float) -> float:
    """clip((idle - sold on the spot market) / installed, 0, 1); 0 without chips.

    >>> part_idle(3.0, 1.0, 8.0), part_idle(1.0, 3.0, 8.0), part_idle(0.0, 0.0, 0.0)
    (0.25, 0.0, 0.0)
    """
    return min(max((idle - sold) / installed if installed > DUST else 0.0, 0.0), 1.0)


@equation
def sold_for_bills(needed: float, gw: float, price: float, fire_sale: float, idle: float) -> float:
    """min(part idle, (needed)+ / (GW x price of used chips x fire_sale)): fraction of its chips.

    >>> sold_for_bills(5.0, 10.0, 4.0, 0.5, 0.5), sold_for_bills(15.0, 10.0, 4.0, 0.5, 0.5)
    (0.25, 0.5)
    >>> sold_for_bills(-1.0, 10.0, 4.0, 0.5, 0.5)
    0.0
    """
    worth = gw * (price * fire_sale)
    return min(idle, max(needed, 0.0) / worth if worth > DUST else 0.0)


@equation
def used_chips_offered(
    failed: bool, months_in_breach: float, collateral_sold: float, idle_offer: float, idle: float, sold: float
) -> float:
    """Fraction of its chips: collateral_sold where it has failed; in breach (idle_offer x part idle - sold already)+.

    >>> used_chips_offered(True, 1.0, 0.75, 0.5, 0.5, 0.0), used_chips_offered(False, 1.0, 0.75, 0.5, 0.5, 0.125)
    (0.75, 0.125)
    >>> used_chips_offered(False, 1.0, 0.5, 0.5, 0.5, 0.5), used_chips_offered(False, 0.0, 0.5, 0.5, 0.5, 0.0)
    (0.0, 0.0)
    """
    if failed:
        return collateral_sold
    return max(idle_offer * idle - sold, 0.0) if months_in_breach > 0.0 else 0.0


@equation
def bid_of_the_rich(cash: float, target_kept: float, target: float, part: float, months_in_breach: float) -> float:
    """part x (cash - target_kept x target)+, dollars for used chips; 0 in breach.

    >>> bid_of_the_rich(50.0, 0.5, 60.0, 0.25, 0.0), bid_of_the_rich(20.0, 0.5, 60.0, 0.25, 0.0)
    (5.0, 0.0)
    >>> bid_of_the_rich(50.0, 0.5, 60.0, 0.25, 1.0)
    0.0
    """
    return 0.0 if months_in_breach > 0.0 else part * max(cash - target_kept * target, 0.0)


@equation
def stake(
    wanted: float, round_share: float, cash: float, target_kept: float, target: float, round_cash: float, labs: float
) -> float:
    """min(round_share x wanted, min(round_cash, 1 / labs) x (cash - target_kept x target)+), dollars for the round of a lab.

    All labs may ask the same cloud in one month: together they never get more than it can spare.

    >>> stake(20.0, 0.25, 50.0, 0.5, 20.0, 0.5, 1.0), stake(200.0, 0.25, 50.0, 0.5, 20.0, 0.5, 1.0)
    (5.0, 20.0)
    >>> stake(200.0, 0.25, 50.0, 0.5, 20.0, 0.5, 4.0), stake(200.0, 0.25, 5.0, 0.5, 20.0, 0.5, 4.0)
    (10.0, 0.0)
    """
    return min(round_share * wanted, min(round_cash, 1.0 / labs) * max(cash - target_kept * target, 0.0))


@equation
def new_shares(
    wanted: float,
    market_value: float,
    issuance: float,
    sentiment: float,
    issue_mood: float,
    months_in_breach: float,
    patience: float,
) -> float:
    """min(wanted, issuance x market value x clip(x + issue_mood, 0, 1)), dollars; 0 after `patience` months of breach.

    >>> new_shares(10.0, 100.0, 0.25, 0.0, 0.5, 0.0, 3.0), new_shares(20.0, 100.0, 0.25, 0.0, 0.5, 2.0, 3.0)
    (10.0, 12.5)
    >>> new_shares(20.0, 100.0, 0.25, -1.0, 0.5, 0.0, 3.0), new_shares(20.0, 100.0, 0.25, 0.0, 0.5, 3.0, 3.0)
    (0.0, 0.0)
    """
    mood = min(max(sentiment + issue_mood, 0.0), 1.0)
    return min(wanted, issuance * market_value * mood) if months_in_breach < patience else 0.0
