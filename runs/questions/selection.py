"""What of a study is looked at: its sound worlds, the parameters that span the figure, and the measure.

Of the varied parameters some are axes (across, up, panels), some are fixed at one of their values, and the rest is averaged
over. A folder is read here and nowhere else; nothing here draws.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.errors import about, named_once
from perpetuum.model.given import number
from perpetuum.model.observed.metrics import METRICS
from perpetuum.model.observed.states import STATES
from perpetuum.model.scenario import InputError, Scenario, nearest
from perpetuum.model.words.speech import say, typed
from perpetuum.model.worlds import Array
from perpetuum.runs.questions.cell_statistics import Axis, axis_of
from perpetuum.runs.study import tables
from perpetuum.runs.study.description import Study
from perpetuum.runs.study.design import SAMPLED
from perpetuum.runs.study.manifest import read_manifest
from perpetuum.runs.study.read_manifest import recorded
from perpetuum.runs.written_pairs import pairs_of

if TYPE_CHECKING:
    import pandas as pd


#: A figure shows so many parameters: across, up, and as panels.
MOST_AXES = 3
#: Columns of worlds.parquet that are no metrics.
_LABELS = ("world", "replicate", "seed")


@dataclass(frozen=True)
class Quantity:
    """What is shown of each world: the state in which it stands (a mark: share of worlds that have it) or a metric."""

    name: str
    unit: str
    marked: bool = False

    @property
    def words(self) -> str:
        """Its name in words."""
        return say.metric(self.name)[0] if not self.marked else say("shown.that", several=self.verb["several"])

    @property
    def verb(self) -> dict[str, str]:
        """What worlds do that are marked: `one` of them, and `several`."""
        return {"one": say(f"one_does.{self.name}"), "several": say(f"several_do.{self.name}")} if self.marked else {}

    def of(self, worlds: pd.DataFrame) -> Array:
        """Marks or values of worlds, NaN where a world has none."""
        if self.marked:
            return (worlds["state"] == self.name).to_numpy()
        values = worlds[self.name].to_numpy(dtype=np.float64)
        return np.where(values < 0, np.nan, values) if self.sometimes else values

    @property
    def sometimes(self) -> bool:
        """Whether it is the month of something that does not happen in every world."""
        return self.unit == "months from the start"


@dataclass(frozen=True)
class View:
    """A study, the worlds that are looked at, and how: `axes` span the figure, `pooled` parameters are averaged over.

    `total`: worlds of the whole study; `there`: those that are simulated; `failed`: those of the slice that failed.
    """

    study: Study
    worlds: pd.DataFrame
    axes: tuple[Axis, ...]
    pooled: tuple[str, ...]
    fixed: Mapping[str, Any]
    quantity: Quantity
    there: int
    failed: int
    sampled: bool

    @property
    def finished(self) -> bool:
        """Whether all worlds of the study are simulated."""
        return self.there == self.study.worlds

    @cached_property
    def scenario(self) -> Scenario:
        """The study's scenario without what is varied."""
        return Scenario(self.study.preset, dict(self.study.overrides))

    @property
    def cells(self) -> int:
        """Number of cells that the figure has."""
        return int(np.prod([len(axis) for axis in self.axes]))


def look_at(
    folder: Path, metric_name: str | None = None, over: Sequence[str] = (), fix: Mapping[str, str] | None = None
) -> View:
    """Read a study and choose what is shown of it.

    `over`: names of the axes, in the order across, up, panels (default: all that vary and are not fixed); `fix`: values, as
    written, at which other parameters are held. Raises InputError for a folder without a study and for wrong names.
    """
    study = read_study(folder)
    names = list(study.varied)
    named_once(over, "the axes")
    for part, chosen_names in (("over", over), ("fix", fix or {})):
        for name in chosen_names:
            if name not in names:
                there_are = f"it varies {', '.join(names)}{nearest(name, names)}"
                raise InputError(f"'{name}' does not vary in this study: {there_are}", part)
    for name in over:
        if name in (fix or {}):
            raise InputError(f"'{name}' cannot be both an axis and fixed: leave out one of --over and --fix")
    quantity = quantity_of(metric_name, columns_of(folder), names)
    needed = ["replicate", *names, "state", "error"]
    if quantity.name not in (*STATES, *needed):
        needed.append(quantity.name)
    worlds = tables.load(folder, columns=needed)
    there = len(worlds)
    sampled = _is_sampled(study)
    with about("fix"):
        fixed = {name: _level(worlds, name, text, sampled) for name, text in (fix or {}).items()}
    for name, value in fixed.items():
        worlds = worlds[worlds[name] == value]
    failed = worlds["error"] != ""
    if failed.all():
        raise InputError(f"all {len(worlds):,} worlds of '{folder}' failed (the first: {worlds['error'].iloc[0]})")
    free = [name for name in names if name not in fixed and worlds[name].nunique() > 1]
    chosen = list(over) or free
    _check_number(chosen, free, sampled, bool(over))
    # Axes come from all worlds, so that a cell whose worlds all failed keeps its place.
    axes = tuple(axis_of(worlds, name) for name in chosen)
    pooled = tuple(name for name in free if name not in chosen)
    return View(study, worlds[~failed], axes, pooled, fixed, quantity, there, int(failed.sum()), sampled)


