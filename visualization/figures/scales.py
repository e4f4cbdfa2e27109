"""The axes of a study's figures: a varied parameter with its levels, what they mean, and where history stands on them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.words.lines import columns
from perpetuum.model.words.speech import capital, say
from perpetuum.model.worlds import Array
from perpetuum.visualization.figures.layout import figure_of, inches_of, written_width
from perpetuum.visualization.figures.palette import AMOUNT_MAP, GAIN_TO_LOSS, INK, QUIET, SHARE_COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis


#: Levels beyond which round numbers are labelled instead of levels.
_MANY = 40
#: Inches between names of episodes.
_BETWEEN = 0.05


@dataclass(frozen=True)
class Scale:
    """A varied parameter as an axis: dotted name, words, levels (numbers or words), unit, and what they mean.

    `ends`: where the scale begins and ends, if values may lie anywhere in between (default: at the first and last level).
    `marks`: where episodes of the past stand, by name; `like`: the one that is the scale's full tightening itself.
    """

    name: str
    words: str
    levels: tuple[Any, ...]
    unit: str = ""
    note: str = ""
    ends: tuple[float, float] | None = None
    marks: Mapping[str, float] = field(default_factory=dict)
    like: str = ""

    @cached_property
    def numeric(self) -> bool:
        """Whether levels are numbers."""
        return not any(isinstance(level, (str, bool)) for level in self.levels)

    @cached_property
    def values(self) -> Array:
        """Levels as numbers, or as their places."""
        return np.asarray(self.levels if self.numeric else range(len(self.levels)), dtype=np.float64)

    @property
    def limits(self) -> tuple[float, float]:
        """Where the scale begins and ends; half a place beyond words."""
        if self.ends is not None:
            return self.ends
        values, beyond = self.values, 0.0 if self.numeric and len(self.levels) > 1 else 0.5
        return float(values[0]) - beyond, float(values[-1]) + beyond

    @cached_property
    def edges(self) -> Array:
        """Borders of the levels' cells: half-way between neighbours."""
        values = self.values
        if len(values) == 1:
            return np.array((values[0] - 0.5, values[0] + 0.5))
        inner = (values[1:] + values[:-1]) / 2
        return np.concatenate(([1.5 * values[0] - 0.5 * values[1]], inner, [1.5 * values[-1] - 0.5 * values[-2]]))

    @property
    def label(self) -> str:
        """Words and unit."""
        return _with_unit(capital(self.words), self.unit)

    def written(self, level: Any) -> str:
        """A level as words: 0.35, loan, on."""
        return say.level(level)


def _with_unit(label: str, unit: str) -> str:
    told = say(f"unit_name.{unit}") if say.knows(f"unit_name.{unit}") else unit
    return say("scale.unit", label=label, unit=told) if told else label


@dataclass(frozen=True)
class Measure:
    """What is shown of the worlds: its name, unit, range, and the state whose colours it has ("" for an amount).

    `signed`: what lies below zero is a gain and has the other hue, as dark as a loss of the same size.
    """

    label: str
    unit: str
    low: float
    high: float
    hue: str = ""
    signed: bool = False

    @property
    def share(self) -> bool:
        """Whether values are shares, written in per cent."""
        return self.unit.startswith("share")

    @property
    def whole(self) -> bool:
        """Whether it is a share on the scale from none to all."""
        return self.share and (self.low, self.high) == (0.0, 1.0)

    @property
    def title(self) -> str:
        """Name and unit."""
        return _with_unit(self.label, self.unit)

    @property
    def colours(self) -> Any:
        """The map of colours, light to dark for a share; dark to dark, light at zero, where values lie on either side of it."""
        from matplotlib.colors import LinearSegmentedColormap

        if self.two_sided:
            return LinearSegmentedColormap.from_list("gain_to_loss", GAIN_TO_LOSS)
        return LinearSegmentedColormap.from_list(self.hue, SHARE_COLOURS[self.hue]) if self.hue else AMOUNT_MAP

    @property
    def two_sided(self) -> bool:
        """Whether there are values on the other side of zero that have a hue of their own."""
        return self.signed and self.low < 0

    @property
    def ends(self) -> tuple[float, float]:
        """The values of the first and the last colour: as far from zero on either side where there are two."""
        most = max(abs(self.low), abs(self.high))
        return (-most, most) if self.two_sided else (self.low, self.high)

    def dark(self, value: float) -> bool:
        """Whether letters on the colour of a value have to be light."""
        return abs(value) > 0.55 * self.ends[1]

    def label_ticks(self, axis: Axis) -> None:
        """Write the ticks of an axis in the measure's unit."""
        from matplotlib.ticker import FuncFormatter

        if self.share:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g}".replace("-", "−")))
        elif max(abs(self.low), abs(self.high)) >= 1000:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}".replace("-", "−")))


def share_of_worlds() -> Measure:
    """The share of the worlds, from none to all."""
    return Measure(say("figure.share_of_worlds"), "share", 0.0, 1.0)


def colour_key(axis: Axes, picture: Any, measure: Measure) -> None:
    """Draw the key of a measure's colours into an axis."""
    figure = figure_of(axis)
    bar = figure.colorbar(picture, cax=axis, orientation="horizontal")
    bar.outline.set_visible(False)  # type: ignore[operator]
    axis.set_xlim(measure.low, measure.high)
    axis.tick_params(labelsize=9, length=3, pad=2)
    measure.label_ticks(axis.xaxis)
    axis.set_title(measure.title, size=9, color=QUIET, loc="left", pad=3)


