"""The rules of labs that raise when they can and spend what they raised, each an equation for one lab in one world.

`LabAmbition` says where their numbers come from. Dollars, dollars a year, GW, log growth a month, months of runway; (a)+ is
max(a, 0), clip(a, low, high) = min(max(a, low), high).
"""

from __future__ import annotations

import math

from perpetuum.model.equations import DUST, equation
from perpetuum.model.units import YEAR


@equation
def growth_a_month(growth: float) -> float:
    """ln(1 + growth) / 12, log growth a month of what grows by a share `growth` a year.

    >>> growth_a_month(0.0), round(growth_a_month(1.0), 4), growth_a_month(-1.0) < -20.0
    (0.0, 0.0578, True)
    """
    return math.log(max(1.0 + growth, DUST)) / YEAR


@equation
def grown_by(expected: float, fade: float, months: float, limit: float) -> float:
    """exp(clip(G, -limit, limit)), what a quantity is multiplied by over months that are planned for; G = `growth_ahead`.

    >>> grown_by(0.0, 0.0, 12.0, 2.0), round(grown_by(0.0625, 0.0, 8.0, 2.0), 4), round(grown_by(0.05, 0.05, 12.0, 2.0), 4)
    (1.0, 1.6487, 1.5702)
    >>> [grown_by(growth, 0.0, 1.0, 2.0) == math.exp(most) for growth, most in ((3.0, 2.0), (-3.0, -2.0))]
    [True, True]
    """
    ahead = expected * (months if fade <= DUST else (1.0 - math.exp(-fade * months)) / fade)
    return math.exp(min(max(ahead, -limit), limit))


@equation
def part_of_revenue(expected: float, opening: float, mature: float, growing: float) -> float:
    """mature + (growing - mature) clip(expected growth / its opening value, 0, 1): discretionary spending over the revenue of
    twelve months on. A lab that no longer grows spends like a mature software firm.

    >>> [part_of_revenue(expected, 0.0625, 0.25, 0.75) for expected in (0.0625, 0.03125, 0.0, -0.5, 1.0)]
    [0.75, 0.5, 0.25, 0.25, 0.75]
    >>> part_of_revenue(0.0625, 0.0, 0.25, 0.75)
    0.25
    """
    part = min(max(expected / opening, 0.0), 1.0) if opening > DUST else 0.0
    return mature + (growing - mature) * part


@equation
def serving_beyond(
    inference: float, growth: float, contracted: float, own: float, rent: float, operating_cost: float
) -> float:
    """(inference x growth - contracted - own GW)+ x rent + own GW x operating cost, dollars a year: compute for customers that
    no contract covers.

    >>> serving_beyond(4.0, 2.0, 3.0, 1.0, 10.0, 2.0), serving_beyond(4.0, 2.0, 9.0, 1.0, 10.0, 2.0)
    (42.0, 2.0)
    """
    return max(inference * growth - (contracted + own), 0.0) * rent + own * operating_cost


@equation
def spending_affordable(
    revenue: float,
    committed: float,
    serving: float,
    cash: float,
    floor: float,
    odds: float,
    round_share: float,
    value: float,
    eagerness: float,
    funding: float,
    months: float,
) -> float:
    """(revenue - committed - serving + 12 (cash - floor + odds x round) / months)+, dollars a year: what would use up
    cash and the round hoped for over the runway aimed at, given revenue and bills expected meanwhile.

    The round hoped for: round_share x value today x eagerness to raise, where outside finance is open.

    >>> [spending_affordable(20.0, committed, 2.0, 14.0, 2.0, 0.5, 0.25, 96.0, 1.0, 1.0, 24.0) for committed in (16.0, 40.0)]
    [14.0, 0.0]
    """
    hoped = round_share * value * eagerness * funding
    return max(revenue - committed - serving + YEAR * (cash - floor + odds * hoped) / months, 0.0)


@equation
def training_planned(contracted: float, inference: float, part: float, spending: float, rent: float) -> float:
    """(contracted - inference)+ + part x spending / rent, GW: what contracts leave, and what is bought on top.

    >>> training_planned(5.0, 4.0, 0.5, 8.0, 2.0), training_planned(3.0, 4.0, 0.5, 8.0, 0.0)
    (3.0, 0.0)
    """
    return max(contracted - inference, 0.0) + (part * spending / rent if rent > DUST else 0.0)


