"""The log of scores: every configuration whose hindcast was scored, appended by code, and what a screen says of the last one."""

from __future__ import annotations

import csv
import datetime
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from perpetuum.model.errors import InputError

#: The log in the checkout; an installed package carries it along, and adds nothing to it.
SCORED = Path(__file__).resolve().parents[2] / "model" / "scored.csv"
#: How many worlds and which seed a score has unless others are asked for: the scores that a screen quotes.
WORLDS, SEED = 200, 1
COLUMNS = (
    "date",
    "origin",
    "code",
    "preset",
    "worlds",
    "seed",
    "error",
    "coverage",
    "crps",
    "trend",
    "trend_6",
    "half_trend",
    "no_change",
    "draws",
)
#: What a row says of draws where it says nothing: every unknown from its own prior.
PRIORS = "priors"
#: What it ends with where ranges that rest on hindsight were held at their middle, or the model's discrepancy was drawn too.
BESIDE = {"without_hindsight": ", hindsight held", "with_discrepancy": ", with discrepancy"}
#: The origin that is the test of the presets of the industry, and that of another machine.
TEST_ORIGIN, ORIGINS_OF_OTHERS = "2024-10", {"telecom_1999": "1999-10"}


def rows(file: Path = SCORED) -> list[dict[str, str]]:
    """All scores in the order in which they were looked at."""
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return [row | {"draws": row.get("draws") or PRIORS} for row in csv.DictReader(lines)]


def check(file: Path) -> None:
    """Refuse another file than a log of scores in its place (raises InputError): it would be added to."""
    if not os.path.lexists(file):
        return
    first = file.read_text(encoding="utf-8", errors="replace").partition("\n")[0] if file.is_file() else ""
    if tuple(first.split(",")[: len(COLUMNS) - 1]) != COLUMNS[:-1]:  # older ones say nothing of draws
        raise InputError(
            f"'{file}' is another file than the log of scores, which stands beside it: choose another folder", "out"
        )


def log_of(out: Path | None) -> Path | None:
    """Where a look at the test is logged: beside the document that is written, else in the checkout (None: there is no checkout).

    Raises InputError where it cannot be added to: who may leave no trace may not look.
    """
    if out is None and not (SCORED.parents[1] / "pyproject.toml").is_file():
        return None
    log = SCORED if out is None else out.with_name(SCORED.name)
    check(log)
    if not os.access(log if log.exists() else log.absolute().parent, os.W_OK):
        raise InputError(
            f"'{log}', the log of scores, cannot be written to, and every score is logged: --out FILE logs beside FILE"
        )
    return log


def append(
    file: Path, hindcasts: Mapping[str, Mapping[str, Any]], code: str, presets: Mapping[str, str], worlds: int, seed: int
) -> int:
    """Add rows for each hindcast (as `validate --json` tells it), by priors and fitted, that has not been scored as it is.

    Returns how many it has added.
    """
    known = {tuple(row[name] for name in (*COLUMNS[1:6], "draws")) for row in rows(file)}
    fresh = []
    for origin, told in hindcasts.items():
        about = (origin, code, presets[origin], str(worlds), str(seed))
        for one, draws in _drawn(told):
            if (*about, draws) not in known:
                figures = [f"{({**told, **one})[name]:.4f}" for name in COLUMNS[6:-1]]
                fresh.append([datetime.date.today().isoformat(), *about, *figures, draws])
    new = not file.is_file()
    if not fresh and not new:
        return 0
    with file.open("a", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        if new:
            writer.writerow(COLUMNS)
        writer.writerows(fresh)
    return len(fresh)


def _drawn(told: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Scores of a hindcast with what its worlds drew from: the priors, then the fit on the year before where there is one, then
    the better informed of them with what rests on hindsight held at its middle, and with the model's discrepancy.
    """
    yield told, PRIORS
    if "fitted" in told:
        yield told["fitted"], f"{told['fitted']['fit']} {told['fitted']['of']}"
    for name, ending in BESIDE.items():
        if name in told:
            one = told[name]
            yield one, f"{one['fit']} {one['of']}{ending}" if "fit" in one else f"{PRIORS}{ending}"


def is_usual(row: Mapping[str, str]) -> bool:
    """Whether a score is of the usual worlds and seed."""
    return (row["worlds"], row["seed"]) == (str(WORLDS), str(SEED))


def trust(preset: str, file: Path = SCORED) -> dict[str, Any]:
    """What the screen says of how far to trust a preset: the last score of the industry's test, or of its own hindcast.

    Of scores of the usual worlds and seed, if there are any: another seed's is logged, and is no other answer.
    """
    origin = TEST_ORIGIN if preset.startswith("ono_") else ORIGINS_OF_OTHERS.get(preset)
    last = [row for row in rows(file) if row["origin"] == origin and not row["draws"].endswith(tuple(BESIDE.values()))]
    if not last:
        return {"held_against_history": False}
    row = ([row for row in last if is_usual(row)] or last)[-1]
    figures = {name: float(row[name]) for name in ("error", "coverage", "trend", "trend_6")}
    return {"held_against_history": True, "origin": origin, **figures}
