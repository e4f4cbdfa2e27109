"""Levers while the machine runs: which ones, in words and units, where they stand, and the column in which they are moved.

What is moved acts from the next month on. After a fork the levers act on the world watched, on its twin, or on both.
"""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import solara

from perpetuum.model.economy import Economy
from perpetuum.model.observed.states import months_simulated
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.model.surroundings.past_squeezes import meaning
from perpetuum.model.units import BN
from perpetuum.model.words.speech import Words
from perpetuum.runs.study import fingerprint
from perpetuum.visualization.app.component import component_vue
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.panels import marks
from perpetuum.visualization.app.session import TWIN, WATCHED, Session
from perpetuum.visualization.app.tables import kept

#: The levers in sight; every other lever of the registry is under "more levers".
MAIN = (
    "funding.tightening",
    "demand.strength",
    "vendor_finance.scale",
    "vendor_finance.instrument",
    "states.hoarding",
    "narrative.talk_up",
    "investors.leverage",
    "contracts.precommitment",
)
REST = tuple(name for name, parameter in PARAMETERS.items() if parameter.lever and name not in MAIN)
#: Demand in dollars: AI revenue is told for these strengths, and for what lies between.
STRENGTHS = (0.3, 0.6, 1.0, 1.5, 2.3)
#: What the industry needs by 2030 to pay for what it builds, and what is in sight ($tn a year): Bain, September 2025.
NEEDED, IN_SIGHT = 2.0, 1.2
#: A slider has so many steps at least, each a number that people would say.
STEPS = 30


def static(words: Words, session: Session, name: str) -> dict[str, Any]:
    """A lever as it stays while the machine runs: words, range, step, and what a value means."""
    parameter = PARAMETERS[name]
    row: dict[str, Any] = {
        "name": name,
        "label": words(f"lever.{name}"),
        "help": words(f"lever_help.{name}"),
        "kind": parameter.kind,
        "low": parameter.low,
        "high": parameter.high,
        "step": step(parameter.high - parameter.low) if parameter.kind in ("float", "int") else 1,
        "shown": shown_as(parameter.unit),
    }
    if parameter.kind == "choice":
        row["choices"] = [[choice, words(f"lever_choice.{choice}")] for choice in parameter.choices]
    return row | _meaning(words, session, name)


def step(span: float) -> float:
    """The largest of 1 and 5 times a power of ten that divides a span into `STEPS` or more."""
    return next(size for size in (5.0, 1.0, 0.5, 0.1, 0.05, 0.01, 0.005, 0.001) if span / size >= STEPS - 1e-9)


def slack(name: str) -> float:
    """How near to where a lever stands its slider cannot tell the difference: half a step; 0 for what has no slider."""
    parameter = PARAMETERS.get(name)
    return 0.49 * step(parameter.high - parameter.low) if parameter is not None and parameter.kind == "float" else 0.0


def shown_as(unit: str) -> str:
    """How a value is written: percent, times, months or number."""
    return {"share": "percent", "": "percent", "x": "times", "x equity": "times", "months": "months"}.get(unit, "number")


