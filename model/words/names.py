"""Names of firms and levers, and sums of money, within a sentence, in the language chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perpetuum.model.words.catalogue import Words, catalogue


def firm(words: Words, name: str) -> str:
    """An agent's id in words."""
    known = words(f"firm.{name}")
    return known if known != f"firm.{name}" else name.replace("_", " ")


def called(words: Words, name: str) -> str:
    """An agent within a sentence: "the lead lab"."""
    known = f"the.{name}" in catalogue(words.language)
    return words(f"the.{name}" if known else "the.any", name=firm(words, name)) if name else ""


def listed(words: Words, parts: Sequence[str]) -> str:
    """Several in a row: "the lead lab, the cloud and hyperscaler A"."""
    return words("events.and").join(part for part in (words("events.comma").join(parts[:-1]), *parts[-1:]) if part)


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def money(words: Words, bn: float) -> str:
    """Billions of dollars with two or three figures: "$3.4bn", "$1.20tn", "$30m"; in Chinese by hundreds of millions."""
    size, sign = abs(bn), "−" if bn < 0 else ""
    if size >= 1000:
        return sign + words("number.trillions", number=f"{size / 1000:.2f}")
    if 0 < size < 0.05:
        return sign + words("number.millions", number=f"{size * float(words('number.in_a_billion_small')):.0f}")
    number = size * float(words("number.in_a_billion"))
    return sign + words("number.billions", number=f"{number:.{1 if number < 10 else 0}f}")


def parameter(words: Words, name: str) -> str:
    """A parameter or an opening figure within a sentence: `demand.strength` is "demand", `lead_lab.cash` "lead lab cash"."""
    key = f"parameter.{name}"
    told = words(key)
    return name.replace(".", " ").replace("_", " ") if told == key else told


def lever(words: Words, name: str) -> str:
    """A parameter as its slider calls it, or as a sentence does where it is no lever."""
    key = f"lever.{name}"
    told = words(key)
    return parameter(words, name) if told == key else told


def setting(words: Words, value: Any) -> str:
    """What a lever is set to."""
    key = f"lever_choice.{value}"
    return words(key) if key in catalogue("en") else f"{value:g}" if isinstance(value, float) else str(value)
