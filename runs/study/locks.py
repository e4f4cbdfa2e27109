"""Locks on folders: two programs never write into one, and one that was killed leaves none locked."""

from __future__ import annotations

import os
from pathlib import Path


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
    return held
