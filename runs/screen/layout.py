"""Headings, tables and paragraphs of a screen that is 80 columns wide or more, and cuts nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perpetuum.model.words.lines import broken, columns, together
from perpetuum.model.words.speech import say, setting_typed
from perpetuum.visualization.figures.life_lost import worlds_between

NARROWEST, WIDEST = 80, 96
_SIDES: dict[str, Literal["left", "right"]] = {"left": "left", "right": "right"}


class Paragraph:
    """Words wrapped to the width that there is, with every number beside its unit and every month beside its year."""

    def __init__(self, words: str, style: str = ""):
        self.words = words
        self.style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in broken(self.words, options.max_width):
            yield Text(line, style=self.style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        longest = max((columns(word) for word in together(self.words).split(" ")), default=0)
        return Measurement(min(longest, 40), columns(self.words)).with_maximum(options.max_width)


def show(console: Console, *parts: RenderableType) -> None:
    """Print parts one under the other, as wide as reads well; into a file or a pipe without blanks behind its lines."""
    width = min(max(console.width, NARROWEST), WIDEST)
    if console.is_terminal or console.quiet:
        console.print(Group(*parts), width=width)
        return
    with console.capture() as captured:
        console.print(Group(*parts), width=width)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def told(sentences: Sequence[str]) -> list[RenderableType]:
    """The finding in bold, and what goes with it."""
    first, *notes = sentences
    return [Paragraph(first, style="bold"), Text(""), *map(Paragraph, notes), *([Text("")] if notes else [])]


def title(*lines: str, settings: Mapping[str, Any]) -> RenderableType:
    """What was asked, in quiet lines; what was set stands last."""
    told = [*lines, *([say("run.with_set", settings=assigned(settings))] if settings else [])]
    return Padding(Group(*(quiet(line) for line in told)), (0, 0, 1, 0))


def title_of_cells(summary: Mapping[str, Any], asked: str, counts: Sequence[int]) -> RenderableType:
    """The same of a question whose cells have worlds each: preset, worlds, months and seed, and what was `asked` of them.

    `counts`: worlds of each cell that have not fallen by its month, which alone are looked at.
    """
    worlds = say("lost_map.a_cell", worlds=say.counted(summary["worlds"], "world"))
    if counts and {*counts} != {summary["worlds"]}:
        worlds = say("lost_map.a_cell_standing", worlds=worlds, standing=worlds_between(counts))
    about = {
        "preset": summary["preset"],
        "worlds": worlds,
        "months": say.counted(summary["months"], "month"),
        "start": say.month(summary["first_month"]),
        "seed": summary["seed"],
    }
    return title(say("tip.title", **about), asked, settings=summary["overrides"])


def assigned(settings: Mapping[str, Any]) -> str:
    """Settings as a user would type them."""
    return ", ".join(setting_typed(name, value) for name, value in settings.items())


def section(name: str, note: str, *parts: RenderableType) -> RenderableType:
    """A part of the screen: its heading, and what stands under it, indented, with a line left free."""
    return Group(head(name, note), *(Padding(part, (0, 0, 0, 2)) for part in parts), Text(""))


def head(name: str, note: str = "") -> Text:
    """Heading of a part of the screen, with a quiet note behind it."""
    text = Text(name, style="bold")
    if note:
        text.append(f"  {note}", style="not bold dim")
    return text


def quiet(words: str) -> Paragraph:
    """A paragraph in a low voice."""
    return Paragraph(words, style="dim")


def table(*names: tuple[str, str], gap: int = 2, wrapped: Sequence[int] = ()) -> Table:
    """An empty table without lines: headers and sides of its columns.

    Columns whose numbers are in `wrapped` hold words of any length and go over several lines where they must; the others
    hold numbers and stay whole.
    """
    made = Table(box=None, padding=(0, gap, 0, 0), header_style="dim", pad_edge=False)
    for number, (name, side) in enumerate(names):
        made.add_column(name, justify=_SIDES[side], no_wrap=number not in wrapped, overflow="fold")
    return made
