"""A study's summary: shares of the states over all its worlds, and the spread of each metric, read from its table in parts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.odds import spread_of
from perpetuum.model.observed.outcome import share_and_interval
from perpetuum.model.observed.states import STATES

if TYPE_CHECKING:
    from perpetuum.runs.study.description import Study


def summarise_study(worlds: Path, study: Study) -> dict[str, Any]:
    """Return the content of summary.json: shares of the states over all worlds, and the spread of each metric."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(worlds) as file:
        schema = file.schema_arrow
        counts: dict[str, Counter[str]] = {"state": Counter(), "first_domino": Counter()}
        failed = 0
        for rows in file.iter_batches(columns=[*counts, "error"]):
            fine = pc.equal(rows["error"], "")  # type: ignore[attr-defined]
            failed += rows.num_rows - fine.true_count
            for name, count in counts.items():
                for entry in rows[name].filter(fine).value_counts().to_pylist():
                    count[entry["values"]] += entry["counts"]
        metrics = {}
        for name in (one.name for one in schema if pa.types.is_float64(one.type) and one.name not in study.varied):
            values = file.read(columns=[name])[name].to_numpy()
            values = values[np.isfinite(values)]
            if len(values):
                metrics[name] = spread_of(values)
    total = study.worlds - failed
    return {
        "preset": study.preset,
        "worlds": study.worlds,
        "failed": failed,
        "cells": study.cells,
        "replicates": study.replicates,
        "months": study.months,
        "seed": study.seed,
        "outcomes": {name: share_and_interval(counts["state"][name], total) for name in STATES},
        "first_dominoes": {
            name: share_and_interval(count, total)
            for name, count in sorted(counts["first_domino"].items(), key=lambda x: (-x[1], x[0]))
        },
        "metrics": metrics,
    }
