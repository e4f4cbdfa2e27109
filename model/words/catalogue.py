"""The catalogue of texts in English and Chinese, by dotted keys: one TOML file a topic, both languages side by side.

Names of instruments, kinds of payment, roles and series stand where these are declared (`model/books`,
`model/roles.py`, `model/observed`). How texts are asked for and filled is in `model/words/speech.py`.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any

from perpetuum.model.books.accounts import CHART
from perpetuum.model.books.payment_kinds import KINDS
from perpetuum.model.roles import ROLES

LANGUAGES: dict[str, str] = {"en": "English", "zh": "中文"}
_PARTS = ("name", "about", "one")


@functools.cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of a language by dotted key."""
    from perpetuum.model.observed.measures import MEASURES  # loads kernels, for which who only names things need not wait

    # What is declared in a table of the model carries its words there.
    texts = {f"kind.{kind.name}": getattr(kind, language) for kind in KINDS.values()}
    place = list(LANGUAGES).index(language)
    for one in CHART.values():
        name, about = getattr(one, language)
        single = one.one[place] or name
        texts |= {f"instrument.{one.name}.{part}": text for part, text in zip(_PARTS, (name, about, single), strict=True)}
    for role in ROLES.values():
        what, sector, about = getattr(role, language)
        texts[f"inspector.role_{role.name}"] = what
        if role.sector:
            texts |= {f"sector.{role.sector}": sector, f"sector_about.{role.sector}": about}
    for measure in MEASURES.values():
        label, about = getattr(measure, language)
        if label:
            texts |= {f"series.{measure.name}.label": label, f"series.{measure.name}.about": about}
    return texts | {key: pair[place] for key, pair in _written().items()}


@functools.cache
def _written() -> dict[str, list[str]]:
    """The texts of all topics by dotted key, a pair of languages each."""
    tables = (tomllib.loads(file.read_text(encoding="utf-8")) for file in topics())
    return {key: pair for table in tables for key, pair in _flat(table, "")}


def topics() -> list[Any]:
    """The files of the catalogue, one a topic."""
    return sorted(
        (file for file in resources.files("perpetuum.model.words").iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )


def _flat(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, list[str]]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
