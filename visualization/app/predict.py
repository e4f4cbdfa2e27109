"""Predict first: the class votes before it sees the verdict; at the end vote and outcome stand side by side.

While `desk.predicting` is on, the verdict, the dials, the journal and what the background worlds come to are hidden. The
machine itself stays in sight. The last month, or giving up, ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import solara

from perpetuum.model.observed.states import STATES
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import background
from perpetuum.visualization.app.component import component_vue
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.session import WATCHED, Session
from perpetuum.visualization.app.verdict import figures, sentence, standing, state
from perpetuum.visualization.app.votes import FIRST, cast, may_be_voted_for, voted
from perpetuum.visualization.figures.palette import STATE_INKS


def bar(words: Words, weights: Mapping[str, float]) -> list[dict[str, Any]]:
    """Shares of the states as the parts of a bar."""
    whole = sum(weights.get(name, 0) for name in STATES)
    return [
        {
            "name": name,
            "label": words(f"predict.{name}"),
            "colour": STATE_INKS[name],
            "share": weights.get(name, 0) / whole,
            "text": words.share(weights.get(name, 0) / whole),
        }
        for name in STATES
        if whole and weights.get(name, 0)
    ]


def revealed(words: Words, session: Session, votes: Mapping[str, int]) -> dict[str, Any]:
    """Vote and outcome side by side, at the end: the class, this world, and the hundred others."""
    seen = figures(session, WATCHED)
    end = state(session, WATCHED, seen)
    others = background.shared().expected(session)
    firsts = {name.removeprefix(FIRST): n for name, n in votes.items() if name.startswith(FIRST) and n}
    named = sorted(firsts, key=lambda name: -firsts[name])
    said = sentence(words, session, seen, end, standing(session, WATCHED, seen))
    first = _first_default(session)
    right, whole = votes.get(end.name, 0), sum(votes.get(name, 0) for name in STATES)
    return {
        "class": bar(words, {name: float(votes.get(name, 0)) for name in STATES}),
        "others": bar(words, others) if others else [],
        "lead": said.lead,
        "detail": said.detail,
        "since": said.since,
        "tone": end.tone,
        "right": words("predict.right", right=right, whole=whole, state=words(f"predict.{end.name}")),
        "first": ", ".join(words("predict.first_vote", who=_first(words, name), votes=firsts[name]) for name in named),
        "first_was": _first(words, first),
    }


def _first_default(session: Session) -> str:
    """Who defaulted first in the watched world; nobody: nothing."""
    return str(session.economy.outcome().first_domino[session.row(WATCHED)])


def _first(words: Words, name: str) -> str:
    return words.firm(name) if name else words("predict.nobody")


# --- in the place of the verdict ------------------------------------------------------------------------------------

TEXTS = (
    "title",
    "ask",
    "ask_first",
    "run",
    "running",
    "give_up",
    "more",
    "less",
    "class",
    "this_world",
    "others",
    "others_waiting",
    "first_was",
    "first_said",
    "done",
)


@component_vue("vue/predict.vue")
def PredictView(  # noqa: D103
    texts: dict,
    states: list,
    firms: list,
    votes: dict,
    running: bool,
    result: dict | None,
    event_vote: Callable[[dict], None],
    event_verb: Callable[[str], None],
) -> None: ...


def shows(desk: Desk) -> bool:
    """Whether the vote stands in the place of the verdict: while it is hidden, and at the end of a vote."""
    return desk.predicting.value or (desk.session.ended and cast(desk.votes.value))


@solara.component
def Predict(desk: Desk) -> None:
    """The vote before the verdict, and both side by side after it."""
    _ = desk.tick.value
    words, session, votes = desk.words, desk.session, desk.votes.value
    started = solara.use_reactive(False)

    def vote(asked: dict[str, Any]) -> None:
        what, change = asked.get("for"), asked.get("change")
        if what in may_be_voted_for(session) and change in (1, -1):
            desk.votes.set(voted(desk.votes.value, what, change))

    def do(verb: str) -> None:
        if verb == "run":
            started.set(True)
            desk.speed.set(10)
            desk.playing.set(not session.ended)
        elif verb == "give_up" and desk.predicting.value:
            desk.predict()
        elif verb == "done":
            desk.votes.set({})

    named = [(FIRST + one.name, words.firm(one.name)) for one in session.economy.firms]
    with desk.lock:
        PredictView(
            texts={name: words(f"predict.{name}") for name in TEXTS},
            states=[[name, words(f"predict.{name}"), STATE_INKS[name]] for name in STATES],
            firms=[*named, (FIRST, words("predict.nobody"))],
            votes=dict(votes),
            running=started.value and desk.predicting.value,
            result=None if desk.predicting.value else revealed(words, session, votes),
            event_vote=vote,
            event_verb=do,
        )
