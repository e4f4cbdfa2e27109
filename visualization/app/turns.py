"""Turns at long work: few at once, so that everybody's next month stays quick.

Who asked last is served first, and every second turn is for who has waited longest, so that nobody who goes on asking keeps the
others waiting.

A single month is short work: months are let pass one after another, in the order in which they were asked for.

Whoever opens a page or travels through months waits for a turn; who has left loses it, and what is being done for them stops.
"""

from __future__ import annotations

import threading
from collections import deque
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


class InOrder:
    """Short works, one at a time, as they come.

    Python computes one at a time whatever their number. Side by side, six of a tenth of a second each take all of them six
    tenths; one behind the other only the last has to wait so long.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy = False
        self._waiting: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Work when all who came before have done theirs."""
        mine = threading.Event()
        with self._lock:
            if self._busy:
                self._waiting.append(mine)
            else:
                self._busy = True
                mine.set()
        mine.wait()
        try:
            yield
        finally:
            with self._lock:
                if self._waiting:
                    self._waiting.popleft().set()
                else:
                    self._busy = False


#: The turns of this server, and the order in which single months pass.
shared = Turns()
months = InOrder()
