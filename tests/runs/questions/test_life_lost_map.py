"""The finer map of life lost: by hand in outline, the same as the quick one, stopped and continued."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from perpetuum.model.scenario import InputError
from perpetuum.model.words.speech import speaking
from perpetuum.runs.questions.life_lost_map import LifeLostMap, cells_table, summarise
from perpetuum.runs.screen.tip import show
from perpetuum.runs.study import execute as engine
from perpetuum.runs.study import side_studies

SHORT = ("tip", "--map", "--starts", "0,24", "--strengths", "0.5,1", "--worlds", "3", "--no-figures")


def worlds_of(life, failed=()):
    """The table of a study's worlds: life (cells, replicates)."""
    life = np.array(life)
    error = np.zeros(life.shape, dtype=object)
    error[:] = ""
    for place in failed:
        error[place] = "an error"
    return pd.DataFrame({"life": np.where(error == "", life, -1).ravel(), "error": error.ravel()})


# --- by hand --------------------------------------------------------------------------------------------------------


def test_a_cell_is_the_mean_of_pairs_within_five_years_and_the_unconditional_one_stands_beside_it():
    asked = LifeLostMap(starts=[0, 24], strengths=[0.5, 1.0], worlds=3)
    assert asked.cells == [(0, 0.0), (0, 0.5), (0, 1.0), (24, 0.5), (24, 1.0)]
    loose = [120, 120, 20]
    lives = [[120, 120, 20], [10, 50, 20], [120, 120, 20], [30, 120, 20]]
    summary = summarise(asked, worlds_of([loose, *lives]))
    found = summary["life_lost_map"]
    assert found["months"][0] == [0.0, pytest.approx((50 + 10 + 0) / 3)]  # of 60 months after the start
    assert found["months"][1] == [0.0, pytest.approx((84 - 30 + 0) / 2)]  # the third has fallen before month 24
    assert found["pairs"] == [[3, 3], [2, 2]]
    assert found["unconditional"][0] == [0.0, pytest.approx((110 + 70) / 3)]
    assert found["unconditional"][1] == [0.0, pytest.approx(90 / 3)]
    assert (found["worlds"], found["within"], summary["failed_worlds"]) == (3, 60, 0)
    table = cells_table(summary)
    assert table.iloc[3].to_dict() == {
        "start": 24, "date": "2027-10-01", "strength": 1.0, "months": 27.0, "low": 0.0, "high": 54.0, "pairs": 2,
        "unconditional": 30.0, "unconditional_low": 0.0, "unconditional_high": 90.0, "beyond_chance": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("third", "english", "chinese"),
    [
        (20, "3 worlds a cell (2 to 3 worlds not fallen by its month) ·", "每格3个世界（到其月份尚未倒下者：2至3个世界）"),
        (120, "3 worlds a cell ·", "每格3个世界 ·"),
    ],
)
def test_the_header_says_how_many_worlds_cells_have_of_which_late_ones_may_have_fewer(third, english, chinese):
    asked = LifeLostMap(starts=[0, 24], strengths=[1.0], worlds=3)
    summary = summarise(asked, worlds_of([[120, 120, third]] * 3))
    for language, told in (("en", english), ("zh", chinese)):
        console = Console(width=200, file=io.StringIO())
        with speaking(language):
            show(summary, console)
        assert told in " ".join(console.file.getvalue().split())


def test_a_world_that_fails_in_one_cell_is_left_out_of_all():
    asked = LifeLostMap(starts=[0], strengths=[1.0], worlds=3)
    summary = summarise(asked, worlds_of([[120, 120, 120], [60, 20, 100]], failed=[(1, 1)]))
    assert (summary["failed_worlds"], summary["life_lost_map"]["worlds"]) == (1, 2)
    assert summary["life_lost_map"]["unconditional"] == [[pytest.approx((60 + 20) / 2)]]
    with pytest.raises(InputError, match="no world could be simulated"):
        summarise(asked, worlds_of([[1, 1, 1], [1, 1, 1]], failed=[(0, 0), (1, 1), (1, 2)]))


def test_a_strength_of_nothing_is_the_loose_twin_and_not_simulated_again():
    asked = LifeLostMap(starts=[0, 6], strengths=[0.0, 1.0], worlds=2)
    assert asked.cells == [(0, 0.0), (0, 1.0), (6, 1.0)]
    found = summarise(asked, worlds_of([[120, 120], [60, 60], [80, 120]]))["life_lost_map"]
    assert found["strengths"] == [0.0, 1.0]
    assert [row[0] for row in found["unconditional"]] == [0.0, 0.0]


def test_unless_the_user_says_starts_are_those_that_leave_a_year():
    assert LifeLostMap().starts == tuple(range(0, 49, 6))
    assert LifeLostMap(months=30).starts == (0, 6, 12, 18)
    assert LifeLostMap().strengths == pytest.approx(tuple(np.arange(1, 11) / 10))


# --- on the command line --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [pytest.param((), marks=pytest.mark.slow), ("--set", "demand.strength=0.7", "--set", "funding.hold_months=20")],
)
def test_with_the_cells_and_worlds_of_the_quick_map_it_is_the_quick_map(perpetuum, settings):
    starts, strengths = (",".join(map(str, one)) for one in (side_studies.STARTS, side_studies.STRENGTHS))
    worlds = str(side_studies.SQUEEZE_WORLDS)
    _, run, _ = perpetuum("run", "--worlds", worlds, "--no-figures", "--json", *settings, readings=True)
    cells = ("--starts", starts, "--strengths", strengths, "--workers", "1")
    _, tip, _ = perpetuum("tip", "--map", *cells, "--worlds", worlds, "--no-figures", "--json", *settings)
    quick, finer = json.loads(run)["life_lost_map"], json.loads(tip)["life_lost_map"]
    quick.pop("by_world")  # a run's report shows worlds one by one; a map's table has them as a study
    assert finer == quick
    assert max(map(max, finer["months"])) > 0


