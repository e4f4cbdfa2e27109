"""What happened and why, in sentences, newest first: the journal of the world watched and, after a fork, of its twin.

What repeats month after month is one line, which stands where it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import solara

from perpetuum.model.observed.events import Event, EventCause, EventKind, EventTheme, sentence
from perpetuum.model.words.speech import Words, capital
from perpetuum.visualization.app.component import component_vue
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.session import TWIN, WATCHED, Move, Session

#: Lines shown at most; fewer until one asks for earlier ones, so that a month's message stays small.
MOST, FIRST_SHOWN = 200, 40
#: Marks and colours of what is no event of the model.
FUNDING, FORK = "funding", "fork"
#: Order within a month; a default and what it leaves undone stay together.
ORDER = (
    EventTheme.LEVER,
    FORK,
    FUNDING,
    EventTheme.DEFAULT,
    EventTheme.BREACH,
    EventTheme.RESCUE,
    EventTheme.DROUGHT,
    EventTheme.TRANCHE,
    EventTheme.ROUND,
    EventTheme.SALE,
)
#: Amounts of these are sought, not paid: over several months they are not added up.
SOUGHT = (EventKind.ROUND_FAILS,)
#: Creditors who are named, the largest first.
NAMED = 3
#: Letters that a line of a projector holds (1280 px, 20 px type); a Chinese one has the room of two.
LINE, OF_TWO = 116, 14


class Turn(StrEnum):
    """How funding conditions turn."""

    TIGHTENS = "tightens"
    TIGHTEST = "tightest"
    EASES = "eases"
    LOOSE = "loose"


@dataclass(frozen=True)
class Told:
    """A line: its month, its weight, the sentence, and whose it is ("watched", "twin", or "" for both)."""

    month: int
    weight: str
    text: str
    world: str = ""


@dataclass(frozen=True)
class Happening:
    """Events of one kind by one firm: towards several in one month, or in successive months; or a turn of funding.

    Amounts are in $bn. `whom` is the other party of one event; several creditors stand in `to` with what each lost.
    """

    month: int
    until: int
    kind: EventKind | Turn
    who: str = ""
    whom: str = ""
    cause: EventCause | None = None
    amount: float = 0.0
    to: tuple[tuple[str, float], ...] = ()

    @property
    def weight(self) -> str:
        """Mark and colour."""
        return FUNDING if isinstance(self.kind, Turn) else self.kind.theme.value


def told(words: Words, session: Session, most: int = MOST, *, line: bool = False) -> list[Told]:
    """The latest lines: months newest first, within a month in the order in which things follow from each other.

    `line`: each as long as a line of a projector holds, without its cause where there is no room.
    """
    found: list[tuple[Happening | Move, str]] = (
        _both(session) if session.worlds > 1 else [(h, "") for h in happenings(session)]
    )
    found += [(move, "") for move in session.moves]

    def rank(item: tuple[Happening | Move, str]) -> tuple[int, int]:
        what = item[0]
        weight = _weight(what)
        return -what.month, ORDER.index(EventTheme.DEFAULT if weight == EventTheme.LOSS else weight)

    write = _in_a_line if line else _sentence
    latest = sorted(found, key=rank)[:most]
    return [Told(what.month, _weight(what), capital(write(words, session, what)), world) for what, world in latest]


def _in_a_line(words: Words, session: Session, what: Happening | Move) -> str:
    room = LINE - (OF_TWO if session.worlds > 1 else 0)
    text = _sentence(words, session, what)
    if isinstance(what, Happening) and _long(text) > room:
        text = _sentence(words, session, replace(what, cause=None), named=1)
    return text


def _long(text: str) -> float:
    return sum(2.0 if ord(letter) > 0x2E80 else 1.0 for letter in text)


def _weight(what: Happening | Move) -> str:
    if isinstance(what, Happening):
        return what.weight
    return FORK if what.lever in ("fork", "join") else EventTheme.LEVER.value


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
    # The session's moves tell better which lever was moved.
    events = (e for e in economy.journal.events if e.world == row and e.kind is not EventKind.LEVER_MOVED)
    return sorted([*_funding(session, row), *_runs(_months(events))], key=lambda one: one.month)


def _months(events: Iterator[Event]) -> list[Happening]:
    """Events, a firm's losses of one kind in one month together, whoever bears them."""
    found: dict[tuple[Any, ...], Happening] = {}
    for event in events:
        lost = event.kind.theme is EventTheme.LOSS
        whom, to = ("", ((event.whom, event.amount),)) if lost else (event.whom, ())
        key = (event.month, event.who, event.kind, event.cause, whom)
        one = found.get(key)
        if one is None:
            found[key] = Happening(event.month, event.month, event.kind, event.who, whom, event.cause, event.amount, to)
        else:
            found[key] = replace(one, amount=one.amount + event.amount, to=one.to + to)
    return list(found.values())


