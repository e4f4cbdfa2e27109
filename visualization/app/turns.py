"""Turns at long work: few at once, so that everybody's next month stays quick.

Who asked last is served first, and every second turn is for who has waited longest, so that nobody who goes on asking keeps the
others waiting.

Whoever opens a page or travels through months waits for a turn; who has left loses it, and what is being done for them stops.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Long works at once. Python computes one month at a time whatever their number: more would only make each of them slower.
AT_ONCE = 2
#: Seconds after which one who waits looks whether whoever asked is still there.
LOOK = 0.2


class Gone(BaseException):
    """Whoever asked has left. Not an error: nothing that answers errors shall answer this."""


class Turns:
    """A queue with few places, in turns for who came last and for who came first."""

    def __init__(self, at_once: int = AT_ONCE):
        self._free = at_once
        self._served = 0
        self._waiting: list[object] = []
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._changed:
            return len(self._waiting)

    @contextmanager
    def turn(self, stays: Callable[[], bool] = lambda: True) -> Iterator[None]:
        """Work within a turn; raises Gone where whoever asked has left before it came. `stays`: whether they are there."""
        me = object()
        with self._changed:
            self._waiting.append(me)
            try:
                while not self._free or self._waiting[-1 if self._served % 2 else 0] is not me:
                    self._changed.wait(LOOK)
                    if not stays():
                        raise Gone
                self._free -= 1
                self._served += 1
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()


#: The turns of this server.
shared = Turns()
