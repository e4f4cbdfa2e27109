"""Who is on the page: a visit for every browser session, from its first connection until it is closed.

Long work asks its visit, month by month, whether anybody is still there to see what comes of it.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

#: Visits at once; each holds a machine in memory, some ten megabytes.
MOST = 150
#: Lines to one session: the page has one, and a few more that it lost and that the server has not missed yet.
MOST_LINES = 8


@dataclass(eq=False)
class Visit:
    """One browser session. `lines`: connections that are open, `pages`: how many of each page; `desk`: its machine and what it
    shows, once they are there; `busy`: held while something is done for it, one thing at a time.
    """

    kernel: str
    visitor: str
    lines: int = 0
    opened: bool = False
    ended: bool = False
    desk: Any = None
    pages: Counter[str] = field(default_factory=Counter)
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    def stays(self) -> bool:
        """Whether anybody is there."""
        return self.lines > 0 and not self.ended


@dataclass
class Visits:
    """The visits of a server, by kernel."""

    most: int = MOST
    _all: dict[str, Visit] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, kernel: str, visitor: str, page: str = "") -> Visit | None:
        """A connection of a page opens; None where that session is another visitor's, or there is no room."""
        with self._lock:
            visit = self._all.get(kernel)
            if visit is None and len(self._all) < self.most:
                visit = self._all[kernel] = Visit(kernel, visitor)
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

    def end(self, visit: Visit) -> None:
        """A session is closed: its work stops."""
        visit.ended = True
        with self._lock:
            if self._all.get(visit.kernel) is visit:
                del self._all[visit.kernel]

    def find(self, kernel: str) -> Visit | None:
        """The visit of a kernel, if there is one."""
        return self._all.get(kernel)

    def full(self) -> bool:
        """Whether there is no room for another."""
        return len(self._all) >= self.most

    def __len__(self) -> int:
        return len(self._all)


#: The visits of this server.
shared = Visits()
