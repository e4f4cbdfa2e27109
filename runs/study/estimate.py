"""How long a study will take here and how much disk it needs, from a small probe of its own worlds."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.states import months_simulated
from perpetuum.runs.study.description import Study

if TYPE_CHECKING:
    import pyarrow as pa

#: Worlds of the probe, spread evenly over the study.
PROBED = 256
#: Months of the longer of its two runs; the shorter one of a month tells what opening the books costs.
MONTHS = 12


@dataclass(frozen=True)
class Estimate:
    """Seconds of work for `workers` processes of this machine, bytes of the study's tables, and worlds probed."""

    seconds: float
    bytes: int
    workers: int
    probed: int


def estimate(study: Study, workers: int) -> Estimate:
    """Simulate some worlds for a month and for a year, and draw the line on: t = batches (opening + months rate) / workers.

    The time of starting up and of merging the tables is left out.
    """
    from perpetuum.runs.study.batches import run_batch

    worlds = np.unique(np.linspace(0, study.worlds - 1, PROBED).astype(np.int64)).tolist()
    months = min(study.months, MONTHS)
    run_batch(dataclasses.replace(study.batch_of(worlds[:1]), months=1))  # compiled code is loaded
    opening, _ = _timed(run_batch, dataclasses.replace(study.batch_of(worlds), months=1))
    whole, result = _timed(run_batch, dataclasses.replace(study.batch_of(worlds), months=months))
    a_month = max(whole - opening, 0.0) / (months - 1) if months > 1 else 0.0
    batches = study.worlds / len(worlds)
    size = _bytes(result.worlds) / len(worlds) * study.worlds
    if result.series is not None:
        size += _bytes(result.series) / (len(worlds) * months_simulated(months)) * study.worlds * study.simulated
    seconds = batches * (opening + a_month * (study.months - 1)) / min(workers, max(1, round(batches)))
    return Estimate(seconds, round(size), workers, len(worlds))


def _timed(function: Any, argument: Any) -> tuple[float, Any]:
    clock = time.perf_counter()
    result = function(argument)
    return time.perf_counter() - clock, result


def _bytes(table: pa.Table) -> int:
    """Size of a table in a file: numbers of a simulation hardly compress, and all else compresses to almost nothing."""
    import pyarrow as pa

    return sum(column.nbytes for column in table.columns if pa.types.is_floating(column.type))
