"""Who is to blame, on one screen: the finding of each payoff, its shares, and the story of one world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from perpetuum.model.observed.odds import CONFIDENCE
from perpetuum.model.words.speech import say, uncapital
from perpetuum.runs.questions.autopsy import ENDS, finding, flat
from perpetuum.runs.questions.causal_story import Story
from perpetuum.runs.questions.mechanism_switches import label
from perpetuum.runs.questions.payoffs import PAYOFFS, Payoff
from perpetuum.runs.screen import layout
from perpetuum.runs.screen.layout import Paragraph, head, quiet, section, table

Summary = Mapping[str, Any]


def show(summary: Summary, story: Story | None, console: Console, files: Sequence[str] = (), folder: str = "") -> None:
    """Print the whole autopsy."""
    parts: list[RenderableType] = [_title(summary)]
    for name, found in summary["payoffs"].items():
        payoff = PAYOFFS[name]
        parts += [head(payoff.label), quiet(payoff.meaning), Paragraph(finding(name, summary), style="bold")]
        if found["shares"] and not flat(found):
            parts += [Padding(_shares(payoff, found), (0, 0, 0, 2)), _sum(payoff, found)]
        parts.append(Text(""))
    if summary["off_already"]:
        idle = say.listed([uncapital(label(name)) for name in summary["off_already"]])
        parts += [quiet(say("autopsy.idle", names=idle)), Text("")]
    if story is not None:
        told = [Paragraph(line) for line in story.sentences() or [say("autopsy.quiet")]]
        parts.append(section(say("autopsy.story", world=story.replicate), story.title, quiet(story.why_this_world), *told))
    if folder:
        parts.append(quiet(say("autopsy.files", folder=folder, files=", ".join(files))))
    layout.show(console, *parts)


def _title(summary: Summary) -> RenderableType:
    counts = {name: say.counted(summary[name], name[:-1]) for name in ("coalitions", "worlds", "months")}
    lines = [say("autopsy.title", preset=summary["preset"], seed=summary["seed"], **counts)]
    if summary["worlds_left_out"]:
        lines.append(say("autopsy.left_out", replicates=say.counted(summary["worlds_left_out"], "replicate")))
    return layout.title(*lines, settings=summary["overrides"])


def _shares(payoff: Payoff, found: Summary) -> RenderableType:
    sides = {"switch": "left", "share": "right", "interval": "left", "alone": "right", "last": "right"}
    rows = table(*((say(f"autopsy.{name}"), side) for name, side in sides.items()))
    ordered = sorted(found["shares"].items(), key=lambda item: -item[1]["shapley"]["mean"])
    values = [
        [*(one["shapley"][end] for end in ("mean", "low", "high")), *(one[what]["mean"] for what in ("alone", "last"))]
        for _, one in ordered
    ]
    told = iter(payoff.changes([value for row in values for value in row]))
    for name, _ in ordered:
        share, low, high, alone, last = (next(told) for _ in range(5))
        rows.add_row(label(name), share, say("autopsy.to", low=low, high=high), alone, last)
    return rows


def _sum(payoff: Payoff, found: Summary) -> RenderableType:
    unit = say("autopsy.percentage_points" if payoff.unit == "share" else f"unit_name.{payoff.unit}")
    total, *ends = payoff.changes([found["sum_of_shares"], *(found[when]["mean"] for when in ENDS)])
    asked, off = (end.lstrip("+") for end in ends)
    told = say("autopsy.sum", unit=unit, total=total, asked=asked, off=off)
    n = len(found["shares"])
    chance = [say("autopsy.by_chance", n=n, number=f"{n * (1 - CONFIDENCE):.1f}")] if n > 1 else []
    return quiet(say.sentences([told, *chance]))


def show_switches(rows: Sequence[Mapping[str, Any]], usual: Sequence[str], console: Console) -> None:
    """Print what can be switched off, how, and why nothing of it is left then."""
    parts: list[RenderableType] = []
    for row in rows:
        name = row["name"]
        parts.append(head(name, row["label"] if name in usual else say("autopsy.with_also", label=row["label"], name=name)))
        told = Paragraph(say("autopsy.off", settings=", ".join(row["off"]))), quiet(row["why"])
        parts += [Padding(one, (0, 0, 0, 2)) for one in told]
    layout.show(console, *parts)
