"""`perpetuum tip`: where the machine tips, until when it can be saved, and whether it comes back by the way it went."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from perpetuum.runs.commands import command
from perpetuum.runs.commands import options as shared
from perpetuum.runs.commands import tip_questions as questions
from perpetuum.runs.commands.industry import speak_of

_TIGHTENING = "funding.tightening"


class Command(command.Command):
    """The command, in which `--stop` may stand without months."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put an empty word, which stands for the usual months, behind a `--stop` that no number follows."""
        told = []
        for word, following in zip(args, [*args, ""][1:], strict=True):
            told += [word, ""] if word == "--stop" and not following[:1].isdigit() else [word]
        return super().parse_args(ctx, told)


def tip(
    preset: shared.PresetName = shared.DEFAULT_PRESET,
    over: Annotated[
        str, typer.Option(metavar="NAME", help="parameter to search, or NAME=LOW:HIGH (default range: the registry's)")
    ] = _TIGHTENING,
    low: Annotated[float | None, typer.Option("--from", parser=shared.number, help="where the search begins")] = None,
    high: Annotated[float | None, typer.Option("--to", parser=shared.number, help="where it ends")] = None,
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
    channels: Annotated[
        bool,
        typer.Option("--channels", help="months of life lost through one channel of funding at a time; can be continued"),
    ] = False,
    starts: Annotated[
        str | None,
        typer.Option(
            metavar="LOW:HIGH:COUNT",
            help="starts of the tightening, in months, or A,B,C (default: 0:48:9, every half year; --channels: 3,12,36)",
        ),
    ] = None,
    strengths: Annotated[
        str | None,
        typer.Option(
            metavar="LOW:HIGH:COUNT",
            help="strengths of the map, or A,B,C (default: 0.1:1:10; --channels: one, 1 by default)",
        ),
    ] = None,
    stop: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,C",
            help="all outside finance stops in each of these months: how long can firms pay? can be continued "
            "(without months: 0,12,24,36)",
        ),
    ] = None,
    settings: shared.Settings = None,
    worlds: Annotated[
        int, typer.Option(parser=shared.whole, help="worlds at each probe, or in each cell, the same luck at all of them")
    ] = 100,
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
        float | None,
        typer.Option(parser=shared.number, help="how finely a crossing is searched (default: a 250th of the range)"),
    ] = None,
    workers: shared.Workers = None,
    scheduler: shared.Scheduler = None,
    no_figures: shared.NoFigures = False,
    out: Annotated[
        Path | None, typer.Option(parser=shared.path, help="folder for the files (default: results/PRESET-tip-DATE-TIME)")
    ] = None,
    force: shared.Force = False,
    as_json: shared.SummaryAsJson = False,
    lang: shared.Language = "en",
) -> None:
    """Find where tight money costs the mean world a year of life, and where half of the worlds have fallen, with intervals.

    The same worlds live at every probe, as asked and with loose money. Every crossing is reported, and a single threshold refused
    where a curve both rises and falls, or never crosses; none in range is an answer too. --metric asks of a single firm instead:
    where the odds of its default pass a half, and where a dollar lent to it loses more than a stated share.

    --map, --channels and --stop keep their worlds in the folder `study` of --out as they come: stopped, the same command goes on
    from there, and `perpetuum plot` draws more of them.

    Example:  perpetuum tip --over funding.tightening --set demand.strength=0.65 --worlds 200
    """
    shared.keep_to_one_thread()

    from perpetuum.runs.study.folder import Folder, default_folder

    asked = (
        ("--when", when),
        ("--hysteresis", hysteresis),
        ("--map", life_lost),
        ("--channels", channels),
        ("--stop", stop is not None),
    )
    others = [option for option, told in asked if told]
    if len(others) > 1:
        raise shared.input_error(f"{' and '.join(others)} are {len(others)} questions: ask them one after the other")
    if not (life_lost or channels) and (starts, strengths) != (None, None):
        raise shared.input_error("--starts and --strengths are those of a map or of channels: give --map or --channels too")
    shared.check_engine(workers, scheduler)
    target = out or default_folder(preset, "tip")
    folder = Folder(target, force=force, resumed=("study",) if life_lost or channels or stop is not None else ())
    folder.check()
    name, low, high = _range(over, low, high)
    question = {
        "preset": preset,
        "overrides": shared.parse_settings(settings),
        "worlds": worlds,
        "months": months,
        "seed": seed,
        "fixed": fixed,
    }
    if others:
        _refuse(across=across, resolution=resolution, by=by, metric=metrics)
    if others and not hysteresis and (name != _TIGHTENING or (low, high) != (None, None)):
        raise shared.input_error(f"{others[0]} is about {_ABOUT[others[0]]}")
    if when:
        found = questions.no_return(question)
    elif life_lost:
        found = questions.life_lost(question, starts, strengths, target)
    elif channels:
        found = questions.one_channel(question, starts, strengths, target)
    elif stop is not None:
        found = questions.stop_test(question, stop, target)
    elif hysteresis:
        found = questions.hysteresis(question | {"over": name, "low": low, "high": high})
    else:
        question |= {"over": name, "low": low, "high": high, "resolution": resolution}
        found = questions.tipping_point(question | ({"metrics": metrics} if metrics else {}), across, by)
    speak_of(preset)
    with folder:
        if scheduler is None:
            shared.compile_first()
        with found.progress() as progress:
            engine = {"workers": shared.worker_count(workers, found.worlds), "scheduler": scheduler}
            summary, table, table_name = found.simulate(engine, progress)
        folder.write_json("summary.json", summary)
        table.to_parquet(folder.path / f"{table_name}.parquet", index=False, compression="zstd")
        if found.csv:
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


#: What questions are about that take no --over, and what says where instead.
_ABOUT = {
    "--when": f"loosening funding: it takes no --over other than {_TIGHTENING}",
    "--map": "when and how hard funding tightens: --starts and --strengths say where",
    "--channels": "ways in which funding tightens: --starts and --strengths say when and how hard",
    "--stop": "the month in which outside finance stops: it takes no --over",
}


def _range(over: str, low: float | None, high: float | None) -> tuple[str, float | None, float | None]:
    """Read `--over NAME` or `NAME=LOW:HIGH`, with `--from` and `--to`."""
    name, equals, ends = (part.strip() for part in over.partition("="))
    if not equals:
        return name, low, high
    if low is not None or high is not None:
        raise shared.input_error(f"'{over}' says from where to where already: leave out --from and --to")
    from perpetuum.model.given import number

    try:
        first, last = (number(end) for end in ends.split(":"))
    except ValueError:
        raise shared.input_error(
            f"--over takes NAME or NAME=LOW:HIGH, such as {name or _TIGHTENING}=0:1, not '{over}'"
        ) from None
    return name, first, last


def _refuse(**options: object) -> None:
    for option, value in options.items():
        if value is not None:
            raise shared.input_error(
                f"--{option} goes with the search for a tipping point, not with --when, --hysteresis, --map, --channels or --stop"
            )
