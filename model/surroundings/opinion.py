"""Opinion on AI: a Lux-type index that follows itself, prices, news, doubt, talk and commitments.

x' = x + speed [tanh(a1 x + a2 momentum + a3 news - a4 doubt + talk + commitments) - x] + noise, x in [-1, 1] (Lux 1995).
Tightening has no direct weight here: opinion reacts to prices, rounds and defaults, or the squeeze would count twice.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Floats, Stateful, bounded


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
        n = p.narrative
        # What keeps the opening opinion at rest: the hopes already in it, not explained by this month's news.
        self.anchor = np.arctanh(bounded(self.opening, -0.999, 0.999)) - n.herding * self.opening

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
