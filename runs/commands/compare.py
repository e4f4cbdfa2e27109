"""`perpetuum compare`: two runs or studies side by side, world by world where both have the same worlds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from perpetuum.runs.commands import options as shared
from perpetuum.runs.commands.industry import speak_of


def compare(
    a: Annotated[Path, typer.Argument(parser=shared.path, metavar="A", help="folder of a run or a study")],
    b: Annotated[Path, typer.Argument(parser=shared.path, metavar="B", help="folder of another")],
    as_json: shared.AsJson = False,
    lang: shared.Language = "en",
) -> None:
    """Compare two runs or studies: what was asked differently, and what became of the worlds that both have.

    Example:  perpetuum compare results/equity results/lease
    """
    shared.keep_to_one_thread()
    from perpetuum.runs.questions import comparison as comparing

    sides = comparing.read_side(a), comparing.read_side(b)
    speak_of(*(side.about["preset"] for side in sides), gone=True)
    result = comparing.compare(*sides)
    console = shared.terminal(result, as_json)
    if console is not None:
        from perpetuum.runs.screen.comparison import show

        show(result, console)
