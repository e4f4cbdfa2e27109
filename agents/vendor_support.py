"""How the lead vendor steps in where a customer lacks money that would cost it orders (`support.on`), beyond its tranches.

Rules first, each an equation for one customer in one world; `VendorSupport` says where their numbers come from. Dollars, and
dollars a month; (a)+ is max(a, 0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np

from perpetuum.agents.customer_finance import EQUITY, GUARANTEE, LEASE, LOAN, risk_of
from perpetuum.model.books.payment_kinds import OPERATING
from perpetuum.model.equations import DUST, equation
from perpetuum.model.parameters.groups import LabFigures, VendorFigures
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.units import YEAR
from perpetuum.model.views import VendorView
from perpetuum.model.worlds import Dollars, Floats, Stateful, anywhere, total

#: What a vendor's free cash flow is made of: operations, what it sells and what it makes.
FREE_CASH_FLOW = (*OPERATING, "chips", "cost_of_goods")


@equation
def gap_of_lab(runway: float, short: float, burn: float, months: float, raised: float) -> float:
    """(months x (burn)+ - raised this month)+ where runway < short, else 0: dollars that a lab lacks.

    >>> gap_of_lab(4.0, 6.0, 2.0, 3.0, 1.0), gap_of_lab(4.0, 6.0, 2.0, 3.0, 9.0)
    (5.0, 0.0)
    >>> gap_of_lab(6.0, 6.0, 2.0, 3.0, 1.0), gap_of_lab(4.0, 6.0, -2.0, 3.0, 0.0)
    (0.0, 0.0)
    """
    return max(months * max(burn, 0.0) - raised, 0.0) if runway < short else 0.0


@equation
def orders_of_lab(sales: float, used: float, installed: float, months: float) -> float:
    """sales x min(GW that it uses / GW of all clouds, 1) x months: chips that clouds order for a lab while it is kept alive.

    >>> orders_of_lab(16.0, 2.0, 8.0, 3.0), orders_of_lab(16.0, 9.0, 8.0, 3.0), orders_of_lab(16.0, 2.0, 0.0, 3.0)
    (12.0, 48.0, 0.0)
    """
    return sales * min(used / installed, 1.0) * months if installed > DUST else 0.0


@equation
def orders_of_cloud(chips: float, gap: float, bill: float) -> float:
    """chips x min(gap / bill, 1): what a cloud would not take of the vendor's chips in this month's bill; 0 without a bill.

    >>> orders_of_cloud(6.0, 2.0, 8.0), orders_of_cloud(6.0, 20.0, 8.0), orders_of_cloud(0.0, 2.0, 0.0)
    (1.5, 6.0, 0.0)
    """
    return chips * min(gap / bill, 1.0) if bill > DUST else 0.0


@equation
def chips_to_lease(spot: float, coming: float, usable: float, price: float) -> float:
    """(GW rented on the spot / usable - GW on lease that are still to come)+ x price: chips that save a lab rent.

    >>> chips_to_lease(3.0, 1.0, 0.75, 20.0), chips_to_lease(3.0, 9.0, 0.75, 20.0)
    (60.0, 0.0)
    """
    return max(spot / usable - coming, 0.0) * price


@equation
def lives_on(given: float, dues: float, cash: float) -> float:
    """given where cash < dues, else 0: support that a cloud lives on, for without it dues go unpaid though it takes no chips.

    >>> lives_on(4.0, 3.0, 2.0), lives_on(4.0, 3.0, 3.0)
    (4.0, 0.0)
    """
    return given if cash < dues else 0.0


@equation
def risk_of_spread(spread: float, loss: float) -> float:
    """min(spread / loss given default, 1): the yearly chance of default that a credit spread pays for (Hull 2018, ch. 24).

    >>> risk_of_spread(0.125, 0.5), risk_of_spread(0.75, 0.5), risk_of_spread(0.125, 0.0)
    (0.25, 1.0, 1.0)
    """
    return min(spread / loss, 1.0) if loss > DUST else 1.0


@equation
def worth_supporting(additionality: float, margin: float, orders: float, risk: float, loss: float, amount: float) -> bool:
    """additionality x margin x orders saved >= common risk x loss given default x amount, and there is an amount.

    Of both sides a part is left where caps allow only part of the amount: the answer is the same for the whole and for the part.

    >>> worth_supporting(0.5, 0.75, 8.0, 0.5, 0.5, 12.0), worth_supporting(0.5, 0.75, 8.0, 0.75, 0.5, 12.0)
    (True, False)
    >>> worth_supporting(0.5, 0.75, 8.0, 0.5, 0.5, 0.0)
    False
    """
    return amount > 0.0 and additionality * margin * orders >= risk * loss * amount


@equation
def left_of_cap(part: float, multiple: float, base: float, given: float) -> float:
    """(part x multiple x (base)+ - given)+: what a cap leaves, of all support (part 1) or of one customer's.

    The base is a year's free cash flow, and book equity for guarantees.

    >>> left_of_cap(1.0, 0.5, 80.0, 10.0), left_of_cap(0.25, 0.5, 80.0, 10.0), left_of_cap(1.0, 0.5, -80.0, 0.0)
    (30.0, 0.0, 0.0)
    """
    return max(part * multiple * max(base, 0.0) - given, 0.0)


@equation
def scaled_to_room(asked: float, cap: float, cash: float, cash_kept: float, in_cash: float) -> float:
    """min(1, room / all that is asked), room = cap, for what is paid in cash at most (cash - cash kept)+; 1 where none asks.

    >>> scaled_to_room(40.0, 30.0, 100.0, 20.0, 1.0), scaled_to_room(40.0, 30.0, 40.0, 20.0, 1.0)
    (0.75, 0.5)
    >>> scaled_to_room(40.0, 30.0, 40.0, 20.0, 0.0), scaled_to_room(0.0, 30.0, 40.0, 20.0, 1.0)
    (0.75, 1.0)
    """
    room = min(cap, max(cash - cash_kept, 0.0)) if in_cash > 0.0 else cap
    return min(1.0, room / asked) if asked > DUST else 1.0


@equation
def amount_allowed(gap: float, form: float, value_allowed: float, leasable: float, cap: float) -> float:
    """min(gap, cap), dollars; in shares at most `value_allowed` of what the firm is worth, in leases what they spare it to pay.

    >>> [amount_allowed(9.0, form, 6.0, 4.0, 8.0) for form in (EQUITY, LOAN, LEASE, GUARANTEE)]
    [6.0, 8.0, 4.0, 8.0]
    """
    most = min(gap, cap)
    if form == EQUITY:
        return min(most, value_allowed)
    return min(most, leasable) if form == LEASE else most


class Need(NamedTuple):
    """What a customer asks of the vendor this month, (worlds,)."""

    gap: Floats  # dollars that it lacks
    orders: Floats  # dollars of the vendor's chips that the gap would cost
    risk: Floats  # chance that it defaults all the same, by itself
    value: Floats  # dollars that all its shares are worth
    leasable: Floats  # dollars of chips that a lease would spare it to pay or to rent
    guaranteed: Dollars  # dollars of its loans that the vendor guarantees by now


class Supporter(Protocol):
    """Whose support it is: a vendor."""

    view: VendorView
    p: ParameterValues
    figures: VendorFigures
    account: int
    sales: Floats
    leased: Floats
    earnings: Floats
    cost_of_sales: Floats

    @property
    def cash(self) -> Dollars:
        """Deposits (worlds,)."""

    def operating_costs(self, month: int) -> Floats:
        """Research, selling and administration (dollars a month)."""

    def list_price(self) -> Floats:
        """Dollars per GW."""


class SupportedLab(Protocol):
    """What a vendor knows of a lab that may ask it."""

    account: int
    figures: LabFigures
    runway: Floats
    burn: Floats
    valuation: Floats

    def raised(self) -> Floats:
        """Dollars that it has raised this month."""

    def compute_need(self) -> Floats:
        """GW that it uses."""

    def spot_wanted(self) -> Floats:
        """GW that it rents on the spot."""

    def chips_to_come(self) -> Floats:
        """GW of its own that are ordered or on the way."""


class SupportedCloud(Protocol):
    """What a vendor knows of a cloud that may ask it."""

    account: int
    spread: Floats

    def funding_gap(self, chip_bill: Floats) -> Floats:
        """Dollars that it lacks for its dues and a bill for chips."""


class VendorSupport(Stateful):
    """Support that one vendor gives. Attributes are lists of (worlds,), oldest month first, dollars."""

    def __init__(self, vendor: Supporter):
        self.vendor = vendor
        self.on = anywhere(vendor.p.support.on)
        self.given: dict[int, list[Floats]] = {}  # by customer's account: the last eleven months'
        self._in_a_year: dict[int, Floats] = {}  # the same, of these months together
        self.nothing = self._none()  # what most customers get in most months
        self.free_cash_flow: list[Floats] = []  # the last twelve months'
        self._opening_flow = self._none()  # a year's

    def need_of_lab(self, lab: SupportedLab, installed: Floats, alive: Floats) -> Need | None:
        """What a lab lacks, where it is `alive`; None where it lacks nothing in any world.

        `installed` GW of all clouds are the machine for which its orders count. Application companies, none of which is large
        enough to cost it orders, get tickets instead.
        """
        vendor, p = self.vendor, self.vendor.p
        asks = alive * (1.0 - lab.figures.receives_tickets)
        gap = gap_of_lab(lab.runway, p.support.runway, lab.burn, p.support.months, lab.raised()) * asks
        if not anywhere(gap):
            return None
        sold = vendor.sales + vendor.leased
        return Need(
            gap,
            orders_of_lab(sold, lab.compute_need(), installed, p.support.months),
            risk_of(lab.runway + p.support.months, p.vendor_finance.safe_runway),
            lab.valuation,
            chips_to_lease(lab.spot_wanted(), lab.chips_to_come(), p.compute.usable, vendor.list_price()),
            vendor.view.guaranteed(vendor.account, lab.account),
        )

    def need_of_cloud(self, cloud: SupportedCloud, bill: Floats, alive: Floats) -> Need | None:
        """What a cloud lacks for its dues and for the chips in this month's `bill`, where it is `alive`; of these chips the
        vendor counts its own. None where it lacks nothing in any world."""
        vendor, view = self.vendor, self.vendor.view
        gap = cloud.funding_gap(bill) * alive
        if not anywhere(gap):
            return None
        chips = view.chips.cash_bill(cloud.account, vendor.account)
        return Need(
            gap,
            orders_of_cloud(chips, gap, bill),
            risk_of_spread(cloud.spread, vendor.p.vendor_finance.loss_estimate),
            view.market_value(cloud.account).astype(np.float64),
            chips,
            view.guaranteed(vendor.account, cloud.account),
        )

    def trailing(self) -> Floats:
        """Free cash flow of the last twelve months; of those before the start, the earnings of the opening."""
        opening = (YEAR - len(self.free_cash_flow)) * self._opening_flow / YEAR
        return total([opening, *self.free_cash_flow])

    def offer(self, needs: Mapping[int, Need], guaranteed: Dollars, equity: Dollars) -> dict[int, Floats]:
        """Whole dollars for each customer that asks, by account: where it is worth it, within the caps.

        All are judged by the risk of the weakest: they live on each other's bills, and fail together. `guaranteed` is all that
        the vendor guarantees, `equity` its book equity.
        """
        vendor, s, v = self.vendor, self.vendor.p.support, self.vendor.p.vendor_finance
        need = Need(*map(np.array, zip(*needs.values(), strict=True)))  # (customers, worlds) each
        risk = np.where(need.gap > 0, need.risk, 0.0).max(axis=0)
        backed = v.instrument == GUARANTEE
        multiple = np.where(backed, s.guarantees, s.cash_flow)
        base = np.where(backed, equity, self.trailing())
        before = np.where(backed, need.guaranteed, np.array([self._given_to(account) for account in needs]))
        most = v.rescue_dilution * need.value
        cap = left_of_cap(s.one_customer, multiple, base, before)
        amount = amount_allowed(need.gap, v.instrument, most, need.leasable, cap)
        worth = worth_supporting(s.additionality, vendor.figures.margin, need.orders, risk, v.loss_estimate, need.gap)
        asked = np.where(worth, amount, 0.0)
        cap = left_of_cap(
            1.0, multiple, base, np.where(backed, guaranteed, total([self._none(), *self._in_a_year.values()]))
        )
        kept = s.cash_months * (vendor.operating_costs(vendor.view.month) + vendor.cost_of_sales)
        in_cash = (v.instrument == EQUITY) | (v.instrument == LOAN)
        part = scaled_to_room(total(list(asked)), cap, vendor.cash, kept, in_cash)
        part = part * s.on * np.minimum(v.scale, 1.0) * vendor.figures.finances * vendor.view.funding.open
        return dict(zip(needs, np.floor(asked * part), strict=True))

    def count(self, account: int, paid: Floats) -> None:
        """Remember what a customer was given this month (whole dollars: sums of them are exact in any order)."""
        months = self.given.setdefault(account, [])
        months.append(paid)
        left = months.pop(0) if len(months) == YEAR else self.nothing
        if paid is not self.nothing or left is not self.nothing:
            self._in_a_year[account] = self._given_to(account) + paid - left

    def count_month(self) -> None:
        """Close the month: its free cash flow."""
        if not self.on:
            return
        flow = self.vendor.view.ledger.flow_of(FREE_CASH_FLOW, (self.vendor.account,)).astype(np.float64)
        self.free_cash_flow.append(flow - self.vendor.leased)  # chips sold on credit bring no cash
        del self.free_cash_flow[:-YEAR]

    def _given_to(self, account: int) -> Floats:
        return self._in_a_year.get(account, self.nothing)

    def open(self) -> None:
        """Free cash flow of the year before the start: the opening's yearly earnings."""
        self._opening_flow = self.vendor.earnings.copy()

    def _none(self) -> Floats:
        return np.zeros(self.vendor.p.worlds)
