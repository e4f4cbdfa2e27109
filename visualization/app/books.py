"""The tab "books": the live matrix on the left, one agent or what lies behind an entry on the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import solara

from perpetuum.model.books.accounts import CLAIMS, INSTRUMENT_GROUPS, INSTRUMENTS, REAL_ASSETS
from perpetuum.model.books.payment_kinds import DYES
from perpetuum.model.roles import sectors
from perpetuum.model.units import BN
from perpetuum.model.words.speech import Words, capital
from perpetuum.visualization.app import matrix
from perpetuum.visualization.app.component import component_vue
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.inspector import agents, inspect
from perpetuum.visualization.app.matrix import CASH_CHANGE, CREDIT_SALE, NET_WORTH, Entry, Line
from perpetuum.visualization.app.session import TWIN, WATCHED
from perpetuum.visualization.figures.palette import DYE_COLOURS, DYE_ORDER

SHEETS, FLOWS = "sheets", "flows"
#: Payments behind an entry that are named, on a desk and on a projector; and readings of an agent on a projector.
NAMED, NAMED_PRESENTED, READINGS_PRESENTED = 14, 2, 6
_TEXTS = (
    "sheets",
    "flows",
    "watched",
    "twin",
    "sum",
    "sum_about",
    "whole",
    "hint",
    "choose",
    "back",
    "dyes",
    "legend_written",
)


@dataclass(frozen=True)
class Look:
    """What a viewer has opened: a view, a world, a group of payments, and an entry (row and sector) or nothing."""

    view: str = SHEETS
    world: int = WATCHED
    group: str = ""
    entry: tuple[str, str] | None = None


@component_vue("vue/books.vue")
def BooksView(  # noqa: D103
    plan: dict,
    table: dict,
    side: dict,
    worlds: int,
    presenter: bool,
    event_choose: Callable[[str], None],
    event_open: Callable[[dict], None],
    event_turn: Callable[[dict], None],
) -> None: ...


@solara.component
def Books(desk: Desk) -> None:
    """The books of the world being watched, or of its twin."""
    look = solara.use_reactive(Look())
    _ = desk.tick.value
    language, session, presenter, chosen = desk.language.value, desk.session, desk.presenter.value, desk.selected.value
    # Whoever is chosen in the machine comes into sight.
    solara.use_effect(lambda: look.set(replace(look.value, entry=None)), [chosen])
    plan = solara.use_memo(
        lambda: planned(desk.words, agents(session), presenter), [language, session.start.preset, presenter]
    )
    seen = look.value if session.worlds > look.value.world else replace(look.value, world=WATCHED)
    with desk.lock:
        table = tabled(desk, seen, presenter)
        side = behind(desk, seen, presenter) if seen.entry else opened(desk, seen, presenter)

    def choose(agent: str) -> None:
        look.set(replace(look.value, entry=None))
        desk.selected.set(str(agent))

    BooksView(
        plan=plan,
        table=table,
        side=side,
        worlds=session.worlds,
        presenter=presenter,
        event_choose=choose,
        event_open=lambda asked: look.set(_entered(look.value, asked)),
        event_turn=lambda asked: look.set(_turned(look.value, asked)),
    )


def _entered(look: Look, asked: Mapping[str, Any]) -> Look:
    """Open an entry, or close it where it is open already; what the books do not have is ignored."""
    row, sector = str(asked.get("row", "")), str(asked.get("sector", ""))
    if not _known(look.view, row) or sector not in sectors() or look.entry == (row, sector):
        return replace(look, entry=None)
    return replace(look, entry=(row, sector))


def _known(view: str, row: str) -> bool:
    if view == SHEETS:
        return row in (*INSTRUMENTS, *INSTRUMENT_GROUPS, NET_WORTH)
    return row in (*matrix.PAYMENT_GROUPS, *sum(matrix.PAYMENT_GROUPS.values(), ()), CASH_CHANGE)


def _turned(look: Look, asked: Mapping[str, Any]) -> Look:
    """Turn to another view or world, or open and close a group of payments."""
    view = asked.get("view", look.view)
    world = asked.get("world", look.world)
    group = str(asked.get("group", look.group))
    if view not in (SHEETS, FLOWS) or world not in (WATCHED, TWIN):
        return look
    if "group" in asked and group == look.group:
        group = ""
    entry = look.entry if view == look.view and "group" not in asked else None
    return Look(view, world, group if group in matrix.PAYMENT_GROUPS else "", entry)


# --- what the browser gets ----------------------------------------------------------------------------------------------


def planned(words: Words, members: Mapping[str, tuple[str, ...]], presenter: bool) -> dict[str, Any]:
    """What stays the same from month to month: words, units, who can be chosen."""
    keys = [f"instrument.{name}" for name in (*INSTRUMENTS, *INSTRUMENT_GROUPS)]
    keys += [f"payments.{name}" for name in matrix.PAYMENT_GROUPS]
    names = {key.partition(".")[2]: [capital(words(f"{key}.name")), words(f"{key}.about")] for key in dict.fromkeys(keys)}
    kinds = {kind: [capital(words(f"kind.{kind}")), ""] for kinds in matrix.PAYMENT_GROUPS.values() for kind in kinds}
    bottoms = {key: [words(f"books.{key}"), words(f"books.{key}_about")] for key in (NET_WORTH, CASH_CHANGE)}
    return {
        "texts": {name: words(f"books.{name}") for name in _TEXTS},
        "sectors": [[name, _headed(words, name, presenter), words(f"sector_about.{name}")] for name in members],
        "names": {SHEETS: names | bottoms, FLOWS: {**names, **kinds, **bottoms}},
        "real": [
            *{*REAL_ASSETS, *(group for group, members in INSTRUMENT_GROUPS.items() if set(members) <= set(REAL_ASSETS))}
        ],
        "groups": {name: len(kinds) for name, kinds in matrix.PAYMENT_GROUPS.items()},
        "agents": [
            [words(f"sector.{sector}"), [[name, capital(words.firm(name))] for name in names]]
            for sector, names in members.items()
        ],
        "unit": words("books.unit_presented" if presenter else "books.unit"),
        "times": (1.0 if presenter else float(words("number.in_a_billion"))) / BN,
        "digits": {view: _digits(words, view, presenter) for view in (SHEETS, FLOWS)},
    }


def _headed(words: Words, sector: str, presenter: bool) -> str:
    """A sector over its column, which is narrow on a projector."""
    short = f"sector_short.{sector}"
    return words(short if presenter and words.knows(short) else f"sector.{sector}")


def _digits(words: Words, view: str, presenter: bool) -> int:
    """Digits after the point: flows of a month are small; on a projector stocks have none."""
    return int(view == FLOWS) if presenter else int(float(words("number.in_a_billion")) == 1)


def tabled(desk: Desk, look: Look, presenter: bool) -> dict[str, Any]:
    """The month's figures of a view, in whole dollars."""
    session = desk.session
    if look.view == SHEETS:
        view = matrix.balance_sheets(session, look.world, grouped=presenter)
        parts: tuple[str, ...] = ()
    else:
        view = matrix.payments(session, look.world, () if presenter else (look.group,))
        parts = matrix.PAYMENT_GROUPS.get(look.group, ()) if not presenter else ()
    return {
        "view": look.view,
        "world": look.world,
        "month": session.month,
        "group": look.group,
        "entry": list(look.entry) if look.entry else [],
        "rows": [
            [row.key, row.cells, row.total, row.marks, row.key in parts]
            for row in view.rows
            if any(row.cells) or row.key not in parts
        ],
        "bottom": [view.bottom.key, view.bottom.cells, view.bottom.total],
    }


