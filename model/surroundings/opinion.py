"""Opinion on AI: a Lux-type index that follows itself, prices, news, doubt, talk and commitments.

x' = x + speed [tanh(a1 x + a2 momentum + a3 news - a4 doubt + talk + commitments) - x] + noise, x in [-1, 1] (Lux 1995).
Tightening has no direct weight here: opinion reacts to prices, rounds and defaults, or the squeeze would count twice.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Floats, Mask, Stateful, bounded, share


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
        """What was sold (dollars a year) and built (dollars a month) before the start."""
        self.sales_last = sales
        self.building_average = building

    def hear_of_round(self, lead: bool, down: Mask, bridged: Mask, failed: Mask) -> None:
        """Rounds at a lower price, bridged and failed ones are remembered; those of the lead lab weigh most."""
        n = self.p.narrative
        weight = 1.0 if lead else n.other_labs
        remembered = self.down_rounds + weight * (n.down_round * (down | bridged) + failed)
        self.down_rounds = np.minimum(remembered, n.round_limit)

    def forget(self) -> None:
        """Rounds fade from memory."""
        self.down_rounds = self.p.narrative.round_memory * self.down_rounds

    def doubts(self, runway: Floats, cover: Floats) -> Floats:
        """Doubt about the lead lab: a short runway (months), commitments beyond its means (ratio), rounds gone wrong."""
        n = self.p.narrative
        thin = bounded(1.0 - share(runway, self.p.labs.raise_runway, 1.0), 0.0, 1.0)
        squeezed = bounded(1.0 - cover, 0.0, 1.0)
        return n.doubt_runway * thin + n.doubt_cover * squeezed + n.doubt_rounds * self.down_rounds

    def surprise(self, sales: Floats) -> Floats:
        """News in sales (dollars a year): their growth at a year's rate beyond the trend, which learns from it."""
        surprise = bounded(12.0 * (share(sales, self.sales_last, 1.0) - 1.0) - self.sales_trend, -1.0, 1.0)
        self.sales_trend = self.sales_trend + self.p.narrative.trend_speed * surprise
        self.sales_last = sales
        return surprise

    def commitments(self, building: Floats) -> Floats:
        """What is built and ordered this month (dollars) against its average of the last year."""
        self.building_average = self.building_average + (building - self.building_average) / 12.0
        return bounded(share(building, self.building_average, 1.0) - 1.0, -1.0, 1.0)

    def shock(self, lab_failed: Floats, cloud_failed: Floats) -> Floats:
        """How far opinion falls where the lead lab or a cloud defaults."""
        n = self.p.narrative
        return n.lab_default_shock * lab_failed + n.cloud_default_shock * cloud_failed

    def update(self, month: int, momentum: Floats, news: Floats, doubt: Floats, commitments: Floats, shock: Floats) -> None:
        """Move opinion by a month; `commitments` is relative to the opening month's, `shock` the fall from defaults."""
        n = self.p.narrative
        self.doubt = doubt
        missed = np.minimum(1.0, doubt / n.doubt_full)
        self.talk = n.talk_up * self.credibility * missed
        pull = n.herding * self.sentiment + n.momentum_weight * momentum + n.news_weight * news - n.doubt_weight * doubt
        pull = pull + self.talk + n.commitment_weight * commitments + self.anchor
        moved = self.sentiment + n.speed * (np.tanh(pull) - self.sentiment) + n.noise * self.noise[:, month]
        self.sentiment = bounded(moved - shock, -1.0, 1.0)
        worn = n.credibility_wear * (1.0 - 2.0 * missed) * self.credibility * (missed > n.doubt_noticed)
        self.credibility = self.credibility + worn
        self.credibility = bounded(self.credibility, 0.0, 1.0)
