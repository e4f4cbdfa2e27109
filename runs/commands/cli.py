"""The command line: its commands, and the way out of them.

Heavy imports wait until a command needs them, so that `perpetuum --help` is quick. What a user got wrong is
answered in one sentence on stderr with exit code 2; a fault of ours ends with exit code 1.
"""

from __future__ import annotations

import _thread
import codecs
import contextvars
import errno
import functools
import io
import os
import signal
import sys
import threading
import traceback
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated, Any

import typer

from perpetuum.runs import INTERRUPTED, STOPPED
from perpetuum.runs.commands import app as page
from perpetuum.runs.commands import (
    autopsy,
    calibrate,
    compare,
    params,
    plot,
    report,
    run,
    scenarios,
    sensitivity,
    sweep,
    tip,
    validate,
)
from perpetuum.runs.commands import options as shared
from perpetuum.runs.commands.bytecode import keep_bytecode
from perpetuum.runs.commands.command import Command
from perpetuum.runs.commands.mixed_up import command_of, no_such_option, of_preset, too_many
from perpetuum.runs.commands.surroundings import heed_surroundings, little_memory, no_completion, of_completion, of_numba
from perpetuum.runs.commands.without_home import keep_without_home

#: The commands in the order of `perpetuum --help`; each is called as its function is.
COMMANDS = (
    run.run,
    sweep.sweep,
    plot.plot,
    report.report,
    tip.tip,
    autopsy.autopsy,
    sensitivity.sensitivity,
    compare.compare,
    validate.validate,
    calibrate.calibrate,
    page.app,
    scenarios.scenarios,
    params.params,
)

app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    """Print the version, and end there."""
    if asked:
        from importlib.metadata import version

        typer.echo(f"perpetuum {version('perpetuum')}")
        raise typer.Exit


