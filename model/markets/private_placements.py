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
    wanted_by_all = total(lab.wanted for lab in labs)
    rounds = []
    for lab, cloud_money in zip(labs, strategic, strict=True):
        if not anywhere(lab.wanted):
            rounds.append(_no_round(p, funds))
            continue
        want = np.minimum(lab.wanted, p.venture.round_cap * lab.valuation * p.venture.want_cap)
        part = share(lab.wanted, wanted_by_all)
        discount = np.zeros(p.worlds)
        offers = _offers(p, funds, part, discount, want, lab.valuation)
        for _ in range(p.venture.reprice_most):
            uncovered = (want > 0) & (total(offers) + cloud_money < p.venture.covered * want)
            if not anywhere(uncovered):
                break  # nobody's price changes, in no world
            discount = np.where(uncovered, 1.0 - (1.0 - discount) * (1.0 - p.venture.reprice_cut), discount)
            offers = _offers(p, funds, part, discount, want, lab.valuation)
        covered = total(offers) + cloud_money
        closed = (want > 0) & (covered >= p.venture.covered * want)
        bridged = (want > 0) & ~closed & (total(offers) > 0)  # by funds: a cloud joins rounds that close, and bridges none
        scale = part_placed(want, covered, p.venture.covered, p.venture.bridge_share)
        failed = (want > 0) & ~closed & ~bridged
        offers = [offer * scale for offer in offers]
        discount = np.where(closed | bridged, discount, 0.0)
        rounds.append(Round(discount, offers, np.where(closed, cloud_money, 0.0), closed, bridged, failed))
    return rounds


def _no_round(p: ParameterValues, funds: Sequence[Backer]) -> Round:
    """What becomes of a lab's round where it seeks nothing in any world."""
    nothing, never = np.zeros(p.worlds), np.zeros(p.worlds, dtype=bool)
    return Round(nothing, [nothing] * len(funds), nothing, never, never, never)


def _offers(
    p: ParameterValues, funds: Sequence[Backer], part: Floats, discount: Floats, want: Floats, valuation: Floats
) -> list[Floats]:
    limit = np.minimum(want, p.venture.round_cap * valuation)
    offered = [fund.appetite(discount) * part for fund in funds]
    scale = np.minimum(1.0, share(limit, total(offered), 1.0))
    return [offer * scale for offer in offered]
