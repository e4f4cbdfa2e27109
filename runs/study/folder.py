"""The folders of runs and studies, and what is in them.

A run's folder appears whole or not at all. A study's holds its manifest, the batches that are done, and in the end one table
of all worlds. A batch is a pair of Parquet files under `parts/`, the table of worlds last: it is what says that the batch is
done. When none is missing they are merged, sorted by world, into `worlds.parquet` and `series.parquet`, whose bytes depend on
the study alone: not on the cuts between batches, nor on who simulated them and when.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

from perpetuum.model.errors import about, cannot_write
from perpetuum.model.given import path as given_path
from perpetuum.model.presets import preset_called
from perpetuum.model.scenario import InputError
from perpetuum.runs.study import fingerprint
from perpetuum.runs.study.batches import Result
from perpetuum.runs.study.description import Study
from perpetuum.runs.study.draft import Draft
from perpetuum.runs.study.executors import Range
from perpetuum.runs.study.locks import locked
from perpetuum.runs.study.manifest import (
    PARTIAL,
    circumstances,
    of_this_program,
    read_json,
    read_manifest,
    write_file,
    write_json,
)
from perpetuum.runs.study.read_manifest import recorded
from perpetuum.runs.study.study_summary import summarise_study
from perpetuum.runs.study.tables import part_of, parts_of, regrouped, write_csv, write_table

# --- a folder that appears whole ----------------------------------------------------------------------------


class Folder:
    """An output folder that appears whole or not at all.

    Entering finds out, before a long simulation, whether it can be written; inside `with`, `path` is the hidden
    folder to write into; leaving without an error moves the files into place, leaving with one removes them.
    A folder that holds anything is refused but for `force`, which replaces an earlier run and leaves other files alone;
    `resumed`: names of what work keeps there from which it goes on, or is answered again: where they are, with an earlier
    run's own files and no others beside them, it goes on.
    """

    #: The folder that was written last, for whoever tells that it was.
    written: ClassVar[Path | None] = None

    def __init__(self, target: Path, *, force: bool = False, resumed: Sequence[str] = ()):
        self.target, self.path, self.force, self.resumed = target, target, force, resumed
        self._draft = Draft(target)

    @about("out")
    def check(self) -> None:
        """Find out whether anything speaks against the folder, without touching it (raises InputError)."""
        _check_name(self.target)
        try:
            check_place(self.target)
            there = _entries(self.target)
        except OSError as error:
            raise cannot_write(self.target, error) from None
        goes_on = bool(self.resumed) and set(self.resumed) <= set(there)
        if self.force or not there or (goes_on and not set(there) - {*self.resumed, *_files_of(self.target)}):
            return
        if "manifest.json" in there and _files_of(self.target):
            raise InputError(f"'{self.target}' holds earlier results: choose another folder, or replace them with --force")
        raise InputError(
            f"'{self.target}' holds other files ({_listed(there)}): choose another folder, or write among them with --force"
        )

    def __enter__(self) -> Folder:
        self.check()
        try:
            self.path = self._draft.open()
            if self.target.is_dir():
                # The folder itself must take files too.
                with tempfile.NamedTemporaryFile(dir=self.target, prefix=".perpetuum-"):
                    pass
        except OSError as error:
            self._draft.remove()
            raise cannot_write(self.target, error) from None
        except BaseException:
            self._draft.remove()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            self._draft.remove()
            return
        try:
            self._appear()
        finally:  # not before: a draft that nobody has may be swept away
            self._draft.close()

    def _appear(self) -> None:
        """Move what was written to where it belongs."""
        self.path.chmod(0o755)
        self._keep_apart_where_taken()
        Folder.written = self.target
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

    @about("out")
    def _keep_apart_where_taken(self) -> None:
        """Put the results beside the folder where somebody has written there meanwhile (raises InputError, which says so)."""
        try:
            self.check()
        except InputError:
            number, place = 2, self.target if self._draft.within else self.target.parent
            while (beside := place / f"{self._draft.name}-{number}").exists():
                number += 1
            Folder.written = self.path.rename(beside)
            raise InputError(f"'{self.target}' was written to meanwhile: these results are in '{beside}'") from None

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a file of this name."""
        write_json(self.path / name, content)

    def write_manifest(self, about: Mapping[str, Any]) -> list[str]:
        """Write, after all else, the manifest: what it takes to run this again, and how it was run; returns all files' names."""
        files = sorted({*(file.name for file in self.path.iterdir()), "manifest.json"})
        program = {**of_this_program(), "code_hash": fingerprint.of_code()}
        self.write_json("manifest.json", {**program, **about, **circumstances(), "files": files})
        return files


def default_folder(preset: str, kind: str = "", now: datetime.datetime | None = None) -> Path:
    """Return results/<preset>[-<kind>]-<date>-<time>, a name that nothing earlier has."""
    moment = (now or datetime.datetime.now()).strftime("%Y%m%d-%H%M%S")
    base = Path("results") / "-".join(filter(None, (preset_called(preset), kind, moment)))
    folder, number = base, 2
    while folder.exists():
        folder, number = base.with_name(f"{base.name}-{number}"), number + 1
    return folder


@about("out")
def check_place(path: Path) -> None:
    """Refuse what is there and is no folder, or lies in none (raises InputError, and OSError as the system does)."""
    for place in (path, *path.parents):
        if os.path.lexists(place) and not place.is_dir():
            what = "a file" if place.exists() else "a link that leads nowhere"
            which = "it" if place == path else f"'{place}'"
            raise InputError(f"cannot write to '{path}': {which} is {what}, not a folder")


