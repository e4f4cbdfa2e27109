"""Panels fill their page: no place of a row is empty, whatever their number."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from perpetuum.runs.questions.payoffs import USUAL_PAYOFFS
from perpetuum.visualization.figures import autopsy as autopsy_figures
from perpetuum.visualization.figures import layout
from perpetuum.visualization.figures import sensitivity as sensitivity_figures
from perpetuum.visualization.figures.layout import Caption, boxes, grown, page, style
from tests.visualization.figures.legible import check_legible, words_of


def rows_of(places):
    """Rows of (left, right) in inches, by how far they stand from the top."""
    rows = {}
    for left, top, wide in places:
        rows.setdefault(round(top, 3), []).append((left, left + wide))
    return [sorted(row) for _, row in sorted(rows.items())]


@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("panels", range(1, 9))
def test_every_row_of_panels_is_as_broad_as_the_others(panels, columns):
    columns = min(panels, columns)
    rows = rows_of(boxes(panels, columns, (2.0, 1.0), (0.5, 0.25)))
    assert sum(map(len, rows)) == panels
    for row in rows:
        assert (row[0][0], row[-1][1]) == pytest.approx((0.0, columns * 2.0 + (columns - 1) * 0.5))
        for (_, right), (left, _) in itertools.pairwise(row):
            assert left - right == pytest.approx(0.5)


def edges(figure):
    """Right edge of the last axes of each row, in inches."""
    wide = figure.get_size_inches()[0]
    rows = {}
    for axis in figure.axes:
        box = axis.get_position()
        rows[round(box.y0, 4)] = max(rows.get(round(box.y0, 4), 0.0), wide * box.x1)
    return [*rows.values()]


def test_a_page_of_five_panels_has_no_empty_place():
    with style():
        figure, axes = page(Caption("A title", "", ""), panels=5, columns=3, panel=(2, 1), margins=(0.5, 0.5, 0.5, 0.5))
    assert len(axes) == 5
    assert edges(figure) == pytest.approx([6.5, 6.5])


def blamed(*payoffs, flat=()):
    """The figure of an autopsy of two switches."""
    share = {"mean": 2.0, "low": 1.0, "high": 3.0}
    one = {"shapley": share, "alone": share, "last": share}

    def panel(name):
        high = 0.0 if name in flat else 4.0
        ends = {"lowest_coalition": 0.0, "highest_coalition": high, "as_asked": {"mean": high}, "all_off": {"mean": 0.0}}
        return ends | {"shares": {"hoarding": one, "race": one}, "median_month": None, "most": {"adds": "", "takes": ""}}

    summary = {"worlds": 40, "months": 120, "players": {"hoarding": {}, "race": {}}, "off_already": []}
    summary["payoffs"] = {name: panel(name) for name in payoffs}
    return autopsy_figures.blame(summary, title="A title", source="Source: a test.")


@pytest.mark.parametrize(
    "payoffs", [("boom",), ("boom", "life"), USUAL_PAYOFFS, ("boom", "life", "bust", "alone", "own_money")]
)
def test_an_autopsy_fills_its_page(payoffs):
    figure = blamed(*payoffs)
    right = edges(figure)
    assert len(right) == -(-len(payoffs) // 2)
    assert right == pytest.approx([right[0]] * len(right))
    check_legible(figure)


def test_a_payoff_with_nothing_to_share_out_takes_no_panel_where_others_have_something():
    figure = blamed("boom", "bust", "life", flat=("bust",))
    assert len(figure.axes) == 2
    assert "No world falls in this scenario" in words_of(figure)
    check_legible(figure)


def apportioned(*metrics, flat=()):
    """The figure of a sensitivity study of two parameters."""
    one = {"value": 0.5, "low": 0.4, "high": 0.6}
    sobol = {name: {"S1": one, "ST": one} for name in ("demand.strength", "labs.appetite")}
    grown = {"samples": [8, 16], "ST": {name: [0.4, 0.5] for name in sobol}, "converged": True}

    def metric(name):
        if name in flat:
            return {"sobol": {}, "morris": {}, "convergence": None, "level": {"low": 0.0, "high": 0.0}}
        return {"sobol": sobol, "morris": {}, "convergence": grown, "level": {"low": 0.1, "high": 0.4}}

    about = {"preset": "ono_2025", "overrides": {}, "replicates": 4, "seed": 1, "months": 120, "samples": 16, "fixed": False}
    return sensitivity_figures.indices_figure(
        about | {"metrics": {name: metric(name) for name in metrics}, "survivors": [*sobol], "screened": 2}
    )


@pytest.mark.parametrize("metrics", [("life",), ("life", "bust", "boom"), ("life", "bust", "drawdown", "boom", "own_money")])
def test_a_sensitivity_study_fills_its_page(metrics):
    figure = apportioned(*metrics)
    right = edges(figure)
    assert len(right) == -(-len(metrics) // 2)
    assert right == pytest.approx([right[0]] * len(right))
    check_legible(figure)


def test_a_metric_that_nothing_moves_takes_no_panel_where_others_move():
    figure = apportioned("life", "bust", "boom", flat=("bust",))
    assert len(figure.axes) == 4
    assert "no parameter makes any difference to it" in words_of(figure)
    check_legible(figure)


def test_a_figure_is_as_tall_as_headline_panels_and_footer_take():
    with style():
        from matplotlib import pyplot as plt

        figure = plt.figure()
        title, foot = "A headline of many words that is broken " * 4, ["A source and caveats of many words " * 9]
        places = grown(figure, 5.0, title, "What is drawn", foot, boxes(3, 2, (2.0, 1.0), (0.5, 0.25)), 1.0)
        renderer, tall = figure.canvas.get_renderer(), figure.get_size_inches()[1]
        written = [text.get_window_extent(renderer).transformed(figure.transFigure.inverted()) for text in figure.texts]
    assert [(round(x, 6), broad) for x, _, broad in places] == [(0.0, 2.0), (2.5, 2.0), (0.0, 4.5)]
    assert places[0][1] - places[2][1] == pytest.approx(1.25)
    headline = min(box.y0 for box in written if box.y0 > 0.5) * tall
    footing = max(box.y1 for box in written if box.y0 < 0.5) * tall
    assert 0.0 <= headline - (places[0][1] + 1.0) < 0.15
    assert places[2][1] - footing == pytest.approx(0.2, abs=0.1)


def test_no_other_figure_lays_its_page_out_for_itself():
    found = {path.name for path in Path(layout.__file__).parent.rglob("*.py") if "figure.clear()" in path.read_text("utf-8")}
    assert found == {"layout.py"}
