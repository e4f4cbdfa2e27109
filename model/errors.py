"""What a user wrote is wrong: one sentence, and the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


class InputError(ValueError):
    """Something the user wrote is wrong; the message is one sentence that says what, where and what is allowed."""


def nearest(name: str, allowed: Sequence[str]) -> str:
    """Return ", did you mean 'x'?" for the nearest allowed name, or nothing."""
    close = difflib.get_close_matches(name, allowed, n=1, cutoff=0.5)
    return f"; did you mean '{close[0]}'?" if close else ""
