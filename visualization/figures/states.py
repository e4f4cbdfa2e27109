"""The states over time: which share of the worlds has fallen, is smaller, stands alone or spins, as asked and loose."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.words.speech import capital, say
from perpetuum.model.worlds import Array
from perpetuum.visualization.figures.layout import Caption, apart, inches_of, page, percent_ticks, style, years
from perpetuum.visualization.figures.palette import INK, PAPER, QUIET, STATE_COLOURS
from perpetuum.visualization.figures.sources import source_of_run, spread_note
from perpetuum.visualization.figures.tight_window import Window, bracket

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Entry = Mapping[str, Any]  # of summary["odds"]: month, date and a share with its interval by state

#: From the ground up, as they are stacked: the name in the odds, and that of its colour.
STACKED = {"alone": "stands_alone", "smaller": "smaller", "spinning": "spinning", "fallen": "fallen"}
#: Intervals wider than this carry no headline.
_WIDEST = 0.4


def draw_states(summary: Mapping[str, Any], window: Window | None) -> Figure:
    """Stacked shares of the states by month, a panel an arm; numbers at the last month judged, with their intervals."""
    arms = ("asked", "loose") if summary["tightening"]["within_run"] else ("asked",)
    odds: Mapping[str, Sequence[Entry]] = summary["odds"]
    dates = [datetime.date.fromisoformat(entry["date"]) for entry in odds["asked"]]
    several = summary["worlds"] > 1
    with style():
        figure, axes = page(
            Caption(title_of_states(summary), say("states.subtitle"), source_of_run(summary)),
            say("states.intervals") if several else "",
            spread_note(summary),
            panels=len(arms),
            columns=len(arms),
            panel=(3.75 if len(arms) > 1 else 8.0, 3.9),
            margins=(0.55, 1.85, 0.8 if len(arms) > 1 else 0.5, 0.42),
            gaps=(2.15, 0.0),
        )
        for axis, arm in zip(axes, arms, strict=True):
            shares = {name: np.array([entry[name]["share"] for entry in odds[arm]]) for name in STACKED}
            _bands(axis, dates, shares)
            years(axis, dates)
            if arm == "asked":
                bracket(axis, dates, window)
            if len(arms) > 1:
                axis.set_title(capital(say(f"figure.{_ARMS[arm]}")), size=11.5, weight="bold", color=INK, loc="left", pad=27)
            _label_bands(axis, odds[arm][-1], several)
        return figure


_ARMS = {"asked": "as_asked", "loose": "loose"}


def _bands(axis: Axes, dates: Sequence[datetime.date], shares: Mapping[str, Array]) -> None:
    bottom = np.zeros(len(dates))
    for name, state in STACKED.items():
        top = bottom + shares[name]
        axis.fill_between(dates, bottom, top, color=STATE_COLOURS[state], lw=0.4, edgecolor=PAPER)  # type: ignore[arg-type]
        bottom = top
    axis.set_ylim(0, 1)
    percent_ticks(axis.yaxis)


def _label_bands(axis: Axes, last: Entry, several: bool) -> None:
    """Name each band where it ends, with its share and, smaller, the interval; moved apart where they would touch."""
    there = [name for name in STACKED if last[name]["share"] > 0]
    tops = np.cumsum([last[name]["share"] for name in there])
    middles = [float(top) - last[name]["share"] / 2 for name, top in zip(there, tops, strict=True)]
    tall = inches_of(axis)[1]
    sizes = [(0.52 if several else 0.4) / tall] * len(there)
    for name, middle, place in zip(there, middles, apart(middles, sizes, 0.0, 1.0), strict=True):
        colour = STATE_COLOURS[STACKED[name]]
        axis.plot((1.0, 1.02, 1.05), (middle, place, place), transform=axis.transAxes, color=colour, lw=1.6, clip_on=False)
        one = last[name]
        put: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "annotation_clip": False}
        at, name_at = (1.065, place), ((0, -3), "bottom") if several else ((0, 0), "center")
        told = f"{say.share(one['share'])}  {say(f'states.{name}')}"
        axis.annotate(told, at, xytext=name_at[0], va=name_at[1], size=10, weight="bold", color=INK, **put)
        if several:
            axis.annotate(say.span(one["low"], one["high"]), at, xytext=(0, -4), va="top", size=8.5, color=QUIET, **put)


def title_of_states(summary: Mapping[str, Any]) -> str:
    """The odds at the last month judged, told as intervals; a neutral title where they are too wide to say anything."""
    last = summary["odds"]["asked"][-1]
    month = say.month(last["date"], long=True)
    if summary["worlds"] == 1:
        state = next(name for name in STACKED if last[name]["share"])
        return say(f"states.single.{state}", month=month)
    first, second = sorted(STACKED, key=lambda name: -last[name]["share"])[:2]
    if last[first]["high"] - last[first]["low"] > _WIDEST:
        return say("states.neutral", worlds=say.counted(summary["worlds"], "world"))
    if last[second]["share"] == 0:
        return say("states.all", month=month, what=say(f"states.do.{first}"), n=summary["worlds"])
    ends = [say.between(last[name]["low"], last[name]["high"]) for name in (first, second)]
    what, then = (say(f"states.do.{name}") for name in (first, second))
    return say("states.both", month=month, most=ends[0], what=what, next=ends[1], then=then)
