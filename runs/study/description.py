"""A study: the full description of many worlds, from which everything about them follows; as a TOML file too.

    # study.toml
    preset = "ono_2025"
    replicates = 20
    seed = 1
    months = 120

    [set]                                    # for all worlds
    "demand.strength" = 0.7

    [vary]                                   # from cell to cell
    "funding.tightening" = "0:1:21"
    "vendor_finance.instrument" = ["equity", "loan"]

With `design = "lhs"` (or sobol, saltelli, morris) and `samples = 64`, ranges have no count: "0:1". With `design = "cells"`
each varied parameter has a list with one value a cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perpetuum.model.errors import about
from perpetuum.model.given import as_given, is_a_list, is_whole
from perpetuum.model.given import path as given_path
from perpetuum.model.observed.states import months_simulated
from perpetuum.model.scenario import InputError, Scenario, names_of_series, nearest
from perpetuum.model.words.speech import typed_whole
from perpetuum.runs.study import design as designs
from perpetuum.runs.study import fingerprint
from perpetuum.runs.study.batches import Batch, check, check_months, check_seed
from perpetuum.runs.study.study_file import dotted, entries_of, parse_series

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
    cells came about (see `runs.study.design`). `months`: judged; eleven more are simulated. `draws`: what the preset calls
    unknown is drawn for each world where it is neither set nor varied. `own_luck`: each sample has shocks and draws of its own.
    `series`: names of the series to keep, `()` none, None all. World number w = cell * replicates + replicate, and replicate r
    lives through the same shocks in every cell, but for `own_luck`. `preset_hash`, `cells_hash`
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
    draws: bool = False
    own_luck: bool = False
    preset_hash: str = ""
    cells_hash: str = ""
    code_hash: str = ""

    def __post_init__(self) -> None:
        check_replicates(self.replicates)
        lengths = {len(column) for column in self.varied.values()}
        if len(lengths) > 1:
            raise InputError(
                f"varied parameters must have one value a cell, not different numbers of them: {sorted(lengths)}"
            )
        check_size(self.worlds)
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
            draws=self.draws,
            luck=[self._luck_of(world) for world in worlds] if self.own_luck else None,
        )

    def _luck_of(self, world: int) -> int:
        """Number of a world's shocks and draws where samples have their own: cells of one sample share them."""
        cell, replicate = divmod(world, self.replicates)
        sample = cell // designs.cells_per_sample(self.design["kind"], len(self.varied))
        return sample * self.replicates + replicate

    @property
    def simulated(self) -> int:
        """Months simulated."""
        return months_simulated(self.months)

    def check(self) -> None:
        """Find out all that a user can get wrong, with a world for each cell (raises InputError)."""
        check(self.batch_of(range(0, self.worlds, self.replicates)))

    def fixed_values(self) -> dict[str, Any]:
        """Return what is the same in all worlds: dotted names of parameters and opening figures to values."""
        everything = Scenario(self.preset, self.overrides).all_values()
        return {name: value for name, value in everything.items() if name not in self.varied}

    # --- for the record -------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return the description in plain words and numbers; cells are listed only where no design gives them."""
        content = vars(self) | {"cells": self.cells, "worlds": self.worlds}
        if self.design["kind"] != "cells":
            del content["varied"]
        return content

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Study:
        """Rebuild a study from `to_dict`, with the fingerprints that it was recorded with."""
        known = {name: value for name, value in content.items() if name not in ("cells", "worlds")}
        series = content["series"]
        design = content["design"]
        varied = content["varied"] if design["kind"] == "cells" else designs.cells_of(design, content["seed"])
        return cls(**known | {"varied": varied, "series": None if series is None else tuple(series)})

    def to_toml(self) -> str:
        """Return the study as the text of a TOML file that `perpetuum sweep FILE` runs again."""
        import tomli_w

        kind = self.design["kind"]
        content: dict[str, Any] = {name: getattr(self, name) for name in ("preset", "replicates", "seed", "months")}
        content["series"] = "all" if self.series is None else list(self.series) or "none"
        if kind != "grid":
            content["design"] = kind
        if kind in designs.SAMPLED:
            content["samples"] = self.design["samples"]
        content |= {name: getattr(self, name) for name in ("draws", "own_luck")}
        if self.overrides:
            content["set"] = self.overrides
        content["vary"] = self.varied if kind == "cells" else designs.describe(self.design)
        return "# Run it again with:  perpetuum sweep study.toml --out DIR\n" + tomli_w.dumps(content)

    # --- comparing ------------------------------------------------------------------------------------------

    def contrasts(self, other: Study) -> list[Difference]:
        """In what this description differs from another."""

        def differing(what: str, mine: Any, others: Any) -> list[Difference]:
            return [] if mine == others else [Difference(what, str(mine), str(others))]

        kinds = differing("design", _kind(self.design), _kind(other.design))
        axes = _contrasts(designs.describe(self.design), designs.describe(other.design), "not varied")
        preset = differing("preset", self.preset, other.preset)
        content = differing(f"content of preset {self.preset}", self.preset_hash, other.preset_hash)
        # Where nothing else tells them apart: the order of the axes, listed cells, or another version of what draws them.
        alike = not kinds and not axes and self.seed == other.seed
        return [
            *(preset or content),
            *_contrasts(self.overrides, other.overrides, "not set"),
            *kinds,
            *axes,
            *(differing("cells", self.cells_hash, other.cells_hash) if alike else []),
            *(
                one
                for name in ("replicates", "seed", "months", "draws", "own_luck")
                for one in differing(name, getattr(self, name), getattr(other, name))
            ),
            *differing("series", _series_words(self.series), _series_words(other.series)),
            *differing(_CODE, self.code_hash, other.code_hash),
        ]

    def differences(self, other: Study) -> list[str]:
        """Say in what this description differs from another ("seed 2 here, 1 there"); nothing where their worlds are the same."""
        return [str(one) for one in self.contrasts(other)]


