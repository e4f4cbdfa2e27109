"""One channel at a time: what full tightening costs, in months of life, through one way alone and through all together.

    a cell    mean over worlds of life with loose money - life where funding tightens through this channel alone, within `WITHIN`
              months of the start, among pairs that have not fallen by then; the mean over all pairs, to the end, beside it

Channels are the registry's `funding.channel_*` that can move anything in the scenario: alone means that the weights of all others
are zero. The same worlds (shocks and
draws of the same replicates) live in every cell and with loose money. A channel is told as costing life, or more of it than
another, only where the interval of the worlds' own differences, for all cells (all pairs of channels) at once, leaves zero out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.errors import InputError, about
from perpetuum.model.observed.odds import FEWEST, intervals_of_all, life_lost, life_lost_from, life_lost_of_each
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.surroundings.past_squeezes import acts
from perpetuum.model.units import date_of
from perpetuum.model.words.speech import capital, say
from perpetuum.model.worlds import Floats
from perpetuum.runs.questions.asked_scenario import AskedScenario
from perpetuum.runs.questions.cells_by_month import months_of_the_run, sound_worlds
from perpetuum.runs.questions.life_lost_map import START
from perpetuum.runs.questions.tipping import THETA, check_worlds, degrees
from perpetuum.runs.study.description import Study
from perpetuum.runs.study.side_studies import WITHIN

if TYPE_CHECKING:
    import pandas as pd

Cell = Mapping[str, Any]
Summary = Mapping[str, Any]

_WEIGHT = "funding.channel_"
#: Ways in which funding tightens, in the registry's order, and what stands for all of them.
CHANNELS = tuple(name.removeprefix(_WEIGHT) for name in PARAMETERS if name.startswith(_WEIGHT))
TOGETHER = "together"
#: Months in which funding starts to tighten, unless the user says.
STARTS = (3, 12, 36)

_SPREAD = ("months", "low", "high")


@dataclass(frozen=True)
class OneChannel(AskedScenario):
    """The question: which starts (months of the run) and strength, under which scenario, over how many worlds.

    Raises InputError where a start is no month that is judged, the strength is nothing, or what the cells vary is set as well.
    """

    starts: Sequence[int] | None = None
    strength: float = 1.0

    def __post_init__(self) -> None:
        check_worlds(self.worlds)
        self.leave_free((START, THETA, *(_WEIGHT + channel for channel in CHANNELS)), "moved from channel to channel")
        if not self.strength > 0:
            raise InputError(f"a tightening through a channel has a strength above 0, not {self.strength:g}", "strengths")
        question = "a tightening through one channel"
        with about("starts"):
            starts = months_of_the_run(self.starts, STARTS, self.scenario.judged, question, "a start")
        object.__setattr__(self, "starts", starts)

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """The channels that can move anything in this scenario."""
        return tuple(channel for channel in CHANNELS if acts(channel, self.scenario.values))

    @property
    def cells(self) -> list[tuple[int, str]]:
        """Start and channel: loose money first, then at every start all channels together and each alone."""
        assert self.starts is not None
        return [(self.starts[0], ""), *((start, one) for start in self.starts for one in (TOGETHER, *self.channels))]

    @cached_property
    def study(self) -> Study:
        """All worlds, as a study that can be stopped and continued."""
        starts, alone = zip(*self.cells, strict=True)
        weights = {channel: self.scenario.values[_WEIGHT + channel] for channel in self.channels}
        varied: dict[str, list[Any]] = {START: list(starts), THETA: [self.strength if one else 0.0 for one in alone]}
        for channel, weight in weights.items():
            varied[_WEIGHT + channel] = [weight if one in ("", TOGETHER, channel) else 0.0 for one in alone]
        return self.study_of(varied)


def summarise(asked: OneChannel, worlds: pd.DataFrame) -> dict[str, Any]:
    """What summary.json says, from the worlds of the study in their order; a world that failed in any cell is left out of all."""
    cells = asked.cells
    sound = sound_worlds(worlds, len(cells), "of this question: choose other starts or another strength")
    life = worlds["life"].to_numpy(dtype=np.float64).reshape(len(cells), -1)[:, sound]
    lives, loose = dict(zip(cells[1:], life[1:], strict=True)), life[0]
    assert asked.starts is not None
    rows: list[dict[str, Any]] = [
        {"channel": channel, "cells": [_cell(start, lives[start, channel], loose) for start in asked.starts]}
        for channel in (TOGETHER, *asked.channels)
    ]
    lost = {one: life_lost_of_each(one[0], life, loose, WITHIN) for one, life in lives.items()}
    signs, whole = (_signs(gaps) for gaps in (lost, {one: loose - life for one, life in lives.items()}))
    for row in rows:
        for cell in row["cells"]:
            at = cell["start"], row["channel"]
            cell["sign"], cell["unconditional"]["sign"] = signs[at], whole[at]
    rows[1:] = sorted(rows[1:], key=lambda row: -sum(cell["months"] or 0.0 for cell in row["cells"]))
    return {
        "question": "channels",
        **asked.told(),
        "failed_worlds": int((~sound).sum()),
        **degrees(asked.scenario),
        "channels": {
            "starts": list(asked.starts),
            "strength": asked.strength,
            "within": WITHIN,
            "worlds": int(sound.sum()),
            "rows": rows,
            "pairs": _pairs(lost, asked.starts, asked.channels),
        },
    }


def _signs(gaps: Mapping[tuple[int, str], Floats]) -> dict[tuple[int, str], int]:
    """1 where life is lost beyond chance among so many cells, to a tenth of a month, -1 where it is gained, else 0."""
    _, lows, highs = intervals_of_all(np.array(list(gaps.values())))
    return {
        at: int(round(low, 1) > 0) - int(round(high, 1) < 0)
        for at, low, high in zip(gaps, lows.tolist(), highs.tolist(), strict=True)
    }


def _pairs(lost: Mapping[tuple[int, str], Floats], starts: Sequence[int], channels: Sequence[str]) -> list[dict[str, Any]]:
    """Of every two channels and start: months that the same worlds lose more through one (`more`) than through the other.

    `low` and `high` hold for all pairs and starts at once; None where so few worlds bound nothing, or there is none.
    """
    which = [(start, *pair) for start in starts for pair in combinations(channels, 2)]
    found = intervals_of_all(np.array([lost[start, one] - lost[start, other] for start, one, other in which]))
    pairs = []
    for (start, more, less), mean, low, high in zip(which, *(ends.tolist() for ends in found), strict=True):
        if mean < 0:
            more, less, mean, low, high = less, more, -mean, -high, -low
        told = {name: value if np.isfinite(value) else None for name, value in zip(_SPREAD, (mean, low, high), strict=True)}
        pairs.append({"start": start, "more": more, "less": less, **told})
    return pairs


def _cell(start: int, life: Any, loose: Any) -> dict[str, Any]:
    lost, pairs = life_lost_from(start, life, loose, WITHIN)
    return {"start": start, **lost, "pairs": pairs, "unconditional": life_lost(life, loose)}


def counts_of(found: Mapping[str, Any]) -> list[int]:
    """Worlds of each cell that have not fallen when funding tightens: those that are looked at."""
    return [cell["pairs"] for row in found["rows"] for cell in row["cells"]]


def cells_table(summary: Summary) -> pd.DataFrame:
    """One row a channel and start: months of life lost with interval, pairs not fallen at the start, and over all pairs."""
    import pandas as pd

    found = summary["channels"]
    rows = []
    for row in found["rows"]:
        for cell in row["cells"]:
            about = {
                "channel": row["channel"],
                "start": cell["start"],
                "date": date_of(summary["first_month"], cell["start"]).isoformat(),
            }
            whole = cell["unconditional"]
            lost = {name: cell[name] for name in (*_SPREAD, "pairs", "sign")} | {
                "unconditional": whole["months"],
                "unconditional_low": whole["low"],
                "unconditional_high": whole["high"],
                "unconditional_sign": whole["sign"],
            }
            rows.append({**about, "strength": found["strength"], **lost})
    return pd.DataFrame(rows).astype({"months": float, "low": float, "high": float})


# --- what is said of it -------------------------------------------------------------------------------------


def sign_of(cell: Cell, worlds: int) -> int:
    """1 where life is lost beyond what chance brings among so many cells, -1 where it is gained, else 0."""
    return 0 if worlds < FEWEST or cell["months"] is None else int(cell.get("sign", 0))


def _judged(summary: Summary) -> bool:
    """Whether a summary says which cells differ from chance: one of an older version does not."""
    return all("sign" in cell for row in summary["channels"]["rows"] for cell in row["cells"])


def _sure(summary: Summary, sign: int) -> Iterator[tuple[str, list[Cell]]]:
    """Channels alone that surely cost life (1) or lengthen it (-1) from some start, with those cells."""
    found = summary["channels"]
    for row in found["rows"][1:]:
        cells = [cell for cell in row["cells"] if sign_of(cell, found["worlds"]) == sign]
        if cells:
            yield row["channel"], cells


def headline(summary: Summary) -> str:
    """Which channels alone cost life and which lengthen it beyond chance, in one sentence."""
    if summary["channels"]["worlds"] < FEWEST:
        return say("channels.neutral")
    if not _judged(summary):
        return say("channels.title")
    costly, kind = ([channel for channel, _ in _sure(summary, sign)] for sign in (1, -1))
    parts = [
        say(key, channels=say.listed([say(f"channel_alone.{one}") for one in channels]), n=len(channels))
        for key, channels in (("channels.cost", costly), ("channels.lengthen", kind))
        if channels
    ]
    return capital(say("list.semicolon").join(parts)) if parts else say("channels.nothing")


def answer(summary: Summary) -> list[str]:
    """The finding, then each channel's months, all together, and how much of it chance alone would bring."""
    found = summary["channels"]
    told = [say("list.stop", sentence=headline(summary))]
    if found["worlds"] >= FEWEST and _judged(summary):
        told += [_alone(summary, channel, cells, "cost_by") for channel, cells in _sure(summary, 1)]
        told += [_alone(summary, channel, cells, "lengthens_by") for channel, cells in _sure(summary, -1)]
        told += _together(summary)
        idle = [say(f"channel.{row['channel']}") for row in found["rows"][1:] if _moves_nothing(row)]
        told += [say("channels.idle", channels=say.listed(idle))] if idle else []
        told += _in_order(summary)
    if summary["failed_worlds"]:
        told.append(say("tip.failed", worlds=say.counted(summary["failed_worlds"], "world")))
    return told


