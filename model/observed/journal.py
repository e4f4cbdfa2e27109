"""The journal of a batch: what happened in which world and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    def kept(self, places: Mapping[int, Sequence[int]]) -> _Note:
        """The note of chosen worlds, under their new numbers: old number to new ones."""
        pairs = [(new, at) for at, old in enumerate(self.worlds.tolist()) for new in places.get(old, ())]
        worlds, at = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return _Note(self.event, worlds, self.amounts[at])


class Journal(Stateful):
    """The events of a batch; worlds are numbered as in the batch."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._notes: list[_Note] = []  # later than these events; many runs end without anybody reading them

    def __deepcopy__(self, memo: dict[int, Any]) -> Journal:
        """Another journal of the same events: what has happened changes no more."""
        copy = Journal()
        copy._events, copy._notes = list(self._events), list(self._notes)
        return copy

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
        self._events = [replace(e, world=new) for e in self._events for new in places.get(e.world, ())]
        notes = (note.kept(places) for note in self._notes)
        self._notes = [note for note in notes if len(note.worlds)]