@about("replicates")
def check_replicates(replicates: Any) -> None:
    """Refuse what is no number of worlds in a cell (raises InputError)."""
    if not is_whole(replicates) or replicates < 1:
        raise InputError(f"replicates must be a whole number of at least 1, not {as_given(replicates)}")


def check_size(worlds: int) -> None:
    """Refuse more worlds than a study has (raises InputError)."""
    if worlds > MOST_WORLDS:
        raise InputError(f"that makes {worlds:,} worlds, and a study has at most {MOST_WORLDS:,}")


def _contrasts(mine: Mapping[str, Any], other: Mapping[str, Any], absent: str) -> list[Difference]:
    return [
        Difference(name, *(as_typed(name, which[name]) if name in which else absent for which in (mine, other)))
        for name in dict.fromkeys((*mine, *other))
        if mine.get(name, absent) != other.get(name, absent)
    ]


def as_typed(name: str, value: Any) -> str:
    """Write what is set or varied as a user would, long lists cut short."""
    if isinstance(value, (list, tuple)):
        shown = [typed_whole(name, one) for one in value[:8]]
        return ",".join([*shown, f"... ({len(value)} values)"] if len(value) > 8 else shown)
    return typed_whole(name, value)


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
    draws: bool = False,
    own_luck: bool = False,
) -> Study:
    """Return a study, every name and value of it checked.

    `vary`: name to `low:high:count`, `low:high` (sampled designs), `a,b,c` or a sequence of values. `months`: None for
    the preset's. `draws`, `own_luck`: as in `Study`. Raises InputError, one sentence for whatever is wrong.
    """
    check_months(months)
    check_seed(seed)
    check_replicates(replicates)
    kept = names_of_series(series)
    scenario = Scenario(preset, {} if overrides is None else overrides, seed=seed)
    preset = str(preset)
    if design == "cells":
        how: dict[str, Any] = {"kind": design}
        if not isinstance(vary, Mapping):
            raise InputError(f"cells must map names of parameters to lists with one value a cell, not {as_given(vary)}")
        varied = {name: _checked_column(scenario, name, column) for name, column in vary.items()}
    else:
        with about("vary"):
            how = designs.make_design(vary, scenario, design, samples)
        check_size(designs.count_cells(how) * replicates)
        varied = designs.cells_of(how, seed)
    study = Study(
        # A preset's file by its full path, so that the study can be continued from another folder.
        preset=str(Path(preset).resolve()) if preset.endswith(".toml") else preset,
        overrides={
            name: designs.checked(scenario.definition.parameter(name), scenario.value(name), name)
            for name in scenario.overrides
        },
        varied=varied,
        replicates=int(replicates),
        seed=int(seed),
        months=scenario.judged if months is None else int(months),
        series=kept,
        design=how,
        draws=draws,
        own_luck=own_luck,
    )
    study.check()
    return study


