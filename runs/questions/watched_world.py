"""A world that is watched: whose money went where, month by month, what state it was in, and the story of it.

Which one: the falling world nearest the median date of falling, or the one in the middle. It is simulated again, alone, which
gives it bit for bit what it had in company; whoever has its series can see that it is the same world (`same_sales`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from perpetuum.model.observed.states import STATES
from perpetuum.model.worlds import Array
from perpetuum.runs.questions.causal_story import Choice, Story, tell
from perpetuum.runs.questions.world_account import attend

#: A month's payments between sectors: (from, to) to dye to $bn a month.
Flows = Mapping[tuple[str, str], Mapping[str, float]]
#: Flows of which so little passes a month are left out ($bn).
SMALLEST = 0.05


@dataclass(frozen=True)
class WatchedWorld:
    """One world, month by month: `flows` and `states` of each month judged, `revenue` (months,) of all vendors ($bn).

    `fallen`: month of its fall, -1 never.
    """

    story: Story
    flows: tuple[Flows, ...]
    states: tuple[str, ...]
    revenue: Array
    fallen: int

    def same_sales(self, revenue: Array) -> bool:
        """Whether a world whose vendors sold so much (months,) is this one; tables hold four bytes a number."""
        return len(revenue) == len(self.revenue) and bool(np.allclose(revenue, self.revenue, rtol=1e-5, atol=1e-6))


def watch(
    preset: str,
    overrides: Mapping[str, Any],
    choice: Choice,
    *,
    seed: int = 1,
    months: int | None = None,
    draws: bool = False,
) -> WatchedWorld:
    """Simulate a world again and remember every month; `draws`: with what it draws itself (raises InputError)."""
    seen: list[Flows] = []

    def remember(economy: Any) -> None:
        yearly = economy.ring_flows(window_months=1)
        monthly = {pair: {dye: bn / 12 for dye, bn in mix.items()} for pair, mix in yearly.items()}
        seen.append({pair: mix for pair, mix in monthly.items() if sum(mix.values()) >= SMALLEST})

    account = attend(preset, overrides, choice.replicate, seed=seed, months=months, draws=draws, watch=remember)
    judged = len(account.dates)
    states = tuple(STATES[one] for one in account.outcome.dates.state[0, :judged])
    return WatchedWorld(
        tell(account, choice), tuple(seen[:judged]), states, account.revenue, int(account.outcome.fallen_month[0])
    )
