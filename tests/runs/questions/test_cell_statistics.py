"""The statistics and titles behind the figures of studies, on surfaces whose answers are known."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.observed.metrics import unit_of
from perpetuum.model.observed.outcome import wilson
from perpetuum.model.words.speech import say, speaking
from perpetuum.runs.questions import cell_statistics as surface
from perpetuum.runs.questions import figure_sentences as findings
from perpetuum.runs.questions.cell_statistics import Axis
from perpetuum.runs.questions.overview import overview
from perpetuum.runs.questions.response_curves import find_threshold
from perpetuum.runs.questions.selection import quantity_of
from tests.study_folders import AXES, DEMAND, FORM, THETA, worlds_table


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


# --- what is said -----------------------------------------------------------------------------------------------


def test_title_of_a_curve_names_the_threshold_that_tip_finds():
    table = worlds_table({THETA: np.linspace(0, 1, 11).tolist()}, replicates=40)
    (axis,), tally = tally_of(table, THETA)
    title, tip = findings.of_curve(quantity_of(None, [], []), axis, tally)
    known = find_threshold(axis.values, tally.marked.T > 0)
    assert tip.value == known.value
    assert title == f"Half of the worlds have fallen once tightening reaches {known.value:.2g} (95 % interval " + (
        f"{known.low:.2g}–{known.high:.2g})"
    )


def test_title_of_a_surface_says_where_it_tips_and_where_never():
    x, y = Axis(DEMAND, (0.4, 0.7, 1.0)), Axis(THETA, (0.0, 0.5, 1.0))
    luck = (np.arange(40) + 0.5) / 40
    p = np.array([[0.0, 0.0, 0.0], [0.5, 0.2, 0.1], [1.0, 0.8, 0.3]])
    marks = (luck < p[..., None]).astype(np.float64)
    title = findings.of_surface(quantity_of(None, [], []), x, y, surface.Tally(marks, np.ones_like(marks)))
    assert title == (
        "Half of the worlds have fallen once tightening reaches 0.37 to 0.62 where demand is 0.4, 0.64 to 0.83 where it is 0.7, "
        "and never where it is 1 or more"
    )


def test_coins_in_twenty_cells_are_found_to_differ_no_more_often_than_one_time_in_twenty():
    """The furthest apart of many cells lie far apart by chance: their own two intervals alone would find something too often."""
    rng = np.random.default_rng(3)
    tables = [(rng.random((5, 4, 8)) < 0.5).astype(np.float64) for _ in range(100)]
    assert sum(not surface.Tally(marks, np.ones_like(marks)).within_chance for marks in tables) <= 10
    told = np.broadcast_to(np.linspace(0, 1, 5)[:, None, None] > 0.4, (5, 4, 8)).astype(np.float64)
    assert not surface.Tally(told, np.ones_like(told)).within_chance


def test_a_surface_says_never_only_where_the_interval_lies_under_one_half():
    """Three worlds in ten of ten may be half of them: with so few nothing is said of that row."""
    x, y = Axis(DEMAND, (0.4, 1.0)), Axis(THETA, (0.0, 0.5, 1.0))
    p = np.array([[0.0, 0.0], [0.6, 0.1], [1.0, 0.3]])
    told = {}
    for worlds in (10, 40):
        marks = ((np.arange(worlds) + 0.5) / worlds < p[..., None]).astype(np.float64)
        told[worlds] = findings.of_surface(quantity_of(None, [], []), x, y, surface.Tally(marks, np.ones_like(marks)))
    assert "never where it is 1 or more" in told[40]
    assert "never" not in told[10]
    assert told[10].startswith("At least half of the worlds have fallen in 1 to 3 of 6 combinations")


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.0, "No world has fallen, whatever"),
        (0.2, "In every combination of demand and tightening fewer"),
        (0.9, "In every combination of demand and tightening at least"),
    ],
)
def test_title_of_a_surface_without_a_line(p, words):
    axes = Axis(DEMAND, (0.4, 0.7)), Axis(THETA, (0.0, 1.0))
    marks = np.broadcast_to((np.arange(20) + 0.5) / 20 < p, (2, 2, 20)).astype(np.float64)
    title = findings.of_surface(quantity_of(None, [], []), *axes, surface.Tally(marks, np.ones_like(marks)))
    assert title.startswith(words)


def test_two_points_are_no_curve_and_shares_within_chance_no_finding():
    quantity = quantity_of(None, [], [])
    marks = np.zeros((2, 40))
    marks[1] = 1.0
    title, tip = findings.of_curve(quantity, Axis(THETA, (0.0, 1.0)), surface.Tally(marks, np.ones((2, 40))))
    assert tip is None
    assert "reaches" not in title
    assert "All worlds have fallen" in title
    marks = np.zeros((3, 4))
    marks[2, 0] = 1.0
    title, _ = findings.of_curve(quantity, Axis(THETA, (0.0, 0.5, 1.0)), surface.Tally(marks, np.ones((3, 4))))
    assert title.startswith("With so few worlds the share of those that have fallen differs no more than by chance")


@pytest.mark.parametrize(
    ("p", "worlds", "words"),
    [
        (
            0.25,
            4,
            "With so few worlds it is open whether half of them have fallen anywhere over demand and tightening",
        ),
        (0.25, 40, "In every combination of demand and tightening fewer than half"),
        (0.75, 4, "With so few worlds it is open whether half of them have fallen everywhere"),
        (0.75, 40, "In every combination of demand and tightening at least 75 %"),
    ],
)
def test_a_surface_says_that_half_fall_nowhere_or_everywhere_only_where_its_intervals_do(p, worlds, words):
    axes = Axis(DEMAND, (0.4, 0.7)), Axis(THETA, (0.0, 1.0))
    marks = np.broadcast_to((np.arange(worlds) + 0.5) / worlds < p, (2, 2, worlds)).astype(np.float64)
    assert findings.of_surface(quantity_of(None, [], []), *axes, surface.Tally(marks, np.ones_like(marks))).startswith(words)


def test_cells_in_which_half_fall_are_counted_as_far_as_their_intervals_go():
    axes = Axis(DEMAND, (0.4, 0.7)), Axis(THETA, (0.0, 1.0))
    p = np.array([[0.0, 0.6], [0.4, 1.0]])  # of 8: Wilson's intervals 0-32, 31-86, 14-69 and 68-100 %
    worlds = 8
    marks = (np.arange(worlds)[::-1] < np.round(p * worlds)[..., None]).astype(np.float64)
    unpaired = surface.Tally(marks, np.ones_like(marks) * np.array([1.0] * 7 + [1.0]))
    unpaired.there[..., 0], unpaired.marked[..., 0] = 2.0, 2 * unpaired.marked[..., 0]
    told = findings.of_surface(quantity_of(None, [], []), *axes, unpaired)
    assert told.startswith("At least half of the worlds have fallen in 1 to 3 of 4 combinations of demand and tightening")
    many = surface.Tally(np.repeat(unpaired.marked, 40, axis=-1), np.repeat(unpaired.there, 40, axis=-1))
    assert findings.of_surface(quantity_of(None, [], []), *axes, many).startswith(
        "At least half of the worlds have fallen in 2 of 4 combinations"
    )


def test_words_are_compared_only_where_their_intervals_part():
    axes = [Axis(FORM, ("equity", "loan"), numeric=False)]
    quantity = quantity_of(None, [], [])
    for worlds, words in ((8, "With so few worlds the share"), (80, "50 % of the worlds have fallen where the form of")):
        marks = np.zeros((2, worlds))
        marks[0, : worlds // 4], marks[1, : worlds // 2] = 1.0, 1.0
        assert findings.of_extremes(quantity, axes, surface.Tally(marks, np.ones_like(marks))).startswith(words)


def test_medians_are_compared_only_where_they_differ_by_more_than_chance():
    rng = np.random.default_rng(1)
    levels, replicates = np.repeat([0.0, 0.5, 1.0], 20), np.tile(np.arange(20), 3)
    noise = rng.normal(size=60)
    for slope, sure in ((0.0, False), (5.0, True)):
        table = pd.DataFrame({THETA: levels, "replicate": replicates, "drawdown": noise + slope * levels})
        assert surface.ends_apart(table, [surface.axis_of(table, THETA)], "drawdown") is sure
    alone = table[table["replicate"] == 0]
    assert not surface.ends_apart(alone, [surface.axis_of(alone, THETA)], "drawdown")
    quantity, axes = quantity_of("drawdown", ["drawdown"], []), (Axis(THETA, (0.0, 1.0)),)
    told = [findings.of_amount(quantity, axes, np.array([0.1, 0.6]), sure=sure) for sure in (True, False)]
    assert "10 % in the median world where tightening is 0, 60 % where it is 1" in told[0]
    assert "no more than by chance" in told[1]


def test_a_sampled_parameter_is_named_only_if_chance_does_not_explain_as_much():
    rng = np.random.default_rng(3)
    table = pd.DataFrame({name: rng.uniform(size=60) for name in "abc"})
    strong = table["a"].to_numpy() + rng.normal(0, 0.1, 60)
    groups = [surface.grouped(table, name) for name in "ab"]
    assert surface.by_chance(groups[0], strong) < 1e-6
    # By hand: two groups, no difference between their means: as much as that is explained by chance always.
    flat = surface.Groups(Axis("a", (0.0, 1.0)), np.array([0, 0, 1, 1]))
    assert surface.by_chance(flat, np.array([1.0, 3.0, 1.0, 3.0])) == 1.0
    luck = [surface.by_chance(groups[0], rng.normal(size=60)) for _ in range(300)]
    assert 0.01 < np.mean(np.array(luck) < 0.05) < 0.10
    assert surface.leads(*groups, strong)
    both = table["a"].to_numpy() + table["b"].to_numpy() + rng.normal(0, 0.1, 60)
    assert not surface.leads(*groups, both)
    drawdown = quantity_of("drawdown", ["drawdown"], [])
    told = {
        key: findings.of_sample(drawdown, [THETA, DEMAND], [0.3, 0.2], chance=chance, ahead=ahead)
        for key, chance, ahead in (("open", 0.04, True), ("either", 0.001, False), ("first", 0.001, True))
    }
    assert told["open"].startswith("With so few worlds no parameter says more about largest fall")  # 2 x 0.04 > 0.05
    assert "tightening and demand say most" in told["either"]
    assert "which of them more cannot be told" in told["either"]
    assert told["first"].startswith("Of what varies, tightening says most")


def test_quarters_are_compared_only_where_their_means_part():
    from perpetuum.visualization.figures.of_studies.sampled_designs import _apart

    few = {(False, False): np.array([0.0, 1.0]), (True, True): np.array([1.0, 1.0])}
    many = {key: np.tile(own, 20) for key, own in few.items()}
    assert not _apart(few)
    assert _apart(many)
    quarters = {key: float(own.mean()) for key, own in few.items()}
    quantity = quantity_of(None, [], [])
    assert findings.of_quarters(quantity, (DEMAND, THETA), quarters, sure=False).startswith("With so few worlds the share")
    assert "All worlds have fallen" in findings.of_quarters(quantity, (DEMAND, THETA), quarters, sure=True)


def test_what_is_the_same_in_every_world_is_said_once_and_on_a_scale_that_it_can_have():
    from perpetuum.visualization.figures.of_studies.panels import amount_measure

    loss = quantity_of("loss:neocloud", ["loss:neocloud"], [])
    quarters = dict.fromkeys([(False, False), (True, True)], 0.0)
    same = "Loss per dollar lent to the neocloud: 0 % on average, whatever demand and tightening"
    assert findings.of_quarters(loss, (DEMAND, THETA), quarters, sure=True) == same
    axes = [Axis(DEMAND, (0.5, 1.0)), Axis(THETA, (0.0, 1.0))]
    assert findings.of_alike(loss, np.array([0.0, 0.0, np.nan]), axes) == same
    assert findings.of_alike(loss, np.array([0.0, 0.1]), axes) == ""
    for from_zero in (True, False):
        measure = amount_measure("loss", loss, [np.zeros(3)], from_zero=from_zero)
        assert (measure.low, measure.high) == (0.0, 1.0)


def test_extremes_name_the_parameter_that_differs():
    axes = [Axis(FORM, ("equity", "loan"), numeric=False), Axis("vendor_finance.tied", (True, False), numeric=False)]
    title = findings.extremes(quantity_of(None, [], []), axes, np.array([[0.2, 0.3], [1.0, 0.6]]))
    assert title == (
        "All worlds have fallen where tying of vendor finance is on and the form of vendor finance loan, "
        "20 % where the form of vendor finance is equity"
    )


def test_amounts_are_written_with_their_units():
    assert say.amount(0.123, "share") == "12 %"
    assert say.amount(-231.4, "$bn") == "−$231bn"
    assert say.amount(20.64, "$bn a month") == "$20.6bn a month"
    assert say.amount(33.3, "GW") == "33.3 GW"
    assert say.amount(7, "months") == "7 months"


@pytest.mark.parametrize(("language", "judged"), [("en", "judged without one"), ("zh", "未倒下则为评判月数")])
def test_the_life_of_worlds_that_never_fall_is_not_told_as_months_until_they_do(language, judged):
    with speaking(language):
        assert judged in say.metric("life")[0]


def test_every_metric_of_a_world_has_words_and_a_unit():
    from perpetuum.runs.study.batches import run_worlds

    table = run_worlds(varied={THETA: [0.0, 1.0]}, replicates=[0, 0], months=2)
    words = ("world", "replicate", "seed", THETA, "state", "outcome", "cause", "first_domino", "error")
    for name in table.columns.drop(list(words)):
        what, unit = say.metric(name)
        assert unit_of(name), name
        assert what
        assert unit
