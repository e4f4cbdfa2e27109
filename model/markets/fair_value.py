"""What fundamental investors think a share is worth: earnings, sentiment, rates and permanent public news.

ln V = ln V0 + a ln(E/E0) + b (x - x0) - D (r - r0) + N, with N the sum of news whose variance follows GARCH(1,1):
h' = h0 (1 - alpha - beta) + alpha e^2 + beta h (Bollerslev 1986). V is a value of the firm; per lot it is divided by lots.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Floats, Mask, Stateful, bounded, move_towards, total


class FairValue(Stateful):
    """Fair value of one listed asset (worlds,), dollars."""

    def __init__(
        self,
        p: ParameterValues,
        streams: Streams,
        name: str,
        opening: Floats,
        news: Floats,
        earnings: Floats,
        mood: Floats | None = None,
    ):
        self.p = p
        self.mood = p.valuation.sentiment_weight if mood is None else mood  # log value per unit of opinion
        self.draws = np.ascontiguousarray(streams.monthly_normal(f"news_{name}").T)
        self.opening = opening
        self.news_sd = news
        self.earnings = np.maximum(earnings, np.maximum(p.valuation.earnings_yield_floor * opening, 1.0))
        self.earnings_opening = self.earnings.copy()
        self.variance = news**2
        self.news = np.zeros(p.worlds)
        self.latest = np.zeros(p.worlds)
        self.rate_opening: Floats | None = None
        self.value = opening.copy()

    def update(self, month: int, earnings: Floats, sentiment: Floats, rate: Floats) -> None:
        """Take in a month of news and earnings (a year's rate, dollars)."""
        v = self.p.valuation
        if self.rate_opening is None:
            self.rate_opening = self.p.funding.policy_rate.copy()
        shock = np.sqrt(self.variance) * self.draws[:, month]
        beta = np.minimum(v.garch_beta, 1.0 - v.garch_alpha)  # beyond, the variance would explode
        self.variance = self.news_sd**2 * (1 - v.garch_alpha - beta) + v.garch_alpha * shock**2 + beta * self.variance
        self.latest = shock - 0.5 * self.news_sd**2
        self.news = self.news + self.latest
        # Earnings below a tenth of the opening ones are read as a tenth: what is left is hope and assets.
        floor = v.earnings_floor * self.earnings_opening
        self.earnings = move_towards(self.earnings, np.maximum(earnings, floor), v.earnings_speed)
        log_value = v.earnings_weight * np.log(self.earnings / self.earnings_opening)
        log_value = log_value + self.mood * (sentiment - self.p.narrative.sentiment)
        log_value = log_value - v.duration * (rate - self.rate_opening) + self.news
        self.value = self.opening * np.exp(np.ascontiguousarray(log_value))

    def restart(self, failed: Mask) -> None:
        """After a restructuring the firm's value starts again from its new owners' book value."""
        self.news = np.where(failed, 0.0, self.news)
        self.earnings = np.where(failed, self.earnings_opening, self.earnings)
        self.value = np.where(failed, self.opening, self.value)


def comparables(p: ParameterValues, shares: Sequence[FairValue], index: Floats) -> Floats:
    """Listed AI shares' price over what their earnings alone explain: what a lab's multiple is compared with.

    index x sum V0 / sum V0 (E/E0)^a, within bounds; `index`: price index of the shares, 1 at the start.
    """
    v = p.venture
    caps = [value.opening for value in shares]
    earned = total(
        cap * (value.earnings / value.earnings_opening) ** p.valuation.earnings_weight
        for cap, value in zip(caps, shares, strict=True)
    )
    return bounded(index * total(caps) / earned, v.comparables_low, v.comparables_high)
