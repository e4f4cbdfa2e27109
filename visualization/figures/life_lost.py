"""Life lost: a heat map of months of life that a tightening costs, by when it begins and how hard it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.odds import FEWEST
from perpetuum.model.words.speech import say
from perpetuum.visualization.figures.layout import Caption, beside, page, style
from perpetuum.visualization.figures.palette import FAINT, INK, PAPER
from perpetuum.visualization.figures.scales import Measure, Scale, colour_key, dress_x, notes, panel_names
from perpetuum.visualization.figures.sources import source_of_run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: More rows or columns than this are not written out.
_MANY = 12
#: More columns than this have no room for intervals.
_WIDE = 6
#: Inches that a cell without its interval is wide.
_CELL = 0.42
#: Fewer months than this are none.
_NOTHING = 0.05


def draw_life_lost(summary: Mapping[str, Any]) -> Figure:
    """Months of life lost over start (up) and strength (across): within five years of the start, and to the end beside it."""
    found = summary["life_lost_map"]
    tables = {key: np.array(found[key], dtype=np.float64) for key in ("months", "unconditional")}
    starts = [say.month_of(summary["first_month"], start) for start in found["starts"]]
    scale = Scale(
        name="funding.tightening",
        words=say("rungs.scale"),
        levels=tuple(found["strengths"]),
        note=at_full(summary),
        marks={one["name"]: one["theta"] for one in summary["history"]},
        like=(summary.get("like") or {}).get("name", ""),
    )
    measure = _measure([value for table in tables.values() for value in table[np.isfinite(table)].tolist()])
    rows = len(starts)
    with style():
        subtitle = say("lost.subtitle", worlds=_worlds_told(summary, found))
        figure, axes = page(
            Caption(title_of_life_lost(summary), subtitle, source_of_run(summary)),
            _compared(summary, found),
            _intervals_of(found),
            say("list.stop", sentence=backwards_of(found)) if backwards_of(found) else "",
            notes((scale,)),
            panels=2,
            columns=2,
            panel=(max(3.7, _CELL * min(len(found["strengths"]), _MANY)), max(0.45 * min(rows, _MANY), 0.9)),
            margins=(0.95, 0.5, 0.98, 1.35),
            gaps=(0.55, 0.0),
        )
        names = {"months": say("lost.within", within=within_of(summary, found)), "unconditional": say("lost.unconditional")}
        if _to_the_end(summary, found):  # as the other panel does
            names = {"months": say("lost.within_all"), "unconditional": say("lost.all_worlds")}
        for axis, (key, table) in zip(axes, tables.items(), strict=True):
            ends = [found[end] for end in (("low", "high") if key == "months" else (f"{key}_low", f"{key}_high"))]
            picture = _cells(axis, scale, table, measure, ends, sure_of(found) if key == "months" else None)
            axis.set_yticks(range(rows), starts if key == "months" else [""] * rows)
            dress_x(axis, scale)
            panel_names(axis, names[key], raised=True)
        colour_key(beside(axes[0], x=0, y=-0.98, wide=3.2, tall=0.13), picture, measure)
        return figure


def _measure(values: Sequence[float]) -> Measure:
    """Months that are lost, and those that are gained where a cell says so; a month at least, so that nothing looks like much."""
    low, high = min(0.0, *values), max(1.0, *values)
    if low > -_NOTHING:
        return Measure(say("lost.measure"), "", 0.0, high, hue="fallen", signed=True)
    return Measure(say("lost.measure_gained"), "", low, high, hue="fallen", signed=True)


def at_full(summary: Mapping[str, Any]) -> str:
    """What full tightening is: how far rates and spreads rise, and how much venture money dries up; "" of an older run."""
    if not (full := summary.get("at_full_tightening")):
        return ""
    venture = say.percent(full["venture_lost"])
    return say("rungs.note", theta=1.0, rate=full["rate_bp"], spread=full["spread_bp"], venture=venture)


def _worlds_told(summary: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """How many worlds a cell has, and of how many of the run where it has fewer."""
    if found["worlds"] >= summary["worlds"]:
        return worlds_of(found)
    fewest, most = min(_counts(found)), max(_counts(found))
    told = f"{most}" if fewest == most else say("number.between", low=fewest, high=most)
    return say("lost.worlds_of", told=told, n=summary["worlds"])


def _counts(found: Mapping[str, Any]) -> list[int]:
    """How many worlds each cell has."""
    return [number for row in found.get("pairs", ()) for number in row] or [found["worlds"]]


def _to_the_end(summary: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether life is counted to the end of the run from every start."""
    return bool(summary["months"] <= found["starts"][0] + found["within"])


