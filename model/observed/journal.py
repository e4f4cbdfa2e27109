"""The journal of a batch: what happened in which world and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from perpetuum.model.observed.events import Event, EventCause, EventKind
from perpetuum.model.units import BN
from perpetuum.model.worlds import Array, Mask, Stateful, anywhere


class Journal(Stateful):
    """The events of a batch, oldest first; worlds are numbered as in the batch."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def note(
        self,
        month: int,
        kind: EventKind,
        who: str,
        where: Mask,
        cause: EventCause | None = None,
        amount: Array | float = 0.0,
        whom: str = "",
        parameter: str = "",
        value: Any = None,
    ) -> None:
        """Record an event in every world of the mask `where` (worlds,); `amount` in dollars."""
        if not anywhere(where):
            return
        worlds = np.flatnonzero(where)
        amounts = np.broadcast_to(np.asarray(amount, dtype=np.float64) / BN, where.shape)[worlds]
        self.events += [
            Event(month, world, kind, who, whom, cause, round(bn, 3), parameter, value)
            for world, bn in zip(worlds.tolist(), amounts.tolist(), strict=True)
        ]

    def keep(self, worlds: Array) -> None:
        """Keep only chosen worlds, renumbered in their new order."""
        places: dict[int, list[int]] = {}
        for new, old in enumerate(np.asarray(worlds).tolist()):
            places.setdefault(old, []).append(new)
        self.events = [replace(e, world=new) for e in self.events for new in places.get(e.world, ())]
