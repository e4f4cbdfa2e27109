"""Series of shells and power: what is energised, and what is finished and waits for power."""

from __future__ import annotations

import numpy as np

from perpetuum.model.observed.measured_economy import MeasuredEconomy
from perpetuum.model.observed.series import gw_in_service, series
from perpetuum.model.worlds import Floats, total


@series("GW", en=("shells", "Buildings with power."), zh=("机房", "已通电的机房。"), collected=False)
def shells(e: MeasuredEconomy) -> Floats:
    """GW of all clouds' shells with power; where shells come with chips (`power.on` off), chips in service."""
    return np.where(e.shells.on, total(e.shells.energised), gw_in_service(e))


@series("GW", en=("no power", "Shells that wait for power."), zh=("待电", "等待通电的机房。"), collected=False)
def gw_waiting_for_power(e: MeasuredEconomy) -> Floats:
    """GW of all clouds' finished shells that got no power this month, and wait."""
    return total(e.shells.without_power)
