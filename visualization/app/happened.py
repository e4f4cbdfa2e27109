"""What happened and why, in sentences, newest first: the journal of the world watched and, after a fork, of its twin.

The journal's events carry English phrases; the catalogue has a sentence for each in every language, keyed by the phrase with
`agent` in the place of a firm's id. What repeats month after month is one line, which stands where it began.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import solara

from model.journal import Event
from visualization.app.amounts import money
from visualization.app.catalogue import Words, catalogue
from visualization.app.component import component_vue
from visualization.app.desk import Desk
from visualization.app.inspector import capital
from visualization.app.panels import lever_name
from visualization.app.session import TWIN, WATCHED, Move, Session
from visualization.app.verdict import firm
from visualization.app.when import month_of

#: Lines shown at most; fewer until one asks for earlier ones, so that a month's message stays small.
MOST, FIRST_SHOWN = 200, 40
#: How much a phrase weighs: its mark and colour on the page.
WEIGHTS = {
    "defaults": "default",
    "leaves_bills_unpaid_to": "loss",
    "leaves_debts_unpaid_to": "loss",
    "rejects_commitments_to": "loss",
    "breaches_its_loan_covenants": "breach",
    "rescues_agent": "rescue",
    "pays_on_a_guarantee": "rescue",
    "finances_agent": "tranche",
    "raises_a_round": "round",
    "raises_a_down_round": "drought",
    "lives_on_an_insiders_bridge": "drought",
    "fails_to_raise_a_round": "drought",
    "sells_chips_second_hand": "sale",
}
#: Order within a month; a default and what it leaves undone stay together.
ORDER = ("lever", "fork", "funding", "default", "breach", "rescue", "drought", "tranche", "round", "sale")
#: Amounts of these are sought, not paid: over several months they are not added up.
SOUGHT = ("fails_to_raise_a_round",)
#: Creditors who are named, the largest first.
NAMED = 3
#: Amounts under so many $bn are left out.
SMALLEST = 0.005
#: Who notes what the session's moves tell better.
LEVER = "lever"


@dataclass(frozen=True)
class Told:
    """A line: its month, its weight, the sentence, and whose it is ("watched", "twin", or "" for both)."""

    month: int
    weight: str
    text: str
    world: str = ""


@dataclass(frozen=True)
class Happening:
    """Events of one phrase by one firm: towards several in one month, or in successive months; amounts in $bn.

    `what` and `cause` are keys of the catalogue; `agents` are the firms named in them ("" where none is).
    """

    month: int
    until: int
    who: str
    what: str
    cause: str = ""
    agents: tuple[str, str] = ("", "")
    amount: float = 0.0
    to: tuple[tuple[str, float], ...] = ()
    phrase: str = ""  # the journal's own words, for phrases that the catalogue does not have

    @property
    def weight(self) -> str:
        """Mark and colour."""
        return WEIGHTS.get(self.what, "sale") if self.who else "funding"


def told(words: Words, session: Session, most: int = MOST) -> list[Told]:
    """The latest lines: months newest first, within a month in the order in which things follow from each other."""
    found: list[tuple[Happening | Move, str]] = (
        _both(session) if session.worlds > 1 else [(h, "") for h in happenings(session)]
    )
    found += [(move, "") for move in session.moves]

    def rank(item: tuple[Happening | Move, str]) -> tuple[int, int]:
        what = item[0]
        weight = _weight(what)
        return -what.month, ORDER.index("default" if weight == "loss" else weight)

    latest = sorted(found, key=rank)[:most]
    return [
        Told(what.month, _weight(what), capital(_sentence(words, session, what, world)), world) for what, world in latest
    ]


def _weight(what: Happening | Move) -> str:
    if isinstance(what, Happening):
        return what.weight
    return "fork" if what.lever in ("fork", "join") else "lever"


def _both(session: Session) -> list[tuple[Happening | Move, str]]:
    """Both worlds' happenings: what is the same in both once, and of the twin's only what came after the fork."""
    watched, twin = (happenings(session, world) for world in (WATCHED, TWIN))
    forked = session.forked_at or 0
    found: list[tuple[Happening | Move, str]] = []
    for own, others, name in ((watched, set(twin), "watched"), (twin, set(watched), "twin")):
        for one in own:
            same = one in others or one.until < forked
            if not same or name == "watched":
                found.append((one, "" if same else name))
    return found


# --- from events to happenings ------------------------------------------------------------------------------------------


def happenings(session: Session, world: int = WATCHED) -> list[Happening]:
    """Everything that the journal and the funding conditions say of a world, by month of its beginning."""
    economy, row = session.economy, session.row(world)
    names = tuple(institution.name for institution in economy.institutions)
    events = (event for event in economy.journal.events if event.world == row and event.who != LEVER)
    return sorted([*_funding(session, row), *_runs(_months(events, names))], key=lambda one: one.month)


def _months(events: Iterator[Event], names: tuple[str, ...]) -> list[Happening]:
    """Events, those of one firm and phrase in one month towards several together."""
    found: dict[tuple[Any, ...], Happening] = {}
    for event in events:
        (what, agent), (cause, other) = key_of(event.what, names), key_of(event.cause, names)
        key = (event.month, event.who, what, cause, agent, other)
        to = ((event.whom, event.amount),) if event.whom else ()
        one = found.get(key)
        if one is None:
            found[key] = Happening(
                event.month, event.month, event.who, what, cause, (agent, other), event.amount, to, event.text
            )
        else:
            found[key] = replace(one, amount=one.amount + event.amount, to=one.to + to)
    return list(found.values())


def _runs(happened: Sequence[Happening]) -> list[Happening]:
    """Happenings, those that repeat month after month as one that stands where it began."""
    found: list[Happening] = []
    places: dict[tuple[Any, ...], int] = {}
    for one in happened:
        key = (one.who, one.what, one.cause, one.agents)
        place = places.get(key)
        if place is not None and not one.to and found[place].until == one.month - 1:
            amount = one.amount if one.what in SOUGHT else found[place].amount + one.amount
            found[place] = replace(found[place], until=one.month, amount=amount)
        else:
            places[key] = len(found)
            found.append(one)
    return found


def _funding(session: Session, row: int) -> Iterator[Happening]:
    """When funding began to tighten and to ease, when it was at its tightest, and when it was loose again."""
    if not session.month:
        return
    theta = np.concatenate([[0.0], session.economy.core_events["theta"][row]])
    steps = np.sign(np.round(np.diff(theta), 9))
    turned = 0.0  # the last step that was not nothing
    for month, step in enumerate(steps):
        level = float(theta[month + 1])
        if step and step != turned:
            yield Happening(month, month, "", "tightens" if step > 0 else "eases")
        if step < 0 and level <= 1e-9:
            yield Happening(month, month, "", "loose")
        after = steps[month + 1] if month + 1 < len(steps) else step
        if step > 0 and after <= 0:
            yield Happening(month, month, "", "tightest", amount=level)
        turned = 0.0 if level <= 1e-9 else step or turned


@functools.lru_cache(maxsize=4096)
def key_of(phrase: str, names: tuple[str, ...]) -> tuple[str, str]:
    """The catalogue's key of a phrase, with `agent` for the firm whose id is in it, and that firm ("" for none)."""
    for name in sorted(names, key=len, reverse=True):
        spoken = re.sub(rf"\b{re.escape(name)}\b", "agent", phrase)
        if spoken != phrase:
            return slug(spoken), name
    return slug(phrase), ""


