"""Locks on folders: two programs never write into one, and one that was killed leaves none locked."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

#: What this program has taken, by what to close: device and number of the folder.
_taken: dict[int, tuple[int, int]] = {}


def locked(folder: Path) -> int | None:
    """Take the folder for this program; returns what to close to let go of it, None where the system has no locks.

    Raises BlockingIOError where another program has it. The system lets go of it when a program ends, however it ends.
    """
    try:
        import fcntl
    except ImportError:  # not on this system
        return None
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        raise
    except OSError:  # a file system without locks
        os.close(held)
        return None
    _taken[held] = _folder_of(held)
    return held


def _folder_of(held: int) -> tuple[int, int]:
    found = os.fstat(held)
    return found.st_dev, found.st_ino


def _leave_to_the_parent() -> None:
    """In a process forked from this one: a folder is its parent's, and free as soon as that one ends."""
    for held, folder in _taken.items():
        with contextlib.suppress(OSError):  # let go of before
            if _folder_of(held) == folder:
                os.close(held)
    _taken.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_the_parent)
