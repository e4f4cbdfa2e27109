"""Opinion on AI: a Lux-type index that follows itself, prices, news, doubt, talk and commitments.

x' = x + speed [tanh(a1 x + a2 momentum + a3 news - a4 doubt + talk + commitments) - x] + noise, x in [-1, 1] (Lux 1995).
Tightening has no direct weight here: opinion reacts to prices, rounds and defaults, or the squeeze would count twice.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import DUST, equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Floats, Mask, Stateful, bounded


@equation
def rounds_remembered(remembered: float, weight: float, down_round: float, down: bool, failed: bool, limit: float) -> float:
    """min(remembered + weight (down_round where down or bridged + 1 where failed), limit).

    >>> rounds_remembered(1.0, 0.5, 0.5, True, False, 3.0), rounds_remembered(1.0, 0.5, 0.5, False, True, 3.0)
    (1.25, 1.5)
    >>> rounds_remembered(1.0, 0.5, 0.5, False, False, 3.0), rounds_remembered(2.75, 1.0, 0.5, False, True, 3.0)
    (1.0, 3.0)
    """
    return min(remembered + weight * (down_round * down + failed), limit)


@equation
def doubts(
    runway: float, raise_runway: float, cover: float, rounds: float, by_runway: float, by_cover: float, by_rounds: float
) -> float:
    """by_runway clip(1 - runway / raise_runway, 0, 1) + by_cover clip(1 - cover, 0, 1) + by_rounds x down rounds.

    >>> doubts(6.0, 12.0, 0.75, 2.0, 1.0, 1.0, 0.25), doubts(24.0, 12.0, 3.0, 2.0, 1.0, 1.0, 0.25)
    (1.25, 0.5)
    >>> doubts(-6.0, 12.0, -3.0, 0.0, 0.5, 0.25, 0.25), doubts(6.0, 0.0, 3.0, 0.0, 1.0, 1.0, 0.25)
    (0.75, 0.0)
    """
    thin = min(max(1.0 - (runway / raise_runway if raise_runway > DUST else 1.0), 0.0), 1.0)
    squeezed = min(max(1.0 - cover, 0.0), 1.0)
    return by_runway * thin + by_cover * squeezed + by_rounds * rounds


@equation
def news_in_sales(sales: float, last: float, trend: float) -> float:
    """clip(12 (sales / last - 1) - trend, -1, 1): their growth at a year's rate beyond the trend.

    >>> news_in_sales(9.0, 8.0, 1.0), news_in_sales(16.0, 8.0, 1.0), news_in_sales(4.0, 8.0, 1.0), news_in_sales(9.0, 0.0, 0.5)
    (0.5, 1.0, -1.0, -0.5)
    """
    return min(max(12.0 * ((sales / last if last > DUST else 1.0) - 1.0) - trend, -1.0), 1.0)


@equation
def beyond_average(building: float, average: float) -> float:
    """clip(building / average - 1, -1, 1).

    >>> beyond_average(6.0, 4.0), beyond_average(12.0, 4.0), beyond_average(2.0, 4.0), beyond_average(2.0, 0.0)
    (0.5, 1.0, -0.5, 0.0)
    """
    return min(max((building / average if average > DUST else 1.0) - 1.0, -1.0), 1.0)


@equation
def pull(
    sentiment: float,
    herding: float,
    momentum: float,
    momentum_weight: float,
    news: float,
    news_weight: float,
    doubt: float,
    doubt_weight: float,
    talk: float,
    commitments: float,
    commitment_weight: float,
    anchor: float,
) -> float:
    """herding x + momentum_weight m + news_weight n - doubt_weight d + talk + commitment_weight k + anchor.

    >>> pull(0.5, 1.0, 0.5, 0.5, 0.25, 2.0, 1.0, 0.5, 0.125, 0.5, 0.5, 0.25)
    1.375
    """
    result = herding * sentiment + momentum_weight * momentum + news_weight * news - doubt_weight * doubt
    return result + talk + commitment_weight * commitments + anchor


@equation
def opinion(sentiment: float, attractor: float, speed: float, noise: float, shock: float) -> float:
    """clip(x + speed (attractor - x) + noise - shock, -1, 1).

    >>> opinion(0.5, 1.0, 0.5, 0.125, 0.25), opinion(0.5, 1.0, 0.5, 3.0, 0.0), opinion(0.5, 1.0, 0.5, 0.0, 3.0)
    (0.625, 1.0, -1.0)
    """
    return min(max(sentiment + speed * (attractor - sentiment) + noise - shock, -1.0), 1.0)


@equation
def credibility_left(credibility: float, missed: float, wear: float, noticed: float) -> float:
    """clip(credibility (1 + wear (1 - 2 missed)), 0, 1) where what was missed is noticed.

    >>> credibility_left(0.5, 0.75, 0.5, 0.25), credibility_left(0.5, 0.375, 0.5, 0.25), credibility_left(0.5, 0.125, 0.5, 0.25)
    (0.375, 0.5625, 0.5)
    >>> credibility_left(1.0, 0.375, 0.5, 0.25), credibility_left(0.5, 1.0, 2.0, 0.25)
    (1.0, 0.0)
    """
    worn = wear * (1.0 - 2.0 * missed) * credibility if missed > noticed else 0.0
    return min(max(credibility + worn, 0.0), 1.0)


class Narrative(Stateful):
    """Sentiment and the credibility of those who talk it up; all attributes (worlds,)."""

    def __init__(self, p: ParameterValues, streams: Streams):
        self.p = p
        self.noise = np.ascontiguousarray(streams.monthly_normal("opinion").T)
        self.sentiment = p.narrative.sentiment.copy()
        self.opening = p.narrative.sentiment.copy()
        self.credibility = np.ones(p.worlds)
        self.doubt = np.zeros(p.worlds)
        self.talk = np.zeros(p.worlds)
        self.sales_last = np.zeros(p.worlds)  # dollars a year
        self.sales_trend = np.zeros(p.worlds) + p.narrative.opening_trend
        self.building_average = np.zeros(p.worlds)  # dollars a month
        self.down_rounds = np.zeros(p.worlds)  # remembered, fading
        n = p.narrative
        # What keeps the opening opinion at rest: the hopes already in it, not explained by this month's news.
        self.anchor = np.arctanh(bounded(self.opening, -0.999, 0.999)) - n.herding * self.opening

    def open_memories(self, sales: Floats, building: Floats) -> None:
        """What is sold (dollars a year) and built (dollars a month) at the start: as the trend had it, which is no news."""
        self.sales_last = sales / (1.0 + self.sales_trend / 12.0)
        self.building_average = building

    def hear_of_round(self, lead: bool, down: Mask, bridged: Mask, failed: Mask) -> None:
        """Rounds at a lower price, bridged and failed ones are remembered; those of the lead lab weigh most."""
        n = self.p.narrative
        weight = 1.0 if lead else n.other_labs
        self.down_rounds = rounds_remembered(self.down_rounds, weight, n.down_round, down | bridged, failed, n.round_limit)

    def forget(self) -> None:
        """Rounds fade from memory."""
        self.down_rounds = self.p.narrative.round_memory * self.down_rounds

    def doubts(self, runway: Floats, cover: Floats) -> Floats:
        """Doubt about the lead lab: a short runway (months), commitments beyond its means (ratio), rounds gone wrong."""
        n = self.p.narrative
        return doubts(
            runway,
            self.p.labs.raise_runway,
            cover,
            self.down_rounds,
            n.doubt_runway,
            n.doubt_cover,
            n.doubt_rounds,
        )

    def surprise(self, sales: Floats) -> Floats:
        """News in sales (dollars a year): their growth at a year's rate beyond the trend, which learns from it."""
        surprise = news_in_sales(sales, self.sales_last, self.sales_trend)
        self.sales_trend = self.sales_trend + self.p.narrative.trend_speed * surprise
        self.sales_last = sales
        return surprise

    def commitments(self, building: Floats) -> Floats:
        """What is built and ordered this month (dollars) against its average of the last year."""
        self.building_average = self.building_average + (building - self.building_average) / 12.0
        return beyond_average(building, self.building_average)

    def shock(self, lab_failed: Floats, cloud_failed: Floats) -> Floats:
        """How far opinion falls where the lead lab or a cloud defaults."""
        n = self.p.narrative
        return n.lab_default_shock * lab_failed + n.cloud_default_shock * cloud_failed

    def update(self, month: int, momentum: Floats, news: Floats, doubt: Floats, commitments: Floats, shock: Floats) -> None:
        """Move opinion by a month; `commitments`: beyond their average of the last year, `shock`: the fall from defaults."""
        n = self.p.narrative
        self.doubt = doubt
        missed = np.minimum(1.0, doubt / n.doubt_full)
        self.talk = n.talk_up * self.credibility * missed
        pulled = pull(
            self.sentiment,
            n.herding,
            momentum,
            n.momentum_weight,
            news,
            n.news_weight,
            doubt,
            n.doubt_weight,
            self.talk,
            commitments,
            n.commitment_weight,
            self.anchor,
        )
        self.sentiment = opinion(self.sentiment, np.tanh(pulled), n.speed, n.noise * self.noise[:, month], shock)
        self.credibility = credibility_left(self.credibility, missed, n.credibility_wear, n.doubt_noticed)
