"""Uniform numbers of many worlds at once: numpy's own `SeedSequence` and `Philox`, without an object for every world.

A batch of a thousand worlds asks for a hundred and fifty streams of a number or two each, and making numpy's generators for them
takes a hundred times as long as drawing. Bits are numpy's, which promises never to change them. Sources: O'Neill (2015), a
stack of hashes for seeds, as in numpy.random.SeedSequence; Salmon et al. (2011), Philox 4x64 in ten rounds.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import kernel, loop

#: Constants of SeedSequence's hashes, and of Philox's rounds.
INTO, INTO_STEP = np.uint32(0x43B0D7E5), np.uint32(0x931E8875)
OUT, OUT_STEP = np.uint32(0x8B51F9DD), np.uint32(0x58F38DED)
LEFT, RIGHT, SHIFT = np.uint32(0xCA01F9DD), np.uint32(0x4973F715), np.uint32(16)
ONE, OTHER = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
ONE_STEP, OTHER_STEP = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
HALF, LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
ROUNDS = 10


@loop
def _hashed(word, constant, step):
    """A word hashed, and the next constant."""
    after = np.uint32(constant * step)
    word = np.uint32(np.uint32(word ^ constant) * after)
    return np.uint32(word ^ (word >> SHIFT)), after


@loop
def _mixed(one, other):
    word = np.uint32(np.uint32(LEFT * one) - np.uint32(RIGHT * other))
    return np.uint32(word ^ (word >> SHIFT))


@loop
def _key(words, pool):
    """Philox's key from the words of a seed: mixed into a pool of four, which is hashed out again."""
    constant = INTO
    for place in range(4):
        pool[place], constant = _hashed(words[place], constant, INTO_STEP)
    for source in range(4):
        for place in range(4):
            if place != source:
                word, constant = _hashed(pool[source], constant, INTO_STEP)
                pool[place] = _mixed(pool[place], word)
    for source in range(4, len(words)):
        for place in range(4):
            word, constant = _hashed(words[source], constant, INTO_STEP)
            pool[place] = _mixed(pool[place], word)
    constant = OUT
    for place in range(4):
        pool[place], constant = _hashed(pool[place], constant, OUT_STEP)
    return np.uint64(pool[0]) | np.uint64(pool[1]) << HALF, np.uint64(pool[2]) | np.uint64(pool[3]) << HALF


@loop
def _product(a, b):
    """The high and the low half of a x b."""
    a_high, a_low, b_high, b_low = a >> HALF, a & LOW, b >> HALF, b & LOW
    low, cross = a_low * b_low, a_high * b_low
    carried = (low >> HALF) + (cross & LOW) + a_low * b_high
    return a_high * b_high + (cross >> HALF) + (carried >> HALF), a * b


@loop
def _block(count, key, other_key):
    """Four random words, those of block `count`."""
    a, b, c, d = count, np.uint64(0), np.uint64(0), np.uint64(0)
    for _ in range(ROUNDS):
        high, low = _product(ONE, a)
        other_high, other_low = _product(OTHER, c)
        a, b, c, d = other_high ^ b ^ key, other_low, high ^ d ^ other_key, low
        key, other_key = key + ONE_STEP, other_key + OTHER_STEP
    return a, b, c, d


@kernel
def uniforms(words, lengths, count):
    """Uniform numbers in [0, 1), (worlds, count), from each world's seed: a row of `words` with so many as `lengths` says."""
    out = np.empty((len(words), count))
    pool = np.empty(4, dtype=np.uint32)
    for w in range(len(words)):
        key, other_key = _key(words[w, : lengths[w]], pool)
        for first in range(0, count, 4):
            block = _block(np.uint64(first // 4 + 1), key, other_key)
            for place in range(min(4, count - first)):
                out[w, first + place] = float(block[place] >> np.uint64(11)) / 9007199254740992.0
    return out


@kernel
def keys(words, lengths):
    """Philox's key (worlds, 2) from each world's seed; its first word is the first that `SeedSequence.generate_state` gives."""
    out = np.empty((len(words), 2), dtype=np.uint64)
    pool = np.empty(4, dtype=np.uint32)
    for w in range(len(words)):
        out[w, 0], out[w, 1] = _key(words[w, : lengths[w]], pool)
    return out
