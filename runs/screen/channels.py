"""One channel at a time on one screen: the finding, and months by channel and start; made from the summary alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from perpetuum.model.words.speech import say
from perpetuum.runs.questions.channels import answer, counts_of, sign_of
from perpetuum.runs.screen import layout
from perpetuum.runs.screen.layout import section, table
from perpetuum.runs.screen.life_lost import starts_of
from perpetuum.visualization.figures.life_lost import at_full, within_of

Summary = Mapping[str, Any]

#: Starts that fit beside one another.
_COLUMNS = 3


def parts(summary: Summary) -> list[RenderableType]:
    """The finding in bold, what goes with it, and both tables."""
    within = say("channels.within", within=within_of(summary, summary["channels"]))
    note = say("lost_map.to_the_end_note")
    return [
        _title(summary),
        *layout.told(answer(summary)),
        section(say("channels.title"), within, *_tables(summary, "")),
        section(say("lost_map.to_the_end"), note, *_tables(summary, "unconditional")),
    ]


def _title(summary: Summary) -> RenderableType:
    found, note = summary["channels"], at_full(summary)
    asked = say("channels.asked", strength=found["strength"], starts=starts_of(summary, found), note=note)
    return layout.title_of_cells(summary, asked, counts_of(found))


def _tables(summary: Summary, part: str) -> list[RenderableType]:
    """Months by channel and start, as many starts beside one another as fit; `part` of each cell ("": the cell itself)."""
    starts: Sequence[int] = summary["channels"]["starts"]
    return [_table(summary, part, range(len(starts))[first : first + _COLUMNS]) for first in range(0, len(starts), _COLUMNS)]


def _table(summary: Summary, part: str, places: Sequence[int]) -> RenderableType:
    found = summary["channels"]
    heads = [(say.month_of(summary["first_month"], found["starts"][place]), "left") for place in places]
    rows = table((say("channels.channel"), "left"), *heads, gap=1)
    table_of = [[row["cells"][place][part] if part else row["cells"][place] for place in places] for row in found["rows"]]
    written = iter(say.several_months([cell for cells in table_of for cell in cells]))
    for row, cells in zip(found["rows"], table_of, strict=True):
        told = [Text(next(written), style="bold" if sign_of(cell, found["worlds"]) else "") for cell in cells]
        rows.add_row(say(f"channel.{row['channel']}"), *told)
    return rows
