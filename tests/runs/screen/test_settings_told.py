"""Settings are told as they were typed, and can be typed again: a switch is true or false, a number has all its digits."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import Scenario
from perpetuum.model.words.speech import Words, speaking, typed, typed_whole
from perpetuum.runs.questions.mechanism_switches import as_rows
from perpetuum.runs.questions.selection import _level
from perpetuum.runs.study.description import make_study
from perpetuum.visualization.figures.sources import scenario_of, settings_told
from tests.study_folders import write_study

SET = ("--set", "power.on=true", "--set", "states.gold_buying=false", "--set", "demand.strength=0.70000001")
ASKED = {"power.on": "true", "states.gold_buying": "false", "demand.strength": "0.70000001"}
COMMANDS = {
    "run": "run --worlds 2 --months 40",
    "sweep": "sweep --vary funding.tightening=0,1 --replicates 2 --months 40",
    "tip": "tip --worlds 3 --months 50 --resolution 0.25",
    "map": "tip --map --starts 0,12 --strengths 0.5,1 --worlds 2 --months 40",
    "autopsy": "autopsy --worlds 2 --months 4 --no-story --switch hoarding",
    "sensitivity": "sensitivity --over funding.tightening,vendor_finance.scale --survivors 1 --trajectories 2 --samples 8 "
    "--replicates 1 --months 30 --metric boom",
}


def told_in(text: str) -> dict[str, str]:
    """Settings that stand in a text, as `name = value`."""
    return {name: value.rstrip(".。") for name, value in re.findall(r"\b([a-z_]+\.[a-z_]+)\s+=\s+([\w.]+)", text)}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_setting_stands_on_the_screen_and_under_the_figures_as_it_was_typed(perpetuum, tmp_path, command, language):
    asked = [*COMMANDS[command].split(), *(["--no-figures"] if command != "sweep" else []), "--out", "there"]
    code, out, err = perpetuum(*asked, *SET, "--lang", language)
    assert code == 0, err
    assert told_in(out) == ASKED
    if command == "sweep":
        return
    summary = json.loads((tmp_path / "there" / "summary.json").read_text(encoding="utf-8"))
    with speaking(language):
        assert told_in(scenario_of(summary)) == told_in(settings_told(summary["overrides"])) == ASKED


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_lever_that_is_a_switch_is_on_or_off(language):
    words = Words(language)
    on, off = words("level.on"), words("level.off")
    for value, said in ((True, on), (1.0, on), ("true", on), (False, off), (0.0, off), ("False", off)):
        assert words.setting("states.export_control", value) == said
    assert words.setting("demand.strength", 1.0) == "1"


def test_whatever_a_switch_is_stored_as_it_is_typed_back_as_the_same():
    for name, parameter in PARAMETERS.items():
        if parameter.kind != "bool":
            continue
        for stored in (0.0, 1.0):
            assert typed(name, stored) == typed_whole(name, bool(stored)) == str(bool(stored)).lower()
            assert parameter.check(typed(name, stored), "") == stored


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.12345678, 2.0])
def test_a_number_that_is_typed_back_is_the_same(value):
    told = typed_whole("demand.strength", value)
    assert float(told) == pytest.approx(value, rel=1e-14)
    assert Scenario("triangle", {"demand.strength": told}).value("demand.strength") == pytest.approx(value, rel=1e-14)


def test_two_studies_that_differ_in_the_eighth_digit_are_told_apart():
    one, other = (
        make_study("triangle", {"funding.tightening": "0,1"}, overrides={"demand.strength": v}) for v in (0.7, 0.70000001)
    )
    assert one.differences(other) == ["demand.strength 0.7 here, 0.70000001 there"]


def test_what_a_mechanism_is_switched_off_with_can_be_typed():
    for switch in as_rows():
        for told in switch["off"]:
            name, _, value = told.split(" ")[0].partition("=")
            Scenario("ono_2025", {name: value})
            assert PARAMETERS[name].kind != "bool" or value in ("true", "false"), told


def test_a_switch_that_is_given_as_a_default_is_listed_as_it_is_typed(perpetuum):
    code, out, _ = perpetuum("params", "power.on")
    assert code == 0
    assert re.search(r"power\.on\s+= true", out) or "true" in out.splitlines()[0], out


def test_a_level_that_a_study_tells_can_be_typed_back(tmp_path):
    write_study(tmp_path / "thirds", ["demand.strength"])
    worlds = pd.read_parquet(tmp_path / "thirds" / "worlds.parquet")
    worlds["demand.strength"] = worlds["demand.strength"] / 3
    levels = sorted(worlds["demand.strength"].unique())
    assert any(float(typed("demand.strength", level)) != level for level in levels)
    for level in levels:
        assert _level(worlds, "demand.strength", typed("demand.strength", level), False) == level
