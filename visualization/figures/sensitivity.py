"""Which parameters matter: ranked Sobol indices with their convergence, and the screening that chose what they are about.

Everything is drawn from the summary of a sensitivity study.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perpetuum.model.words.speech import capital, say
from perpetuum.runs.questions.sensitivity import metric_of
from perpetuum.runs.questions.sensitivity_report import finding, largest, stands_out
from perpetuum.visualization.figures.layout import (
    MARGIN,
    apart,
    boxes,
    figure_of,
    footer,
    grown,
    heading,
    inches_of,
    legible,
    rule,
    save,
    style,
    wrapped,
    written_width,
)
from perpetuum.visualization.figures.palette import ARM_COLOURS, INK, PAPER, QUIET
from perpetuum.visualization.figures.sources import scenario_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Metric = Mapping[str, Any]  # a metric of a sensitivity study's summary

_WHOLE, _ALONE = "#B9CBD8", ARM_COLOURS["loose"]
#: Inches: a bar's row, what stands above and under the bars, the bars, a gap, the panel of convergence, and its margin.
_ROW, _ABOVE, _UNDER, _BARS, _BETWEEN, _GROWTH = 0.34, 1.25, 0.5, 2.7, 0.98, 1.55
_GAP = 0.14


def draw(summary: Mapping[str, Any], folder: Path) -> list[str]:
    """Draw what a sensitivity study found; returns the files."""
    files = []
    if any(one["morris"] for one in summary["metrics"].values()):
        files += save(screening_figure(summary), folder, "screening")
    return files + save(indices_figure(summary), folder, "sensitivity")


def _source(summary: Mapping[str, Any]) -> str:
    worlds = say.counted(summary["replicates"], "world")
    about = {"scenario": scenario_of(summary), "seed": summary["seed"], "months": say.counted(summary["months"], "month")}
    return say("sensitivity.figure.source", worlds=worlds, **about)


# --- Sobol --------------------------------------------------------------------------------------------------


def indices_figure(summary: Mapping[str, Any]) -> Figure:
    """Ranked indices of every metric, and beside them how they settled as the sample grew; of what nothing moves a sentence."""
    metrics: Mapping[str, Metric] = summary["metrics"]
    shown = [name for name, one in metrics.items() if one["sobol"]] or [*metrics]
    told = [finding(name, summary) for name in metrics if name not in shown]
    columns = min(len(shown), 2)
    names = summary["survivors"]
    with style():
        from matplotlib import pyplot as plt

        figure = plt.figure()
        room = (
            max((written_width(figure, f"9  {capital(say.parameter(name))}", size=10) for name in names), default=2.0) + _GAP
        )
        width = room + _BARS + _BETWEEN + _GROWTH + 0.25
        wide = 2 * MARGIN + columns * width + (columns - 1) * 2 * MARGIN
        bars = _ROW * max(len(names), 4)
        key, high = say("sensitivity.figure.key") if names else "", _ABOVE + bars + _UNDER
        places = boxes(len(shown), columns, (width, high), (2 * MARGIN, 0.25))
        places = grown(figure, wide, _title(summary), key, (*told, _source(summary)), places, high)
        tall = figure.get_size_inches()[1]
        for (x, y, broad), name in zip(places, shown, strict=True):
            left, bottom = MARGIN + x + room, y + _UNDER
            stretch = (broad - width + _BARS + _GROWTH) / (_BARS + _GROWTH)
            across, beside = _BARS * stretch, _GROWTH * stretch
            axis = figure.add_axes((left / wide, bottom / tall, across / wide, bars / tall))
            growth = figure.add_axes(((left + across + _BETWEEN) / wide, bottom / tall, beside / wide, bars / tall))
            _indices(figure, axis, name, summary, room, broad)
            _growth(growth, metrics[name], bars)
        return figure


def _title(summary: Mapping[str, Any]) -> str:
    """The parameter whose total index stands out on each metric, as a headline."""
    tops: dict[str, list[str]] = {}
    metrics = {name: one for name, one in summary["metrics"].items() if one["sobol"]}
    for name, metric in metrics.items():
        if top := stands_out(metric["sobol"]):
            tops.setdefault(top, []).append(metric_of(name).label.lower())
    if not metrics:
        return say("sensitivity.figure.nothing")
    if not tops:
        return say("sensitivity.figure.too_few", n=summary["samples"])
    parts = [
        say("sensitivity.figure.of", what=say.parameter(name), labels=say("list.comma").join(labels))
        for name, labels in sorted(tops.items(), key=lambda one: -len(one[1]))
    ]
    settled = all(one["convergence"]["converged"] for one in metrics.values())
    far = "" if settled else say("sensitivity.figure.far", n=summary["samples"])
    return say("sensitivity.figure.most", far=far, told=say("list.comma").join(parts))


def _ranked(metric: Metric) -> list[str]:
    """Parameters of a metric, the largest total index first."""
    return sorted(metric["sobol"], key=lambda name: -metric["sobol"][name]["ST"]["value"])


def _indices(figure: Figure, axis: Axes, name: str, summary: Mapping[str, Any], room: float, width: float) -> None:
    metric, about = summary["metrics"][name], metric_of(name)
    across, bars = inches_of(axis)

    def put(x: float, y: float, text: str, **look: Any) -> None:
        """Write at inches from the panel's left and above the bars."""
        axis.text((x - room) / across, 1 + y / bars, text, transform=axis.transAxes, **look)

    put(0, 0.80, about.label, size=13, weight="bold", color=INK)
    small = legible(figure, 9)
    put(0, 0.69, wrapped(figure, about.meaning, size=small, room=width), size=small, color=QUIET, va="top", linespacing=1.25)
    axis.set_yticks([])
    if not metric["sobol"]:
        put(0, 0.0, wrapped(figure, finding(name, summary), size=11, room=width - 0.2), size=11, va="top", linespacing=1.4)
        axis.axis("off")
        return
    ranked = _ranked(metric)
    for row, name in enumerate(ranked):
        total, first = metric["sobol"][name]["ST"], metric["sobol"][name]["S1"]
        axis.barh(row, max(total["value"], 0), height=0.62, color=_WHOLE, zorder=2)
        axis.barh(row, max(first["value"], 0), height=0.30, color=_ALONE, zorder=3)
        _interval(axis, row - 0.24, total)
        _interval(axis, row, first)
        put(
            0,
            -(row + 0.5) * bars / len(ranked),
            f"{row + 1}  {capital(say.parameter(name))}",
            size=10,
            color=INK,
            va="center",
        )
        text = f"{total['value']:.2f}".replace("-", "\N{MINUS SIGN}")
        put(room + across + 0.08, -(row + 0.5) * bars / len(ranked), text, size=10, weight="bold", color=INK, va="center")
    highest = max(
        (value for one in metric["sobol"].values() for value in (_end(one["ST"]["high"]), one["ST"]["value"])), default=1
    )
    axis.set_xlim(0, max(1.0, min(1.06 * highest, 1.6)))
    axis.set_ylim(len(ranked) - 0.5, -0.5)
    axis.set_xticks((0, 0.25, 0.5, 0.75, 1.0), ("0", "", "0.5", "", "1"))
    rule(axis, "x")
    axis.set_xlabel(say("sensitivity.figure.of_variance"), size=9.5, loc="left")