def _runs(happened: Sequence[Happening]) -> list[Happening]:
    """Happenings, those that repeat month after month as one that stands where it began."""
    found: list[Happening] = []
    places: dict[tuple[Any, ...], int] = {}
    for one in happened:
        key = (one.who, one.kind, one.cause, one.whom)
        place = places.get(key)
        if place is not None and not one.to and found[place].until == one.month - 1:
            amount = one.amount if one.kind in SOUGHT else found[place].amount + one.amount
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
            yield Happening(month, month, Turn.TIGHTENS if step > 0 else Turn.EASES)
        if step < 0 and level <= 1e-9:
            yield Happening(month, month, Turn.LOOSE)
        after = steps[month + 1] if month + 1 < len(steps) else step
        if step > 0 and after <= 0:
            yield Happening(month, month, Turn.TIGHTEST, amount=level)
        turned = 0.0 if level <= 1e-9 else step or turned


# --- in words -------------------------------------------------------------------------------------------------------


def _sentence(words: Words, session: Session, what: Happening | Move, named: int = NAMED) -> str:
    if isinstance(what, Move):
        return _moved(words, session, what)
    if isinstance(what.kind, Turn):
        return words(f"events.funding.{what.kind}", theta=f"{what.amount:.2f}".rstrip("0").rstrip("."))
    # Losses stand beside the default that is their cause.
    whom, cause = (_creditors(words, what, named), None) if what.to else (words.called(what.whom), what.cause)
    text = sentence(words, what.kind, what.who, whom, what.amount, cause)
    months = what.until - what.month + 1
    if months == 1:
        return text
    if what.until == session.month - 1:
        return words("events.so_far", text=text, months=months)
    start = session.economy.scenario.definition.start
    return words("events.until", text=text, months=months, month=words.month_of(start, what.until))


def _creditors(words: Words, what: Happening, most: int) -> str:
    # Suppliers, staff and tax office stand last: they are a list themselves.
    ordered = [name for name, _ in sorted(what.to, key=lambda item: (item[0] == "outside", -item[1]))]
    named = [words.called(name) for name in ordered]
    if len(named) > most + 1:
        named = [*named[:most], words("events.others", number=len(named) - most)]
    return words.listed(named)


def _moved(words: Words, session: Session, move: Move) -> str:
    if move.lever in ("fork", "join"):
        return words(f"events.{move.lever}")
    places = {"lever": words.lever(move.lever), "value": words.setting(move.lever, move.value)}
    if move.world is None or session.worlds == 1:
        return words(f"events.kind.{EventKind.LEVER_MOVED}", **places)
    return words("events.lever_twin" if move.world == TWIN else "events.lever_watched", **places)


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
        # A projector shows the last one alone, in a line: a second would take room from the machine, month by month another.
        shown = told(words, session, 1, line=True) if desk.presenter.value else told(words, session, min(most + 1, MOST))
        lines = [] if hidden else shown
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
        name = words.month_of(start, line.month)
        groups.setdefault(line.month, [line.month, name, []])[2].append([line.weight, line.text, line.world])
    return list(groups.values())
