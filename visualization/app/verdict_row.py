"""The row above the machine: the verdict in words, the dials, and who pays for the chips."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import solara

from perpetuum.visualization.app import background
from perpetuum.visualization.app.component import component_vue
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.dials import dials, funders, payload
from perpetuum.visualization.app.verdict import Figures, figures, sentence, standing, state


@component_vue("vue/verdict.vue")
def VerdictView(sentences: list, dials: list, funders: dict, presenter: bool) -> None: ...  # noqa: D103


@solara.component
def Verdict(desk: Desk) -> None:
    """One sentence for each world, always in sight, and the dials that support it."""
    _ = desk.tick.value
    VerdictView(**shown(desk), presenter=desk.presenter.value)


def shown(desk: Desk) -> dict[str, Any]:
    """What the row shows now."""
    words, session = desk.words, desk.session
    with desk.lock:
        if session.month == 0:
            empty = {"label": words("dial.funders_rest"), "help": words("dial.funders_help"), "bars": []}
            gauges = [payload(dial, words) for dial in dials(words, ())]
            return {"sentences": [_at_rest(desk)], "dials": gauges, "funders": empty}
        worlds = range(session.worlds)
        seen = [figured(desk, world) for world in worlds]
        said = [
            sentence(
                words,
                session,
                one,
                state(session, world, one),
                standing(session, world, one),
                None if world else _placed(desk),
                world,
            )
            for world, one in zip(worlds, seen, strict=True)
        ]
        bars = [funders(words, session, world) for world in worlds]
    names = [words("verdict.watched"), words("verdict.twin")] if session.worlds > 1 else [""]
    return {
        "sentences": [
            {"world": name} | asdict(one) | {"facts": list(one.facts)} for name, one in zip(names, said, strict=True)
        ],
        "dials": [payload(dial, words) for dial in dials(words, seen)],
        "funders": {
            "label": words("dial.funders", amount=bars[0]["total"]),
            "help": words("dial.funders_help"),
            "bars": bars,
        },
    }


def figured(desk: Desk, world: int) -> Figures:
    """The figures of a world, worked out once for a state of the machine."""
    return desk.once(f"figures {world}", lambda: figures(desk.session, world))


def _at_rest(desk: Desk) -> dict[str, Any]:
    words, definition = desk.words, desk.session.economy.scenario.definition
    said = definition.told("question", words.language)
    return {"world": "", "lead": words("verdict.start.lead"), "detail": said, "since": "", "facts": [], "tone": "plain"}


def _placed(desk: Desk) -> tuple[int, int] | None:
    """Above how many of the background worlds the watched one stands by its chip sales; None while they are computed."""
    others = background.shared()
    typical = others.typical(desk.session)
    return None if typical is None else (round(typical * others.worlds), others.worlds)
