"""Figures in a report: SVG that stands in the page itself, so that it stays sharp, can be searched, and names no other file."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup

from perpetuum.visualization.figures.layout import typeset

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BEFORE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_ABOUT = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
#: Rules that a picture brings would hold for the whole page.
_RULES = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)
_TAG = re.compile(r"<svg[^>]*>")
_SIZE = re.compile(r' (?:width|height)="[^"]*"')
_LETTERS = re.compile(r"font(?:-size)?: (?:[a-z0-9]+ )*?([\d.]+)px")
_BOX = re.compile(r'viewBox="\S+ \S+ ([\d.]+) ')
#: Pixels of the smallest letters on a screen that is no desk's.
SMALLEST_LETTERS = 11
#: Pixels of width that a picture asks for above which its letters are under seven points (9.35 of a screen's eleven pixels) on
#: paper that stands upright: A4 has room for 182 mm there.
BROAD = 809
#: What no figure of ours has, and would act in the page: somebody else has put the file there.
_ACTING = frozenset({"script", "foreignobject", "iframe", "object", "embed", "animate", "set", "a"})
#: What a picture may refer to: its own parts, and pictures that it holds.
_OWN = ("#", "data:image/")
_ODD_NAME = re.compile(r"[^\w.:+-]")
_NAMED = re.compile(r'(\bid="|href="#|url\(#)')


def drawn(figures: Iterable[tuple[str, Figure]]) -> list[Markup]:
    """Figures as they are drawn, each put into the page and closed."""
    from matplotlib import pyplot as plt

    found = []
    for name, figure in figures:
        found.append(embedded(_svg(figure), name))
        plt.close(figure)
    return found


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    typeset(figure, lambda one: one.savefig(text, format="svg", metadata={"Date": None}))
    return text.getvalue()


def of_folder(folder: Path) -> list[Markup]:
    """The figures that stand in a folder, by name, in the language in which they were drawn; none that would act in the page."""
    named = (
        (file.stem, file) for file in sorted(folder.glob("*.svg")) if file.is_file() and not _ODD_NAME.search(file.stem)
    )
    drawn = ((name, file.read_text(encoding="utf-8", errors="replace")) for name, file in named)
    figures = (embedded(svg, name) for name, svg in drawn if "<svg" in svg)
    return [figure for figure in figures if not _acts(figure)]


def _acts(figure: str) -> bool:
    """Whether a figure, as it will stand in the page, may do anything there; what cannot be read may."""
    if "<!" in figure:  # a browser reads some of these in another way
        return True
    try:
        elements = list(ElementTree.fromstring(figure).iter())
    except ElementTree.ParseError:
        return True
    attributes = [(_local(name), value.strip()) for one in elements for name, value in one.attrib.items()]
    return any(_local(one.tag) in _ACTING for one in elements) or any(
        name.startswith("on") or (name == "href" and not value.startswith(_OWN)) for name, value in attributes
    )


def _local(name: str) -> str:
    """A name without the space that it is of."""
    return name.rpartition("}")[2].lower()


def embedded(svg: str, name: str) -> Markup:
    """An SVG file as a figure of a page: as wide as there is room, without what is said about it, its names its own."""
    svg = _RULES.sub("", _ABOUT.sub("", _BEFORE.sub("", svg, count=1)))
    svg = _TAG.sub(lambda found: _SIZE.sub("", found.group()), svg, count=1)
    svg = _NAMED.sub(lambda found: f"{found.group(1)}{name}-", svg)
    drawn = svg.replace("<svg", f'<svg class="drawn" role="img" data-figure="{name}"', 1).strip()
    return Markup(f'<figure tabindex="0"{_look(svg)}>{drawn}</figure>')


def _look(svg: str) -> str:
    """How wide the picture must be for its smallest letters to be read, as a style of its own, and whether that is too much for
    paper that stands upright; "" where it has no letters.
    """
    sizes, box = [float(size) for size in _LETTERS.findall(svg)], _BOX.search(svg)
    if not sizes or not box:
        return ""
    wide = math.ceil(SMALLEST_LETTERS * float(box.group(1)) / min(sizes))
    return f'{' class="broad"' if wide > BROAD else ""} style="--legible: {wide}px"'