def opened(desk: Desk, look: Look, presenter: bool) -> dict[str, Any]:
    """The agent chosen, on one side of the page."""
    sheet = inspect(desk.words, desk.session, desk.selected.value, look.world)
    said = asdict(sheet) | {"kind": "agent"}
    if presenter:
        said["sections"] = [
            section | {"items": section["items"][:READINGS_PRESENTED]}
            for section in said["sections"]
            if section["key"] == "readings"
        ]
    return said


def behind(desk: Desk, look: Look, presenter: bool) -> dict[str, Any]:
    """What lies behind the entry that was clicked."""
    assert look.entry is not None
    words, session, (key, sector) = desk.words, desk.session, look.entry
    explain = matrix.explain_stock if look.view == SHEETS else matrix.explain_payments
    entry = explain(session, key, sector, look.world)
    most = NAMED_PRESENTED if presenter else NAMED
    lines = [_line(words, line) for line in entry.lines[:most]]
    rest = entry.lines[most:]
    if rest and not presenter:
        text = words("books.smaller", number=len(rest))
        lines.append([text, _signed(words, sum(line.effect for line in rest)), [], ""])
    said = "" if lines else words("books.nothing" if look.view == SHEETS else "books.nobody")
    return {
        "kind": "entry",
        "title": f"{_named(words, look.view, key)} · {words(f'sector.{sector}')}",
        "steps": _steps(words, look.view, key, entry),
        "lines": lines,
        "said": said if entry.stock == entry.opening or look.view == FLOWS else "",
    }