@equation
def spending_moved(spending: float, wanted: float, months: float, cut: float, hire: float, floor: float) -> float:
    """max(clip(spending + (wanted - spending) / months, (1 - cut) spending, (1 + hire) spending), floor), dollars a year.

    Nobody hires or dismisses overnight; the floor is a part of revenue and of the opening spending, so that nothing is not for
    ever.

    >>> [spending_moved(8.0, wanted, 4.0, 0.125, 0.25, 1.0) for wanted in (12.0, 80.0, 6.0, 0.0)]
    [9.0, 10.0, 7.5, 7.0]
    >>> spending_moved(8.0, 0.0, 4.0, 0.125, 0.25, 7.5), spending_moved(8.0, 0.0, 4.0, 2.0, 0.25, 1.0)
    (7.5, 6.0)
    """
    moved = spending + (wanted - spending) / months
    return max(min(max(moved, (1.0 - cut) * spending), (1.0 + hire) * spending), floor)


@equation
def cut_allowed(cut: float, in_need: float, runway: float, short: float) -> float:
    """min(cut x (in_need below a short runway, else 1), 1): the deepest cut of spending in a month.

    >>> cut_allowed(0.25, 2.0, 5.0, 6.0), cut_allowed(0.25, 2.0, 6.0, 6.0), cut_allowed(0.75, 2.0, 5.0, 6.0)
    (0.5, 0.25, 1.0)
    """
    return min(cut * (in_need if runway < short else 1.0), 1.0)


@equation
def effort(before: float, spending: float, unbound: float, months: float) -> float:
    """effort + (min(spending / what it would be if cash did not bind, 1) - effort) / months.

    >>> effort(1.0, 4.0, 8.0, 4.0), effort(0.5, 9.0, 8.0, 4.0), effort(0.5, 0.0, 0.0, 4.0)
    (0.875, 0.625, 0.625)
    """
    return before + (min(spending / unbound if unbound > DUST else 1.0, 1.0) - before) / months


@equation
def odds_learnt(
    odds: float, tried: float, closed: float, speed: float, drought: float, weight: float, least: float
) -> float:
    """max(min(odds + speed (closed - odds) where a round was tried, 1 - weight x drought), least): a lab's own odds of closing.

    >>> odds_learnt(0.5, 1.0, 1.0, 0.25, 0.0, 0.75, 0.0625), odds_learnt(0.5, 1.0, 0.0, 0.25, 0.0, 0.75, 0.0625)
    (0.625, 0.375)
    >>> odds_learnt(0.5, 0.0, 0.0, 0.25, 0.0, 0.75, 0.0625), odds_learnt(0.5, 0.0, 0.0, 0.25, 1.0, 0.75, 0.0625)
    (0.5, 0.25)
    >>> odds_learnt(0.0, 1.0, 0.0, 0.25, 0.0, 0.75, 0.0625)
    0.0625
    """
    learnt = odds + speed * (closed - odds) if tried > 0.0 else odds
    return max(min(learnt, 1.0 - weight * drought), least)


@equation
def value_gained(now: float, last: float, low: float, high: float) -> float:
    """clip(value now / value at the last price, low, high); 1 without a last price.

    >>> value_gained(8.0, 4.0, 0.25, 4.0), value_gained(1.0, 8.0, 0.25, 4.0), value_gained(1.0, 0.0, 0.25, 4.0)
    (2.0, 0.25, 1.0)
    """
    return min(max(now / last if last > DUST else 1.0, low), high)


