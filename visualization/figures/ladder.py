"""The figure of a ladder: how the worlds end and what life they lose, by how far funding tightens, past squeezes beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.odds import NAMES
from perpetuum.model.observed.states import ALARMING
from perpetuum.model.words.speech import say
from perpetuum.visualization.figures.layout import Caption
from perpetuum.visualization.figures.response_curves import Curves, Line, response_figure
from perpetuum.visualization.figures.scales import Measure, Scale, share_of_worlds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Worlds that fall at the tightest and none with loose money: of fewer a coin would bring as many, 2 / 2^5 > 0.05.
_SURELY_MORE = 6


def draw_ladder(summary: Mapping[str, Any], source: str) -> Figure:
    """Shares of the states and months of life lost over the rungs, with their intervals, from `summary.json`."""
    rungs = summary["ladder"]
    worst = rungs[-1]
    scale = Scale(
        name="funding.tightening",
        words=say("rungs.scale"),
        levels=tuple(rung["theta"] for rung in rungs),
        note=say(
            "rungs.note",
            theta=worst["theta"],
            rate=worst["rate_bp"],
            spread=worst["spread_bp"],
            venture=say.percent(worst["venture_lost"]),
        ),
        marks={episode["name"]: episode["theta"] for episode in summary["history"]},
        like=(summary.get("like") or {}).get("name", ""),
    )
    lines = [
        Line(
            say(f"states.{NAMES[name]}"),
            name,
            *(np.array([rung["outcomes"][name][part] for rung in rungs]) for part in ("share", "low", "high")),
        )
        for name in ALARMING
    ]
    lost = [np.array([rung["life_lost"][part] for rung in rungs]) for part in ("months", "low", "high")]
    ends = min(float(lost[1].min()), 0.0), max(float(lost[2].max()), 1.0)
    return response_figure(
        [
            Curves(say("rungs.odds"), scale, lines),
            Curves(
                say("rungs.life_lost"),
                scale,
                [Line("", "", *lost)],
                measure=Measure(say("rungs.paired"), "months", ends[0], 1.05 * ends[1]),
            ),
        ],
        share_of_worlds(),
        Caption(ladder_title(summary), say("rungs.subtitle"), source, [say("figure.noise_bands")]),
    )


def ladder_title(summary: Mapping[str, Any]) -> str:
    """From which degree on the machine falls, and in how many worlds at the worst."""
    n, rungs = summary["worlds"], summary["ladder"]
    fell = [round(n * rung["odds"]["fallen"]["share"]) for rung in rungs]
    some = [rung["theta"] for rung, worlds in zip(rungs, fell, strict=True) if worlds]

    def worlds(count: int) -> str:
        if count == n:
            return say("rungs.all", n=n)
        return say("rungs.some", number=count or say("rungs.none"), n=n)

    worst = worlds(fell[-1])
    if not some:
        return say("rungs.never", worst=worst)
    if not fell[0] and fell[-1] < _SURELY_MORE and n > 1:
        return say("rungs.at_most", worst=worlds(max(fell)))
    if fell[0]:
        if fell[0] == fell[-1]:
            return say("rungs.as_many", loose=worst)
        return say("rungs.always", loose=worlds(fell[0]), worst=worst)
    if len(some) == 1 and fell[-1]:
        return say("rungs.last", worst=worst)
    return say("rungs.from_", theta=some[0], worst=worst, most=rungs[-1]["theta"])
