"""What the figures of a study share: scales, panels, source and caveats, and the way to the disk."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from perpetuum.model.observed.states import ALARMING
from perpetuum.model.parameters import Parameter
from perpetuum.model.presets import preset_called
from perpetuum.model.scenario import InputError, Scenario
from perpetuum.model.surroundings.past_squeezes import HISTORY, meaning, place_on_ladder
from perpetuum.model.words.speech import capital, say, typed
from perpetuum.model.worlds import Array
from perpetuum.runs.questions import cell_statistics
from perpetuum.runs.questions.cell_statistics import Axis
from perpetuum.runs.questions.figure_sentences import level
from perpetuum.runs.questions.selection import Quantity, View
from perpetuum.visualization.figures.layout import save
from perpetuum.visualization.figures.scales import Measure, Scale
from perpetuum.visualization.figures.sources import settings_told

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Place = tuple[int, ...]

#: More panels than this cannot be told apart: so many of them, evenly chosen, are drawn.
MOST_PANELS = 9
#: Units that say nothing more than that a parameter is a number.
_BARE_UNITS = ("", "x", "index", "weight", "ratio", "elasticity", "share")


@dataclass(frozen=True)
class Drawn:
    """A figure that was written: its name, its files, its title, and the numbers in it."""

    name: str
    files: list[str]
    title: str
    numbers: dict[str, Any]


def write(view: View, folder: Path, kind: str, figure: Figure, title: str, numbers: dict[str, Any]) -> Drawn:
    """Save a figure under a name that says what it shows, so that no other figure of the study has it."""
    parts = [kind, view.quantity.name, *(axis.name for axis in view.axes)]
    parts += [f"{name}={typed(name, value)}" for name, value in view.fixed.items()]
    if kind == "sampled" and len(view.axes) == len(view.study.varied):
        parts = parts[:2]
    name = re.sub(r"[^\w.=-]+", "-", "-".join(parts))
    return Drawn(name, save(figure, folder, name), title, {"metric": view.quantity.name, **numbers})


# --- scales -------------------------------------------------------------------------------------------------


class Asked(Protocol):
    """Whatever was asked of a scenario: a view of a study, a search for a tipping point."""

    @property
    def scenario(self) -> Scenario:
        """The scenario without what is varied."""
        ...


def scale_of(axis: Axis, view: Asked, ends: tuple[float, float] | None = None) -> Scale:
    """The scale of an axis, with unit and meaning from the registry; `ends`: of a range in which values may lie anywhere."""
    about, values = _about(axis, view)
    unit = "" if about is None or about.unit in _BARE_UNITS else about.unit
    marks = {}
    if axis.name == "funding.tightening" and about is not None:
        marks = {episode.name: place_on_ladder(episode, values) for episode in HISTORY}
    return Scale(axis.name, say.parameter(axis.name), axis.levels, unit, note_on(axis, view), ends, marks)


def note_on(axis: Axis, view: Asked) -> str:
    """What the levels of a parameter mean, in a few words."""
    about, values = _about(axis, view)
    if about is None:
        return ""
    if axis.name == "funding.tightening":
        full = meaning(1.0, values)
        lost = say.percent(full.venture_lost)
        return say("rungs.note", theta=1.0, rate=full.rate_bp, spread=full.spread_bp, venture=lost)
    told = f"lever_help.{axis.name}"
    other = say.knows(f"{say.industry}.machine.labs")  # an industry of which the registry does not speak
    if say.knows(told) and (other or say.language != "en"):
        return say(told).rstrip(".。")
    return "" if other or say.language != "en" else about.help  # the registry speaks English, and of AI


def _about(axis: Axis, view: Asked) -> tuple[Parameter | None, Mapping[str, Any]]:
    """The registry's entry of a parameter and all values beside it; none where the study's preset is gone or is another."""
    try:
        return view.scenario.definition.parameter(axis.name), view.scenario.values
    except InputError:
        return None, {}


def amount_measure(label: str, quantity: Quantity, values: Sequence[Array], *, from_zero: bool = False) -> Measure:
    """A measure whose range holds all values; `from_zero`: and zero, where that is near."""
    there = [one[np.isfinite(one)] for one in values]
    every = np.concatenate([one.ravel() for one in there]) if there else np.zeros(0)
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    if low == high == 0.0:
        low, high = 0.0, 1.0
    elif from_zero:
        pad = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
        low, high = (0.0 if 0 <= low < 0.6 * high else low - pad), high + pad
    elif low == high:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    return Measure(label, quantity.unit, low, high)


def month_safe(view: View, axes: Sequence[Axis]) -> Array:
    """Quantiles of the metric over each cell's worlds, of the month of something over the worlds in which it happens."""
    name = view.quantity.name
    return cell_statistics.quantiles(view.worlds.assign(**{name: view.quantity.of(view.worlds)}), axes, name)


