"""Funding conditions: the tightening index theta and what it does, channel by channel, each once.

theta(t) = tau clip((t - start + 1)/ramp, 0, 1) until start + ramp + hold, then back to 0 over `release` months. A channel may
stay for a time of its own (`funding.hold_<channel>`), and its strength may be negative: policy rates are cut in some squeezes.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.money_market import MoneyMarket
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Array, Floats, Stateful, anywhere

#: Ways in which funding tightens: each has a weight `funding.channel_<name>` and a time of its own `funding.hold_<name>`.
CHANNELS = ("rate", "venture", "margin", "collateral", "covenants", "spreads", "valuation", "capex")


@equation
def scheduled(month: float, tightening: float, start: float, ramp: float, hold: float, release: float) -> float:
    """tightening x clip((t - start + 1) / ramp, 0, 1) x (1 - clip((t - start - ramp - hold + 1) / release, 0, 1)).

    From month 6 on over 4 months to 0.5, there for 8 more, and back over 4:

    >>> [scheduled(month, 0.5, 6.0, 4.0, 8.0, 4.0) for month in (5.0, 6.0, 9.0, 12.0, 17.0, 18.0, 21.0, 30.0)]
    [0.0, 0.125, 0.5, 0.5, 0.5, 0.375, 0.0, 0.0]
    """
    rise = min(max((month - start + 1.0) / ramp, 0.0), 1.0)
    released = min(max((month - start - ramp - hold + 1.0) / release, 0.0), 1.0)
    return tightening * rise * (1.0 - released)


@equation
def steered(month: float, before: float, tightening: float, moved_at: float, ramp: float) -> float:
    """before + (tightening - before) clip((t - moved_at + 1) / ramp, 0, 1): where a lever was moved before month moved_at.

    >>> [steered(month, 0.25, 0.75, 6.0, 4.0) for month in (5.0, 6.0, 9.0, 20.0)]
    [0.25, 0.375, 0.75, 0.75]
    """
    return before + (tightening - before) * min(max((month - moved_at + 1.0) / ramp, 0.0), 1.0)


@equation
def rate_move(rise: float, channel: float, tightening: float, before: float, floor: float) -> float:
    """max(rise x channel x theta, (floor - before)-), per year: a cut (rise < 0) stops where the policy rate is at its floor.

    From 4 %: up by 3 points, down by 2, and down by 5 as far as zero.

    >>> [rate_move(rise, 1.0, 1.0, 0.04, 0.0) for rise in (0.03, -0.02, -0.05)]
    [0.03, -0.02, -0.04]
    """
    return max(rise * channel * tightening, min(floor - before, 0.0))


@equation
def limit_left(limit: float, fall: float, channel: float, tightening: float) -> float:
    """(limit - fall x channel x theta)+.

    >>> limit_left(0.75, 0.5, 1.0, 0.5), limit_left(0.75, 0.5, 4.0, 0.5)
    (0.5, 0.0)
    """
    return max(limit - fall * channel * tightening, 0.0)


class FundingConditions(Stateful):
    """Rates, margin rule, venture drought and covenants of the month; every attribute is (worlds,)."""

    def __init__(self, p: ParameterValues, streams: Streams, forced_rate: tuple[float, ...] = ()):
        self.p = p
        self.money = MoneyMarket(p, streams)
        self.forced_rate = forced_rate
        zero = np.zeros(p.worlds)
        self.theta: Floats = zero.copy()
        self.steered: Floats = zero.copy()  # 1 where a lever has replaced the schedule
        self.level_before: Floats = zero.copy()
        self.moved_at: Floats = zero.copy()
        self.policy_rate: Floats = p.funding.policy_rate.copy()
        self.rate_news: Floats = p.funding.policy_rate.copy()  # without the cuts that were expected at the start
        self.market_spread: Floats = p.prices.spread.copy()  # of high-yield debt, per year
        self.open: Floats = np.ones(p.worlds)  # 0 from the month on in which all outside finance stops

    def schedule(self, month: int | Array) -> Floats:
        """The scheduled tightening index of a month (worlds,)."""
        f = self.p.funding
        return scheduled(month, f.tightening, f.start_month, f.ramp_months, f.hold_months, f.release_months)

    def steer(self, worlds: Floats, month: int) -> None:
        """A lever was moved before `month`: from then on theta ramps to the new level and stays there."""
        self.level_before = np.where(worlds, self.theta, self.level_before)
        self.moved_at = np.where(worlds, month, self.moved_at)
        self.steered = np.where(worlds, 1.0, self.steered)

    def level(self, month: int | Array) -> Floats:
        """The tightening index of a month as things stand: scheduled, or where a lever has moved it (worlds,).

        Of several months, given as a column, (months, worlds).
        """
        return self._as_things_stand(month, self.schedule(month))

    def levels(self, month: int) -> dict[str, Floats]:
        """The index by channel, each (worlds,): those with a time of their own ease when that is over."""
        f = self.p.funding
        own = np.array([getattr(f, f"hold_{name}") for name in CHANNELS])
        hold = np.where(own < 0, f.hold_months, own)
        planned = scheduled(month, f.tightening, f.start_month, f.ramp_months, hold, f.release_months)
        return dict(zip(CHANNELS, self._as_things_stand(month, planned), strict=True))

    def _as_things_stand(self, month: int | Array, planned: Floats) -> Floats:
        """What is planned, or where a lever has moved the index since then."""
        f = self.p.funding
        moved = steered(month, self.level_before, f.tightening, self.moved_at, f.ramp_months)
        return np.where(self.steered > 0, moved, planned)

    def gold_drift(self) -> Floats | None:
        """Log growth of the wish for gold this month, where prices move by themselves."""
        return self.p.prices.on * self.money.gold_drift if anywhere(self.p.prices.on) else None

    def margin_requirement(self) -> Floats:
        """Initial margin on listed shares."""
        return self.p.funding.margin + self.margin_rise

    def update(self, month: int) -> None:
        """Set this month's conditions."""
        f = self.p.funding
        self.theta = self.level(month)
        theta = self.levels(month)
        self.open = np.where((f.stop_month >= 0) & (month >= f.stop_month), 0.0, 1.0)
        self.money.advance(month)
        base = self.money.policy_rate(month, f.policy_rate)
        if self.forced_rate:
            base = np.full(self.p.worlds, self.forced_rate[min(month, len(self.forced_rate) - 1)])
        self.policy_rate = base + rate_move(f.rate_rise, f.channel_rate, theta["rate"], base, f.rate_floor)
        cuts = np.zeros(self.p.worlds) if self.forced_rate else self.money.cuts_expected(month, f.policy_rate)
        self.rate_news = self.policy_rate + cuts
        self.venture = 1.0 - f.channel_venture * theta["venture"]
        self.margin_rise = f.margin_rise * f.channel_margin * theta["margin"]
        c = self.p.credit
        self.loan_to_value = limit_left(c.loan_to_value, f.collateral_fall, f.channel_collateral, theta["collateral"])
        self.leverage_limit = limit_left(c.leverage_limit, f.leverage_fall, f.channel_covenants, theta["covenants"])
        self.spread_rise = f.spread_rise * f.channel_spreads * theta["spreads"]
        self.market_spread = self.money.spread() + self.spread_rise
        self.not_refinanced = f.channel_rollover * theta["spreads"]
        self.graded_spread_rise = self.spread_rise * f.graded_share
        self.lending = limit_left(1.0, f.lending_fall, f.channel_spreads, theta["spreads"])
        self.valuation = 1.0 - f.valuation_fall * f.channel_valuation * theta["valuation"]
        self.capex = 1.0 - f.capex_fall * f.channel_capex * theta["capex"]
