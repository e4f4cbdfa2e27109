"""The command that prints what turns first at a bend of demand: when a series has turned."""

from __future__ import annotations

import numpy as np

from tests.order_at_a_bend import BEND, WINDOW, turns


def test_a_series_turns_where_half_a_year_of_it_stays_a_tenth_below_for_half_a_year():
    straight = np.ones((4, 60))
    bent = straight.copy()
    bent[0, BEND + 3 :] = 0.5  # a sum over six months of 5 + 1/2 is .92 of six, one of 4 + 2 x 1/2 is .83: a month later
    bent[1, BEND + 3 : BEND + 5] = 0.5  # over again before half a year of sums is low
    bent[2, :BEND] = 0.5  # before the bend: low for as long as a sum remembers it, five months, and no more
    assert turns(bent, straight).tolist() == [4, -1, -1, -1]
    assert WINDOW == 6
