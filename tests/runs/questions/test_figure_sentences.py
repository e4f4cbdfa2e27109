"""Sentences and titles of the figures of studies: what is claimed, and only as far as intervals go."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.observed.metrics import unit_of
from perpetuum.model.words.speech import say, speaking
from perpetuum.runs.questions import cell_statistics as surface
from perpetuum.runs.questions import figure_sentences as findings
from perpetuum.runs.questions.cell_statistics import Axis
from perpetuum.runs.questions.response_curves import find_threshold
from perpetuum.runs.questions.selection import quantity_of
from tests.runs.questions.test_cell_statistics import tally_of
from tests.study_folders import DEMAND, FORM, THETA, worlds_table


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
    alike = np.array([[1.0, 0.0, 0.0]] * 2)
    title_alike, _ = findings.of_curve(quantity, Axis(THETA, (0.0, 1.0)), surface.Tally(alike, np.ones((2, 3))))
    assert title_alike == "6–79 % of the worlds have fallen, whatever tightening"
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
    marks = np.arange(100) < 100 * np.array([[0.2, 0.3], [1.0, 0.6]])[..., None]
    tally = surface.Tally(marks.astype(np.float64), np.ones(marks.shape))
    title = findings.of_extremes(quantity_of(None, [], []), axes, tally)
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
