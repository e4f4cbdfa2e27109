"""The rules of labs, each an equation for one lab in one world, in the order of their month.

`ModelLab` says where their numbers come from. GW, dollars and dollars a year, months of runway; (a)+ is max(a, 0), x opinion,
clip(a, low, high) = min(max(a, low), high).
"""

from __future__ import annotations

from perpetuum.model.equations import DUST, equation

#: Runway is reported as this many months where a lab does not burn cash.
LONGEST_RUNWAY = 120.0
#: Share of sales below which no lab falls.
SMALLEST_SHARE = 1e-4
#: Cover of commitments that is reported at most, and where there are none.
MOST_COVER = 3.0


@equation
def share_kept(part: float, target: float, speed: float, leaving: float) -> float:
    """max(share + speed (target - share) - leaving, 0.0001), before all labs' shares are made to add up to 1.

    >>> share_kept(0.5, 0.75, 0.5, 0.125), share_kept(0.25, 0.25, 0.5, 0.5)
    (0.5, 0.0001)
    """
    return max(part + speed * (target - part) - leaving, SMALLEST_SHARE)


@equation
def inference_share(
    month: float, efficiency_months: float, first: float, late: float, grows: float, per_dollar: float, rent_index: float
) -> float:
    """first + (late - first) min(month / efficiency_months, 1): rent for serving over what customers spend; where demand grows
    by itself, first x compute per dollar x rent index.

    >>> [inference_share(month, 60.0, 0.5, 0.25, 0.0, 0.75, 2.0) for month in (15.0, 90.0)]
    [0.4375, 0.25]
    >>> inference_share(15.0, 60.0, 0.5, 0.25, 1.0, 0.75, 2.0)
    0.75
    """
    if grows > 0.0:
        return first * per_dollar * rent_index
    return first + (late - first) * min(month / efficiency_months, 1.0)


@equation
def growth_followed(growth: float, revenue: float, year_ago: float, speed: float) -> float:
    """growth + speed (clip(revenue / revenue a year ago - 1, -1, 10) - growth), per year.

    >>> growth_followed(0.5, 16.0, 8.0, 0.5), growth_followed(0.5, 160.0, 8.0, 0.5), growth_followed(0.5, 8.0, 0.0, 0.5)
    (0.75, 5.25, 0.25)
    """
    observed = (revenue / year_ago if year_ago > DUST else 1.0) - 1.0
    return growth + speed * (min(max(observed, -1.0), 10.0) - growth)


@equation
def revenue_share(month: float, fall_months: float, opening: float, late: float) -> float:
    """opening x (1 + (late - 1) min(month / fall_months, 1)): part of revenue that the partner cloud gets.

    >>> revenue_share(30.0, 60.0, 0.25, 0.5), revenue_share(90.0, 60.0, 0.25, 0.5)
    (0.1875, 0.125)
    """
    return opening * (1.0 + (late - 1.0) * min(month / fall_months, 1.0))


@equation
def rebate(tied: float, scale: float, per_gw: float, years: float, rent: float, limit: float, left: float) -> float:
    """min(tied x scale x per_gw / (years x rent), limit) x left: what finance tied to GW takes off the price of compute.

    >>> rebate(1.0, 1.0, 10.0, 5.0, 8.0, 0.5, 1.0), rebate(1.0, 4.0, 10.0, 5.0, 8.0, 0.5, 1.0)
    (0.25, 0.5)
    >>> rebate(0.0, 1.0, 10.0, 5.0, 8.0, 0.5, 1.0), rebate(1.0, 1.0, 10.0, 5.0, 8.0, 0.5, 0.0)
    (0.0, 0.0)
    """
    return min(tied * scale * per_gw / (years * rent), limit) * left


