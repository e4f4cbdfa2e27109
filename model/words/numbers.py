"""Numbers, months and lists as the screen writes them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from perpetuum.model.words.vocabulary import counted, percent

#: A count of things: `1 world`, `12 worlds`.
many = counted


def share(value: float) -> str:
    """Write a share as a percentage in as few characters as there are: `<1 %`."""
    return percent(value).replace("under ", "<")


def with_interval(one: Mapping[str, float]) -> str:
    """Write a share (`share`, `low`, `high`) with its interval: `12 % (8–17)`."""
    return f"{share(one['share'])} ({_ends(one['low'], one['high'])})"


def span(low: float, high: float) -> str:
    """Write a range of shares: `8–17 %`; one number where both ends read the same."""
    return f"{_ends(low, high)} %"


def _ends(low: float, high: float) -> str:
    return "–".join(dict.fromkeys(f"{100 * end:.0f}" for end in (low, high)))


def joined(words: Sequence[str], last: str = "and") -> str:
    """Write a list: `one, two and three`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def month(iso: str) -> str:
    """Write the month of a date given as `2027-10-01`: `Oct 2027`."""
    return datetime.date.fromisoformat(iso).strftime("%b %Y")


def number(value: float) -> str:
    """Write a number in three digits, thousands in full."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def written(value: Any) -> str:
    """Write a parameter's value as a user would type it."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
