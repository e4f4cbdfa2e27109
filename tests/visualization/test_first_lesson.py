"""The table of the first lesson says what the command above it finds, within a world or two of forty; what is asked fits it."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from perpetuum.model.observed.outcome import wilson
from perpetuum.visualization.app.levers import revenue_2030
from tests.browser.harness import ROOT

NUMBER = re.compile(r"\d+(?:\.\d+)?")
WORLDS = 40


def text(language: str) -> str:
    """The lesson."""
    return (ROOT / "visualization" / "lessons" / f"first_lesson.{language}.md").read_text(encoding="utf-8")


def rows(language: str) -> list[list[list[float]]]:
    """The table's rows: numbers of each cell."""
    cells = [line.strip("| ").split("|") for line in text(language).splitlines() if line.startswith("| ") and "%" in line]
    return [[[float(number) for number in NUMBER.findall(cell)] for cell in row] for row in cells]


def test_every_interval_is_that_of_its_share():
    for row in rows("en"):
        for share, low, high in row[2:]:
            fitting = [wilson(worlds, WORLDS) for worlds in range(WORLDS + 1) if abs(100 * worlds / WORLDS - share) <= 0.5]
            assert [round(100 * end) for end in fitting[0]] == [low, high]


def test_the_table_is_the_same_in_both_languages():
    assert rows("en") == rows("zh")
    assert len(rows("en")) == 4


def test_the_question_about_those_that_pay_for_themselves_says_what_the_table_says():
    tight, loose = rows("en")[2:]
    asked = [row[state][0] for state in (3, 4) for row in (tight, loose)]
    paying, fallen = [asked[0] + asked[2], asked[1] + asked[3]], [tight[2][0], loose[2][0]]
    for language in ("en", "zh"):
        question = text(language).split("\n2. ")[1].split("\n3. ")[0]
        assert [float(number) for number in re.findall(r"(\d+) ?%", question)] == paying + fallen


@pytest.mark.slow
def test_weak_demand_is_what_the_lever_says():
    said = np.interp(0.4, *zip(*revenue_2030("first_lesson"), strict=True))
    assert f"${said:.2f}tn" in text("en")
    assert f"{said:.2f}万亿美元" in text("zh")


@pytest.mark.slow
@pytest.mark.parametrize("row", rows("en"), ids=str)
def test_the_table_says_what_the_command_finds(tmp_path, row):
    (demand, tightening), told = (row[0][0], row[1][0]), row[2:]
    moved = ("--set", f"demand.strength={demand:g}", "--set", f"funding.tightening={tightening:g}")
    command = [sys.executable, "-m", "perpetuum.runs", "run", "first_lesson", "--worlds", str(WORLDS), *moved]
    done = subprocess.run([*command, "--no-side-studies", "--json"], cwd=tmp_path, check=True, capture_output=True)
    found = json.loads(done.stdout)["odds"]["asked"][-1]
    assert found["date"] == "2035-09-01"
    for state, (share, *_) in zip(("fallen", "alone", "smaller", "spinning"), told, strict=True):
        # The last bits of a figure differ between processors, and what follows from them may differ by one world.
        assert abs(share - 100 * found[state]["share"]) <= 100 / WORLDS + 0.5, state
