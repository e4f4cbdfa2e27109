"""Many worlds in one object: how state is held, and how chosen worlds are copied out of it.

Two layouts, and only two:

- A `Stateful` object (an agent, a process) holds arrays whose *first* axis is the world; most are plain (worlds,).
- A `Register` (the ledger, contracts, order books) holds arrays whose *last* axis is the world, so that one account's or
  contract's worlds lie side by side in memory and a row of a register is a plain (worlds,) array for the agents.

Constants that do not vary by world are tuples or numbers, never arrays, so that `select` can tell them apart.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perpetuum.model.equations import DUST, kernel

Array = NDArray[Any]
Floats = NDArray[np.float64]
Dollars = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Stateful:
    """Something whose array attributes carry the world on their first axis."""

    _world_axis = 0


class Register(Stateful):
    """Something whose array attributes carry the world on their last axis."""

    _world_axis = -1


class ByAccount(Register, Mapping[int, Floats]):
    """One quantity of several accounts: `rows` (accounts, worlds), each read and set by its account's number."""

    def __init__(self, accounts: tuple[int, ...], worlds: int, value: float = 0.0):
        self._place = {account: place for place, account in enumerate(accounts)}
        self.rows: Floats = np.full((len(accounts), worlds), value)

    def __getitem__(self, account: int) -> Floats:
        """The row of an account, (worlds,)."""
        return self.rows[self._place[account]]

    def __setitem__(self, account: int, value: Array) -> None:
        """Write the row of an account."""
        self.rows[self._place[account]] = value

    def __iter__(self) -> Iterator[int]:
        return iter(self._place)

    def __len__(self) -> int:
        return len(self._place)


def select[T: Stateful](root: T, worlds: Array) -> T:
    """Copy `root` with only the chosen worlds: every array is sliced on its world axis, everything else deep-copied.

    `worlds` is an array of world numbers (repeats allowed: that is how one world is forked into many). The copy continues
    exactly as the original would, because a world's numbers never depend on the company it is in.
    """
    chosen = np.asarray(worlds, dtype=np.int64)
    memo: dict[int, Any] = {}
    visited: set[int] = set()
    stack: list[tuple[Stateful, Any]] = [(root, root)]
    while stack:
        owner, item = stack.pop()
        if id(item) in visited:
            continue
        if isinstance(item, np.ndarray):
            memo[id(item)] = np.ascontiguousarray(np.take(item, chosen, axis=owner._world_axis))
        elif isinstance(item, Stateful):
            stack.extend((item, value) for value in vars(item).values())
        elif isinstance(item, dict):
            stack.extend((owner, value) for value in item.values())
        elif isinstance(item, (list, tuple)):
            stack.extend((owner, value) for value in item)
        visited.add(id(item))
    # The memo makes deepcopy use the slices wherever the originals stood, shared references included.
    return copy.deepcopy(root, memo)


def total(parts: Any) -> Array:
    """Sum (worlds,) arrays in the order given, so that the bits do not depend on how many worlds there are."""
    # Whole numbers add up to the same in any order; numbers of several worlds are added row by row, in the order given.
    if type(parts) is np.ndarray and parts.ndim > 1:
        if parts.dtype.kind == "i" or (parts.flags.c_contiguous and parts.shape[-1] > 1):
            return np.add.reduce(parts, axis=0)
        return np.add.accumulate(parts, axis=0)[-1]
    first, *others = parts
    if not others:
        return first.copy()
    for part in others:
        first = first + part
    return first


@kernel
def _quotients(part, whole, otherwise):
    result = np.empty(part.shape[0])
    for w in range(part.shape[0]):
        result[w] = part[w] / whole[w] if whole[w] > DUST else otherwise
    return result


def share(part: Array, whole: Array, otherwise: float = 0.0) -> Floats:
    """Return part / whole, and `otherwise` where whole is not positive (or dust, by which division would overflow)."""
    if type(part) is np.ndarray and type(whole) is np.ndarray and part.ndim == 1 and part.shape == whole.shape:
        return _quotients(part, whole, float(otherwise))
    there = whole > DUST
    return np.where(there, part / np.where(there, whole, 1), otherwise)


#: What counts what is not zero, without numpy's detour over functions of other kinds of arrays.
_counted = inspect.unwrap(np.count_nonzero)


def anywhere(mask: Array) -> bool:
    """Whether anything is true (or not zero) in any world; counting takes a fifth of the time of `mask.any()`."""
    return _counted(mask) > 0


def rows_in_use(rows: Array) -> list[int]:
    """Numbers of the rows (rows, worlds) in which anything is not zero in any world."""
    return rows.any(axis=1).nonzero()[0].tolist()


def bounded(value: Array, low: Array | float, high: Array | float) -> Array:
    """Return min(max(value, low), high): `np.clip` in a quarter of its time."""
    return np.minimum(np.maximum(value, low), high)


def move_towards(value: Floats, target: Floats, speed: Array | float) -> Floats:
    """Partial adjustment: value + speed (target - value)."""
    return value + speed * (target - value)


def split(amount: Dollars, weights: Array) -> Dollars:
    """Split whole dollars over the last axis by cumulative rounding: the parts add up to the whole exactly.

    part_i = round(amount C_i / C_n) - round(amount C_(i-1) / C_n), C the cumulated weights; `amount` has the shape of
    `weights` without its last axis. Where all weights are zero, everything goes to the first part.
    """
    cumulated = np.cumsum(weights, axis=-1, dtype=np.float64)
    whole = cumulated[..., -1:]
    fraction = np.where(whole > 0, cumulated / np.where(whole > 0, whole, 1.0), 1.0)
    marks = np.rint(amount[..., None] * fraction).astype(np.int64)
    marks[..., -1] = amount
    return np.diff(marks, axis=-1, prepend=0)
