"""`perpetuum validate`: how far to trust the model, in one table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from perpetuum.runs.commands import options as shared
from perpetuum.runs.study import scored


def validate(
    preset: shared.PresetName = shared.DEFAULT_PRESET,
    worlds: Annotated[int, typer.Option(parser=shared.whole, help="worlds of each hindcast")] = scored.WORLDS,
    seed: shared.Seed = scored.SEED,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=shared.path,
            metavar="FILE",
            help="also write the table as Markdown, and log the scores beside it instead of in the checkout",
        ),
    ] = None,
    as_json: shared.AsJson = False,
    lang: shared.Language = "en",
) -> None:
    """Hold the model against its books, the article, history, the statistics of share prices, and what was expected of it.

    Every look at the test is logged: what was not scored before as it is gets its rows in `model/scored.csv` of the checkout.

    Example:  perpetuum validate --json
    """
    shared.keep_to_one_thread()
    from perpetuum.model.scenario import load_preset
    from perpetuum.runs.study.batches import check_seed

    if worlds < 2:
        raise shared.input_error(f"--worlds must be at least 2, not {worlds}")
    shared.check_most("worlds", worlds, shared.MOST_WORLDS)
    load_preset(preset)
    check_seed(seed)
    if out is not None:
        from perpetuum.runs.screen.validation import heading

        shared.check_file(out, "a validation", lambda text: text.startswith(heading()))
    log = scored.log_of(out)
    # Loading the model takes seconds: a mistake is told before.
    from perpetuum.runs.questions import validation

    shared.compile_first()
    told = validation.validate(preset, seed, worlds).told()
    told["logged"] = None if log is None else _logged(log, told, worlds, seed)
    from perpetuum.runs.screen.validation import document, show

    if out is not None:
        shared.write_out(out, document(told, preset, seed, scored.rows(log) if log else ()))
    console = shared.terminal(told, as_json)
    if console is not None:
        show(told, preset, seed, console)


def _logged(log: Path, told: dict[str, Any], worlds: int, seed: int) -> dict[str, Any]:
    """Log what was scored: where, and how many rows it took."""
    from perpetuum.runs.questions import hindcast, telecom
    from perpetuum.runs.study import fingerprint

    all_scores = told["hindcast"] | ({telecom.ORIGIN: told["telecom"]} if told["telecom"] else {})
    of_origins = hindcast.ORIGINS | {telecom.ORIGIN: telecom.PRESET}
    presets = {origin: fingerprint.of_preset(of_origins[origin]) for origin in all_scores}
    rows = scored.append(log, all_scores, fingerprint.of_code(), presets, worlds, seed)
    here = Path.cwd()
    return {"file": str(log.relative_to(here) if log.is_relative_to(here) else log), "rows": rows}
