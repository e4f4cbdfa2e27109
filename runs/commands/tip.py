"""`perpetuum tip`: where the machine tips, until when it can be saved, and whether it comes back by the way it went."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perpetuum.runs.commands import options as shared

if TYPE_CHECKING:
    import pandas as pd

    from perpetuum.runs.study.batches import Progress
    from perpetuum.visualization.figures.of_studies.panels import Asked

_TIGHTENING = "funding.tightening"


def tip(
    preset: shared.PresetName = shared.DEFAULT_PRESET,
    over: Annotated[
        str, typer.Option(metavar="NAME", help="parameter to search, or NAME=LOW:HIGH (default range: the registry's)")
    ] = _TIGHTENING,
    low: Annotated[float | None, typer.Option("--from", help="where the search begins")] = None,
    high: Annotated[float | None, typer.Option("--to", help="where it ends")] = None,
    across: Annotated[
        str | None,
        typer.Option(metavar="NAME=LOW:HIGH:COUNT", help="a tipping point at each value of another, or NAME=A,B,C"),
    ] = None,
    when: Annotated[
        bool, typer.Option("--when", help="point of no return: until when does loosening funding save the median world?")
    ] = False,
    hysteresis: Annotated[
        bool, typer.Option("--hysteresis", help="move the lever slowly up and down: does the machine come back?")
    ] = False,
    life_lost: Annotated[
        bool,
        typer.Option("--map", help="map of months of life lost, by when funding tightens and how hard; can be continued"),
    ] = False,
    starts: Annotated[
        str | None,
        typer.Option(
            metavar="LOW:HIGH:COUNT", help="starts of the map, in months, or A,B,C (default: 0:48:9, every half year)"
        ),
    ] = None,
    strengths: Annotated[
        str | None, typer.Option(metavar="LOW:HIGH:COUNT", help="strengths of the map, or A,B,C (default: 0.1:1:10)")
    ] = None,
    settings: shared.Settings = None,
    worlds: Annotated[int, typer.Option(help="worlds at each probe, or in each cell, the same luck at all of them")] = 100,
    months: shared.Months = None,
    seed: shared.Seed = 1,
    fixed: shared.Fixed = False,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM", help="date by which worlds have fallen, and firms defaulted (default: the last month judged)"
        ),
    ] = None,
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            metavar="NAME",
            help="follow this: life_lost, fallen (both by default), default:FIRM or loss:FIRM, whose level may be stated, "
            "loss:neocloud=0.2 (default: odds of 0.5, a loss of 0.1 per dollar lent); may be repeated",
        ),
    ] = None,
    resolution: Annotated[
        float | None, typer.Option(help="how finely a crossing is searched (default: a 250th of the range)")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="processes on this machine (default: one a core)")] = None,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="draw no figure")] = False,
    out: Annotated[Path | None, typer.Option(help="folder for the files (default: results/PRESET-tip-DATE-TIME)")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print summary.json instead of the screen")] = False,
    lang: shared.Language = "en",
) -> None:
    """Find where tight money costs the mean world a year of life, and where half of the worlds have fallen, with intervals.

    The same worlds live at every probe, as asked and with loose money. Every crossing is reported, and a single threshold refused
    where a curve both rises and falls, or never crosses; none in range is an answer too. --metric asks of a single firm instead:
    where the odds of its default pass a half, and where a dollar lent to it loses more than a stated share.

    --map keeps its worlds in the folder `study` of --out as they come: stopped, the same command goes on from there, and
    `perpetuum plot` draws more of them.

    Example:  perpetuum tip --over funding.tightening --set demand.strength=0.65 --worlds 200
    """
    shared.keep_to_one_thread()

    from perpetuum.runs.study.folder import Folder, default_folder

    questions = [option for option, asked in (("--when", when), ("--hysteresis", hysteresis), ("--map", life_lost)) if asked]
    if len(questions) > 1:
        raise shared.input_error(f"{' and '.join(questions)} are {len(questions)} questions: ask them one after the other")
    if not life_lost and (starts, strengths) != (None, None):
        raise shared.input_error("--starts and --strengths are those of a map: give --map too")
    target = out or default_folder(preset, "tip")
    name, low, high = _range(over, low, high)
    question = {
        "preset": preset,
        "overrides": shared.parse_settings(settings),
        "worlds": worlds,
        "months": months,
        "seed": seed,
        "fixed": fixed,
    }
    if questions:
        _refuse(across=across, resolution=resolution, by=by, metric=metrics)
    if when:
        if name != _TIGHTENING or (low, high) != (None, None):
            raise shared.input_error(f"--when is about loosening funding: it takes no --over other than {_TIGHTENING}")
        found = _no_return(question)
    elif life_lost:
        if name != _TIGHTENING or (low, high) != (None, None):
            raise shared.input_error("--map is about when and how hard funding tightens: --starts and --strengths say where")
        found = _life_lost(question, starts, strengths, target)
    elif hysteresis:
        found = _hysteresis(question | {"over": name, "low": low, "high": high})
    else:
        question |= {"over": name, "low": low, "high": high, "resolution": resolution}
        found = _tip(question | ({"metrics": metrics} if metrics else {}), across, by)
    with Folder(target) as folder:
        shared.announce_compilation()
        with found.progress() as progress:
            summary, table, table_name = found.simulate(shared.worker_count(workers, found.worlds), progress)
        folder.write_json("summary.json", summary)
        table.to_parquet(folder.path / f"{table_name}.parquet", index=False, compression="zstd")
        if life_lost:
            table.to_csv(folder.path / f"{table_name}.csv", index=False)
        if not no_figures:
            from perpetuum.visualization.figures.of_studies.tipping_points import draw_tip

            with shared.drawing("drawing the figure"):
                draw_tip(summary, found.asked, folder.path)
        about = {key: summary[key] for key in ("preset", "overrides", "worlds", "months", "seed")}
        files = folder.write_manifest({"kind": "tip", **about})
    console = shared.terminal(summary, as_json)
    if console is not None:
        from perpetuum.runs.screen.tip import show

        show(summary, console, files, str(folder.target))


# --- what the user wrote ------------------------------------------------------------------------------------


def _range(over: str, low: float | None, high: float | None) -> tuple[str, float | None, float | None]:
    """Read `--over NAME` or `NAME=LOW:HIGH`, with `--from` and `--to`."""
    name, equals, ends = (part.strip() for part in over.partition("="))
    if not equals:
        return name, low, high
    if low is not None or high is not None:
        raise shared.input_error(f"'{over}' says from where to where already: leave out --from and --to")
    try:
        first, last = (float(end) for end in ends.split(":"))
    except ValueError:
        raise shared.input_error(f"--over takes NAME or NAME=LOW:HIGH, such as {name}=0:1, not '{over}'") from None
    return name, first, last


def _month(by: str, start: datetime.date) -> int:
    """Number of a month written as 2030-12, counted from a run's first."""
    try:
        year, month = (int(part) for part in by.split("-"))
        date = datetime.date(year, month, 1)
    except ValueError:
        raise shared.input_error(f"--by takes a month such as 2030-12, not '{by}'") from None
    return 12 * (date.year - start.year) + date.month - start.month


