"""The longest files come first, one process tests one of them whole, and the lists name files that are there."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace

from tests import schedule
from tests.schedule import APART, LONGEST, part_of, put_in_order

ROOT = Path(__file__).resolve().parent.parent


def test_the_longest_files_come_first_and_then_those_with_the_most_tests(monkeypatch):
    monkeypatch.setattr(schedule, "LONGEST", ("long.py", "longish.py"))
    names = ["few.py::a", "many.py::a", "many.py::b", "longish.py::a", "long.py::b", "long.py::a"]
    items = [SimpleNamespace(nodeid=name) for name in names]
    put_in_order(items)
    assert [item.nodeid for item in items] == [
        "long.py::b",
        "long.py::a",
        "longish.py::a",
        "many.py::a",
        "many.py::b",
        "few.py::a",
    ]


def test_a_file_is_one_part_and_where_nothing_is_shared_each_test_is(monkeypatch):
    monkeypatch.setattr(schedule, "APART", ("apart.py",))
    assert part_of("apart.py::test[one]") != part_of("apart.py::test[other]")
    assert part_of("whole.py::test[one]") == part_of("whole.py::test[other]") == "whole.py"


def test_the_files_named_are_there_and_the_browsers_stand_together():
    assert all((ROOT / file).is_file() for file in (*LONGEST, *APART))
    in_browser = [file.startswith("tests/browser/") for file in LONGEST]
    assert sum(one != other for one, other in itertools.pairwise(in_browser)) <= 2


def test_files_whose_tests_are_done_apart_share_no_fixture():
    for file in APART:
        assert 'scope="' not in (ROOT / file).read_text(encoding="utf-8")
