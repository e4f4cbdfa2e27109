"""Who is to blame: Shapley shares as horizontal bars, one panel a payoff, with what each switch does alone and last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perpetuum.model.observed.odds import FEWEST
from perpetuum.model.words.speech import capital, say, uncapital
from perpetuum.runs.questions.autopsy import ENDS, finding, flat, stands_out
from perpetuum.runs.questions.mechanism_switches import label
from perpetuum.runs.questions.payoffs import PAYOFFS
from perpetuum.visualization.figures.layout import (
    MARGIN,
    boxes,
    grown,
    inches_of,
    legible,
    rule,
    save,
    style,
    wrapped,
    written_width,
)
from perpetuum.visualization.figures.marks import put_marks_for
from perpetuum.visualization.figures.palette import ARM_COLOURS, INK, PAPER, QUIET, STATE_COLOURS
from perpetuum.visualization.figures.sources import scenario_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Panel = Mapping[str, Any]  # a payoff of an autopsy's summary

#: Colour of what adds to a payoff and of what takes from it: a bust is bad news, of other payoffs we do not judge.
_BAD = (STATE_COLOURS["fallen"], STATE_COLOURS["stands_alone"])
_NEUTRAL = (ARM_COLOURS["loose"], "#9A7B4F")
BAD_NEWS = ("bust", "drawdown", "core_default")
#: Inches: a bar's row, what stands above and under the bars, the bars themselves, and the numbers beside them.
_ROW, _ABOVE, _UNDER, _BARS, _NUMBERS = 0.36, 0.9, 0.6, 3.1, 1.7
_GAP = 0.14
#: What a switch does alone and last, by the signs that stand for these marks in the key.
_MARKS: Mapping[str, Mapping[str, Any]] = {
    "○": {"marker": "o", "ms": 6.5, "mfc": PAPER, "mec": INK, "mew": 1.0},
    "◇": {"marker": "D", "ms": 5.2, "mfc": PAPER, "mec": INK, "mew": 1.0},
}


def draw(summary: Mapping[str, Any], folder: Path) -> list[str]:
    """Draw what an autopsy found, from its summary; returns the files."""
    counts = {name: say.counted(summary[name], name[:-1]) for name in ("coalitions", "worlds")}
    counts["months"] = say.counted(summary["months"], "month")
    source = say("autopsy.figure.source", scenario=scenario_of(summary), seed=summary["seed"], **counts)
    idle = say("list.comma").join(label(name) for name in summary["off_already"])
    figure = blame(
        summary, title=_title(summary), source=source, note=say("autopsy.figure.idle", names=idle) if idle else ""
    )
    return save(figure, folder, "autopsy")


def _title(summary: Mapping[str, Any]) -> str:
    """Who is to blame for the bust, and to whom the boom is owed: only who stands apart from all others."""
    parts, enough = [], summary["worlds"] >= FEWEST
    for name in ("bust", "boom"):
        panel = summary["payoffs"].get(name)
        if panel is None or not panel["shares"]:
            continue
        if name == "bust" and panel["highest_coalition"] == 0:
            parts.append(say("autopsy.figure.nothing_falls"))
            continue
        if enough and (top := stands_out(panel)):
            parts.append(say(f"autopsy.figure.blame_{name}", switch=uncapital(label(top))))
    if not parts and not enough:
        return capital(say("autopsy.figure.few", worlds=say.counted(summary["worlds"], "world")))
    return capital(say("list.semicolon").join(parts) or say("autopsy.figure.nobody"))


def blame(summary: Mapping[str, Any], *, title: str, source: str, note: str = "") -> Figure:
    """Bars of Shapley shares, the largest first, one panel a payoff (two stand side by side; the last of an odd number has
    the width of both).

    `summary`: that of an autopsy; what has nothing to share out is told below, and stands in place of the bars where no payoff
    has anything.
    """
    panels: Mapping[str, Panel] = summary["payoffs"]
    shown = [name for name, panel in panels.items() if panel["shares"] and not flat(panel)] or [*panels]
    told = [finding(name, summary) for name in panels if name not in shown]
    columns = min(len(shown), 2)
    labels = [label(name) for panel in panels.values() for name in panel["shares"]]
    rows = max((len(panel["shares"]) for panel in panels.values()), default=0)
    with style():
        from matplotlib import pyplot as plt

        figure = plt.figure()
        names = max((written_width(figure, one, size=10) for one in labels), default=2.0) + _GAP
        panel_width = names + _BARS + _NUMBERS
        wide = 2 * MARGIN + columns * panel_width + (columns - 1) * 2 * MARGIN
        bars = _ROW * max(rows, 4)
        figure.set_size_inches(wide, 10.0)  # small letters are as large as the width asks for
        key = say("autopsy.figure.key") if labels else ""
        over = _ABOVE + 0.17 * max(_meaning(figure, name, panel_width).count("\n") for name in shown)
        high = over + bars + _UNDER
        places = boxes(len(shown), columns, (panel_width, high), (2 * MARGIN, 0.15))
        places = grown(figure, wide, title, key, (*told, source, note), places, high)
        tall = figure.get_size_inches()[1]
        for (x, y, broad), name in zip(places, shown, strict=True):
            across = broad - names - _NUMBERS
            axis = figure.add_axes(((MARGIN + x + names) / wide, (y + _UNDER) / tall, across / wide, bars / tall))
            _panel(figure, axis, name, summary, names, broad)
        put_marks_for(figure, _MARKS)
        return figure


def _meaning(figure: Figure, name: str, width: float) -> str:
    """What a payoff is, in lines as broad as its panel."""
    return wrapped(figure, PAYOFFS[name].meaning, size=legible(figure, 9), room=width - 0.1)


def _panel(figure: Figure, axis: Axes, name: str, summary: Mapping[str, Any], names: float, width: float) -> None:
    """One payoff: heading, what it is, bars with their names on the left and their numbers on the right."""
    panel: Panel = summary["payoffs"][name]
    payoff, (across, bars) = PAYOFFS[name], inches_of(axis)

    def put(x: float, y: float, text: str, **look: Any) -> None:
        """Write at inches from the panel's left and above the bars."""
        axis.text((x - names) / across, 1 + y / bars, text, transform=axis.transAxes, **look)

    meaning, small = _meaning(figure, name, width), legible(figure, 9)
    head = 0.35 + 0.17 * meaning.count("\n")  # of what it is, above the bars
    put(0, head + 0.11, payoff.label, size=13, weight="bold", color=INK)
    asked, off = payoff.amounts([panel[when]["mean"] for when in ENDS])
    beside = written_width(figure, payoff.label, size=13, weight="bold") + 0.16
    put(beside, head + 0.11, say("autopsy.figure.ends", off=off, asked=asked), size=10, color=INK)
    put(0, head, meaning, size=small, color=QUIET, va="top", linespacing=1.25)
    axis.set_yticks([])
    if not panel["shares"] or flat(panel):
        told = wrapped(figure, finding(name, summary), size=11, room=width - 0.3)
        put(0, 0.1, told, size=11, color=INK, va="top", linespacing=1.4)
        axis.axis("off")
        return
    players = sorted(panel["shares"], key=lambda player: -panel["shares"][player]["shapley"]["mean"])
    shares: list[Mapping[str, Any]] = [panel["shares"][player] for player in players]
    up, down = _BAD if name in BAD_NEWS else _NEUTRAL
    numbers = iter(payoff.changes([one["shapley"][end] for one in shares for end in ("mean", "low", "high")]))
    for row, one in enumerate(shares):
        _bar(axis, row, one, up if one["shapley"]["mean"] >= 0 else down)
        y = -(row + 0.5) * bars / len(shares)
        put(0, y, label(players[row]), size=10, color=INK, va="center")
        share, low, high = (next(numbers) for _ in range(3))
        interval = say("autopsy.figure.range", low=low, high=high)
        put(names + across + 0.52, y, share, size=10, weight="bold", color=INK, va="center", ha="right")
        put(names + across + 0.60, y, interval, size=small, color=QUIET, va="center")
    axis.set_xlim(*_reach(shares))
    axis.set_ylim(len(shares) - 0.5, -0.5)
    axis.axvline(0, color=INK, lw=0.9, zorder=3)
    rule(axis, "x")
    _ticks(axis, payoff.unit)


def _bar(axis: Axes, row: int, one: Mapping[str, Any], colour: str) -> None:
    share = one["shapley"]
    axis.barh(row, share["mean"], height=0.6, color=colour, zorder=2)
    axis.plot((share["low"], share["high"]), (row, row), color=INK, lw=1.3, zorder=5, solid_capstyle="butt")
    for name, sign in (("alone", "○"), ("last", "◇")):
        axis.plot(one[name]["mean"], row, ls="", zorder=6, clip_on=False, **_MARKS[sign])


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
    axis.set_xlabel(say("autopsy.percentage_points" if unit == "share" else f"unit_name.{unit}"), size=10, loc="left")
