"""A viewer's machine: the world being watched, its twin after a fork, the levers moved, and the way back.

Each watched world runs beside its shadow, the same world without vendor finance, so that the share that vendor finance
caused stands beside the share that is traced. A session is a pure function of its `Start` and its `Move`s: rewinding takes
the nearest checkpoint and replays, and the page's address holds the whole of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from perpetuum.model import Economy, Scenario
from perpetuum.model.observed.payment_network import FlowNetwork
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.worlds import Array
from perpetuum.visualization.app import mistakes
from perpetuum.visualization.app.checkpoint import Checkpoint
from perpetuum.visualization.app.start import WITHOUT, Start

#: Months between two checkpoints of the last year: so far back, a rewind replays fewer than these (about 20 ms each).
CHECKPOINT_EVERY = 6
#: Checkpoints kept, a quarter of a megabyte each: the way back takes no more memory after the third year.
CHECKPOINTS = 6
WATCHED, TWIN = 0, 1


@dataclass(frozen=True)
class Move:
    """A lever moved at the end of a month, for the world watched (0), its twin (1) or both (None); or the fork itself."""

    month: int  # months that had passed
    lever: str  # dotted name, or "fork", or "join"
    value: Any = None
    world: int | None = None


def same(stands: Any, value: Any, near: float) -> bool:
    """Whether a lever stands at a value already, or as near to it as its slider can tell."""
    return bool(stands == value or (near > 0 and abs(stands - value) < near))


def thinned(months: set[int], now: int) -> set[int]:
    """Which checkpoints of these months stay: the further back, the wider apart."""
    apart, recent = CHECKPOINT_EVERY, now - CHECKPOINTS // 2 * CHECKPOINT_EVERY
    while len(months) > CHECKPOINTS:
        apart *= 2
        months = {at for at in months if at % apart == 0 or at > recent}
    return months


class Session:
    """One viewer's machine. `month` months have passed; `worlds` is 1, or 2 after a fork."""

    def __init__(self, start: Start | None = None):
        self.start = start or Start()
        self.moves: list[Move] = []
        self.reset()

    # --- time ---------------------------------------------------------------------------------------------------

    def reset(self, start: Start | None = None) -> None:
        """Begin again at the first month, without the levers that were moved since."""
        scenario = (start or self.start).scenario()
        self.start = start or self.start
        self.moves = []
        self._open(scenario)

    def _open(self, scenario: Scenario) -> None:
        self.economy = Economy(scenario)
        ledger = self.economy.ledger
        ledger.postings = []
        if ledger.network is None:  # who has paid whom in twelve months stands in the picture
            ledger.network = FlowNetwork(ledger.accounts, self.economy.p.worlds)
        self.checkpoints: dict[int, Checkpoint] = {}
        self._way: tuple[int, set[int]] = (0, set())  # a month on the way to which we are, and the checkpoints that stay
        self._remember()

    @property
    def month(self) -> int:
        """Months that have passed."""
        return self.economy.month

    @property
    def horizon(self) -> int:
        """Months of the scenario."""
        return self.economy.scenario.horizon

    @property
    def ended(self) -> bool:
        """Whether the last month has passed."""
        return self.month >= self.horizon

    def step(self, until: int = 0) -> None:
        """Let a month pass; at the end, nothing happens. `until`: the month up to which others follow at once."""
        if self.ended:
            return
        self.economy.step()
        until = min(until, self.horizon)
        if self.month % CHECKPOINT_EVERY == 0 and (self.month >= until or self.month in self._kept(until)):
            self._remember()

    def _kept(self, until: int) -> set[int]:
        """The months of checkpoints that are still there at a month, if all on the way are taken: those alone are."""
        if self._way[0] != until:
            months = set(self.checkpoints)
            for month in range(self.month, until + 1, CHECKPOINT_EVERY):
                months = thinned(months | {month}, month)
            self._way = until, months
        return self._way[1]

    def rewind(self, month: int) -> None:
        """Go back to when `month` months had passed, before the levers that were moved then or later."""
        month = max(0, min(month, self.month))
        kept = [move for move in self.moves if move.month < month]
        self._go_back(month)
        self.moves = kept
        self._replay(kept, month)

    def _go_back(self, month: int) -> None:
        """Wake the last checkpoint at or before a month; it was taken before any lever was moved in its month."""
        found = max(at for at in self.checkpoints if at <= month)
        self.economy = self.checkpoints[found].wake()
        self.checkpoints = {at: kept for at, kept in self.checkpoints.items() if at <= found}

    def _replay(self, moves: list[Move], month: int) -> None:
        """Live again through the months up to one, with the moves made since the checkpoint."""
        while True:
            for move in moves:
                if move.month == self.month:
                    self._do(move)
            if self.month >= month:
                return
            self.step(month)

    def _remember(self) -> None:
        self.checkpoints[self.month] = Checkpoint(self.economy)
        stay = thinned(set(self.checkpoints), self.month)
        self.checkpoints = {at: kept for at, kept in self.checkpoints.items() if at in stay}

    # --- steering -----------------------------------------------------------------------------------------------

    @property
    def worlds(self) -> int:
        """1, or 2 after a fork."""
        return self.economy.p.worlds // 2

    @property
    def forked_at(self) -> int | None:
        """Months that had passed when the world was split; None where it was not."""
        return next((move.month for move in reversed(self.moves) if move.lever == "fork"), None) if self.worlds > 1 else None

    def move(self, lever: str, value: Any, world: int | None = None, near: float = 0.0) -> Move | None:
        """Move a lever from the next month on, in one of the worlds or all; raises InputError for what cannot be moved.

        A later move of the same lever in the same month takes the place of the earlier one, which is as if it had never
        been. None where the lever stands there already, or nearer to it than `near`: then nothing has been moved.
        """
        if lever not in PARAMETERS:
            raise mistakes.unknown("parameter", lever, list(PARAMETERS))
        if not PARAMETERS[lever].lever:
            raise mistakes.MistakeError(lambda words: words("mistake.lever", name=lever))
        move = Move(self.month, lever, mistakes.checked(PARAMETERS[lever], value), world)
        kept = [m for m in self.moves if (m.month, m.lever, m.world) != (move.month, lever, world)]
        if len(kept) < len(self.moves):
            self._go_back(month := self.month)
            self.moves = kept
            self._replay(kept, month)
        worlds = [one for one in range(self.worlds) if world in (None, one)]
        if all(same(self.value(lever, one), move.value, near) for one in worlds):
            return None
        self._do(move)
        self.moves.append(move)
        return move

    def fork(self) -> None:
        """Split the world: the twin continues under the same shocks, and may get other levers."""
        if self.worlds > 1:
            return
        move = Move(self.month, "fork")
        self._do(move)
        self.moves.append(move)

    def join(self, keep: int = WATCHED) -> None:
        """Leave one of the two worlds and go on with the other."""
        if self.worlds == 1:
            return
        move = Move(self.month, "join", keep)
        self._do(move)
        self.moves.append(move)

    def _do(self, move: Move) -> None:
        if move.lever == "fork":
            self._take(np.array([0, 1, 0, 1]))
        elif move.lever == "join":
            self._take(np.array([0, 1]) + 2 * int(move.value))
        else:
            worlds = np.arange(2 * self.worlds)
            chosen = np.ones(len(worlds), dtype=bool) if move.world is None else worlds // 2 == move.world
            if move.lever == WITHOUT:  # the shadows stay without
                chosen &= worlds % 2 == 0
            self.economy.move_lever(move.lever, move.value, chosen)

    def _take(self, worlds: Array) -> None:
        self.economy = self.economy.fork(worlds)

    def value(self, lever: str, world: int = WATCHED) -> Any:
        """Where a lever stands in a world, in the units of the registry."""
        return self.economy.p.value(lever, 2 * world)

    # --- reading ------------------------------------------------------------------------------------------------

    @staticmethod
    def row(world: int) -> int:
        """The economy's world number of the watched world or of its twin."""
        return 2 * world

    @staticmethod
    def shadow(world: int) -> int:
        """The economy's world number of a world's shadow without vendor finance."""
        return 2 * world + 1
