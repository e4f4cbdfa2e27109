"""The stop test: how many worlds are spared, by months after all outside finance has stopped, a line for each stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.words.speech import say
from perpetuum.runs.questions.stop_test import headline
from perpetuum.visualization.figures.layout import Caption, label_ends, page, percent_ticks, rule, style
from perpetuum.visualization.figures.palette import INK
from perpetuum.visualization.figures.scales import panel_names
from perpetuum.visualization.figures.sources import source_of_run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Panels in a row, and lines from dark (the first stop) to light (the last).
_BESIDE, _DARK, _LIGHT = 2, 0.0, 0.55


def draw_stop_test(summary: Mapping[str, Any]) -> Figure:
    """Share of worlds in which it has not happened yet (up) by months after the stop (across), a panel an event."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    rows = [row for row in summary["stops"] if row["worlds"]]
    colours = [to_hex(colormaps["viridis"](tone)) for tone in np.linspace(_DARK, _LIGHT, len(rows))]
    events = summary["events"]
    with style():
        figure, axes = page(
            Caption(headline(summary), say("stop_test.subtitle"), source_of_run(summary)),
            say("stop_test.labels"),
            panels=len(events),
            columns=_BESIDE,
            panel=(3.7, 2.1),
            margins=(0.6, 0.95, 0.75, 0.72),
            gaps=(1.35, 1.05),
        )
        for axis, event in zip(axes, events, strict=True):
            _dress(axis, max((row["watched"] for row in rows), default=1))
            labels = []
            for row, colour in zip(rows, colours, strict=True):
                curve = row[event]["curve"]
                axis.step(range(len(curve)), curve, where="post", color=colour, lw=2.0, zorder=3, clip_on=False)
                labels.append((curve[-1], say.month_of(summary["first_month"], row["stop"]), colour))
            label_ends(axis, labels)
            panel_names(axis, say(f"stop_panel.{event}"), say("stop_test.spared"))
            axis.set_xlabel(say("stop_test.axis"), loc="left", size=9.5, color=INK, labelpad=4)
        return figure


def _dress(axis: Axes, months: int) -> None:
    axis.set_xlim(0, max(months - 1, 1))
    axis.set_ylim(0, 1)
    percent_ticks(axis.yaxis, ("0", "", "50", "", "100"))
    axis.set_xticks(range(0, months, 24 if months > 60 else 12 if months > 24 else 6))
    rule(axis)
