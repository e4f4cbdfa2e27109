"""Worlds from Python: one pure function from parameters, seeds and months to a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from perpetuum.model.given import as_given
from perpetuum.model.scenario import MOST_WORLDS, InputError
from perpetuum.runs.study.batches import run_worlds

if TYPE_CHECKING:
    import pandas as pd


def simulate(
    parameters: Mapping[str, Any] | pd.DataFrame | Sequence[Mapping[str, Any]],
    seeds: int | Sequence[int] = 0,
    months: int | None = None,
    *,
    preset: str = "ono_2025",
    series: Sequence[str] | None = (),
    workers: int = 1,
    agent_classes: Mapping[str, type] | None = None,
) -> pd.DataFrame:
    """Simulate worlds and return a row for each: its parameters, verdict and metrics.

    `parameters` maps dotted names (see `perpetuum params`) to a value, or to one value a world; a DataFrame or a sequence of
    mappings has a row a world. `seeds`: the shocks of all worlds, or of each: worlds with the same seed share their luck.
    `months`: None for the preset's. `series`: names of series (None: all); then there is a row a world and month instead.
    `agent_classes`: classes of your own by role, as in `Economy` (with one worker).
    The columns are those of a study's worlds.parquet, where a seed is called `replicate`. What a world does depends on
    its parameters, its seed and the months, on nothing else. Raises InputError.
    """
    columns = _columns(parameters)
    wide = {name: list(values) for name, values in columns.items() if _is_many(values)}
    if isinstance(seeds, range) and len(seeds) > MOST_WORLDS:
        raise InputError(f"seeds are those of {as_given(seeds)}: a table has at most {MOST_WORLDS:,} worlds")
    luck: list[int] | None = list(seeds) if _is_many(seeds) and not isinstance(seeds, Mapping | Set) else None  # type: ignore
    many = wide if luck is None else {**wide, "seeds": luck}
    lengths = {len(values) for values in many.values()}
    if len(lengths) > 1:
        said = ", ".join(f"{len(values)} of {name}" for name, values in many.items())
        raise InputError(f"parameters and seeds must have one value each, or one a world, not different numbers: {said}")
    worlds = lengths.pop() if lengths else 1
    return run_worlds(
        preset,
        varied={name: wide.get(name, [columns[name]] * worlds) for name in columns},
        replicates=luck or [seeds] * worlds,  # type: ignore[list-item]
        months=months,
        series=series,
        workers=workers,
        agent_classes=agent_classes,
    )


def _columns(parameters: Any) -> dict[str, Any]:
    """Parameters as columns, whatever form they came in."""
    if isinstance(parameters, Mapping):
        for name in parameters:
            if not isinstance(name, str):
                raise InputError(f"parameters have names such as 'demand.strength', not {as_given(name)}")
        return dict(parameters)
    if hasattr(parameters, "columns"):
        names = [str(name) for name in parameters.columns]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"the table of parameters has more than one column '{name}'")
        return {str(name): parameters[name].tolist() for name in parameters.columns}
    if isinstance(parameters, str) or not isinstance(parameters, Sequence):
        raise InputError(
            f"parameters must map names to values, or be a table or a list of such mappings, not {as_given(parameters)}"
        )
    rows = list(parameters)
    names = list(rows[0]) if rows and isinstance(rows[0], Mapping) else []
    for row in rows:
        if not isinstance(row, Mapping) or set(row) != set(names):
            raise InputError("each world's parameters must be a mapping with the same names")
    return {name: [row[name] for row in rows] for name in names} if rows else {"seeds": []}


def _is_many(values: Any) -> bool:
    return not isinstance(values, str) and hasattr(values, "__len__") and getattr(values, "ndim", 1) > 0
