"""Studies in their folders: the same bytes whoever simulated them, however often they were stopped; nothing lost."""

from __future__ import annotations

import csv
import errno
import json
import os
import resource
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from perpetuum.model.scenario import InputError
from perpetuum.runs.study import batches as worlds
from perpetuum.runs.study import folder as store
from perpetuum.runs.study import load, manifest, tables
from perpetuum.runs.study.description import Study
from perpetuum.runs.study.execute import StudyStopped, run_study
from perpetuum.runs.study.folder import StudyFolder
from perpetuum.runs.study.manifest import of_this_program
from tests.small_study import SERIES, TABLES, contents, parts, small

# --- the same everywhere --------------------------------------------------------------------------------------------


def test_row_groups_of_the_tables_are_those_of_the_study_not_of_its_parts(tmp_path, monkeypatch, counted):
    monkeypatch.setattr(tables, "ROWS", 10)
    run_study(small(), tmp_path / "a", batch=4)
    run_study(small(), tmp_path / "b", batch=11)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    rows = pq.read_metadata(tmp_path / "a" / "worlds.parquet")
    assert [rows.row_group(group).num_rows for group in range(rows.num_row_groups)] == [10, 10, 4]
    assert pq.read_metadata(tmp_path / "a" / "series.parquet").num_row_groups == 44


def test_rows_are_those_of_the_worlds_in_order(whole, simulated):
    table = load(whole)
    assert table["world"].tolist() == list(range(24))
    assert table["replicate"].tolist() == [0, 1, 2, 3] * 6
    assert table["demand.strength"].tolist() == [0.5] * 8 + [1.0] * 8 + [1.5] * 8
    assert table["vendor_finance.instrument"].tolist() == (["loan"] * 4 + ["equity"] * 4) * 3
    assert table.equals(simulated.worlds.to_pandas())
    months = load(whole, series=True)
    assert months.equals(simulated.series.to_pandas())
    assert months.columns.tolist() == ["world", "month", "date", *SERIES]
    assert not (whole / "parts").exists()


def test_of_two_that_write_the_same_file_at_once_each_writes_it_whole(tmp_path):
    file = tmp_path / "report.html"

    def slow(out):
        out.write(b"one")
        manifest.write_file(file, lambda other: other.write(b"the other"))
        assert file.read_bytes() == b"the other"

    manifest.write_file(file, slow)
    assert file.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [file]


def test_what_killed_writers_of_a_file_have_left_goes_after_a_day_and_nothing_else(tmp_path):
    file, day = tmp_path / "report.html", 86_400
    old, new, other = (tmp_path / f".{name}-0123abcd.partial" for name in ("report.html", "report.html.x", "other.html"))
    at_work = tmp_path / ".report.html-fedcba98.partial"
    for left in (old, new, other, at_work):
        left.write_bytes(b"half")
        os.utime(left, (time.time() - (day - 600 if left == at_work else day + 600),) * 2)
    manifest.write_file(file, lambda out: out.write(b"whole"))
    assert {*tmp_path.iterdir()} == {file, new, other, at_work}


@pytest.mark.parametrize("stage", ["worlds.parquet", "series.parquet", "summary.json", "manifest.json", "parts"])
def test_a_study_killed_while_it_merges_loses_nothing(tmp_path, whole, monkeypatch, counted, stage):
    class Killed(BaseException):
        pass

    write, remove = store.write_file, shutil.rmtree

    def failing(path, fill):
        if path.name == stage and parts(tmp_path) == 3:
            (path.parent / f".{path.name}.partial").write_bytes(b"half")
            raise Killed
        write(path, fill)

    def halfway(path, *args, **kwargs):
        if stage == "parts":
            next(path.iterdir()).unlink()
            raise Killed
        remove(path, *args, **kwargs)

    for module in (store, manifest):
        monkeypatch.setattr(module, "write_file", failing)
    monkeypatch.setattr(store.shutil, "rmtree", halfway)
    with pytest.raises(Killed):
        run_study(small(), tmp_path, batch=8)
    for module in (store, manifest):
        monkeypatch.setattr(module, "write_file", write)
    monkeypatch.setattr(store.shutil, "rmtree", remove)
    assert counted == [8, 8, 8]
    run_study(small(), tmp_path)
    assert counted == [8, 8, 8]
    assert contents(tmp_path) == contents(whole)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(["manifest.json", "study.toml", *TABLES])


# --- resuming -------------------------------------------------------------------------------------------------------


