"""What a study's figure shows, in a sentence made from its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from perpetuum.model.words.speech import capital, say, uncapital
from perpetuum.model.worlds import Array
from perpetuum.runs.questions.cell_statistics import Axis, Tally
from perpetuum.runs.questions.response_curves import HALF, NO_CROSSING, NOT_MONOTONE, Threshold, find_threshold
from perpetuum.runs.questions.selection import Quantity

#: Resamples where only the place of a threshold is told.
_FEW = 200
#: Levels that a curve must have for a place on it to be told: between two points there is nothing but a straight line.
FEWEST_LEVELS = 3
#: Probability of chance alone beyond which nothing is told as found.
_DOUBT = 0.05
#: Letters beyond which a title leaves out where things happen.
_LONG = 150


def level(axis: Axis, place: int) -> str:
    """A level of an axis as words: 0.35, loan, on."""
    return say.level(axis.levels[place])


def of_surface(quantity: Quantity, x: Axis, y: Axis, tally: Tally) -> str:
    """Where half of the worlds are marked over two numbers, (y, x): along the tightening if that is one, else along y."""
    share, verb = tally.share, quantity.verb
    most, least, both = float(np.nanmax(share)), float(np.nanmin(share)), names_of((x, y))
    if most == 0:
        return say("shown.none", what=both, **verb)
    spans = tally.intervals[np.isfinite(share)]
    if most < HALF:
        place, sure = _place((y, x), share, np.nanargmax), float(spans[..., 1].max()) < HALF
        return say(
            "shown.nowhere" if sure else "shown.nowhere_open", what=both, share=say.percent(most), place=place, **verb
        )
    if least >= HALF:
        sure = float(spans[..., 0].min()) >= HALF
        return say("shown.everywhere" if sure else "shown.everywhere_open", what=both, share=say.percent(least), **verb)
    if tally.within_chance:
        return say("shown.open", what=both, **verb)
    along, across, tallies = y, x, [Tally(tally.marked[:, k], tally.there[:, k]) for k in range(len(x))]
    if x.name == "funding.tightening":
        along, across, tallies = x, y, [tally.panel(k) for k in range(len(y))]
    told = _row_by_row(quantity, along, across, tallies) if tally.paired else ""
    if told:
        return told
    low, number, high = (int((one >= HALF).sum()) for one in (spans[..., 0], share, spans[..., 1]))
    if low == high:
        return say("shown.in_some", number=number, whole=len(spans), what=both, **verb)
    return say("shown.in_perhaps", low=low, high=high, whole=len(spans), what=both, **verb)


def _row_by_row(quantity: Quantity, along: Axis, across: Axis, rows: Sequence[Tally]) -> str:
    """Thresholds at the two ends of what tips of the other parameter, if they are clear and nothing in between is missing.

    They are told as their intervals. Where nothing tips, every interval lies under one half; else nothing is told.
    """
    tipping = [k for k, row in enumerate(rows) if float(np.nanmax(row.share)) >= HALF]
    first, last = tipping[0], tipping[-1]
    if last - first + 1 > len(tipping):
        return ""
    if any(float(row.intervals[..., 1].max()) >= HALF for k, row in enumerate(rows) if k not in tipping):
        return ""
    tips = [find_threshold(along.values, rows[k].marked.T > 0, _FEW) for k in dict.fromkeys((first, last))]
    if any(tip.value is None or tip.response.direction != "rises" or tip.low is None or tip.high is None for tip in tips):
        return ""
    values = [_told_between(tip) for tip in tips]
    then = say("shown.then", value=values[-1], level=level(across, last)) if first != last else ""
    about = {"along": say.parameter(along.name), "across": say.parameter(across.name), "value": values[0]}
    told = say("shown.once", level=level(across, first), then=then, **about, **quantity.verb)
    beyond, before = last < len(rows) - 1, first > 0
    if beyond and before:
        return say("shown.never_elsewhere", told=told)
    if beyond:
        return say("shown.never_more", told=told, level=level(across, last + 1))
    return say("shown.never_less", told=told, level=level(across, first - 1)) if before else told


def _told_between(tip: Threshold) -> str:
    """A threshold as its interval, which is closed: 0.37 to 0.62."""
    ends = list(dict.fromkeys(f"{end:.2g}" for end in (tip.low, tip.high)))
    return ends[0] if len(ends) == 1 else say("number.between", low=ends[0], high=ends[1])


def of_curve(quantity: Quantity, axis: Axis, tally: Tally) -> tuple[str, Threshold | None]:
    """Where half of the worlds are marked along one number, with the threshold (None where worlds are not paired)."""
    tip = find_threshold(axis.values, tally.marked.T > 0) if tally.paired and len(axis) >= FEWEST_LEVELS else None
    what, verb = say.parameter(axis.name), quantity.verb
    if tip is not None and tip.value is not None:
        at = say("tip.at", value=f"{tip.value:.2g}", interval=_interval(tip))
        return say(f"shown.{'reaches' if tip.response.direction == 'rises' else 'passes'}", what=what, at=at, **verb), tip
    if tip is not None and tip.reason == NOT_MONOTONE:
        changes = {"rises": tip.response.rise, "falls": tip.response.fall}
        told = [
            say(
                f"shown.{way}",
                before=say.percent(one.share_before),
                start=f"{one.start:.2g}",
                after=say.percent(one.share_after),
                end=f"{one.end:.2g}",
            )
            for way, one in sorted(changes.items(), key=lambda item: item[1].start if item[1] else 0.0)
            if one is not None
        ]
        return say("shown.turns", what=what, told=say.listed(told), **verb), tip
    sure = tip is not None and tip.reason != NO_CROSSING and not tally.within_chance
    return of_extremes(quantity, (axis,), tally), tip if sure else None


def of_extremes(quantity: Quantity, axes: Sequence[Axis], tally: Tally) -> str:
    """Where most and where fewest worlds are marked, if any two cells differ by more than their intervals."""
    if tally.within_chance:
        return say("shown.open", what=names_of(axes), **quantity.verb)
    return _extremes(quantity, axes, tally)


def _interval(tip: Threshold) -> str:
    """The interval of a threshold, which may be open."""
    ends = {name: f"{end:.2g}" for name, end in (("low", tip.low), ("high", tip.high)) if end is not None}
    open_ = "below" if tip.low is None else "above"
    return say(f"tip.{('open_both', f'open_{open_}', 'interval')[len(ends)]}", **ends)


def _extremes(quantity: Quantity, axes: Sequence[Axis], tally: Tally) -> str:
    """Where most and where fewest worlds are marked; where they are as many everywhere, between which shares that is."""
    share = tally.share
    most, least, verb = float(np.nanmax(share)), float(np.nanmin(share)), quantity.verb
    whatever = names_of(axes)
    if most == 0:
        return say("shown.none", what=whatever, **verb)
    if least == most:
        spans = tally.intervals[np.isfinite(share)]
        between = say.span(float(spans[..., 0].min()), float(spans[..., 1].max()))
        return say("shown.alike", share=between, what=whatever, **verb)
    where, other = _place(axes, share, np.nanargmax), _other_place(axes, share, np.nanargmax, np.nanargmin)
    fewest = say.percent(least) if least else say("shown.nobody")
    told = capital(say("shown.most_least", most=worlds_of(most), where=where, least=fewest, other=other, **verb))
    if len(told) <= _LONG:
        return told
    return say("shown.from_to", least=fewest.removesuffix(" %"), most=worlds_of(most), what=whatever, **verb)


def worlds_of(share: float) -> str:
    """A share of worlds as words."""
    return say("shown.all_worlds") if share == 1 else say("shown.of_worlds", share=say.percent(share))


def of_amount(quantity: Quantity, axes: Sequence[Axis], median: Array, *, sure: bool) -> str:
    """Where a metric's median is lowest and where it is highest; `sure`: these two differ by more than chance."""
    if not np.isfinite(median).any():
        return say("shown.in_no_world", words=quantity.words)
    low, high = (say.amount(float(end), quantity.unit) for end in (np.nanmin(median), np.nanmax(median)))
    if low == high:
        return say("shown.amount_alike", words=quantity.words, amount=low, what=names_of(axes))
    if not sure:
        return say("shown.amount_open", words=quantity.words, what=names_of(axes))
    where, other = _place(axes, median, np.nanargmin), _other_place(axes, median, np.nanargmin, np.nanargmax)
    told = say("shown.amount_ends", words=quantity.words, low=low, where=where, high=high, other=other)
    if len(told) <= _LONG:
        return told
    return say("shown.amount_from_to", words=quantity.words, low=low, high=high, what=names_of(axes))


