"""How tight is too tight: the rungs of the ladder, with past squeezes beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from perpetuum.model.words.speech import say
from perpetuum.runs.screen.layout import section, table


def ladder(summary: Mapping[str, Any]) -> RenderableType:
    """What each degree of tightening means, and how the machine fares under it."""
    rows = table(
        (say("ladder.degree"), "left"),
        (say("ladder.rate"), "right"),
        (say("ladder.spreads"), "right"),
        (say("ladder.venture"), "right"),
        (say("headline.falls_apart"), "left"),
        (say("headline.holds_up"), "right"),
        (say("ladder.first"), "left"),
        gap=1,
        wrapped=(0, 6),
    )
    rungs = summary["ladder"]
    marks: dict[float, list[str]] = {}
    for episode in summary.get("history", []):
        nearest = min((rung["theta"] for rung in rungs), key=lambda theta: abs(theta - episode["theta"]))
        marks.setdefault(nearest, []).append(episode["name"])
    for rung in rungs:
        degree = Text(f"{rung['theta']:.1f}")
        degree.append(f" {', '.join(marks.get(rung['theta'], []))}", style="dim")
        rows.add_row(
            degree,
            say("ladder.bp", x=rung["rate_bp"]),
            say("ladder.bp", x=rung["spread_bp"]),
            say.share(-rung["venture_lost"]),
            say.interval(rung["headlines"]["falls_apart"]),
            say.share(rung["headlines"]["holds_up"]["share"]),
            say.firm(rung["first_domino"]) if rung["first_domino"] else say("ladder.nobody"),
        )
    return section(say("ladder.title"), say("ladder.note"), rows)
