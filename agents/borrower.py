"""A borrower: what it owes and can pledge, what lenders ask of it, and what it asks of them in pecking order.

Rules first, each an equation for one borrower in one world; `Borrower` says where their numbers come from. Dollars; (a)+ is
max(a, 0), x opinion, clip(a, low, high) = min(max(a, low), high).
"""

from __future__ import annotations

import abc
from typing import NamedTuple

import mesa
import numpy as np

from perpetuum.agents.covenants import NO_SERVICE, coverage_agreed, debt_service_coverage, in_breach, net_leverage
from perpetuum.agents.credit_request import (
    bonds_wanted,
    cash_missing,
    cushion_wanted,
    dues_kept,
    loans_wanted,
    repaid_to_bank,
)
from perpetuum.agents.firm import ListedFirm
from perpetuum.agents.refinancing import part_rolled_over, willingness
from perpetuum.model.books.accounts import DEBTS
from perpetuum.model.equations import equation
from perpetuum.model.parameters.groups import CloudFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import CloudView
from perpetuum.model.worlds import Dollars, Floats, Mask, anywhere, bounded


@equation
def credit_spread(
    base: float,
    leverage_slope: float,
    heavy: float,
    tightening: float,
    pessimism_slope: float,
    sentiment: float,
    coverage: float,
    coverage_watch: float,
    coverage_spread: float,
    volatility: float,
    usual_volatility: float,
    volatility_slope: float,
) -> float:
    """base + leverage_slope x heavy + tightening + pessimism_slope (-x)+ + coverage_spread below coverage_watch
    + volatility_slope (volatility - usual)+, per year, at least 0; heavy = clip(leverage - free, 0, counted)^power.

    >>> credit_spread(0.25, 0.5, 1.0, 0.0, 0.5, 0.5, 2.0, 1.5, 1.0, 0.25, 0.5, 1.0)
    0.75
    >>> credit_spread(0.25, 0.5, 1.0, 0.0, 0.5, -0.5, 1.0, 1.5, 1.0, 0.75, 0.5, 1.0)
    2.25
    >>> credit_spread(0.25, 0.5, 0.0, -0.5, 0.5, 0.5, 2.0, 1.5, 1.0, 0.25, 0.5, 1.0)
    0.0
    """
    spread = base + leverage_slope * heavy + tightening
    spread = spread + pessimism_slope * max(-sentiment, 0.0)
    spread = spread + (coverage_spread if coverage < coverage_watch else 0.0)
    return max(spread + volatility_slope * max(volatility - usual_volatility, 0.0), 0.0)


class Standing(NamedTuple):
    """What lenders see of a borrower, (worlds,) each: debt and EBITDA that they count, in dollars, leverage and coverage."""

    debt: Floats
    ebitda: Floats
    leverage: Floats
    coverage: Floats


