"""`perpetuum calibrate`: what a year of the record, or two, says of what the presets call unknown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perpetuum.runs.commands import options as shared

if TYPE_CHECKING:
    from collections.abc import Callable

    from perpetuum.runs.questions.history_matching import Wave

#: Fewest points of a wave, and worlds at each, of which a spread can be told.
FEWEST_POINTS, FEWEST_REPLICATES = 20, 2
MOST_POINTS, MOST_REPLICATES, MOST_WAVES, MOST_DRAWS = 100_000, 100, 20, 100_000


def calibrate(
    fit: Annotated[
        str,
        typer.Option(
            "--fit",
            metavar="A|B",
            help="A: October 2023 to September 2024, from what was public by 1 October 2024; B: that year and the next, from "
            "what was public by 30 September 2025",
        ),
    ],
    points: Annotated[
        int, typer.Option(parser=shared.whole, help="points of a wave; the last one has three times as many")
    ] = 1000,
    replicates: Annotated[
        int, typer.Option(parser=shared.whole, help="worlds at every point, each with luck of its own")
    ] = 4,
    waves: Annotated[int, typer.Option(parser=shared.whole, help="waves that rule out points")] = 3,
    draws: Annotated[int, typer.Option(parser=shared.whole, help="rows of the table")] = 300,
    discrepancy: Annotated[
        float,
        typer.Option(
            parser=shared.number, help="standard deviation, in logs, of what the model is not claimed to be nearer than"
        ),
    ] = 0.15,
    seed: shared.Seed = 1,
    workers: shared.Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(parser=shared.path, metavar="FILE", help="write the draws there, such as model/fits/fit_a.csv"),
    ] = None,
    as_json: shared.AsJson = False,
    lang: shared.Language = "en",
) -> None:
    """Fit some unknowns to the record: rule out in waves, then weigh what is left, and say what the record does not tell.

    Priors are the tables of the presets of 2023 and 2024. Points that lie too far from the record, given luck, observation and
    what the model is not claimed to be nearer than, are ruled out in waves (history matching); worlds at what is left are weighed
    by their distance from the record and moved to it by a regression (approximate Bayesian computation). The table has a row a
    draw: for each parameter the place in its range, between 0 and 1. `fit = "fit_b"` in a preset lets its worlds draw from it.

    Example:  perpetuum calibrate --fit A --out model/fits/fit_a.csv
    """
    shared.keep_to_one_thread()
    from perpetuum.runs.questions.fit_plans import PLANS
    from perpetuum.runs.study.batches import check_seed

    if fit not in PLANS:
        raise shared.input_error(f"--fit takes {' or '.join(PLANS)}, not '{fit}'")
    for name, value, least, most in (
        ("points", points, FEWEST_POINTS, MOST_POINTS),
        ("replicates", replicates, FEWEST_REPLICATES, MOST_REPLICATES),
        ("waves", waves, 1, MOST_WAVES),
        ("draws", draws, 2, MOST_DRAWS),
    ):
        if value < least:
            raise shared.input_error(f"--{name} must be at least {least}, not {value}")
        shared.check_most(name, value, most)
    if not 0.0 < discrepancy <= 1.0:
        raise shared.input_error(f"--discrepancy lies above 0 and up to 1, not {discrepancy:.10g}")
    if out is not None:
        shared.check_file(out, "a fit", lambda text: text.startswith("# fit: "))
    check_seed(seed)
    shared.check_engine(workers, None)
    # Loading the model takes seconds: a mistake is told before.
    from perpetuum.runs.questions import calibration

    shared.compile_first()
    given = {"points": points, "replicates": replicates, "waves": waves, "draws": draws, "discrepancy": discrepancy}
    with _progress(waves) as told:
        found = calibration.calibrate(
            PLANS[fit],
            **given,  # type: ignore[arg-type]
            seed=seed,
            workers=shared.worker_count(workers, points * replicates),
            command=_typed(fit, {**given, "seed": seed}, out),
            told=told,
        )
    if out is not None:
        shared.write_out(out, found.fit.written())
    summary = found.told() | {"trained": calibration.trained(found.fit, seed)}
    console = shared.terminal(summary, as_json)
    if console is not None:
        from perpetuum.runs.screen.calibration import show

        show(summary, console, str(out or ""))


def _typed(fit: str, given: dict[str, float], out: Path | None) -> str:
    """The command as it would be typed again: options that are not the usual ones, and the file."""
    import inspect
    import shlex

    usual = {name: one.default for name, one in inspect.signature(calibrate).parameters.items()}
    told = [f"--{name} {value}" for name, value in given.items() if value != usual[name]]
    place = [f"--out {shlex.quote(str(out))}"] if out is not None else []
    return " ".join(["perpetuum calibrate", f"--fit {fit}", *told, *place])


@contextmanager
def _progress(waves: int) -> Iterator[Callable[[Wave], None]]:
    """A bar of the waves done, as a function to be called after each."""
    from perpetuum.model.words.speech import say

    with shared.progress(say("calibrate.matching")) as bar:
        done = 0

        def told(wave: Wave) -> None:
            nonlocal done
            done += 1
            if bar is not None:
                bar(done, waves)

        yield told