def _check_name(folder: Path) -> None:
    """Refuse a place whose name is no text: tables cannot be written there."""
    try:
        str(folder.absolute()).encode()
    except UnicodeEncodeError:
        raise InputError(
            f"cannot write to {str(folder)!r}: its name, or that of a folder above it, is no UTF-8 text"
        ) from None


def _entries(folder: Path) -> list[str]:
    """What a folder holds, but for what is hidden."""
    return sorted(one.name for one in folder.iterdir() if not one.name.startswith(".")) if folder.is_dir() else []


def _files_of(folder: Path) -> list[str]:
    """Files that an earlier run left in the folder, by its manifest."""
    try:
        return [name for name in read_json(folder / "manifest.json")["files"] if "/" not in name]
    except (OSError, ValueError, KeyError, TypeError):
        return []


@contextlib.contextmanager
def _leaving_nothing(folder: Path) -> Iterator[None]:
    """Take away what was made of a folder, and of those above it, where nothing could be written there."""
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        yield
    except BaseException:
        for place in (folder / "parts", *made) if made else ():
            with contextlib.suppress(OSError):
                place.rmdir()
        raise


# --- the folder of a study ----------------------------------------------------------------------------------


class StudyFolder:
    """A folder that holds one study, finished or not. Use it in `with`, so that no two programs write into it."""

    def __init__(self, path: str | Path):
        self.path = given_path(path, "a study's folder")
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

    @about("out")
    def compare(self, study: Study) -> bool:
        """Return whether the folder holds this study already, without touching anything.

        Raises InputError, saying what differs, if it holds another study, or something else.
        """
        _check_name(self.path)
        with self._telling():
            check_place(self.path)
            there = _entries(self.path)
        if not there:
            return False
        if "manifest.json" not in there:
            raise InputError(f"'{self.path}' holds other files ({_listed(there)}): a study needs a folder of its own")
        manifest = read_manifest(self.path)
        if manifest is None:
            raise InputError(f"'{self.path / 'manifest.json'}' cannot be read: choose another folder")
        self.manifest = manifest
        if "study" not in self.manifest:
            raise InputError(f"'{self.path}' holds a run, not a study: a study needs a folder of its own")
        differences = study.differences(recorded(self.manifest, self.path))
        if differences:
            raise InputError(f"'{self.path}' holds another study: {'; '.join(differences)}")
        return True

    @about("out")
    def open(self, study: Study) -> StudyFolder:
        """Make the folder with its manifest, or find in it the same study, finished or not (raises InputError)."""
        self.compare(study)
        self.study = study
        with self._telling(), _leaving_nothing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            # Looked at again, now that nobody else can change it.
            if not self.compare(study):
                self.manifest = self._first_manifest(study)
                write_json(self.path / "manifest.json", self.manifest)
            if self.finished:
                shutil.rmtree(self.parts, ignore_errors=True)
                return self
            if not (self.path / "study.toml").is_file():
                write_file(self.path / "study.toml", lambda file: file.write(study.to_toml().encode()))
            self.parts.mkdir(exist_ok=True)
            for leftover in [*self.path.glob(f".*{PARTIAL}"), *self.parts.glob(f".*{PARTIAL}")]:
                leftover.unlink()
        return self

    def close(self) -> None:
        """Let others write into the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        try:
            self._lock = locked(self.path)
        except BlockingIOError:
            raise InputError(f"another program is at work on the study in '{self.path}'") from None

    def _first_manifest(self, study: Study) -> dict[str, Any]:
        return {
            **of_this_program(),
            "state": "running",
            "study": study.to_dict(),
            **circumstances(),
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
        tables = {"series": result.series, "worlds": result.worlds}
        with self._telling():
            for name, table in tables.items():
                if table is not None:
                    write_file(part_of(self.path, name, first, last), partial(write_table, tables=[table]))

    def finish(self, csv: bool = False) -> dict[str, Any]:
        """Merge the batches into the study's tables; returns the summary. Nothing is lost if it fails: call it again."""
        assert self.study is not None
        done = self._done()
        tables = ["worlds"] if self._needs_no_series else ["worlds", "series"]
        with self._telling():
            for table in tables:
                parts = regrouped(part_of(self.path, table, *part) for part in done)
                write_file(self.path / f"{table}.parquet", partial(write_table, tables=parts))
            summary = summarise_study(self.path / "worlds.parquet", self.study)
            write_json(self.path / "summary.json", summary)
            self.manifest |= {
                "state": "finished",
                **circumstances(),
                "finished": _now(),
                "wall_seconds": round(time.perf_counter() - self._clock, 2),
                "files": ["manifest.json", "study.toml", "summary.json", *(f"{table}.parquet" for table in tables)],
            }
            if csv:
                self.write_csv()
            write_json(self.path / "manifest.json", self.manifest)
            shutil.rmtree(self.parts)
        Folder.written = self.path
        return summary

    def write_csv(self) -> None:
        """Write worlds.csv beside worlds.parquet."""
        with self._telling():
            write_file(self.path / "worlds.csv", lambda file: write_csv(file, self.path / "worlds.parquet"))
            if "worlds.csv" not in self.manifest.get("files", ()):
                self.manifest["files"] = [*self.manifest.get("files", ()), "worlds.csv"]
                if self.finished:
                    write_json(self.path / "manifest.json", self.manifest)

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Say in a sentence what a disk that is full, or may not be written, has against it."""
        try:
            yield
        except OSError as error:
            kept = ": what is finished is kept, run the same again to go on" if self.parts.is_dir() else ""
            raise cannot_write(self.path, error, kept) from None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