def _compared(summary: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Which worlds each panel counts, and whether early and late starts compare: not where the run cuts late ones short."""
    if _to_the_end(summary, found):
        return say("lost.note_to_the_end")
    cut = [start for start in found["starts"] if start + found["within"] > summary["months"]]
    if not cut:
        return say("lost.note")
    return say("lost.note_cut", start=say.month_of(summary["first_month"], cut[0], long=True))


def _intervals_of(found: Mapping[str, Any]) -> str:
    """What the small figures and the bold ones of the cells are; nothing where there are none."""
    if not np.any(found["high"]):
        return ""
    if not sure_of(found).any():
        return say("lost.not_bold") if _roomy(found) else ""
    return say("lost.bold" if _roomy(found) else "lost.bold_alone")


def within_of(summary: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """In what time life is counted: 60 months of the start, or less where the run ends before."""
    if _to_the_end(summary, found):
        return say("lost.span_run")
    whole = max(found["starts"]) + found["within"] <= summary["months"]
    return say("lost.span" if whole else "lost.span_cut", months=say.counted(found["within"], "month"))


def worlds_of(found: Mapping[str, Any]) -> str:
    """How many worlds a cell has: of late starts fewer, since those that have fallen by then do not count."""
    return worlds_between(_counts(found))


def worlds_between(counts: Sequence[int]) -> str:
    """How many worlds cells have: a number, or a range where they differ."""
    fewest, most = min(counts), max(counts)
    return say.counted(most, "world") if fewest == most else say("lost.worlds", low=fewest, high=most)


def backwards_of(found: Mapping[str, Any]) -> str:
    """In how many worlds more is not worse; "" where there is one strength alone, and of a run of an earlier day."""
    if "backwards" not in found or len(found["strengths"]) == 1:
        return ""
    most, of = max((number, pairs[0]) for number, pairs in zip(found["backwards"], found["pairs"], strict=True))
    return say("lost.backwards", most=most, of=of)


def _roomy(found: Mapping[str, Any]) -> bool:
    """Whether cells have room for their intervals."""
    return len(found["strengths"]) <= _WIDE


def sure_of(found: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """Cells that lose more than chance would bring in any of so many."""
    sure = np.array(found["beyond_chance"], dtype=bool)
    return sure if found["worlds"] >= FEWEST else np.zeros(sure.shape, dtype=bool)


def sure_to_the_end(found: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """The same of all worlds, to the end of the run."""
    return sure_of({**found, "beyond_chance": found["unconditional_beyond_chance"]})


def _cells(axis: Axes, scale: Scale, table: Any, measure: Measure, ends: Sequence[Any], sure: Any) -> Any:
    """Colour the cells and write their months into them, with their intervals where there is room; bold where `sure`."""
    roomy = table.shape[1] <= _WIDE
    borders = np.arange(len(table) + 1) - 0.5
    first, last = measure.ends
    picture = axis.pcolormesh(scale.edges, borders, table, cmap=measure.colours, vmin=first, vmax=last, ec=PAPER, lw=1.2)
    axis.set_facecolor(FAINT)
    axis.invert_yaxis()
    axis.spines["bottom"].set_visible(False)
    axis.tick_params(length=0)
    if max(table.shape) > _MANY:
        return picture
    for row, line in enumerate(table):
        for column, value in enumerate(line):
            span = [end[row][column] for end in ends] if roomy else []
            told = [_months(end) for end in span if end is not None] if any(span) else []
            look: dict[str, Any] = {"ha": "center", "color": PAPER if measure.dark(value) else INK}
            if np.isfinite(value):
                bold = "bold" if sure is not None and sure[row, column] else "normal"
                up = row - 0.14 if told else row
                axis.text(scale.values[column], up, _months(value), va="center", size=9.5, weight=bold, **look)
            if told:
                axis.text(
                    scale.values[column],
                    row + 0.27,
                    say("number.between", low=told[0], high=told[1]),
                    va="center",
                    size=7.5,
                    **look,
                )
    return picture


def _months(value: float) -> str:
    return "0" if abs(value) < _NOTHING else f"{value:.1f}".replace("-", "−")


def _range(low: float, high: float) -> str:
    """Months in a headline, whole ones from one on."""
    ends = list(dict.fromkeys(f"{end:.0f}" if end >= 0.95 else f"{end:.1f}" for end in (low, high)))
    return ends[0] if len(ends) == 1 else say("number.between", low=ends[0], high=ends[1])


def title_of_life_lost(summary: Mapping[str, Any]) -> str:
    """From which strength on a tightening costs life that chance does not explain, and the most that it costs."""
    found = summary["life_lost_map"]
    if found["worlds"] < FEWEST:
        return say("lost.neutral")
    sure = sure_of(found)
    if not any(np.any(np.array(found[part], dtype=np.float64) != 0) for part in ("unconditional_low", "unconditional_high")):
        return say("lost.no_life", worlds=say.counted(found["worlds"], "world"))
    if not sure.any():
        return say("lost.nowhere", worlds=worlds_of(found))
    strengths: Sequence[float] = found["strengths"]
    costly = [int(place) for place in np.flatnonzero(sure.any(axis=0))]
    least = strengths[costly[0]]
    months = np.where(sure, np.array(found["months"], dtype=np.float64), -np.inf)
    row, column = divmod(int(np.argmax(months)), months.shape[1])
    told = {
        "start": say.month_of(summary["first_month"], found["starts"][row], long=True),
        "months": _range(found["low"][row][column], found["high"][row][column]),
        "span": _span(min(found["within"], summary["months"] - found["starts"][row])),
        "least": f"{least:g}",
        "degrees": say.listed([f"{strengths[k]:g}" for k in costly], last="or"),
        "theta": f"{strengths[column]:g}",
    }
    if least == strengths[0]:
        return say("lost.found", **told)
    if least == strengths[-1] == 1:
        return say("lost.only_full", **told)
    return say("lost.only" if len(costly) == len(strengths) - costly[0] else "lost.only_at", **told)


def _span(months: int) -> str:
    """A time in whole years, or in months where it is not whole years."""
    return say("lost.years", n=months // 12) if months % 12 == 0 else say.counted(months, "month")
