"""Is the tightening to blame: verdicts as asked and with loose money, and how far they hang on what was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from perpetuum.model.observed.outcome import PAIRS
from perpetuum.model.words.lines import columns
from perpetuum.model.words.speech import say
from perpetuum.runs.screen.layout import quiet, section, table

Summary = Mapping[str, Any]
_VERDICTS = ("falls_apart", "holds_up", "undecided")


def verdict(summary: Summary) -> RenderableType:
    """Shares with their intervals; beside them the loose twin, where there is a tightening to blame."""
    tightens = summary["tightening"]["within_run"]
    below = [] if tightens else [say("blame.calm")]
    below.append(_defined_otherwise(summary))
    if "ensemble" in summary:
        below.append(read_otherwise(summary))
    return section(
        say("blame.title" if tightens else "blame.title_calm"),
        say("blame.noise"),
        _twins(summary) if tightens else _alone(summary),
        *map(quiet, below),
    )


def _twins(summary: Summary) -> Table:
    """Pairs of the same luck, and beside them the verdicts of both arms."""
    heads, loose, pairs = summary["headlines"], summary["loose"]["headlines"], summary["paired"]
    luck, verdicts = [say(f"pair.{name}") for name in PAIRS], [say(f"headline.{name}") for name in _VERDICTS]
    wide = [max(map(columns, names)) + 1 for names in (luck, verdicts)]
    rows = table(
        (say("blame.same_luck"), "left"), (" " * wide[1] + say("blame.asked"), "left"), (say("blame.loose"), "left")
    )
    for place, pair in enumerate(PAIRS):
        told = [_padded(luck[place], wide[0]) + say.interval(pairs[pair])]
        if place < len(_VERDICTS):
            name = _VERDICTS[place]
            told += [_padded(verdicts[place], wide[1]) + say.interval(heads[name]), say.interval(loose[name])]
        rows.add_row(*told)
    return rows


def _padded(text: str, wide: int) -> str:
    return text + " " * (wide - columns(text))


def _alone(summary: Summary) -> Table:
    rows = Table.grid(padding=(0, 2))
    for name in _VERDICTS:
        rows.add_row(say(f"headline.{name}"), say.interval(summary["headlines"][name]))
    return rows


def _defined_otherwise(summary: Summary) -> str:
    """How far the verdict depends on its own thresholds, each moved by a fifth either way."""
    moved = [side for sides in summary["threshold_sensitivity"].values() for side in sides.values()]
    spans = []
    for name in _VERDICTS[:2]:
        shares = [one[name] for one in moved]
        spans.append(say("blame.of_verdict", verdict=say(f"headline.{name}"), span=say.span(min(shares), max(shares))))
    return say("blame.thresholds", spans=say("list.comma").join(spans))


def read_otherwise(summary: Summary) -> str:
    """How far the verdict depends on the parameters: its ranges over other readings, and where they are largest.

    Of the two verdicts both are told, unless the second is never reached.
    """
    one = summary["ensemble"]
    arms = ("asked", "loose") if summary["tightening"]["within_run"] else ("asked",)
    reached = {name: any(one["ranges"][arm][name]["high"] > 0 for arm in arms) for name in _VERDICTS[:2]}
    told = [
        _range(one, arms, name) if there else say("blame.in_none", verdict=say(f"headline.{name}"))
        for name, there in reached.items()
    ]
    link = say("list.semicolon") if any(reached.values()) else say("list.comma")
    worlds = say.counted(one["worlds"], "world")
    return say("blame.readings", cells=len(one["cells"]), worlds=worlds, told=link.join(told))


def _range(ensemble: Summary, arms: tuple[str, ...], name: str) -> str:
    """One verdict's range in each arm, and at which levels of the assumptions it is largest as asked."""
    spans = {arm: say.span(*(ensemble["ranges"][arm][name][end] for end in ("low", "high"))) for arm in arms}
    verdict = say(f"headline.{name}")
    if len(arms) > 1:
        line = say("blame.in_both", verdict=verdict, asked=spans["asked"], loose=spans["loose"])
    else:
        line = say("blame.of_verdict", verdict=verdict, span=spans["asked"])
    asked, most = ensemble["ranges"]["asked"][name], ensemble["most"][name]
    if asked["low"] == asked["high"]:
        return line
    if not most["levels"]:
        return say("blame.most_alike", line=line, cells=most["cells"])
    levels = [
        say(
            "blame.level", what=say(f"reading_of.{what}"), levels=say.listed([say(f"reading_level.{k}") for k in some], "or")
        )
        for what, some in most["levels"].items()
    ]
    return say("blame.most_with", line=line, levels=say.listed(levels))
