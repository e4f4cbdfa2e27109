"""The page's address: preset, seed, levers and moves as a query, so that a link shows the same machine.

`?preset=ono_2025&seed=3&demand.strength=0.7&moves=24:funding.tightening=1;30:fork;30:demand.strength=2@1&month=60&lang=zh`
Bad values become notices, and the default stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from perpetuum.model.observed.states import STATES
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import InputError, load_preset, preset_names
from perpetuum.model.words.catalogue import LANGUAGES
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import mistakes
from perpetuum.visualization.app.session import Move, Session, Start
from perpetuum.visualization.app.votes import FIRST, MOST, NOBODY_YET

#: No address may keep the server busy for long or name files on it.
LONGEST = 600
TABS = ("money", "prices", "firms", "books", "map")
NAMES = ("preset", "seed", "world", "months", "month", "moves", "lang", "tab", "presenter", "predict")


@dataclass
class Address:
    """What an address says; `notices` say what in it could not be understood, `tell` says it in any language."""

    start: Start = field(default_factory=Start)
    moves: list[Move] = field(default_factory=list)
    month: int = 0
    language: str = "en"
    presenter: bool = False
    tab: str = "money"
    predicting: bool = False
    votes: dict[str, int] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    tell: Callable[[Words], list[str]] = lambda words: []


def read(query: str, opening: Start | None = None) -> Address:
    """Understand a query string; what is wrong in it is noted, and the default stands.

    `opening`: the start where the query names no preset; its preset and settings may be named in any address.
    """
    opening = opening or Start()
    parts = parse_qsl((query or "").lstrip("?"))
    address = Address() if names_preset(query) else Address(start=opening)
    settings: dict[str, Any] = {}
    refused: list[Exception] = []
    for name, value in parts:
        # Of several moves, those that cannot be are left out and the others are made.
        for part in value.split(";") if name == "moves" else [value]:
            try:
                _take(address, settings, name, part, opening)
            except InputError as wrong:
                refused.append(wrong)
    for name, value in settings.items():
        try:
            # As a number, not as it was written: the same start has one cache, however one came to it.
            number = mistakes.checked(mistakes.parameter_of(load_preset(address.start.preset), name), value, name)
            trial = replace(address.start, settings={**address.start.settings, name: number})
            trial.scenario()
        except InputError as wrong:
            refused.append(mistakes.of_the_model(name, value, wrong))
        else:
            address.start = trial
    refused += _beyond(address)
    address.tell = lambda words: [words("mistake.left_out", why=mistakes.told(words, wrong)) for wrong in refused]
    address.notices = address.tell(Words(address.language))
    return address


def language_of(query: str) -> str:
    """The language that an address asks for, as it stands there."""
    return dict(parse_qsl((query or "").lstrip("?"))).get("lang", "en")


def _beyond(address: Address) -> list[Exception]:
    """Moves after the last month are left out, and a month after it is the last one; each with its refusal."""
    if not address.moves and not address.month:
        return []
    horizon = address.start.scenario().horizon
    refused: list[Exception] = [mistakes.beyond("moves", m.month, horizon) for m in address.moves if m.month >= horizon]
    address.moves = [move for move in address.moves if move.month < horizon]
    if address.month > horizon:
        refused.append(mistakes.beyond("month", address.month, horizon))
        address.month = horizon
    return refused


def names_preset(query: str) -> bool:
    """Whether an address says which machine it shows, rather than leaving it to the server."""
    return "preset" in dict(parse_qsl((query or "").lstrip("?")))


def _take(address: Address, settings: dict[str, Any], name: str, value: str, opening: Start) -> None:
    if name == "preset":
        if value not in (*preset_names(), opening.preset):
            raise mistakes.unknown("preset", value, preset_names())
        address.start = replace(address.start, preset=value)
    elif name == "seed":
        address.start = replace(address.start, seed=_whole(name, value, 0, 2**31))
    elif name == "world":
        address.start = replace(address.start, replicate=_whole(name, value, 0, 2**31))
    elif name == "months":
        address.start = replace(address.start, months=_whole(name, value, 1, LONGEST))
    elif name == "month":
        address.month = _whole(name, value, 0, LONGEST)
    elif name == "moves":
        if value:
            address.moves = sorted([*address.moves, _move(value)], key=lambda move: move.month)
    elif name == "lang":
        if value not in LANGUAGES:
            raise mistakes.unknown("language", value[:10], list(LANGUAGES))
        address.language = value
    elif name == "tab":
        if value not in TABS:
            raise mistakes.unknown("tab", value, TABS)
        address.tab = value
    elif name == "presenter":
        address.presenter = value == "1"
    elif name == "predict":
        address.predicting = True  # whatever the votes are: what is hidden stays hidden
        address.votes = _votes(value)
    elif "." in name:
        known = name in opening.settings and _written(opening.settings[name]) == value
        if name in PARAMETERS and PARAMETERS[name].structural and not known:
            raise mistakes.MistakeError(lambda words: words("mistake.structural", name=name))
        settings[name] = value
    else:
        raise mistakes.unknown("name", name, NAMES)


def _whole(name: str, value: str, low: int, high: int) -> int:
    if not (value.isascii() and value.isdecimal()) or len(value) > 12 or not low <= int(value) <= high:
        raise mistakes.whole_number(name, value, low, high)
    return int(value)


def _votes(text: str) -> dict[str, int]:
    votes: dict[str, int] = {}
    for part in text.split(";") if text != NOBODY_YET else ():
        what, _, many = part.rpartition(":")
        if what not in STATES and not what.startswith(FIRST):
            raise mistakes.no_vote(part)
        votes[what] = _whole("predict", many, 0, MOST)
    return votes


def _move(text: str) -> Move:
    at, _, what = text.partition(":")
    month = _whole("moves", at, 0, LONGEST)
    if what == "fork":
        return Move(month, "fork")
    lever, _, rest = what.partition("=")
    value, _, world = rest.partition("@")
    if lever == "join":
        return Move(month, "join", _whole("join", value, 0, 1))
    if lever not in PARAMETERS:
        raise mistakes.unknown("parameter", lever, list(PARAMETERS))
    proper = mistakes.checked(PARAMETERS[lever], value)
    return Move(month, lever, proper, _whole("moves", world, 0, 1) if world else None)


def short_name(preset: str) -> str:
    """What others are told of a preset: its name, or a file's without where it lies."""
    return preset if preset in preset_names() else Path(preset).name


def write(session: Session, shown: Mapping[str, str]) -> str:
    """The query that leads back to a session as it stands; `shown`: language, tab and the like."""
    start = session.start
    parts: dict[str, str] = {"preset": short_name(start.preset), "seed": str(start.seed)}
    if start.replicate:
        parts["world"] = str(start.replicate)
    if start.months:
        parts["months"] = str(start.months)
    parts |= {name: _written(value) for name, value in start.settings.items()}
    if session.moves:
        parts["moves"] = ";".join(_move_written(move) for move in session.moves)
    parts |= {"month": str(session.month), **shown}
    return "&".join(f"{name}={quote(value, safe=':;=@,.')}" for name, value in parts.items())


def _move_written(move: Move) -> str:
    if move.lever == "fork":
        return f"{move.month}:fork"
    where = "" if move.world is None or move.lever == "join" else f"@{move.world}"
    return f"{move.month}:{move.lever}={_written(move.value)}{where}"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    # As short as it can be written without becoming another number.
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
