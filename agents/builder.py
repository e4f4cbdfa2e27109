"""A builder: a borrower that orders chips for needs it expects, and pays for them in pecking order (`building.on`).

Orders follow needs expected when they arrive (an accelerator), as far as money is in sight: cash above target, what it earns,
what lenders still give, new shares; financed in that order (Fazzari, Hubbard, Petersen 1988; Myers, Majluf 1984). Rules:
`cloud_building.py`, and "Clouds" in ../model/README.md.
"""

from __future__ import annotations

import abc

import mesa
import numpy as np

from perpetuum.agents.borrower import Borrower, cash_missing, loans_wanted
from perpetuum.agents.cloud_building import (
    affordable,
    bonds_sought,
    cash_sought,
    chips_needed,
    chips_wanted,
    earned_by_own_products,
    flow_kept,
    gap_to_lease,
    headroom,
    in_the_race,
    pace,
    paid_to_owners,
    signed_for,
    sticky_payout,
    there_in_time,
    value_over_hurdle,
    wedge_at_opening,
)
from perpetuum.agents.cloud_rules import new_shares
from perpetuum.model.markets.commitments import QUARTER
from perpetuum.model.markets.second_hand import annuity
from perpetuum.model.parameters.groups import CloudFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.surroundings.expectations import grown, growth_ahead, growth_expected, growth_seen
from perpetuum.model.views import CloudView
from perpetuum.model.worlds import Dollars, Floats, anywhere, share


