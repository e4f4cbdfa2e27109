"""Months in words: "May 2028", "2028年5月"."""

from __future__ import annotations

import datetime

from perpetuum.model.words.catalogue import Words


def date_of(start: datetime.date, month: int) -> datetime.date:
    """First day of a month, counted from 0 at the start."""
    months = start.month - 1 + month
    return datetime.date(start.year + months // 12, months % 12 + 1, 1)


def month_of(words: Words, start: datetime.date, month: int) -> str:
    """A month of a run (0 is the first) as a newspaper writes it."""
    date = date_of(start, month)
    return words("when.date", name=words("when.names").split()[date.month - 1], year=date.year)
