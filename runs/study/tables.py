"""Tables of runs and studies: written a batch at a time, put together from batches, read into pandas."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from perpetuum.model.given import as_given, is_a_list
from perpetuum.model.given import path as given_path
from perpetuum.model.scenario import InputError, nearest
from perpetuum.runs.study.arms import TABLED, Answer, Part
from perpetuum.runs.study.executors import Range
from perpetuum.runs.study.manifest import ANEW, read_manifest
from perpetuum.runs.study.same_worlds import refuse_other_worlds, whose_columns

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: What a row says of a world's fate before its metrics.
VERDICT = (
    "state",
    "fallen_month",
    "alone_month",
    "cause",
    "life",
    "outcome",
    "first_domino",
    "first_default_month",
)
#: Columns that name a world, columns of words that each row has, and those that may be empty.
NUMBERED, WORDS, TEXTS = ("world", "replicate", "seed"), ("error",), ("arm", "state", "cause", "outcome", "first_domino")
#: Rows of a row group of the merged tables: fixed, so that the files' bytes are.
ROWS = 1 << 15
_PART = re.compile(r"worlds-(\d+)-(\d+)\.parquet")


def load(path: str | Path, series: bool = False, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a study, or a folder of `perpetuum run`, into pandas: a row a world, or with `series` a row a world and month.

    Of a study that is not finished, the worlds that are there. `columns`: the ones wanted (None: all). Worlds that failed
    have an `error`, empty words and missing numbers. Raises InputError, also for a folder of another format.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder, table = given_path(path, "a study's folder"), "series" if series else "worlds"
    if columns is not None and not is_a_list(columns):
        raise InputError(f"columns must be a list of names, such as ['state', 'life'], not {as_given(columns)}")
    manifest = read_manifest(folder) or {}
    files = files_of(folder, table)
    if not files:
        there = (folder / "worlds.parquet").is_file() or parts_of(folder)
        if manifest.get("state") == "finished" and not there:
            raise InputError(f"'{folder}' has lost its worlds.parquet: {ANEW}")
        why = "keeps no series" if series and there else "has no worlds"
        raise InputError(f"'{folder}' {why}: it must be the folder of a study or a run")
    try:
        known = pq.read_schema(files[0]).names
        for name in columns or ():
            if name not in known:
                raise InputError(f"'{folder}' has no column '{name}'{nearest(name, known)}")
        whose = [] if series or not manifest else whose_columns(manifest, folder, known)
        wanted = known if columns is None else list(dict.fromkeys((*columns, *whose)))
        rows = pa.concat_tables([pq.read_table(file, columns=wanted) for file in files])
        _check(rows, folder, whole="study" in manifest and columns is None and not series, words=not series)
        if "world" in whose:
            refuse_other_worlds(rows.select(whose), manifest, folder, whole=files[0].parent == folder)
    except (OSError, pa.ArrowInvalid) as error:
        raise damaged(files, folder, error) from None
    return (rows if columns is None else rows.select(list(columns))).to_pandas()


def damaged(files: Sequence[Path], folder: Path, error: Exception) -> InputError:
    """What is wrong with files that are no tables, or no longer whole."""
    which = f"'{files[0]}'" if len(files) == 1 else f"a file in '{folder / 'parts'}'"
    why = f" ({os.strerror(error.errno).lower()})" if isinstance(error, OSError) and error.errno else ""
    return InputError(f"cannot read {which}: it is damaged, or no table of Parquet{why}: {ANEW}")


def _check(rows: pa.Table, folder: Path, whole: bool, words: bool) -> None:
    """Refuse a table that is not as it was written: somebody has edited it (raises InputError).

    `whole`: all columns of a study's worlds are there; `words`: which columns hold words is known, as it is of worlds.
    """
    import pyarrow as pa

    if not rows.num_rows:
        raise InputError(f"'{folder}' has no worlds: its table has no rows")
    for name in (*NUMBERED, *WORDS) if whole else ():
        if name not in rows.column_names:
            raise InputError(f"'{folder}' has no column '{name}'")
    for name in rows.column_names:
        kind, numbered = rows.schema.field(name).type, name in NUMBERED
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        # A parameter that is varied may be a choice, and has a dot in its name.
        right = pa.types.is_integer(kind) if numbered else not words or is_text == (name in (*WORDS, *TEXTS)) or "." in name
        if not right or ((numbered or name in WORDS) and rows[name].null_count):
            meant = "whole numbers" if numbered else "words" if name in (*WORDS, *TEXTS) else "numbers"
            raise InputError(f"the table of '{folder}' is not as it was written: '{name}' must hold {meant}")


def files_of(folder: Path, table: str) -> list[Path]:
    """The files that hold a table: one, or as many as there are batches of a study that is not finished."""
    whole = folder / f"{table}.parquet"
    files = [whole] if whole.is_file() else [part_of(folder, table, *part) for part in parts_of(folder)]
    return [file for file in files if file.is_file()]


def part_of(folder: Path, table: str, first: int, last: int) -> Path:
    """Name of the file that holds worlds first, ..., last - 1 in one of the tables."""
    return folder / "parts" / f"{table}-{first:09d}-{last:09d}.parquet"


def parts_of(folder: Path) -> list[Range]:
    """Ranges of worlds that are done, of a study that is not finished, in order."""
    names = os.listdir(folder / "parts") if (folder / "parts").is_dir() else []
    return sorted((int(found[1]), int(found[2])) for name in names if (found := _PART.fullmatch(name)))


def regrouped(files: Iterable[Path]) -> Iterator[pa.Table]:
    """Rows of many files in order, in tables of exactly `ROWS` rows, each in one piece: the same whatever the files were."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    held: pa.Table | None = None
    several = False
    for file in files:
        table = pq.read_table(file)
        held = table if held is None else pa.concat_tables([held, table])
        while held.num_rows >= ROWS:
            yield held.slice(0, ROWS).combine_chunks()
            held, several = held.slice(ROWS), True
    if held is not None and (held.num_rows or not several):
        yield held.combine_chunks()


