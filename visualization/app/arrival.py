"""How a page opens: its machine lives again through the moves of its address, in a turn of its own; then it is drawn.

Where anything breaks, the visitor reads one sentence with a button to begin anew, and the terminal one line.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import ipyvuetify
import solara
from solara.server import app as solara_app
from solara.server import kernel_context

from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import address, replay, turns, visits
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.visits import Visit

logger = logging.getLogger(__name__)


def arrive(app_state: Any, app_script: solara_app.AppScript, pathname: str) -> None:
    """Open the page of a session; takes the place of Solara's own, which shows visitors a traceback."""
    context = kernel_context.get_current_context()
    visit = visits.shared.find(context.id) or Visit(context.id, context.session_id, lines=1)
    with turns.shared.turn(visit.stays):
        try:
            visit.desk = Desk(replay.address_of(urlsplit(pathname).query), visit.stays)
            _, context.app_object = solara_app._run_app(app_state, app_script, pathname, context.app_object)  # type: ignore[arg-type]
        except Exception:
            logger.exception("the page could not be opened")
            shown = broken(Words(address.language_of(urlsplit(pathname).query)))
            context.container.children = [shown]  # type: ignore[union-attr]


def broken(words: Words) -> ipyvuetify.Html:
    """One sentence, and a button to begin anew."""
    button = ipyvuetify.Html(
        tag="a", children=[words("lost.again")], attributes={"href": f"/?lang={words.language}"}, class_="begin-anew"
    )
    return ipyvuetify.Html(tag="div", children=[words("lost.broke"), " ", button], class_="broke")


@solara.component
def Broken(words: Words) -> None:
    """The same, drawn within the page."""
    with solara.Div(classes=["broke"]):
        solara.Text(words("lost.broke"))
        solara.HTML("a", words("lost.again"), attributes={"href": f"/?lang={words.language}"}, classes=["begin-anew"])


def my_desk() -> Desk | None:
    """The desk that was opened for the session in which this is asked; None outside of a server."""
    if not kernel_context.has_current_context():
        return None
    visit = visits.shared.find(kernel_context.get_current_context().id)
    return None if visit is None else visit.desk
