"""Memory that sessions have let go: given back to the machine, which the C library does not do by itself while others stay."""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Callable

#: Seconds from one time to the next.
EVERY = 60.0
#: Times after which everything is looked through again though few sessions were closed.
ALL_AGAIN = 10
#: Sessions open for each one closed at which there is enough to find for everything to be looked through.
OPEN_FOR_ONE_CLOSED = 4
#: Machines left by sessions that stay open which weigh as much as one closed session: a megabyte or two each, against ten.
MACHINES_FOR_ONE_CLOSED = 5
#: glibc's name of the number of heaps that threads share, of which it makes eight a processor otherwise.
_M_ARENA_MAX = -8


class Machines:
    """Machines that sessions have gone on without, back in time, split or begun anew: circles of objects, as closed sessions are.

    Those that have come since the last time are found the next time, whatever is looked through; `left` counts the others.
    """

    def __init__(self) -> None:
        self.times = 0
        self.left = 0
        self._lock = threading.Lock()

    def leave(self, came: int) -> None:
        """One is left; `came`: how many times had been when it came."""
        with self._lock:
            self.left += came < self.times


#: The machines of this server.
machines = Machines()


def give_back() -> bool:
    """Free what closed sessions have left and give it back; returns whether the C library does (glibc's `malloc_trim`)."""
    gc.collect()  # closed sessions are circles of objects, which Python looks for rarely where much is alive
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):
        return False
    trim(0)
    return True


def set_apart() -> int:
    """Spare what is there by now, the program itself, whenever Python looks for circles; returns how many objects that are."""
    gc.collect()
    gc.freeze()
    return gc.get_freeze_count()


def share_one_heap() -> bool:
    """Let all threads take memory from one heap; returns whether the C library does (glibc).

    A server holds a thread for each session: what one lets go in a heap of its own is of no use to the others, and a few objects
    that stay keep each heap from being given back. Python's threads seldom ask at the same time.
    """
    try:
        return ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1) == 1
    except (OSError, TypeError, AttributeError):
        return False


def keep_giving_back(done: threading.Event, sessions: Callable[[], tuple[int, int]]) -> None:
    """Give back once in `EVERY` seconds until it is done, in a thread of its own; `sessions`: how many are open, and how many
    were closed by now.

    Nobody's page moves while Python looks for circles: with sixty sessions, half a second. So it looks at what has come since
    the last time, and at everything only once in a while, and where many sessions were closed or have left their machines.
    """
    threading.Thread(target=_each_time, args=(done, sessions), daemon=True).start()


def _each_time(done: threading.Event, sessions: Callable[[], tuple[int, int]]) -> None:
    times, seen = 0, 0.0
    while not done.wait(EVERY):
        times += 1
        there, closed = sessions()
        let_go = closed + machines.left / MACHINES_FOR_ONE_CLOSED
        if times >= ALL_AGAIN or OPEN_FOR_ONE_CLOSED * (let_go - seen) > there:
            times, seen = 0, let_go
            gc.unfreeze()
        give_back()
        gc.freeze()
        machines.times += 1
