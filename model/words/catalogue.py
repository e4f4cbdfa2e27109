"""The catalogue of texts: one file a language, `en.toml` and `zh.toml` beside this, by dotted keys.

Names of instruments, kinds of payment, roles and series stand where these are declared (`model/books`,
`model/roles.py`, `model/observed`).

`Words("zh")("lever.demand")` is a text; `{places}` in it are filled from keyword arguments.
"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any

from perpetuum.model.books.accounts import CHART
from perpetuum.model.books.payment_kinds import KINDS
from perpetuum.model.observed.collector import MEASURES
from perpetuum.model.roles import ROLES

LANGUAGES: dict[str, str] = {"en": "English", "zh": "中文"}
_PARTS = ("name", "about", "one")


@functools.cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of a language by dotted key."""
    # What is declared in a table of the model carries its words there.
    texts = {f"kind.{kind.name}": getattr(kind, language) for kind in KINDS.values()}
    for one in CHART.values():
        name, about = getattr(one, language)
        single = one.one[list(LANGUAGES).index(language)] or name
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
    source = resources.files("perpetuum.model.words").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return texts | dict(_flat(tomllib.loads(source), ""))


def _flat(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    texts: list[tuple[str, str]] = []
    for key, value in table.items():
        texts.extend(_flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)])
    return texts


class Words:
    """Texts in one language. An unknown key is shown as itself, so that a page never breaks for a missing word."""

    def __init__(self, language: str = "en"):
        self.language = language if language in LANGUAGES else "en"

    def __call__(self, key: str, /, **places: Any) -> str:
        """The text of a key with its places filled."""
        text = catalogue(self.language).get(key) or catalogue("en").get(key) or key
        return text.format(**places) if places else text
