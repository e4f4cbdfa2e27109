"""Who goes first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perpetuum.model.words.numbers import month, share
from perpetuum.model.words.vocabulary import firm, percent
from perpetuum.runs.screen.layout import head, table


def dominoes(summary: Mapping[str, Any]) -> RenderableType:
    """Who defaults first, in what share of the worlds, when, and how often the machine falls after it."""
    named = [one for one in summary["first_dominoes"] if one["name"]]
    nobody = next((one["share"] for one in summary["first_dominoes"] if not one["name"]), 0.0)
    if not named:
        return Group(head("Who goes first?", "nobody defaults in any world"), Text(""))
    note = f"nobody defaults in {percent(nobody)} of worlds" if nobody > 0 else ""
    columns = table(
        ("first to default", "left"),
        ("worlds", "right"),
        ("median date", "left"),
        ("middle half", "left"),
        ("machine falls", "right"),
        wrapped=(0,),
    )
    for one in named[:4]:
        dates = f"{month(one['early'])}–{month(one['late'])}" if one["early"] != one["late"] else ""
        then = share(one["then_falls_apart"])
        columns.add_row(firm(one["name"]), share(one["share"]), month(one["date"]), dates, then)
    return Group(head("Who goes first?", note), Padding(columns, (0, 0, 1, 2)))
