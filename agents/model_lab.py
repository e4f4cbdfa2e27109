"""Labs: they sell AI, rent compute to serve and to train, and live on funding rounds until they earn their keep.

A lab's month: customers pay, it plans training, reserves compute ahead, raises money, and settles its bills.
What it spends, when it raises and what it signs where `ambition.on` stands in `lab_ambition.py`. Rules: `lab_rules.py`, and
"Labs" in ../model/README.md.
"""

from __future__ import annotations

import mesa
import numpy as np

from perpetuum.agents import lab_rules as rules
from perpetuum.agents.firm import Firm, tax_on_profit
from perpetuum.agents.lab_ambition import LabAmbition
from perpetuum.model.books.payment_kinds import OPERATIONS_AND_SERVICE, REPAYMENTS
from perpetuum.model.parameters.groups import LabFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import LabView
from perpetuum.model.worlds import Dollars, Floats, Mask, bounded, move_towards, share

#: Kinds of payment by which a lab raises money.
RAISED = ("funding_round", "cloud_equity", "vendor_equity", "vendor_loan", "loan_draw")
#: What a lab pays that lessens no profit: principal, last month's tax, and what a default cost.
NO_EXPENSE = (*REPAYMENTS, "taxes", "default_costs")


class ModelLab(Firm):
    """A lab (or the pooled application companies). Attributes are (worlds,)."""

    view: LabView
    figures: LabFigures

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: LabView):
        super().__init__(model, spec, view)
        f = self.figures
        self.demand_rate = f.revenue.copy()  # dollars a year that customers would spend if all were served
        self.revenue_rate = f.revenue.copy()  # dollars a year
        self.inference = self.constant()  # GW that this month's demand needs
        self.growth = f.growth.copy()
        self.market_share = self.constant()  # of all labs' sales; set at the opening
        self.opening_share = self.constant()  # the same at the start
        self.last_burn = self.constant()  # this month's burn as it was (dollars)
        self.migrating = self.constant()  # share that customers take elsewhere after a default
        self.training = f.training.copy()  # GW wanted for training and research
        self.training_opening = f.training.copy()
        self.valuation = f.valuation.copy()
        self.runway = self.constant(rules.LONGEST_RUNWAY)  # months
        self.burn = self.constant()  # dollars a month, smoothed; positive: cash used
        self.cash_at_close = f.cash.copy()
        self.other_costs = f.other_costs.copy()
        self.austerity = self.constant(1.0)  # share of other costs that is still spent
        self.milestones = self.constant()  # GW contracted or live since the start, each counted once
        self.signed = [self.constant() for _ in range(self.p.chips.plan_months)]  # GW by month signed, until they start
        self.wanted = self.constant()  # dollars sought in this month's round
        self.served = self.constant(1.0)
        self.effort = self.constant(1.0)  # its spending over what it would spend if cash did not bind
        self.revenue_history: list[Floats] = []
        self.last_round_price = self.constant()  # dollars a lot
        self.partner = -1  # account of the cloud that holds most of it, receives its revenue share and joins its rounds
        self.ambition = LabAmbition(self)

    # --- end demand ---------------------------------------------------------------------------------------------

    def sell(self, labs_total: Floats) -> Floats:
        """This month's revenue in dollars: market share x labs' total sales x the share of demand it had compute for."""
        self.demand_rate = labs_total * self.market_share
        self.revenue_rate = self.demand_rate * self.served
        self.measure_inference()
        self._remember_revenue()
        return self.revenue_rate / 12

    def next_share(self, target: Floats) -> Floats:
        """Weight in next month's sales: the share moves slowly to its target; after a default customers leave over months."""
        leaving = self.migrating / self.p.default.migration_months
        self.migrating = self.migrating - leaving
        return rules.share_kept(self.market_share, target, self.p.demand.share_speed, leaving)

    def _remember_revenue(self) -> None:
        """Growth over the last year; before a year has passed, the opening growth fades into the observed one."""
        self.revenue_history.append(self.revenue_rate.copy())
        months, speed = len(self.revenue_history), self.p.labs.growth_speed
        if months > 12:
            self.growth = rules.growth_followed(self.growth, self.revenue_rate, self.revenue_history.pop(0), speed)
            return
        first = self.revenue_history[0]
        part = (months - 1) / 12
        observed = (1 - part) * self.figures.growth + part * (
            (share(self.revenue_rate, first, 1.0)) ** (12 / max(months - 1, 1)) - 1.0
        )
        self.growth = move_towards(self.growth, bounded(observed, -1.0, 10.0), speed)

    # --- compute ------------------------------------------------------------------------------------------------

    def inference_share(self) -> Floats:
        """c(t): rent for serving over revenue, falling over years; where demand grows by itself, with compute per dollar."""
        labs, view = self.p.labs, self.view
        first, late, grows = labs.inference_share, labs.inference_share_late, self.p.growth.on
        per_dollar, index = view.demand.compute_per_dollar, view.compute.rent_index()
        return rules.inference_share(view.month, labs.efficiency_months, first, late, grows, per_dollar, index)

    def measure_inference(self) -> None:
        """GW needed to serve this month's customers: c(t) x demand / average rent, the rent that their spending answers to.

        Spending goes with rent^(1 - e), so that the GW go with rent^(-e).
        """
        self.inference = self.inference_share() * self.demand_rate / self.view.compute.rent_average

    def plan_training(self) -> None:
        """GW wanted for training: what runway, opinion and funds allow; with `ambition.on`, what its spending plan does."""
        if not self.ambition.everywhere:
            self.training = self._training_allowed()
        self.training, self.effort = self.ambition.plan_spending(self.training, self.effort)

    def _training_allowed(self) -> Floats:
        labs, v, x = self.p.labs, self.p.venture, self.view.narrative.sentiment
        step = rules.training_step(
            self.runway,
            labs.comfortable_runway,
            labs.short_runway,
            x,
            labs.training_base,
            labs.training_confidence,
            labs.training_opinion,
            labs.training_growth,
            labs.training_cut,
            1.0 + self.p.demand.price_elasticity * self.rebate(),
        )
        ceiling = rules.training_paid_for(
            self.revenue_rate,
            self.revenue_share(),
            self.inference_share(),
            self.other_costs * self.austerity,
            labs.appetite,
            self.valuation,
            v.eagerness,
            v.eagerness_opinion,
            x,
            self.view.dry_powder_left(),
            self.view.compute.rent_average,
            self.rebate(),
        )
        return rules.training_wanted(
            self.training, step, ceiling, labs.ceiling_speed, labs.training_floor, self.training_opening
        )

    def revenue_share(self) -> Floats:
        """Share of revenue owed to the cloud partner; it falls over years."""
        labs = self.p.labs
        return rules.revenue_share(
            self.view.month, labs.revenue_share_months, self.figures.revenue_share, labs.revenue_share_late
        )

    def revenue_share_due(self) -> Floats:
        """Revenue share owed this month (dollars)."""
        return self.revenue_share() * self.revenue_rate / 12

    def rebate(self) -> Floats:
        """What tied vendor finance takes off the price of compute: finance per GW over a GW's rent for some years.

        Dollars that come with each new GW make GWs cheaper to the lab that receives them, until the programme is used up.
        """
        v = self.p.vendor_finance
        left = self.view.finance_left() * self.figures.receives_finance
        years, rent = self.p.technology.recovery_years, self.view.compute.rent_average
        return rules.rebate(v.tied, v.scale, v.per_gw, years, rent, v.rebate_limit, left)

    def compute_need(self) -> Floats:
        """GW for serving and training."""
        return self.inference + self.training

    def spot_wanted(self) -> Floats:
        """GW to buy on the spot market: need less what is reserved and what it owns."""
        have = self.view.compute.reserved[self.account] + self.own_gw()
        return np.maximum(self.compute_need() - have, 0.0)

    def own_gw(self) -> Floats:
        """GW of leased or bought chips that the lab runs itself."""
        return self.p.compute.usable * self.view.hardware.gw(self.account)

    def chips_to_come(self) -> Floats:
        """GW of its own that are ordered or on the way."""
        return self.view.chips.backlog_of_buyer(self.account) + self.view.hardware.pipeline_gw(self.account)

    def training_done(self) -> Floats:
        """GW that really went into training this month: what serving customers left over."""
        market = self.view.compute
        have = market.reserved[self.account] + market.spot[self.account] + self.own_gw()
        self.served = rules.part_served(have, self.inference, self.p.labs.served_floor)
        return rules.left_for_training(have, self.inference)

    def reservation_gap(self) -> Floats:
        """GW worth reserving now: the reserved share of the need foreseen a year ahead, less what is already signed."""
        c, pairs = self.p.contracts, self.view.contracts.of_buyer(self.account)
        need = rules.need_foreseen(
            self.inference,
            self.training,
            self.growth,
            c.growth_foreseen,
            c.horizon_months,
            c.training_foreseen,
            self.p.demand.price_elasticity,
            self.rebate(),
        )
        return rules.worth_reserving(
            need,
            self.view.contracts.reserved_at(pairs, self.view.month, c.horizon_months),
            c.reserve_share,
            c.precommitment,
            self.runway,
            self.p.labs.comfortable_runway,
            c.confidence,
            self.view.narrative.sentiment,
        )

    def to_reserve(self) -> Floats:
        """GW to reserve this month: the gap is closed over the horizon; nothing where commitments come in lumps."""
        if self.ambition.everywhere:
            return self.constant()
        return np.where(self.p.ambition.on, 0.0, self.reservation_gap() / self.p.contracts.horizon_months)

    def prepaid_at_most(self) -> Dollars:
        """Whole dollars that it pays ahead in a month, to all clouds together: a part of its cash."""
        return (self.p.contracts.prepaid_cash * self.cash).astype(np.int64)

    def count_signed(self, gw: Floats) -> None:
        """Newly contracted GW are milestones; they start after `chips.plan_months`."""
        self.signed.append(gw)
        self.milestones = self.milestones + gw

    def count_started(self, gw: Floats) -> None:
        """GW that go live are milestones unless they were counted when signed: commitments from before the start."""
        self.milestones = self.milestones + np.maximum(gw - self.signed.pop(0), 0.0)

    # --- money --------------------------------------------------------------------------------------------------

    def measure_runway(self) -> None:
        """Months of last month's closing cash at the present burn, capped where cash is not being burnt.

        Not today's cash: in mid-month customers have paid and the bills are still to come.
        """
        self.runway = rules.runway(self.cash_at_close, self.burn)

    def formula_valuation(self, comparables: Floats) -> Floats:
        """Pre-money value: yearly revenue x multiple x mood x comparables x funding x own premium."""
        v, story = self.p.venture, self.view.narrative
        multiple = v.multiple_base, v.multiple_growth, v.multiple_growth_at, v.multiple_growth_cap
        mood, funding = np.exp(v.sentiment_elasticity * (story.sentiment - story.opening)), self.view.funding.valuation
        rated = comparables**v.comparables_elasticity
        return rules.formula_valuation(self.revenue_rate, self.growth, *multiple, mood, rated, funding, self.scale)

    @property
    def worth_at_the_start(self) -> Floats:
        """What its next round would be priced at (dollars): as talked of, otherwise at the last one's price."""
        return np.where(self.figures.worth > 0, self.figures.worth, self.figures.valuation)

    def calibrate_valuation(self, comparables: Floats) -> None:
        """A lab's own premium or discount to the formula at the start, kept from then on; a scenario bounds it. What funding
        that tightens from the first month on takes away is none of it.
        """
        self.scale = self.constant(1.0)
        loose = share(self.formula_valuation(comparables), self.view.funding.valuation)
        self.scale = share(self.worth_at_the_start, loose, 1.0)

    def revalue(self, comparables: Floats) -> None:
        """Valuations follow the formula slowly; with `ambition.on` the last price stands until there is a new one."""
        v, formula, ambition = self.p.venture, self.formula_valuation(comparables), self.ambition
        last = ambition.where_on(ambition.value_now, self.valuation)
        worth = rules.valuation_followed(last, formula, v.valuation_smoothing, v.valuation_floor, self.revenue_rate)
        ambition.value_now = worth
        self.valuation = ambition.where_on(self.valuation, worth)

    def raise_round(self, alive: Floats) -> Floats:
        """Money sought (dollars): for months of burn where runway is short (`money_sought`), or, with `ambition.on`, when there
        is money to be had (`LabAmbition.seek`); none for a while after a default (`alive` 0).
        """
        labs = self.p.labs
        sought = rules.money_sought(self.burn, self.cash_at_close, labs.raise_months, self.runway, labs.raise_runway)
        self.wanted, self.valuation = self.ambition.seek(sought * alive, self.valuation, alive > 0)
        return self.wanted

    def close_round(self, cut: Floats, placed: Mask) -> None:
        """This month's round ends at a price cut (share of valuation): all who buy new shares now pay the price that it left."""
        self.valuation = self.ambition.see_round(placed, self.valuation * (1.0 - cut))

    def raised(self) -> Floats:
        """Dollars that it has raised this month: for new shares, and lent."""
        return self.view.ledger.flow_of(RAISED, (self.account,)).astype(np.float64)

    def take_in(self, paid: Floats) -> None:
        """After the money = before it + what was paid for new shares (dollars), whoever paid it, in a round or between two."""
        self.valuation = self.valuation + paid
        self.ambition.take_in(paid)

    def renegotiate(self) -> None:
        """Short of cash, ask clouds to let part of the commitments go (off by default, unless `ambition.on`)."""
        short = self.p.vendor_finance.rescue_runway
        lost = self.ambition.shed(rules.renegotiated(self.runway, short, self.p.labs.renegotiate))
        self.view.contracts.shrink_all(self.view.contracts.of_buyer(self.account), lost, self.view.month)

    def plan_costs(self) -> None:
        """Staff, selling and other costs of the month: part of revenue's growth; with `ambition.on`, its spending plan's."""
        if not self.ambition.everywhere:
            self._grow_costs()
        self.other_costs, self.austerity = self.ambition.costs_spent(self.other_costs, self.austerity)

    def _grow_costs(self) -> None:
        labs = self.p.labs
        planned = 1.0 + labs.planned_costs * min(self.view.month / 12.0, 1.0)
        grown = share(self.revenue_rate, self.figures.revenue, 1.0) ** self.figures.cost_growth
        self.other_costs = rules.other_costs(
            self.other_costs,
            self.figures.other_costs,
            planned,
            grown,
            self.revenue_rate,
            labs.costs_floor,
            labs.costs_speed,
        )
        # Hiring and selling are cut while runway is short, and come back slowly when it is comfortable again.
        self.austerity = rules.austerity(
            self.austerity,
            self.runway,
            labs.comfortable_runway,
            labs.short_runway,
            labs.austerity_speed,
            labs.austerity_return,
            labs.austerity_floor,
        )

    def running_costs(self) -> Floats:
        """Staff, selling and other costs, and power of its own chips (dollars a month)."""
        power = self.own_gw() * self.p.compute.operating_cost
        return (self.other_costs * self.austerity + power) / 12

    def operating_flow(self) -> Floats:
        """Cash flow from operations and debt service this month (dollars; negative: burn)."""
        return self.view.ledger.flow_of(OPERATIONS_AND_SERVICE, (self.account,)).astype(np.float64)

    def commitment_cover(self) -> Floats:
        """Revenue and cash over a year against its take-or-pay bills of the coming year; capped at 3."""
        bill = self.view.contracts.bill_of_coming_year(self.account, self.view.month)
        return rules.commitment_cover(self.revenue_rate, self.growth, self.cash, bill)

    def count_month(self) -> None:
        """Smooth this month's burn (operating cash out less in, dollars), close the month's cash, and owe tax on a profit."""
        self.last_burn = -self.operating_flow()
        self.cash_at_close = self.cash.astype(np.float64)
        self.burn = move_towards(self.burn, self.last_burn, self.p.labs.burn_speed)
        self.measure_runway()
        self.ambition.count_service()
        untaxed = self.view.ledger.flow_of(NO_EXPENSE, (self.account,)).astype(np.float64)
        self.tax_due = tax_on_profit(-self.last_burn - untaxed, self.p.vendor.tax)

    def count_paid_out(self, dollars: Dollars) -> None:
        """What its owners got this month is not there for next month's plans."""
        self.cash_at_close = self.cash_at_close - dollars
        self.measure_runway()

    def dividend(self) -> Floats:
        """Dollars for owners: part of what it has beyond some months' costs and rents, where it earns its keep."""
        rents = self.view.compute.rent_average * self.compute_need() / 12
        needs = self.p.labs.dividend_months * (self.running_costs() + rents)
        return rules.dividend(self.burn, self.cash, needs, self.p.vendor.payout_speed)

    def open_accounts(self, deposit_rate: Floats) -> None:
        """Burn, runway and tax of the opening month: rents at the opening rent, revenue share and other costs less revenue and
        interest on deposits (per year).
        """
        f, bill = self.figures, self.view.contracts.bill_of(self.account)
        costs = f.other_costs + bill + self.spot_wanted() * self.p.compute.rent + f.revenue_share * f.revenue
        burn = (costs - f.revenue - f.cash * deposit_rate) / 12
        self.tax_due = tax_on_profit(-burn, self.p.vendor.tax)
        self.burn = np.maximum(burn, 0.0)
        self.measure_runway()

    def fail(self, mask: Mask) -> None:
        """After a default: training is cut to what revenue pays for, and customers start to leave."""
        d = self.p.default
        self.training = np.where(mask, d.training_kept * self.training, self.training)
        self.migrating = np.where(mask, d.customers_lost * self.market_share, self.migrating)
        worth = rules.valuation_after_default(self.valuation, d.valuation_kept, self.revenue_rate, d.revenue_multiple)
        self.valuation = np.where(mask, worth, self.valuation)
        self.ambition.fail(mask, self.valuation)

    def worth_beyond_books(self) -> Floats:
        """What a default leaves of its valuation (dollars)."""
        return self.valuation