def _refuse(**options: object) -> None:
    for option, value in options.items():
        if value is not None:
            raise shared.input_error(
                f"--{option} goes with the search for a tipping point, not with --when, --hysteresis or --map"
            )


# --- the four questions ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Question:
    """A checked question: about how many worlds it takes, and how it is answered (summary, table, the table's name)."""

    asked: Asked
    worlds: int
    simulate: Callable[[int, Progress | None], tuple[dict[str, Any], pd.DataFrame, str]]
    progress: Callable[[], AbstractContextManager[Progress | None]] = lambda: shared.progress("simulating")


def _tip(question: dict[str, Any], across: str | None, by: str | None) -> _Question:
    from perpetuum.runs.questions import tipping
    from perpetuum.runs.study.batches import run_worlds
    from perpetuum.runs.study.design import make_design

    if by is not None:
        question = question | {"by": _month(by, tipping.Tip(**question).scenario.definition.start)}
    asked = tipping.Tip(**question)
    if across is not None:
        name, equals, values = (part.strip() for part in across.partition("="))
        if not equals or not name or not values:
            raise shared.input_error(f"--across takes NAME=LOW:HIGH:COUNT or NAME=A,B,C, not '{across}'")
        axis: Sequence[Any] = make_design({name: values}, asked.scenario)["axes"][name]
        asked = tipping.Tip(**question, across=(name, axis))

    def simulate(workers: int, progress: Progress | None) -> tuple[dict[str, Any], pd.DataFrame, str]:
        curves = tipping.search(asked, partial(run_worlds, workers=workers), progress)
        return tipping.summarise(asked, curves), tipping.probes_table(asked, curves), "probes"

    return _Question(asked, 2 * tipping.SCAN * asked.worlds * len(asked.cells), simulate)


