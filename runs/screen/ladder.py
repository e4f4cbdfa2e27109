"""How tight is too tight: the rungs of the ladder, with past squeezes beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perpetuum.model.words.numbers import share, with_interval
from perpetuum.runs.screen.layout import head, table


def ladder(summary: Mapping[str, Any]) -> RenderableType:
    """What each degree of tightening means, and how the machine fares under it."""
    columns = table(
        ("degree", "left"),
        ("rate", "right"),
        ("spreads", "right"),
        ("venture", "right"),
        ("falls apart", "left"),
        ("holds up", "right"),
        ("first to default", "left"),
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
        columns.add_row(
            degree,
            f"{rung['rate_bp']:+.0f} bp",
            f"{rung['spread_bp']:+.0f} bp",
            share(-rung["venture_lost"]),
            with_interval(rung["headlines"]["falls_apart"]),
            share(rung["headlines"]["holds_up"]["share"]),
            rung["first_domino"].replace("_", " ") or "nobody",
        )
    note = "same luck on each rung; years: squeezes of like degree"
    return Group(head("How tight is too tight?", note), Padding(columns, (0, 0, 1, 2)))
