"""Figures in words, in the language chosen: shares, money, months of cash."""

from __future__ import annotations

from visualization.app.catalogue import Words
from visualization.texts import percent

#: Months of cash that are not counted: who burns so little lives off what comes in.
UNCOUNTED = 60


def share(words: Words, part: float) -> str:
    """A share as a percentage that does not pretend to know more than it does."""
    if 0 < part < 0.005:
        return words("number.under_one")
    return words("number.percent", number=percent(part).removesuffix(" %"))


def money(words: Words, bn: float) -> str:
    """Billions of dollars with two or three figures: "$3.4bn", "$1.20tn", "$30m"; in Chinese by hundreds of millions."""
    size, sign = abs(bn), "−" if bn < 0 else ""
    if size >= 1000:
        return sign + words("number.trillions", number=f"{size / 1000:.2f}")
    if 0 < size < 0.05:
        return sign + words("number.millions", number=f"{size * float(words('number.in_a_billion_small')):.0f}")
    number = size * float(words("number.in_a_billion"))
    return sign + words("number.billions", number=f"{number:.{1 if number < 10 else 0}f}")


def cash(words: Words, months: float) -> str:
    """Months of cash in words; five years and more are not counted."""
    if months >= UNCOUNTED:
        return words("number.plenty")
    return words("number.month" if round(months) == 1 else "number.months", months=round(months))
