"""The sweep command: what it prints and writes, how it is stopped and continued, and what it refuses."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perpetuum.runs.commands import cli, options, sweep
from perpetuum.runs.questions.overview import overview
from perpetuum.runs.screen import study as screen
from perpetuum.runs.study import estimate as costs
from perpetuum.runs.study import execute as engine
from perpetuum.runs.study.description import Study, make_study
from perpetuum.runs.study.estimate import estimate

SHORT = ("--vary", "funding.tightening=0:1:3", "--replicates", "2", "--months", "3")


@pytest.fixture
def perpetuum(capsys, monkeypatch, tmp_path):
    """Run the command line in an empty folder: returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(options, "compile_first", lambda: True)

    def call(*arguments: str):
        code = cli.main(list(arguments))
        return code, *capsys.readouterr()

    return call


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*") if not file.name.startswith(".")}


# --- the answer -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "words", "said"),
    [
        (
            '"demand.strength" = 0.5\n[set.demand]\nstrength = 2.0',
            "",
            "in 's.toml': 'demand.strength' stands twice, with quotes and",
        ),
        ('"demand.strength" = nan', "", "in 's.toml': 'demand.strength' cannot be nan: it takes from"),
        (
            '"demand.strength" = 1',
            "--samples 0",
            "'s.toml' says what is varied and set: write there what --samples would say",
        ),
        (
            '"demand.strength" = 1',
            "--design ''",
            "'s.toml' says what is varied and set: write there what --design would say",
        ),
        ('"demand.strength" = 1', "--seed -1", "--seed must be a whole number of at least 0"),
    ],
)
def test_what_is_wrong_in_a_studys_file_is_told_with_its_name(perpetuum, tmp_path, lines, words, said):
    (tmp_path / "s.toml").write_text(f'months = 2\n[set]\n{lines}\n[vary]\n"funding.tightening" = "0,1"\n')
    code, out, err = perpetuum("sweep", "--study", "s.toml", *shlex.split(words), "--out", "there")
    assert (code, out) == (2, "")
    assert err.startswith(f"perpetuum: {'--study: ' if said.startswith('in') else ''}{said}")
    assert [one.name for one in tmp_path.iterdir()] == ["s.toml"]


def test_a_sweep_answers_on_one_screen_and_says_where_the_files_are(perpetuum):
    code, out, err = perpetuum("sweep", *SHORT, "--vary", "vendor_finance.instrument=equity,loan", "--out", "there", "--csv")
    assert (code, err) == (0, "")
    for words in (
        "6 cells × 2 replicates = 12 worlds · 3 months",
        "has fallen in none of 12 worlds",
        "funding.tightening",
        "equity",
        "there/",
        "perpetuum plot there",
    ):
        assert words in out, words
    assert max(map(len, out.splitlines())) <= 96
    assert files(Path("there")) == {"manifest.json", "study.toml", "summary.json", "worlds.parquet", "worlds.csv"}
    worlds = pd.read_csv("there/worlds.csv")
    assert (
        worlds["vendor_finance.instrument"].tolist() == ["equity"] * 2 + ["loan"] * 2 + (["equity"] * 2 + ["loan"] * 2) * 2
    )


def test_the_same_command_answers_again_without_simulating(perpetuum, monkeypatch):
    first = perpetuum("sweep", *SHORT, "--out", "there")
    monkeypatch.setattr(engine, "run_batch", lambda batch: pytest.fail("a finished study is not simulated again"))
    assert perpetuum("sweep", *SHORT, "--out", "there") == first


@pytest.mark.slow
def test_the_study_file_of_a_folder_gives_the_same_worlds(perpetuum):
    how = ("--vary", "demand.strength=0.5:1", "--design", "sobol", "--samples", "4", "--set", "funding.tightening=1")
    assert perpetuum("sweep", *how, "--months", "2", "--replicates", "1", "--out", "a")[0] == 0
    assert perpetuum("sweep", "a/study.toml", "--out", "b")[0] == 0
    assert perpetuum("sweep", "--study", "a/study.toml", "--out", "c")[0] == 0
    whole = Path("a/worlds.parquet").read_bytes()
    assert Path("b/worlds.parquet").read_bytes() == Path("c/worlds.parquet").read_bytes() == whole


def test_json_carries_the_summary_and_where_worlds_fall(perpetuum):
    code, out, _ = perpetuum("sweep", *SHORT, "--out", "there", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["worlds"], found["cells"], found["folder"]) == (6, 3, "there")
    assert [group["value"] for group in found["along"]["funding.tightening"]] == [0, 0.5, 1]
    assert found["outcomes"]["spinning"]["share"] == 1
    assert found["most_fall"] == []


@pytest.mark.parametrize(
    ("series", "columns"), [("capex,gold_price", {"capex", "gold_price"}), ("all", {"sentiment", "capex"})]
)
def test_series_are_kept_on_request(series, columns, perpetuum):
    assert perpetuum("sweep", *SHORT, "--series", series, "--out", "there")[0] == 0
    kept = pd.read_parquet("there/series.parquet")
    assert len(kept) == 6 * 14  # three months judged
    assert columns <= set(kept)
    assert "vendor_revenue" not in kept or series == "all"


