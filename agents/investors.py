"""Investors in listed shares and gold: six strategies, each one population of individuals.

Here are the decisions: what each strategy reads out of the market (signals per asset), how far it goes
(exposure), how much its households save. An individual i of a strategy wants the portfolio weight

    w_ik = w0_ik a_k (sum w0_i / sum w0_i a) x base_k x (1 + r_i g_k + q (r_i g_k)^2) x exposure,

where the anchor a_k lets the neutral portfolio drift with market values (constant weights would sell
winners), base_k and the lean g_k belong to the strategy, r_i is the individual's own response and w0_ik the
opening weight (`SecuritiesMarket.calibrate` makes every individual content at t = 0). The pass over
individuals is a numba kernel. Sources: Brock and Hommes (1998) for
fundamental and trend beliefs; Thurner, Farmer and Geanakoplos (2012) for leverage and margin calls.
"""

from __future__ import annotations

from typing import ClassVar

import mesa
import numpy as np

from perpetuum.model.books.accounts import Accounts
from perpetuum.model.markets.investor_members import INDEX, LEVERAGED, WEIGHTS
from perpetuum.model.markets.investors import MarketView
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Floats, Stateful, bounded


class InvestorPopulation(mesa.Agent, Stateful):
    """A strategy: n individuals per world who share a rule and differ in every coefficient."""

    strategy: ClassVar[str]
    rule: ClassVar[int] = WEIGHTS
    curvature: ClassVar[float] = 0.0  # q in the weight equation

    def __init__(self, model: mesa.Model, account: int, parameters: ParameterValues):
        super().__init__(model)
        self.account = account
        self.p = parameters.investors
        self.members: int = int(self.p.per_strategy)

    # --- who they are
    # -------------------------------------------------------------------------------------------

    def share_of_wealth(self) -> Floats:
        """Share of all investors' net wealth at the start (worlds,)."""
        p = self.p
        rest = 1.0 - p.barbell_share - p.leveraged_share
        weights = p.fundamental_weight + p.momentum_weight + p.index_weight + p.noise_weight
        return rest * getattr(p, f"{self.strategy}_weight") / weights

    def turnover(self) -> Floats:
        """Share of the gap between wanted and held that is traded in a month (worlds,)."""
        return getattr(self.p, f"{self.strategy}_turnover")

    def responsiveness(self) -> Floats:
        """Mean response r to the lean (worlds,)."""
        return np.zeros_like(self.p.leverage)

    def elasticity(self) -> Floats:
        """What the weights give up per log price within the month (worlds,): only who compares price with
        value.
        """
        return np.zeros_like(self.p.leverage)

    # --- what they want this month
    # ------------------------------------------------------------------------------

    def anchor(self, view: MarketView) -> Floats:
        """How the neutral portfolio has moved since t = 0 (worlds, assets).

        a = (price anchor)^(1 - v) (value anchor)^v: mostly with prices, a little with values, or a bubble in one share
        would meet no seller once the fundamental investors have sold out.
        """
        v = self.p.value_awareness[:, None]
        return np.exp((1.0 - v) * np.log(view.price_anchor) + v * np.log(view.value_anchor))

    def base(self, view: MarketView) -> Floats:
        """Factor on the opening weights that all members share (worlds, assets)."""
        return np.ones_like(view.gap)

    def lean(self, view: MarketView) -> Floats:
        """What members respond to, each with an own coefficient (worlds, assets)."""
        return np.zeros_like(view.gap)

    def exposure(self, view: MarketView) -> Floats:
        """Factor on all weights (worlds,)."""
        return np.ones_like(view.opinion)

    def whim(self) -> Floats:
        """Standard deviation of a member's own monthly noise (worlds,)."""
        return np.zeros_like(self.p.leverage)

    def inflow(self, month: int, opinion: Floats, opening_opinion: Floats) -> Floats:
        """New savings of the strategy's households, dollars a month (worlds,): out of income, not of market
        value.

        inflow_s = inflow (1 + growth)^(t/12) x share of wealth x max(0, 1 + a (x - x0))
        """
        p = self.p
        grown = p.inflow * (1.0 + p.inflow_growth) ** (month / 12.0)
        return grown * self.share_of_wealth() * np.maximum(0.0, 1.0 + p.inflow_sentiment * (opinion - opening_opinion))


class FundamentalInvestors(InvestorPopulation):
    """Compare price with value: w = w0 exp(e_i gap), gap = ln(V/p), with e_i spread around e."""

    strategy = "fundamental"
    curvature = 0.5

    def elasticity(self) -> Floats:
        """Value elasticity e."""
        return self.p.value_elasticity

    def anchor(self, view: MarketView) -> Floats:
        """The neutral portfolio holds the market at fair values."""
        return view.value_anchor

    def _gap(self, view: MarketView) -> Floats:
        limit = self.p.value_gap_limit[:, None]
        return bounded(view.gap, -limit, limit)

    def base(self, view: MarketView) -> Floats:
        """exp(e gap) at the mean elasticity; the kernel adds each member's deviation to second order."""
        return np.exp(self.p.value_elasticity[:, None] * self._gap(view))

    def lean(self, view: MarketView) -> Floats:
        """The gap, to which the deviation r_i = e_i - e responds."""
        return self._gap(view)