def _alone(summary: Summary, channel: str, cells: Sequence[Cell], key: str) -> str:
    return say(f"channels.{key}", what=capital(say(f"channel_alone.{channel}")), cells=_cells(summary, cells))


def _moves_nothing(row: Mapping[str, Any]) -> bool:
    """Whether a channel moves no world's life, from any start."""
    spans = [(one["low"], one["high"]) for cell in row["cells"] for one in (cell, cell["unconditional"])]
    return all(low == high == 0.0 or low is None for low, high in spans)


def _in_order(summary: Summary) -> list[str]:
    """From each start, through which channel more life is lost than through which others, and how sure that is."""
    found = summary["channels"]
    told = []
    for place, start in enumerate(found["starts"]):
        cells = {row["channel"]: row["cells"][place] for row in found["rows"][1:]}
        costly = [channel for channel in cells if sign_of(cells[channel], found["worlds"]) > 0]
        if not costly:
            continue
        top = max(costly, key=lambda channel: cells[channel]["months"])
        ahead = [
            one for one in found["pairs"] if one["start"] == start and one["more"] == top and round(one["low"] or 0, 1) > 0
        ]
        behind = [one["less"] for one in ahead]
        words = {
            "start": say.month_of(summary["first_month"], start),
            "what": say(f"channel_alone.{top}"),
            "others": say.listed([say(f"channel.{one}") for one in cells if one in behind]),
            "open": say.listed([say(f"channel.{one}") for one in cells if one != top and one not in behind]),
        }
        if ahead:
            nearest = min(ahead, key=lambda one: one["months"])
            words |= {"months": say.mean_months(nearest), "next": say(f"channel.{nearest['less']}")}
        told.append(say(f"channels.{'order_open' if not ahead else 'more' if words['open'] else 'most'}", **words))
    return [*told, say("channels.paired", n=len(found["pairs"]))] if told else []


def _together(summary: Summary) -> list[str]:
    found = summary["channels"]
    told = []
    for sign, key in ((1, "channels.together_cost"), (-1, "channels.together_lengthen")):
        cells = [cell for cell in found["rows"][0]["cells"] if sign_of(cell, found["worlds"]) == sign]
        told += [say(key, cells=_cells(summary, cells))] if cells else []
    return told or [say("channels.together_nothing")]


def _cells(summary: Summary, cells: Sequence[Cell]) -> str:
    """Months with their interval by start, without their sign: "5.1 (2.0 to 8.2) from Oct 2026"."""
    return say.listed([
        say(
            "channels.from_start",
            months=say.mean_months(cell, -1 if cell["high"] < 0 else 1),
            start=say.month_of(summary["first_month"], cell["start"]),
        )
        for cell in cells
    ])  # fmt: skip