def test_a_stopped_study_goes_on_where_it_stood_whatever_its_batches_were(tmp_path, whole, counted):
    def stop(done, total):
        if done >= 10:
            raise KeyboardInterrupt

    with pytest.raises(StudyStopped, match="stopped with 10 of 24 worlds done, which are kept in"):
        run_study(small(), tmp_path, batch=5, progress=stop)
    assert json.loads((tmp_path / "manifest.json").read_text())["state"] == "running"
    assert load(tmp_path)["world"].tolist() == list(range(10))
    assert load(tmp_path, series=True)["world"].unique().tolist() == list(range(10))
    (tmp_path / "parts" / "worlds-000000000-000000005.parquet").unlink()
    seen = []
    run_study(small(), tmp_path, batch=3, progress=lambda done, total: seen.append((done, total)))
    assert counted == [5, 5, 3, 2, 3, 3, 3, 3, 2]
    assert seen == [(8, 24), (10, 24), (13, 24), (16, 24), (19, 24), (22, 24), (24, 24)]
    assert contents(tmp_path) == contents(whole)


def test_a_finished_study_is_not_simulated_or_written_again(tmp_path, whole, counted):
    shutil.copytree(whole, tmp_path / "study")
    before = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "study").iterdir()}
    seen = []
    summary = run_study(small(), tmp_path / "study", workers=2, progress=lambda *worlds: seen.append(worlds))
    assert counted == []
    assert seen == [(24, 24)]
    assert summary == json.loads((whole / "summary.json").read_text())
    assert {file.name: file.stat().st_mtime_ns for file in (tmp_path / "study").iterdir()} == before


def test_a_damaged_batch_is_simulated_again(tmp_path, whole, counted):
    with pytest.raises(StudyStopped):
        run_study(small(), tmp_path, batch=6, progress=_stop_at_once)
    damaged = tmp_path / "parts" / "worlds-000000000-000000006.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-100])
    run_study(small(), tmp_path, batch=6)
    assert counted == [6, 6, 6, 6, 6]
    assert contents(tmp_path) == contents(whole)


def _stop_at_once(done, total):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"replicates": 5}, "replicates"),
        ({"seed": 2}, "seed"),
        ({"months": 8}, "months"),
        ({"series": ()}, "series"),
        ({"overrides": {"vendor.lock_in": 0.5}}, "vendor.lock_in"),
        ({"vary": {"demand.strength": "0.5:1.6:3", "vendor_finance.instrument": "loan,equity"}}, "demand.strength"),
    ],
)
def test_another_study_in_the_folder_is_refused_with_what_differs(whole, changed, what):
    before = contents(whole)
    with pytest.raises(InputError, match=f"holds another study: {what}"):
        run_study(small(**changed), whole)
    assert contents(whole) == before