class MomentumInvestors(InvestorPopulation):
    """Follow the trend: w = w0 (1 + e_i tanh(mom)), mom the returns of the past 4-6 months."""

    strategy = "momentum"

    def responsiveness(self) -> Floats:
        """Mean response e to the trend."""
        return self.p.momentum_response

    def lean(self, view: MarketView) -> Floats:
        """tanh of past returns."""
        return np.tanh(view.momentum)


class IndexInvestors(InvestorPopulation):
    """Hold, invest spare cash by market value, and sell to who buys back shares; never rebalance (constant
    weights would sell the winners).
    """

    strategy = "index"
    rule = INDEX


class BarbellInvestors(InvestorPopulation):
    """Half AI shares, half gold, and buy *both* when conviction or fear is high: the same future bet on
    twice.
    """

    strategy = "barbell"

    def share_of_wealth(self) -> Floats:
        """Set directly: the lever `investors.barbell_share`."""
        return self.p.barbell_share

    def responsiveness(self) -> Floats:
        """Mean response to conviction or fear."""
        return self.p.barbell_response

    def anchor(self, view: MarketView) -> Floats:
        """Inside the AI half the market portfolio; between the two halves no drift (gold, the last asset,
        stays).
        """
        inside = super().anchor(view) / view.share_drift[:, None]
        return np.concatenate([inside[:, :-1], np.ones_like(inside[:, -1:])], axis=1)

    def conviction(self, view: MarketView) -> Floats:
        """Conviction (worlds,): how bullish opinion is."""
        return bounded(view.opinion, 0.0, 1.0)

    def fear(self, view: MarketView) -> Floats:
        """Fear (worlds,): how bearish opinion is, or how far the market's volatility stands above a calm
        month's.
        """
        calm = self.p.calm_volatility
        excess = (view.volatility - calm) / np.maximum(calm, 1e-9)
        return bounded(np.maximum(-view.opinion, excess), 0.0, 1.0)

    def lean(self, view: MarketView) -> Floats:
        """The larger of conviction and fear, for shares and gold alike."""
        urge = np.maximum(self.conviction(view), self.fear(view))
        return np.repeat(urge[:, None], view.assets, axis=1)


class LeveragedInvestors(InvestorPopulation):
    """Buy on margin: position = equity x min(own leverage, 1/(margin + charge (volatility - calm)+), the bank's limit)."""

    strategy = "leveraged"
    rule = LEVERAGED

    def share_of_wealth(self) -> Floats:
        """Share of net wealth, debt deducted."""
        return self.p.leveraged_share

    def responsiveness(self) -> Floats:
        """Personal appetites for leverage are spread around one."""
        return np.ones_like(self.p.leverage)

    def lean(self, view: MarketView) -> Floats:
        """Leverage wanted, the lever `investors.leverage`."""
        return np.repeat(self.p.leverage[:, None], view.assets, axis=1)

    def exposure(self, view: MarketView) -> Floats:
        """Largest position per dollar of equity that this month's margin and the bank's limit allow."""
        p = self.p
        nervous = np.maximum(view.volatility - p.calm_volatility, 0.0)
        allowed = 1.0 / np.maximum(view.margin + p.volatility_charge * nervous, 0.05)
        return np.minimum(allowed, view.lending_room)


class NoiseTraders(InvestorPopulation):
    """Trade on moods: a common one per asset that fades over months, and whims of their own."""

    strategy = "noise"

    def lean(self, view: MarketView) -> Floats:
        """The common mood."""
        return self.p.noise_mood[:, None] * view.mood

    def responsiveness(self) -> Floats:
        """Everybody shares the mood, some more than others."""
        return np.ones_like(self.p.leverage)

    def whim(self) -> Floats:
        """Own noise, drawn by counter in the kernel."""
        return self.p.noise_whim


STRATEGIES: dict[str, type[InvestorPopulation]] = {
    population.strategy: population
    for population in (
        FundamentalInvestors,
        MomentumInvestors,
        IndexInvestors,
        BarbellInvestors,
        LeveragedInvestors,
        NoiseTraders,
    )
}


def make_populations(model: mesa.Model, accounts: Accounts, parameters: ParameterValues) -> list[InvestorPopulation]:
    """One population for every account of the sector "investors", in the order of the accounts."""
    return [STRATEGIES[accounts.names[number]](model, number, parameters) for number in accounts["investors"]]
