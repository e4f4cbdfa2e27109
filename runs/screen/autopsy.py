"""Who is to blame, on one screen: the finding of each payoff, its shares, and the story of one world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perpetuum.model.words.speech import say, written
from perpetuum.runs.questions.causal_story import Story
from perpetuum.runs.questions.payoffs import PAYOFFS, Payoff, amount, uncapital
from perpetuum.runs.screen.layout import NARROWEST, WIDEST, Paragraph, head, table


def show(
    summary: Mapping[str, Any], story: Story | None, console: Console, files: Sequence[str] = (), folder: str = ""
) -> None:
    """Print the whole autopsy."""
    parts: list[RenderableType] = [*_title(summary)]
    for name, found in summary["payoffs"].items():
        parts += [head(found["label"], found["meaning"]), Paragraph(found["finding"], style="bold")]
        if found["shares"] and found["highest_coalition"] - found["lowest_coalition"] > 1e-12:
            parts += [Padding(_shares(PAYOFFS[name], found), (0, 0, 0, 2)), _sum(PAYOFFS[name], found)]
        parts.append(Text(""))
    parts += _idle(summary)
    if story is not None:
        parts += [
            head(f"What happened in world {story.replicate}", story.title),
            Paragraph(story.why_this_world, style="dim"),
        ]
        parts += [Padding(Paragraph(sentence), (0, 0, 0, 2)) for sentence in story.sentences()]
        if not story.steps:
            parts.append(Text("  Nothing went wrong that anybody noted."))
        parts.append(Text(""))
    if folder:
        parts.append(Paragraph(f"Files in {folder}: {', '.join(files)}", style="dim"))
    console.print(Group(*parts), width=min(max(console.width, NARROWEST), WIDEST))


def _title(summary: Mapping[str, Any]) -> list[RenderableType]:
    size = f"{say.counted(summary['coalitions'], 'coalition')} × {say.counted(summary['worlds'], 'world')}"
    lines = [f"{summary['preset']} · {size} · {say.counted(summary['months'], 'month')} · seed {summary['seed']}"]
    if summary["overrides"]:
        lines.append(f"With {', '.join(f'{name} = {written(value)}' for name, value in summary['overrides'].items())}.")
    if summary["worlds_left_out"]:
        left = say.counted(summary["worlds_left_out"], "replicate")
        lines.append(f"{left} left out, because a world failed in some coalition.")
    return [*(Paragraph(line, style="dim") for line in lines), Text("")]


def _shares(payoff: Payoff, found: Mapping[str, Any]) -> RenderableType:
    rows = table(
        ("switch", "left"), ("share", "right"), ("95 % interval", "left"), ("on alone", "right"), ("lost if off", "right")
    )
    for one in sorted(found["shares"].values(), key=lambda one: -one["shapley"]["mean"]):
        share = one["shapley"]
        rows.add_row(
            one["label"],
            _plain(payoff, share["mean"]),
            f"{_plain(payoff, share['low'])} to {_plain(payoff, share['high'])}",
            _plain(payoff, one["alone"]["mean"]),
            _plain(payoff, one["last"]["mean"]),
        )
    return rows


def _sum(payoff: Payoff, found: Mapping[str, Any]) -> RenderableType:
    unit = "percentage points" if payoff.unit == "share" else payoff.unit
    asked, off = (amount(payoff, found[when]["mean"]) for when in ("as_asked", "all_off"))
    total = _plain(payoff, found["sum_of_shares"])
    return Paragraph(f"In {unit}. The shares add up to {total}: {asked} as asked less {off} with all off.", style="dim")


def _plain(payoff: Payoff, value: float) -> str:
    """A change without its unit."""
    value = 100 * value if payoff.unit == "share" else value
    text = f"{value:+.1f}" if abs(value) < 99.95 else f"{value:+.0f}"
    return "0" if not text.strip("+-0.") else text.replace("-", "−")


def _idle(summary: Mapping[str, Any]) -> list[RenderableType]:
    idle = [uncapital(one["label"]) for one in summary["off_already"].values()]
    return [Paragraph(f"Off in this scenario already, so not simulated: {say.listed(idle)}."), Text("")] if idle else []


def show_switches(rows: Sequence[Mapping[str, Any]], usual: Sequence[str], console: Console) -> None:
    """Print what can be switched off, how, and why nothing of it is left then."""
    parts: list[RenderableType] = []
    for row in rows:
        parts.append(
            head(row["name"], row["label"] if row["name"] in usual else f"{row['label']} (with --also {row['name']})")
        )
        parts.append(Padding(Paragraph(f"off: {', '.join(row['off'])}"), (0, 0, 0, 2)))
        parts.append(Padding(Paragraph(row["why"], style="dim"), (0, 0, 0, 2)))
    console.print(Group(*parts), width=min(max(console.width, NARROWEST), WIDEST))
