"""Examples in docstrings: every one is run, those of equations by the rule that they belong to."""

from __future__ import annotations

import doctest
import importlib

import pytest

from perpetuum.model.equations import Equation
from tests.test_house import modules

WITH_EXAMPLES = [name for name, path in modules().items() if "\n    >>> " in path.read_text(encoding="utf-8")]


def examples(module) -> list[doctest.DocTest]:
    """The examples of a module, of its functions and classes, and of its equations."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = finder.find(module)
    for name, thing in vars(module).items():
        if isinstance(thing, Equation) and thing.rule.__module__ == module.__name__:
            found += finder.find(thing.rule, name, module, vars(module))
    return [one for one in found if one.examples]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings_are_true(name):
    module = importlib.import_module(f"perpetuum.{name}")
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    found = examples(module)
    for one in found:
        runner.run(one)
    assert found, f"{name} has examples that no one finds"
    assert runner.summarize(verbose=False).failed == 0
