"""A small study, simulated once for all who look at its folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from perpetuum.runs.study import execute
from perpetuum.runs.study.batches import Batch, Result, run_batch
from perpetuum.runs.study.execute import run_study
from tests.small_study import small


@pytest.fixture(scope="session")
def simulated() -> Result:
    """The small study's rows."""
    return run_batch(small().batch(0, 24))


@pytest.fixture(scope="session")
def whole(tmp_path_factory) -> Path:
    """The small study as simulated in one piece."""
    folder = tmp_path_factory.mktemp("whole")
    run_study(small(), folder)
    return folder


@pytest.fixture
def counted(monkeypatch, simulated) -> list[int]:
    """Sizes of the batches of the small study that are asked for; their rows are those that were simulated before."""
    sizes: list[int] = []

    def rows_of(batch: Batch) -> Result:
        assert batch == small().batch(batch.worlds[0], batch.worlds[-1] + 1), "another study"
        sizes.append(len(batch.worlds))
        its_months = np.isin(simulated.series["world"].to_numpy(), batch.worlds)
        return Result(simulated.worlds.take(list(batch.worlds)), simulated.series.filter(its_months))

    monkeypatch.setattr(execute, "run_batch", rows_of)
    return sizes
