"""Replay: the page opens a world of a study or a run as it was, or as it was told, and refuses a wrong opening in a sentence."""

import json

import pandas as pd
import pytest

from perpetuum.model.words.speech import Words
from perpetuum.runs.study import fingerprint
from perpetuum.runs.study.description import make_study
from perpetuum.runs.study.execute import run_study
from perpetuum.visualization.app import address, gate, replay
from perpetuum.visualization.app.opening import Opening, world_of
from perpetuum.visualization.app.session import Session, Start
from tests.study_folders import DEMAND, FORM, THETA, write_study


@pytest.fixture
def opened():
    """The page's opening, put back after the test."""
    before = replay.opening()
    yield replay.open_with
    replay.open_with(before)


def test_a_replayed_world_is_the_world_of_its_study(tmp_path):
    study = make_study(
        "triangle", {DEMAND: "0.61234567,1.2"}, overrides={THETA: 0.5}, replicates=2, months=4, series=("vendor_revenue",)
    )
    run_study(study, tmp_path / "study")
    start = world_of(tmp_path / "study", 1).start
    assert start == Start("triangle", 1, 1, {THETA: 0.5, DEMAND: 0.61234567}, 4)
    session = Session(start)
    while not session.ended:
        session.step()
    rows = pd.read_parquet(tmp_path / "study" / "series.parquet")
    there = rows[rows["world"] == 1]["vendor_revenue"].to_numpy()
    assert (session.economy.series["vendor_revenue"][session.row(0)] == there).all()


def test_a_world_of_a_run_opens_as_asked(perpetuum, tmp_path):
    code, _, err = perpetuum(
        "run", "--worlds", "5", "--months", "60", "--seed", "3", "--set", f"{DEMAND}=0.7", "--out", "run", "--no-figures"
    )
    assert code == 0, err
    opening = world_of(tmp_path / "run", 4)
    assert opening.start == Start("ono_2025", 3, 4, {DEMAND: 0.7}, 60)
    assert opening.notices == ()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_study_of_another_model_is_opened_with_a_notice(tmp_path, opened, language):
    write_study(tmp_path / "old", (DEMAND, FORM))
    assert world_of(tmp_path / "old", 3).notices == ()
    manifest = json.loads((tmp_path / "old" / "manifest.json").read_text())
    assert manifest["study"]["code_hash"] == fingerprint.of_code()
    manifest["study"]["code_hash"] = "0" * 12
    (tmp_path / "old" / "manifest.json").write_text(json.dumps(manifest))
    opened(world_of(tmp_path / "old", 3))
    shown = replay.address_of(f"?lang={language}")
    assert shown.notices == [Words(language)("replay.changed", world=3, folder="old")]
    assert shown.start.settings[FORM] == "equity"


def test_the_page_opens_as_told_unless_its_address_names_a_preset(opened):
    told = Start("triangle", 7, 2, {DEMAND: 0.8, "investors.per_strategy": 40}, 30)
    opened(Opening(told))
    assert replay.address_of("").start == told
    assert replay.address_of("?lang=zh&tab=map").start == told
    assert replay.address_of("?preset=optimist").start == Start("optimist")
    written = address.write(Session(told), {})
    assert replay.address_of(written).start == told
    assert replay.address_of(written).notices == []
    other = replay.address_of(written.replace("per_strategy=40", "per_strategy=4000"))
    assert "investors.per_strategy" not in other.start.settings
    assert "shapes the whole machine" in other.notices[0]


def test_numbers_lose_nothing_in_an_address():
    start = Start(months=3, settings={DEMAND: 0.6123456789012345, THETA: 1 / 3})
    assert address.read(address.write(Session(start), {})).start.settings == start.settings


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--study", "nowhere", "--world", "1"], "'nowhere' does not exist"),
        (["--study", "empty", "--world", "1"], "'empty' holds no study and no run"),
        (["--study", "study", "--world", "64"], "no world 64 in 'study': --world takes a number from 0 to 63"),
        (["--study", "study"], "--study DIR and --world K go together"),
        (["--world", "3"], "--study DIR and --world K go together"),
        (["optimist", "--study", "study", "--world", "1"], "leave out the preset and --seed"),
        (["optimst"], "did you mean 'optimist'?"),
        (["--seed", "-1"], "--seed takes a whole number from 0"),
    ],
)
def test_a_wrong_opening_is_told_in_a_sentence_before_anything_is_served(perpetuum, monkeypatch, tmp_path, arguments, told):
    from perpetuum.visualization.app import serve

    monkeypatch.setattr(serve, "serve", lambda *_: pytest.fail("served"))
    (tmp_path / "empty").mkdir()
    write_study(tmp_path / "study", (DEMAND, FORM))
    code, out, err = perpetuum("app", *arguments)
    assert code == 2
    assert told in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert out == ""


def test_app_opens_what_it_is_told(perpetuum, monkeypatch, tmp_path, opened):
    from perpetuum.visualization.app import serve

    monkeypatch.setattr(serve, "serve", lambda *_: None)
    monkeypatch.setattr(gate, "check_port", lambda *_: None)
    write_study(tmp_path / "study", (DEMAND, FORM))
    assert perpetuum("app", "--study", "study", "--world", "17")[0] == 0
    assert replay.opening().start == Start("ono_2025", 1, 1, {DEMAND: 0.7, FORM: "equity"}, 120)
    assert perpetuum("app", "optimist", "--seed", "5")[0] == 0
    assert replay.opening().start == Start("optimist", 5)
