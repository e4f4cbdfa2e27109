"""What a study found, on one screen, and what a study asked for would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from perpetuum.model.words.speech import say, written
from perpetuum.runs.screen.layout import NARROWEST, WIDEST, Paragraph, head, table

if TYPE_CHECKING:
    from perpetuum.runs.study.description import Study
    from perpetuum.runs.study.estimate import Estimate

#: Headlines as columns, the most alarming first.
_COLUMNS = ("falls_apart", "undecided", "holds_up")


def show(study: Study, summary: Mapping[str, Any], console: Console, folder: str) -> None:
    """Print what a finished study says: a sentence, where the most fall, along each parameter, and the files."""
    _print(
        console,
        *_title(study),
        Paragraph(sentence(summary), style="bold"),
        *([Paragraph(_failures(summary), style="bold")] if summary["failed"] else []),
        Text(""),
        *([_most(study, summary), Text("")] if summary["most_fall"] and study.replicates > 1 else []),
        *_along(summary["along"]),
        _files(study, summary, folder),
    )


def show_plan(study: Study, cost: Estimate, console: Console, done: int) -> None:
    """Print what a study is made of and what it will cost, without running it."""
    months = study.worlds * study.months
    busy = f"{say.counted(cost.workers, 'worker')} on this machine"
    _print(
        console,
        *_title(study),
        *_axes(study),
        Text(""),
        Text(f"{say.counted(study.worlds, 'world')}, {say.counted(months, 'world-month')}", style="bold"),
        Text(f"  time   about {duration(cost.seconds * (1 - done / study.worlds))} with {busy}"),
        Text(f"  disk   up to about {size(cost.bytes)}"),
        *([Text(f"  done   {say.counted(done, 'world')} already, which are kept")] if done else []),
        Paragraph(
            f"Estimates, from {say.counted(cost.probed, 'world')} of it run for a year just now. Nothing was written.",
            style="dim",
        ),
    )


def sentence(summary: Mapping[str, Any]) -> str:
    """The finding: in how many of all worlds the machine falls apart and holds up, and over how many cells that is."""
    n = summary["worlds"] - summary["failed"]
    fell, held = (round(summary["headlines"][name]["share"] * n) for name in ("falls_apart", "holds_up"))
    cells = summary["cells"]
    where = ""
    if fell and cells > 1:
        where = f", in {summary['cells_that_fall']:,} of {say.counted(cells, 'cell')}"
    return (
        f"The machine falls apart in {_of(fell, n)}{where}; it holds up in {_of(held, n, short=True)} and "
        f"stays undecided in {_of(n - fell - held, n, short=True)}."
        f"{' The run is too short to show that it holds up.' if summary['too_short_to_hold'] else ''}"
    )


def duration(seconds: float) -> str:
    """Write a time as a person would say it: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(count: float) -> str:
    """Write bytes as a person would say it: `300 kB`, `12 MB`, `3.4 GB`."""
    for unit, large in (("GB", 1e9), ("MB", 1e6)):
        if count >= large:
            return f"{count / large:.{0 if count >= 10 * large else 1}f} {unit}"
    return f"{max(1, round(count / 1e3))} kB"


def _print(console: Console, *parts: RenderableType) -> None:
    console.print(Group(*parts), width=min(max(console.width, NARROWEST), WIDEST))


def _title(study: Study) -> list[RenderableType]:
    cells, each = say.counted(study.cells, "cell"), say.counted(study.replicates, "replicate")
    cells = f"{cells} × {each} = {say.counted(study.worlds, 'world')}"
    lines = [f"{study.preset} · {cells} · {say.counted(study.months, 'month')} · seed {study.seed}"]
    if study.overrides:
        lines.append(f"With {', '.join(f'{name} = {written(value)}' for name, value in study.overrides.items())}.")
    return [*(Paragraph(line, style="dim") for line in lines), Text("")]


def _axes(study: Study) -> list[RenderableType]:
    from perpetuum.runs.study.description import words
    from perpetuum.runs.study.design import SAMPLED, describe

    rows = table(("varied", "left"), ("", "left"), wrapped=(1,))
    for name, what in describe(study.design).items():
        rows.add_row(name, words(what))
    kind = study.design["kind"]
    how = f"{kind}, {say.counted(study.design['samples'], 'sample')}" if kind in SAMPLED else "every combination"
    return [head("Cells", f"({how})"), Padding(rows, (0, 0, 0, 2))]


def _of(count: int, n: int, short: bool = False) -> str:
    if not count or count == n:
        return (
            ("none" if not count else "all") if short else f"{'none' if not count else 'all'} of {say.counted(n, 'world')}"
        )
    return (
        f"{count:,} ({say.share(count / n)})"
        if short
        else f"{count:,} of {say.counted(n, 'world')} ({say.share(count / n)})"
    )


def _failures(summary: Mapping[str, Any]) -> str:
    first = next(iter(summary["errors"]))
    number = summary["failed"]
    return f"{say.counted(number, 'world')} could not be simulated (see the column `error`), most often: {first}"


def _most(study: Study, summary: Mapping[str, Any]) -> RenderableType:
    """Cells in which the most worlds fall apart, with the noise of so few worlds."""
    names = list(study.varied)
    rows = table(*((name, "left") for name in names), ("falls apart", "left"), wrapped=range(len(names)))
    for one in summary["most_fall"]:
        rows.add_row(*(written(one["cell"][name]) for name in names), say.interval(one["falls_apart"]))
    more = summary["as_many_fall_in"] - len(summary["most_fall"])
    note = f"and as many in {more:,} other{'s' if more > 1 else ''}" if more > 0 else ""
    return Group(
        head("Where the most fall apart", "(ranges: simulation noise, parameters fixed)"),
        Padding(rows, (0, 0, 0, 2)),
        *([Padding(Text(note, style="dim"), (0, 0, 0, 2))] if note else []),
    )


def _along(along: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[RenderableType]:
    """Shares by value of each varied parameter."""
    others = ", over all values of the others" if len(along) > 1 else ""
    parts: list[RenderableType] = [
        head("Along each parameter" if len(along) > 1 else "Along it", f"(share of worlds{others})")
    ]
    for name, groups in along.items():
        rows = table((name, "left"), *((say(f"headline.{one}"), "right") for one in _COLUMNS), gap=3)
        for group in groups:
            label = written(group["value"]) if "value" in group else f"{group['from']:.4g} to {group['to']:.4g}"
            rows.add_row(label, *(say.share(group[one]) for one in _COLUMNS))
        parts += [Padding(rows, (0, 0, 0, 2)), Text("")]
    return parts


def _files(study: Study, summary: Mapping[str, Any], folder: str) -> RenderableType:
    tables = "worlds" if study.series == () else "worlds and series"
    text = Text("Files", style="bold")
    text.append(f"  {folder}/", style="not bold")
    text.append(f"  study.toml, summary, {tables} as tables", style="not bold dim")
    text.append("\nPlot it", style="bold")
    text.append(f"  perpetuum plot {folder}", style="not bold")
    return text
