"""`perpetuum report`: a run or a study as one HTML file that can be sent, opened on a phone, and printed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perpetuum.runs.commands import options as shared
from perpetuum.runs.commands.industry import speak_of

if TYPE_CHECKING:
    from perpetuum.runs.questions.reported_folder import ReportedFolder
    from perpetuum.runs.study.executors import Processes

#: Name of the file in the folder that it tells of.
NAME = "report.html"


def report(
    folder: Annotated[Path, typer.Argument(parser=shared.path, metavar="DIR", help="folder of a run or a study")],
    out: Annotated[
        Path | None,
        typer.Option(parser=shared.path, metavar="FILE", help=f"file to write (default: {NAME} in the folder)"),
    ] = None,
    world: Annotated[
        int | None,
        typer.Option(
            parser=shared.whole,
            help="story of this world (default: a typical falling one, or the middle one; of a search the first)",
        ),
    ] = None,
    lang: shared.Language = "en",
) -> None:
    """Write one HTML file of a run or a study: the answer, figures, the ring month by month, the story of one world, tables.

    It needs no server and no internet, opens on a phone and prints. One world is simulated again for the ring and the story.

    Example:  perpetuum report results/squeeze --lang zh
    """
    shared.keep_to_one_thread()
    import contextlib

    from perpetuum.runs.questions.reported_folder import read_folder
    from perpetuum.runs.study.executors import Processes, cores

    def check(target: Path) -> None:
        shared.check_file(target, "a report", lambda text: "· perpetuum</title>" in text)

    if out is not None:
        check(out)  # before tables are read
    with _whole(folder):
        read, target = read_folder(folder, world), out or folder / NAME
    check(target)
    shared.compile_first()
    with _whole(folder), Processes(1) if cores() > 1 else contextlib.nullcontext() as second:
        text = written(read, second)
    shared.write_out(target, text)
    typer.echo(str(target))


@contextmanager
def _whole(folder: Path) -> Iterator[None]:
    """Refuse a folder whose summary or manifest lacks something, or has something else in its place (raises InputError)."""
    from perpetuum.model.errors import InputError
    from perpetuum.runs.study.manifest import ANEW

    try:
        yield
    except InputError:
        raise
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"'{folder}' does not hold what a report tells of, as it was written: {ANEW}") from error


def written(read: ReportedFolder, second: Processes | None) -> str:
    """The report of a folder as HTML, made by two processes where there is a second."""
    from perpetuum.runs.screen.report import document_of
    from perpetuum.visualization.report import html_of

    speak_of(read.preset, gone=True)
    with shared.status("writing the report"):
        return html_of(document_of(read, second))
