"""Rules of agents, markets and surroundings: each has a worked example, and the same bits for one world and for all."""

from __future__ import annotations

import doctest
import importlib

import numpy as np
import pytest

from perpetuum.runs.study.compilation import rules

RULES = rules()


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_an_example_that_holds(name):
    rule = RULES[name]
    module = importlib.import_module(rule.__module__)
    example = doctest.DocTestParser().get_doctest(rule.__doc__, vars(module).copy(), name, module.__file__, 0)
    assert example.examples, f"{name} has no worked example"
    told: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(example, out=told.append)
    assert result.failed == 0, "".join(told)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_the_same_bits_over_all_worlds_as_by_hand(name):
    rule = RULES[name]
    draw = np.random.default_rng(7)
    numbers = draw.choice([0.0, 0.25, 1.0, 3.0, 12.0], size=(len(rule.inputs), 400)) + draw.normal(
        size=(len(rule.inputs), 400)
    )
    numbers[draw.random(numbers.shape) < 0.2] = 0.0
    over_all = rule(*numbers)
    compared = 0
    for world, inputs in enumerate(numbers.T.tolist()):
        try:
            by_hand = rule(*inputs)
        except ZeroDivisionError:
            continue
        assert over_all[world] == by_hand, f"{name}{tuple(inputs)}"
        compared += 1
    assert compared >= 100
