"""Phase diagrams of a study: two numbers span them, what else varies makes panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from perpetuum.model.observed.states import STATES
from perpetuum.model.words.speech import say
from perpetuum.model.worlds import Array
from perpetuum.runs.questions import cell_statistics, figure_sentences
from perpetuum.runs.questions.cell_statistics import Axis, Doubt, Tally
from perpetuum.runs.questions.selection import View
from perpetuum.visualization.figures.layout import Caption
from perpetuum.visualization.figures.of_studies import panels as common
from perpetuum.visualization.figures.of_studies.panels import Drawn
from perpetuum.visualization.figures.phase_diagrams import EndingsMap, Panel, Surface, phase_figure
from perpetuum.visualization.figures.scales import Measure


def draw_phase(view: View, folder: Path, x: Axis, y: Axis, rest: Sequence[Axis]) -> list[Drawn]:
    """A share with its 50 % line and the endings beside it, or a metric's median and how far worlds differ.

    With a third parameter the endings have a figure of their own.
    """
    surfaces, numbers, title, caveats = (_shares if view.quantity.marked else _amounts)(view, x, y, rest)
    over = figure_sentences.names_of((x, y, *rest))
    subtitle = say("plot.over", words=view.quantity.words, what=over)
    if rest and view.quantity.marked:
        subtitle = say("plot.all_of_panel", told=subtitle)
    places, kept = common.panels_of(rest)
    scales, source = (common.scale_of(x, view), common.scale_of(y, view)), common.source_of(view)
    frame = {
        "x": common.levels_of(x),
        "y": common.levels_of(y),
        "panels": [common.place_of(rest, place) for place in places],
    }
    caveats += [*common.caveats_of(view), kept]
    maps: list[EndingsMap] = []
    told: dict[str, Any] = {}
    if view.quantity.marked:
        endings = cell_statistics.commonest(view.worlds, [*rest, y, x])
        maps = [
            EndingsMap(
                common.panel_name(rest, place) or say("plot.most_end"),
                endings.state[place],
                endings.share[place],
            )
            for place in places
        ]
        told = {
            "commonest": [one.state for one in maps],
            "commonest_share": [one.share for one in maps],
        }
    pictures: list[Panel] = list(surfaces)
    if maps and not rest:
        pictures += maps
        numbers |= told
        subtitle = say("plot.and_most_end", told=subtitle)
    figure = phase_figure(pictures, *scales, Caption(title, subtitle, source, caveats))
    drawn = [common.write(view, folder, "phase", figure, title, frame | numbers)]
    if maps and rest:
        title, subtitle = _endings_title(view), say("plot.most_end_over", what=over)
        figure = phase_figure(maps, *scales, Caption(title, subtitle, source, [*common.caveats_of(view), kept]))
        drawn.append(common.write(view, folder, "endings", figure, title, frame | told))
    return drawn


Parts = tuple[list[Surface], dict[str, Any], str, list[str]]


def _shares(view: View, x: Axis, y: Axis, rest: Sequence[Axis]) -> Parts:
    """Surfaces of a share of worlds, their numbers, the finding, and what the line is."""
    quantity, (places, _) = view.quantity, common.panels_of(rest)
    tally = cell_statistics.tally(view.worlds, [*rest, y, x], quantity.of(view.worlds))
    measure = Measure(quantity.words, "share", 0.0, 1.0, quantity.name)
    surfaces, numbers = [], []
    for place in places:
        here = tally.panel(*place)
        lines, doubt = half_line(x, y, here)
        band = () if doubt is None else (doubt.x, doubt.y, doubt.above)
        surfaces.append(
            Surface(
                common.panel_name(rest, place) or quantity.words,
                measure,
                here.share,
                say.percent(cell_statistics.HALF),
                lines,
                *band,
            )
        )
        one = {"worlds": here.worlds, "share": here.share, "half": lines}
        numbers.append(one | {"half_between": [] if doubt is None else list(doubt.edges)})
    title = figure_sentences.of_surface(quantity, x, y, tally) if not rest else _over_panels(view, rest, tally)
    caveats = []
    if any(one.band is not None for one in surfaces):
        caveats.append(say("plot.line_sure", several=quantity.verb["several"], resamples=cell_statistics.RESAMPLES))
    if _undrawn(x, y, [tally.panel(*place) for place in places]):
        caveats.append(say("plot.no_line", several=quantity.verb["several"]))
    return surfaces, {"surfaces": numbers}, title, caveats


def half_line(x: Axis, y: Axis, tally: Tally) -> tuple[list[Array], Doubt | None]:
    """The line on which half of a panel's worlds are marked, and how sure it is; none where chance alone may have drawn it.

    Chance may, where no two cells differ by more than their intervals, and where the line may lie anywhere.
    """
    if not np.nanmax(tally.share) > 0 or tally.within_chance:
        return [], None
    doubt = cell_statistics.resample(x.values, y.values, tally)
    if doubt is None or not any(doubt.edges):
        return [], None
    return cell_statistics.half_lines(x.values, y.values, tally.share), doubt


def _undrawn(x: Axis, y: Axis, tallies: Sequence[Tally]) -> bool:
    """Whether a panel's cells lie on both sides of one half, and yet no line is drawn between them."""
    return any(
        bool(cell_statistics.half_lines(x.values, y.values, one.share)) and half_line(x, y, one)[1] is None
        for one in tallies
    )