@equation
def training_step(
    runway: float,
    comfortable: float,
    short: float,
    sentiment: float,
    base: float,
    by_opinion: float,
    opinion_from: float,
    growth: float,
    cut: float,
    pull: float,
) -> float:
    """Factor on training: 1 + growth (base + by_opinion (x - opinion_from)+) pull while runway is above comfortable,
    1 above short x comfortable, 1 - cut below.

    >>> [training_step(runway, 18.0, 0.5, 0.75, 0.5, 1.0, 0.25, 0.25, 0.125, 1.0) for runway in (24.0, 12.0, 6.0)]
    [1.25, 1.0, 0.875]
    >>> training_step(24.0, 18.0, 0.5, -0.75, 0.5, 1.0, 0.25, 0.25, 0.125, 2.0)
    1.25
    """
    if runway > comfortable:
        return 1.0 + growth * (base + by_opinion * max(0.0, sentiment - opinion_from)) * pull
    return 1.0 if runway > short * comfortable else 1.0 - cut


@equation
def training_paid_for(
    revenue: float,
    revenue_share: float,
    inference_share: float,
    costs: float,
    appetite: float,
    valuation: float,
    eagerness: float,
    eagerness_opinion: float,
    sentiment: float,
    dry_powder: float,
    rent: float,
    rebate: float,
) -> float:
    """((revenue (1 - revenue share - inference share) - costs)+ + appetite x valuation x (eagerness + eagerness_opinion x)+
    x dry powder left) / (rent (1 - rebate)), GW: the ceiling of training.

    A revenue of 40 leaves 20 after serving, less 10 of costs; funds would give 5 to a lab worth 200. Of 0.625 GW, twice as
    many at half the price; pessimists give nothing; and costs above revenue leave nothing but what funds would give.

    >>> [training_paid_for(40.0, 0.25, 0.25, 10.0, 0.0625, 200.0, 0.5, 0.5, 0.0, 0.8, 24.0, off) for off in (0.0, 0.5)]
    [0.625, 1.25]
    >>> training_paid_for(40.0, 0.25, 0.25, 10.0, 0.0625, 200.0, 0.5, 1.0, -0.75, 0.8, 16.0, 0.0)
    0.625
    >>> training_paid_for(40.0, 0.25, 0.25, 50.0, 0.0625, 200.0, 0.5, 1.0, 0.0, 0.8, 16.0, 0.0)
    0.3125
    """
    left = max(revenue * (1.0 - revenue_share - inference_share) - costs, 0.0)
    dare = appetite * valuation * max(eagerness + eagerness_opinion * sentiment, 0.0) * dry_powder
    return (left + dare) / (rent * (1.0 - rebate))


@equation
def training_wanted(
    training: float, step: float, ceiling: float, ceiling_speed: float, floor: float, opening: float
) -> float:
    """max(min(training x step, max(ceiling, (1 - ceiling_speed) training)), floor x opening training), GW.

    >>> training_wanted(8.0, 1.25, 20.0, 0.25, 0.5, 4.0), training_wanted(8.0, 1.25, 9.0, 0.25, 0.5, 4.0)
    (10.0, 9.0)
    >>> training_wanted(8.0, 1.25, 1.0, 0.25, 0.5, 4.0), training_wanted(8.0, 0.5, 1.0, 0.25, 0.5, 20.0)
    (6.0, 10.0)
    """
    return max(min(training * step, max(ceiling, (1.0 - ceiling_speed) * training)), floor * opening)


@equation
def part_served(have: float, inference: float, floor: float) -> float:
    """max(min(inference, have) / inference, floor): share of customers served, all where none come.

    >>> part_served(3.0, 4.0, 0.5), part_served(5.0, 4.0, 0.5), part_served(1.0, 4.0, 0.5), part_served(1.0, 0.0, 0.5)
    (0.75, 1.0, 0.5, 1.0)
    """
    return max(min(inference, have) / inference if inference > DUST else 1.0, floor)


@equation
def left_for_training(have: float, inference: float) -> float:
    """(have - min(inference, have))+, GW.

    >>> left_for_training(5.0, 4.0), left_for_training(3.0, 4.0)
    (1.0, 0.0)
    """
    return max(have - min(inference, have), 0.0)


