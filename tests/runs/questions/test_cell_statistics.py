"""The statistics behind the figures of studies, on surfaces whose answers are known."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.observed.outcome import wilson
from perpetuum.runs.questions import cell_statistics as surface
from perpetuum.runs.questions.cell_statistics import Axis
from perpetuum.runs.questions.overview import overview
from perpetuum.runs.questions.selection import quantity_of
from tests.study_folders import AXES, DEMAND, THETA, worlds_table


def tally_of(table, *names, mark="fallen"):
    axes = [surface.axis_of(table, name) for name in names]
    return axes, surface.tally(table, axes, surface.state_marks(table, mark))


# --- statistics: known answers --------------------------------------------------------------------------------------


def test_half_line_lies_where_a_known_surface_is_one_half():
    x, y = np.array([0.0, 0.3, 1.0]), np.linspace(0, 1, 5)
    plane = 0.5 * (x[None, :] + y[:, None])
    (line,) = surface.half_lines(x, y, plane)
    np.testing.assert_allclose(line.sum(axis=1), 1.0, atol=1e-12)
    assert line[:, 0].min() == pytest.approx(0)
    assert line[:, 0].max() == pytest.approx(1)


def test_half_line_is_that_of_the_bilinear_surface_inside_a_cell():
    (line,) = surface.half_lines(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([[0.0, 0.0], [1.0, 0.5]]))
    x, y = line[:, 0], line[:, 1]
    inner = (x > 0) & (x < 1)
    np.testing.assert_allclose(y[inner] * (1 - 0.5 * x[inner]), 0.5, atol=0.003)


def test_no_half_line_where_the_share_stays_on_one_side_or_has_no_worlds():
    x = y = np.array([0.0, 1.0])
    assert surface.half_lines(x, y, np.full((2, 2), 0.4)) == []
    assert surface.half_lines(x, y, np.full((2, 2), np.nan)) == []


def test_band_of_the_half_line_holds_the_true_line_nearly_always():
    x, y = np.linspace(0, 1, 6), np.linspace(0, 1, 11)
    p = 1 / (1 + np.exp(-8 * (y[:, None] - 0.3 - 0.4 * x[None, :])))  # one half at y = 0.3 + 0.4 x
    inside, widths = [], []
    for trial in range(40):
        luck = np.random.default_rng(trial).uniform(size=30)
        marks = (luck < p[..., None]).astype(np.float64)
        doubt = surface.resample(x, y, surface.Tally(marks, np.ones_like(marks)), resamples=200)
        at = np.array([np.interp(0.3 + 0.4 * a, doubt.y, column) for a, column in zip(doubt.x, doubt.above.T, strict=True)])
        inside.append(((at > 0.025) & (at < 0.975)).mean())
        widths.append(((doubt.above > 0.025) & (doubt.above < 0.975)).mean())
    assert np.mean(inside) > 0.85
    assert 0.05 < np.mean(widths) < 0.4  # and it says something


def test_resampled_replicates_keep_their_cells_together():
    # Every replicate falls everywhere or nowhere: a resample is all above one half or all below, at every point alike.
    marks = np.zeros((3, 3, 10))
    marks[..., :5] = 1
    doubt = surface.resample(np.arange(3.0), np.arange(3.0), surface.Tally(marks, np.ones_like(marks)))
    assert np.ptp(doubt.above) == 0
    assert 0.4 < doubt.above[0, 0] < 0.8


def test_one_replicate_says_nothing_of_its_uncertainty():
    marks = np.zeros((3, 3, 1))
    assert surface.resample(np.arange(3.0), np.arange(3.0), surface.Tally(marks, np.ones_like(marks))) is None


def test_shares_and_intervals_are_those_of_each_cell():
    columns = {THETA: AXES[THETA]}
    table = worlds_table(columns)
    (axis,), tally = tally_of(table, THETA)
    for place, theta in enumerate(axis.levels):
        cell = table[table[THETA] == theta]
        fell = int((cell["state"] == "fallen").sum())
        assert tally.share[place] == fell / len(cell)
        assert tuple(tally.intervals[place]) == wilson(fell, len(cell))
    assert tally.paired


def test_a_cell_whose_worlds_failed_is_empty_and_not_zero():
    cells = list(itertools.product(AXES[DEMAND], AXES[THETA]))
    table = worlds_table({DEMAND: [a for a, _ in cells], THETA: [b for _, b in cells]})
    axes = [surface.axis_of(table, name) for name in (THETA, DEMAND)]
    sound = table[(table[THETA] != 1.0) | (table[DEMAND] != 0.4)]
    tally = surface.tally(sound, axes, surface.state_marks(sound, "fallen"))
    assert np.isnan(tally.share[4, 0])
    assert np.isfinite(tally.share).sum() == 19
    doubt = surface.resample(axes[1].values, axes[0].values, tally)
    assert np.isnan(doubt.above[-1, 0])
    assert np.isfinite(doubt.above[0, 0])


def test_quantiles_are_those_of_the_worlds_in_which_something_happens():
    table = worlds_table({THETA: [0.0, 1.0]})
    quantity = quantity_of("first_default_month", list(table.columns), [THETA])
    months = quantity.of(table)
    assert np.isnan(months[(table["state"] != "fallen").to_numpy()]).all()
    axis = surface.axis_of(table, THETA)
    spread = surface.quantiles(table.assign(first_default_month=months), [axis], "first_default_month")
    assert np.isnan(spread[0]).all()
    own = table[(table[THETA] == 1) & (table["first_default_month"] >= 0)]["first_default_month"]
    np.testing.assert_allclose(spread[1], np.quantile(own, surface.QUANTILES))


def test_commonest_ending_is_counted_and_ties_go_to_the_worse():
    table = pd.DataFrame(
        {
            THETA: [0.0] * 4 + [1.0] * 4,
            "state": ["spinning"] * 2 + ["fallen"] * 2 + ["stands_alone"] * 3 + ["smaller"],
        }
    )
    found = surface.commonest(table, [surface.axis_of(table, THETA)])
    assert found.state.tolist() == ["fallen", "stands_alone"]
    assert found.share.tolist() == [0.5, 0.75]


def test_smaller_and_spinning_are_never_added_up_to_the_commonest_state():
    table = pd.DataFrame({THETA: [0.0] * 7, "state": ["spinning"] * 2 + ["smaller"] * 2 + ["fallen"] * 3})
    found = surface.commonest(table, [surface.axis_of(table, THETA)])
    assert (found.state[0], found.share[0]) == ("fallen", 3 / 7)


def test_cells_are_paired_where_each_has_every_replicate_once():
    for there, paired in ((1.0, True), (2.0, False), (0.0, False)):
        assert surface.Tally(np.zeros((2, 3)), np.full((2, 3), there)).paired == paired


def test_the_band_of_the_half_line_is_where_it_lies_in_19_of_20_resamples():
    line = np.array([0.0, 1.0])
    lower, upper = surface.Doubt(line, line, np.array([[0.0, 0.0], [1.0, 1.0]])).edges
    assert [edge[:, 1] for edge in lower] == [pytest.approx([0.025, 0.025])]
    assert [edge[:, 1] for edge in upper] == [pytest.approx([0.975, 0.975])]


def test_a_share_explained_is_freed_of_what_chance_explains():
    # Means 2, 3 and 7 around 4: 6 within groups with 6 - 3 degrees of freedom, 34 in all with 5.
    values, of_world = np.array([1.0, 3.0, 2.0, 4.0, 6.0, 8.0]), np.array([0, 0, 1, 1, 2, 2])
    found = surface.explained(surface.Groups(Axis("a", (0.0, 1.0, 2.0)), of_world), values)
    assert found == pytest.approx(1 - (6 / 3) / (34 / 5))


def test_an_overview_names_the_cells_where_the_most_fall_and_leaves_failed_worlds_out():
    # Three cells of four worlds: none falls; one of two (two failed); three of four.
    study = SimpleNamespace(varied={"a": [1.0, 2.0, 3.0]}, cells=3, replicates=4)
    states = ["stands_alone"] * 4 + ["fallen", "spinning", "fallen", "fallen"] + ["fallen"] * 3 + ["stands_alone"]
    error = [""] * 6 + ["no price", "no price"] + [""] * 4
    told = overview(
        study, pd.DataFrame({"world": range(12), "a": np.repeat([1.0, 2.0, 3.0], 4), "state": states, "error": error})
    )
    assert [(one["cell"]["a"], one["worlds"], one["fallen"]["share"]) for one in told["most_fall"]] == [
        (3.0, 4, 0.75),
        (2.0, 2, 0.5),
    ]
    assert (told["cells_that_fall"], told["as_many_fall_in"], told["errors"]) == (2, 1, {"no price": 2})
    along = [(one["value"], one["worlds"], one["fallen"], one["stands_alone"]) for one in told["along"]["a"]]
    assert along == [(1.0, 4, 0.0, 1.0), (2.0, 2, 0.5, 0.0), (3.0, 4, 0.75, 0.25)]


def test_explained_share_tells_what_matters_from_what_does_not():
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"a": rng.uniform(size=2000), "b": rng.uniform(size=2000)})
    values = table["a"].to_numpy() + rng.normal(0, 0.05, 2000)
    assert surface.explained(surface.grouped(table, "a"), values) > 0.9
    assert surface.explained(surface.grouped(table, "b"), values) < 0.02


def test_groups_have_equal_numbers_of_worlds_and_few_levels_stay_levels():
    table = pd.DataFrame({"a": np.linspace(0, 1, 300) ** 3, "b": np.tile([1.0, 2.0, 5.0], 100)})
    groups = surface.grouped(table, "a")
    assert np.ptp(np.bincount(groups.of_world)) <= 1
    assert np.all(np.diff(groups.axis.levels) > 0)
    assert surface.grouped(table, "b").axis.levels == (1.0, 2.0, 5.0)
