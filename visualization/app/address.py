"""The page's address: preset, seed, levers and moves as a query, so that a link shows the same machine.

`?preset=ono_2025&seed=3&demand.strength=0.7&moves=24:funding.tightening=1;30:fork;30:demand.strength=2@1&month=60&lang=zh`
Bad values become notices, and the default stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote

from perpetuum.model.parameters import PARAMETERS, registered
from perpetuum.model.scenario import InputError, nearest, preset_names
from perpetuum.model.words.catalogue import LANGUAGES
from perpetuum.runs.study.design import checked
from perpetuum.visualization.app.session import Move, Session, Start

#: No address may keep the server busy for long or name files on it.
LONGEST = 600
TABS = ("money", "prices", "firms", "books", "map")


@dataclass
class Address:
    """What an address says; `notices` say what in it could not be understood."""

    start: Start = field(default_factory=Start)
    moves: list[Move] = field(default_factory=list)
    month: int = 0
    language: str = "en"
    presenter: bool = False
    tab: str = "money"
    notices: list[str] = field(default_factory=list)


def read(query: str, opening: Start | None = None) -> Address:
    """Understand a query string; what is wrong in it is noted, and the default stands.

    `opening`: the start where the query names no preset; its preset and settings may be named in any address.
    """
    opening = opening or Start()
    parts = parse_qsl((query or "").lstrip("?"))
    address = Address() if names_preset(query) else Address(start=opening)
    settings: dict[str, Any] = {}
    for name, value in parts:
        try:
            _take(address, settings, name, value, opening)
        except (InputError, ValueError) as wrong:
            address.notices.append(_notice(name, value, wrong))
    for name, value in settings.items():
        trial = replace(address.start, settings={**address.start.settings, name: value})
        try:
            # As a number, not as it was written: the same start has one cache, however one came to it.
            parameter = trial.scenario().definition.parameter(name)
            trial = replace(trial, settings={**trial.settings, name: checked(parameter, value)})
        except InputError as wrong:
            address.notices.append(_notice(name, value, wrong))
        else:
            address.start = trial
    return address


def names_preset(query: str) -> bool:
    """Whether an address says which machine it shows, rather than leaving it to the server."""
    return "preset" in dict(parse_qsl((query or "").lstrip("?")))


def _notice(name: str, value: Any, wrong: Exception) -> str:
    why = str(wrong) if isinstance(wrong, InputError) else f"'{value}' is not what '{name}' takes"
    return f"Left out of the address: {why}."


def _take(address: Address, settings: dict[str, Any], name: str, value: str, opening: Start) -> None:
    if name == "preset":
        if value not in (*preset_names(), opening.preset):
            raise InputError(f"unknown preset '{value[:40]}'{nearest(value, preset_names())}")
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
        address.moves = sorted((_move(part) for part in value.split(";") if part), key=lambda move: move.month)
    elif name == "lang":
        if value not in LANGUAGES:
            raise InputError(f"unknown language '{value[:10]}': there are {', '.join(LANGUAGES)}")
        address.language = value
    elif name == "tab":
        if value not in TABS:
            raise InputError(f"unknown tab '{value[:20]}': there are {', '.join(TABS)}")
        address.tab = value
    elif name == "presenter":
        address.presenter = value == "1"
    elif "." in name:
        known = name in opening.settings and _written(opening.settings[name]) == value
        if name in PARAMETERS and PARAMETERS[name].structural and not known:
            raise InputError(f"'{name}' shapes the whole machine and cannot be set in an address")
        settings[name] = value
    else:
        raise InputError(f"unknown name '{name[:40]}'")


def _whole(name: str, value: str, low: int, high: int) -> int:
    if not value.isdecimal() or len(value) > 12 or not low <= int(value) <= high:
        raise InputError(f"'{name}' takes a whole number from {low} to {high}, not '{value[:20]}'")
    return int(value)


def _move(text: str) -> Move:
    at, _, what = text.partition(":")
    month = _whole("moves", at, 0, LONGEST)
    if what == "fork":
        return Move(month, "fork")
    lever, _, rest = what.partition("=")
    value, _, world = rest.partition("@")
    if lever == "join":
        return Move(month, "join", _whole("join", value, 0, 1))
    return Move(month, lever, registered(lever[:40]).check(value, ""), _whole("moves", world, 0, 1) if world else None)


def write(session: Session, shown: Mapping[str, str]) -> str:
    """The query that leads back to a session as it stands; `shown`: language, tab and the like."""
    start = session.start
    parts: dict[str, str] = {"preset": start.preset, "seed": str(start.seed)}
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
