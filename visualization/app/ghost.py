"""Where the bands would go: while a lever is dragged, a few background worlds live with it where the hand holds it.

Computed in slices of months by a process of its own, so that a drag that ends, or goes on to another value, leaves nothing
running but the slice that has begun: `shared().ask(owner, request)` wants a ghost, `drop(owner)` wants none any more.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any

import numpy as np

from perpetuum.model import Economy
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import InputError
from perpetuum.visualization.app import mistakes
from perpetuum.visualization.app.background import PERCENTILES, Change, Request, live_month, moves_of, odds_of, opened
from perpetuum.visualization.app.panels import banded_lines, odds_lines, odds_so_far, values
from perpetuum.visualization.app.session import WATCHED, Session, same
from perpetuum.visualization.app.worker import Worker, open_process

#: Worlds of a ghost, and months between two looks at whether somebody still wants it.
WORLDS, SLICE = 20, 12
#: Ghosts kept in memory.
KEPT = 32

#: By end of the band and line, a value a month; in the middle the odds, too, by month judged. None while it is computed.
Lines = Mapping[str, Mapping[str, list[float]]]


def request_of(session: Session, lever: str, value: Any, world: int | None, near: float = 0.0) -> Request | None:
    """The watched world's background with a lever moved now, or as it is where the lever stands there (`Session.move`).

    None for what cannot be moved, and where the twin's lever is dragged: bands stand behind the watched world.
    """
    if world not in (None, WATCHED) or lever not in PARAMETERS or not PARAMETERS[lever].lever:
        return None
    try:
        proper = mistakes.checked(PARAMETERS[lever], value)
    except InputError:
        return None
    made = moves_of(session)
    moves: list[Change] = [move for move in made if move[:2] != (session.month, lever)]
    if len(moves) < len(made) or not same(session.value(lever), proper, near):
        moves.append((session.month, lever, proper))
    return Request.of(session.start, moves)


# --- computed in the worker -----------------------------------------------------------------------------------------

_living: dict[tuple[Request, int], Economy] = {}


def live(request: Request, worlds: int, until: int) -> Lines | None:
    """Let a ghost's worlds live up to a month; the lines once they have lived to the end, None before."""
    key = (request, worlds)
    if key not in _living:
        _living.clear()
        _living[key] = opened(request, worlds)
    economy = _living[key]
    while economy.month < min(until, economy.scenario.horizon):
        live_month(economy, request.moves)
    if economy.month < economy.scenario.horizon:
        return None
    _living.clear()
    lines = banded_lines()
    bands = {key: np.percentile(values(economy, line), PERCENTILES, axis=1) for key, line in lines.items()}
    ends = ("low", "middle", "high")
    told = {end: {key: np.round(b[i], lines[key].digits).tolist() for key, b in bands.items()} for i, end in enumerate(ends)}
    odds, months = odds_of(economy), economy.scenario.horizon
    told["middle"] |= {line.key: odds_so_far(line, odds, months) for line in odds_lines()}
    return told


# --- shared among sessions ------------------------------------------------------------------------------------------


class Ghosts:
    """Ghosts by request; of an owner only the latest is wanted."""

    def __init__(self, worlds: int = WORLDS, open_executor: Callable[[], Executor] = open_process):
        self.worlds = worlds
        self._worker = Worker(open_executor)
        self._lock = threading.RLock()
        self._wanted: dict[object, Request] = {}
        self._done: dict[Request, Lines] = {}
        self._running: Request | None = None
        self.slices = 0  # asked of the worker so far

    def ask(self, owner: object, request: Request) -> Lines | None:
        """The ghost of a request; None while it is computed. Never waits."""
        with self._lock:
            if request in self._done:
                self._wanted.pop(owner, None)
                return self._done[request]
            self._wanted[owner] = request
            self._work()
            return None

    def drop(self, owner: object) -> None:
        """An owner wants no ghost any more: what was computed for it alone goes no further."""
        with self._lock:
            self._wanted.pop(owner, None)

    def _work(self, request: Request | None = None, until: int = SLICE) -> None:
        """Have a slice computed: the next of a request that is still wanted, else the first of one that waits."""
        if self._running is not None or not self._wanted:
            return
        if request not in self._wanted.values():
            request, until = next(reversed(self._wanted.values())), SLICE  # the last asked first
        assert request is not None
        self._running = request
        self.slices += 1
        if not self._worker.submit(functools.partial(self._ended, request, until), live, request, self.worlds, until):
            self._running = None

    def _ended(self, request: Request, until: int, lines: Lines | None, error: BaseException | None) -> None:
        with self._lock:
            self._running = None
            if error is not None or lines is not None:
                for owner in [owner for owner, wanted in self._wanted.items() if wanted == request]:
                    del self._wanted[owner]
            if lines is not None:
                self._done[request] = lines
                while len(self._done) > KEPT:
                    del self._done[next(iter(self._done))]
            self._work(request, until + SLICE)

    def close(self) -> None:
        """Let the worker go."""
        with self._lock:
            self._wanted.clear()
        self._worker.close()


@functools.cache
def shared() -> Ghosts:
    """The ones of this server."""
    return Ghosts()
