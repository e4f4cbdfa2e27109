"""Funding conditions: the tightening index theta and what it does, channel by channel, each once.

theta(t) = tau clip((t - start + 1)/ramp, 0, 1) until start + ramp + hold, then back to 0 over `release` months.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Array, Floats, Stateful, bounded


class FundingConditions(Stateful):
    """Rates, margin rule, venture drought and covenants of the month; every attribute is (worlds,)."""

    def __init__(self, p: ParameterValues, forced_rate: tuple[float, ...] = ()):
        self.p = p
        self.forced_rate = forced_rate
        zero = np.zeros(p.worlds)
        self.theta: Floats = zero.copy()
        self.steered: Floats = zero.copy()  # 1 where a lever has replaced the schedule
        self.level_before: Floats = zero.copy()
        self.moved_at: Floats = zero.copy()
        self.policy_rate: Floats = p.funding.policy_rate.copy()

    def schedule(self, month: int | Array) -> Floats:
        """The scheduled tightening index of a month (worlds,)."""
        f = self.p.funding
        rise = bounded((month - f.start_month + 1) / f.ramp_months, 0.0, 1.0)
        released = bounded((month - f.start_month - f.ramp_months - f.hold_months + 1) / f.release_months, 0.0, 1.0)
        return f.tightening * rise * (1.0 - released)

    def steer(self, worlds: Floats, month: int) -> None:
        """A lever was moved before `month`: from then on theta ramps to the new level and stays there."""
        self.level_before = np.where(worlds, self.theta, self.level_before)
        self.moved_at = np.where(worlds, month, self.moved_at)
        self.steered = np.where(worlds, 1.0, self.steered)

    def level(self, month: int | Array) -> Floats:
        """The tightening index of a month as things stand: scheduled, or where a lever has moved it (worlds,).

        Of several months, given as a column, (months, worlds).
        """
        f = self.p.funding
        ramped = bounded((month - self.moved_at + 1) / f.ramp_months, 0.0, 1.0)
        steered = self.level_before + (f.tightening - self.level_before) * ramped
        return np.where(self.steered > 0, steered, self.schedule(month))

    def margin_requirement(self) -> Floats:
        """Initial margin on listed shares."""
        return self.p.funding.margin + self.margin_rise

    def update(self, month: int) -> None:
        """Set this month's conditions."""
        f = self.p.funding
        self.theta = self.level(month)
        base = f.policy_rate
        if self.forced_rate:
            base = np.full(self.p.worlds, self.forced_rate[min(month, len(self.forced_rate) - 1)])
        self.policy_rate = base + f.rate_rise * f.channel_rate * self.theta
        self.venture = 1.0 - f.channel_venture * self.theta
        self.margin_rise = f.margin_rise * f.channel_margin * self.theta
        loan_to_value = self.p.credit.loan_to_value - f.collateral_fall * f.channel_collateral * self.theta
        self.loan_to_value = np.maximum(loan_to_value, 0.0)
        leverage_limit = self.p.credit.leverage_limit - f.leverage_fall * f.channel_covenants * self.theta
        self.leverage_limit = np.maximum(leverage_limit, 0.0)
        self.spread_rise = f.spread_rise * f.channel_spreads * self.theta
        self.valuation = 1.0 - f.valuation_fall * f.channel_valuation * self.theta
        self.capex = 1.0 - f.capex_fall * f.channel_capex * self.theta
