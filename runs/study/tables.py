"""The tables of studies and runs: read into pandas, put together from batches, summed up."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.outcome import CLASSES, HEADLINES, wilson
from perpetuum.model.scenario import InputError, nearest
from perpetuum.runs.study.executors import Range

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from perpetuum.runs.study.description import Study

#: Rows of a row group of the merged tables: fixed, so that the files' bytes are.
ROWS = 1 << 15
_PART = re.compile(r"worlds-(\d+)-(\d+)\.parquet")


def load(path: str | Path, series: bool = False, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a study, or a folder of `perpetuum run`, into pandas: a row a world, or with `series` a row a world and month.

    Of a study that is not finished, the worlds that are there. `columns`: the ones wanted (None: all). Worlds that failed
    have an `error`, empty words and missing numbers. Raises InputError.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder, table = Path(path), "series" if series else "worlds"
    whole = folder / f"{table}.parquet"
    files = [whole] if whole.is_file() else [part_of(folder, table, *part) for part in parts_of(folder)]
    files = [file for file in files if file.is_file()]
    if not files:
        there = (folder / "worlds.parquet").is_file() or parts_of(folder)
        why = "keeps no series" if series and there else "has no worlds"
        raise InputError(f"'{folder}' {why}: it must be the folder of a study or a run")
    try:
        known = pq.read_schema(files[0]).names
        for name in columns or ():
            if name not in known:
                raise InputError(f"'{folder}' has no column '{name}'{nearest(name, known)}")
        tables = [pq.read_table(file, columns=None if columns is None else list(columns)) for file in files]
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"cannot read '{folder}': {str(error).splitlines()[0].lower()}") from None
    return pa.concat_tables(tables).to_pandas()


def read_summary(folder: Path) -> dict[str, Any]:
    """Read summary.json of a finished study (raises InputError)."""
    try:
        return dict(json.loads((folder / "summary.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise InputError(f"'{folder / 'summary.json'}' cannot be read") from None


def part_of(folder: Path, table: str, first: int, last: int) -> Path:
    """Name of the file that holds worlds first, ..., last - 1 in one of the tables."""
    return folder / "parts" / f"{table}-{first:09d}-{last:09d}.parquet"


def parts_of(folder: Path) -> list[Range]:
    """Ranges of worlds that are done, of a study that is not finished, in order."""
    names = os.listdir(folder / "parts") if (folder / "parts").is_dir() else []
    return sorted((int(found[1]), int(found[2])) for name in names if (found := _PART.fullmatch(name)))


def summarise(worlds: Path, study: Study) -> dict[str, Any]:
    """Return the content of summary.json: shares of headlines and endings over all worlds, and the spread of each metric."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from perpetuum.runs.study.summary import spread_of

    with pq.ParquetFile(worlds) as file:
        schema = file.schema_arrow
        counts: dict[str, Counter[str]] = {"headline": Counter(), "outcome": Counter(), "first_domino": Counter()}
        failed = 0
        for rows in file.iter_batches(ROWS, columns=[*counts, "error"]):
            fine = pc.equal(rows["error"], "")  # type: ignore[attr-defined]
            failed += rows.num_rows - fine.true_count
            for name, count in counts.items():
                for entry in rows[name].filter(fine).value_counts().to_pylist():
                    count[entry["values"]] += entry["counts"]
    total = study.worlds - failed
    numbers = [one.name for one in schema if pa.types.is_float64(one.type) and one.name not in study.varied]
    metrics = {}
    for name in numbers:
        values = pq.read_table(worlds, columns=[name])[name].to_numpy()
        values = values[np.isfinite(values)]
        if len(values):
            metrics[name] = spread_of(values)
    headlines = {name: _share(counts["headline"][name], total) for name in HEADLINES}
    return {
        "preset": study.preset,
        "worlds": study.worlds,
        "failed": failed,
        "cells": study.cells,
        "replicates": study.replicates,
        "months": study.months,
        "seed": study.seed,
        "outcomes": {name: _share(counts["outcome"][name], total) for name in CLASSES},
        "headlines": headlines,
        "headline": max(HEADLINES, key=lambda name: headlines[name]["share"]),
        "first_dominoes": {
            name: _share(count, total) for name, count in sorted(counts["first_domino"].items(), key=lambda x: (-x[1], x[0]))
        },
        "metrics": metrics,
    }


def _share(count: int, total: int) -> dict[str, float]:
    low, high = wilson(count, total)
    return {"share": count / total if total else 0.0, "low": low, "high": high}


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
