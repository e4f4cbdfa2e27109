"""Points of a study whose varied parameters are words: a row for each combination."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np

from perpetuum.model.observed.odds import NAMES
from perpetuum.model.words.speech import capital, say
from perpetuum.runs.questions import cell_statistics, figure_sentences
from perpetuum.runs.questions.selection import View
from perpetuum.visualization.figures.layout import Caption
from perpetuum.visualization.figures.of_studies import panels as common
from perpetuum.visualization.figures.of_studies.curves import amount_line, numbers_of, share_line
from perpetuum.visualization.figures.of_studies.panels import Drawn
from perpetuum.visualization.figures.response_curves import Line, Row, points_figure
from perpetuum.visualization.figures.scales import Measure, notes


def draw_points(view: View, folder: Path) -> Drawn:
    """Shares of the states, or a metric's median, with intervals, for each combination of levels."""
    quantity, axes = view.quantity, view.axes
    *outer, inner = axes
    tallies = {name: cell_statistics.tally(view.worlds, axes, marks) for name, marks in common.marks_of(view).items()}
    spread = None if quantity.marked else common.month_safe(view, axes)
    rows, numbers = [], []
    for place in itertools.product(*(range(len(axis)) for axis in axes)):
        if spread is None:
            lines = [_with_numbers(share_line(name, tally.panel(*place))) for name, tally in tallies.items()]
        else:
            line = amount_line(spread[place][None, :])
            median = float(line.middle[0])
            lines = [replace(line, label=say.amount(median, quantity.unit) if np.isfinite(median) else say("plot.no_world"))]
        rows.append(Row(common.panel_name(outer, place[:-1]), capital(figure_sentences.level(inner, place[-1])), lines))
        one = {line.key or quantity.name: numbers_of(line) for line in lines}
        numbers.append({"cell": common.place_of(axes, place), "lines": one})
    if spread is None:
        measure = Measure(quantity.words, "share", 0.0, 1.0)
        columns = [capital(say(f"states.{NAMES[name]}")) for name in tallies]
        title = figure_sentences.of_extremes(quantity, axes, tallies[quantity.name])
        caveats = [common.interval_words(view, "lines")]
    else:
        measure = common.amount_measure(quantity.words, quantity, [spread], from_zero=True)
        columns = [""]
        title = figure_sentences.of_amount(quantity, axes, spread[..., 2], sure=common.ends_apart(view, axes))
        caveats = [say("figure.differ" if view.study.draws else "figure.noise")]
    subtitle = say("plot.ends_by" if quantity.marked else "plot.by_alone", what=figure_sentences.names_of(axes))
    if spread is not None:
        subtitle = say("plot.half_line", told=subtitle, bands=say("plot.point"))
    caveats += [*common.caveats_of(view), notes([common.scale_of(axis, view) for axis in axes])]
    figure = points_figure(rows, columns, measure, Caption(title, subtitle, common.source_of(view), caveats))
    return common.write(view, folder, "points", figure, title, {"rows": numbers})


def _with_numbers(line: Line) -> Line:
    """Put a share and its interval beside its point."""
    share, low, high = (float(values) for values in (line.middle, line.low, line.high))
    told = say.interval({"share": share, "low": low, "high": high}) if np.isfinite(share) else say("plot.no_world")
    return Line(told, line.key, *np.array([[share], [low], [high]]))
