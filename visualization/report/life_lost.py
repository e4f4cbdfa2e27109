"""The map of start and strength: months of life that a tightening costs, over all worlds and world by world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perpetuum.model.words.speech import say
from perpetuum.visualization.figures.palette import GAIN_TO_LOSS


def map_data(found: Mapping[str, Any], first_month: str) -> dict[str, Any]:
    """Rows (starts), columns (strengths) and the tables that the script shows: the mean first, then each world's own.

    `found`: `life_lost_map` of a summary, whose `by_world` (worlds, starts, strengths), where it has one, are the worlds' own
    months; None where a world had fallen before the start.
    """
    worlds = found.get("by_world") or []
    most = max([1.0, *(abs(value) for row in found["months"] for value in row if value is not None)])
    names = [say("report.map_mean", worlds=say.counted(found["worlds"], "world"))]
    names += [say("report.map_world", number=number) for number in range(len(worlds))]
    return {
        "starts": [say.month_of(first_month, start) for start in found["starts"]],
        "strengths": [f"{strength:g}" for strength in found["strengths"]],
        "names": names,
        "tables": [_rounded(table) for table in (found["months"], *worlds)],
        "ends": {end: _rounded(found[end]) for end in ("low", "high")},
        "most": most,
        "within": found["within"],
        "colours": GAIN_TO_LOSS,
    }


def _rounded(table: Sequence[Sequence[float | None]]) -> list[list[float | None]]:
    return [[None if value is None else round(float(value), 1) for value in row] for row in table]