@equation
def round_hazard(
    often: float,
    gained: float,
    power: float,
    runway: float,
    short: float,
    plenty: float,
    counted: float,
    patience: float,
    limit: float,
    since: float,
    pause: float,
) -> float:
    """min(often x gained^power x exp((1 - runway/short)+ - clip(runway - plenty, 0, counted) / patience), limit): the chance
    of a round in a month, none within `pause` months of the last.

    >>> [round_hazard(0.0625, gained, 2.0, 18.0, 12.0, 24.0, 48.0, 36.0, 0.5, 4.0, 3.0) for gained in (1.0, 2.0, 4.0)]
    [0.0625, 0.25, 0.5]
    >>> [round(round_hazard(0.1, 1.0, 2.0, runway, 12.0, 24.0, 48.0, 36.0, 0.5, 4.0, 3.0), 4) for runway in (6.0, 60.0, 120.0)]
    [0.1649, 0.0368, 0.0264]
    >>> round_hazard(0.1, 1.0, 2.0, 18.0, 12.0, 24.0, 48.0, 36.0, 0.5, 2.0, 3.0)
    0.0
    """
    if since < pause:
        return 0.0
    hurry = max(1.0 - runway / short, 0.0) - min(max(runway - plenty, 0.0), counted) / patience
    return min(often * max(gained, 0.0) ** power * math.exp(hurry), limit)


@equation
def eagerness_to_raise(expected: float, least: float, width: float) -> float:
    """clip((12 expected growth - least) / width, 0, 1): a lab that has stopped growing stops raising.

    >>> [eagerness_to_raise(expected, 0.25, 0.5) for expected in (0.0625, 0.03125, 0.0, 0.25)]
    [1.0, 0.25, 0.0, 1.0]
    """
    return min(max((YEAR * expected - least) / width, 0.0), 1.0)


@equation
def money_needed(
    months: float, committed: float, serving: float, spending: float, revenue: float, floor: float, cash: float
) -> float:
    """(months (committed + serving + spending - revenue)+ / 12 + floor - cash)+, dollars: planned burn over the runway aimed at.

    >>> money_needed(24.0, 16.0, 2.0, 14.0, 20.0, 2.0, 14.0), money_needed(24.0, 1.0, 2.0, 4.0, 20.0, 2.0, 14.0)
    (12.0, 0.0)
    """
    return max(months * max(committed + serving + spending - revenue, 0.0) / YEAR + floor - cash, 0.0)


@equation
def round_wanted(
    most: float,
    needed: float,
    eagerness: float,
    least: float,
    runway: float,
    short: float,
    burn: float,
    burn_months: float,
    most_in_need: float,
) -> float:
    """min(most, needed) x eagerness, dollars, nothing below `least`; below a short runway some months of burn as well, up to
    `most_in_need`: max(wanted, min(most_in_need, burn_months x burn)).

    >>> [round_wanted(40.0, needed, 0.5, 4.0, 18.0, 9.0, 2.0, 12.0, 80.0) for needed in (60.0, 16.0, 6.0)]
    [20.0, 8.0, 0.0]
    >>> [round_wanted(40.0, 16.0, 0.5, 4.0, 6.0, 9.0, 2.0, 12.0, most) for most in (80.0, 20.0)]
    [24.0, 20.0]
    """
    wanted = min(most, needed) * eagerness
    if wanted <= least:
        return 0.0
    return max(wanted, min(most_in_need, burn_months * max(burn, 0.0))) if runway < short else wanted


@equation
def gap_to_commit(need: float, growth: float, contracted: float, part: float, luck: float, least: float) -> float:
    """(need x growth - contracted)+ x part x luck, GW; nothing where it is below `least` of that need.

    >>> [gap_to_commit(1.0, 6.0, contracted, 0.5, 1.5, 0.25) for contracted in (2.0, 5.5, 9.0)]
    [3.0, 0.0, 0.0]
    """
    lump = max(need * growth - contracted, 0.0) * part * luck
    return lump if lump > least * need * growth else 0.0


@equation
def part_shed(runway: float, short: float, since: float, pause: float, least: float, most: float, luck: float) -> float:
    """least + (most - least) x luck of all commitments, where runway is short and the last time was `pause` months ago.

    >>> part_shed(4.0, 5.0, 6.0, 6.0, 0.125, 0.375, 0.5), part_shed(5.0, 5.0, 6.0, 6.0, 0.125, 0.375, 0.5)
    (0.25, 0.0)
    >>> part_shed(4.0, 5.0, 5.0, 6.0, 0.125, 0.375, 0.5)
    0.0
    """
    if runway >= short or since < pause:
        return 0.0
    return least + (most - least) * luck
