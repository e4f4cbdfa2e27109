"""Fan charts: the median world and its bands, as asked and with loose money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.words.speech import say
from perpetuum.model.worlds import Array
from perpetuum.visualization.figures.layout import Dates, footer, heading, label_ends, panel_heading, style, years
from perpetuum.visualization.figures.palette import ARM_COLOURS, INK, QUIET
from perpetuum.visualization.figures.tight_window import Window, shade

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


#: What is drawn, with its unit.
_PANELS = {
    "vendor_revenue": "$bn a month",
    "capex": "$bn a month",
    "gpu_price": "$bn per gigawatt",
    "compute_rent": "$ per GPU-hour",
}


def fan_charts(
    arms: Mapping[str, Mapping[str, Array]],
    dates: Dates,
    *,
    window: Window | None,
    title: str,
    source: str,
    note: str = "",
    ceilings: Mapping[str, float] | None = None,
) -> Figure:
    """Vendor revenue, capital spending, chip price and rent: median, middle half, 90 % of worlds, both arms.

    `arms`: "asked" and (where there is one) "loose", each series name to (worlds, months). `ceilings`: values by
    series name that the model does not let it exceed, drawn where worlds come up against them. `note`: why worlds differ.
    """
    with style():
        from matplotlib import pyplot as plt

        figure, axes = plt.subplots(2, 2, figsize=(11, 8.2))
        figure.subplots_adjust(left=0.055, right=0.895, bottom=0.09, hspace=0.42, wspace=0.40)
        several = len(next(iter(arms["asked"].values()))) > 1
        heading(figure, title, say("fan.bands" if several else "fan.single"), room=0.72)
        for axis, (name, unit) in zip(axes.flat, _PANELS.items(), strict=True):
            panel_heading(axis, say(f"fan.{name}"), say(f"unit_name.{unit}"))
            ends = []
            for arm in ("loose", "asked"):
                if arm in arms:
                    ends.append(_fan(axis, dates, arms[arm][name], ARM_COLOURS[arm], arm))
            axis.set_ylim(0, None)
            years(axis, dates)
            _ceiling(axis, dates, (ceilings or {}).get(name), [of_arm[name] for of_arm in arms.values()])
            shade(axis, dates, window, labelled=axis is axes.flat[0])
            words = {"asked": say("figure.as_asked"), "loose": say("figure.loose")}
            label_ends(axis, [(value, words[arm], ARM_COLOURS[arm]) for arm, value in ends])
        footer(figure, source, note if several else "", room=0.38)
        return figure


def _ceiling(axis: Axes, dates: Dates, limit: float | None, arms: Sequence[Array]) -> None:
    """Mark a limit that the model sets and that at least one world in twenty comes up against in some month."""
    if limit is None or all(np.percentile(values, 95, axis=0).max() < 0.99 * limit for values in arms):
        return
    axis.axhline(limit, color=INK, lw=0.9, ls=(0, (2, 2)), zorder=4)
    axis.set_ylim(0, max(axis.get_ylim()[1], 1.11 * limit))  # over it no world's line stands in the way of its name
    axis.annotate(
        say("fan.ceiling"), (dates[0], limit), xytext=(4, 3), textcoords="offset points",
        size=9, color=QUIET, va="bottom", style="italic",
    )  # fmt: skip


def _fan(axis: Axes, dates: Dates, values: Array, colour: str, arm: str) -> tuple[str, float]:
    low, quarter, middle, three_quarters, high = np.percentile(values, (5, 25, 50, 75, 95), axis=0)
    axis.fill_between(dates, low, high, color=colour, alpha=0.11, lw=0)
    axis.fill_between(dates, quarter, three_quarters, color=colour, alpha=0.24, lw=0)
    axis.plot(dates, middle, color=colour, lw=2.2, solid_capstyle="round")
    return arm, float(middle[-1])
