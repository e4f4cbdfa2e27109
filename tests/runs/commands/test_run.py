"""A run: its answer in numbers, its files, and the other readings of the parameters."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from perpetuum.model.books.payment_kinds import DYES
from perpetuum.model.observed.outcome import CLASSES, HEADLINES, PAIRS
from perpetuum.model.observed.series import SERIES
from perpetuum.model.parameters import PARAMETERS
from perpetuum.runs.commands import cli
from perpetuum.runs.study import arms as simulate
from perpetuum.runs.study import batches
from perpetuum.runs.study import folder as store
from tests.fakes import FakeEconomy

DRAWN_NAMES = ("fans", "who_funds_the_machine", "outcomes", "money_ring")

# --- the answer ---------------------------------------------------------------------------------------------


def test_run_answers_on_one_screen_and_says_where_the_files_are(perpetuum, tmp_path):
    code, out, err = perpetuum("run", "--worlds", "20", "--out", "there", readings=True)
    assert (code, err) == (0, "")
    for words in (
        "When funding tightens",
        "fell because of it",
        "the neocloud",
        "ring 1",
        "caused",
        "The reckoning",
        "a dollar in AI shares",
        "simulation noise, parameters fixed",
        "over 12 other readings",
        "there",
    ):
        assert words in out, words
    assert len(out.splitlines()) <= 48
    assert max(map(len, out.splitlines())) <= 100
    names = {file.name for file in (tmp_path / "there").iterdir()}
    figures = {f"{name}.{kind}" for name in DRAWN_NAMES for kind in ("png", "svg")}
    assert names == figures | {
        "manifest.json",
        "summary.json",
        "worlds.parquet",
        "series.parquet",
        "events.parquet",
    }


def test_summary_has_the_interface_of_the_design(perpetuum, tmp_path):
    code, out, _ = perpetuum("run", "--worlds", "10", "--out", "there", "--json", "--no-figures")
    summary = json.loads(out)
    assert code == 0
    assert summary == json.loads((tmp_path / "there" / "summary.json").read_text())
    for part in (summary, summary["loose"]):
        assert part["worlds"] == 10
        assert set(part["outcomes"]) == set(CLASSES)
        assert set(part["headlines"]) == set(HEADLINES)
        assert part["headline"] in HEADLINES
        assert {"share", "low", "high"} == set(part["outcomes"]["collapse"])
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
    assert worlds.column_names[6:10] == ["outcome", "headline", "first_domino", "first_default_month"]
    assert worlds.num_rows == 14
    assert worlds["arm"].to_pylist() == ["asked"] * 7 + ["loose"] * 7
    assert worlds["funding.tightening"].to_pylist() == [0.6] * 7 + [0.0] * 7
    assert {"drawdown", "operating_ratio_last24", "caused_share"} <= set(worlds.column_names)
    series = pq.read_table(tmp_path / "there" / "series.parquet")
    assert series.column_names == ["arm", "world", "month", "date", *SERIES]
    assert series.num_rows == 2 * 7 * 40
    assert series["month"].to_pylist()[:40] == list(range(40))
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
    answer = simulate.simulate(simulate.Question("ono_2025", {}, worlds=3, seed=1, months=30), batch=6)
    for arm in answer.arms.values():
        added_up = arm.drawn["vendor_revenue"].sum(axis=1)
        assert added_up == pytest.approx(arm.of("vendor_revenue_sum"), rel=1e-6), arm.name


def test_tables_of_months_and_of_worlds_tell_of_the_same_arms(perpetuum, tmp_path):
    perpetuum("run", "--worlds", "3", "--months", "60", "--set", "funding.tightening=1", "--out", "there", "--no-figures")
    worlds, series = (pq.read_table(tmp_path / "there" / f"{name}.parquet").to_pandas() for name in ("worlds", "series"))
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
    falls = [rung["odds"]["fallen"]["share"] for rung in rungs]
    assert falls == sorted(falls)
    assert falls[3] == json.loads(out)["odds"]["asked"][-1]["fallen"]["share"]
    lost = [rung["life_lost"]["months"] for rung in rungs]
    assert lost == sorted(lost)
    assert lost[0] == 0


def test_ladder_prints_what_each_rung_means_and_is_drawn(perpetuum, tmp_path):
    _, out, _ = perpetuum("run", "--worlds", "5", "--ladder", "--out", "there")
    for words in ("+300 bp", "−100 %", "2000-02", "2008", "2022"):
        assert words in out
    drawn = (tmp_path / "there" / "ladder.svg").read_text()
    for words in ("2000-02", "Degree of tightening", "falls apart", "stands alone", "Life lost to the tightening"):
        assert words in drawn


def test_batches_do_not_change_the_answer(fake):
    question = simulate.Question("ono_2025", {}, worlds=11, seed=3, months=60)
    whole, cut = simulate.simulate(question), simulate.simulate(question, batch=6)
    for name in ("asked", "loose", "no_vendor_finance"):
        one, other = whole.arms[name], cut.arms[name]
        assert one.of("outcome").tolist() == other.of("outcome").tolist()
        assert np.array_equal(one.drawn["vendor_revenue"], other.drawn["vendor_revenue"])
        assert all(np.allclose(one.dyes[dye], other.dyes[dye]) for dye in DYES)
    assert whole.asked.sensitivity["drawdown"].keys() == cut.asked.sensitivity["drawdown"].keys()


def test_without_tightening_there_is_nothing_to_blame(perpetuum, monkeypatch):
    widths = []
    monkeypatch.setattr(batches, "make_economy", lambda s: (widths.append(s.worlds), FakeEconomy(s))[1])
    code, out, _ = perpetuum("run", "--worlds", "4", "--set", "funding.tightening=0", "--out", "there")
    assert code == 0
    assert widths == [8]  # the loose twin is the same arm
    assert "Funding does not tighten in this scenario" in out
    assert "to blame" not in out


def test_a_run_of_one_month_and_one_world_works(perpetuum):
    code, out, _ = perpetuum("run", "--worlds", "1", "--months", "1")
    assert code == 0
    assert "1 world · 1 month from" in out
    assert "The run ends before funding tightens" in out


def test_running_again_into_the_same_folder_replaces_its_files_and_keeps_others(perpetuum, tmp_path):
    perpetuum("run", "--worlds", "2", "--out", "there")
    (tmp_path / "there" / "notes.txt").write_text("mine")
    perpetuum("run", "--worlds", "3", "--out", "there", "--no-figures")
    names = {file.name for file in (tmp_path / "there").iterdir()}
    assert names == {
        "notes.txt",
        "manifest.json",
        "summary.json",
        "worlds.parquet",
        "series.parquet",
        "events.parquet",
    }
    assert json.loads((tmp_path / "there" / "summary.json").read_text())["worlds"] == 3


def test_default_folder_is_named_after_the_preset_and_never_reused(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5)
    first = store.default_folder("ono_2025", now=moment)
    assert first == Path("results/ono_2025-20260102-030405")
    first.mkdir(parents=True)
    assert store.default_folder("ono_2025", now=moment) != first


def test_the_real_economy_answers_and_batches_do_not_change_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run", "--worlds", "3", "--months", "14", "--out", "there", "--no-figures", "--no-side-studies"]) == 0
    assert "ring 1" in capsys.readouterr().out
    whole = pq.read_table(tmp_path / "there" / "series.parquet")
    assert whole.num_rows == 2 * 3 * 14
    assert np.isfinite(whole["vendor_revenue"].to_numpy()).all()
    cut = simulate.simulate(simulate.Question("ono_2025", {}, worlds=3, seed=1, months=14), batch=3)
    drawn = whole["vendor_revenue"].to_numpy().astype(np.float32)[: 3 * 14].reshape(3, 14)
    assert np.array_equal(cut.asked.drawn["vendor_revenue"], drawn)


# --- other readings of the parameters -----------------------------------------------------------------------


def test_readings_move_the_scenarios_own_values_and_stay_in_range():
    values = {name: parameter.default for name, parameter in PARAMETERS.items()}
    cells = simulate.readings_of(values | {"demand.strength": 0.5, "technology.value_kept": 0.95})
    assert len(cells) == 12
    assert len({tuple(reading.values()) for reading, _ in cells}) == 12
    assert {parameters["demand.strength"] for _, parameters in cells} == {0.375, 0.5, 0.75}
    assert max(parameters["technology.value_kept"] for _, parameters in cells) == 1.0
    assert {parameters["technology.decay"] for _, parameters in cells} == {0.011, 0.018}
    assert {parameters["vendor_finance.per_gw"] for _, parameters in cells} == {5.0, 15.0}


def test_readings_live_through_the_shocks_of_the_first_replicates(fake, monkeypatch):
    made = []
    monkeypatch.setattr(batches, "make_economy", lambda s: (made.append(s), FakeEconomy(s))[1])
    cells = simulate.simulate_readings(simulate.Question("ono_2025", {}, worlds=40, seed=2))
    (scenario,) = made
    n = simulate.READ_WORLDS
    assert scenario.worlds == 2 * 12 * n
    assert scenario.replicates.tolist() == list(range(n)) * 24
    assert scenario.values["funding.tightening"].tolist() == [0.6] * 12 * n + [0.0] * 12 * n
    whole = simulate.simulate(simulate.Question("ono_2025", {}, worlds=40, seed=2))
    for cell in cells:  # the economy in outline knows nothing of demand, so that every reading is the run itself
        assert cell.headlines["asked"].tolist() == whole.asked.of("headline")[:n].tolist()
        assert cell.headlines["loose"].tolist() == whole.arms["loose"].of("headline")[:n].tolist()


def test_summary_holds_every_reading_and_the_ranges(perpetuum, tmp_path):
    code, out, _ = perpetuum("run", "--worlds", "10", "--no-figures", "--json", "--out", "there", readings=True)
    assert code == 0
    readings = json.loads(out)["ensemble"]
    assert len(readings["cells"]) == 12
    assert readings["worlds"] == simulate.READ_WORLDS
    assert set(readings["cells"][0]) == {"reading", "parameters", "asked", "loose"}
    assert set(readings["ranges"]["loose"]) == set(HEADLINES)
    manifest = json.loads((tmp_path / "there" / "manifest.json").read_text())
    assert manifest["ensemble"] == {"readings": 12, "worlds": simulate.READ_WORLDS}
    assert "ensemble" not in json.loads(perpetuum("run", "--worlds", "2", "--no-figures", "--json")[1])
