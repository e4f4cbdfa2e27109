"""Types: the registry's names are known to type checkers, and Mesa's base classes hide no mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from perpetuum.model.parameters.__main__ import GROUPS, groups_texts

ROOT = Path(__file__).resolve().parents[3]
MISTAKES = {
    "economy.ledger.paay()": '"Ledger" has no attribute "paay"',
    "economy.brand_new = 3": '"Economy" has no attribute "brand_new"',
    "economy.vendors[0].proddduce()": '"ChipVendor" has no attribute "proddduce"',
    "economy.p.chips.nonsense": '"Chips" has no attribute "nonsense"',
    "economy.p.nonsense": '"ParameterValues" has no attribute "nonsense"',
    "economy.labs[0].figures.market_cap": '"LabFigures" has no attribute "market_cap"',
}
CORRECT = ("economy.ledger.cash(0)", "economy.p.chips.lead_months + 1", "economy.vendors[0].figures.market_cap.mean()")


def test_the_types_of_parameters_are_those_of_the_registry():
    there = {path.name: path.read_text(encoding="utf-8") for path in GROUPS.glob("*.py") if path.name != "base.py"}
    assert there == groups_texts(), "run `uv run python -m perpetuum.model.parameters`"


@pytest.mark.slow
def test_a_misspelt_attribute_of_the_economy_its_agents_or_parameters_is_a_type_error(tmp_path):
    from mypy import api

    head = ["from perpetuum.model.economy import Economy", "", "", "def use(economy: Economy) -> None:"]
    snippet = tmp_path / "snippet.py"
    snippet.write_text("\n".join([*head, *(f"    {line}" for line in (*CORRECT, *MISTAKES))]) + "\n", encoding="utf-8")
    found = api.run([str(snippet), "--config-file", str(ROOT / "pyproject.toml")])[0]
    wrong = {n: sentence for n, sentence in enumerate(MISTAKES.values(), len(head) + len(CORRECT) + 1)}
    told = {int(line.split("snippet.py:")[1].split(":")[0]): line for line in found.splitlines() if "snippet.py:" in line}
    assert told.keys() == wrong.keys(), found
    for line, sentence in wrong.items():
        assert sentence in told[line]
