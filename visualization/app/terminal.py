"""What the terminal is told: one line for whatever went wrong, with nothing in it that steers a terminal, and not too many.

The terminal belongs to whoever teaches; what visitors send must neither clear it, nor forge its lines, nor fill it.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from typing import TextIO

#: Lines told within so many seconds; the others are counted.
LINES, WITHIN = 10, 60.0
TRACEBACK = "Traceback (most recent call last):"
#: Letters of a line.
LONGEST = 300


def escaped(text: str) -> str:
    """Text as one line of letters that can be printed: everything else is written as Python writes it."""
    shown = text if len(text) <= LONGEST else text[:LONGEST] + " ..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)


class Teller(logging.Handler):
    """Tells warnings and errors in lines: what, and of an exception its kind, its words, and where it was raised."""

    def __init__(self, stream: Callable[[], TextIO] = lambda: sys.stderr, clock: Callable[[], float] = time.monotonic):
        super().__init__(logging.WARNING)
        self._stream = stream
        self._clock = clock
        self._since = float("-inf")
        self._told = 0
        self._untold = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Tell a record, or count it."""
        now = self._clock()
        if now - self._since > WITHIN:
            if self._untold:
                self._write(f"perpetuum: {self._untold} more lines were not shown")
            self._since, self._told, self._untold = now, 0, 0
        if self._told >= LINES:
            self._untold += 1
            return
        self._told += 1
        self._write(f"perpetuum: {escaped(line_of(record))}")
        if self._told == LINES:
            self._write("perpetuum: more of this is counted, and shown no more than once a minute")

    def _write(self, line: str) -> None:
        try:
            self._stream().write(line + "\n")
            self._stream().flush()
        except (OSError, ValueError):
            pass  # there is no terminal any more


def line_of(record: logging.LogRecord) -> str:
    """A record in a line."""
    try:
        said = record.getMessage()
    except Exception:  # a message that does not fit its places
        said = str(record.msg)
    lines = [line for line in said.splitlines() if line.strip()] or [""]
    # Of a traceback that somebody made words of, what it begins and ends with.
    said = f"{lines[0].partition(TRACEBACK)[0]}{lines[-1]}" if TRACEBACK in lines[0] else lines[0].strip()
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return said
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" ({place.tb_frame.f_code.co_filename.rpartition('/')[2]}:{place.tb_lineno})"
    return f"{said}: {type(error).__name__}: {error}{where}"


def tell() -> None:
    """Let everything that is logged or warned of, here or in the packages used, be told so."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    root.addHandler(Teller())
    for name in list(logging.Logger.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(True)
