"""A builder: a borrower that orders chips for needs it expects, and pays for them in pecking order (`building.on`).

Orders follow needs expected when they arrive (an accelerator), as far as money is in sight: cash above target, what it earns,
what lenders still give, new shares; financed in that order (Fazzari, Hubbard, Petersen 1988; Myers, Majluf 1984). Rules:
`cloud_building.py`, `shell_building.py` (`power.on`), and "Clouds" in ../model/README.md.
"""

from __future__ import annotations

import abc

import mesa
import numpy as np

from perpetuum.agents import cloud_building as rules
from perpetuum.agents import shell_building as of_shells
from perpetuum.agents.borrower import Borrower
from perpetuum.agents.cloud_rules import new_shares
from perpetuum.agents.credit_request import cash_missing, loans_wanted
from perpetuum.agents.needs_seen import NeedsSeen
from perpetuum.model.markets.second_hand import annuity
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.units import YEAR
from perpetuum.model.views import CloudView
from perpetuum.model.worlds import Dollars, Floats, anywhere, share


class Builder(Borrower, abc.ABC):
    """A borrower that orders chips for needs it expects. Attributes are (worlds,)."""

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: CloudView):
        super().__init__(model, spec, view)
        b = self.p.building
        self.expects = anywhere(b.on)  # whether orders follow needs expected in any world, and in all
        self.expects_everywhere = bool(np.all(b.on))
        self.needs_shells = anywhere(view.shells.on)  # whether its chips need shells of their own in any world
        self.own_use = self.figures.own_use.copy()
        self.needs = NeedsSeen(self.p)
        self.wedge = self.constant()  # of chips needed at the opening, as a share
        self.late = self.constant()  # GW signed and not ordered at the opening
        self.value_opening = self.constant(1.0)  # of new capacity over its hurdle
        self.payouts = self.figures.payouts.copy()  # to shareholders, dollars a month
        self.capex_average = self.constant()
        self.spending_opening = self.constant()  # dollars a month
        self.ebitda_opening = self.constant()
        self.shells_begun = self.constant()  # GW, this month's
        self.shells_soon = self.constant()  # GW a month under way at the opening for chips that are on order
        self.shell_wedge = self.constant()  # of shells needed at the opening, as a share
        self.shells_late = self.constant()  # GW signed and not begun at the opening
        self.shell_part = self.constant()  # of a shell's cost that is paid with chips

    @abc.abstractmethod
    def direct_gw(self) -> Floats:
        """GW that its direct customers use who have no contract."""

    @abc.abstractmethod
    def direct_gw_in_all(self) -> Floats:
        """GW that they would use if no more of them had signed than at the opening."""

    # --- how much ----------------------------------------------------------------------------------------------------

    def direct_then(self, now: Floats, ahead: Floats) -> Floats:
        """GW that direct customers without a contract will use `ahead` months from now: who has signed by then is not counted."""
        then = self.needs.foreseen("direct", now, ahead)
        return then * self.view.direct_open_in(ahead, share(then, now, 1.0))

    def needs_then(self, ahead: Floats, open_need: Floats) -> tuple[Floats, Floats]:
        """GW of chips needed `ahead` months from now, and contracted then less leased; `open_need`: not reserved by labs."""
        contracts, month = self.view.contracts, self.view.month
        signed = contracts.reserved_then(contracts.of_seller(self.account), month, ahead)
        rented = contracts.reserved_then(contracts.of_buyer(self.account), month, ahead)
        own, direct = self.needs.expected("own", ahead), self.direct_then(self.needs.now["direct"], ahead)
        part = self.view.part_of_contracts(self.account)
        needed = rules.chips_needed(signed, own, direct, part, open_need, rented) / self.p.clouds.target_use
        return needed, signed - rented * self.p.leases.on

    def orders_for_needs(self, unit_cost: Floats, rivals: Floats) -> Floats:
        """GW to order this month: what the gap, contracts and the race ask for, as far as money is in sight."""
        b, view, decay, lead = self.p.building, self.view, self.p.technology.decay, self.view.lead_time
        month = view.month
        self.needs.see(self.own_use, self.direct_gw_in_all())
        needed, signed = self.needs_then(lead, view.open_need_then)
        waiting = view.chips.backlog_of_buyer(self.account)
        there = self.installed() + view.hardware.pipeline_gw(self.account) + waiting
        usable, kept, left = self.p.compute.usable, view.kept_then, np.exp(-month / b.wedge_months)
        if month == 0:
            orders = self.figures.orders
            self.wedge = rules.wedge_at_opening(orders, there, needed, decay, b.speed, kept)
            self.late = rules.signed_for(signed, usable, there, kept, orders, left)
            self.value_opening = self.value_of_building(unit_cost, rivals)
            if self.needs_shells:
                self.open_shells(self.chips_then(there, kept) + orders, waiting)
            return orders.copy()
        wanted = rules.chips_wanted(there, needed, self.wedge, left, decay, b.speed, kept)
        faster: Floats | float = 1.0
        if self.hyperscaler:
            value = self.value_of_building(unit_cost, rivals)
            faster = rules.pace(value, self.value_opening, b.pace_limit) ** b.pace_power
            wanted = rules.in_the_race(wanted, decay * there, faster)
        firm = rules.signed_for(signed, usable, there, kept, self.late, left)
        wanted = np.maximum(wanted, firm)
        orders = np.minimum(wanted, self.affordable_orders(unit_cost, waiting))
        if not self.needs_shells:
            return orders
        horizon = np.maximum(lead, self.p.chips.plan_months)  # who gets chips sooner than that asks for a later date
        chips = self.chips_then(there, (1.0 - decay) ** horizon)
        fitting = of_shells.chips_that_fit(self.shells_then(horizon), self.p.power.chips_ahead, chips)
        shells = self.shells_wanted(faster, left)
        together = self.orders_with_shells(np.minimum(wanted, fitting), shells, unit_cost, waiting)
        return np.where(view.shells.on, together, orders)

    def gap_to_lease(self, latest: Floats) -> Floats:
        """GW needed when a lease of today starts that neither chips in service by then nor leases signed so far will serve.

        `latest`: months until all of what has been signed has started.
        """
        view, start = self.view, self.p.leases.start_months
        contracts, month = view.contracts, view.month
        seen = self.needs
        own, direct = seen.foreseen("own", self.own_use, start), self.direct_then(self.direct_gw_in_all(), start)
        signed = contracts.reserved_then(contracts.of_seller(self.account), month, start)
        there = rules.there_in_time(
            self.installed(),
            (1.0 - self.p.technology.decay) ** start,
            view.hardware.pipeline_gw(self.account),
            view.chips.backlog_of_buyer(self.account),
            start,
            self.p.chips.lead_months,
            view.lead_time - self.p.chips.lead_months,
        )
        open_need = np.where(self.p.building.on, view.open_need_in(start), view.open_need)
        return rules.gap_to_lease(
            rules.chips_needed(signed, own, direct, view.part_of_contracts(self.account), open_need, 0.0),
            self.p.compute.usable,
            there,
            contracts.reserved_then(contracts.of_buyer(self.account), month, latest),
        )

    def usable(self) -> Floats:
        """GW of its own chips that can be sold or used."""
        return self.p.compute.usable * self.installed()

    def value_of_building(self, unit_cost: Floats, rivals: Floats) -> Floats:
        """Value of new capacity over its hurdle in a race, a GW counted at the opening's content: a dearer one does more."""
        c, view, t = self.p.clouds, self.view, self.p.technology
        chips = (unit_cost - view.technology.shell_cost) * t.content_today / view.technology.content_per_gw()
        return rules.value_over_hurdle(
            view.compute.rent_average,
            c.value_margin,
            self.p.compute.operating_cost,
            annuity(view.funding.policy_rate, t.recovery_years),
            c.residual,
            chips + self.shell_cost(),
            view.volatility,
            c.race,
            rivals,
            c.hurdle_floor,
        )

    # --- shells ------------------------------------------------------------------------------------------------------

    def powered(self) -> Floats:
        """GW of its chips in service that stand in a shell with power; all of them where shells come with chips."""
        if not self.needs_shells:
            return self.installed()
        shells = self.view.shells
        return of_shells.powered(self.installed(), shells.energised[shells.row[self.account]], shells.on)

    def open_shells(self, on_order: Floats, waiting: Floats) -> None:
        """What is under way at the opening, as far as it is paid: chips keep their proportion to needs that are expected.

        `on_order` (GW) are there when what is ordered now arrives, and have their shells in any case, and in time where
        vendors deliver sooner.
        """
        x, view, shells, f = self.p.power, self.view, self.view.shells, self.figures
        chips, usable, ahead = self.installed(), self.p.compute.usable, self.constant(float(x.lead_months))
        until = self.months_to_shells_due()
        (before, _), (needed, signed), (planned, contracted) = (
            self.needs_then(months, view.open_need_in(months)) for months in (self.constant(), view.lead_time, ahead)
        )
        there, kept, spare = shells.energised[shells.row[self.account]], (1.0 - x.loss) ** until, self.spare_shells()
        first = np.maximum(of_shells.chips_planned(chips, needed, before, signed, usable), on_order)
        self.shells_soon = of_shells.begun_for(first + spare, there, kept, until)
        then, rest = there * kept + self.shells_soon * until, ahead - until
        plan = np.maximum(
            of_shells.chips_planned(chips, planned, before, contracted, usable),
            of_shells.chips_planned(on_order, planned, needed, contracted, usable),
        )
        begun = of_shells.begun_for(plan + spare, then, (1.0 - x.loss) ** rest, rest)
        delivered = share(waiting, view.lead_time - self.p.chips.lead_months)
        cost = view.technology.shell_cost
        self.shells_begun = of_shells.begun_as_paid(begun, rest, self.shells_soon, until, delivered, cost, f.site_cost)
        building = self.shells_soon * until + self.shells_begun * rest
        self.shell_part = of_shells.part_with_chips(building, ahead, delivered)
        kept, speed, whole = (1.0 - x.loss) ** ahead, x.speed * self.p.building.speed, there + building - self.shells_begun
        self.shell_wedge = rules.wedge_at_opening(self.shells_begun, whole, planned + spare, x.loss, speed, kept)
        self.shells_late = rules.signed_for(contracted, usable, whole, kept, self.shells_begun, self.constant(1.0))

    def months_to_shells_due(self) -> Floats:
        """Months in which chips on order at the opening get their shells: the lead time, at most what clouds plan ahead."""
        return np.minimum(self.view.lead_time, min(self.p.chips.plan_months, self.p.power.lead_months - 1))

    def spare_shells(self) -> Floats:
        """GW of shells that it wants beyond its chips' needs: those that the next chips to arrive are put into."""
        p = self.p
        return p.power.spare_months * self.view.hardware.pipeline_gw(self.account) / p.chips.lead_months

    def shells_wanted(self, faster: Floats | float, left: Floats) -> Floats:
        """GW of shells to begin this month for needs expected when they have power; `left` of the opening's wedge counts."""
        x, shells = self.p.power, self.view.shells
        ahead = self.constant(float(x.lead_months))
        planned, signed = self.needs_then(ahead, self.view.open_need_in(ahead))
        there = shells.energised[shells.row[self.account]] + shells.unfinished_and_waiting(self.account)
        speed, kept, needed = x.speed * self.p.building.speed, (1.0 - x.loss) ** ahead, planned + self.spare_shells()
        wanted = rules.chips_wanted(there, needed, self.shell_wedge, left, x.loss, speed, kept)
        wanted = rules.in_the_race(wanted, x.loss * there, faster)
        return np.maximum(wanted, rules.signed_for(signed, self.p.compute.usable, there, kept, self.shells_late, left))

    def chips_then(self, there: Floats, kept: Floats) -> Floats:
        """GW in service when the last of what is on order arrives."""
        return of_shells.chips_left(self.installed(), there - self.installed(), kept)

    def shells_then(self, ahead: Floats) -> Floats:
        """GW of shells with power that it expects `ahead` months from now."""
        shells, row, kept = self.view.shells, self.view.shells.row[self.account], (1.0 - self.p.power.loss) ** ahead
        finished = shells.finished_within(self.account, ahead)
        return of_shells.energised_then(shells.energised[row], kept, finished, shells.waiting[row], shells.now[row], ahead)

    def leased_share(self) -> Floats | float:
        """Share of the halls that it takes this month which landlords pay for; what they cannot, it pays itself."""
        leases = self.view.hall_leases
        return self.figures.leased_share * leases.part if leases.landlords else 0.0

    def own_cost_with_chips(self) -> Floats:
        """The same as `cost_with_chips`, less what landlords pay of the shell (dollars per GW)."""
        cost = self.cost_with_chips()
        return cost - self.leased_share() * np.minimum(cost, self.view.technology.shell_cost)

    def halls_asked(self, gw: Floats, part: Floats) -> Floats:
        """Dollars of halls that it asks landlords for, with `gw` of chips and `part` of a month's step of what is under way."""
        with_chips = gw * np.minimum(self.cost_with_chips(), self.view.technology.shell_cost)
        return self.figures.leased_share * (with_chips + part * self._construction())

    def cost_with_chips(self) -> Floats:
        """Dollars per GW of chips shipped beyond them; what of a shell is paid while it is built is not paid again."""
        return of_shells.paid_with_chips(
            self.figures.site_cost, self.view.technology.shell_cost, self.shell_part, self.view.shells.on
        )

    def construction_bill(self) -> Floats:
        """Dollars due this month for shells under construction, but for what landlords pay."""
        return self._construction() * (1.0 - self.leased_share())

    def _construction(self) -> Floats:
        """Dollars that this month's equal step of each shell under construction costs."""
        under_way = self.view.shells.under_construction(self.account)
        return under_way / self.p.power.lead_months * self.view.technology.shell_cost

    def orders_with_shells(self, chips: Floats, shells: Floats, unit_cost: Floats, waiting: Floats) -> Floats:
        """GW of chips to order, and of shells to begin, the same part of both as money is in sight for.

        Of a shell counts what falls due within the lead time of chips.
        """
        lead, shell_cost = self.view.lead_time, self.view.technology.shell_cost
        cost = unit_cost - shell_cost + self.own_cost_with_chips()
        money = self.money_for_orders(waiting * cost + lead * self.construction_bill())
        within = np.minimum(lead / self.p.power.lead_months, 1.0) * (1.0 - self.leased_share())
        part = of_shells.part_afforded(money, chips * cost + shells * shell_cost * within)
        self.shells_begun = part * shells
        return part * chips

    # --- money -------------------------------------------------------------------------------------------------------

    def cash_target(self) -> Floats:
        """Dollars of cash that it wants: as many months of spending as its target was at the opening."""
        return rules.cash_target(self.figures.target_cash, self.capex_average, self.fixed_costs(), self.spending_opening)

    def counted_ebitda(self) -> Floats:
        """EBITDA that lenders count: they look a year through signed contracts."""
        if not self.expects:
            return self.ebitda
        b, coming = self.p.building, self.view.contracts.bill_to_come(self.account, self.view.month, YEAR)
        return rules.ebitda_counted(self.ebitda, b.look_ahead, coming, b.on)

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
        return rules.headroom(self.counted_ebitda(), self.target_leverage(), self.debt(), willing)

    def shares_sellable(self, wanted: Floats, market_value: Dollars) -> Floats:
        """Dollars of new shares that find buyers this month, at most `wanted`."""
        c, v = self.p.clouds, self.p.valuation
        patience, mood = self.p.credit.acceleration_months, self.view.narrative.sentiment
        sold = new_shares(wanted, market_value, c.issuance, mood, v.issue_mood, self.months_in_breach, patience)
        return sold * self.view.funding.open

    def affordable_orders(self, unit_cost: Floats, waiting: Floats) -> Floats:
        """GW a month that expected cash flow, cash above target, lenders and shareholders pay for over the lead time."""
        leased = self.leased_share() * np.minimum(self.cost_with_chips(), self.view.technology.shell_cost)
        cost = unit_cost + self.figures.site_cost - leased
        return self.money_for_orders(waiting * cost) / cost

    def money_for_orders(self, standing: Floats) -> Floats:
        """Dollars a month for new orders over the lead time; `standing` is the bill of what is on order."""
        b = self.p.building
        shares: Floats | float = 0.0
        if not self.hyperscaler:
            value = self.view.market_value(self.account)
            shares = self.shares_sellable(value.astype(np.float64), value)
        return rules.orders_affordable(
            self.cash,
            self.cash_target(),
            rules.flow_kept(self.ebitda, self.service, self.figures.other_capex, self.tax_due, self.payouts),
            self.room_for_debt(),
            shares,
            standing,
            self.view.lead_time,
            b.orders_renewed,
            self.capex_average,
            self.figures.other_capex,
        )

    def credit_sought(self, chip_bill: Floats) -> dict[str, Floats]:
        """As every borrower; where `building.on`, for cash led back to its target, on contracts and up to target leverage."""
        if not self.expects:
            return super().credit_sought(chip_bill)
        b, funding, contracts = self.p.building, self.view.funding, self.view.contracts
        bills = chip_bill + self.figures.other_capex
        sought = rules.cash_sought(bills, self.kept_for_dues, self.cash_target(), self.cash, b.refill, self.short)
        room, loans = self.room_for_debt(), self.constant()
        if not self.hyperscaler:
            coming = self.p.compute.usable * (self.installed() + self.view.hardware.pipeline_gw(self.account))
            signed = contracts.reserved_then(contracts.of_seller(self.account), self.view.month, self.constant(12.0))
            backed = rules.lent_on_contracts(funding.loan_to_value, signed, coming)
            loans = loans_wanted(
                np.minimum(sought, room),
                chip_bill,
                self.collateral(),
                self.term_loans(),
                backed,
                self.months_in_breach,
                self.willingness() <= 0.0,
            )
        bonds = rules.bonds_sought(sought - loans, room - loans, b.bond_months, self.months_in_breach)
        asked = {"term_loans": loans, "bonds": bonds}
        if self.expects_everywhere:
            return asked
        return {name: np.where(b.on, asked[name], usual) for name, usual in super().credit_sought(chip_bill).items()}

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
        sticky = rules.paid_to_owners(self.payouts, self.cash, self.cash_target(), b.payout_floor)
        return sticky if self.expects_everywhere else np.where(b.on, sticky, super().payout())

    def plan_payouts(self) -> None:
        """Next month's payout: as much of EBITDA as at the opening, slowly; cut late and slowly."""
        if not self.expects:
            return
        b, target = self.p.building, self.cash_target()
        usual = self.figures.payouts * np.maximum(share(self.ebitda, self.ebitda_opening, 1.0), 0.0)
        spare = np.maximum(self.cash - target, 0.0)
        self.payouts = rules.sticky_payout(
            self.payouts, usual, b.payout_speed, b.payout_extra, spare, self.cash, target, b.payout_low, b.payout_cut
        )

    def own_products(self, usual: Floats) -> Floats:
        """Other business, with what own products earn by the compute they have gained since the opening (dollars a month)."""
        if not (self.expects and self.view.month):
            return usual
        b, compute, opening = self.p.building, self.view.compute, self.figures.own_use
        used, rent = compute.own_used[self.account], compute.rent_average
        return rules.earned_by_own_products(usual, used, self.own_use, opening, b.own_yield, rent, b.on)
