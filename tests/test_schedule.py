"""The longest files of tests come first, a file's tests in their own order; what is listed is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import schedule
from tests.schedule import BROWSER, LONGEST, put_in_order

ROOT = Path(__file__).resolve().parent.parent


def test_the_longest_files_come_first_and_then_those_with_the_most_tests(monkeypatch):
    monkeypatch.setattr(schedule, "LONGEST", ("long.py", "longish.py"))
    names = ["few.py::a", "many.py::a", "many.py::b", "longish.py::a", "long.py::b", "long.py::a", f"{BROWSER}page.py::a"]
    items = [SimpleNamespace(nodeid=name) for name in names]
    put_in_order(items)
    assert [item.nodeid for item in items] == [
        f"{BROWSER}page.py::a",
        "long.py::b",
        "long.py::a",
        "longish.py::a",
        "many.py::a",
        "many.py::b",
        "few.py::a",
    ]


def test_the_files_that_are_listed_are_there_and_each_but_once():
    assert all((ROOT / file).is_file() for file in LONGEST)
    assert len({*LONGEST}) == len(LONGEST)
    assert (ROOT / BROWSER).is_dir()


@pytest.mark.slow
def test_parallel_processes_take_the_files_in_this_order(tmp_path):
    """One process takes them one after the other: the file of one test before that of three."""
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_collection_modifyitems, pytest_configure\n")
    (tmp_path / "test_many.py").write_text("".join(f"def test_{number}(): pass\n" for number in range(3)))
    (tmp_path / "tests" / "browser").mkdir(parents=True)
    (tmp_path / BROWSER / "test_few.py").write_text("def test_one(): pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-n", "1", "--dist", "loadfile", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    passed = re.findall(r"PASSED.* (\S+)::", done.stdout)
    assert passed == [f"{BROWSER}test_few.py", *["test_many.py"] * 3], done.stdout
