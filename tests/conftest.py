"""Fixtures that every test may use; BLAS runs on one thread, as the program does."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from perpetuum.model.books.ledger import Accounts, Ledger

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

if sys.dont_write_bytecode:
    # Nobody wants bytecode beside the sources. Without any, every process of the tests would compile two thousand modules.
    sys.pycache_prefix = str(Path(__file__).parent.parent / ".pytest_cache" / "bytecode")
    sys.dont_write_bytecode = False
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

#: Whether files outlive a power failure is no test's claim, and each waits for the disk.
os.fsync = lambda file: None

#: So many tests are the suite, not a file of it.
SUITE = 1000
REST = 'uv run pytest -m "slow or browser"'


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Say what was not run, and how to run it."""
    if "not slow" in (config.option.markexpr or ""):
        terminalreporter.write_line(f"not run: tests that take long, kill processes or need a browser ({REST})")


def pytest_configure(config: pytest.Config) -> None:
    """Parallel processes take the files in the order of `tests.schedule`, not by how many tests they have."""
    config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""
    from tests.schedule import put_in_order

    put_in_order(items)


def pytest_collection_finish() -> None:
    """What all tests stand on stays until the end, and need not be looked through for rubbish again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Before the whole suite, its processes share what is to be compiled in a fresh checkout."""
    worker = getattr(session.config, "workerinput", None)
    if worker and len(session.items) >= SUITE:
        from tests.first_compilation import take_part

        folder = Path(session.config._tmp_path_factory.getbasetemp()).parent
        take_part(int(worker["workerid"].removeprefix("gw")), worker["workercount"], folder)


SECTORS: dict[str, Sequence[str]] = {
    "outside": ["outside"],
    "vendors": ["vendor"],
    "clouds": ["cloud", "neocloud"],
    "labs": ["lab", "second_lab"],
    "landlords": ["landlord"],
    "investors": ["fundamental", "index"],
    "funds": ["venture_fund"],
    "lenders": ["bond_fund"],
    "states": ["home_state"],
    "bank": ["bank"],
}


@pytest.fixture
def accounts() -> Accounts:
    """A handful of accounts, at least one of every sector."""
    from perpetuum.model.books.ledger import Accounts

    return Accounts(SECTORS)


@pytest.fixture
def books(accounts):
    """Make open books: `books(worlds=3, cash={"vendor": 10})`; dollars are scalars or (worlds,) arrays."""
    import numpy as np

    from perpetuum.model.books.ledger import Ledger

    def build(worlds: int = 1, cash: dict | None = None) -> Ledger:
        ledger = Ledger(accounts, worlds)
        for name, amount in (cash or {}).items():
            ledger.open_claim("deposits", accounts.number[name], ledger.bank, np.broadcast_to(amount, worlds))
        ledger.begin_month(0)
        return ledger

    return build


@pytest.fixture
def number(accounts) -> dict[str, int]:
    """Account numbers by name."""
    return accounts.number


@pytest.fixture
def fake(monkeypatch):
    """An economy in outline in place of the real one."""
    from perpetuum.runs.commands import options as shared
    from perpetuum.runs.study import batches
    from tests.fakes import FakeEconomy

    monkeypatch.setattr(batches, "make_economy", FakeEconomy)
    monkeypatch.setattr(shared, "compile_first", lambda: True)
    monkeypatch.setattr(shared, "worth_a_process", lambda question: False)  # it would not have the outline


@pytest.fixture
def perpetuum(fake, capsys, monkeypatch, tmp_path):
    """Run the command line in an empty folder: returns (exit code, stdout, stderr)."""
    from perpetuum.runs.commands import cli

    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, readings: bool = False):
        code = cli.main([*arguments, *(["--no-side-studies"] if arguments[:1] == ("run",) and not readings else [])])
        out, err = capsys.readouterr()
        return code, out, err

    return call
