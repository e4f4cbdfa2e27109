"""Who is to blame: Shapley shares as horizontal bars, one panel a payoff, with what each switch does alone and last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perpetuum.model.words.speech import capital, say
from perpetuum.runs.questions.payoffs import PAYOFFS, amount, uncapital
from perpetuum.visualization.figures.layout import MARGIN, footer, heading, save, style, wrapped, written_width
from perpetuum.visualization.figures.palette import ARM_COLOURS, FAINT, HEADLINE_COLOURS, INK, PAPER, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Spread = Mapping[str, float]  # mean, low, high
Panel = Mapping[str, Any]  # a payoff of an autopsy's summary

#: Colour of what adds to a payoff and of what takes from it: a bust is bad news, of other payoffs we do not judge.
_BAD = (HEADLINE_COLOURS["falls_apart"], HEADLINE_COLOURS["holds_up"])
_NEUTRAL = (ARM_COLOURS["loose"], "#9A7B4F")
BAD_NEWS = ("bust", "drawdown", "core_default", "collapse")
#: Inches: a bar's row, what stands above the bars, the bars themselves, and the numbers beside them.
_ROW, _ABOVE, _BARS, _NUMBERS = 0.36, 1.65, 3.1, 1.7
_GAP = 0.14
_KEY = (
    "Bars: Shapley shares, with 95 % intervals.   \N{WHITE CIRCLE} switched on alone   "
    "\N{WHITE DIAMOND} lost when it alone is switched off"
)


def draw(summary: Mapping[str, Any], folder: Path) -> list[str]:
    """Draw what an autopsy found, from its summary; returns the files."""
    source = (
        f"Source: perpetuum simulation, preset {summary['preset']}, {say.counted(summary['coalitions'], 'coalition')} of "
        f"switches x {say.counted(summary['worlds'], 'world')} under the same shocks, seed {summary['seed']}."
    )
    idle = [one["label"] for one in summary["off_already"].values()]
    note = f"Off in this scenario already: {', '.join(idle)}." if idle else ""
    figure = blame(summary["payoffs"], title=_title(summary), source=source, note=note)
    return save(figure, folder, "autopsy")


def _title(summary: Mapping[str, Any]) -> str:
    """The finding as a headline: who is to blame for the bust, and to whom the boom is owed."""
    told = {"bust": "most of the blame for the bust falls on {}", "boom": "the boom owes most to {}"}
    parts = []
    for name, words in told.items():
        panel = summary["payoffs"].get(name)
        if panel is None or not panel["shares"]:
            continue
        if name == "bust" and panel["highest_coalition"] == 0:
            parts.append("nothing falls apart, whatever is switched off")
            continue
        top = max(panel["shares"].values(), key=lambda one: one["shapley"]["mean"])
        if top["shapley"]["low"] > 0:
            parts.append(words.format(uncapital(top["label"])))
    headline = "; ".join(parts) or "who is to blame: no switch stands out"
    return capital(headline)


def blame(panels: Mapping[str, Panel], *, title: str, source: str, note: str = "") -> Figure:
    """Bars of Shapley shares, the largest first, one panel a payoff (two stand side by side).

    `panels`: payoff to `label`, `meaning`, `unit`, `finding`, `as_asked`, `all_off`, `lowest_coalition`, `highest_coalition`
    and `shares` (player to `label`, `shapley`, `alone`, `last`); where there is nothing to share out, the finding stands in
    place of the bars.
    """
    columns = min(len(panels), 2)
    lines = -(-len(panels) // columns)
    labels = [one["label"] for panel in panels.values() for one in panel["shares"].values()]
    rows = max((len(panel["shares"]) for panel in panels.values()), default=0)
    with style():
        from matplotlib import pyplot as plt

        figure = plt.figure()
        names = max((written_width(figure, label, size=10) for label in labels), default=2.0) + _GAP
        panel_width = names + _BARS + _NUMBERS
        wide = 2 * MARGIN + columns * panel_width + (columns - 1) * 2 * MARGIN
        bars = _ROW * max(rows, 4)
        below = 0.95
        figure.set_size_inches(wide, 1.25 + lines * (_ABOVE + bars) + (lines - 1) * 0.45 + below)
        heading(figure, title, _KEY if labels else "", room=0.0)
        tall = figure.get_size_inches()[1]
        top = figure.subplotpars.top * tall + (0.0 if labels else 0.2)
        for place, (name, panel) in enumerate(panels.items()):
            line, column = divmod(place, columns)
            left = MARGIN + column * (panel_width + 2 * MARGIN)
            bottom = top - (line + 1) * (_ABOVE + bars) - line * 0.45 + 0.25
            axis = figure.add_axes(((left + names) / wide, bottom / tall, _BARS / wide, bars / tall))
            _panel(figure, axis, name, panel, names, panel_width)
        footer(figure, source, note)
        return figure


def _panel(figure: Figure, axis: Axes, name: str, panel: Panel, names: float, width: float) -> None:
    """One payoff: heading, what it is, bars with their names on the left and their numbers on the right."""
    payoff, bars = PAYOFFS[name], figure.get_size_inches()[1] * axis.get_position().height

    def put(x: float, y: float, text: str, **look: Any) -> None:
        """Write at inches from the panel's left and above the bars."""
        axis.text((x - names) / _BARS, 1 + y / bars, text, transform=axis.transAxes, **look)

    put(0, 0.98, panel["label"], size=13, weight="bold", color=INK)
    off, asked = (amount(payoff, panel[when]["mean"]) for when in ("all_off", "as_asked"))
    beside = written_width(figure, panel["label"], size=13, weight="bold") + 0.16
    put(beside, 0.98, f"{off} with all switches off, {asked} as asked", size=10, color=INK)
    meaning = wrapped(figure, panel["meaning"], size=9, room=width - 0.1)
    put(0, 0.87, meaning, size=9, color=QUIET, va="top", linespacing=1.25)
    axis.set_yticks([])
    if not panel["shares"] or panel["highest_coalition"] - panel["lowest_coalition"] < 1e-12:
        put(
            0,
            0.1,
            wrapped(figure, panel["finding"], size=11, room=width - 0.3),
            size=11,
            color=INK,
            va="top",
            linespacing=1.4,
        )
        axis.axis("off")
        return
    shares: list[Mapping[str, Any]] = sorted(panel["shares"].values(), key=lambda one: -one["shapley"]["mean"])
    up, down = _BAD if name in BAD_NEWS else _NEUTRAL
    for row, one in enumerate(shares):
        _bar(axis, row, one, up if one["shapley"]["mean"] >= 0 else down)
        y = -(row + 0.5) * bars / len(shares)
        put(0, y, one["label"], size=10, color=INK, va="center")
        share, interval = (_changes(payoff.unit, one["shapley"], keys) for keys in (("mean",), ("low", "high")))
        put(names + _BARS + 0.52, y, share, size=10, weight="bold", color=INK, va="center", ha="right")
        put(names + _BARS + 0.60, y, f"({interval})", size=9, color=QUIET, va="center")
    axis.set_xlim(*_reach(shares))
    axis.set_ylim(len(shares) - 0.5, -0.5)
    axis.axvline(0, color=INK, lw=0.9, zorder=3)
    axis.grid(axis="x", color=FAINT, lw=0.7)
    axis.set_axisbelow(True)
    _ticks(axis, payoff.unit)


