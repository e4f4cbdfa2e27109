"""The verdict in words: states with reasons, sentences that do not flicker, dials that say what they measure."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from perpetuum.model.observed.states import STATES as ENDINGS
from perpetuum.model.presets import load_preset
from perpetuum.model.words.catalogue import LANGUAGES, catalogue
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import cash, verdict_row
from perpetuum.visualization.app.address import read
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.dials import dials, funders, payload
from perpetuum.visualization.app.session import TWIN, WATCHED, Session, Start
from perpetuum.visualization.app.verdict import TONES, State, figures, sentence, standing, state
from tests.plain import PLAIN

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


def like(seen, only_now=False, **values):
    """Figures that were so all the time, or are so in the last month only."""
    changed = {name: getattr(seen, name).copy() for name in values}
    for name, value in values.items():
        changed[name][-1 if only_now else slice(None)] = value
    return replace(seen, **changed)


@pytest.fixture(scope="module", autouse=True)
def words_of_the_large_machines():
    """The smallest machine stands for the large ones here; what it says in words of its own is in test_cash.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cash, "asks", lambda session: False)
        yield


@pytest.fixture(scope="module")
def two_years():
    """The default machine after two years, and the names of its states month by month."""
    session, states = Session(Start(preset=PLAIN, months=40)), []
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


@pytest.mark.parametrize(
    ("running", "building", "level", "told"),
    [
        (0.99, 0.7, 1.0, "outside"),
        (1.0, 0.7, 1.0, "customers"),
        (1.2, 0.99, 1.0, "customers"),
        (1.2, 1.0, 1.0, "alone"),
        (1.2, 1.0, 0.75, "alone"),
        (1.2, 1.0, 0.74, "smaller"),
        (1.2, 0.99, 0.74, "shrinking"),
        (1.2, 1.3, 0.5, "halved"),
        (0.9, 0.7, 0.5, "halved"),
    ],
)
def test_a_state_is_what_customers_pay_and_what_is_left_of_the_sales(two_years, running, building, level, told):
    session, _ = two_years
    seen = like(figures(session, WATCHED), operating=running, full=building, level=level, only_now=True)
    assert state(session, WATCHED, seen).name == told


def test_half_of_the_sales_is_a_fall_once_it_has_stayed_so_for_a_year(two_years):
    session, _ = two_years
    seen = figures(session, WATCHED)
    for lasted in range(1, 14):
        level = np.ones_like(seen.level)
        level[-lasted:] = 0.45
        fell = replace(seen, level=level)
        told, reading = state(session, WATCHED, fell), standing(session, WATCHED, fell)
        assert (told.name, told.month) == ("halved" if lasted < 12 else "fallen", session.month - lasted)
        assert (reading.state, reading.confirmed) == (("spinning", False) if lasted < 12 else ("fallen", True))
        said = sentence(EN, session, fell, told, reading)
        onset = EN.month_of(session.economy.scenario.definition.start, session.month - lasted)
        assert f"since {onset}" in said.detail
        assert ("provisional" in said.since) == (lasted < 12)
    level[-5] = 0.6  # it did not stay there
    assert state(session, WATCHED, replace(seen, level=level)).name == "halved"


def test_a_machine_that_the_vendor_keeps_turning_is_called_so_and_left_only_beyond_the_slack(two_years):
    session, _ = two_years
    seen = figures(session, WATCHED)
    for last, told in ((0.3, "circle"), (0.21, "circle"), (0.19, "outside")):
        caused = np.full_like(seen.caused, 0.3)
        caused[-3:] = last
        found = state(session, WATCHED, replace(seen, caused=caused))
        assert found.name == told
        assert found.amount == (pytest.approx(last) if told == "circle" else 0.0)
    assert state(session, WATCHED, like(seen, caused=0.24)).name == "outside"


def test_default_of_the_lead_lab_brings_the_machine_down_and_the_sentence_says_when():
    session = after(HALVED, 8)
    assert now(session).name == "strain"
    while not session.economy.core_events["default:lead_lab"][0].any():
        session.step()
    fell = now(session)
    assert (fell.name, fell.who, fell.why, fell.month) == ("fallen", "lead_lab", "default", session.month - 1)
    said = sentence(EN, session, figures(session, WATCHED), fell)
    assert (said.lead, said.detail) == ("FALLEN", "the lead lab defaulted in Sep 2026; what is left pays for itself")
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


