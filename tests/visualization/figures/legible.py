"""Checks of a drawn figure: all its words stand on the page, and no two of them on each other."""

from __future__ import annotations

import re
from itertools import combinations

from matplotlib.text import Text

#: Tick labels outside an axis' limits exist but are not drawn.
_NUMBERS = re.compile(r"[\d.,−%$ ]+")


def words_of(figure) -> str:
    """All words of a figure, in one line."""
    return " ".join(" ".join(text.get_text().split()) for text in figure.findobj(Text) if text.get_text().strip())


def check_legible(figure) -> None:
    """Fail where words leave the page or touch other words."""
    figure.canvas.draw()  # places the names of axes
    renderer, page = figure.canvas.get_renderer(), figure.bbox
    boxes = []
    for text in figure.findobj(Text):
        told = text.get_text().strip()
        if not told or not text.get_visible() or (_NUMBERS.fullmatch(told) and text not in _written(figure)):
            continue
        box = text.get_window_extent(renderer)
        assert page.x0 - 1 <= box.x0, told
        assert box.x1 <= page.x1 + 1, told
        assert page.y0 - 1 <= box.y0, told
        assert box.y1 <= page.y1 + 1, told
        boxes.append((told, box.padded(-1)))
    for (one, here), (other, there) in combinations(boxes, 2):
        assert not here.overlaps(there), (one, other)


def _written(figure) -> set[Text]:
    """Texts that were put there, and no ticks."""
    return {*figure.texts, *(text for axis in figure.axes for text in axis.texts)}
