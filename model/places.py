"""Where the program may keep what it makes for itself: compiled code, and bytecode."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


def may_write(folder: Path) -> bool:
    """Whether a folder, which may still have to be made, may be written."""
    there = next((place for place in (folder, *folder.parents) if os.path.exists(place)), folder)
    return os.path.isdir(there) and os.access(there, os.W_OK)


def folder_of_this_user() -> str:
    """A folder among temporary files that nobody else may write or read; "" where there is none, or it is another's.

    What is kept there is read as code: anybody who wrote there could have his own run.
    """
    try:
        folder = Path(tempfile.gettempdir(), f"perpetuum-{os.getuid()}")
        folder.mkdir(mode=0o700, exist_ok=True)
        there = folder.lstat()
    except (OSError, AttributeError):  # no place for temporary files; a system that has no numbers of users
        return ""
    return str(folder) if (there.st_uid, stat.S_IMODE(there.st_mode)) == (os.getuid(), 0o700) else ""
