"""Tipping points, points of no return and hysteresis on one screen; made from the summary alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perpetuum.model.words.speech import say, written
from perpetuum.runs.questions import tipping_report as tip_findings
from perpetuum.runs.screen.layout import NARROWEST, WIDEST, Paragraph, head, table

Summary = Mapping[str, Any]

#: Probes that the table shows, beside those around crossings.
_ROWS = 11


def show(summary: Summary, console: Console, files: Sequence[str] = (), folder: str = "") -> None:
    """Print the finding in bold, what goes with it, and the numbers."""
    first, *notes = tip_findings.answer(summary)
    parts: list[RenderableType] = [_title(summary), Paragraph(first, style="bold"), Text("")]
    for note in notes:
        parts.append(Paragraph(note))
    if notes:
        parts.append(Text(""))
    parts += _numbers(summary)
    if folder:
        parts.append(_files(files, folder))
    console.print(Group(*parts), width=min(max(console.width, NARROWEST), WIDEST))


def _title(summary: Summary) -> RenderableType:
    worlds = say.counted(summary["worlds"], "world") + (" a probe" if summary["question"] == "tipping_point" else "")
    start = tip_findings.when(summary, 0)
    lines = [
        f"{summary['preset']} · {worlds} · {say.counted(summary['months'], 'month')} from {start} · seed {summary['seed']}"
    ]
    if "over" in summary:
        low, high = summary["range"]
        unit = f" {summary['unit']}" if summary["unit"] not in ("", "index") else ""
        moved = "moved slowly" if summary["question"] == "hysteresis" else "searched"
        lines.append(f"{summary['over']} is {moved} from {say.number(low)} to {say.number(high)}{unit}.")
    else:
        lines.append(
            f"Funding tightens by {summary['tightening']:g} from {tip_findings.when(summary, summary['start_month'])}."
        )
    if summary["overrides"]:
        lines.append(f"With {', '.join(f'{name} = {written(value)}' for name, value in summary['overrides'].items())}.")
    return Padding(Group(*(Paragraph(line, style="dim") for line in lines)), (0, 0, 1, 0))


def _numbers(summary: Summary) -> list[RenderableType]:
    if summary["question"] == "point_of_no_return":
        return [_grid(summary)] if summary["fallen"] else []
    if summary["question"] == "hysteresis":
        return [_levels(summary)]
    return [_cells(summary)] if "cells" in summary else [_probes(summary)]


def _probes(summary: Summary) -> RenderableType:
    columns = table((say.parameter(summary["over"]), "right"), ("falls apart", "left"), ("holds up", "left"))
    for probe in _chosen(summary["probes"]):
        heads = probe["headlines"]
        columns.add_row(say.number(probe["value"]), say.interval(heads["falls_apart"]), say.interval(heads["holds_up"]))
    note = f"{len(summary['probes'])} probes, the same worlds at each; ranges: simulation noise"
    return Group(head("Probes", note), Padding(columns, (0, 0, 1, 2)))


def _chosen(probes: Sequence[Summary]) -> list[Summary]:
    """Probes spread over the range, and those on both sides of each crossing of the share that falls apart."""
    values = [probe["value"] for probe in probes]
    falls = [probe["headlines"]["falls_apart"]["share"] for probe in probes]
    low, high = values[0], values[-1]
    wanted = [low + (high - low) * k / (_ROWS - 1) for k in range(_ROWS)]
    places = {min(range(len(values)), key=lambda place: abs(values[place] - want)) for want in wanted}
    places |= {k + side for k in range(len(falls) - 1) if (falls[k] >= 0.5) != (falls[k + 1] >= 0.5) for side in (0, 1)}
    return [probes[place] for place in sorted(places)]


def _cells(summary: Summary) -> RenderableType:
    columns = table((say.parameter(summary["across"]), "right"), ("half fall apart at", "left"), ("", "left"), wrapped=(2,))
    for cell in summary["cells"]:
        value = tip_findings.setting(cell["setting"][summary["across"]])
        if cell["threshold"] is not None:
            columns.add_row(value, say.number(cell["threshold"]), tip_findings.between(cell))
            continue
        one = cell["falls_apart"]
        span = f"{say.share(one['lowest']['share'])} to {say.share(one['highest']['share'])} fall apart"
        crossed = f"; crosses one half {tip_findings.crossings(one)}" if one["crossings"] else ""
        columns.add_row(value, "none", f"{span}{crossed}")
    return Group(head("Tipping points", f"of {say.parameter(summary['over'])}"), Padding(columns, (0, 0, 1, 2)))


def _grid(summary: Summary) -> RenderableType:
    columns = table(("loosened from", "left"), ("month", "right"), ("saved", "right"))
    for row in summary["grid"]:
        columns.add_row(tip_findings.when(summary, row["month"]), str(row["month"]), say.share(row["saved"]))
    note = f"of the {summary['fallen']} worlds that fall apart as asked"
    return Group(head("Saved by loosening", note), Padding(columns, (0, 0, 1, 2)))


def _levels(summary: Summary) -> RenderableType:
    columns = table(
        (say.parameter(summary["over"]), "right"),
        ("up", "right"),
        ("down", "right"),
        ("never higher", "right"),
        ("memory", "left"),
    )
    for row in summary["indicators"]["vendor_revenue"]["levels"]:
        gap = row["gap"]
        points = [f"{round(100 * gap[end]):+d}" for end in ("value", "low", "high") if gap[end] is not None]
        between = f"{points[0]} ({points[1]} to {points[2]})" if len(points) == 3 else ""
        columns.add_row(
            say.number(row["level"]), *(f"{100 * row[path]:.0f}" for path in ("up", "back", "same_month")), between
        )
    note = "in % of worlds in which the lever rests; never higher: same month, same level"
    return Group(head("Vendors' revenue", note), Padding(columns, (0, 0, 1, 2)))


def _files(files: Sequence[str], folder: str) -> RenderableType:
    text = head("Files", f"{folder}/")
    drawn = sum(name.endswith(".png") for name in files)
    text.append(f"  summary, a table{f', {say.counted(drawn, "figure")}' if drawn else ''}", style="not bold dim")
    return text
