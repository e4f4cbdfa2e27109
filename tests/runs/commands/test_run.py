"""A run: its dated answer in numbers, its files, its side studies, and worlds that draw what nobody knows."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from perpetuum.model.books.payment_kinds import DYES
from perpetuum.model.observed.outcome import PAIRS
from perpetuum.model.observed.series import SERIES
from perpetuum.model.observed.states import STATES
from perpetuum.model.presets import preset_names
from perpetuum.model.scenario import load_preset
from perpetuum.runs.commands import cli
from perpetuum.runs.study import arms, batches, side_studies
from perpetuum.runs.study import folder as store
from perpetuum.runs.study.question import Question
from perpetuum.runs.study.summary import summarise
from tests.fakes import FakeEconomy

DRAWN_NAMES = ("states", "outside_money", "life_lost", "fans", "who_funds_the_machine", "money_ring")

# --- the answer ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_run_answers_on_one_screen_and_says_where_the_files_are(perpetuum, tmp_path):
    code, out, err = perpetuum("run", "--worlds", "20", "--out", "there", readings=True)
    assert (code, err) == (0, "")
    words_of = " ".join(out.split())
    for words in (
        "By Sep 2035, ",
        "What becomes of it?",
        "end of 2026",
        "half the demand",
        "if money stopped",
        "what decides it",
        "the neocloud",
        "their own money coming back",
        "gone without vendor finance: ",
        "; lost: ",
        "in answer.txt there; with --full on the screen",
        "asked in Oct 2024",
        "there",
    ):
        assert words in words_of, words
    assert len(out.splitlines()) <= 66
    assert max(map(len, out.splitlines())) <= 100
    names = {file.name for file in (tmp_path / "there").iterdir()}
    figures = {f"{name}.{kind}" for name in DRAWN_NAMES for kind in ("png", "svg")}
    assert names == figures | {
        "answer.txt",
        "manifest.json",
        "summary.json",
        "worlds.parquet",
        "series.parquet",
        "events.parquet",
        "firms.parquet",
    }


def test_summary_has_the_interface_of_the_design(perpetuum, tmp_path):
    code, out, _ = perpetuum("run", "--worlds", "10", "--out", "there", "--json", "--no-figures")
    summary = json.loads(out)
    assert code == 0
    assert summary == json.loads((tmp_path / "there" / "summary.json").read_text())
    for part in (summary, summary["loose"]):
        assert part["worlds"] == 10
        assert set(part["outcomes"]) == set(STATES)
        assert {"share", "low", "high"} == set(part["outcomes"]["fallen"])
        assert {"median", "low", "high"} == set(part["metrics"]["drawdown"]) == set(part["reckoning"]["gain:vendors"])
    assert set(summary["paired"]) == set(PAIRS)
    assert sum(one["share"] for one in summary["paired"].values()) == pytest.approx(1.0)
    assert summary["circularity"]["caused_share"]["median"] > 0


def test_tables_have_the_columns_of_the_design(perpetuum, tmp_path):
    perpetuum(
        "run",
        "--worlds",
        "7",
        "--months",
        "40",
        "--set",
        "demand.strength=0.7",
        "--out",
        "there",
        "--no-figures",
    )
    worlds = pq.read_table(tmp_path / "there" / "worlds.parquet")
    leading = ["arm", "world", "replicate", "seed", "funding.tightening", "demand.strength"]
    assert worlds.column_names[:6] == leading
    unknowns = [one.name for one in load_preset("ono_2025").unknowns if one.name != "demand.strength"]
    after = 6 + len(unknowns)
    assert worlds.column_names[6:after] == unknowns
    assert worlds.column_names[after : after + 5] == ["state", "fallen_month", "alone_month", "cause", "life"]
    assert worlds.num_rows == 14
    assert worlds["arm"].to_pylist() == ["asked"] * 7 + ["loose"] * 7
    assert worlds["funding.tightening"].to_pylist() == [0.6] * 7 + [0.0] * 7
    assert {"drawdown", "full_ratio_last", "caused_share"} <= set(worlds.column_names)
    series = pq.read_table(tmp_path / "there" / "series.parquet")
    assert series.column_names == ["arm", "world", "month", "date", *SERIES]
    assert series.num_rows == 2 * 7 * 51  # 40 months judged, 51 simulated
    assert series["month"].to_pylist()[:51] == list(range(51))
    assert series["date"][0].as_py() == datetime.date(2025, 10, 1)
    events = pq.read_table(tmp_path / "there" / "events.parquet")
    assert events.column_names == ["arm", "world", "month", "date", "who", "kind", "whom", "cause", "amount", "text"]
    assert set(events["arm"].to_pylist()) <= {"asked", "loose"}
    assert events.num_rows > 0


def test_manifest_says_what_it_takes_to_run_it_again(perpetuum, tmp_path):
    perpetuum(
        "run",
        "--worlds",
        "3",
        "--seed",
        "9",
        "--set",
        "demand.strength=0.5",
        "--out",
        "there",
        "--no-figures",
    )
    manifest = json.loads((tmp_path / "there" / "manifest.json").read_text())
    assert (manifest["preset"], manifest["seed"], manifest["worlds"]) == ("ono_2025", 9, 3)
    assert manifest["overrides"] == {"demand.strength": 0.5}
    assert manifest["parameters"]["funding.tightening"] == 0.6
    assert {"python", "numpy"} <= set(manifest["versions"])
    assert manifest["wall_seconds"] > 0
    assert sorted(manifest["files"]) == sorted(file.name for file in (tmp_path / "there").iterdir())


def test_months_of_a_world_add_up_to_what_its_row_says_in_every_arm(fake):
    answer = arms.simulate(Question("ono_2025", {}, worlds=3, seed=1, months=30), batch=6)
    for arm in answer.arms.values():
        added_up = arm.drawn["vendor_revenue"].sum(axis=1)
        assert added_up == pytest.approx(arm.of("vendor_revenue_sum"), rel=1e-6), arm.name


def test_tables_of_months_and_of_worlds_tell_of_the_same_arms(perpetuum, tmp_path):
    perpetuum("run", "--worlds", "3", "--months", "60", "--set", "funding.tightening=1", "--out", "there", "--no-figures")
    worlds, series = (pq.read_table(tmp_path / "there" / f"{name}.parquet").to_pandas() for name in ("worlds", "series"))
    series = series[series["month"] < 60]
    added_up = series.groupby(["arm", "world"])["vendor_revenue"].sum()
    told = worlds.set_index(["arm", "world"])["vendor_revenue_sum"]
    assert added_up.to_dict() == pytest.approx(told.to_dict())
    assert told["asked"].sum() < told["loose"].sum()


def test_series_writes_only_the_columns_asked_for(perpetuum, tmp_path):
    perpetuum("run", "--worlds", "2", "--series", "capex,gpu_price", "--out", "there", "--no-figures")
    series = pq.read_table(tmp_path / "there" / "series.parquet")
    assert series.column_names == ["arm", "world", "month", "date", "capex", "gpu_price"]


def test_ladder_has_six_rungs_and_reuses_the_arms_it_shares(perpetuum, monkeypatch):
    widths = []
    monkeypatch.setattr(batches, "make_economy", lambda s: (widths.append(s.worlds), FakeEconomy(s))[1])
    code, out, _ = perpetuum("run", "--worlds", "10", "--ladder", "--no-figures", "--json")
    assert code == 0
    # Asked (0.6), loose (0), no vendor finance, and the four rungs that are neither 0 nor 0.6.
    assert widths == [70]
    rungs = json.loads(out)["ladder"]
    assert [rung["theta"] for rung in rungs] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert [rung["rate_bp"] for rung in rungs] == pytest.approx([0, 60, 120, 180, 240, 300])
    falls = [rung["outcomes"]["fallen"]["share"] for rung in rungs]
    assert falls == sorted(falls)
    assert falls[3] == json.loads(out)["outcomes"]["fallen"]["share"]


@pytest.mark.slow
def test_ladder_prints_what_each_rung_means_and_is_drawn(perpetuum, tmp_path):
    _, out, _ = perpetuum("run", "--worlds", "5", "--ladder", "--out", "there")
    for words in ("+300 bp", "−100 %", "2000-02", "2008", "2022"):
        assert words in out
    drawn = (tmp_path / "there" / "ladder.svg").read_text()
    for words in ("2000-02", "Degree of tightening", "fallen", "spinning", "smaller", "alone"):
        assert words in drawn


def test_batches_do_not_change_the_answer(fake):
    question = Question("ono_2025", {}, worlds=11, seed=3, months=60)
    whole, cut = arms.simulate(question), arms.simulate(question, batch=6)
    for name in ("asked", "loose", "no_vendor_finance"):
        one, other = whole.arms[name], cut.arms[name]
        assert one.of("outcome").tolist() == other.of("outcome").tolist()
        assert np.array_equal(one.drawn["vendor_revenue"], other.drawn["vendor_revenue"])
        assert all(np.array_equal(one.dyes[dye], other.dyes[dye]) for dye in DYES)
    assert whole.asked.moved_thresholds == cut.asked.moved_thresholds
    assert sum(whole.asked.moved_thresholds["shed"]["lower"].values()) == pytest.approx(1.0)
    np.testing.assert_array_equal(whole.asked.states.state, cut.asked.states.state)


@pytest.mark.slow
def test_without_tightening_there_is_nothing_to_blame(perpetuum, monkeypatch):
    widths = []
    monkeypatch.setattr(batches, "make_economy", lambda s: (widths.append(s.worlds), FakeEconomy(s))[1])
    code, out, _ = perpetuum("run", "--worlds", "4", "--set", "funding.tightening=0", "--out", "there")
    assert code == 0
    assert widths == [8]  # the loose twin is the same arm
    assert "Funding does not tighten within the run" in " ".join(out.split())
    assert "loose money" not in out


def test_a_run_of_one_month_and_one_world_works(perpetuum):
    code, out, _ = perpetuum("run", "--worlds", "1", "--months", "1")
    assert code == 0
    assert "1 world · 1 month from" in out
    assert "Funding does not tighten within the run" in " ".join(out.split())


@pytest.mark.slow
def test_running_again_into_the_same_folder_replaces_its_files_and_keeps_others(perpetuum, tmp_path):
    perpetuum("run", "--worlds", "2", "--out", "there")
    (tmp_path / "there" / "notes.txt").write_text("mine")
    perpetuum("run", "--worlds", "3", "--out", "there", "--no-figures", "--force")
    names = {file.name for file in (tmp_path / "there").iterdir()}
    assert names == {
        "notes.txt",
        "answer.txt",
        "manifest.json",
        "summary.json",
        "worlds.parquet",
        "series.parquet",
        "events.parquet",
        "firms.parquet",
    }
    assert json.loads((tmp_path / "there" / "summary.json").read_text())["worlds"] == 3


def test_default_folder_is_named_after_the_preset_and_never_reused(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5)
    first = store.default_folder("ono_2025", now=moment)
    assert first == Path("results/ono_2025-20260102-030405")
    first.mkdir(parents=True)
    assert store.default_folder("ono_2025", now=moment) != first


@pytest.mark.slow
def test_the_real_economy_answers_and_batches_do_not_change_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run", "--worlds", "3", "--months", "14", "--out", "there", "--no-figures", "--no-side-studies"]) == 0
    assert "How circular is it?" in (tmp_path / "there" / "answer.txt").read_text(encoding="utf-8")
    assert "their own money" in capsys.readouterr().out
    whole = pq.read_table(tmp_path / "there" / "series.parquet")
    assert whole.num_rows == 2 * 3 * 25
    assert np.isfinite(whole["vendor_revenue"].to_numpy()).all()
    cut = arms.simulate(Question("ono_2025", {}, worlds=3, seed=1, months=14), batch=6)  # two worlds and one, in three arms
    drawn = whole["vendor_revenue"].to_numpy().astype(np.float32)[: 3 * 25].reshape(3, 25)[:, :14]
    assert np.array_equal(cut.asked.drawn["vendor_revenue"], drawn)
    # To the last digit, as the file has it: an arm more makes batches smaller (`--ladder`).
    told = json.loads((tmp_path / "there" / "summary.json").read_text())
    assert json.loads(json.dumps(summarise(cut))) == told


# --- side studies and unknowns --------------------------------------------------------------------------------


def test_side_studies_live_through_the_shocks_of_the_first_replicates(fake, monkeypatch):
    made = []
    monkeypatch.setattr(batches, "make_economy", lambda s: (made.append(s), FakeEconomy(s))[1])
    found = side_studies.run_side_studies(Question("ono_2025", {}, worlds=40, seed=2))
    (scenario,) = made
    value = {name: np.asarray(values) for name, values in scenario.values.items() if np.ndim(values)}
    weak, strong, stop, other = (slice(40 * k, 40 * k + 40) for k in range(4))
    assert scenario.replicates[weak].tolist() == scenario.replicates[stop].tolist() == list(range(40))
    drawn = side_studies.own_draws(Question("ono_2025", {}, worlds=40, seed=2), 40)
    np.testing.assert_allclose(value["demand.strength"][weak], drawn["demand.strength"] / 2)
    np.testing.assert_allclose(value["demand.strength"][strong], drawn["demand.strength"] * 2)
    assert value["funding.stop_month"][stop].tolist() == [0] * 40
    assert set(value["funding.stop_month"][weak]) == {-1}
    # Under other luck a world keeps its draws, and shares no shock with any world of the run.
    for name, values in drawn.items():
        np.testing.assert_allclose(np.asarray(scenario.value(name))[other], values)
    assert not set(scenario.replicates[other]) & set(range(40))
    loose, squeezes = slice(160, 172), slice(172, None)
    assert set(value["funding.tightening"][loose]) == {0}
    starts, strengths, n = side_studies.STARTS, side_studies.STRENGTHS, side_studies.SQUEEZE_WORLDS
    assert value["funding.start_month"][squeezes].tolist() == np.repeat(starts, len(strengths) * n).tolist()
    assert value["funding.tightening"][squeezes].tolist() == np.tile(np.repeat(strengths, n), len(starts)).tolist()
    assert scenario.replicates[squeezes].tolist() == list(range(n)) * 20
    assert found.squeezes.life.shape == (len(side_studies.STARTS), len(side_studies.STRENGTHS), side_studies.SQUEEZE_WORLDS)
    assert found.stop.tolist() == [
        36 if x else -1 for x in (found.stop >= 0)
    ]  # the lead lab's default, 12 months after the start


def test_worlds_of_a_run_draw_what_nobody_knows_and_fixed_ones_do_not(perpetuum, tmp_path):
    perpetuum("run", "--worlds", "5", "--months", "2", "--set", "labs.appetite=0.03", "--out", "drawn", "--no-figures")
    perpetuum("run", "--worlds", "5", "--months", "2", "--fixed", "--out", "fixed", "--no-figures")
    drawn, fixed = (pq.read_table(tmp_path / name / "worlds.parquet").to_pandas() for name in ("drawn", "fixed"))
    asked, loose = (drawn[drawn["arm"] == arm] for arm in ("asked", "loose"))
    assert asked["demand.strength"].nunique() == 5
    assert asked["demand.strength"].tolist() == loose["demand.strength"].tolist()
    assert set(drawn["labs.appetite"]) == {0.03}
    assert "demand.strength" not in fixed
    manifest = json.loads((tmp_path / "drawn" / "manifest.json").read_text())
    assert (manifest["months"], manifest["simulated"]) == (2, 13)
    assert "demand.strength" in manifest["unknowns"]
    assert "labs.appetite" not in manifest["unknowns"]


def test_the_draw_of_a_world_is_the_same_however_many_there_are(fake):
    few, many = (arms.simulate(Question("ono_2025", {}, worlds=n, seed=1, months=2)) for n in (3, 8))
    assert few.asked.of("demand.strength").tolist() == many.asked.of("demand.strength").tolist()[:3]


@pytest.mark.slow
def test_summary_holds_the_dated_answer(perpetuum):
    code, out, _ = perpetuum("run", "--worlds", "40", "--no-figures", "--json", readings=True)
    assert code == 0
    summary = json.loads(out)
    odds = summary["odds"]["asked"]
    assert len(odds) == 120
    assert (odds[0]["month"], odds[0]["date"], odds[-1]["date"]) == (0, "2025-10-01", "2035-09-01")
    for entry in (odds[0], odds[-1]):
        assert sum(entry[name]["share"] for name in ("fallen", "alone", "smaller", "spinning")) == pytest.approx(1.0)
    assert set(summary["odds"]) == {"asked", "loose", "weak_demand", "strong_demand"}
    fell = odds[-1]["fallen"]["share"]
    assert 0 < fell < 1
    assert summary["causes"]["asked"] == {"default:lead_lab": summary["causes"]["asked"]["default:lead_lab"]}
    # Worlds fall in month 36, which is October 2028, and in no other month.
    assert summary["hazard"]["asked"]["2028"]["rate"] == pytest.approx(fell)
    assert summary["hazard"]["asked"]["2027"]["rate"] == 0
    # As asked 84 of 120 months are lost in worlds that fall; a few fall with loose money too.
    loose = summary["odds"]["loose"][-1]["fallen"]["share"]
    assert summary["life_lost"]["months"] == pytest.approx(84 * (fell - loose))
    cents = summary["outside_cents"]["asked"]["2026"]
    assert cents["mean"] == pytest.approx(sum(cents["by_source"].values()))
    assert cents["by_source"]["other_business"] == pytest.approx(cents["mean"] / 2)
    assert summary["stop_test"]["month"] is None
    assert "60 months" in summary["stop_test"]["reason"]
    assert summary["life_lost_map"]["starts"] == list(side_studies.STARTS)
    assert set(summary["odds_by"]["demand.strength"]["low_third"]) == {"fallen", "alone", "range"}
    assert summary["trust"]["held_against_history"]
    assert summary["trust"]["origin"] == "2024-10"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("preset", preset_names())
def test_every_preset_is_answered_in_both_languages(tmp_path, capsys, preset, language):
    asked = ["--worlds", "3", "--months", "37", "--no-figures", "--no-side-studies", "--lang", language]
    assert cli.main(["run", preset, *asked, "--out", str(tmp_path / "there")]) == 0
    for told in (capsys.readouterr().out, (tmp_path / "there" / "answer.txt").read_text(encoding="utf-8")):
        assert len(told) > 600
        assert not re.search(r"\{\w+|\bnan\b|\bNone\b", told)
