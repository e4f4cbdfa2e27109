"""Coded events: every kind and cause has its words in both languages, and nobody goes by what the sentences say."""

from __future__ import annotations

import ast
import copy
import re
import string
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import perpetuum.model as model
from perpetuum.model.observed.events import Event, EventCause, EventKind, EventTheme
from perpetuum.model.observed.journal import Journal
from perpetuum.model.phases import private_placement
from perpetuum.model.words.catalogue import LANGUAGES, catalogue

ROOT = Path(model.__file__).parent.parent
PLACES = {"who", "whom", "amount", "lever", "value"}


@cache
def modules() -> dict[Path, ast.Module]:
    """Every module of the program."""
    found = (path for folder in ("model", "agents", "runs", "visualization") for path in (ROOT / folder).rglob("*.py"))
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(found)}


def notes() -> list[tuple[Path, ast.Call]]:
    """Every call that notes an event."""
    return [
        (path, node)
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("journal.note")
    ]


def members_named(node: ast.AST, enum: str) -> set[str]:
    return {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute) and ast.unparse(one.value) == enum}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_cause_of_events_has_words(language):
    texts = catalogue(language)
    for table, codes in (("kind", EventKind), ("cause", EventCause)):
        told = {key.rpartition(".")[2] for key in texts if key.startswith(f"events.{table}.")}
        assert told == {code.value for code in codes}
    for key, text in texts.items():
        if key.startswith(("events.kind.", "events.cause.", "events.without_amount.")):
            assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= PLACES, key


@pytest.mark.slow
def test_every_kind_and_cause_is_noted_somewhere_in_the_model():
    sources = {path: modules()[path] for path, _ in notes()}
    for enum in (EventKind, EventCause):
        noted = {name for tree in sources.values() for name in members_named(tree, enum.__name__)}
        assert noted == set(enum.__members__)


@pytest.mark.slow
def test_kinds_and_causes_are_noted_by_their_codes_alone():
    """A string where a code belongs would have no words; the annotations of `Journal.note` are checked by mypy."""
    assert len(notes()) >= 8
    for path, call in notes():
        arguments = dict(zip(("month", "kind", "who", "where", "cause"), call.args, strict=False))
        arguments |= {keyword.arg or "": keyword.value for keyword in call.keywords}
        for role in ("kind", "cause"):
            if role in arguments:
                assert not isinstance(arguments[role], (ast.Constant, ast.JoinedStr)), f"{path.name}:{call.lineno}"


@pytest.mark.slow
def test_nobody_compares_with_the_words_of_an_event():
    """Whoever asks for a kind or a cause names its member: no code stands as a string, no text of an event is searched."""
    codes = {code.value for enum in (EventKind, EventCause) for code in enum}
    for path, tree in modules().items():
        for node in ast.walk(tree):
            where = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                asked = any(isinstance(side, ast.Attribute) and side.attr in ("kind", "cause", "text") for side in sides)
                assert not asked or not codes & {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}, where
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and path.name != "events.py":
                assert node.value not in {code for code in codes if "_" in code}, where
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                searched = re.fullmatch(r"(first|last|event|e|one)\.(kind|cause|text)", ast.unparse(node.func.value))
                assert not searched, where


def test_an_event_is_a_sentence_made_of_its_codes():
    one = Event(3, 0, EventKind.RESCUES, "lead_vendor", "lead_lab", EventCause.CUSTOMER_RUNWAY_SHORT, 19.7)
    assert one.text == "The chip vendor rescued the lead lab with $20bn, because cash was running out there"
    fall = Event(3, 0, EventKind.DEFAULTS, "cloud_nine", "lead_lab", EventCause.CUSTOMER_DEFAULTED)
    assert fall.text == "The cloud nine defaulted, because its customer, the lead lab, had defaulted"
    bills = Event(3, 0, EventKind.BILLS_UNPAID, "neocloud", "outside", EventCause.OWN_DEFAULT, 1.2)
    assert bills.text.startswith("The neocloud left bills of $1.2bn to suppliers, staff and the tax office unpaid")


