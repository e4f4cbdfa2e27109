"""What the server says when it does not do what it was asked: one sentence, in the language of whoever asked, and no more."""

from __future__ import annotations

import html
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import HTMLResponse

from perpetuum.model.words.speech import Words

#: Parameters of an address that a form hands on, at most.
HANDED_ON = 100


def words_of(scope: Mapping[str, Any]) -> Words:
    """Texts in the language of a request: that of its address, else the one that its browser asks for."""
    asked = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"), max_num_fields=None)).get("lang", "")
    if asked:
        return Words(asked)
    preferred = next((value for name, value in scope.get("headers", ()) if name == b"accept-language"), b"")
    return Words("zh" if preferred.lower().startswith(b"zh") else "en")


def page_of(words: Words, sentence: str, more: str = "") -> str:
    """A small page with one sentence; `more`: what stands below it, as HTML."""
    return (
        f'<!doctype html><html lang="{words.language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>perpetuum</title><style>body{{font:18px/1.5 system-ui,sans-serif;max-width:34em;margin:15vh auto;padding:0 1em}}"
        f"input,button{{font:inherit;padding:.3em .6em}}</style><p>{html.escape(sentence)}</p>{more}</html>"
    )


def refused(status: int, key: str, scope: MutableMapping[str, Any], **places: Any) -> HTMLResponse:
    """An answer that refuses, with one sentence."""
    words = words_of(scope)
    return HTMLResponse(page_of(words, words(key, **places)), status_code=status)


def code_asked(key: str, scope: MutableMapping[str, Any], status: int) -> HTMLResponse:
    """A form that asks for the access code, and leads on to the address that was asked for."""
    words = words_of(scope)
    asked = parse_qsl(scope.get("query_string", b"").decode("latin-1"))[:HANDED_ON]
    kept = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in asked
        if name != "code"
    )
    form = (
        f'<form method="get" action="/">{kept}<input name="code" autocomplete="off" autofocus '
        f'aria-label="{html.escape(words("door.code"))}"> <button>{html.escape(words("door.enter"))}</button></form>'
    )
    return HTMLResponse(page_of(words, words(key), form), status_code=status)
