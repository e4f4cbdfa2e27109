"""The machine on the page: its frames, computed when a month has passed, and the texts that its picture needs."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable
from typing import Any

import solara

from perpetuum.model.books.payment_kinds import DYES, KINDS
from perpetuum.model.economy import Economy
from perpetuum.model.scenario import Preset
from perpetuum.model.units import YEAR
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app.component import component_vue
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.frames import AROUND, CUSTOMERS, MACHINE, ON_CREDIT, SUPPLIERS, frame, groups_paid
from perpetuum.visualization.app.start import Start
from perpetuum.visualization.figures.palette import DYE_COLOURS, DYE_ORDER

#: What a figure of a node is counted in; amounts are in $bn.
UNITS = {"runway": "months", "installed": "gigawatts"}
FIGURES = (
    "revenue",
    "cash",
    "debt",
    "equity",
    "valuation",
    "market_value",
    "runway",
    "installed",
    "assets",
    "paid",
    "received",
)
#: Dyes of the legend; the laps are one entry.
LEGEND = tuple(dye for dye in DYE_ORDER if not dye.startswith("lap"))
#: Nodes that have a shorter name, for narrow pictures.
SHORTENED = (
    "applications",
    SUPPLIERS,
    "leveraged",
    "equipment_vendor",
    "second_vendor",
    "internet_companies",
    "builder",
    "funds",
)
#: Ways of money to and from the machine, by group of node: shown before any has flowed, where some will within the first year.
ROUTES = (
    (CUSTOMERS, "labs"),
    (CUSTOMERS, "clouds"),
    ("funds", "labs"),
    ("lenders", "clouds"),
    ("vendors", "investors"),
    ("states", "vendors"),
    *((group, SUPPLIERS) for group in MACHINE),
)
#: Pipes shown in the legend, $bn a month.
SCALE = (1, 10, 50)


@component_vue("vue/machine.vue")
def Picture(  # noqa: D103
    moment: str,
    encoded: str,
    words: dict[str, Any],
    selected: str,
    event_select: Callable[[str], None],
) -> None: ...


@solara.component
def Machine(desk: Desk) -> None:
    """Who pays whom this month, and with whose money: one picture, or two side by side after a fork."""
    session = desk.session
    encoded = solara.use_memo(lambda: json.dumps(pictures(desk)), [desk.moment])
    texts = solara.use_memo(
        lambda: pictured(
            desk.words, session.economy.scenario.definition, session.horizon, session.forked_at, ways(session.start.preset)
        ),
        [desk.language.value, session.start.preset, session.horizon, session.forked_at],
    )

    def inspect(agent: str) -> None:
        desk.selected.set(str(agent))
        desk.tab.set("books")

    Picture(moment=desk.moment, encoded=encoded, words=texts, selected=desk.selected.value, event_select=inspect)


def pictures(desk: Desk) -> list[dict[str, Any]]:
    """The frames of the watched world and its twin, made once for a state of the machine."""
    return desk.once("pictures", lambda: [frame(desk.session, world) for world in range(desk.session.worlds)])


def ways(preset: str) -> tuple[tuple[str, str], ...]:
    """Which of `ROUTES` money takes in the first year of a machine as its preset has it; one at a time looks."""
    with _looks:
        return _ways(preset)


_looks = threading.Lock()


@functools.cache
def _ways(preset: str) -> tuple[tuple[str, str], ...]:
    economy = Economy(Start(preset).scenario())
    economy.ledger.postings = []
    taken: set[tuple[str, str]] = set()
    for _ in range(YEAR):
        economy.step()
        taken |= groups_paid(economy)
    return tuple(route for route in ROUTES if route in taken)


def pictured(
    words: Words,
    definition: Preset,
    horizon: int,
    forked_at: int | None,
    routes: tuple[tuple[str, str], ...] = ROUTES,
) -> dict[str, Any]:
    """All that the picture says in a language, beside the figures of a month; and the colours and order of the dyes."""
    start = definition.start
    clouds = [agent for agent in definition.agents if agent.role == "cloud"]
    nodes = {agent.id: words(f"firm.{agent.id}") for agent in definition.agents}
    for kind in {cloud.kind for cloud in clouds}:
        members = [cloud.id for cloud in clouds if cloud.kind == kind]
        nodes[kind] = words(f"node.{kind}" if len(members) > 1 else f"firm.{members[0]}")
    nodes |= {name: words(f"node.{name}") for name in {*AROUND.values(), CUSTOMERS, SUPPLIERS}}
    twin = words.month_of(start, forked_at) if forked_at is not None else ""
    return {
        "nodes": nodes,
        "short": {name: words(f"machine.short.{name}") for name in SHORTENED},
        "groups": {group: words(f"machine.{group}") for group in MACHINE},
        "kinds": {kind: words(f"kind.{kind}") for kind in (*KINDS, ON_CREDIT)},
        "figures": [[key, words(f"figure.{key}"), UNITS.get(key, "billions")] for key in FIGURES],
        "dyes": [[DYES.index(dye), dye, words(f"dye.{dye}"), DYE_COLOURS[dye]] for dye in DYE_ORDER],
        "legend": [[words(f"machine.dye.{dye}"), DYE_COLOURS[dye], words(f"dye.{dye}")] for dye in LEGEND],
        "laps": [DYE_COLOURS[dye] for dye in DYE_ORDER if dye not in LEGEND],
        "scale": list(SCALE),
        "months": [words.month_of(start, month) for month in range(horizon)],
        "routes": routes,
        "parts": {group: words(f"machine.part.{group}") for group in MACHINE},
        "paid": {"clouds": words("machine.part.paid")},
        "titles": [words("machine.watched"), words("machine.twin", date=twin)],
        "says": {name: words(f"machine.{name}") for name in _SAYINGS},
        "numbers": {name: words(f"number.{name}") for name in _NUMBERS},
    }


_SAYINGS = (
    "dead",
    "ailing",
    "failed",
    "dry",
    "a_month",
    "in_months",
    "year",
    "picture",
    "gigawatts",
    "scale",
    "scale_tip",
    "size",
    "size_tip",
    "own",
    "own_tip",
    "thread",
    "whose",
    "inspect",
    "main",
)
_NUMBERS = ("billions", "trillions", "in_a_billion", "percent", "month", "months", "plenty")
