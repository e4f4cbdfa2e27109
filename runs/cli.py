"""The command line: `perpetuum run`, `scenarios`, `params`.

Heavy imports wait until a command needs them, so that `perpetuum --help` is quick. What a user got wrong is
answered in one sentence on stderr with exit code 2; a fault of ours ends with exit code 1.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from runs.simulate import Answer, Progress, Question

#: A run keeps every series of every world: more than this belongs into a study.
MOST_WORLDS = 20_000

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def perpetuum() -> None:
    """Can the AI perpetual-motion machine keep turning? A simulation of money that goes round.

    Start here:  perpetuum run
    """


@app.command()
def run(
    preset: Annotated[str, typer.Argument(help="a preset (see `perpetuum scenarios`) or a .toml file")] = "ono_2025",
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="set a parameter; may be repeated")
    ] = None,
    months: Annotated[int | None, typer.Option(help="months to simulate (default: the preset's)")] = None,
    worlds: Annotated[int, typer.Option(help="worlds to simulate, each with its own luck")] = 100,
    seed: Annotated[int, typer.Option(help="seed of all luck: the same seed gives the same answer")] = 1,
    out: Annotated[Path | None, typer.Option(help="folder for the files (default: results/PRESET-DATE-TIME)")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print summary.json instead of the screen")] = False,
    ladder: Annotated[bool, typer.Option("--ladder", help="also try six degrees of tightening, 0 to 1")] = False,
    no_ensemble: Annotated[
        bool,
        typer.Option("--no-ensemble", help="skip the 12 other readings of demand, depreciation and vendor finance"),
    ] = False,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="draw no figures")] = False,
    series: Annotated[str | None, typer.Option(metavar="NAME,NAME", help="columns of series.parquet (default: all)")] = None,
) -> None:
    """Simulate a scenario and its loose-money twin: does the machine hold up?

    The ranges in brackets are luck at fixed parameters. Beside them stands an ensemble of 12 other readings, with up
    to 6 worlds each: demand.strength x 0.75, 1 and 1.5; chips that lose value slowly or fast (technology.value_kept
    x 8/7 or 6/7, technology.decay x 11/14 or 18/14); vendor_finance.per_gw x 0.5 and 1.5, the rebate that decides how
    much a vendor dollar adds.

    Example:  perpetuum run ono_2025 --set demand.strength=0.7 --worlds 200 --ladder
    """
    import datetime
    import time

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    started, clock = datetime.datetime.now().astimezone(), time.perf_counter()

    from runs import store
    from runs.ensemble import simulate_readings
    from runs.simulate import simulate
    from runs.summary import summarise

    columns = _series_names(series)
    question = _question(preset, settings or [], months, worlds, seed, ladder, columns)
    question.scenario()
    with store.Folder(out or store.default_folder(preset)) as folder:
        _announce_compilation()
        with store.Tables(folder.path, columns) as tables, _progress("simulating") as progress:
            answer = simulate(question, on_batch=tables.add, progress=progress)
        if not no_ensemble:
            with _progress("other readings") as progress:
                answer.readings = simulate_readings(question, progress=progress)
        summary = summarise(answer)
        store.write_worlds(folder.path, answer)
        store.write_json(folder.path / "summary.json", summary)
        if not no_figures:
            _draw(answer, summary, folder.path)
        wall = time.perf_counter() - clock
        files = sorted({*store.files_in(folder.path), "manifest.json"})
        store.write_json(folder.path / "manifest.json", store.manifest(answer, wall, started, files))
    if as_json:
        typer.echo(store.to_json(summary))
    else:
        from rich.console import Console

        from runs import screen

        screen.show(summary, Console(), files, str(folder.target))


@app.command()
def scenarios(
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """List the presets and the questions they ask.

    Example:  perpetuum scenarios
    """
    from model.scenario import load_preset, preset_names

    presets = [load_preset(name) for name in preset_names()]
    if as_json:
        _echo_json(
            [
                {
                    "name": preset.name,
                    "title": preset.title,
                    "question": preset.question,
                    "start": preset.start.isoformat(),
                    "months": preset.months,
                    "values": preset.values,
                    "sources": preset.sources,
                    "agents": [
                        {
                            "id": a.id,
                            "role": a.role,
                            "kind": a.kind,
                            "label": a.label,
                            "modelled_on": a.modelled_on,
                        }
                        for a in preset.agents
                    ],
                }
                for preset in presets
            ]
        )
        return
    for preset in presets:
        typer.secho(f"{preset.name}", bold=True, nl=False)
        typer.echo(f"  {preset.title}; {preset.months} months from {preset.start:%B %Y}")
        if preset.question:
            typer.echo(f"    {preset.question}")
        typer.echo(f"    {_cast(preset.agents)}")
    typer.echo("\nRun one with:  perpetuum run NAME")


@app.command()
def params(
    search: Annotated[str, typer.Argument(help="words to look for in names, help and sources")] = "",
    levers: Annotated[bool, typer.Option("--levers", help="only parameters that may be moved in mid-run")] = False,
    preset: Annotated[str | None, typer.Option(help="show this preset's values instead of the defaults")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """List the parameters with default, range, unit, help and source.

    Example:  perpetuum params tightening
    """
    from model.parameters import PARAMETERS
    from model.scenario import load_preset

    chosen = load_preset(preset) if preset else None
    words = search.lower().split()
    rows = []
    for parameter in PARAMETERS.values():
        text = f"{parameter.name} {parameter.help} {parameter.source}".lower()
        if (levers and not parameter.lever) or not all(word in text for word in words):
            continue
        set_here = chosen is not None and parameter.name in chosen.values
        value = chosen.values[parameter.name] if chosen is not None and set_here else parameter.default
        source = chosen.sources.get(parameter.name) if chosen is not None and set_here else parameter.source
        rows.append(
            {
                "name": parameter.name,
                "default": parameter.default,
                "value": value,
                "unit": parameter.unit,
                "allowed": parameter.allowed,
                "low": parameter.low,
                "high": parameter.high,
                "help": parameter.help,
                "source": source or parameter.source,
                "lever": parameter.lever,
                "kind": parameter.kind,
            }
        )
    if as_json:
        _echo_json(rows)
        return
    if not rows:
        raise _input_error(f"no parameter has '{search}' in its name, help or source{_nearest(search, list(PARAMETERS))}")
    for row in rows:
        typer.secho(f"{row['name']}", bold=True, nl=False)
        typer.echo(f" = {_written(row['value'])}{f' {row["unit"]}' if row['unit'] else ''}", nl=False)
        typer.echo(f"   ({row['allowed']}{'; lever' if row['lever'] else ''})")
        typer.echo(f"    {row['help']}")
        if row["source"]:
            typer.secho(f"    source: {row['source']}", dim=True)
    if not words:
        typer.echo(f"\n{len(rows)} parameters; look for some with:  perpetuum params WORD")


# --- what the user wrote ------------------------------------------------------------------------------------


def _question(
    preset: str,
    settings: Sequence[str],
    months: int | None,
    worlds: int,
    seed: int,
    ladder: bool,
    series: Sequence[str] | None,
) -> Question:
    from runs.ladder import RUNGS
    from runs.simulate import Question

    if worlds > MOST_WORLDS:
        raise _input_error(f"--worlds takes at most {MOST_WORLDS:,} in one run, not {worlds:,}")
    overrides: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name or not value:
            raise _input_error(f"--set takes NAME=VALUE, such as --set demand.strength=0.7, not '{setting}'")
        if name in overrides:
            raise _input_error(f"'{name}' is set twice")
        overrides[name] = value
    return Question(preset, overrides, worlds, seed, months, RUNGS if ladder else (), series)


def _series_names(series: str | None) -> list[str] | None:
    if series is None:
        return None
    from model.collector import MEASURES

    names = [name.strip() for name in series.split(",") if name.strip()]
    for name in names:
        if name not in MEASURES:
            known = f"there are {', '.join(MEASURES)}"
            raise _input_error(f"unknown series '{name}'{_nearest(name, list(MEASURES))}: {known}")
    if not names:
        raise _input_error("--series takes names separated by commas, such as --series vendor_revenue,capex")
    return list(dict.fromkeys(names))


def _input_error(message: str) -> Exception:
    from model.scenario import InputError

    return InputError(message)


def _nearest(name: str, allowed: list[str]) -> str:
    from model.scenario import nearest

    return nearest(name, allowed)


def _cast(agents: Sequence[Any]) -> str:
    counts: dict[str, int] = {}
    for agent in agents:
        counts[agent.role] = counts.get(agent.role, 0) + 1
    return ", ".join(f"{n} {role}{'s' if n > 1 else ''}" for role, n in counts.items())


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _echo_json(content: Any) -> None:
    import json

    typer.echo(json.dumps(content, indent=2, ensure_ascii=False, default=str))


# --- long work ----------------------------------------------------------------------------------------------


@contextmanager
def _progress(what: str) -> Iterator[Progress | None]:
    """A progress bar on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _draw(answer: Answer, summary: dict[str, Any], folder: Path) -> None:
    from runs.draw import draw

    if sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("drawing the figures"):
            draw(answer, summary, folder)
    else:
        draw(answer, summary, folder)


