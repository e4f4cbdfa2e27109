"""A preset's file that is written to while a command is at work: all of its worlds are of the file as it was first read."""

from __future__ import annotations

import json

import pytest

from perpetuum.model.errors import InputError
from perpetuum.model.preset_memory import read_once
from perpetuum.model.presets import load_preset
from perpetuum.runs.study import batches
from perpetuum.runs.study.batches import run_worlds
from perpetuum.runs.study.fingerprint import OnTheSameProgram
from tests.fakes import FakeEconomy

MINE = 'extends = "ono_2025"\n[parameters]\n"demand.noise" = {{ value = {}, source = "mine" }}\n'
MORE = '[uncertain."demand.price_elasticity"]\nlow = 1.1\nhigh = 1.2\nsource = "mine"\n'
SMALL = ("mine.toml", "--worlds", "2", "--months", "2", "--no-figures")
#: Commands that read the preset again as they go on.
COMMANDS = {
    "run": SMALL,
    "tip": (*SMALL, "--workers", "1"),
    "sensitivity": (*SMALL[:1], *SMALL[3:], "--over", "demand.strength", "--samples", "8", "--workers", "1"),
}


@pytest.mark.parametrize("happens", ["changed", "removed", "broken"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_preset_that_is_written_to_meanwhile_is_the_one_that_was_first_read(
    perpetuum, monkeypatch, tmp_path, command, happens
):
    file, noises = tmp_path / "mine.toml", []
    file.write_text(MINE.format(0.01))

    def make_economy(scenario):
        noises.append(scenario.value("demand.noise"))
        if happens == "removed":
            file.unlink(missing_ok=True)
        else:
            file.write_text(MINE.format(0.02) + MORE if happens == "changed" else "title = = 3")
        return FakeEconomy(scenario)

    monkeypatch.setattr(batches, "make_economy", make_economy)
    code, _, err = perpetuum(command, *COMMANDS[command], "--out", "there")
    assert code == 0, err
    assert set(noises) == {0.01}
    if command == "run":
        assert json.loads((tmp_path / "there" / "manifest.json").read_text())["parameters"]["demand.noise"] == 0.01
    if happens == "changed":
        assert load_preset(str(file)).values["demand.noise"] == 0.02, "the next one reads it anew"


def test_a_worker_that_reads_another_preset_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "mine.toml"
    file.write_text(MINE.format(0.01))

    class Elsewhere(batches.OnTheSameProgram):
        @classmethod
        def as_here(cls, function, preset):
            made = super().as_here(function, preset)
            file.write_text(MINE.format(0.03))
            return made

    monkeypatch.setattr(batches, "make_economy", FakeEconomy)
    monkeypatch.setattr(batches, "OnTheSameProgram", Elsewhere)
    with pytest.raises(ValueError, match="another version of the program or of the preset"):
        run_worlds(str(file), replicates=[0], months=2)


def test_a_worker_works_on_the_preset_that_it_was_found_to_have(tmp_path):
    """It was read once to be looked at, and once more for each group of worlds."""
    file = tmp_path / "mine.toml"
    file.write_text(MINE.format(0.01))

    def noise(written: float) -> float:
        file.write_text(MINE.format(written))
        return load_preset(str(file)).values["demand.noise"]

    task = OnTheSameProgram.as_here(noise, str(file))
    assert task(0.02) == 0.01
    with pytest.raises(InputError, match="another version of the program or of the preset"):
        task(0.03)


def test_what_is_remembered_within_what_is_remembered_is_the_same(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(MINE.format(0.01))
    with read_once():
        assert load_preset(str(file)).values["demand.noise"] == 0.01
        file.write_text(MINE.format(0.02))
        with read_once():
            assert load_preset(str(file)).values["demand.noise"] == 0.01
        assert load_preset(str(file)).values["demand.noise"] == 0.01
    assert load_preset(str(file)).values["demand.noise"] == 0.02


def test_a_name_that_no_file_can_have_is_told_in_a_sentence():
    with pytest.raises(InputError, match="does not exist"):
        load_preset("a\0.toml")
