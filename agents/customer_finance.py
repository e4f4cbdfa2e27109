"""The lead vendor's programme of customer finance: tranches by milestone, a rescue, small tickets and a backstop.

Rules first, each an equation for one customer in one world; `FinanceProgramme` says where their numbers come from. A tranche is
individually rational while additionality x margin x finance exceeds the expected loss; otherwise none is paid.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from perpetuum.model.equations import DUST, equation
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.parameters.groups import VendorFigures
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.views import VendorView
from perpetuum.model.worlds import Dollars, Floats, Mask, Stateful

#: The forms of finance, and their codes.
FORMS = PARAMETERS["vendor_finance.instrument"].choices
EQUITY, LOAN, LEASE, GUARANTEE = range(len(FORMS))


@equation
def risk_of(runway: float, safe_runway: float) -> float:
    """clip(1 - runway / safe_runway, 0, 1): probability that a customer defaults.

    >>> risk_of(6.0, 24.0), risk_of(36.0, 24.0)
    (0.75, 0.0)
    """
    return min(max(1.0 - runway / safe_runway, 0.0), 1.0)


@equation
def finance_due(
    gw: float,
    gw_financed: float,
    month: float,
    financed: float,
    per_gw: float,
    limit: float,
    scale: float,
    tied: float,
    untied_months: float,
) -> float:
    """Tied (gw - gw financed)+ x per_gw x scale, untied limit / untied_months x scale; at most limit x scale in all, dollars.

    >>> [finance_due(3.0, 1.0, 0.0, financed, 10.0, 100.0, 1.0, 1.0, 50.0) for financed in (20.0, 95.0)]
    [20.0, 5.0]
    >>> [finance_due(3.0, 1.0, month, 20.0, 10.0, 100.0, 1.0, 0.0, 50.0) for month in (0.0, 50.0)]
    [2.0, 0.0]
    """
    if tied > 0.0:
        due = max(gw - gw_financed, 0.0) * per_gw * scale
    else:
        due = (limit / untied_months if month < untied_months else 0.0) * scale
    return min(due, max(limit * scale - financed, 0.0))


@equation
def finance_pays(additionality: float, margin: float, risk: float, loss: float) -> bool:
    """additionality x margin >= probability of default x loss given default.

    >>> finance_pays(0.5, 0.75, 0.5, 0.75), finance_pays(0.5, 0.75, 0.75, 0.75)
    (True, False)
    """
    return additionality * margin >= risk * loss


@equation
def tranche(due: float, pays: bool, cash: float, cash_floor: float, tied: float) -> float:
    """min(due, (cash - cash_floor)+) where it pays, dollars. A tied tranche is paid whole or waits: small change would blur
    which milestone it belongs to.

    >>> tranche(10.0, True, 50.0, 20.0, 1.0), tranche(40.0, True, 50.0, 20.0, 1.0), tranche(40.0, True, 50.0, 20.0, 0.0)
    (10.0, 0.0, 30.0)
    >>> tranche(10.0, False, 50.0, 20.0, 0.0)
    0.0
    """
    amount = min(due if pays else 0.0, max(cash - cash_floor, 0.0))
    return 0.0 if tied > 0.0 and amount < due else amount


@equation
def milestones_reached(due: float, paid: float, gw: float, gw_financed: float) -> float:
    """max(gw financed, gw financed + (gw - gw financed) x paid / due), GW: counted in proportion to what was paid.

    >>> milestones_reached(10.0, 5.0, 3.0, 1.0), milestones_reached(0.0, 0.0, 3.0, 1.0)
    (2.0, 1.0)
    """
    if due <= 0.0:
        return gw_financed
    return max(gw_financed, gw_financed + (gw - gw_financed) * (paid / due if due > DUST else 0.0))


@equation
def rescue_offer(
    cash: float,
    cash_floor: float,
    runway: float,
    valuation: float,
    months_since: float,
    rescue_runway: float,
    pause: float,
    part: float,
    dilution: float,
    scale: float,
) -> float:
    """min(part x (cash - cash_floor)+, dilution x valuation) x min(scale, 1), dollars: below rescue_runway, and `pause` months
    after the last one.

    >>> rescue_offer(120.0, 20.0, 3.0, 100.0, 12.0, 4.0, 12.0, 0.125, 0.25, 2.0)
    12.5
    >>> rescue_offer(120.0, 20.0, 3.0, 40.0, 12.0, 4.0, 12.0, 0.125, 0.25, 0.5)
    5.0
    >>> [rescue_offer(120.0, 20.0, *case, 4.0, 12.0, 0.125, 0.25, 2.0) for case in ((4.0, 100.0, 12.0), (3.0, 100.0, 11.0))]
    [0.0, 0.0]
    """
    if runway >= rescue_runway or months_since < pause:
        return 0.0
    return min(part * max(cash - cash_floor, 0.0), dilution * valuation) * min(scale, 1.0)


@equation
def backstop_due(unsold: float, rent: float, part: float, on: float, limit: float, scale: float, paid: float) -> float:
    """min(part x unsold GW x rent / 12, (limit x scale - paid)+), dollars; 0 where there is no backstop or no finance.

    >>> backstop_due(2.0, 12.0, 0.5, 1.0, 6.0, 1.0, 1.0), backstop_due(2.0, 12.0, 0.5, 1.0, 6.0, 1.0, 5.5)
    (1.0, 0.5)
    >>> backstop_due(2.0, 12.0, 0.5, 0.0, 6.0, 1.0, 1.0), backstop_due(2.0, 12.0, 0.5, 1.0, 6.0, 0.0, 0.0)
    (0.0, 0.0)
    """
    due = part * unsold * rent / 12 * on if scale > 0.0 else 0.0
    return min(due, max(limit * scale - paid, 0.0))


@equation
def tickets(wanted: float, cash: float, cash_floor: float) -> float:
    """min(wanted, (cash - cash_floor)+), dollars.

    >>> tickets(5.0, 50.0, 20.0), tickets(5.0, 23.0, 20.0), tickets(5.0, 10.0, 20.0)
    (5.0, 3.0, 0.0)
    """
    return min(wanted, max(cash - cash_floor, 0.0))


class Financier(Protocol):
    """Whose programme it is: a vendor."""

    view: VendorView
    p: ParameterValues
    figures: VendorFigures

    @property
    def cash(self) -> Dollars:
        """Deposits (worlds,)."""


class FinanceProgramme(Stateful):
    """What one vendor finances its customers with. Attributes are (worlds,)."""

    def __init__(self, vendor: Financier):
        self.vendor = vendor
        worlds = vendor.p.worlds
        self.milestones_paid: Floats = np.zeros(worlds)  # GW already financed
        self.financed: Floats = np.zeros(worlds)  # dollars paid or lent under the letter of intent
        self.rescued_at: Floats = np.full(worlds, -np.inf)  # month of the last rescue
        self.backstop_paid: Floats = np.zeros(worlds)  # dollars

    def due(self, gw_counted: Floats, month: int) -> Floats:
        """Dollars of finance that fall due: for each GW newly contracted or live, or evenly if untied; at most the limit."""
        v = self.vendor.p.vendor_finance
        due = finance_due(
            gw_counted, self.milestones_paid, month, self.financed, v.per_gw, v.limit, v.scale, v.tied, v.untied_months
        )
        return due * self.vendor.figures.finances

    def pays(self, runway: Floats) -> Mask:
        """Where finance of a customer with so many months' runway is worth its risk."""
        v = self.vendor.p.vendor_finance
        return finance_pays(v.additionality, self.vendor.figures.margin, risk_of(runway, v.safe_runway), v.loss_estimate)

    def tranche(self, due: Floats, runway: Floats) -> Floats:
        """What is paid of the finance that is due to a customer (dollars)."""
        v = self.vendor.p.vendor_finance
        return tranche(due, self.pays(runway), self.vendor.cash, v.cash_floor, v.tied) * self.vendor.view.funding.open

    def count_milestones(self, due: Floats, paid: Floats, gw_counted: Floats) -> None:
        """Milestones are counted once, in proportion to what was paid on them."""
        self.milestones_paid = milestones_reached(due, paid, gw_counted, self.milestones_paid)
        self.financed = self.financed + paid

    def rescue_offer(self, runway: Floats, valuation: Floats) -> Floats:
        """Dollars of new shares of an investee that runs out of cash: it pays while the orders saved exceed the loss expected,
        but patience is not without end. None where it covers customers' gaps in general (`support.on`)."""
        v, since = self.vendor.p.vendor_finance, self.vendor.view.month - self.rescued_at
        offer = rescue_offer(
            self.vendor.cash,
            v.cash_floor,
            runway,
            valuation,
            since,
            v.rescue_runway,
            v.rescue_pause,
            v.rescue_share,
            v.rescue_dilution,
            v.scale,
        )
        return offer * self.vendor.figures.finances * self.vendor.view.funding.open * (1.0 - self.vendor.p.support.on)

    def backstop_due(self, unsold_gw: Floats, rent: Floats) -> Floats:
        """What the backstop owes this month on unsold capacity, until its limit is used up (dollars)."""
        v = self.vendor.p.vendor_finance
        due = backstop_due(unsold_gw, rent, v.backstop_share, v.backstop_on, v.backstop_limit, v.scale, self.backstop_paid)
        return due * self.vendor.figures.finances * self.vendor.view.funding.open

    def owe_backstop(self, unsold_gw: Floats, rent: Floats) -> Floats:
        """What the backstop owes this month, counted against its limit (dollars)."""
        due = self.backstop_due(unsold_gw, rent)
        self.backstop_paid = self.backstop_paid + due
        return due

    def count_rescue(self, paid: Dollars) -> None:
        """Patience starts anew with every rescue."""
        self.rescued_at = np.where(paid > 0, self.vendor.view.month, self.rescued_at)

    def small_tickets(self) -> Floats:
        """Dollars for stakes in application companies this month."""
        v = self.vendor.p.vendor_finance
        part = v.scale * v.tickets_on * self.vendor.figures.finances * self.vendor.view.funding.open
        return tickets(v.small_tickets * part, self.vendor.cash, v.cash_floor)

    def counted(self, milestones: Floats) -> Floats:
        """GW that finance is reckoned on: what a customer has signed or runs, the first ones at once."""
        return np.maximum(self.vendor.p.vendor_finance.signed_gw, milestones)

    def by_form(self, amount: Floats) -> tuple[Floats, ...]:
        """A tranche in the chosen form of finance: equity, loan, lease of chips, guarantee of an equal loan (dollars each)."""
        chosen = self.vendor.p.vendor_finance.instrument
        if (chosen == chosen[0]).all():
            nothing = np.zeros(self.vendor.p.worlds)
            return tuple(amount if form == chosen[0] else nothing for form in range(len(FORMS)))
        return tuple(np.where(chosen == form, amount, 0.0) for form in range(len(FORMS)))

    def left(self) -> Floats:
        """1 where its programme of customer finance is not used up."""
        v = self.vendor.p.vendor_finance
        return (self.financed < v.limit * v.scale) * self.vendor.figures.finances
