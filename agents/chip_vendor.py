"""Chip vendors: capacity, price, production; and the finance that the lead vendor gives its customers.

Equations: "Chip vendor" in ../model/README.md. Each instrument is individually rational while additionality x margin x finance
exceeds the expected loss; otherwise no tranche is paid.
"""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.agents.base import Member
from perpetuum.agents.firm import ListedFirm
from perpetuum.model.parameters.groups import VendorFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import VendorView
from perpetuum.model.worlds import Dollars, Floats, bounded, move_towards, share


class ChipVendor(ListedFirm):
    """A chip vendor. Attributes are (worlds,)."""

    view: VendorView
    figures: VendorFigures

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: VendorView):
        super().__init__(model, spec, view)
        f = self.figures
        self.capacity = f.capacity.copy()  # GW a month
        self.price_index = self.constant(1.0)
        self.order_share = f.order_share.copy()
        self.planned = f.capacity * self.p.chips.opening_use  # production that suppliers were promised
        self.milestones_paid = self.constant()  # GW already financed
        self.financed = self.constant()  # dollars paid or lent under the letter of intent
        self.rescued_at = self.constant(-np.inf)  # month of the last rescue
        self.backstop_paid = self.constant()
        self.earnings = self.constant()
        self.units_in_stock = self.constant()  # GW unsold
        self.sales = self.constant()  # cash from chips this month (dollars)
        self.leased = self.constant()  # chips financed on delivery this month (dollars)
        self.shipped = self.constant()  # GW this month
        self.cost_of_sales = self.constant()  # this month's, whole dollars

    # --- planning -----------------------------------------------------------------------------------------------

    def list_price(self) -> Floats:
        """Dollars per GW: content of the generation x price index."""
        return self.view.technology.content_per_gw() * self.price_index

    def unit_cost(self) -> Floats:
        """Cost of goods per GW: a fixed share of the list content, whatever the price."""
        return self.view.technology.content_per_gw() * (1.0 - self.figures.margin)

    def plan_capacity(self, backlog: Floats) -> None:
        """Capacity grows by clip(0.02 (cover - 1.5), -1 %, +1.5 %) a month, cover = backlog / capacity."""
        c = self.p.chips
        cover = share(backlog, self.capacity)
        growth = bounded(c.cover_slope * (cover - c.cover_target), -c.capacity_fall, c.capacity_rise)
        self.capacity = self.capacity * (1.0 + growth)
        moved = self.price_index * (1.0 + c.price_slope * np.tanh(np.ascontiguousarray(cover - c.price_cover)))
        self.price_index = bounded(moved, c.price_low, c.price_high)

    def produce(self, needed: Floats) -> Floats:
        """GW made this month: what is needed beyond stock, at least what suppliers were promised, as cash allows."""
        promised = self.p.chips.commitment_share * self.planned
        made = np.minimum(np.maximum(needed - self.units_in_stock, promised), self.capacity)
        self.planned = move_towards(self.planned, np.minimum(needed, self.capacity), 1.0 / self.p.chips.planning_months)
        return np.minimum(made, self.cash / self.unit_cost())

    def ship(self, needed: Floats, made: Floats) -> Floats:
        """Part of what is needed that stock and production cover; what is left in stock loses value."""
        stock = self.units_in_stock + made
        part = np.minimum(1.0, share(stock, needed, 1.0))
        self.shipped = needed * part
        inventory = self.view.ledger.stock("inventory", self.account)
        self.cost_of_sales = np.rint(inventory * np.minimum(share(self.shipped, stock), 1.0))
        self.units_in_stock = np.maximum(stock - self.shipped, 0.0) * (1.0 - self.p.chips.obsolescence)
        return part

    def favour(self, stake: Dollars) -> Floats:
        """Weight of a customer's orders where chips are scarce: more for one whose shares the vendor holds (`stake` lots)."""
        return 1.0 + self.p.chips.favour * (stake > 0)

    def lease_share(self, customer: Member) -> Floats | float:
        """Share of a delivery that is leased: all of a lab's, a tenth of a neocloud's, none of the others'."""
        if customer.role == "cloud" and customer.kind == "neocloud":
            v = self.p.vendor_finance
            return np.minimum(v.lease_share * v.scale, 1.0) * self.figures.finances
        return float(customer.role == "lab")

    # --- customer finance ---------------------------------------------------------------------------------------

    def finance_due(self, gw_counted: Floats, month: int) -> Floats:
        """Dollars of finance that fall due: 10bn for each GW newly contracted or live, or evenly if untied; at most the limit."""
        v = self.p.vendor_finance
        tied = np.maximum(gw_counted - self.milestones_paid, 0.0) * v.per_gw
        even = v.limit / v.untied_months * (month < v.untied_months)
        due = np.where(v.tied > 0, tied, even) * v.scale
        return np.minimum(due, np.maximum(v.limit * v.scale - self.financed, 0.0)) * self.figures.finances

    def pays(self, default_probability: Floats) -> Floats:
        """1 where finance pays: additionality x margin >= probability of default x loss given default."""
        v = self.p.vendor_finance
        return (v.additionality * self.figures.margin >= default_probability * v.loss_estimate).astype(np.float64)

    def credit_rate(self) -> Floats:
        """Rate on its loans and leases to customers (per year)."""
        return self.view.funding.policy_rate + self.p.vendor_finance.credit_margin

    def affordable(self, due: Floats) -> Floats:
        """What of it leaves cash above the floor."""
        return np.minimum(due, np.maximum(self.cash - self.p.vendor_finance.cash_floor, 0.0))

    def count_milestones(self, due: Floats, paid: Floats, gw_counted: Floats) -> None:
        """Milestones are counted once, in proportion to what was paid on them."""
        reached = self.milestones_paid + (gw_counted - self.milestones_paid) * share(paid, due, 0.0)
        self.milestones_paid = np.where(due > 0, np.maximum(self.milestones_paid, reached), self.milestones_paid)
        self.financed = self.financed + paid

    def rescue_offer(self, runway: Floats, valuation: Floats) -> Floats:
        """Up to a tenth of cash above the floor for an investee with under four months' runway, once a year, at most a
        fifth of its worth: it pays while the orders saved exceed the loss expected, but patience is not without end."""
        v = self.p.vendor_finance
        spare = np.maximum(self.cash - v.cash_floor, 0.0)
        offer = np.minimum(v.rescue_share * spare, v.rescue_dilution * valuation)
        patient = self.view.month - self.rescued_at >= v.rescue_pause
        return np.where((runway < v.rescue_runway) & patient, offer, 0.0) * np.minimum(v.scale, 1.0) * self.figures.finances

    def backstop_due(self, unsold_gw: Floats, rent: Floats) -> Floats:
        """What the backstop owes this month: 0.6 x rent on unsold capacity, until its limit is used up (dollars)."""
        v = self.p.vendor_finance
        due = v.backstop_share * unsold_gw * rent / 12 * v.backstop_on * (v.scale > 0)
        return np.minimum(due, np.maximum(v.backstop_limit * v.scale - self.backstop_paid, 0.0)) * self.figures.finances

    def small_tickets(self) -> Floats:
        """Dollars for stakes in application companies this month."""
        v = self.p.vendor_finance
        wanted = v.small_tickets * v.scale * v.tickets_on * self.figures.finances
        return np.minimum(wanted, np.maximum(self.cash - v.cash_floor, 0.0))

    # --- the month's bills --------------------------------------------------------------------------------------

    def operating_costs(self, month: int) -> Floats:
        """Research, selling and administration (dollars a month)."""
        return self.figures.operating_costs * (1.0 + self.figures.cost_growth) ** (month / 12)

    def earning_power(self) -> Floats:
        """Yearly earnings that fair value follows: profit after tax (dollars)."""
        return self.earnings

    def count_month(self, chips: Dollars, operations: Dollars) -> None:
        """Close the month: what it got for chips and other products less cost of sales and operations (a negative flow).

        Earnings are the year's rate of profit after tax, smoothed (dollars).
        """
        profit = chips + self.figures.other_revenue - (self.cost_of_sales - operations)
        after_tax = profit * (1.0 - self.p.vendor.tax)
        self.earnings = move_towards(self.earnings, after_tax * 12, 1.0 / self.p.vendor.earnings_months)
        self.tax_due = self.p.vendor.tax * np.maximum(profit, 0.0)

    def write_down(self) -> Dollars:
        """Unsold chips lose value: the month's write-down (whole dollars)."""
        stock = self.view.ledger.stock("inventory", self.account)
        return np.rint(stock * self.p.chips.obsolescence).astype(np.int64)