def _announce_compilation() -> None:
    """Say so before kernels are compiled, which happens once per machine and version."""
    stale = _uncompiled_kernels()
    if stale:
        seconds = 5 * stale
        typer.echo(f"compiling the kernels, once: about {seconds} s ...", err=True)


def _uncompiled_kernels() -> int:
    """Number of modules with kernels that have no compiled copy newer than their source."""
    root = Path(__file__).resolve().parent.parent
    elsewhere = os.environ.get("NUMBA_CACHE_DIR")
    count = 0
    for package in ("model", "agents"):
        for source in (root / package).rglob("*.py"):
            if "@njit" not in source.read_text(encoding="utf-8"):
                continue
            where = [source.parent / "__pycache__", *([Path(elsewhere)] if elsewhere else [])]
            compiled = [file for folder in where for file in folder.glob(f"**/{source.stem}.*.nbi")]
            newest = max((file.stat().st_mtime for file in compiled), default=0.0)
            count += newest < source.stat().st_mtime
    return count


# --- the way out --------------------------------------------------------------------------------------------


_INTERNAL, _INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns 0 fine, 1 our fault, 2 the user's input, 130 interrupted."""
    try:
        result = app(args=None if arguments is None else list(arguments), prog_name="perpetuum", standalone_mode=False)
        sys.stdout.flush()
    except typer.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except SystemExit as stop:
        # The reader of our output went away (`perpetuum params | head`), which is nobody's fault.
        return 0 if isinstance(stop.__context__, BrokenPipeError) else _INTERNAL
    except Exception as error:
        return _explain(error)
    # Some versions of typer turn Ctrl-C into the exit code 130, others into Abort.
    code = result if isinstance(result, int) else 0
    return _interrupted() if code == _INTERRUPTED else code


