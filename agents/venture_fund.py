"""Venture and private funds: dry powder, appetite, and inflow that chases realised returns."""

from __future__ import annotations

import mesa

from perpetuum.agents.base import Institution
from perpetuum.model.equations import DUST, equation
from perpetuum.model.parameters.groups import FundFigures
from perpetuum.model.scenario import AgentSpec
from perpetuum.model.views import FundView
from perpetuum.model.worlds import Array, Floats


@equation
def mood_of_backers(
    sentiment: float, floor: float, base: float, chasing: float, realised: float, low: float, high: float
) -> float:
    """(max(floor, base + x) + chasing x clip(realised return, low, high))+: 1 where backers neither hurry nor doubt.

    >>> mood_of_backers(0.5, 0.25, 0.5, 0.5, 0.5, -0.5, 1.0), mood_of_backers(0.5, 0.25, 0.5, 0.5, 3.0, -0.5, 1.0)
    (1.25, 1.5)
    >>> mood_of_backers(-0.5, 0.25, 0.5, 0.5, 0.0, -0.5, 1.0), mood_of_backers(-0.5, 0.25, 0.5, 1.0, -0.75, -0.5, 1.0)
    (0.25, 0.0)
    """
    return max(max(floor, base + sentiment) + chasing * min(max(realised, low), high), 0.0)


@equation
def money_for_funds(usual: float, part: float, channel: float, mood: float, cash: float, powder_limit: float) -> float:
    """usual x part x venture channel x mood x clip(2 - cash / (powder_limit x part), 0, 1), dollars a month: backers commit
    less while what they gave before lies idle.

    >>> [money_for_funds(8.0, 0.5, 0.75, 1.0, cash, 40.0) for cash in (10.0, 30.0, 50.0)]
    [3.0, 1.5, 0.0]
    >>> money_for_funds(8.0, 0.0, 0.75, 1.0, 10.0, 40.0)
    0.0
    """
    most = powder_limit * part
    idle = cash / most if most > DUST else 0.0
    return usual * part * channel * mood * min(max(2.0 - idle, 0.0), 1.0)


@equation
def offered(
    cash: float,
    offer_share: float,
    channel: float,
    eagerness: float,
    by_opinion: float,
    sentiment: float,
    bargain: float,
    discount: float,
) -> float:
    """offer_share x cash x venture channel x min((eagerness + by_opinion x + bargain x price cut)+, 1), dollars a month.

    >>> [offered(80.0, 0.25, 0.5, 0.5, 0.5, sentiment, 1.0, 0.0) for sentiment in (0.0, 0.5, -1.5)]
    [5.0, 7.5, 0.0]
    >>> offered(80.0, 0.25, 0.5, 0.5, 0.5, 0.0, 1.0, 0.25), offered(80.0, 0.25, 0.5, 0.5, 0.5, 1.0, 1.0, 0.25)
    (7.5, 10.0)
    """
    eager = max(0.0, eagerness + by_opinion * sentiment + bargain * discount)
    return offer_share * cash * channel * min(eager, 1.0)


@equation
def gain_at_round(worth: float, gain: float, most: float, closed: float) -> float:
    """worth x clip(gain, -1, most), dollars: what a lab's shares gained at a round that closed; else nothing.

    >>> gain_at_round(8.0, 0.5, 2.0, 1.0), gain_at_round(8.0, 4.0, 2.0, 1.0), gain_at_round(8.0, -3.0, 2.0, 1.0)
    (4.0, 16.0, -8.0)
    >>> gain_at_round(8.0, 4.0, 2.0, 0.0)
    0.0
    """
    return worth * min(max(gain, -1.0), most) * closed


@equation
def return_remembered(realised: float, gain: float, worth: float, speed: float) -> float:
    """realised + speed (12 x gain / worth - realised), per year: once a month, what rounds brought on all labs' shares.

    >>> return_remembered(0.5, 1.0, 8.0, 0.5), return_remembered(0.5, 0.0, 8.0, 0.5), return_remembered(0.5, 1.0, 0.0, 0.5)
    (1.0, 0.25, 0.25)
    """
    return realised + speed * ((12.0 * gain / worth if worth > DUST else 0.0) - realised)


class VentureFund(Institution):
    """A fund. `realised` (worlds,): return realised at rounds that closed, smoothed, per year."""

    view: FundView
    figures: FundFigures

    def __init__(self, model: mesa.Model, spec: AgentSpec, view: FundView):
        super().__init__(model, spec, view)
        self.realised = self.constant()

    def inflow(self) -> Floats:
        """Backers' money this month: it goes with opinion and realised returns (dollars)."""
        v, x, part = self.p.venture, self.view.narrative.sentiment, self.figures.inflow_share
        mood = mood_of_backers(x, v.inflow_floor, v.inflow_base, v.chasing, self.realised, v.return_low, v.return_high)
        return money_for_funds(v.inflow, part, self.view.funding.venture, mood, self.cash, v.powder_limit)

    def appetite(self, discount: Floats) -> Floats:
        """Dollars offered over all rounds this month, at a cut in price."""
        v, x = self.p.venture, self.view.narrative.sentiment
        return offered(
            self.cash,
            v.offer_share,
            self.view.funding.venture * self.view.funding.open,
            v.eagerness,
            v.eagerness_opinion,
            x,
            v.bargain,
            discount,
        )

    def see_rounds(self, worth: Floats, gain: Floats, closed: Floats) -> None:
        """Remember what the month's rounds, (labs, worlds) each, brought: shares' worth before (dollars), the gain over the round
        before (a share), and whether it closed. Without rounds the memory fades.
        """
        v = self.p.venture
        gained = gain_at_round(worth, gain, v.gain_counted, closed).sum(axis=0)
        self.realised = return_remembered(self.realised, gained, worth.sum(axis=0), 1.0 / v.return_months)

    def distribution(self, received: Array) -> Floats:
        """Part of dividends and sales passed on to backers (dollars)."""
        return self.p.venture.distribution_share * received