def dress_x(axis: Axes, scale: Scale, *, marked: bool = True) -> None:
    """Write a scale's levels and name under an axis, and mark the past above it."""
    wide = inches_of(axis)[0]
    _ticks(axis.xaxis, scale, room=int(wide / 0.55))
    axis.set_xlabel(scale.label, loc="left", size=10, color=INK, labelpad=4)
    if not marked:
        return
    top = axis.get_ylim()[1]
    figure = figure_of(axis)
    inch = wide / abs(float(np.ptp(axis.get_xlim())))
    past = sorted(inside(scale, axis.get_xlim()).items(), key=lambda item: item[1])
    rooms = [written_width(figure, episode, size=8.5) for episode, _ in past]
    for (episode, value), aside in zip(past, _asides([value * inch for _, value in past], rooms), strict=True):
        axis.annotate(
            episode, (value, top), xytext=(72 * aside, 9) if aside is not None else (0, 19), textcoords="offset points",
            ha="center", va="bottom", size=8.5, color=QUIET, style="italic", annotation_clip=False, arrowprops=_arrow(),
        )  # fmt: skip


def _asides(places: Sequence[float], rooms: Sequence[float]) -> list[float | None]:
    """How far names in order give way to one another and to their neighbours' arrows, inches; None: has to stand a row higher."""
    tips = [-math.inf, *places, math.inf]
    low = [tip + _BETWEEN + room / 2 for tip, room in zip(tips, rooms, strict=False)]
    high = [tip - _BETWEEN - room / 2 for tip, room in zip(tips[2:], rooms, strict=True)]
    middle = [min(max(place, least), most) for place, least, most in zip(places, low, high, strict=True)]
    apart = [(one + next_) / 2 + _BETWEEN for one, next_ in itertools.pairwise(rooms)]
    for k, need in enumerate(apart):
        middle[k + 1] = max(middle[k + 1], min(middle[k] + need, high[k + 1]))
    for k, need in reversed([*enumerate(apart)]):
        middle[k] = min(middle[k], max(middle[k + 1] - need, low[k]))
    asides: list[float | None] = []
    end = -math.inf
    for k, (place, one, room) in enumerate(zip(places, middle, rooms, strict=True)):
        fits = low[k] <= high[k] and one - room / 2 >= end
        asides.append(one - place if fits else None)
        end = one + room / 2 if fits else end
    return asides


def dress_y(axis: Axes, scale: Scale, *, marked: bool = True) -> None:
    """Write a scale's levels beside an axis and mark the past at its right."""
    _ticks(axis.yaxis, scale, room=int(inches_of(axis)[1] / 0.3))
    if not marked:
        return
    right = axis.get_xlim()[1]
    for episode, value in inside(scale, axis.get_ylim()).items():
        axis.annotate(
            episode, (right, value), xytext=(12, 0), textcoords="offset points", va="center", ha="left", size=8.5,
            color=QUIET, style="italic", annotation_clip=False, arrowprops=_arrow(),
        )  # fmt: skip


def panel_names(axis: Axes, name: str, above_y: str = "", *, raised: bool = False) -> None:
    """Write a panel's name over it, and between them what its y axis is; `raised`: leave room for marks of the past."""
    base = 30.0 if raised else 7.0
    for text, size, weight, colour in ((above_y, 10.0, "normal", INK), (name, 11.5, "bold", INK)):
        if text:
            axis.annotate(
                text, (0, 1), xycoords="axes fraction", xytext=(0, base), textcoords="offset points", size=size,
                weight=weight, color=colour, ha="left", va="bottom", annotation_clip=False,
            )  # fmt: skip
            base += 17.0


def notes(scales: Sequence[Scale]) -> str:
    """Sentences on what the levels of scales mean, under the names that they have as axes."""
    told = [say("scale.note", name=capital(scale.words), note=scale.note) for scale in scales if scale.note]
    if any(scale.marks for scale in scales):
        told.append(say("scale.arrows"))
    told += [say("scale.arrows_like", name=scale.like) for scale in scales if scale.marks and scale.like]
    return say.sentences(list(dict.fromkeys(told)))


def room_for_levels(scale: Scale) -> float:
    """Inches that the levels take beside an axis."""
    longest = max((columns(scale.written(level)) for level in scale.levels), default=1)
    return 0.18 + 0.085 * min(longest, 20)


def inside(scale: Scale, limits: tuple[float, float]) -> dict[str, float]:
    """Episodes of the past that stand within limits."""
    low, high = min(limits), max(limits)
    return {episode: value for episode, value in scale.marks.items() if low <= value <= high}


def _arrow() -> dict[str, Any]:
    return {"arrowstyle": "-|>", "color": INK, "lw": 0.8, "mutation_scale": 7, "shrinkA": 0, "shrinkB": 0}


def _ticks(axis: Axis, scale: Scale, room: int) -> None:
    """Label every level where there is room, else every second, third, ... number, the first and if possible the last."""
    if scale.ends is not None or len(scale.levels) > _MANY:
        from matplotlib.ticker import MaxNLocator

        axis.set_major_locator(MaxNLocator(nbins=min(max(room, 2), 8), steps=[1, 2, 2.5, 5, 10]))
        return
    number = len(scale.levels)
    least = math.ceil((number - 1) / max(room - 1, 1)) if scale.numeric else 1
    step = next((one for one in range(least, 2 * least) if (number - 1) % one == 0), least) if least > 1 else 1
    axis.set_ticks(scale.values[::step], [scale.written(level) for level in scale.levels[::step]])
