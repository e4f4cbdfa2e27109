"""What happened and why: events with month, world, who, what and cause, in sentences."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from model.worlds import Array, Mask, Stateful, anywhere


@dataclass(slots=True)
class Event:
    """One thing that happened in one world."""

    month: int
    world: int
    who: str
    what: str
    cause: str
    amount: float  # $bn, 0 where it does not apply
    whom: str = ""  # whom it befell, where that is not already in `what`

    @property
    def text(self) -> str:
        """The event as a sentence."""
        sum_of = f" (${self.amount:.1f}bn)" if self.amount else ""
        because = f", because {self.cause}" if self.cause else ""
        to_whom = f" {self.whom.replace('_', ' ')}" if self.whom else ""
        return f"{self.who.replace('_', ' ')} {self.what}{to_whom}{sum_of}{because}"


class Journal(Stateful):
    """The events of a batch, oldest first; worlds are numbered as in the batch."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def note(
        self, month: int, who: str, what: str, where: Mask, cause: str = "", amount: Array | float = 0.0, whom: str = ""
    ) -> None:
        """Record an event in every world of the mask `where` (worlds,); `amount` in dollars."""
        if not anywhere(where):
            return
        worlds = np.flatnonzero(where)
        amounts = np.broadcast_to(np.asarray(amount, dtype=np.float64) / 1e9, where.shape)[worlds]
        self.events += [
            Event(month, world, who, what, cause, round(bn, 3), whom)
            for world, bn in zip(worlds.tolist(), amounts.tolist(), strict=True)
        ]

    def keep(self, worlds: Array) -> None:
        """Keep only chosen worlds, renumbered in their new order."""
        places: dict[int, list[int]] = {}
        for new, old in enumerate(np.asarray(worlds).tolist()):
            places.setdefault(old, []).append(new)
        self.events = [replace(e, world=new) for e in self.events for new in places.get(e.world, ())]
