"""The bar above the ring: the lead lab's tank of cash, how a hundred worlds fare, and two walks round the ring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

from perpetuum.visualization.app import background, cash, dollar
from perpetuum.visualization.app.component import component_vue
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.machine import pictures
from perpetuum.visualization.app.panels import TABS, odds_so_far
from perpetuum.visualization.app.session import WATCHED
from perpetuum.visualization.app.verdict_row import figured

#: Months of cash that fill the tank.
FULL = 36
TEXTS = ("follow", "follow_help", "build", "build_help", "back", "on", "close", "tank", "odds")


@component_vue("vue/tour.vue")
def TourView(  # noqa: D103
    texts: dict,
    tanks: list,
    odds: list,
    odds_told: str,
    walk: str,
    steps: list,
    event_walk: Callable[[str], None],
) -> None: ...


@solara.component
def Tour(desk: Desk) -> None:
    """What stands above the ring."""
    walk = solara.use_reactive("")
    _ = desk.tick.value
    with desk.lock:
        TourView(
            **shown(desk), walk=walk.value, steps=steps(desk, walk.value), event_walk=lambda asked: walk.set(str(asked))
        )


def shown(desk: Desk) -> dict[str, Any]:
    """What the bar shows now; while a class votes, no odds."""
    words, session = desk.words, desk.session
    bands, told = ([], "") if desk.predicting.value else odds(desk)
    return {
        "texts": {name: words(f"tour.{name}") for name in TEXTS},
        "tanks": [tank(desk, world) for world in range(session.worlds)] if session.month else [],
        "odds": bands,
        "odds_told": told,
    }


def steps(desk: Desk, walk: str) -> list[dict[str, Any]]:
    """The steps of the walk that is open."""
    words, session = desk.words, desk.session
    if walk == "follow":
        return dollar.follow_told(words, pictures(desk)[WATCHED])
    if walk == "build":
        earned = float(session.economy.series["external_ai_revenue"][session.row(WATCHED), -1]) if session.month else 0.0
        return dollar.build_told(words, pictures(desk)[WATCHED], earned)
    return []


def tank(desk: Desk, world: int) -> dict[str, Any]:
    """The lead lab's tank in a world: how full, between 0 and 1, its two marks, and what is told of it."""
    words, session = desk.words, desk.session
    economy, row = session.economy, session.row(world)
    seen = cash.tank(session, world, figured(desk, world).failed)
    rescue = float(economy.p.vendor_finance.rescue_runway[row])
    seek = float(economy.p.labs.raise_runway[row])
    if seen.failed >= 0:
        month = words.month_of(economy.scenario.definition.start, seen.failed)
        told, level = words("tour.tank_failed", month=month), 0.0
    elif cash.asks(session) and seen.vendor > cash.NOTHING:
        # Beside the verdict, which says how long it lasts with the vendor's money.
        told = words("tour.tank_alone", cash=words.money(seen.cash), months=words.cash(cash.whole(seen.alone)))
        level = min(seen.runway / FULL, 1.0)
    else:
        months = cash.whole(seen.alone) if cash.asks(session) else seen.runway
        told = words("tour.tank_told", cash=words.money(seen.cash), months=words.cash(months))
        level = min(seen.runway / FULL, 1.0)
    return {
        "level": round(level, 4),
        "marks": [round(min(mark / FULL, 1.0), 4) for mark in (seek, rescue) if mark > 0],
        "short": seen.failed >= 0 or seen.runway < rescue,
        "told": told,
        "help": words("tour.tank_help", full=FULL, raise_at=f"{seek:g}", rescue_at=f"{rescue:g}"),
    }


def odds(desk: Desk) -> tuple[list[dict[str, Any]], str]:
    """How the background worlds fare, month by month up to now (shares that add up to one), and how they do now in words.

    Before the first month, and while they are computed, no shares, and the words say so; neither where there will be none.
    """
    words, session = desk.words, desk.session
    if not session.month:
        return [], words("tour.odds_from")
    known = background.shared().shown(session)
    if (band := known.band) is None:
        return [], words("charts.waiting") if known.waiting else ""
    lines = TABS["money"][0].lines
    shares = {line.key: [part / line.scale for part in odds_so_far(line, band.odds, session.month)] for line in lines}
    now = {key.removeprefix("odds_"): words.share(months[-1]) for key, months in shares.items() if months}
    if not now:
        return [], ""
    bands = [{"colour": line.colour, "shares": shares[line.key]} for line in lines]
    return bands, words("tour.odds_told", **now)
