"""The rules of shells where `power.on`: how many a cloud has built, what of its bill comes with chips, how many chips fit.

Each is an equation for one cloud in one world; `Builder` says where their numbers come from. S is GW of shells that stand, wait
for power or are under construction; they are ordered by the rules for chips (`cloud_building.py`), looking as far ahead as
shells take, at their own speed. (a)+ is max(a, 0).
"""

from __future__ import annotations

from perpetuum.model.equations import DUST, equation


@equation
def powered(chips: float, shells: float, on: float) -> float:
    """min(chips, energised shells), GW that can be used: the scarcer binds; chips where shells come with them.

    >>> powered(5.0, 4.0, 1.0), powered(3.0, 4.0, 1.0), powered(5.0, 4.0, 0.0)
    (4.0, 3.0, 5.0)
    """
    return min(chips, shells) if on > 0.0 else chips


@equation
def finished_at_opening(orders: float, chips: float, decay: float, shells: float, loss: float) -> float:
    """(orders - decay x chips)+ + loss x shells, GW a month: what chips that arrive need beyond the places of those that fail.

    >>> finished_at_opening(0.5, 8.0, 0.03125, 10.0, 0.0125), finished_at_opening(0.125, 8.0, 0.03125, 10.0, 0.0125)
    (0.375, 0.125)
    """
    return max(orders - decay * chips, 0.0) + loss * shells


@equation
def chips_left(installed: float, coming: float, kept: float) -> float:
    """installed x kept + coming x (1 + kept) / 2, GW when the last of them arrives: those on order fail from arrival on.

    >>> chips_left(8.0, 4.0, 0.5), chips_left(8.0, 4.0, 1.0)
    (7.0, 12.0)
    """
    return installed * kept + coming * (1.0 + kept) / 2


@equation
def chips_planned(chips: float, needed: float, needed_before: float, signed: float, usable: float) -> float:
    """max(chips x needs then / needs before, signed then / usable), GW: what the opening's plan has in service then.

    >>> chips_planned(8.0, 15.0, 10.0, 4.0, 0.5), chips_planned(8.0, 15.0, 10.0, 8.0, 0.5), chips_planned(8.0, 0.0, 0.0, 0.0, 0.5)
    (12.0, 16.0, 8.0)
    """
    grown = needed / needed_before if needed_before > DUST else 1.0
    return max(chips * grown, signed / usable if usable > DUST else 0.0)


@equation
def begun_for(plan: float, shells: float, kept: float, months: float) -> float:
    """(plan - shells x kept)+ / months, GW a month that lead there; 0 without months.

    >>> begun_for(9.0, 8.0, 0.875, 4.0), begun_for(6.0, 8.0, 0.875, 4.0), begun_for(9.0, 8.0, 0.875, 0.0)
    (0.5, 0.0, 0.0)
    """
    return max(plan - shells * kept, 0.0) / months if months > DUST else 0.0


@equation
def begun_as_paid(
    begun: float, months: float, soon: float, others: float, delivered: float, shell_cost: float, site_cost: float
) -> float:
    """min(begun, (delivered (1 + site cost / shell cost) (months + others) - soon x others)+ / months), GW a month.

    No more is under way at the opening than is paid for then: what chips of that month cost beyond themselves.

    >>> [begun_as_paid(begun, 10.0, 0.5, 14.0, 0.25, 12.0, 18.0) for begun in (0.5, 2.0)]
    [0.5, 0.8]
    >>> begun_as_paid(2.0, 0.0, 0.5, 24.0, 0.25, 12.0, 18.0), begun_as_paid(0.5, 10.0, 0.5, 14.0, 0.25, 0.0, 18.0)
    (0.0, 0.5)
    """
    if months <= DUST:
        return 0.0
    if shell_cost <= DUST:
        return begun
    paid = delivered * (1.0 + site_cost / shell_cost) * (months + others)
    return min(begun, max(paid - soon * others, 0.0) / months)


@equation
def part_with_chips(under_construction: float, months: float, delivered: float) -> float:
    """1 - under construction / months / chips delivered a month: what chips still pay of a shell; less than 0 where more
    is being built than delivered. 0 without deliveries.

    >>> part_with_chips(12.0, 24.0, 2.0), part_with_chips(72.0, 24.0, 2.0), part_with_chips(12.0, 24.0, 0.0)
    (0.75, -0.5, 0.0)
    """
    return 1.0 - under_construction / months / delivered if delivered > DUST else 0.0


@equation
def paid_with_chips(site_cost: float, shell_cost: float, part: float, on: float) -> float:
    """(site cost + part x shell cost)+, dollars per GW of chips shipped; with all of the shell where it comes with them.

    >>> paid_with_chips(8.0, 12.0, 0.25, 1.0), paid_with_chips(8.0, 12.0, -0.75, 1.0), paid_with_chips(8.0, 12.0, 0.25, 0.0)
    (11.0, 0.0, 20.0)
    """
    return max(site_cost + part * shell_cost, 0.0) if on > 0.0 else shell_cost + site_cost


@equation
def energised_then(energised: float, kept: float, finished: float, waiting: float, now: float, months: float) -> float:
    """energised x kept + finished by then, or, where shells wait for power, as many a month as this month, GW.

    >>> energised_then(8.0, 0.875, 3.0, 0.0, 0.25, 10.0), energised_then(8.0, 0.875, 3.0, 0.5, 0.25, 10.0)
    (10.0, 9.5)
    """
    return energised * kept + (min(finished, now * months) if waiting > DUST else finished)


@equation
def chips_that_fit(shells: float, ahead: float, chips: float) -> float:
    """((1 + ahead) x shells then - chips then)+, GW: chips are not ordered far ahead of the shells that they will stand in.

    >>> chips_that_fit(8.0, 0.25, 9.0), chips_that_fit(8.0, 0.25, 12.0)
    (1.0, 0.0)
    """
    return max((1.0 + ahead) * shells - chips, 0.0)


@equation
def part_afforded(money: float, bill: float) -> float:
    """min(money / bill, 1) of chips and shells that are wanted; 1 where nothing is.

    >>> part_afforded(3.0, 4.0), part_afforded(5.0, 4.0), part_afforded(5.0, 0.0)
    (0.75, 1.0, 1.0)
    """
    return min(money / bill if bill > DUST else 1.0, 1.0)
