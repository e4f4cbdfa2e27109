"""The files of a run: written into a hidden folder beside the target, moved into place when all are there."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from perpetuum.model.observed.outcome import Outcome
from perpetuum.model.scenario import InputError
from perpetuum.runs.study.arms import Answer, Batch
from perpetuum.runs.study.summary import scenario_value, world_measures

TABLE_ARMS = ("asked", "loose")


class Folder:
    """An output folder that appears whole or not at all.

    Entering finds out, before a long simulation, whether it can be written; inside `with`, `path` is the hidden
    folder to write into; leaving without an error moves the files into place, leaving with one removes them.
    """

    def __init__(self, target: Path):
        self.target = target
        self.path = target
        self._made: list[Path] = []

    def __enter__(self) -> Folder:
        if self.target.exists() and not self.target.is_dir():
            raise InputError(f"cannot write to '{self.target}': it is a file, not a folder")
        try:
            self._make_parents(self.target.absolute().parent)
            parent = self.target.absolute().parent
            self.path = Path(tempfile.mkdtemp(prefix=f".{self.target.name}.partial-", dir=parent))
            if self.target.is_dir():
                # The folder itself must take files too.
                with tempfile.NamedTemporaryFile(dir=self.target, prefix=".perpetuum-"):
                    pass
        except OSError as error:
            self._remove()
            raise InputError(f"cannot write to '{self.target}': {(error.strerror or str(error)).lower()}") from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            self._remove()
            return
        self.path.chmod(0o755)
        if not self.target.exists():
            self.path.rename(self.target)
            return
        for stale in _files_of(self.target):
            if not (self.path / stale).exists():
                with contextlib.suppress(OSError):
                    (self.target / stale).unlink()
        # The manifest comes last: it is what says that the folder is complete.
        for file in sorted(self.path.iterdir(), key=lambda file: file.name == "manifest.json"):
            file.replace(self.target / file.name)
        self.path.rmdir()

    def _make_parents(self, parent: Path) -> None:
        missing = []
        while not parent.exists():
            missing.append(parent)
            parent = parent.parent
        for folder in reversed(missing):
            folder.mkdir()
            self._made.append(folder)

    def _remove(self) -> None:
        if self.path != self.target:
            shutil.rmtree(self.path, ignore_errors=True)
        for folder in reversed(self._made):
            with contextlib.suppress(OSError):
                folder.rmdir()


def default_folder(preset: str, now: datetime.datetime | None = None) -> Path:
    """Return results/<preset>-<date>-<time>, a name that no earlier run has."""
    moment = (now or datetime.datetime.now()).strftime("%Y%m%d-%H%M%S")
    stem = Path(preset).stem if preset.endswith(".toml") else preset
    base = Path("results") / f"{stem}-{moment}"
    folder, number = base, 2
    while folder.exists():
        folder, number = base.with_name(f"{base.name}-{number}"), number + 1
    return folder


def _files_of(folder: Path) -> list[str]:
    """Files that an earlier run left in the folder, by its manifest."""
    try:
        return [
            name for name in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"] if "/" not in name
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


# --- tables -------------------------------------------------------------------------------------------------


class Tables:
    """Writes series.parquet and events.parquet batch by batch, so that memory stays bounded."""

    def __init__(self, folder: Path, columns: Sequence[str] | None = None):
        self.folder = folder
        self.columns = columns
        self._writers: dict[str, Any] = {}

    def __enter__(self) -> Tables:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()

    def add(self, batch: Batch) -> None:
        """Write one batch: the arms that the tables hold."""
        for arm in TABLE_ARMS:
            self._append("series", self._series(batch, arm))
            self._append("events", self._events(batch, arm))

    def _append(self, name: str, table: Any) -> None:
        import pyarrow.parquet as pq

        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self.folder / f"{name}.parquet", table.schema, compression="zstd")
        self._writers[name].write_table(table)

    def _series(self, batch: Batch, arm: str) -> Any:
        import pyarrow as pa

        worlds = batch.worlds_of[arm]
        months, size = len(batch.dates), len(worlds)
        columns: dict[str, Any] = {
            "arm": _same(arm, size * months),
            "world": np.repeat(batch.replicates.astype(np.int32), months),
            "month": np.tile(np.arange(months, dtype=np.int32), size),
            "date": pa.array(list(batch.dates) * size, type=pa.date32()),
        }
        for name in self.columns or list(batch.series):
            columns[name] = np.asarray(batch.series[name], dtype=np.float64)[worlds].ravel()
        return pa.table(columns)

    def _events(self, batch: Batch, arm: str) -> Any:
        import pyarrow as pa

        worlds = batch.worlds_of[arm]
        world_of = {int(place): int(r) for place, r in zip(worlds, batch.replicates, strict=True)}
        events = [event for event in batch.economy.journal.events if event.world in world_of]
        dates = batch.dates
        events.sort(key=lambda event: (world_of[event.world], event.month))
        return pa.table(
            {
                "arm": _same(arm, len(events)),
                "world": pa.array([world_of[e.world] for e in events], type=pa.int32()),
                "month": pa.array([e.month for e in events], type=pa.int32()),
                "date": pa.array(
                    [dates[min(max(e.month, 0), len(dates) - 1)] for e in events],
                    type=pa.date32(),
                ),
                "who": pa.array([e.who for e in events], type=pa.string()),
                "kind": pa.array([e.kind.value for e in events], type=pa.string()),
                "whom": pa.array([e.whom for e in events], type=pa.string()),
                "cause": pa.array([e.cause.value if e.cause else "" for e in events], type=pa.string()),
                "amount": pa.array([float(e.amount) for e in events], type=pa.float64()),
                "text": pa.array([e.text for e in events], type=pa.string()),
            }
        )


def write_worlds(folder: Path, answer: Answer) -> None:
    """Write worlds.parquet: a row for each world and arm: varied parameters, verdict and metrics."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    varied = list(dict.fromkeys(["funding.tightening", *answer.question.overrides]))
    tables = []
    for name in TABLE_ARMS:
        arm = answer.arms[name]
        n = len(arm.outcome.headline)
        columns: dict[str, Any] = {
            "arm": _same(name, n),
            "world": np.arange(n, dtype=np.int32),
            "replicate": np.arange(n, dtype=np.int32),
            "seed": np.full(n, answer.question.seed, dtype=np.int64),
        }
        moved = answer.question.arms()[name]
        for parameter in varied:
            columns[parameter] = pa.array([moved.get(parameter, scenario_value(answer, parameter))] * n)
        measures = {**arm.measures, **world_measures(answer, name)}
        for key, values in verdict_columns(arm.outcome, measures, arm.reckoning).items():
            columns[key] = pa.array(values.tolist(), type=pa.string()) if values.dtype.kind == "U" else values
        tables.append(pa.table(columns))
    whole = pa.concat_tables(tables, promote_options="default")
    pq.write_table(whole, folder / "worlds.parquet", compression="zstd")


