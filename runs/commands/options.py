"""What several commands need: options, what the user wrote, progress, the announcement of compilation, JSON."""

from __future__ import annotations

import datetime
import errno
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from perpetuum.runs.study.batches import Progress
    from perpetuum.runs.study.question import Question

#: The preset of a command that is given none.
DEFAULT_PRESET = "ono_2025"
#: A run keeps every series of every world, a validation every world of a hindcast: more than this belongs into a study.
MOST_WORLDS = 20_000


def _speak(language: str) -> str:
    """Put a language in force until the command has ended (raises InputError for one that there is not)."""
    from perpetuum.model.words import speech

    if language not in speech.LANGUAGES:
        raise input_error(f"--lang takes {' or '.join(speech.LANGUAGES)}, not '{language}'")
    speech.put_in_force(language)
    return language


def whole(given: str | int) -> int:
    """Read a whole number, written in the digits 0 to 9."""
    from perpetuum.model.given import whole

    try:
        return whole(given)
    except ValueError:
        raise typer.BadParameter("it takes a whole number") from None


def number(given: str | float) -> float:
    """Read a number, written in the digits 0 to 9."""
    from perpetuum.model.given import number

    try:
        return number(given)
    except ValueError:
        raise typer.BadParameter("it takes a number") from None


# Options that read alike in every command: `settings: shared.Settings = None`.
PresetName = Annotated[str, typer.Argument(help="a preset (see `perpetuum scenarios`) or a .toml file")]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="set a parameter; may be repeated")]
Months = Annotated[
    int | None, typer.Option(parser=whole, help="months to judge; eleven more are simulated (default: the preset's)")
]
Until = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="last month to judge: 2027-12, 2027-12-31 or 2030 (December); instead of --months"),
]
Like = Annotated[
    str | None,
    typer.Option(
        metavar="YEAR",
        help="tighten as in 2000, 2008 or 2022, each funding channel by as much and for as long as on record or, as the screen "
        "says, as estimated or derived, rate cuts included",
    ),
]
Seed = Annotated[int, typer.Option(parser=whole, help="seed of all luck: the same seed gives the same answer")]
Fixed = Annotated[bool, typer.Option("--fixed", help="draw nothing: every world has the preset's parameters")]
Language = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar="LANGUAGE",
        help="language of screen and figures: en or zh",
        callback=_speak,
        expose_value=False,
    ),
]
Workers = Annotated[int | None, typer.Option(parser=whole, help="processes on this machine (default: one a core)")]
Scheduler = Annotated[str | None, typer.Option(metavar="URL", help="a Dask scheduler instead, tcp://HOST:PORT")]
Force = Annotated[
    bool, typer.Option("--force", help="write even where --out holds an earlier run, which is replaced, or other files")
]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
SummaryAsJson = Annotated[bool, typer.Option("--json", help="print summary.json instead of the screen")]
NoFigures = Annotated[bool, typer.Option("--no-figures", help="draw no figures")]


# --- what the user wrote ------------------------------------------------------------------------------------


def path(written: str) -> Path:
    """Read the name of a file or folder; an empty one would stand for the current folder."""
    if not written.strip():
        raise typer.BadParameter("a file or folder has a name (. is the current folder)")
    if written.startswith("-"):
        raise typer.BadParameter(f"'{written}' reads as an option: write ./{written} for a file or folder of that name")
    try:
        os.lstat(written)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            from perpetuum.model.errors import shortened

            why = os.strerror(error.errno).lower()
            raise typer.BadParameter(f"'{shortened(written)}' cannot be looked up: {why}") from None
    return Path(written)


def check_file(out: Path, kind: str, ours: Callable[[str], bool]) -> None:
    """Refuse as --out what is no place for a file, and what holds another file than an older one of the kind (InputError)."""
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise input_error(f"--out takes a file to write, and '{out}' is a folder or lies in none")
    if os.path.lexists(out) and not (out.is_file() and ours(out.read_text(encoding="utf-8", errors="replace"))):
        raise input_error(f"'{out}' is another file than {kind}: choose another name", "out")
    import tempfile

    try:  # a file beside it, as one is written first: the one that is there may be somebody's to read
        with tempfile.NamedTemporaryFile(dir=out.absolute().parent, prefix=f".{out.name}.partial-"):
            pass
    except OSError as error:
        raise cannot_write(out, error) from None