def _bar(axis: Axes, row: int, one: Mapping[str, Any], colour: str) -> None:
    share = one["shapley"]
    axis.barh(row, share["mean"], height=0.6, color=colour, zorder=2)
    axis.plot((share["low"], share["high"]), (row, row), color=INK, lw=1.3, zorder=5, solid_capstyle="butt")
    axis.plot(one["alone"]["mean"], row, "o", ms=6.5, mfc=PAPER, mec=INK, mew=1.0, zorder=6, clip_on=False)
    axis.plot(one["last"]["mean"], row, "D", ms=5.2, mfc=PAPER, mec=INK, mew=1.0, zorder=6, clip_on=False)


def _changes(unit: str, spread: Spread, keys: Sequence[str]) -> str:
    """Write changes without their unit, which the axis has."""
    factor = 100 if unit == "share" else 1
    largest = factor * max(abs(spread[key]) for key in ("low", "high", "mean"))
    digits = 0 if largest >= 9.95 else 1 if largest >= 0.95 else 2
    texts = [f"{factor * spread[key]:+.{digits}f}".replace("-", "\N{MINUS SIGN}") for key in keys]
    return " to ".join(text if text.strip("+\N{MINUS SIGN}0.") else "0" for text in texts)


def _reach(shares: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Ends of the axis: all that is drawn."""
    drawn = [0.0]
    for one in shares:
        drawn += [one["shapley"]["low"], one["shapley"]["high"], one["alone"]["mean"], one["last"]["mean"]]
    span = max(drawn) - min(drawn) or 1.0
    return min(drawn) - 0.05 * span, max(drawn) + 0.05 * span


def _ticks(axis: Axes, unit: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    factor = 100 if unit == "share" else 1

    def written(value: float, _: int) -> str:
        return f"{factor * value:+.3g}".replace("-", "\N{MINUS SIGN}") if abs(value) > 1e-12 else "0"

    axis.xaxis.set_major_locator(MaxNLocator(6))
    axis.xaxis.set_major_formatter(FuncFormatter(written))
    axis.set_xlabel("percentage points" if unit == "share" else unit, size=9.5, loc="left")
