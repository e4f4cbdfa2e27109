"""Phase diagrams: a share or an amount over two varied parameters, with the line on which half of the worlds have fallen.

Colours run from light to dark, so that they read in grey; endings are told apart by hatching and by names in place too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.odds import NAMES
from perpetuum.model.observed.states import ALARMING
from perpetuum.model.words.lines import columns
from perpetuum.model.words.speech import say
from perpetuum.model.worlds import Array
from perpetuum.visualization.figures.layout import Caption, beside, figure_of, inches_of, page, style, written_width
from perpetuum.visualization.figures.palette import INK, PAPER, QUIET, SHADE, STATE_COLOURS, STATE_HATCHES
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

Lines = Sequence[Array]

#: Cells beyond which an SVG holds them as pixels.
_MANY = 2000
#: States whose colour, where most worlds have it, is dark enough for light letters.
_DARK = ("fallen", "stands_alone")


@dataclass(frozen=True)
class Surface:
    """A quantity over two parameters, (y, x), NaN where there is no world, with lines to be drawn on it.

    `lines`: where half of the worlds are marked, with `line_label` on them; `band`: share of resamples in which half or
    more are, on the net `band_x`, `band_y`, of which the part from 2.5 to 97.5 % is drawn.
    """

    label: str
    measure: Measure
    values: Array
    line_label: str = ""
    lines: Lines = ()
    band_x: Array | None = None
    band_y: Array | None = None
    band: Array | None = None


@dataclass(frozen=True)
class EndingsMap:
    """Commonest state of each cell ("" without worlds) and its share, both (y, x)."""

    label: str
    state: Array
    share: Array


Panel = Surface | EndingsMap


def phase_figure(panels: Sequence[Panel], x: Scale, y: Scale, caption: Caption) -> Figure:
    """Panels over the same two parameters, on the same scales, side by side and in rows.

    Where all surfaces show the same measure they share one key, else each has its own.
    """
    columns = len(panels) if len(panels) <= 3 else 2 if len(panels) == 4 else 3
    size = {1: (6.4, 4.7), 2: (5.0, 4.2), 3: (3.7, 3.3)}[columns]
    beyond = 0.72 if y.marks else 0.2
    raised = bool(x.marks)
    with style():
        figure, axes = page(
            caption,
            notes((x, y)),
            panels=len(panels),
            columns=columns,
            panel=size,
            margins=(0.3 + room_for_levels(y), 0.3 + beyond, 0.85 + 0.3 * raised, 1.35),
            gaps=(0.42 + room_for_levels(y) + (beyond if columns < 3 else 0.0), 1.15 + 0.3 * raised),
        )
        keys: dict[Any, bool] = {}
        for number, (axis, panel) in enumerate(zip(axes, panels, strict=True)):
            axis.set_xlim(x.edges[0], x.edges[-1])
            axis.set_ylim(y.edges[0], y.edges[-1])
            axis.set_facecolor(SHADE)  # shows where there is no world
            picture = None
            if isinstance(panel, Surface):
                picture = _draw_surface(axis, panel, x, y)
            else:
                _draw_endings(axis, panel, x, y)
            last_row = number >= len(panels) - columns
            dress_x(axis, x)
            dress_y(axis, y, marked=columns < 3 or number % columns == columns - 1 or number == len(panels) - 1)
            panel_names(axis, panel.label, y.label, raised=raised)
            key = panel.measure if isinstance(panel, Surface) else "endings"
            if last_row and key not in keys:
                keys[key] = True
                if isinstance(panel, Surface):
                    colour_key(beside(axis, x=0, y=-0.98, wide=0.62 * size[0], tall=0.13), picture, panel.measure)
                else:
                    _endings_key(beside(axis, x=0, y=-1.16, wide=size[0], tall=0.5), panels)
        return figure


def _draw_surface(axis: Axes, panel: Surface, x: Scale, y: Scale) -> Any:
    from matplotlib.patheffects import withStroke

    measure = panel.measure
    shown = np.ma.masked_invalid(panel.values)
    picture = axis.pcolormesh(
        x.edges,
        y.edges,
        shown,
        cmap=measure.colours,
        vmin=measure.low,
        vmax=measure.high,
        edgecolors="face",
        lw=0.2,
        zorder=1,
        rasterized=shown.size > _MANY,
    )
    if panel.band is not None:
        band = np.ma.masked_invalid(panel.band)
        levels = (0.025, 0.975)
        for colour, width, dashes in ((PAPER, 2.6, "-"), (INK, 1.0, (0, (4, 2.5)))):
            axis.contour(
                panel.band_x, panel.band_y, band, levels=levels, colors=[colour], linewidths=width, linestyles=[dashes],
                alpha=0.75 if colour == PAPER else 1.0, zorder=3,
            )  # fmt: skip
    halo = [withStroke(linewidth=4.2, foreground=PAPER)]
    for line in panel.lines:
        axis.plot(line[:, 0], line[:, 1], color=INK, lw=2.0, path_effects=halo, zorder=4)
    if len(panel.lines):
        longest = max(panel.lines, key=len)
        at = _where_there_is_room(longest, x, y)
        axis.annotate(
            panel.line_label, at, xytext=(5, 5), textcoords="offset points", size=9.5, weight="bold", color=INK, zorder=5,
            path_effects=[withStroke(linewidth=3, foreground=PAPER)],
        )  # fmt: skip
    return picture


def _where_there_is_room(line: Array, x: Scale, y: Scale) -> tuple[float, float]:
    """Point of a line that is farthest from the frame."""
    across = np.minimum(line[:, 0] - x.edges[0], x.edges[-1] - line[:, 0]) / np.ptp(x.edges)
    up = np.minimum(line[:, 1] - y.edges[0], y.edges[-1] - line[:, 1]) / np.ptp(y.edges)
    best = int(np.argmax(np.minimum(across, up)))
    return float(line[best, 0]), float(line[best, 1])


def _draw_endings(axis: Axes, panel: EndingsMap, x: Scale, y: Scale) -> None:
    """Hue and hatching: the commonest state; lightness: how dominant it is; names in place."""
    from matplotlib.collections import PolyCollection

    colours = endings_colours(panel.state, panel.share)
    axis.pcolormesh(x.edges, y.edges, colours, edgecolors="face", lw=0.2, zorder=1, rasterized=panel.state.size > _MANY)
    for name, hatch in STATE_HATCHES.items():
        if hatch:
            boxes = [
                [
                    (x.edges[a], y.edges[j]),
                    (x.edges[b], y.edges[j]),
                    (x.edges[b], y.edges[j + 1]),
                    (x.edges[a], y.edges[j + 1]),
                ]
                for j, a, b in _pieces(panel.state == name)
            ]
            axis.add_collection(PolyCollection(boxes, fc="none", ec=_ink_on(name), lw=0, hatch=hatch, alpha=0.35, zorder=2))
    _borders(axis, panel, x, y)
    for name, (i, j), room in _regions(panel.state):
        words = say(f"states.{NAMES[name]}")
        share = float(panel.share[j, i])
        dark = share > 0.8 and panel.state[j, i] in _DARK
        wide = room / len(x.levels) * inches_of(axis)[0] - 0.1
        figure = figure_of(axis)
        if written_width(figure, words, size=9) > wide:
            words = words.replace(" ", "\n")
        if max(written_width(figure, word, size=9) for word in words.split("\n")) > wide:
            continue
        box = {"boxstyle": "round,pad=0.18", "fc": _fill(panel.state[j, i], share), "ec": "none", "alpha": 0.9}
        axis.text(
            x.values[i], y.values[j], words, size=9, ha="center", va="center", color=PAPER if dark else INK, bbox=box,
            linespacing=1.0, zorder=6,
        )  # fmt: skip


def endings_colours(state: Array, share: Array) -> Array:
    """Colour of each cell, (..., 4): the state's, the fainter the fewer worlds have it; none without worlds."""
    result = np.zeros((*state.shape, 4))
    for name in STATE_COLOURS:
        here = state == name
        result[here] = np.concatenate((_mixed(name, share[here]), np.ones((int(here.sum()), 1))), axis=1)
    return result


