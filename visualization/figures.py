"""Figures that a newspaper could print: the finding as headline, labels on the lines, the source below.

Each function takes plain arrays and returns a matplotlib figure; `save` writes it as PNG and SVG. Nothing
here knows the economy: a figure can be drawn again from a run's files. matplotlib is imported on first use.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from visualization.palette import (
    ARM_COLOURS,
    CLASS_COLOURS,
    DYE_COLOURS,
    DYE_LABELS,
    DYE_ORDER,
    FAINT,
    HEADLINE_COLOURS,
    INK,
    PAPER,
    QUIET,
    SHADE,
)
from visualization.texts import CLASS_WORDS, HEADLINE_WORDS, SECTOR_WORDS, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]
Dates = Any  # a sequence of datetime.date, which matplotlib takes though its types do not say so
Share = Mapping[str, float]
Flows = Mapping[tuple[str, str], Mapping[str, float]]

_FACES = (
    "Source Sans 3",
    "Source Sans Pro",
    "Inter",
    "Helvetica Neue",
    "Arial",
    "Liberation Sans",
    "DejaVu Sans",
)
_DPI = 160


@dataclass(frozen=True)
class Window:
    """The months in which funding is tight: begins, is fully tight, begins to ease, is back to normal."""

    start: int
    full: int
    easing: int
    end: int
    label: str = "funding tight"


# --- fan charts ---------------------------------------------------------------------------------------------


def fan_charts(
    arms: Mapping[str, Mapping[str, Array]],
    dates: Dates,
    *,
    window: Window | None,
    title: str,
    source: str,
    ceilings: Mapping[str, float] | None = None,
) -> Figure:
    """Vendor revenue, capital spending, chip price and rent: median, middle half, 90 % of worlds, both arms.

    `arms`: "asked" and (where there is one) "loose", each series name to (worlds, months). `ceilings`: values by
    series name that the model does not let it exceed, drawn where worlds come up against them.
    """
    panels = (
        ("vendor_revenue", "Chip vendors' AI revenue", "$bn a month"),
        ("capex", "Clouds' capital spending", "$bn a month"),
        ("gpu_price", "Second-hand chips, current generation", "$bn per gigawatt"),
        ("compute_rent", "Rent of computing power", "$ per GPU-hour"),
    )
    with _style():
        from matplotlib import pyplot as plt

        figure, axes = plt.subplots(2, 2, figsize=(11, 8.2))
        figure.subplots_adjust(left=0.055, right=0.895, bottom=0.09, hspace=0.42, wspace=0.40)
        bands = "Line: the median world. Dark band: the middle half of worlds. Light band: nine worlds in ten."
        _heading(figure, title, bands, room=0.72)
        for axis, (name, label, unit) in zip(axes.flat, panels, strict=True):
            _panel_heading(axis, label, unit)
            ends = []
            for arm in ("loose", "asked"):
                if arm in arms:
                    ends.append(_fan(axis, dates, arms[arm][name], ARM_COLOURS[arm], arm))
            axis.set_ylim(0, None)
            _years(axis, dates)
            _ceiling(axis, dates, (ceilings or {}).get(name), [of_arm[name] for of_arm in arms.values()])
            _shade(axis, dates, window, labelled=axis is axes.flat[0])
            words = {"asked": "as asked", "loose": "loose money"}
            _label_ends(axis, [(value, words[arm], ARM_COLOURS[arm]) for arm, value in ends])
        _source(figure, source)
        return figure


def _ceiling(axis: Axes, dates: Dates, limit: float | None, arms: Sequence[Array]) -> None:
    """Mark a limit that the model sets and that at least one world in twenty comes up against in some month."""
    if limit is None or all(np.percentile(values, 95, axis=0).max() < 0.99 * limit for values in arms):
        return
    axis.axhline(limit, color=INK, lw=0.9, ls=(0, (2, 2)), zorder=4)
    axis.annotate(
        "ceiling that the model sets", (dates[0], limit), xytext=(4, -3), textcoords="offset points",
        size=9, color=QUIET, va="top", style="italic",
    )  # fmt: skip


def _fan(axis: Axes, dates: Dates, values: Array, colour: str, arm: str) -> tuple[str, float]:
    low, quarter, middle, three_quarters, high = np.percentile(values, (5, 25, 50, 75, 95), axis=0)
    axis.fill_between(dates, low, high, color=colour, alpha=0.11, lw=0)
    axis.fill_between(dates, quarter, three_quarters, color=colour, alpha=0.24, lw=0)
    axis.plot(dates, middle, color=colour, lw=2.2, solid_capstyle="round")
    return arm, float(middle[-1])


# --- who funds the machine ----------------------------------------------------------------------------------


def who_funds(
    dyes: Mapping[str, Array],
    dates: Dates,
    *,
    window: Window | None,
    title: str,
    source: str,
) -> Figure:
    """What the vendors' revenue was paid with: mean over worlds of each dye (months,), stacked."""
    order = [name for name in DYE_ORDER if name in dyes and float(np.max(dyes[name])) > 0]
    with _style():
        from matplotlib import pyplot as plt

        figure, axis = plt.subplots(figsize=(11, 6.6))
        figure.subplots_adjust(left=0.05, right=0.70, bottom=0.105)
        origin = "Chip vendors' AI revenue by whose money paid for it, $bn a month, mean of all worlds as asked"
        _heading(figure, title, origin, room=0.42)
        bottom = np.zeros(len(dates))
        whole = sum((float(dyes[name].sum()) for name in order), 0.0) or 1.0
        labels = []
        for name in order:
            top = bottom + dyes[name]
            axis.fill_between(dates, bottom, top, color=DYE_COLOURS[name], lw=0.4, edgecolor=PAPER)
            part = float(dyes[name].sum()) / whole
            if part >= 0.005 or name == "lap_1":
                words = f"{DYE_LABELS[name]}  {percent(part).replace('under ', '<')}"
                labels.append((float(bottom[-1] + top[-1]) / 2, words, DYE_COLOURS[name]))
            bottom = top
        axis.set_ylim(0, float(bottom.max()) * 1.06 or 1.0)
        _years(axis, dates)
        _bracket(axis, dates, window)
        _label_ends(axis, labels, leader=True, swatch=True)
        axis.text(
            1.035,
            1.03,
            "share of all receipts of the run",
            transform=axis.transAxes,
            color=QUIET,
            size=9,
            style="italic",
        )
        _source(figure, source)
        return figure