# --- stopping and going on ------------------------------------------------------------------------------------------


def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(perpetuum, monkeypatch):
    command = ("sweep", *SHORT, "--workers", "1", "--batch", "2", "--out")
    perpetuum(*command, "whole")
    real, calls = engine.run_batch, []

    def interrupted(batch):
        calls.append(batch.worlds)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(batch)

    monkeypatch.setattr(engine, "run_batch", interrupted)
    code, out, err = perpetuum(*command, "there")
    assert (code, out) == (130, "")
    assert "4 of 6 worlds" in err
    assert "run the same again to go on" in err
    assert "nothing was written" not in err
    assert "study.toml" in files(Path("there"))
    assert "done   4 worlds" in perpetuum(*command, "there", "--dry-run")[1]
    assert perpetuum(*command, "there")[0] == 0
    assert [list(worlds) for worlds in calls] == [[0, 1], [2, 3], [4, 5], [4, 5]]
    assert Path("there/worlds.parquet").read_bytes() == Path("whole/worlds.parquet").read_bytes()


def test_without_a_terminal_progress_is_a_line_now_and_then(perpetuum, monkeypatch):
    monkeypatch.setattr(sweep, "PATIENCE", 0.0)
    _, _, err = perpetuum("sweep", *SHORT, "--workers", "1", "--batch", "2", "--out", "there")
    lines = err.splitlines()
    assert [line.partition(" worlds")[0] for line in lines] == ["2 of 6", "4 of 6"]
    assert all("world-months a second" in line and "left" in line for line in lines)


def test_what_a_grid_has_anyway_is_not_asked_for(perpetuum):
    code, out, err = perpetuum("sweep", *SHORT, "--same-luck", "--out", "there")
    assert (code, out) == (2, "")
    assert "--same-luck is for sampled designs: all cells of a grid have the same luck anyway" in err
    assert not Path("there").exists()


# --- what it would cost ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_dry_run_counts_and_estimates_and_writes_nothing(perpetuum, monkeypatch):
    monkeypatch.setattr(costs, "PROBED", 16)
    code, out, _ = perpetuum(
        "sweep", "--vary", "funding.tightening=0:1:441", "--months", "12", "--out", "there", "--dry-run"
    )
    assert code == 0
    for words in ("441 cells × 20 replicates = 8,820 worlds", "202,860 world-months", "time   about", "Nothing was written"):
        assert words in out, words
    assert not Path("there").exists()
    about = json.loads(perpetuum("sweep", *SHORT, "--dry-run", "--json")[1])
    assert (about["cells"], about["worlds"], about["world_months"], about["done"]) == (3, 6, 84, 0)


@pytest.mark.slow
def test_an_estimate_grows_with_worlds_and_bounds_the_disk(tmp_path):
    few, many = (make_study("ono_2025", {"lead_lab.cash": f"5:40:{n}"}, months=3, replicates=8) for n in (20, 60))
    cost = [estimate(one, workers=1) for one in (few, many)]
    assert cost[1].bytes == pytest.approx(3 * cost[0].bytes, rel=0.01)
    engine.run_study(few, tmp_path / "there")
    real = (tmp_path / "there" / "worlds.parquet").stat().st_size
    assert real < cost[0].bytes < 10 * real


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (40, "40 s"), (700, "12 min"), (12600, "3.5 h"), (360000, "100.0 h")]
)
def test_a_duration_is_said_as_a_person_would(seconds, words):
    assert screen.duration(seconds) == words


# --- where worlds fall ----------------------------------------------------------------------------------------------


