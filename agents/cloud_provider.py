"""Clouds of three kinds: hyperscalers, the leveraged incumbent, neoclouds. They buy chips, borrow and rent out compute.

Hyperscalers build for needs they foresee, as a real option in a race; the others build what is contracted and borrow for it in
pecking order. Equations: "Clouds" in ../model/README.md.
"""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.agents.firm import ListedFirm
from perpetuum.model.books.accounts import DEBTS
from perpetuum.model.markets.second_hand import annuity
from perpetuum.model.parameters.groups import CloudFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import CloudView
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, anywhere, bounded, move_towards, share, total


class CloudProvider(ListedFirm):
    """A cloud. Attributes are (worlds,)."""

    view: CloudView
    figures: CloudFigures

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: CloudView):
        super().__init__(model, spec, view)
        f = self.figures
        self.own_use = f.own_use.copy()
        self.ebitda = self.constant()  # a year's rate, smoothed
        self.revenue = self.constant()  # a month
        self.earnings = self.constant()  # a year's rate, smoothed
        self.capex = self.constant()  # this month's, dollars
        self.capex_average = self.constant()
        self.growth = self.constant()  # of capex against its average: what rivals see
        self.interest = self.constant()  # a year's rate, smoothed
        self.service = self.constant()  # debt service, a year's rate
        self.rents = self.constant()  # received from labs and clouds in last month's settlement
        self.last_net = self.constant()  # operating receipts less costs of last month
        self.breached = self.constant()  # months in breach of a covenant
        self.short = self.constant()  # cash missing for what is planned this month
        self.credit_wanted: dict[str, Floats] = {}  # by instrument, in pecking order
        self.equity_wanted = self.constant()
        self.spread = self.constant()
        self.order = self.constant()
        self.chips_sold = self.constant()  # fraction sold before this month's settlement
        self.depreciation: Array = self.constant()  # this month's, dollars

    @property
    def hyperscaler(self) -> bool:
        """Whether it builds ahead of contracts."""
        return self.kind == "hyperscaler"

    # --- deliveries ---------------------------------------------------------------------------------------------

    def installed(self) -> Floats:
        """GW of chips in service."""
        return self.view.hardware.gw(self.account)

    def value_weighted(self) -> Floats:
        """GW of current chips that its chips in service are worth."""
        return self.view.hardware.value_weighted_gw(self.account, self.view.hardware.value_weights)

    def quality(self) -> Floats:
        """Rental value of its fleet relative to current chips."""
        return share(self.value_weighted(), self.installed(), 1.0)

    def direct_gw(self) -> Floats:
        """GW that its direct AI customers' spending buys at the average rent."""
        return self.view.demand.direct * self.figures.direct_share / self.view.compute.rent_average

    def grow_own_use(self) -> None:
        """Own products need more compute each month; they economise while renting it out pays better."""
        self.own_use = self.own_use * (1.0 + self.figures.own_use_growth * self.thrift())

    def thrift(self) -> Floats:
        """1 at or below the opening rent, 0 from twice the opening rent on: what own products still claim."""
        return bounded(2.0 - self.view.compute.rent / self.p.compute.rent, 0.0, 1.0)

    def absorbed(self) -> Floats:
        """Share of idle chips that a hyperscaler's own products absorb in the race; the dearer rents are, the more it lets."""
        share_absorbed = bounded(self.p.clouds.race * self.p.clouds.absorption, 0.0, 1.0)
        return share_absorbed * self.thrift() * float(self.hyperscaler)

    # --- planning -----------------------------------------------------------------------------------------------

    def plan_orders(self, unit_cost: Floats) -> Floats:
        """GW to order this month, after the option test and within the budget."""
        wanted = self._gap() * self._worth_building(unit_cost)
        affordable = self._budget() / unit_cost
        self.order = np.minimum(wanted, affordable) if self.hyperscaler else wanted
        return self.order

    def _gap(self) -> Floats:
        """(needs in nine months / 0.9 - capacity - pipeline - backlog) / 6 + chips lost to decay."""
        c, view = self.p.clouds, self.view
        ahead = self.p.chips.plan_months
        signed = view.contracts.reserved_at(view.contracts.of_seller(self.account), view.month, ahead)
        needs = (
            signed
            + self.direct_gw() * (1 + view.direct_growth * ahead / 12)
            + self.own_use * (1 + self.figures.own_use_growth) ** ahead
        )
        if self.hyperscaler:
            ahead_of_rivals = 1.0 + c.race * c.build_ahead * np.maximum(view.narrative.sentiment, 0.0) * ahead / 12
            needs = (needs + view.open_need * view.part_of_open_need(self.account)) * ahead_of_rivals
        margin = c.target_use if self.hyperscaler else np.minimum(1.0, self.p.compute.usable + c.contract_slack)
        coming = view.hardware.pipeline_gw(self.account) + view.chips.backlog_of_buyer(self.account)
        rented = view.compute.rented_in[self.account]
        gap = (needs / margin - self.installed() - rented - coming) / c.gap_months
        return np.maximum(gap + self.p.technology.decay * self.installed(), 0.0)

    def _worth_building(self, unit_cost: Floats) -> Floats:
        """Real option: build while value in use / cost reaches h = 1.15 (1 + volatility)(1 - race x rivals' growth).

        Between two thirds of the hurdle and the hurdle, orders scale linearly: a firm is many projects.
        """
        c, view = self.p.clouds, self.view
        hurdle = (
            c.hurdle
            * (1.0 + view.volatility)
            * np.maximum(1.0 - c.race * bounded(view.rivals_growth(self.account), 0.0, 1.0), c.hurdle_floor)
        )
        net = np.maximum(view.compute.rent_average * c.value_margin - self.p.compute.operating_cost, 0.0)
        worth = net * annuity(view.funding.policy_rate, self.p.technology.recovery_years) + c.residual * unit_cost
        if not self.hyperscaler:
            return self.constant(1.0)
        return bounded(1.0 + c.option_slope * (worth / unit_cost / hurdle - 1.0), 0.0, 1.0)

    def _budget(self) -> Floats:
        """Dollars a month for AI capacity: clip(0.42 + 0.25 x + 0.1 rivalry, 0.1, 0.8) of cash flow, and part of direct sales."""
        c, view = self.p.clouds, self.view
        appetite = c.capex_base + c.capex_sentiment * view.narrative.sentiment
        appetite = appetite + c.capex_rivalry * bounded(view.rivals_growth(self.account), -1.0, 1.0)
        part = bounded(appetite, c.capex_floor, c.capex_limit)
        cash_flow = np.maximum(self.ebitda, 0.0) / 12
        direct = view.demand.direct * self.figures.direct_share / 12
        budget = part * cash_flow * view.funding.capex + c.direct_reinvested * direct
        return np.maximum(budget - self.figures.other_capex, 0.0)

    # --- credit -------------------------------------------------------------------------------------------------

    def debt(self) -> Floats:
        """Interest-bearing debt to anybody (dollars)."""
        ledger = self.view.ledger
        return -total(ledger.stock(row, self.account) for row in DEBTS).astype(np.float64)

    def leverage(self) -> Floats:
        """Net debt / EBITDA (0 for net cash, 99 where there is debt but no EBITDA)."""
        net = np.maximum(self.debt() - self.cash, 0.0)
        return np.where(net > 0, np.minimum(share(net, np.maximum(self.ebitda, 0.0), 99.0), 99.0), 0.0)

    def coverage(self) -> Floats:
        """Debt service coverage: EBITDA / (interest and principal of a year); 99 without debt service."""
        return np.where(self.service > 0, share(self.ebitda, self.service, 99.0), 99.0)

    def collateral(self) -> Floats:
        """Second-hand value of its chips (dollars)."""
        coming = self.view.hardware.pipeline_gw(self.account)
        return (self.value_weighted() + coming) * self.view.second_hand.price + self.shell_value()

    def shell_value(self) -> Floats:
        """Shells and power connections secure loans too, at cost."""
        return (self.installed() + self.view.hardware.pipeline_gw(self.account)) * self.p.technology.shell_cost

    def quote(self) -> Floats:
        """Credit spread: base + leverage + tightening + pessimism + weak coverage + share volatility (per year)."""
        c, view = self.p.credit, self.view
        base = {"hyperscaler": c.base_hyperscaler, "leveraged": c.base_leveraged}.get(self.kind, c.base_neocloud)
        stretched = np.maximum(self.leverage() - c.leverage_free, 0.0)
        heavy = np.minimum(stretched, c.leverage_counted) ** c.leverage_power
        spread = base + c.leverage_slope * heavy + view.funding.spread_rise
        spread = spread + c.pessimism_slope * np.maximum(-view.narrative.sentiment, 0.0)
        spread = spread + c.coverage_spread * (self.coverage() < c.coverage_watch)
        excess = np.maximum(view.share_volatility(self.account) - self.figures.news, 0.0)
        self.spread = spread + c.volatility_slope * excess
        return self.spread

    def rationed(self) -> Mask:
        """Where lenders refuse at the all-in rate."""
        c = self.p.credit
        limit = {"leveraged": c.ration_leveraged, "neocloud": c.ration_neocloud}.get(self.kind, c.ration_other)
        return self.view.funding.policy_rate + self.spread > limit

    def test_covenants(self) -> None:
        """Count months in breach: coverage under 1.3, loans above the collateral limit, or debt far above the leverage limit."""
        c = self.p.credit
        secured = -self.view.ledger.stock("term_loans", self.account)
        served = self.service > c.service_counted * np.maximum(self.debt(), 1.0)
        thin = (self.coverage() < c.coverage_covenant) & served
        above = secured > np.maximum(self.view.funding.loan_to_value, 0.0) * self.collateral() * c.collateral_slack
        heavy = self.leverage() > c.leverage_slack * self.view.funding.leverage_limit
        breach = (thin | above | heavy) & (secured > 0)
        self.breached = np.where(breach, self.breached + 1.0, 0.0)

    def plan_cash(self, chip_bill: Floats) -> Floats:
        """Cash missing this month: bills for chips and shells, other capex, dues and a cushion, less cash."""
        self.cushion = self.p.clouds.cash_months * np.maximum(self.figures.other_capex + self.operating_costs(), 0.0)
        dues = self.service / 12 + self.operating_costs() + self.tax_due
        self.kept_for_dues = np.maximum(dues - self.p.clouds.counted_receipts * self.rents, 0.0)
        planned = chip_bill + self.figures.other_capex + self.kept_for_dues + self.cushion
        self.short = np.maximum(planned - self.cash, 0.0)
        return self.short

    def ask_for_credit(self, chip_bill: Floats) -> None:
        """Pecking order (Myers and Majluf 1984): loans on chips, then bonds, then shares for what lenders do not give.

        Dollars by instrument; hyperscalers borrow unsecured only, and nobody where lenders refuse.
        """
        short = self.plan_cash(chip_bill)
        refused = self.rationed()
        on_chips = np.minimum(self.secured_headroom(chip_bill), self.view.funding.loan_to_value * chip_bill)
        loans = np.where(refused | self.hyperscaler, 0.0, np.minimum(short, on_chips))
        bonds = np.where(refused, 0.0, np.minimum(short - loans, self.bond_headroom()))
        self.credit_wanted = {"term_loans": loans, "bonds": bonds}
        self.equity_wanted = short.copy()

    def count_borrowed(self, drawn: Dollars) -> None:
        """What lenders did not grant is left to shareholders."""
        self.equity_wanted = np.maximum(self.equity_wanted - drawn, 0.0)

    def borrowing_rate(self) -> Floats:
        """Policy rate + credit spread (per year)."""
        return self.view.funding.policy_rate + self.spread

    def spare_cash(self) -> Floats:
        """Cash beyond the month's dues and cushion (dollars)."""
        return np.maximum(self.cash - self.kept_for_dues - self.cushion, 0.0)

    def secured_headroom(self, new_collateral: Floats) -> Floats:
        """Term loans it may still draw: LTV x (collateral now and new) - loans, nothing while in breach."""
        secured = -self.view.ledger.stock("term_loans", self.account)
        room = self.view.funding.loan_to_value * (self.collateral() + new_collateral) - secured
        return np.where(self.breached > 0, 0.0, np.maximum(room, 0.0))

    def bond_headroom(self) -> Floats:
        """Bonds it may still issue: leverage limit x EBITDA - net debt."""
        room = self.view.funding.leverage_limit * np.maximum(self.ebitda, 0.0) - (self.debt() - self.cash)
        return np.where(self.breached > 0, 0.0, np.maximum(room, 0.0))

    # --- chips --------------------------------------------------------------------------------------------------

    def other_spending(self) -> Floats:
        """Other capital spending, as far as cash above this month's debt service goes (dollars)."""
        return np.minimum(self.figures.other_capex, np.maximum(self.cash - self.kept_for_dues, 0.0))

    def means_for_chips(self) -> Floats:
        """Cash that may go into chips and shells: beyond dues and part of the cushion (dollars)."""
        keep = self.kept_for_dues + self.p.clouds.cushion_kept * self.cushion
        return np.maximum(self.cash - keep, 0.0)

    # --- used chips ---------------------------------------------------------------------------------------------

    def idle_share(self) -> Floats:
        """Share of installed capacity that neither contract nor spot market uses."""
        compute = self.view.compute
        unused = compute.idle[self.account] - compute.spot_sold[self.account]
        return bounded(share(unused, self.installed()), 0.0, 1.0)

    def raise_cash(self, missing: Floats) -> Floats:
        """Fraction of its chips to sell at once for bills that cash does not cover (`missing` dollars).

        fraction = min(idle share, missing / (value of its chips x price of used chips x fire_sale)).
        """
        self.chips_sold = self.constant()
        lacking = np.maximum(missing, 0.0)
        if anywhere(lacking):
            price = self.view.second_hand.price * self.p.default.fire_sale
            self.chips_sold = np.minimum(self.idle_share(), share(lacking, self.value_weighted() * price))
        return self.chips_sold

    def offer_used_chips(self, failed: Mask) -> Floats:
        """Fraction of its chips on offer: collateral where it has failed, some idle chips where it is in breach."""
        idle = self.p.second_hand.idle_offer * self.idle_share() - self.chips_sold
        offered = np.where((self.breached > 0) & ~failed, np.maximum(idle, 0.0), 0.0)
        return np.where(failed, self.p.default.collateral_sold, offered)

    def part_of_books(self, fraction: Floats) -> Floats:
        """Part of the book value of its hardware that a fraction of its chips is: shells and other assets stay."""
        return fraction * self.p.clouds.chip_book_share

    def book_value_of_chips(self, fraction: Floats) -> Floats:
        """Book value of a fraction of its chips (whole dollars)."""
        return np.rint(self.view.ledger.stock("hardware", self.account) * fraction * self.p.clouds.chip_book_share)

    def bid_for_used_chips(self) -> Floats:
        """Dollars for used chips: a share of cash above part of its target, nothing while in breach."""
        spare = np.maximum(self.cash - self.p.clouds.target_kept * self.figures.target_cash, 0.0)
        return np.where(self.breached > 0, 0.0, self.p.second_hand.buyers_cash * spare)

    # --- shares -------------------------------------------------------------------------------------------------

    def shares_to_issue(self, market_value: Dollars) -> Floats:
        """Dollars of new shares: what lenders did not give, up to issuance x mood x market value; none after long breach."""
        limit = self.p.clouds.issuance * market_value
        mood = bounded(self.view.narrative.sentiment + self.p.valuation.issue_mood, 0.0, 1.0)
        return np.minimum(self.equity_wanted, limit * mood) * (self.breached < self.p.credit.acceleration_months)

    # --- the month's bills --------------------------------------------------------------------------------------

    def missing(self, dues: Floats) -> Floats:
        """Dollars it will lack for its dues: cash and most of a month's revenue stand against them."""
        expected = self.revenue if self.view.month else self.constant()
        return dues - self.cash - self.p.credit.expected_kept * expected

    def operating_costs(self) -> Floats:
        """Power, staff and repair of its chips, and overheads (dollars a month)."""
        return self.installed() * self.p.compute.operating_cost / 12 + self.figures.operating_costs

    def other_business(self, month: int) -> Floats:
        """Operating cash flow of everything that is not AI (dollars a month)."""
        return self.figures.other_business * (1.0 + self.figures.other_growth) ** (month / 12) * self.view.demand.wealth

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
        self.earnings = move_towards(self.earnings, profit * 12 * (1.0 - self.p.clouds.tax * (profit > 0)), speed)
        self.interest = move_towards(self.interest, interest * 12, speed)
        self.service = move_towards(self.service, service * 12, speed)
        self.growth = share(self.capex, self.capex_average, 1.0) - 1.0
        self.capex_average = move_towards(self.capex_average, self.capex, 1.0 / 12.0)
        own = receipts - other
        self.tax_due = self.p.clouds.tax * np.maximum(own - costs - depreciation - interest, 0.0)

    def open_accounts(self, ai_receipts: Floats) -> None:
        """Smoothed yearly rates at the start, from opening figures; `ai_receipts` in dollars a month."""
        f = self.figures
        receipts = ai_receipts + f.other_business
        costs = self.operating_costs()
        debt = f.bonds + f.term_loans
        depreciation = self.view.hardware.charge[self.account]
        interest = debt * f.coupon / 12
        principal = f.bonds / self.p.credit.bond_months + f.term_loans / (self.p.credit.loan_months / 2)
        self.revenue = receipts
        self.rents = ai_receipts - self.p.demand.direct * f.direct_share / 12
        self.last_net = receipts - costs
        self.ebitda = (receipts - costs) * 12
        profit = receipts - costs - depreciation - interest
        self.earnings = profit * 12
        self.interest = interest * 12
        self.service = (interest + principal) * 12
        unit = self.p.technology.content_today + self.p.technology.shell_cost
        self.capex = f.orders * unit + f.other_capex
        self.capex_average = self.capex.copy()
        self.cushion = self.p.clouds.cash_months * np.maximum(f.other_capex + costs, 0.0)
