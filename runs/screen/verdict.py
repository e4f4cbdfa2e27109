"""Is the tightening to blame: verdicts as asked and with loose money, and how far they hang on what was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perpetuum.model.words.numbers import joined, many, span, with_interval
from perpetuum.runs.screen.layout import Paragraph, head, table

_NOISE = "(ranges: simulation noise, parameters fixed)"
#: How pairs of the same luck, and verdicts, are called on the screen.
_PAIRS = {
    "fell_because_of_tightening": "fell because of it",
    "fell_anyway": "fell anyway",
    "saved": "saved by it",
    "stood": "fell neither time",
}
_VERDICTS = {"falls_apart": "falls apart", "holds_up": "holds up", "undecided": "undecided"}


def verdict(summary: Mapping[str, Any]) -> RenderableType:
    """Shares with their intervals; beside them the loose twin, where there is a tightening to blame."""
    tightens = summary["tightening"]["within_run"]
    below = [] if tightens else ["nothing tightens within the run: with loose money every world is the same"]
    below.append(_defined_otherwise(summary))
    if "ensemble" in summary:
        below.append(read_otherwise(summary))
    return Group(
        head("Is the tightening to blame?" if tightens else "How does it end?", _NOISE),
        Padding(_twins(summary) if tightens else _alone(summary), (0, 0, 0, 2)),
        *(Padding(Paragraph(line, style="dim"), (0, 0, 0, 2)) for line in below),
        Text(""),
    )


def _twins(summary: Mapping[str, Any]) -> Table:
    """Pairs of the same luck, and beside them the verdicts of both arms."""
    heads, loose, pairs = summary["headlines"], summary["loose"]["headlines"], summary["paired"]
    labels = [max(map(len, names.values())) for names in (_PAIRS, _VERDICTS)]
    columns = table(("same luck twice", "left"), (" " * (labels[1] + 1) + "as asked", "left"), ("loose", "left"))
    names = [*_VERDICTS, ""]
    for pair, name in zip(_PAIRS, names, strict=True):
        asked = f"{_VERDICTS[name]:<{labels[1]}} {with_interval(heads[name])}" if name else ""
        columns.add_row(
            f"{_PAIRS[pair]:<{labels[0]}} {with_interval(pairs[pair])}", asked, with_interval(loose[name]) if name else ""
        )
    return columns


def _alone(summary: Mapping[str, Any]) -> Table:
    columns = Table.grid(padding=(0, 2))
    for name, words in _VERDICTS.items():
        columns.add_row(words, with_interval(summary["headlines"][name]))
    return columns


def _defined_otherwise(summary: Mapping[str, Any]) -> str:
    """How far the verdict depends on its own thresholds, each moved by a fifth either way."""
    moved = [side for sides in summary["threshold_sensitivity"].values() for side in sides.values()]
    spans = []
    for name in ("falls_apart", "holds_up"):
        shares = [one[name] for one in moved]
        spans.append(f"{_VERDICTS[name]} {span(min(shares), max(shares))}")
    return f"verdict's thresholds one by one ±20 %: {', '.join(spans)}"


def read_otherwise(summary: Mapping[str, Any]) -> str:
    """How far the verdict depends on the parameters: its ranges over other readings, and where they are largest.

    Of the two verdicts both are told, unless the second is never reached.
    """
    one = summary["ensemble"]
    each = f"{many(one['worlds'], 'world')} each"
    start = f"over {len(one['cells'])} other readings of demand, depreciation and vendor finance ({each}):"
    arms = ("asked", "loose") if summary["tightening"]["within_run"] else ("asked",)
    reached = {name: any(one["ranges"][arm][name]["high"] > 0 for arm in arms) for name in ("falls_apart", "holds_up")}
    if not any(reached.values()):
        return f"{start} falls apart in none, holds up in none"
    told = [_range(one, arms, name) if reached[name] else f"{_VERDICTS[name]} in none" for name in reached]
    return f"{start} {'; '.join(told)}"


def _range(ensemble: Mapping[str, Any], arms: tuple[str, ...], name: str) -> str:
    """One verdict's range in each arm, and at which levels of the assumptions it is largest as asked."""
    ranges = {arm: ensemble["ranges"][arm][name] for arm in arms}
    spans = {arm: span(one["low"], one["high"]) for arm, one in ranges.items()}
    line = f"{spans['asked']} as asked, {spans['loose']} loose" if len(arms) > 1 else spans["asked"]
    line = f"{_VERDICTS[name]} {line}"
    if ranges["asked"]["low"] == ranges["asked"]["high"]:
        return line
    most = ensemble["most"][name]
    levels = [f"{joined(level, 'or')} {what}" for what, level in most["levels"].items()]
    return f"{line}, most {f'with {joined(levels)}' if levels else f'in {most["cells"]} of them alike'}"
