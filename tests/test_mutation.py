"""Faults that are planted to try the tests: each can be planted, and a copy of the tree imports itself."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from tests.mutation import plant


@pytest.mark.parametrize("fault", plant.faults(), ids=lambda fault: fault.name)
def test_every_fault_can_be_planted_where_it_says(fault):
    assert fault.wrong() == ""


def test_a_fault_that_cannot_be_planted_is_told():
    fault = plant.faults()[0]
    for change, words in (
        ({"old": "nowhere to be found"}, "stands 0 times"),
        ({"file": "model/nothing.py"}, "no file"),
        ({"tests": ("tests/test_mutation.py::test_of_nothing",)}, "no test"),
        ({"new": fault.old}, "the same"),
    ):
        assert words in dataclasses.replace(fault, **change).wrong()


def test_a_copy_of_the_tree_imports_itself():
    with plant.copy() as tree:
        code = "import perpetuum.model as m, pathlib; print(pathlib.Path(m.__file__).resolve())"
        environment = {"PYTHONPATH": str(tree / ".ci" / "typing")}
        done = subprocess.run([sys.executable, "-c", code], cwd=tree, env=environment, capture_output=True, text=True)
        assert done.stdout.strip() == str((tree / "model" / "__init__.py").resolve()), done.stderr


@pytest.mark.parametrize(
    ("code", "printed", "noticed"),
    [
        (1, "short summary\nFAILED tests/test_a.py::test_b - assert 1\n", "test_b"),
        (1, "short summary\nERROR tests/test_a.py::test_c - ValueError\n", "test_c"),
        (0, "1 passed\n", ""),
        (2, "ERROR tests/test_a.py - ImportError\n", ""),  # pytest itself gave up: nothing was tried
    ],
)
def test_a_fault_is_noticed_where_a_test_or_what_it_is_given_fails(code, printed, noticed):
    assert plant.noticed_by(code, printed) == noticed
