"""Faults planted on purpose, one at a time in a copy of the tree: do the tests named for each notice it?

    uv run python -m tests.mutation.plant              all faults of tests/mutation/*.toml
    uv run python -m tests.mutation.plant runs dye:3   those of one file, the third of another

A fault is `old` replaced by `new` in `file`; `tests` are files, or tests in files (`file::name`), that must then fail.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FAULTS = Path(__file__).parent
#: A fault may keep a loop from ending: tests that take longer (seconds) have noticed it.
PATIENCE = 900
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "results", ".*_cache", "*.egg-info")
#: Compiled code may hold parts of kernels of other files, which numba does not look at.
_COMPILED = re.compile(r"^@(kernel|loop)\b|\bnjit\(", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """One fault: where it stands in the tests' folder, what it changes, and who must notice."""

    topic: str
    number: int
    file: str
    old: str
    new: str
    what: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.topic}:{self.number}"

    def wrong(self) -> str:
        """Why this fault cannot be planted, or nothing."""
        if self.old == self.new:
            return "old and new are the same"
        if not (ROOT / self.file).is_file():
            return f"there is no file {self.file}"
        count = (ROOT / self.file).read_text(encoding="utf-8").count(self.old)
        if count != 1:
            return f"old stands {count} times in {self.file}, not once"
        missing = [test for test in self.tests if not _there(test)]
        return f"there is no test {', '.join(missing)}" if missing or not self.tests else ""


def _there(test: str) -> bool:
    file, _, name = test.partition("::")
    path = ROOT / file
    return path.is_file() and (not name or f"def {name.partition('[')[0]}(" in path.read_text(encoding="utf-8"))


def faults(topics: Sequence[str] = ()) -> list[Fault]:
    """All faults, or those of some topics (names of files), each `topic` or `topic:number` from 1 on."""
    found = []
    for path in sorted(FAULTS.glob("*.toml")):
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
        found += [
            Fault(path.stem, number, *(table[key] for key in ("file", "old", "new", "what")), tuple(table["tests"]))
            for number, table in enumerate(tables, 1)
        ]
    wanted = [fault for fault in found if not topics or {fault.topic, fault.name} & {*topics}]
    unknown = {*topics} - {fault.topic for fault in found} - {fault.name for fault in found}
    if unknown:
        sys.exit(f"no faults of {', '.join(sorted(unknown))}: there are {', '.join(sorted({f.topic for f in found}))}")
    return wanted


@contextmanager
def copy() -> Iterator[Path]:
    """A copy of the tree, compiled code included, which imports itself under the folders' import names."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        yield Path(shutil.copytree(ROOT, Path(folder) / "tree", symlinks=True, ignore=_LEFT_OUT))


def run(tree: Path, tests: Sequence[str], patience: float | None = PATIENCE) -> tuple[int | None, str]:
    """Run tests in a copy until the first fails: pytest's exit code (None: did not end in time) and what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(tree / ".ci" / "typing")}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-m", "", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=patience)
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout + done.stderr


def noticed_by(code: int, printed: str) -> str:
    """The first test that failed, by pytest's exit code and what it printed; empty where none did.

    A fault may show as early as in what a test is given, which pytest calls an error, with the same exit code.
    """
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", printed, re.MULTILINE)
    return failed[1].rpartition("::")[2] if code == 1 and failed else ""


def plant(fault: Fault) -> tuple[bool, str]:
    """Plant a fault in a copy: whether it was noticed, and by what."""
    with copy() as tree:
        path = tree / fault.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
        if _COMPILED.search(text):
            for kept in tree.rglob("*.nbi"):
                kept.unlink()
        code, printed = run(tree, fault.tests)
    if code is None:
        return True, f"not done after {PATIENCE} s"
    if noticed := noticed_by(code, printed):
        return True, noticed
    return False, "all tests passed" if code == 0 else f"no test failed, but pytest ended with {code}:\n{printed[-2000:]}"


def main(topics: Sequence[str]) -> int:
    """Plant the faults of these topics (all): 0 where every one was noticed, else 1."""
    planted = faults(topics)
    wrong = [(fault, reason) for fault in planted if (reason := fault.wrong())]
    for fault, reason in wrong:
        print(f"CANNOT  {fault.name}: {reason}")
    sound = sorted({test for fault in planted for test in fault.tests if _there(test)})
    with copy() as tree:
        code, printed = run(tree, sound, patience=None)  # all at once: on a busy machine they take long, and end
    if code != 0:
        print(f"tests fail where no fault is planted:\n{printed[-3000:]}")
        return 1
    missed = 0
    for fault in (fault for fault in planted if not fault.wrong()):
        started = time.monotonic()
        noticed, by = plant(fault)
        missed += not noticed
        print(
            f"{'caught' if noticed else 'MISSED'}  {fault.name:<14} {time.monotonic() - started:4.0f} s  {fault.what}  <- {by}"
        )
        sys.stdout.flush()
    print(f"{len(planted) - len(wrong) - missed} of {len(planted)} faults caught")
    return 1 if missed or wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
