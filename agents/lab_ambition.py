"""What a lab plans where labs raise when they can and spend what they raised (`ambition.on`).

Committed compute is paid first. What else it spends, training beyond it, staff and selling, follows the revenue it expects
and the cash and rounds it counts on. Rounds come by opportunity, commitments in lumps that look years ahead. Rules:
`ambition_rules.py`; who seeks what from whom is cleared by the same markets as ever.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from perpetuum.agents.ambition_rules import (
    cut_allowed,
    eagerness_to_raise,
    effort,
    gap_to_commit,
    grown_by,
    growth_a_month,
    money_needed,
    odds_learnt,
    part_of_revenue,
    part_shed,
    round_hazard,
    round_wanted,
    serving_beyond,
    spending_affordable,
    spending_moved,
    training_planned,
    value_gained,
)
from perpetuum.model.books.payment_kinds import INTEREST, REPAYMENTS
from perpetuum.model.markets.commitments import Lump
from perpetuum.model.parameters.groups import LabFigures
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.expectations import growth_expected, growth_seen
from perpetuum.model.units import YEAR
from perpetuum.model.views import LabView
from perpetuum.model.worlds import Floats, Mask, Stateful, anywhere, share

#: Draws of a lab in a month: a round, a tender, a commitment, its seller, its start and what a renegotiation sheds; then, normal,
#: the sizes of a round and of a commitment.
CHANCES = ("round", "tender", "lump", "seller", "start", "shed")
SIZES = ("round_size", "lump_size")


class Spender(Protocol):
    """Whose plans they are: a lab."""

    view: LabView
    p: ParameterValues
    figures: LabFigures
    account: int
    revenue_rate: Floats
    inference: Floats
    valuation: Floats
    runway: Floats
    burn: Floats
    cash_at_close: Floats

    @property
    def worth_at_the_start(self) -> Floats:
        """What its next round would be priced at (dollars)."""

    def own_gw(self) -> Floats:
        """GW of chips that it runs itself."""

    def revenue_share(self) -> Floats:
        """Share of revenue owed to its partner."""

    def rebate(self) -> Floats:
        """What tied finance takes off the price of compute."""


class Plan(NamedTuple):
    """What is expected over the runway aimed at, dollars a year on average, (worlds,)."""

    revenue: Floats  # net of the partner's share
    committed: Floats  # take-or-pay bills, and debt service as it is
    serving: Floats  # compute for customers beyond what is contracted


class LabAmbition(Stateful):
    """The plans of one lab. Attributes are (worlds,), dollars a year where nothing else is said."""

    def __init__(self, lab: Spender):
        self.lab = lab
        self.on = anywhere(lab.p.ambition.on)
        self.everywhere = bool(np.all(lab.p.ambition.on))
        zero = np.zeros(lab.p.worlds)
        self.growth = growth_a_month(lab.figures.growth)  # of its own revenue as seen, log a month
        self._seen = self._foreseen = zero  # growth as seen when it last looked ahead, and what it expected then
        self.opening_growth = zero
        self.last_revenue = zero
        self.spending = zero  # training beyond contracts, staff, selling and the like
        self.unbound = zero  # the same if cash did not bind
        self.opening_spending = zero
        self.most_growing = zero  # over the revenue of twelve months on, while it grows as at the start
        self.training_part = zero  # of spending
        self.costs = zero  # of this month, without compute
        self.debt_service = zero  # last month's at a year's rate
        self.need_per_serving = zero + 1.0  # GW needed in all over GW that serve customers, at the start
        self.odds: Floats = zero + lab.p.ambition.odds
        self.value_now: Floats = lab.worth_at_the_start  # dollars; the valuation is what the last price says
        self.price_before: Floats = self.value_now  # the valuation before this month's round
        self.since_price = zero  # months
        self.since_shed: Floats = zero + lab.p.ambition.shed_pause
        self.tried = zero  # 1 where it seeks a round this month
        self.luck: dict[str, Floats] = {}
        if self.on:
            streams, months = lab.view.streams, lab.view.streams.months
            name = f"ambition lab {lab.view.ledger.accounts['labs'].index(lab.account)}"
            for names, draw, kind in ((CHANCES, streams.uniform, "chances"), (SIZES, streams.normal, "sizes")):
                drawn = draw(f"{name} {kind}", months * len(names)).reshape(-1, months, len(names))
                # month by month, as they are looked up
                self.luck |= {what: np.asfortranarray(drawn[..., k]) for k, what in enumerate(names)}

    def open(self) -> None:
        """Spending at the start is what the preset's figures spend, and what a lab that grows as now may always spend."""
        lab, f = self.lab, self.lab.figures
        beyond = np.clip(lab.inference + f.training - self._contracted(), 0.0, f.training) * lab.p.compute.rent
        self.spending = self.unbound = self.opening_spending = f.other_costs + beyond
        self.training_part = share(beyond, self.spending)
        self.costs = f.other_costs.copy()
        self.opening_growth = self._expected()
        in_a_year = f.revenue * self._grown(YEAR)
        self.most_growing = np.maximum(lab.p.ambition.spending_growing, share(self.spending, in_a_year))
        self.need_per_serving = share(lab.inference + f.training, lab.inference, 1.0)

    def where_on(self, planned: Floats, otherwise: Floats) -> Floats:
        """What it plans where labs plan by ambition, elsewhere what it would do otherwise."""
        return planned if self.everywhere else np.where(self.lab.p.ambition.on, planned, otherwise)

    # --- what it expects ----------------------------------------------------------------------------------------

    def _expected(self) -> Floats:
        """Log growth a month that it expects of its revenue, kept until it has seen more."""
        if self._seen is not self.growth:
            e = self.lab.p.expectations
            self._seen, self._foreseen = self.growth, growth_expected(self.growth, e.weight, e.long_run)
        return self._foreseen

    def _grown(self, months: Floats | float) -> Floats:
        """What it multiplies by to look `months` ahead."""
        p = self.lab.p
        return grown_by(self._expected(), p.expectations.fade, months, p.ambition.growth_limit)

    def _contracted(self) -> Floats:
        """GW that it has without spot: delivered under contract, and its own."""
        return self.lab.view.compute.reserved[self.lab.account] + self.lab.own_gw()

    def _plan(self) -> Plan:
        """Means over the runway aimed at: growth is that to its middle, contracts are those signed."""
        lab, a, contracts = self.lab, self.lab.p.ambition, self.lab.view.contracts
        months = np.rint(a.runway_months).astype(np.int64)
        grown = self._grown(a.runway_months / 2)
        gw = contracts.gw_ahead(lab.account, lab.view.month, months, mean=True)
        rent, cost = lab.view.compute.rent_average, lab.p.compute.operating_cost
        return Plan(
            lab.revenue_rate * (1.0 - lab.revenue_share()) * grown,
            contracts.mean_bill_ahead(lab.account, lab.view.month, months) + self.debt_service,
            serving_beyond(lab.inference, grown, gw, lab.own_gw(), rent, cost),
        )

    def _most_spending(self) -> Floats:
        """What it would spend if cash did not bind: a part of the revenue expected in twelve months."""
        a = self.lab.p.ambition
        part = part_of_revenue(self._expected(), self.opening_growth, a.spending_mature, self.most_growing)
        return part * self.lab.revenue_rate * self._grown(YEAR)

    def _floor(self) -> Floats:
        """Cash that plans do not touch (dollars)."""
        return self.lab.p.ambition.cash_floor * self.lab.figures.cash

    def _eagerness(self) -> Floats:
        a = self.lab.p.ambition
        return eagerness_to_raise(self._expected(), a.growth_least, a.growth_eager)

    # --- spending -----------------------------------------------------------------------------------------------

    def plan_spending(self, training: Floats, noticed: Floats) -> tuple[Floats, Floats]:
        """Look at the month's sales, and set next month's spending; returns GW of training wanted then, and effort.

        This month's costs are those planned last month. Where it is off, what it is given stays.
        """
        if not self.on:
            return training, noticed
        lab, a = self.lab, self.lab.p.ambition
        memory = lab.p.expectations.memory_months
        self.growth = growth_seen(self.growth, lab.revenue_rate, self.last_revenue, memory)
        self.last_revenue = lab.revenue_rate
        self.costs = (1.0 - self.training_part) * self.spending
        plan, most = self._plan(), self._most_spending()
        wanted = spending_affordable(
            plan.revenue,
            plan.committed,
            plan.serving,
            lab.cash_at_close,
            self._floor(),
            self.odds,
            a.round_share,
            self.value_now,
            self._eagerness(),
            lab.view.funding.open,
            a.runway_months,
        )
        floor = a.spending_floor * (self.opening_spending + lab.revenue_rate)
        cut = cut_allowed(a.cut, a.cut_in_need, lab.runway, a.cut_runway)
        slow = a.adjustment_months
        self.spending = spending_moved(self.spending, np.minimum(wanted, most), slow, cut, a.hire, floor)
        self.unbound = spending_moved(self.unbound, most, slow, a.cut, a.hire, floor)
        rent = lab.view.compute.rent_average
        wanted = training_planned(self._contracted(), lab.inference, self.training_part, self.spending, rent)
        shown = effort(noticed, self.spending, self.unbound, a.effort_months)
        return self.where_on(wanted, training), self.where_on(shown, noticed)

    def costs_spent(self, costs: Floats, austerity: Floats) -> tuple[Floats, Floats]:
        """Costs without compute of this month (dollars a year), and the part of them that is spent: all that is planned."""
        return self.where_on(self.costs, costs), self.where_on(np.ones(self.lab.p.worlds), austerity)

    def count_service(self) -> None:
        """Remember the month's interest and repayments."""
        if self.on:
            service = self.lab.view.ledger.flow_of((*INTEREST, *REPAYMENTS), (self.lab.account,))
            self.debt_service = np.maximum(-YEAR * service, 0.0)

    # --- rounds -------------------------------------------------------------------------------------------------

    def seek(self, otherwise: Floats, valuation: Floats, alive: Mask) -> tuple[Floats, Floats]:
        """Dollars sought in this month's round, and the valuation: today's where a round or a tender sets a price; neither
        comes for a while after a default.
        """
        if not self.on:
            return otherwise, valuation
        lab, a, month = self.lab, self.lab.p.ambition, self.lab.view.month
        self.since_price = self.since_price + 1.0
        gained = value_gained(self.value_now, lab.valuation, a.gain_low, a.gain_high)
        hazard = round_hazard(
            a.round_rate,
            gained,
            a.round_gain,
            lab.runway,
            a.round_runway,
            a.plenty_runway,
            a.plenty_counted,
            a.plenty_patience,
            a.round_limit,
            self.since_price,
            a.round_pause,
        )
        comes = (self.luck["round"][:, month] < hazard) & (a.on > 0) & alive
        wanted = np.where(comes, self._round(), 0.0) if anywhere(comes) else np.zeros(lab.p.worlds)
        priced = wanted > 0
        self.tried = priced.astype(np.float64)
        self.price_before = valuation
        tender = self.luck["tender"][:, month] < a.tender_rate * gained**a.tender_gain
        if anywhere(tender):
            tender = tender & ~priced & (self.since_price >= a.round_pause) & (a.on > 0) & alive
            self.since_price = np.where(tender, 0.0, self.since_price)
            priced = priced | tender
        if anywhere(priced):
            valuation = np.where(priced, self.value_now, valuation)
        return self.where_on(wanted, otherwise), valuation

    def _round(self) -> Floats:
        """Dollars that it would seek if a round came this month."""
        lab, a = self.lab, self.lab.p.ambition
        size = a.round_share * np.exp(a.round_spread * self.luck["round_size"][:, lab.view.month])
        plan = self._plan()
        needed = money_needed(
            a.runway_months,
            plan.committed,
            plan.serving,
            self._most_spending() * self._grown(a.runway_months / 4),
            plan.revenue,
            self._floor(),
            lab.cash_at_close,
        )
        return round_wanted(
            size * self.value_now,
            needed,
            self._eagerness(),
            a.round_least * self.value_now,
            lab.runway,
            a.emergency_runway,
            lab.burn,
            a.emergency_months,
            a.emergency_share * self.value_now,
        )

    def see_round(self, placed: Mask, valuation: Floats) -> Floats:
        """Learn from how this month's round ended; returns the value before its money: the last price's where nobody made an
        offer.
        """
        if not self.on:
            return valuation
        a, tried = self.lab.p.ambition, anywhere(self.tried)
        done = placed * self.tried if tried else self.tried
        drought = 1.0 - self.lab.view.funding.venture
        self.odds = odds_learnt(self.odds, self.tried, done, a.odds_speed, drought, a.odds_drought, a.odds_floor)
        if not tried:
            return valuation
        self.since_price = np.where(done > 0, 0.0, self.since_price)
        kept = np.where((self.tried > 0) & (done == 0), self.price_before, valuation)
        self.value_now = np.where(done > 0, valuation, self.value_now)
        return kept

    def take_in(self, paid: Floats) -> None:
        """Money for new shares (dollars) is worth what it is: it raises the value of today as it raises the valuation."""
        self.value_now = self.value_now + paid

    # --- commitments --------------------------------------------------------------------------------------------

    def lump(self) -> Lump | None:
        """A commitment for needs expected years ahead: it comes by chance, and not to who is short of cash or shut out.

        None where it comes in no world.
        """
        lab, a, month, luck = self.lab, self.lab.p.ambition, self.lab.view.month, self.luck
        comes = (luck["lump"][:, month] < a.lump_rate) & (lab.runway >= a.shed_runway)
        if not anywhere(comes):
            return None
        horizon = np.where(comes, np.rint(a.lump_horizon), 0.0).astype(np.int64)  # nobody else looks ahead
        need = lab.inference * self.need_per_serving * (1.0 + lab.p.demand.price_elasticity * lab.rebate())
        spread = a.lump_spread
        gw = gap_to_commit(
            need,
            self._grown(a.lump_horizon),
            lab.view.contracts.gw_ahead(lab.account, month, horizon),
            a.lump_share,
            np.exp(spread * luck["lump_size"][:, month] - spread**2 / 2),
            a.lump_least,
        )
        gw = np.where(comes, gw, 0.0) * lab.view.funding.open * lab.p.contracts.precommitment * a.on
        start = month + np.floor(a.lump_start + a.lump_wait * luck["start"][:, month]).astype(np.int64)
        return Lump(gw, a.lump_bill * lab.valuation, luck["seller"][:, month], start)

    def shed(self, otherwise: Floats) -> Floats:
        """Part of all commitments that a lab short of cash renegotiates away, and at least what it is given."""
        if not self.on:
            return otherwise
        lab, a = self.lab, self.lab.p.ambition
        luck, self.since_shed = self.luck["shed"][:, lab.view.month], self.since_shed + 1.0
        part = part_shed(lab.runway, a.shed_runway, self.since_shed, a.shed_pause, a.shed_least, a.shed_most, luck) * a.on
        if not anywhere(part):
            return otherwise
        self.since_shed = np.where(part > 0, 0.0, self.since_shed)
        return np.maximum(part, otherwise)

    def fail(self, mask: Mask, valuation: Floats) -> None:
        """After a default: spending is cut, what it is worth is what is left, and nobody funds it for a while."""
        kept = np.where(mask, self.lab.p.default.training_kept, 1.0)
        self.spending = self.spending * kept
        self.value_now = np.where(mask, valuation, self.value_now)
        self.since_price = np.where(mask, 0.0, self.since_price)
