"""What a study's figure shows, in a sentence made from its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from perpetuum.model.words.speech import capital, say
from perpetuum.runs.questions.cell_statistics import Axis, Tally
from perpetuum.runs.questions.response_curves import HALF, NO_CROSSING, NOT_MONOTONE, Response, Threshold, find_threshold
from perpetuum.runs.questions.selection import Quantity

Array = np.ndarray[Any, Any]

#: Resamples where only the place of a threshold is told.
_FEW = 200
#: Letters beyond which a headline leaves out where things happen.
_LONG = 150


def level(axis: Axis, place: int) -> str:
    """A level of an axis as words: 0.35, loan, on."""
    value = axis.levels[place]
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.4g}" if axis.numeric else str(value).replace("_", " ")


def of_surface(quantity: Quantity, x: Axis, y: Axis, tally: Tally) -> str:
    """Where half of the worlds are marked over two numbers, (y, x): along the tightening if that is one, else along y."""
    share = tally.share
    both = f"{say.parameter(x.name)} and {say.parameter(y.name)}"
    if np.nanmax(share) == 0:
        return f"No world {quantity.verb[0]}, whatever {both}"
    if np.nanmax(share) < HALF:
        most = _place((y, x), share, np.nanargmax)
        return (
            f"In no combination of {both} do half of the worlds {quantity.verb[1]}: "
            f"the most is {say.percent(float(np.nanmax(share)))}, where {most}"
        )
    if np.nanmin(share) >= HALF:
        return f"In every combination of {both} at least {say.percent(float(np.nanmin(share)))} of the worlds {quantity.verb[1]}"
    along, across, tallies = y, x, [Tally(tally.marked[:, k], tally.there[:, k]) for k in range(len(x))]
    if x.name == "funding.tightening":
        along, across, tallies = x, y, [tally.panel(k) for k in range(len(y))]
    told = _row_by_row(quantity, along, across, tallies) if tally.paired else ""
    if told:
        return told
    number, whole = int((share >= HALF).sum()), int(np.isfinite(share).sum())
    return f"At least half of the worlds {quantity.verb[1]} in {number} of {whole} combinations of {both}"


def _row_by_row(quantity: Quantity, along: Axis, across: Axis, rows: Sequence[Tally]) -> str:
    """Thresholds at the two ends of what tips of the other parameter, if they are clear and nothing in between is missing."""
    most = [float(np.nanmax(row.share)) for row in rows]
    tipping = [k for k, share in enumerate(most) if share >= HALF]
    first, last = tipping[0], tipping[-1]
    if last - first + 1 > len(tipping):
        return ""
    tips = [find_threshold(along.values, rows[k].marked.T > 0, _FEW) for k in dict.fromkeys((first, last))]
    if any(tip.value is None or tip.response.direction != "rises" for tip in tips):
        return ""
    sentence = f"Half of the worlds {quantity.verb[1]} once {say.parameter(along.name)} reaches {tips[0].value:.2g}"
    sentence += f" where {say.parameter(across.name)} is {level(across, first)}"
    if first != last:
        sentence += f", {tips[-1].value:.2g} where it is {level(across, last)}"
    if first > 0 and last < len(rows) - 1:
        return f"{sentence}, and never elsewhere"
    if last < len(rows) - 1:
        return f"{sentence}, and never where it is {level(across, last + 1)} or more"
    return f"{sentence}, and never where it is {level(across, first - 1)} or less" if first > 0 else sentence


def of_curve(quantity: Quantity, axis: Axis, tally: Tally) -> tuple[str, Threshold | None]:
    """Where half of the worlds are marked along one number, with the threshold (None where worlds are not paired)."""
    share = tally.share
    tip = find_threshold(axis.values, tally.marked.T > 0) if tally.paired and len(axis) > 1 else None
    what, verb = say.parameter(axis.name), quantity.verb[1]
    if tip is not None and tip.value is not None:
        at = f"{tip.value:.2g} ({_interval(tip)})"
        if tip.response.direction == "rises":
            return f"Half of the worlds {verb} once {what} reaches {at}", tip
        return f"Fewer than half of the worlds {verb} once {what} passes {at}", tip
    if tip is not None and tip.reason == NOT_MONOTONE:
        return _not_monotone(quantity, axis, tip.response), tip
    return extremes(quantity, (axis,), share), tip if tip is not None and tip.reason != NO_CROSSING else None


def _interval(tip: Threshold) -> str:
    """The interval of a threshold, which may be open."""
    if tip.low is not None and tip.high is not None:
        return f"95 % interval {tip.low:.2g}–{tip.high:.2g}"
    if tip.low is None and tip.high is None:
        return "95 % interval open"
    return f"95 % interval {tip.low:.2g} or more" if tip.high is None else f"95 % interval up to {tip.high:.2g}"


def _not_monotone(quantity: Quantity, axis: Axis, response: Response) -> str:
    assert response.rise is not None
    assert response.fall is not None
    changes = sorted((response.rise, response.fall), key=lambda change: change.start)
    told = [
        f"{'rises' if change is response.rise else 'falls'} from {say.percent(change.share_before)} (at {change.start:.2g}) "
        f"to {say.percent(change.share_after)} (at {change.end:.2g})"
        for change in changes
    ]
    return f"With {say.parameter(axis.name)} the share of worlds that {quantity.verb[1]} {say.listed(told)}"


def extremes(quantity: Quantity, axes: Sequence[Axis], share: Array) -> str:
    """Where most and where fewest worlds are marked."""
    most, least = float(np.nanmax(share)), float(np.nanmin(share))
    whatever = say.listed([say.parameter(axis.name) for axis in axes])
    if most == 0:
        return f"No world {quantity.verb[0]}, whatever {whatever}"
    if least == most:
        return f"{say.percent(most)} of the worlds {quantity.verb[1]}, whatever {whatever}"
    places = _place(axes, share, np.nanargmax), _other_place(axes, share, np.nanargmax, np.nanargmin)
    fewest = say.percent(least) if least else "none"
    told = f"{capital(worlds_of(most))} {quantity.verb[1]} where {places[0]}, {fewest} where {places[1]}"
    if len(told) <= _LONG:
        return told
    return f"From {fewest.removesuffix(' %')} to {worlds_of(most)} {quantity.verb[1]}, depending on {whatever}"


def worlds_of(share: float) -> str:
    """A share of worlds as words."""
    return "all worlds" if share == 1 else f"{say.percent(share)} of the worlds"


def of_amount(quantity: Quantity, axes: Sequence[Axis], median: Array) -> str:
    """Where a metric's median is lowest and where it is highest."""
    if not np.isfinite(median).any():
        return f"{quantity.words}: in no world"
    low, high = float(np.nanmin(median)), float(np.nanmax(median))
    if say.amount(low, quantity.unit) == say.amount(high, quantity.unit):
        return f"{quantity.words}: {say.amount(low, quantity.unit)} in the median world, whatever {_names(axes)}"
    places = _place(axes, median, np.nanargmin), _other_place(axes, median, np.nanargmin, np.nanargmax)
    ends = say.amount(low, quantity.unit), say.amount(high, quantity.unit)
    told = f"{quantity.words}: {ends[0]} in the median world where {places[0]}, {ends[1]} where {places[1]}"
    if len(told) <= _LONG:
        return told
    return f"{quantity.words}: from {ends[0]} to {ends[1]} in the median world, depending on {_names(axes)}"


