"""The map on the page: two levers, the share of worlds that fall or stand alone between them, and where this world stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import solara

from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import Scenario
from perpetuum.model.surroundings.past_squeezes import HISTORY, place_on_ladder
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import map_study
from perpetuum.visualization.app.charts import Waiting
from perpetuum.visualization.app.component import component_vue
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.levers import shown_as
from perpetuum.visualization.app.map_study import AXES, LEVELS, WORLDS, Asked, Cell, State
from perpetuum.visualization.app.session import Session, Start
from perpetuum.visualization.figures.palette import SHARE_COLOURS

#: What a map may show of its worlds.
SHOWN = ("fallen", "stands_alone")
#: The lever whose axis carries the squeezes of the past.
TIGHTENING = "funding.tightening"
TEXTS = ("across", "up", "shows", "start_here", "start_help", "pick", "here", "twin", "about", "luck")


@component_vue("vue/map.vue")
def Drawn(  # noqa: D103
    texts: dict[str, str],
    choices: list[list[str]],
    axes: dict[str, dict[str, Any]],
    state: str,
    states: list[list[str]],
    colours: list[str],
    cells: list[list[Any]],
    here: list[list[float]],
    progress: str,
    waiting: bool,
    event_choose: Callable[[dict[str, str]], None],
    event_begin: Callable[[str], None],
) -> None: ...


@solara.component
def Map(desk: Desk) -> None:
    """The map of the worlds that begin as this one did, as far as it is computed."""
    _ = desk.tick.value
    news, tell = solara.use_state(0)
    words = desk.words
    across, up, shown = desk.mapped.value
    with desk.lock:
        asked = Asked.of(desk.session, across, up)
        here = standing(desk.session, asked)
    state = solara.use_memo(lambda: map_study.shared().look(asked), [asked, news])
    axes = solara.use_memo(lambda: described(words, asked), [words.language, asked])
    cells = solara.use_memo(lambda: drawn(words, asked, state, shown), [words.language, asked, id(state), shown])
    texts = solara.use_memo(
        lambda: {name: words(f"map.{name}", worlds=WORLDS) for name in TEXTS} | {"percent": words("number.percent")},
        [words.language],
    )
    with solara.Div(classes=["mapbox"]):
        Watch(asked, state, lambda: tell(news + 1))
        Drawn(
            texts=texts,
            choices=[[lever, words(f"lever.{lever}")] for lever in AXES],
            axes=axes,
            state=shown,
            states=[[name, words(f"map.{name}")] for name in SHOWN],
            colours=list(SHARE_COLOURS[shown]),
            cells=cells,
            here=here,
            progress=progress(words, state),
            waiting=state.waiting,
            event_choose=lambda what: desk.mapped.set(chosen(desk.mapped.value, what)),
            event_begin=lambda key: begin(desk, asked, key),
        )


@solara.component
def Watch(asked: Asked, state: State, on_news: Callable[[], None]) -> None:
    """Look again and again while the map grows; a map that nobody looks at rests."""
    looks, look_again = solara.use_state(0)

    def look(*_: Any) -> None:
        on_news() if map_study.shared().look(asked) is not state else look_again(looks + 1)

    Waiting(waiting=state.waiting, asked=looks + len(state.cells), event_ask=look)


# --- what is drawn ------------------------------------------------------------------------------------------


def described(words: Words, asked: Asked) -> dict[str, dict[str, Any]]:
    """Both axes in words: name, what the values at its ticks are, and the squeezes of the past on the axis of tightening."""
    axes = {}
    for side, lever in (("across", asked.across), ("up", asked.up)):
        places = [Fraction(k, 4) for k in range(5)]
        axes[side] = {
            "lever": lever,
            "label": words(f"lever.{lever}"),
            "help": words(f"lever_help.{lever}"),
            "ticks": [[float(place), written(words, lever, map_study.value_at(lever, place))] for place in places],
            "marks": history(asked) if lever == TIGHTENING else [],
        }
    return axes


def history(asked: Asked) -> list[list[Any]]:
    """Squeezes of the past on the axis of tightening: [place, name], from the mildest to the worst."""
    values = Scenario(asked.preset, dict(asked.settings), months=asked.months).values
    return sorted([map_study.place_of(TIGHTENING, place_on_ladder(episode, values)), episode.name] for episode in HISTORY)


def drawn(words: Words, asked: Asked, state: State, shown: str) -> list[list[Any]]:
    """Cells to draw, coarse ones first: [key, left, bottom, width, height, share, sentence]; the whole map is 1 by 1.

    Of the grids that are complete the finest stands below what is there of the next.
    """
    cells = []
    for level in range(max(state.done - 1, 0), min(state.done + 1, len(LEVELS))):
        size = LEVELS[level]
        for cell in map_study.grid(size):
            if cell in state.cells and (level < state.done or not level or cell not in map_study.grid(LEVELS[level - 1])):
                part = state.cells[cell].share(shown)[0] if state.cells[cell].worlds else None
                cells.append([key_of(cell), *_box(cell, size), part, sentence(words, asked, state, cell, shown)])
    return cells


def _box(cell: Cell, size: int) -> list[float]:
    """Left, bottom, width and height of the places that are nearest to a cell's own."""
    half = Fraction(1, 2 * (size - 1))
    low = [max(place - half, Fraction(0)) for place in cell]
    high = [min(place + half, Fraction(1)) for place in cell]
    return [round(float(number), 6) for number in (*low, high[0] - low[0], high[1] - low[1])]


