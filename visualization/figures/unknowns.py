"""The unknowns: a tornado of the odds where each is low and where it is high, and what share of the variance it explains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from perpetuum.model.words.speech import capital, say
from perpetuum.visualization.figures.layout import (
    MARGIN,
    Caption,
    figure_of,
    page,
    percent_ticks,
    rule,
    style,
    widest,
    written_width,
)
from perpetuum.visualization.figures.marks import put_mark
from perpetuum.visualization.figures.palette import FAINT, INK, PAPER, QUIET, STATE_COLOURS
from perpetuum.visualization.figures.sources import source_of_run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Share = Mapping[str, float]  # share, low, high

#: What is asked of the worlds at their last month: the shares of variance, and the colour of the state.
ASKED = {"fallen": ("decided_by", "fallen"), "alone": ("decided_by_alone", "stands_alone")}
#: Where an unknown is low: hollow; where it is high: full.
ENDS = ("low_third", "high_third")
#: So many unknowns are drawn, and whichever else can be told from chance: more fit on no page.
SHOWN = 24
_ROW = 0.34


def draw_unknowns(summary: Mapping[str, Any]) -> Figure:
    """Odds in the low and the high third of each unknown, the widest apart first; beside them the shares of variance."""
    mark = asked_of(summary)
    decided: Mapping[str, Share] = summary[ASKED[mark][0]]
    by: Mapping[str, Any] = summary["odds_by"]
    names = shown_of(summary, mark)
    left_out = say("unknowns.left_out", n=len(by) - len(names)) if len(names) < len(by) else ""
    luck = decided.get("luck", {}).get("share") is not None
    rows = len(names) + luck
    month = say.month(summary["odds"]["asked"][-1]["date"], long=True)
    labels = {name: capital(say.parameter(name)) for name in names}
    with style():
        left = widest(labels.values(), size=10) + 0.2 + MARGIN
        variance = any(decided.get(name) for name in names)
        figure, axes = page(
            Caption(title_of_unknowns(summary), say(f"unknowns.subtitle.{mark}", month=month), source_of_run(summary)),
            say("unknowns.thirds"),
            say(
                "unknowns.bold" if any(separable(summary, mark, name) for name in names) else "unknowns.none_bold", n=len(by)
            ),
            say("unknowns.variance") if variance else "",
            say("unknowns.luck") if luck else "",
            left_out,
            panels=1 + variance,
            columns=1 + variance,
            panel=(4.1, _ROW * rows),
            margins=(left, 0.35, 0.85, 0.6),
            gaps=(0.65, 0.0),
        )
        _tornado(axes[0], names, by, mark, rows)
        places = list(range(len(names))) + ([len(names)] if luck else [])
        told = [labels[name] for name in names] + ([capital(say("unknowns.luck_name"))] if luck else [])
        axes[0].set_yticks(places, told, size=10)
        for label, name in zip(axes[0].get_yticklabels(), names, strict=False):
            label.set_color(INK if separable(summary, mark, name) else QUIET)
            label.set_fontweight("bold" if separable(summary, mark, name) else "normal")
        _heads(axes[0], say(f"unknowns.odds.{mark}"), STATE_COLOURS[ASKED[mark][1]])
        if variance:
            _variance(axes[1], [*names, *(["luck"] if luck else [])], decided, mark, summary)
            _heads(axes[1], say(f"unknowns.explained.{mark}"))
        return figure


def asked_of(summary: Mapping[str, Any]) -> str:
    """What the unknowns are asked about: falling where one of them can be told apart, else standing alone."""
    for mark in ASKED:
        if any(separable(summary, mark, name) for name in summary["odds_by"]):
            return mark
    return max(reversed(ASKED), key=lambda mark: _widest(summary, mark))


def shown_of(summary: Mapping[str, Any], mark: str) -> list[str]:
    """The unknowns that are drawn: those whose ends are widest apart, and whichever else can be told from chance."""
    by = summary["odds_by"]
    names = sorted(by, key=lambda name: -abs(_apart(by[name], mark)))
    return names[:SHOWN] + [name for name in names[SHOWN:] if separable(summary, mark, name)]


def differ(summary: Mapping[str, Any]) -> bool:
    """Whether there is anything to draw: unknowns, at whose ends worlds do not all end alike."""
    return any(_widest(summary, mark) for mark in ASKED)


def _widest(summary: Mapping[str, Any], mark: str) -> float:
    return max((abs(_apart(ends, mark)) for ends in summary["odds_by"].values()), default=0.0)


def separable(summary: Mapping[str, Any], mark: str, name: str) -> bool:
    """Whether the interval of an unknown's share of variance lies above zero, and its ends do not overlap."""
    one, ends = summary[ASKED[mark][0]].get(name), summary["odds_by"].get(name)
    if not one or not ends or not one["low"]:
        return False
    low, high = sorted((ends["low_third"][mark], ends["high_third"][mark]), key=lambda share: share["share"])
    return bool(low["high"] < high["low"])


