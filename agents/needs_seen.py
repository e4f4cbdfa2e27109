"""Needs that a builder sees: how much compute its own products and its direct customers use, and how fast that has grown."""

from __future__ import annotations

import numpy as np

from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.expectations import growth_seen, need_expected
from perpetuum.model.worlds import Floats, Stateful

#: Streams of demand of which a builder sees for itself how they grow.
SEEN = ("own", "direct")


class NeedsSeen(Stateful):
    """By stream, (worlds,) each: GW `now`, of direct customers as if none had signed since the opening, so that a contract that
    starts is not taken for demand that falls; and `growth` seen so far, log a month.
    """

    def __init__(self, p: ParameterValues):
        self.p = p
        self.now: dict[str, Floats] = {stream: np.zeros(p.worlds) for stream in SEEN}
        self.growth = {"own": p.building.own_growth.copy(), "direct": p.building.direct_growth.copy()}

    def see(self, own: Floats, direct: Floats) -> None:
        """Learn how fast both grow."""
        for stream, use in (("own", own), ("direct", direct)):
            self.growth[stream] = growth_seen(self.growth[stream], use, self.now[stream], self.p.expectations.memory_months)
            self.now[stream] = use

    def expected(self, stream: str, ahead: Floats) -> Floats:
        """GW that will be used `ahead` months from now, from the growth seen so far."""
        return self.foreseen(stream, self.now[stream], ahead)

    def foreseen(self, stream: str, now: Floats, months: Floats) -> Floats:
        """The same from what is used now, some months from now."""
        e = self.p.expectations
        return need_expected(now, self.growth[stream], e.weight, e.long_run, e.fade, months)
