"""`perpetuum autopsy`: who is to blame, by Shapley shares, and the causal story of one world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perpetuum.runs.commands import options as shared
from perpetuum.runs.commands.industry import speak_of

if TYPE_CHECKING:
    from perpetuum.runs.questions.autopsy import Autopsy, Game
    from perpetuum.runs.questions.causal_story import Story


def autopsy(
    context: typer.Context,
    preset: shared.PresetName = shared.DEFAULT_PRESET,
    settings: shared.Settings = None,
    months: shared.Months = None,
    worlds: Annotated[
        int, typer.Option(parser=shared.whole, help="worlds of each coalition of switches, each with its own luck")
    ] = 50,
    seed: shared.Seed = 1,
    fixed: shared.Fixed = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--switch", metavar="NAME", help="share out among these switches only; may be repeated (default: eight)"
        ),
    ] = None,
    also: Annotated[
        list[str] | None, typer.Option("--also", metavar="NAME", help="another switch beside them; doubles the worlds")
    ] = None,
    payoffs: Annotated[
        list[str] | None,
        typer.Option("--payoff", metavar="NAME", help="share out this too: alone, drawdown, core_default, own_money, ..."),
    ] = None,
    world: Annotated[
        int | None, typer.Option(parser=shared.whole, help="tell the story of this world (default: a typical falling one)")
    ] = None,
    no_story: Annotated[bool, typer.Option("--no-story", help="tell no story")] = False,
    no_figures: shared.NoFigures = False,
    workers: shared.Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(parser=shared.path, help="folder for the files (default: results/PRESET-autopsy-DATE-TIME)"),
    ] = None,
    force: shared.Force = False,
    switches: Annotated[
        bool, typer.Option("--switches", help="only list the switches and what is off when they are off")
    ] = False,
    as_json: shared.SummaryAsJson = False,
    lang: shared.Language = "en",
) -> None:
    """Find who is to blame: switch every mechanism off in every combination and share out boom, bust and life.

    Boom is the chip vendors' highest revenue, bust the probability of a fall, life the months until then; each has its
    own Shapley shares, with intervals over worlds. All coalitions live through the same shocks and draws. Then the story of one
    world is told: who failed to pay whom, because of whom. Where no world falls, there is no bust to share out: ask about
    a scenario that does.

    Example:  perpetuum autopsy --set demand.strength=0.65 --set funding.tightening=1
    """
    if switches:
        shared.check_alone(context, "--switches", "only lists the switches", "--json", "--lang")
        _list_switches(as_json)
        return
    shared.keep_to_one_thread()

    from perpetuum.model.errors import named_once
    from perpetuum.model.scenario import MOST
    from perpetuum.runs.questions.autopsy import make_game, summarise
    from perpetuum.runs.questions.payoffs import USUAL_PAYOFFS
    from perpetuum.runs.study.folder import Folder, default_folder

    shared.check_engine(workers, None)
    overrides = shared.parse_settings(settings)
    named_once(payoffs or (), "--payoff")
    wanted = (*USUAL_PAYOFFS, *(one for one in payoffs or () if one not in USUAL_PAYOFFS))
    game = make_game(
        preset,
        overrides,
        only=only or None,
        also=also or (),
        payoffs=wanted,
        replicates=worlds,
        seed=seed,
        months=months,
        fixed=fixed,
    )
    speak_of(preset)
    if world is not None and not 0 <= world <= MOST:
        raise shared.input_error(f"--world takes the number of a world, from 0 to {MOST}, not {world}")
    if world is not None and no_story:
        raise shared.input_error("--world says whose story is told, and --no-story that none is: leave out one of the two")
    with Folder(out or default_folder(preset, "autopsy"), force=force) as folder:
        shared.compile_first()
        result = _simulate(game, workers)
        story = None if no_story else _tell(result, world)
        summary = summarise(result)
        if story is not None:
            summary["story"] = {
                name: value for name, value in story.to_dict().items() if name in ("world", "outcome", "chosen")
            }
        _write(result, summary, story, folder.path, figures=not no_figures)
        manifest = {"kind": "autopsy", "preset": preset, "overrides": game.overrides}
        about = {"worlds": game.worlds, "replicates": worlds, "months": game.months, "seed": seed, "fixed": fixed}
        files = folder.write_manifest(manifest | about)
    console = shared.terminal(summary, as_json)
    if console is not None:
        from perpetuum.runs.screen.autopsy import show

        show(summary, story, console, files, str(folder.target))


def _simulate(game: Game, workers: int | None) -> Autopsy:
    from perpetuum.runs.commands.sweep import world_progress
    from perpetuum.runs.questions.autopsy import play

    processes = shared.worker_count(workers, game.worlds)
    with world_progress(game.worlds, game.months, 0) as progress:
        return play(game, workers=processes, progress=progress)


def _tell(result: Autopsy, world: int | None) -> Story:
    """The story of the world asked for, or of a typical one of the scenario as asked."""
    from perpetuum.runs.questions.causal_story import Choice, choose_world, tell
    from perpetuum.runs.questions.world_account import attend

    game = result.game
    choice = choose_world(result.worlds.tail(game.replicates)) if world is None else Choice(world)
    account = attend(game.preset, game.overrides, choice.replicate, seed=game.seed, months=game.months, draws=not game.fixed)
    return tell(account, choice)


def _write(result: Autopsy, summary: dict[str, Any], story: Story | None, folder: Path, *, figures: bool) -> None:
    from perpetuum.runs.questions.autopsy import coalitions_table, shapley_table
    from perpetuum.runs.study.manifest import write_json

    write_json(folder / "summary.json", summary)
    shapley_table(result).to_parquet(folder / "shapley.parquet", index=False)
    coalitions_table(result).to_parquet(folder / "coalitions.parquet", index=False)
    if story is not None:
        write_json(folder / "story.json", story.to_dict())
        (folder / "story.txt").write_text(story.to_text(), encoding="utf-8")
    if figures:
        from perpetuum.visualization.figures.autopsy import draw

        with shared.drawing("drawing the figure"):
            draw(summary, folder)


def _list_switches(as_json: bool) -> None:
    from perpetuum.runs.questions.mechanism_switches import USUAL, as_rows

    if as_json:
        shared.echo_json(as_rows())
        return
    from perpetuum.runs.screen.autopsy import show_switches

    show_switches(as_rows(), USUAL, shared.console())
