"""Chip vendors: capacity, price, production and the month's accounts.

Equations: "Chip vendor" in ../model/README.md. What they finance customers with: `customer_finance.py`, `vendor_support.py`.
"""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.agents.base import Member
from perpetuum.agents.customer_finance import FinanceProgramme
from perpetuum.agents.firm import ListedFirm, tax_on_profit, yearly_profit
from perpetuum.agents.vendor_supply import (
    capacity_followed,
    capacity_worth_having,
    fastest_growth,
    lead_time,
    price_of_waiting,
    shippable,
)
from perpetuum.agents.vendor_support import VendorSupport
from perpetuum.model.equations import DUST, equation
from perpetuum.model.parameters.groups import VendorFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.surroundings.expectations import growth_ahead, growth_expected, growth_seen
from perpetuum.model.views import VendorView
from perpetuum.model.worlds import Dollars, Floats, anywhere, move_towards, share


@equation
def grown_capacity(capacity: float, cover: float, slope: float, target: float, fall: float, rise: float) -> float:
    """capacity x (1 + clip(slope (cover - target), -fall, rise)), GW a month; cover = backlog / capacity.

    >>> grown_capacity(8.0, 2.0, 0.25, 1.5, 0.25, 0.5), grown_capacity(8.0, 9.0, 0.25, 1.5, 0.25, 0.5)
    (9.0, 12.0)
    >>> grown_capacity(8.0, 0.0, 0.25, 1.5, 0.25, 0.5)
    6.0
    """
    return capacity * (1.0 + min(max(slope * (cover - target), -fall), rise))


@equation
def moved_price(index: float, slope: float, pressure: float, low: float, high: float) -> float:
    """clip(index x (1 + slope x pressure), low, high); pressure = tanh(cover - usual cover).

    >>> moved_price(1.0, 0.5, 0.5, 0.5, 2.0), moved_price(1.75, 0.5, 0.5, 0.5, 2.0), moved_price(0.75, 0.5, -1.0, 0.5, 2.0)
    (1.25, 2.0, 0.5)
    """
    return min(max(index * (1.0 + slope * pressure), low), high)


@equation
def made(
    needed: float, stock: float, promised: float, planned: float, capacity: float, cash: float, unit_cost: float
) -> float:
    """min(max(needed - stock, promised x planned), capacity, cash / unit cost), GW: suppliers are paid take-or-pay.

    >>> made(6.0, 1.0, 0.5, 4.0, 8.0, 90.0, 10.0), made(1.0, 1.0, 0.5, 4.0, 8.0, 90.0, 10.0)
    (5.0, 2.0)
    >>> made(20.0, 1.0, 0.5, 4.0, 8.0, 90.0, 10.0), made(20.0, 1.0, 0.5, 4.0, 8.0, 30.0, 10.0)
    (8.0, 3.0)
    """
    return min(min(max(needed - stock, promised * planned), capacity), cash / unit_cost)


@equation
def part_shipped(stock: float, needed: float) -> float:
    """min(1, stock / needed); 1 where nothing is needed.

    >>> part_shipped(3.0, 4.0), part_shipped(5.0, 4.0), part_shipped(5.0, 0.0)
    (0.75, 1.0, 1.0)
    """
    return min(1.0, stock / needed if needed > DUST else 1.0)


@equation
def cost_of_shipped(inventory: float, shipped: float, stock: float) -> float:
    """inventory x min(shipped / stock, 1), dollars.

    >>> cost_of_shipped(80.0, 3.0, 4.0), cost_of_shipped(80.0, 0.0, 0.0)
    (60.0, 0.0)
    """
    return inventory * min(shipped / stock if stock > DUST else 0.0, 1.0)


@equation
def left_in_stock(stock: float, shipped: float, obsolescence: float) -> float:
    """(stock - shipped)+ x (1 - obsolescence), GW.

    >>> left_in_stock(6.0, 2.0, 0.25), left_in_stock(2.0, 2.5, 0.25)
    (3.0, 0.0)
    """
    return max(stock - shipped, 0.0) * (1.0 - obsolescence)


