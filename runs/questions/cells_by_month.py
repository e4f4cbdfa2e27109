"""What questions share that are asked of cells by month: months of the run in which something begins, and worlds in all cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from perpetuum.model.scenario import InputError
from perpetuum.model.worlds import Array

if TYPE_CHECKING:
    import pandas as pd

#: Months that must be judged after one, unless the user asks for less.
LEAST_AFTER = 12


def months_of_the_run(
    asked: Sequence[float] | None, usual: Sequence[int], judged: int, question: str, noun: str
) -> tuple[int, ...]:
    """Months in order, each once: those asked for, or of the usual ones those after which `LEAST_AFTER` more are judged.

    Raises InputError for what is no month that is judged, and where none of the usual ones would do.
    """
    months = [month for month in usual if month + LEAST_AFTER <= judged] if asked is None else asked
    if not months:
        raise InputError(f"{question} looks {LEAST_AFTER} months beyond {noun}, and only {judged} are judged")
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
