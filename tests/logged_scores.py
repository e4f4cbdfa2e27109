"""The rows of the log of scores that stand in model/VALIDATION.md: all but looks with other worlds or seeds that came after."""

from __future__ import annotations

import re
from pathlib import Path

from perpetuum.runs.study import scored


def rows_of(document: str, log: Path = scored.SCORED) -> list[dict[str, str]]:
    """The log up to the last score of the test in the document, and at least up to the last of the usual worlds and seed."""
    rows = scored.rows(log)
    of_test = [number for number, row in enumerate(rows) if row["origin"] == scored.TEST_ORIGIN]
    told = len(re.findall(r"^\| \d{4}-\d\d-\d\d \| [0-9a-f]{12} \|", document, re.MULTILINE))
    usual = max(number for number in of_test if scored.is_usual(rows[number]))
    return rows[: max([usual, *of_test[:told][-1:]]) + 1]
