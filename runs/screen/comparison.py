"""Two runs or studies on one screen: a sentence, what was asked differently, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perpetuum.model.words.speech import say
from perpetuum.runs.questions.comparison import METRICS, sentence
from perpetuum.runs.screen.layout import NARROWEST, WIDEST, Paragraph, head, table

#: Differences of the descriptions that are listed; the rest is counted.
LISTED = 12
_HEADLINES = ("falls_apart", "holds_up", "undecided")


def show(result: Mapping[str, Any], console: Console) -> None:
    """Print a comparison."""
    parts: list[RenderableType] = [
        *(Text(f"{letter.upper()}  {_about(result[letter])}", style="dim") for letter in "ab"),
        Text(""),
        Paragraph(sentence(result), style="bold"),
        Text(""),
        _differences(result),
        Text(""),
        _headlines(result),
        Text(""),
        *([_pairs(result["pairs"]), Text("")] if result["pairs"] else []),
        _metrics(result),
    ]
    console.print(Group(*parts), width=min(max(console.width, NARROWEST), WIDEST))


def _about(side: Mapping[str, Any]) -> str:
    failed = f", {side['failed']:,} failed" if side["failed"] else ""
    return f"{side['folder']}  {side['kind']} of {side['preset']}, {say.counted(side['worlds'], 'world')}{failed}"


def _differences(result: Mapping[str, Any]) -> RenderableType:
    found = result["differences"]
    if not found:
        return head("Asked differently", "nothing: both describe the same worlds")
    rows = table(("", "left"), ("A", "left"), ("B", "left"), wrapped=(1, 2))
    for one in found[:LISTED]:
        rows.add_row(one["what"], one["mine"], one["other"])
    if len(found) > LISTED:
        rows.add_row(f"and {len(found) - LISTED} more (--json)")
    return Group(head("Asked differently"), Padding(rows, (0, 0, 0, 2)))


def _headlines(result: Mapping[str, Any]) -> RenderableType:
    a, b = result["a"], result["b"]
    rows = table(("all worlds", "left"), ("A", "left"), ("B", "left"), wrapped=())
    for name in _HEADLINES:
        rows.add_row(say(f"headline.{name}"), say.interval(a["headlines"][name]), say.interval(b["headlines"][name]))
    rows.add_row("first to default, mostly", *(_first(side) for side in (a, b)))
    return Group(head("How it ends", "(ranges: simulation noise, parameters fixed)"), Padding(rows, (0, 0, 0, 2)))


def _first(side: Mapping[str, Any]) -> str:
    dominoes = side["first_dominoes"]
    name = max(dominoes, key=lambda one: dominoes[one], default="")
    return f"{say.called(name)} ({dominoes[name]:,})" if name else "nobody"


def _pairs(pairs: Mapping[str, Any]) -> RenderableType:
    """The same worlds twice: in both, in one alone, and the difference of the shares."""
    rows = table(
        ("same world twice", "left"),
        ("both", "right"),
        ("A alone", "right"),
        ("B alone", "right"),
        ("B − A, points", "left"),
        gap=3,
    )
    for name in _HEADLINES:
        one = pairs[name]
        counts = (f"{one[pair]:,}" for pair in ("both", "only_a", "only_b"))
        rows.add_row(say(f"headline.{name}"), *counts, _points(one["difference"]))
    same = f"{say.counted(pairs['worlds'], 'world')} with the same varied parameters and the same luck"
    note = f"{same}; {pairs['same_ending']:,} end alike"
    return Group(
        head("World by world", "(ranges: bootstrap over replicates)"),
        Padding(Group(rows, Paragraph(note, style="dim")), (0, 0, 0, 2)),
    )


def _points(difference: Mapping[str, float | None]) -> str:
    """A difference of shares in points, with its interval where there is one."""
    mean, low, high = (difference[key] for key in ("mean", "low", "high"))
    text = _signed(100 * (mean or 0.0))
    return text if low is None or high is None else f"{text} ({_signed(100 * low)} to {_signed(100 * high)})"


def _signed(value: float) -> str:
    whole = round(value)
    return "0" if whole == 0 else f"{'+' if whole > 0 else '−'}{abs(whole)}"


def _metrics(result: Mapping[str, Any]) -> RenderableType:
    paired = result["pairs"] is not None
    rows = table(
        ("median world", "left"),
        ("", "left"),
        ("A", "right"),
        ("B", "right"),
        ("same world, B − A" if paired else "B − A", "left"),
        wrapped=(0,),
        gap=2,
    )
    for name, one in result["metrics"].items():
        if one["a"] is None and one["b"] is None:
            continue
        words, unit = METRICS[name]
        scale = 100.0 if unit == "%" else 1.0
        values = ("" if one[letter] is None else say.number(scale * one[letter]) for letter in "ab")
        rows.add_row(words, unit, *values, _change(one, paired, scale))
    return Group(
        head("Medians", "(of the differences: 5th to 95th percentile of worlds)" if paired else ""),
        Padding(rows, (0, 0, 0, 2)),
    )


def _change(one: Mapping[str, Any], paired: bool, scale: float) -> str:
    if not paired:
        return "" if one["difference"] is None else _plus(scale * one["difference"])
    spread = one["paired"]
    if not spread:
        return ""
    middle, low, high = (_plus(scale * spread[name]) for name in ("median", "low", "high"))
    return middle if low == high else f"{middle} ({low} to {high})"


def _plus(value: float) -> str:
    """A difference in two digits, thousands in full: medians of differences are not known better."""
    if value == 0:
        return "0"
    size = f"{abs(value):,.0f}" if abs(value) >= 10 else f"{abs(value):.2g}"
    return f"{'+' if value > 0 else '−'}{size}"
