"""Levers, head and prediction of the page: what is shown is where the machine stands, and nonsense is refused."""

from __future__ import annotations

import functools
import re
import threading
import time

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from perpetuum.model.observed.states import STATES
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.presets import load_preset
from perpetuum.model.surroundings.past_squeezes import meaning
from perpetuum.model.words.catalogue import LANGUAGES, catalogue
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import address, head, levers, panels, predict, replay
from perpetuum.visualization.app import votes as votes_of
from perpetuum.visualization.app.address import read
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.levers import MAIN, REST, funding_now, moved, pending, revenue_2030, static, values
from perpetuum.visualization.app.opening import Opening
from perpetuum.visualization.app.session import TWIN, WATCHED, Session, Start

EN = Words("en")
TRIANGLE = Start("triangle", months=12)


def after(start, months):
    session = Session(start)
    for _ in range(months):
        session.step()
    return session


# --- levers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lever_of_the_registry_is_on_the_page_once_and_in_words(language):
    levers = [name for name, parameter in PARAMETERS.items() if parameter.lever]
    assert sorted((*MAIN, *REST)) == sorted(levers)
    assert {f"{part}.{name}" for name in levers for part in ("lever", "lever_help")} <= set(catalogue(language))


def test_sliders_reach_both_ends_and_the_default():
    session = Session(TRIANGLE)
    for name in (*MAIN, *REST):
        parameter = PARAMETERS[name]
        if parameter.kind == "float":
            step = static(EN, session, name)["step"]
            for value in (parameter.default, parameter.high):
                steps = (value - parameter.low) / step
                assert steps == pytest.approx(round(steps), abs=1e-6), name


def test_tightening_is_told_in_the_units_of_the_ladder():
    row = static(EN, Session(Start()), "funding.tightening")
    full = meaning(1.0, Scenario().values)
    assert row["tables"] == {"rate": [[0, 0], [1, full.rate_bp]], "spread": [[0, 0], [1, full.spread_bp]]} | {
        "venture": [[0, 0], [1, 100 * full.venture_lost]]
    }


@pytest.mark.parametrize(
    ("preset", "told"),
    [("ono_2025", "${a_gw}bn a gigawatt, at most ${most}bn"), ("ono_2023", "no deal by the gigawatt in this preset")],
)
def test_a_preset_without_a_deal_promises_no_dollars_at_most(preset, told):
    assert static(EN, Session(Start(preset)), "vendor_finance.scale")["meaning"] == told


def test_demand_in_dollars_is_what_the_model_earns_in_2030():
    table = dict(revenue_2030("ono_2025"))
    strengths = (0.3, 1.0, 2.3)
    asked = {"demand.strength": np.repeat(strengths, 3)}
    scenario = Scenario(overrides=asked, worlds=9, months=63, replicates=np.tile(np.arange(3), 3))
    economy = Economy(scenario)
    economy.run()
    of_2030 = [month for month, date in enumerate(economy.dates) if date.year == 2030]
    earned = economy.series["external_ai_revenue"][:, of_2030].sum(axis=1).reshape(3, 3).mean(axis=1) / 1000
    assert earned == pytest.approx([table[strength] for strength in strengths], abs=0.001)


def test_a_machine_without_growth_tells_no_revenue_of_2030():
    assert "gauge" in static(EN, Session(Start()), "demand.strength")
    assert "gauge" not in static(EN, Session(TRIANGLE), "demand.strength")


def test_a_machine_that_ends_before_2030_tells_no_revenue_of_2030():
    assert revenue_2030("telecom_1999") == ()
    assert "meaning" not in static(EN, Session(Start("telecom_1999")), "demand.strength")


def test_levers_follow_moves_forks_and_rewinding():
    session = after(TRIANGLE, 2)
    assert values(session)["vendor_finance.scale"] == [1.0]
    session.fork()
    session.move("vendor_finance.scale", 0.5, TWIN)
    assert values(session)["vendor_finance.scale"] == [1.0, 0.5]
    session.step()
    session.rewind(1)
    assert values(session)["vendor_finance.scale"] == [1.0]


def test_a_lever_is_pending_until_its_month_has_passed():
    session = after(TRIANGLE, 2)
    session.move("vendor_finance.scale", 0.5)
    assert pending(session) == ["vendor_finance.scale"]
    session.step()
    assert pending(session) == []


def test_moves_are_listed_latest_first_with_the_month_to_go_back_to():
    session = after(TRIANGLE, 1)
    session.move("vendor_finance.scale", 0.5)
    session.step()
    session.fork()
    session.move("funding.tightening", 1.0, TWIN)
    made = moved(EN, session)
    assert [(one["month"], one["date"], one["twin"]) for one in made] == [(2, "Dec 2025", False), (1, "Nov 2025", False)]
    assert made[1]["texts"] == ["Vendor finance 0.5"]
    session.rewind(made[1]["month"])
    assert moved(EN, session) == []


