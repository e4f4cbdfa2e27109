"""The scripts that come with the page before a session draws on it: parts of its components, the note of a lost line."""

from __future__ import annotations

import json
from importlib import resources

from perpetuum.model.words.catalogue import LANGUAGES
from perpetuum.model.words.speech import Words

#: Parts of components that have files of their own (js/), which `mixins` in vue/ name.
PARTS = ("ring_pipes", "ring_names", "ring_told", "chart_marks")
#: What the note of a lost line says, by keys of the catalogue.
LOST = ("waiting", "made_room", "go_on", "working")


def scripts() -> str:
    """The elements that hold them, one after the other."""
    said = {language: Words(language) for language in LANGUAGES}
    texts = json.dumps({language: {key: words(f"lost.{key}") for key in LOST} for language, words in said.items()})
    return "".join(f"<script>{one}</script>" for one in (*map(_read, PARTS), f"const TEXTS = {texts};\n{_read('lost')}"))


def _read(name: str) -> str:
    return resources.files("perpetuum.visualization.app").joinpath("js", f"{name}.js").read_text(encoding="utf-8")