def _named(words: Words, view: str, key: str) -> str:
    if key in (NET_WORTH, CASH_CHANGE):
        return words(f"books.{key}")
    if view == SHEETS:
        return capital(words(f"instrument.{key}.name"))
    return capital(words(f"payments.{key}.name" if key in matrix.PAYMENT_GROUPS else f"kind.{key}"))


def _steps(words: Words, view: str, key: str, entry: Entry) -> list[list[str]]:
    """From the stock of a month ago to that of now: label, amount, and whose it is where it is not a payment."""
    if view == FLOWS:
        return [[words("books.flow"), _signed(words, entry.stock), ""]]
    sort = NET_WORTH if key == NET_WORTH else "claims" if _of_claims(key) else "assets"
    steps = [[words("books.opening"), words.money(entry.opening / BN), ""]]
    if entry.paid:
        steps.append([words(f"books.paid_{sort}"), _signed(words, entry.paid), ""])
    if entry.built:
        steps.append([words(f"books.built_{sort}"), _signed(words, entry.built), ""])
    for name, amount, by in (("revalued", entry.revalued, entry.revalued_by), ("written", entry.written, entry.written_by)):
        if by:
            whose = words("books.semicolon").join(
                f"{_whose(words, key, who)} {_signed(words, dollars)}" for who, dollars in by[:3]
            )
            steps.append([words(f"books.{name}"), _signed(words, amount), whose])
    return [*steps, [words("books.stock"), words.money(entry.stock / BN), ""]]


def _of_claims(key: str) -> bool:
    return set(INSTRUMENT_GROUPS.get(key, (key,))) <= set(CLAIMS)


def _whose(words: Words, key: str, name: str) -> str:
    return words(f"instrument.{name}.name") if key == NET_WORTH else words.firm(name)


def _line(words: Words, line: Line) -> list[Any]:
    """A payment in words, its effect on the entry, and whose money it was as fractions with colours."""
    names = {"payer": words.firm(line.payer), "payee": words.firm(line.payee)}
    if line.cash:
        text = words("books.pays", kind=words(f"kind.{line.kind}"), **names)
    else:
        text = words("books.sells_on_credit", **names)
    dollars = dict(zip(DYES, line.dyes, strict=True))
    parts = [
        [round(dollars[dye] / line.dollars, 3), DYE_COLOURS[dye], words(f"dye.{dye}")] for dye in DYE_ORDER if dollars[dye]
    ]
    return [capital(text), _signed(words, line.effect), parts, CREDIT_SALE if not line.cash else line.kind]


def _signed(words: Words, dollars: int) -> str:
    text = words.money(dollars / BN)
    return f"+{text}" if dollars > 0 else text
