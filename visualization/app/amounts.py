"""Figures in words, in the language chosen: shares, months of cash."""

from __future__ import annotations

from perpetuum.model.words.catalogue import Words
from perpetuum.model.words.vocabulary import percent

#: Months of cash that are not counted: who burns so little lives off what comes in.
UNCOUNTED = 60


def share(words: Words, part: float) -> str:
    """A share as a percentage that does not pretend to know more than it does."""
    if 0 < part < 0.005:
        return words("number.under_one")
    return words("number.percent", number=percent(part).removesuffix(" %"))


def cash(words: Words, months: float) -> str:
    """Months of cash in words; five years and more are not counted."""
    if months >= UNCOUNTED:
        return words("number.plenty")
    return words("number.month" if round(months) == 1 else "number.months", months=round(months))
