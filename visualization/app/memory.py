"""Memory that sessions have let go: given back to the machine, which the C library does not do by itself while others stay."""

from __future__ import annotations

import ctypes
import gc
import threading

#: Seconds from one time to the next.
EVERY = 60.0


def give_back() -> bool:
    """Free what closed sessions have left and give it back; returns whether the C library does (glibc's `malloc_trim`)."""
    gc.collect()  # closed sessions are circles of objects, which Python looks for rarely where much is alive
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):
        return False
    trim(0)
    return True


def keep_giving_back(done: threading.Event) -> None:
    """Give back once in `EVERY` seconds until it is done, in a thread of its own."""
    threading.Thread(target=_each_time, args=(done,), daemon=True).start()


def _each_time(done: threading.Event) -> None:
    while not done.wait(EVERY):
        give_back()