def of_alike(quantity: Quantity, values: Array, axes: Sequence[Axis]) -> str:
    """What a metric comes to where it is the same in every world; "" where it is not."""
    there = values[np.isfinite(values)]
    if quantity.marked or not len(there) or there.min() < there.max():
        return ""
    return say(
        "shown.amount_same", words=quantity.words, amount=say.amount(float(there[0]), quantity.unit), what=names_of(axes)
    )


def of_sample(quantity: Quantity, names: Sequence[str], explained: Sequence[float], *, chance: float, ahead: bool) -> str:
    """Which of the sampled parameters goes with most of the differences between worlds.

    `chance`: probability that the first explains as much by chance alone; `ahead`: it explains more than the second in nearly
    all resamples.
    """
    what = say("shown.whether", **quantity.verb) if quantity.marked else uncapital(quantity.words)
    if max(explained) < 0.01:
        return say("shown.little", what=what)
    if chance * len(names) > _DOUBT:  # the first was chosen among them all
        return say("shown.sample_open", what=what)
    told = say("shown.most", first=say.parameter(names[0]), what=what)
    if len(names) > 1 and not ahead:
        return say("shown.either", first=say.parameter(names[0]), second=say.parameter(names[1]), what=what)
    if len(names) > 1 and explained[1] >= 0.5 * explained[0]:
        key = "shown.nearly" if explained[1] > 0.8 * explained[0] else "shown.second"
        return say(key, told=told, second=say.parameter(names[1]))
    return told


