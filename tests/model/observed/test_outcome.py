"""The verdict on hand-made worlds: every class, every condition of the headline, and the statistics."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.errors import InputError
from perpetuum.model.observed.outcome import (
    CLASSES,
    HEADLINES,
    PAIRS,
    Thresholds,
    judge,
    pair_labels,
    paired,
    shares,
    threshold_sensitivity,
    trailing_mean,
    wilson,
)
from perpetuum.model.scenario import Scenario

MONTHS, START, RELEASED = 120, 24, 90
CORE = ("lead_lab", "leveraged_cloud", "lead_vendor")
FACTS = {"core": CORE, "tightening_start": np.array([START])}


def sound(months: int = MONTHS, **changed) -> dict[str, np.ndarray]:
    """One world that holds up by every condition; `changed` replaces series by values or a number."""
    t = np.arange(months)
    world = {
        "vendor_revenue": 15.0 + 0.1 * t,
        "operating_ratio": np.where(t < 80, 0.7, 1.2),
        "gw_in_service": 12.0 + 0.2 * t,
        "outside_financing": np.where(t < 80, 5.0, -1.0),
        "contracted_gw": np.full(months, 0.1),
        "delivered_gw": np.full(months, 0.095),
        "training_gw": np.full(months, 1.0),
        "theta": np.where((t >= START) & (t < RELEASED), 0.6, 0.0),
    }
    world |= {name.replace("__", ":"): value for name, value in changed.items()}
    return {name: np.broadcast_to(np.asarray(values, dtype=float), (months,))[None, :] for name, values in world.items()}


def at(month: int, value: float = 1.0, months: int = MONTHS) -> np.ndarray:
    return np.where(np.arange(months) == month, value, 0.0)


def verdict(world, facts=FACTS, thresholds=None) -> tuple[str, str]:
    result = judge(world, facts, thresholds)
    return str(result.headline[0]), str(result.outcome[0])


def crash(from_month: int, to: float, back_at: int | None = None, months: int = MONTHS) -> np.ndarray:
    """Revenue of 20 that falls to `to` at once, and comes back to 20 in `back_at`."""
    t = np.arange(months)
    return np.where((t >= from_month) & (t < (months if back_at is None else back_at)), to, 20.0)


# --- the headline -------------------------------------------------------------------------------------------


def test_a_sound_world_holds_up():
    assert verdict(sound()) == ("holds_up", "self_sustaining")


@pytest.mark.parametrize(
    "changed",
    [
        {"operating_ratio": 0.99},
        {"gw_in_service": np.where(np.arange(MONTHS) == 118, 10.0, 20.0)},
        {"outside_financing": 1.0},
        {"delivered_gw": 0.079},
        {"rescue__lead_lab": at(50)},
        {"arrears__leveraged_cloud": at(50, 0.2)},
        {"training_gw": np.where(np.arange(MONTHS) < 60, 1.0, 0.49)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_missing_one_condition_leaves_a_world_undecided(changed):
    assert verdict(sound(**changed))[0] == "undecided"


@pytest.mark.parametrize(
    "changed",
    [
        {"operating_ratio": 1.0},
        {"gw_in_service": 12.0},
        {"delivered_gw": 0.0801},
        {"training_gw": np.where(np.arange(MONTHS) < 60, 1.0, 0.5)},
        {"contracted_gw": 0.0, "delivered_gw": 0.0},
        {"rescue__neocloud": at(50), "arrears__second_lab": at(50), "default__second_lab": at(50)},
        {"commitments_shed__lead_lab": 0.33, "commitments_shed__neocloud": 1.0},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_just_meeting_a_condition_is_enough(changed):
    assert verdict(sound(**changed))[0] == "holds_up"


def test_default_of_a_core_firm_is_a_fall_even_if_all_else_is_sound():
    for firm in CORE:
        assert verdict(sound(**{f"default__{firm}": at(100)})) == ("falls_apart", "contained_failure")


def test_shedding_a_third_of_commitments_is_a_fall_without_default():
    assert verdict(sound(commitments_shed__leveraged_cloud=1 / 3)) == ("falls_apart", "contained_failure")


def test_halved_revenue_is_a_fall_only_if_it_stays_down_for_24_months():
    # A step in month 50 halves the six-month mean in month 55 (or before, to zero sooner).
    assert verdict(sound(vendor_revenue=crash(50, 9.0)))[1] == "hard_landing"
    assert verdict(sound(vendor_revenue=crash(50, 9.0, back_at=72)))[0] == "holds_up"


def test_a_fall_too_late_to_know_whether_it_recovers_is_undecided():
    world = sound(vendor_revenue=crash(105, 2.0), operating_ratio=0.9)
    assert verdict(world)[0] == "undecided"
    assert judge(world, FACTS).metrics["drawdown"][0] == pytest.approx(0.9)


def test_a_fall_that_was_over_before_the_tightening_does_not_count_as_its_drawdown():
    t = np.arange(MONTHS)
    early = np.where((t >= 2) & (t < 10), 2.0, 20.0)
    result = judge(sound(vendor_revenue=early), FACTS)
    assert result.metrics["drawdown"][0] == 0.0
    assert result.headline[0] == "holds_up"


def test_metrics_of_a_world_are_what_they_are_by_hand():
    found = {name: values.item() for name, values in judge(sound(), FACTS).metrics.items()}
    by_hand = {
        "operating_ratio_last24": 1.2,
        "gw_kept": (12 + 0.2 * 96) / (12 + 0.2 * 23),  # least of the last 24 months over the month before the start
        "delivered_share": 0.95,
        "growth_last24": (26.65 / 24.25) ** 0.5 - 1,  # six-month means of months 119 and 95, two years apart
        "outside_financing_peak": 400.0,  # 80 months of 5
        "outside_financing_peak_month": 79.0,
        "peak_revenue": 26.65,
        "peak_revenue_month": 119.0,
        "final_revenue": 26.65,
        "months_after_release": 30.0,
        "core_default_month": -1.0,
    }
    assert {name: found[name] for name in by_hand} == pytest.approx(by_hand)


def test_a_dip_in_the_very_month_of_the_start_is_its_drawdown():
    dip = judge(sound(vendor_revenue=crash(START, 8.0, back_at=START + 1)), FACTS).metrics
    assert dip["drawdown"][0] == pytest.approx(0.1)  # (5 x 20 + 8) / 6 = 18 of 20
    assert dip["drawdown_month"][0] == START


def test_a_run_that_ends_less_than_24_months_after_release_cannot_hold_up():
    assert verdict(sound(months=RELEASED + 24))[0] == "holds_up"
    assert verdict(sound(months=RELEASED + 23))[0] == "undecided"
    assert verdict(sound(months=20))[0] == "undecided"


def test_a_short_run_can_fall():
    assert verdict(sound(months=30, default__lead_lab=at(10, months=30)))[0] == "falls_apart"


def test_where_funding_never_tightens_24_months_after_the_start_suffice():
    loose = {"theta": 0.0, "operating_ratio": 1.1}
    financing = np.where(np.arange(48) < 10, 1.0, -1.0)
    assert verdict(sound(months=48, outside_financing=financing, **loose))[0] == "holds_up"
    assert verdict(sound(months=47, outside_financing=financing[:47], **loose))[0] == "undecided"


def test_funding_that_is_never_released_cannot_hold_up():
    assert verdict(sound(theta=np.where(np.arange(MONTHS) < START, 0.0, 0.6)))[0] == "undecided"


# --- the classes --------------------------------------------------------------------------------------------

CLASS_CASES = {
    "collapse": {"vendor_revenue": crash(50, 5.0), "default__lead_lab": at(52)},
    "hard_landing": {"vendor_revenue": crash(50, 5.0)},
    "contained_failure": {"default__leveraged_cloud": at(52)},
    "self_sustaining": {},
    "soft_landing": {"vendor_revenue": crash(50, 12.0, back_at=70)},
    "rescued": {"rescue__lead_lab": at(60)},
    "stalled": {"vendor_revenue": 15.0, "operating_ratio": 0.79},
    "still_spinning": {"vendor_revenue": 15.0 * 1.01 ** np.arange(MONTHS), "operating_ratio": 0.7},
}


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_has_its_world(name):
    assert verdict(sound(**CLASS_CASES[name]))[1] == name


def test_default_with_a_passing_dip_by_half_is_a_collapse_and_without_is_contained():
    dip = crash(50, 5.0, back_at=60)
    assert verdict(sound(vendor_revenue=dip, default__lead_lab=at(52)))[1] == "collapse"


def test_stall_needs_both_slow_growth_and_a_low_ratio():
    assert verdict(sound(vendor_revenue=15.0, operating_ratio=0.81))[1] == "still_spinning"


# --- first domino -------------------------------------------------------------------------------------------


def test_first_domino_is_whoever_defaults_first_core_or_not():
    result = judge(sound(default__neocloud=at(40), default__lead_lab=at(60)), FACTS)
    assert (result.first_domino[0], result.first_default_month[0]) == ("neocloud", 40)
    assert result.metrics["core_default_month"][0] == 60


def test_in_one_month_the_firm_outside_the_core_is_the_first_domino():
    result = judge(sound(default__lead_lab=at(40), default__neocloud=at(40)), FACTS)
    assert result.first_domino[0] == "neocloud"


def test_no_default_no_domino():
    result = judge(sound(), FACTS)
    assert (result.first_domino[0], result.first_default_month[0]) == ("", -1)


def test_the_fall_of_the_neocloud_alone_is_not_the_fall_of_the_machine():
    assert verdict(sound(default__neocloud=at(40)))[0] == "holds_up"


# --- many worlds --------------------------------------------------------------------------------------------


def stacked(cases) -> dict[str, np.ndarray]:
    names = sorted({name for case in cases for name in case})
    return {name: np.concatenate([case.get(name, np.zeros((1, MONTHS))) for case in cases]) for name in names}


def test_a_world_is_judged_alone_as_in_company():
    cases = [sound(**CLASS_CASES[name]) for name in CLASSES]
    facts = {"core": CORE, "tightening_start": np.full(len(cases), START)}
    together = judge(stacked(cases), facts)
    assert together.outcome.tolist() == list(CLASSES)
    for number, case in enumerate(cases):
        alone = judge(case, FACTS)
        assert alone.headline[0] == together.headline[number]
        for name, values in alone.metrics.items():
            assert values[0] == together.metrics[name][number], name


def test_each_world_has_its_own_start():
    world = sound(vendor_revenue=crash(30, 5.0, back_at=40))
    both = {name: np.repeat(values, 2, axis=0) for name, values in world.items()}
    drawdown = judge(both, {"core": CORE, "tightening_start": np.array([24, 60])}).metrics["drawdown"]
    assert drawdown == pytest.approx([0.75, 0.0])


def test_metrics_can_be_read_as_attributes_and_taken_by_world():
    worlds = stacked([sound(), sound(default__lead_lab=at(3))])
    result = judge(worlds, {"core": CORE, "tightening_start": np.array([24, 24])})
    assert result.drawdown is result.metrics["drawdown"]
    assert result.take(np.array([1])).first_domino.tolist() == ["lead_lab"]
    with pytest.raises(AttributeError):
        _ = result.nothing_of_the_sort


def test_threshold_sensitivity_moves_each_threshold_and_only_those_that_matter_change_the_shares():
    result = threshold_sensitivity(sound(vendor_revenue=crash(50, 11.0)), FACTS)
    assert set(result) == {"as_defined", *(f.name for f in fields(Thresholds))}
    assert result["as_defined"]["holds_up"] == 1.0  # a loss of 45 % is no fall ...
    assert result["drawdown"]["lower"]["falls_apart"] == 1.0  # ... but it is at a threshold of 40 %
    assert result["drawdown"]["higher"] == result["as_defined"]
    assert result["shed"]["lower"] == result["as_defined"]
    for entry in result.values():
        for one in entry.values():
            if isinstance(one, dict):
                assert set(one) == set(HEADLINES)
                assert sum(one.values()) == pytest.approx(1.0)


# --- statistics ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_published_intervals(successes, n, low, high):
    assert wilson(successes, n, z=1.959964) == pytest.approx((low, high), abs=5e-5)


def test_wilson_at_the_ends():
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == 1.0
    low, high = wilson(3, 10)
    assert wilson(7, 10) == pytest.approx((1 - high, 1 - low))


def test_pairs_tell_the_four_stories_apart():
    asked = np.array(["falls_apart", "falls_apart", "undecided", "holds_up", "undecided"])
    loose = np.array(["holds_up", "falls_apart", "falls_apart", "undecided", "undecided"])
    assert pair_labels(asked, loose).tolist() == [*PAIRS, "stood"]
    result = paired(asked, loose)
    assert [result[name]["share"] for name in PAIRS] == [0.2, 0.2, 0.2, 0.4]
    assert all(one["low"] <= one["share"] <= one["high"] for one in result.values())


def test_shares_of_labels_that_do_not_occur_are_zero_with_an_interval():
    result = shares(np.array(["holds_up"] * 4), HEADLINES)
    assert result["falls_apart"]["share"] == 0.0
    assert 0.4 < result["falls_apart"]["high"] < 0.6


def test_trailing_mean_uses_what_there_is_at_the_beginning():
    assert trailing_mean(np.array([[2.0, 4.0, 6.0, 8.0]]), 2).tolist() == [[2.0, 3.0, 5.0, 7.0]]


def test_a_verdict_without_its_series_is_refused_in_a_sentence():
    economy = Economy(Scenario(worlds=1, months=2, series=("vendor_revenue", "policy_rate")))
    economy.run()
    with pytest.raises(InputError, match="needs the series operating_ratio, gw_in_service"):
        economy.outcome()
