"""Speed of the share and gold market: microseconds a world-month, and one world with a million investors.

Run: `python -m tests.benchmarks.bench_securities [--million]` from the repository's root. Aims: at most 50 us a
world-month for the pass over 200 investors and 7 assets, at most 0.3 s a month for one world with a million.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from tests.model.markets.test_securities import Bench, values


def measure(worlds: int, per_strategy: int, months: int = 12) -> tuple[float, float]:
    """Seconds a month of the kernel alone and of the whole phase with its postings and savings."""
    bench = Bench(range(worlds), per_strategy=per_strategy)
    path = values(bench, months)
    market, kernel = bench.market, 0.0
    run = market._run_kernel

    def timed(*arguments):
        nonlocal kernel
        start = time.perf_counter()
        out = run(*arguments)
        kernel += time.perf_counter() - start
        return out

    market._run_kernel = timed
    whole = 0.0
    for month in range(months):
        bench.ledger.begin_month(month)
        start = time.perf_counter()
        market.pay_margin_interest(np.full(worlds, 0.067))
        market.move_savings(month, bench.opinion, bench.opinion)
        market.clear(month, path[month], bench.margin, bench.opinion)
        whole += time.perf_counter() - start
    return kernel / months, whole / months


def main() -> None:
    """Print a line per width."""
    measure(1, 33, 2)  # compile
    for worlds in (1, 16, 256, 512):
        kernel, whole = measure(worlds, 33)
        print(
            f"{worlds:5d} worlds x 198 investors: kernel {1e6 * kernel / worlds:7.1f} us, "
            f"phase {1e6 * whole / worlds:7.1f} us a world-month"
        )
    if "--million" in sys.argv:
        kernel, whole = measure(1, 166_667, 4)
        print(f"    1 world x 1 000 002 investors: kernel {kernel:.3f} s, phase {whole:.3f} s a month")


if __name__ == "__main__":
    main()
