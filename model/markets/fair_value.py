"""What fundamental investors think a share is worth: earnings, sentiment, rates and permanent public news.

ln V = ln V0 + a ln(E/E0) + b (x - x0) - D (r - r0) + N, with N the sum of news whose variance follows GARCH(1,1):
h' = h0 (1 - alpha - beta) + alpha e^2 + beta h (Bollerslev 1986). V is a value of the firm; per lot it is divided by lots.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.equations import DUST, equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Dollars, Floats, Mask, Stateful, bounded, share, total

#: Dollars that a listed firm is worth at least.
LEAST_VALUE = 1e6


@equation
def variance_of_news(variance: float, usual: float, shock: float, alpha: float, beta: float) -> float:
    """usual^2 (1 - alpha - b) + alpha shock^2 + b variance (Bollerslev 1986), b = min(beta, 1 - alpha): beyond, it would
    explode. `usual` is a standard deviation.

    >>> variance_of_news(8.0, 2.0, 4.0, 0.25, 0.5), variance_of_news(8.0, 2.0, 4.0, 0.25, 3.0)
    (9.0, 10.0)
    """
    kept = min(beta, 1.0 - alpha)
    return usual * usual * (1.0 - alpha - kept) + alpha * (shock * shock) + kept * variance


@equation
def earnings_counted(counted: float, earnings: float, opening: float, floor: float, speed: float) -> float:
    """counted + speed (max(earnings, floor x opening) - counted), dollars a year.

    Earnings below a tenth of the opening ones are read as a tenth: what is left is hope and assets.

    >>> earnings_counted(10.0, 20.0, 8.0, 0.25, 0.5), earnings_counted(10.0, -20.0, 8.0, 0.25, 0.5)
    (15.0, 6.0)
    """
    return counted + speed * (max(earnings, floor * opening) - counted)


@equation
def log_value(
    log_earnings: float,
    earnings_weight: float,
    mood: float,
    sentiment: float,
    opening_sentiment: float,
    duration: float,
    rate: float,
    opening_rate: float,
    news: float,
) -> float:
    """earnings_weight ln(E/E0) + mood (x - x0) - duration (r - r0) + sum of news: ln of value against the opening one.

    >>> log_value(1.0, 0.5, 2.0, 0.25, 0.25, 8.0, 0.25, 0.25, 0.125), log_value(1.0, 0.5, 2.0, 0.75, 0.25, 8.0, 0.5, 0.25, 0.125)
    (0.625, -0.375)
    """
    result = earnings_weight * log_earnings
    result = result + mood * (sentiment - opening_sentiment)
    return result - duration * (rate - opening_rate) + news


@equation
def opening_after_issue(opening: float, issued: float, value: float) -> float:
    """max(opening x (1 + issued / value), $1m): new lots bring their price into the firm.

    >>> opening_after_issue(8e6, 1e6, 4e6), opening_after_issue(8e6, 1e6, 0.0), opening_after_issue(8.0, 0.0, 8.0)
    (10000000.0, 8000000.0, 1000000.0)
    """
    return max(opening * (1.0 + (issued / value if value > DUST else 0.0)), LEAST_VALUE)


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
        self.earnings = np.maximum(earnings, self._least_earnings())
        self.earnings_opening = self.earnings.copy()
        self.variance = news**2
        self.news = np.zeros(p.worlds)
        self.latest = np.zeros(p.worlds)
        self.conditions = np.zeros(p.worlds)  # log value that opinion and rates add to the opening's
        self.rate_opening: Floats | None = None
        self.value = opening.copy()

    def _least_earnings(self) -> Floats:
        """What earnings are measured against at least (dollars a year)."""
        return np.maximum(self.p.valuation.earnings_yield_floor * self.opening, 1.0)

    def update(self, month: int, earnings: Floats, sentiment: Floats, rate: Floats, drift: Floats | None = None) -> None:
        """Take in a month of news, earnings (a year's rate, dollars) and drift (log growth a month)."""
        v = self.p.valuation
        if self.rate_opening is None:
            self.rate_opening = self.p.funding.policy_rate.copy()
        shock = np.sqrt(self.variance) * self.draws[:, month]
        self.variance = variance_of_news(self.variance, self.news_sd, shock, v.garch_alpha, v.garch_beta)
        self.latest = shock - 0.5 * self.news_sd**2
        self.news = self.news + self.latest if drift is None else self.news + self.latest + drift
        self.earnings = earnings_counted(self.earnings, earnings, self.earnings_opening, v.earnings_floor, v.earnings_speed)
        against_opening = log_value(
            np.log(self.earnings / self.earnings_opening),
            v.earnings_weight,
            self.mood,
            sentiment,
            self.p.narrative.sentiment,
            v.duration,
            rate,
            self.rate_opening,
            self.news,
        )
        self.value = self.opening * np.exp(np.ascontiguousarray(against_opening))
        # What opinion and rates add, of today: a value that starts again holds it already.
        self.conditions = self.mood * (sentiment - self.p.narrative.sentiment) - v.duration * (rate - self.rate_opening)

    def count_issue(self, issued: Floats) -> None:
        """New lots (dollars) bring their price into the firm.

        What retires lots is paid out of earnings, which fair value counts as they come in and never as cash: a buyback
        leaves the whole as it is, for fewer lots.
        """
        before = self.opening
        self.opening = opening_after_issue(before, issued, self.value)
        self.value = self.value * share(self.opening, before, 1.0)

    def restart(self, failed: Mask, book_value: Dollars) -> None:
        """After a restructuring the firm's value starts again from its new owners' book value (dollars), which is what it is
        worth with today's earnings, opinion and rates.
        """
        self.opening = np.where(failed, np.maximum(book_value, LEAST_VALUE), self.opening)
        self.news = np.where(failed, -self.conditions, self.news)
        self.earnings = np.where(failed, np.maximum(self.earnings, self._least_earnings()), self.earnings)
        self.earnings_opening = np.where(failed, self.earnings, self.earnings_opening)
        self.value = np.where(failed, self.opening, self.value)


def comparables(p: ParameterValues, shares: Sequence[FairValue], index: Floats) -> Floats:
    """Listed AI shares' price over what their earnings alone explain: what a lab's multiple is compared with.

    index x sum V0 / sum V0 (E/E0)^a, within bounds; `index`: price index of the shares, 1 at the start.
    """
    v = p.venture
    caps = [value.opening for value in shares]
    earned = total(
        [
            cap * (value.earnings / value.earnings_opening) ** p.valuation.earnings_weight
            for cap, value in zip(caps, shares, strict=True)
        ]
    )
    return bounded(index * total(caps) / earned, v.comparables_low, v.comparables_high)