@equation
def need_foreseen(
    inference: float,
    training: float,
    growth: float,
    growth_foreseen: float,
    horizon: float,
    training_foreseen: float,
    elasticity: float,
    rebate: float,
) -> float:
    """(inference (1 + g) + training (1 + training_foreseen g)) (1 + elasticity x rebate), GW a horizon (months) ahead;
    g = clip(growth, 0, growth_foreseen) horizon / 12.

    >>> [need_foreseen(4.0, 2.0, growth, 1.0, 6.0, 0.5, 2.0, 0.25) for growth in (0.5, 4.0, -1.0)]
    [10.875, 12.75, 9.0]
    """
    grown = min(max(growth, 0.0), growth_foreseen) * (horizon / 12)
    need = inference * (1.0 + grown) + training * (1.0 + training_foreseen * grown)
    return need * (1.0 + elasticity * rebate)


@equation
def worth_reserving(
    need: float,
    signed: float,
    reserve_share: float,
    precommitment: float,
    runway: float,
    comfortable: float,
    confidence: float,
    sentiment: float,
) -> float:
    """(reserve_share x precommitment x need - signed)+ x clip(confidence + x, 0, 1), GW; 0 unless runway is comfortable.

    >>> [worth_reserving(8.0, 2.0, 0.5, 1.0, 24.0, 18.0, 0.5, sentiment) for sentiment in (0.0, 0.75, -0.75)]
    [1.0, 2.0, 0.0]
    >>> worth_reserving(8.0, 5.0, 0.5, 1.0, 24.0, 18.0, 0.5, 0.0), worth_reserving(8.0, 2.0, 0.5, 1.0, 12.0, 18.0, 0.5, 0.0)
    (0.0, 0.0)
    """
    if runway <= comfortable:
        return 0.0
    return max(reserve_share * precommitment * need - signed, 0.0) * min(max(confidence + sentiment, 0.0), 1.0)


@equation
def renegotiated(runway: float, short: float, part: float) -> float:
    """Part of commitments that a lab asks clouds to let go a month: `part` where runway is short, else 0.

    >>> renegotiated(2.0, 3.0, 0.25), renegotiated(3.0, 3.0, 0.25)
    (0.25, 0.0)
    """
    return part if runway < short else 0.0


@equation
def runway(cash: float, burn: float) -> float:
    """min(cash / burn, 120), months; 120 where no cash is burnt.

    >>> runway(60.0, 4.0), runway(600.0, 4.0), runway(60.0, -4.0)
    (15.0, 120.0, 120.0)
    """
    return min(cash / burn, LONGEST_RUNWAY) if burn > DUST else LONGEST_RUNWAY


@equation
def formula_valuation(
    revenue: float,
    growth: float,
    base: float,
    by_growth: float,
    growth_at: float,
    cap: float,
    mood: float,
    comparables: float,
    funding: float,
    scale: float,
) -> float:
    """revenue x (base + by_growth x clip(growth / growth_at, 0, cap)) x mood x comparables x funding x scale, dollars.

    >>> [formula_valuation(4.0, growth, 8.0, 20.0, 2.0, 1.5, 1.0, 1.0, 1.0, 1.0) for growth in (1.0, 5.0, -0.5)]
    [72.0, 152.0, 32.0]
    >>> formula_valuation(4.0, 1.0, 8.0, 20.0, 2.0, 1.5, 0.5, 2.0, 0.75, 2.0)
    108.0
    """
    return revenue * (base + by_growth * min(max(growth / growth_at, 0.0), cap)) * mood * comparables * funding * scale


@equation
def valuation_followed(valuation: float, formula: float, speed: float, floor: float, revenue: float) -> float:
    """max(valuation + speed (formula - valuation), floor x revenue), dollars.

    >>> valuation_followed(100.0, 60.0, 0.25, 1.0, 20.0), valuation_followed(100.0, 60.0, 0.25, 5.0, 20.0)
    (90.0, 100.0)
    """
    return max(valuation + speed * (formula - valuation), floor * revenue)