class Borrower(ListedFirm, abc.ABC):
    """A firm that borrows against its chips and its cash flow. Attributes are (worlds,)."""

    view: CloudView
    figures: CloudFigures

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: CloudView):
        super().__init__(model, spec, view)
        self.ebitda = self.constant()  # a year's rate, smoothed
        self.revenue = self.constant()  # a month
        self.service = self.constant()  # debt service, a year's rate
        self.interest = self.constant()  # interest alone, a year's rate, smoothed
        self.rents = self.constant()  # received from labs and clouds in last month's settlement, less paid
        self.to_come = self.constant()  # received in last month's settlement: what has not come in before this month's
        self.months_in_breach = self.constant()  # months in breach of a covenant
        self.coverage_asked = self.p.credit.coverage_covenant  # below which its coverage breaches one
        self.short = self.constant()  # cash missing for what is planned this month
        self.cushion = self.constant()  # cash wanted beyond what is due
        self.kept_for_dues = self.constant()  # cash that this month's dues will need
        self.credit_wanted: dict[str, Floats] = {}  # by instrument, in pecking order
        self.equity_wanted = self.constant()
        self.spread = self.constant()
        self.service_left = self.constant()  # this month's, once lenders have refinanced some; a year's rate, as `service`

    @property
    def hyperscaler(self) -> bool:
        """Whether it builds ahead of contracts."""
        return self.kind == "hyperscaler"

    @abc.abstractmethod
    def operating_costs(self) -> Floats:
        """What it costs to run (dollars a month)."""

    def hall_rent(self) -> Floats | float:
        """Rent of halls that landlords let to it, due whether it uses them or not (dollars a month)."""
        leases = self.view.hall_leases
        return leases.rent_of(self.account) if leases.landlords else 0.0

    def fixed_costs(self) -> Floats:
        """What it costs to run, with the rent of halls (dollars a month)."""
        return self.operating_costs() + self.hall_rent()

    # --- what it owes and can pledge ----------------------------------------------------------------------------

    def installed(self) -> Floats:
        """GW of chips in service."""
        return self.view.hardware.gw(self.account)

    def value_weighted(self) -> Floats:
        """GW of current chips that its chips in service are worth."""
        return self.view.hardware.value_weighted_gw(self.account, self.view.hardware.value_weights)

    def debt(self) -> Floats:
        """Interest-bearing debt to anybody (dollars)."""
        return -self.view.ledger.stock_of(DEBTS, self.account).astype(np.float64)

    def leverage(self) -> Floats:
        """Net debt / EBITDA."""
        return self.standing().leverage

    def coverage(self) -> Floats:
        """Debt service coverage: EBITDA / (interest and principal of a year)."""
        return debt_service_coverage(self.counted_ebitda(), self.service)

    def standing(self) -> Standing:
        """What lenders see of it today."""
        debt, ebitda = self.debt(), self.counted_ebitda()
        return Standing(debt, ebitda, net_leverage(debt, self.cash, ebitda), debt_service_coverage(ebitda, self.service))

    def counted_ebitda(self) -> Floats:
        """EBITDA that lenders count (dollars a year)."""
        return self.ebitda

    def term_loans(self) -> Dollars:
        """What it owes on term loans (dollars)."""
        return -self.view.ledger.stock("term_loans", self.account)

    def collateral(self) -> Floats:
        """Second-hand value of its chips; shells and power connections of its own secure loans too, at cost (dollars)."""
        coming = self.view.hardware.pipeline_gw(self.account)
        chips = (self.value_weighted() + coming) * self.view.second_hand.price
        shells = (self.installed() + coming) * self.shell_cost()
        if self.view.hall_leases.landlords:
            shells = np.maximum(shells - self.view.hall_leases.let_to(self.account), 0.0)
        return chips + shells

    def shell_cost(self) -> Floats:
        """Dollars per GW beyond chips: shell, power and cooling, and what else its sites cost."""
        return self.view.technology.shell_cost + self.figures.site_cost

    def quote(self, standing: Standing | None = None) -> Floats:
        """Credit spread: base + leverage + tightening + pessimism + weak coverage + share volatility (per year)."""
        c, seen = self.p.credit, standing or self.standing()
        base = {"hyperscaler": c.base_hyperscaler, "leveraged": c.base_leveraged}.get(self.kind, c.base_neocloud)
        self.spread = self._asked(base, seen.leverage, seen.coverage, self.view.share_volatility(self.account))
        return self.spread

    def high_yield_quote(self) -> Floats:
        """The same of a leveraged firm of the market's average leverage, with sound coverage and calm shares (per year); the
        market's spread itself where that moves on its own."""
        c, prices = self.p.credit, self.p.prices
        asked = self._asked(c.base_leveraged, c.high_yield_leverage, self.constant(NO_SERVICE), self.figures.news)
        return np.where(prices.on, self.view.funding.market_spread, asked)

    def _asked(self, base: Floats, leverage: Floats, coverage: Floats, volatility: Floats) -> Floats:
        """What lenders ask over the policy rate of a firm with these figures (per year)."""
        c, view = self.p.credit, self.view
        return credit_spread(
            base,
            c.leverage_slope,
            bounded(leverage - c.leverage_free, 0.0, c.leverage_counted) ** c.leverage_power,
            self._market_part(),
            c.pessimism_slope,
            view.narrative.sentiment,
            coverage,
            c.coverage_watch,
            c.coverage_spread,
            volatility,
            self.figures.news,
            c.volatility_slope,
        )

    def _market_part(self) -> Floats:
        """What the market adds to its spread: its part of the market spread's move since the start (per year)."""
        m, funding = self.p.prices, self.view.funding
        part = {"hyperscaler": m.part_hyperscaler, "leveraged": m.part_leveraged}.get(self.kind, m.part_neocloud)
        rise = funding.graded_spread_rise if self.kind in ("hyperscaler", "leveraged") else funding.spread_rise
        return np.where(m.on, part * (funding.market_spread - m.spread), rise)

    def rationed(self) -> Mask:
        """Where lenders refuse at the all-in rate."""
        c = self.p.credit
        limit = {"leveraged": c.ration_leveraged, "neocloud": c.ration_neocloud}.get(self.kind, c.ration_other)
        return self.view.funding.policy_rate + self.spread > limit

    def willingness(self) -> Floats:
        """How willing lenders are at its all-in rate, 0 to 1; hyperscalers pay the price and are never refused."""
        r = self.p.rollover
        if self.hyperscaler:
            return self.constant(1.0)
        ceiling = r.ceiling_leveraged if self.kind == "leveraged" else r.ceiling_neocloud
        return willingness(self.borrowing_rate(), ceiling, r.width)

    def part_rolled_over(self) -> Floats:
        """Share of this month's maturing principal that lenders refinance."""
        r, funding = self.p.rollover, self.view.funding
        loss = {"hyperscaler": r.loss_hyperscaler, "leveraged": r.loss_leveraged}.get(self.kind, r.loss_neocloud)
        patience = self.p.credit.acceleration_months
        return r.on * part_rolled_over(
            funding.not_refinanced, loss, self.willingness(), funding.open, self.months_in_breach, patience
        )

    def owe_service(self, left: Floats) -> None:
        """What interest and principal are left to pay this month, once some is refinanced (dollars)."""
        self.service_left = left * 12

    def agree_covenants(self) -> None:
        """At the opening: coverage that lenders ask for, with room below what this world's figures of the day are."""
        c, loans = self.p.credit, self.term_loans().astype(np.float64)
        self.coverage_asked = coverage_agreed(c.coverage_covenant, self.coverage(), c.coverage_headroom, loans)

    def test_covenants(self, standing: Standing | None = None) -> None:
        """Count months in breach."""
        c, funding = self.p.credit, self.view.funding
        loans = self.term_loans()
        if not anywhere(loans):
            self.months_in_breach = self.constant()
            return
        seen = standing or self.standing()
        breach = in_breach(
            loans,
            seen.debt,
            self.service,
            seen.coverage,
            seen.leverage,
            self.collateral(),
            funding.loan_to_value,
            funding.leverage_limit,
            self.coverage_asked,
            c.service_counted,
            c.collateral_slack,
            c.leverage_slack,
        )
        self.months_in_breach = np.where(breach, self.months_in_breach + 1.0, 0.0)

    def plan_cash(self, chip_bill: Floats) -> Floats:
        """Cash missing this month: bills for chips and shells, other capex, dues and a cushion, less cash."""
        other, costs = self.figures.other_capex, self.fixed_costs()
        self.cushion = cushion_wanted(self.p.clouds.cash_months, other, costs)
        service = np.where(self.p.rollover.on, self.service_left, self.service)
        self.kept_for_dues = dues_kept(service, costs, self.tax_due, self.p.clouds.counted_receipts, self.rents)
        self.short = cash_missing(chip_bill, other, self.kept_for_dues, self.cushion, self.cash)
        return self.short

    def ask_for_credit(self, chip_bill: Floats, alive: Floats) -> None:
        """Pecking order (Myers and Majluf 1984): loans on chips, then bonds, then shares for what lenders do not give; for a
        while after a default nobody gives any (`alive` 0).
        """
        self.equity_wanted = self.plan_cash(chip_bill) * alive
        self.credit_wanted = {name: wanted * alive for name, wanted in self.credit_sought(chip_bill).items()}

    def credit_sought(self, chip_bill: Floats) -> dict[str, Floats]:
        """Dollars to borrow for what is planned, by instrument in pecking order; hyperscalers borrow unsecured only."""
        funding, loans, short, refused = self.view.funding, self.constant(), self.short, self.rationed()
        if not self.hyperscaler:
            loans = loans_wanted(
                short, chip_bill, self.collateral(), self.term_loans(), funding.loan_to_value, self.months_in_breach, refused
            )
        bonds = bonds_wanted(
            short - loans, self.debt(), self.cash, self.ebitda, funding.leverage_limit, self.months_in_breach, refused
        )
        return {"term_loans": loans, "bonds": bonds}

    def count_borrowed(self, drawn: Dollars) -> None:
        """What lenders did not grant is left to shareholders."""
        self.equity_wanted = np.maximum(self.equity_wanted - drawn, 0.0)

    def borrowing_rate(self) -> Floats:
        """Policy rate + credit spread (per year)."""
        return self.view.funding.policy_rate + self.spread

    def spare_cash(self) -> Floats:
        """Cash beyond the month's dues and cushion (dollars)."""
        return np.maximum(self.cash - self.kept_for_dues - self.cushion, 0.0)

    def accelerated(self) -> Mask:
        """Where lenders call its loans: a covenant has been breached for long."""
        return self.months_in_breach >= self.p.credit.acceleration_months

    # --- what it lacks ------------------------------------------------------------------------------------------

    def cash_needed(self, dues: Floats) -> Floats:
        """Dollars to find for its dues beyond cash and most of what the month's settlement should bring (below 0: to spare)."""
        return dues - self.cash - self.p.credit.expected_kept * self.to_come

    def shortfall(self, dues: Floats) -> Floats:
        """Dollars it lacks for its dues (at least 0): most of what last month's settlement brought is expected."""
        return np.maximum(self.cash_needed(dues), 0.0)

    def repay_bank(self, dues: Floats, drawn: Floats) -> Floats:
        """Dollars of the revolver repaid: cash beyond dues and cushion."""
        return repaid_to_bank(self.cash, dues, self.cushion, drawn)

    def insolvent(self) -> Mask:
        """Where lenders call the loans of a borrower whose book equity is gone."""
        called = self.accelerated()
        return (self.view.ledger.book_equity(self.account) < 0) & called if anywhere(called) else called

    def write_down(self, mask: Mask, left: Floats) -> None:
        """What is due on debt goes down with it: service and interest are those of what is left of it (a share)."""
        self.service = np.where(mask, left * self.service, self.service)
        self.interest = np.where(mask, left * self.interest, self.interest)

    def fail(self, mask: Mask) -> None:
        """After a default covenants start anew."""
        self.months_in_breach = np.where(mask, 0.0, self.months_in_breach)