def names_of(axes: Sequence[Axis]) -> str:
    """Parameters in a row."""
    return say.listed([say.parameter(axis.name) for axis in axes])


def _place(axes: Sequence[Axis], values: Array, which: Any) -> str:
    """The cell with the most or the least: "demand is 0.4 and tightening 1", the last axis first."""
    return _named(axes, np.unravel_index(int(which(values)), values.shape))


def _other_place(axes: Sequence[Axis], values: Array, which: Any, other: Any) -> str:
    """Another cell, by the parameters in which it differs from the first: "it is 1" where there is only one."""
    first = np.unravel_index(int(which(values)), values.shape)
    second = np.unravel_index(int(other(values)), values.shape)
    if len(axes) == 1:
        return say("shown.it_is", value=level(axes[0], int(second[0])))
    different = [k for k in range(len(axes)) if first[k] != second[k]]
    return _named([axes[k] for k in different], [second[k] for k in different])


def _named(axes: Sequence[Axis], place: Sequence[Any]) -> str:
    named = [(say.parameter(axis.name), level(axis, int(k))) for axis, k in zip(axes, place, strict=True)][::-1]
    return say.listed([say("shown.also" if k else "shown.is", what=what, value=at) for k, (what, at) in enumerate(named)])


def of_quarters(quantity: Quantity, names: tuple[str, str], quarters: dict[tuple[bool, bool], float], *, sure: bool) -> str:
    """Where most and where fewest worlds are marked (or a metric's mean is highest), with each of two parameters high or low.

    `sure`: the two quarters that lie furthest apart differ by more than chance.
    """
    most, least = max(quarters, key=lambda key: quarters[key]), min(quarters, key=lambda key: quarters[key])

    def where(key: tuple[bool, bool]) -> str:
        told = [
            say("shown.high" if up else "shown.low", what=say.parameter(name)) for name, up in zip(names, key, strict=True)
        ]
        return say.listed(told)

    both = say.listed([say.parameter(name) for name in names])
    if not sure and quarters[most] > quarters[least]:
        if quantity.marked:
            return say("shown.open", what=both, **quantity.verb)
        return say("shown.amount_open", words=quantity.words, what=both)
    places = {"where": where(most), "other": where(least)}
    if not quantity.marked and quarters[most] == quarters[least]:
        return say("shown.amount_same", words=quantity.words, amount=say.amount(quarters[most], quantity.unit), what=both)
    if not quantity.marked:
        ends = {name: say.amount(quarters[key], quantity.unit) for name, key in (("most", most), ("least", least))}
        return say("shown.amount_average", words=quantity.words, **ends, **places)
    if quarters[most] == 0:
        return say("shown.none", what=both, **quantity.verb)
    fewest = say.percent(quarters[least]) if quarters[least] else say("shown.nobody")
    return capital(say("shown.most_least", most=worlds_of(quarters[most]), least=fewest, **places, **quantity.verb))
