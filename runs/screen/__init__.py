"""The answer on one screen: a sentence first, then what it rests on. Made from the summary alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from perpetuum.model.words.speech import say
from perpetuum.runs.screen import layout
from perpetuum.runs.screen.circularity import circularity
from perpetuum.runs.screen.creditors import creditors
from perpetuum.runs.screen.ladder import ladder
from perpetuum.runs.screen.layout import Paragraph, head
from perpetuum.runs.screen.odds import answer, dated
from perpetuum.runs.screen.reckoning import dominoes, reckoning
from perpetuum.runs.screen.squeeze import squeeze_lines
from perpetuum.visualization.figures.sources import set_by_the_user

__all__ = ["answer", "show"]


def show(summary: Mapping[str, Any], console: Console, files: Sequence[str] = (), folder: str = "") -> None:
    """Print the whole answer."""
    parts: list[RenderableType] = [_title(summary), Paragraph(answer(summary), style="bold")]
    parts += [Text(""), *(part(summary) for part in (dated, creditors, dominoes, circularity, reckoning))]
    if "ladder" in summary:
        parts.append(ladder(summary))
    if folder:
        parts.append(_files(files, folder))
    layout.show(console, *parts)


def _title(summary: Mapping[str, Any]) -> RenderableType:
    start = say.month(summary["first_month"])
    worlds, months = say.counted(summary["worlds"], "world"), say.counted(summary["months"], "month")
    named = (summary["title_zh"] if say.language == "zh" else "") or summary["title"]
    asked = say("run.title", preset=summary["preset"], worlds=worlds, months=months, start=start, seed=summary["seed"])
    lines = [named, asked, *squeeze_lines(summary)]
    instead = (summary.get("like") or {}).get("instead", {})
    others = {name: value for name, value in set_by_the_user(summary).items() if name not in instead}
    return layout.title(*lines, settings=others)


def _files(files: Sequence[str], folder: str) -> RenderableType:
    drawn = sum(name.endswith(".png") for name in files)
    what = say("run.tables")
    if drawn:
        what = say("run.and_figures", files=what, figures=say.counted(drawn, "figure"))
    text = head(say("run.files"))
    text.append(f"  {folder}/", style="not bold")
    return text.append(f"  {what}", style="not bold dim")
