"""All series that can be asked for, whichever file declares them, by name: who only names them loads no simulator."""

from __future__ import annotations

import perpetuum.model.observed.fragility_series
import perpetuum.model.observed.landlord_series
import perpetuum.model.observed.outside_series
import perpetuum.model.observed.payment_series
import perpetuum.model.observed.power_series  # noqa: F401  each declares its own, and their order is that of the columns
from perpetuum.model.observed.declaration import MEASURES, SERIES

__all__ = ["MEASURES", "SERIES"]