def test_events_come_in_the_order_in_which_they_were_noted_however_often_they_are_read():
    """A note of several worlds is one event a world; what changes later changes nothing; forks keep their worlds."""
    journal, amount = Journal(), np.array([1.23456e9, 2e9, 3e9])
    journal.note(4, EventKind.RESCUES, "lead_vendor", np.array([True, False, True]), amount=amount, whom="lead_lab")
    amount[:] = 0.0
    first = [(4, 0, 1.235), (4, 2, 3.0)]
    assert [(one.month, one.world, one.amount) for one in journal.events] == first
    journal.note(5, EventKind.DEFAULTS, "lead_lab", np.array([False, True, False]))
    both = [*first, (5, 1, 0.0)]
    assert [(one.month, one.world, one.amount) for one in journal.events] == both
    assert [(one.month, one.world, one.amount) for one in journal.events] == both
    journal.note(6, EventKind.DEFAULTS, "lead_vendor", np.array([False, False, True]))
    journal.keep(np.array([2, 2]))
    assert [(one.month, one.world, one.who) for one in journal.events] == [
        *((4, new, "lead_vendor") for new in (0, 1)),
        *((6, new, "lead_vendor") for new in (0, 1)),
    ]


def test_a_fork_of_a_journal_goes_on_by_itself():
    """Notes that nobody has read yet go along, in the order of their worlds; neither journal hears of the other's news."""
    journal = Journal()
    journal.note(1, EventKind.RESCUES, "lead_vendor", np.array([True, True, False]), amount=np.array([1e9, 2e9, 0.0]))
    fork = copy.deepcopy(journal)
    fork.keep(np.array([1, 0, 1, 2]))
    fork.note(2, EventKind.DEFAULTS, "lead_lab", np.array([False, False, False, True]))
    journal.note(2, EventKind.DEFAULTS, "neocloud", np.array([True, False, False]))
    told = [(one.month, one.world, one.who, one.amount) for one in fork.events]
    first = [(1, 1, "lead_vendor", 1.0), (1, 0, "lead_vendor", 2.0), (1, 2, "lead_vendor", 2.0)]
    assert told == [*first, (2, 3, "lead_lab", 0.0)]
    own = [(1, 0, "lead_vendor"), (1, 1, "lead_vendor"), (2, 0, "neocloud")]
    assert [(one.month, one.world, one.who) for one in journal.events] == own


def test_a_lever_that_is_moved_is_noted_as_data():
    journal = Journal()
    where = np.array([True, False])
    journal.note(4, EventKind.LEVER_MOVED, "lever", where, parameter="vendor_finance.instrument", value="loan")
    journal.note(5, EventKind.LEVER_MOVED, "lever", where, parameter="demand.strength", value=0.3)
    assert [(one.parameter, one.value, one.whom, one.cause) for one in journal.events] == [
        ("vendor_finance.instrument", "loan", "", None),
        ("demand.strength", 0.3, "", None),
    ]
    assert [one.text for one in journal.events] == ["Lever: Vendor finance as loans", "Lever: Demand for AI 0.3"]


def test_losses_name_their_creditor_and_nothing_else_is_in_their_theme():
    assert {kind for kind in EventKind if kind.theme is EventTheme.LOSS} == {
        EventKind.BILLS_UNPAID,
        EventKind.DEBTS_WRITTEN_OFF,
        EventKind.COMMITMENTS_REJECTED,
    }
    assert all(isinstance(kind.theme, EventTheme) for kind in EventKind)


def test_a_tranche_says_whether_compute_brought_it_or_the_calendar_however_small_it_is(monkeypatch):
    monkeypatch.setattr(private_placement, "deliver", lambda *_: SimpleNamespace(shares=np.zeros(3), whole=np.zeros(3)))
    journal, tied = Journal(), np.array([1.0, 0.0, 1.0])
    p = SimpleNamespace(vendor_finance=SimpleNamespace(tied=tied, instrument=np.zeros(3)))
    economy = SimpleNamespace(p=p, journal=journal, month=4)
    vendor, lab = (SimpleNamespace(name=name) for name in ("lead_vendor", "lead_lab"))
    private_placement._deliver(economy, vendor, lab, np.array([7e6, 7e6, 0.0]))  # type: ignore[arg-type]
    assert {one.world: (one.cause, one.amount) for one in journal.events} == {
        0: (EventCause.COMPUTE_COUNTED, 0.007),
        1: (EventCause.INSTALMENT_DUE, 0.007),
    }
    assert journal.events[0].text.endswith("because more compute had been signed for or had gone live there")
    assert journal.events[1].text.endswith("because an instalment was due")


def test_events_that_differ_in_their_amounts_alone_tell_each_its_own():
    paid = [
        Event(3, 0, EventKind.DEFAULTS, "lead_lab", cause=EventCause.DEBTS_UNSERVED, amount=amount) for amount in (2.0, 30.0)
    ]
    one, other = (event.text for event in paid)
    assert one != other
    assert one.replace("$2.0bn", "$30bn") == other
    assert "\0" not in one
    assert Event(3, 0, EventKind.DEFAULTS, "neocloud", cause=EventCause.DEBTS_UNSERVED, amount=2.0).text != one