@equation
def money_sought(burn: float, cash: float, raise_months: float, runway: float, raise_runway: float) -> float:
    """(raise_months x burn - cash)+ where runway is below raise_runway, dollars.

    >>> money_sought(4.0, 20.0, 15.0, 5.0, 12.0), money_sought(4.0, 90.0, 15.0, 5.0, 12.0)
    (40.0, 0.0)
    >>> money_sought(4.0, 20.0, 15.0, 12.0, 12.0)
    0.0
    """
    return max(raise_months * burn - cash, 0.0) if runway < raise_runway else 0.0


@equation
def other_costs(
    costs: float, opening: float, planned: float, growth: float, revenue: float, floor: float, speed: float
) -> float:
    """costs + speed (opening x max(planned x min(growth, max(revenue / opening, 1)), floor) - costs), dollars a year.

    Growth never takes costs beyond revenue, however small revenue was at the start.

    >>> other_costs(10.0, 8.0, 1.0, 3.0, 40.0, 0.5, 0.5), other_costs(10.0, 8.0, 1.0, 9.0, 40.0, 0.5, 0.5)
    (17.0, 25.0)
    >>> other_costs(10.0, 8.0, 1.0, 9.0, 4.0, 0.5, 0.5), other_costs(10.0, 8.0, 1.0, 0.25, 4.0, 0.5, 0.5)
    (9.0, 7.0)
    """
    most = max(revenue / opening if opening > DUST else 1.0, 1.0)
    grown = max(planned * min(growth, most), floor)
    return costs + speed * (opening * grown - costs)


@equation
def austerity(
    part: float, runway: float, comfortable: float, short: float, speed: float, way_back: float, floor: float
) -> float:
    """clip(part + step, floor, 1): part of other costs spent; step = -speed where runway is below short x comfortable,
    way_back x speed where it is above comfortable, else 0.

    >>> [austerity(0.75, runway, 18.0, 0.5, 0.125, 0.5, 0.5) for runway in (6.0, 12.0, 24.0)]
    [0.625, 0.75, 0.8125]
    >>> austerity(0.5, 6.0, 18.0, 0.5, 0.125, 0.5, 0.5), austerity(1.0, 24.0, 18.0, 0.5, 0.125, 0.5, 0.5)
    (0.5, 1.0)
    """
    if runway < short * comfortable:
        step = -speed
    else:
        step = way_back * speed if runway > comfortable else 0.0
    return min(max(part + step, floor), 1.0)


@equation
def commitment_cover(revenue: float, growth: float, cash: float, bill: float) -> float:
    """min((revenue (1 + clip(growth, 0, 1)) + cash) / take-or-pay bill of a year, 3); 3 without commitments.

    >>> [commitment_cover(20.0, growth, 10.0, 40.0) for growth in (0.5, 5.0, -0.5)]
    [1.0, 1.25, 0.75]
    >>> commitment_cover(20.0, 0.5, 10.0, 4.0), commitment_cover(20.0, 0.5, 10.0, 0.0)
    (3.0, 3.0)
    """
    means = revenue * (1.0 + min(max(growth, 0.0), 1.0)) + cash
    return min(means / bill if bill > DUST else MOST_COVER, MOST_COVER)


@equation
def dividend(burn: float, cash: float, needs: float, speed: float) -> float:
    """speed x (cash - needs)+, dollars for owners of a lab that burns no cash.

    >>> dividend(-1.0, 50.0, 30.0, 0.25), dividend(1.0, 50.0, 30.0, 0.25), dividend(-1.0, 20.0, 30.0, 0.25)
    (5.0, 0.0, 0.0)
    """
    return (max(cash - needs, 0.0) if burn < 0.0 else 0.0) * speed


@equation
def valuation_after_default(valuation: float, kept: float, revenue: float, multiple: float) -> float:
    """max(kept x valuation, multiple x revenue), dollars.

    >>> valuation_after_default(100.0, 0.25, 10.0, 2.0), valuation_after_default(100.0, 0.25, 10.0, 4.0)
    (25.0, 40.0)
    """
    return max(kept * valuation, multiple * revenue)