@equation
def weight_of_orders(stake: float, favour: float) -> float:
    """1 + favour where the vendor holds shares of the customer, else 1.

    >>> weight_of_orders(5.0, 0.5), weight_of_orders(0.0, 0.5)
    (1.5, 1.0)
    """
    return 1.0 + favour if stake > 0.0 else 1.0


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
        self.earnings = self.constant()
        self.units_in_stock = self.constant()  # GW unsold
        self.sales = self.constant()  # cash from chips this month (dollars)
        self.leased = self.constant()  # chips financed on delivery this month (dollars)
        self.shipped = self.constant()  # GW this month
        self.cost_of_sales = self.constant()  # this month's, whole dollars
        self.written_down = self.constant()  # of unsold chips this month, whole dollars
        self.lead_time = self._lead_time(f.capacity * f.backlog_months)  # months that a new order waits
        self.usual_lead = self.lead_time.copy()
        self.orders = f.capacity * self.p.chips.opening_use  # GW a month, smoothed
        self.growth = f.sales_growth.copy()  # log growth of sales a month, as seen
        self.sales_before = self.constant()  # sales of the month before last (dollars)
        self.expects_everywhere = bool(np.all(self.p.supply.on))
        self.programme = FinanceProgramme(self)
        self.support = VendorSupport(self)

    def open_accounts(self, backlog: Floats, ordered: Floats) -> None:
        """Earnings, tax and orders at the start: it sells what it can ship of `backlog` (GW), and is `ordered` GW a month."""
        f, on = self.figures, self.p.supply.on
        self.shipped = np.where(on, self.shippable(backlog), f.capacity * self.p.chips.opening_use)
        sales = self.shipped * self.p.technology.content_today
        profit = sales * f.margin + f.other_revenue - f.operating_costs
        self.earnings = yearly_profit(profit, self.p.vendor.tax)
        self.tax_due = tax_on_profit(profit, self.p.vendor.tax)
        self.orders = ordered
        self.support.open()

    # --- planning -----------------------------------------------------------------------------------------------

    def list_price(self) -> Floats:
        """Dollars per GW: content of the generation x price index."""
        return self.view.technology.content_per_gw() * self.price_index

    def unit_cost(self) -> Floats:
        """Cost of goods per GW: a fixed share of the list content, whatever the price."""
        return self.view.technology.content_per_gw() * (1.0 - self.figures.margin)

    def plan_capacity(self, backlog: Floats) -> None:
        """Capacity and price follow cover = backlog / capacity; with `supply.on`, orders expected and the wait for chips."""
        c = self.p.chips
        on, before, index = self.p.supply.on, self.capacity, self.price_index
        self.lead_time = self._lead_time(backlog)
        if not (self.expects_everywhere and self.view.month):  # of the first month, `shipments` tells the capacity set here
            cover = share(backlog, before)
            pressure = np.tanh(np.ascontiguousarray(cover - c.price_cover))
            self.capacity = grown_capacity(before, cover, c.cover_slope, c.cover_target, c.capacity_fall, c.capacity_rise)
            self.price_index = moved_price(index, c.price_slope, pressure, c.price_low, c.price_high)
        if anywhere(on):
            expected, s = self._capacity_expected(before, backlog, index), self.p.supply
            waiting = price_of_waiting(self.lead_time, self.usual_lead, s.price_swing, s.price_months)
            self.capacity = expected if self.expects_everywhere else np.where(on, expected, self.capacity)
            self.price_index = waiting if self.expects_everywhere else np.where(on, waiting, self.price_index)

    def _lead_time(self, backlog: Floats) -> Floats:
        s = self.p.supply
        return lead_time(backlog, self.capacity, s.shortest_lead, s.longest_lead)

    def _capacity_expected(self, capacity: Floats, backlog: Floats, price_index: Floats) -> Floats:
        """Capacity that follows the orders expected in a year, the slower the more the industry ships."""
        s, e, view = self.p.supply, self.p.expectations, self.view
        sales = share(self.sales + self.leased, price_index)
        self.growth = growth_seen(self.growth, sales, self.sales_before, e.memory_months)
        self.sales_before = sales
        if view.month:
            self.orders = move_towards(self.orders, view.chips.ordered_from(self.account), 1.0 / s.order_months)
        expected = growth_expected(self.growth, e.weight, e.long_run)
        ahead = growth_ahead(expected, e.fade, s.plan_months)
        worth = capacity_worth_having(self.orders, ahead, backlog, s.comfort, self.usual_lead, capacity, s.catch_up)
        shipments = view.shipments() * self.p.technology.content_today
        rise = fastest_growth(shipments, s.growth_base, s.growth_at_scale, s.scale, s.power, s.growth_cap)
        return capacity_followed(capacity, worth, s.follow_months, s.fall, rise)

    def shippable(self, backlog: Floats) -> Floats:
        """GW that it can ship this month."""
        s = self.p.supply
        return np.where(s.on, shippable(self.capacity, backlog, s.shipped_most), self.capacity)

    def produce(self, needed: Floats) -> Floats:
        """GW made this month: what is needed beyond stock, at least what suppliers were promised, as cash allows."""
        c, planned = self.p.chips, self.planned
        self.planned = move_towards(planned, np.minimum(needed, self.capacity), 1.0 / c.planning_months)
        return made(needed, self.units_in_stock, c.commitment_share, planned, self.capacity, self.cash, self.unit_cost())

    def ship(self, needed: Floats, produced: Floats) -> Floats:
        """Part of what is needed that stock and production cover; what is left in stock loses value."""
        stock = self.units_in_stock + produced
        part = part_shipped(stock, needed)
        self.shipped = needed * part
        inventory = self.view.ledger.stock("inventory", self.account)
        self.cost_of_sales = np.rint(cost_of_shipped(inventory, self.shipped, stock))
        self.units_in_stock = left_in_stock(stock, self.shipped, self.p.chips.obsolescence)
        return part

    def favour(self, stake: Dollars) -> Floats:
        """Weight of a customer's orders where chips are scarce: more for one whose shares the vendor holds (`stake` lots)."""
        return weight_of_orders(stake, self.p.chips.favour)

    def lease_share(self, customer: Member) -> Floats | float:
        """Share of a delivery that is leased: all of a lab's, part of a neocloud's, none of the others'."""
        if customer.role == "cloud" and customer.kind == "neocloud":
            v = self.p.vendor_finance
            return np.minimum(v.lease_share * v.scale, 1.0) * self.figures.finances * self.view.funding.open
        return float(customer.role == "lab")

    def credit_rate(self) -> Floats:
        """Rate on its loans and leases to customers (per year)."""
        return self.view.funding.policy_rate + self.p.vendor_finance.credit_margin

    # --- the month's bills --------------------------------------------------------------------------------------

    def operating_costs(self, month: int) -> Floats:
        """Research, selling and administration (dollars a month)."""
        return self.figures.operating_costs * (1.0 + self.figures.cost_growth) ** (month / 12)

    def earning_power(self) -> Floats:
        """Yearly earnings that fair value follows: profit after tax (dollars)."""
        return self.earnings

    def count_month(self, chips: Dollars, operations: Dollars) -> None:
        """Close the month: what it got for chips and other products less cost of sales, write-downs and operations (a negative
        flow).

        Earnings are the year's rate of profit after tax, smoothed (dollars).
        """
        profit = chips + self.figures.other_revenue - (self.cost_of_sales + self.written_down - operations)
        after_tax = yearly_profit(profit, self.p.vendor.tax)
        self.earnings = move_towards(self.earnings, after_tax, 1.0 / self.p.vendor.earnings_months)
        self.tax_due = tax_on_profit(profit, self.p.vendor.tax)
        self.support.count_month()

    def write_down(self) -> Dollars:
        """Unsold chips lose value: the month's write-down (whole dollars)."""
        stock = self.view.ledger.stock("inventory", self.account)
        self.written_down = np.rint(stock * self.p.chips.obsolescence)
        return self.written_down.astype(np.int64)