def _check_number(chosen: Sequence[str], free: Sequence[str], sampled: bool, asked: bool) -> None:
    if not chosen:
        raise InputError("nothing varies here: each parameter has one value, so that there is nothing to plot against")
    if sampled:
        if asked and len(chosen) > 2:
            raise InputError(f"--over takes one or two parameters of a sampled study, not {len(chosen)}")
        return
    if len(chosen) <= MOST_AXES:
        return
    if asked:
        raise InputError(f"--over takes at most three parameters (across, up, panels), not {len(chosen)}")
    held = " ".join(f"--fix {name}=VALUE" for name in free[MOST_AXES:])
    raise InputError(
        f"a figure shows at most three varied parameters, and here {len(chosen)} vary ({', '.join(chosen)}): hold some "
        f"with {held}, or choose with --over {','.join(chosen[:2])}, which averages over the others"
    )


def _is_sampled(study: Study) -> bool:
    """Whether cells are scattered rather than a full grid."""
    if study.design["kind"] != "cells":
        return study.design["kind"] in SAMPLED
    distinct = len(set(zip(*study.varied.values(), strict=True)))
    return distinct < int(np.prod([len(set(column)) for column in study.varied.values()], dtype=np.float64))


# --- reading ------------------------------------------------------------------------------------------------


def read_study(folder: Path) -> Study:
    """Read a study's description (raises InputError, also where the folder holds a run)."""
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise InputError(f"'{folder}' {what}: plot takes the folder of a study, which `perpetuum sweep --out DIR` makes")
    manifest = read_manifest(folder)
    if manifest is None:
        raise InputError(f"'{folder}' holds no study: plot takes the folder that `perpetuum sweep --out DIR` makes")
    if "study" not in manifest:
        held = "a run" if "arms" in manifest else f"the answer of `perpetuum {manifest.get('kind', '')}`"
        raise InputError(f"'{folder}' holds {held}, not a study: {_figures_of_a_run(folder)}")
    return recorded(manifest, folder)


def _figures_of_a_run(folder: Path) -> str:
    drawn = sorted(name for name in os.listdir(folder) if name.endswith(".png"))
    if drawn:
        return f"its figures are there already ({', '.join(drawn)})"
    return "run it again without --no-figures to have its figures"


def columns_of(folder: Path) -> list[str]:
    """Names of the columns that a study's worlds have."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = tables.files_of(folder, "worlds")
    if not files:
        raise InputError(f"the study in '{folder}' has no worlds yet: run its `perpetuum sweep` first")
    try:
        return list(pq.read_schema(files[0]).names)
    except (OSError, pa.ArrowInvalid) as error:
        raise tables.damaged(files[:1], folder, error) from None


# --- what the user wrote ------------------------------------------------------------------------------------


@about("metric")
def quantity_of(name: str | None, columns: Sequence[str], varied: Sequence[str]) -> Quantity:
    """Return the measure of a name: a state (share of worlds), or a metric of the table."""
    name = name or "fallen"
    if name in STATES:
        return Quantity(name, "share", True)
    words = ("state", "cause", "outcome", "first_domino", "error")
    metrics = [column for column in columns if column not in (*_LABELS, *varied, *words)]
    if name not in metrics:
        known = [*STATES, *(one for one in metrics if one in METRICS), *(one for one in metrics if one not in METRICS)]
        raise InputError(
            f"unknown metric '{name}'{nearest(name, known)} (there are {', '.join(STATES)}, and the numbers of a world in "
            f"worlds.parquet, such as {', '.join(known[len(STATES) :][:3])})"
        )
    return Quantity(name, say.metric(name)[1])


def parse_fixed(written_pairs: Sequence[str]) -> dict[str, str]:
    """Read `--fix NAME=VALUE`."""
    takes = "--fix takes NAME=VALUE, such as --fix demand.strength=1"
    return pairs_of(written_pairs, takes, "is fixed twice with --fix: give it one value")


def _level(worlds: pd.DataFrame, name: str, text: str, sampled: bool) -> Any:
    """The level of a varied parameter that is meant by what is written."""
    levels = worlds[name].unique().tolist()
    if sampled and len(levels) > 20 and not isinstance(levels[0], str):
        raise InputError(f"'{name}' was sampled and no two cells share a value: it cannot be fixed, only averaged over")
    for level in levels:
        if isinstance(level, (str, bool)):
            if text.lower() == str(level).lower():
                return level
        elif _same_number(text, float(level)):
            return level
    told = [level for level in levels if typed(name, level) == text.strip()]
    if len(told) == 1:  # as screens and messages write it, in six digits
        return told[0]
    known = sorted(levels) if not isinstance(levels[0], str) else levels
    shown = ", ".join(typed(name, level) for level in known[:12]) + (", ..." if len(known) > 12 else "")
    near = ""
    try:
        near = f"; the nearest is {typed(name, min(known, key=lambda level: abs(level - number(text))))}"
    except (TypeError, ValueError):
        near = nearest(text, [str(level) for level in known])
    raise InputError(f"'{name}' has no value {text} in this study: it has {shown}{near}")


def _same_number(text: str, level: float) -> bool:
    try:
        return bool(np.isclose(number(text), level, rtol=1e-9, atol=1e-12))
    except ValueError:
        return False