def test_funding_is_told_for_the_world_whose_levers_are_shown():
    session = after(Start(months=12), 2)
    session.fork()
    session.move("funding.tightening", 1.0, TWIN)
    session.step()
    assert funding_now(EN, session, WATCHED).startswith("now 0.00")
    assert not funding_now(EN, session, TWIN).startswith("now 0.00")


def test_what_if_funding_had_not_tightened_keeps_every_other_move():
    desk = Desk(read("?funding.start_month=3&months=9&month=7&moves=2:demand.strength=0.8;5:demand.strength=0.5"))
    desk.what_if_loose()
    session = desk.session
    assert (session.month, session.worlds, session.forked_at) == (7, 2, 3)
    theta = session.economy.core_events["theta"]
    assert theta[session.row(WATCHED)].max() > 0
    assert theta[session.row(TWIN)].max() == 0
    assert [session.value("demand.strength", world) for world in (WATCHED, TWIN)] == [0.5, 0.5]


def test_what_if_funding_had_not_tightened_keeps_a_tightening_of_ones_own_in_the_watched_world():
    desk = Desk(read("?months=9&month=7&moves=4:funding.tightening=1"))
    desk.what_if_loose()
    session = desk.session
    theta = session.economy.core_events["theta"]
    assert session.forked_at == 4
    assert theta[session.row(WATCHED), 4:].min() > 0
    assert theta[session.row(TWIN)].max() == 0


def test_what_if_funding_had_not_tightened_leaves_the_twin_that_there_was_with_all_its_levers():
    """Split before money tightened, that twin lived again as the one with loose money, and differed by two levers."""
    desk = Desk(read("?funding.start_month=4&months=9&month=7&moves=2:fork;2:demand.strength=0.5@1"))
    desk.what_if_loose()
    session = desk.session
    assert (session.month, session.worlds) == (7, 2)
    assert session.value("demand.strength", TWIN) == session.value("demand.strength", WATCHED) == 1.0
    theta = session.economy.core_events["theta"]
    assert theta[session.row(WATCHED)].max() > 0
    assert theta[session.row(TWIN)].max() == 0
    again = Desk(read("?" + address.write(session, {})))
    assert again.session.value("demand.strength", TWIN) == 1.0


# --- head -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["abc", "-1", "1.5", "", "²", "9" * 30, "<script>", "1e3"])
def test_what_is_no_whole_number_is_refused_in_a_sentence(text):
    told = head.begun(EN, Start(), {"seed": text})
    assert isinstance(told, str)
    assert "whole number" in told


def test_preset_seed_and_world_begin_anew():
    start = Start(seed=4, replicate=2, settings={"demand.strength": 0.5})
    assert head.begun(EN, start, {"preset": "triangle"}) == Start("triangle", 4, 2)
    assert head.begun(EN, start, {"seed": " 7 "}) == Start(seed=7, replicate=2, settings={"demand.strength": 0.5})
    assert head.begun(EN, start, {"world": "9"}) == Start(seed=4, replicate=9, settings={"demand.strength": 0.5})
    assert head.begun(EN, start, {"preset": "../secret"}) == "There is no preset '../secret'."


def test_head_names_the_month_that_has_passed():
    session = Session(Start(months=12))
    assert head.label(EN, session) == "start · Oct 2025"
    session.step()
    assert head.label(EN, session) == "month 1 · Oct 2025"
    assert head.label(Words("zh"), session) == "第1个月 · 2025年10月"


def test_line_of_time_shows_how_tight_money_was_and_is_going_to_be():
    session = after(Start(months=12, settings={"funding.start_month": 2, "funding.ramp_months": 4}), 4)
    planned = head.tightness(session)
    while not session.ended:
        session.step()
    assert planned == pytest.approx(session.economy.core_events["theta"][0])
    assert planned.max() > 0


