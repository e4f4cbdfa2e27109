"""Whether a table's worlds are those of its folder: files of two studies may have changed places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.scenario import InputError
from perpetuum.runs.study.read_manifest import recorded

if TYPE_CHECKING:
    import pyarrow as pa

#: Columns that say whose a world is, where a table has them.
WHOSE = ("arm", "world", "replicate", "seed")


def whose_columns(manifest: Mapping[str, Any], folder: Path, known: list[str]) -> list[str]:
    """Columns of a table of worlds that say whose they are."""
    own = recorded(manifest, folder).varied if "study" in manifest else (*_set(manifest), *_table(manifest, "unknowns"))
    return [name for name in (*WHOSE, *own) if name in known]


def refuse_other_worlds(rows: pa.Table, manifest: Mapping[str, Any], folder: Path, whole: bool) -> None:
    """Refuse worlds that are not those of the manifest (raises InputError): answers about them would be wrong without a word.

    `whole`: all worlds of a study should be there.
    """
    column = {name: rows[name].to_numpy(zero_copy_only=False) for name in rows.column_names}
    if "study" in manifest:
        study = recorded(manifest, folder)
        mine = _of_study(column, study) and (not whole or rows.num_rows == study.worlds)
    else:
        asked = column["arm"] == "asked" if "arm" in column else slice(None)
        column = {name: values[asked] for name, values in column.items()}
        mine = len(column["world"]) == manifest.get("worlds") and _table(manifest, "unknowns").keys() <= column.keys()
        mine &= all(_same(column, name, value) for name, value in {"seed": manifest.get("seed"), **_set(manifest)}.items())
    if not mine:
        raise InputError(
            f"the worlds in '{folder}' are not those of its manifest.json: somebody has put files of another "
            f"{'study' if 'study' in manifest else 'run'} there"
        )


def _set(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a run that its table has, and that are the same in all worlds as asked."""
    values = _table(manifest, "parameters")
    return {name: values[name] for name in ("funding.tightening", *_table(manifest, "overrides")) if name in values}


def _table(manifest: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = manifest.get(name)
    return found if isinstance(found, Mapping) else {}


def _of_study(column: Mapping[str, Any], study: Any) -> bool:
    world = column["world"]
    if len(np.unique(world)) != len(world) or world.min() < 0 or world.max() >= study.worlds:
        return False
    cell, replicate = np.divmod(world, study.replicates)
    varied = all(name in column and _equal(column[name], values, cell) for name, values in study.varied.items())
    return varied and bool((column["replicate"] == replicate).all()) and _same(column, "seed", study.seed)


def _equal(found: Any, values: Any, cell: Any) -> bool:
    return bool((found.astype(object) == np.array(values, dtype=object)[cell]).all())


def _same(column: Mapping[str, Any], name: str, value: Any) -> bool:
    return name not in column or bool((column[name] == value).all())
