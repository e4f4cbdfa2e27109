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
        (say("ladder.fallen"), "left"),
        (say("ladder.alone"), "left"),
        (say("ladder.life_lost"), "left"),
        gap=1,
        wrapped=(),
    )
    rungs = summary["ladder"]
    marks: dict[float, list[str]] = {}
    for episode in summary.get("history", []):
        nearest = min((rung["theta"] for rung in rungs), key=lambda theta: abs(theta - episode["theta"]))
        marks.setdefault(nearest, []).append(episode["name"])
    for rung in rungs:
        degree = Text(f"{rung['theta']:.1f}")
        degree.append(f" {chr(10).join(marks.get(rung['theta'], []))}", style="dim")
        rows.add_row(
            degree,
            say("ladder.bp", x=rung["rate_bp"]),
            say("ladder.bp", x=rung["spread_bp"]),
            say.share(-rung["venture_lost"]),
            *(say.interval(rung["odds"][name]) if rung["odds"] else "" for name in ("fallen", "alone")),
            months_lost(rung["life_lost"]) if rung["odds"] else "",
        )
    end = next((say.month(rung["odds"]["date"]) for rung in rungs if rung["odds"]), "")
    return section(say("ladder.title"), say("ladder.note", month=end), rows)


def months_lost(one: Mapping[str, float]) -> str:
    """Mean months of life lost with their interval: `7.2 months (4.1–10.0)`."""
    middle, low, high = (f"{round(one[end], 1) + 0.0:.1f}".replace("-", "−") for end in ("months", "low", "high"))
    return say("ladder.months", months=middle, low=low, high=high)