class Builder(Borrower, abc.ABC):
    """A borrower that orders chips for needs it expects. Attributes are (worlds,)."""

    view: CloudView
    figures: CloudFigures

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: CloudView):
        super().__init__(model, spec, view)
        b = self.p.building
        self.own_use = self.figures.own_use.copy()
        self.needs_seen = {"own": self.constant(), "direct": self.constant()}  # GW, last month's
        self.growth_of = {"own": b.own_growth.copy(), "direct": b.direct_growth.copy()}  # log growth a month, as seen
        self.wedge = self.constant()  # of chips needed at the opening, as a share
        self.late = self.constant()  # GW signed and not ordered at the opening
        self.value_opening = self.constant(1.0)  # of new capacity over its hurdle
        self.payouts = self.figures.payouts.copy()  # to shareholders, dollars a month
        self.capex_average = self.constant()
        self.spending_opening = self.constant()  # dollars a month
        self.ebitda_opening = self.constant()

    @property
    def expects(self) -> bool:
        """Whether orders follow needs expected in any world."""
        return anywhere(self.p.building.on)

    @abc.abstractmethod
    def direct_gw(self) -> Floats:
        """GW that its direct customers use."""

    # --- how much ----------------------------------------------------------------------------------------------------

    def expected(self, stream: str, now: Floats) -> Floats:
        """GW that own products or direct customers will use when what is ordered now arrives, from the growth seen so far."""
        e, before = self.p.expectations, self.needs_seen[stream]
        self.growth_of[stream] = growth_seen(self.growth_of[stream], now, before, e.memory_months)
        self.needs_seen[stream] = now.copy()
        return self.foreseen(stream, now, self.view.lead_time)

    def foreseen(self, stream: str, now: Floats, months: Floats) -> Floats:
        """GW that own products or direct customers will use some months from now."""
        e = self.p.expectations
        expected = growth_expected(self.growth_of[stream], e.weight, e.long_run)
        return grown(now, growth_ahead(expected, e.fade, months))

    def orders_for_needs(self, unit_cost: Floats, rivals: Floats) -> Floats:
        """GW to order this month: what the gap, contracts and the race ask for, as far as money is in sight."""
        b, view, decay, lead = self.p.building, self.view, self.p.technology.decay, self.view.lead_time
        contracts, month = view.contracts, view.month
        signed = contracts.reserved_then(contracts.of_seller(self.account), month, lead)
        rented = contracts.reserved_then(contracts.of_buyer(self.account), month, lead)
        own, direct = self.expected("own", self.own_use), self.expected("direct", self.direct_gw())
        part = view.part_of_contracts(self.account)
        needed = chips_needed(signed, own, direct, part, view.open_need_then, rented) / self.p.clouds.target_use
        waiting = view.chips.backlog_of_buyer(self.account)
        there = self.installed() + view.hardware.pipeline_gw(self.account) + waiting
        value = self.value_of_building(unit_cost, rivals, self.p.clouds.race)
        outright = signed - rented * self.p.leases.on  # what is leased serves what is signed
        usable, kept, left = self.p.compute.usable, (1.0 - decay) ** lead, np.exp(-month / b.wedge_months)
        if month == 0:
            orders = self.figures.orders
            self.wedge = wedge_at_opening(orders, there, needed, decay, b.speed, kept)
            self.late = signed_for(outright, usable, there, kept, orders, left)
            self.value_opening = self.value_of_building(unit_cost, rivals, b.race_at_opening)
            return orders.copy()
        wanted = chips_wanted(there, needed, self.wedge, left, decay, b.speed, kept)
        if self.hyperscaler:
            faster = pace(value, self.value_opening, b.pace_limit) ** b.pace_power
            wanted = in_the_race(wanted, decay * there, faster)
        firm = signed_for(outright, usable, there, kept, self.late, left)
        return np.minimum(np.maximum(wanted, firm), self.affordable_orders(unit_cost, waiting))

    def gap_to_lease(self) -> Floats:
        """GW needed when a lease of today starts that neither chips in service by then nor leases signed so far will serve."""
        view, leases = self.view, self.p.leases
        contracts, month, start = view.contracts, view.month, leases.start_months
        latest = start + leases.wait + QUARTER * (leases.steps - 1)
        own, direct = self.foreseen("own", self.own_use, start), self.foreseen("direct", self.direct_gw(), start)
        signed = contracts.reserved_then(contracts.of_seller(self.account), month, start)
        there = there_in_time(
            self.installed(),
            (1.0 - self.p.technology.decay) ** start,
            view.hardware.pipeline_gw(self.account),
            view.chips.backlog_of_buyer(self.account),
            start,
            self.p.chips.lead_months,
            view.lead_time - self.p.chips.lead_months,
        )
        return gap_to_lease(
            chips_needed(signed, own, direct, view.part_of_contracts(self.account), view.open_need, 0.0),
            self.p.compute.usable,
            there,
            contracts.reserved_then(contracts.of_buyer(self.account), month, latest),
        )

    def usable(self) -> Floats:
        """GW of its own chips that can be sold or used."""
        return self.p.compute.usable * self.installed()

    def value_of_building(self, unit_cost: Floats, rivals: Floats, race: Floats) -> Floats:
        """Value of new capacity over its hurdle in a race, a GW counted at the opening's content: a dearer one does more."""
        c, view, t = self.p.clouds, self.view, self.p.technology
        chips = (unit_cost - view.technology.shell_cost) * t.content_today / view.technology.content_per_gw()
        return value_over_hurdle(
            view.compute.rent_average,
            c.value_margin,
            self.p.compute.operating_cost,
            annuity(view.funding.policy_rate, t.recovery_years),
            c.residual,
            chips + self.shell_cost(),
            view.volatility,
            race,
            rivals,
            c.hurdle_floor,
        )

    # --- money -------------------------------------------------------------------------------------------------------

    def cash_target(self) -> Floats:
        """Dollars of cash that it wants: as many months of spending as its target was at the opening."""
        spending = self.capex_average + self.operating_costs()
        return self.figures.target_cash * share(spending, self.spending_opening, 1.0)

    def coming_bill(self) -> Floats:
        """Yearly rents that lenders count beyond today's: part of what contracts of the next twelve months add (dollars)."""
        contracts, pairs = self.view.contracts, self.view.contracts.of_seller(self.account)
        now, then = (contracts.billed_then(pairs, self.view.month, self.constant(ahead)) for ahead in (0.0, 12.0))
        return self.p.building.look_ahead * np.maximum(then - now, 0.0) * self.p.building.on

    def counted_ebitda(self) -> Floats:
        """EBITDA that lenders count: they look a year through signed contracts."""
        return self.ebitda + self.coming_bill() if self.expects else self.ebitda

    def target_leverage(self) -> Floats:
        """Debt over EBITDA up to which it borrows and lenders lend; tightening lowers it with the limit of covenants."""
        b = self.p.building
        wanted = {"hyperscaler": b.leverage_hyperscaler, "leveraged": b.leverage_leveraged}.get(self.kind, b.leverage_other)
        if self.hyperscaler:
            return wanted
        return wanted * share(self.view.funding.leverage_limit, self.p.credit.leverage_limit, 1.0)

    def room_for_debt(self) -> Floats:
        """Dollars that lenders would still lend."""
        willing = self.willingness() * self.view.funding.open
        return headroom(self.counted_ebitda(), self.target_leverage(), self.debt(), willing)

    def shares_sellable(self, wanted: Floats, market_value: Dollars) -> Floats:
        """Dollars of new shares that find buyers this month, at most `wanted`."""
        c, v = self.p.clouds, self.p.valuation
        patience, mood = self.p.credit.acceleration_months, self.view.narrative.sentiment
        sold = new_shares(wanted, market_value, c.issuance, mood, v.issue_mood, self.breached, patience)
        return sold * self.view.funding.open

    def affordable_orders(self, unit_cost: Floats, waiting: Floats) -> Floats:
        """GW a month that expected cash flow, cash above target, lenders and shareholders pay for over the lead time."""
        b, cost, lead = self.p.building, unit_cost + self.figures.site_cost, self.view.lead_time
        shares = self.constant()
        if not self.hyperscaler:
            value = self.view.market_value(self.account)
            shares = self.shares_sellable(value.astype(np.float64), value)
        money = affordable(
            np.maximum(self.cash - self.cash_target(), 0.0),
            flow_kept(self.ebitda, self.service, self.figures.other_capex, self.tax_due, self.payouts),
            self.room_for_debt(),
            shares,
            waiting * cost,
            lead,
            b.orders_renewed,
            np.maximum(self.capex_average - self.figures.other_capex, 0.0),
        )
        return money / cost

    def ask_for_credit(self, chip_bill: Floats) -> None:
        """As every borrower; where `building.on`, for cash led back to its target, on contracts and up to target leverage."""
        super().ask_for_credit(chip_bill)
        if not self.expects:
            return
        b, funding, contracts = self.p.building, self.view.funding, self.view.contracts
        bills = chip_bill + self.figures.other_capex
        sought = cash_sought(bills, self.kept_for_dues, self.cash_target(), self.cash, b.refill, self.short)
        room, loans = self.room_for_debt(), self.constant()
        if not self.hyperscaler:
            coming = self.installed() + self.view.hardware.pipeline_gw(self.account)
            signed = contracts.reserved_then(contracts.of_seller(self.account), self.view.month, self.constant(12.0))
            backed = funding.loan_to_value * np.minimum(share(signed, coming), 1.0)
            loans = loans_wanted(
                np.minimum(sought, room),
                chip_bill,
                self.collateral(),
                self.term_loans(),
                backed,
                self.breached,
                self.willingness() <= 0.0,
            )
        bonds = bonds_sought(sought - loans, room - loans, b.bond_months, self.breached)
        asked = {"term_loans": loans, "bonds": bonds}
        self.credit_wanted = {name: np.where(b.on, asked[name], usual) for name, usual in self.credit_wanted.items()}

    def funding_gap(self, chip_bill: Floats) -> Floats:
        """Dollars that it lacks, after its credit, to take the chips that it is due and keep what it must not spend."""
        kept = self.p.clouds.cushion_kept * self.cushion
        return cash_missing(chip_bill, self.figures.other_capex, self.kept_for_dues, kept, self.cash)

    # --- owners ------------------------------------------------------------------------------------------------------

    def payout(self) -> Floats:
        """Dollars to return to shareholders this month: sticky where `building.on`, else a share of cash above target."""
        if not self.expects:
            return super().payout()
        b = self.p.building
        return np.where(b.on, paid_to_owners(self.payouts, self.cash, self.cash_target(), b.payout_floor), super().payout())

    def plan_payouts(self) -> None:
        """Next month's payout: as much of EBITDA as at the opening, slowly; cut late and slowly."""
        if not self.expects:
            return
        b, target = self.p.building, self.cash_target()
        usual = self.figures.payouts * np.maximum(share(self.ebitda, self.ebitda_opening, 1.0), 0.0)
        spare = np.maximum(self.cash - target, 0.0)
        self.payouts = sticky_payout(
            self.payouts, usual, b.payout_speed, b.payout_extra, spare, self.cash, target, b.payout_low, b.payout_cut
        )

    def own_products(self, usual: Floats) -> Floats:
        """Other business, with what own products earn by the compute they have gained since the opening (dollars a month)."""
        if not (self.expects and self.view.month):
            return usual
        b, compute = self.p.building, self.view.compute
        used = np.minimum(compute.own_used[self.account], self.own_use)
        earned = earned_by_own_products(usual, used, self.figures.own_use, b.own_yield, compute.rent_average)
        return np.where(b.on, earned, usual)
