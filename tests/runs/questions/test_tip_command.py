"""The command that searches for tipping points: its files on the real machine, wrong input, and being stopped."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from perpetuum.runs.commands import cli
from perpetuum.runs.questions import response_curves as response
from perpetuum.runs.questions import tipping

SMALL = ("--over", "demand.strength=0.5:1", "--worlds", "3", "--months", "4", "--out", "found", "--workers", "1")


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    """Run `perpetuum tip` on the real machine, in an empty folder: returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str):
        code = cli.main(["tip", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.mark.slow
def test_tip_answers_with_files_on_the_real_machine(command, tmp_path):
    code, out, _ = command(*SMALL)
    assert code == 0
    assert "none in range" in out
    files = sorted(path.name for path in (tmp_path / "found").iterdir())
    assert files == ["manifest.json", "probes.parquet", "summary.json", "tip.png", "tip.svg"]
    summary = json.loads((tmp_path / "found" / "summary.json").read_text())
    for curve in ("life_lost", "fallen"):
        assert (summary[curve]["threshold"], summary[curve]["reason"]) == (None, response.NO_CROSSING)
    table = pd.read_parquet(tmp_path / "found" / "probes.parquet")
    assert len(table) == 3 * len(summary["probes"])
    assert json.loads((tmp_path / "found" / "manifest.json").read_text())["files"] == files


@pytest.mark.slow
def test_tip_follows_a_firm_on_the_real_machine(command, tmp_path):
    code, out, _ = command(*SMALL, "--metric", "default:lead_lab", "--metric", "loss:neocloud=0.2")
    assert code == 0
    assert "none in range" in out
    assert "lead lab defaults" in out
    summary = json.loads((tmp_path / "found" / "summary.json").read_text())
    assert summary["metrics"] == {"default:lead_lab": 0.5, "loss:neocloud": 0.2}
    table = pd.read_parquet(tmp_path / "found" / "probes.parquet")
    assert {"default:lead_lab", "default:neocloud", "loss:neocloud"} <= set(table.columns)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--over", "demand.strenght"),
        ("--over", "funding.tightening=0.5"),
        ("--over", "funding.tightening=0:1", "--from", "0.2"),
        ("--when", "--hysteresis"),
        ("--when", "--over", "demand.strength"),
        ("--when", "--set", "funding.tightening=0"),
        ("--hysteresis", "--across", "demand.strength=1,2"),
        ("--hysteresis", "--over", "labs.appetite"),
        ("--hysteresis", "--months", "30"),
        ("--by", "soon"),
        ("--by", "2045-01"),
        ("--by", "2028-01", "--when"),
        ("--metric", "default:lead_lab", "--when"),
        ("--metric", "default:lead_labb"),
        ("--across", "demand.strength"),
        ("--out", "/proc/nowhere"),
    ],
)
def test_wrong_input_is_one_sentence_and_nothing_written(command, tmp_path, arguments):
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("perpetuum: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_search_that_is_stopped_leaves_nothing(command, tmp_path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(tipping, "search", stopped)
    code, _, err = command("--worlds", "2", "--out", "found")
    assert code == 130
    assert "nothing was written" in err
    assert list(tmp_path.iterdir()) == []
