"""What the page opens with where its address names no preset: as `perpetuum app` was told (`opening`)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import bounds
from perpetuum.visualization.app.address import Address, names_preset, read, short_name
from perpetuum.visualization.app.opening import Opening

_opening = Opening()


def open_with(opening: Opening) -> None:
    """Make every page of this server open so, unless its address says otherwise."""
    global _opening
    _opening = opening


def opening() -> Opening:
    """What pages open with."""
    return _opening


def address_of(query: str) -> Address:
    """Understand a page's address; where it names no preset, the page opens as this server was told, and says so."""
    query, told = bounds.within(query)
    named = dict(parse_qsl(query)).get("preset", "")
    if named == short_name(_opening.start.preset) != _opening.start.preset:
        query = urlencode([(name, _opening.start.preset if name == "preset" else value) for name, value in parse_qsl(query)])
    shown = read(query, _opening.start)
    understood, opened = shown.tell, () if names_preset(query) else _opening.notices

    def tell(words: Words) -> list[str]:
        return [*bounds.notices(words, told, understood(words)), *(words(key, **places) for key, places in opened)]

    shown.tell, shown.notices = tell, tell(Words(shown.language))
    return shown
