"""The band of background worlds behind the world being watched, so that nobody mistakes one path for the answer.

A hundred worlds live with the same preset, settings and levers, each with its own luck and its own draw of what nobody
knows. They are computed once a server, in one process beside it, shared read-only among sessions, and kept on disk where
no lever was moved:

shown = shared().shown(session)      # what to draw now; never waits
shown.band.middle["vendor_revenue"]  # the median world, month by month
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from perpetuum.model import Economy, Scenario
from perpetuum.model.observed.outcome import trailing_mean
from perpetuum.model.observed.states import STATES
from perpetuum.model.scenario import load_preset, months_to_simulate
from perpetuum.model.uncertainty import draw
from perpetuum.model.units import YEAR
from perpetuum.model.worlds import Floats
from perpetuum.runs.study import fingerprint
from perpetuum.visualization.app.panels import banded_lines, values
from perpetuum.visualization.app.session import WATCHED, Move, Session, Start
from perpetuum.visualization.app.worker import UnwantedError, Worker, go_on, open_process

#: How many worlds, and the seed of their luck, whatever the seed of the world watched: those of `perpetuum run`, so that the page
#: and the terminal tell the same odds.
WORLDS, SEED = 100, 1
#: Low end, middle and high end of the band: nine worlds in ten lie between the ends.
PERCENTILES = (5, 50, 95)
#: Bands kept in memory (about 0.2 MB each) and on disk, the latest used.
IN_MEMORY, ON_DISK = 64, 64
#: By what the watched world is placed among the others.
PLACED_BY = "vendor_revenue"

Change = tuple[int, str, Any]


@dataclass(frozen=True)
class Request:
    """Which worlds are asked for: a preset with settings and months, and the levers moved as (month, lever, value)."""

    preset: str
    settings: tuple[tuple[str, Any], ...] = ()
    months: int | None = None
    moves: tuple[Change, ...] = ()

    @classmethod
    def of(cls, start: Start, moves: tuple[Change, ...] | list[Change] = ()) -> Request:
        """Worlds that begin as a session does; its seed and its world do not count."""
        return cls(start.preset, tuple(sorted(start.settings.items())), start.months, tuple(moves))

    def before(self, moves: int) -> Request:
        """The same with only the first moves."""
        return replace(self, moves=self.moves[:moves])


def moves_of(session: Session) -> tuple[Change, ...]:
    """The levers moved in the watched world, those moved before it was split off included."""
    worlds: list[list[Move]] = [[]]
    for move in session.moves:
        if move.lever == "fork":
            worlds = [worlds[0], list(worlds[0])]
        elif move.lever == "join":
            worlds = [worlds[int(move.value)]]
        else:
            for world, moved in enumerate(worlds):
                if move.world in (None, world):
                    moved.append(move)
    return tuple((move.month, move.lever, move.value) for move in worlds[WATCHED])


@dataclass(frozen=True, eq=False)
class Band:
    """What came of the background worlds: percentiles by line (lists, a value a month), in the lines' units.

    `placed`: the revenue by which a world is placed among them, (worlds, months), $bn a month, each world's sorted into its
    month. `odds`: share of worlds in each state, by month judged.
    """

    low: Mapping[str, list[float]]
    middle: Mapping[str, list[float]]
    high: Mapping[str, list[float]]
    placed: Floats
    odds: Mapping[str, list[float]]
    worlds: int

    def fraction_below(self, revenue: float, month: int) -> float:
        """Share of background worlds with less smoothed revenue in a month; of those with the same, half."""
        ranked = self.placed[:, month]
        left, right = np.searchsorted(ranked, [revenue], "left"), np.searchsorted(ranked, [revenue], "right")
        return float(left[0] + right[0]) / 2 / len(ranked)


@dataclass(frozen=True)
class Shown:
    """The band to draw: `stale` where levers were moved since (it is from before the change), `waiting` for a newer one."""

    band: Band | None
    stale: bool
    waiting: bool


# --- computed in the worker -----------------------------------------------------------------------------------------


def opened(request: Request, worlds: int = WORLDS) -> Economy:
    """The background worlds of a request before their first month."""
    lines = banded_lines()
    kept = {line.series for line in lines.values() if line.where == "values"} | {PLACED_BY}
    # A lever that is moved later is drawn until then: a move changes nothing of the months before it.
    unknowns = [one for one in load_preset(request.preset).unknowns if one.name not in dict(request.settings)]
    return Economy(
        Scenario(
            request.preset,
            {**dict(request.settings), **draw(unknowns, SEED, np.arange(worlds))},
            worlds=worlds,
            seed=SEED,
            months=months_to_simulate(request.months),
            series=tuple(sorted(kept)),
        )
    )


def live_month(economy: Economy, moves: tuple[Change, ...]) -> None:
    """Let a month pass in background worlds, with the levers moved that were moved before it."""
    for at, lever, value in moves:
        if at == economy.month:
            economy.move_lever(lever, value)
    economy.step()


def simulate(request: Request, worlds: int = WORLDS) -> Band:
    """Run the background worlds of a request from their first month, with the levers moved when they were."""
    lines, economy = banded_lines(), opened(request, worlds)
    while economy.month < economy.scenario.horizon:
        go_on()
        live_month(economy, request.moves)
    bands = {key: np.percentile(values(economy, line), PERCENTILES, axis=1) for key, line in lines.items()}
    low, middle, high = ({key: np.round(b[i], lines[key].digits).tolist() for key, b in bands.items()} for i in range(3))
    placed = np.sort(smoothed(economy.series[PLACED_BY]), axis=0)
    return Band(low, middle, high, placed, odds_of(economy), worlds)


def odds_of(economy: Economy) -> dict[str, list[float]]:
    """Share of worlds that have lived in each state, by month judged."""
    months = economy.outcome().dates.state
    return {name: np.round((months == code).mean(axis=0), 4).tolist() for code, name in enumerate(STATES)}


def smoothed(revenue: Floats) -> Floats:
    """Revenue as the verdict looks at it, a mean over some months; (worlds, months)."""
    return trailing_mean(revenue, YEAR)


# --- kept on disk ---------------------------------------------------------------------------------------------------


def cache_folder() -> Path | None:
    """Where bands are kept from one start to the next; None where there is no home."""
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "perpetuum" / "backgrounds"
    except RuntimeError:
        return None


@functools.lru_cache(maxsize=64)
def _preset_print(preset: str) -> str:
    return fingerprint.of_preset(preset)


@functools.cache
def _lines_print() -> str:
    lines = {key: asdict(line) for key, line in banded_lines().items()}
    return fingerprint.of_cells({"lines": [lines], "percentiles": list(PERCENTILES), "seed": [SEED], "placed": [PLACED_BY]})


class Shelf:
    """Bands of worlds in which no lever was moved, as files; a folder that cannot be used is done without."""

    def __init__(self, folder: Path | None, worlds: int):
        self.folder = folder
        self.worlds = worlds

    def _file(self, request: Request) -> Path | None:
        if self.folder is None or request.moves:
            return None
        parts = (request.settings, request.months, self.worlds)
        prints = (_preset_print(request.preset), fingerprint.of_code(), _lines_print())
        name = hashlib.sha256(json.dumps([prints, parts], default=str).encode()).hexdigest()[:24]
        return self.folder / f"{name}.npz"

    def get(self, request: Request) -> Band | None:
        """The band on the shelf, if it is there and whole."""
        file = self._file(request)
        if file is None or not file.is_file():
            return None
        try:
            with np.load(file, allow_pickle=False) as kept:
                told = json.loads(str(kept["told"]))
                placed = kept["placed"]
            file.touch()
            return Band(placed=placed, **told)
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            return None

    def put(self, request: Request, band: Band) -> None:
        """Keep a band, and let go of those used longest ago."""
        file = self._file(request)
        if file is None:
            return
        told = {name: getattr(band, name) for name in ("low", "middle", "high", "odds", "worlds")}
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
                np.savez_compressed(part, told=json.dumps(told), placed=band.placed)
            os.replace(part.name, file)
            kept = sorted(file.parent.glob("*.npz"), key=lambda f: f.stat().st_mtime)
            for old in kept[:-ON_DISK]:
                old.unlink(missing_ok=True)
        except OSError:
            return


# --- shared among sessions ------------------------------------------------------------------------------------------


class Background:
    """Bands by request, computed one after another by one worker: who asked last is served first.

    Of a session, only its latest request waits; of one that has ended, none, and what is computed for it alone is given up.
    """

    def __init__(
        self,
        folder: Path | None = None,
        worlds: int = WORLDS,
        open_executor: Callable[[], Executor] = open_process,
    ):
        self.worlds = worlds
        self._shelf = Shelf(folder, worlds)
        self._worker = Worker(open_executor)
        self._lock = threading.RLock()
        self._bands: OrderedDict[Request, Band] = OrderedDict()
        self._waiting: OrderedDict[Request, set[object]] = OrderedDict()
        self._running: Request | None = None
        self._wanted: set[object] = set()  # who wants what is being computed
        self._failed: set[Request] = set()

    # --- asking -------------------------------------------------------------------------------------------------

    def band(self, start: Start, moves: tuple[Change, ...] = (), owner: object = None) -> Band | None:
        """The band of worlds that begin so and have these levers moved; None while it is computed. Never waits.

        `owner`: who asks; an earlier request of the same owner that has not begun is dropped.
        """
        return self._ask(Request.of(start, moves), owner)

    def shown(self, session: Session) -> Shown:
        """The band to draw behind a session's watched world: its own, or until it is there the latest from before."""
        request = Request.of(session.start, moves_of(session))
        band = self._ask(request, id(session))
        if band is not None:
            return Shown(band, stale=False, waiting=False)
        with self._lock:
            waiting = request not in self._failed
            earlier = (self._bands.get(request.before(n)) for n in reversed(range(len(request.moves))))
            known = next((found for found in earlier if found is not None), None)
        return Shown(known, stale=known is not None, waiting=waiting)

    def typical(self, session: Session) -> float | None:
        """Where the watched world stands among the others by revenue now, from 0 (the least) to 1.

        None while that is not known, or before the first month.
        """
        shown = self.shown(session)
        if shown.band is None or shown.stale or session.month == 0:
            return None
        paid = session.economy.collector.values[PLACED_BY]
        ranked = shown.band.placed[:, session.month - 1]
        if ranked[0] == ranked[-1]:
            return None  # others that are all the same have no place for it
        recent = np.array([[month[session.row(WATCHED)] for month in paid[-YEAR:]]])
        return shown.band.fraction_below(float(smoothed(recent)[0, -1]), session.month - 1)

    def expected(self, session: Session) -> Mapping[str, float] | None:
        """Shares of the states at the last month judged, with the levers as they were moved; None while not known."""
        shown = self.shown(session)
        if shown.band is None or shown.stale:
            return None
        return {name: months[-1] for name, months in shown.band.odds.items() if months}

    # --- working ------------------------------------------------------------------------------------------------

    def _ask(self, request: Request, owner: object) -> Band | None:
        with self._lock:
            if request not in self._bands:
                kept = self._shelf.get(request)
                if kept is not None:
                    self._keep(request, kept)
            if request in self._bands:
                self._bands.move_to_end(request)
                self._drop(owner)
                return self._bands[request]
            if request == self._running:
                self._drop(owner)
                self._wanted.add(owner)
            elif request not in self._failed and owner not in self._waiting.get(request, ()):
                self._drop(owner)
                self._waiting.setdefault(request, set()).add(owner)
                self._waiting.move_to_end(request)
                self._work()
            return None

    def forget(self, owner: object) -> None:
        """An owner is gone: nothing is computed for it any more."""
        with self._lock:
            self._drop(owner)
            if owner in self._wanted:
                self._wanted.discard(owner)
                if not self._wanted:
                    self._worker.give_up()

    def _drop(self, owner: object) -> None:
        """Forget what an owner asked for and no one else does."""
        for request in list(self._waiting):
            self._waiting[request].discard(owner)
            if not self._waiting[request]:
                del self._waiting[request]

    def _work(self) -> None:
        if self._running is not None or not self._waiting:
            return
        self._running, self._wanted = self._waiting.popitem(last=True)
        if not self._worker.submit(functools.partial(self._done, self._running), simulate, self._running, self.worlds):
            self._running = None

    def _done(self, request: Request, band: Band | None, error: BaseException | None) -> None:
        with self._lock:
            self._running, wanted = None, self._wanted
            if isinstance(error, UnwantedError):
                if wanted:  # asked for again meanwhile
                    self._waiting[request] = wanted
            elif error is not None:
                self._failed.add(request)  # worlds that failed would fail again
            if band is not None:
                self._keep(request, band)
                self._shelf.put(request, band)
            if error is not None or band is not None:
                self._work()

    def _keep(self, request: Request, band: Band) -> None:
        self._bands[request] = band
        while len(self._bands) > IN_MEMORY:
            self._bands.popitem(last=False)

    def close(self) -> None:
        """Let the worker go; what waits is forgotten."""
        with self._lock:
            self._waiting.clear()
        self._worker.close()


@functools.cache
def shared() -> Background:
    """The one of this server."""
    return Background(cache_folder())
