"""How tight is too tight: the rungs of the ladder, with past squeezes beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType

from perpetuum.model.observed.odds import FEWEST
from perpetuum.model.words.numbers import alike
from perpetuum.model.words.speech import say
from perpetuum.runs.screen.layout import quiet, section, table
from perpetuum.runs.screen.squeeze import past_squeezes


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
    for rung in rungs:
        rows.add_row(
            f"{rung['theta']:.1f}",
            say("ladder.bp", x=rung["rate_bp"]),
            say("ladder.bp", x=rung["spread_bp"]),
            say.share(-rung["venture_lost"]),
            *(say.interval(rung["odds"][name]) if rung["odds"] else "" for name in ("fallen", "alone")),
            _lost(rung["life_lost"], summary["worlds"]) if rung["odds"] else "",
        )
    end = next((say.month(rung["odds"]["date"]) for rung in rungs if rung["odds"]), "")
    history = summary.get("history", [])
    like = [quiet(past_squeezes(summary, history, digits=1))] if history else []
    return section(say("ladder.title"), say("ladder.note", month=end), rows, *like)


def _lost(one: Mapping[str, Any], worlds: int) -> str:
    """Mean months of life lost, with their interval where there are worlds enough for one."""
    if worlds >= FEWEST or not one["months"]:
        return say.mean_months(one)
    return alike([one["months"]], 1)[0]
