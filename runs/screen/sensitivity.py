"""Which parameters matter, on one screen: what survived the screening, and what each metric depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perpetuum.model.words.speech import say, written
from perpetuum.runs.screen.layout import NARROWEST, WIDEST, Paragraph, head, table

#: Rows of the screening that are shown; the rest is in the files.
SHOWN = 12


def show(summary: Mapping[str, Any], console: Console, files: Sequence[str] = (), folder: str = "") -> None:
    """Print a whole sensitivity study."""
    parts: list[RenderableType] = [*_title(summary)]
    if summary["screened"]:
        parts += [_screening(summary), Text("")]
    for metric in summary["metrics"].values():
        parts += [head(metric["label"], metric["meaning"]), Paragraph(metric["finding"], style="bold")]
        if metric["sobol"]:
            parts += [Padding(_indices(metric), (0, 0, 0, 2)), Paragraph(metric["convergence"]["sentence"])]
        parts.append(Text(""))
    parts.append(
        Paragraph("Indices hold over the ranges that were varied, uniformly, and with luck held fixed.", style="dim")
    )
    if folder:
        parts.append(Paragraph(f"Files in {folder}: {', '.join(files)}", style="dim"))
    console.print(Group(*parts), width=min(max(console.width, NARROWEST), WIDEST))


def _title(summary: Mapping[str, Any]) -> list[RenderableType]:
    screened = f"{say.counted(summary['trajectories'], 'trajectory').replace('ys', 'ies')} · " if summary["screened"] else ""
    size = f"{screened}{say.counted(summary['samples'], 'sample')} · {say.counted(summary['replicates'], 'world')} a point"
    lines = [f"{summary['preset']} · {size} · {say.counted(summary['months'], 'month')} · seed {summary['seed']}"]
    if summary["overrides"]:
        lines.append(f"With {', '.join(f'{name} = {written(value)}' for name, value in summary['overrides'].items())}.")
    if summary["points_left_out"]:
        lines.append(f"{say.counted(summary['points_left_out'], 'point')} left out, because a world failed there.")
    return [*(Paragraph(line, style="dim") for line in lines), Text("")]


def _screening(summary: Mapping[str, Any]) -> RenderableType:
    """Effects relative to the largest on each metric, of the parameters with the largest."""
    metrics = {name: one for name, one in summary["metrics"].items() if any(e["mu_star"] for e in one["morris"].values())}
    title = head("Screening", f"{say.counted(summary['screened'], 'parameter')}, {len(summary['survivors'])} survive")
    if not metrics:
        return Group(title, Paragraph("Nothing that was varied makes any difference to anything that was measured."))
    largest = {name: max(e["mu_star"] for e in one["morris"].values()) for name, one in metrics.items()}
    names = list(next(iter(metrics.values()))["morris"])
    relative = {p: [one["morris"][p]["mu_star"] / largest[name] for name, one in metrics.items()] for p in names}
    rows = table(("mu* over the largest", "left"), *((one["label"], "right") for one in metrics.values()))
    for name in sorted(names, key=lambda p: (-sum(relative[p]), p))[:SHOWN]:
        mark = "•" if name in summary["survivors"] else " "
        rows.add_row(f"{mark} {name}", *(f"{value:.2f}" for value in relative[name]))
    rest = len(names) - SHOWN
    flat = [
        one["label"] for one in summary["metrics"].values() if one["label"] not in [m["label"] for m in metrics.values()]
    ]
    notes = [f"• looked at closely: {summary['rule']}."]
    if rest > 0:
        notes.append(f"{say.counted(rest, 'parameter')} with smaller effects in morris.parquet.")
    if flat:
        notes.append(f"{say.listed(flat)} never changed.")
    return Group(title, Padding(rows, (0, 0, 0, 2)), Paragraph(" ".join(notes), style="dim"))


def _indices(metric: Mapping[str, Any]) -> RenderableType:
    rows = table(("parameter", "left"), ("alone (S1)", "right"), ("", "left"), ("in all (ST)", "right"), ("", "left"))
    for name, one in sorted(metric["sobol"].items(), key=lambda item: -item[1]["ST"]["value"]):
        rows.add_row(name, *(text for index in ("S1", "ST") for text in _with_half(one[index])))
    return rows


def _with_half(one: Mapping[str, float]) -> tuple[str, str]:
    half = one["high"] - one["value"]
    value = f"{one['value']:.2f}".replace("-", "−")
    return ("0.00" if value == "−0.00" else value), f"± {half:.2f}" if half < 1e3 else "± ?"
