"""Bytecode of a process whose Python is told to keep none.

Without any, every process of a command parses two thousand modules of numba, pandas and SciPy anew: three to four seconds of a
processor each, in as many processes as there are workers.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def keep_bytecode(beside: Path = Path(__file__)) -> None:
    """Keep bytecode with the compiled kernels where `PYTHONDONTWRITEBYTECODE` asks for none beside the sources.

    In `NUMBA_CACHE_DIR`, else in the `__pycache__` of these commands; nothing is done where neither may be written, or where
    the user chose a folder himself (`PYTHONPYCACHEPREFIX`). Processes that are started from here read the same.
    """
    if not sys.dont_write_bytecode or sys.pycache_prefix:
        return
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or beside.parent / "__pycache__")
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(there, os.W_OK):
        return
    sys.pycache_prefix, sys.dont_write_bytecode = str(folder.absolute() / "bytecode"), False
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
