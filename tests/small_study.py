"""A small study, what must not depend on how it came about, and programs that run it and are killed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from perpetuum.runs.study.description import Study, make_study
from perpetuum.runs.study.folder import parts_of

ROOT = Path(__file__).resolve().parents[1]
SERIES = ("vendor_revenue", "own_money_share")
TABLES = ("worlds.parquet", "series.parquet", "summary.json")
#: What a program of its own runs: `python -c PROGRAM folder workers batch`.
PROGRAM = """
import signal, sys
# What is started in the background inherits a deaf ear for Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
from tests.small_study import small
from perpetuum.runs.study.execute import run_study
if __name__ == "__main__":
    run_study(small(), sys.argv[1], workers=int(sys.argv[2]), batch=int(sys.argv[3]))
"""


def small(**changed) -> Study:
    """Twenty-four worlds: three strengths of demand by two instruments, four replicates of each, seven months."""
    vary = {"demand.strength": "0.5:1.5:3", "vendor_finance.instrument": "loan,equity"}
    return make_study("ono_2025", **{"vary": vary, "replicates": 4, "months": 7, "series": SERIES, **changed})


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a study that must not depend on how it came about."""
    return {name: (folder / name).read_bytes() for name in TABLES}


def start(folder: Path, workers: int, batch: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), str(workers), str(batch)],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def parts(folder: Path) -> int:
    return len(parts_of(folder))


def children_of(pid: int) -> list[int]:
    """Processes below a process, at any depth."""
    children = []
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1]) if entry.name.isdigit() else 0
        except OSError:
            continue
        if parent == pid:
            children += [int(entry.name), *children_of(int(entry.name))]
    return children


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def wait_until(there, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
