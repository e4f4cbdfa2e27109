"""A map of life lost on one screen: the finding, and months by start and strength; made from the summary alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from perpetuum.model.words.numbers import alike
from perpetuum.model.words.speech import say
from perpetuum.runs.screen import layout
from perpetuum.runs.screen.layout import quiet, section, table
from perpetuum.runs.screen.squeeze import past_squeezes
from perpetuum.visualization.figures.life_lost import (
    at_full,
    backwards_of,
    sure_of,
    sure_to_the_end,
    title_of_life_lost,
    within_of,
)

Summary = Mapping[str, Any]

#: Strengths that fit beside one another on 80 columns.
_COLUMNS = 8
#: Strengths that fit beside one another with their intervals.
_WITH_INTERVALS = 3


def parts(summary: Summary) -> list[RenderableType]:
    """The finding in bold, and both tables."""
    found, left_out = summary["life_lost_map"], summary["failed_worlds"]
    failed = [say("tip.failed", worlds=say.counted(left_out, "world"))] if left_out else []
    like = quiet(past_squeezes(summary, summary["history"], digits=2))
    backwards = [say("list.stop", sentence=told)] if (told := backwards_of(found)) else []
    whole = say("lost_map.to_the_end_note" if _roomy(found) else "lost_map.to_the_end_sure")
    within = say("lost_map.within" if _roomy(found) else "lost_map.within_sure", within=within_of(summary, found))
    return [
        _title(summary),
        *layout.told([say("list.stop", sentence=title_of_life_lost(summary)), *failed]),
        section(say("lost_map.title"), within, _grid(summary, "months"), *map(quiet, backwards), like),
        section(say("lost_map.to_the_end"), whole, _grid(summary, "unconditional")),
    ]


def starts_of(summary: Summary, found: Mapping[str, Any]) -> str:
    """From when funding tightens: the month where there is one, else how many there are."""
    starts = found["starts"]
    return say("lost_map.starts", n=len(starts), first=say.month_of(summary["first_month"], starts[0]))


def _title(summary: Summary) -> RenderableType:
    found, note = summary["life_lost_map"], at_full(summary)
    strengths = say("lost_map.strengths", n=len(found["strengths"]), first=f"{found['strengths'][0]:g}")
    cells = say("lost_map.cells", starts=starts_of(summary, found), strengths=strengths, note=note)
    return layout.title_of_cells(summary, cells, [number for row in found["pairs"] for number in row])


def _grid(summary: Summary, key: str) -> RenderableType:
    """Months by start and strength, with their intervals where there is room; in brackets what cannot be told from nothing."""
    found = summary["life_lost_map"]
    columns = _spread(len(found["strengths"]))
    rows = table((say("lost_map.from"), "left"), *((f"{found['strengths'][k]:g}", "right") for k in columns), gap=2)
    parts = {"months": key, **{end: end if key == "months" else f"{key}_{end}" for end in ("low", "high")}}
    cells = [
        [{part: found[name][number][k] for part, name in parts.items()} for k in columns]
        for number in range(len(found["starts"]))
    ]
    written = iter(say.several_months([one for row in cells for one in row]))
    for number, start in enumerate(found["starts"]):
        if _roomy(found):
            told = [next(written) for _ in columns]
        else:
            sure = (sure_of(found) if key == "months" else sure_to_the_end(found))[number]
            told = [_told(one["months"], bool(sure[k])) for one, k in zip(cells[number], columns, strict=True)]
        rows.add_row(say.month_of(summary["first_month"], start), *told)
    return rows


def _roomy(found: Mapping[str, Any]) -> bool:
    """Whether intervals fit."""
    return len(found["strengths"]) <= _WITH_INTERVALS


def _spread(number: int) -> Sequence[int]:
    """Places of as many strengths as fit, the last one among them."""
    if number <= _COLUMNS:
        return range(number)
    return [round(k * (number - 1) / (_COLUMNS - 1)) for k in range(_COLUMNS)]


def _told(months: float | None, sure: bool) -> str:
    if months is None:
        return ""
    text = alike([months], 1, most=1)[0]
    return text if sure else say("lost_map.unsure", months=text)
