"""Measures of a world: what its row in the table of worlds says of its fate beside the parameters it was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.worlds import Array, share

if TYPE_CHECKING:
    from perpetuum.model.observed.outcome import Outcome


#: What is measured of the sales of every world.
SALES = ("vendor_revenue", "vendor_revenue_net")
#: Measures of circularity, averaged over the run with the vendors' revenue as weight.
RINGS = ("own_money_share", "own_money_share_low", "own_money_share_high", "in_system_share", "non_customer_share")
#: Beside these: rent and chips in service are among what remains.
KEPT = (*SALES, *RINGS, "compute_rent", "gw_in_service")


def measured(series: Mapping[str, Array], events: Mapping[str, Array]) -> dict[str, Array]:
    """Measures of each world over the whole run: circularity weighted by revenue, and sums ($bn); name to (worlds,)."""
    revenue = np.asarray(series["vendor_revenue"], dtype=np.float64)
    measures = {name: _weighted(np.asarray(series[name]), revenue) for name in RINGS}
    measures["vendor_revenue_sum"] = revenue.sum(axis=1)
    measures["outside_financing_sum"] = np.asarray(events["outside_financing"]).sum(axis=1)
    net = np.asarray(series["vendor_revenue_net"], dtype=np.float64)
    measures["vendor_finance_sum"] = revenue.sum(axis=1) - net.sum(axis=1)
    return measures


def _weighted(values: Array, weights: Array) -> Array:
    return share((values * weights).sum(axis=1), weights.sum(axis=1))


def verdict_columns(outcome: Outcome, measures: Mapping[str, Any], reckoning: Mapping[str, Any]) -> dict[str, Any]:
    """What a row of worlds.parquet says of a world's fate: the verdict, then the metrics; name to (worlds,)."""
    columns = {
        "state": outcome.state,
        "fallen_month": outcome.fallen_month.astype(np.int32),
        "alone_month": outcome.alone_month.astype(np.int32),
        "cause": outcome.cause,
        "life": outcome.life.astype(np.int32),
        "outcome": outcome.state,
        "first_domino": outcome.first_domino,
        "first_default_month": outcome.first_default_month.astype(np.int32),
    }
    metrics = {**outcome.metrics, **measures, **{f"reckoning:{name}": values for name, values in reckoning.items()}}
    return columns | {name: np.asarray(values, dtype=np.float64) for name, values in metrics.items()}
