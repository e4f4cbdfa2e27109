"""Tipping points: how they are searched for along a parameter and across a second one, and what is told of them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.scenario import InputError
from perpetuum.model.words.speech import speaking
from perpetuum.runs.questions import response_curves as response
from perpetuum.runs.questions import tipping
from perpetuum.runs.questions import tipping_report as tip_findings
from perpetuum.runs.questions.tipping import Tip

THETA = "funding.tightening"


def logistic(x, middle=0.6, width=0.05):
    return 1 / (1 + np.exp(-(x - middle) / width))


class FakeWorlds:
    """Simulates worlds as `run_worlds` does, by a chance of falling half-way under tight money; counts its calls.

    `falls` takes the columns of what varies but for the tightening, unless that is searched; with loose money none falls but
    those that `anyway` says.
    """

    def __init__(self, falls, anyway=lambda x, *_: 0 * x, fails=(), life=60):
        self.falls, self.anyway, self.fails, self.life = falls, anyway, fails, life
        self.calls: list[dict] = []

    def __call__(self, preset, *, overrides, varied, replicates, seed, months, draws, progress=None):
        self.calls.append({"varied": varied, "replicates": list(replicates), "draws": draws})
        draws = np.random.default_rng(seed).random(1000)[np.asarray(replicates)]
        theta = np.asarray(varied[THETA])
        columns = [np.asarray(column) for name, column in varied.items() if name != THETA or next(iter(varied)) == THETA]
        fell = draws < np.where(theta > 0, self.falls(*columns), self.anyway(*columns))
        error = np.where(np.isin(replicates, self.fails) & (columns[0] > 0.5), "an error", "")
        table = {"life": np.where(error != "", -1, np.where(fell, self.life, 120)), "error": error}
        # The neocloud defaults in month 40 wherever its world falls and leaves its lenders four fifths.
        table |= {"default:neocloud": np.where(fell, 40.0, -1.0), "loss:neocloud": np.where(fell, 0.2, 0.0)}
        state = np.select([error != "", fell], ["", "fallen"], "spinning")
        if progress is not None:
            progress(len(draws), len(draws))
        return pd.DataFrame({"replicate": replicates, "state": state, **table})


def told(falls, tip=None, **more):
    tip = tip or Tip()
    return tipping.summarise(tip, tipping.search(tip, FakeWorlds(falls, **more)))


# --- the search ---------------------------------------------------------------------------------------------


def test_the_search_closes_in_on_a_crossing_to_the_resolution():
    tip = Tip(resolution=0.01)
    (curve,) = tipping.search(tip, FakeWorlds(logistic))
    (crossing,) = response.find_crossings(curve.values, curve.of("fallen").mean(axis=0))
    assert crossing.high - crossing.low <= 0.01 + 1e-9
    assert len(curve.values) < 60  # two curves, each with its own crossing


def test_a_bump_hidden_in_one_gap_of_the_scan_is_found_where_the_curve_is_near_one_half():
    bump = lambda x: 0.42 * (x > 0.3) + 0.4 * np.exp(-(((x - 0.675) / 0.02) ** 2)) + 0.5 * (x > 0.95)  # noqa: E731
    summary = told(bump, Tip(worlds=200))
    assert summary["fallen"]["reason"] == response.NOT_MONOTONE
    assert [crossing["direction"] for crossing in summary["fallen"]["crossings"]] == ["up", "down", "up"]


def test_every_probe_holds_the_same_worlds_and_stages_run_together():
    fake = FakeWorlds(logistic)
    (curve,) = tipping.search(Tip(worlds=30), fake)
    for call in fake.calls:
        probes = np.array(call["varied"][THETA]).reshape(-1, 30)
        assert (probes == probes[:, :1]).all()
        assert (np.array(call["replicates"]).reshape(-1, 30) == np.arange(30)).all()
    assert len(fake.calls[0]["replicates"]) == 30 * tipping.SCAN
    assert len(fake.calls) < 8
    assert all(call["draws"] for call in fake.calls)
    assert curve.life.shape == curve.loose.shape == (30, len(curve.values))


def test_both_curves_have_their_own_threshold():
    """A world that falls loses 60 of 120 months: a year in the mean where one in five falls."""
    summary = told(lambda x: logistic(x, 0.8, 0.1), Tip(worlds=1000))
    assert summary["fallen"]["threshold"] == pytest.approx(0.8, abs=0.02)
    assert summary["life_lost"]["threshold"] == pytest.approx(0.8 - 0.1 * np.log(4), abs=0.02)
    for one in (summary["fallen"], summary["life_lost"]):
        assert one["low"] < one["threshold"] < one["high"]


def test_life_is_lost_against_the_same_worlds_with_loose_money():
    """Where as many fall with loose money, half of the worlds fall and no life is lost."""
    tip = Tip(over="demand.strength", low=0.5, high=1.5, overrides={THETA: 0.6})
    fake = FakeWorlds(lambda x: logistic(x, 1.0), anyway=lambda x: logistic(x, 1.0))
    (curve,) = tipping.search(tip, fake)
    summary = tipping.summarise(tip, [curve])
    assert (curve.of("life_lost") == 0).all()
    assert summary["life_lost"]["reason"] == response.NO_CROSSING
    assert summary["fallen"]["threshold"] == pytest.approx(1.0, abs=0.05)
    assert set(fake.calls[0]["varied"][THETA]) == {0.0, 0.6}
    assert "tight money costs no life" in tip_findings.finding(summary)
    assert curve.values.min() >= 0.5


def test_worlds_have_fallen_by_the_date_that_is_asked_about():
    late = told(logistic, Tip(by=59))
    assert late["fallen"]["reason"] == response.NO_CROSSING  # they fall in month 60
    assert told(logistic, Tip(by=60))["fallen"]["threshold"] is not None
    assert "Half of the worlds fallen by Sep 2030".lower() in tip_findings.finding(late).lower()
    with pytest.raises(InputError, match="none can have fallen by month 120"):
        Tip(by=120)


NEOCLOUD = ("default:neocloud", "loss:neocloud=0.1")


def test_the_odds_of_a_firms_default_and_a_lenders_loss_have_their_own_thresholds():
    """A fifth is lost in each default: a tenth of a dollar in the mean where the odds of a default are a half."""
    summary = told(lambda x: logistic(x, 0.8, 0.1), Tip(worlds=1000, metrics=NEOCLOUD))
    assert summary["metrics"] == {"default:neocloud": 0.5, "loss:neocloud": 0.1}
    for name in summary["metrics"]:
        one = summary[name]
        assert one["threshold"] == pytest.approx(0.8, abs=0.02)
        assert one["low"] < one["threshold"] < one["high"]
    probe = summary["probes"][-1]
    assert probe["loss:neocloud"]["share"] == pytest.approx(0.2 * probe["default:neocloud"]["share"])
    assert "fallen" not in summary
    finding = tip_findings.finding(summary)
    assert "The odds that the neocloud defaults by Sep 2035 pass 50 % once tightening reaches 0." in finding
    assert (
        "a dollar lent to the neocloud loses more than 10 % by Sep 2035, in the mean, once tightening reaches 0." in finding
    )


def test_a_level_may_be_stated_and_none_in_range_is_told():
    """Of a fifth lost in every second world at most a tenth is lost: no level above that is passed."""
    summary = told(lambda x: 0.5 * x, Tip(metrics=("default:neocloud=0.3", "loss:neocloud=0.15")))
    assert summary["default:neocloud"]["threshold"] == pytest.approx(0.6, abs=0.15)
    assert summary["loss:neocloud"]["reason"] == response.NO_CROSSING
    assert (
        "a mean loss of 15 % on a dollar lent to the neocloud, by Sep 2035: none in range, at most "
        in tip_findings.finding(summary)
    )


def test_a_firm_has_defaulted_and_its_lenders_lost_by_the_date_asked_about():
    early, late = (told(logistic, Tip(by=by, metrics=NEOCLOUD)) for by in (39, 40))
    for name in early["metrics"]:
        assert early[name]["highest"]["mean"] == 0  # it defaults in month 40
        assert late[name]["threshold"] is not None
    assert "it defaults in no world, whatever tightening" in tip_findings.finding(early)


def test_worlds_in_which_a_firm_owes_nothing_have_no_loss_on_it():
    """Of four worlds two owe: half of what they owe is lost, and the two others do not halve it."""
    rows = {"default:neocloud": [[3.0, 3.0]] * 4, "loss:neocloud": [[0.5, 0.5], [0.5, 0.5], [np.nan, 0.5], [np.nan] * 2]}
    curve = curve_of({name: np.array(values) for name, values in rows.items()})
    assert curve.of("default:neocloud").all()
    assert curve.of("loss:neocloud").tolist() == [[0.5, 0.5]] * 2
    with pytest.raises(InputError, match="in no world does the firm owe anything at all probes"):
        curve_of({"default:neocloud": np.ones((2, 2)), "loss:neocloud": np.full((2, 2), np.nan)}).of("loss:neocloud")


def curve_of(firms):
    worlds, probes = firms["default:neocloud"].shape
    life = np.full((worlds, probes), 120.0)
    states = np.full((worlds, probes), "spinning")
    return tipping.Curve({}, np.arange(float(probes)), life, life, states, np.arange(worlds), 119, 0, False, firms)


def test_whole_numbers_are_searched_in_whole_numbers():
    fake = FakeWorlds(lambda x: logistic(x, 12, 1))
    (curve,) = tipping.search(Tip(over="chips.lead_months", low=1, high=24, worlds=20), fake)
    assert (curve.values == np.round(curve.values)).all()
    assert all(isinstance(value, int) for call in fake.calls for value in call["varied"]["chips.lead_months"])


def test_a_world_that_fails_anywhere_is_left_out_everywhere():
    summary = told(logistic, fails=(3, 4))
    assert summary["failed_worlds"] == 2
    assert sum(summary["fallen"]["worlds"][key] for key in ("never", "always", "once", "back_and_forth")) == 98
    assert "2 worlds could not be simulated" in " ".join(tip_findings.answer(summary))


def test_across_a_second_parameter_there_is_a_threshold_at_each_value():
    tip = Tip(across=("demand.strength", [0.5, 0.7, 2.0]))
    summary = told(lambda x, d: logistic(x, d, 0.03), tip)
    found = [cell["fallen"]["threshold"] for cell in summary["cells"]]
    assert found[:2] == pytest.approx([0.5, 0.7], abs=0.03)
    assert found[2] is None
    assert "no single threshold in 1 of 3 cases" in tip_findings.finding(summary)
    table = tipping.probes_table(tip, tipping.search(tip, FakeWorlds(lambda x, d: logistic(x, d, 0.03))))
    assert list(table.columns) == ["demand.strength", THETA, "replicate", "seed", "life", "loose_life", "state"]


def test_a_threshold_across_is_told_as_the_interval_that_it_has():
    summary = told(lambda x, d: logistic(x, d, 0.1), Tip(across=("demand.strength", [0.4, 0.6]), worlds=50))
    cells = [cell["fallen"] for cell in summary["cells"]]
    cells[1]["high"] = None
    ends = [f"{cells[0][end]:.3g}" for end in ("low", "high")]
    for sentence in (tip_findings.finding(summary), tip_findings.headline(summary)):
        assert f"{ends[0]} to {ends[1]} (demand 0.4)" in sentence
        assert f"{cells[1]['low']:.3g} or more (demand 0.6)" in sentence
        assert f"{cells[0]['threshold']:.3g} (" not in sentence
    cells[1] |= {"low": None, "high": 0.7}
    assert "0.7 or less (demand 0.6)" in tip_findings.headline(summary)
    cells[1] |= {"low": None, "high": None}
    assert "a value somewhere in the range (demand 0.6)" in tip_findings.headline(summary)


@pytest.mark.parametrize(("worlds", "open_"), [(20, True), (400, False)])
def test_none_in_range_is_left_open_where_the_interval_of_the_highest_holds_the_level(worlds, open_):
    summary = told(lambda x: 0.33 * x, Tip(worlds=worlds))
    assert summary["fallen"]["threshold"] is None
    most = summary["fallen"]["highest"]
    assert most["low"] < most["mean"] < most["high"]
    assert (most["high"] >= 0.5) is open_
    sentence = tip_findings.finding(summary).partition("half of the worlds fallen")[2]
    assert f"at most {100 * most['mean']:.0f} % ({100 * most['low']:.0f}–{100 * most['high']:.0f}) have fallen" in sentence
    assert ("with so few worlds it may be reached all the same" in sentence) is open_


def test_the_progress_counts_on_through_the_stages():
    seen = []
    tipping.search(Tip(worlds=10), FakeWorlds(logistic), lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert all(done <= total for done, total in seen)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"over": "demand.strenght"}, "did you mean 'demand.strength'"),
        ({"over": "vendor_finance.instrument"}, "has no order"),
        ({"over": "vendor_finance.tied"}, "has no order"),
        ({"low": 0.9, "high": 0.2}, "empty range"),
        ({"high": 1.5}, "it takes from 0 to 1"),
        ({"overrides": {THETA: 1}}, "both set and searched"),
        ({"across": (THETA, [1])}, "cannot be searched across itself"),
        ({"worlds": 1}, "worlds must be a whole number from 2 to 5,000"),
        ({"resolution": 2.0}, "^resolution must be"),
        ({"metrics": ("default:neoclod",)}, "is of no firm of this preset; did you mean 'default:neocloud'"),
        ({"metrics": ("defualt:neocloud",)}, "tip follows no 'defualt:neocloud'; did you mean 'default:neocloud'"),
        ({"metrics": ("loss:lead_lab",)}, "nothing to lose .there are loss:hyperscaler_a, loss:"),
        ({"metrics": ("loss:neocloud=1.5",)}, "a share above 0 and below 1, such as loss:neocloud=0.2, not '1.5'"),
        ({"metrics": ("fallen=0.3",)}, "has a level of its own"),
        ({"metrics": ("fallen", "fallen")}, "followed twice"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_sentence(asked, sentence):
    with pytest.raises(InputError, match=sentence):
        Tip(**asked)


# --- words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chance", "sentence"),
    [
        (logistic, "half of the worlds have fallen by Sep 2035 once tightening reaches 0."),
        (lambda x: 0.06 * x, "half of the worlds fallen by Sep 2035: none in range, at most "),
        (lambda x: 0 * x, "half of the worlds fallen by Sep 2035: none in range, no world has fallen, whatever tightening"),
        (lambda x: 0.9 - 0.8 * np.abs(x - 0.5) * 2, "half of the worlds fallen by Sep 2035: no single tipping point, with"),
        (logistic, "Tight money costs the mean world a year of life once tightening reaches 0."),
        (lambda x: 0.06 * x, "A year of life lost to tight money: none in range, the mean world loses at most "),
        (
            lambda x: 0 * x,
            "A year of life lost to tight money: none in range, tight money costs no life, whatever tightening",
        ),
        (lambda x: 0.9 - 0.8 * np.abs(x - 0.5) * 2, "A year of life lost to tight money: no single tipping point, with"),
    ],
)
def test_the_answer_says_what_was_found(chance, sentence):
    summary = told(chance)
    assert sentence in tip_findings.finding(summary)
    assert "95 %" not in tip_findings.headline(summary)


def test_where_more_of_a_parameter_saves_worlds_it_is_said():
    tip = Tip(over="demand.strength", low=0.5, high=1.5, overrides={THETA: 0.6})
    finding = tip_findings.finding(told(lambda x: 1 - logistic(x, 1.0), tip))
    assert "fewer than half of the worlds have fallen by Sep 2035 once demand passes" in finding
    assert "Tight money costs the mean world less than a year of life once demand passes" in finding


def test_a_title_names_a_threshold_without_its_interval_only_where_that_is_narrow():
    summary = told(lambda x: 0.52 * x, Tip(worlds=400))
    assert summary["fallen"]["high"] is None
    assert "open above" in tip_findings.headline(summary)


def test_where_all_worlds_fall_anyway_it_is_said():
    summary = told(lambda x: 0 * x + 1, anyway=lambda x: 0 * x + 1)
    assert "all worlds have fallen, whatever tightening" in tip_findings.finding(summary)


def test_the_threshold_is_told_in_the_units_of_the_press():
    assert "policy rate +1" in " ".join(tip_findings.answer(told(logistic)))
    elsewhere = told(lambda x: logistic(x, 1.0), Tip(over="demand.strength", overrides={THETA: 0.6}))
    assert "policy rate" not in " ".join(tip_findings.answer(elsewhere))


def test_every_answer_is_told_in_chinese_too():
    for chance in (logistic, lambda x: 0.06 * x, lambda x: 0 * x + 1, lambda x: 0.9 - 0.8 * np.abs(x - 0.5) * 2):
        with speaking("zh"):
            sentences = [*tip_findings.answer(told(chance)), tip_findings.headline(told(chance))]
        left = set(re.findall(r"[A-Za-z]{2,}", " ".join(sentences)))
        assert not left, left


@pytest.mark.parametrize("across", [None, ("demand.strength", [0.5, 0.7, 2.0])])
def test_what_is_told_of_firms_is_told_in_chinese_too(across):
    for chance in (logistic, lambda x: 0.06 * x, lambda x: 0 * x + 1, lambda x: 0.9 - 0.8 * np.abs(x - 0.5) * 2):
        falls = chance if across is None else lambda x, d, chance=chance: chance(x)
        with speaking("zh"):
            summary = told(falls, Tip(metrics=NEOCLOUD, across=across))
            sentences = [*tip_findings.answer(summary), tip_findings.headline(summary)]
        left = set(re.findall(r"[A-Za-z]{2,}", " ".join(sentences)))
        assert not left, left
