"""What the side studies of a run say, in numbers: other demand, a stop of outside finance, squeezes by start and strength."""

from __future__ import annotations

from typing import Any

import numpy as np

from perpetuum.model.observed.odds import life_lost_by_start, life_lost_by_world, mean_with_interval, share_of, spread_of
from perpetuum.runs.study.arms import Arm
from perpetuum.runs.study.side_studies import SideStudies, Squeezes


def demand_moved(asked: Arm, beside: SideStudies) -> dict[str, Any]:
    """How many more of the same worlds have fallen with half and with twice their demand: {worlds, fallen: {arm: ...}}.

    `nothing`: neither the vendors' sales nor the state of any world in any month are others than as asked.
    """
    worlds = min(len(states.fallen) for states in beside.demand.values())
    before = (asked.states.fallen[:worlds] >= 0).astype(np.float64)
    moved = {name: mean_with_interval((states.fallen >= 0) - before) for name, states in beside.demand.items()}
    return {"worlds": worlds, "fallen": moved, "nothing": _moves_nothing(asked, beside, worlds)}


def _moves_nothing(asked: Arm, beside: SideStudies, worlds: int) -> bool:
    if beside.demand_sales.keys() != beside.demand.keys():
        return False
    sales = asked.of("vendor_revenue_sum")[:worlds]
    return all(
        np.array_equal(beside.demand_sales[name], sales) and np.array_equal(states.state, asked.states.state[:worlds])
        for name, states in beside.demand.items()
    )


def stop_test(asked: Arm, beside: SideStudies) -> dict[str, Any]:
    """Months until the first core firm cannot pay once all outside finance has stopped, and until half of the worlds fall.

    `as_asked`: the share of the same worlds that fall within these months without a stop; `more_fallen`: how many more fall with
    it, and `more_shedding` by a core firm shedding what it had signed, paired, with their intervals.
    """
    unpaid = beside.stop[beside.stop >= 0]
    told = {"never": share_of(beside.stop < 0), "watched": beside.stop_months, "fallen": share_of(beside.stop_fallen)}
    told["shedding"] = share_of(beside.stop_shed[beside.stop_fallen])
    without = asked.states.take(np.arange(len(beside.stop)))
    falls = without.life < beside.stop_months
    sheds = falls & np.char.startswith(without.cause.astype(str), "shedding:")
    told["as_asked"] = share_of(falls)
    told["more_fallen"] = mean_with_interval(beside.stop_fallen.astype(np.float64) - falls)
    told["more_shedding"] = mean_with_interval(beside.stop_shed.astype(np.float64) - sheds)
    half = int(np.sort(beside.stop_life)[(len(beside.stop_life) - 1) // 2])
    told["half_fallen"] = half if half < beside.stop_months else None
    if len(unpaid) * 2 <= len(beside.stop):
        reason = (
            f"in most worlds every core firm still pays {beside.stop_months} months after all outside finance has stopped"
        )
        nothing = dict.fromkeys(("month", "median", "low", "high"))
        return {**nothing, "reason": reason, **told}
    # Worlds in which nobody stops paying count as later than all others.
    later = np.where(beside.stop < 0, beside.stop_months, beside.stop)
    spread = spread_of(later)
    return {"month": spread["median"], **spread, **told}


def life_lost_map(squeezes: Squeezes | None) -> dict[str, Any] | None:
    """Months of life lost by start and strength, and world by world; None where none were simulated."""
    if squeezes is None:
        return None
    lives = {
        (start, strength): squeezes.life[i, j]
        for i, start in enumerate(squeezes.starts)
        for j, strength in enumerate(squeezes.strengths)
    }
    return life_lost_by_start(lives, squeezes.loose, squeezes.within) | {
        "worlds": len(squeezes.loose),
        "within": squeezes.within,
        "by_world": life_lost_by_world(lives, squeezes.loose, squeezes.within),
    }