# --- outcome shares -----------------------------------------------------------------------------------------


def outcome_shares(
    classes: Mapping[str, Mapping[str, Share]],
    headlines: Mapping[str, Mapping[str, Share]],
    *,
    worlds: int,
    title: str,
    source: str,
    readings: Mapping[str, Mapping[str, Share]] | None = None,
    readings_label: str = "",
) -> Figure:
    """Classes as stacked bars, headlines as points with intervals, both arms.

    `classes` and `headlines`: arm to name to {share, low, high}. `readings`: likewise {low, high} over other readings
    of the parameters, drawn as a thin bracket under each point and named by `readings_label`.
    """
    arms = [arm for arm in ("asked", "loose") if arm in classes]
    words = {"asked": "As asked", "loose": "Loose money"}
    with _style():
        from matplotlib import pyplot as plt

        figure, (bars, dots) = plt.subplots(2, 1, figsize=(11, 7.5), height_ratios=(1.25 * len(arms), 3.7))
        figure.subplots_adjust(left=0.142, right=0.965, bottom=0.105, hspace=0.36)
        same = f" The same {worlds} sets of shocks in both rows." if len(arms) == 2 else ""
        _heading(figure, title, f"Share of {worlds} worlds by how they end, in %.{same}", room=0.12)
        bars.set_xlim(0, 1)
        bars.set_ylim(len(arms) - 0.55, -0.72)
        for row, arm in enumerate(arms):
            left = 0.0
            labels = []
            for name, colour in CLASS_COLOURS.items():
                share = classes[arm].get(name, {}).get("share", 0.0)
                if share <= 0:
                    continue
                bars.barh(row, share, left=left, height=0.46, color=colour, edgecolor=PAPER, lw=1.2)
                labels.append((left + share / 2, f"{CLASS_WORDS[name]} {100 * share:.0f}", name))
                left += share
            _label_segments(bars, row, labels)
        bars.set_yticks(range(len(arms)), [words[arm] for arm in arms], size=11.5, weight="bold")
        bars.set_xticks([])
        bars.spines["bottom"].set_visible(False)

        for row, name in enumerate(("holds_up", "undecided", "falls_apart")):
            for shift, arm in zip((-0.22, 0.2) if len(arms) == 2 else (0.0,), arms, strict=True):
                one = headlines[arm][name]
                colour = HEADLINE_COLOURS[name]
                y = row + shift
                interval = f"({100 * one['low']:.0f}–{100 * one['high']:.0f})"
                span = [one["low"], one["high"]]
                dots.plot(span, [y, y], color=colour, lw=3, alpha=0.45, solid_capstyle="round", clip_on=False)
                fill = colour if arm == "asked" else PAPER
                dots.plot(one["share"], y, "o", ms=8.5, color=fill, mec=colour, mew=2, clip_on=False, zorder=3)
                if readings is not None:
                    _thin_bracket(dots, y + 0.15, readings[arm][name])
                dots.text(
                    max(one["high"], one["share"] + 0.008) + 0.014,
                    y,
                    f"{words[arm].lower()}  {percent(one['share'])}  {interval}",
                    va="center",
                    size=9.5,
                    bbox={"boxstyle": "round,pad=0.1", "fc": PAPER, "ec": "none"},
                    color=INK if arm == "asked" else QUIET,
                )
        dots.set_yticks(
            range(3),
            [HEADLINE_WORDS[n].capitalize() for n in ("holds_up", "undecided", "falls_apart")],
            size=11.5,
            weight="bold",
        )
        dots.set_ylim(2.55, -0.55)
        dots.set_xlim(0, 1.3)
        dots.set_xticks((0, 0.25, 0.5, 0.75, 1), ("0", "25", "50", "75", "100 %"))
        dots.spines["bottom"].set_bounds(0, 1)
        dots.grid(axis="x", color=FAINT, lw=0.7)
        dots.set_axisbelow(True)
        dots.set_title(
            "Verdicts with their 95 % intervals (simulation noise only, parameters fixed)"
            + (f"\nThin brackets: {readings_label}" if readings is not None else ""),
            loc="left",
            size=10.5,
            color=QUIET,
            pad=8,
            linespacing=1.3,
        )
        _source(figure, source)
        return figure


