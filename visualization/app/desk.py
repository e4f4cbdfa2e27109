"""What one browser session holds: its own machine, and what the page shows of it.

Components read reactive values and call the verbs; `tick` changes whenever the machine has. Nothing here is shared between
sessions.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import solara

from perpetuum.model.scenario import InputError
from perpetuum.model.words.catalogue import LANGUAGES
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import ghost, mistakes, turns
from perpetuum.visualization.app.address import Address
from perpetuum.visualization.app.background import Request, moves_of
from perpetuum.visualization.app.bounds import FORKS
from perpetuum.visualization.app.session import TWIN, WATCHED, Session, Start
from perpetuum.visualization.app.votes import may_be_voted_for

SPEEDS = (1, 2, 5, 10)


class Desk:
    """One viewer's desk. `session` is the machine; the rest is what the page shows."""

    def __init__(self, address: Address, stays: Callable[[], bool] = lambda: True):
        self._stays = stays  # whether anybody waits for the end of a long way
        self.lock = threading.RLock()
        self._worked_out: tuple[str, dict[str, Any]] = ("", {})  # a moment, and what is known of it
        self.session = Session(address.start)
        self.begun = 0  # how often it was begun anew
        self.tick = solara.reactive(0)
        self.playing = solara.reactive(False)
        self.speed = solara.reactive(5)
        self.language = solara.reactive(address.language)
        self.presenter = solara.reactive(address.presenter)
        self.tab = solara.reactive(address.tab)
        self.selected = solara.reactive("")  # agent shown in the inspector
        self.looking_at: solara.Reactive[int | None] = solara.reactive(None)  # month that the charts point to
        # Levers across and up on the map, and what it shows.
        self.mapped: solara.Reactive[tuple[str, str, str]] = solara.reactive(
            ("funding.tightening", "demand.strength", "fallen")
        )
        self.notice = solara.reactive(" ".join(address.notices))
        self._says: mistakes.Say = lambda words: " ".join(address.tell(words))  # the same in any language
        # What the bands would be with the lever that is being dragged.
        self.ghost: solara.Reactive[Request | None] = solara.reactive(None)
        self.ghost_there = solara.reactive(0)  # changes when one has been computed
        self.predicting = solara.reactive(False)
        self.votes: solara.Reactive[Mapping[str, int]] = solara.reactive({})
        self._replay(address)
        known = may_be_voted_for(self.session)
        self.votes.set({what: many for what, many in address.votes.items() if what in known})
        self.predicting.set(address.predicting and not self.session.ended)

    def _replay(self, address: Address) -> None:
        for move in address.moves:
            self._walk(move.month, address.month)
            self._try(functools.partial(self._do, move))
        self._walk(address.month, address.month)

    def long_way(self) -> AbstractContextManager[None]:
        """A turn at many months at once; Gone is raised where nobody waits for it any more."""
        return turns.shared.turn(self._stays)

    def goes_on(self) -> None:
        """Asked every month of a long way: raises Gone where nobody waits for its end any more."""
        if not self._stays():
            raise turns.Gone

    def _walk(self, month: int, until: int) -> None:
        """Let months pass up to one, on the way to another, as long as somebody waits."""
        while self.session.month < month and not self.session.ended:
            self.goes_on()
            self.session.step(until)

    def _do(self, move: Any) -> None:
        if move.lever == "fork":
            self.session.fork()
        elif move.lever == "join":
            self.session.join(int(move.value))
        else:
            self.session.move(move.lever, move.value, move.world)

    @property
    def words(self) -> Words:
        """Texts in the language chosen."""
        return Words(self.language.value, self.session.economy.scenario.definition.industry)

    @property
    def moment(self) -> str:
        """Which state of the machine a part of the page was told; parts with the same are shown together."""
        return f"{self.tick.value} {self.session.month}"

    def once[R](self, what: str, work: Callable[[], R]) -> R:
        """What several parts of the page show of one state of the machine: worked out for the first of them."""
        with self.lock:
            if self._worked_out[0] != self.moment:
                self._worked_out = self.moment, {}
            known = self._worked_out[1]
            if what not in known:
                known[what] = work()
            found: R = known[what]
            return found

    # --- verbs ----------------------------------------------------------------------------------------------------

    def step(self, months: int = 1) -> None:
        """Let a month pass, or a few, and show the last."""
        with turns.months.place():
            with self.lock:
                for _ in range(months):
                    self.session.step()
            if self.session.ended:
                self.playing.set(False)
            self.changed()

    def go_on(self, months: Any = 1) -> None:
        """Let a month pass if the machine still plays: the clock may have asked before it knew that somebody stopped it.

        `months`: two where the browser cannot draw each in its time; whatever else a browser asks for is one.
        """
        if self.playing.value:
            self.step(2 if months == 2 else 1)

    def play(self) -> None:
        """Start or stop."""
        self.playing.set(not self.playing.value and not self.session.ended)

    def rewind(self, month: int) -> None:
        """Go back to a month."""
        self.playing.set(False)
        with self.lock:
            self.session.rewind(month)
        self.looking_at.set(None)
        self.changed()

    def move(self, lever: str, value: Any, world: int | None = None, near: float = 0.0) -> None:
        """Move a lever from the next month on; nearer to where it stands than `near` it stands still."""
        with self.lock:
            done = self._try(lambda: self.session.move(lever, value, world, near))
        if done:
            self.changed()

    def drag(self, lever: str, value: Any, world: int | None = None, near: float = 0.0) -> None:
        """Hold a lever at a value without letting go: the charts show where the bands would go, and nothing moves."""
        with self.lock:
            self.ghost.set(None if self.predicting.value else ghost.request_of(self.session, lever, value, world, near))

    def let_go(self) -> None:
        """No lever is held any more."""
        self.ghost.set(None)
        ghost.shared().drop(id(self))

    def fork(self) -> None:
        """Split the world, or leave the twin where there is one."""
        with self.lock:
            if self.session.worlds == 1 and sum(move.lever == "fork" for move in self.session.moves) >= FORKS:
                self.say(lambda words: words("bounds.forked_often", most=FORKS))
                return
            self.session.join() if self.session.worlds > 1 else self.session.fork()
        self.changed()

    def what_if_loose(self) -> None:
        """Ask in one click what if funding had not tightened: go back to before, split, and keep the twin's money loose.

        The levers that were moved since are moved again in both worlds, funding in the watched one alone.
        """
        session, funding = self.session, "funding.tightening"
        with self.long_way(), self.lock:
            if session.worlds > 1:
                session.join()
            before = self._last_loose_month()
            target, since = session.month, [move for move in moves_of(session) if move[0] >= before]
            session.rewind(before)
            if session.worlds > 1:  # a twin of before then, which has levers of its own
                session.join()
            session.fork()
            session.move(funding, 0.0, TWIN)
            for month, lever, value in since:
                self._walk(month, target)
                session.move(lever, value, WATCHED if lever == funding else None)
            self._walk(target, target)
        self.changed()

    def _last_loose_month(self) -> int:
        """How many months had passed when funding began to tighten, or now if it has not."""
        economy, row = self.session.economy, self.session.row(WATCHED)
        tight = [month for month, theta in enumerate(economy.collector.facts.get("theta", ())) if theta[row] > 0]
        return tight[0] if tight else self.session.month

    def begin(self, start: Start) -> None:
        """Begin anew, with another preset, seed or settings."""
        self.playing.set(False)
        with self.lock:
            self.begun += self._try(lambda: self.session.reset(start))
        self.votes.set({})
        self.looking_at.set(None)
        self.changed()

    def predict(self) -> None:
        """Hide the verdict until the class has voted and the last month has passed; or show it after all."""
        if not self.predicting.value and self.session.ended:
            self.rewind(0)
        self.votes.set({})
        self.predicting.set(not self.predicting.value)

    def switch_language(self) -> None:
        """Show the page in the next language."""
        names = list(LANGUAGES)
        self.language.set(names[(names.index(self.language.value) + 1) % len(names)])
        if self.notice.value:
            self.notice.set(self._says(self.words))

    def say(self, what: mistakes.Say) -> None:
        """Say what could not be done, in the language chosen, and in the other when it is."""
        self._says = what
        self.notice.set(what(self.words))

    def press(self, key: str) -> None:
        """A key: space plays, arrows step and go back, f forks, v votes first, p presents, l switches the language."""
        verbs: dict[str, Callable[[], None]] = {
            " ": self.play,
            "ArrowRight": self.step,
            "ArrowLeft": lambda: self.rewind(self.session.month - 1),
            "Home": lambda: self.rewind(0),
            "f": self.fork,
            "w": self.what_if_loose,
            "v": self.predict,
            "p": lambda: self.presenter.set(not self.presenter.value),
            "l": self.switch_language,
        }
        if key in verbs:
            verbs[key]()

    def changed(self) -> None:
        """Tell the components that the machine has changed; the last month ends a prediction."""
        if self.session.ended:
            self.predicting.set(False)
        self.tick.set(self.tick.value + 1)

    def _try(self, work: Callable[[], Any]) -> bool:
        """Do what may be refused; a refusal becomes a notice."""
        try:
            work()
        except InputError as refusal:
            refused = refusal
            self.say(lambda words: mistakes.told(words, refused))
            return False
        return True
