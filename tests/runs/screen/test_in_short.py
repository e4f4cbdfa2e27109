"""The answer in short: what the whole one says, in half the lines, and where the rest is."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pytest
from rich.console import Console

from perpetuum.model.words.lines import columns
from perpetuum.model.words.speech import say, speaking
from perpetuum.runs import screen
from perpetuum.runs.screen import answer_lines, creditors
from tests.runs.screen.test_screen import spread, whole_summary

NUMBER = re.compile(r"[−+]?\d+(?:[.,]\d+)*")


def in_short(summary, width=80, folder=""):
    console = Console(width=width, file=io.StringIO(), legacy_windows=False)
    screen.show_in_short(summary, console, ["fans.png"] if folder else (), folder)
    return console.file.getvalue()


def lines_of(summary):
    return " ".join(in_short(summary).split())


def table(summary):
    console = Console(width=80, file=io.StringIO(), legacy_windows=False)
    console.print(creditors.in_short(summary))
    return " ".join(console.file.getvalue().split())


def with_a_stop_and_sheds(summary):
    """One in which also the same worlds without the stop, and falls without shed contracts, have numbers of their own."""
    summary["stop_test"] |= {"as_asked": {"share": 0.33, "low": 0.23, "high": 0.43}, "more_shedding": {"high": 0.1}}
    summary["threshold_sensitivity"]["shed"] |= {"not_counted": {"fallen": 0.17, "stands_alone": 0.19}}
    return summary


SUMMARIES = SimpleNamespace(
    middling=with_a_stop_and_sheds(whole_summary(0.5, 0.4, 0.6)),
    none=whole_summary(0.0, 0.0, 0.037),
    all=whole_summary(1.0, 0.963, 1.0),
    calm=whole_summary(0.5, 0.4, 0.6, within_run=False),
    long_name=whole_summary(0.5, 0.4, 0.6, name="hyperscaler_a", amount=1e6),
    one=whole_summary(1.0, 1.0, 1.0) | {"worlds": 1},
)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", list(vars(SUMMARIES)))
def test_the_short_lines_say_no_number_that_the_whole_ones_do_not(name, language):
    with speaking(language):
        told = answer_lines.lines(getattr(SUMMARIES, name))
        whole = set(NUMBER.findall(" ".join(line.whole for line in told)))
        for line in told:
            assert line.short
            assert set(NUMBER.findall(line.short)) <= whole, line


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 96])
@pytest.mark.parametrize("name", list(vars(SUMMARIES)))
def test_the_short_answer_is_cut_nowhere_and_is_short(name, width, language):
    with speaking(language):
        out = in_short(getattr(SUMMARIES, name), width, "results/there")
    assert "…" not in out
    assert max(map(columns, out.splitlines())) <= width
    lines = [line for line in out.splitlines() if line.strip()]
    ladder = 9  # asked for by itself, with its headings
    # With all that there can be to tell: three unknowns with the odds of their thirds, both reasons, a machine that stands alone.
    assert len(lines) - ladder <= (68 if width == 80 else 60), out


def test_what_is_in_the_whole_answer_alone_is_where_the_short_one_says(perpetuum, tmp_path):
    asked = ("run", "--worlds", "3", "--months", "40", "--no-figures", "--out", "there")
    _, short, _ = perpetuum(*asked)
    _, full, _ = perpetuum(*asked, "--full", "--force")
    kept = (tmp_path / "there" / "answer.txt").read_text(encoding="utf-8")
    assert "The reckoning" in kept
    assert "How circular is it?" in kept
    assert "The reckoning" not in short
    assert "in answer.txt there; with --full on the screen" in short
    assert "answer.txt" not in full
    assert full.splitlines()[: len(kept.splitlines())] == kept.splitlines()
    assert not re.search(r" $", full + short, re.MULTILINE)
    assert max(map(len, kept.splitlines())) <= 80
    assert not re.search(r" $|\x1b", kept, re.MULTILINE)


def test_the_kept_answer_is_in_the_language_of_the_command(perpetuum, tmp_path):
    perpetuum("run", "--worlds", "2", "--months", "3", "--no-figures", "--out", "there", "--lang", "zh")
    assert "结局如何？" in (tmp_path / "there" / "answer.txt").read_text(encoding="utf-8")


def test_the_whole_answer_is_no_json(perpetuum):
    code, _, err = perpetuum("run", "--full", "--json")
    assert (code, err.strip()) == (2, "perpetuum: --full and --json both say what is printed: leave out one of the two")


def cents_of(**by_source):
    told = whole_summary(0.5, 0.4, 0.6)
    none = dict.fromkeys(("other_business", "shares", "credit", "states", "cash"), 0.0)
    cents = {**spread(0.5), "mean": 0.5, "by_source": none | by_source, "months": 12, "with_own_use": spread(0.3)}
    return told | {"outside_cents": {key: {"2026": cents} for key in ("asked", "loose")}}


@pytest.mark.parametrize(
    ("by_source", "ending"),
    [
        (
            {"other_business": 0.44, "shares": 0.17, "credit": 0.36, "cash": -0.43},
            ", mostly clouds' other business and credit",
        ),
        ({"other_business": 0.6, "credit": 0.36, "cash": -0.43}, ", mostly clouds' other business"),
        ({"credit": 0.3, "shares": 0.3, "states": 0.3}, ", mostly new shares and credit"),
        ({"credit": 0.5, "other_business": -0.1}, ", but credit"),
        ({"credit": 0.004}, "in 2026 are not from AI's customers"),
    ],
)
def test_the_sources_named_are_the_fewest_that_bring_more_than_half(by_source, ending):
    told = {line.name: line.short for line in answer_lines.lines(cents_of(**by_source))}
    assert told["on whose money"].endswith(ending)


def test_a_lender_is_told_of_those_who_owe_and_fail_and_in_a_line_of_those_who_fail_and_owe_nothing():
    told = whole_summary(0.5, 0.4, 0.6, name="neocloud")
    dates = list(told["firms"]["neocloud"]["default"])
    never = {date: {"share": 0.0, "low": 0.0, "high": 0.04} for date in dates}
    fine = told["firms"]["neocloud"] | {"default": never, "breach": never}
    told["firms"]["lead_lab"] = told["firms"]["lead_lab"] | {"debt_today": 0.0, "breach": None, "loss": None}
    told["firms"]["hyperscaler_a"] = fine
    out = table(told)
    assert "the neocloud 50 / 50 / 50 / 50 50 / 50 / 50 / 50 50 % (40–60)" in out
    assert "in default by Sep 2035, though they owe nothing in Oct 2025: the lead lab 50 %" in out
    assert "hyperscaler" not in out
    breaching = told["firms"]["neocloud"] | {"debt_today": 0.0, "default": never, "loss": None}
    told["firms"] |= {"neocloud": breaching}  # in breach, but never in default: neither is told of it
    assert "neocloud" not in table(told)
    told["firms"] = {"hyperscaler_a": fine | {"debt_today": 0.0}}
    assert "the only firm owes nothing in Oct 2025, and never defaults" in table(told)
    told["firms"] = {"hyperscaler_a": fine}
    assert "no firm that owes anything in Oct 2025 defaults or is in breach of a covenant in any world" in table(told)


def test_a_tightening_that_chance_could_bring_is_called_so_in_short():
    told = whole_summary(0.5, 0.4, 0.6)
    lost = {
        "starts": [0],
        "strengths": [1.0],
        "worlds": 12,
        "within": 60,
        "months": [[5.0]],
        "low": [[-1.0]],
        "high": [[9.0]],
    }
    told["life_lost_map"] = lost | {"beyond_chance": [[False]]}
    words = "each may be chance: 1 tried, 12 worlds each"
    assert f"5.0 (−1.0 to 9.0); {words}" in lines_of(told)
    told["life_lost_map"] = lost | {"beyond_chance": [[True]], "low": [[1.0]]}
    assert "chance on whose" not in lines_of(told)
    assert "within 60 months of the start (12 worlds each): Oct 2025: 5.0 (1.0 to 9.0) on whose" in lines_of(told)
    told["life_lost_map"]["worlds"] = told["worlds"]  # no smaller than the figures above it
    assert "within 60 months of the start: Oct 2025: 5.0" in lines_of(told)
    both = {"starts": [0, 12], "months": [[5.0], [7.0]], "low": [[1.0], [2.0]], "high": [[9.0], [12.0]]}
    told["life_lost_map"] = lost | both | {"beyond_chance": [[True], [False]]}
    assert "Oct 2025: 5 (1 to 9); Oct 2026: 7 (2 to 12), perhaps chance on whose" in lines_of(told)


def test_a_state_that_no_world_is_in_is_not_told_as_none_of_them_being_smaller():
    told = whole_summary(0.25, 0.2, 0.3)
    last = told["odds"]["asked"][-1]
    assert "25 % are smaller and pay for themselves, 25 % still spin" in screen.answer(told)
    last["smaller"] = {"share": 0.0, "low": 0.0, "high": 0.04}
    assert "are smaller" not in screen.answer(told)
    assert "25 % stand alone on what AI's customers pay, 25 % still spin" in screen.answer(told)


def test_who_gains_is_told_with_three_at_most_and_who_lost():
    told = whole_summary(0.5, 0.4, 0.6)
    amounts = {"vendors": 900.0, "states": 500.0, "bank": 300.0, "labs": 200.0, "clouds": -48.0}
    told["reckoning"] = {f"gain:{who}": spread(amount) for who, amount in amounts.items()}
    sure = {"share": 1.0, "low": 0.9, "high": 1.0}
    told["gain_odds"] = dict.fromkeys(amounts, sure) | {"clouds": {"share": 0.0, "low": 0.0, "high": 0.1}}
    assert "vendors +900, states +500, bank +300; lost: clouds −48 ($bn, median world, those for sure)" in lines_of(told)
    may_be, loses = {"share": 1.0, "low": 0.3, "high": 1.0}, {"share": 0.0, "low": 0.0, "high": 0.1}
    told["gain_odds"] = dict.fromkeys(amounts, may_be)
    assert "who gains nobody for sure" in lines_of(told)
    told["gain_odds"] = dict.fromkeys(amounts, loses)
    told["reckoning"] = {f"gain:{who}": spread(-amount) for who, amount in amounts.items() if amount > 0}
    assert "who gains nobody; lost: vendors −900, states −500, bank −300 ($bn" in lines_of(told)
    assert say("rings.short_name") in lines_of(told)


def test_falls_are_told_with_what_is_left_of_them_when_no_shed_contract_counts():
    told = whole_summary(0.5, 0.4, 0.6)
    told["threshold_sensitivity"]["shed"]["not_counted"] = {"fallen": 0.4, "stands_alone": 0.5}
    assert "40 % of worlds fall if no shed contract counts worst year" in lines_of(told)
    told["threshold_sensitivity"]["shed"]["not_counted"] = {"fallen": 0.5, "stands_alone": 0.5}
    assert "no shed contract" not in lines_of(told)


def test_whom_the_tightening_fells_and_saves_is_told_where_it_does_either():
    told, none = whole_summary(0.5, 0.4, 0.6), {"share": 0.0, "low": 0.0, "high": 0.2}
    assert "50 % (40–60) of worlds fall only with tightening, 50 % (40–60) only without" in lines_of(told)
    told["paired"] = dict.fromkeys(told["paired"], none)
    assert "only with tightening" not in lines_of(told)
    assert "only with tightening" not in lines_of(SUMMARIES.calm)


def test_a_score_is_said_to_be_of_the_model_with_nothing_set():
    told = whole_summary(0.5, 0.4, 0.6)
    score = {"error": 0.2435, "trend": 0.2219, "trend_6": 0.1605, "coverage": 0.5}
    told["trust"] = {"held_against_history": True, "origin": "2024-10", **score}
    words = "forecasts are off by a factor of 1.28, more than a plain trend (a year's: 1.25, half a year's: 1.17)"
    assert words in lines_of(told)
    assert "without what is set here" not in lines_of(told)
    assert "(scored without what is set here)" in lines_of(told | {"overrides": {"demand.strength": 0.3}})


def test_a_caused_share_below_nothing_is_no_share_that_would_be_gone():
    told = whole_summary(0.5, 0.4, 0.6)
    told["circularity"]["caused_share"] = {"median": -0.13, "low": -0.2, "high": 0.1}
    words = "gone without vendor finance: none, −13 % (nine worlds in ten −20 to 10 %: perhaps nothing)"
    assert words in lines_of(told)


def test_where_no_world_falls_nothing_decides_and_nothing_is_told_of_too_few():
    told = whole_summary(0.0, 0.0, 0.2)
    told["odds_by"] = {}
    told["decided_by"] = {}
    assert "what decides it nothing: no world falls" in lines_of(told)
