"""Named random streams: one independent stream per world and per named process.

A stream is a pure function of (seed, name, replicate): switching one mechanism off never shifts the draws of another, and
replicate r lives through the same shocks in every cell of a study (common random numbers). Philox: Salmon et al. (2011).
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.random import Generator, Philox, SeedSequence

from perpetuum.model.worlds import Array, Floats, Register


class Streams(Register):
    """Random numbers by name. `replicates` (worlds,) says which shocks each world lives through."""

    def __init__(self, seed: int, replicates: Array, months: int):
        self.seed = seed
        self.months = months
        self.replicates = np.asarray(replicates, dtype=np.int64)

    def _generators(self, name: str) -> list[Generator]:
        label = zlib.crc32(name.encode())
        made: dict[int, Generator] = {}
        sequence = []
        for replicate in self.replicates.tolist():
            # Worlds that share a replicate share the draw, so it is drawn once and copied.
            if replicate not in made:
                made[replicate] = Generator(Philox(SeedSequence(self.seed, spawn_key=(label, replicate))))
            sequence.append(made[replicate])
        return sequence

    def _draw(self, name: str, count: int, method: str) -> Floats:
        rows: dict[int, Floats] = {}
        for replicate, generator in zip(self.replicates.tolist(), self._generators(name), strict=True):
            if replicate not in rows:
                rows[replicate] = getattr(generator, method)(size=count)
        return np.array([rows[replicate] for replicate in self.replicates.tolist()])

    def normal(self, name: str, count: int) -> Floats:
        """Standard normal numbers (worlds, count)."""
        return self._draw(name, count, "standard_normal")

    def uniform(self, name: str, count: int) -> Floats:
        """Uniform numbers in [0, 1), (worlds, count)."""
        return self._draw(name, count, "random")

    def monthly_normal(self, name: str) -> Floats:
        """Standard normal numbers for the whole horizon, (months, worlds): row t is month t."""
        return np.ascontiguousarray(self.normal(name, self.months).T)

    def keys(self, name: str) -> Array:
        """One uint64 key per world, for counter-based draws inside kernels."""
        label = zlib.crc32(name.encode())
        return np.array(
            [
                SeedSequence(self.seed, spawn_key=(label, replicate)).generate_state(1, np.uint64)[0]
                for replicate in self.replicates.tolist()
            ],
            dtype=np.uint64,
        )
