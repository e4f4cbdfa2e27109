"""What is recorded month by month stands in one array, and is what a list of arrays would be."""

import copy
import pickle

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from perpetuum.model.observed.months import Months
from perpetuum.model.worlds import select


def recorded(count, room=3):
    months = Months(room)
    for month in range(count):
        months.append(np.array([month, 10.0 + month]))
    return months


@pytest.mark.parametrize("count", [0, 1, 3, 8])
def test_months_are_a_sequence_of_arrays(count):
    months, listed = recorded(count), [np.array([month, 10.0 + month]) for month in range(count)]
    assert len(months) == count
    assert np.array_equal(list(months), listed)
    assert np.array_equal(months[-2:], listed[-2:])
    if count:
        assert np.array_equal(months[-1], listed[-1])
        assert np.array_equal(months.stacked(), np.stack(listed, axis=1))
        assert months.stacked().flags.c_contiguous
    with pytest.raises(IndexError):
        months[count]


def test_what_is_recorded_does_not_change_with_what_it_was_read_from():
    months, balance = Months(2), np.array([1.0, 2.0])
    months.append(balance)
    balance += 5
    assert months[0].tolist() == [1, 2]


def test_what_is_read_stays_when_room_is_made_and_numbers_of_another_type_come():
    months = Months(1)
    months.append(np.array([True, False]))
    months.append(np.array([0.5, 2.0]))
    months.append(np.array([3, 4]))
    assert np.array(months).tolist() == [[1, 0], [0.5, 2], [3, 4]]


def test_copies_and_pickles_go_on_by_themselves():
    months = recorded(2)
    others = [copy.deepcopy(months), pickle.loads(pickle.dumps(months))]
    for other in others:
        other.append(np.array([7.0, 8.0]))
    months.append(np.array([1.0, 1.0]))
    for other in others:
        assert np.array(other).tolist() == [[0, 10], [1, 11], [7, 8]]
    assert np.array(months)[-1].tolist() == [1, 1]


def test_a_pickle_holds_the_months_recorded_and_no_room():
    assert len(pickle.dumps(recorded(2, room=10_000))) < 1000


def test_chosen_worlds_are_taken_out():
    assert np.array(select(recorded(5), np.array([1, 1, 0])))[3].tolist() == [13, 13, 3]


def test_an_economy_records_its_months_in_as_many_arrays_as_it_has_series():
    economy = Economy(Scenario("triangle", months=4))
    economy.run(1)
    collector = economy.collector
    records = [*collector.values.values(), *collector.facts.values(), *collector.dyes.values()]
    arrays = [id(months.rows) for months in records]
    economy.run()
    assert [id(months.rows) for months in records] == arrays
    assert all(len(months) == economy.month for months in records)