def _mixed(state: str, share: Array) -> Array:
    """The state's colour on paper, (n, 3): with a quarter of the worlds there is hardly any of it, with all worlds all."""
    from matplotlib.colors import to_rgb

    part = 0.15 + 0.85 * np.clip((np.asarray(share) - 1 / 4) / (3 / 4), 0.0, 1.0)[..., None]
    return part * np.array(to_rgb(STATE_COLOURS[state])) + (1 - part) * np.array(to_rgb(PAPER))


def _fill(state: str, share: float) -> str:
    from matplotlib.colors import to_hex

    return to_hex(tuple(_mixed(state, np.array(share)).tolist()))  # type: ignore[arg-type]


def _ink_on(state: str) -> str:
    return PAPER if state == "fallen" else INK


def _borders(axis: Axes, panel: EndingsMap, x: Scale, y: Scale) -> None:
    """Lines between cells whose commonest states differ."""
    from matplotlib.collections import LineCollection

    names = panel.state
    rows, columns = np.nonzero(names[:, 1:] != names[:, :-1])
    upright = [((x.edges[i + 1], y.edges[j]), (x.edges[i + 1], y.edges[j + 1])) for j, i in zip(rows, columns, strict=True)]
    rows, columns = np.nonzero(names[1:] != names[:-1])
    level = [((x.edges[i], y.edges[j + 1]), (x.edges[i + 1], y.edges[j + 1])) for j, i in zip(rows, columns, strict=True)]
    axis.add_collection(LineCollection([*upright, *level], colors=INK, lw=1.8, capstyle="round", zorder=3))