def test_a_file_that_the_server_opened_is_in_the_menu_under_its_name(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('extends = "triangle"\ntitle = "Mine"\n')
    before = replay.opening()
    try:
        replay.open_with(Opening.of(str(file), 1))
        assert head.machines() == (*head.preset_names(), str(file))
        assert head.title(EN, str(file)) == "mine.toml"
        assert head.begun(EN, Start(), {"preset": "mine.toml"}) == Start(str(file))
        assert address.write(Session(Start(str(file), months=4)), {}) == "preset=mine.toml&seed=1&months=4&month=0"
        assert replay.address_of("preset=mine.toml&seed=2").start == Start(str(file), 2)
        session = Session(Start(str(file), months=4))
        assert panels.file_name(session, ".csv") == "perpetuum-mine-seed-1-month-0.csv"
        assert "mine.toml" in panels.origin(session, EN)
        assert str(tmp_path) not in panels.origin(session, EN)
    finally:
        replay.open_with(before)
    assert isinstance(head.begun(EN, Start(), {"preset": str(file)}), str)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_preset_has_a_title_and_a_question(language):
    for name in head.preset_names():
        told = [load_preset(name).told(what, language) for what in ("title", "question")]
        assert all(re.search("[一-鿿]" if language == "zh" else "[a-z]{3}", text) for text in told)


# --- prediction -------------------------------------------------------------------------------------------------------


class _Others:
    worlds = 100

    def __init__(self, expected):
        self._expected = expected

    def expected(self, session):
        return self._expected


def test_votes_are_counted_and_never_negative():
    votes = votes_of.voted({}, "stands_alone", 1)
    votes = votes_of.voted(votes, "fallen", -1)
    assert votes == {"stands_alone": 1, "fallen": 0}


def test_a_prediction_lasts_until_the_last_month():
    desk = Desk(read("?preset=triangle&months=5&month=14"))
    desk.predict()
    desk.votes.set({"fallen": 2})
    desk.step()
    assert desk.predicting.value
    desk.step()
    assert not desk.predicting.value
    assert predict.shows(desk)
    desk.votes.set({})
    assert not predict.shows(desk)


def test_giving_up_shows_the_verdict_and_forgets_the_votes():
    desk = Desk(read("?preset=triangle&months=5&month=3"))
    desk.predict()
    desk.votes.set({"fallen": 2})
    desk.predict()
    assert not predict.shows(desk)
    assert desk.votes.value == {}


def test_predicting_what_has_ended_begins_anew():
    desk = Desk(read("?preset=triangle&months=5&month=16"))
    desk.predict()
    assert desk.session.month == 0
    assert desk.predicting.value


def test_vote_stands_beside_what_happened_here_and_in_the_other_worlds(monkeypatch):
    expected = {"stands_alone": 0.25, "fallen": 0.75, "spinning": 0.0}
    monkeypatch.setattr(predict.background, "shared", lambda: _Others(expected))
    session = after(Start("triangle", settings={"vendor_finance.scale": 0.5}, months=14), 25)
    votes = {"stands_alone": 3, "fallen": 9, "first:lead_lab": 2, "first:": 1}
    told = predict.revealed(EN, session, votes)
    assert [(part["name"], part["share"]) for part in told["class"]] == [("fallen", 0.75), ("stands_alone", 0.25)]
    assert [(part["name"], part["share"]) for part in told["others"]] == [("fallen", 0.75), ("stands_alone", 0.25)]
    assert told["lead"] == "THE CASH IS GONE"  # how the smallest machine says so
    assert told["right"] == "9 of 12 votes had it right: has fallen"
    assert (told["first"], told["first_was"]) == ("lead lab 2, nobody 1", "lead lab")


def test_votes_are_taken_for_what_can_happen_only():
    session = Session(TRIANGLE)
    assert votes_of.may_be_voted_for(session) == [*STATES, "first:lead_vendor", "first:cloud", "first:lead_lab", "first:"]


def test_a_vote_stands_in_the_address_and_comes_back_with_it():
    votes = {"fallen": 12, "spinning": 0, "first:lead_lab": 3, "first:": 1}
    assert votes_of.written(votes) == "fallen:12;first:lead_lab:3;first::1"
    desk = Desk(read(f"preset=triangle&months=5&month=3&predict={votes_of.written(votes)}"))
    assert desk.predicting.value
    assert desk.votes.value == {"fallen": 12, "first:lead_lab": 3, "first:": 1}
    desk = Desk(read(f"preset=triangle&months=5&predict={votes_of.written({})}"))
    assert (desk.predicting.value, desk.votes.value) == (True, {})
    ended = Desk(read("preset=triangle&months=2&month=13&predict=fallen:2"))
    assert (ended.session.ended, ended.predicting.value, predict.shows(ended)) == (True, False, True)


@pytest.mark.parametrize(
    "text", ["0", "fallen", "fallen:-1", "fallen:1000", "fallen:x", "nothing:1", ";:", "fallen:1;=2", "first:a:b"]
)
def test_what_is_no_vote_is_told_and_what_is_hidden_stays_hidden(text):
    asked = read(f"preset=triangle&predict={text}&lang=zh")
    assert asked.predicting
    assert asked.votes == {}
    assert len(asked.notices) == 1


def test_votes_for_nobody_who_is_there_are_left_out():
    assert Desk(read("preset=triangle&months=5&predict=first:second_lab:4;first:<b>:1")).votes.value == {}


def test_what_everybody_asks_for_is_computed_once_and_who_asks_meanwhile_waits(monkeypatch):
    """A page that opens while the server warms up would compute it beside it, and both would take twice as long."""
    begun, told = [], []

    @functools.cache
    def slow(preset):
        begun.append(preset)
        time.sleep(0.2)
        return ((1.0, 0.5),)

    monkeypatch.setattr(levers, "_revenue_2030", slow)
    asking = [threading.Thread(target=lambda: told.append(revenue_2030("ono_2025"))) for _ in range(3)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert begun == ["ono_2025"]
    assert told == 3 * [((1.0, 0.5),)]
