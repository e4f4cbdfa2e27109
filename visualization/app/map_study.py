"""The map behind the page's tab of that name: what comes of worlds over two levers, coarse first, then finer.

A cell is a place on both axes, and eight worlds live in each, under the same luck in all cells. One process beside the server
computes slices of cells for whoever looks: a map that nobody asks for any more rests, and what is done is kept and shared:

state = shared().look(Asked.of(session, "funding.tightening", "demand.strength"))  # never waits
state.cells[Fraction(1, 4), Fraction(1, 2)].share("fallen")
"""

from __future__ import annotations

import functools
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from perpetuum.model.observed.outcome import wilson
from perpetuum.model.parameters import PARAMETERS
from perpetuum.runs.study.batches import run_worlds
from perpetuum.visualization.app.background import moves_of
from perpetuum.visualization.app.session import Session
from perpetuum.visualization.app.worker import Worker, open_process

#: Levers that may span the map.
AXES = (
    "funding.tightening",
    "demand.strength",
    "vendor_finance.scale",
    "contracts.precommitment",
    "clouds.race",
    "states.hoarding",
    "narrative.talk_up",
    "investors.leverage",
)
#: Cells along an axis, coarse to fine: every grid holds all places of the coarser ones, which are not computed again.
LEVELS = (5, 9, 17)
#: Worlds in a cell: with 8, the interval around a share of one half reaches from 22 to 78 %.
WORLDS = 8
#: Worlds computed between two looks at who else is waiting.
SLICE = 64
#: Seconds after which a map that nobody has looked at rests.
PATIENCE = 4.0
#: Maps kept in memory (some kilobytes each), the latest looked at.
KEPT = 128
#: Axes whose ends are further apart than by this factor go by equal factors.
WIDE = 20.0
#: How far the worker gives way: further than the one that computes the background worlds.
NICENESS = 10

#: Place on the axis across and on the axis up, each from 0 (its low end) to 1.
Cell = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Asked:
    """Which map: worlds of a preset with settings, months and seed, over two levers."""

    preset: str
    across: str
    up: str
    settings: tuple[tuple[str, Any], ...] = ()
    months: int | None = None
    seed: int = 1

    @classmethod
    def of(cls, session: Session, across: str, up: str) -> Asked:
        """Worlds that begin as a session's did, with its other levers where they stand in the watched world now."""
        start = session.start
        standing = {**start.settings, **{lever: value for _, lever, value in moves_of(session)}}
        settings = tuple(sorted((name, value) for name, value in standing.items() if name not in (across, up)))
        return cls(start.preset, across, up, settings, start.months, start.seed)

    def values(self, cell: Cell) -> dict[str, float]:
        """What the two levers are in a cell, as an address writes them."""
        return {lever: value_at(lever, place) for lever, place in zip((self.across, self.up), cell, strict=True)}


@dataclass(frozen=True)
class Tally:
    """What came of the worlds of a cell at the last month judged; worlds that failed are not among them."""

    fallen: int
    stands_alone: int
    worlds: int

    def share(self, state: str) -> tuple[float, float, float]:
        """Share of the worlds in a state, and Wilson's interval around it: (share, low, high)."""
        count = getattr(self, state)
        return count / self.worlds if self.worlds else 0.0, *wilson(count, self.worlds)