def write_table(file: BinaryIO, tables: Iterable[pa.Table]) -> None:
    """Write tables under one another, in row groups of `ROWS`."""
    import pyarrow.parquet as pq

    writer = None
    for table in tables:
        writer = writer or pq.ParquetWriter(file, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=ROWS)
    if writer is not None:
        writer.close()


def write_csv(file: BinaryIO, table: Path) -> None:
    """Write a table of Parquet as CSV."""
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(table) as whole, pc.CSVWriter(file, whole.schema_arrow) as writer:
        for batch in whole.iter_batches(ROWS):
            writer.write_batch(batch)


# --- the tables of a run ------------------------------------------------------------------------------------


class RunTables:
    """Writes series.parquet, events.parquet and firms.parquet of a run, batch by batch, so that memory stays bounded."""

    def __init__(self, folder: Path, columns: Sequence[str] | None = None):
        self.folder = folder
        self.columns = columns
        self._writers: dict[str, Any] = {}

    def __enter__(self) -> RunTables:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()

    def add(self, part: Part) -> None:
        """Write one batch: the arms that the tables hold."""
        for arm in TABLED:
            self._append("series", self._series(part, arm))
            self._append("events", _events(part, arm))
            self._append("firms", _firms(part, arm))

    def _append(self, name: str, table: pa.Table) -> None:
        import pyarrow.parquet as pq

        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self.folder / f"{name}.parquet", table.schema, compression="zstd")
        self._writers[name].write_table(table)

    def _series(self, part: Part, arm: str) -> pa.Table:
        import pyarrow as pa

        told = part.series[arm]
        whose = {"arm": _same(arm, len(told)), "world": np.repeat(np.array(part.replicates, np.int32), len(part.dates))}
        wanted = self.columns or told.column_names[3:]
        return pa.table(whose | {name: told[name] for name in ("month", "date", *wanted)})


def _events(part: Part, arm: str) -> pa.Table:
    import pyarrow as pa

    worlds, events = [world for world, _ in part.events[arm]], [event for _, event in part.events[arm]]
    last = len(part.dates) - 1
    columns: dict[str, tuple[list[Any], pa.DataType]] = {
        "world": (worlds, pa.int32()),
        "month": ([e.month for e in events], pa.int32()),
        "date": ([part.dates[min(max(e.month, 0), last)] for e in events], pa.date32()),
        "who": ([e.who for e in events], pa.string()),
        "kind": ([e.kind.value for e in events], pa.string()),
        "whom": ([e.whom for e in events], pa.string()),
        "cause": ([e.cause.value if e.cause else "" for e in events], pa.string()),
        "amount": ([float(e.amount) for e in events], pa.float64()),
        "text": ([e.text for e in events], pa.string()),
    }
    return pa.table({"arm": _same(arm, len(events)), **{name: pa.array(*column) for name, column in columns.items()}})


def _firms(part: Part, arm: str) -> pa.Table:
    """A row a world and firm: when and why it first defaulted, its breaches and distress, what creditors got back ($bn)."""
    import pyarrow as pa

    told, firms, worlds = part.firms[arm], len(part.firm_names), len(part.replicates)
    columns: dict[str, Any] = {
        "world": np.repeat(np.array(part.replicates, np.int32), firms),
        "arm": _same(arm, firms * worlds),
        "firm": pa.array(list(part.firm_names) * worlds, pa.string()),
    }
    for name, values in told.items():
        flat = values.T.ravel()
        if flat.dtype.kind == "U":
            columns[name] = pa.array(flat.tolist(), pa.string())
        else:
            columns[name] = flat.astype(np.int32) if flat.dtype.kind == "i" else pa.array(flat, from_pandas=True)
    return pa.table(columns)


def table_of_worlds(answer: Answer) -> pa.Table:
    """The table of a run's worlds: a row for each world and arm, with its varied parameters, verdict and metrics."""
    import pyarrow as pa

    varied = list(dict.fromkeys(["funding.tightening", *answer.question.overrides]))
    tables = []
    for name in TABLED:
        arm = answer.arms[name]
        n, moved = len(arm.worlds), answer.question.arms()[name]
        columns: dict[str, Any] = {
            "arm": _same(name, n),
            "world": np.arange(n, dtype=np.int32),
            "replicate": np.arange(n, dtype=np.int32),
            "seed": np.full(n, answer.question.seed, dtype=np.int64),
            **{one: pa.array([moved.get(one, answer.scenario.value(one))] * n) for one in varied},
            **{one.name: arm.worlds[one.name] for one in answer.question.unknowns()},
            **{one: arm.worlds[one] for one in VERDICT},
            **arm.metrics(),
            **answer.twin_measures(name),
            **{f"reckoning:{one}": values for one, values in arm.metrics("reckoning:").items()},
        }
        tables.append(pa.table(columns))
    return pa.concat_tables(tables, promote_options="default")


def _same(word: str, n: int) -> Any:
    import pyarrow as pa

    return pa.array([word] * n, type=pa.string())
