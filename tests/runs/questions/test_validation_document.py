"""model/VALIDATION.md says what `perpetuum validate` finds: words and verdicts to the letter, figures within TOLERANCE.

The last bits of a figure differ between processors, and what follows from them may differ by a world or two of two hundred.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from perpetuum.runs.questions import validation
from perpetuum.runs.screen.validation import document
from tests.logged_scores import rows_of

DOCUMENT = Path(__file__).resolve().parents[3] / "model" / "VALIDATION.md"
#: How far a figure may be from what is written: this much, and this part of the larger of the two.
TOLERANCE = 0.02, 0.05
NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?")


def numbers(line: str) -> list[float]:
    return [float(found.replace("−", "-").replace(",", "")) for found in NUMBER.findall(line)]


def near(a: float, b: float) -> bool:
    return abs(a - b) <= TOLERANCE[0] + TOLERANCE[1] * max(abs(a), abs(b))


def disagreements(written: str, found: str) -> list[str]:
    """Lines of two documents that differ in a word, in a verdict, or in a figure by more than is allowed."""
    old, new = written.splitlines(), found.splitlines()
    if len(old) != len(new):
        return [f"{len(old)} lines are written, and there are {len(new)}"]
    return [
        f"line {number}: '{a}' is written, and it is '{b}'"
        for number, (a, b) in enumerate(zip(old, new, strict=True), 1)
        if NUMBER.sub("#", a) != NUMBER.sub("#", b)
        or not all(near(x, y) for x, y in zip(numbers(a), numbers(b), strict=True))
    ]


@pytest.mark.parametrize(
    ("found", "differs"),
    [
        ("| sales, $bn | 4,420 | −0.31 to 0.19 | met |", False),
        ("| sales, $bn | 4,610 | −0.33 to 0.20 | met |", False),
        ("| sales, $bn | 4,680 | −0.31 to 0.19 | met |", True),  # 6 % more
        ("| sales, $bn | 4,420 | 0.31 to 0.19 | met |", True),  # a sign
        ("| sales, $bn | 4,420 | −0.31 to 0.25 | met |", True),
        ("| sales, $bn | 4,420 | −0.31 to 0.19 | missed |", True),
        ("| sales, $bn | 4,420 |  | met |", True),
    ],
)
def test_words_and_verdicts_are_compared_to_the_letter_and_figures_by_how_far_they_are_apart(found, differs):
    assert bool(disagreements("| sales, $bn | 4,420 | −0.31 to 0.19 | met |", found)) == differs
    assert disagreements("a\nb", "a") == ["2 lines are written, and there are 1"]


@pytest.mark.slow
def test_the_document_says_what_the_command_finds():
    written = DOCUMENT.read_text(encoding="utf-8")
    found = document(validation.validate().told(), "ono_2025", 1, rows_of(written))
    assert disagreements(written, found) == []
