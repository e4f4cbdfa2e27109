"""What questions share that are asked of cells by month: months of the run in which something begins, and worlds in all cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from perpetuum.model.scenario import InputError
from perpetuum.model.worlds import Array
from perpetuum.runs.questions.moved_parameter import Question

if TYPE_CHECKING:
    import pandas as pd

#: Months that must be judged after one, unless the user asks for less.
LEAST_AFTER = 12


def with_a_year_left(months: Sequence[int], judged: int, question: str, noun: str) -> list[int]:
    """Months after which `LEAST_AFTER` more are judged (raises InputError where there is none)."""
    left = [month for month in months if month + LEAST_AFTER <= judged]
    if not left:
        raise InputError(f"{question} looks {LEAST_AFTER} months beyond {noun}, and only {judged} are judged")
    return left


def months_of_the_run(months: Sequence[float], judged: int, noun: str) -> tuple[int, ...]:
    """Months in order, each once (raises InputError for what is no month that is judged)."""
    for month in months:
        if month != int(month) or not 0 <= month < judged:
            raise InputError(
                f"{noun} is a whole number of months from 0 to {judged - 1}, the last one judged, not {month:g}"
            )
    return tuple(sorted({int(month) for month in months}))


def sound_worlds(worlds: pd.DataFrame, cells: int, where: str) -> Array:
    """Replicates that were simulated in every cell (replicates,); raises InputError where there is none."""
    sound: Array = (worlds["error"] == "").to_numpy().reshape(cells, -1).all(axis=0)
    if not sound.any():
        raise InputError(f"no world could be simulated in all cells {where}")
    return sound


def told_of(asked: Question) -> dict[str, Any]:
    """What a summary says first of a question that is asked of a study of cells."""
    scenario = asked.scenario
    return {
        "preset": asked.preset,
        "overrides": {name: scenario.value(name) for name in asked.overrides},
        "worlds": asked.worlds,
        "months": scenario.judged,
        "first_month": scenario.definition.start.isoformat(),
        "seed": asked.seed,
        "fixed": asked.fixed,
    }