@app.callback()
def perpetuum(
    version: Annotated[
        bool, typer.Option("--version", help="print the version", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Can the AI perpetual-motion machine keep turning? A simulation of money that goes round.

    Start here:  perpetuum run
    """


for _command in COMMANDS:
    # A short help of its own is shown whole; one that is taken from the docstring is cut.
    _about = (_command.__doc__ or "").partition("\n\n")[0]
    app.command(cls=tip.Command if _command is tip.tip else Command, short_help=" ".join(_about.split()))(_command)


# --- the way out --------------------------------------------------------------------------------------------


_INTERNAL = 1
#: Seconds until a Ctrl-C that was lost is repeated.
_A_MOMENT = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns 0 fine, 1 our fault, 2 the user's input, 130 interrupted."""
    keep_bytecode()
    keep_without_home()
    heed_surroundings()
    _print_somewhere()
    _print_in_any_code_page()
    with _interrupts_that_are_heard():
        return _obey(arguments)


@functools.cache
def _parser() -> Any:
    """The commands with all their options, made once a process."""
    return typer.main.get_command(app)


def _obey(arguments: Sequence[str] | None) -> int:
    """Run the command; returns the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if told := little_memory(words) or no_completion(words):
        return _complain(told, 2)
    try:
        _refuse_what_is_no_text(words)
        # In a context of its own: the language that a command puts in force ends with it.
        result = contextvars.copy_context().run(
            _parser(), args=None if arguments is None else list(arguments), prog_name="perpetuum", standalone_mode=False
        )
        sys.stdout.flush()
    except typer.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except SystemExit as stop:
        # The reader of our output went away (`perpetuum params | head`), which is nobody's fault; a shell asks for completions.
        return 0 if isinstance(stop.__context__, BrokenPipeError) or not stop.code else _INTERNAL
    except Exception as error:
        return _explain(error, words)
    # Some versions of typer turn Ctrl-C into the exit code 130, others into Abort.
    code = result if isinstance(result, int) else 0
    return _interrupted() if code == INTERRUPTED else code


@contextmanager
def _interrupts_that_are_heard() -> Iterator[None]:
    """Repeat a Ctrl-C that was lost.

    Python raises it wherever it is at; in code that C calls back (as compiled equations are loaded, as an object is let go)
    an error goes no further than `sys.unraisablehook`, and the command would run on to its end.
    """
    before, repeated = sys.unraisablehook, []

    def repeat(lost: Any) -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            before(lost)
            return
        # From a thread, a moment later: raised here it would be lost again.
        again = threading.Timer(_A_MOMENT, _thread.interrupt_main)
        again.daemon = True
        again.start()
        repeated.append(again)

    sys.unraisablehook = repeat
    # Whoever is told to end (`kill`, a machine that shuts down) leaves as after a Ctrl-C, with nothing half-written.
    told = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    if told:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        if told:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sys.unraisablehook = before
        for again in repeated:
            again.cancel()


def _refuse_what_is_no_text(arguments: Sequence[str]) -> None:
    """Refuse bytes that are no text: neither tables nor manifests can hold them."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise shared.input_error(f"{argument!r} is no text in UTF-8: give it another name") from None


def _print_somewhere() -> None:
    """Print to nowhere what was started with standard output or error closed (`>&-`), for which Python has no stream."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - as long as the program runs


def _print_in_any_code_page() -> None:
    """Let what a terminal's or a file's code page does not have be printed as something like it, one letter for one."""
    codecs.register_error("perpetuum.alike", _alike)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="perpetuum.alike")


#: What stands for letters that a code page lacks, beside those that have a plain letter in them (é, ½, ², ...).
_ALIKE = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "─": "-", "·": "*", "•": "*", "×": "x", "’": "'", "‘": "'", "“": '"', "”": '"', "→": ">"}
    | dict.fromkeys("█▉▊▋▌▐■▓", "#")
    | dict.fromkeys("▍▎▏░▒", ".")
)


def _alike(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    told = ""
    for letter in error.object[error.start : error.end]:
        plain = unicodedata.normalize("NFKD", letter.translate(_ALIKE))[:1]
        told += plain if plain.isascii() else "?"
    return told, error.end


def _interrupted() -> int:
    return _complain(STOPPED, INTERRUPTED)


def _explain(error: Exception, words: Sequence[str]) -> int:
    """One sentence for what the user can mend; our own faults keep their traceback."""
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(str(error))
        return 2
    if isinstance(error, shared.Stopped):
        return _complain(str(error), INTERRUPTED)
    if hasattr(error, "format_message"):  # a usage error of typer or click
        return _complain(f"{_sentence(error, words)} (see `{_command_of(error, words)} --help`)", 2)
    from perpetuum.model.errors import TOO_LITTLE_MEMORY, InputError, hides_an_interrupt, lacks_memory, shortened

    # First of all: to tell other errors the model is loaded, for which memory has to be there.
    if not isinstance(error, InputError) and lacks_memory(error):
        return _complain(TOO_LITTLE_MEMORY, 2)
    if told := of_numba(error) or of_completion(error):
        return _complain(told, 2)
    if isinstance(error, InputError):
        return _complain(_refused(error, words), 2)
    from perpetuum.model.books.ledger import BooksBreachError, OutgrownError

    if isinstance(error, OutgrownError):
        return _complain(f"{error}: parameters that compound like this leave what whole dollars can count, so lower them", 2)
    if isinstance(error, BooksBreachError):
        return _complain(f"the books do not balance, which is a fault of the program: {error}", 1)
    if isinstance(error, OSError) and _was_printing(error):
        return _complain(f"cannot print to standard output: {_reason(error)}{_where_all_is()}", 2)
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG and error.filename:
        return _complain(f"'{shortened(str(error.filename))}' cannot be looked up: {_reason(error)}", 2)
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        return _complain("the folder in which it was started is gone: change to another one and run it there", 2)
    if isinstance(error, OSError):
        code = 2 if error.errno in _PLACES_AT_FAULT else _INTERNAL
        where = f" to '{shortened(str(error.filename))}'" if error.filename else ""
        return _complain(f"cannot write the results{where}: {_reason(error)}", code)
    if hides_an_interrupt(error):
        return _interrupted()
    raise error


def _refused(error: ValueError, words: Sequence[str]) -> str:
    """What is refused, and of a word that was read as a preset why it was."""
    unknown = getattr(sys.modules.get("perpetuum.model.presets"), "UnknownPresetError", ())  # not loaded: not raised
    if isinstance(error, unknown) and not error.about and error.name in words and (command := command_of(_parser(), words)):
        return str(error.told(of_preset(command, words, error.name)))
    return str(error)


def _reason(error: OSError) -> str:
    return (os.strerror(error.errno) if error.errno else str(error)).lower()


def _is_nowhere() -> bool:
    """Whether the current folder was removed since, so that no relative path leads anywhere."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _was_printing(error: OSError) -> bool:
    """Whether what failed was printing, and not the writing of a file."""
    innermost = [frame for frame, _ in traceback.walk_tb(error.__traceback__)][-1].f_globals["__name__"]
    return innermost == __name__ or innermost.partition(".")[0] in ("typer", "click", "rich")


def _where_all_is() -> str:
    """That results were written before printing failed, and where."""
    written = getattr(sys.modules.get("perpetuum.runs.study.folder"), "Folder", None)
    return f"; all results are in '{written.written}'" if written is not None and written.written is not None else ""


#: What ends a run because of where its files should go, which the user can change.
_PLACES_AT_FAULT = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}


def _sentence(error: Any, words: Sequence[str]) -> str:
    message = str(error.format_message()).strip().rstrip(".")
    if type(error).__name__ == "BadOptionUsage" and message.endswith("requires an argument"):
        return f"{error.option_name} takes a value, and none follows it"
    if message.startswith("Got unexpected extra argument") and (command := command_of(_parser(), words)):
        return too_many(command, words, message)
    if argument := _argument_named(error):
        message = f"the {argument} is given without {error.option_name}: {_command_of(error, words)} {argument.upper()}"
    elif type(error).__name__ == "NoSuchOption" and error.ctx is not None:
        message = no_such_option(_parser(), error.ctx.command, str(error.option_name))
    message = message.replace(". Did you mean", "; did you mean")
    return message[:1].lower() + message[1:]


def _argument_named(error: Any) -> str:
    """The argument that an unknown option is named like, which goes without a name (`--preset` of `run`); "" for none."""
    name, context = str(getattr(error, "option_name", None) or "").lstrip("-"), getattr(error, "ctx", None)
    parameters = context.command.params if context is not None and type(error).__name__ == "NoSuchOption" else []
    found = [str(one.metavar or one.name) for one in parameters if one.param_type_name == "argument"]
    return next((one.lower() for one in found if one.lower() == name.lower()), "")


def _command_of(error: Any, words: Sequence[str]) -> str:
    """The command that an error of its options is about, as the user calls it."""
    context = getattr(error, "ctx", None)
    if context is not None:
        return str(context.command_path)
    command = command_of(_parser(), words)
    return f"perpetuum {command.name}" if command else "perpetuum"


def _complain(message: str, code: int) -> int:
    from perpetuum.model.errors import printable

    with suppress(OSError):
        typer.echo(f"perpetuum: {printable(' '.join(message.split()))}", err=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
