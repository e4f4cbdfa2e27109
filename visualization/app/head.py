"""The head of the page: preset, luck, the controls of time, and where on the way from the first month to the last we are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import solara

from perpetuum.model.scenario import load_preset, preset_names
from perpetuum.model.words.speech import Words
from perpetuum.model.worlds import Floats
from perpetuum.visualization.app.address import short_name
from perpetuum.visualization.app.component import component_vue
from perpetuum.visualization.app.desk import SPEEDS, Desk
from perpetuum.visualization.app.panels import marks
from perpetuum.visualization.app.replay import opening
from perpetuum.visualization.app.session import WATCHED, Session, Start

#: Seeds and worlds are whole numbers below this.
NUMBERS = 2**31
#: On the way to a later month the page is drawn again after so many months.
SHOWN_EVERY = 12
#: Keys in the order in which the help shows them, and what is written on them.
KEYS = {
    "space": "Space",
    "right": "→",
    "left": "←",
    "home": "Home",
    "fork": "f",
    "what_if": "w",
    "predict": "v",
    "presenter": "p",
    "language": "l",
    "help": "?",
}
TEXTS = (
    "preset",
    "seed",
    "seed_help",
    "world",
    "world_help",
    "reset",
    "back",
    "step",
    "play",
    "pause",
    "speed",
    "speed_value",
    "predict",
    "predict_help",
    "language",
    "presenter",
    "present",
    "leave_presenter",
    "share",
    "share_help",
    "shared",
    "help",
    "keys",
    "lesson",
    "close",
    "go_back_to",
    "go_on_to",
    "going_on_to",
    "tightness",
    "timeline",
    "unfold",
)


@component_vue("vue/head.vue")
def HeadView(  # noqa: D103
    texts: dict,
    presets: list,
    keyboard: list,
    preset: str,
    seed: int,
    world: int,
    speeds: list,
    speed: int,
    playing: bool,
    ended: bool,
    month: int,
    months: list,
    label: str,
    tightness: list,
    marked: list,
    fork: int,
    presenter: bool,
    predicting: bool,
    event_begin: Callable[[dict], None],
    event_verb: Callable[[str], None],
    event_pace: Callable[[int], None],
    event_travel: Callable[[int], None],
) -> None: ...


@solara.component
def Head(desk: Desk) -> None:
    """Preset, seed, the controls of time, month, language, presenter's mode; and the line of time under them."""
    _ = desk.tick.value
    words, session = desk.words, desk.session
    start, horizon = session.start, session.horizon

    def described() -> dict[str, Any]:
        first = session.economy.scenario.definition.start
        return {
            "texts": {name: words(f"head.{name}") for name in TEXTS},
            "presets": [[short_name(name), title(words, name)] for name in dict.fromkeys((*machines(), start.preset))],
            "keyboard": [[mark, words(f"head.key_{name}")] for name, mark in KEYS.items()],
            "months": [words.month_of(first, month) for month in range(horizon)],
        }

    with desk.lock:
        HeadView(
            **solara.use_memo(described, [words.language, start, horizon]),
            preset=short_name(start.preset),
            seed=start.seed,
            world=start.replicate,
            speeds=list(SPEEDS),
            speed=desk.speed.value,
            playing=desk.playing.value,
            ended=session.ended,
            month=session.month,
            label=label(words, session),
            tightness=np.round(tightness(session), 2).tolist(),
            marked=marks(session, words),
            fork=-1 if session.forked_at is None else session.forked_at,
            presenter=desk.presenter.value,
            predicting=desk.predicting.value,
            event_begin=lambda asked: _begin(desk, asked),
            event_verb=lambda verb: _do(desk, verb),
            event_pace=lambda speed: desk.speed.set(speed) if speed in SPEEDS else None,
            event_travel=lambda month: _travel(desk, int(month)),
        )


def machines() -> tuple[str, ...]:
    """What may be chosen: the presets, and the file that this server was told to open."""
    return tuple(dict.fromkeys((*preset_names(), opening().start.preset)))


def title(words: Words, name: str) -> str:
    """A preset's title in the language chosen; a file's is its name."""
    return load_preset(name).told("title", words.language) if name in preset_names() else Path(name).name


def label(words: Words, session: Session) -> str:
    """How many months have passed, and which one was the last."""
    first = session.economy.scenario.definition.start
    if session.month == 0:
        return words("head.first", date=words.month_of(first, 0))
    return words("head.month", month=session.month, date=words.month_of(first, session.month - 1))


def tightness(session: Session) -> Floats:
    """How tight funding was and is going to be in the watched world as things stand, a value a month."""
    economy, row, passed = session.economy, session.row(WATCHED), session.month
    theta = np.zeros(session.horizon)
    theta[:passed] = [float(level[row]) for level in economy.collector.facts.get("theta", ())]
    theta[passed:] = economy.funding.level(np.arange(passed, session.horizon)[:, None])[:, row]
    return theta


def whole(text: str) -> int | None:
    """A whole number as somebody typed it, None for anything else."""
    text = str(text).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < NUMBERS else None


def begun(words: Words, start: Start, asked: dict[str, Any]) -> Start | str:
    """The start that somebody asks for by preset, seed or world; a sentence where it cannot be."""
    if "preset" in asked:
        name = str(asked["preset"])
        known = {short_name(machine): machine for machine in (start.preset, *machines())}
        return Start(known[name], start.seed, start.replicate) if name in known else words("head.no_preset", name=name[:40])
    for field in ("seed", "world"):
        if field in asked:
            number = whole(asked[field])
            if number is None:
                return words("head.no_number", what=words(f"head.{field}"), text=str(asked[field])[:20], most=NUMBERS - 1)
            return replace(start, seed=number) if field == "seed" else replace(start, replicate=number)
    return start


def _begin(desk: Desk, asked: dict[str, Any]) -> None:
    before = desk.session.start
    start = begun(desk.words, before, asked)
    if isinstance(start, str):
        desk.say(lambda words: str(begun(words, before, asked)))
    else:
        desk.notice.set("")
        desk.begin(start)


def _travel(desk: Desk, month: int) -> None:
    """Go to a month: back by rewinding, on by letting months pass."""
    if month < desk.session.month:
        desk.rewind(month)
        return
    desk.playing.set(False)
    with desk.long_way():
        while desk.session.month < min(month, desk.session.horizon):
            desk.goes_on()
            with desk.lock:
                desk.session.step(month)
            if desk.session.month % SHOWN_EVERY == 0 or desk.session.month >= month:
                desk.changed()


def _do(desk: Desk, verb: str) -> None:
    """A button of the head."""
    verbs: dict[str, Callable[[], None]] = {
        "reset": lambda: desk.begin(desk.session.start),
        "back": lambda: desk.rewind(desk.session.month - 1),
        "play": desk.play,
        "step": desk.step,
        "language": desk.switch_language,
        "presenter": lambda: desk.presenter.set(not desk.presenter.value),
        "predict": desk.predict,
    }
    if verb in verbs:
        verbs[verb]()
