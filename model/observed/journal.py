"""The journal of a batch: what happened in which world and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from perpetuum.model.observed.events import Event, EventCause, EventKind
from perpetuum.model.units import BN
from perpetuum.model.worlds import Array, Floats, Mask, Stateful, anywhere


@dataclass(slots=True)
class _Note:
    """What happened in several worlds at once, as it was noted."""

    event: Event  # what their events have in common
    worlds: Array
    amounts: Floats  # $bn

    def events(self) -> list[Event]:
        """One event a world."""
        one = self.event
        return [
            Event(one.month, world, one.kind, one.who, one.whom, one.cause, round(bn, 3), one.parameter, one.value)
            for world, bn in zip(self.worlds.tolist(), self.amounts.tolist(), strict=True)
        ]


class Journal(Stateful):
    """The events of a batch; worlds are numbered as in the batch."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._notes: list[_Note] = []  # later than these events; many runs end without anybody reading them

    @property
    def events(self) -> list[Event]:
        """The events, oldest first."""
        for note in self._notes:
            self._events += note.events()
        self._notes.clear()
        return self._events

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
        worlds = where.nonzero()[0]
        given = np.asarray(amount, dtype=np.float64)
        amounts = (given[worlds] if given.ndim else np.full(len(worlds), given)) / BN
        event = Event(month, -1, kind, who, whom, cause, parameter=parameter, value=value)
        self._notes.append(_Note(event, worlds, amounts))

    def keep(self, worlds: Array) -> None:
        """Keep only chosen worlds, renumbered in their new order."""
        places: dict[int, list[int]] = {}
        for new, old in enumerate(np.asarray(worlds).tolist()):
            places.setdefault(old, []).append(new)
        self._events = [replace(e, world=new) for e in self.events for new in places.get(e.world, ())]
