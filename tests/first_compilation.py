"""Compiled code of a fresh checkout, made once: two of the parallel processes of the tests halve it, the others wait.

Left to themselves they would all begin with the same month, and every one would compile all of its kernels.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from perpetuum.runs.study.compilation import live, opened, rules

#: Seconds after which nobody waits any longer: tests compile what they miss.
PATIENCE = 300


def compile_rules_and_trade() -> None:
    """Compile all equations, the last ones first, and the kernels of the securities market, near the end of a month."""
    from perpetuum.model.phases import securities_market

    for rule in reversed(rules().values()):
        rule.compile()
    economy = opened()
    economy.ledger.begin_month(economy.month)
    securities_market.trade_securities(economy, securities_market.manage_reserves(economy))


#: Parts by the number of the process: about as long as each other.
PARTS = (live, compile_rules_and_trade)


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
