"""Expectations of clouds: how fast direct sales and labs' needs grow, and what labs will need and have not reserved."""

from __future__ import annotations

import math

import numpy as np

from perpetuum.model.equations import DUST, equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Floats, Stateful

#: Log growth over a lead time that nobody plans beyond, down and up.
LOWEST, HIGHEST = -1.0, 2.5
#: First month in which sales of the month before can have grown: those of the first are the opening's.
FIRST_GROWTH = 2


@equation
def growth_learnt(expected: float, now: float, before: float, limit: float, speed: float) -> float:
    """expected + speed (clip(12 (now / before - 1), -1, limit) - expected), per year: the month's growth is learnt slowly.

    >>> [growth_learnt(0.5, now, 8.0, 4.0, 0.5) for now in (9.0, 16.0, 4.0)]
    [1.0, 2.25, -0.25]
    >>> growth_learnt(0.5, 9.0, 0.0, 4.0, 0.5)
    0.25
    """
    growth = 12.0 * ((now / before if before > DUST else 1.0) - 1.0)
    return expected + speed * (min(max(growth, -1.0), limit) - expected)


@equation
def need_ahead(need: float, growth: float, limit: float, months: float) -> float:
    """need x (1 + clip(growth, 0, limit) months / 12), GW.

    >>> [need_ahead(8.0, growth, 2.0, 6.0) for growth in (0.5, 5.0, -0.5)]
    [10.0, 16.0, 8.0]
    """
    return need * (1.0 + min(max(growth, 0.0), limit) * months / 12)


@equation
def growth_seen(smoothed: float, now: float, before: float, months: float) -> float:
    """smoothed + (ln(now / before) - smoothed) / months, log growth a month: what is seen of a quantity that grows.

    >>> growth_seen(0.5, 8.0, 8.0, 4.0), growth_seen(0.5, 8.0, 0.0, 4.0)
    (0.375, 0.5)
    """
    if now <= DUST or before <= DUST:
        return smoothed
    return smoothed + (math.log(now / before) - smoothed) / months


@equation
def growth_expected(seen: float, weight: float, long_run: float) -> float:
    """(1 - weight) long run + weight x seen, log growth a month: firms extrapolate, and doubt (Bordalo and others 2018).

    >>> growth_expected(0.0625, 0.75, 0.0125), growth_expected(0.0625, 0.0, 0.0125)
    (0.05, 0.0125)
    """
    return (1.0 - weight) * long_run + weight * seen


@equation
def growth_ahead(expected: float, fade: float, months: float) -> float:
    """expected x (1 - exp(-fade x months)) / fade, log growth over a horizon: what is extrapolated fades on the way.

    >>> growth_ahead(0.05, 0.0, 12.0), round(growth_ahead(0.05, 0.05, 12.0), 4), round(growth_ahead(0.05, 0.05, 600.0), 4)
    (0.6000000000000001, 0.4512, 1.0)
    """
    return expected * (months if fade <= DUST else (1.0 - math.exp(-fade * months)) / fade)


@equation
def need_expected(need: float, seen: float, weight: float, long_run: float, fade: float, months: float) -> float:
    """need x exp(clip(G, -1, 2.5)), GW some months from now; G = `growth_ahead` over them of `growth_expected`.

    >>> need_expected(8.0, 0.0, 1.0, 0.0, 0.0, 12.0), round(need_expected(8.0, 0.0625, 1.0, 0.5, 0.0, 8.0), 4)
    (8.0, 13.1898)
    >>> round(need_expected(8.0, 0.0625, 0.75, 0.0125, 0.05, 12.0), 4), round(8.0 * math.exp(growth_ahead(0.05, 0.05, 12.0)), 4)
    (12.5614, 12.5614)
    >>> [need_expected(8.0, seen, 1.0, 0.0, 0.0, 1.0) == 8.0 * math.exp(most) for seen, most in ((9.0, 2.5), (-9.0, -1.0))]
    [True, True]
    """
    expected = (1.0 - weight) * long_run + weight * seen
    ahead = expected * (months if fade <= DUST else (1.0 - math.exp(-fade * months)) / fade)
    return need * math.exp(min(max(ahead, LOWEST), HIGHEST))


class Expectations(Stateful):
    """What has been learnt so far, (worlds,) each: growth rates a year, needs in GW, sales in dollars a year."""

    def __init__(self, p: ParameterValues):
        self.p = p
        zero = np.zeros(p.worlds)
        self.direct_growth: Floats = zero + p.clouds.opening_growth
        self.direct_last: Floats = p.demand.direct.copy()
        self.lab_need: Floats = zero.copy()
        self.lab_need_growth: Floats = zero + p.clouds.opening_growth
        self.open_need: Floats = zero.copy()
        self.lab_growth: Floats = p.building.lab_growth.copy()  # of labs' needs as seen, log growth a month
        self.labs_before: Floats = zero.copy()  # GW, last month's
        self.lead_time: Floats = zero.copy()  # months until what is ordered now is in service
        self.kept_then: Floats = zero + 1.0  # part of today's chips that is in service then
        self.open_need_then: Floats = zero.copy()  # GW that labs will need then and have not reserved

    def learn_direct(self, month: int, direct: Floats) -> None:
        """Adaptive: the growth of direct sales (dollars a year) since last month, once there has been any (`FIRST_GROWTH`)."""
        c = self.p.clouds
        if month >= FIRST_GROWTH:
            self.direct_growth = growth_learnt(
                self.direct_growth, direct, self.direct_last, c.forecast_limit, c.forecast_speed
            )
        self.direct_last = direct.copy()

    def learn_need(self, month: int, need: Floats) -> Floats:
        """Learn labs' need of the month (GW), and foresee that of `chips.plan_months` ahead."""
        c = self.p.clouds
        if month >= FIRST_GROWTH:
            self.lab_need_growth = growth_learnt(self.lab_need_growth, need, self.lab_need, c.forecast_limit, c.need_speed)
        self.lab_need = need
        return need_ahead(need, self.lab_need_growth, c.need_limit, self.p.chips.plan_months)

    def see_reserved(self, foreseen: Floats, reserved: Floats) -> None:
        """What labs will need beyond what they have reserved is open to whoever builds for it."""
        self.open_need = np.maximum(foreseen - reserved, 0.0)

    def look_to_delivery(self, need: Floats, lead_time: Floats) -> Floats:
        """Labs' need (GW) when what is ordered now arrives, `lead_time` months on, from the growth of it seen so far."""
        self.lab_growth = growth_seen(self.lab_growth, need, self.labs_before, self.p.expectations.memory_months)
        self.labs_before = need.copy()
        self.lead_time = lead_time
        self.kept_then = (1.0 - self.p.technology.decay) ** lead_time
        return self.labs_will_need(lead_time)

    def labs_will_need(self, ahead: Floats) -> Floats:
        """Labs' need (GW) `ahead` months from now."""
        e = self.p.expectations
        return need_expected(self.labs_before, self.lab_growth, e.weight, e.long_run, e.fade, ahead)

    def see_reserved_then(self, foreseen: Floats, reserved: Floats) -> None:
        """What labs will need by then beyond what they have reserved is open to whoever builds for it."""
        self.open_need_then = np.maximum(foreseen - reserved, 0.0)
