"""`perpetuum plot`: the figures of a study."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perpetuum.runs.commands import options as shared
from perpetuum.runs.commands.industry import speak_of

if TYPE_CHECKING:
    from perpetuum.runs.questions.selection import View
    from perpetuum.visualization.figures.of_studies import Drawn


def plot(
    folder: Annotated[
        Path, typer.Argument(parser=shared.path, metavar="DIR", help="folder of a study (see `perpetuum sweep`)")
    ],
    metric: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="a state or a metric of worlds.parquet (default: fallen)"),
    ] = None,
    over: Annotated[
        str | None,
        typer.Option(metavar="NAME,NAME", help="parameters across, up and as panels; others are averaged over"),
    ] = None,
    fix: Annotated[
        list[str] | None, typer.Option("--fix", metavar="NAME=VALUE", help="hold a varied parameter; may be repeated")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(parser=shared.path, help="folder for the figures (default: the study's)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print paths and the numbers drawn as JSON")] = False,
    lang: shared.Language = "en",
) -> None:
    """Draw a study: a phase diagram over two varied parameters, curves over one, panels for a third.

    Figures are written as PNG and SVG; bands and lines say how sure they are.

    Example:  perpetuum plot results/squeeze --metric drawdown --fix vendor_finance.scale=1
    """
    shared.keep_to_one_thread()
    from perpetuum.runs.questions.selection import look_at, parse_fixed
    from perpetuum.runs.study.folder import check_place

    if metric is not None and not metric.strip():
        raise shared.input_error("--metric takes a name, such as --metric drawdown")
    names = _names(over)
    view = look_at(folder, metric, names, parse_fixed(fix or []))
    speak_of(view.study.preset, gone=True)
    target = out or folder
    check_place(target)
    with shared.drawing("drawing"):
        drawn = _draw_into(view, target)
    if as_json:
        figures = [{"name": one.name, "title": one.title, "files": one.files, **_plain(one.numbers)} for one in drawn]
        shared.terminal({"study": str(folder), "folder": str(target), "figures": figures}, as_json)
        return
    for one in drawn:
        typer.echo(one.title)
        for file in one.files:
            typer.echo(f"  {target / file}")


def _names(over: str | None) -> list[str]:
    if over is None:
        return []
    names = [name.strip() for name in over.split(",") if name.strip()]
    from perpetuum.model.errors import named_once

    named_once(names, "--over")
    if not names:
        raise shared.input_error("--over takes names separated by commas, such as --over demand.strength,funding.tightening")
    return names


def _draw_into(view: View, target: Path) -> list[Drawn]:
    """Draw beside the place and move when all is there, so that no figure is half written."""
    import tempfile

    from perpetuum.visualization.figures.of_studies import draw_study

    fresh = _missing(target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".plot-", dir=target) as hidden:
            drawn = draw_study(view, Path(hidden))
            for one in drawn:
                for file in one.files:
                    os.replace(Path(hidden) / file, target / file)
    except OSError as error:
        raise shared.input_error(f"cannot write to '{target}': {(error.strerror or str(error)).lower()}") from None
    finally:
        for made in fresh:
            if made.is_dir() and not any(made.iterdir()):
                made.rmdir()
    return drawn


def _missing(target: Path) -> list[Path]:
    """Folders that are yet to be made, innermost first."""
    return [place for place in (target, *target.parents) if not place.exists()]


def _plain(value: Any) -> Any:
    """Arrays as lists, all the way down."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, Sequence) and not isinstance(value, str) else value
