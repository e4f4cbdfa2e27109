"""Sensitivity indices: on functions solved by hand, within rounding, and how sure each is."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from perpetuum.runs.questions import sensitivity_indices as indices
from perpetuum.runs.study.design import unit_points

# --- functions solved by hand -------------------------------------------------------------------------------


def ishigami(points: np.ndarray) -> np.ndarray:
    """Ishigami's function sin x + 7 sin² y + 0.1 z⁴ sin x on [-π, π]³, from points in the unit cube."""
    x, y, z = (np.pi * (2 * points[:, :3] - 1)).T
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


#: Published indices of that function (T. Ishigami and T. Homma 1990; A. Saltelli et al. 2008, Global Sensitivity Analysis).
FIRST, TOTAL = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437)


def test_sobol_indices_of_ishigamis_function_are_the_published_ones():
    found = indices.shares(ishigami(unit_points("saltelli", 3, 1024, 1)), 3)
    assert found.samples == 1024
    assert found.first == pytest.approx(FIRST, abs=0.04)
    assert found.total == pytest.approx(TOTAL, abs=0.04)
    assert (np.abs(found.total - TOTAL) <= 2 * found.total_half).all()


def test_morris_effects_of_a_straight_line_are_its_slopes():
    points = unit_points("morris", 3, 12, 1)
    found = indices.effects(points, points @ [3.0, -2.0, 0.0])
    assert found.mu == pytest.approx([3.0, -2.0, 0.0])
    assert found.mu_star == pytest.approx([3.0, 2.0, 0.0])
    assert found.sigma == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_morris_tells_interplay_from_straight_lines_by_sigma():
    points = unit_points("morris", 3, 20, 1)
    found = indices.effects(points, points[:, 0] * points[:, 1] + points[:, 2])
    assert (found.sigma[:2] > 0.1).all()
    assert found.sigma[2] == pytest.approx(0.0, abs=1e-9)


def test_what_never_varies_is_constant_and_not_nan():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        flat = indices.shares(np.full(16 * 5, 0.25), 3)
        still = indices.effects(unit_points("morris", 3, 5, 1), np.zeros(5 * 4))
    assert flat.constant
    assert still.constant
    assert np.isfinite(flat.total).all()
    assert np.isfinite(still.mu_star).all()


def test_an_interval_that_cannot_be_estimated_is_wide_and_never_converged():
    values = np.zeros(16 * 4)
    values[0] = 1.0
    found = indices.growing(values, 2, 16)
    assert not np.isnan(found[-1].total_half).any()
    assert not indices.convergence(found).converged


def test_samples_that_failed_are_left_out_whole():
    values = ishigami(unit_points("saltelli", 3, 1024, 1))
    values[7] = np.nan
    found = indices.shares(values, 3)
    assert found.samples == 1023
    assert found.total == pytest.approx(TOTAL, abs=0.04)
    points = unit_points("morris", 2, 6, 1)
    line = points @ [1.0, 2.0]
    line[4] = np.nan
    assert indices.effects(points, line).mu == pytest.approx([1.0, 2.0])


def test_convergence_is_seen_on_a_large_sample_and_not_on_a_small_one():
    large = indices.growing(ishigami(unit_points("saltelli", 3, 2048, 1)), 3, 2048)
    assert [one.samples for one in large] == [512, 1024, 2048]
    assert indices.convergence(large).converged
    small = indices.growing(ishigami(unit_points("saltelli", 3, 16, 1)), 3, 16)
    assert [one.samples for one in small] == [8, 16]
    assert not indices.convergence(small).converged
    tiny = indices.growing(ishigami(unit_points("saltelli", 3, 8, 1)), 3, 8)
    assert indices.convergence(tiny).move is None


def effects_of(*stars: float) -> indices.Effects:
    star = np.array(stars)
    return indices.Effects(star, star, star, 0 * star, not star.any())


def test_the_strongest_on_every_metric_survive_and_the_weak_do_not():
    found = {"one": effects_of(10.0, 8.0, 7.0, 0.5), "two": effects_of(0.0, 0.1, 0.1, 2.0), "flat": effects_of(0, 0, 0, 0)}
    names = ["a", "b", "c", "d"]
    assert set(indices.survivors(found, names, 2)) == {"a", "d"}
    assert indices.survivors(found, names, 4) == ["d", "a", "b", "c"]
    weak = {"one": effects_of(10.0, 0.5)}
    assert indices.survivors(weak, ["a", "b"], 6) == ["a"]
    assert indices.survivors({"flat": effects_of(0, 0)}, ["a", "b"], 6) == []


# --- rounding, and how sure each index is ---------------------------------------------------------------------


@pytest.mark.parametrize(("level", "noise"), [(0.25, 4e-17), (0.0, 4e-17), (1e6, 1e-9)])
def test_what_differs_by_rounding_alone_is_constant(level, noise):
    shaken = np.random.default_rng(1).choice([0.0, noise], 16 * 5)
    assert np.ptp(level + shaken) > 0
    assert indices.shares(level + shaken, 3).constant
    still = indices.effects(unit_points("morris", 3, 5, 1), (level + shaken)[: 5 * 4])
    assert still.constant
    assert not still.mu_star.any()
    assert not indices.is_constant(level + 1e-6 * shaken / noise)


def test_each_index_says_whether_it_has_settled_and_how_many_samples_it_needs():
    before, after = (
        indices.Shares(samples, total, total, np.array(total), np.array(halves), False)
        for samples, total, halves in ((256, [0.5, 0.3, 0.2], [0.1] * 3), (512, [0.52, 0.4, 0.2], [0.05, 0.05, 0.3]))
    )
    found = indices.convergence([before, after])
    assert found.settled == (True, False, False)
    assert found.needed == (512, 2048, 8192)  # twice what would do: four times the samples; three times: nine, so sixteen
    assert (found.most_needed, found.converged) == (8192, False)
    unknown = indices.convergence([before, indices.Shares(512, *[np.array([0.5])] * 3, np.array([np.inf]), False)][1:])
    assert (unknown.needed, unknown.most_needed, unknown.converged) == ((None,), None, False)
