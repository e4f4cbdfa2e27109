"""Who is on the page: a visit for every browser session, from its first connection until it is closed.

Long work asks its visit, month by month, whether anybody is still there to see what comes of it. Places are shared: no browser
and no address holds all of them, and who does nothing for minutes makes room where there is none.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: Visits at once; each holds a machine in memory, some ten megabytes.
MOST = 150
#: Of these from one address, behind whose router a class of sixty may sit, and of one browser.
MOST_OF_ADDRESS, MOST_OF_VISITOR = 80, 12
#: Seconds without a message after which a visit makes room for who finds none.
RESTS = 300.0
#: Lines to one session: the page has one, and a few more that it lost and that the server has not missed yet.
MOST_LINES = 8


@dataclass(eq=False)
class Visit:
    """One browser session. `lines`: connections that are open, `pages`: how many of each page; `desk`: its machine and what it
    shows, once they are there; `busy`: held while something is done for it, one thing at a time; `asked`: whether it has ever
    asked for anything; `heard`: when it last did, or lost a line.
    """

    kernel: str
    visitor: str
    lines: int = 0
    opened: bool = False
    ended: bool = False
    desk: Any = None
    address: str = ""
    asked: bool = False
    heard: float = 0.0
    pages: Counter[str] = field(default_factory=Counter)
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    def stays(self) -> bool:
        """Whether anybody is there."""
        return self.lines > 0 and not self.ended


@dataclass
class Visits:
    """The visits of a server, by kernel."""

    most: int = MOST
    most_of_address: int = MOST_OF_ADDRESS
    most_of_visitor: int = MOST_OF_VISITOR
    clock: Callable[[], float] = time.monotonic
    _all: dict[str, Visit] = field(default_factory=dict)
    _made_room: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, kernel: str, visitor: str, page: str = "", address: str = "") -> Visit | None:
        """A connection of a page opens; None where that session is another visitor's, or there is no room."""
        with self._lock:
            visit = self._all.get(kernel)
            if visit is None and not any(self._bounds(visitor, address)):
                visit = self._all[kernel] = Visit(kernel, visitor, address=address, heard=self.clock())
            if visit is None or visit.visitor != visitor or visit.ended or visit.lines >= MOST_LINES:
                return None
            visit.lines += 1
            visit.pages[page] += 1
            return visit

    def leave(self, visit: Visit, page: str = "") -> None:
        """A connection is lost."""
        with self._lock:
            visit.lines -= 1
            visit.pages[page] -= 1
            visit.heard = self.clock()

    def hear(self, visit: Visit) -> None:
        """A visit asks for something."""
        visit.asked = True
        visit.heard = self.clock()

    def end(self, visit: Visit) -> None:
        """A session is closed: its work stops."""
        visit.ended = True
        with self._lock:
            if self._all.get(visit.kernel) is visit:
                del self._all[visit.kernel]

    def count(self) -> int:
        """How many sessions are open."""
        return len(self._all)

    def find(self, kernel: str) -> Visit | None:
        """The visit of a kernel, if there is one."""
        return self._all.get(kernel)

    # --- room ---------------------------------------------------------------------------------------------------

    def refusal(self, visitor: str, address: str) -> tuple[str, int] | None:
        """Why a visitor gets no further session, as the key of a sentence with its number; None where there is room."""
        with self._lock:
            keys = (
                ("door.full_for_browser", self.most_of_visitor),
                ("door.full_for_address", self.most_of_address),
                ("door.full", self.most),
            )
            told = zip(keys, self._bounds(visitor, address), strict=True)
            return next((key for key, within in told if within and self._least(within) is None), None)

    def make_room(self, kernel: str, visitor: str, address: str) -> list[Visit]:
        """End what makes room for a new session, as far as there is any: the visits, whose sessions are to be closed."""
        left: list[Visit] = []
        if kernel in self._all or self.refusal(visitor, address) is not None:
            return left
        for bound in range(3):
            with self._lock:
                within = self._bounds(visitor, address)[bound]
                visit = self._least(within) if within else None
                if visit is not None and visit.lines and visit.asked:  # others come back by themselves, or never were there
                    self._made_room[visit.kernel] = visit.visitor
                    while len(self._made_room) > self.most:
                        self._made_room.popitem(last=False)
            if visit is not None:
                self.end(visit)
                left.append(visit)
        return left

    def made_room(self, kernel: str, visitor: str) -> bool:
        """Whether a visitor's session was ended to make room for another."""
        return self._made_room.get(kernel) == visitor

    def _bounds(self, visitor: str, address: str) -> tuple[list[Visit], list[Visit], list[Visit]]:
        """The visits of a browser, of an address, and all, each where there are as many as there may be, else none."""
        everybody = list(self._all.values())
        browser = [visit for visit in everybody if visit.visitor == visitor]
        machine = [visit for visit in everybody if visit.address == address]
        return (
            browser if len(browser) >= self.most_of_visitor else [],
            machine if len(machine) >= self.most_of_address else [],
            everybody if len(everybody) >= self.most else [],
        )

    def _least(self, visits: list[Visit]) -> Visit | None:
        """The visit that makes room first: one that has lost its line or never asked, else who rested longest, for `RESTS`."""
        visit = min(visits, key=lambda visit: (visit.lines > 0 and visit.asked, visit.heard))
        there = visit.lines > 0 and visit.asked
        return visit if not there or self.clock() - visit.heard >= RESTS else None

    def __len__(self) -> int:
        return len(self._all)


#: The visits of this server.
shared = Visits()
