"""The dated answer: odds by date, and the lines under them; in short, as every run has it, or whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from perpetuum.model.words.speech import say
from perpetuum.runs.screen import circularity, reckoning
from perpetuum.runs.screen.answer_lines import lines
from perpetuum.runs.screen.layout import Paragraph, quiet, section
from perpetuum.runs.screen.odds import beside_odds, beside_odds_in_short, by_date

Summary = Mapping[str, Any]


def in_short(summary: Summary) -> RenderableType:
    """Odds by date, how sure the last ones are, and a few lines on each thing that one asks then."""
    if not summary["odds"]["asked"]:
        return section(say("odds.title"), "")
    *told, trust = ((line.name, line.short) for line in lines(summary))
    told += [(say(f"{part}.short_name"), short) for part, short in _other_parts(summary)]
    return _dated(summary, beside_odds_in_short(summary), [*told, trust])


def whole(summary: Summary) -> RenderableType:
    """Odds by date, all that stands under them, and all that each line says."""
    if not summary["odds"]["asked"]:
        return section(say("odds.title"), "")
    return _dated(summary, beside_odds(summary), ((line.name, line.whole) for line in lines(summary)))


def _other_parts(summary: Summary) -> list[tuple[str, str]]:
    """What of the whole answer has parts of its own: how circular the money is, and who gained."""
    return [("rings", circularity.in_short(summary)), ("reckoning", reckoning.in_short(summary))]


def _dated(summary: Summary, under: Iterable[str], told: Iterable[tuple[str, str]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column()
    for name, line in told:
        grid.add_row(name, Paragraph(line))
    note = say("odds.note" if summary["worlds"] > 1 else "odds.note_one")
    return section(say("odds.title"), note, by_date(summary), *map(quiet, under), grid)