def write_out(out: Path, text: str) -> None:
    """Write a file that was asked for with --out, whole or not at all (raises InputError)."""
    from perpetuum.runs.study.manifest import write_file

    try:
        write_file(out, lambda file: file.write(text.encode()))
    except OSError as error:
        raise cannot_write(out, error) from None


def cannot_write(out: Path, error: OSError) -> Exception:
    """What the system has against writing there, as an InputError."""
    from perpetuum.model.errors import cannot_write

    return cannot_write(out, error)


def check_most(option: str, number: int, most: int) -> None:
    """Refuse a number that nobody waits for (raises InputError)."""
    if number > most:
        raise input_error(f"--{option} takes at most {most:,} in one run, not {number:,}")


def given(context: typer.Context) -> list[str]:
    """Options and arguments that stand on the command line, by their names there."""
    source = context.get_parameter_source
    told = [one for one in context.command.params if str(source(str(one.name))).endswith("COMMANDLINE")]
    return [one.opts[0] if one.param_type_name == "option" else f"the {one.name}" for one in told]


def check_alone(context: typer.Context, option: str, does: str, *beside: str) -> None:
    """Refuse what is given with an option that leaves nothing to do for it: all but what may stand `beside` it (InputError)."""
    for other in given(context):
        if other not in (option, *beside):
            raise input_error(f"{option} {does}, and {other} would change nothing of that: leave out one of the two")


def check_engine(workers: int | None, scheduler: str | None) -> None:
    """Refuse both at once, a number of workers that is none, and an address that no scheduler has (raises InputError)."""
    from perpetuum.runs.study.executors import cores, most_workers
    from perpetuum.runs.study.scheduler import check_address

    if workers is not None and workers < 1:
        raise input_error(f"--workers takes a whole number of at least 1, not {workers}")
    if workers is not None and workers > (most := most_workers()):
        raise input_error(f"--workers takes at most {most} on this machine, which has {cores()} cores, not {workers:,}")
    if workers is not None and scheduler is not None:
        raise input_error("--workers are processes on this machine, and --scheduler names another: leave out one")
    check_address(scheduler)


def parse_settings(settings: Sequence[str] | None) -> dict[str, Any]:
    """Read `--set NAME=VALUE`: name to text, which the scenario checks (raises InputError where there is no such pair)."""
    from perpetuum.runs.written_pairs import pairs_of

    takes = "--set takes NAME=VALUE, such as --set demand.strength=0.7"
    return dict(pairs_of(settings or (), takes, "is set twice with --set: give it one value"))


def months_until(until: str, preset: str) -> int:
    """How many months of a preset are judged so that the last one is that of a date: a day, a month, or a year's December.

    Raises InputError for what is no date, and for one before the scenario's start or beyond the months that can be judged.
    """
    from perpetuum.model.given import whole
    from perpetuum.model.scenario import LONGEST, load_preset

    start = load_preset(preset).start
    try:
        parts = [whole(part) for part in until.split("-")]
        year, month, day = [*parts, *(12, 1)[len(parts) - 1 :]]
        last = datetime.date(year, month, day)
    except (ValueError, OverflowError):  # of which the second is about numbers that no calendar has
        raise input_error(f"--until takes a date such as 2027-12, 2027-12-31 or 2030, not '{until}'") from None
    months = 12 * (last.year - start.year) + last.month - start.month + 1
    if not 1 <= months <= LONGEST:
        end = divmod(12 * start.year + start.month - 1 + LONGEST - 1, 12)
        raise input_error(
            f"--until takes a date from {start:%Y-%m}, in which the scenario '{preset}' starts, to {end[0]}-{end[1] + 1:02}, "
            f"the last of the {LONGEST} months that can be judged, not '{until}'"
        )
    return months


def parse_series(series: str | None) -> list[str] | None:
    """Read `--series NAME,NAME`; None where the option was not given (raises InputError for a name given twice)."""
    if series is None:
        return None
    from perpetuum.model.errors import named_once
    from perpetuum.model.observed.measures import MEASURES

    names = [name.strip() for name in series.split(",") if name.strip()]
    for name in names:
        if name not in MEASURES:
            near = nearest(name, list(MEASURES))
            raise input_error(f"--series: unknown series '{name}'{near} (`perpetuum params --series` lists them all)")
    if not names:
        raise input_error("--series takes names separated by commas, such as --series vendor_revenue,capex")
    named_once(names, "--series")
    return names


def input_error(message: str, about: str = "") -> Exception:
    """Return an InputError, to be raised; its module is loaded only when something is wrong."""
    from perpetuum.model.errors import InputError

    return InputError(message, about)


