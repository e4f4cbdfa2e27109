"""Figures of tipping points across a second parameter, of points of no return, and of hysteresis.

The curve along one parameter is drawn by `visualization.figures.response_curves`. Each function takes plain arrays and returns a
matplotlib figure, which is imported on first use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.words.speech import say
from perpetuum.model.worlds import Array
from perpetuum.visualization.figures.layout import (
    Caption,
    Dates,
    figure_of,
    page,
    percent_ticks,
    rule,
    style,
    written_width,
    years,
)
from perpetuum.visualization.figures.marks import put_mark
from perpetuum.visualization.figures.palette import ARM_COLOURS, INK, PAPER, QUIET, STATE_COLOURS
from perpetuum.visualization.figures.scales import Scale, dress_x, dress_y, notes, panel_names, room_for_levels
from perpetuum.visualization.figures.tight_window import Window, shade

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CURVE_STYLES: dict[str, dict[str, Any]] = {
    "life_lost": {"color": STATE_COLOURS["stands_alone"], "marker": "s", "ls": (0, (5, 1.5))},
    "fallen": {"color": STATE_COLOURS["fallen"], "marker": "o", "ls": "-"},
}
#: How thick such a curve is, and how large the marks on it are, in the panel and in the key.
_THICK: Mapping[str, Any] = {"lw": 1.6, "ms": 7.5, "mec": PAPER, "mew": 0.8}
#: Names of curves in a row of the key, and a row's height in inches.
_BESIDE, _ROW = 2, 0.24
#: Of the curves of single firms, in their order, again and again.
_MORE_STYLES: tuple[dict[str, Any], ...] = (
    {"color": ARM_COLOURS["asked"], "marker": "D", "ls": "-"},
    {"color": ARM_COLOURS["loose"], "marker": "^", "ls": (0, (5, 1.5))},
    {"color": INK, "marker": "v", "ls": (0, (1.2, 1.2))},
)


# --- thresholds across a second parameter -------------------------------------------------------------------


@dataclass(frozen=True)
class Tip:
    """The threshold at one value of the second parameter: `value` with its interval, or why there is none.

    An end of the interval that is None is open. `none`: "above" where the curve stays under its level everywhere,
    "below" where it stays over it, "several" where the response is not monotone; `crossings` are drawn then.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    none: str = ""
    crossings: Sequence[float] = ()


