"""Units of time and money, the month that never comes, and the dates of months."""

from __future__ import annotations

import datetime

#: Months of a year.
YEAR = 12
#: Dollars of a billion.
BN = 1e9
#: A month that never comes.
NEVER = -1


def date_of(start: datetime.date | str, month: int) -> datetime.date:
    """First day of a month, counted from 0 at the start."""
    first = datetime.date.fromisoformat(start) if isinstance(start, str) else start
    months = first.month - 1 + month
    return datetime.date(first.year + months // 12, months % 12 + 1, 1)
