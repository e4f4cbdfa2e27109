"""A moment of a machine, to which one can go back: what it was then, and how far its record had come.

The record of the months is not copied: it only grows, so that all checkpoints of a machine look at the same one. Who goes back
writes over what came later, for which there is no checkpoint any more.
"""

from __future__ import annotations

import io
import pickle
import zlib
from typing import Any

from perpetuum.model import Economy
from perpetuum.model.observed.months import Months
from perpetuum.model.worlds import Array


class Checkpoint:
    """An economy as it was, packed."""

    def __init__(self, economy: Economy):
        self.records: list[tuple[Array, int]] = []
        pickled = io.BytesIO()
        _Pickler(pickled, self.records).dump(economy)
        self.packed = zlib.compress(pickled.getbuffer(), 1)

    def wake(self) -> Economy:
        """The economy. It goes on in the record of the one that was packed, which must not go on beside it."""
        economy: Economy = _Unpickler(io.BytesIO(zlib.decompress(self.packed)), self.records).load()
        return economy


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, records: list[tuple[Array, int]]):
        super().__init__(file)
        self._records = records

    def persistent_id(self, part: Any) -> int | None:
        if not isinstance(part, Months):
            return None
        self._records.append((part.rows, len(part)))
        return len(self._records) - 1


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, records: list[tuple[Array, int]]):
        super().__init__(file)
        self._records = records

    def persistent_load(self, place: int) -> Months:
        return Months.of(*self._records[place])