def verdict_columns(outcome: Outcome, measures: Mapping[str, Any], reckoning: Mapping[str, Any]) -> dict[str, Any]:
    """What a row of worlds.parquet says of a world's fate: the verdict, then the metrics; name to (worlds,)."""
    columns = {
        "outcome": outcome.outcome,
        "headline": outcome.headline,
        "first_domino": outcome.first_domino,
        "first_default_month": outcome.first_default_month.astype(np.int32),
    }
    metrics = {**outcome.metrics, **measures, **{f"reckoning:{name}": values for name, values in reckoning.items()}}
    return columns | {name: np.asarray(values, dtype=np.float64) for name, values in metrics.items()}


def _same(word: str, n: int) -> Any:
    import pyarrow as pa

    return pa.array([word] * n, type=pa.string())


# --- summary and manifest -----------------------------------------------------------------------------------


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON that any reader takes (no NaN, no infinity)."""
    path.write_text(to_json(content) + "\n", encoding="utf-8")


def to_json(content: Mapping[str, Any]) -> str:
    """Return JSON text; numbers that JSON does not know become null."""
    return json.dumps(_plain(content), indent=2, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return value


def manifest(answer: Answer, wall_seconds: float, started: datetime.datetime, files: Sequence[str]) -> dict[str, Any]:
    """What it takes to run this again, and where it was run."""
    scenario = answer.scenario
    return {
        "program": "perpetuum",
        "preset": answer.question.preset,
        "overrides": {name: scenario_value(answer, name) for name in answer.question.overrides},
        "worlds": answer.question.worlds,
        "months": len(answer.dates),
        "seed": answer.question.seed,
        "replicates": [0, answer.question.worlds - 1],
        "arms": answer.question.arms(),
        "levers_moved": [],
        "ensemble": {"readings": len(answer.readings), "worlds": _readings_worlds(answer)},
        "parameters": dict(scenario.values),
        "agents": {
            agent.id: {
                "role": agent.role,
                "kind": agent.kind,
                "modelled_on": agent.modelled_on,
                **scenario.figures[agent.id],
            }
            for agent in scenario.definition.agents
        },
        **circumstances(),
        "started": started.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        "wall_seconds": round(wall_seconds, 2),
        "files": sorted({*files, "manifest.json"}),
    }


def _readings_worlds(answer: Answer) -> int:
    return len(answer.readings[0].headlines["asked"]) if answer.readings else 0


def circumstances() -> dict[str, Any]:
    """How and where the program was run, for a manifest: command, versions, state of the checkout, machine."""
    return {
        "command": ["perpetuum", *sys.argv[1:]],
        "versions": _versions(),
        "git": _git_state(),
        "machine": {"platform": platform.platform(), "processor": platform.machine(), "cpus": os.cpu_count()},
    }


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    versions = {"python": platform.python_version()}
    for package in ("perpetuum", "mesa", "numpy", "numba", "pyarrow", "matplotlib"):
        with contextlib.suppress(PackageNotFoundError):
            versions[package] = version(package)
    return versions


def _git_state() -> dict[str, Any] | None:
    """Commit of the checkout that the program runs from, and whether anything was changed since."""

    def git(*arguments: str) -> str:
        return subprocess.run(
            ("git", "-C", str(Path(__file__).parent), *arguments),
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        ).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


def files_in(folder: Path) -> Iterator[str]:
    """Names of the files written so far."""
    for file in folder.iterdir():
        yield file.name
