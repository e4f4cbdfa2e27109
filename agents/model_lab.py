"""Labs: they sell AI, rent compute to serve and to train, and live on funding rounds until they earn their keep.

A lab's month: customers pay, it plans training, reserves compute ahead, raises money when runway is short, and settles its
bills. Equations: "Labs" and "Funding rounds" in ../model/README.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.base import Institution
from model.worlds import Floats, Mask, move_towards, share, total

#: Runway is reported as this many months where a lab does not burn cash.
LONGEST_RUNWAY = 120.0


class ModelLab(Institution):
    """A lab (or the pooled application companies). Attributes are (worlds,)."""

    def __init__(self, model: Any, spec: Any):
        super().__init__(model, spec)
        f = self.figures
        self.revenue_rate = f.revenue.copy()  # dollars a year
        self.growth = f.growth.copy()
        self.market_share = self.constant()  # of all labs' sales; set at the opening
        self.migrating = self.constant()  # share that customers take elsewhere after a default
        self.training = f.training.copy()  # GW wanted for training and research
        self.training_opening = f.training.copy()
        self.valuation = f.valuation.copy()
        self.runway = self.constant(LONGEST_RUNWAY)  # months
        self.burn = self.constant()  # dollars a month, smoothed; positive: cash used
        self.cash_at_close = f.cash.copy()
        self.other_costs = f.other_costs.copy()
        self.austerity = self.constant(1.0)  # share of other costs that is still spent
        self.wanted = self.constant()  # dollars sought in this month's round
        self.served = self.constant(1.0)
        self.revenue_history: list[Floats] = []

    # --- end demand ---------------------------------------------------------------------------------------------

    def sell(self, labs_total: Floats) -> Floats:
        """This month's revenue in dollars: market share x labs' total sales x the share of demand it had compute for."""
        self.revenue_rate = labs_total * self.market_share * self.served
        self._remember_revenue()
        return self.revenue_rate / 12

    def _remember_revenue(self) -> None:
        """Growth over the last year; before a year has passed, the opening growth fades into the observed one."""
        self.revenue_history.append(self.revenue_rate.copy())
        months = len(self.revenue_history)
        if months > 12:
            year_ago = self.revenue_history.pop(0)
            observed = share(self.revenue_rate, year_ago, 1.0) - 1.0
        else:
            first = self.revenue_history[0]
            part = (months - 1) / 12
            observed = (1 - part) * self.figures.growth + part * (
                (share(self.revenue_rate, first, 1.0)) ** (12 / max(months - 1, 1)) - 1.0
            )
        self.growth = move_towards(self.growth, np.clip(observed, -1.0, 10.0), 0.25)

    # --- compute ------------------------------------------------------------------------------------------------

    def inference_gw(self) -> Floats:
        """GW needed to serve customers: c(t) x revenue / rent, c falling from 0.55 to 0.35 in five years."""
        labs = self.p.labs
        passed = min(self.model.month / 60.0, 1.0)
        cost_share = labs.inference_share + (labs.inference_share_late - labs.inference_share) * passed
        demand = share(self.revenue_rate, self.served, 0.0)
        return cost_share * demand / self.p.compute.rent

    def plan_training(self) -> None:
        """Training grows with confidence while runway is comfortable, is cut while it is short, and has a ceiling:
        (what revenue leaves after serving and other costs + appetite x valuation) / rent."""
        labs, x = self.p.labs, self.model.narrative.sentiment
        confidence = 0.2 + 0.8 * np.maximum(0.0, x + 0.2)
        comfortable = self.runway > labs.comfortable_runway
        pull = 1.0 + self.p.demand.price_elasticity * self.rebate()
        factor = np.where(comfortable, 1.0 + labs.training_growth * confidence * pull, 1.0 - labs.training_cut)
        factor = np.where(~comfortable & (self.runway > 0.6 * labs.comfortable_runway), 1.0, factor)
        margin = self.revenue_rate * (1.0 - self.revenue_share()) - self.inference_gw() * self.p.compute.rent
        left = np.maximum(margin - self.other_costs * self.austerity, 0.0)
        dare = labs.appetite * self.valuation * np.maximum(0.35 + 0.65 * x, 0.0) * self.model.dry_powder_left()
        ceiling = (left + dare) / (self.model.compute.rent_average * (1.0 - self.rebate()))
        floor = 0.02 * self.training_opening
        self.training = np.maximum(np.minimum(self.training * factor, np.maximum(ceiling, 0.9 * self.training)), floor)

    def revenue_share(self) -> Floats:
        """Share of revenue owed to the cloud partner; it falls over five years."""
        passed = min(self.model.month / 60.0, 1.0)
        return self.figures.revenue_share * (1.0 + (self.p.labs.revenue_share_late - 1.0) * passed)

    def rebate(self) -> Floats:
        """What tied vendor finance takes off the price of compute: finance per GW over a GW's rent for five years.

        Dollars that come with each new GW make GWs cheaper to the lab that receives them, until the programme is used up.
        """
        v, vendor = self.p.vendor_finance, self.model.lead_vendor
        left = (vendor.financed < v.limit * v.scale) * self.figures.receives_finance * vendor.figures.finances
        return np.minimum(v.tied * v.scale * v.per_gw / (5.0 * self.p.compute.rent), 0.5) * left

    def compute_need(self) -> Floats:
        """GW for serving and training."""
        return self.inference_gw() + self.training

    def spot_wanted(self) -> Floats:
        """GW to buy on the spot market: need less what is reserved and what it owns."""
        have = self.model.compute.reserved[self.account] + self.own_gw()
        return np.maximum(self.compute_need() - have, 0.0)

    def own_gw(self) -> Floats:
        """GW of leased or bought chips that the lab runs itself."""
        return self.p.compute.usable * self.model.hardware.gw(self.account)

    def training_done(self) -> Floats:
        """GW that really went into training this month: what serving customers left over."""
        market = self.model.compute
        have = market.reserved[self.account] + market.spot[self.account] + self.own_gw()
        serving = np.minimum(self.inference_gw(), have)
        self.served = np.maximum(share(serving, self.inference_gw(), 1.0), 0.05)
        return np.maximum(have - serving, 0.0)

    def reservation_gap(self) -> Floats:
        """GW worth reserving now: the reserved share of the need foreseen a year ahead, less what is already signed."""
        c = self.p.contracts
        ahead = c.horizon_months
        foreseen = np.clip(self.growth, 0.0, 2.0) * (ahead / 12)
        need = self.inference_gw() * (1.0 + foreseen) + self.training * (1.0 + 0.5 * foreseen)
        need = need * (1.0 + self.p.demand.price_elasticity * self.rebate())
        signed = self.model.contracts.reserved_at(self.model.contracts.of_buyer(self.account), self.model.month, ahead)
        confident = np.clip(0.5 + self.model.narrative.sentiment, 0.0, 1.0)
        willing = (self.runway > self.p.labs.comfortable_runway) * confident
        return np.maximum(c.reserve_share * c.precommitment * need - signed, 0.0) * willing

    # --- money --------------------------------------------------------------------------------------------------

    def measure_runway(self) -> None:
        """Months of last month's closing cash at the present burn, capped where cash is not being burnt.

        Not today's cash: in mid-month customers have paid and the bills are still to come.
        """
        months = share(self.cash_at_close, self.burn, LONGEST_RUNWAY)
        self.runway = np.where(self.burn > 0, np.minimum(months, LONGEST_RUNWAY), LONGEST_RUNWAY)

    def formula_valuation(self) -> Floats:
        """Pre-money value: yearly revenue x (8 + 22 clip(growth/1.2)) x exp(0.7 (x - x0)) x comps^0.5 x funding."""
        v, story = self.p.venture, self.model.narrative
        multiple = v.multiple_base + v.multiple_growth * np.clip(self.growth / 1.2, 0.0, 1.4)
        mood = np.exp(v.sentiment_elasticity * (story.sentiment - story.opening))
        return (
            self.revenue_rate
            * multiple
            * mood
            * np.sqrt(self.model.comparables())
            * self.model.funding.valuation
            * self.scale
        )

    def calibrate_valuation(self) -> None:
        """A lab's own premium or discount to the formula at the start, kept from then on."""
        self.scale = self.constant(1.0)
        self.scale = share(self.figures.valuation, self.formula_valuation(), 1.0)

    def revalue(self) -> None:
        """Valuations follow the formula slowly."""
        self.valuation = move_towards(self.valuation, self.formula_valuation(), self.p.venture.valuation_smoothing)
        self.valuation = np.maximum(self.valuation, 0.05 * self.revenue_rate)

    def raise_round(self) -> Floats:
        """Money sought: when runway is under 12 months, 15 months of burn less cash (dollars)."""
        labs = self.p.labs
        want = np.maximum(labs.raise_months * self.burn - self.cash_at_close, 0.0)
        self.wanted = np.where(self.runway < labs.raise_runway, want, 0.0)
        return self.wanted

    def renegotiate(self) -> None:
        """Short of cash, ask clouds to let part of the commitments go (off by default)."""
        desperate = self.runway < self.p.vendor_finance.rescue_runway
        lost = np.where(desperate, self.p.labs.renegotiate, 0.0)
        if lost.any():
            for pair in self.model.contracts.of_buyer(self.account):
                self.model.contracts.shrink(pair, lost, self.model.month)

    def running_costs(self) -> Floats:
        """Staff, selling and other costs (dollars a month); they grow with part of revenue's growth."""
        planned = 1.0 + self.p.labs.planned_costs * min(self.model.month / 12.0, 1.0)
        grown = share(self.revenue_rate, self.figures.revenue, 1.0) ** self.figures.cost_growth
        # Growth never takes costs beyond revenue, however small revenue was at the start.
        grown = planned * np.minimum(grown, np.maximum(share(self.revenue_rate, self.figures.other_costs, 1.0), 1.0))
        self.other_costs = move_towards(self.other_costs, self.figures.other_costs * np.maximum(grown, 0.3), 0.1)
        self._save()
        power = self.own_gw() * self.p.compute.operating_cost
        return (self.other_costs * self.austerity + power) / 12

    def _save(self) -> None:
        """Hiring and selling are cut while runway is short, and come back slowly when it is comfortable again."""
        labs = self.p.labs
        short = self.runway < 0.6 * labs.comfortable_runway
        change = np.where(
            short, -labs.austerity_speed, np.where(self.runway > labs.comfortable_runway, labs.austerity_speed / 2, 0.0)
        )
        self.austerity = np.clip(self.austerity + change, labs.austerity_floor, 1.0)

    def count_burn(self, month_burn: Floats) -> None:
        """Smooth this month's burn (operating cash out less in, dollars) and close the month's cash."""
        self.cash_at_close = self.cash.astype(np.float64)
        self.burn = move_towards(self.burn, month_burn, 0.25)
        self.measure_runway()

    def opening_burn(self) -> Floats:
        """Burn in the opening month: rents at the opening rent, revenue share and other costs less revenue (dollars)."""
        f = self.figures
        reserved = self.model.compute.reserved[self.account]
        bill = total_bill(self.model.contracts, self.account)
        spot = np.maximum(self.compute_need() - reserved, 0.0) * self.p.compute.rent
        return (f.other_costs + bill + spot + f.revenue_share * f.revenue - f.revenue) / 12

    def fail(self, mask: Mask) -> None:
        """After a default: training is cut to what revenue pays for, and customers start to leave."""
        self.training = np.where(mask, 0.35 * self.training, self.training)
        self.migrating = np.where(mask, 0.35 * self.market_share, self.migrating)
        self.valuation = np.where(mask, np.maximum(0.15 * self.valuation, 0.2 * self.revenue_rate), self.valuation)


def total_bill(contracts: Any, buyer: int) -> Floats:
    """Yearly bill of a buyer's contracts in force (dollars)."""
    return total(contracts.bill[pair] for pair in contracts.of_buyer(buyer))
