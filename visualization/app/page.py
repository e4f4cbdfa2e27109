"""The page, laid out: a head with the verdict, levers, the machine and what happened, and the charts below.

Solara calls `Page` once for every browser session; everything a viewer sees hangs on that session's `Desk`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import resources

import solara

from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import address, arrival, background, ghost, panels, replay, votes
from perpetuum.visualization.app.address import TABS
from perpetuum.visualization.app.books import Books
from perpetuum.visualization.app.charts import BackgroundWatch, Charts, GhostWatch
from perpetuum.visualization.app.component import component_vue
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.happened import Happened
from perpetuum.visualization.app.head import Head
from perpetuum.visualization.app.levers import Levers
from perpetuum.visualization.app.machine import Machine
from perpetuum.visualization.app.map import Map
from perpetuum.visualization.app.predict import Predict
from perpetuum.visualization.app.predict import shows as voting
from perpetuum.visualization.app.tour import Tour
from perpetuum.visualization.app.verdict_row import Verdict

logger = logging.getLogger(__name__)


@component_vue("vue/player.vue")
def Player(  # noqa: D103
    playing: bool,
    speed: int,
    tick: int,
    month: int,
    moment: str,
    address: str,
    begun: int,
    language: str,
    event_next: Callable[..., None],
    event_key: Callable[[str], None],
) -> None: ...


def _looks() -> str:
    """All style sheets of the page: the layout first, what small screens have otherwise last."""
    sheets = sorted(
        resources.files("perpetuum.visualization.app").joinpath("css").iterdir(),
        key=lambda s: (s.name == "small.css", s.name != "page.css", s.name),
    )
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


@solara.component
def Page() -> None:
    """One viewer's page; a sentence where it broke."""
    search = solara.use_router().search or ""
    error, _ = solara.use_exception()
    if error is None:
        Whole(search)
    else:
        solara.use_effect(lambda: logger.error("the page broke", exc_info=error), [error])
        arrival.Broken(Words(address.language_of(search)))


@solara.component
def Whole(search: str) -> None:
    """The page."""
    desk = solara.use_memo(lambda: arrival.my_desk() or Desk(replay.address_of(search)), [])
    solara.use_effect(lambda: lambda: _left(desk), [])
    words = desk.words
    solara.Title(words("page.title"))
    solara.Style(_looks())
    with solara.Div(classes=["perpetuum", "presenter"] if desk.presenter.value else ["perpetuum"]):
        Clock(desk)
        Head(desk)
        Notice(desk)
        Row(desk)
        with solara.Div(classes=["stage"]):
            with solara.Div(classes=["levers"]):
                Levers(desk)
            with solara.Div(classes=["machine"]):
                Tour(desk)
                Machine(desk)
            with solara.Div(classes=["happened"]):
                Happened(desk)
        Foot(desk)


def _left(desk: Desk) -> None:
    """Nobody looks at a desk any more: nothing is computed for it."""
    background.shared().forget(id(desk.session))
    ghost.shared().drop(id(desk))


@solara.component
def Clock(desk: Desk) -> None:
    """The clock, the keyboard, and the address that leads back here."""
    shown = {"lang": desk.language.value, "tab": desk.tab.value} | ({"presenter": "1"} if desk.presenter.value else {})
    if voting(desk):
        shown["predict"] = votes.written(desk.votes.value)
    Player(
        playing=desk.playing.value,
        speed=desk.speed.value,
        tick=desk.tick.value,
        month=desk.session.month,
        moment=desk.moment,
        address=address.write(desk.session, shown),
        begun=desk.begun,
        language=desk.language.value,
        event_next=lambda months=1, *_: desk.go_on(months),
        event_key=desk.press,
    )


@solara.component
def Row(desk: Desk) -> None:
    """The verdict, or the vote on it."""
    _ = desk.tick.value
    with solara.Div(classes=["verdictrow"]):
        if voting(desk):
            Predict(desk)
        else:
            Verdict(desk)


@solara.component
def Notice(desk: Desk) -> None:
    """What could not be done, in a sentence, until it is closed."""
    if desk.notice.value:
        with solara.Div(classes=["notice"], attributes={"role": "status"}):
            solara.Text(desk.notice.value)
            close = {"aria-label": desk.words("head.close")}
            solara.Button("×", on_click=lambda: desk.notice.set(""), text=True, small=True, attributes=close)


@solara.component
def Foot(desk: Desk) -> None:
    """The tabs and what stands in the one that is open."""
    words = desk.words
    with solara.Div(classes=["foot"]):
        with solara.Div(classes=["tabs"]):
            BackgroundWatch(desk)
            GhostWatch(desk)
            for name in open_to(desk):
                solara.Button(
                    words(f"tab.{name}"),
                    on_click=lambda name=name: desk.tab.set(name),
                    text=True,
                    small=True,
                    classes=["tab", f"tab-{name}", *(["open"] if name == desk.tab.value else [])],
                )
        with solara.Div(classes=["open-tab", desk.tab.value]):
            # One component a tab: money, prices and firms are charts; books and map are their own.
            if desk.tab.value in panels.TABS:
                Charts(desk, desk.tab.value)
            elif desk.tab.value == "books":
                Books(desk)
            elif desk.tab.value in open_to(desk):
                Map(desk)
            else:
                solara.Text(words("predict.map_hidden"))


def open_to(desk: Desk) -> tuple[str, ...]:
    """The tabs that may be opened: while a class votes, not the map, which tells what comes of such worlds."""
    return tuple(name for name in TABS if name != "map" or not desk.predicting.value)
