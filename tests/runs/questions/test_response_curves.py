"""Response curves: where a mean over the same worlds crosses a level, and whether that is one place."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.runs.questions import response_curves as response

VALUES = np.linspace(0, 1, 21)


def logistic(x, middle=0.6, width=0.05):
    return 1 / (1 + np.exp(-(x - middle) / width))


def marks_of(chance, worlds=100, values=VALUES, seed=1):
    """Worlds with one draw each: world w is marked wherever the chance exceeds its draw."""
    draws = np.random.default_rng(seed).random(worlds)
    return draws[:, None] < np.asarray(chance(values))[None, :]


def test_a_crossing_lies_on_the_line_between_its_two_probes():
    found = response.find_crossings(np.array([0.0, 0.2, 0.4, 1.0]), np.array([0.1, 0.4, 0.8, 0.2]))
    assert [crossing.direction for crossing in found] == ["up", "down"]
    assert [crossing.value for crossing in found] == pytest.approx([0.25, 0.7])
    assert (found[0].low, found[0].high) == (0.2, 0.4)


def test_a_rising_response_has_one_threshold_inside_its_interval():
    found = response.find_threshold(VALUES, marks_of(logistic))
    assert found.reason is None
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(0.6, abs=0.03)
    assert found.beyond == 0


def test_a_falling_response_is_the_mirror_image_of_a_rising_one():
    marks = marks_of(logistic)
    rising, falling = response.find_threshold(VALUES, marks), response.find_threshold(1 - VALUES[::-1], marks[:, ::-1])
    assert falling.response.direction == "falls"
    assert falling.value == pytest.approx(1 - rising.value)
    assert (falling.low, falling.high) == pytest.approx((1 - rising.high, 1 - rising.low), abs=0.001)


def test_the_interval_holds_the_true_threshold_in_about_95_of_100_cases():
    rng = np.random.default_rng(7)
    held = 0
    for case in range(80):
        marks = rng.normal(0.6, 0.2, 60)[:, None] < VALUES[None, :]
        found = response.find_threshold(VALUES, marks, resamples=300, seed=case)
        held += found.low <= 0.6 <= found.high
    assert 0.88 <= held / 80 <= 1.0


def test_no_crossing_no_threshold():
    found = response.find_threshold(VALUES, marks_of(lambda x: 0.3 * x))
    assert (found.value, found.reason, found.crossings) == (None, response.NO_CROSSING, ())


def test_a_response_that_rises_and_falls_is_refused_and_its_crossings_reported():
    found = response.find_threshold(VALUES, marks_of(lambda x: np.where(x < 0.3, 0, np.where(x < 0.6, 0.9, 0.2))))
    assert (found.value, found.reason) == (None, response.NOT_MONOTONE)
    assert [crossing.direction for crossing in found.crossings] == ["up", "down"]
    assert found.response.fall.share_before > 0.8 > 0.3 > found.response.fall.share_after
    assert found.response.fall.p < 0.01


def test_wiggles_within_noise_are_not_called_a_fall():
    """Worlds on a plateau at one half, each drawn anew at each probe: at most one in twenty may be refused."""
    rng = np.random.default_rng(3)
    chance = np.where(VALUES < 0.3, 0.0, np.where(VALUES < 0.7, 0.5, 1.0))
    refused = 0
    for case in range(60):
        judged = response.judge_response(VALUES, rng.random((80, len(VALUES))) < chance, flips=300, seed=case)
        refused += judged.direction == "not_monotone"
    assert refused <= 7


def test_a_curve_that_wiggles_across_one_half_tips_where_its_monotone_fit_does():
    rng = np.random.default_rng(5)
    marks = rng.random((100, len(VALUES))) < np.where(VALUES < 0.3, 0.0, np.where(VALUES < 0.7, 0.5, 1.0))
    found = response.find_threshold(VALUES, marks)
    assert len(found.crossings) > 1
    assert found.reason is None
    assert 0.25 < found.value < 0.75
    assert found.low < 0.35
    assert found.high > 0.6


def test_the_same_worlds_are_compared_with_themselves():
    """Eight of twenty worlds turn back and none the other way: a fall. In worlds drawn anew the same shares show none."""
    marks = np.zeros((40, 3), dtype=bool)
    marks[:20, 1] = True
    marks[:12, 2] = True
    assert response.judge_response(np.arange(3.0), marks).direction == "not_monotone"
    rng = np.random.default_rng(1)
    anew = np.stack([rng.permutation(marks[:, k]) for k in range(3)], axis=1)
    assert response.judge_response(np.arange(3.0), anew).direction == "rises"


def test_an_interval_is_open_where_resampled_curves_tip_beyond_the_range():
    found = response.find_threshold(VALUES, marks_of(lambda x: 0.52 * x, worlds=400))
    assert found.value is not None
    assert found.low is not None
    assert found.high is None
    assert 0 < found.beyond < 1


def test_a_mean_passes_its_level_where_it_was_built_to():
    """Months lost rise by 40 along the range, with noise between worlds: twelve of them at 0.3."""
    months = 40 * VALUES[None, :] + np.random.default_rng(2).normal(0, 8, (100, 1))
    found = response.find_threshold(VALUES, months - months.mean() + 20, level=12.0)
    assert found.value == pytest.approx(0.3, abs=0.001)
    assert found.low < 0.3 < found.high
    assert response.find_threshold(VALUES, months, level=90.0).reason == response.NO_CROSSING


def test_marks_and_the_same_marks_as_amounts_have_one_answer():
    marks = marks_of(logistic)
    one, other = response.find_threshold(VALUES, marks), response.find_threshold(VALUES, marks.astype(float))
    assert one == other


def test_so_few_worlds_can_show_nothing():
    assert not response.can_tell(4)
    assert response.can_tell(5)
    found = response.find_threshold(VALUES, marks_of(logistic, worlds=3))
    assert found.reason == response.NO_RESPONSE


def test_worlds_are_told_by_how_often_they_turn():
    rows = np.array([[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [0, 1, 0, 1], [1, 0, 0, 0]], dtype=bool)
    seen = response.count_switches(np.arange(4.0), rows)
    assert (seen.never, seen.always, seen.once, seen.back_and_forth) == (1, 1, 2, 1)
    assert seen.turns == (1.5, 0.5)