def _amounts(view: View, x: Axis, y: Axis, rest: Sequence[Axis]) -> Parts:
    """Surfaces of a metric's median, and of its spread where there is room; their numbers, the finding, what the line is."""
    quantity, axes, (places, _) = view.quantity, [*rest, y, x], common.panels_of(rest)
    spread = common.month_safe(view, axes)
    falls = cell_statistics.tally(view.worlds, axes, cell_statistics.state_marks(view.worlds, "fallen"))
    low, median, high = spread[..., 0], spread[..., 2], spread[..., -1]
    measure = common.amount_measure(say("plot.median", words=quantity.words), quantity, [median[place] for place in places])
    surfaces, numbers = [], []
    for place in places:
        lines, _ = half_line(x, y, falls.panel(*place))
        name = common.panel_name(rest, place) or say("plot.median_world")
        surfaces.append(Surface(name, measure, median[place], say("plot.half_fall"), lines))
        one = {"median": median[place], "low": low[place], "high": high[place], "half_fallen": lines}
        numbers.append(one | {"worlds": falls.panel(*place).worlds})
    caveats = [say("plot.line_falls")] if any(one.lines for one in surfaces) else []
    if _undrawn(x, y, [falls.panel(*place) for place in places]):
        caveats.append(say("plot.no_line", several=say("several_do.fallen")))
    if not np.isfinite(median).all():
        caveats.append(say("plot.blank"))
    if not rest:
        apart = replace(quantity, unit="months") if quantity.sometimes else quantity
        wide = common.amount_measure(say("plot.between"), apart, [high - low])
        surfaces.append(Surface(say("plot.differ"), wide, high - low))
    return (
        surfaces,
        {"surfaces": numbers},
        figure_sentences.of_amount(quantity, axes, median, sure=common.ends_apart(view, axes)),
        caveats,
    )


def _over_panels(view: View, rest: Sequence[Axis], tally: Tally) -> str:
    """Where most and fewest worlds are marked, counting all worlds of each panel."""
    axes = tuple(range(len(rest), tally.marked.ndim - 1))
    return figure_sentences.of_extremes(view.quantity, rest, Tally(tally.marked.sum(axis=axes), tally.there.sum(axis=axes)))


def _endings_title(view: View) -> str:
    shares = {name: float((view.worlds["state"] == name).mean()) for name in STATES}
    ordered = sorted((name for name in STATES if shares[name] > 0), key=lambda name: -shares[name])
    told = [say("plot.of_all", share=say.percent(shares[name]), several=say(f"several_do.{name}")) for name in ordered]
    return say("plot.in_all", told=say.listed(told))
