"""Expectations of clouds: how fast direct sales and labs' needs grow, and what labs will need and have not reserved."""

from __future__ import annotations

import numpy as np

from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Floats, Stateful, bounded, share


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

    def learn_direct(self, month: int, direct: Floats) -> None:
        """Adaptive: growth' = growth + forecast_speed (clip(12 x growth of the month) - growth)."""
        c = self.p.clouds
        growth = share(direct, self.direct_last, 1.0) - 1.0 if month else np.zeros(self.p.worlds)
        learnt = bounded(12 * growth, -1.0, c.forecast_limit)
        self.direct_growth = self.direct_growth + c.forecast_speed * (learnt - self.direct_growth)
        self.direct_last = direct.copy()

    def learn_need(self, need: Floats) -> Floats:
        """Learn labs' need of the month (GW), and foresee that of `chips.plan_months` ahead."""
        c = self.p.clouds
        growth = bounded(12 * (share(need, self.lab_need, 1.0) - 1.0), -1.0, c.forecast_limit)
        self.lab_need_growth = self.lab_need_growth + c.need_speed * (growth - self.lab_need_growth)
        self.lab_need = need
        ahead = self.p.chips.plan_months
        return need * (1.0 + bounded(self.lab_need_growth, 0.0, c.need_limit) * ahead / 12)

    def see_reserved(self, foreseen: Floats, reserved: Floats) -> None:
        """What labs will need beyond what they have reserved is open to whoever builds for it."""
        self.open_need = np.maximum(foreseen - reserved, 0.0)