def _interrupted() -> int:
    return _complain("stopped before the end: nothing was written", _INTERRUPTED)


def _explain(error: Exception) -> int:
    """One sentence for what the user can mend; our own faults keep their traceback."""
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(str(error))
        return 2
    if hasattr(error, "format_message"):  # a usage error of typer or click
        return _complain(f"{_sentence(error)} (see `{_command_of(error)} --help`)", 2)
    from model.ledger import BooksBreachError
    from model.scenario import InputError

    if isinstance(error, InputError):
        return _complain(str(error), 2)
    if isinstance(error, BooksBreachError):
        return _complain(f"the books do not balance, which is a fault of the program: {error}", 1)
    if isinstance(error, OSError):
        return _complain(f"cannot write the results: {(error.strerror or str(error)).lower()}", 1)
    raise error


def _sentence(error: Any) -> str:
    message = str(error.format_message()).strip().rstrip(".")
    possible = list(getattr(error, "possibilities", None) or [])
    if not possible and getattr(error, "option_name", None) and type(error).__name__ == "NoSuchOption":
        import difflib

        known = [name for parameter in error.ctx.command.params for name in parameter.opts] if error.ctx else []
        possible = difflib.get_close_matches(error.option_name, known, n=1)
    if possible:
        message = f"no such option: {error.option_name}; did you mean '{possible[0]}'?"
    message = message.replace(". Did you mean", "; did you mean")
    if "valid integer" in message:
        message = f"{message.partition(':')[0]}: it takes a whole number"
    return message[:1].lower() + message[1:]


def _command_of(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context is not None else "perpetuum"


def _complain(message: str, code: int) -> int:
    with suppress(OSError):
        typer.echo(f"perpetuum: {' '.join(message.split())}", err=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
