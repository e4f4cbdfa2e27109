"""What a screen shows as HTML: the same parts, with real headings and tables, so that they fit a phone and paper.

A screen prints its parts on a terminal (`layout.show`); a `Sheet` takes them in place of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from perpetuum.model.words.lines import together
from perpetuum.runs.screen.layout import Paragraph
from perpetuum.visualization.report.ranges import held

#: What screens draw bars and the marks of their keys with.
BLOCK, MARK = "█", "■"


class Sheet(Console):
    """A console that keeps what is printed on it, as HTML."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.parts: list[Markup] = []

    def print(self, *objects: Any, **_: Any) -> None:
        """Keep what would be printed."""
        self.parts += [html_of(one) for one in objects]

    @property
    def html(self) -> Markup:
        """All of it, in order."""
        return Markup("\n").join(part for part in self.parts if part)


def html_of(part: RenderableType) -> Markup:
    """One part of a screen as HTML (raises TypeError for a kind of part that no screen has had so far)."""
    if isinstance(part, str):
        return _paragraph(held(part))
    if isinstance(part, Paragraph):
        return _paragraph(held(together(part.words)), part.style)
    if isinstance(part, Text):
        return _heading(part) if part.style == "bold" else _paragraph(_spans(part), str(part.style))
    if isinstance(part, Padding):
        return html_of(part.renderable)
    if isinstance(part, Group):
        return Markup("\n").join(inner for inner in map(html_of, part.renderables) if inner)
    if isinstance(part, Table):
        return _table(part)
    raise TypeError(f"no HTML for a {type(part).__name__}")


def _paragraph(inside: Markup, style: str = "") -> Markup:
    if not inside.strip():
        return Markup("")
    kind = Markup(' class="{}"').format(style) if style in ("bold", "dim") else Markup("")
    return Markup("<p{}>{}</p>").format(kind, inside)


def _heading(text: Text) -> Markup:
    """A heading, and behind it its note in a low voice."""
    name = text.plain[: min((span.start for span in text.spans), default=len(text.plain))].strip()
    note = text.plain[len(name) :].strip()
    told = Markup(" <small>{}</small>").format(held(note)) if note else Markup("")
    return Markup("<h3>{}{}</h3>").format(name, told)


def _spans(text: Text) -> Markup:
    """A text whose parts have colours of their own; full blocks in a row are one bar, which no line break tears."""
    made, bar = Markup(""), Markup("")
    for segment in text.render(Console(width=10_000), end=""):
        colour = segment.style.color if isinstance(segment.style, Style) else None
        shown = colour.get_truecolor().hex if colour is not None and not colour.is_default else ""
        if shown and set(segment.text) == {BLOCK}:
            bar += Markup('<i style="background:{};flex:{}"></i>').format(shown, len(segment.text))
            continue
        made += Markup('<span class="bar">{}</span>').format(bar) if bar else Markup("")
        bar = Markup("")
        words = held(segment.text)
        if text.style == "bold" or (isinstance(segment.style, Style) and segment.style.bold):
            words = Markup("<b>{}</b>").format(words)
        made += Markup('<span style="color:{}">{}</span>').format(shown, words) if shown else words
    made += Markup('<span class="bar">{}</span>').format(bar) if bar else Markup("")
    return Markup(str(made).replace(f"{MARK}</span> ", f"{MARK}</span>\u00a0"))  # a key's mark stays with its words


def _table(table: Table) -> Markup:
    kinds = [_kind(column.justify == "right", column.no_wrap) for column in table.columns]
    heads = [_cell(column.header) for column in table.columns] if table.show_header else []
    head = Markup("<thead>{}</thead>").format(_row("th", kinds, heads)) if any(heads) else Markup("")
    columns = [[_cell(cell) for cell in column.cells] for column in table.columns]
    body = Markup("\n").join(_row("td", kinds, cells) for cells in zip(*columns, strict=True))
    return Markup('<div class="wide"><table class="{}">{}<tbody>{}</tbody></table></div>').format(
        "numbers" if any(heads) else "words", head, body
    )


def _kind(right: bool, whole: bool) -> Markup:
    """What sets a column apart: numbers stand to the right, and what stays in one line."""
    names = " ".join(name for name, there in (("right", right), ("whole", whole)) if there)
    return Markup(' class="{}"').format(names) if names else Markup("")


def _row(tag: str, kinds: Sequence[Markup], cells: Sequence[Markup]) -> Markup:
    made = (Markup("<{0}{1}>{2}</{0}>").format(tag, kind, cell) for kind, cell in zip(kinds, cells, strict=True))
    return Markup("<tr>{}</tr>").format(Markup("").join(made))


def _cell(cell: RenderableType) -> Markup:
    """A cell's words, without a paragraph around them."""
    if isinstance(cell, Paragraph):
        return held(together(cell.words))
    return _spans(cell) if isinstance(cell, Text) else held(" ".join(str(cell).split()))
