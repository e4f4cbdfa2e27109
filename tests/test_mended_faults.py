"""That every fault which `tests.mended_faults` puts back is one: it changes what the same worlds do, and leaves no trace."""

from __future__ import annotations

import numpy as np
import pytest

from tests.against_the_sketch import Replaced, lived, with_rules
from tests.mended_faults import ROWS

#: Tight enough and long enough for every kind of trouble.
TROUBLE = {"funding.tightening": 1.0, "funding.start_month": 3, "demand.strength": 0.3, "credit.sweep_share": 1.0}


def cash_of_all(rules: tuple[Replaced, ...]) -> np.ndarray:
    with with_rules(*rules):
        economy = lived("ono_2025", 16, 1, TROUBLE, months=84)
    return economy.ledger.row("deposits").copy()


@pytest.mark.slow
def test_each_fault_changes_what_the_same_worlds_do_and_none_outlives_its_row():
    as_it_is = cash_of_all(())
    for words, rules in ROWS[1:]:
        assert not np.array_equal(cash_of_all(rules), as_it_is), words
    assert np.array_equal(cash_of_all(()), as_it_is)
