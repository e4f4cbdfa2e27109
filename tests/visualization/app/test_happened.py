"""The journal on the page: everything is told in sentences of both languages, and told once."""

import re

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from perpetuum.model.observed.events import EventKind, EventTheme
from perpetuum.model.words.catalogue import LANGUAGES, catalogue
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import address, happened
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.happened import FIRST_SHOWN, LINE, MOST, ORDER, Happening, Turn, grouped, happenings, told
from perpetuum.visualization.app.session import Session, Start
from tests.plain import PLAIN

#: All forms of vendor finance, little demand, no money, with and without states that help: everything that can be noted.
FORMS = ("equity", "loan", "lease", "guarantee") * 2
CRASH = {"demand.strength": 0.4, "funding.tightening": 1.0, "states.rescue": [0.0] * 4 + [0.5] * 4}


@pytest.fixture(scope="module")
def crashes():
    """Ended sessions, one for every world of a batch that crashes."""
    scenario = Scenario(overrides=CRASH | {"vendor_finance.instrument": list(FORMS)}, worlds=len(FORMS), months=100)
    economy = Economy(scenario)
    economy.run()
    sessions = []
    for world in range(len(FORMS)):
        session = Session(Start(months=1))
        session.economy = economy.fork(np.array([world, world]))
        sessions.append(session)
    return sessions


# --- everything has its sentence -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_noted_in_crashes_of_all_forms_is_told_in_words(crashes, language):
    texts, seen = catalogue(language), set()
    for session in crashes:
        for one in happenings(session):
            if isinstance(one.kind, EventKind):
                seen.add(one.kind)
                assert f"events.kind.{one.kind}" in texts
                assert not one.cause or f"events.cause.{one.cause}" in texts
                assert one.weight in (*ORDER, EventTheme.LOSS)
    assert {EventKind.DEFAULTS, EventKind.COMMITMENTS_REJECTED, EventKind.RESCUES, EventKind.BREACHES_COVENANT} <= seen
    assert len(seen) >= 9


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_have_no_ids_and_no_empty_places(crashes, language):
    words = Words(language)
    for session in crashes:
        lines = told(words, session)
        assert lines
        for line in lines:
            assert not re.search(r"_|\{|events\.|  |, ,", line.text), line.text
            if language == "zh":
                assert not re.search(r"[a-z]{3}", line.text), line.text


# --- told once, in order ----------------------------------------------------------------------------------------------


def test_lines_are_newest_first_and_at_most_so_many(crashes):
    for session in crashes:
        lines = told(Words("en"), session, 25)
        assert len(lines) == 25
        months = [line.month for line in lines]
        assert months == sorted(months, reverse=True)
        assert [line.text for line in told(Words("en"), session)][:25] == [line.text for line in lines]
        assert len(told(Words("en"), session)) <= MOST
        for line in lines:
            assert line.weight in (*ORDER, "loss")


def test_groups_hold_every_line_under_its_month(crashes):
    session = crashes[0]
    lines = told(Words("en"), session)
    groups = grouped(Words("en"), session, lines)
    assert [month for month, _, _ in groups] == sorted({line.month for line in lines}, reverse=True)
    assert sum(len(group) for _, _, group in groups) == len(lines)
    assert dict((month, name) for month, name, _ in groups)[lines[-1].month].split()[-1].isdigit()


def test_what_repeats_month_after_month_is_one_line_with_all_that_was_paid(crashes):
    for session in crashes:
        events = [
            event for event in session.economy.journal.events if event.world == session.row(0) and event.who != "lever"
        ]
        one = happenings(session)
        assert len([h for h in one if h.who]) < len(events)
        runs = [h for h in one if h.until > h.month]
        assert runs
        for kind in (EventKind.RAISES_ROUND, EventKind.INSIDERS_BRIDGE, EventKind.SELLS_USED_CHIPS):
            paid = sum(event.amount for event in events if event.kind is kind)
            assert sum(h.amount for h in one if h.kind is kind) == pytest.approx(paid)