def _regions(names: Array) -> list[tuple[str, tuple[int, int], int]]:
    """Connected cells of one name: the name, the cell deepest inside (column, row), and cells of its row around it."""
    from scipy.ndimage import distance_transform_edt, label  # type: ignore[attr-defined]

    found = []
    for name in np.unique(names[names != ""]):
        parts, number = label(names == name)
        for part in range(1, number + 1):
            region = parts == part
            if region.sum() < 0.02 * region.size and region.sum() < 4:
                continue
            depth = distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
            j, i = np.unravel_index(int(np.argmax(depth + 1e-6 * _runs(region))), depth.shape)
            found.append((str(name), (int(i), int(j)), int(_runs(region)[j, i])))
    return found


def _runs(region: Array) -> Array:
    """Number of cells of the region around each cell of it, in one piece of a row, as many to the left as to the right."""
    result = np.zeros(region.shape, dtype=np.int64)
    for j, first, end in _pieces(region):
        inside = np.arange(end - first)
        result[j, first:end] = 2 * np.minimum(inside, inside[::-1]) + 1
    return result


def _pieces(region: Array) -> Iterator[tuple[int, int, int]]:
    """Pieces of rows that lie in a region: row, first column, column after the last."""
    for j, row in enumerate(region):
        turns = np.flatnonzero(np.diff(np.concatenate(([False], row, [False])).astype(np.int8)))
        yield from ((j, int(first), int(end)) for first, end in zip(turns[::2], turns[1::2], strict=True))


def _endings_key(axis: Axes, panels: Sequence[Panel]) -> None:
    """Name hues and hatches, and what fainter means."""
    from matplotlib.patches import Rectangle

    axis.set_axis_off()
    axis.set_xlim(0, inches_of(axis)[0])
    axis.set_ylim(0, 0.5)
    there = {str(name) for panel in panels if isinstance(panel, EndingsMap) for name in np.unique(panel.state)}
    x = 0.0
    for name in ALARMING:
        if name not in there:
            continue
        for step, share in enumerate((0.4, 0.7, 1.0)):
            axis.add_patch(Rectangle((x + 0.16 * step, 0.19), 0.16, 0.15, fc=_fill(name, share), ec="none"))
        hatch = STATE_HATCHES[name]
        if hatch:
            axis.add_patch(Rectangle((x, 0.19), 0.48, 0.15, fc="none", ec=_ink_on(name), lw=0, hatch=hatch, alpha=0.35))
        axis.text(x + 0.54, 0.26, say(f"states.{NAMES[name]}"), size=9, va="center", color=INK)
        x += 0.75 + 0.078 * columns(say(f"states.{NAMES[name]}"))
    axis.text(0, 0.0, say("scale.commonest"), size=9, color=QUIET, va="bottom")
