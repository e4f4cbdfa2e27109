"""The ring month by month: what the script draws, who paid whom in each month of one world and with whose money.

Places, widths and colours are those of the figure (`figures/money_ring.py`); one scale holds for all months.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from perpetuum.model.words.speech import say
from perpetuum.runs.questions.watched_world import WatchedWorld
from perpetuum.visualization.figures.money_ring import BENDS, PLACES, SIZES, SMALL, WIDEST, WIDEST_INSIDE, by_node
from perpetuum.visualization.figures.palette import DYE_COLOURS, DYE_ORDER, STATE_COLOURS, dye_label

#: Firms of the machine itself.
MACHINE = ("vendors", "clouds", "labs")
#: The month whose widest band inside the machine has the full width, as a share of all months: a single round may be wider.
_FULL = 0.98
#: Bands under so many $bn a month are not drawn.
SMALLEST = 0.05


def ring_data(watched: WatchedWorld, dates: Sequence[datetime.date]) -> dict[str, Any]:
    """Nodes with their places, dyes with their colours, and by month its bands, its state and what happened in it."""
    months = [by_node(flows) for flows in watched.flows]
    pairs = list(dict.fromkeys(pair for month in months for pair in month))
    steps: dict[int, list[str]] = {}
    for step in watched.story.steps:
        steps.setdefault(step.month, []).append(step.text)
    inside = [
        max((sum(mix.values()) for pair, mix in month.items() if set(pair) <= set(MACHINE)), default=0.0) for month in months
    ]
    full = float(np.quantile(inside, _FULL)) if inside else 1.0
    return {
        "nodes": [_node(name) for name in PLACES if any(name in pair for pair in pairs) or name in MACHINE],
        "dyes": [{"name": dye_label(name), "colour": DYE_COLOURS[name]} for name in DYE_ORDER],
        "pairs": [{"from": pair[0], "to": pair[1], "bend": BENDS.get(pair, 0.10)} for pair in pairs],
        "scale": WIDEST_INSIDE / max(full, 1e-9),
        "widest": WIDEST,
        "months": [
            {
                "date": say.month(date, long=True),
                "state": say(f"report.state.{state}"),
                "colour": STATE_COLOURS[state],
                "bands": [[pairs.index(pair), _shown(mix)] for pair, mix in month.items() if sum(mix.values()) >= SMALLEST],
                "events": steps.get(number, []),
            }
            for number, (date, month, state) in enumerate(zip(dates, months, watched.states, strict=True))
        ],
        "words": {"nothing": say("report.ring_nothing"), "play": say("report.play"), "pause": say("report.pause")},
    }


def _node(name: str) -> dict[str, Any]:
    (x, y), (wide, tall) = PLACES[name], SIZES.get(name, SMALL)
    label = say(f"ring.node.{name}").split("|")
    return {"id": name, "x": x, "y": y, "wide": wide, "tall": tall, "label": label, "main": name in MACHINE}


def _shown(mix: Mapping[str, float]) -> list[float]:
    """$bn a month by dye, in the order of the dyes; three figures are enough for a picture."""
    return [float(f"{mix.get(name, 0.0):.3g}") for name in DYE_ORDER]