def of_sample(quantity: Quantity, names: Sequence[str], explained: Sequence[float]) -> str:
    """Which of the sampled parameters goes with most of the differences between worlds."""
    what = f"whether a world {quantity.verb[0]}" if quantity.marked else quantity.words[:1].lower() + quantity.words[1:]
    if max(explained) < 0.01:
        return f"No single parameter says much about {what}"
    first = f"Of what varies, {say.parameter(names[0])} says most about {what}"
    if len(names) > 1 and explained[1] >= 0.5 * explained[0]:
        return (
            f"{first}, and {say.parameter(names[1])} nearly as much"
            if explained[1] > 0.8 * explained[0]
            else (f"{first}, then {say.parameter(names[1])}")
        )
    return first


def _names(axes: Sequence[Axis]) -> str:
    return say.listed([say.parameter(axis.name) for axis in axes])


def _place(axes: Sequence[Axis], values: Array, which: Any) -> str:
    """The cell with the most or the least: "demand is 0.4 and tightening 1", the last axis first."""
    return _named(axes, np.unravel_index(int(which(values)), values.shape))


def _other_place(axes: Sequence[Axis], values: Array, which: Any, other: Any) -> str:
    """Another cell, by the parameters in which it differs from the first: "it is 1" where there is only one."""
    first = np.unravel_index(int(which(values)), values.shape)
    second = np.unravel_index(int(other(values)), values.shape)
    if len(axes) == 1:
        return f"it is {level(axes[0], int(second[0]))}"
    different = [k for k in range(len(axes)) if first[k] != second[k]]
    return _named([axes[k] for k in different], [second[k] for k in different])


def _named(axes: Sequence[Axis], place: Sequence[Any]) -> str:
    named = [(say.parameter(axis.name), level(axis, int(number))) for axis, number in zip(axes, place, strict=True)][::-1]
    (first, at), *others = named
    return say.listed([f"{first} is {at}", *(f"{name} {value}" for name, value in others)])


def of_quarters(quantity: Quantity, names: tuple[str, str], quarters: dict[tuple[bool, bool], float]) -> str:
    """Where most and where fewest worlds are marked (or a metric's mean is highest), with each of two parameters high or low."""
    most, least = max(quarters, key=lambda key: quarters[key]), min(quarters, key=lambda key: quarters[key])

    def where(key: tuple[bool, bool]) -> str:
        return say.listed(
            [f"{say.parameter(name)} is {'high' if up else 'low'}" for name, up in zip(names, key, strict=True)]
        )

    if quarters[most] == 0 and quantity.marked:
        return f"No world {quantity.verb[0]}, whatever {say.listed([say.parameter(name) for name in names])}"
    if quantity.marked:
        fewest = say.percent(quarters[least]) if quarters[least] else "none"
        return f"{capital(worlds_of(quarters[most]))} {quantity.verb[1]} where {where(most)}, {fewest} where {where(least)}"
    return (
        f"{quantity.words}: {say.amount(quarters[most], quantity.unit)} on average where {where(most)}, "
        f"{say.amount(quarters[least], quantity.unit)} where {where(least)}"
    )
