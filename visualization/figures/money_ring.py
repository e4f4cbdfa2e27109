"""The money ring: who pays whom, bands as wide as the flow and striped by whose money it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.words.speech import say
from perpetuum.model.worlds import Array
from perpetuum.visualization.figures.layout import (
    MARGIN,
    figure_of,
    footer,
    heading,
    inches_of,
    legible,
    style,
    written_width,
)
from perpetuum.visualization.figures.palette import DYE_COLOURS, DYE_ORDER, INK, PAPER, QUIET, dye_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Boxes = Sequence[tuple[Array, Array]]  # each a middle and half a width and height
Flows = Mapping[tuple[str, str], Mapping[str, float]]

#: Where a node stands, on a square of side one.
PLACES: dict[str, tuple[float, float]] = {
    "labs": (0.27, 0.645),
    "vendors": (0.73, 0.645),
    "clouds": (0.50, 0.215),
    "suppliers": (0.50, 0.475),
    "funds": (0.14, 0.94),
    "states": (0.86, 0.94),
    "customers": (0.09, 0.36),
    "lenders": (0.16, 0.05),
    "investors": (0.91, 0.24),
}
#: Sizes of the machine's nodes, and of all others.
SIZES: dict[str, tuple[float, float]] = {
    "labs": (0.15, 0.085),
    "vendors": (0.188, 0.085),
    "clouds": (0.15, 0.085),
}
SMALL = (0.135, 0.066)
#: How far a band swings out to its left, as a share of its length.
BENDS: dict[tuple[str, str], float] = {
    ("vendors", "labs"): -0.18,
    ("labs", "vendors"): -0.04,
    ("labs", "clouds"): -0.24,
    ("clouds", "labs"): -0.02,
    ("clouds", "vendors"): -0.26,
    ("vendors", "clouds"): -0.02,
    ("labs", "suppliers"): 0.10,
    ("vendors", "suppliers"): -0.10,
    ("clouds", "suppliers"): 0.0,
    ("customers", "labs"): 0.12,
    ("customers", "clouds"): -0.06,
    ("lenders", "clouds"): 0.12,
    ("clouds", "lenders"): 0.12,
    ("lenders", "labs"): 0.34,
    ("labs", "lenders"): -0.44,
    ("funds", "labs"): 0.08,
    ("labs", "funds"): 0.16,
    ("states", "vendors"): -0.08,
    ("vendors", "states"): -0.16,
    ("states", "clouds"): 0.42,
    ("vendors", "investors"): 0.14,
    ("investors", "vendors"): 0.10,
    ("clouds", "investors"): -0.16,
    ("investors", "clouds"): -0.14,
}
#: Width of the widest band inside the machine, and of the widest band at all (wider ones are cut and say so).
WIDEST_INSIDE, WIDEST = 0.062, 0.10


def money_ring(
    panels: Sequence[tuple[str, Flows]],
    *,
    title: str,
    source: str,
    note: str = "",
    smallest: float = 1.0,
) -> Figure:
    """Who pays whom: bands as wide as a year's flow, striped by whose money it is, one panel a period.

    `panels`: (label, {(from, to): {dye: $bn a year}}). Flows under `smallest` are left out.
    """
    cleaned = [(label, by_node(flows)) for label, flows in panels]
    machine = ("vendors", "clouds", "labs")
    biggest = max(
        (sum(mix.values()) for _, flows in cleaned for pair, mix in flows.items() if set(pair) <= set(machine)),
        default=1.0,
    )
    with style():
        from matplotlib import pyplot as plt

        wide = 7.2 * len(cleaned) if len(cleaned) > 1 else 9.0
        figure, axes = plt.subplots(1, len(cleaned), figsize=(wide, 8.8), squeeze=False)
        figure.subplots_adjust(left=0.012, right=0.988, bottom=0.115, wspace=0.05)
        scale = WIDEST_INSIDE / max(biggest, 1e-9)
        shown = [mix for _, flows in cleaned for mix in flows.values() if sum(mix.values()) >= smallest]
        cut = any(sum(mix.values()) * scale > WIDEST for mix in shown)
        what = say("ring.subtitle_cut" if cut else "ring.subtitle")
        heading(figure, title, what, room=0.42)
        for axis, (label, _) in zip(axes.flat, cleaned, strict=True):
            axis.set_xlim(0, 1)
            axis.set_ylim(0, 1)
            axis.axis("off")
            axis.set_title(label, loc="left", size=12.5, weight="bold", color=INK, pad=4, x=0.02)
        used = {dye for mix in shown for dye, amount in mix.items() if amount > 0.001 * sum(mix.values())}
        top = _dye_key(figure, used, max(0.57, footer(figure, source, note) + 0.14))
        figure.subplots_adjust(bottom=max(0.115, (top + 0.2) / figure.get_figheight()))
        for axis, (_, flows) in zip(axes.flat, cleaned, strict=True):
            _draw_ring(axis, flows, scale, smallest)
        return figure


def by_node(flows: Flows) -> dict[tuple[str, str], dict[str, float]]:
    """Name the outside by what it does: it pays as customers and fund backers, and is paid as suppliers."""
    result: dict[tuple[str, str], dict[str, float]] = {}
    for (payer, payee), mix in flows.items():
        if payer == payee:
            continue
        start = payer
        if payer == "outside":
            if payee not in ("labs", "clouds"):
                continue
            start = "customers"
        end = "suppliers" if payee == "outside" else payee
        if start not in PLACES or end not in PLACES or (end == "suppliers" and start not in ("labs", "clouds", "vendors")):
            continue
        target = result.setdefault((start, end), {})
        for dye, amount in mix.items():
            if amount > 0:
                target[dye] = target.get(dye, 0.0) + float(amount)
    return result


def _draw_ring(axis: Axes, flows: Mapping[tuple[str, str], Mapping[str, float]], scale: float, smallest: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    shown = {pair: mix for pair, mix in flows.items() if sum(mix.values()) >= smallest}
    bands = [_band(axis, pair, mix, scale) for pair, mix in sorted(shown.items(), key=lambda item: -sum(item[1].values()))]
    _label_bands(axis, [band for band in bands if band.whole >= 0.5])
    # In one order, so that the same run has the same file.
    for name in dict.fromkeys(("vendors", "labs", "clouds", *(name for pair in shown for name in pair))):
        x, y = PLACES[name]
        width, height = SIZES.get(name, SMALL)
        main = name in SIZES
        axis.add_artist(
            FancyBboxPatch(
                (x - width / 2, y - height / 2),
                width,
                height,
                boxstyle="round,pad=0.004,rounding_size=0.014",
                fc=INK if main else PAPER,
                ec=INK if main else QUIET,
                lw=1.1,
                zorder=5,
            )
        )
        axis.text(
            x,
            y,
            say(f"ring.node.{name}").replace("|", "\n"),
            ha="center",
            va="center",
            size=11.5 if main else 9.5,
            weight="bold" if main else "normal",
            color=PAPER if main else INK,
            linespacing=1.05,
            zorder=6,
        )


@dataclass(frozen=True)
class Band:
    """Where a band lies on the square: its middle (points, 2), how wide it is, and what flows through it, $bn a year."""

    middle: Array
    width: float
    whole: float


def _band(axis: Axes, pair: tuple[str, str], mix: Mapping[str, float], scale: float) -> Band:
    """One striped, curved band with an arrow head."""
    from matplotlib.patches import Polygon

    whole = sum(mix.values())
    width = min(max(whole * scale, 0.0028), WIDEST)
    (x0, y0), (x1, y1) = PLACES[pair[0]], PLACES[pair[1]]
    bend = BENDS.get(pair, 0.10)
    control = ((x0 + x1) / 2 - (y1 - y0) * bend, (y0 + y1) / 2 + (x1 - x0) * bend)
    start, end = np.array(_edge(pair[0], control)), np.array(_edge(pair[1], control))
    t = np.linspace(0, 1, 60)[:, None]
    # A wide band begins under its box, so that its square end does not show.
    start += (np.array((x0, y0)) - start) * min(1.0, 9 * width)
    points = (1 - t) ** 2 * start + 2 * t * (1 - t) * np.array(control) + t**2 * end
    tangent = np.gradient(points, axis=0)
    tangent /= np.hypot(tangent[:, 0], tangent[:, 1])[:, None]
    normal = np.column_stack((-tangent[:, 1], tangent[:, 0]))
    travelled = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    head = min(max(0.022, 0.55 * width), 0.45 * travelled[-1])
    last = max(int((travelled <= travelled[-1] - head).sum()) - 1, 1)
    body, out = points[: last + 1], normal[: last + 1]
    offset = -width / 2
    for dye in DYE_ORDER:
        part = width * mix.get(dye, 0.0) / whole
        if part <= 0:
            continue
        outline = np.vstack((body + out * offset, (body + out * (offset + part))[::-1]))
        axis.add_artist(Polygon(outline, closed=True, fc=DYE_COLOURS[dye], ec="none", zorder=2))
        offset += part
    flare = width / 2 + max(0.006, 0.16 * width)
    tip = np.array([points[last] + normal[last] * flare, points[-1], points[last] - normal[last] * flare])
    main = max(mix, key=lambda dye: mix[dye])
    axis.add_artist(Polygon(tip, closed=True, fc=DYE_COLOURS[main], ec="none", zorder=3))
    if whole * scale > WIDEST:
        for place in (0.30, 0.34):
            k = int(place * 60)
            across = np.array([points[k] - normal[k] * 0.53 * width, points[k + 2] + normal[k + 2] * 0.53 * width])
            axis.plot(across[:, 0], across[:, 1], color=PAPER, lw=2.2, zorder=4)
    return Band(points, width, whole)


def _label_bands(axis: Axes, bands: Sequence[Band]) -> None:
    """Write the yearly sum on each band, in its middle or as near to that as no other label, node or band is in the way."""
    size = legible(figure_of(axis), 9)
    wide, tall = inches_of(axis)
    texts = [f"{band.whole:,.0f}" for band in bands]
    halves = [
        np.array(((written_width(figure_of(axis), text, size=size, weight="bold") / 2 + 0.03) / wide, 0.011 * size / tall))
        for text in texts
    ]
    nodes = [(np.array(PLACES[name]), np.array(SIZES.get(name, SMALL)) / 2) for name in PLACES]
    chosen = [30] * len(bands)
    for _ in range(3):  # until nobody moves; seldom more than two rounds
        for k, band in enumerate(bands):
            others = [(bands[j].middle[chosen[j]], halves[j]) for j in range(len(bands)) if j != k]

            def in_the_way(place: int, k: int = k, band: Band = band, others: Boxes = others) -> float:
                at, half = band.middle[place], halves[k]
                hidden = sum(bool((np.abs(at - other) < half + its).all()) for other, its in (*nodes, *others))
                crossed = sum(_crosses(other, at, half) for j, other in enumerate(bands) if j != k)
                return 9.0 * hidden + crossed + abs(place - 30) / 30

            chosen[k] = min(range(9, 49), key=in_the_way)
    for band, text, place in zip(bands, texts, chosen, strict=True):
        x, y = band.middle[place]
        axis.text(
            x, y, text, ha="center", va="center", size=size, weight="bold", color=INK, zorder=7,
            bbox={"boxstyle": "round,pad=0.15", "fc": PAPER, "ec": "none", "alpha": 0.88},
        )  # fmt: skip


def _crosses(band: Band, at: Array, half: Array) -> bool:
    """Whether a band runs through a box of half a width and half a height around a place."""
    return bool((np.abs(band.middle - at) < half + band.width / 2).all(axis=1).any())


def _edge(name: str, towards: tuple[float, float]) -> tuple[float, float]:
    """Point on a node's box in the direction of another point."""
    x, y = PLACES[name]
    width, height = SIZES.get(name, SMALL)
    dx, dy = towards[0] - x, towards[1] - y
    reach = min(
        (width / 2 + 0.006) / abs(dx) if dx else math.inf,
        (height / 2 + 0.006) / abs(dy) if dy else math.inf,
    )
    return x + dx * reach, y + dy * reach


def _dye_key(figure: Figure, used: set[str], base: float) -> float:
    """Name the stripes under the rings (a band is too thin to carry words), in as many lines as it takes.

    `base`: inches from the foot up to the last line; returns those up to the first.
    """
    from matplotlib.patches import Rectangle

    wide, tall = figure.get_size_inches()
    labels = [(name, dye_label(name)) for name in DYE_ORDER if name in used]
    lines: list[list[tuple[float, str, str]]] = [[]]
    size = legible(figure, 9)
    x = MARGIN
    for name, label in labels:
        room = 0.24 + written_width(figure, label, size=size)
        if lines[-1] and x + room > wide - MARGIN:
            lines.append([])
            x = MARGIN
        lines[-1].append((x, name, label))
        x += room + 0.28
    for row, line in enumerate(reversed(lines)):
        y = (base + 0.23 * row) / tall
        for x, name, label in line:
            colour = DYE_COLOURS[name]
            figure.add_artist(Rectangle((x / wide, y - 0.055 / tall), 0.16 / wide, 0.11 / tall, fc=colour, ec="none"))
            figure.text((x + 0.24) / wide, y, label, size=size, color=INK, va="center")
    return base + 0.23 * (len(lines) - 1)
