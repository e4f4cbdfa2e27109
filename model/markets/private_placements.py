"""Funding rounds of unlisted labs: offers, re-pricing (down rounds), insiders' bridge, failure.

Offers = min(offer_share x dry powder x venture channel x eagerness, want, round_cap x V), want at most want_cap x round_cap x V.
Covered by less than `covered`, the price falls by reprice_cut, up to reprice_most times; then the funds give at most bridge_share
of what is sought, or the round fails. Ownership = amount / (V + all amounts): $10bn at 500 buys 1.96 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from perpetuum.model.equations import DUST, equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Floats, Mask, anywhere, share, total


@equation
def part_placed(want: float, offered: float, covered: float, bridge_share: float) -> float:
    """Part of the offers that is taken: all where they cover enough (covered) of what is sought; else insiders bridge, with
    min(1, bridge_share x want / offers); 0 without offers, and where nothing is sought.

    `offered` is what funds and the partner cloud offer together. The cloud joins no bridge, so that where it offered money
    the funds' bridge stays below bridge_share x want by the cloud's part of the offers.

    >>> part_placed(80.0, 60.0, 0.75, 0.25), part_placed(80.0, 40.0, 0.75, 0.25), part_placed(80.0, 10.0, 0.75, 0.25)
    (1.0, 0.5, 1.0)
    >>> part_placed(80.0, 0.0, 0.75, 0.25), part_placed(0.0, 0.0, 0.75, 0.25)
    (0.0, 0.0)
    """
    if want <= 0.0:
        return 0.0
    if offered >= covered * want:
        return 1.0
    return min(1.0, bridge_share * want / offered if offered > DUST else 0.0)


@equation
def part_fitting(most: float, offered: float) -> float:
    """min(1, most / offered): part of the offers that fits; all where nothing is offered.

    >>> part_fitting(30.0, 40.0), part_fitting(30.0, 20.0), part_fitting(30.0, 0.0)
    (0.75, 1.0, 1.0)
    """
    return min(1.0, most / offered if offered > DUST else 1.0)


@equation
def repriced(discount: float, want: float, covered: float, least: float, cut: float) -> float:
    """1 - (1 - discount) (1 - cut) where money is sought and offers cover less than they must, else the same: the price cut.

    >>> repriced(0.5, 80.0, 30.0, 40.0, 0.5), repriced(0.5, 80.0, 40.0, 40.0, 0.5), repriced(0.0, 0.0, -1.0, 0.0, 0.5)
    (0.75, 0.5, 0.0)
    """
    return 1.0 - (1.0 - discount) * (1.0 - cut) if want > 0.0 and covered < least else discount


class Seeker(Protocol):
    """Who raises money: a lab. `wanted` and `valuation` (worlds,): dollars sought, and worth before the money."""

    wanted: Floats
    valuation: Floats


class Backer(Protocol):
    """Who offers it: a fund."""

    def appetite(self, discount: Floats) -> Floats:
        """Dollars offered over all rounds of a month, at a cut in price."""


class Round(NamedTuple):
    """A month's round of one lab (worlds,): price cut, what each fund pays, what clouds pay, and how it ended."""

    discount: Floats
    offers: list[Floats]
    strategic: Floats
    closed: Mask
    bridged: Mask
    failed: Mask


def hold_rounds(
    p: ParameterValues, labs: Sequence[Seeker], funds: Sequence[Backer], strategic: Sequence[Floats]
) -> list[Round]:
    """Match what labs seek with what funds offer. `strategic[i]` is the most that a cloud pays into lab i's round."""
    wanted_by_all = total([lab.wanted for lab in labs])
    v, rounds = p.venture, []
    for lab, cloud_money in zip(labs, strategic, strict=True):
        if not anywhere(lab.wanted):
            rounds.append(_no_round(p, funds))
            continue
        limit = v.round_cap * lab.valuation
        want = np.minimum(lab.wanted, limit * v.want_cap)
        part, least, most = share(lab.wanted, wanted_by_all), v.covered * want, np.minimum(want, limit)
        discount = np.zeros(p.worlds)
        offers = _offers(funds, part, discount, most)
        covered = total(offers) + cloud_money
        for _ in range(v.reprice_most):
            before, discount = discount, repriced(discount, want, covered, least, v.reprice_cut)
            if not anywhere(discount != before):
                break  # nobody's price changes, in no world
            offers = _offers(funds, part, discount, most)
            covered = total(offers) + cloud_money
        closed = (want > 0) & (covered >= least)
        bridged = (want > 0) & ~closed & (total(offers) > 0)  # by funds: a cloud joins rounds that close, and bridges none
        scale = part_placed(want, covered, v.covered, v.bridge_share)
        failed = (want > 0) & ~closed & ~bridged
        offers = [offer * scale for offer in offers]
        discount = np.where(closed | bridged, discount, 0.0)
        rounds.append(Round(discount, offers, np.where(closed, cloud_money, 0.0), closed, bridged, failed))
    return rounds


def _no_round(p: ParameterValues, funds: Sequence[Backer]) -> Round:
    """What becomes of a lab's round where it seeks nothing in any world."""
    nothing, never = np.zeros(p.worlds), np.zeros(p.worlds, dtype=bool)
    return Round(nothing, [nothing] * len(funds), nothing, never, never, never)


def _offers(funds: Sequence[Backer], part: Floats, discount: Floats, most: Floats) -> list[Floats]:
    """What each fund offers one lab, which gets its part of what funds offer all labs, and no more than `most`."""
    offered = [fund.appetite(discount) * part for fund in funds]
    scale = part_fitting(most, total(offered))
    return [offer * scale for offer in offered]