def test_creditors_of_one_default_are_one_line(crashes):
    defaults = 0
    for session in crashes:
        for one in happenings(session):
            if one.kind is EventKind.COMMITMENTS_REJECTED:
                same = [h for h in happenings(session) if (h.month, h.who, h.kind) == (one.month, one.who, one.kind)]
                assert same == [one]
                assert sum(amount for _, amount in one.to) == pytest.approx(one.amount)
            defaults += one.kind is EventKind.DEFAULTS
    assert defaults


@pytest.mark.slow
def test_funding_is_told_as_it_turns():
    session = Session(
        Start(
            months=24,
            settings={
                "funding.start_month": 3,
                "funding.ramp_months": 3,
                "funding.hold_months": 4,
                "funding.release_months": 5,
            },
        )
    )
    while not session.ended:
        session.step()
    turns = {one.kind: one.month for one in happenings(session) if not one.who}
    theta = session.economy.core_events["theta"][0]
    assert turns[Turn.TIGHTENS] == (theta > 0).argmax()
    assert turns[Turn.TIGHTEST] == theta.argmax()
    assert theta[turns[Turn.EASES]] < theta[turns[Turn.EASES] - 1] == theta.max()
    assert theta[turns[Turn.LOOSE]] == 0 < theta[turns[Turn.LOOSE] - 1]
    assert len([one for one in happenings(session) if not one.who]) == 4


@pytest.mark.slow
def test_after_a_fork_the_same_is_told_once_and_the_rest_says_whose_it_is():
    session = Session(Start(preset=PLAIN, months=42))
    for _ in range(20):
        session.step()
    before = [line.text for line in told(Words("en"), session)]
    session.fork()
    assert [line.text for line in told(Words("en"), session)][1:] == before
    session.move("demand.strength", 0.3, world=1)
    session.move("funding.tightening", 1.0, world=1)
    while not session.ended:
        session.step()
    lines = told(Words("en"), session)
    assert {line.world for line in lines} == {"", "watched", "twin"}
    assert all(
        not line.world for line in lines if line.month < 20 and "so far" not in line.text and "until" not in line.text
    )
    assert sum(line.weight == "fork" for line in lines) == 1
    levers = [line.text for line in lines if line.weight == "lever"]
    assert len(levers) == 2
    assert all("twin" in text for text in levers)
    for line in lines:
        same = [other for other in lines if (other.month, other.text) == (line.month, line.text)]
        assert len(same) == 1


def test_a_happening_weighs_as_its_kind_does():
    assert Happening(3, 3, EventKind.DEFAULTS, "lead_lab").weight == "default"
    assert Happening(3, 3, Turn.TIGHTENS).weight == "funding"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_of_a_projector_holds_whatever_happened(crashes, language):
    words, shortened = Words(language), 0
    for session in crashes:
        for whole, line in zip(told(words, session, 10_000), told(words, session, 10_000, line=True), strict=True):
            long = sum(2 if ord(letter) > 0x2E80 else 1 for letter in line.text)
            assert long <= LINE, line.text
            assert (line.month, line.weight) == (whole.month, whole.weight)
            shortened += line.text != whole.text
    assert shortened or language == "zh"  # which is brief


def test_sentences_are_written_for_lines_that_are_shown_alone(crashes, monkeypatch):
    """All two hundred were written month after month, forty of them shown."""
    reacton = pytest.importorskip("reacton")
    busy = max(crashes, key=lambda session: len(told(Words("en"), session)))
    assert len(told(Words("en"), busy)) > FIRST_SHOWN + 20
    desk = Desk(address.read("preset=ono_2025&months=1"))
    desk.session = busy
    write, written = happened._sentence, []
    monkeypatch.setattr(happened, "_sentence", lambda *inputs, **named: written.append(1) or write(*inputs, **named))
    view, context = reacton.render_fixed(happened.Happened(desk))
    assert len(written) == FIRST_SHOWN + 1
    assert view.more
    assert sum(len(lines) for _, _, lines in view.get_state()["groups"]) == FIRST_SHOWN
    context.close()
