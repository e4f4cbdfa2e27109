"""Prices at the bounds that the model sets them: in how many worlds the spot rent can rise, or fall, no further."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.odds import share_of
from perpetuum.model.units import BN
from perpetuum.model.worlds import Array
from perpetuum.runs.study.creditors import ends

if TYPE_CHECKING:
    from perpetuum.runs.study.arms import Answer

#: Months of a world are kept in single precision.
_NEAR = 1e-6


def rent_at_bounds(answer: Answer) -> dict[str, Any]:
    """Share of worlds whose spot rent is at its ceiling and at its floor, by date, and how many times the opening rent these are.

    {ceiling: {times, at: {date: {share, low, high}}}, floor: ...}; dates are those of the table of odds.
    """
    asked, values = answer.asked, answer.scenario.values
    per_hour = BN / (values["technology.gpus_per_gw"] * values["compute.hours"])
    rent = asked.drawn["compute_rent"].astype(np.float64)
    opening, cap, floor = (_of(asked.worlds, values, f"compute.{name}") for name in ("rent", "rent_cap", "operating_cost"))
    bounds = {"ceiling": cap * opening, "floor": floor}
    return {
        name: {
            "times": float(np.median(bound / opening)),
            "at": _shares(np.isclose(rent, per_hour * bound[:, None], rtol=_NEAR, atol=0.0), answer.dates),
        }
        for name, bound in bounds.items()
    }


def _of(worlds: Any, values: Mapping[str, Any], name: str) -> Array:
    """A parameter of every world: what it drew, or what all have (worlds,)."""
    if name in worlds.column_names:
        return np.asarray(worlds[name].to_numpy(), dtype=np.float64)
    return np.full(worlds.num_rows, float(values[name]))


def _shares(bound: Array, dates: Sequence[datetime.date]) -> dict[str, Any]:
    return {dates[month].isoformat(): share_of(bound[:, month]) for month in ends(dates)}
