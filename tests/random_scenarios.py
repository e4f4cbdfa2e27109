"""Random scenarios over the whole registry, corners included: books exact, numbers finite, no warning of numpy.

Run: `uv run python -m tests.random_scenarios [--worlds 1000] [--months 240] [--seed 1] [--batch 100] [--parts 0.01,0.1]` from the
repository's root. Each world has a part (1, 3, 10 or 30 %) of all parameters and figures at the lowest, the highest or any
value of its range. What must hold after every month is what `tests/model/test_extremes.py` checks; a batch that breaks it is
named, and the exit code is 1. Worlds whose amounts compound past nine quadrillion dollars outgrow the books, which say so; they
are counted and left out.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings

from tests.model.test_extremes import draw_world, simulate_what_stays

#: Parts of the registry that a world changes, in turn.
PARTS = (0.01, 0.03, 0.1, 0.3)


def main() -> int:
    """Simulate batch after batch; returns the number of batches that failed."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name, default in (("worlds", 1000), ("months", 240), ("seed", 1), ("batch", 100)):
        ask.add_argument(f"--{name}", type=int, default=default)
    ask.add_argument("--parts", type=lambda told: tuple(float(one) for one in told.split(",")), default=PARTS)
    asked = ask.parse_args()
    warnings.simplefilter("error")
    failed, started = 0, time.monotonic()
    for first in range(0, asked.worlds, asked.batch):
        seeds = range(first, min(first + asked.batch, asked.worlds))
        drawn = [draw_world(asked.seed * 1_000_003 + seed, asked.parts[seed % len(asked.parts)]) for seed in seeds]
        told = f"worlds {seeds[0]} to {seeds[-1]}"
        try:
            outgrown = simulate_what_stays(drawn, asked.months, every_phase=False)
            left = f", {outgrown} left out that outgrew the books" if outgrown else ""
            print(f"{told}: clean{left} ({time.monotonic() - started:.0f} s)", flush=True)
        except Exception as wrong:
            failed += 1
            print(f"{told}: {type(wrong).__name__}: {wrong}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
