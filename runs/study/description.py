"""A study: the full description of many worlds, from which everything about them follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perpetuum.model.scenario import InputError, Scenario
from perpetuum.model.words.numbers import written
from perpetuum.runs.study import design as designs
from perpetuum.runs.study import fingerprint

if TYPE_CHECKING:
    from perpetuum.runs.study.batches import Batch

REPLICATES = 20
#: More worlds than this are a slip of the pen.
MOST_WORLDS = 100_000_000

_CODE = "the model's code"


@dataclass(frozen=True)
class Difference:
    """Something in which two descriptions differ, with what each of them says."""

    what: str
    mine: str
    other: str

    def __str__(self) -> str:
        if self.what == _CODE:
            return (
                f"{_CODE} has changed since then, so that new worlds would not match ({self.mine} here, {self.other} there)"
            )
        return f"{self.what} {self.mine} here, {self.other} there"


@dataclass(frozen=True)
class Study:
    """A study: cells, and `replicates` worlds in each of them.

    `overrides` hold for all worlds; `varied` are the cells as columns: name to one value a cell; `design` says how the
    cells came about (see `runs.study.design`). `series`: names of the series to keep, `()` none, None all. World number
    w = cell * replicates + replicate, and replicate r lives through the same shocks in every cell. `preset_hash`, `cells_hash`
    and `code_hash` are fingerprints, worked out where they are not given.
    """

    preset: str
    overrides: dict[str, Any]
    varied: dict[str, list[Any]]
    replicates: int
    seed: int
    months: int
    series: tuple[str, ...] | None = ()
    design: dict[str, Any] = field(default_factory=lambda: {"kind": "cells"})
    preset_hash: str = ""
    cells_hash: str = ""
    code_hash: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.replicates, bool) or not isinstance(self.replicates, int) or self.replicates < 1:
            raise InputError(f"replicates must be a whole number of at least 1, not {self.replicates!r}")
        lengths = {len(column) for column in self.varied.values()}
        if len(lengths) > 1:
            raise InputError(
                f"varied parameters must have one value a cell, not different numbers of them: {sorted(lengths)}"
            )
        if self.worlds > MOST_WORLDS:
            raise InputError(f"that makes {self.worlds:,} worlds, and a study has at most {MOST_WORLDS:,}")
        for name, value in (
            ("preset_hash", self.preset_hash or fingerprint.of_preset(self.preset)),
            ("cells_hash", self.cells_hash or fingerprint.of_cells(self.varied)),
            ("code_hash", self.code_hash or fingerprint.of_code()),
        ):
            object.__setattr__(self, name, value)

    # --- worlds ---------------------------------------------------------------------------------------------

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(next(iter(self.varied.values()), [None]))

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return self.cells * self.replicates

    def batch(self, first: int, last: int) -> Batch:
        """Return the description of worlds first, ..., last - 1."""
        return self.batch_of(range(first, last))

    def batch_of(self, worlds: Sequence[int]) -> Batch:
        """Return the description of chosen worlds, by their numbers."""
        from perpetuum.runs.study.batches import Batch

        cells = [world // self.replicates for world in worlds]
        return Batch(
            preset=self.preset,
            overrides=self.overrides,
            varied={name: [column[cell] for cell in cells] for name, column in self.varied.items()},
            worlds=worlds,
            replicates=[world % self.replicates for world in worlds],
            seed=self.seed,
            months=self.months,
            series=self.series,
        )

    def fixed_values(self) -> dict[str, Any]:
        """Return what is the same in all worlds: dotted names of parameters and opening figures to values."""
        scenario = Scenario(self.preset, self.overrides)
        figures = {f"{agent}.{figure}": value for agent, of in scenario.figures.items() for figure, value in of.items()}
        return {name: value for name, value in {**scenario.values, **figures}.items() if name not in self.varied}

    # --- for the record -------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return the description in plain words and numbers; cells are listed only where no design gives them."""
        return {
            "preset": self.preset,
            "preset_hash": self.preset_hash,
            "overrides": dict(self.overrides),
            "design": dict(self.design),
            **({"varied": self.varied} if self.design["kind"] == "cells" else {}),
            "cells": self.cells,
            "cells_hash": self.cells_hash,
            "replicates": self.replicates,
            "worlds": self.worlds,
            "seed": self.seed,
            "months": self.months,
            "series": None if self.series is None else list(self.series),
            "code_hash": self.code_hash,
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Study:
        """Rebuild a study from `to_dict`, with the fingerprints that it was recorded with."""
        design, series = dict(content["design"]), content["series"]
        varied = content["varied"] if design["kind"] == "cells" else designs.cells_of(design, content["seed"])
        return cls(
            preset=content["preset"],
            overrides=dict(content["overrides"]),
            varied={name: list(column) for name, column in varied.items()},
            replicates=content["replicates"],
            seed=content["seed"],
            months=content["months"],
            series=None if series is None else tuple(series),
            design=design,
            preset_hash=content["preset_hash"],
            cells_hash=content["cells_hash"],
            code_hash=content["code_hash"],
        )

    def write_toml(self, path: str | Path) -> None:
        """Write the study as a TOML file that `perpetuum sweep FILE` runs again."""
        from perpetuum.runs.study import study_file as record

        Path(path).write_text(record.to_toml(self), encoding="utf-8")

    @staticmethod
    def read_toml(path: str | Path) -> Study:
        """Read a study from a TOML file (raises InputError for whatever is wrong)."""
        from perpetuum.runs.study import study_file as record

        return record.read_toml(path)

    # --- comparing ------------------------------------------------------------------------------------------

    def contrasts(self, other: Study) -> list[Difference]:
        """In what this description differs from another."""
        found = [Difference("preset", self.preset, other.preset)] if self.preset != other.preset else []
        if not found and self.preset_hash != other.preset_hash:
            found.append(Difference(f"content of preset {self.preset}", self.preset_hash, other.preset_hash))
        found += _contrasts(self.overrides, other.overrides, "not set")
        mine, others = designs.describe(self.design), designs.describe(other.design)
        kinds = [_kind(self.design), _kind(other.design)]
        if kinds[0] != kinds[1]:
            found.append(Difference("design", *kinds))
        axes = _contrasts(mine, others, "not varied")
        found += axes
        if kinds[0] == kinds[1] and not axes and self.cells_hash != other.cells_hash and self.seed == other.seed:
            # The order of the axes, listed cells, or another version of the library that draws them.
            found.append(Difference("cells", self.cells_hash, other.cells_hash))
        for name in ("replicates", "seed", "months"):
            if getattr(self, name) != getattr(other, name):
                found.append(Difference(name, str(getattr(self, name)), str(getattr(other, name))))
        if self.series != other.series:
            found.append(Difference("series", _series_words(self.series), _series_words(other.series)))
        if self.code_hash != other.code_hash:
            found.append(Difference(_CODE, self.code_hash, other.code_hash))
        return found

    def differences(self, other: Study) -> list[str]:
        """Say in what this description differs from another ("seed 2 here, 1 there"); nothing where their worlds are the same."""
        return [str(one) for one in self.contrasts(other)]


def _contrasts(mine: Mapping[str, Any], other: Mapping[str, Any], absent: str) -> list[Difference]:
    return [
        Difference(name, words(mine.get(name, absent)), words(other.get(name, absent)))
        for name in dict.fromkeys((*mine, *other))
        if mine.get(name, absent) != other.get(name, absent)
    ]


def words(value: Any) -> str:
    """Write what is set or varied as a user would, long lists cut short."""
    if isinstance(value, (list, tuple)):
        shown = [written(one) for one in value[:8]]
        return ",".join([*shown, f"... ({len(value)} values)"] if len(value) > 8 else shown)
    return written(value)


def _kind(design: Mapping[str, Any]) -> str:
    return f"{design['kind']} of {design['samples']} samples" if "samples" in design else str(design["kind"])


def _series_words(series: Sequence[str] | None) -> str:
    return "all" if series is None else ",".join(series) or "none"


# --- making one ---------------------------------------------------------------------------------------------


def make_study(
    preset: str,
    vary: Mapping[str, str | Sequence[Any]],
    *,
    overrides: Mapping[str, Any] | None = None,
    design: str = "grid",
    samples: int | None = None,
    replicates: int = REPLICATES,
    seed: int = 1,
    months: int | None = None,
    series: Sequence[str] | None = (),
) -> Study:
    """Return a study, every name and value of it checked.

    `vary`: name to `low:high:count`, `low:high` (sampled designs), `a,b,c` or a sequence of values. `months`: None for
    the preset's. Raises InputError, one sentence for whatever is wrong.
    """
    from perpetuum.runs.study import batches as worlds

    scenario = Scenario(preset, dict(overrides or {}), seed=seed, months=months)
    checked = {name: _value(scenario, name) for name in scenario.overrides}
    if design == "cells":
        how: dict[str, Any] = {"kind": design}
        varied = {name: _checked_column(scenario, name, column) for name, column in vary.items()}
    else:
        how = designs.make_design(vary, scenario, design, samples)
        if designs.count_cells(how) * replicates > MOST_WORLDS:
            raise InputError(
                f"that makes {designs.count_cells(how) * replicates:,} worlds, and a study has at most {MOST_WORLDS:,}"
            )
        varied = designs.cells_of(how, seed)
    study = Study(
        preset=_lasting(preset),
        overrides=checked,
        varied=varied,
        replicates=replicates,
        seed=seed,
        months=scenario.horizon,
        series=None if series is None else tuple(series),
        design=how,
    )
    worlds.check(study.batch_of([0]))
    return study


def _value(scenario: Scenario, name: str) -> Any:
    group, _, leaf = name.partition(".")
    value = scenario.figures[group][leaf] if group in scenario.figures else scenario.values[name]
    return designs.checked(scenario.definition.parameter(name), value)


def _checked_column(scenario: Scenario, name: str, column: Any) -> list[Any]:
    if isinstance(column, str) or not isinstance(column, Sequence):
        raise InputError(f"'{name}' of listed cells must be a list with one value a cell, not {column!r}")
    return [designs.checked(scenario.definition.parameter(name), value) for value in column]


def _lasting(preset: str) -> str:
    """A preset's file by its full path, so that the study can be continued from another folder."""
    return str(Path(preset).resolve()) if preset.endswith(".toml") else preset
