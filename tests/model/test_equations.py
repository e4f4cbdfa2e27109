"""Equations: a rule of plain numbers means the same for one firm in one world and for all firms in all worlds."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from perpetuum.model.equations import equation


@equation
def part_paid(means: float, due: float, floor: float) -> float:
    """max(min(means / due, 1), floor); 1 where nothing is due."""
    return max(min(means / due, 1.0), floor) if due > 0.0 else 1.0


@equation
def short(means: float, due: float) -> bool:
    """Whether means fall short of what is due."""
    return means < due


def test_a_rule_can_be_tried_by_hand():
    assert part_paid(30, 40, 0.1) == 0.75
    assert part_paid(1, 40, 0.1) == 0.1
    assert part_paid(1, 0, 0.1) == 1.0
    assert short(1, 2) is True


def test_over_arrays_a_rule_has_the_bits_of_the_rule_by_hand():
    numbers = np.random.default_rng(1).normal(size=(2, 3, 64))
    numbers[1, :, ::7] = 0.0
    for means, due in (numbers, numbers[:, :, ::3], numbers[:, 1], numbers[:, :, 5]):
        by_hand = [part_paid.rule(m, d, 0.1) for m, d in zip(means.flat, due.flat, strict=True)]
        assert part_paid(means, due, 0.1).ravel().tolist() == by_hand
        assert short(means, due).ravel().tolist() == [m < d for m, d in zip(means.flat, due.flat, strict=True)]


def test_firms_worlds_and_parameters_broadcast_and_whole_dollars_count_as_numbers():
    means, due = np.array([[1], [4]]), np.array([2, 8, 0])
    assert part_paid(means, due, np.array([0.0, 0.3, 0.0])).tolist() == [[0.5, 0.3, 1.0], [1.0, 0.5, 1.0]]
    assert short(means, due).dtype == bool


def test_a_quotient_that_a_rule_passes_over_is_not_warned_of():
    with np.errstate(all="raise"):
        assert part_paid(np.array([1.0, 1.0]), np.array([0.0, 2.0]), 0.0).tolist() == [1.0, 0.5]


def test_a_rule_takes_as_many_numbers_as_it_names():
    with pytest.raises((TypeError, ValueError), match="argument"):
        part_paid(np.ones(2), np.ones(2))


def test_a_rule_is_pickled_by_its_name():
    assert pickle.loads(pickle.dumps(part_paid)) is part_paid