def _meaning(words: Words, session: Session, name: str) -> dict[str, Any]:
    """What a value means in the units of the press: a text with places, each a table from the lever's value to a figure."""
    tables: dict[str, Any] = {}
    parameter = PARAMETERS[name]
    told, nothing = f"lever_meaning.{name}", ""  # `nothing`: what is told where all figures are none

    def in_proportion(at_one: float) -> list[list[float]]:
        return [[parameter.low, parameter.low * at_one], [parameter.high, parameter.high * at_one]]

    if name == "funding.tightening":
        full = meaning(1.0, _Standing(session))
        nothing = words("lever_meaning.no_tightening")
        tables = {"rate": full.rate_bp, "spread": full.spread_bp, "venture": 100 * full.venture_lost}
    elif name == "vendor_finance.scale":
        unit = float(words("number.in_a_billion"))
        tables = {
            "a_gw": unit * session.value("vendor_finance.per_gw"),
            "most": unit * session.value("vendor_finance.limit"),
        }
        if not tables["most"]:
            told = "lever_meaning.no_deal"
    elif name == "demand.strength":
        table = revenue_2030(session.start.preset)
        if not table or table[0][1] == table[-1][1]:  # a machine that does not grow, or not until then, has nothing to tell
            return {}
        return {
            "meaning": words("lever_meaning.demand.strength"),
            "tables": {"tn": [list(point) for point in table]},
            "digits": 2,
            "gauge": {
                "of": "tn",
                "full": NEEDED * 1.1,
                "marks": [
                    [IN_SIGHT, words("lever_meaning.in_sight", tn=IN_SIGHT)],
                    [NEEDED, words("lever_meaning.needed", tn=NEEDED)],
                ],
            },
        }
    if not tables:
        return {}
    tables = {place: in_proportion(float(at_one)) for place, at_one in tables.items()}
    return {"meaning": words(told), "nothing": nothing, "tables": tables, "digits": 0}


def revenue_2030(preset: str) -> tuple[tuple[float, float], ...]:
    """AI revenue of the year 2030 ($tn) by strength of demand, with the preset's own funding: mean of three worlds each.

    () where a preset starts later, or ends before. Computed once: who asks meanwhile waits, rather than compute it too.
    """
    with _one_at_a_time:
        return _revenue_2030(preset)


_one_at_a_time = threading.Lock()


@functools.cache
def _revenue_2030(preset: str) -> tuple[tuple[float, float], ...]:
    definition = load_preset(preset)
    months = 12 * (2031 - definition.start.year)
    if months <= 12 or months_simulated(definition.months) < months - definition.start.month + 1:
        return ()
    prints = [fingerprint.of_preset(preset), fingerprint.of_code(), Path(__file__).read_text(encoding="utf-8")]
    name = f"revenue-2030-{hashlib.sha256(json.dumps(prints).encode()).hexdigest()[:24]}"
    earned = kept(name, lambda: _earned_2030(preset, months))
    return tuple(zip(STRENGTHS, earned, strict=True))


def _earned_2030(preset: str, months: int) -> list[float]:
    economy = Economy(
        Scenario(
            preset=preset,
            overrides={"demand.strength": np.repeat(STRENGTHS, 3)},
            worlds=3 * len(STRENGTHS),
            months=months,
            replicates=np.tile(np.arange(3), len(STRENGTHS)),
            series=("external_ai_revenue",),
        )
    )
    economy.run(months - economy.scenario.definition.start.month + 1)
    earned = economy.series["external_ai_revenue"][:, -12:].sum(axis=1).reshape(-1, 3).mean(axis=1) / 1000
    told: list[float] = earned.round(3).tolist()
    return told


class _Standing(Mapping[str, Any]):
    """Where a session's levers and parameters stand, by dotted name."""

    def __init__(self, session: Session):
        self.session = session

    def __getitem__(self, name: str) -> Any:
        return self.session.value(name)

    def __iter__(self) -> Any:
        return iter(PARAMETERS)

    def __len__(self) -> int:
        return len(PARAMETERS)


def values(session: Session) -> dict[str, list[Any]]:
    """Where every lever stands, in the watched world and after a fork in its twin."""
    return {name: [session.value(name, world) for world in range(session.worlds)] for name in (*MAIN, *REST)}


def pending(session: Session) -> list[str]:
    """Levers that were moved and act from the next month on."""
    return [move.lever for move in session.moves if move.month == session.month and move.lever in PARAMETERS]


def moved(words: Words, session: Session) -> list[dict[str, Any]]:
    """What was done so far, latest first, the moves of one month together: rewinding to a month takes its moves back."""
    start = session.economy.scenario.definition.start
    made = [
        {"month": mark["month"], "date": words.month_of(start, mark["month"]), "texts": mark["texts"], "twin": mark["twin"]}
        for mark in marks(session, words)
    ]
    return made[::-1]


