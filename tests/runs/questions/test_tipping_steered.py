"""Worlds steered in mid-run: forks, the point of no return, and hysteresis."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.books.accounts import OverdraftError
from perpetuum.model.economy import Economy
from perpetuum.model.scenario import InputError, Scenario
from perpetuum.model.worlds import Stateful
from perpetuum.runs.commands import cli
from perpetuum.runs.questions import forked_worlds as steered
from perpetuum.runs.questions import hysteresis
from perpetuum.runs.questions import point_of_no_return as no_return
from perpetuum.runs.questions import tipping_report as tip_findings
from perpetuum.runs.questions.forked_worlds import Steered, Steering, run_all, run_steered
from perpetuum.runs.questions.hysteresis import Hysteresis, Ramp
from perpetuum.runs.questions.point_of_no_return import Loosening, NoReturn
from perpetuum.runs.study.batches import run_worlds

THETA = "funding.tightening"
TIGHT = {THETA: 1.0, "funding.start_month": 2, "funding.ramp_months": 3}
SERIES = ("vendor_revenue", "policy_rate", "operating_ratio", "gw_in_service")


def loosened(months, replicates, **more):
    return Steered("ono_2025", TIGHT, THETA, Loosening(np.array(months)), np.array(replicates), 1, 12, SERIES, **more)


# --- steered worlds -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_steered_fork_is_the_world_whose_lever_was_moved_bit_for_bit():
    together = run_steered(loosened([4, 7, 4], [5, 5, 2]))
    for place, (month, replicate) in enumerate(((4, 5), (7, 5), (4, 2))):
        alone = Economy(Scenario(overrides=TIGHT, months=12, replicates=[replicate], series=SERIES))
        alone.run(month)
        alone.move_lever(THETA, 0.0)
        alone.run()
        for name in SERIES:
            assert np.array_equal(together.series[name][place], alone.series[name][0]), name
        assert together.state[place] == alone.outcome().state[0]


@pytest.mark.slow
def test_every_array_of_an_economy_has_its_worlds_where_a_fork_looks_for_them():
    """With more worlds than there are generations, firms or months, so that no other axis is long enough."""
    worlds = 131
    economy = Economy(Scenario(worlds=worlds, months=12, series=("vendor_revenue",)))
    economy.run(2)
    seen: set[int] = set()
    stack = [(economy, economy, "economy")]
    while stack:
        owner, item, path = stack.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, np.ndarray):
            assert item.shape[owner._world_axis] == worlds, path
        elif isinstance(item, Stateful):
            stack.extend((item, value, f"{path}.{name}") for name, value in vars(item).items())
        elif isinstance(item, dict):
            stack.extend((owner, value, f"{path}[{name}]") for name, value in item.items())
        elif isinstance(item, (list, tuple)):
            stack.extend((owner, value, f"{path}[{place}]") for place, value in enumerate(item))
    fork = economy.fork(np.array([130, 0]))
    fork.run()
    economy.run()
    assert np.array_equal(fork.series["vendor_revenue"], economy.series["vendor_revenue"][[130, 0]])


@pytest.mark.slow
def test_loosening_once_the_squeeze_is_over_changes_nothing():
    overrides = {**TIGHT, "funding.hold_months": 1, "funding.release_months": 1}
    late = Steered("ono_2025", overrides, THETA, Loosening(np.array([8])), np.array([0]), 1, 12, SERIES)
    as_asked = Economy(Scenario(overrides=overrides, months=12, series=SERIES))
    as_asked.run()
    for name in SERIES:
        assert np.array_equal(run_steered(late).series[name][0], as_asked.series[name][0])


@pytest.mark.slow
def test_steered_worlds_draw_what_batches_draw_and_the_arms_of_a_world_share_it():
    drawn = run_steered(loosened([20, 4, 20], [3, 3, 0], draws=True)).series["vendor_revenue"]
    names = {"overrides": TIGHT, "replicates": [3, 0], "months": 12, "series": SERIES}
    for draws in (True, False):
        batch = run_worlds("ono_2025", draws=draws, **names)
        first = batch[batch["month"] == 0]["vendor_revenue"].to_numpy()
        assert (drawn[[0, 2], 0] == first).all() == draws
    assert drawn[0, 0] == drawn[1, 0]


@pytest.mark.slow
def test_batches_and_their_order_change_nothing():
    asked = loosened([4, 7, 5, 6], [1, 0, 1, 0])
    seen = []
    whole, apart = run_steered(asked), run_all(asked, progress=lambda done, total: seen.append((done, total)))
    assert np.array_equal(whole.series["vendor_revenue"], apart.series["vendor_revenue"])
    assert (whole.state == apart.state).all()
    assert seen[-1] == (4, 4)


@pytest.mark.slow
@pytest.mark.parametrize("breaks", [3, 6])
def test_a_world_that_fails_drops_out_and_the_others_do_not_notice(monkeypatch, breaks):
    """Once in what the arms have in common, once after the fork."""

    class FrailEconomy(Economy):
        def step(self):
            frail = np.asarray(self.scenario.replicates) == 5
            if self.month == breaks and frail.any():
                raise OverdraftError("somebody overdraws", frail)
            super().step()

    sound = run_steered(loosened([4, 4], [5, 2]))
    monkeypatch.setattr(steered, "make_economy", FrailEconomy)
    told = run_steered(loosened([4, 7, 4], [5, 5, 2]))
    assert told.state.tolist() == ["", "", sound.state[1]]
    assert np.isnan(told.series["vendor_revenue"][:2]).all()
    assert np.array_equal(told.series["vendor_revenue"][2], sound.series["vendor_revenue"][1])


# --- the point of no return ---------------------------------------------------------------------------------

LAST = np.array([31, 40, 44, 44, 47, 52, 60, 24, -1, 99, 99, 99])  # 99: does not fall as asked


def runs_worlds(preset, *, overrides, replicates, seed, months, draws, progress=None):
    falls = LAST[replicates] != 99
    return pd.DataFrame(
        {"replicate": replicates, "state": np.where(falls, "fallen", "spinning"), "error": [""] * len(falls)}
    )


class SavesUntil:
    """Loosening saves a world until its last month; in some worlds, in another month as well."""

    def __init__(self, also=()):
        self.also = dict(also)
        self.worlds = 0

    def __call__(self, asked, progress=None):
        months = asked.plan.months
        saved = months <= LAST[asked.replicates]
        saved |= np.array([self.also.get(int(r)) == m for r, m in zip(asked.replicates, months, strict=True)])
        self.worlds += len(months)
        if progress is not None:
            progress(len(months), len(months))
        return Steering(np.where(saved, "spinning", "fallen").astype(object), np.full(len(months), -1))


def asked_when(**more):
    return NoReturn(overrides={THETA: 1.0}, worlds=len(LAST), **more)


def test_the_last_month_of_every_world_is_found_to_the_month():
    question = asked_when()
    run = SavesUntil()
    found = no_return.search(question, runs_worlds, run)
    assert found.replicates.tolist() == list(range(9))
    assert found.last.tolist() == LAST[:9].tolist()
    assert found.stood == 3
    months = question.end - question.start
    assert run.worlds < 9 * months / 3


def test_worlds_that_are_loosened_are_those_that_fell():
    seen = []

    def run(asked, progress=None):
        seen.append((asked.preset, dict(asked.overrides), asked.lever, asked.seed, asked.months))
        return SavesUntil()(asked)

    no_return.search(asked_when(seed=7, months=110), runs_worlds, run)
    assert len(seen) > 1
    assert all(one == ("ono_2025", {THETA: 1.0}, THETA, 7, 110) for one in seen)


def test_the_median_world_is_lost_after_its_month():
    summary = no_return.summarise(asked_when(), no_return.search(asked_when(), runs_worlds, SavesUntil()))
    # Of nine fallen worlds, sorted, the fifth is saved in month 44.
    assert (summary["month"], summary["after_start"]) == (44, 20)
    assert summary["low"] <= 44 <= summary["high"]
    assert summary["never_saved"] == 1
    shares = {row["month"]: row["share"] for row in summary["still_saved"]}
    assert shares[44] >= 0.5 > shares[45]
    assert (summary["fallen"], summary["stood"]) == (9, 3)
    assert "until June 2029" in tip_findings.finding(summary)
    # A headline has no room for an interval beside its number, so it tells the interval.
    ends = [tip_findings.when(summary, summary[end]) for end in ("low", "high")]
    assert ends[0] != ends[1]
    assert tip_findings.headline(summary).endswith(f"lies between {ends[0]} and {ends[1]}")


def test_worlds_that_are_saved_again_later_are_counted_and_said():
    found = no_return.search(asked_when(), runs_worlds, SavesUntil({0: 48}))
    assert found.to_and_fro.sum() == 1
    assert found.last[0] == 48
    summary = no_return.summarise(asked_when(), found)
    assert "1 world lost in one month" in " ".join(tip_findings.answer(summary))


def test_where_nothing_falls_there_is_no_point_of_no_return():
    standing = lambda *a, **k: runs_worlds(*a, **k).assign(state="stands_alone")  # noqa: E731
    summary = no_return.summarise(asked_when(), no_return.search(asked_when(), standing, SavesUntil()))
    assert (summary["month"], summary["reason"]) == (None, no_return.NO_FALLS)
    assert tip_findings.HINT in " ".join(tip_findings.answer(summary))


def test_half_can_still_be_saved_until_the_month_of_the_middle_world():
    """Of three worlds, saved until months 9, 5 and 3, two are saved in month 5 and one in month 6."""
    assert no_return.median_month(np.array([9, 3, 5])) == 5
    assert no_return.median_month(np.array([9, 3])) == 9
    assert no_return.median_month(np.array([no_return.NEVER, no_return.NEVER, 4])) == no_return.NEVER


def test_where_half_cannot_be_saved_at_all_it_is_said(monkeypatch):
    monkeypatch.setattr("test_tipping_steered.LAST", np.where(LAST < 50, -1, LAST))
    summary = no_return.summarise(asked_when(), no_return.search(asked_when(), runs_worlds, SavesUntil()))
    assert (summary["month"], summary["reason"]) == (None, no_return.NOTHING_SAVES)
    for high, said in ((0.49, "fewer than half"), (0.5, "it is open whether loosening saves half of them")):
        told = summary | {"still_saved": [{"month": 24, "share": 0.3, "low": 0.1, "high": high}]}
        assert said in tip_findings.finding(told)
        assert said in tip_findings.headline(told)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"overrides": {THETA: 0}}, "nothing to loosen"),
        ({"overrides": {THETA: 1}, "months": 20}, "after the run's 20 months"),
    ],
)
def test_without_a_squeeze_there_is_nothing_to_loosen(more, sentence):
    with pytest.raises(InputError, match=sentence):
        NoReturn(**more)


# --- hysteresis ---------------------------------------------------------------------------------------------


class Machine:
    """Steered worlds whose revenue follows a rule of (level of the lever in every month, month, noise of the world)."""

    def __init__(self, rule):
        self.rule = rule

    def __call__(self, asked, progress=None):
        months = asked.months or 120
        levels = np.array([np.nan_to_num(asked.plan.levels(m)) * (m >= asked.plan.first) for m in range(months)]).T
        noise = np.array([np.random.default_rng(int(r)).normal() for r in asked.replicates])
        revenue = self.rule(levels, np.arange(months), noise)
        flat = np.zeros_like(revenue)
        series = {"vendor_revenue": revenue, "sentiment": flat, "neocloud_spread": flat}
        states = np.full(len(noise), "spinning", dtype=object)
        return Steering(states, np.full(len(noise), -1), series)


def loop_of(rule, worlds=30, **more):
    question = Hysteresis(worlds=worlds, months=120, **more)
    loop = hysteresis.run(question, Machine(rule))
    return hysteresis.summarise(question, loop)


def growth(month, noise):
    return (10 + noise)[:, None] * 1.01 ** month[None, :]


def relay(levels, month, noise):
    """Worlds break where the lever passes 0.7 (and noise), and mend only under 0.3: memory, at any age."""
    broken = np.zeros(len(levels), dtype=bool)
    result = np.empty_like(levels)
    for m in month:
        level = levels[:, m]
        broken = (broken | (level > 0.7 + 0.05 * noise)) & (level > 0.3 + 0.05 * noise)
        result[:, m] = np.where(broken, 0.4, 1.0)
    return result * growth(month, noise)


def test_a_machine_without_memory_makes_no_loop():
    summary = loop_of(lambda levels, month, noise: growth(month, noise) * (1 - 0.5 * levels))
    revenue = summary["indicators"]["vendor_revenue"]
    assert revenue["width"]["value"] == pytest.approx(0, abs=0.001)
    assert revenue["gap"]["value"] == pytest.approx(0, abs=0.001)
    assert "No hysteresis beyond noise" in tip_findings.finding(summary)


def test_growing_old_is_told_from_memory():
    """The lever bites less and less with the years: up and down differ, but not from worlds that were never higher."""
    summary = loop_of(lambda levels, month, noise: growth(month, noise) * (1 - 0.5 * levels * (1.6 - month / 100)))
    revenue = summary["indicators"]["vendor_revenue"]
    assert abs(revenue["width"]["value"]) > 0.1
    assert revenue["age"]["value"] == pytest.approx(revenue["width"]["value"], abs=0.02)
    assert revenue["memory"]["value"] == pytest.approx(0, abs=0.02)


@pytest.mark.slow
def test_a_relay_has_the_loop_that_it_was_built_with():
    revenue = loop_of(relay)["indicators"]["vendor_revenue"]
    assert revenue["up"]["value"] == pytest.approx(0.7, abs=0.04)
    assert revenue["down"]["value"] == pytest.approx(0.3, abs=0.04)
    assert revenue["width"]["low"] < 0.4 < revenue["width"]["high"]
    assert revenue["memory"]["value"] == pytest.approx(0.4, abs=0.06)
    assert revenue["age"]["value"] == pytest.approx(0.0, abs=0.05)


@pytest.mark.slow
def test_a_machine_that_ignores_the_lever_does_not_respond():
    summary = loop_of(lambda levels, month, noise: growth(month, noise) + 0 * levels)
    assert summary["reason"] == hysteresis.NO_RESPONSE
    assert "does not respond" in tip_findings.finding(summary)


@pytest.mark.slow
def test_a_machine_that_never_mends_has_a_loop_down_to_the_lowest_level():
    def broken_for_good(levels, month, noise):
        return growth(month, noise) * np.where(np.maximum.accumulate(levels, axis=1) > 0.7, 0.4, 1.0)

    revenue = loop_of(broken_for_good)["indicators"]["vendor_revenue"]
    assert revenue["down"]["value"] is None
    assert revenue["width"]["value"] == pytest.approx(0.7, abs=0.03)


def test_the_ramp_goes_up_and_down_and_every_arm_only_to_its_cap():
    question = Hysteresis(months=120)
    ramp = question.ramp()
    assert (ramp[question.start - 1], ramp.max(), ramp[-1]) == (0, 1, 0)
    assert np.abs(np.diff(ramp)).max() == pytest.approx(1 / 48)
    plan = Ramp(ramp, question.caps, question.start)
    levels = np.array([plan.levels(month) for month in range(question.start, 120)])
    assert np.isnan(levels[:, 0]).all()
    assert levels[:, 1:].max(axis=0) == pytest.approx(question.caps[1:])


def test_worlds_on_the_ground_have_a_core_default_or_less_than_half_their_revenue():
    revenue = np.array([[[10.0] * 20, [10.0] * 10 + [4.0] * 10, [10.0] * 20]])
    lie = hysteresis.fallen(revenue, np.array([[-1, -1, 15]]))[0]
    assert lie[0].sum() == 0
    assert np.flatnonzero(lie[1]).tolist() == [19]  # the mean of twelve months is at half of its peak there
    assert np.flatnonzero(lie[2]).tolist() == [15, 16, 17, 18, 19]


# --- the command --------------------------------------------------------------------------------------------


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    """Run `perpetuum tip` on the real machine, in an empty folder: returns its summary."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str):
        assert cli.main(["tip", *arguments, "--json", "--out", "found", "--workers", "1"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told == json.loads((tmp_path / "found" / "summary.json").read_text())
        return told, {path.name for path in (tmp_path / "found").iterdir()}

    return call


def test_when_answers_on_the_real_machine(command):
    short = ("--set", "funding.start_month=1", "--months", "5", "--worlds", "2")
    summary, files = command("--when", *short)
    assert summary["reason"] == no_return.NO_FALLS
    assert files == {"manifest.json", "summary.json", "worlds.parquet"}


@pytest.mark.slow
def test_hysteresis_answers_on_the_real_machine(command):
    short = ("--set", "funding.start_month=0", "--months", "24", "--worlds", "2")
    summary, files = command("--hysteresis", *short)
    assert summary["indicators"]["neocloud_spread"]["drop"]["value"] > 0.03
    assert {"hysteresis.png", "hysteresis.svg", "paths.parquet"} <= files
