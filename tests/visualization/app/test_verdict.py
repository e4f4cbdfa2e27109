"""The verdict in words: states with reasons, sentences that do not flicker, dials that say what they measure."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from perpetuum.model.observed.outcome import CLASSES, HEADLINES, Thresholds
from perpetuum.model.presets import load_preset
from perpetuum.model.words.catalogue import LANGUAGES, catalogue
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import verdict_row
from perpetuum.visualization.app.address import read
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.dials import dials, funders, payload
from perpetuum.visualization.app.session import TWIN, WATCHED, Session, Start
from perpetuum.visualization.app.verdict import STATES, State, figures, sentence, state

EN = Words("en")
#: One vendor, one cloud, one lab: quick, and its lab fails where the vendor pays half.
TRIANGLE = Start("triangle", months=40)
HALVED = Start("triangle", settings={"vendor_finance.scale": 0.5}, months=40)


def after(start, months):
    session = Session(start)
    for _ in range(months):
        session.step()
    return session


def now(session, world=WATCHED):
    return state(session, world, figures(session, world))


@pytest.fixture(scope="module")
def two_years():
    """The default machine after two years, and the names of its states month by month."""
    session, states = Session(Start(months=40)), []
    for _ in range(28):
        session.step()
        states.append(now(session).name)
    return session, states


# --- states -----------------------------------------------------------------------------------------------------------


def test_machine_of_today_lives_on_outside_money(two_years):
    _, states = two_years
    assert states[0] == states[11] == "outside"


def test_states_do_not_flicker(two_years):
    _, states = two_years
    lasted = [len(list(months)) for _, months in itertools.groupby(states)]
    assert min(lasted[:-1], default=99) >= 3


@pytest.mark.parametrize(("ratio", "told"), [(0.99, "outside"), (1.0, "customers")])
def test_customers_carry_it_from_a_ratio_of_one(two_years, ratio, told):
    session, _ = two_years
    seen = figures(session, WATCHED)
    calm = replace(seen, growth=np.full_like(seen.growth, 0.2), operating=np.full_like(seen.operating, ratio))
    assert state(session, WATCHED, calm).name == told


def test_a_state_is_left_only_beyond_the_slack(two_years):
    session, _ = two_years
    seen = figures(session, WATCHED)
    seen = replace(seen, growth=np.full_like(seen.growth, 0.2))
    for last, told in ((0.96, "customers"), (0.94, "outside")):
        ratio = np.full_like(seen.operating, 1.02)
        ratio[-3:] = last
        assert state(session, WATCHED, replace(seen, operating=ratio)).name == told
    never = replace(seen, operating=np.full_like(seen.operating, 0.96))
    assert state(session, WATCHED, never).name == "outside"


def test_a_machine_that_the_vendor_keeps_turning_is_called_so():
    session = after(TRIANGLE, 20)
    told = now(session)
    assert told.name == "circle"
    assert told.amount == pytest.approx(figures(session, WATCHED).caused[-1])
    assert told.amount > Thresholds().mild_drawdown


def test_default_of_the_lead_lab_brings_the_machine_down_and_the_sentence_says_when():
    session = after(HALVED, 8)
    assert now(session).name == "strain"
    while not session.economy.core_events["default:lead_lab"][0].any():
        session.step()
    fell = now(session)
    assert (fell.name, fell.who, fell.why, fell.month) == ("falling", "lead_lab", "default", session.month - 1)
    said = sentence(EN, session, figures(session, WATCHED), fell)
    assert (said.lead, said.detail) == ("FALLING APART", "the lead lab defaulted in Sep 2026")
    assert "头部实验室于2026年9月违约" in sentence(Words("zh"), session, figures(session, WATCHED), fell).detail
    for _ in range(24):
        session.step()
    assert (now(session).name, now(session).month) == ("fallen", fell.month)


def test_a_lab_that_has_failed_has_no_runway_and_covers_nothing():
    session = after(HALVED, 8)
    assert "cash for" in sentence(EN, session, figures(session, WATCHED), State("outside", "plain")).facts[1]
    while not session.economy.core_events["default:lead_lab"][0].any():
        session.step()
    failed, told = session.month - 1, now(session)
    for _ in range(6):
        seen = figures(session, WATCHED)
        assert seen.failed == failed
        # Its own default is told once; where the sentence speaks of something else, it stands among the facts.
        assert len(sentence(EN, session, seen, told).facts) == 1
        elsewhere = sentence(EN, session, seen, replace(told, why="shed", who="leveraged_cloud")).facts
        assert elsewhere[1] == "lead lab: failed in Sep 2026"
        assert not any("cash for" in fact for fact in elsewhere)
        (cover,) = dials(EN, [seen])[2].marks
        assert (cover.text, cover.at) == ("failed", 0.0)
        session.step()


def test_first_domino_outside_the_core_is_named_and_forgotten_after_a_year(two_years):
    session, _ = two_years
    seen = figures(session, WATCHED)
    marks = session.economy.collector.facts["default:neocloud"]
    for months_ago, told in ((1, "domino"), (12, "domino"), (13, "other")):
        before = marks[-months_ago].copy()
        marks[-months_ago] = np.ones_like(before)
        session.economy.collector._stacks.kept.clear()
        found = state(session, WATCHED, seen)
        assert (found.name == "domino") == (told == "domino")
        if told == "domino":
            assert (found.who, found.why, found.month) == ("neocloud", "first", session.month - months_ago)
        marks[-months_ago] = before
    session.economy.collector._stacks.kept.clear()


@pytest.mark.parametrize("start", [Start("triangle", months=14), replace(HALVED, months=14)])
def test_after_the_last_month_the_verdict_itself_is_told(start):
    session = after(start, 14)
    outcome = session.economy.outcome()
    told = now(session)
    assert (told.name, told.why) == (outcome.headline[0], outcome.outcome[0])
    assert sentence(EN, session, figures(session, WATCHED), told).lead in ("UNDECIDED", "FELL APART")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_and_ending_has_words(language):
    known = catalogue(language)
    assert {f"verdict.{name}.lead" for name in (*STATES, *HEADLINES)} <= set(known)
    assert {f"verdict.class.{name}" for name in CLASSES} <= set(known)


# --- figures ----------------------------------------------------------------------------------------------------------


def test_traced_share_is_that_of_the_dyes_of_twelve_months(two_years):
    session, _ = two_years
    paid = {name: months[0, -12:].sum() for name, months in session.economy.dye_series.items()}
    laps = sum(paid[name] for name in ("lap_1", "lap_2", "lap_3"))
    assert figures(session, WATCHED).own[-1] == pytest.approx(laps / sum(paid.values()))


def test_caused_share_compares_with_the_same_world_without_vendor_finance():
    session = after(TRIANGLE, 20)
    revenue = session.economy.series["vendor_revenue"]
    watched, shadow = (revenue[row, -12:].sum() for row in (session.row(0), session.shadow(0)))
    assert figures(session, WATCHED).caused[-1] == pytest.approx(1 - shadow / watched)


def test_figures_of_the_first_months_are_of_the_months_there_are(two_years):
    session, _ = two_years
    seen, revenue = figures(session, WATCHED), session.economy.series["vendor_revenue"][0]
    assert seen.revenue[2] == pytest.approx(revenue[:3].sum())
    assert seen.operating[2] == pytest.approx(session.economy.series["operating_ratio"][0, :3].mean())
    assert np.isnan(seen.growth[:12]).all()


# --- dials ------------------------------------------------------------------------------------------------------------


def test_traced_and_caused_share_are_never_shown_apart(two_years):
    session, _ = two_years
    session = after(TRIANGLE, 20)
    session.fork()
    session.move("vendor_finance.scale", 0.0, TWIN)
    session.step()
    seen = [figures(session, world) for world in (WATCHED, TWIN)]
    own = dials(EN, seen)[0]
    assert [(mark.world, mark.kind) for mark in own.marks] == [(0, "main"), (0, "second"), (1, "main"), (1, "second")]
    for world in (WATCHED, TWIN):
        said = sentence(EN, session, seen[world], state(session, world, seen[world])).facts[0]
        assert "own-money share" in said
        assert "caused" in said


def test_marks_stand_within_their_gauge(two_years):
    session, _ = two_years
    seen = figures(session, WATCHED)
    extreme = replace(seen, caused=seen.caused - 0.4, full=seen.full + 9, operating=seen.operating + 9)
    for dial in dials(EN, [extreme]):
        for mark in payload(dial, EN)["marks"]:
            assert all(0 <= at <= 1 for at in (mark["at"], mark["low"], mark["high"]) if at is not None)


def test_a_gauge_holds_all_it_has_shown(two_years):
    session, _ = two_years
    own = dials(EN, [figures(session, WATCHED)])[0]
    assert own.full >= figures(session, WATCHED).own_high.max()


def test_parts_of_the_bar_are_all_that_was_paid_for_chips_in_a_year(two_years):
    session, _ = two_years
    bar = funders(EN, session, WATCHED)
    assert sum(part["share"] for part in bar["parts"]) == pytest.approx(1, abs=1e-3)
    paid = sum(months[0, -12:].sum() for months in session.economy.dye_series.values())
    assert bar["total"] == f"${paid:.0f}bn"


# --- the row ----------------------------------------------------------------------------------------------------------


class _Others:
    """Background worlds, three fifths of them with smaller sales."""

    worlds = 100

    def typical(self, session):
        return 0.62


def test_a_fork_has_a_sentence_for_each_world_and_the_watched_one_is_placed(monkeypatch):
    monkeypatch.setattr(verdict_row.background, "shared", _Others)
    desk = Desk(read("?preset=triangle&month=3&moves=2:fork"))
    row = verdict_row.shown(desk)
    assert [said["world"] for said in row["sentences"]] == ["this world", "its twin"]
    assert row["sentences"][0]["facts"][-1] == "chip sales above 62 of 100 other worlds"
    assert "other worlds" not in row["sentences"][1]["facts"][-1]
    assert len(row["funders"]["bars"]) == 2


def test_before_the_first_month_the_question_is_asked():
    row = verdict_row.shown(Desk(read("?preset=triangle&lang=zh")))
    assert row["sentences"][0]["detail"] == load_preset("triangle").told("question", "zh")
    assert row["dials"] == []