def test_a_folder_with_other_things_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match=r"holds other files \(thesis.txt\)"):
        run_study(small(), tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({**of_this_program(), "worlds": 3}))
    with pytest.raises(InputError, match="holds a run, not a study"):
        run_study(small(), tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read"):
        run_study(small(), tmp_path)
    with pytest.raises(InputError, match="is a file, not a folder"):
        run_study(small(), tmp_path / "thesis.txt")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["manifest.json", "thesis.txt"]


def test_two_programs_cannot_work_on_one_study_at_once(tmp_path):
    with StudyFolder(tmp_path).open(small()), pytest.raises(InputError, match="another program is at work"):
        run_study(small(), tmp_path)
    with StudyFolder(tmp_path).open(small()) as folder:
        assert folder.missing() == [(0, 24)]


# --- files ----------------------------------------------------------------------------------------------------------


def test_series_are_left_out_where_none_are_asked_for(tmp_path):
    run_study(small(series=()), tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "manifest.json",
        "study.toml",
        "summary.json",
        "worlds.parquet",
    ]
    with pytest.raises(InputError, match="keeps no series"):
        load(tmp_path, series=True)


def test_the_manifest_says_what_it_takes_to_run_the_study_again(whole):
    manifest = json.loads((whole / "manifest.json").read_text())
    assert manifest["state"] == "finished"
    assert Study.from_dict(manifest["study"]) == small()
    assert manifest["files"] == ["manifest.json", "study.toml", "summary.json", "worlds.parquet", "series.parquet"]
    assert {"versions", "git", "machine", "command", "started", "finished", "wall_seconds"} <= set(manifest)


def test_the_summary_counts_what_the_table_holds(tmp_path, monkeypatch):
    from tests.runs.study.test_batches import FrailEconomy

    monkeypatch.setattr(worlds, "make_economy", FrailEconomy)
    vary = {"demand.strength": "0.5,0.9,1.1"}
    summary = run_study(small(vary=vary, overrides={"funding.tightening": 1.0}), tmp_path)
    table = load(tmp_path)
    fine = table[table["error"] == ""]
    assert summary["worlds"] == 12
    assert summary["failed"] == 4 == (table["demand.strength"] == 0.9).sum()
    for kind, column in (("outcomes", "state"), ("first_dominoes", "first_domino")):
        for name, share in summary[kind].items():
            assert share["share"] == (fine[column] == name).mean()
    assert summary["metrics"]["final_revenue"]["median"] == fine["final_revenue"].median()
    assert "demand.strength" not in summary["metrics"]


def test_csv_on_request_holds_the_same_table(tmp_path, whole, counted):
    run_study(small(), tmp_path, csv=True)
    assert counted == [24]
    with (tmp_path / "worlds.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    table = load(whole)
    assert list(rows[0]) == table.columns.tolist()
    for name in table.columns:
        kind = str if table[name].dtype == "str" else float
        told = [kind(row[name] or "nan") if kind is float else row[name] for row in rows]
        np.testing.assert_array_equal(told, table[name].tolist(), err_msg=name)
    (tmp_path / "worlds.csv").unlink()
    run_study(small(), tmp_path, csv=True)
    assert counted == [24]
    assert (tmp_path / "worlds.csv").is_file()
    assert "worlds.csv" in json.loads((tmp_path / "manifest.json").read_text())["files"]


def test_load_reads_a_run_and_chosen_columns_too(tmp_path, capsys):
    from perpetuum.runs.commands import cli

    out = str(tmp_path / "run")
    assert (
        cli.main(["run", "triangle", "--worlds", "2", "--months", "3", "--no-figures", "--no-side-studies", "--out", out])
        == 0
    )
    capsys.readouterr()
    assert load(out)["arm"].tolist() == ["asked", "asked", "loose", "loose"]
    assert len(load(out, series=True)) == 2 * 2 * 14
    assert load(out, columns=["world", "state"]).columns.tolist() == ["world", "state"]
    with pytest.raises(InputError, match="did you mean 'first_domino'"):
        load(out, columns=["first_domin"])
    with pytest.raises(InputError, match="has no worlds"):
        load(tmp_path)


def test_a_study_without_worlds_or_out_of_range_is_refused_before_anything_is_made(tmp_path):
    with pytest.raises(InputError, match="at least one world"):
        run_study(replace(small(), varied={"demand.strength": []}), tmp_path / "study")
    with pytest.raises(InputError, match=r"'demand.strength' cannot be 99"):
        run_study(replace(small(), varied={"demand.strength": [99.0]}), tmp_path / "study")
    with pytest.raises(InputError, match="replicates must be"):
        small(replicates=0)
    assert not (tmp_path / "study").exists()


# --- disks ----------------------------------------------------------------------------------------------------------


def test_a_disk_that_is_full_is_told_in_a_sentence_and_loses_nothing(tmp_path, whole, monkeypatch, counted):
    sync = os.fsync
    written = []

    def full(number):
        written.append(number)
        if len(written) > 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(number)

    monkeypatch.setattr(manifest.os, "fsync", full)
    with pytest.raises(InputError, match="no space left on device: what is finished is kept, run the same again to go on"):
        run_study(small(), tmp_path, batch=6)
    monkeypatch.setattr(manifest.os, "fsync", sync)
    assert parts(tmp_path) == 1
    assert not list((tmp_path / "parts").glob(".*"))
    run_study(small(), tmp_path)
    assert contents(tmp_path) == contents(whole)


def test_a_table_that_does_not_fit_is_told_and_the_batches_are_kept(tmp_path, whole, counted):
    with pytest.raises(StudyStopped):
        run_study(small(), tmp_path, batch=24, progress=_stop_at_once)
    size = (whole / "worlds.parquet").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size - 1000, hard))
    try:
        with pytest.raises(InputError, match="file too large: what is finished is kept"):
            run_study(small(), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["manifest.json", "parts", "study.toml"]
    run_study(small(), tmp_path)
    assert counted == [24]
    assert contents(tmp_path) == contents(whole)


def test_a_folder_that_may_not_be_written_is_told_in_a_sentence(monkeypatch, tmp_path):
    def refuse(self, *args, **kwargs):
        raise PermissionError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(InputError, match="read-only file system"):
        run_study(small(), tmp_path / "study")


def test_a_manifest_that_an_editor_saved_with_a_byte_order_mark_is_read(tmp_path, whole):
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    told = (copy / "manifest.json").read_bytes()
    (copy / "manifest.json").write_bytes(b"\xef\xbb\xbf" + told)
    assert len(load(copy)) == len(load(whole))
