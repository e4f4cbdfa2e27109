"""What a study found, on one screen, and what a study asked for would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.text import Text

from perpetuum.model.observed.odds import NAMES
from perpetuum.model.observed.states import ALARMING
from perpetuum.model.words.numbers import ends_of
from perpetuum.model.words.speech import say, typed
from perpetuum.runs.screen import layout
from perpetuum.runs.screen.layout import Paragraph, head, quiet, section, table

if TYPE_CHECKING:
    from perpetuum.runs.study.description import Study
    from perpetuum.runs.study.estimate import Estimate


def show(study: Study, summary: Mapping[str, Any], console: Console, folder: str = "") -> None:
    """Print what a finished study says: a sentence, where the most fall, along each parameter, and the files."""
    told = [sentence(summary)]
    if summary["failed"]:
        worlds = say.counted(summary["failed"], "world")
        told.append(say("study.failed", worlds=worlds, first=next(iter(summary["errors"]))))
    layout.show(
        console,
        _title(study),
        *(Paragraph(one, style="bold") for one in told),
        Text(""),
        *([_most(study, summary)] if summary["most_fall"] and study.replicates > 1 else []),
        _along(summary["along"]),
        *([_files(study, folder)] if folder else []),
    )


def show_plan(study: Study, cost: Estimate, console: Console, done: int) -> None:
    """Print what a study is made of and what it will cost, without running it."""
    worlds, months = say.counted(study.worlds, "world"), say.counted(study.worlds * study.simulated, "world-month")
    time = duration(cost.seconds * (1 - done / study.worlds))
    layout.show(
        console,
        _title(study),
        _axes(study),
        Text(say("study.size", worlds=worlds, months=months), style="bold"),
        Text(say("study.time", time=time, workers=say.counted(cost.workers, "worker"))),
        Text(say("study.disk", size=size(cost.bytes))),
        *([Text(say("study.done", worlds=say.counted(done, "world")))] if done else []),
        quiet(say("study.estimated", worlds=say.counted(cost.probed, "world"))),
    )


def sentence(summary: Mapping[str, Any]) -> str:
    """The finding: in how many of all worlds the machine has fallen, over how many cells, and where the others stand."""
    n, cells = summary["worlds"] - summary["failed"], summary["cells"]
    counts = {name: round(summary["outcomes"][name]["share"] * n) for name in ALARMING}
    fell = counts.pop("fallen")
    where = ""
    if fell and cells > 1:
        where = say("study.where", fall=summary["cells_that_fall"], cells=say.counted(cells, "cell"))
    others = {name: say(f"study.{_how(part, n)}", **_number(part, n)) for name, part in counts.items()}
    told = [say("study.found", fell=say(f"study.{_how(fell, n)}_of", **_number(fell, n)), where=where, **others)]
    return say.sentences(told)


def _how(count: int, n: int) -> str:
    return "none" if not count else "all" if count == n else "some"


def _number(count: int, n: int) -> dict[str, Any]:
    return {"number": count, "share": say.share(count / n) if n else "", "worlds": say.counted(n, "world")}


def duration(seconds: float) -> str:
    """Write a time as a person would say it: `40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return say("study.seconds", x=max(1, round(seconds)))
    return say("study.minutes", x=f"{seconds / 60:.0f}") if seconds < 5400 else say("study.hours", x=f"{seconds / 3600:.1f}")


def size(count: float) -> str:
    """Write bytes as a person would say it: `300 kB`, `12 MB`, `3.4 GB`."""
    for unit, large in (("GB", 1e9), ("MB", 1e6)):
        if count >= large:
            return f"{count / large:.{0 if count >= 10 * large else 1}f} {unit}"
    return f"{max(1, round(count / 1e3))} kB"


def _title(study: Study) -> RenderableType:
    line = say(
        "study.title",
        preset=study.preset,
        cells=say.counted(study.cells, "cell"),
        each=say.counted(study.replicates, "replicate"),
        worlds=say.counted(study.worlds, "world"),
        months=say.counted(study.months, "month"),
        seed=study.seed,
    )
    return layout.title(line, settings=study.overrides)


def _axes(study: Study) -> RenderableType:
    from perpetuum.runs.study.description import as_typed
    from perpetuum.runs.study.design import SAMPLED, describe

    rows = table((say("study.varied"), "left"), ("", "left"), wrapped=(1,))
    for name, what in describe(study.design).items():
        rows.add_row(name, as_typed(name, what))
    kind = study.design["kind"]
    samples = say.counted(study.design["samples"], "sample") if kind in SAMPLED else ""
    how = say("study.sampled", kind=kind, samples=samples) if samples else say("study.every")
    return section(say("study.cells"), how, rows)


def _most(study: Study, summary: Mapping[str, Any]) -> RenderableType:
    """Cells in which the most worlds fall, with the noise of so few worlds."""
    names = list(study.varied)
    rows = table(*((name, "left") for name in names), (say("state.fallen"), "left"), wrapped=range(len(names)))
    for one in summary["most_fall"]:
        rows.add_row(*(typed(name, one["cell"][name]) for name in names), say.interval(one["fallen"]))
    more = summary["as_many_fall_in"] - len(summary["most_fall"])
    also = [quiet(say("study.as_many", n=more))] if more > 0 else []
    return section(say("study.most"), say("study.noise"), rows, *also)


def _along(along: Mapping[str, Sequence[Mapping[str, Any]]]) -> RenderableType:
    """Shares by value of each varied parameter."""
    parts: list[RenderableType] = []
    for name, groups in along.items():
        rows = table((name, "left"), *((say(f"states.{NAMES[one]}"), "right") for one in ALARMING), gap=3)
        for one in groups:
            label = typed(name, one["value"]) if "value" in one else ""
            ends = dict(zip(("low", "high"), ends_of(one["from"], one["to"]), strict=True)) if not label else {}
            rows.add_row(label or say("study.group", **ends), *(say.share(one[column]) for column in ALARMING))
        parts += [*([Text("")] if parts else []), rows]
    if len(along) > 1:
        return section(say("study.along_each"), say("study.of_worlds_over"), *parts)
    return section(say("study.along_it"), say("study.of_worlds"), *parts)


def _files(study: Study, folder: str) -> RenderableType:
    text = head(say("study.files"))
    text.append(f"  {folder}/", style="not bold")
    text.append(f"  {say('study.worlds_alone' if study.series == () else 'study.worlds_and_series')}", style="not bold dim")
    text.append(f"\n{say('study.plot_it')}", style="bold")
    return text.append(f"  perpetuum plot {folder}", style="not bold")
