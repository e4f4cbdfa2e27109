"""A calibration sees nothing later than its day, finds a truth that was planted, and says what it does not find."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pytest
from scipy.special import ndtri

from perpetuum.model import history
from perpetuum.model.fits import fit_names, load_fit
from perpetuum.model.scenario import InputError
from perpetuum.runs.questions import calibration
from perpetuum.runs.questions.calibration import FREE, aims_of, calibrate, priors_of, simulated
from perpetuum.runs.questions.fit_plans import PLANS
from perpetuum.runs.questions.history_matching import Figure, identified, implausibility, match, narrowed, standing
from perpetuum.runs.questions.regression_adjustment import adjusted

OCTOBER_2024 = datetime.date(2024, 10, 1)


# --- what a fit may see -------------------------------------------------------------------------------------


def test_fit_a_sees_its_year_alone_and_what_was_public_on_the_first_of_october():
    seen = [fact for aim in aims_of(PLANS["A"]) for fact in aim.facts]
    assert PLANS["A"].known == OCTOBER_2024
    assert all(fact.public <= OCTOBER_2024 for fact in seen)
    assert all(datetime.date(2023, 10, 1) < fact.date < OCTOBER_2024 for fact in seen)
    assert {aim.preset for aim in aims_of(PLANS["A"])} == {"ono_2023"}


def test_a_figure_that_was_published_later_cannot_enter(monkeypatch):
    capex = history.facts("hyperscaler4_capex_quarter")
    late = [fact for fact in capex if fact.date == datetime.date(2024, 9, 30)]
    assert late[0].public > OCTOBER_2024
    seen = {aim.series: aim.facts for aim in aims_of(PLANS["A"]) if aim.what == "level"}
    assert late[0] not in seen["hyperscaler4_capex_quarter"]
    assert late[0] in {fact for aim in aims_of(PLANS["B"]) for fact in aim.facts}

    planted = {
        day: dataclasses.replace(late[0], date=datetime.date(2024, 9, 15), public=datetime.date(2024, 10, day))
        for day in (1, 2)
    }
    rows = {**history.record(), "hyperscaler4_capex_quarter": (*capex, *planted.values())}
    monkeypatch.setattr(history, "record", lambda: rows)
    seen = {aim.series: aim.facts for aim in aims_of(PLANS["A"]) if aim.what == "level"}
    assert planted[1] in seen["hyperscaler4_capex_quarter"]
    assert planted[2] not in seen["hyperscaler4_capex_quarter"]


def test_fewer_parameters_are_free_than_there_are_figures():
    for plan in PLANS.values():
        assert len(FREE) < len(aims_of(plan)) < len({fact for aim in aims_of(plan) for fact in aim.facts})


def test_what_is_free_has_a_prior_in_every_year_and_in_the_preset_that_draws_from_it():
    for preset in ("ono_2023", "ono_2024", "ono_2025"):
        unknowns = calibration.unknowns_of(preset)
        assert all(name in unknowns for free in FREE for name in (free.name, *free.also)), preset


@pytest.mark.parametrize("name", fit_names())
def test_a_fit_that_ships_stands_on_the_priors_of_today(name):
    fit = load_fit(name)
    letter = next(letter for letter, plan in PLANS.items() if plan.name == name)
    assert fit.priors == priors_of(fit.years), f"{name} was fitted under other priors: run `{fit.command}` again"
    assert (fit.known, fit.years) == (PLANS[letter].known, PLANS[letter].years)
    assert 200 <= fit.rows <= 400


# --- history matching ---------------------------------------------------------------------------------------


def test_implausibility_counts_luck_observation_and_discrepancy():
    # Two points of two worlds each: means 1 and 4, variances 2 and 0, mean 1. sqrt(1 x 1.5 + 0.3^2 + 0.4^2) = sqrt(1.75)
    said = np.array([[[0.0], [2.0]], [[4.0], [4.0]]])
    away, spread = implausibility(said, [Figure("f", 2.0, 0.3)], 0.4)
    assert spread == pytest.approx([1.0])
    assert away[:, 0] == pytest.approx([1 / 1.75**0.5, 2 / 1.75**0.5])


def test_a_point_at_which_a_world_failed_does_not_stand():
    said = np.array([[[0.0], [np.nan]], [[4.0], [4.0]]])
    away, _ = implausibility(said, [Figure("f", 4.0, 0.3)], 0.4)
    assert away[:, 0].tolist() == [np.inf, 0.0]


def test_where_nothing_stands_the_most_implausible_figure_of_each_point_is_passed_over():
    away = np.array([[9.0, 1.0, 1.0], [1.0, 9.0, 9.0]])
    kept, passed = standing(away)
    assert (kept.tolist(), passed) == ([True, False], 1)


def linear(places, luck):
    """Two figures that tell two of four parameters, one that tells nothing, and one that no point reaches."""
    rng, z = np.random.default_rng(int(luck[0])), ndtri(places)
    told = [z[:, 0], z[:, 0] + z[:, 1], np.zeros(len(z)), np.zeros(len(z))]
    return np.stack(told, axis=1) + 0.3 * rng.standard_normal((len(z), 4))


def test_what_is_left_is_the_posterior_of_a_linear_world():
    figures = [Figure("a", 1.0, 0.02), Figure("b", 0.0, 0.02), Figure("c", 0.0, 0.02), Figure("out of reach", 9.0, 0.02)]
    found = match(linear, figures, 4, points=300)
    assert found.waves[0].used.tolist() == [True, True, True, False]
    assert found.waves[0].kept.mean() < 0.6
    # Gaussian: precision I + C'C / v with C = (1 0), (1 1) and v = 0.3^2 + 0.15^2 + 0.02^2 = 0.1129
    design, variance = np.array([[1.0, 0.0], [1.0, 1.0]]), 0.1129
    covariance = np.linalg.inv(np.eye(2) + design.T @ design / variance)
    mean = covariance @ design.T @ np.array([1.0, 0.0]) / variance
    z = ndtri(found.draws)
    assert z.mean(axis=0)[:2] == pytest.approx(mean, abs=0.15)
    assert z.std(axis=0)[:2] == pytest.approx(np.sqrt(np.diag(covariance)), abs=0.1)
    assert narrowed(found.draws)[2:] == pytest.approx([1.0, 1.0], abs=0.12)


def test_where_no_figure_is_within_reach_nothing_is_fitted():
    far = [Figure(name, 90.0, 0.02) for name in ("a", "b", "c", "far away")]
    with pytest.raises(InputError, match=r"no figure of the record is within reach of the priors: .* 60 points .* far away"):
        match(linear, far, 4, points=60)


FOUR = np.array([[0.0], [2.0], [4.0], [6.0]]), np.array([[-1.0], [-1.0], [1.0], [1.0]]), np.ones(4)


def test_residuals_are_inflated_by_the_degrees_of_freedom_that_slopes_took():
    # Four worlds, one figure at -1, -1, 1, 1: the line goes 1, 1, 5, 5, is 3 at the record, and residuals are -1, 1, -1, 1. By
    # 4 - 1 - 1 degrees of freedom their variance is 4 / 2 = 2, where that of the residuals as they stand is 1; of the mean 2 / 4.
    moved = adjusted(*FOUR, np.arange(4), penalties=(0.0,))
    assert moved.values[:, 0] == pytest.approx(3 + np.sqrt(2.5) * np.array([-1, 1, -1, 1]))
    assert (moved.effective, moved.freedom.tolist(), moved.inflated.tolist()) == (4.0, [1.0], [pytest.approx(2.5**0.5)])
    # The same worlds as two at each of two places are two points: a slope leaves nothing, so there is none, whatever is asked.
    # Without it residuals are -3, -1, 1, 3 with a variance of 5, by 2 - 1 degrees of freedom 10, and of the mean 10 / 2.
    moved = adjusted(*FOUR, np.array([0, 0, 1, 1]), penalties=(0.0, np.inf))
    assert (moved.effective, moved.freedom.tolist()) == (2.0, [0.0])
    assert moved.values[:, 0] == pytest.approx(3 + np.sqrt(3) * np.array([-3, -1, 1, 3]))


def test_far_from_the_middle_of_the_worlds_slopes_are_off_by_more():
    # The record half a deviation beyond the middle: the line is 4 there, and its slope, 2 with a variance of 2 / 4, is off by
    # 0.5^2 x 2 / 4 more: 2 x (1 + 1 / 4 + 0.25 / 4). Six deviations beyond it is 15, and as wide as without a slope: 5 x 5 / 3.
    values, away, weight = FOUR
    moved = adjusted(values, away - 0.5, weight, np.arange(4), penalties=(0.0,))
    assert moved.values[:, 0] == pytest.approx(4 + np.sqrt(2.625) * np.array([-1, 1, -1, 1]))
    moved = adjusted(values, away - 6.0, weight, np.arange(4), penalties=(0.0,))
    assert moved.values[:, 0] == pytest.approx(15 + np.sqrt(25 / 3) * np.array([-1, 1, -1, 1]))


def test_a_ridge_keeps_of_a_slope_what_its_penalty_leaves():
    # Penalty 1 keeps half of the slope of 2 and spends half a degree of freedom: the line goes 2, 2, 4, 4, and residuals have a
    # variance of 2, by 4 - 0.5 - 1 degrees of freedom 2 x 4 / 2.5 = 3.2, of the mean 3.2 / 4.
    moved = adjusted(*FOUR, np.arange(4), penalties=(1.0,))
    assert moved.freedom.tolist() == [0.5]
    assert moved.values[:, 0] == pytest.approx(3 + np.sqrt(4.0 / 2.0) * np.array([-2, 0, 0, 2]))


def as_it_was(values, away, weight):
    """Least squares without a correction, as draws were once moved."""
    root = np.sqrt(weight)[:, None]
    slopes = np.linalg.lstsq(np.hstack([np.ones((len(away), 1)), away]) * root, values * root, rcond=None)[0][1:]
    return values - away @ slopes


def covers(move, figures, worlds=40, tries=400):
    """How often the middle 80 % of moved worlds hold the truth: one figure is truth + N(0, 0.5), the others say nothing."""
    rng, held = np.random.default_rng(3), []
    for _ in range(tries):
        truth = rng.standard_normal(worlds + 1)
        said = rng.standard_normal((worlds + 1, figures))
        said[:, 0] = truth + 0.5 * said[:, 0]
        low, high = np.quantile(move(truth[1:, None], said[1:] - said[0]), (0.1, 0.9))
        held.append(low < truth[0] < high)
    return np.mean(held)


@pytest.mark.slow
def test_where_the_old_rule_was_too_narrow_the_new_one_covers():
    """Of 80 %: forty worlds tell of one figure among twelve, or thirty, with what they know by chance of the others left in."""
    weight, point = np.ones(40), np.arange(40)
    for figures, once in ((12, 0.6), (30, 0.3)):
        assert covers(lambda values, away: as_it_was(values, away, weight), figures) < once
        assert covers(lambda values, away: adjusted(values, away, weight, point).values, figures) > 0.74


def test_more_figures_than_points_leave_a_regression_with_degrees_of_freedom():
    rng = np.random.default_rng(1)
    truth, weight, point = rng.standard_normal((20, 1)), np.ones(20), np.arange(20)
    away = np.hstack([truth + 0.5 * rng.standard_normal((20, 1)), rng.standard_normal((20, 29))])
    assert as_it_was(truth, away, weight).std() < 1e-9  # every world moved to one place
    moved = adjusted(truth, away, weight, point)
    assert 0 < moved.freedom[0] < moved.effective - 1
    assert 0.3 < moved.values.std() < 1.2  # 0.447 is known of it by its one figure alone


def nothing(places, luck):
    """Fifteen figures of which no parameter is told."""
    return np.random.default_rng(int(luck[0])).standard_normal((len(places), 15)) * 0.3


def test_where_the_record_tells_nothing_nothing_is_identified():
    figures = [Figure(f"figure {number}", 0.1, 0.1) for number in range(15)]
    named, old = 0, 0
    for seed in range(6):
        found = match(nothing, figures, 12, points=40, seed=seed, placebos=479)
        kept = narrowed(found.draws)
        named += sum(identified(one, found.bound) for one in kept)
        old += sum(kept <= 0.9)
    assert named == 0
    assert np.median(found.placebos) == pytest.approx(1.0, abs=0.1)
    assert found.placebos.shape == (479,)


def test_what_the_record_tells_is_beyond_the_placebos():
    figures = [Figure("a", 1.0, 0.02), Figure("b", 0.0, 0.02), Figure("c", 0.0, 0.02), Figure("out of reach", 9.0, 0.02)]
    found = match(linear, figures, 4, points=300, placebos=199)
    told = [identified(kept, found.bound) for kept in narrowed(found.draws)]
    assert told == [True, True, False, False]
    assert found.by_chance(narrowed(found.draws)[0]) == 1 / 200
    assert found.predictors == 3


def test_placebos_change_no_draw():
    figures = [Figure("a", 1.0, 0.02), Figure("b", 0.0, 0.02), Figure("c", 0.0, 0.02), Figure("d", 0.0, 0.02)]
    few, many = (match(linear, figures, 4, points=60, placebos=count) for count in (1, 50))
    assert few.draws == pytest.approx(many.draws, abs=1e-9)


# --- the model's own record ---------------------------------------------------------------------------------

PLANTED = {"growth.own": 0.85, "growth.enterprises": 0.12}


def planted(aims):
    """The same aims with the record of a world of the model: the mean of worlds at known places."""
    truth = np.array([PLANTED.get(free.name, 0.5) for free in FREE])
    said = simulated(aims, np.tile(truth, (24, 1)), np.arange(500_000, 500_024), seed=1).mean(axis=0)
    made = []
    for aim, log in zip(aims, said, strict=True):
        logs = np.full(len(aim.facts), log) if aim.what == "level" else np.linspace(0.0, log, len(aim.facts))
        facts = tuple(dataclasses.replace(fact, value=float(np.exp(x))) for fact, x in zip(aim.facts, logs, strict=True))
        made.append(dataclasses.replace(aim, facts=facts))
    return made


@pytest.fixture(scope="module")
def found():
    aims = [aim for aim in aims_of(PLANS["A"]) if aim.series in ("vendor_dc_revenue_quarter", "lead_lab_annualised_revenue")]
    with pytest.MonkeyPatch.context() as patch:  # so that little luck is as good as much: openings are known from one year
        patch.setattr(calibration, "FREE", tuple(dataclasses.replace(free, common=1.0) for free in FREE))
        return calibrate(PLANS["A"], points=60, replicates=2, waves=2, discrepancy=0.02, draws=200, aims=planted(aims))


@pytest.mark.slow
def test_a_planted_truth_lies_inside_the_posterior_and_nearer_to_its_middle_than_to_the_priors(found):
    for number, free in enumerate(FREE):
        if free.name in PLANTED:
            places, truth = found.matched.draws[:, number], PLANTED[free.name]
            low, middle, high = np.quantile(places, (0.03, 0.5, 0.97))
            assert low < truth < high, free.name
            assert abs(middle - truth) < abs(0.5 - truth), free.name
    assert found.told()["parameters"]["growth.own"]["identified"]


@pytest.mark.slow
def test_what_is_told_can_be_read_again_as_it_was_written(found, tmp_path, monkeypatch):
    told = found.told()
    assert {one["used"] for one in told["figures"].values()} == {True}
    assert told["waves"][0]["worlds"] == 120
    monkeypatch.setattr("perpetuum.model.fits.FITS", tmp_path)
    (tmp_path / "fit_a.csv").write_text(found.fit.written(), encoding="utf-8")
    fit = load_fit("fit_a")
    assert (fit.rows, fit.common, fit.known) == (200, found.fit.common, OCTOBER_2024)
    assert fit.places["growth.own"] == pytest.approx(found.fit.places["growth.own"], abs=1e-4)
    assert fit.placebo == pytest.approx(found.matched.bound, abs=1e-4)
    assert told["placebo"]["bound"] == found.matched.bound
    assert told["regression"]["figures"] == 4
    assert fit.places["hyperscaler_a.site_cost"] == fit.places["hyperscaler_b.site_cost"]


def test_worlds_that_fail_are_told_apart():
    def run(*_, replicates, **__):
        import pandas as pd

        months = len(replicates) * 12
        table = {"world": np.repeat(np.arange(len(replicates)), 12), "gold_price": np.full(months, 2000.0)}
        return pd.DataFrame(table).iloc[12:]  # the first world failed

    aims = [aim for aim in aims_of(PLANS["A"]) if aim.series == "gold_price"]
    said = simulated(aims, np.full((3, len(FREE)), 0.5), np.arange(3), 1, run=run)
    assert np.isnan(said[0, 0])
    assert said[1:, 0] == pytest.approx(np.log([2000.0, 2000.0]))
