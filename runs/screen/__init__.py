"""The answer on one screen: a sentence first, then what it rests on. Made from the summary alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perpetuum.model.words.numbers import many, month, written
from perpetuum.model.words.vocabulary import percent
from perpetuum.runs.screen.circularity import circularity
from perpetuum.runs.screen.dominoes import dominoes
from perpetuum.runs.screen.ladder import ladder
from perpetuum.runs.screen.layout import NARROWEST, WIDEST, Paragraph
from perpetuum.runs.screen.reckoning import reckoning
from perpetuum.runs.screen.sentence import answer, hint
from perpetuum.runs.screen.verdict import verdict

__all__ = ["answer", "hint", "show"]


def show(summary: Mapping[str, Any], console: Console, files: Sequence[str] = (), folder: str = "") -> None:
    """Print the whole answer."""
    parts: list[RenderableType] = [
        _title(summary),
        Paragraph(answer(summary), style="bold"),
        *([Paragraph(hint(summary), style="dim")] if hint(summary) else []),
        Text(""),
        verdict(summary),
        dominoes(summary),
        circularity(summary),
        reckoning(summary),
    ]
    if "ladder" in summary:
        parts.append(ladder(summary))
    if folder:
        parts.append(_files(files, folder))
    console.print(Group(*parts), width=min(max(console.width, NARROWEST), WIDEST))


def _title(summary: Mapping[str, Any]) -> RenderableType:
    squeeze = summary["tightening"]
    lines = [
        f"{summary['preset']} · {many(summary['worlds'], 'world')} · {many(summary['months'], 'month')} from "
        f"{month(summary['first_month'])} · seed {summary['seed']}"
    ]
    if squeeze["theta"] > 0:
        lines.append(
            f"Funding tightens by {squeeze['theta']:g} from {month(squeeze['start'])}, eases from "
            f"{month(squeeze['easing'])}: policy rate {squeeze['rate_bp']:+.0f} bp, credit spreads "
            f"{squeeze['spread_bp']:+.0f} bp, {percent(squeeze['venture_lost'])} less venture money."
        )
    if summary["overrides"]:
        changed = ", ".join(f"{name} = {written(value)}" for name, value in summary["overrides"].items())
        lines.append(f"With {changed}.")
    return Padding(Group(*(Paragraph(line, style="dim") for line in lines)), (0, 0, 1, 0))


def _files(files: Sequence[str], folder: str) -> RenderableType:
    drawn = sum(name.endswith(".png") for name in files)
    text = Text("Files", style="bold")
    text.append(f"  {folder}/", style="not bold")
    what = ["summary", "worlds, series and events as tables", *([f"{drawn} figures"] if drawn else [])]
    text.append(f"  {', '.join(what)}", style="not bold dim")
    return text
