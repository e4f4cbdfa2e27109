"""What was read of users' own presets: while a command is at work, its process reads a file once, whatever is written to it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_read: ContextVar[dict[Hashable, Any] | None] = ContextVar("presets read", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Remember what is read within, so that all worlds of an answer are of one preset; what is remembered already stays so."""
    kept = _read.get()
    before = _read.set({} if kept is None else kept)
    try:
        yield
    finally:
        _read.reset(before)


def remembered[Read](what: Hashable, read: Callable[[], Read]) -> Read:
    """What was read before, or what is read now; within `read_once` it is remembered.

    >>> told = iter("ab")
    >>> remembered("file", lambda: next(told))
    'a'
    >>> with read_once():
    ...     [remembered("file", lambda: next(told)) for _ in range(2)]
    ['b', 'b']
    """
    kept = _read.get()
    if kept is None:
        return read()
    if what not in kept:
        kept[what] = read()
    known: Read = kept[what]
    return known
