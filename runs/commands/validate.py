"""`perpetuum validate`: how far to trust the model, in one table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from perpetuum.runs.commands import options as shared


def validate(
    preset: shared.PresetName = shared.DEFAULT_PRESET,
    worlds: Annotated[int, typer.Option(parser=shared.whole, help="worlds of each hindcast")] = 200,
    seed: shared.Seed = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=shared.path, metavar="FILE", help="also write the table as Markdown, and log the scores beside it"
        ),
    ] = None,
    as_json: shared.AsJson = False,
    lang: shared.Language = "en",
) -> None:
    """Hold the model against its books, the article, history, the statistics of share prices, and what was expected of it.

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
        from perpetuum.runs.study import scored

        shared.check_file(out, "a validation", lambda text: text.startswith(heading()))
        scored.check(out.with_name(scored.SCORED.name))
    # Loading the model takes seconds: a mistake is told before.
    from perpetuum.runs.questions import validation

    shared.compile_first()
    told = validation.validate(preset, seed, worlds).told()
    from perpetuum.runs.screen.validation import document, show

    if out is not None:
        from perpetuum.runs.questions import hindcast, telecom
        from perpetuum.runs.study import fingerprint

        all_scores = told["hindcast"] | ({telecom.ORIGIN: told["telecom"]} if told["telecom"] else {})
        of_origins = hindcast.ORIGINS | {telecom.ORIGIN: telecom.PRESET}
        presets = {origin: fingerprint.of_preset(of_origins[origin]) for origin in all_scores}
        log = out.with_name(scored.SCORED.name)
        scored.append(log, all_scores, fingerprint.of_code(), presets, worlds, seed)
        shared.write_out(out, document(told, preset, seed, scored.rows(log)))
    console = shared.terminal(told, as_json)
    if console is not None:
        show(told, preset, seed, console)
