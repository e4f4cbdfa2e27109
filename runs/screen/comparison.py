"""Two runs or studies on one screen: a sentence, what was asked differently, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from perpetuum.model.observed.states import ALARMING
from perpetuum.model.words.numbers import together
from perpetuum.model.words.speech import say, speaking
from perpetuum.runs.screen import layout
from perpetuum.runs.screen.layout import Paragraph, quiet, section, table

Result = Mapping[str, Any]

#: Differences of the descriptions that are listed; the rest is counted.
LISTED = 12


def show(result: Result, console: Console) -> None:
    """Print a comparison."""
    layout.show(
        console,
        *(Text(_about(letter, result[letter]), style="dim") for letter in "ab"),
        Text(""),
        Paragraph(sentence(result), style="bold"),
        Text(""),
        _differences(result),
        _states(result),
        *([_pairs(result["pairs"])] if result["pairs"] else []),
        _metrics(result),
    )


def sentence(result: Result) -> str:
    """The finding in one or two sentences."""
    pairs, a, b = result["pairs"], result["a"], result["b"]
    if pairs is None:
        fell = {name: say.interval(side["outcomes"]["fallen"]) for name, side in (("a", a), ("b", b))}
        return say.sentences([say("compare.apart", **fell), *_months_apart(result)])
    n, fell, held = pairs["worlds"], pairs["fallen"], pairs["stands_alone"]
    if fell["only_a"] == fell["only_b"] == 0:
        told = [say("compare.same_fall" if fell["both"] else "compare.none_fall", n=n, fell=fell["both"])]
    else:
        more, less = ("B", "A") if fell["only_b"] >= fell["only_a"] else ("A", "B")
        least, most = sorted((fell["only_a"], fell["only_b"]))
        told = [say("compare.more_fall", n=n, more=more, less=less, most=most, other=_some(least), both=_some(fell["both"]))]
    if held["only_a"] or held["only_b"]:
        told.append(say("compare.held", a=_some(held["only_a"]), b=_some(held["only_b"])))
    return say.sentences([*told, *_months_apart(result)])


def _months_apart(result: Result) -> list[str]:
    """That A and B are judged after different times, where they are: what falls later counts in one alone."""
    months = [one for one in result["differences"] if one["what"] == "months"]
    return [say("compare.months_apart", a=one["mine"], b=one["other"]) for one in months]


def _some(number: int) -> str:
    return f"{number:,}" if number else say("compare.none")


def _about(letter: str, side: Result) -> str:
    worlds, kind = say.counted(side["worlds"], "world"), say(f"compare.{side['kind']}")
    told = say("compare.side", letter=letter.upper(), folder=side["folder"], kind=kind, preset=side["preset"], worlds=worlds)
    return say("compare.side_failed", side=told, failed=side["failed"]) if side["failed"] else told


def _differences(result: Result) -> RenderableType:
    found = result["differences"]
    if not found:
        return section(say("compare.asked"), say("compare.asked_alike"))
    rows = table(("", "left"), ("A", "left"), ("B", "left"), wrapped=(1, 2))
    for one in found[:LISTED]:
        rows.add_row(one["what"], one["mine"], one["other"])
    if len(found) > LISTED:
        rows.add_row(say("compare.more", number=len(found) - LISTED))
    return section(say("compare.asked"), "", rows)


def _states(result: Result) -> RenderableType:
    sides = [result[letter] for letter in "ab"]
    rows = table((say("compare.all_worlds"), "left"), ("A", "left"), ("B", "left"), wrapped=(1, 2))
    for name in ALARMING:
        rows.add_row(say(f"state.{name}"), *(say.interval(side["outcomes"][name]) for side in sides))
    rows.add_row(say("compare.first"), *map(_first, sides))
    return section(say("compare.ends"), say("study.noise"), rows)


def _first(side: Result) -> str:
    """Who defaults first in most worlds, as its own industry calls it, and in how many; all that do so in equally many."""
    dominoes = side["first_dominoes"]
    most = max(dominoes.values(), default=0)
    with speaking(say.language, side["industry"]):
        names = [say.called(name) for name, number in dominoes.items() if number == most]
    return say("compare.firm", firm=say.listed(names, last="or"), number=most) if names else say("compare.nobody")


def _pairs(pairs: Result) -> RenderableType:
    """The same worlds twice: in both, in one alone, and the difference of the shares."""
    names = ("both", "only_a", "only_b")
    rows = table(
        (say("compare.same_twice"), "left"),
        *((say(f"compare.{name}"), "right") for name in names),
        (say("compare.points"), "left"),
        gap=3,
    )
    for state in ALARMING:
        one = pairs[state]
        rows.add_row(say(f"state.{state}"), *(f"{one[name]:,}" for name in names), _points(one["difference"]))
    note = say("compare.paired", worlds=say.counted(pairs["worlds"], "world"), alike=pairs["same_ending"])
    return section(say("compare.pairs"), say("compare.bootstrap"), rows, quiet(note))


def _points(difference: Mapping[str, float | None]) -> str:
    """A difference of shares in points, with its interval where there is one."""
    middle, *ends = say.points(difference.values())
    return say("compare.range", middle=middle, low=ends[0], high=ends[1]) if ends else middle


def _metrics(result: Result) -> RenderableType:
    paired = result["pairs"] is not None
    last = say("compare.same_world" if paired else "compare.difference")
    heads = ((say("compare.median"), "left"), ("", "left"), ("A", "right"), ("B", "right"), (last, "left"))
    rows = table(*heads, wrapped=(0, 1), gap=2)
    for name, one in result["metrics"].items():
        if one["a"] is None and one["b"] is None:
            continue
        words, unit = say.metric(name)
        scale = 100.0 if unit.startswith("share") else 1.0
        unit = "" if unit.startswith("months") else unit
        told = iter(together([scale * one[letter] for letter in "ab" if one[letter] is not None]))
        values = ("" if one[letter] is None else next(told) for letter in "ab")
        rows.add_row(words, say(f"unit_name.{unit}"), *values, _change(one, paired, scale))
    return section(say("compare.medians"), say("compare.percentiles") if paired else "", rows)


def _change(one: Result, paired: bool, scale: float) -> str:
    if not paired:
        return "" if one["difference"] is None else _plus([scale * one["difference"]])[0]
    if not one["paired"]:
        return ""
    middle, low, high = _plus([scale * one["paired"][name] for name in ("median", "low", "high")])
    return middle if low == high else say("compare.range", middle=middle, low=low, high=high)


def _plus(values: Sequence[float]) -> list[str]:
    """A difference and its ends in two figures, thousands in full: medians of differences are not known better."""
    return together(values, 2, "+")
