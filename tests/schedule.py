"""In which order files are tested by parallel processes: the longest first, so that none is left over when all others are done.

A file is tested by one process, in which its tests share what they have simulated. In those of `APART` they share nothing.
"""

from __future__ import annotations

from collections import Counter

import pytest
from xdist.scheduler import LoadFileScheduling

#: Files that take the longest by processor time, or wait the longest, in order. All of the browser's come together: they share
#: a server and a browser.
LONGEST: tuple[str, ...] = ()
#: Files of which every test may be done by any process.
APART: tuple[str, ...] = ()


def file_of(test: str) -> str:
    """The file in which a test stands, by its name."""
    return test.split("::", 1)[0]


def part_of(test: str) -> str:
    """What one process tests whole: a file, or where tests share nothing a single test."""
    return test if file_of(test) in APART else file_of(test)


def put_in_order(items: list[pytest.Item]) -> None:
    """Put the longest files first, and after them those with the most tests."""
    place = {file: number for number, file in enumerate(LONGEST)}
    tests = Counter(file_of(item.nodeid) for item in items)

    def turn(item: pytest.Item) -> tuple[int, int]:
        file = file_of(item.nodeid)
        return place.get(file, len(place)), -tests[file]

    items.sort(key=turn)


class LongestFirst(LoadFileScheduling):
    """Hands out files in the order in which they stand."""

    def __init__(self, config: pytest.Config, log=None):
        super().__init__(config, log)
        self.config.option.loadscopereorder = False  # nor by how many tests they have

    def _split_scope(self, nodeid: str) -> str:
        return part_of(nodeid)
