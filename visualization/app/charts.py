"""The charts of a tab on the page, and the watch that fetches the band of background worlds when it is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import ipyvue
import solara

from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import panels
from perpetuum.visualization.app.background import Band, shared
from perpetuum.visualization.app.component import component_vue
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.ghost import shared as ghosts
from perpetuum.visualization.figures.palette import ARM_COLOURS, FAINT, INK, PAPER, QUIET, SHADE

ONE_CHART = Path(__file__).parent / "vue" / "chart.vue"
#: The twin's colour; the accent is the page's.
TWIN_COLOUR, ACCENT = ARM_COLOURS["loose"], ARM_COLOURS["asked"]
PAINT = {
    "ink": INK,
    "quiet": QUIET,
    "faint": FAINT,
    "paper": PAPER,
    "shade": SHADE,
    "twin": TWIN_COLOUR,
    "accent": ACCENT,
    "band": "#BDB3A5",
    "middle": "#8F8578",
}
#: On a projector: ink is black, and what is quiet is darker.
PRESENTED = PAINT | {"ink": "#000000", "quiet": "#3A3531", "faint": "#B8AFA2", "band": "#A99D8D", "middle": "#5E564C"}


class File(NamedTuple):
    """A file handed to the browser; `number` tells the second click on a button from the first."""

    name: str
    text: str
    number: int


@component_vue("vue/charts.vue")
def Drawn(  # noqa: D103
    moment: str,
    plan: list[dict[str, Any]],
    calendar: list[str],
    now: dict[str, Any],
    band: dict[str, Any] | None,
    stale: bool,
    ghost: dict[str, Any] | None,
    waiting: bool,
    marks: list[dict[str, Any]],
    tight: list[list[int]],
    looking: int,
    hidden: bool,
    presenter: bool,
    paint: dict[str, str],
    ui: dict[str, Any],
    name: str,
    origin: str,
    file: dict[str, Any],
    event_csv: Callable[..., None],
) -> None: ...


@component_vue("vue/waiting.vue")
def Waiting(waiting: bool, asked: int, event_ask: Callable[..., None]) -> None: ...  # noqa: D103


@solara.component
def Charts(desk: Desk, tab: str) -> None:
    """The charts of one tab: the watched world, its twin, and the background worlds behind them."""
    language, session = desk.language.value, desk.session
    # One chart is a Vue component of its own; every session makes it known to its browser once.
    solara.use_memo(lambda: ipyvue.register_component_from_file("perpetuum-chart", str(ONE_CHART)), [])
    file, hand_over = solara.use_state(File("", "", 0))
    _ = desk.ghost_there.value
    preset = session.start.preset
    plan = solara.use_memo(lambda: panels.plan(tab, desk.words), [tab, language, preset])
    ui = solara.use_memo(lambda: _ui(desk.words), [language, preset])
    calendar = solara.use_memo(lambda: panels.calendar(session), [preset, session.horizon])
    with desk.lock:
        moment, shown = desk.moment, shared().shown(session)
        odds = None if desk.predicting.value or shown.band is None else shown.band.odds
        now = panels.panel_data(session, tab, odds)
        tight, marks = panels.tight(session), panels.marks(session, desk.words)
    # Until the class has voted nothing of the months to come leaves the server.
    until = session.month if desk.predicting.value else None
    band = solara.use_memo(lambda: _of_tab(shown.band, tab, until), [shown.band, tab, until])

    def download(*_: Any) -> None:
        with desk.lock:
            hand_over(File(panels.file_name(session, ".csv"), panels.table(session), file.number + 1))

    Drawn(
        moment=moment,
        plan=plan,
        calendar=calendar,
        now=now,
        band=band,
        stale=shown.stale,
        ghost=drawn_ghost(desk, tab),
        waiting=shown.waiting,
        marks=marks,
        tight=tight,
        looking=-1 if desk.looking_at.value is None else desk.looking_at.value,
        hidden=desk.predicting.value,
        presenter=desk.presenter.value,
        paint=PRESENTED if desk.presenter.value else PAINT,
        ui=ui,
        name=panels.file_name(session, ""),
        origin=panels.origin(session, desk.words),
        file=file._asdict(),
        event_csv=download,
    )


def drawn_ghost(desk: Desk, tab: str) -> dict[str, Any] | None:
    """What a tab draws of the ghost of a lever that is held, as far as it is there."""
    wanted = desk.ghost.value
    lines = None if wanted is None or desk.predicting.value else ghosts().ask(id(desk), wanted)
    keys = [*panels.banded_in(tab), *(line.key for line in panels.odds_lines(tab))]
    return None if lines is None else {end: {key: lines[end][key] for key in keys if key in lines[end]} for end in lines}


@solara.component
def GhostWatch(desk: Desk) -> None:
    """Look again and again for the ghost of a lever that is held."""
    wanted = desk.ghost.value
    looks, look_again = solara.use_state(0)
    waiting = wanted is not None and ghosts().ask(id(desk), wanted) is None

    def look(*_: Any) -> None:
        there = desk.ghost.value is None or ghosts().ask(id(desk), desk.ghost.value) is not None
        desk.ghost_there.set(desk.ghost_there.value + 1) if there else look_again(looks + 1)

    Waiting(waiting=waiting, asked=looks, event_ask=look)


@solara.component
def BackgroundWatch(desk: Desk) -> None:
    """Tell the page when the background worlds that it waits for are there."""
    tick = desk.tick.value
    asked, ask_again = solara.use_state(0)
    with desk.lock:
        waiting = shared().shown(desk.session).waiting

    def look(*_: Any) -> None:
        with desk.lock:
            there = not shared().shown(desk.session).waiting
        if there:
            desk.changed()
        else:
            ask_again(asked + 1)

    # A message a month only while there is something to wait for.
    Waiting(waiting=waiting, asked=asked + tick if waiting else 0, event_ask=look)


def _of_tab(band: Band | None, tab: str, until: int | None = None) -> dict[str, Any] | None:
    """What a tab draws of a band, of the months before `until` alone where there is one."""
    if band is None:
        return None
    keys = panels.banded_in(tab)
    return {end: {key: getattr(band, end)[key][:until] for key in keys} for end in ("low", "middle", "high")}


def _ui(words: Words) -> dict[str, Any]:
    """The words that all charts share."""
    names = (
        "world twin hundred band band_about middle stale waiting csv csv_about image earlier later tight total "
        "bracket_low bracket_high empty empty_odds odds_coming odds_missing"
    )
    dates = {"date": words("when.date"), "months": words("when.names").split(" ")}
    voted = {"until_voted": words("happened.hidden")}
    return {name: words(f"charts.{name}") for name in (*names.split(), "ghost")} | voted | dates
