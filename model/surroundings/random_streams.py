"""Named random streams: one independent stream per world and per named process.

A stream is a pure function of (seed, name, replicate): switching one mechanism off never shifts the draws of another, and
replicate r lives through the same shocks in every cell of a study (common random numbers). Philox: Salmon et al. (2011).
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.random import Generator, Philox

from perpetuum.model.surroundings.uniform_kernels import keys, uniforms
from perpetuum.model.worlds import Array, Floats, Register


class Streams(Register):
    """Random numbers by name. `replicates` (worlds,) says which shocks each world lives through."""

    def __init__(self, seed: int, replicates: Array, months: int):
        self.seed = seed
        self.months = months
        self.replicates = np.asarray(replicates, dtype=np.int64)

    def _seeds(self, name: str) -> tuple[Array, Array]:
        """The words of every world's seed (worlds, words), as `SeedSequence` puts them together, and how many there are."""
        seed = _words(int(self.seed))
        head = [*seed, *[0] * (4 - len(seed)), *_words(zlib.crc32(name.encode()))]
        words = np.zeros((len(self.replicates), len(head) + 2), dtype=np.uint32)
        words[:, : len(head)] = head
        words[:, len(head)] = self.replicates & 0xFFFFFFFF
        words[:, len(head) + 1] = self.replicates >> 32
        return words, len(head) + 1 + (self.replicates >> 32 > 0)

    def normal(self, name: str, count: int) -> Floats:
        """Standard normal numbers (worlds, count)."""
        drawn = np.empty((len(self.replicates), count))
        philox = Philox(0)  # one for all: to make another takes longer than to draw
        generator, start = Generator(philox), philox.state
        for row, key in zip(drawn, keys(*self._seeds(name)), strict=True):
            philox.state = {**start, "state": {"counter": start["state"]["counter"], "key": key}}
            generator.standard_normal(out=row)
        return drawn

    def uniform(self, name: str, count: int) -> Floats:
        """Uniform numbers in [0, 1), (worlds, count)."""
        return uniforms(*self._seeds(name), count)

    def monthly_normal(self, name: str) -> Floats:
        """Standard normal numbers for the whole horizon, (months, worlds): row t is month t."""
        return np.ascontiguousarray(self.normal(name, self.months).T)

    def keys(self, name: str) -> Array:
        """One uint64 key per world, for counter-based draws inside kernels."""
        return np.ascontiguousarray(keys(*self._seeds(name))[:, 0])


def _words(number: int) -> list[int]:
    """The words of 32 bits of a whole number, the lowest first; at least one."""
    return [number >> place & 0xFFFFFFFF for place in range(0, max(number.bit_length(), 1), 32)]
