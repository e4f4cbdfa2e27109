"""The figure of a ladder: how the worlds end, by how far funding tightens, with past squeezes on the scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.words.speech import say
from perpetuum.visualization.figures.response_curves import Curves, Line, response_figure
from perpetuum.visualization.figures.scales import Measure, Scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_ladder(summary: Mapping[str, Any], source: str) -> Figure:
    """Shares of the verdicts over the rungs, with their intervals; rungs and past squeezes come from `summary.json`."""
    rungs = summary["ladder"]
    worst = rungs[-1]
    scale = Scale(
        name="funding.tightening",
        words="degree of tightening",
        levels=tuple(rung["theta"] for rung in rungs),
        note=f"{worst['theta']:g} is policy rate {worst['rate_bp']:+.0f} bp, credit spreads {worst['spread_bp']:+.0f} bp, "
        f"{say.percent(worst['venture_lost'])} less venture money",
        marks={episode["name"]: episode["theta"] for episode in summary["history"]},
    )
    lines = [
        Line(
            say(f"headline.{name}"),
            name,
            *(np.array([rung["headlines"][name][part] for rung in rungs]) for part in ("share", "low", "high")),
        )
        for name in ("holds_up", "falls_apart", "undecided")
    ]
    return response_figure(
        [Curves("", scale, lines)],
        Measure("Share of worlds", "share", 0.0, 1.0),
        title=ladder_title(summary),
        subtitle="Share of worlds by how they end, with how far funding tightens; the same luck at every degree",
        source=source,
        caveats=["Bands: 95 % intervals of each share (simulation noise, parameters fixed)."],
    )


def ladder_title(summary: Mapping[str, Any]) -> str:
    """From which degree on the machine falls apart, and in how many worlds at the worst."""
    n, rungs = summary["worlds"], summary["ladder"]
    fell = [round(n * rung["headlines"]["falls_apart"]["share"]) for rung in rungs]
    some = [rung["theta"] for rung, worlds in zip(rungs, fell, strict=True) if worlds]

    def worlds(count: int) -> str:
        return ("the only world" if n == 1 else f"all {n} worlds") if count == n else f"{count or 'none'} of {n} worlds"

    if not some:
        return f"However far funding tightens, the machine falls apart in {worlds(0)}"
    if fell[0]:
        return f"The machine falls apart in {worlds(fell[0])} with loose money and in {worlds(fell[-1])} with the tightest"
    if len(some) == 1 and fell[-1]:
        return f"Only the tightest money brings the machine down, in {worlds(fell[-1])}"
    start = f"The machine falls apart in no world below a tightening of {some[0]:g}"
    return f"{start} and in {worlds(fell[-1])} at {rungs[-1]['theta']:g}"
