"""Headings, tables and paragraphs of a screen that is 80 columns wide or more, and cuts nothing."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Literal

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

NARROWEST, WIDEST = 80, 96
Side = Literal["left", "right"]


class Paragraph:
    """Words wrapped to the width that there is, with every number beside its unit and every month beside its year."""

    def __init__(self, words: str, style: str = ""):
        self.words = words
        self.style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in textwrap.wrap(_together(self.words), options.max_width, break_on_hyphens=False):
            yield Text(line.replace(_FIRM, " "), style=self.style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        longest = max((len(word) for word in _together(self.words).split(" ")), default=0)
        return Measurement(longest, len(self.words)).with_maximum(options.max_width)


#: A space at which no line ends, and where it stands: number and unit, month and year, option and value.
_FIRM = "\N{NO-BREAK SPACE}"
_INSIDE = (
    r"(?<=\d) (?=%|bp\b|GW\b|worlds?\b|\$/)",
    r"(?<=\b[A-Z][a-z]{2}) (?=\d{4}\b)",
    r"(?<=--set) |(?<=--months) ",
)


def _together(words: str) -> str:
    return re.sub("|".join(_INSIDE), _FIRM, words)


def head(title: str, note: str = "") -> Text:
    """Heading of a part of the screen, with a quiet note behind it."""
    text = Text(title, style="bold")
    if note:
        text.append(f"  {note}", style="not bold dim")
    return text


def table(*columns: tuple[str, Side], gap: int = 2, wrapped: Sequence[int] = ()) -> Table:
    """An empty table without lines: headers and sides of its columns.

    Columns whose numbers are in `wrapped` hold words of any length and go over several lines where they must; the others
    hold numbers and stay whole.
    """
    made = Table(box=None, padding=(0, gap, 0, 0), header_style="dim", pad_edge=False)
    for number, (name, side) in enumerate(columns):
        made.add_column(name, justify=side, no_wrap=number not in wrapped, overflow="fold")
    return made
