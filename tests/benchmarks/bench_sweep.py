"""Speed and memory of studies, measured and printed; nothing is asserted, for machines differ.

Run: `uv run python -m tests.benchmarks.bench_sweep [--quick] [--repeats N] [--million]` from the repository's root.
Aims on two cores: the command `sweep` over 441 cells x 20 replicates x 120 months at 20 000 world-months a second or more,
start-up and writing included (better 50 000); two workers at least 1.8 times as fast as one; resuming a finished study in
under 3 s; cost linear in worlds; memory of parent and workers together under 2 GB for a million worlds without series.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MEGABYTE = 1 << 20


class Memory(threading.Thread):
    """Watches the resident memory of a process and all below it, three times a second (Linux only)."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid = pid
        self.parent = self.together = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.3):
            sizes = [_proportional(pid) for pid in family(self.pid)]
            self.parent = max(self.parent, sizes[0])
            self.together = max(self.together, sum(sizes))


def family(pid: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents.setdefault(int(entry.read_text().rpartition(")")[2].split()[1]), []).append(int(entry.parent.name))
        except OSError:
            continue
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def _proportional(pid: int) -> int:
    """Resident bytes of a process; of pages that it shares, its part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def sweep(folder: Path, arguments: list[str], workers: int) -> float:
    """Seconds of the whole command, interpreter included."""
    clock = time.perf_counter()
    _end(_start(folder, arguments, workers))
    return time.perf_counter() - clock


def watched(folder: Path, arguments: list[str], workers: int) -> tuple[float, str]:
    """Seconds of the whole command, and its peak memory in words; watching costs some of the time."""
    clock = time.perf_counter()
    program = _start(folder, arguments, workers)
    memory = Memory(program.pid)
    memory.start()
    _end(program)
    seconds = time.perf_counter() - clock
    memory.over.set()
    memory.join()
    return seconds, f"parent {memory.parent / MEGABYTE:.0f} MB, together {memory.together / MEGABYTE:.0f} MB"


def _start(folder: Path, arguments: list[str], workers: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "perpetuum.runs", "sweep", *arguments, "--workers", str(workers), "--out", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _end(program: subprocess.Popen[bytes]) -> None:
    _, said = program.communicate()
    if program.returncode != 0:
        raise SystemExit(said.decode())


def grid(side: int, replicates: int, months: int, preset: str = "ono_2025") -> tuple[list[str], int]:
    """Arguments of a sweep over side x side cells, and its number of worlds."""
    vary = [f"funding.tightening=0:1:{side}", f"demand.strength=0.5:2:{side}"]
    arguments = [preset, "--vary", vary[0], "--vary", vary[1], "--replicates", str(replicates), "--months", str(months)]
    return arguments, side * side * replicates


def spread(values: list[float], digits: int = 1) -> str:
    """Median and range."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def speed(side: int, replicates: int, months: int, repeats: int) -> None:
    """Print the whole command with one and two workers, alternating, and resuming it."""
    arguments, worlds = grid(side, replicates, months)
    taken: dict[int, list[float]] = {1: [], 2: []}
    resumed = []
    for _ in range(repeats):
        for workers, seconds in taken.items():
            with tempfile.TemporaryDirectory() as folder:
                seconds.append(sweep(Path(folder) / "study", arguments, workers))
                if workers == 2:
                    resumed.append(sweep(Path(folder) / "study", arguments, workers))
    print(f"sweep, {side * side} cells x {replicates} x {months} months = {worlds:,} worlds, median of {repeats} (range)")
    for workers, seconds in taken.items():
        rate = worlds * months / statistics.median(seconds)
        print(
            f"  {workers} worker{'s' if workers > 1 else ' '}           {spread(seconds)} s   {rate:,.0f} world-months a second"
        )
    ratios = [one / two for one, two in zip(taken[1], taken[2], strict=True)]
    print(f"  two over one        {spread(ratios, 2)}")
    print(f"  resumed, finished   {spread(resumed, 2)} s")


def growth(worlds: int, months: int) -> None:
    """Print time and memory of a long study and of one twice as long."""
    print(f"two workers, no series, {months} months: time and peak memory (shared pages counted once)")
    for replicates in (worlds // 100, 2 * worlds // 100):
        arguments, number = grid(10, replicates, months)
        with tempfile.TemporaryDirectory() as folder:
            seconds, told = watched(Path(folder) / "study", arguments, 2)
        print(f"  {number:>9,} worlds   {seconds:.1f} s   {1e3 * seconds / number:.2f} ms a world   {told}", flush=True)


def million() -> None:
    """Print time and memory of a million worlds: the smallest preset, two months."""
    arguments, worlds = grid(100, 100, 2, "triangle")
    with tempfile.TemporaryDirectory() as folder:
        seconds, told = watched(Path(folder) / "study", arguments, 2)
        size = (Path(folder) / "study" / "worlds.parquet").stat().st_size
    print(f"triangle, 2 months, {worlds:,} worlds   {seconds:.0f} s   {told}   worlds.parquet {size / MEGABYTE:.0f} MB")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="a smaller study, less often")
    options.add_argument("--repeats", type=int, help="how often (default: 3, with --quick 1)")
    options.add_argument("--million", action="store_true", help="also a million short worlds (minutes)")
    chosen = options.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        sweep(Path(folder) / "warm", grid(2, 2, 2)[0], 1)  # compiles the kernels, where that has not been done
    speed(*((7, 20, 60) if chosen.quick else (21, 20, 120)), repeats=chosen.repeats or (1 if chosen.quick else 3))
    growth(*((2_000, 6) if chosen.quick else (20_000, 12)))
    if chosen.million:
        million()


if __name__ == "__main__":
    main()
