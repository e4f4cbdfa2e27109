"""The folder of a study: its manifest, the batches that are done, and in the end one table of all worlds.

A batch is a pair of Parquet files under `parts/`, each written under a temporary name and renamed, the table of worlds last:
it is what says that the batch is done. When none is missing they are merged, sorted by world, into `worlds.parquet` and
`series.parquet`, whose bytes depend on the study alone: not on the cuts between batches, nor on who simulated them and when.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from perpetuum.model.scenario import InputError
from perpetuum.runs.study import run_folder as store
from perpetuum.runs.study.executors import Range
from perpetuum.runs.study.tables import ROWS, load, part_of, parts_of, read_summary, regrouped, summarise

if TYPE_CHECKING:
    import pyarrow as pa

    from perpetuum.runs.study.batches import Result
    from perpetuum.runs.study.description import Study

__all__ = ["StudyFolder", "load", "parts_of", "read_summary"]

_PARTIAL = ".partial"


class StudyFolder:
    """A folder that holds one study, finished or not. Use it in `with`, so that no two programs write into it."""

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.parts = self.path / "parts"
        self.study: Study | None = None
        self.manifest: dict[str, Any] = {}
        self._lock: int | None = None
        self._clock = time.perf_counter()

    def __enter__(self) -> StudyFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def finished(self) -> bool:
        """Whether all worlds of the study are in its tables."""
        return self.manifest.get("state") == "finished"

    # --- opening --------------------------------------------------------------------------------------------

    def compare(self, study: Study) -> bool:
        """Return whether the folder holds this study already, without touching anything.

        Raises InputError, saying what differs, if it holds another study, or something else.
        """
        from perpetuum.runs.study.description import Study

        with self._telling():
            if self.path.exists() and not self.path.is_dir():
                raise InputError(f"cannot write to '{self.path}': it is a file, not a folder")
            there = sorted(entry.name for entry in self.path.iterdir()) if self.path.is_dir() else []
        there = [name for name in there if not name.startswith(".")]
        if not there:
            return False
        if "manifest.json" not in there:
            raise InputError(f"'{self.path}' holds other files ({_listed(there)}): a study needs a folder of its own")
        self.manifest = _read_manifest(self.path)
        if "study" not in self.manifest:
            raise InputError(f"'{self.path}' holds a run, not a study: a study needs a folder of its own")
        try:
            differences = study.differences(Study.from_dict(self.manifest["study"]))
        except (KeyError, TypeError, AttributeError):
            raise InputError(f"'{self.path}' holds a study that this version cannot read: choose another folder") from None
        if differences:
            raise InputError(f"'{self.path}' holds another study: {'; '.join(differences)}")
        return True

    def open(self, study: Study) -> StudyFolder:
        """Make the folder with its manifest, or find in it the same study, finished or not (raises InputError)."""
        self.compare(study)
        self.study = study
        with self._telling():
            self.path.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            # Looked at again, now that nobody else can change it.
            if not self.compare(study):
                self.manifest = self._first_manifest(study)
                self._write_json("manifest.json", self.manifest)
            if self.finished:
                shutil.rmtree(self.parts, ignore_errors=True)
                return self
            if not (self.path / "study.toml").is_file():
                self._write(self.path / "study.toml", lambda file: file.write(study.to_toml().encode()))
            self.parts.mkdir(exist_ok=True)
            for leftover in [*self.path.glob(f".*{_PARTIAL}"), *self.parts.glob(f".*{_PARTIAL}")]:
                leftover.unlink()
        return self

    def close(self) -> None:
        """Let others write into the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        try:
            import fcntl
        except ImportError:  # not on this system
            return
        if self._lock is not None:
            return
        # The system lets go of the lock when the program ends, however it ends.
        self._lock = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise InputError(f"another program is at work on the study in '{self.path}'") from None
        except OSError:  # a file system without locks
            pass

    def _first_manifest(self, study: Study) -> dict[str, Any]:
        return {
            "program": "perpetuum",
            "state": "running",
            "study": study.to_dict(),
            **store.circumstances(),
            "started": _now(),
        }

    # --- batches --------------------------------------------------------------------------------------------

    def missing(self) -> list[Range]:
        """Return the worlds that are not done yet, as ranges (first, last): last is not among them."""
        assert self.study is not None
        done, gaps = 0, []
        for first, last in self._done():
            if first < done:
                raise InputError(f"batches in '{self.parts}' overlap at world {first}: remove the folder 'parts'")
            if first > done:
                gaps.append((done, first))
            done = last
        return [*gaps, (done, self.study.worlds)] if done < self.study.worlds else gaps

    def _done(self) -> list[Range]:
        """Ranges of the batches that are done, in order; damaged files are removed, and their worlds missing again."""
        import pyarrow.parquet as pq

        found = []
        for first, last in parts_of(self.path):
            try:
                whole = pq.read_metadata(part_of(self.path, "worlds", first, last)).num_rows == last - first
                whole &= self._needs_no_series or part_of(self.path, "series", first, last).is_file()
            except (OSError, ValueError):
                whole = False
            if whole:
                found.append((first, last))
            else:
                with self._telling():
                    part_of(self.path, "worlds", first, last).unlink()
        return found

    @property
    def _needs_no_series(self) -> bool:
        return self.study is not None and self.study.series is not None and not self.study.series

    def write(self, result: Result, first: int, last: int) -> None:
        """Write the batch of worlds first, ..., last - 1; after this it is done, whatever happens."""
        with self._telling():
            if result.series is not None:
                self._write_table(part_of(self.path, "series", first, last), [result.series])
            self._write_table(part_of(self.path, "worlds", first, last), [result.worlds])

    def finish(self, csv: bool = False) -> dict[str, Any]:
        """Merge the batches into the study's tables; returns the summary. Nothing is lost if it fails: call it again."""
        assert self.study is not None
        done = self._done()
        tables = ["worlds"] if self._needs_no_series else ["worlds", "series"]
        with self._telling():
            for table in tables:
                self._write_table(
                    self.path / f"{table}.parquet", regrouped(part_of(self.path, table, *part) for part in done)
                )
            summary = summarise(self.path / "worlds.parquet", self.study)
            self._write_json("summary.json", summary)
            self.manifest |= {
                "state": "finished",
                **store.circumstances(),
                "finished": _now(),
                "wall_seconds": round(time.perf_counter() - self._clock, 2),
                "files": ["manifest.json", "study.toml", "summary.json", *(f"{table}.parquet" for table in tables)],
            }
            if csv:
                self.write_csv()
            self._write_json("manifest.json", self.manifest)
            shutil.rmtree(self.parts)
        return summary

    def write_csv(self) -> None:
        """Write worlds.csv beside worlds.parquet."""
        import pyarrow.csv as pc
        import pyarrow.parquet as pq

        with self._telling(), pq.ParquetFile(self.path / "worlds.parquet") as whole:

            def fill(file: BinaryIO) -> None:
                with pc.CSVWriter(file, whole.schema_arrow) as writer:
                    for batch in whole.iter_batches(ROWS):
                        writer.write_batch(batch)

            self._write(self.path / "worlds.csv", fill)
        if "worlds.csv" not in self.manifest.get("files", ()):
            self.manifest["files"] = [*self.manifest.get("files", ()), "worlds.csv"]
            if self.finished:
                with self._telling():
                    self._write_json("manifest.json", self.manifest)

    # --- writing --------------------------------------------------------------------------------------------

    def _write_table(self, path: Path, tables: Iterable[pa.Table]) -> None:
        import pyarrow.parquet as pq

        def fill(file: BinaryIO) -> None:
            writer = None
            for table in tables:
                writer = writer or pq.ParquetWriter(file, table.schema, compression="zstd")
                writer.write_table(table, row_group_size=ROWS)
            if writer is not None:
                writer.close()

        self._write(path, fill)

    def _write_json(self, name: str, content: dict[str, Any]) -> None:
        self._write(self.path / name, lambda file: file.write((store.to_json(content) + "\n").encode()))

    def _write(self, path: Path, fill: Callable[[BinaryIO], Any]) -> None:
        """Write a file under a temporary name, and rename it once it is safely on the disk."""
        partial = path.with_name(f".{path.name}{_PARTIAL}")
        try:
            with partial.open("wb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Say in a sentence what a disk that is full, or may not be written, has against it."""
        try:
            yield
        except OSError as error:
            kept = ": what is finished is kept, run the same again to go on" if self.parts.is_dir() else ""
            raise InputError(f"cannot write to '{self.path}', {(error.strerror or str(error)).lower()}{kept}") from None


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise InputError(f"'{folder / 'manifest.json'}' cannot be read: choose another folder") from None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