@pytest.mark.slow
def test_files_hold_the_answer_and_the_worlds_as_a_study(perpetuum, tmp_path):
    code, out, _ = perpetuum(*SHORT[:-1], "--months", "60", "--out", "there")
    assert code == 0
    there = tmp_path / "there"
    assert {file.name for file in there.iterdir()} == {
        "manifest.json", "summary.json", "life_lost.parquet", "life_lost.csv", "life_lost.png", "life_lost.svg", "study",
    }  # fmt: skip
    table, written = pd.read_parquet(there / "life_lost.parquet"), pd.read_csv(there / "life_lost.csv")
    pd.testing.assert_frame_equal(table, written)
    found = json.loads((there / "summary.json").read_text())["life_lost_map"]
    assert table["months"].tolist() == [months for row in found["months"] for months in row]
    assert len(pd.read_parquet(there / "study" / "worlds.parquet")) == 5 * 3
    drawn = (there / "life_lost.svg").read_text()
    assert all(name in drawn for name in ("2000-02", "2008", "2022", "All worlds"))
    manifest = json.loads((there / "manifest.json").read_text())
    assert (manifest["kind"], manifest["worlds"], manifest["months"]) == ("tip", 3, 60)
    for words in (
        "3 worlds a cell",
        "Months of life lost",
        "To the end of the run",
        "Oct 2027",
        "past squeezes on this scale",
        "Worlds that lose less to a harder tightening than to a milder one:",
    ):
        assert words in out
    # The same again is answered from what is there.
    assert perpetuum(*SHORT, "--months", "60", "--out", "there", "--json")[0] == 0


@pytest.mark.slow
def test_stopped_it_goes_on_where_it_stood(perpetuum, monkeypatch):
    command = (*SHORT, "--months", "60", "--workers", "1", "--json", "--out")
    whole = perpetuum(*command, "whole")[1]
    real, calls = engine.run_batch, []

    def interrupted(batch):
        calls.append(list(batch.worlds))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(batch)

    monkeypatch.setattr(engine, "run_batch", interrupted)
    cut = engine.cut
    monkeypatch.setattr(engine, "cut", lambda missing, workers, batch: cut(missing, workers, 6))
    code, out, err = perpetuum(*command, "there")
    assert (code, out) == (130, "")
    assert "stopped with 6 of 15 worlds done, which are kept in 'there/study'" in err
    assert "the same command with --out there goes on from there" in err
    assert [path.name for path in Path("there").iterdir()] == ["study"]
    code, out, _ = perpetuum(*command, "there")
    assert (code, out) == (0, whole)
    assert [worlds[0] for worlds in calls] == [0, 6, 6, 12]
    same = [Path(name, "study", "worlds.parquet").read_bytes() for name in ("whole", "there")]
    assert same[0] == same[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--map --when", "--when and --map are 2 questions"),
        ("--map --over demand.strength", "--map is about when and how hard funding tightens"),
        ("--map --from 0.2", "--map is about when and how hard funding tightens"),
        ("--map --across demand.strength=1,2", "--across goes with the search for a tipping point"),
        ("--map --by 2030-12", "--by goes with the search for a tipping point"),
        ("--starts 0,12", "--starts and --strengths are those of a map or of channels: give --map or --channels too"),
        ("--strengths 0.5", "--starts and --strengths are those of a map or of channels: give --map or --channels too"),
        ("--map --starts 0,6.5", "'funding.start_month' cannot be '6.5': it takes a whole number from 0 to 600 months"),
        ("--map --starts 0,120", "from 0 to 119, the last one judged, not 120"),
        ("--map --months 8", "a map looks 12 months beyond a start, and only 8 are judged"),
        ("--map --strengths 0:2:3", "'funding.tightening' cannot be"),
        ("--map --strengths 0:1", "--strengths takes LOW:HIGH:COUNT or A,B,C, such as --strengths 0.1:1:10, not '0:1'"),
        ("--map --set funding.start_month=3", "'funding.start_month' is both set and mapped"),
        ("--map --set funding.tightening=1 --strengths 0.5", "'funding.tightening' is both set and"),
        ("--map --worlds 1", "--worlds must be a whole number from 2 to 5,000, not 1"),
    ],
)
def test_what_no_map_can_be_made_of_is_one_sentence_and_nothing_is_written(perpetuum, tmp_path, words, sentence):
    code, out, err = perpetuum("tip", "--out", "there", *words.split())
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert sentence in err
    assert not list(tmp_path.iterdir())


def test_the_folder_of_another_map_is_left_alone(perpetuum, tmp_path):
    perpetuum(*SHORT, "--months", "60", "--out", "there")
    before = (tmp_path / "there" / "summary.json").read_bytes()
    code, _, err = perpetuum(*SHORT, "--months", "60", "--out", "there", "--seed", "2")
    assert code == 2
    assert "holds another study" in err
    assert "seed" in err
    assert (tmp_path / "there" / "summary.json").read_bytes() == before