def slug(phrase: str) -> str:
    """The catalogue's key of a phrase."""
    return re.sub(r"[^a-z0-9]+", "_", phrase.lower().replace("'", "")).strip("_")


# --- in words -------------------------------------------------------------------------------------------------------


def _sentence(words: Words, session: Session, what: Happening | Move, world: str) -> str:
    if isinstance(what, Move):
        return _moved(words, session, what)
    if not what.who:
        return words(f"events.{what.what}", theta=f"{what.amount:.2f}".rstrip("0").rstrip("."))
    known = catalogue("en")
    if f"events.what.{what.what}" not in known:
        return what.phrase
    kind = "without_amount" if what.amount < SMALLEST and f"events.without_amount.{what.what}" in known else "what"
    text = words(
        f"events.{kind}.{what.what}",
        who=called(words, what.who),
        agent=called(words, what.agents[0]),
        amount=money(words, what.amount),
        whom=_creditors(words, what),
    )
    if f"events.cause.{what.cause}" in known and what.weight != "loss":
        cause = words(f"events.cause.{what.cause}", agent=called(words, what.agents[1]))
        text = words("events.because", text=text, cause=cause)
    months = what.until - what.month + 1
    if months == 1:
        return text
    if what.until == session.month - 1:
        return words("events.so_far", text=text, months=months)
    start = session.economy.scenario.definition.start
    return words("events.until", text=text, months=months, month=month_of(words, start, what.until))