def _thin_bracket(axis: Axes, y: float, span: Share) -> None:
    """A hairline from low to high with ends turned up towards the point above it."""
    low, high = span["low"], span["high"]
    axis.plot((low, low, high, high), (y - 0.05, y, y, y - 0.05), color=INK, lw=0.9, clip_on=False, zorder=2)


# --- the money ring -----------------------------------------------------------------------------------------

_PLACES: dict[str, tuple[float, float]] = {
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
_SIZES: dict[str, tuple[float, float]] = {
    "labs": (0.15, 0.085),
    "vendors": (0.188, 0.085),
    "clouds": (0.15, 0.085),
}
#: How far a band swings out to its left, as a share of its length.
_BENDS: dict[tuple[str, str], float] = {
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
_WIDEST_INSIDE, _WIDEST = 0.062, 0.10


def money_ring(
    panels: Sequence[tuple[str, Flows]],
    *,
    title: str,
    source: str,
    smallest: float = 1.0,
) -> Figure:
    """Who pays whom: bands as wide as a year's flow, striped by whose money it is, one panel a period.

    `panels`: (label, {(from, to): {dye: $bn a year}}). Flows under `smallest` are left out.
    """
    cleaned = [(label, _by_node(flows)) for label, flows in panels]
    machine = ("vendors", "clouds", "labs")
    biggest = max(
        (sum(mix.values()) for _, flows in cleaned for pair, mix in flows.items() if set(pair) <= set(machine)),
        default=1.0,
    )
    with _style():
        from matplotlib import pyplot as plt

        wide = 7.2 * len(cleaned) if len(cleaned) > 1 else 9.0
        figure, axes = plt.subplots(1, len(cleaned), figsize=(wide, 8.8), squeeze=False)
        figure.subplots_adjust(left=0.012, right=0.988, bottom=0.115, wspace=0.05)
        what = (
            "Payments between sectors in $bn a year, mean of all worlds as asked; stripes: whose money. "
            "Bands are drawn to one scale; those crossed by two white lines are wider than shown."
        )
        _heading(figure, title, what, room=0.42)
        scale = _WIDEST_INSIDE / max(biggest, 1e-9)
        for axis, (label, flows) in zip(axes.flat, cleaned, strict=True):
            axis.set_xlim(0, 1)
            axis.set_ylim(0, 1)
            axis.axis("off")
            axis.set_title(label, loc="left", size=12.5, weight="bold", color=INK, pad=4, x=0.02)
            _draw_ring(axis, flows, scale, smallest)
        _dye_key(figure)
        _source(figure, source)
        return figure


def _by_node(flows: Flows) -> dict[tuple[str, str], dict[str, float]]:
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
        if start not in _PLACES or end not in _PLACES or (end == "suppliers" and start not in ("labs", "clouds", "vendors")):
            continue
        target = result.setdefault((start, end), {})
        for dye, amount in mix.items():
            if amount > 0:
                target[dye] = target.get(dye, 0.0) + float(amount)
    return result


def _draw_ring(axis: Axes, flows: Mapping[tuple[str, str], Mapping[str, float]], scale: float, smallest: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    shown = {pair: mix for pair, mix in flows.items() if sum(mix.values()) >= smallest}
    for pair, mix in sorted(shown.items(), key=lambda item: -sum(item[1].values())):
        _band(axis, pair, mix, scale)
    used = {name for pair in shown for name in pair} | {"vendors", "labs", "clouds"}
    for name in used:
        x, y = _PLACES[name]
        width, height = _SIZES.get(name, (0.135, 0.066))
        main = name in _SIZES
        axis.add_patch(
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
            SECTOR_WORDS[name],
            ha="center",
            va="center",
            size=11.5 if main else 9.5,
            weight="bold" if main else "normal",
            color=PAPER if main else INK,
            linespacing=1.05,
            zorder=6,
        )


def _band(axis: Axes, pair: tuple[str, str], mix: Mapping[str, float], scale: float) -> None:
    """One striped, curved band with an arrow head, labelled with its yearly sum."""
    from matplotlib.patches import Polygon

    whole = sum(mix.values())
    width = min(max(whole * scale, 0.0028), _WIDEST)
    (x0, y0), (x1, y1) = _PLACES[pair[0]], _PLACES[pair[1]]
    bend = _BENDS.get(pair, 0.10)
    control = ((x0 + x1) / 2 - (y1 - y0) * bend, (y0 + y1) / 2 + (x1 - x0) * bend)
    start, end = np.array(_edge(pair[0], control)), np.array(_edge(pair[1], control))
    t = np.linspace(0, 1, 60)[:, None]
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
        axis.add_patch(Polygon(outline, closed=True, fc=DYE_COLOURS[dye], ec="none", zorder=2))
        offset += part
    flare = width / 2 + max(0.006, 0.16 * width)
    tip = np.array([points[last] + normal[last] * flare, points[-1], points[last] - normal[last] * flare])
    main = max(mix, key=lambda dye: mix[dye])
    axis.add_patch(Polygon(tip, closed=True, fc=DYE_COLOURS[main], ec="none", zorder=3))
    if whole * scale > _WIDEST:
        for place in (0.16, 0.20):
            k = int(place * 60)
            across = np.array([points[k] - normal[k] * 0.7 * width, points[k + 2] + normal[k + 2] * 0.7 * width])
            axis.plot(across[:, 0], across[:, 1], color=PAPER, lw=2.2, zorder=4)
    if whole >= 0.5:
        axis.text(
            points[30, 0],
            points[30, 1],
            f"{whole:,.0f}",
            ha="center",
            va="center",
            size=9,
            weight="bold",
            color=INK,
            bbox={"boxstyle": "round,pad=0.15", "fc": PAPER, "ec": "none", "alpha": 0.88},
            zorder=7,
        )


def _edge(name: str, towards: tuple[float, float]) -> tuple[float, float]:
    """Point on a node's box in the direction of another point."""
    x, y = _PLACES[name]
    width, height = _SIZES.get(name, (0.135, 0.066))
    dx, dy = towards[0] - x, towards[1] - y
    reach = min(
        (width / 2 + 0.006) / abs(dx) if dx else math.inf,
        (height / 2 + 0.006) / abs(dy) if dy else math.inf,
    )
    return x + dx * reach, y + dy * reach


def _dye_key(figure: Figure) -> None:
    """Name the stripes in one line under the rings (a band is too thin to carry words)."""
    from matplotlib.patches import Rectangle

    items = [(name, DYE_LABELS[name].replace("money, first lap", "money: first lap")) for name in DYE_ORDER]
    rows = (items[:5], items[5:])
    wide, tall = figure.get_size_inches()
    for row, entries in enumerate(rows):
        x = 0.22 / wide
        y = (0.80 - 0.23 * row) / tall
        for name, label in entries:
            figure.add_artist(Rectangle((x, y - 0.055 / tall), 0.16 / wide, 0.11 / tall, fc=DYE_COLOURS[name], ec="none"))
            figure.text(x + 0.24 / wide, y, label, size=9, color=INK, va="center")
            x += (0.42 + 0.074 * len(label)) / wide


# --- shared parts of every figure ---------------------------------------------------------------------------


@contextmanager
def _style() -> Iterator[None]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import font_manager, rc_context

    available = {entry.name for entry in font_manager.fontManager.ttflist}
    face = next((name for name in _FACES if name in available), "DejaVu Sans")
    with rc_context(
        {
            "font.family": face,
            "font.size": 10,
            "text.color": INK,
            "text.parse_math": False,  # a dollar sign is a dollar sign
            "axes.edgecolor": QUIET,
            "axes.labelcolor": QUIET,
            "axes.linewidth": 0.8,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
            "xtick.color": QUIET,
            "ytick.color": QUIET,
            "ytick.left": False,
            "xtick.major.size": 4,
            "figure.facecolor": PAPER,
            "axes.facecolor": PAPER,
            "savefig.facecolor": PAPER,
            "svg.fonttype": "none",
            "svg.hashsalt": "perpetuum",
            "figure.max_open_warning": 0,
        }
    ):
        yield


def _heading(figure: Figure, title: str, subtitle: str, room: float) -> None:
    """Write headline and subtitle, wrapped to the figure, and start the charts `room` inches below them."""
    from matplotlib.patches import Rectangle

    width, height = figure.get_size_inches()
    headline = _balanced(title, int(6.3 * width))
    below = textwrap.fill(subtitle, int(11.2 * width))
    left = 0.22 / width
    figure.add_artist(Rectangle((left, 1 - 0.14 / height), 0.62 / width, 0.07 / height, fc=INK, ec="none"))
    figure.text(left, 1 - 0.29 / height, headline, size=17, weight="bold", va="top", color=INK, linespacing=1.15)
    used = 0.36 + 0.285 * (headline.count("\n") + 1)
    figure.text(left, 1 - used / height, below, size=10.5, va="top", color=QUIET, linespacing=1.25)
    used += 0.19 * (below.count("\n") + 1)
    figure.subplots_adjust(top=1 - (used + room) / height)


def _balanced(text: str, width: int) -> str:
    """Wrap to lines of about the same length, so that no word is left alone on the last."""
    lines = len(textwrap.wrap(text, width))
    while width > 1 and len(textwrap.wrap(text, width - 1)) == lines:
        width -= 1
    return textwrap.fill(text, width)


def _panel_heading(axis: Axes, label: str, unit: str) -> None:
    axis.text(0, 1.13, label, transform=axis.transAxes, size=11.5, weight="bold", color=INK)
    axis.text(0, 1.045, unit, transform=axis.transAxes, size=9.5, color=QUIET)
    axis.grid(axis="y", color=FAINT, lw=0.7)
    axis.set_axisbelow(True)


def _source(figure: Figure, source: str) -> None:
    width, height = figure.get_size_inches()
    figure.text(0.22 / width, 0.16 / height, source, size=8.5, color=QUIET, va="bottom", ha="left")


def _years(axis: Axes, dates: Dates) -> None:
    from matplotlib.dates import DateFormatter, MonthLocator, YearLocator

    months = len(dates)
    axis.set_xlim(dates[0], dates[-1])
    if months <= 30:
        axis.xaxis.set_major_locator(MonthLocator(bymonth=(1, 7)))
        axis.xaxis.set_major_formatter(DateFormatter("%b %Y"))
    else:
        axis.xaxis.set_major_locator(YearLocator(1 if months <= 84 else 2))
        axis.xaxis.set_major_formatter(DateFormatter("%Y"))
    axis.grid(axis="y", color=FAINT, lw=0.7)
    axis.set_axisbelow(True)


def _shade(axis: Axes, dates: Dates, window: Window | None, *, labelled: bool) -> None:
    """Shade the months of tight funding, lighter where it builds up and eases."""
    if window is None or window.start >= len(dates):
        return
    last = len(dates) - 1
    start, full, easing, end = (dates[min(m, last)] for m in (window.start, window.full, window.easing, window.end))
    for left, right, alpha in ((start, full, 0.5), (full, easing, 1.0), (easing, end, 0.5)):
        if right > left:
            axis.axvspan(left, right, fc=SHADE, alpha=alpha, lw=0, zorder=0)
    if labelled:
        middle = full + (easing - full) / 2
        height = axis.get_ylim()[1]
        axis.text(middle, 0.985 * height, window.label, size=9, color=QUIET, ha="center", va="top", style="italic")


def _bracket(axis: Axes, dates: Dates, window: Window | None) -> None:
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
    middle = left + (right - left) / 2
    axis.text(middle, 1.03 * top, window.label, size=9, color=INK, ha="center", style="italic")


def _label_segments(axis: Axes, row: int, labels: Sequence[tuple[float, str, str]]) -> None:
    """Name a bar's segments above it, moved apart where names would touch, with a hairline to each."""
    widths = [0.0072 * len(text) + 0.018 for _, text, _ in labels]
    places = _apart([x for x, _, _ in labels], widths, 0.0, 1.0)
    for (x, text, name), place in zip(labels, places, strict=True):
        axis.plot((x, place), (row - 0.24, row - 0.36), color=CLASS_COLOURS[name], lw=1.2, clip_on=False)
        axis.text(place, row - 0.40, text, ha="center", va="bottom", size=9.5, color=INK)


def _apart(places: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Move labels of given sizes, in order, as little as possible so that none touch and all stay inside."""
    # Take the sizes out, pool neighbours that are out of order at their mean, put the sizes back.
    starts = np.concatenate(([0.0], np.cumsum(sizes)[:-1])) + np.array(sizes) / 2 if len(sizes) else np.zeros(0)
    pools: list[tuple[float, int]] = []
    for place, start in zip(places, starts, strict=True):
        mean, count = place - float(start), 1
        while pools and pools[-1][0] > mean:
            before, number = pools.pop()
            mean, count = (before * number + mean * count) / (number + count), number + count
        pools.append((mean, count))
    free = [mean for mean, count in pools for _ in range(count)]
    room = max(low, high - sum(sizes))
    return [min(max(place, low), room) + float(start) for place, start in zip(free, starts, strict=True)]


def _label_ends(
    axis: Axes,
    labels: Sequence[tuple[float, str, str]],
    *,
    leader: bool = False,
    swatch: bool = False,
) -> None:
    """Write each line's name at its end, moved apart where they would touch."""
    low, high = axis.get_ylim()
    height = axis.get_figure().get_size_inches()[1] * axis.get_position().height  # type: ignore[union-attr]
    gap = (high - low) * 0.185 / height
    ordered = sorted(labels)
    places = _apart([value for value, _, _ in ordered], [gap] * len(ordered), low, high)
    for place, (value, text, colour) in zip(places, ordered, strict=True):
        x, at, end = 1.018, (value - low) / (high - low), (place - low) / (high - low)
        if leader:
            line: dict[str, Any] = {"color": colour, "lw": 1.4, "clip_on": False}
            axis.plot((1.0, 1.014, 1.026), (at, end, end), transform=axis.transAxes, **line)
            x = 1.035
        axis.text(
            x,
            end,
            text,
            transform=axis.transAxes,
            size=9.5,
            va="center",
            color=INK if swatch else colour,
            weight="normal" if swatch else "bold",
        )


def save(figure: Figure, directory: Path, name: str) -> list[str]:
    """Write a figure as PNG and SVG; returns the file names."""
    from matplotlib import pyplot as plt
    from matplotlib.text import Text

    files = [f"{name}.png", f"{name}.svg"]
    for text in figure.findobj(Text):
        text.set_text(text.get_text().replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"))
    with _style():
        figure.savefig(directory / files[0], dpi=_DPI)
        figure.savefig(directory / files[1], metadata={"Date": None})
    plt.close(figure)
    return files
