"""The journal on the page: every phrase of the model has its sentence in both languages, and lines are told once."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import model
from model import Economy, Scenario
from model.phases import restructuring
from visualization.app.catalogue import LANGUAGES, Words, catalogue
from visualization.app.happened import MOST, ORDER, WEIGHTS, Happening, grouped, happenings, key_of, slug, told
from visualization.app.session import Session, Start

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


# --- every phrase has its sentence ----------------------------------------------------------------------------------


def template(node):
    """A literal or formatted phrase as it is keyed, `agent` for what is filled in; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "agent" for part in node.values)
    return None


def noted():
    """Phrases of every call that notes an event: (file, line, "what" or "cause", phrase or the node that gives it)."""
    folder = Path(model.__file__).parent
    for source in sorted([*folder.rglob("*.py"), *(folder.parent / "agents").rglob("*.py")]):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            called = ast.unparse(call.func)
            if not (called.endswith("journal.note") or called == "note"):
                continue
            arguments = dict(zip(("month", "who", "what", "where", "cause"), call.args, strict=False))
            arguments |= {keyword.arg: keyword.value for keyword in call.keywords}
            if template(arguments["who"]) == "lever":
                continue  # the session's moves tell it
            for role in ("what", "cause"):
                if role in arguments:
                    yield f"{source.name}:{call.lineno}", role, arguments[role]


def causes_of_a_default():
    """All phrases that `_cause` may give."""
    tree = ast.parse(Path(restructuring.__file__).read_text(encoding="utf-8"))
    function = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "_cause")
    pairs = [node for node in ast.walk(function) if isinstance(node, ast.Tuple) and len(node.elts) == 2]
    return [phrase for phrase in (template(pair.elts[0]) for pair in pairs) if phrase and " " in phrase]


#: What stands in a variable when it is noted, and all that it may hold.
VARIABLES = {
    "what": lambda: [restructuring.UNPAID, restructuring.WRITTEN_OFF, restructuring.REJECTED],
    "reason": causes_of_a_default,
}


def phrases():
    found = []
    for where, role, node in noted():
        phrase = template(node)
        if phrase is None:
            assert ast.unparse(node) in VARIABLES, f"{where} notes {ast.unparse(node)}"
            found += [(where, role, one) for one in VARIABLES[ast.unparse(node)]()]
        else:
            found.append((where, role, phrase))
    return found


def test_the_search_finds_the_calls_that_note_something():
    found = phrases()
    assert len({where for where, _, _ in found}) >= 10
    assert len({phrase for _, role, phrase in found if role == "what"}) >= 12
    assert len(causes_of_a_default()) >= 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_that_the_model_notes_has_its_sentence(language):
    texts = catalogue(language)
    missing = [
        (where, phrase) for where, role, phrase in phrases() if phrase and f"events.{role}.{slug(phrase)}" not in texts
    ]
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_noted_in_crashes_of_all_forms_is_told_in_words(crashes, language):
    texts, seen = catalogue(language), set()
    for session in crashes:
        for one in happenings(session):
            if one.who:
                seen.add(one.what)
                assert f"events.what.{one.what}" in texts, one.phrase
                assert not one.cause or f"events.cause.{one.cause}" in texts, one.phrase
                assert one.what in WEIGHTS
    assert {"defaults", "rejects_commitments_to", "rescues_agent", "breaches_its_loan_covenants"} <= seen
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


def test_a_phrase_is_keyed_with_the_firm_taken_out():
    names = ("lab", "lead_lab", "cloud")
    assert key_of("its customer lead_lab had defaulted", names) == ("its_customer_agent_had_defaulted", "lead_lab")
    assert key_of("lives on an insiders' bridge", names) == ("lives_on_an_insiders_bridge", "")


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
        for what in ("raises_a_round", "lives_on_an_insiders_bridge", "sells_chips_second_hand"):
            paid = sum(event.amount for event in events if slug(event.what) == what)
            assert sum(h.amount for h in one if h.what == what) == pytest.approx(paid)


def test_creditors_of_one_default_are_one_line(crashes):
    defaults = 0
    for session in crashes:
        for one in happenings(session):
            if one.what == "rejects_commitments_to":
                same = [h for h in happenings(session) if (h.month, h.who, h.what) == (one.month, one.who, one.what)]
                assert same == [one]
                assert sum(amount for _, amount in one.to) == pytest.approx(one.amount)
            defaults += one.what == "defaults"
    assert defaults


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
    turns = {one.what: one.month for one in happenings(session) if not one.who}
    theta = session.economy.core_events["theta"][0]
    assert turns["tightens"] == (theta > 0).argmax()
    assert turns["tightest"] == theta.argmax()
    assert theta[turns["eases"]] < theta[turns["eases"] - 1] == theta.max()
    assert theta[turns["loose"]] == 0 < theta[turns["loose"] - 1]
    assert len([one for one in happenings(session) if not one.who]) == 4


def test_after_a_fork_the_same_is_told_once_and_the_rest_says_whose_it_is():
    session = Session(Start(months=42))
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


def test_a_phrase_unknown_to_the_catalogue_is_told_in_the_models_own_words(monkeypatch):
    session = Session(Start(months=3))
    session.step()
    where = session.economy.p.demand.strength > 0
    session.economy.journal.note(0, "lead_lab", "invents something", where, "it could")
    assert "Lead lab invents something, because it could" in [line.text for line in told(Words("zh"), session)]


def test_a_happening_of_several_months_counts_them():
    assert Happening(3, 3, "lead_lab", "defaults").weight == "default"
    assert Happening(3, 3, "", "tightens").weight == "funding"