def across_figure(
    curves: Mapping[str, Sequence[Tip]], labels: Mapping[str, str], x: Scale, y: Scale, caption: Caption
) -> Figure:
    """Thresholds (up) against a second parameter (across), with intervals; `curves`: one Tip a level of `x`."""
    more_rows = _ROW * ((len(curves) - 1) // _BESIDE)
    with style():
        above = (0.95 if len(curves) > 1 else 0.5) + more_rows
        figure, (axis,) = page(
            caption,
            notes((x, y)),
            panel=(6.8, 4.4),
            margins=(0.3 + room_for_levels(y), 1.05 if y.marks else 0.4, above, 0.75),
        )
        values = x.values
        margin = 0.5 if not x.numeric else 0.06 * float(np.ptp(values)) or 0.5
        axis.set_xlim(values[0] - margin, values[-1] + margin)
        axis.set_ylim(*y.limits)
        rule(axis)
        looks = {
            name: {**_THICK, **_CURVE_STYLES.get(name, _MORE_STYLES[place % len(_MORE_STYLES)])}
            for place, name in enumerate(curves)
        }
        if not x.numeric:  # marks that nothing joins
            looks = {name: {key: one for key, one in look.items() if key != "ls"} for name, look in looks.items()}
        for number, (name, tips) in enumerate(curves.items()):
            shift = (number - (len(curves) - 1) / 2) * 0.16 * margin
            _draw_tips(axis, values + shift, tips, looks[name])
        if len(curves) > 1:
            _key(axis, [(labels[name], looks[name]) for name in curves], up=0.62 + more_rows, beside=_BESIDE)
        dress_x(axis, x)
        dress_y(axis, y)
        panel_names(axis, "", y.label)
        return figure


def _draw_tips(axis: Axes, places: Array, tips: Sequence[Tip], look: Mapping[str, Any]) -> None:
    bottom, top = axis.get_ylim()
    colour, marker = look["color"], look["marker"]
    if "ls" in look:
        middle = np.array([np.nan if tip.value is None else tip.value for tip in tips])
        axis.plot(places, middle, color=colour, lw=look["lw"], ls=look["ls"], zorder=3)
    for place, tip in zip(places, tips, strict=True):
        if tip.value is not None:
            ends = (bottom if tip.low is None else tip.low, top if tip.high is None else tip.high)
            axis.plot((place, place), ends, color=colour, lw=3.5, alpha=0.35, solid_capstyle="butt", zorder=2)
            axis.plot(place, tip.value, ls="", clip_on=False, zorder=4, **_mark(look))
            continue
        for crossing in tip.crossings:
            axis.plot(place, crossing, marker, ms=6, mfc=PAPER, mec=colour, mew=1.3, clip_on=False, zorder=3)
        if tip.none in ("above", "below"):
            where, sign = (top, "^") if tip.none == "above" else (bottom, "v")
            axis.plot(place, where, sign, ms=8, color=colour, mec=PAPER, mew=0.8, clip_on=False, zorder=5)


def _mark(look: Mapping[str, Any]) -> dict[str, Any]:
    """What of a look is the mark's."""
    return {name: look[name] for name in ("color", "marker", "ms", "mfc", "mec", "mew") if name in look}


def _key(axis: Axes, entries: Sequence[tuple[str, Mapping[str, Any]]], up: float, beside: int = 9) -> None:
    """Name curves, `beside` in a row, `up` inches above a panel; a look without `ls` is a marker, without `marker` a line."""
    from matplotlib.lines import Line2D

    figure = figure_of(axis)
    wide, tall = figure.get_size_inches()
    box = axis.get_position()
    x, y = box.x0, box.y1 + up / tall
    for place, (label, look) in enumerate(entries):
        if place and place % beside == 0:
            x, y = box.x0, y - _ROW / tall
        if "ls" in look:
            end = x + 0.32 / wide
            figure.add_artist(Line2D((x, end), (y, y), color=look["color"], lw=look["lw"], ls=look["ls"]))
        if "marker" in look:
            end = x + (0.16 if "ls" in look else 0.06) / wide
            put_mark(figure, end, y, _mark(look))
        x += (0.42 if "ls" in look else 0.18) / wide
        figure.text(x, y, label, size=10, color=INK, va="center")
        x += (written_width(figure, label, size=10) + 0.3) / wide


# --- the point of no return ---------------------------------------------------------------------------------


def no_return_figure(
    dates: Dates,
    months: Array,
    share: Array,
    low: Array,
    high: Array,
    *,
    caption: Caption,
    median: tuple[int, int | None, int] | None,
    window: Window | None,
) -> Figure:
    """Share of the fallen worlds that loosening can still save, by the month from which it is loosened.

    `dates` of all months of the run; `months` with `share`, `low`, `high`; `median`: month, and its interval's ends.
    """
    with style():
        figure, (axis,) = page(caption, panel=(8.6, 4.2), margins=(0.75, 0.5, 0.62, 0.62))
        axis.set_ylim(0, 1)
        percent_ticks(axis.yaxis)
        years(axis, dates)
        shade(axis, dates, window, labelled=False)
        when = [dates[int(month)] for month in months]
        colour = STATE_COLOURS["stands_alone"]
        axis.fill_between(when, low, high, color=colour, alpha=0.16, lw=0, step="post")
        axis.step(when, share, where="post", color=colour, lw=2.4, clip_on=False, zorder=3)
        if median is not None:
            at = float(share[np.searchsorted(months, median[0])])
            _median(axis, dates, at, *median)
        if window is not None:
            middle = when[len(when) // 2]
            axis.annotate(
                window.label, (middle, 1), xycoords=("data", "axes fraction"), xytext=(0, 5), textcoords="offset points",
                ha="center", va="bottom", size=9, color=QUIET, style="italic", annotation_clip=False,
            )  # fmt: skip
        panel_names(axis, "", say("no_return.figure.share"))
        axis.set_xlabel(say("no_return.figure.from_on"), loc="left", size=10, color=INK, labelpad=4)
        return figure


def _median(axis: Axes, dates: Dates, at: float, month: int, low: int | None, high: int) -> None:
    axis.plot((dates[month], dates[month]), (0, at), color=INK, lw=1.0, ls=(0, (2, 2)), zorder=4)
    axis.plot(dates[month], at, "o", ms=8, mfc=PAPER, mec=INK, mew=1.6, zorder=5)
    left = dates[0 if low is None else low]
    told = say("no_return.figure.median", month=say.month(dates[month], long=True))
    axis.plot((left, dates[high]), (0.012, 0.012), color=INK, lw=4, solid_capstyle="butt", zorder=5)
    axis.annotate(
        told.replace("|", "\n"), (dates[month], at), xytext=(14, 4),
        textcoords="offset points", ha="left", va="bottom", size=10, color=INK, linespacing=1.2, zorder=6,
    )  # fmt: skip


# --- hysteresis ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """One indicator along a slow ramp: name, unit, and its values on the way up, down, and never higher (levels).

    `percent`: values are shares, written in per cent; `least`: the axis reaches at least so far up.
    `marks`: levels at which it has gone half way, on the way up, down, and never higher (NaN: not), at the value `middle`.
    """

    label: str
    unit: str
    up: Array
    down: Array
    same_month: Array
    percent: bool = False
    least: float = 0.0
    middle: float = float("nan")
    marks: tuple[float, ...] = ()


def hysteresis_figure(
    ways: Sequence[Way], x: Scale, levels_up: Array, levels_down: Array, caps: Array, caption: Caption
) -> Figure:
    """Indicators against the lever: the ramp up, the ramp down, and worlds of the same month that were never higher."""
    columns = min(2, len(ways))
    raised = bool(x.marks)
    with style():
        figure, axes = page(
            caption,
            notes((x,)),
            panels=len(ways),
            columns=columns,
            panel=(4.7, 3.2),
            margins=(0.75, 0.35, 1.1 + 0.32 * raised, 0.72),
            gaps=(0.85, 1.15 + 0.32 * raised),
        )
        for number, (axis, way) in enumerate(zip(axes, ways, strict=True)):
            axis.set_xlim(*x.limits)
            _loop(axis, way, levels_up, levels_down, caps)
            dress_x(axis, x, marked=number < columns)
            panel_names(axis, way.label, way.unit, raised=raised and number < columns)
        _key(axes[0], [(say(f"loop.figure.{name}"), look) for name, look in _PATHS.items()], up=0.86 + 0.32 * raised)
        return figure


#: The three paths, with their looks.
_PATHS: Mapping[str, Mapping[str, Any]] = {
    "up": {"color": ARM_COLOURS["loose"], "lw": 2.2, "ls": (0, (5, 1.5))},
    "down": {"color": ARM_COLOURS["asked"], "lw": 2.4, "ls": "-"},
    "same": {"color": INK, "marker": "o", "ms": 5.5, "mfc": PAPER, "mec": INK, "mew": 1.3},
}


def _loop(axis: Axes, way: Way, levels_up: Array, levels_down: Array, caps: Array) -> None:
    up, down = ARM_COLOURS["loose"], ARM_COLOURS["asked"]
    axis.plot(levels_up, way.up, clip_on=False, zorder=3, **_PATHS["up"])
    axis.plot(levels_down, way.down, clip_on=False, zorder=3, **_PATHS["down"])
    axis.plot(caps, way.same_month, "-", color=QUIET, lw=1.0, clip_on=False, zorder=2)
    axis.plot(caps, way.same_month, ls="", clip_on=False, zorder=4, **_PATHS["same"])
    values = np.concatenate((way.up, way.down, way.same_month))
    low, high = float(values.min()), float(values.max())
    pad = 0.08 * (high - low) or 0.05
    axis.set_ylim(0 if way.percent and low - pad < 0 else low - pad, max(high + pad, way.least))
    rule(axis)
    if way.percent:
        from matplotlib.ticker import FuncFormatter

        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g}"))
    for path, levels, colour in ((way.up, levels_up, up), (way.down, levels_down, down)):
        _arrow(axis, levels, path, colour)
    there = [mark for mark in way.marks if np.isfinite(mark)]
    if there:
        axis.plot((min(there), max(there)), (way.middle, way.middle), color=INK, lw=1.1, ls=(0, (2, 2)), zorder=5)


def _arrow(axis: Axes, levels: Array, path: Array, colour: str) -> None:
    """Show the direction in the middle of a path."""
    at = len(levels) // 2
    if at + 1 < len(levels):
        axis.annotate(
            "", (levels[at + 1], path[at + 1]), (levels[at], path[at]),
            arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 0, "mutation_scale": 17}, zorder=5,
        )  # fmt: skip
