"""Pairs as a user writes them after an option: NAME=VALUE."""

from __future__ import annotations

from collections.abc import Iterable

from perpetuum.model.errors import InputError


def pairs_of(written: Iterable[str], takes: str, once: str) -> dict[str, str]:
    """Read NAME=VALUE: name to value, both as written but for spaces around them.

    Raises InputError where there is no such pair (`takes`: what the option takes) or a name stands twice (`once`: that it does,
    and what to do).

    >>> pairs_of(["demand.strength = 0.7", "seed=1"], "--set takes NAME=VALUE", "is set twice")
    {'demand.strength': '0.7', 'seed': '1'}
    """
    found: dict[str, str] = {}
    for one in written:
        name, equals, value = (part.strip() for part in one.partition("="))
        if not equals or not name or not value:
            raise InputError(f"{takes}, not '{one}'")
        if name in found:
            raise InputError(f"'{name}' {once}")
        found[name] = value
    return found