def nearest(name: str, allowed: Sequence[str]) -> str:
    """Return ", did you mean 'x'?" for the nearest allowed name, or nothing."""
    from perpetuum.model.errors import nearest

    return nearest(name, allowed)


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """The user stopped long work of which something is kept; the message says what, and how to go on."""


# --- what is printed ----------------------------------------------------------------------------------------


def terminal(found: Any, as_json: bool) -> Console | None:
    """The terminal on which a command shows what it found; None where it is printed as JSON instead, which this does."""
    if as_json:
        from perpetuum.runs.study.manifest import to_json

        _echo_text(to_json(found))
        return None
    return console()


def console() -> Console:
    """The terminal to print on: where it is narrower than screens are, or says so (`COLUMNS=0`), it wraps their lines itself, for
    rich would cut them.
    """
    from rich.console import Console

    from perpetuum.runs.screen.layout import NARROWEST

    found = Console()
    return found if found.width >= NARROWEST else Console(width=NARROWEST)


def echo_json(content: Any) -> None:
    """Print JSON for machines on stdout."""
    import json

    _echo_text(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def _echo_text(text: str) -> None:
    """Print JSON; where standard output has not all of its letters, with escapes, so that nothing is lost."""
    import json

    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(json.loads(text), indent=2)
    typer.echo(text)


# --- long work ----------------------------------------------------------------------------------------------


def keep_to_one_thread() -> None:
    """Ask the linear algebra under numpy for one thread; to be called before numpy is imported."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


#: Worlds under which another process costs more time than it saves.
WORTH_A_WORKER = 96
#: World-months of an arm under which a run's side studies are done after its arms.
WORTH_A_PROCESS = 1_000


def worker_count(asked: int | None, worlds: int) -> int:
    """Processes to use for so many worlds: as asked, else one a core, where there is enough work for them."""
    from perpetuum.runs.study.executors import cores

    return max(1, min(cores(), worlds // WORTH_A_WORKER)) if asked is None else asked


def worth_a_process(question: Question) -> bool:
    """Whether a run's side studies are worth a process of their own: there is a core for it, and the run is no small one."""
    from perpetuum.runs.study.executors import cores

    return cores() > 1 and question.worlds * question.scenario().horizon >= WORTH_A_PROCESS


@contextmanager
def progress(what: str) -> Iterator[Progress | None]:
    """A progress bar on stderr, as a function of (done, total); None where stderr is no terminal.

    It moves by itself in a thread, but where workers are to be copies of this process.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from perpetuum.runs.study.compilation import here_alone

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    alone = here_alone()
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=not alone) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total, refresh=alone)


@contextmanager
def status(what: str) -> Iterator[None]:
    """A spinner on stderr, where that is a terminal; none where its thread would keep workers from being copies of it."""
    from perpetuum.runs.study.compilation import here_alone

    if not sys.stderr.isatty() or here_alone():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def drawing(what: str = "drawing the figures", *, again: bool = False) -> Iterator[None]:
    """Draw in the language in force where a typeface has its letters, else in English, which is said, if not `again`."""
    from perpetuum.model.words.speech import say, speaking
    from perpetuum.visualization.figures.layout import has_face

    language = say.language
    if not has_face(language):
        if not again:
            typer.echo(say("figure.no_face"), err=True)
        language = "en"
    with speaking(language), status(what):
        yield


def compile_first() -> bool:
    """Compile all kernels where some are missing, which happens once per machine and version, and say so before.

    Returns whether other processes find them. Where they cannot be kept, workers are copies of this process, and where there
    can be no copies it does all the work itself (`executors`): whichever command asks, none compiles twice.
    """
    from perpetuum.runs.study.compilation import kept_for_others, uncompiled
    from perpetuum.runs.study.shared_compilation import compile_all, shared

    missing = uncompiled()
    if not missing:
        return True
    seconds = max(5, 5 * round(missing * SECONDS_TO_COMPILE * (PART_OF_TWO if shared() else 1.0) / 5))
    typer.echo(f"compiling the kernels, once: about {seconds} s, on a slow machine {SLOW * seconds} s ...", err=True)
    compile_all()
    return kept_for_others()


#: Time to compile the kernels of one module, mean over the modules (27 took 117 s of a processor, 159 s by the clock), what part
#: of it two processes need that share the work (63 s by the clock, where they used 63 and 47 s of a processor), and how many
#: times longer it takes elsewhere.
SECONDS_TO_COMPILE, PART_OF_TWO, SLOW = 4.5, 0.55, 2