def test_a_cover_beyond_its_gauge_is_told_as_such_of_two_worlds_too(two_years):
    seen = figures(two_years[0], WATCHED)
    for cover, told in ((2.0, "2.0"), (3.0, "≥3.0")):
        marks = dials(EN, [replace(seen, cover=np.array([cover]), failed=-1)] * 2)[2].marks
        assert [mark.short for mark in marks] == [told, told]


def test_first_domino_outside_the_core_is_named_and_forgotten_after_a_year(two_years):
    session, _ = two_years
    seen = figures(session, WATCHED)
    marks = session.economy.collector.facts["default:neocloud"]
    for months_ago, told in ((1, "domino"), (12, "domino"), (13, "other")):
        month = marks[-months_ago]
        before = month.copy()
        month[:] = True
        session.economy.collector._stacks.kept.clear()
        found = state(session, WATCHED, seen)
        assert (found.name == "domino") == (told == "domino")
        if told == "domino":
            assert (found.who, found.why, found.month) == ("neocloud", "first", session.month - months_ago)
        month[:] = before
    session.economy.collector._stacks.kept.clear()


@pytest.mark.parametrize("start", [Start("triangle", months=3), replace(HALVED, months=14)])
def test_after_the_last_month_the_verdict_itself_is_told_and_of_which_month_it_is(start):
    session = after(start, start.months + 11)
    outcome = session.economy.outcome()
    told = now(session)
    assert told.name == outcome.state[0]
    assert told.month == (outcome.fallen_month[0] if told.name == "fallen" else outcome.alone_month[0])
    seen = figures(session, WATCHED)
    said = sentence(EN, session, seen, told, standing(session, WATCHED, seen))
    assert said.lead == {"fallen": "FALLEN", "stands_alone": "STANDS ALONE"}[told.name]
    judged = EN.month_of(session.economy.scenario.definition.start, start.months - 1)
    assert said.since == f"verdict on {judged}, the last month judged"


def test_what_has_changed_since_the_last_month_judged_is_told_beside_the_verdict(two_years):
    session = after(Start("triangle", months=3), 14)
    seen = figures(session, WATCHED)
    worse = like(seen, full=0.8, only_now=True)
    said = sentence(EN, session, worse, now(session), standing(session, WATCHED, worse))
    assert said.lead == "STANDS ALONE"
    assert said.since == "verdict on Dec 2025, the last month judged; by Nov 2026: spinning on outside money"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_and_ending_has_words(language):
    known = catalogue(language)
    assert {f"verdict.{name}.lead" for name in (*TONES, *ENDINGS)} <= set(known)
    assert {f"state_about.{name}" for name in ENDINGS} <= set(known)
    assert {f"verdict.reading.{name}" for name in ENDINGS if name != "fallen"} <= set(known)


# --- sentence and figures agree ----------------------------------------------------------------------------------------

#: What says in a sentence that the machine pays for itself, and that it does not.
PAYS = {
    "en": ("customers pay for running and building", "stands alone", "pays for itself", "self-financing", "ON ITS OWN"),
    "zh": ("客户付款足以覆盖", "自立", "已能自给", "缩小而自给"),
}
DOES_NOT = {
    "en": ("outside money", "outsiders still pay", "needs outside money"),
    "zh": ("外部资金", "外部出钱", "需要外部资金"),
}
WORLDS = [
    ("triangle", {"vendor_finance.scale": 0.5}),
    pytest.param(("triangle", {}), marks=pytest.mark.slow),
    pytest.param(("triangle", {"funding.tightening": 1.0}), marks=pytest.mark.slow),
    pytest.param(("ono_2025", {}), marks=pytest.mark.slow),
    ("ono_2025", {"funding.tightening": 1.0}),
    ("ono_2025", {"demand.strength": 0.4, "funding.tightening": 1.0}),
    ("optimist", {"demand.strength": 3.0}),
]


