"""Response curves of a study: one number across, what else varies makes panels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perpetuum.model.observed.odds import NAMES
from perpetuum.model.words.speech import say
from perpetuum.model.worlds import Array
from perpetuum.runs.questions import cell_statistics, figure_sentences
from perpetuum.runs.questions.cell_statistics import Axis, Tally
from perpetuum.runs.questions.selection import View
from perpetuum.visualization.figures.layout import Caption
from perpetuum.visualization.figures.of_studies import panels as common
from perpetuum.visualization.figures.of_studies.panels import Drawn
from perpetuum.visualization.figures.response_curves import Curves, Line, response_figure
from perpetuum.visualization.figures.scales import share_of_worlds


def draw_curves(view: View, folder: Path, x: Axis, rest: Sequence[Axis]) -> Drawn:
    """Shares of the states with their intervals, or a metric's median with its bands, along one parameter."""
    quantity, axes, (places, kept) = view.quantity, [*rest, x], common.panels_of(rest)
    scale = common.scale_of(x, view)
    tallies = {name: cell_statistics.tally(view.worlds, axes, marks) for name, marks in common.marks_of(view).items()}
    spread = None if quantity.marked else common.month_safe(view, axes)
    panels, titles = [], []
    for place in places:
        tips = []
        if spread is None:
            lines = [share_line(name, tally.panel(*place)) for name, tally in tallies.items()]
            title, tip = figure_sentences.of_curve(quantity, x, tallies[quantity.name].panel(*place))
            titles.append(title)
            if tip is not None and tip.value is not None:
                tips.append((tip.value, tip.low, tip.high))
        else:
            lines = [amount_line(spread[place])]
        panels.append(Curves(common.panel_name(rest, place), scale, lines, tips))
    parameter = say.parameter(x.name)
    subtitle = say("plot.ends_with" if quantity.marked else "plot.by_alone", what=parameter)
    subtitle = say("plot.each", told=subtitle, what=figure_sentences.names_of(rest)) if rest else subtitle
    if spread is None:
        measure = share_of_worlds()
        title = titles[0] if not rest else _over_panels(view, rest, tallies[quantity.name])
        caveats = [common.interval_words(view, "bands")]
        if any(panel.tips for panel in panels):
            caveats.append(say("plot.ring"))
    else:
        measure = common.amount_measure(quantity.words, quantity, [spread[place] for place in places], from_zero=True)
        title = figure_sentences.of_amount(quantity, axes, spread[..., 2], sure=common.ends_apart(view, axes))
        subtitle = say("plot.half_line", told=subtitle, bands=say("fan.bands"))
        caveats = [say("figure.differ" if view.study.draws else "figure.noise")]
    numbers = {
        "x": common.levels_of(x),
        "panels": [
            {
                "cell": common.place_of(rest, place),
                "lines": {line.key or quantity.name: numbers_of(line) for line in panel.lines},
                "half": [{"value": value, "low": low, "high": high} for value, low, high in panel.tips],
            }
            for place, panel in zip(places, panels, strict=True)
        ],
    }
    caveats += [*common.caveats_of(view), kept]
    figure = response_figure(panels, measure, Caption(title, subtitle, common.source_of(view), caveats))
    return common.write(view, folder, "curves", figure, title, numbers)


def _over_panels(view: View, rest: Sequence[Axis], tally: Tally) -> str:
    return figure_sentences.of_extremes(view.quantity, rest, Tally(tally.marked.sum(axis=-2), tally.there.sum(axis=-2)))


def share_line(name: str, tally: Tally) -> Line:
    """The share of worlds in a state with its intervals, under the state's name."""
    spans = tally.intervals
    return Line(say(f"states.{NAMES[name]}"), name, tally.share, spans[..., 0], spans[..., 1])


def amount_line(spread: Array) -> Line:
    """A metric's median with the middle half and nine worlds in ten; `spread` (levels, 5)."""
    low, quarter, middle, three_quarters, high = (spread[..., k] for k in range(5))
    return Line("", "", middle, low, high, quarter, three_quarters)


def numbers_of(line: Line) -> dict[str, Any]:
    """A line as plain numbers."""
    told = {"middle": line.middle, "low": line.low, "high": line.high}
    if line.quarter is not None and line.three_quarters is not None:
        told |= {"quarter": line.quarter, "three_quarters": line.three_quarters}
    return told
