"""Response curves: what a parameter does to the shares of the states, or to an amount, with bands and intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.worlds import Array
from perpetuum.visualization.figures.layout import Caption, beside, label_ends, page, rule, style
from perpetuum.visualization.figures.palette import INK, PAPER, QUIET, STATE_INKS
from perpetuum.visualization.figures.scales import (
    Measure,
    Scale,
    colour_key,
    dress_x,
    dress_y,
    notes,
    panel_names,
    room_for_levels,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Line styles and markers of the states, so that they differ without colour.
_DASHES = {"fallen": "-", "stands_alone": (0, (5, 1.5)), "smaller": (0, (5, 1.5, 1.2, 1.5)), "spinning": (0, (1.2, 1.2))}
_MARKERS = {"fallen": "o", "stands_alone": "s", "smaller": "v", "spinning": "D"}


@dataclass(frozen=True)
class Line:
    """A quantity along a scale: `middle` with `low` and `high`, and perhaps the middle half, each (levels,).

    `key`: the state whose colour and dashes it has ("" for an amount); `label`: what stands at its end.
    """

    label: str
    key: str
    middle: Array
    low: Array
    high: Array
    quarter: Array | None = None
    three_quarters: Array | None = None


@dataclass(frozen=True)
class Curves:
    """One panel of lines over a scale; `tips`: places on the scale where they pass `level`: value, low, high.

    `measure`: its own vertical scale, where it does not share the others'.
    """

    label: str
    x: Scale
    lines: Sequence[Line]
    tips: Sequence[tuple[float, float | None, float | None]] = ()
    level: float = 0.5
    measure: Measure | None = None


@dataclass(frozen=True)
class Row:
    """One row of points: its group, its label, and a line of one level for each column."""

    group: str
    label: str
    points: Sequence[Line]


# --- curves -------------------------------------------------------------------------------------------------


def response_figure(panels: Sequence[Curves], measure: Measure, caption: Caption) -> Figure:
    """Curves with bands, one panel or several, on one vertical scale but for those that have their own."""
    columns = 1 if len(panels) == 1 else 2 if len(panels) in (2, 4) else 3
    size = {1: (8.2, 4.6), 2: (4.6, 3.3), 3: (3.5, 2.7)}[columns]
    words = max((len(line.label) for panel in panels for line in panel.lines), default=0)
    beyond = 0.25 + 0.088 * words
    raised = any(panel.x.marks for panel in panels)
    with style():
        figure, axes = page(
            caption,
            notes([panel.x for panel in panels]),
            panels=len(panels),
            columns=columns,
            panel=size,
            margins=(0.72, beyond, 0.7 + 0.32 * raised, 0.75),
            gaps=(beyond + 0.5, 1.25 + 0.32 * raised),
        )
        for number, (axis, panel) in enumerate(zip(axes, panels, strict=True)):
            axis.set_xlim(panel.x.limits)
            up = panel.measure or measure
            axis.set_ylim(up.low, up.high)
            _levels(axis, up)
            for line in panel.lines:
                _draw_line(axis, panel.x, line)
            for tip in panel.tips:
                _draw_tip(axis, panel.level, *tip)
            dress_x(axis, panel.x)
            panel_names(axis, panel.label, up.title if panel.measure or number % columns == 0 else " ", raised=raised)
            ends = [(float(line.middle[-1]), line.label, _colour(line.key)) for line in panel.lines if line.label]
            label_ends(axis, [one for one in ends if np.isfinite(one[0])])
        return figure


def _colour(key: str) -> str:
    return STATE_INKS.get(key, INK)


def _levels(axis: Axes, measure: Measure) -> None:
    """Rule the levels of the vertical axis."""
    measure.label_ticks(axis.yaxis)
    if measure.whole:
        axis.set_yticks((0, 0.25, 0.5, 0.75, 1))
    rule(axis)


def _draw_line(axis: Axes, x: Scale, line: Line) -> None:
    colour = _colour(line.key)
    if not x.numeric:
        if line.quarter is not None and line.three_quarters is not None:
            axis.vlines(x.values, line.quarter, line.three_quarters, color=colour, lw=7, alpha=0.45)
        axis.errorbar(
            x.values, line.middle, yerr=_lengths(line), fmt=_MARKERS.get(line.key, "o"), color=colour, ms=6, lw=2.4,
            alpha=0.6, clip_on=False, zorder=3,
        )  # fmt: skip
        return
    axis.fill_between(x.values, line.low, line.high, color=colour, alpha=0.16, lw=0)
    if line.quarter is not None and line.three_quarters is not None:
        axis.fill_between(x.values, line.quarter, line.three_quarters, color=colour, alpha=0.22, lw=0)
    axis.plot(x.values, line.middle, color=colour, lw=2.2, ls=_DASHES.get(line.key, "-"), clip_on=False, zorder=3)
    if len(x.levels) <= 12:
        marker = _MARKERS.get(line.key, "o")
        axis.plot(x.values, line.middle, marker, color=colour, ms=4, clip_on=False, zorder=4)


def _lengths(line: Line) -> Array:
    return np.maximum(np.stack((line.middle - line.low, line.high - line.middle)), 0.0)


def _draw_tip(axis: Axes, level: float, value: float, low: float | None, high: float | None) -> None:
    """Drop a line from a level to the scale, with its interval as a bar on the scale."""
    bottom, top = axis.get_ylim()
    on_scale = bottom + 0.012 * (top - bottom)
    axis.plot((value, value), (bottom, level), color=INK, lw=1.0, ls=(0, (2, 2)), zorder=2)
    axis.plot(value, level, "o", ms=8, mfc=PAPER, mec=INK, mew=1.6, zorder=5)
    if low is not None and high is not None:
        axis.plot((low, high), (on_scale, on_scale), color=INK, lw=4, solid_capstyle="butt", zorder=5)


# --- points -------------------------------------------------------------------------------------------------


def points_figure(rows: Sequence[Row], columns: Sequence[str], measure: Measure, caption: Caption) -> Figure:
    """Points with intervals, a row for each level (in groups) and a column for each quantity, all on one scale."""
    wide = 2.6 if len(columns) > 1 else 6.5
    groups = list(dict.fromkeys(row.group for row in rows))
    named = len(groups) > 1 or bool(groups[0])
    places, heads = [], []
    y = 0.0
    for group in groups:
        if named:
            heads.append((y, group))
            y += 1.0
        for row in rows:
            if row.group == group:
                places.append((y, row))
                y += 1.0
        y += 0.35 if named else 0.0
    beside_points = 0.15 + 0.078 * max(len(point.label) for row in rows for point in row.points)
    words = max(max(len(row.label) for row in rows) * 0.083, max(len(group) for group in groups) * 0.1)
    with style():
        figure, axes = page(
            caption,
            panels=len(columns),
            columns=len(columns),
            panel=(wide, max(0.34 * y, 0.7)),
            margins=(0.35 + words, 0.25 + beside_points, 0.62 if any(columns) else 0.35, 0.62),
            gaps=(0.3 + beside_points, 0.0),
        )
        for column, (axis, name) in enumerate(zip(axes, columns, strict=True)):
            axis.set_ylim(y - 0.4, -0.6)
            axis.set_xlim(measure.low, measure.high)
            panel_names(axis, name)
            for at, row in places:
                _draw_point(axis, at, row.points[column])
            axis.set_yticks([at for at, _ in places], [row.label if column == 0 else "" for _, row in places], size=10)
            for at, group in heads:
                if column == 0:
                    axis.annotate(
                        group, (0, at), xycoords=("axes fraction", "data"), xytext=(-8, 0), textcoords="offset points",
                        ha="right", va="center", size=10.5, weight="bold", color=INK, annotation_clip=False,
                    )  # fmt: skip
            rule(axis, "x")
            measure.label_ticks(axis.xaxis)
            if measure.whole:
                axis.set_xticks((0, 0.5, 1), ("0", "50", "100 %"))
            elif column == 0:
                axis.set_xlabel(measure.title, loc="left", size=10, color=INK)
        return figure


def _draw_point(axis: Axes, at: float, point: Line) -> None:
    colour = _colour(point.key)
    middle, low, high = (float(values[0]) for values in (point.middle, point.low, point.high))
    if not math.isfinite(middle):
        return
    axis.plot((low, high), (at, at), color=colour, lw=3, alpha=0.4, solid_capstyle="round", clip_on=False)
    if point.quarter is not None and point.three_quarters is not None:
        span = (float(point.quarter[0]), float(point.three_quarters[0]))
        axis.plot(span, (at, at), color=colour, lw=6, alpha=0.45, solid_capstyle="butt", clip_on=False)
    axis.plot(middle, at, _MARKERS.get(point.key, "o"), color=colour, ms=7, clip_on=False, zorder=3)
    axis.annotate(
        point.label, (1, at), xycoords=("axes fraction", "data"), xytext=(9, 0), textcoords="offset points", ha="left",
        va="center", size=9, color=QUIET, annotation_clip=False,
    )  # fmt: skip


# --- scatter ------------------------------------------------------------------------------------------------


def scatter_figure(x: Scale, y: Scale, points: Array, values: Array, measure: Measure, caption: Caption) -> Figure:
    """Cells of a sampled design as points (n, 2) over two of their parameters, coloured by a share or an amount (n,)."""
    with style():
        figure, (axis,) = page(
            caption,
            notes((x, y)),
            panel=(6.4, 4.8),
            margins=(0.3 + room_for_levels(y), 0.95 if y.marks else 0.4, 0.62 + 0.32 * bool(x.marks), 1.3),
        )
        axis.set_xlim(x.limits)
        axis.set_ylim(y.limits)
        rule(axis, "both")
        order = np.argsort(values, kind="stable")
        picture = axis.scatter(
            points[order, 0], points[order, 1], c=values[order], cmap=measure.colours, vmin=measure.low, vmax=measure.high,
            s=float(np.clip(9000 / max(len(values), 1), 10, 60)), ec=QUIET, lw=0.5, clip_on=False, zorder=3,
        )  # fmt: skip
        dress_x(axis, x)
        dress_y(axis, y)
        panel_names(axis, "", y.label, raised=bool(x.marks))
        colour_key(beside(axis, x=0, y=-0.95, wide=4.0, tall=0.13), picture, measure)
        return figure
