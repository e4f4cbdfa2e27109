"""`perpetuum sweep`: a study of many cells with many worlds each, which can be stopped and continued at any time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perpetuum.runs.commands import options as shared
from perpetuum.runs.commands.industry import speak_of

if TYPE_CHECKING:
    from perpetuum.runs.study.description import Study

#: Seconds between lines of progress where stderr is no terminal.
PATIENCE = 10.0


def sweep(
    context: typer.Context,
    preset: Annotated[
        str, typer.Argument(help="a preset (see `perpetuum scenarios`), its .toml file, or a study's .toml file")
    ] = shared.DEFAULT_PRESET,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary", metavar="NAME=LOW:HIGH:COUNT", help="vary a parameter: a range, or NAME=A,B,C; may be repeated"
        ),
    ] = None,
    settings: shared.Settings = None,
    out: Annotated[
        Path | None,
        typer.Option(parser=shared.path, help="folder of the study, in which it is continued if it was stopped (needed)"),
    ] = None,
    replicates: Annotated[
        int | None, typer.Option(parser=shared.whole, help="worlds a cell, each with its own luck (default: 20)")
    ] = None,
    months: shared.Months = None,
    seed: Annotated[
        int | None, typer.Option(parser=shared.whole, help="seed of all luck, and of sampled designs (default: 1)")
    ] = None,
    design: Annotated[
        str | None,
        typer.Option(metavar="DESIGN", help="grid (default), or lhs, sobol, saltelli, morris: samples of ranges LOW:HIGH"),
    ] = None,
    samples: Annotated[int | None, typer.Option(parser=shared.whole, help="samples of a sampled design")] = None,
    series: Annotated[
        str | None, typer.Option(metavar="NAME,NAME", help="series to keep of every world: none (default), all, or names")
    ] = None,
    fixed: shared.Fixed = False,
    same_luck: Annotated[
        bool, typer.Option("--same-luck", help="give all samples of a sampled design the same luck (grids have it anyway)")
    ] = False,
    workers: shared.Workers = None,
    scheduler: shared.Scheduler = None,
    batch: Annotated[
        int | None, typer.Option(parser=shared.whole, help="worlds simulated together (default: what suits)")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="also write the table of worlds as CSV")] = False,
    study_file: Annotated[
        Path | None, typer.Option("--study", parser=shared.path, help="run the study described in this .toml file")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say how many worlds, how long and how much disk")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON instead of the screen")] = False,
    lang: shared.Language = "en",
) -> None:
    """Vary parameters and simulate many worlds in each cell: where does the machine fall?

    Replicate r lives through the same shocks in every cell of a grid and has the same draw of what the preset calls unknown,
    sets and varies nowhere; each sample of a sampled design has its own luck. Ctrl-C keeps what is done: the same command
    goes on from there.

    Example:  perpetuum sweep --vary funding.tightening=0:1:11 --vary demand.strength=0.5,1,1.5 --out results/squeeze
    """
    shared.keep_to_one_thread()
    from perpetuum.runs.study.executors import MOST_TOGETHER

    shared.check_engine(workers, scheduler)
    if same_luck and study_file is None and (design or "grid") == "grid":
        raise shared.input_error(
            "--same-luck is for sampled designs: all cells of a grid have the same luck anyway; leave it out"
        )
    if batch is not None and not 1 <= batch <= MOST_TOGETHER:
        raise shared.input_error(f"--batch takes a whole number from 1 to {MOST_TOGETHER:,}, not {batch:,}")
    if replicates is not None:
        from perpetuum.runs.study.description import MOST_WORLDS

        shared.check_most("replicates", replicates, MOST_WORLDS)
    if study_file is not None and "the preset" in shared.given(context):
        raise shared.input_error(
            f"the preset of a study stands in its file (preset = \"...\", else ono_2025): leave out '{preset}'"
        )
    told = {"replicates": replicates, "months": months, "seed": seed, "series": series}
    told |= {"draws": False if fixed else None, "own_luck": False if same_luck else None}
    study = _study(preset, study_file, vary, settings, design, samples, {k: v for k, v in told.items() if v is not None})
    speak_of(study.preset)
    if out is not None:
        from perpetuum.runs.study.folder import StudyFolder

        with StudyFolder(out) as folder:
            folder.compare(study)
    if dry_run:
        _plan(study, out, shared.worker_count(workers, study.worlds), as_json)
        return
    if out is None:
        raise shared.input_error(
            "sweep needs --out DIR, the folder of the study, in which it is continued if it was stopped"
        )

    from perpetuum.runs.study.execute import StudyStopped, run_study

    if scheduler is None:
        shared.compile_first()
    try:
        with world_progress(study.worlds, study.simulated, worlds_done(out)) as progress:
            summary = run_study(
                study,
                out,
                workers=shared.worker_count(workers, study.worlds),
                scheduler=scheduler,
                batch=batch,
                progress=progress,
                csv=csv,
            )
    except KeyboardInterrupt as stop:
        kept = f"stopped: what is done is kept in '{out}', run the same again to go on"
        raise shared.Stopped(str(stop) if isinstance(stop, StudyStopped) else kept) from None
    _answer(study, summary, out, as_json)


# --- what the user wrote ------------------------------------------------------------------------------------


def _study(
    preset: str,
    study_file: Path | None,
    vary: list[str] | None,
    settings: list[str] | None,
    design: str | None,
    samples: int | None,
    told: dict[str, Any],
) -> Study:
    """Return the study that the options, or a file, describe; all of it checked."""
    from perpetuum.model.errors import about
    from perpetuum.runs.study.description import is_study_file, make_study, read_toml
    from perpetuum.runs.study.design import SAMPLED, split_names
    from perpetuum.runs.study.study_file import parse_series

    if study_file is None and is_study_file(preset):
        study_file = Path(preset)
    if study_file is None:
        if design == "cells":
            raise shared.input_error(
                "--design cells is a list of every cell, which only a file can hold: write the study as .toml, and give it "
                "with --study"
            )
        if "series" in told:
            told = told | {"series": parse_series(told["series"])}
        return make_study(
            preset,
            split_names(vary or []),
            overrides=shared.parse_settings(settings),
            design="grid" if design is None else design,
            samples=samples,
            **({"draws": True, "own_luck": (design or "grid") in SAMPLED} | told),
        )
    for option, value in (("--vary", vary), ("--set", settings), ("--design", design), ("--samples", samples)):
        if value not in (None, []):
            raise shared.input_error(f"'{study_file}' says what is varied and set: write there what {option} would say")
    with about("study_file"):
        return read_toml(study_file, **told)


# --- answers ------------------------------------------------------------------------------------------------


def _plan(study: Study, out: Path | None, workers: int, as_json: bool) -> None:
    """Say what the study would cost; nothing is written."""
    from perpetuum.runs.study.estimate import estimate

    shared.compile_first()
    with shared.status("probing"):
        cost = estimate(study, workers)
    done = worlds_done(out)
    if as_json:
        about = {
            "cells": study.cells,
            "worlds": study.worlds,
            "world_months": study.worlds * study.simulated,
            "done": done,
            "workers": cost.workers,
            "seconds": cost.seconds,
            "bytes": cost.bytes,
        }
        shared.echo_json(about | {"study": study.to_dict()})
        return
    from perpetuum.runs.screen.study import show_plan

    show_plan(study, cost, shared.console(), done)


def _answer(study: Study, summary: dict[str, Any], out: Path, as_json: bool) -> None:
    from perpetuum.runs.questions.overview import columns_of, overview
    from perpetuum.runs.study import load

    found = {**summary, **overview(study, load(out, columns=columns_of(study)))}
    console = shared.terminal(found | {"folder": str(out)}, as_json)
    if console is not None:
        from perpetuum.runs.screen.study import show

        show(study, found, console, str(out))


def worlds_done(out: Path | None) -> int:
    """Worlds of a study in this folder that are done already."""
    from perpetuum.runs.study.tables import parts_of

    return sum(last - first for first, last in parts_of(out)) if out is not None and out.is_dir() else 0


# --- progress -----------------------------------------------------------------------------------------------


@contextmanager
def world_progress(worlds: int, months: int, done: int) -> Iterator[Callable[[int, int], None]]:
    """Worlds done, world-months a second and time left: a bar on a terminal, else a line on stderr every ten seconds.

    `done`: worlds that were there before, which do not count for the speed.
    """
    started = time.monotonic()

    def speed(now: int) -> tuple[float, str]:
        elapsed = max(time.monotonic() - started, 1e-9)
        rate = (now - done) * months / elapsed
        return rate, _left((worlds - now) * months / rate) if rate > 0 else ""

    if not sys.stderr.isatty():
        yield _lines(worlds, speed)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from perpetuum.runs.study.compilation import here_alone

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[pace]}"))
    alone = here_alone()
    options: dict[str, Any] = {"console": Console(stderr=True), "transient": True, "auto_refresh": not alone}
    with Progress(*columns, TimeElapsedColumn(), **options) as bar:
        task = bar.add_task(f"{done:,} of {worlds:,} worlds", total=worlds, completed=done, pace="starting")

        def tell(now: int, total: int) -> None:
            rate, left = speed(now)
            pace = f"{rate:,.0f} world-months/s · {left}"
            bar.update(task, completed=now, description=f"{now:,} of {total:,} worlds", refresh=alone, pace=pace)

        yield tell


def _lines(worlds: int, speed: Callable[[int], tuple[float, str]]) -> Callable[[int, int], None]:
    last = time.monotonic()

    def tell(now: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last < PATIENCE or now >= worlds:
            return
        last = time.monotonic()
        rate, left = speed(now)
        typer.echo(f"{now:,} of {total:,} worlds, {rate:,.0f} world-months a second, {left}", err=True)

    return tell


def _left(seconds: float) -> str:
    from perpetuum.runs.screen.study import duration

    return f"{duration(seconds)} left"