def _interval(axis: Axes, y: float, one: Mapping[str, float | None]) -> None:
    if one["low"] is not None and one["high"] is not None and math.isfinite(one["low"]) and math.isfinite(one["high"]):
        axis.plot((max(one["low"], 0), max(one["high"], 0)), (y, y), color=INK, lw=1.1, zorder=5, solid_capstyle="butt")


def _end(value: float | None) -> float:
    return value if value is not None and math.isfinite(value) else 0.0


def _growth(axis: Axes, metric: Metric, tall: float) -> None:
    """Total indices of growing parts of the sample: flat lines have settled."""
    found = metric["convergence"]
    axis.set_yticks([])
    if found is None:
        axis.axis("off")
        return
    samples = found["samples"]
    places = list(range(len(samples)))
    ranked = _ranked(metric)
    everything = [value for values in found["ST"].values() for value in values]
    low, high = min(0.0, *everything), min(1.1 * max(1.0, *everything), 2.0)
    gap = (high - low) * 0.15 / tall
    upwards, small = ranked[::-1], legible(figure_of(axis), 9)
    ends = apart([found["ST"][name][-1] for name in upwards], [gap] * len(upwards), low - gap, high + gap)
    for name, end in zip(upwards, ends, strict=True):
        axis.plot(places, found["ST"][name], color=_ALONE, lw=1.4, marker="o", ms=3.2, zorder=3, clip_on=False)
        axis.text(len(samples) - 0.86, end, f"{ranked.index(name) + 1}", size=small, color=INK, va="center", clip_on=False)
    axis.set_xlim(-0.3, len(samples) - 0.7)
    axis.set_ylim(low, high)
    axis.set_xticks(places, [f"{count}" for count in samples])
    axis.set_yticks((0, 0.5, 1.0), ("0", "0.5", "1"))
    rule(axis)
    axis.set_xlabel(say("sensitivity.figure.samples"), size=9.5, loc="left")
    verdict = say("sensitivity.figure.converged" if found["converged"] else "sensitivity.figure.not_converged")
    growing = say("sensitivity.figure.growing")
    axis.text(0, 1 + 0.18 / tall, growing, transform=axis.transAxes, size=small, color=QUIET, va="bottom")
    axis.text(0, 1 + 0.03 / tall, verdict, transform=axis.transAxes, size=small, weight="bold", color=INK, va="bottom")


