"""Figures of a preset's contracts and stakes under names of their own, so that a range or `--set` can say which is meant.

A contract's figures are `contracts.<buyer>.<seller>.gw` (also `price`, `start`, `term`), a stake is `stakes.<holder>.<issuer>`.
Where two contracts of a preset have the same buyer and seller, an `id` tells them apart: `contracts.<buyer>.<seller>.<id>.gw`.
Names of parameters and of agents' figures have one dot, these have two and more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from perpetuum.model.errors import InputError
from perpetuum.model.worlds import Array

if TYPE_CHECKING:
    from perpetuum.model.preset_entries import ContractSpec, StakeSpec
    from perpetuum.model.uncertainty import Unknown

#: What of a contract has a name, and of a stake.
OF_CONTRACT, OF_STAKE = ("gw", "price", "start", "term"), "share"
#: Shares are alike that differ by less than this: they are written with a few digits.
ALIKE = 1e-6


def is_row(name: str) -> bool:
    """Whether a name is that of a figure of a contract or a stake, by its dots."""
    return name.count(".") > 1 and name.partition(".")[0] in ("contracts", "stakes")


def rows_of(contracts: Sequence[ContractSpec], stakes: Sequence[StakeSpec]) -> dict[str, tuple[str, Any]]:
    """What each name means, in the preset's order: which figure it is, and its value. Names of several rows are left out."""
    named = [(f"{one.name}.{figure}", figure, getattr(one, figure)) for one in contracts for figure in OF_CONTRACT]
    named += [(one.name, OF_STAKE, one.share) for one in stakes]
    count = Counter(name for name, _, _ in named)
    return {name: (figure, value) for name, figure, value in named if count[name] == 1}


def refuse_a_name_of_several(
    name: str, contracts: Sequence[ContractSpec], stakes: Sequence[StakeSpec], where: str = ""
) -> None:
    """Raise InputError where a name is that of two contracts or stakes."""
    place = f" {where}" if where else ""
    if sum(f"{one.name}.{figure}" == name for one in contracts for figure in OF_CONTRACT) > 1:
        raise InputError(
            f"'{name}'{place} is a figure of two contracts with the same buyer and seller: give one of them an 'id'"
        )
    if sum(one.name == name for one in stakes) > 1:
        raise InputError(f"'{name}'{place} is the name of two stakes of one holder in one issuer: write them as one")


class Row(NamedTuple):
    """Whose contract or stake a name is about, buyer and seller or holder and issuer, which of several, and what of it."""

    one: str
    other: str
    id: str
    figure: str


def of_row(name: str) -> Row | None:
    """What a name says, None for that of no figure of a contract or a stake.

    >>> of_row("contracts.lab.cloud.later.gw")
    Row(one='lab', other='cloud', id='later', figure='gw')
    >>> of_row("stakes.fund.lab"), of_row("demand.strength")
    (Row(one='fund', other='lab', id='', figure='share'), None)
    """
    group, *rest = name.split(".")
    if group == "stakes" and len(rest) == 2:
        return Row(rest[0], rest[1], "", OF_STAKE)
    if group == "contracts" and len(rest) in (3, 4) and rest[-1] in OF_CONTRACT:
        return Row(rest[0], rest[1], rest[2] if len(rest) == 4 else "", rest[-1])
    return None


def renamed(name: str, taken: Mapping[str, str]) -> str:
    """A name with agents by the names of whoever takes their parts."""
    group, *rest = name.split(".")
    if is_row(name):
        return ".".join([group, *(taken.get(one, one) for one in rest[:2]), *rest[2:]])
    return ".".join([taken.get(group, group), *rest])


def refuse_more_than_all(held: Sequence[tuple[str, str, Any]], where: str) -> None:
    """Raise InputError where stakes (issuer, holder, a share or one a world) in one issuer come to more than all of it."""
    for issuer in {one[0]: None for one in held}:
        shares = [(holder, np.atleast_1d(np.asarray(share, dtype=np.float64))) for of, holder, share in held if of == issuer]
        sums: Array = np.atleast_1d(sum(share for _, share in shares))
        worst = int(np.argmax(sums))
        if sums[worst] > 1 + ALIKE:
            listed = ", ".join(f"{holder} {share[worst if len(share) > 1 else 0]:g}" for holder, share in shares)
            raise InputError(f"stakes in '{issuer}' {where} may add up to 1 at most, not to {sums[worst]:g}: {listed}")


def refuse_worth_beyond_revenue(lab: str, figures: Mapping[str, Any], most: Any) -> None:
    """Raise InputError where a lab is worth so many times its revenue at the start that its own premium would be a division by
    next to nothing.
    """
    revenue, worth, valuation, at_most = np.broadcast_arrays(
        *(np.atleast_1d(one) for one in (figures["revenue"], figures["worth"], figures["valuation"], most))
    )
    told = np.where(worth > 0, worth, valuation)
    beyond = (revenue > 0) & (told > at_most * revenue)
    if beyond.any():
        world = int(np.argmax(beyond))
        raise InputError(
            f"{lab}.{'worth' if worth[world] > 0 else 'valuation'} is {told[world]:g} $bn at a revenue of {revenue[world]:g} $bn "
            f"a year: a lab opens at {at_most[world]:g} times its revenue at most, so set {lab}.revenue to 0 or to at least "
            f"{told[world] / at_most[world]:g}"
        )


def refuse_ranges_beyond_all(stakes: Sequence[StakeSpec], unknowns: Sequence[Unknown], where: str) -> None:
    """Raise InputError where stakes at the upper ends of their ranges come to more than all: no draw is cut to fit."""
    most = {one.name: one.most for one in unknowns}
    drawn = {stake.issuer for stake in stakes if stake.name in most}
    held = [(one.issuer, one.holder, most.get(one.name, one.share)) for one in stakes if one.issuer in drawn]
    refuse_more_than_all(held, f"{where} at the upper ends of their ranges (1 for a normal one)")


def refuse_ranges_that_are_over(contracts: Sequence[ContractSpec], unknowns: Sequence[Unknown], where: str) -> None:
    """Raise InputError where a contract with the earliest start and the shortest term of its ranges is over before the start."""
    least = {one.name: one.least for one in unknowns}
    for one in contracts:
        start, term = (round(least.get(f"{one.name}.{figure}", getattr(one, figure))) for figure in ("start", "term"))
        if start + (one.count - 1) * one.every + term <= 0:
            raise InputError(
                f"the contract of {one.buyer} with {one.seller} {where} may start in month {start} for {term} months by the "
                "lower ends of its ranges: it would be over before the start"
            )
