"""Marks of points in a figure's key, as they are drawn in its panels: of the same size, colour and edge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from perpetuum.visualization.figures.layout import written_width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Look = Mapping[str, Any]  # marker, ms, mfc, mec, mew: as matplotlib draws it

#: Inches from the words before a mark to it, and from it to those after it.
_BEFORE, _AFTER = 0.08, 0.1


def put_mark(figure: Figure, x: float, y: float, look: Look) -> None:
    """Draw a mark in a key, at a place in parts of the figure."""
    from matplotlib.lines import Line2D

    figure.add_artist(Line2D([x], [y], ls="", **look))


def put_marks_for(figure: Figure, looks: Mapping[str, Look]) -> None:
    """Draw marks in place of the signs that stand for them in a figure's texts, with the words between them beside them."""
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    wide = figure.get_size_inches()[0]
    for text in [one for one in figure.texts if any(sign in one.get_text() for sign in looks)]:
        box = text.get_window_extent(renderer).transformed(figure.transFigure.inverted())
        lines, size = text.get_text().split("\n"), float(text.get_fontsize())
        high = box.height / len(lines)
        for row, line in enumerate(lines):
            x, top = box.x0, box.y1 - row * high
            for piece in re.split(f"([{''.join(looks)}])", line):
                if piece in looks:
                    x += _BEFORE / wide
                    put_mark(figure, x, top - 0.5 * high, looks[piece])
                    x += _AFTER / wide
                elif words := piece.strip():
                    figure.text(x, top, words, size=size, color=text.get_color(), va="top")
                    x += (written_width(figure, words, size=size) + _BEFORE) / wide
        text.remove()
