"""`perpetuum run`: a scenario, its loose-money twin and its twin without vendor finance, answered on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perpetuum.runs.commands import options as shared
from perpetuum.runs.commands.industry import speak_of

if TYPE_CHECKING:
    from perpetuum.runs.study.question import Question


def run(
    preset: shared.PresetName = shared.DEFAULT_PRESET,
    settings: shared.Settings = None,
    months: shared.Months = None,
    until: shared.Until = None,
    like: shared.Like = None,
    worlds: Annotated[
        int, typer.Option(parser=shared.whole, help="worlds to simulate, each with its own luck and its own unknowns")
    ] = 100,
    seed: shared.Seed = 1,
    out: Annotated[
        Path | None, typer.Option(parser=shared.path, help="folder for the files (default: results/PRESET-DATE-TIME)")
    ] = None,
    force: shared.Force = False,
    as_json: shared.SummaryAsJson = False,
    lang: shared.Language = "en",
    ladder: Annotated[bool, typer.Option("--ladder", help="also try six degrees of tightening, 0 to 1")] = False,
    fixed: shared.Fixed = False,
    no_side_studies: Annotated[
        bool,
        typer.Option(
            "--no-side-studies", help="skip weak and strong demand, the stop test, other luck, and squeezes at other times"
        ),
    ] = False,
    no_figures: shared.NoFigures = False,
    report: Annotated[
        bool, typer.Option("--report", help="also write it all into one HTML file, report.html, to be sent or printed")
    ] = False,
    full: Annotated[
        bool,
        typer.Option("--full", help="print the whole answer, which is in the folder's answer.txt too, not the short one"),
    ] = False,
    series: Annotated[str | None, typer.Option(metavar="NAME,NAME", help="columns of series.parquet (default: all)")] = None,
) -> None:
    """Simulate a scenario and its loose-money twin: does the machine fall, when, and on whose money does it run?

    Each world has its own luck and its own draw of what the preset calls unknown; a world and its twin share both.
    Beside them small studies ask for single answers: half and twice the demand, all outside finance stopped today, the
    same draws under other luck, and squeezes of other strength at other times.
    The screen has the answer in short; --full, and answer.txt in the folder, have all of it.

    --like YEAR sets the parameters of the tightening (not its start) as they were then, as far as there is a record; what is
    estimated, and how far debt is refused to be rolled over, which is derived from credit spreads, the screen names as such.
    Whatever --set says of any of them holds instead, so that --like 2008 --set funding.channel_rate=0 is 2008 without its rate
    cuts, and with --set funding.tightening=0.5 every channel goes half as far.

    Example:  perpetuum run ono_2025 --set demand.strength=0.7 --worlds 200 --ladder
    """
    import contextlib
    import datetime
    import time

    started, clock = datetime.datetime.now(datetime.UTC), time.perf_counter()
    shared.keep_to_one_thread()
    if full and as_json:
        raise shared.input_error("--full and --json both say what is printed: leave out one of the two")

    from perpetuum.runs import screen
    from perpetuum.runs.study.arms import simulate
    from perpetuum.runs.study.executors import Processes, others_would_help
    from perpetuum.runs.study.folder import Folder, default_folder
    from perpetuum.runs.study.manifest import write_file
    from perpetuum.runs.study.side_studies import BesideTheRun
    from perpetuum.runs.study.summary import record, summarise
    from perpetuum.runs.study.tables import RunTables, table_of_worlds, write_table

    columns = shared.parse_series(series)
    question = question_of(preset, settings or [], months, worlds, seed, ladder, columns, fixed, until, like)
    speak_of(question.scenario().preset)  # and what is wrong with it is told before anything is compiled
    with Folder(out or default_folder(preset), force=force) as folder:
        shared.compile_first()
        apart = others_would_help() and not no_side_studies and shared.worth_a_process(question)
        # A second process has the side studies while this one has the arms and then figures, until both draw.
        with Processes(1, from_here=True) if apart else contextlib.nullcontext() as second:
            others = BesideTheRun(question, second) if not no_side_studies else None
            with RunTables(folder.path, columns) as tables, shared.progress("simulating") as progress:
                answer = simulate(question, on_batch=tables.add, progress=progress)
            if others is not None:
                if apart and not no_figures:
                    from perpetuum.visualization.figures.run_figures import draw_before_side_studies

                    with shared.drawing():
                        draw_before_side_studies(answer, others, folder.path)
                with shared.progress("other questions") as progress:
                    answer.beside = others(progress)
            summary = summarise(answer)
            write_file(folder.path / screen.WHOLE_ANSWER, lambda file: file.write(screen.whole_text(summary).encode()))
            write_file(folder.path / "worlds.parquet", lambda file: write_table(file, [table_of_worlds(answer)]))
            folder.write_json("summary.json", summary)
            if not no_figures:
                from perpetuum.visualization.figures.run_figures import draw

                with shared.drawing(again=apart):
                    draw(answer, summary, second, folder.path)
            spent = {"started": started.isoformat(timespec="seconds"), "wall_seconds": round(time.perf_counter() - clock, 2)}
            files = folder.write_manifest(record(answer) | spent)
            if report:
                from perpetuum.runs.commands.report import NAME, written
                from perpetuum.runs.questions.reported_folder import read_folder

                text = written(read_folder(folder.path), second)
                write_file(folder.path / NAME, lambda file: file.write(text.encode()))
                files = folder.write_manifest(record(answer) | spent)
    console = shared.terminal(summary, as_json)
    if console is not None:
        told = screen.show if full else screen.show_in_short
        told(summary, console, files, str(folder.target))


def question_of(
    preset: str,
    settings: Sequence[str],
    months: int | None,
    worlds: int,
    seed: int,
    ladder: bool,
    series: Sequence[str] | None,
    fixed: bool = False,
    until: str | None = None,
    like: str | None = None,
) -> Question:
    """Return what the user asks (raises InputError for what can be seen before the scenario is read)."""
    from perpetuum.model.surroundings.past_squeezes import RUNGS, episode_like
    from perpetuum.runs.study.question import Question

    shared.check_most("worlds", worlds, shared.MOST_WORLDS)
    if until is not None:
        if months is not None:
            raise shared.input_error("--months and --until both say how many months are judged: leave out one of the two")
        months = shared.months_until(until, preset)
    overrides = shared.parse_settings(settings)
    if like is not None:
        overrides = episode_like(like).overrides() | overrides
    rungs = RUNGS if ladder else ()
    return Question(preset, overrides, worlds, seed, months, rungs, series, fixed, until, like)
