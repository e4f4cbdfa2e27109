"""Who funds the machine: the vendors' revenue stacked by the dye of its dollars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.words.speech import say
from perpetuum.model.worlds import Array
from perpetuum.visualization.figures.layout import Dates, footer, heading, label_ends, style, years
from perpetuum.visualization.figures.palette import DYE_COLOURS, DYE_ORDER, PAPER, QUIET, dye_label
from perpetuum.visualization.figures.tight_window import Window, bracket

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def who_funds(
    dyes: Mapping[str, Array],
    dates: Dates,
    *,
    window: Window | None,
    title: str,
    source: str,
    note: str = "",
) -> Figure:
    """What the vendors' revenue was paid with: mean over worlds of each dye (months,), stacked."""
    order = [name for name in DYE_ORDER if name in dyes and float(np.max(dyes[name])) > 0]
    with style():
        from matplotlib import pyplot as plt

        figure, axis = plt.subplots(figsize=(11, 6.6))
        figure.subplots_adjust(left=0.05, right=0.70, bottom=0.105)
        origin = say("funders.subtitle")
        heading(figure, title, origin, room=0.42)
        bottom = np.zeros(len(dates))
        whole = sum((float(dyes[name].sum()) for name in order), 0.0) or 1.0
        labels = []
        for name in order:
            top = bottom + dyes[name]
            axis.fill_between(dates, bottom, top, color=DYE_COLOURS[name], lw=0.4, edgecolor=PAPER)
            part = float(dyes[name].sum()) / whole
            if part >= 0.005 or name == "lap_1":
                words = f"{dye_label(name)}  {say.share(part)}"
                labels.append((float(bottom[-1] + top[-1]) / 2, words, DYE_COLOURS[name]))
            bottom = top
        axis.set_ylim(0, float(bottom.max()) * 1.06 or 1.0)
        years(axis, dates)
        bracket(axis, dates, window)
        label_ends(axis, labels, leader=True, swatch=True)
        axis.text(
            1.035,
            1.03,
            say("funders.of_receipts"),
            transform=axis.transAxes,
            color=QUIET,
            size=9,
            style="italic",
        )
        footer(figure, source, note, room=0.4)
        return figure
