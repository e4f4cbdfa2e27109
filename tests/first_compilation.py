"""Compiled code of a fresh checkout, made once: two of the parallel processes of the tests halve it, the others wait.

Left to themselves they would all begin with the same month, and every one would compile all of its kernels.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from perpetuum.runs.study.compilation import compile_months, compile_rules_and_month_end

#: Seconds after which nobody waits any longer: tests compile what they miss.
PATIENCE = 300


#: Parts by the number of the process: about as long as each other.
PARTS = (compile_months, compile_rules_and_month_end)


def take_part(number: int, processes: int, folder: Path) -> None:
    """Do this process's part, and wait until all are done; `folder` is where the processes tell each other."""
    parts = min(len(PARTS), processes)
    if number < parts:
        with contextlib.suppress(Exception):  # what cannot be compiled fails where it is tested
            PARTS[number]()
        (folder / f"compiled_{number}").touch()
    end = time.monotonic() + PATIENCE
    while not all((folder / f"compiled_{part}").exists() for part in range(parts)) and time.monotonic() < end:
        time.sleep(0.1)