def funding_now(words: Words, session: Session, world: int) -> str:
    """How tight funding is this month in a world, what backers give its venture funds, and whether it eases by itself."""
    economy, row = session.economy, session.row(world)
    parts = []
    if session.month:
        inflow = sum(float(economy.ledger.flow("fund_inflow", fund.account)[row]) for fund in economy.funds)
        theta = f"{float(economy.funding.theta[row]):.2f}"
        parts.append(words("levers.now", theta=theta, inflow=words.money(inflow / BN)))
    months = round(session.value("funding.hold_months", world))
    if economy.funding.steered[row] > 0:
        parts.append(words("levers.stays", months=months))
    elif session.value("funding.tightening", world) > 0:
        start = words.month_of(economy.scenario.definition.start, int(session.value("funding.start_month", world)))
        parts.append(words("levers.eases", start=start, months=months))
    return words("list.semicolon").join(parts)


# --- the column -----------------------------------------------------------------------------------------------------


@component_vue("vue/levers.vue")
def LeversView(  # noqa: D103
    texts: dict,
    main: list,
    rest: list,
    values: dict,
    pending: list,
    moved: list,
    now: str,
    worlds: int,
    target: str,
    presenter: bool,
    event_pull: Callable[[dict], None],
    event_hold: Callable[[dict | None], None],
    event_aim: Callable[[str], None],
    event_rewind: Callable[[int], None],
    event_verb: Callable[[str], None],
) -> None: ...


TEXTS = (
    "fork",
    "fork_help",
    "what_if",
    "what_if_help",
    "leave",
    "leave_help",
    "keep_twin",
    "keep_twin_help",
    "more",
    "more_help",
    "close",
    "search",
    "none_found",
    "next_month",
    "moves",
    "take_back",
    "levers",
    "acts_on",
    "both",
    "on",
    "off",
    "months",
)
TARGETS = {"watched": WATCHED, "twin": TWIN, "both": None}


@solara.component
def Levers(desk: Desk) -> None:
    """The column of levers: in sight the main ones, the rest in a drawer; below them the fork and what was done so far."""
    target = solara.use_reactive("twin")
    _ = desk.tick.value
    words, session = desk.words, desk.session
    start = session.start

    def described() -> tuple[dict[str, str], list[dict[str, Any]], list[dict[str, Any]]]:
        texts = {name: words(f"levers.{name}") for name in TEXTS}
        texts |= {"watched": words("verdict.watched"), "twin": words("verdict.twin")}
        texts["percent"] = words("number.percent")
        rows = [[static(words, session, name) for name in names] for names in (MAIN, REST)]
        return texts, rows[0], rows[1]

    texts, main, rest = solara.use_memo(described, [words.language, start])

    world = TARGETS[target.value] if session.worlds > 1 else None

    def move(what: dict[str, Any]) -> None:
        lever = str(what.get("lever"))
        desk.move(lever, what.get("value"), world, slack(lever))

    def hold(what: dict[str, Any] | None) -> None:
        if what is None:
            desk.let_go()
        else:
            lever = str(what.get("lever"))
            desk.drag(lever, what.get("value"), world, slack(lever))

    with desk.lock:
        LeversView(
            texts=texts,
            main=main,
            rest=rest,
            values=values(session),
            pending=pending(session),
            moved=moved(words, session),
            now=funding_now(words, session, world or WATCHED),
            worlds=session.worlds,
            target=target.value,
            presenter=desk.presenter.value,
            event_pull=move,
            event_hold=hold,
            event_aim=lambda chosen: target.set(chosen if chosen in TARGETS else "both"),
            event_rewind=lambda month: desk.rewind(int(month)),
            event_verb=lambda verb: _do(desk, verb),
        )


def _do(desk: Desk, verb: str) -> None:
    """A button under the levers."""
    if verb in ("fork", "leave"):
        desk.fork()
    elif verb == "what_if":
        desk.what_if_loose()
    elif verb == "keep_twin":
        with desk.lock:
            desk.session.join(TWIN)
        desk.changed()
