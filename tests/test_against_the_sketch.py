"""What the experiments against the sketch say: how policy rates cost life, what the vendor's help does for the second lab."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.agents.borrower import Borrower
from perpetuum.model.economy import Economy
from tests.against_the_sketch import (
    BY_RATES,
    FIRMS,
    REFUSED_LEVERAGED,
    SECOND_LAB_UNHELPED,
    USERS,
    Replaced,
    first_defaults,
    late_as_in_the_sketch,
    lived,
    with_rules,
)

START, WITHIN = 3, 60


def tightened(worlds: int, months: int, *rules: Replaced) -> Economy:
    """Worlds whose funding tightens in full through the policy rate alone, with some rules replaced."""
    with with_rules(*rules):
        return lived("ono_2025", worlds, 1, {**BY_RATES, "funding.start_month": START}, months=months)


def test_rules_are_replaced_for_a_while_and_put_back_whatever_happens():
    before = Borrower.willingness

    def interrupted() -> None:
        with with_rules(*REFUSED_LEVERAGED):
            assert Borrower.willingness is not before
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert Borrower.willingness is before


def test_in_the_sketch_nothing_lapses_below_fifteen_per_cent_and_four_per_cent_a_month_at_most():
    assert late_as_in_the_sketch(np.array([0.0, 0.15, 0.275, 0.4, 1.0])) == pytest.approx([0.0, 0.0, 0.02, 0.04, 0.04])


@pytest.mark.slow
def test_a_rise_of_the_policy_rate_that_no_user_sees_changes_nothing():
    everyone = [rule for rules in USERS.values() for rule in rules]
    loose, seen = lived("ono_2025", 8, 1, {}, months=40), tightened(8, 40)
    unseen = tightened(8, 40, *everyone)
    for name in ("vendor_revenue", "lead_lab_valuation", "gold_price"):
        assert unseen.series[name] == pytest.approx(loose.series[name], rel=1e-6)
    assert not np.allclose(seen.series["vendor_revenue"], loose.series["vendor_revenue"], rtol=1e-3)


@pytest.mark.slow
def test_policy_rates_cost_life_because_lenders_refuse_the_leveraged_cloud():
    months = START + WITHIN + 11
    loose, seen, unrefused = (
        economy.outcome().life
        for economy in (
            lived("ono_2025", 64, 1, {}, months=months),
            tightened(64, months),
            tightened(64, months, *REFUSED_LEVERAGED),
        )
    )
    lost = (loose - seen).mean()
    assert lost > 2
    assert abs((loose - unrefused).mean()) < lost / 4


@pytest.mark.slow
def test_the_second_lab_defaults_more_often_where_the_vendor_helps_the_lead_lab_and_clouds_alone():
    helped = first_defaults(lived("ono_2025", 64, 1, {}), 120)
    with with_rules(*SECOND_LAB_UNHELPED):
        unhelped = first_defaults(lived("ono_2025", 64, 1, {}), 120)
    second = FIRMS.index("second_lab")
    assert (unhelped[second] >= 0).sum() > 1.5 * (helped[second] >= 0).sum()
