"""How tight is too tight: the rungs of the ladder, with past squeezes beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    lost = _lost([rung["life_lost"] for rung in rungs], summary["worlds"])
    for rung, months in zip(rungs, lost, strict=True):
        rows.add_row(
            f"{rung['theta']:.1f}",
            say("ladder.bp", x=rung["rate_bp"]),
            say("ladder.bp", x=rung["spread_bp"]),
            say.share(-rung["venture_lost"]),
            *(say.interval(rung["odds"][name]) if rung["odds"] else "" for name in ("fallen", "alone")),
            months if rung["odds"] else "",
        )
    end = next((say.month(rung["odds"]["date"]) for rung in rungs if rung["odds"]), "")
    history = summary.get("history", [])
    like = [quiet(past_squeezes(summary, history, digits=1))] if history else []
    return section(say("ladder.title"), say("ladder.note", month=end), rows, *like)


def _lost(several: Sequence[Mapping[str, Any]], worlds: int) -> list[str]:
    """Mean months of life lost, with their intervals where there are worlds enough for any."""
    if worlds >= FEWEST:
        return say.several_months(several)
    months = [one["months"] for one in several]
    return ["" if one is None else alike([one], 1, most=1)[0] if one else "0" for one in months]