# --- Morris -------------------------------------------------------------------------------------------------


def screening_figure(summary: Mapping[str, Any]) -> Figure:
    """Mean absolute effects of every parameter on every metric, relative to the largest; survivors in bold."""
    metrics: Mapping[str, Metric] = {name: one for name, one in summary["metrics"].items() if one["morris"]}
    relative = {
        name: {parameter_: _relative(one["morris"], parameter_) for parameter_ in one["morris"]}
        for name, one in metrics.items()
    }
    names = next(iter(relative.values()))
    order = sorted(names, key=lambda one: (-sum(row[one][0] for row in relative.values()), one))
    with style():
        from matplotlib import pyplot as plt

        figure = plt.figure()
        room = max(written_width(figure, name, size=9.5, weight="bold") for name in order) + 0.2
        column = 2.05
        wide = 2 * MARGIN + room + len(metrics) * (column + 0.3)
        rows = 0.235 * len(order)
        figure.set_size_inches(wide, 1.3 + 0.75 + rows + 0.95)
        parameters = say.counted(summary["screened"], "parameter")
        title = say("sensitivity.figure.screened", parameters=parameters, n=len(summary["survivors"]))
        below = say("sensitivity.figure.below")
        heading(figure, title, below, room=0.0)
        tall = figure.get_size_inches()[1]
        top = figure.subplotpars.top * tall - 0.72
        for place, (metric, values) in enumerate(relative.items()):
            left = MARGIN + room + place * (column + 0.3)
            axis = figure.add_axes((left / wide, (top - rows) / tall, column / wide, rows / tall))
            for row, name in enumerate(order):
                value, low, high = values[name]
                kept = name in summary["survivors"]
                axis.barh(row, value, height=0.6, color=_ALONE if kept else _WHOLE, zorder=2)
                axis.plot((max(low, 0), min(high, 1.25)), (row, row), color=INK, lw=0.9, zorder=3, solid_capstyle="butt")
                if place == 0:
                    y = 1 - (row + 0.5) / len(order)
                    weight = "bold" if kept else "normal"
                    axis.text(
                        -room / column, y, name, transform=axis.transAxes, size=9.5, va="center", weight=weight, color=INK
                    )
            axis.set_xlim(0, 1.25)
            axis.set_ylim(len(order) - 0.5, -0.5)
            axis.set_yticks([])
            axis.set_xticks((0, 0.5, 1), ("0", "0.5", "1"))
            rule(axis, "x")
            axis.set_facecolor(PAPER)
            axis.text(
                0, 1 + 0.34 / rows, metric_of(metric).label, transform=axis.transAxes, size=11.5, weight="bold", color=INK
            )
            told = largest(metric, summary)
            axis.text(0, 1 + 0.13 / rows, told, transform=axis.transAxes, size=9, color=QUIET)
        footer(figure, _source(summary))
        return figure


def _relative(morris: Mapping[str, Mapping[str, float]], name: str) -> tuple[float, float, float]:
    largest = max(one["mu_star"] for one in morris.values()) or 1.0
    one = morris[name]
    return one["mu_star"] / largest, _end(one["low"]) / largest, _end(one["high"]) / largest
