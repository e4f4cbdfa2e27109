"""Folders in which files have changed places with others', were damaged or lost, or are none: a sentence, not a wrong answer."""

from __future__ import annotations

import json
import os
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest

from perpetuum.model.scenario import InputError
from perpetuum.runs.questions import comparison, selection
from perpetuum.runs.questions.reported_folder import read_folder
from perpetuum.runs.study import execute, load
from perpetuum.runs.study.description import Study
from perpetuum.runs.study.manifest import of_this_program
from tests.study_folders import AXES, DEMAND, THETA, write_study

#: Whatever reads a study's folder.
READERS = {
    "load": load,
    "plot": lambda folder: selection.look_at(folder, "drawdown"),
    "compare": comparison.read_side,
    "report": read_folder,
}
OTHERS = "are not those of its manifest.json: somebody has put files of another study there"


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "study"
    write_study(folder, (DEMAND, THETA))
    return folder


def other(folder, **asked):
    """The worlds of another study in the place of this one's."""
    write_study(folder.with_name("other"), **asked)
    shutil.copy(folder.with_name("other") / "worlds.parquet", folder)


def changed(folder, name, change):
    table = pq.read_table(folder / "worlds.parquet").to_pandas()
    table[name] = change(table[name])
    table.to_parquet(folder / "worlds.parquet")


def pipe(folder, name):
    (folder / name).unlink()
    os.mkfifo(folder / name)


def cut(folder, name, size):
    os.truncate(folder / name, size)


#: What befell a folder, and what is said of it.
BEFELL = {
    "more worlds": (lambda folder: other(folder, names=(DEMAND, THETA), replicates=9), OTHERS),
    "fewer worlds": (lambda folder: other(folder, names=(DEMAND, THETA), replicates=7), OTHERS),
    "other cells": (lambda folder: changed(folder, DEMAND, lambda values: values + 0.1), OTHERS),
    "cells in another order": (lambda folder: changed(folder, THETA, lambda values: values[::-1].to_numpy()), OTHERS),
    "another seed": (lambda folder: changed(folder, "seed", lambda values: values + 1), OTHERS),
    "other replicates": (lambda folder: changed(folder, "replicate", lambda values: values + 1), OTHERS),
    "a world twice": (lambda folder: changed(folder, "world", lambda values: values.clip(1)), OTHERS),
    "worlds beyond": (lambda folder: changed(folder, "world", lambda values: values + 10), OTHERS),
    "cut short": (
        lambda folder: cut(folder, "worlds.parquet", 100),
        "worlds.parquet': it is damaged, or no table of Parquet",
    ),
    "empty": (lambda folder: cut(folder, "worlds.parquet", 0), "worlds.parquet': it is damaged, or no table of Parquet"),
    "lost": (
        lambda folder: (folder / "worlds.parquet").unlink(),
        "no worlds yet|has lost its worlds.parquet: simulate it anew",
    ),
    "a pipe for a table": (lambda folder: pipe(folder, "worlds.parquet"), "no worlds yet|has lost its worlds.parquet"),
    "a pipe for a manifest": (lambda folder: pipe(folder, "manifest.json"), "no study|neither a run nor a study|not those"),
}


@pytest.mark.parametrize("befell", BEFELL)
@pytest.mark.parametrize("reader", READERS)
def test_a_study_whose_files_are_not_its_own_or_not_whole_is_refused_by_whatever_reads_it(study, befell, reader):
    happens, said = BEFELL[befell]
    READERS[reader](study)
    happens(study)
    if (reader, befell) == ("load", "a pipe for a manifest"):
        assert len(load(study)), "a table alone is read"
        return
    with pytest.raises(InputError, match=said):
        READERS[reader](study)


def test_a_study_that_is_not_finished_has_some_of_its_worlds_and_no_others(study):
    manifest = json.loads((study / "manifest.json").read_text())
    (study / "manifest.json").write_text(json.dumps(manifest | {"state": "running"}))
    (study / "parts").mkdir()
    part = study / "parts" / "worlds-000000008-000000024.parquet"
    table = pq.read_table(study / "worlds.parquet").slice(8, 16)
    (study / "worlds.parquet").unlink()
    pq.write_table(table, part)
    assert load(study, columns=["state"]).columns.tolist() == ["state"]
    assert load(study)["world"].tolist() == list(range(8, 24))
    table.to_pandas().assign(**{THETA: lambda one: 1 - one[THETA]}).to_parquet(part)
    with pytest.raises(InputError, match=OTHERS):
        load(study, columns=["state"])


@pytest.mark.parametrize(
    "happens", [lambda file: file.unlink(), lambda file: file.write_text("5"), lambda file: cut(file, "", 9)]
)
def test_a_finished_study_without_its_summary_says_what_to_do(study, happens):
    (study / "summary.json").write_text('{"worlds": 5}')
    happens(study / "summary.json")
    cells = [(demand, theta) for demand in AXES[DEMAND] for theta in AXES[THETA]]
    columns = {DEMAND: [demand for demand, _ in cells], THETA: [theta for _, theta in cells]}
    axes = {DEMAND: AXES[DEMAND], THETA: AXES[THETA]}
    asked = Study("ono_2025", {}, columns, 8, 1, 120, (), {"kind": "grid", "axes": axes})
    with pytest.raises(InputError, match=r"summary\.json' cannot be read: simulate it anew"):
        execute.run_study(asked, study)


#: A run's table of worlds as it may be somebody else's.
STRANGE = {
    "another seed": lambda table: table.assign(seed=2),
    "another tightening": lambda table: table.assign(**{"funding.tightening": 0.25}),
    "what was set is another": lambda table: table.assign(**{DEMAND: 0.75}),
    "fewer worlds": lambda table: table[table["world"] > 0],
    "nothing of an unknown": lambda table: table.drop(columns="clouds.race"),
}


@pytest.fixture
def a_run(tmp_path):
    """A folder as `perpetuum run` leaves it, as far as its worlds are asked about, with tight and loose money."""
    manifest = {
        "arms": {},
        "worlds": 2,
        "seed": 1,
        "overrides": {DEMAND: 0.5, "lead_lab.cash": 3},
        "unknowns": {"clouds.race": {}},
    }
    manifest |= {"unknowns": {"clouds.race": {}}, "parameters": {DEMAND: 0.5, THETA: 0.6, "clouds.race": 0.5}}
    (tmp_path / "manifest.json").write_text(json.dumps({**of_this_program(), **manifest}))
    arms = {"arm": ["asked", "asked", "loose", "loose"], "world": [0, 1, 0, 1], "replicate": [0, 1, 0, 1], "seed": 1}
    return tmp_path, pd.DataFrame(arms | {THETA: [0.6, 0.6, 0.0, 0.0], DEMAND: 0.5, "clouds.race": [0.1, 0.2, 0.1, 0.2]})


@pytest.mark.parametrize("strange", STRANGE)
def test_a_run_with_the_worlds_of_another_is_refused(a_run, strange):
    folder, table = a_run
    table.to_parquet(folder / "worlds.parquet")
    assert len(load(folder)) == len(load(folder, columns=["arm"])) == 4
    STRANGE[strange](table).to_parquet(folder / "worlds.parquet")
    with pytest.raises(InputError, match="somebody has put files of another run there"):
        load(folder, columns=["arm"])