def _apart(ends: Mapping[str, Any], mark: str) -> float:
    return float(ends["high_third"][mark]["share"] - ends["low_third"][mark]["share"])


def _tornado(axis: Axes, names: list[str], by: Mapping[str, Any], mark: str, rows: int) -> None:
    colour = STATE_COLOURS[ASKED[mark][1]]
    for row, name in enumerate(names):
        ends = {third: by[name][third][mark] for third in ENDS}
        span = [one["share"] for one in ends.values()]
        axis.barh(row, max(span) - min(span), left=min(span), height=0.5, color=colour, alpha=0.22, zorder=2)
        for shift, (third, one) in zip((-0.13, 0.13), ends.items(), strict=True):
            axis.plot((one["low"], one["high"]), (row + shift,) * 2, color=colour, lw=1.6, alpha=0.6, zorder=3)
            axis.plot(one["share"], row + shift, ls="", zorder=4, clip_on=False, **_mark(third, colour))
    _percent(axis, rows)


def _mark(third: str, colour: str) -> dict[str, Any]:
    """The mark of an end, hollow or full."""
    return {"marker": "o", "ms": 6.5, "mfc": PAPER if third == "low_third" else colour, "mec": colour, "mew": 1.3}


def _variance(axis: Axes, names: list[str], decided: Mapping[str, Share], mark: str, summary: Mapping[str, Any]) -> None:
    for row, name in enumerate(names):
        one = decided.get(name)
        if not one:
            continue
        sure = name == "luck" or separable(summary, mark, name)
        axis.barh(row, one["share"], height=0.5, color=INK if sure else FAINT, zorder=2)
        axis.plot((one["low"], one["high"]), (row, row), color=QUIET, lw=1.6, zorder=3)
    _percent(axis, len(names))
    axis.set_yticks([])


def _percent(axis: Axes, rows: int) -> None:
    axis.set_xlim(0, 1)
    axis.set_ylim(rows - 0.5, -0.5)
    percent_ticks(axis.xaxis, ("0", "25", "50", "75", "100 %"))
    rule(axis, "x")


def _heads(axis: Axes, text: str, colour: str = "") -> None:
    """Name a panel, and under it the two ends."""
    put: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "annotation_clip": False}
    axis.annotate(text, (0, 1), xytext=(0, 30), size=11.5, weight="bold", color=INK, **put)
    if not colour:
        return
    figure, box = figure_of(axis), axis.get_position()
    wide, tall = figure.get_size_inches() * 72
    x = 0.0
    for third in ENDS:
        told = say(f"unknowns.{third}")
        put_mark(figure, box.x0 + (x + 4) / wide, box.y1 + 13.5 / tall, _mark(third, colour))
        axis.annotate(told, (0, 1), xytext=(x + 13, 10), size=9.5, color=INK, **put)
        x += 13 + 72 * written_width(figure, told, size=9.5) + 18


def title_of_unknowns(summary: Mapping[str, Any]) -> str:
    """The unknown on which it hangs most, with the odds at its ends as intervals; else that none can be told apart."""
    mark = asked_of(summary)
    found = [name for name in summary["odds_by"] if separable(summary, mark, name)]
    if not found:
        return say("unknowns.none")
    top = max(found, key=lambda name: abs(_apart(summary["odds_by"][name], mark)))
    ends = summary["odds_by"][top]
    low, high = (say.between(ends[third][mark]["low"], ends[third][mark]["high"]) for third in ENDS)
    return say(f"unknowns.found.{mark}", what=say.parameter(top), low=low, high=high)
