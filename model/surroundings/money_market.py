"""Money and metal: the policy rate expected at the start, the market's spread, and the public's taste for gold, as they move.

Each rule is an equation for one world; rates and spreads a year, log growth a month.
"""

from __future__ import annotations

import math

import numpy as np

from perpetuum.model.equations import equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Floats, Stateful


@equation
def rate_expected(month: float, now: float, later: float, months: float, noise: float, floor: float) -> float:
    """max(later + (now - later) exp(-month / months) + noise, floor): the path that was expected at the start, and surprises.

    >>> rate_expected(0.0, 0.0625, 0.03125, 8.0, 0.0, 0.001), rate_expected(960.0, 0.0625, 0.03125, 8.0, 0.0, 0.001)
    (0.0625, 0.03125)
    >>> rate_expected(0.0, 0.0625, 0.03125, 8.0, -0.125, 0.001)
    0.001
    """
    return max(later + (now - later) * math.exp(-month / months) + noise, floor)


@equation
def log_spread(now: float, mean: float, speed: float, shock: float) -> float:
    """ln s + speed (ln mean - ln s) + shock: the market's spread comes back slowly, and has no floor at today's.

    >>> log_spread(-3.0, -2.0, 0.25, 0.5), log_spread(-3.0, -3.0, 0.25, 0.0)
    (-2.25, -3.0)
    """
    return now + speed * (mean - now) + shock


@equation
def fading(drift: float, half_life: float, long_run: float) -> float:
    """long run + (drift - long run) x 2^(-1 / half-life), log growth a month.

    >>> round(fading(0.5, 1.0, 0.0), 12), round(fading(0.5, 1.0, 0.25), 12)
    (0.25, 0.375)
    """
    return long_run + (drift - long_run) * math.exp(-math.log(2.0) / half_life)


class MoneyMarket(Stateful):
    """`rate_noise`, `log_spread`, `gold_drift` (worlds,); `gold_taste` (worlds,): the public's wish for gold, 1 at the start."""

    def __init__(self, p: ParameterValues, streams: Streams):
        self.p = p
        self.rate_draws = np.ascontiguousarray(streams.monthly_normal("policy_rate").T)
        self.spread_draws = np.ascontiguousarray(streams.monthly_normal("market_spread").T)
        self.rate_noise: Floats = np.zeros(p.worlds)
        self.log_spread: Floats = np.log(p.prices.spread)
        self.gold_drift: Floats = p.prices.gold_drift.copy()
        self.gold_taste: Floats = np.ones(p.worlds)

    def advance(self, month: int) -> None:
        """A month's surprises; nothing moves before the first month has passed, nor beyond the months that are drawn."""
        if not 0 < month < self.rate_draws.shape[1]:
            return
        m = self.p.prices
        self.rate_noise = m.rate_memory * self.rate_noise + m.rate_noise * self.rate_draws[:, month]
        shock = m.spread_noise * self.spread_draws[:, month]
        self.log_spread = log_spread(self.log_spread, np.log(m.spread_mean), m.spread_speed, shock)
        self.gold_drift = fading(self.gold_drift, m.gold_half_life, m.gold_long_run)
        self.gold_taste = self.gold_taste * np.exp(self.gold_drift)

    def policy_rate(self, month: int, base: Floats) -> Floats:
        """The policy rate before any tightening (per year)."""
        m = self.p.prices
        return np.where(m.on, rate_expected(month, base, m.rate_later, m.rate_months, self.rate_noise, m.rate_floor), base)

    def cuts_expected(self, month: int, base: Floats) -> Floats:
        """By how much the rate was expected to have fallen since the start: no news to whoever values shares (per year)."""
        m = self.p.prices
        quiet = rate_expected(month, base, m.rate_later, m.rate_months, 0.0, m.rate_floor)
        return np.where(m.on, base - quiet, 0.0)

    def spread(self) -> Floats:
        """The market's high-yield spread before any tightening (per year)."""
        return np.where(self.p.prices.on, np.exp(self.log_spread), self.p.prices.spread)
