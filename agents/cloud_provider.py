"""Clouds of four kinds: hyperscalers, the leveraged incumbent, neoclouds, other builders. They buy chips, borrow, rent out.

Hyperscalers build for needs they foresee, as a real option in a race; the others build what is contracted and borrow for it
(`borrower.py`). Rules: `cloud_rules.py`, and "Clouds" in ../model/README.md.
"""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.agents.builder import Builder
from perpetuum.agents.cloud_rules import (
    bid_of_the_rich,
    building_budget,
    capacity_gap,
    cash_for_chips,
    direct_use,
    needs_in_a_race,
    own_use_grown,
    part_absorbed,
    part_built,
    part_idle,
    remaining,
    running_costs,
    sold_for_bills,
    spent_elsewhere,
    stake,
    thrift,
    used_chips_offered,
)
from perpetuum.agents.credit_request import cushion_wanted
from perpetuum.agents.firm import tax_on_profit, yearly_profit
from perpetuum.model.markets.second_hand import annuity
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import CloudView
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, anywhere, move_towards, share


class CloudProvider(Builder):
    """A cloud. Attributes are (worlds,)."""

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: CloudView):
        super().__init__(model, spec, view)
        self.grows_everywhere = bool(np.all(self.p.growth.on))  # whether demand grows by itself in all worlds
        self.direct_share = self.figures.direct_share  # of direct AI-cloud sales, contracts of outside customers apart
        self.other_opening = self.figures.other_business  # dollars a month, the same apart
        self.earnings = self.constant()  # a year's rate, smoothed
        self.capex = self.constant()  # this month's, dollars
        self.growth = self.constant()  # of capex against its average: what rivals see
        self.last_net = self.constant()  # operating receipts less costs of last month
        self.order = self.constant()
        self.chips_sold = self.constant()  # fraction sold before this month's settlement
        self.depreciation: Array = self.constant()  # this month's, dollars
        self.rents_apart = self.constant()  # of halls leased at the opening: told apart from running costs (dollars a month)

    # --- deliveries ---------------------------------------------------------------------------------------------

    def quality(self) -> Floats:
        """Rental value of its fleet relative to current chips."""
        return share(self.value_weighted(), self.installed(), 1.0)

    def direct_demand(self) -> Floats:
        """What direct AI customers who have no contract would spend with it (dollars a month)."""
        return self.view.demand.direct * self.direct_share * self.view.direct_open / 12

    def direct_sales(self) -> Floats:
        """What it gets from direct AI customers: as much of their demand as it has compute for (dollars a month)."""
        return self.direct_demand() * self.view.compute.direct_served[self.account]

    def direct_gw(self) -> Floats:
        """GW that its direct AI customers without a contract use: their spending at the average rent; where demand grows by
        itself, as they need.
        """
        return self.direct_gw_in_all() * self.view.direct_open

    def direct_gw_in_all(self) -> Floats:
        """What they would use if no more of them had signed than at the opening (GW): how that grows tells builders of demand."""
        p, demand, rent = self.p, self.view.demand, self.view.compute.rent_average
        return direct_use(demand.direct, self.direct_share, demand.compute_per_dollar, p.compute.rent, rent, p.growth.on)

    def grow_own_use(self) -> None:
        """Own products need more compute each month: by a rate, economising while rents are high, or with all demand."""
        f, index, grows = self.figures, self.view.demand.own_use_index, self.p.growth.on
        self.own_use = own_use_grown(self.own_use, f.own_use_growth, self.thrift(), f.own_use, index, grows)

    def thrift(self) -> Floats:
        """What own products still claim: less, the dearer rents are."""
        return thrift(self.view.compute.rent, self.p.compute.rent)

    def absorbed(self) -> Floats:
        """Share of idle chips that a hyperscaler's own products absorb in the race; the dearer rents are, the more it lets.

        None where `growth.on`: own use is then a stream of demand like others, and what it absorbed would count twice.
        """
        if not self.hyperscaler or self.grows_everywhere:
            return self.constant()
        return part_absorbed(self.p.clouds.race, self.p.clouds.absorption, self.thrift(), self.p.growth.on)

    # --- planning -----------------------------------------------------------------------------------------------

    def plan_orders(self, unit_cost: Floats) -> Floats:
        """GW to order this month; hyperscalers build ahead of contracts, after the option test and within the budget."""
        rivals = self.view.rivals_growth(self.account) if self.hyperscaler else self.constant()  # nobody else races
        if not self.expects:
            self.order = self._orders_for_gap(unit_cost, rivals)
        else:
            self.order = self.orders_for_needs(unit_cost, rivals)
            if not self.expects_everywhere:
                self.order = np.where(self.p.building.on, self.order, self._orders_for_gap(unit_cost, rivals))
        return self.order

    def _orders_for_gap(self, unit_cost: Floats, rivals: Floats) -> Floats:
        """GW that fill today's gap, where needs are not expected."""
        wanted = self._gap()
        if self.hyperscaler:
            affordable = self._budget(rivals) / unit_cost
            wanted = np.minimum(wanted * self._worth_building(unit_cost, rivals), affordable)
        return wanted

    def _gap(self) -> Floats:
        """GW a month that fill the gap between needs in nine months and what is there and coming, and replace decay."""
        c, view = self.p.clouds, self.view
        ahead, installed = self.p.chips.plan_months, self.installed()
        signed = view.contracts.reserved_at(view.contracts.of_seller(self.account), view.month, ahead)
        direct = self.direct_gw() * (1 + view.direct_growth * ahead / 12)
        own_growth = (1 + self.figures.own_use_growth) ** ahead
        own_growth = np.where(self.p.growth.on, np.exp(view.demand.growth["own"] * ahead), own_growth)
        needs = signed + direct + self.own_use * own_growth
        use = np.minimum(1.0, self.p.compute.usable + c.contract_slack)
        if self.hyperscaler:
            open_need = view.open_need * view.part_of_open_need(self.account)
            needs = needs_in_a_race(needs, open_need, c.race, c.build_ahead, view.narrative.sentiment, ahead)
            use = c.target_use
        coming = view.hardware.pipeline_gw(self.account) + view.chips.backlog_of_buyer(self.account)
        rented_in = view.compute.rented_in[self.account]
        return capacity_gap(needs, use, installed, rented_in, coming, c.gap_months, self.p.technology.decay)

    def _worth_building(self, unit_cost: Floats, rivals: Floats) -> Floats:
        """Part of the gap that is worth building."""
        c, view = self.p.clouds, self.view
        return part_built(
            view.compute.rent_average,
            c.value_margin,
            self.p.compute.operating_cost,
            annuity(view.funding.policy_rate, self.p.technology.recovery_years),
            c.residual,
            unit_cost,
            c.hurdle,
            view.volatility,
            c.race,
            rivals,
            c.hurdle_floor,
            c.option_slope,
        )

    def _budget(self, rivals: Floats) -> Floats:
        """Dollars a month for AI capacity."""
        c, view = self.p.clouds, self.view
        return building_budget(
            self.ebitda,
            view.narrative.sentiment,
            rivals,
            c.capex_base,
            c.capex_sentiment,
            c.capex_rivalry,
            c.capex_floor,
            c.capex_limit,
            view.funding.capex,
            c.direct_reinvested,
            self.direct_demand(),
            self.figures.other_capex,
        )

    def stake_in_round(self, wanted: Floats, labs: int) -> Floats:
        """Dollars for the round of a lab that it is partner of: a share of it, from cash above part of its target."""
        if not self.hyperscaler:
            return self.constant()
        c = self.p.clouds
        asked, target = wanted * self.view.funding.open, self.figures.target_cash
        return stake(asked, c.round_share, self.cash, c.target_kept, target, c.round_cash, labs)

    # --- chips --------------------------------------------------------------------------------------------------

    def other_spending(self) -> Floats:
        """Other capital spending, as far as cash above this month's debt service goes (dollars)."""
        return spent_elsewhere(self.figures.other_capex, self.cash, self.kept_for_dues)

    def means_for_chips(self) -> Floats:
        """Cash that may go into chips and shells: beyond dues and part of the cushion (dollars)."""
        return cash_for_chips(self.cash, self.kept_for_dues, self.p.clouds.cushion_kept, self.cushion)

    # --- used chips ---------------------------------------------------------------------------------------------

    def idle_share(self) -> Floats:
        """Share of installed capacity that neither contract nor spot market uses."""
        compute = self.view.compute
        return part_idle(compute.idle[self.account], compute.spot_sold[self.account], self.installed())

    def raise_cash(self, needed: Floats) -> Floats:
        """Fraction of its chips to sell at once for bills that cash does not cover (`needed` dollars)."""
        self.chips_sold = self.constant()
        if anywhere(needed > 0):
            self.chips_sold = sold_for_bills(
                needed, self.value_weighted(), self.view.second_hand.price, self.p.default.fire_sale, self.idle_share()
            )
        return self.chips_sold

    def offer_used_chips(self, failed: Mask) -> Floats:
        """Fraction of its chips on offer: collateral where it has failed, some idle chips where it is in breach."""
        if not (anywhere(failed) or anywhere(self.months_in_breach)):
            return self.constant()
        return used_chips_offered(
            failed,
            self.months_in_breach,
            self.p.default.collateral_sold,
            self.p.second_hand.idle_offer,
            self.idle_share(),
            self.chips_sold,
        )

    def part_of_books(self, fraction: Floats) -> Floats:
        """Part of the book value of its hardware that a fraction of its chips is: shells and other assets stay."""
        return fraction * self.p.clouds.chip_book_share

    def book_value_of_chips(self, fraction: Floats) -> Floats:
        """Book value of a fraction of its chips (whole dollars)."""
        return np.rint(self.view.ledger.stock("hardware", self.account) * fraction * self.p.clouds.chip_book_share)

    def bid_for_used_chips(self) -> Floats:
        """Dollars for used chips: a share of cash above part of its target, nothing while in breach."""
        return bid_of_the_rich(
            self.cash,
            self.p.clouds.target_kept,
            self.figures.target_cash,
            self.p.second_hand.buyers_cash,
            self.months_in_breach,
        )

    # --- shares -------------------------------------------------------------------------------------------------

    def shares_to_issue(self, market_value: Dollars) -> Floats:
        """Dollars of new shares for what lenders did not give."""
        if not anywhere(self.equity_wanted):
            return self.constant()
        return self.shares_sellable(self.equity_wanted, market_value)

    # --- the month's bills --------------------------------------------------------------------------------------

    def operating_costs(self) -> Floats:
        """Power, staff and repair of its chips, and overheads, but for rents of halls (dollars a month)."""
        costs = running_costs(self.powered(), self.p.compute.operating_cost, self.figures.operating_costs)
        return np.maximum(costs - self.rents_apart, 0.0) if self.view.hall_leases.landlords else costs

    def other_business(self, month: int) -> Floats:
        """Operating cash flow of everything that is not AI (dollars a month)."""
        usual = self.other_opening * (1.0 + self.figures.other_growth) ** (month / 12) * self.view.demand.wealth
        return self.own_products(usual)

    def earning_power(self) -> Floats:
        """Yearly earnings that fair value follows: cash flow after interest (dollars)."""
        return self.ebitda - self.interest

    def count_month(self, receipts: Floats, costs: Floats, interest: Floats, principal: Floats, other: Dollars) -> None:
        """Close the month: EBITDA, earnings and debt service as smoothed yearly rates; tax due on AI profit.

        `other` is the part of receipts from other business, which is net of its own taxes.
        """
        speed = 1.0 / self.p.clouds.accounts_months
        depreciation = self.depreciation.astype(np.float64)
        service = interest + principal
        self.last_net = receipts - costs
        self.revenue = receipts
        self.ebitda = move_towards(self.ebitda, (receipts - costs) * 12, speed)
        profit = receipts - costs - depreciation - interest
        self.earnings = move_towards(self.earnings, yearly_profit(profit, self.p.clouds.tax), speed)
        self.interest = move_towards(self.interest, interest * 12, speed)
        self.service = move_towards(self.service, service * 12, speed)
        self.growth = share(self.capex, self.capex_average, 1.0) - 1.0
        self.capex_average = move_towards(self.capex_average, self.capex, 1.0 / 12.0)
        own = receipts - other
        self.tax_due = tax_on_profit(own - costs - depreciation - interest, self.p.clouds.tax)
        self.plan_payouts()

    def count_outside_contracts(self, bill: Floats) -> None:
        """Customers outside whose contracts are billed at the opening (dollars a year) are neither direct nor other business."""
        on, direct = self.p.leases.on, self.p.demand.direct * self.figures.direct_share
        left = share(remaining(direct, bill), self.p.demand.direct)
        self.direct_share = np.where(on, left, self.figures.direct_share)
        other = remaining(self.figures.other_business, remaining(bill, direct) / 12)
        self.other_opening = np.where(on, other, self.figures.other_business)

    def obligations_beyond_contracts(self) -> Floats:
        """Obligations to customers outside that no contract for compute carries: to be served and renewed as they are."""
        f = self.figures
        return np.where(self.p.leases.on, np.minimum(f.software_commitments, f.outside_commitments), f.outside_commitments)

    def open_accounts(self, rents: Floats, backstop: Floats, settled: Floats, delivered: Floats) -> None:
        """Smoothed yearly rates at the start, from opening figures.

        `rents`: AI receipts but for direct sales and the vendor's `backstop`, less rents paid; `settled`: of both what firms pay
        it (dollars a month); `delivered`: GW a month that vendors ship to it.
        """
        f = self.figures
        ai_receipts = rents + backstop + self.direct_demand()
        receipts = ai_receipts + self.other_opening
        costs = self.fixed_costs()
        debt = f.bonds + f.term_loans
        depreciation = self.view.hardware.charge[self.account]
        interest = debt * f.coupon / 12
        falling_due = f.bonds / self.p.credit.bond_months + f.term_loans / (self.p.credit.loan_months / 2)
        self.revenue = receipts
        self.rents = rents
        self.to_come = settled
        self.last_net = receipts - costs
        self.ebitda = (receipts - costs) * 12
        profit = receipts - costs - depreciation - interest
        self.earnings = yearly_profit(profit, self.p.clouds.tax)
        self.tax_due = tax_on_profit(ai_receipts - costs - depreciation - interest, self.p.clouds.tax)
        self.interest = interest * 12
        self.service = (interest + falling_due) * 12
        for _ in range(2):  # what is asked of it depends a little on what it has to pay, and that on what lenders refinance
            self.quote()
            self.service = (interest + falling_due * (1.0 - self.p.rollover.on * self.willingness())) * 12
        unit = self.p.technology.content_today + self.shell_cost()
        self.capex = delivered * unit + f.other_capex
        self.capex_average = self.capex.copy()
        self.spending_opening = self.capex + costs
        self.ebitda_opening = self.ebitda.copy()
        self.cushion = cushion_wanted(self.p.clouds.cash_months, f.other_capex, costs)
        self.agree_covenants()
