"""Tables that somebody has edited are refused in a sentence, by whatever reads them."""

from __future__ import annotations

from contextlib import suppress

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perpetuum.model.scenario import InputError
from perpetuum.runs.questions import comparison, selection
from perpetuum.runs.study import load
from perpetuum.visualization.app.opening import world_of
from tests.study_folders import DEMAND, THETA, write_study


@pytest.fixture
def edited(tmp_path):
    """A finished study whose table is made another: a function of the folder and of what is done to its table."""

    def edit(change):
        folder = tmp_path / "study"
        write_study(folder, (DEMAND, THETA))
        pq.write_table(change(pq.read_table(folder / "worlds.parquet")), folder / "worlds.parquet")
        return folder

    return edit


def _with(table, name, values):
    return table.set_column(table.column_names.index(name), name, pa.array(values))


EDITS = {
    "has no worlds: its table has no rows": lambda table: table.slice(0, 0),
    "has no column 'world'": lambda table: table.drop(["world"]),
    "has no column 'error'": lambda table: table.drop(["error"]),
    "'replicate' must hold whole numbers": lambda table: _with(table, "replicate", [None] * len(table)),
    "'seed' must hold whole numbers": lambda table: _with(table, "seed", [0.5] * len(table)),
    "'world' must hold whole numbers": lambda table: _with(table, "world", ["1"] * len(table)),
    "'error' must hold words": lambda table: _with(table, "error", [0.0] * len(table)),
    "'state' must hold words": lambda table: _with(table, "state", [1] * len(table)),
    "'drawdown' must hold numbers": lambda table: _with(table, "drawdown", ["0.1"] * len(table)),
    "has no column": lambda _: pa.table({"a": [1], "b": ["x"]}),
}


@pytest.mark.parametrize("said", EDITS)
def test_a_table_that_somebody_has_edited_is_refused_in_a_sentence(edited, said):
    folder = edited(EDITS[said])
    with pytest.raises(InputError, match=said):
        load(folder)
    for ask in (lambda: comparison.read_side(folder), lambda: selection.look_at(folder, "drawdown")):
        with suppress(InputError):  # but with no other error, where it reads what was edited
            ask()
    with pytest.raises(InputError):
        world_of(folder, 10**6)
