"""Which parameters matter, on one screen: what survived the screening, and what each metric depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from perpetuum.model.words.speech import say
from perpetuum.runs.questions.sensitivity import metric_of
from perpetuum.runs.questions.sensitivity_indices import NOTABLE
from perpetuum.runs.questions.sensitivity_report import finding, settled
from perpetuum.runs.screen import layout
from perpetuum.runs.screen.layout import Paragraph, head, quiet, section, table

Summary = Mapping[str, Any]

#: Rows of the screening that are shown; the rest is in the files.
SHOWN = 12


def show(summary: Summary, console: Console, files: Sequence[str] = (), folder: str = "") -> None:
    """Print a whole sensitivity study."""
    parts: list[RenderableType] = [_title(summary), *([_screening(summary)] if summary["screened"] else [])]
    for name, found in summary["metrics"].items():
        metric = metric_of(name)
        parts += [head(metric.label), quiet(metric.meaning), Paragraph(finding(name, summary), style="bold")]
        if found["sobol"]:
            parts += [Padding(_indices(found), (0, 0, 0, 2)), Paragraph(settled(name, summary))]
        parts.append(Text(""))
    parts.append(quiet(say("sensitivity.held")))
    if folder:
        parts.append(quiet(say("autopsy.files", folder=folder, files=", ".join(files))))
    layout.show(console, *parts)


def _title(summary: Summary) -> RenderableType:
    size = say.counted(summary["samples"], "sample")
    if summary["screened"]:
        size = f"{say.counted(summary['trajectories'], 'trajectory')} · {size}"
    counts = {"worlds": say.counted(summary["replicates"], "world"), "months": say.counted(summary["months"], "month")}
    lines = [say("sensitivity.title", preset=summary["preset"], size=size, seed=summary["seed"], **counts)]
    if summary["points_left_out"]:
        lines.append(say("sensitivity.left_out", points=say.counted(summary["points_left_out"], "point")))
    return layout.title(*lines, settings=summary["overrides"])


def _screening(summary: Summary) -> RenderableType:
    """Effects relative to the largest on each metric, of the parameters with the largest."""
    effects = {
        name: {parameter: one["mu_star"] for parameter, one in found["morris"].items()}
        for name, found in summary["metrics"].items()
    }
    moving = {name: found for name, found in effects.items() if any(found.values())}
    survive = say(
        "sensitivity.survive", parameters=say.counted(summary["screened"], "parameter"), n=len(summary["survivors"])
    )
    if not moving:
        return section(say("sensitivity.screening"), survive, Paragraph(say("sensitivity.nothing")))
    names = list(next(iter(moving.values())))
    relative = {p: [found[p] / max(found.values()) for found in moving.values()] for p in names}
    rows = table((say("sensitivity.mu_star"), "left"), *((metric_of(name).label, "right") for name in moving))
    for name in sorted(names, key=lambda p: (-sum(relative[p]), p))[:SHOWN]:
        mark = "•" if name in summary["survivors"] else " "
        rows.add_row(f"{mark} {name}", *(f"{value:.2f}" for value in relative[name]))
    notes = [say("sensitivity.rule", notable=f"{100 * NOTABLE:.0f}", most=summary["most_survivors"])]
    if len(names) > SHOWN:
        notes.append(say("sensitivity.smaller", parameters=say.counted(len(names) - SHOWN, "parameter")))
    still = [metric_of(name).label for name in effects if name not in moving]
    if still:
        notes.append(say("sensitivity.never_changed", names=say.listed(still)))
    return section(say("sensitivity.screening"), survive, rows, quiet(say.sentences(notes)))


def _indices(found: Summary) -> RenderableType:
    heads = ("parameter", "alone", "", "in_all", "", "samples_needed")
    sides = ("left", "right", "left", "right", "left", "right")
    rows = table(*((say(f"sensitivity.{name}") if name else "", side) for name, side in zip(heads, sides, strict=True)))
    for name, one in sorted(found["sobol"].items(), key=lambda item: -item[1]["ST"]["value"]):
        needed = found["convergence"]["indices"][name]["samples_needed"]
        rows.add_row(
            name, *(text for index in ("S1", "ST") for text in _with_half(one[index])), f"{needed:,}" if needed else "?"
        )
    return rows


def _with_half(one: Mapping[str, float]) -> tuple[str, str]:
    half = one["high"] - one["value"]
    value = f"{one['value']:.2f}".replace("-", "−")
    return ("0.00" if value == "−0.00" else value), f"± {half:.2f}" if half < 1e3 else "± ?"
