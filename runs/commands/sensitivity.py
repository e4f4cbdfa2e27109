"""`perpetuum sensitivity`: which parameters matter, by Morris screening and Sobol indices of the survivors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perpetuum.runs.commands import options as shared
from perpetuum.runs.commands.industry import speak_of

if TYPE_CHECKING:
    from perpetuum.runs.questions.sensitivity import Answer, Plan


def sensitivity(
    context: typer.Context,
    preset: shared.PresetName = shared.DEFAULT_PRESET,
    settings: shared.Settings = None,
    over: Annotated[
        list[str] | None,
        typer.Option("--over", metavar="NAME,NAME", help="vary these, or one as NAME=LOW:HIGH or NAME=A,B; may be repeated"),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="vary all parameters (default: what the preset calls unknown)")
    ] = False,
    metrics: Annotated[
        list[str] | None,
        typer.Option("--metric", metavar="NAME", help="measure this (default: life, bust, drawdown, boom, own_money)"),
    ] = None,
    trajectories: Annotated[
        int, typer.Option(parser=shared.whole, help="trajectories of the screening, each a point more than parameters")
    ] = 10,
    samples: Annotated[int, typer.Option(parser=shared.whole, help="samples of the Sobol indices, a power of two")] = 512,
    replicates: Annotated[
        int, typer.Option(parser=shared.whole, help="worlds at every point, the same luck everywhere")
    ] = 4,
    survivors: Annotated[int, typer.Option(parser=shared.whole, help="parameters that survive the screening, at most")] = 6,
    months: shared.Months = None,
    fixed: shared.Fixed = False,
    seed: Annotated[int, typer.Option(parser=shared.whole, help="seed of all luck, and of the samples")] = 1,
    no_figures: shared.NoFigures = False,
    workers: shared.Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(parser=shared.path, help="folder for the files (default: results/PRESET-sensitivity-DATE-TIME)"),
    ] = None,
    force: shared.Force = False,
    as_json: shared.SummaryAsJson = False,
    lang: shared.Language = "en",
) -> None:
    """Find the parameters that matter: screen them (Morris), then apportion the variance among the survivors (Sobol).

    What the preset calls unknown is varied over the range that its table gives; any other parameter over the registry's, unless
    a range is given; choices and switches take equal slices. What is not varied each world draws for itself. S1 is the share of
    a metric's variance that a parameter explains alone, ST its share with all interplay; whether the sample was large enough is
    said plainly. What is set with --set is not varied.

    Example:  perpetuum sensitivity --over demand.strength=0.5:1.5 --over funding.tightening,states.hoarding
    """
    shared.keep_to_one_thread()

    from perpetuum.runs.questions.sensitivity import USUAL_METRICS, make_plan
    from perpetuum.runs.questions.sensitivity_report import summarise
    from perpetuum.runs.study.description import MOST_WORLDS
    from perpetuum.runs.study.design import MOST_CELLS
    from perpetuum.runs.study.folder import Folder, default_folder

    shared.check_engine(workers, None)
    overrides = shared.parse_settings(settings)
    if over and everything:
        raise shared.input_error("--over and --all exclude each other: leave out one of the two")
    for option, number, most in (("trajectories", trajectories, MOST_CELLS), ("replicates", replicates, MOST_WORLDS)):
        shared.check_most(option, number, most)
    plan = make_plan(
        preset,
        overrides,
        over=read_over(over or ()),
        everything=everything,
        metrics=metrics or USUAL_METRICS,
        trajectories=trajectories,
        samples=samples,
        replicates=replicates,
        survivors=survivors,
        seed=seed,
        months=months,
        fixed=fixed,
    )
    speak_of(preset)
    if not plan.screens and "--trajectories" in shared.given(context):
        raise shared.input_error(
            f"--trajectories are those of the screening, and nothing is screened where no more than --survivors are varied "
            f"({len(plan.ranges)} of {survivors} here): leave out --trajectories, or lower --survivors"
        )
    with Folder(out or default_folder(preset, "sensitivity"), force=force) as folder:
        shared.compile_first()
        answer = _simulate(plan, workers)
        summary = summarise(answer)
        _write(answer, summary, folder.path, figures=not no_figures)
        manifest = {"kind": "sensitivity", "preset": preset, "overrides": plan.overrides}
        about = {"ranges": answer.ranges, "months": plan.scenario.judged, "seed": seed}
        files = folder.write_manifest(manifest | about)
    console = shared.terminal(summary, as_json)
    if console is not None:
        from perpetuum.runs.screen.sensitivity import show

        show(summary, console, files, str(folder.target))


def read_over(specs: Sequence[str]) -> dict[str, str | None]:
    """Read `--over`: names separated by commas (the registry's ranges), or one name with its own range or values."""
    found: dict[str, str | None] = {}
    for spec in specs:
        name, equals, what = (part.strip() for part in spec.partition("="))
        entries: list[tuple[str, str | None]] = [(name, what)]
        if not equals:
            entries = [(one.strip(), None) for one in spec.split(",")]
        for one, given in entries:
            if not one or given == "":
                raise shared.input_error(
                    f"--over takes NAME,NAME or NAME=LOW:HIGH, such as --over demand.strength=0.5:1.5, not '{spec}'"
                )
            if given is not None and given.count(":") > 1:
                raise shared.input_error(f"--over takes {one}=LOW:HIGH, without a count, not '{spec}'")
            if one in found:
                raise shared.input_error(f"'{one}' stands twice in --over: name it once")
            found[one] = given
    return found


def _simulate(plan: Plan, workers: int | None) -> Answer:
    from perpetuum.runs.commands.sweep import world_progress
    from perpetuum.runs.questions.sensitivity import study

    processes = shared.worker_count(workers, plan.worlds)
    with world_progress(plan.worlds, plan.scenario.horizon, 0) as progress:
        return study(plan, workers=processes, progress=progress)


def _write(answer: Answer, summary: dict[str, object], folder: Path, *, figures: bool) -> None:
    from perpetuum.runs.questions.sensitivity_report import morris_table, sobol_table
    from perpetuum.runs.study.manifest import write_json

    write_json(folder / "summary.json", summary)
    morris_table(answer).to_parquet(folder / "morris.parquet", index=False)
    sobol_table(answer).to_parquet(folder / "sobol.parquet", index=False)
    if figures:
        from perpetuum.visualization.figures.sensitivity import draw

        with shared.drawing("drawing the figures"):
            draw(summary, folder)
