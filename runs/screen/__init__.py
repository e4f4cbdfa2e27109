"""The answer on the screen: a sentence first, then what it rests on, in short or whole. Made from the summary alone."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from perpetuum.model.words.speech import say
from perpetuum.runs.screen import creditors, dated, layout
from perpetuum.runs.screen.circularity import circularity
from perpetuum.runs.screen.ladder import ladder
from perpetuum.runs.screen.layout import Paragraph, head
from perpetuum.runs.screen.odds import answer
from perpetuum.runs.screen.reckoning import dominoes, reckoning
from perpetuum.runs.screen.squeeze import squeeze_lines
from perpetuum.visualization.figures.sources import set_by_the_user

Summary = Mapping[str, Any]

__all__ = ["WHOLE_ANSWER", "answer", "show", "show_in_short", "whole_text"]

#: The file in a run's folder that holds the whole answer, and how wide it is.
WHOLE_ANSWER, _WIDE = "answer.txt", 80


def show_in_short(summary: Summary, console: Console, files: Sequence[str] = (), folder: str = "") -> None:
    """Print the answer: the finding, the odds by date, a few lines on each thing that one asks, and what lenders lose."""
    parts = [dated.in_short(summary), creditors.in_short(summary)]
    _show(summary, console, parts, [*_files(files, folder), *_more(folder)])


def show(summary: Summary, console: Console, files: Sequence[str] = (), folder: str = "") -> None:
    """Print the whole answer."""
    parts = [dated.whole(summary), creditors.creditors(summary)]
    parts += [part(summary) for part in (dominoes, circularity, reckoning)]
    _show(summary, console, parts, _files(files, folder))


def whole_text(summary: Summary) -> str:
    """The whole answer as a text."""
    file = io.StringIO()
    show(summary, Console(file=file, width=_WIDE, color_system=None, legacy_windows=False))
    return f"{file.getvalue().rstrip()}\n"


def _show(summary: Summary, console: Console, parts: Sequence[RenderableType], last: Sequence[RenderableType]) -> None:
    told = [_title(summary), Paragraph(answer(summary), style="bold"), Text(""), *parts]
    if "ladder" in summary:
        told.append(ladder(summary))
    layout.show(console, *told, *last)


def _title(summary: Summary) -> RenderableType:
    start = say.month(summary["first_month"])
    worlds, months = say.counted(summary["worlds"], "world"), say.counted(summary["months"], "month")
    named = (summary["title_zh"] if say.language == "zh" else "") or summary["title"]
    asked = say("run.title", preset=summary["preset"], worlds=worlds, months=months, start=start, seed=summary["seed"])
    lines = [named, asked, *squeeze_lines(summary)]
    instead = (summary.get("like") or {}).get("instead", {})
    others = {name: value for name, value in set_by_the_user(summary).items() if name not in instead}
    return layout.title(*lines, settings=others)


def _files(files: Sequence[str], folder: str) -> list[RenderableType]:
    """Where the files are, and what they hold; nothing where there are none."""
    if not folder:
        return []
    drawn = sum(name.endswith(".png") for name in files)
    what = say("run.tables")
    if drawn:
        what = say("run.and_figures", files=what, figures=say.counted(drawn, "figure"))
    text = head(say("run.files"))
    text.append(f"  {folder}/", style="not bold")
    return [text.append(f"  {what}", style="not bold dim")]


def _more(folder: str) -> list[RenderableType]:
    """Where the whole answer is."""
    if not folder:
        return []
    return [head(say("run.whole")).append(f"  {say('run.whole_where', file=WHOLE_ANSWER)}", style="not bold dim")]
