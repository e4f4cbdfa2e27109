"""Speed and memory of the whole economy, measured and printed; nothing is asserted, for machines differ.

Run: `uv run python -m tests.benchmarks.bench_economy [--quick] [--no-million]` from the repository's root.
Aims on one core, 200 investors a world, the full set of series: at least 18 000 world-months a second in batches
of 256 and 20 000 in batches of 1 016 (better 25 000), a single world of 120 months in 0.4 s, the default run in under
15 s, `perpetuum --help` in under 0.5 s, a batch of 512 worlds in under 1.5 GB, a million investors in one world in at
most 0.3 s a month.
"""

from __future__ import annotations

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse  # noqa: E402
import platform  # noqa: E402
import resource  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import numba  # noqa: E402
import numpy as np  # noqa: E402

from perpetuum.model.economy import Economy  # noqa: E402
from perpetuum.model.scenario import Scenario  # noqa: E402

#: Investors in each of the six strategies that make a million.
MILLION = 166_667


def median_of(work: Callable[[], float], repeats: int) -> tuple[float, float]:
    """Median of a measurement, and its spread (largest over smallest)."""
    taken = [work() for _ in range(repeats)]
    return statistics.median(taken), max(taken) / min(taken)


def seconds_to_run(worlds: int, months: int) -> float:
    """Seconds that the months of a batch take, without the opening."""
    economy = Economy(Scenario(worlds=worlds, months=months))
    start = time.perf_counter()
    economy.run()
    return time.perf_counter() - start


def seconds_to_open(worlds: int, months: int) -> float:
    """Seconds that opening a batch takes."""
    scenario = Scenario(worlds=worlds, months=months)
    start = time.perf_counter()
    Economy(scenario)
    return time.perf_counter() - start


def seconds_of_command(*arguments: str) -> float:
    """Seconds that a command takes from the shell, interpreter included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "perpetuum.runs", *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def phase_shares(worlds: int, months: int) -> dict[str, float]:
    """Seconds spent in each phase of the month."""
    economy = Economy(Scenario(worlds=worlds, months=months))
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[..., Any], *handed: Any) -> Any:
        economy.ledger.phase = name
        start = time.perf_counter()
        result = work(economy, *handed)
        spent[name] = spent.get(name, 0.0) + time.perf_counter() - start
        return result

    economy._phase = timed  # type: ignore[method-assign]
    economy.run()
    return spent


def peak_gigabytes() -> float:
    """Largest resident memory of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage, not inherited from the parent
        kilobytes = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(kilobytes) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**30 if sys.platform == "darwin" else 2**20)


def memory_of_a_batch(worlds: int, months: int) -> float:
    """Peak memory (GB) of a process that runs one batch."""
    code = (
        "from tests.benchmarks.bench_economy import peak_gigabytes, seconds_to_run;"
        f"seconds_to_run({worlds}, {months}); print(peak_gigabytes())"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def million_investors(months: int) -> tuple[float, float]:
    """Seconds to open one world with a million investors, and median seconds a month."""
    scenario = Scenario(overrides={"investors.per_strategy": MILLION}, months=months)
    start = time.perf_counter()
    economy = Economy(scenario)
    opened = time.perf_counter() - start
    taken = []
    for _ in range(months):
        start = time.perf_counter()
        economy.step()
        taken.append(time.perf_counter() - start)
    return opened, statistics.median(taken)


def report(what: str, value: str, aim: str = "") -> None:
    """Print one line."""
    print(f"{what:48s} {value:>26s}   {aim}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repeats and months")
    parser.add_argument("--no-million", action="store_true", help="leave out the million investors")
    chosen = parser.parse_args()
    months, repeats = (36, 1) if chosen.quick else (120, 3)
    print(f"Python {platform.python_version()}, numpy {np.__version__}, numba {numba.__version__}, {months} months\n")

    first = seconds_to_run(2, 2)
    report("first two months (kernels compiled or loaded)", f"{first:.2f} s")
    speeds = {}
    for worlds in (1, 64, 256, 512, 1016):
        seconds, spread = median_of(lambda worlds=worlds: seconds_to_run(worlds, months), repeats)
        speeds[worlds] = worlds * months / seconds
        text = f"{speeds[worlds]:8.0f} world-months a second"
        report(
            f"{worlds} worlds ({seconds:.2f} s, spread x{spread:.2f})",
            text,
            "aim 18 000-25 000" if worlds >= 256 else "",
        )
    report("256 worlds against 256 times one", f"x {speeds[256] / speeds[1]:.0f}")
    report("opening 256 worlds", f"{seconds_to_open(256, months):.2f} s")
    seconds, _ = median_of(lambda: seconds_to_run(1, 120), repeats)
    report("one world of 120 months", f"{seconds:.2f} s", "aim 0.4 s")

    shares = phase_shares(256, 36)
    whole = sum(shares.values())
    print("\nshare of time by phase, 256 worlds:")
    for name, spent in sorted(shares.items(), key=lambda entry: -entry[1]):
        report(f"  {name}", f"{spent / whole:.1%}  {1e6 * spent / 256 / 36:6.1f} us a world-month")

    print()
    report("memory of 512 worlds (peak)", f"{memory_of_a_batch(512, months):.2f} GB", "aim 1.5 GB")
    seconds, _ = median_of(lambda: seconds_of_command("--help"), max(repeats, 3))
    report("perpetuum --help", f"{seconds:.2f} s", "aim 0.5 s")
    with tempfile.TemporaryDirectory() as folder:
        report("perpetuum run (all defaults)", f"{seconds_of_command('run', '--out', f'{folder}/run'):.1f} s", "aim 15 s")
    if not chosen.no_million:
        opened, month = million_investors(3 if chosen.quick else 6)
        report(f"a million investors in one world (opened in {opened:.0f} s)", f"{month:.2f} s a month", "aim 0.3 s")


if __name__ == "__main__":
    main()
