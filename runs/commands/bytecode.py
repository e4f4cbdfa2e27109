"""Bytecode of a process that keeps none.

Its Python is told so, or its packages belong to somebody else and have none.
Without any, every process of a command parses two thousand modules of numba, pandas and SciPy anew: three to four seconds of a
processor each, in as many processes as there are workers.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

from perpetuum.model.places import folder_of_this_user, may_write


def keep_bytecode(beside: Path = Path(__file__)) -> None:
    """Keep bytecode with the compiled kernels where `PYTHONDONTWRITEBYTECODE` asks for none beside the sources, or none is there
    and none may be written.

    In `NUMBA_CACHE_DIR`, else in the `__pycache__` of these commands, else among temporary files of this user's own; nothing is
    done where none of them may be written, or where the user chose a folder himself (`PYTHONPYCACHEPREFIX`). Processes that are
    started from here read the same.
    """
    if sys.pycache_prefix:
        return
    here = beside.parent / "__pycache__"
    writable = may_write(here)
    if not sys.dont_write_bytecode and (writable or Path(importlib.util.cache_from_source(str(beside))).exists()):
        return
    place = os.environ.get("NUMBA_CACHE_DIR") or (str(here) if writable else folder_of_this_user())
    if not place or not may_write(Path(place)):
        return
    sys.pycache_prefix, sys.dont_write_bytecode = str(Path(place).absolute() / "bytecode"), False
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
