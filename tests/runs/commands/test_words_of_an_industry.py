"""Every command that tells of telecom speaks its words: on the screen and in figures, in both languages."""

from __future__ import annotations

import re

import pytest

from perpetuum.runs.commands import cli
from tests.model.words.test_catalogue import OF_AI

SHORT = ("telecom_1999", "--months", "14", "--worlds", "2")
TIGHT = ("--set", "funding.start_month=1", "--set", "funding.tightening=1")
SWEEP = ("sweep", "telecom_1999", "--vary", "funding.tightening=0,1", "--months", "14", "--replicates", "2")
#: What is asked, and what it leaves behind.
ASKED = {
    "autopsy": ("autopsy", *SHORT, *TIGHT, "--switch", "vendor_credit", "--switch", "hoarding", "--payoff", "core_default"),
    "sensitivity": (
        *("sensitivity", "telecom_1999", "--months", "14", "--replicates", "1", "--samples", "8"),
        *("--over", "labs.appetite,technology.cadence_months", "--metric", "drawdown", "--metric", "boom"),
    ),
    "tip": ("tip", *SHORT, "--resolution", "0.5"),
    "tip across": ("tip", *SHORT, "--resolution", "0.5", "--across", "demand.strength=0.5,1"),
    "tip map": ("tip", *SHORT, "--map", "--starts", "0,6", "--strengths", "1"),
    "tip channels": ("tip", *SHORT, "--channels", "--starts", "0"),
    "tip stop": ("tip", *SHORT, "--stop", "0"),
    "tip when": ("tip", *SHORT, *TIGHT, "--when"),
    "tip hysteresis": ("tip", "telecom_1999", "--months", "30", "--worlds", "2", *TIGHT[:2], "--hysteresis"),
    "sweep": SWEEP,
}


def of_ai(text, language):
    """Lines that speak of AI's firms or goods; parameters as they are typed are no words."""
    return [line for line in text.splitlines() if re.search(OF_AI[language], re.sub(r"[a-z_]+\.[a-z_]+", "", line))]


def letters_of(folder):
    """What the figures say: SVGs hold it as text."""
    return "\n".join(" ".join(re.findall(r">([^<>]+)</text>", file.read_text("utf-8"))) for file in folder.glob("*.svg"))


@pytest.fixture
def perpetuum(capsys, monkeypatch, tmp_path):
    """Run the command line in an empty folder, with worlds that are simulated: a story is told of one."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = cli.main([*arguments])
        return code, *capsys.readouterr()

    return call


@pytest.mark.slow
@pytest.mark.parametrize("language", OF_AI)
@pytest.mark.parametrize("asked", ASKED)
def test_a_question_about_another_industry_is_answered_in_its_words(perpetuum, tmp_path, asked, language):
    code, out, err = perpetuum(*ASKED[asked], "--workers", "1", "--lang", language, "--out", "there")
    assert code == 0, err
    assert of_ai(out, language) == []
    assert of_ai(letters_of(tmp_path / "there"), language) == []
    if asked == "sweep":
        perpetuum(*SWEEP, "--workers", "1", "--set", "demand.strength=0.5", "--out", "other")
        for told in (("compare", "there", "other"), ("plot", "there"), ("plot", "there", "--metric", "peak_revenue")):
            code, out, err = perpetuum(*told, "--lang", language)
            assert (code, of_ai(out, language)) == (0, []), (told, err)
        assert len(letters_of(tmp_path / "there")) > 100
        assert of_ai(letters_of(tmp_path / "there"), language) == []
