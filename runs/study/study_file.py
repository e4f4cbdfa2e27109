"""Studies as TOML files, for the record and to be run again.

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

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perpetuum.model.scenario import InputError, nearest
from perpetuum.runs.study import design as designs
from perpetuum.runs.study.description import REPLICATES, Study, make_study

_ENTRIES = ("preset", "replicates", "seed", "months", "series", "design", "samples", "set", "vary")
_KINDS_OF_ENTRIES: tuple[tuple[str, Any, str], ...] = (
    ("preset", str, "the name of a preset or of a .toml file"),
    ("design", str, f"one of {', '.join(designs.KINDS)}"),
    ("samples", int, "a whole number"),
    ("replicates", int, "a whole number"),
    ("seed", int, "a whole number"),
    ("months", int, "a whole number"),
    ("series", (str, list), '"none", "all" or a list of names'),
    ("set", Mapping, "a table"),
    ("vary", Mapping, "a table"),
)


def to_toml(study: Study) -> str:
    """Return a study as the text of a TOML file."""
    import tomli_w

    content: dict[str, Any] = {
        "preset": study.preset,
        "replicates": study.replicates,
        "seed": study.seed,
        "months": study.months,
        "series": "all" if study.series is None else list(study.series) or "none",
    }
    kind = study.design["kind"]
    if kind in designs.SAMPLED:
        content |= {"design": kind, "samples": study.design["samples"]}
    elif kind == "cells":
        content["design"] = kind
    if study.overrides:
        content["set"] = dict(study.overrides)
    content["vary"] = study.varied if kind == "cells" else designs.describe(study.design)
    return "# Run it again with:  perpetuum sweep study.toml --out DIR\n" + tomli_w.dumps(content)


def is_study_file(path: str) -> bool:
    """Whether a TOML file describes a study (it says what varies) rather than a preset."""
    if not path.endswith(".toml") or not Path(path).is_file():
        return False
    return "vary" in _toml(Path(path))


def read_toml(path: str | Path, **changed: Any) -> Study:
    """Read a study from a TOML file; `changed` replaces entries of the same name (replicates, seed, months, series).

    A preset's file is looked for from the folder of the study's file. Raises InputError for whatever is wrong.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(f"study file '{path}' does not exist or is not a file")
    content = {**_toml(file), **changed}
    for key in content:
        if key not in _ENTRIES:
            raise InputError(
                f"unknown entry '{key}' in '{file.name}': a study has {', '.join(_ENTRIES)}{nearest(key, _ENTRIES)}"
            )
    for key, kind, meant in _KINDS_OF_ENTRIES:
        if key in content and (not isinstance(content[key], kind) or isinstance(content[key], bool)):
            raise InputError(f"'{key}' in '{file.name}' must be {meant}, not {content[key]!r}")
    preset = content.get("preset", "ono_2025")
    if preset.endswith(".toml"):
        preset = str(file.parent / preset)
    return make_study(
        preset,
        _flat(content.get("vary", {})),
        overrides=_flat(content.get("set", {})),
        design=content.get("design", "grid"),
        samples=content.get("samples"),
        replicates=content.get("replicates", REPLICATES),
        seed=content.get("seed", 1),
        months=content.get("months"),
        series=parse_series(content.get("series", "none")),
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"study file '{path}' is not valid TOML: {error}") from None
    except OSError as error:
        raise InputError(f"study file '{path}' cannot be read: {(error.strerror or str(error)).lower()}") from None


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names, whether they were quoted ("funding.tightening") or not (funding.tightening)."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat.update({f"{name}.{leaf}": inner for leaf, inner in _flat(value).items()})
        else:
            flat[name] = value
    return flat


def parse_series(written: Any) -> tuple[str, ...] | None:
    """Read what is said of the series: "none", "all", names separated by commas, or a list of names."""
    if written in ("none", "all", []):
        return None if written == "all" else ()
    names = written.split(",") if isinstance(written, str) else [str(one) for one in written]
    return tuple(dict.fromkeys(name.strip() for name in names))
