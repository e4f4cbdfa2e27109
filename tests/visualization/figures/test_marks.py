"""Marks in a figure's key are those of its panels: as large, with the same colours and edges."""

from __future__ import annotations

import pytest
from matplotlib import pyplot as plt
from matplotlib.lines import Line2D

from perpetuum.model.words.speech import speaking
from perpetuum.visualization.figures.of_studies import tipping_points as pictures
from perpetuum.visualization.figures.unknowns import draw_unknowns
from tests.visualization.figures.dated_summary import summary
from tests.visualization.figures.legible import check_legible, words_of
from tests.visualization.figures.test_layout import blamed
from tests.visualization.figures.test_tipping_figures import answer


def marks_of(lines):
    """What a reader sees of marks: shape, size, fill, edge and its breadth."""
    return {
        (
            line.get_marker(),
            line.get_markersize(),
            line.get_markerfacecolor(),
            line.get_markeredgecolor(),
            line.get_markeredgewidth(),
        )
        for line in lines
        if line.get_marker() != "None"
    }


def in_the_key(figure):
    """Lines that stand in the figure itself, and in none of its panels."""
    return [one for one in figure.get_children() if isinstance(one, Line2D)]


def in_panels(figure):
    return [line for axis in figure.axes for line in axis.lines]


def tip_figure(kind, tmp_path, monkeypatch):
    """The figure of an answer of `tip`."""
    drawn = []
    monkeypatch.setattr(pictures, "save", lambda figure, *_: drawn.append(figure) or [])
    asked, found = answer(kind)
    pictures.draw_tip(found, asked, tmp_path)
    return drawn[0]


@pytest.mark.filterwarnings("ignore:Glyph")  # boxes stand in for Chinese letters where no face has them
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("draw", "marks"), [(lambda: draw_unknowns(summary()), 2), (lambda: blamed("boom", "life"), 2)])
def test_marks_in_the_key_are_those_that_are_drawn(draw, marks, language):
    with speaking(language):
        figure = draw()
        check_legible(figure)
    key = marks_of(in_the_key(figure))
    assert len(key) == marks
    assert key == marks_of(in_panels(figure))
    assert not {*"○●◇◆"} & {*words_of(figure)}
    plt.close(figure)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "marks", "lines"), [("a firm across numbers", 3, 3), ("across words", 2, 0), ("hysteresis", 1, 2)]
)
def test_curves_in_the_key_are_those_that_are_drawn(kind, marks, lines, tmp_path, monkeypatch):
    figure = tip_figure(kind, tmp_path, monkeypatch)
    key = marks_of(in_the_key(figure))
    assert len(key) == marks
    assert key <= marks_of(in_panels(figure))

    def looks(drawn):
        return {
            (one.get_color(), one.get_linestyle(), one.get_linewidth()) for one in drawn if one.get_linestyle() != "None"
        }

    assert len(looks(in_the_key(figure))) == lines
    assert looks(in_the_key(figure)) <= looks(in_panels(figure))
    plt.close(figure)
