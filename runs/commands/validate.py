"""`perpetuum validate`: how far to trust the model, in one table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from perpetuum.runs.commands import options as shared


def validate(
    preset: shared.PresetName = shared.DEFAULT_PRESET,
    worlds: Annotated[int, typer.Option(help="worlds of each hindcast")] = 200,
    seed: shared.Seed = 1,
    write: Annotated[bool, typer.Option("--write", help="write model/VALIDATION.md of this checkout anew")] = False,
    as_json: shared.AsJson = False,
    lang: shared.Language = "en",
) -> None:
    """Hold the model against its books, the article, history, the statistics of share prices, and what was expected of it.

    Example:  perpetuum validate --json
    """
    shared.keep_to_one_thread()
    from perpetuum.model.scenario import load_preset
    from perpetuum.runs.questions.validation import validate as validated

    if worlds < 2:
        raise shared.input_error(f"--worlds must be at least 2, not {worlds}")
    load_preset(preset)
    file = Path(__file__).resolve().parents[2] / "model" / "VALIDATION.md"
    if write and not file.parent.joinpath("README.md").is_file():
        raise shared.input_error(f"--write needs a checkout of the project, and {file.parent} is none")
    shared.announce_compilation()
    told = validated(preset, seed, worlds).told()
    from perpetuum.runs.screen.validation import document, show

    if write:
        file.write_text(document(told, preset, seed), encoding="utf-8")
    if as_json:
        from perpetuum.runs.study.manifest import to_json

        typer.echo(to_json(told))
        return
    from rich.console import Console

    show(told, preset, seed, Console())
