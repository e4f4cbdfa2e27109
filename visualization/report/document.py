"""The document: chapters in their order, put into one HTML file with its style, its script and its pictures inside.

Whatever comes from outside (names of presets, commands, texts) is escaped by the template; only `Markup` goes in as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from markupsafe import Markup

from perpetuum.model.words.speech import say
from perpetuum.visualization.report.ranges import held

_FILES = "perpetuum.visualization.report"
#: Words of the template itself.
_WORDS = ("contents", "no_script", "month", "world")


@dataclass(frozen=True)
class Chapter:
    """A part of the report: what it is called, what stands in it, and what the script is given to draw it.

    `kind` and its `content`: `text` (Markup), `figures` (Markup, one a figure), `ring`, `map` (whether it has worlds to go
    through), `story` (a `Telling`), `table` (a `Table` each), `made` (pairs of name and value).
    """

    name: str
    title: str
    kind: str
    content: Any = None
    note: str = ""
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Table:
    """A table: the first column holds words, the others numbers; one that is not `open` is folded, and not printed."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    open: bool = False


@dataclass(frozen=True)
class Telling:
    """The story of one world: how it ends, why it is this world, what happened in order, and what the story does not say."""

    title: str
    why: str
    sentences: Sequence[str]
    caveats: Sequence[str]


@dataclass(frozen=True)
class Document:
    """A whole report: what it is about, what was asked, and its chapters."""

    title: str
    question: str
    chapters: Sequence[Chapter]


def html_of(document: Document) -> str:
    """The report as HTML in the language in force."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["held"] = held
    template = environment.from_string(_text("report.html.j2"))
    data = {chapter.name: chapter.data for chapter in document.chapters if chapter.data is not None}
    return template.render(
        document=document,
        language="zh-Hans" if say.language == "zh" else "en",
        words={name: say(f"report.{name}") for name in _WORDS},
        style=Markup(_text("report.css")),
        script=Markup(_text("report.js")),
        data=Markup(_json(data)),
    )


def _text(name: str) -> str:
    return resources.files(_FILES).joinpath(name).read_text(encoding="utf-8")


def _json(data: Mapping[str, Any]) -> str:
    """JSON that may stand in a script: nothing in it ends the script or begins a comment."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