def sentence(words: Words, asked: Asked, state: State, cell: Cell, shown: str) -> str:
    """What came of the worlds of a cell, with the interval."""
    tally, values = state.cells[cell], asked.values(cell)
    where = {
        "across": words(f"lever.{asked.across}"),
        "x": written(words, asked.across, values[asked.across]),
        "up": words(f"lever.{asked.up}"),
        "y": written(words, asked.up, values[asked.up]),
    }
    if not tally.worlds:
        return words("map.cell_failed", **where)
    part, low, high = (words.share(number) for number in tally.share(shown))
    counts = {"count": getattr(tally, shown), "worlds": tally.worlds}
    return words(f"map.cell_{shown}", **where, **counts, part=part, low=low, high=high)


def written(words: Words, lever: str, value: float) -> str:
    """A lever's value as its slider writes it."""
    how = shown_as(PARAMETERS[lever].unit)
    if how == "percent":
        return words("number.percent", number=f"{100 * value:.0f}")
    return f"× {value:.2f}" if how == "times" else f"{value:.2f}"


def progress(words: Words, state: State) -> str:
    """How far the map is."""
    if state.failed:
        return words("map.failed")
    if not state.waiting:
        return words("map.complete", size=LEVELS[-1])
    size = LEVELS[state.done]
    whole = size * size
    there = {"cells": whole - len(state.missing(size)), "whole": whole, "size": size}
    return words("map.refining", before=LEVELS[state.done - 1], **there) if state.done else words("map.coarse", **there)


def standing(session: Session, asked: Asked) -> list[list[float]]:
    """Where the watched world's levers stand on the map now, and its twin's after a fork: [place across, place up]."""
    levers = (asked.across, asked.up)
    return [[map_study.place_of(lever, session.value(lever, world)) for lever in levers] for world in range(session.worlds)]


# --- what is done -------------------------------------------------------------------------------------------


def chosen(before: tuple[str, str, str], what: dict[str, str]) -> tuple[str, str, str]:
    """The map after a choice of an axis or of what is shown; choosing the lever of the other axis swaps them."""
    across, up, shown = before
    lever = what.get("across") or what.get("up")
    if lever in AXES:
        if "across" in what:
            across, up = lever, across if lever == up else up
        else:
            across, up = up if lever == across else across, lever
    return across, up, what["state"] if what.get("state") in SHOWN else shown


def key_of(cell: Cell) -> str:
    """A cell's name on the page: "1/4 1/2"."""
    return f"{cell[0]} {cell[1]}"


def start_at(session: Session, asked: Asked, key: str) -> Start | None:
    """The start of a world in a cell, by its name on the page; None where there is no such cell."""
    cell = next((cell for size in LEVELS for cell in map_study.grid(size) if key_of(cell) == key), None)
    if cell is None:
        return None
    return replace(session.start, settings={**dict(asked.settings), **asked.values(cell)})


def begin(desk: Desk, asked: Asked, key: str) -> None:
    """Begin a world where somebody clicked."""
    start = start_at(desk.session, asked, str(key))
    if start is not None:
        desk.begin(start)
