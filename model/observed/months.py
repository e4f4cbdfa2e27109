"""What is recorded month by month: one array with room for all months, instead of a small array a month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np

from perpetuum.model.worlds import Array, Register


class Months(Register, Sequence[Array]):
    """Arrays (..., worlds), one a month, in the order of the months; what has been recorded stays as it is."""

    def __init__(self, room: int):
        """`room`: months to hold at first; more are made room for."""
        self._room = max(1, room)
        self._count = 0
        self._rows: Array = np.empty((0, 0))

    @classmethod
    def of(cls, rows: Array, count: int) -> Months:
        """The first `count` months of rows that another has recorded; what is appended takes the place of later ones."""
        months = cls(len(rows))
        months._rows, months._count = rows, count
        return months

    @property
    def rows(self) -> Array:
        """All that there is room for, (months, ..., worlds); what lies behind the last month says nothing."""
        return self._rows

    def append(self, value: Array) -> None:
        """Record a month."""
        if not self._count:
            self._rows = np.empty((self._room, *value.shape), value.dtype)
        if self._count == len(self._rows) or value.dtype != self._rows.dtype:
            kind = np.result_type(self._rows, value)
            more = np.empty((max(self._room, 2 * self._count), *value.shape), kind)
            more[: self._count] = self._rows[: self._count]
            self._rows = more
        self._rows[self._count] = value
        self._count += 1

    def stacked(self) -> Array:
        """An array (worlds, months) of what was recorded as (worlds,)."""
        return np.array(self._rows[: self._count].T, order="C")

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Array: ...

    @overload
    def __getitem__(self, place: slice) -> list[Array]: ...

    def __getitem__(self, place: int | slice) -> Array | list[Array]:
        found = self._rows[: self._count][place]
        return list(found) if isinstance(place, slice) else found

    def __iter__(self) -> Iterator[Array]:
        return iter(self._rows[: self._count])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self._rows[: self._count], dtype)

    def __reduce__(self) -> tuple[Any, ...]:
        return _woken, (self._room, self._rows[: self._count])

    def __deepcopy__(self, memo: dict[int, Any]) -> Months:
        # `select` has put the chosen worlds of the whole array there.
        rows = memo.get(id(self._rows))
        copy = Months.of(self._rows.copy() if rows is None else rows, self._count)
        copy._room = self._room
        memo[id(self)] = copy
        return copy


def _woken(room: int, rows: Array) -> Months:
    """Months that were pickled, without the room for more."""
    months = Months(room)
    months._rows, months._count = rows, len(rows)
    return months
