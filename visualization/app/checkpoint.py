"""A moment of a machine, to which one can go back: what it was then, and how far its record had come.

The record of the months is not copied: it only grows, so that all checkpoints of a machine look at the same one. Who goes back
writes over what came later, for which there is no checkpoint any more.

A machine is fifty thousand objects, most of them parts of its two thousand small arrays. Arrays are set aside, one behind the
other, and Python is asked about nothing else.
"""

from __future__ import annotations

import copyreg
import io
import pickle
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from perpetuum.model import Economy
from perpetuum.model.observed.months import Months
from perpetuum.model.worlds import Array


class Checkpoint:
    """An economy as it was, packed."""

    def __init__(self, economy: Economy):
        pickled = io.BytesIO()
        pickler = _Pickler(pickled)
        pickler.dump(economy)
        self.records = pickler.records
        self.size = pickled.tell()
        self.packed = zlib.compress(b"".join([pickled.getbuffer(), *pickler.arrays]), 1)

    def wake(self) -> Economy:
        """The economy. It goes on in the record of the one that was packed, which must not go on beside it."""
        unpacked = zlib.decompress(self.packed)
        economy: Economy = _Unpickler(unpacked, self.size, self.records).load()
        return economy


class _Pickler(pickle.Pickler):
    """Pickles all but arrays and the record, which it sets aside."""

    def __init__(self, file: io.BytesIO):
        super().__init__(file)
        self.records: list[tuple[Array, int]] = []
        self.arrays: list[bytes] = []
        self._length = 0
        # Looked up by type, in C: what asks about every object takes twice as long as the whole pickle.
        self.dispatch_table = copyreg.dispatch_table | {Months: self._record, np.ndarray: self._array}

    def _record(self, months: Months) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        self.records.append((months.rows, len(months)))
        return _recorded, (len(self.records) - 1,)

    def _array(self, array: Array) -> Any:
        if array.dtype.hasobject:
            return array.__reduce_ex__(2)
        start, columns = self._length, array.flags.fnc
        self.arrays.append(array.tobytes("F" if columns else "C"))
        self._length += array.nbytes
        return _put_aside, (start, array.dtype, array.shape, columns)


class _Unpickler(pickle.Unpickler):
    def __init__(self, unpacked: bytes, size: int, records: list[tuple[Array, int]]):
        super().__init__(io.BytesIO(memoryview(unpacked)[:size]))
        self._arrays = memoryview(unpacked)[size:]
        self._records = records

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        own: dict[Any, Callable[..., Any]] = {_recorded: self._record, _put_aside: self._array}
        return own.get(found, found) if module == __name__ else found

    def _record(self, place: int) -> Months:
        return Months.of(*self._records[place])

    def _array(self, start: int, kind: np.dtype[Any], shape: tuple[int, ...], columns: bool) -> Array:
        # In the order in which it lay in memory: another one would add up to other last bits.
        return np.ndarray(shape, kind, self._arrays, start, order="F" if columns else "C").copy("K")


def _recorded(place: int) -> Months:
    """Stands for a part of the record, which the unpickler has."""
    raise NotImplementedError(place)


def _put_aside(start: int, kind: np.dtype[Any], shape: tuple[int, ...], columns: bool) -> Array:
    """Stands for an array, whose bytes the unpickler has."""
    raise NotImplementedError(start)