def _checked_column(scenario: Scenario, name: str, column: Any) -> list[Any]:
    if not is_a_list(column) or not len(column):
        raise InputError(f"'{name}' of listed cells must be a list with one value a cell, not {as_given(column)}")
    return [designs.checked(scenario.definition.parameter(name), value, name) for value in column]


# --- files --------------------------------------------------------------------------------------------------

#: What a study's file may say: the type of each entry, and how to say it.
_ENTRIES: dict[str, tuple[Any, str]] = {
    "preset": (str, "the name of a preset or of a .toml file"),
    "replicates": (int, "a whole number"),
    "seed": (int, "a whole number"),
    "months": (int, "a whole number"),
    "series": ((str, list), '"none", "all" or a list of names'),
    "design": (str, f"one of {', '.join(designs.KINDS)}"),
    "samples": (int, "a whole number"),
    "draws": (bool, "true or false"),
    "own_luck": (bool, "true or false"),
    "set": (Mapping, "a table"),
    "vary": (Mapping, "a table"),
}


def is_study_file(path: str) -> bool:
    """Whether a TOML file describes a study (it says what varies) rather than a preset."""
    return path.endswith(".toml") and Path(path).is_file() and "vary" in entries_of(Path(path))


def read_toml(path: str | Path, **changed: Any) -> Study:
    """Read a study from a TOML file; `changed` replaces entries of the same name (replicates, seed, months, series, draws).

    What the preset calls unknown is drawn unless it says `draws = false`.

    A preset's file is looked for from the folder of the study's file. Raises InputError for whatever is wrong.
    """
    file = given_path(path, "a study's file")
    if not file.is_file():
        raise InputError(f"study file '{path}' does not exist or is not a file")
    content = {**entries_of(file), **changed}
    for key, value in content.items():
        if key not in _ENTRIES:
            raise InputError(
                f"unknown entry '{key}' in '{file.name}': a study has {', '.join(_ENTRIES)}{nearest(key, list(_ENTRIES))}"
            )
        kind, meant = _ENTRIES[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InputError(f"'{key}' in '{file.name}' must be {meant}, not {as_given(value)}")
    content.setdefault("draws", True)
    content.setdefault("own_luck", content.get("design", "grid") in designs.SAMPLED)
    preset = content.pop("preset", "ono_2025")
    preset = str(file.parent / preset) if preset.endswith(".toml") else preset
    try:
        vary, overrides = (dotted(content.pop(name, {})) for name in ("vary", "set"))
    except InputError as error:
        raise InputError(f"in '{file.name}': {error}") from None
    except RecursionError:
        raise InputError(
            f"'vary' and 'set' in '{file}' take names of parameters, not tables in tables without end"
        ) from None
    try:
        series = parse_series(content.pop("series", "none"))
        return make_study(preset, vary, overrides=overrides, series=series, **content)
    except InputError as error:
        if error.about in changed:  # it does not stand in the file
            raise
        raise InputError(f"in '{file.name}': {error}") from None