def called(words: Words, name: str) -> str:
    """An agent within a sentence."""
    known = f"the.{name}" in catalogue(words.language)
    return words(f"the.{name}" if known else "the.any", name=firm(words, name)) if name else ""


def _creditors(words: Words, what: Happening) -> str:
    # Suppliers, staff and tax office stand last: they are a list themselves.
    ordered = [name for name, _ in sorted(what.to, key=lambda item: (item[0] == "outside", -item[1]))]
    named = [words("events.bills_of") if name == "outside" else called(words, name) for name in ordered]
    if len(named) > NAMED + 1:
        named = [*named[:NAMED], words("events.others", number=len(named) - NAMED)]
    return words("events.and").join(part for part in (words("events.comma").join(named[:-1]), *named[-1:]) if part)


def _moved(words: Words, session: Session, move: Move) -> str:
    if move.lever in ("fork", "join"):
        return words(f"events.{move.lever}")
    whose = "" if move.world is None or session.worlds == 1 else "_twin" if move.world == TWIN else "_watched"
    key = f"lever_choice.{move.value}"
    value = words(key) if key in catalogue("en") else f"{move.value:g}" if isinstance(move.value, float) else str(move.value)
    return words(f"events.lever{whose}", name=lever_name(move.lever, words), value=value)


# --- on the page ----------------------------------------------------------------------------------------------------


@component_vue("vue/happened.vue")
def HappenedView(  # noqa: D103
    texts: dict,
    groups: list,
    more: bool,
    looking: int,
    event_look: Callable[[int], None],
    event_earlier: Callable[..., None],
) -> None: ...


@solara.component
def Happened(desk: Desk) -> None:
    """The column of what happened; a click on a line points the charts to its month, another takes them back."""
    everything = solara.use_reactive(False)
    _ = desk.tick.value
    words, session, language = desk.words, desk.session, desk.language.value
    texts = solara.use_memo(
        lambda: {
            name: words(f"happened.{name}") for name in ("title", "empty", "hidden", "more", "look", "watched", "twin")
        },
        [language],
    )
    hidden = desk.predicting.value
    most = MOST if everything.value else FIRST_SHOWN
    with desk.lock:
        lines = [] if hidden else told(words, session, MOST)
    if hidden:
        texts = texts | {"empty": texts["hidden"]}

    def look(month: Any) -> None:
        chosen = int(month)
        desk.looking_at.set(None if desk.looking_at.value == chosen else chosen)

    HappenedView(
        texts=texts,
        groups=grouped(words, session, lines[:most]),
        more=len(lines) > most,
        looking=-1 if desk.looking_at.value is None else desk.looking_at.value,
        event_look=look,
        event_earlier=lambda *_: everything.set(True),
    )


def grouped(words: Words, session: Session, lines: Sequence[Told]) -> list[list[Any]]:
    """Lines by month: [month, its name, [[weight, sentence, world], ...]], newest first."""
    start = session.economy.scenario.definition.start
    groups: dict[int, list[Any]] = {}
    for line in lines:
        name = month_of(words, start, line.month)
        groups.setdefault(line.month, [line.month, name, []])[2].append([line.weight, line.text, line.world])
    return list(groups.values())
