"""Memory that sessions have let go: given back to the machine, which the C library does not do by itself while others stay."""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Callable

#: Seconds from one time to the next.
EVERY = 60.0
#: Looks at what is younger after which Python looks through everything of its own accord: more than a server lives to see.
NEVER = 1_000_000
#: glibc's name of the number of heaps that threads share, of which it makes eight a processor otherwise.
_M_ARENA_MAX = -8


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
    """Spare what is there by now, the program itself, whenever Python looks for circles; returns how many objects that are.

    What was set apart before is looked through once more.
    """
    gc.unfreeze()
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


def keep_giving_back(done: threading.Event, sessions: Callable[[], int]) -> None:
    """Give back once in `EVERY` seconds until it is done, in a thread of its own; `sessions`: how many are open.

    Nobody's page moves while Python looks for circles, and two fifths of what there is with sixty sessions is the program
    itself, which stays: so it is set apart, and anew whenever nobody is there, with what has been loaded since, while nobody
    waits. What sessions hold that came before all was loaded is set apart with it until then. Of its own accord Python looks no
    more at what has stayed for long, which it would once more in a minute.
    """
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, NEVER)
    threading.Thread(target=_each_time, args=(done, sessions), daemon=True).start()


def _each_time(done: threading.Event, sessions: Callable[[], int]) -> None:
    while not done.wait(EVERY):
        if not sessions():
            set_apart()
        give_back()