def ends_apart(view: View, axes: Sequence[Axis]) -> bool:
    """Whether the highest and the lowest median of the metric differ by more than chance."""
    name = view.quantity.name
    return cell_statistics.ends_apart(view.worlds.assign(**{name: view.quantity.of(view.worlds)}), axes, name)


def marks_of(view: View) -> dict[str, Array]:
    """Marks of what is drawn: the state asked for and every other that any world is in, or none for a metric."""
    if not view.quantity.marked:
        return {}
    marks = {name: cell_statistics.state_marks(view.worlds, name) for name in ALARMING}
    return {name: one for name, one in marks.items() if name == view.quantity.name or one.any()}


# --- panels -------------------------------------------------------------------------------------------------


def panels_of(rest: Sequence[Axis]) -> tuple[list[Place], str]:
    """Places of the panels, and a sentence where there are too many to draw them all."""
    places = list(itertools.product(*(range(len(axis)) for axis in rest)))
    if len(places) <= MOST_PANELS:
        return places, ""
    chosen = np.unique(np.linspace(0, len(places) - 1, MOST_PANELS).round().astype(int))
    names = say.listed([say.parameter(axis.name) for axis in rest])
    return [places[k] for k in chosen], say("plot.panels", number=len(chosen), all=len(places), what=names)


def panel_name(rest: Sequence[Axis], place: Place) -> str:
    """A panel's name: "Vendor finance: 3"; empty where there is but one panel."""
    told = [
        say("plot.panel", what=say.parameter(axis.name), level=level(axis, k)) for axis, k in zip(rest, place, strict=True)
    ]
    return capital(say("list.comma").join(told).removeprefix("the "))


# --- words under the figure -------------------------------------------------------------------------------------


def source_of(view: View) -> str:
    """Where the numbers come from, and how many worlds there are."""
    study = view.study
    return say(
        "plot.source",
        preset=preset_called(study.preset),
        fixed=settings_told(study.overrides) + ("" if study.draws else say("figure.fixed")),
        worlds=say.counted(study.worlds, "world"),
        each=say.counted(study.replicates, "replicate"),
        cells=say.counted(study.cells, "cell"),
        shown=say("plot.shown", number=len(view.worlds) + view.failed) if view.fixed else "",
        seed=study.seed,
        months=say.counted(study.months, "month"),
    )


def interval_words(view: View, what: str) -> str:
    """What the `bands` or `lines` of a share are."""
    return say("plot.intervals_pooled" if view.pooled else "plot.intervals", what=say(f"plot.{what}"))


def caveats_of(view: View) -> list[str]:
    """Sentences that are true of this view: what is fixed, averaged over, missing or failed."""
    told = []
    if view.fixed:
        told.append(
            say("plot.here", settings=say.listed([f"{name} = {typed(name, value)}" for name, value in view.fixed.items()]))
        )
    if view.sampled:
        names = ", ".join(name for name in view.study.varied if name not in view.fixed)
        told.append(say("plot.cells_are", design=say(f"plot.design.{view.study.design['kind']}"), names=names))
    elif view.pooled:
        told.append(say("plot.averaged", names=say.listed(list(view.pooled))))
    if view.quantity.sometimes:
        told.append(say("plot.only_where"))
    if view.failed:
        told.append(say("plot.failed", n=view.failed))
    if not view.finished:
        told.append(say("plot.unfinished", there=view.there, all=view.study.worlds))
    return told


# --- numbers ------------------------------------------------------------------------------------------------


def levels_of(axis: Axis) -> dict[str, Any]:
    """An axis as plain words and numbers."""
    return {"name": axis.name, "levels": list(axis.levels)}


def place_of(rest: Sequence[Axis], place: Place) -> dict[str, Any]:
    """A panel as plain words and numbers."""
    return {axis.name: axis.levels[k] for axis, k in zip(rest, place, strict=True)}
