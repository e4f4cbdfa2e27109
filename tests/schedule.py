"""In which order parallel processes take the files of tests: the longest first, so that none is left over at the end.

A file is tested by one process, in which its tests share what they have simulated.
"""

from __future__ import annotations

from collections import Counter

import pytest

#: Files of the browser's tests: they come first and together, as those that one process tests share a server and a browser.
BROWSER = "tests/browser/"
#: Files that take longer than their number of tests tells, about the longest first.
LONGEST = (
    "tests/model/parameters/test_idle.py",
    "tests/runs/questions/test_validation_document.py",
    "tests/visualization/app/test_attacks.py",
    "tests/test_fuzz.py",
    "tests/runs/commands/test_every_option.py",
    "tests/model/test_extremes.py",
    "tests/visualization/app/test_verdict.py",
    "tests/visualization/app/test_one_story.py",
    "tests/runs/questions/test_tipping_steered.py",
    "tests/runs/questions/test_autopsy.py",
    "tests/runs/commands/test_run.py",
    "tests/model/parameters/test_groups.py",
    "tests/runs/study/test_processes.py",
    "tests/model/test_verdict_cannot_be_gamed.py",
    "tests/visualization/app/test_background.py",
    "tests/visualization/test_notebook.py",
    "tests/visualization/test_first_lesson.py",
    "tests/runs/study/test_side_studies_apart.py",
    "tests/runs/study/test_cluster.py",
    "tests/visualization/figures/test_study_figures.py",
    "tests/runs/commands/test_sweep.py",
    "tests/model/test_worlds.py",
    "tests/runs/commands/test_report.py",
    "tests/visualization/figures/test_dated_figures.py",
    "tests/visualization/figures/test_life_lost_figure.py",
)


def file_of(test: str) -> str:
    """The file in which a test stands, by its name."""
    return test.split("::", 1)[0]


def put_in_order(items: list[pytest.Item]) -> None:
    """Put the longest files first, and after them those with the most tests."""
    place = {file: number for number, file in enumerate(LONGEST)}
    tests = Counter(file_of(item.nodeid) for item in items)

    def turn(item: pytest.Item) -> tuple[bool, int, int]:
        file = file_of(item.nodeid)
        return not file.startswith(BROWSER), place.get(file, len(place)), -tests[file]

    items.sort(key=turn)
