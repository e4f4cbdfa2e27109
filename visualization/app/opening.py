"""What the page opens with as `perpetuum app` was told: a preset, or a world of a study or a run, checked before it is served.

`world_of(Path("results/study"), 17)` reads a study, or a folder of `perpetuum run`, and returns that world's `Opening`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perpetuum.model.errors import InputError, about
from perpetuum.runs.study import fingerprint, tables
from perpetuum.runs.study.description import Study
from perpetuum.runs.study.manifest import read_manifest
from perpetuum.runs.study.read_manifest import recorded
from perpetuum.visualization.app.start import Start


@dataclass(frozen=True)
class Opening:
    """A start, and what to say of it: keys of the page's texts, each with what fills its places."""

    start: Start = field(default_factory=Start)
    notices: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @classmethod
    def of(cls, preset: str, seed: int) -> Opening:
        """A preset, or a .toml file, as it stands (raises InputError)."""
        start = Start(preset, seed)
        start.scenario()
        return cls(start)


@about("study")
def world_of(folder: str | Path, world: int) -> Opening:
    """The world of that number of a study, or of the folder of a run (as asked, not its twins).

    Raises InputError: no such folder, no study or run in it, no such world, a preset that is not there any more.
    """
    path = Path(folder)
    manifest = _manifest(path)
    told = {"world": world, "folder": path.name}
    if "study" not in manifest:
        start, changed = _of_run(path, manifest, world), False
    else:
        study = recorded(manifest, path)
        start, changed = _of_study(path, study, world)
    start.scenario()
    return Opening(start, (("replay.changed", told),) if changed else ())


def _manifest(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        what = "is a file" if path.exists() else "does not exist"
        raise InputError(f"'{path}' {what}: --study takes the folder of a study or a run")
    manifest = read_manifest(path)
    if manifest is None or not {"study", "overrides"} & set(manifest):
        raise InputError(
            f"'{path}' holds no study and no run: --study takes what `perpetuum sweep` or `perpetuum run` wrote"
        )
    return manifest


def _of_study(path: Path, study: Study, world: int) -> tuple[Start, bool]:
    """A row of a study's table, and whether the model has changed since."""
    names = list(study.varied)
    rows = tables.load(path, columns=["world", "replicate", "seed", *names])
    row = rows[rows["world"] == world]
    if row.empty:
        raise _no_world(path, world, rows["world"].min(), rows["world"].max(), len(rows))
    varied = {name: _plain(row[name].iloc[0]) for name in names}
    start = Start(
        study.preset,
        int(row["seed"].iloc[0]),
        int(row["replicate"].iloc[0]),
        {**study.overrides, **varied},
        study.months,
    )
    now = (fingerprint.of_code(), fingerprint.of_preset(study.preset))
    return start, now != (study.code_hash, study.preset_hash)


def _of_run(path: Path, manifest: Mapping[str, Any], world: int) -> Start:
    rows = tables.load(path, columns=["world", "arm", "replicate", "seed"])
    rows = rows[rows["arm"] == "asked"]
    row = rows[rows["world"] == world]
    if row.empty:
        raise _no_world(path, world, rows["world"].min(), rows["world"].max(), len(rows))
    try:
        settings = dict(manifest["overrides"])
        return Start(
            str(manifest["preset"]),
            int(row["seed"].iloc[0]),
            int(row["replicate"].iloc[0]),
            settings,
            int(manifest["months"]),
        )
    except (KeyError, TypeError, ValueError):
        raise InputError(f"'{path}' holds a run that this version cannot read") from None


def _no_world(path: Path, world: int, low: Any, high: Any, count: int) -> InputError:
    if count == 0:
        return InputError(f"'{path}' has no worlds yet")
    gaps = "" if count == int(high) - int(low) + 1 else f", of which {count:,} are there"
    return InputError(
        f"there is no world {world} in '{path}': --world takes a number from {int(low)} to {int(high)}{gaps}", "world"
    )


def _plain(value: Any) -> Any:
    """A value of a table as Python has it."""
    return value.item() if hasattr(value, "item") else value
