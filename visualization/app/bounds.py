"""How much one address or one session may ask for, and what is said of the rest.

A machine opened from an address lives again through all its moves, which takes the server's time from everybody else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from perpetuum.model.words.speech import Words

#: Names in an address, moves, and times that a world is split, each a quarter of a second where it is split and joined again.
NAMES, MOVES, FORKS = 100, 400, 20
#: What could not be understood is told so many times.
NOTICES = 8
#: No number of an address is so long; what Python would take a long time over, or refuse, is none.
NUMBER = re.compile(r"(?<![\d.])\d{13,}")

#: A key of the page's texts, and what fills its places.
Told = tuple[str, Mapping[str, Any]]


def within(query: str) -> tuple[str, list[Told]]:
    """An address with no more than is allowed, and what is said of what was left out."""
    parts = parse_qsl((query or "").lstrip("?"))
    told: list[Told] = []
    if len(parts) > NAMES:
        told.append(("bounds.names", {"n": len(parts), "most": NAMES}))
        parts = parts[:NAMES]
    if any(NUMBER.search(value) for _, value in parts):
        told.append(("bounds.numbers", {}))
        parts = [(name, value) for name, value in parts if name == "moves" or not NUMBER.search(value)]
    kept = []
    for name, value in parts:
        if name == "moves":
            moves, said = _moves([move for move in value.split(";") if move and not NUMBER.search(move)])
            value = ";".join(moves)
            told += said
        kept.append((name, value))
    return urlencode(kept), told


def _moves(moves: list[str]) -> tuple[list[str], list[Told]]:
    told: list[Told] = []
    if len(moves) > MOVES:
        told.append(("bounds.moves", {"n": len(moves), "most": MOVES}))
        moves = moves[:MOVES]
    splits = [number for number, move in enumerate(moves) if move.partition(":")[2] == "fork"]
    if len(splits) > FORKS:
        told.append(("bounds.forks", {"most": FORKS}))
        moves = moves[: splits[FORKS]]
    return moves, told


def notices(words: Words, told: list[Told], others: list[str]) -> list[str]:
    """What is said of an address: the bounds that it meets, then what in it was not understood, as far as there is room."""
    said = [words(key, **places) for key, places in told] + others[:NOTICES]
    left = len(others) - NOTICES
    return [*said, words("bounds.more_notices", n=left)] if left > 0 else said
