"""The months of tight funding on an axis of time: shaded behind lines, bracketed over a stack, named within the axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.visualization.figures.layout import Dates, figure_of, inches_of, written_width
from perpetuum.visualization.figures.palette import INK, QUIET, SHADE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Window:
    """The months in which funding is tight: begins, is fully tight, begins to ease, is back to normal."""

    start: int
    full: int
    easing: int
    end: int
    label: str = ""


def shade(axis: Axes, dates: Dates, window: Window | None, *, labelled: bool) -> None:
    """Shade the months of tight funding, lighter where it builds up and eases."""
    if window is None or window.start >= len(dates):
        return
    last = len(dates) - 1
    start, full, easing, end = (dates[min(m, last)] for m in (window.start, window.full, window.easing, window.end))
    for left, right, alpha in ((start, full, 0.5), (full, easing, 1.0), (easing, end, 0.5)):
        if right > left:
            axis.axvspan(left, right, fc=SHADE, alpha=alpha, lw=0, zorder=0)
    if labelled:
        height = axis.get_ylim()[1]
        _label_months(axis, (full, easing), 0.985 * height, window.label, color=QUIET, va="top")


def _label_months(axis: Axes, months: tuple[Any, Any], up: float, label: str, **look: Any) -> None:
    """Write a label over the middle of a time, or as near to that as the axis has room for it."""
    from matplotlib.dates import date2num

    first, last = axis.get_xlim()
    half = 0.5 * written_width(figure_of(axis), label, size=9) / inches_of(axis)[0] * (last - first)
    middle = float(np.mean([date2num(month) for month in months]))
    middle = min(max(middle, first + half), max(last - half, first + half))
    axis.text(middle, up, label, size=9, ha="center", style="italic", **look)


def bracket(axis: Axes, dates: Dates, window: Window | None) -> None:
    """Mark the months of tight funding over a stacked chart, whose colours a shade would falsify."""
    if window is None or window.start >= len(dates):
        return
    last = len(dates) - 1
    left = dates[min(window.start, last)]
    right = dates[min(window.end, last)]
    top = axis.get_ylim()[1]
    for edge in (left, right):
        axis.axvline(edge, color=INK, lw=0.9, ls=(0, (2, 2)), zorder=4)
    axis.plot((left, right), (top, top), color=INK, lw=2.5, solid_capstyle="butt", clip_on=False, zorder=5)
    _label_months(axis, (left, right), 1.03 * top, window.label, color=INK)