def told(study: Study, falls: list[int], failed: int = 0) -> dict:
    """The overview of a study whose worlds with these numbers fall, and whose last ones could not be simulated."""
    n = study.worlds
    cells = [world // study.replicates for world in range(n)]
    worlds = pd.DataFrame({name: [column[cell] for cell in cells] for name, column in study.varied.items()})
    worlds["world"] = range(n)
    worlds["state"] = ["fallen" if world in falls else "spinning" for world in range(n)]
    worlds["error"] = ["" if world < n - failed else "OverdraftError in month 3" for world in range(n)]
    return overview(study, worlds)


def test_the_cells_where_the_most_fall_come_first():
    study = make_study("ono_2025", {"funding.tightening": "0,1", "demand.strength": "0.5,1"}, replicates=4)
    found = told(study, [8, 9, 10, 12])
    assert found["cells_that_fall"] == 2
    assert [one["fallen"]["share"] for one in found["most_fall"]] == [0.75, 0.25]
    assert found["most_fall"][0]["cell"] == {"funding.tightening": 1.0, "demand.strength": 0.5}
    assert found["as_many_fall_in"] == 1
    assert [group["fallen"] for group in found["along"]["funding.tightening"]] == [0, 0.5]
    assert [group["fallen"] for group in found["along"]["demand.strength"]] == [0.375, 0.125]


def test_many_values_are_told_in_groups_that_hold_all_worlds():
    study = make_study("ono_2025", {"funding.tightening": "0:1:21"}, replicates=2)
    groups = told(study, [40, 41])["along"]["funding.tightening"]
    assert len(groups) == 5
    assert sum(group["worlds"] for group in groups) == 42
    assert groups[-1]["fallen"] == pytest.approx(2 / groups[-1]["worlds"])


def test_worlds_that_failed_are_counted_apart():
    study = make_study("ono_2025", {"funding.tightening": "0,1"}, replicates=4)
    found = told(study, [4, 7], failed=2)
    assert found["errors"] == {"OverdraftError in month 3": 2}
    assert found["most_fall"][0]["worlds"] == 2
    assert found["most_fall"][0]["fallen"]["share"] == 0.5


def test_samples_have_their_own_luck_and_draws_unless_told_otherwise():
    def luck(kind, vary, samples, **how):
        study = make_study("ono_2025", vary, design=kind, samples=samples, replicates=2, **how)
        return study.batch(0, study.worlds).shocks.tolist()

    two = {"demand.strength": "0.5:2", "funding.tightening": "0:1"}
    assert luck("lhs", two, 3, own_luck=True) == [0, 1, 2, 3, 4, 5]
    assert luck("lhs", two, 3) == [0, 1] * 3
    # The four cells of a saltelli sample of two parameters share its luck.
    assert luck("saltelli", two, 2, own_luck=True) == [0, 1] * 4 + [2, 3] * 4


def test_a_sweep_draws_what_it_neither_sets_nor_varies(perpetuum, tmp_path):
    arguments = (
        "sweep",
        "--vary",
        "funding.tightening=0:1:2",
        "--set",
        "labs.appetite=0.03",
        "--replicates",
        "3",
        "--months",
        "1",
    )
    assert perpetuum(*arguments, "--out", "drawn")[0] == 0
    assert perpetuum(*arguments, "--fixed", "--out", "fixed")[0] == 0
    drawn, fixed = (pd.read_parquet(tmp_path / name / "worlds.parquet") for name in ("drawn", "fixed"))
    strength = drawn["demand.strength"].to_numpy().reshape(2, 3)
    assert len(set(strength[0])) == 3
    np.testing.assert_array_equal(strength[0], strength[1])  # arms of a replicate share the draw
    assert "labs.appetite" not in drawn
    assert "demand.strength" not in fixed


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--vary", "funding.tightening=0:1:3"), "needs --out"),
        (("--out", "new"), "at least one parameter"),
        (("--vary", "funding.tightening=0:1", "--out", "new"), "funding.tightening=0:1:5"),
        (("--vary", "funding.tightening=0:1:3", "--set", "funding.tightening=1", "--out", "new"), "both set and varied"),
        (("--vary", "funding.tightening=0:1:3", "--set", "demand.strenth=1", "--out", "new"), "did you mean"),
        (("--vary", "funding.tightening=0:1:3", "--replicates", "0", "--out", "new"), "replicates"),
        (("--vary", "funding.tightening=0:1:3", "--months", "601", "--out", "new"), "from 1 to 600"),
        (("--vary", "funding.tightening=0:1:3", "--series", "capx", "--out", "new"), "did you mean 'capex'?"),
        (("--vary", "funding.tightening=0:1:3", "--workers", "0", "--out", "new"), "--workers takes"),
        (("--vary", "funding.tightening=0:1:3", "--batch", "0", "--out", "new"), "--batch takes"),
        (("--vary", "funding.tightening=0:1:3", "--batch", "20001", "--out", "new"), "from 1 to 20,000, not 20,001"),
        (("--vary", "funding.tightening=0:1:3", "--design", "cells", "--out", "new"), "give it with --study"),
        (("--vary", "funding.tightening=0:1", "--design", "sobol", "--samples", "6", "--out", "new"), "4 or 8"),
        (("nowhere", "--vary", "funding.tightening=0:1:3", "--out", "new"), "unknown preset"),
        (("--study", "nowhere.toml", "--out", "new"), "does not exist"),
        (
            ("--study", "study.toml", "--vary", "funding.tightening=0:1:3", "--out", "new"),
            "write there what --vary would say",
        ),
        (("--vary", "funding.tightening=0:1:3", "--out", "full"), "holds other files"),
    ],
)
def test_a_wrong_sweep_is_told_in_a_sentence_before_anything_is_written(arguments, words, perpetuum):
    Path("full").mkdir()
    Path("full/letter.txt").write_text("dear")
    before = files(Path())
    code, out, err = perpetuum("sweep", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1
    assert files(Path()) == before


def test_another_study_in_the_folder_is_refused_with_what_differs(perpetuum):
    perpetuum("sweep", *SHORT, "--out", "there")
    before = Path("there/worlds.parquet").read_bytes()
    for extra in ((), ("--dry-run",)):
        code, _, err = perpetuum("sweep", *SHORT, "--seed", "2", "--out", "there", *extra)
        assert code == 2
        assert "seed 2 here, 1 there" in err
    assert Path("there/worlds.parquet").read_bytes() == before