@pytest.fixture(scope="module", params=WORLDS, ids=lambda world: f"{world[0]} {world[1]}")
def lived(request):
    """A world's months, one after another: (session, figures, state, standing), told as they were seen; and the ended session."""
    preset, settings = request.param
    session, months = Session(Start(preset, settings=settings, months=72)), []
    said = []
    while not session.ended:
        session.step()
        seen = figures(session, WATCHED)
        told, reading = state(session, WATCHED, seen), standing(session, WATCHED, seen)
        months.append((seen, told, reading))
        said.append({language: sentence(Words(language), session, seen, told, reading) for language in LANGUAGES})
    return session, months, said


@pytest.mark.slow
def test_no_sentence_contradicts_the_ratio_shown_beside_it(lived):
    session, months, said = lived
    for (seen, told, reading), sentences in zip(months[:-1], said[:-1], strict=True):
        running, building = (float(mark.short) for mark in dials(EN, [seen])[1].marks)
        opposite = DOES_NOT if building >= 1 else PAYS
        for language, one in sentences.items():
            text = " ".join((one.lead, one.detail, one.since))
            assert not [phrase for phrase in opposite[language] if phrase in text], (text, building)
        if building >= 1 and told.name in ("fallen", "halved", "alone", "smaller"):
            assert ("wear and own use aside" in sentences["en"].detail) == (running < 1)
            assert ("损耗与自用不计" in sentences["zh"].detail) == (running < 1)
        if told.name in ("customers", "outside"):
            assert (running >= 1) == (told.name == "customers")
        if reading.state != "fallen":
            assert (reading.state != "spinning") == (building >= 1)
            assert (reading.state == "stands_alone") == (building >= 1 and seen.level[-1] >= 0.75)
    at_end, beside = said[-1]["en"], months[-1][2]
    assert session.economy.outcome().state[0] == beside.state or "; by " in at_end.since


def test_what_the_page_has_confirmed_is_what_the_verdict_says(lived):
    session, months, _ = lived
    judged = session.economy.outcome().dates.state[0]
    for month, (_, _, reading) in enumerate(months[: len(judged)]):
        if reading.confirmed:
            assert ENDINGS[judged[month]] == reading.state
            assert (judged[reading.since : month + 1] == judged[month]).all()


def test_a_reading_is_provisional_for_its_first_eleven_months(lived):
    _, months, said = lived
    for (_, told, reading), sentences in zip(months[:-1], said[:-1], strict=True):
        if told.name not in ("fallen", "halved"):
            assert ("provisional" in sentences["en"].since) == ("暂定" in sentences["zh"].since) == (reading.months < 12)


# --- figures ----------------------------------------------------------------------------------------------------------


def test_traced_share_is_that_of_the_dyes_since_the_start(two_years):
    session, _ = two_years
    paid = {name: months[0].sum() for name, months in session.economy.dye_series.items()}
    laps = sum(paid[name] for name in ("lap_1", "lap_2", "lap_3"))
    assert figures(session, WATCHED).own[-1] == pytest.approx(laps / sum(paid.values()))


@pytest.mark.slow
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
    assert seen.full[2] == pytest.approx(session.economy.readings().ratio[0, 2])


# --- dials ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
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


def test_a_gauge_keeps_its_scale_and_holds_its_value_within_its_range(two_years):
    session, _ = two_years
    seen = figures(session, WATCHED)
    rest = {dial.name: payload(dial, EN) for dial in dials(EN, ())}
    for share in (0.0, 0.004, 0.09, 0.36, 1.0):
        one = replace(seen, own=seen.own * 0 + share, own_low=seen.own * 0 + share / 2, own_high=seen.own * 0 + share)
        for dial in dials(EN, [one]):
            told = payload(dial, EN)
            assert [told[key] for key in ("full", "line", "named")] == [
                rest[dial.name][key] for key in ("full", "line", "named")
            ]
        main = payload(dials(EN, [one])[0], EN)["marks"][0]
        assert main["low"] <= main["at"] <= main["high"]
        assert main["at"] == pytest.approx(share**0.5, abs=1e-4)  # a share of 9 % stands at 0.3


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
    # The gauges stand there, empty, so that nothing moves when they fill.
    assert [dial["name"] for dial in row["dials"]] == ["own", "ratio", "cover"]
    assert not any(dial["marks"] for dial in row["dials"])