def _no_return(question: dict[str, Any]) -> _Question:
    from perpetuum.runs.questions import point_of_no_return as no_return
    from perpetuum.runs.questions.forked_worlds import run_all
    from perpetuum.runs.study.batches import run_worlds

    asked = no_return.NoReturn(**question)

    def simulate(workers: int, progress: Progress | None) -> tuple[dict[str, Any], pd.DataFrame, str]:
        found = no_return.search(asked, partial(run_worlds, workers=workers), partial(run_all, workers=workers), progress)
        return no_return.summarise(asked, found), no_return.worlds_table(asked, found), "worlds"

    return _Question(asked, asked.worlds * (asked.end - asked.start) // asked.stride, simulate)


def _hysteresis(question: dict[str, Any]) -> _Question:
    from perpetuum.runs.questions import hysteresis
    from perpetuum.runs.questions.forked_worlds import run_all

    asked = hysteresis.Hysteresis(**question)

    def simulate(workers: int, progress: Progress | None) -> tuple[dict[str, Any], pd.DataFrame, str]:
        loop = hysteresis.run(asked, partial(run_all, workers=workers), progress)
        return hysteresis.summarise(asked, loop), hysteresis.paths_table(asked, loop), "paths"

    return _Question(asked, asked.worlds * hysteresis.LEVELS, simulate)


def _life_lost(question: dict[str, Any], starts: str | None, strengths: str | None, target: Path) -> _Question:
    from perpetuum.runs.commands.sweep import world_progress, worlds_done
    from perpetuum.runs.questions import life_lost_map
    from perpetuum.runs.questions.moved_parameter import scenario_of
    from perpetuum.runs.study import load
    from perpetuum.runs.study.design import make_design
    from perpetuum.runs.study.execute import StudyStopped, run_study
    from perpetuum.runs.study.folder import StudyFolder

    scenario = scenario_of(*(question[name] for name in ("preset", "overrides", "seed", "months")))
    axes = {life_lost_map.START: starts, life_lost_map.THETA: strengths}
    for option, told, example in (("--starts", starts, "0:48:9"), ("--strengths", strengths, "0.1:1:10")):
        if told is not None and told.count(":") not in (0, 2):
            raise shared.input_error(f"{option} takes LOW:HIGH:COUNT or A,B,C, such as {option} {example}, not '{told}'")
    values = [None if told is None else make_design({name: told}, scenario)["axes"][name] for name, told in axes.items()]
    asked = life_lost_map.LifeLostMap(**question, starts=values[0], strengths=values[1])
    study, folder = asked.study, target / "study"
    with StudyFolder(folder) as there:
        there.compare(study)

    def simulate(workers: int, progress: Progress | None) -> tuple[dict[str, Any], pd.DataFrame, str]:
        try:
            run_study(study, folder, workers=workers, progress=progress)
        except StudyStopped:
            kept = f"stopped with {worlds_done(folder)} of {study.worlds} worlds done, which are kept in '{folder}'"
            raise shared.Stopped(f"{kept}: the same command with --out {target} goes on from there") from None
        summary = life_lost_map.summarise(asked, load(folder))
        return summary, life_lost_map.cells_table(summary), "life_lost"

    return _Question(
        asked, study.worlds, simulate, lambda: world_progress(study.worlds, study.simulated, worlds_done(folder))
    )