@dataclass(frozen=True)
class State:
    """What is known of a map: a tally by cell, and whether it `failed`, so that no more will come."""

    cells: Mapping[Cell, Tally] = field(default_factory=dict)
    failed: bool = False

    @property
    def done(self) -> int:
        """How many of the grids are complete, coarse to fine."""
        return next((n for n, size in enumerate(LEVELS) if self.missing(size)), len(LEVELS))

    @property
    def waiting(self) -> bool:
        """Whether more is to come."""
        return not self.failed and self.done < len(LEVELS)

    def missing(self, size: int) -> list[Cell]:
        """Cells of a grid that are not there yet."""
        return [cell for cell in grid(size) if cell not in self.cells]

    def next_slice(self) -> list[Cell]:
        """The cells to compute next: a slice of the coarsest grid that is not complete."""
        return self.missing(LEVELS[self.done])[: SLICE // WORLDS] if self.done < len(LEVELS) else []


@functools.cache
def grid(size: int) -> tuple[Cell, ...]:
    """Cells of a grid of size by size, row by row."""
    places = [Fraction(k, size - 1) for k in range(size)]
    return tuple((across, up) for up in places for across in places)


def value_at(lever: str, place: Fraction) -> float:
    """Value of a lever at a place on its axis, which spans all that the registry allows: by equal factors where that is much."""
    low, high = PARAMETERS[lever].low, PARAMETERS[lever].high
    if _by_factors(low, high):
        return round(low * (high / low) ** float(place), 4)
    return round(low + float(place) * (high - low), 4)


def place_of(lever: str, value: float) -> float:
    """Place on a lever's axis of a value, from 0 to 1."""
    low, high = PARAMETERS[lever].low, PARAMETERS[lever].high
    if _by_factors(low, high):
        return min(max(math.log(max(value, low) / low) / math.log(high / low), 0.0), 1.0)
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _by_factors(low: float, high: float) -> bool:
    return low > 0 and high / low > WIDE


def compute(asked: Asked, cells: Sequence[Cell]) -> dict[Cell, Tally]:
    """Simulate the worlds of some cells; world r lives through the same luck in each."""
    pairs = [(cell, replicate) for cell in cells for replicate in range(WORLDS)]
    values = [asked.values(cell) for cell, _ in pairs]
    worlds = run_worlds(
        asked.preset,
        overrides=dict(asked.settings),
        varied={lever: [value[lever] for value in values] for lever in (asked.across, asked.up)},
        replicates=[replicate for _, replicate in pairs],
        seed=asked.seed,
        months=asked.months,
    )
    tallies = {}
    for number, cell in enumerate(cells):
        of_cell = worlds.iloc[number * WORLDS : (number + 1) * WORLDS]
        states = of_cell["state"][of_cell["error"] == ""]
        counts = {name: int((states == name).sum()) for name in ("fallen", "stands_alone")}
        tallies[cell] = Tally(**counts, worlds=len(states))
    return tallies


class Maps:
    """The maps of a server, computed slice by slice by one worker for whoever looks; read-only for those who do.

    Maps whose coarse grid is not complete go first, then who has waited longest.
    """

    def __init__(
        self,
        open_executor: Callable[[], Executor] = lambda: open_process(NICENESS),
        clock: Callable[[], float] = time.monotonic,
    ):
        self._worker = Worker(open_executor)
        self._clock = clock
        self._lock = threading.RLock()
        self._states: OrderedDict[Asked, State] = OrderedDict()
        self._looked: dict[Asked, float] = {}
        self._served: dict[Asked, int] = {}
        self._slices = 0
        self._running: Asked | None = None

    def look(self, asked: Asked) -> State:
        """What is known of a map; for as long as somebody looks every few seconds, it grows. Never waits."""
        with self._lock:
            state = self._states.setdefault(asked, State())
            self._states.move_to_end(asked)
            if state.waiting:
                self._looked[asked] = self._clock()
                self._work()
            while len(self._states) > KEPT:
                self._forget(next(iter(self._states)))
            return self._states[asked]

    def _work(self) -> None:
        if self._running is not None:
            return
        now = self._clock()
        for asked in [asked for asked, at in self._looked.items() if now - at > PATIENCE]:
            del self._looked[asked]
            self._served.pop(asked, None)
        if not self._looked:
            return
        asked = min(self._looked, key=lambda one: (self._states[one].done > 0, self._served.get(one, 0)))
        self._slices += 1
        self._running, self._served[asked] = asked, self._slices
        if not self._worker.submit(functools.partial(self._done, asked), compute, asked, self._states[asked].next_slice()):
            self._running = None

    def _done(self, asked: Asked, cells: dict[Cell, Tally] | None, error: BaseException | None) -> None:
        with self._lock:
            self._running = None
            if cells is None and error is None:
                return
            before = self._states.get(asked, State())
            # A map that failed would fail again.
            after = State({**before.cells, **(cells or {})}, failed=error is not None)
            if asked in self._states:
                self._states[asked] = after
            if not after.waiting:
                self._looked.pop(asked, None)
                self._served.pop(asked, None)
            self._work()

    def _forget(self, asked: Asked) -> None:
        for kept in (self._states, self._looked, self._served):
            kept.pop(asked, None)

    def close(self) -> None:
        """Let the worker go; what waits is forgotten."""
        with self._lock:
            self._looked.clear()
        self._worker.close()


@functools.cache
def shared() -> Maps:
    """The ones of this server."""
    return Maps()
