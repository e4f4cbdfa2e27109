"""Figures of a sampled study, which has no grid: a curve over each parameter, or its cells over two of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from perpetuum.model.scenario import InputError
from perpetuum.model.words.speech import capital, say
from perpetuum.model.worlds import Array
from perpetuum.runs.questions import cell_statistics, figure_sentences
from perpetuum.runs.questions.cell_statistics import Axis
from perpetuum.runs.questions.selection import View
from perpetuum.visualization.figures.layout import Caption
from perpetuum.visualization.figures.of_studies import panels as common
from perpetuum.visualization.figures.of_studies.curves import amount_line, numbers_of, share_line
from perpetuum.visualization.figures.of_studies.panels import MOST_PANELS, Drawn
from perpetuum.visualization.figures.response_curves import Curves, response_figure, scatter_figure
from perpetuum.visualization.figures.scales import Measure, share_of_worlds

#: Standard errors that two of four means must lie apart: 95 % among six pairs.
_Z = 2.64


def draw_sampled(view: View, folder: Path) -> list[Drawn]:
    """Curves over the parameters that matter most; with two parameters also the cells over both."""
    two = len(view.axes) == 2
    if two and not all(axis.numeric for axis in view.axes):
        two = False
    drawn = [_curves(view, folder)]
    return [*drawn, _scatter(view, folder)] if two else drawn


def _curves(view: View, folder: Path) -> Drawn:
    """Worlds in groups along each parameter, most telling parameter first."""
    quantity = view.quantity
    values = np.asarray(quantity.of(view.worlds), dtype=np.float64)
    groups = {axis.name: cell_statistics.grouped(view.worlds, axis.name) for axis in view.axes}
    telling = {name: cell_statistics.explained(one, values) for name, one in groups.items()}
    ordered = sorted(view.axes, key=lambda axis: -telling[axis.name])
    shown = ordered[:MOST_PANELS]
    panels, numbers = [], []
    for axis in shown:
        one = groups[axis.name]
        placed = view.worlds.assign(
            **{axis.name: one.axis.values[one.of_world] if one.axis.numeric else view.worlds[axis.name]}
        )
        if quantity.marked:
            tallies = {
                name: cell_statistics.tally(placed, [one.axis], marks) for name, marks in common.marks_of(view).items()
            }
            lines = [share_line(name, tally) for name, tally in tallies.items()]
        else:
            lines = [
                amount_line(cell_statistics.quantiles(placed.assign(**{quantity.name: values}), [one.axis], quantity.name))
            ]
        panels.append(
            Curves(
                capital(say.parameter(axis.name).removeprefix("the ")),
                common.scale_of(one.axis, view, _ends(view, axis) if one.middles else None),
                lines,
            )
        )
        told = {line.key or quantity.name: numbers_of(line) for line in lines}
        numbers.append({"x": common.levels_of(one.axis), "explained": telling[axis.name], "lines": told})
    caveats = common.caveats_of(view)
    if any(groups[axis.name].middles for axis in shown):
        caveats.append(say("plot.groups"))
    if quantity.marked:
        measure = share_of_worlds()
        caveats.append(say("plot.group_bands"))
    else:
        ends = [values for panel in panels for line in panel.lines for values in (line.low, line.high)]
        measure = common.amount_measure(quantity.words, quantity, ends, from_zero=True)
        caveats.append(say("plot.group_lines"))
    if len(shown) < len(ordered):
        caveats.append(say("plot.most_telling", number=len(shown), all=len(ordered)))
    names = [axis.name for axis in ordered]
    title = figure_sentences.of_alike(quantity, values, view.axes) or figure_sentences.of_sample(
        quantity,
        names,
        [telling[name] for name in names],
        chance=cell_statistics.by_chance(groups[names[0]], values),
        ahead=len(names) < 2 or cell_statistics.leads(groups[names[0]], groups[names[1]], values),
    )
    what = say("plot.ends") if quantity.marked else quantity.words
    subtitle = say("plot.along", words=what)
    figure = response_figure(panels, measure, Caption(title, subtitle, common.source_of(view), caveats))
    return common.write(view, folder, "sampled", figure, title, {"panels": numbers})


def _scatter(view: View, folder: Path) -> Drawn:
    """Each cell where it lies over two parameters, with its share or median."""
    quantity, (x, y) = view.quantity, view.axes
    values = np.asarray(quantity.of(view.worlds), dtype=np.float64)
    names = list(view.study.varied)
    table = view.worlds.assign(value=values).groupby(names, sort=False, observed=True)["value"]
    cells = (table.mean() if quantity.marked else table.median()).dropna().reset_index()
    if cells.empty:
        raise InputError(f"no world has a {quantity.name} to be drawn")
    points, at = cells[[x.name, y.name]].to_numpy(dtype=np.float64), cells["value"].to_numpy()
    if quantity.marked:
        measure = Measure(quantity.words, "share", 0.0, 1.0, quantity.name)
    else:
        measure = common.amount_measure(say("plot.cell_median", words=quantity.words), quantity, [at])
    title = figure_sentences.of_quarters(
        quantity, (x.name, y.name), _quarters(view, x, y, values), sure=_apart(_inside(view, x, y, values))
    )
    figure = scatter_figure(
        common.scale_of(x, view, _ends(view, x)),
        common.scale_of(y, view, _ends(view, y)),
        points,
        at,
        measure,
        Caption(
            title,
            say("plot.by_cell", words=quantity.words, what=figure_sentences.names_of((x, y))),
            common.source_of(view),
            common.caveats_of(view),
        ),
    )
    numbers = {"x": points[:, 0], "y": points[:, 1], "value": at, "names": [x.name, y.name]}
    return common.write(view, folder, "scatter", figure, title, numbers)


def _ends(view: View, axis: Axis) -> tuple[float, float]:
    """Ends of the range that a parameter was drawn from, or of the values that it has."""
    one = view.study.design.get("ranges", {}).get(axis.name, {})
    return (float(one["low"]), float(one["high"])) if "low" in one else (float(axis.levels[0]), float(axis.levels[-1]))


def _quarters(view: View, x: Axis, y: Axis, values: Array) -> dict[tuple[bool, bool], float]:
    """Mean of the values where x and y are in the lower or the upper half of their worlds."""
    return {key: float(own.mean()) for key, own in _inside(view, x, y, values).items()}


def _apart(quarters: Mapping[tuple[bool, bool], Array]) -> bool:
    """Whether the means of the two quarters furthest apart differ by more than chance, among the six pairs that there are."""
    ordered = sorted(quarters.values(), key=lambda own: float(own.mean()))
    least, most = ordered[0], ordered[-1]
    if min(len(least), len(most)) < 2:
        return False
    error = np.sqrt(np.var(least, ddof=1) / len(least) + np.var(most, ddof=1) / len(most))
    return bool(most.mean() - least.mean() > _Z * error)


def _inside(view: View, x: Axis, y: Axis, values: Array) -> dict[tuple[bool, bool], Array]:
    """The values where x and y are in the lower or the upper half of their worlds; quarters without any are left out."""
    up = []
    for axis in (x, y):
        column = view.worlds[axis.name].to_numpy(dtype=np.float64)
        up.append(column >= np.median(column))
    inside = {(a, b): values[(up[0] == a) & (up[1] == b)] for a in (False, True) for b in (False, True)}
    return {key: own[np.isfinite(own)] for key, own in inside.items() if np.isfinite(own).any()}
