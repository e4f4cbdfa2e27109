"""Random streams: numbers of many worlds at once are those of numpy's own generators, world by world."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from numpy.random import Generator, Philox, SeedSequence

from perpetuum.model.surroundings.random_streams import Streams

#: Numbers of one and of two words, and the ends of both.
REPLICATES = np.array([0, 1, 2, 2**32 - 1, 2**32, 2**40 + 3, 2**63 - 1])


def seeds(seed, name):
    return [SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()), one)) for one in REPLICATES.tolist()]


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32, 2**64 + 5, 2**128 - 1, 2**200 + 7])
@pytest.mark.parametrize("count", [1, 4, 5, 120])
def test_numbers_and_keys_have_numpys_bits(seed, count):
    streams = Streams(seed, REPLICATES, 12)
    for name in ("unknown demand.strength", "fit"):
        uniform = [Generator(Philox(one)).random(count) for one in seeds(seed, name)]
        np.testing.assert_array_equal(streams.uniform(name, count), uniform)
        normal = [Generator(Philox(one)).standard_normal(count) for one in seeds(seed, name)]
        np.testing.assert_array_equal(streams.normal(name, count), normal)
        state = [one.generate_state(1, np.uint64)[0] for one in seeds(seed, name)]
        np.testing.assert_array_equal(streams.keys(name), state)


def test_worlds_of_one_replicate_draw_alike_and_others_do_not():
    streams = Streams(1, np.array([7, 3, 7]), 12)
    for drawn in (streams.uniform("a", 6), streams.normal("a", 6)):
        np.testing.assert_array_equal(drawn[0], drawn[2])
        assert (drawn[0] != drawn[1]).all()
    assert (streams.uniform("a", 6) != streams.uniform("b", 6)).all()
    assert streams.monthly_normal("a").shape == (12, 3)
