"""One channel at a time: months of life that a tightening costs through each way alone, as points with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from perpetuum.model.words.speech import capital, say
from perpetuum.runs.questions.channels import counts_of, headline, sign_of
from perpetuum.visualization.figures.layout import Caption, page, rule, style, widest
from perpetuum.visualization.figures.life_lost import within_of, worlds_between
from perpetuum.visualization.figures.palette import FAINT, INK, PAPER, QUIET, STATE_COLOURS
from perpetuum.visualization.figures.scales import panel_names
from perpetuum.visualization.figures.sources import source_of_run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Panels in a row, inches that a channel's row is high, and a panel wide.
_BESIDE, _ROW, _WIDE = 3, 0.36, 2.5
#: Colours of what lengthens life, cannot be told from nothing, and costs life.
_COLOURS = {-1: STATE_COLOURS["stands_alone"], 0: QUIET, 1: STATE_COLOURS["fallen"]}


def draw_channels(summary: Mapping[str, Any]) -> Figure:
    """Months of life lost (across) by channel (down), a panel a start; all channels together stand on top."""
    found = summary["channels"]
    starts, rows = found["starts"], found["rows"]
    names = [capital(say(f"channel.{row['channel']}")) for row in rows]
    columns = min(len(starts), _BESIDE)
    with style():
        left = widest(names, size=10, weight="bold")
        written = say.several_months([cell for row in rows for cell in row["cells"]])
        right = widest(written, size=8.5, weight="bold")
        about = {"strength": found["strength"], "worlds": worlds_between(counts_of(found))}
        figure, axes = page(
            Caption(headline(summary), say("channels.subtitle", **about), source_of_run(summary)),
            say("channels.marks", within=within_of(summary, found)),
            panels=len(starts),
            columns=columns,
            panel=(_WIDE, _ROW * len(rows)),
            margins=(left + 0.4, right + 0.35, 0.4, 0.72),
            gaps=(right + 0.35, 1.1),
        )
        limits = _limits(rows)
        for place, (axis, start) in enumerate(zip(axes, starts, strict=True)):
            _panel(axis, [row["cells"][place] for row in rows], written[place :: len(starts)], limits, found["worlds"])
            axis.set_yticks(range(len(rows)), names if place % columns == 0 else [""] * len(rows), color=INK)
            axis.tick_params(axis="y", length=0, pad=6, labelsize=10)
            panel_names(axis, say("channels.panel", start=say.month_of(summary["first_month"], start)))
            axis.set_xlabel(say("channels.measure"), loc="left", size=9.5, color=INK, labelpad=4)
        return figure


def _limits(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Where the scale begins and ends: it shows whatever single channels do, all of them together only as far as that."""
    ends = [0.0]
    for row in rows[1:]:
        for cell in row["cells"]:
            ends += [end for one in (cell, cell["unconditional"]) for end in (one["low"], one["high"]) if end is not None]
    pad = max(0.06 * (max(ends) - min(ends)), 0.5)
    return min(ends) - pad, max(ends) + pad


def _panel(
    axis: Axes, cells: Sequence[Mapping[str, Any]], written: Sequence[str], limits: tuple[float, float], worlds: int
) -> None:
    axis.set_xlim(*limits)
    axis.set_ylim(len(cells) - 0.5, -0.5)
    rule(axis, "x")
    axis.axvline(0.0, color=INK, lw=1.0, zorder=1)
    axis.axhline(0.5, color=FAINT, lw=1.0, zorder=1)
    for row, cell in enumerate(cells):
        if cell["months"] is None:
            continue
        sign = sign_of(cell, worlds)
        _point(axis, row + 0.19, cell["unconditional"], QUIET, PAPER, 4.5)
        _point(axis, row - 0.1, cell, _COLOURS[sign], _COLOURS[sign], 6.5)
        axis.annotate(
            written[row], (1.0, row), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", va="center", size=8.5, color=_COLOURS[sign] if sign else INK,
            weight="bold" if sign else "normal", annotation_clip=False,
        )  # fmt: skip


def _point(axis: Axes, up: float, one: Mapping[str, float], colour: str, face: str, size: float) -> None:
    """A mean with its interval, as far as the scale goes; an arrow at its end where the mean lies beyond."""
    low, high = axis.get_xlim()
    ends = [min(max(one[end], low), high) for end in ("low", "high")]
    axis.plot(ends, (up, up), color=colour, lw=2.6 if face == colour else 1.2, alpha=0.5, solid_capstyle="butt", zorder=2)
    at = min(max(one["months"], low), high)
    marker = "o" if low <= one["months"] <= high else ">" if one["months"] > high else "<"
    axis.plot(at, up, marker, ms=size, color=colour, mfc=face, mec=colour, mew=1.1, clip_on=False, zorder=3)
