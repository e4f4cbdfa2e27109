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
    squeeze, start = summary["tightening"], say.month(summary["first_month"])
    worlds, months = say.counted(summary["worlds"], "world"), say.counted(summary["months"], "month")
    named = (summary["title_zh"] if say.language == "zh" else "") or summary["title"]
    asked = say("run.title", preset=summary["preset"], worlds=worlds, months=months, start=start, seed=summary["seed"])
    lines = [named, asked]
    if summary.get("like"):
        lines.append(_like(summary))
    elif squeeze["theta"] > 0 and not squeeze["within_run"]:
        lines.append(say("run.tightens_later", theta=squeeze["theta"], start=say.month(squeeze["start"])))
    elif squeeze["theta"] > 0:
        lines.append(
            say(
                "run.tightens",
                theta=squeeze["theta"],
                start=say.month(squeeze["start"]),
                easing=say.month(squeeze["easing"]),
                end=say.month(squeeze["end"]),
                rate=squeeze["rate_bp"],
                spread=squeeze["spread_bp"],
                venture=say.percent(squeeze["venture_lost"]),
            )
        )
    instead = (summary.get("like") or {}).get("instead", {})
    others = {name: value for name, value in set_by_the_user(summary).items() if name not in instead}
    return layout.title(*lines, settings=others)


def _like(summary: Mapping[str, Any]) -> str:
    """The past squeeze that was asked for: each channel's strength and time, and what was set otherwise."""
    like, start = summary["like"], say.month(summary["tightening"]["start"])
    told = [_channel(name, one) for name, one in like["channels"].items()]
    if not told:
        return say("squeeze.nothing", name=like["name"])
    if not summary["tightening"]["within_run"]:
        return say("squeeze.later", name=like["name"], start=start)
    policy = {name for name in set_by_the_user(summary) if name.startswith("funding.")} - {"funding.start_month"}
    channels = {"name": like["name"], "start": start, "channels": say("list.comma").join(told)}
    line = say("squeeze.like_but", **channels) if policy else say("squeeze.like", **channels)
    if not like["instead"]:
        return line
    return say.sentences([line, say("squeeze.instead", name=like["name"], settings=layout.assigned(like["instead"]))])


def _channel(name: str, one: Mapping[str, float]) -> str:
    """How much and how long one channel tightens, and by how much it was meant to where something held it."""
    told = say(f"squeeze.{name}", **_amounts(one["by"]), months=say.counted(int(one["months"]), "month"))
    meant = _amounts(one.get("meant", one["by"]))  # runs of an earlier day do not know
    return say("squeeze.held", told=told, **meant) if meant != _amounts(one["by"]) else told


def _amounts(by: float) -> dict[str, str]:
    """A channel's strength in basis points and points, and what it takes away in points, per cent and a plain number."""
    numbers = {"bp": f"{1e4 * by:+,.0f}", "points": f"{100 * by:+.0f}"}
    numbers |= {"less_points": f"{-100 * by:+.0f}", "less": f"{-by:+.2g}"}
    return {name: number.replace("-", "−") for name, number in numbers.items()} | {"share": say.share(-by)}


def _files(files: Sequence[str], folder: str) -> RenderableType:
    drawn = sum(name.endswith(".png") for name in files)
    what = say("run.tables")
    if drawn:
        what = say("run.and_figures", files=what, figures=say.counted(drawn, "figure"))
    text = head(say("run.files"))
    text.append(f"  {folder}/", style="not bold")
    return text.append(f"  {what}", style="not bold dim")
