"""The walk-through of agents/README.md: what it says is enough to add an instrument, an agent and a preset."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from perpetuum.model import equations

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("model", "agents", "runs", "visualization")
PLACE = re.compile(r"# (?P<file>[\w/.]+)(?:, in (?P<table>\w+))?")
#: What is true of the copy with the rows in it.
SCRIPT = """
import json, sys
from pathlib import Path

import numpy as np

from perpetuum.model.books import accounts
from perpetuum.model.books.ledger import BooksBreachError
from perpetuum.model.observed.series import MEASURES
from perpetuum.model.phases.audit_and_collect import audit
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import inspector, matrix
from perpetuum.visualization.app.session import Session, Start

assert Path(accounts.__file__).is_relative_to(sys.argv[1]), accounts.__file__
session = Session(Start("watched", months=6, settings={"bond_fund.cash": 5.0}))
economy = session.economy
economy.audit_every_phase = True
session.step()
cloud, lender, ledger = economy.clouds[0], economy.lenders[0], economy.ledger
book = economy.loan_books["convertibles"]
before = {"debt": cloud.debt()[0], "leverage": cloud.leverage()[0], "series": MEASURES["leveraged_debt"](economy)[0]}
rate = np.array([0.12])
lent = book.draw(ledger, book.pool(lender.account, cloud.account), np.array([2e9]), rate, "convertible_issue")[0]
after = {"debt": cloud.debt()[0], "leverage": cloud.leverage()[0], "series": MEASURES["leveraged_debt"](economy)[0]}
claims = lender.claims()[0]
drawn = {row.key: row.cells for row in matrix.balance_sheets(session).rows}["convertibles"]
session.step()
session.step()
paid = cloud.flow("convertible_interest")[0]
serviced = cloud.interest[0]
rows = {row.key: row.members for row in matrix.payments(session).rows}
debts = {row.key: row.members for row in matrix.balance_sheets(session, grouped=True).rows}["debts"]
sheets = {language: inspector.inspect(Words(language), session, cloud.name) for language in ("en", "zh")}
told = {language: [item.label for part in sheet.sections for item in part.items] for language, sheet in sheets.items()}
while session.month < 6:
    session.step()
book.balance[0] += 1
try:
    audit(economy)
    seen = ""
except BooksBreachError as error:
    seen = str(error)
(watchdog,) = economy.agents_by_role["regulator"]
found = {
    "lent": int(lent), "before": before, "after": after, "claims": claims, "drawn": drawn, "paid": int(paid),
    "serviced": serviced, "lending": rows["lending"], "returns": rows["returns"], "debts": debts, "told": told, "audit": seen,
    "allowed": watchdog.allowed(np.array([10.0, 3.0]), np.array([100.0, 100.0])).tolist(),
    "accounts": list(economy.accounts.names), "watchdog": watchdog.name,
    "titles": [economy.scenario.definition.told("title", language) for language in ("en", "zh")],
}
print(json.dumps(found, default=float))
"""


def blocks() -> list[tuple[str, str, str]]:
    """What the walk-through writes: file, table in it ("" for a whole file) and text."""
    text = (ROOT / "agents" / "README.md").read_text(encoding="utf-8")
    written = []
    for block in re.findall(r"^```(?:py|toml)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        first, _, rest = block.partition("\n")
        place = PLACE.fullmatch(first)
        assert place, first
        written.append((place["file"], place["table"] or "", rest))
    return written


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What a copy of the sources does with the walk-through's rows in it."""

    top = tmp_path_factory.mktemp("walkthrough")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, top / "perpetuum" / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file, table, text in blocks():
        target = top / "perpetuum" / file
        if not table:
            assert not target.exists(), file
            target.write_text(text, encoding="utf-8")
            continue
        source = target.read_text(encoding="utf-8")
        end = source.index("\n)\n", source.index(f"\n{table} = ("))
        target.write_text(f"{source[:end]}\n{text.rstrip()}{source[end:]}", encoding="utf-8")
    # Uncompiled: a few months of the smallest machine take less time than the compiler does.
    environment = {**os.environ, "PYTHONPATH": str(top), "NUMBA_DISABLE_JIT": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(top)], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_the_walk_through_stays_within_its_files():
    files = [file for file, _, _ in blocks()]
    assert len(files) == len(set(files)) == 6


@pytest.mark.slow
def test_covenants_and_series_count_a_new_debt(found):
    assert found["lent"] == 2e9
    for what in ("debt", "series"):
        assert found["after"][what] - found["before"][what] == pytest.approx(2e9 if what == "debt" else 2.0)
    assert found["after"]["leverage"] >= found["before"]["leverage"]
    assert found["claims"] == 2e9


def test_a_settlement_collects_a_new_debts_interest(found):
    assert found["paid"] == -20_000_000  # 12 % a year of 2bn, in the month after the one in which it is lent
    assert found["serviced"] > 0


def test_the_audit_sees_a_new_book(found):
    assert "convertibles" in found["audit"]


def test_the_page_shows_a_new_instrument_in_both_languages(found):
    assert sum(found["drawn"]) == 0
    assert 2e9 in found["drawn"]
    assert {"convertible_issue", "convertible_redemption"} <= set(found["lending"])
    assert "convertible_interest" in found["returns"]
    assert "convertibles" in found["debts"]
    assert any("convertible bonds" in label for label in found["told"]["en"])
    assert any("可转债" in label for label in found["told"]["zh"])


def test_an_agent_without_books_acts_and_owns_nothing(found):
    assert found["allowed"] == [5.0, 3.0]
    assert found["watchdog"] == "watchdog"
    assert "watchdog" not in found["accounts"]
    assert found["titles"] == ["The triangle under a regulator", "受监管的三角"]


def test_kernels_are_compiled_anew_where_a_table_has_changed(tmp_path, monkeypatch):
    source = tmp_path / "doubled.py"
    source.write_text(
        "from perpetuum.model.equations import kernel\n\n\n@kernel\ndef doubled(x):\n    return 2 * x\n", encoding="utf-8"
    )

    def from_cache() -> int:
        spec = importlib.util.spec_from_file_location("doubled", source)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.doubled(2) == 4
        return sum(module.doubled.stats.cache_hits.values())

    assert [from_cache(), from_cache()] == [0, 1]
    monkeypatch.setattr(equations, "tables", lambda: "a row more")
    assert from_cache() == 0
