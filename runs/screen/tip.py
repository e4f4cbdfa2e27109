"""Whatever `perpetuum tip` answers, on one screen; made from the summary alone."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType

from perpetuum.model.words.numbers import told_apart
from perpetuum.model.words.speech import say
from perpetuum.runs.questions import tipping_report as report
from perpetuum.runs.screen import channels, layout, life_lost, stop_test
from perpetuum.runs.screen.layout import head, section, table

Summary = Mapping[str, Any]

#: Probes that the table shows, beside those around crossings, and columns for the names of what it shows.
_ROWS, _WIDE = 11, 66
#: Columns of the lines in which a parameter is named beside them.
_BESIDE = 14


def show(summary: Summary, console: Console, files: Sequence[str] = (), folder: str = "") -> None:
    """Print the finding in bold, what goes with it, and the numbers."""
    of_cells = {"life_lost_map": life_lost.parts, "channels": channels.parts, "stop_test": stop_test.parts}
    parts = of_cells.get(summary["question"], _parts)(summary)
    layout.show(console, *parts, *([_files(files, folder)] if folder else []))


def _parts(summary: Summary) -> list[RenderableType]:
    tables = {"point_of_no_return": _grid, "hysteresis": _levels}
    numbers = tables.get(summary["question"], _cells if "cells" in summary else _probes)
    told = [_title(summary), *layout.told(report.answer(summary))]
    return [*told, numbers(summary)] if summary.get("fallen", 1) else told


def _title(summary: Summary) -> RenderableType:
    worlds, months = say.counted(summary["worlds"], "world"), say.counted(summary["months"], "month")
    if summary["question"] == "tipping_point":
        worlds = say("tip.a_probe", worlds=worlds)
    about = {"preset": summary["preset"], "worlds": worlds, "months": months, "seed": summary["seed"]}
    if "over" in summary:
        low, high = map(say.number, summary["range"])
        unit = f" {summary['unit']}" if summary["unit"] not in ("", "index") else ""
        how = "tip.moved" if summary["question"] == "hysteresis" else "tip.searched"
        asked = say(how, over=summary["over"], low=low, high=f"{high}{unit}")
    else:
        asked = say("tip.tightens", theta=summary["tightening"], start=report.when(summary, summary["start_month"]))
    first = say("tip.title", start=report.when(summary, 0), **about)
    return layout.title(first, asked, settings=summary["overrides"])


def _probes(summary: Summary) -> RenderableType:
    curves = summary["metrics"]
    heads = (*(report.of(summary, curve, "name") for curve in curves), say("tip.alone"))
    # Many curves share a line of so many columns.
    narrow = _WIDE // len(heads) - 2
    what = textwrap.fill(say.parameter(summary["over"]), _BESIDE)
    rows = table((what, "right"), *((textwrap.fill(head, narrow), "left") for head in heads))
    probes = _chosen(summary["probes"], curves)
    lives = say.several_months([probe["life_lost"] for probe in probes]) if "life_lost" in curves else []
    places = told_apart([probe["value"] for probe in probes])
    for number, probe in enumerate(probes):
        told = [lives[number] if curve == "life_lost" else say.interval(probe[curve]) for curve in curves]
        rows.add_row(places[number], *told, say.interval(probe["states"]["stands_alone"]))
    return section(say("tip.probes"), say("tip.probes_note", n=len(summary["probes"])), rows)


def _chosen(probes: Sequence[Summary], levels: Mapping[str, float]) -> list[Summary]:
    """Probes spread over the range, and those on both sides of each crossing of one of the curves."""
    values = [probe["value"] for probe in probes]
    above = [
        [probe[curve]["months" if curve == "life_lost" else "share"] >= level for curve, level in levels.items()]
        for probe in probes
    ]
    low, high = values[0], values[-1]
    wanted = [low + (high - low) * k / (_ROWS - 1) for k in range(_ROWS)]
    places = {min(range(len(values)), key=lambda place: abs(values[place] - want)) for want in wanted}
    places |= {k + side for k in range(len(above) - 1) if above[k] != above[k + 1] for side in (0, 1)}
    return [probes[place] for place in sorted(places)]


def _cells(summary: Summary) -> RenderableType:
    curves = summary["metrics"]
    heads = [(report.of(summary, curve, "at"), "left") for curve in curves]
    rows = table((say.parameter(summary["across"]), "right"), *heads, wrapped=tuple(range(1, len(curves) + 1)))
    for cell in summary["cells"]:
        value = report.setting(cell["setting"][summary["across"]])
        rows.add_row(value, *(_threshold(curve, cell[curve]) for curve in curves))
    return section(say("tip.points"), say("tip.points_of", what=say.parameter(summary["over"])), rows)


def _threshold(curve: str, one: Summary) -> str:
    """Where a curve tips with its interval, or between what it lies."""
    if one["threshold"] is not None:
        return say("tip.at", value=report.carried(one), interval=report.between(one))
    told = say("tip.from_to", **{end: report.amount(curve, one[f"{end}est"]["mean"]) for end in ("low", "high")})
    if one["crossings"]:
        told = say("tip.also_crosses", told=told, crossings=report.crossings(one))
    return say("tip.at", value=say("tip.none"), interval=told)


def _grid(summary: Summary) -> RenderableType:
    rows = table(
        (say("no_return.loosened_from"), "left"), (say("no_return.month"), "right"), (say("no_return.saved"), "right")
    )
    for row in summary["grid"]:
        rows.add_row(report.when(summary, row["month"]), str(row["month"]), say.share(row["saved"]))
    return section(say("no_return.saved_title"), say("no_return.saved_note", fallen=summary["fallen"]), rows)


def _levels(summary: Summary) -> RenderableType:
    numbers = [(say(f"loop.{name}"), "right") for name in ("up", "down", "never_higher")]
    rows = table((say.parameter(summary["over"]), "right"), *numbers, (say("loop.memory_column"), "left"))
    rests = summary["indicators"]["vendor_revenue"]["levels"]
    for place, row in zip(told_apart([one["level"] for one in rests]), rests, strict=True):
        points = say.points(row["gap"].values())
        told = say("loop.points", middle=points[0], low=points[1], high=points[2]) if len(points) == 3 else ""
        rows.add_row(place, *(f"{100 * row[path]:.0f}" for path in ("up", "back", "same_month")), told)
    return section(say("loop.title"), say("loop.note"), rows)


def _files(files: Sequence[str], folder: str) -> RenderableType:
    drawn = sum(name.endswith(".png") for name in files)
    what = say("tip.a_table")
    if drawn:
        what = say("tip.and_figures", files=what, figures=say.counted(drawn, "figure"))
    return head(say("tip.files"), f"{folder}/").append(f"  {what}", style="not bold dim")
