"""The tipping point: at which value of a parameter do half of the worlds fall apart?

The same worlds (the shocks of the same replicates) live at every probe of the parameter. A scan comes first; then every gap
in which a share crosses one half is divided until it is as narrow as asked, and gaps where it might cross in other worlds
are divided more coarsely. Two curves are read, the share that falls apart and the share that does not hold up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.outcome import shares
from perpetuum.model.scenario import InputError, Scenario
from perpetuum.model.surroundings.past_squeezes import HISTORY, meaning, place_on_ladder
from perpetuum.runs.questions import response_curves as response
from perpetuum.runs.questions.moved_parameter import Question

if TYPE_CHECKING:
    import pandas as pd

    from perpetuum.model.parameters import Parameter

Array = np.ndarray[Any, Any]
Progress = Callable[[int, int], None]
#: Something that simulates worlds as `runs.study.batches.run_worlds` does.
RunWorlds = Callable[..., "pd.DataFrame"]

THETA = "funding.tightening"
#: Probes of the scan; probes of one curve at most; and how finely a range is searched unless the user says.
SCAN, MOST_PROBES, FINENESS = 21, 120, 250
MOST_WORLDS = 5000
#: A crossing is searched so much more finely than a stretch in which the curve is merely near one half.
COARSER = 4
#: The two curves: name to which headlines count.
CURVES: dict[str, tuple[str, ...]] = {"falls_apart": ("falls_apart",), "not_holds_up": ("falls_apart", "undecided")}


@dataclass(frozen=True)
class Tip(Question):
    """The question: which parameter, between which values, under which scenario, over how many worlds.

    `across`: a second parameter and its values; one tipping point is looked for at each. Raises InputError where the
    parameter is not ordered, a range is empty or beyond the registry's, or anything is both set and searched.
    """

    preset: str = "ono_2025"
    over: str = THETA
    low: float | None = None
    high: float | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    worlds: int = 100
    months: int | None = None
    seed: int = 1
    resolution: float | None = None
    across: tuple[str, Sequence[Any]] | None = None

    def __post_init__(self) -> None:
        check_worlds(self.worlds)
        parameter = ordered_parameter(self.scenario, self.over)
        for name in (self.over, *((self.across[0],) if self.across else ())):
            if name in self.overrides:
                raise InputError(f"'{name}' is both set and searched: leave out one of the two")
        if self.across and self.across[0] == self.over:
            raise InputError(f"'{self.over}' cannot be searched across itself: name another parameter")
        ends = [
            parameter.check(default if asked is None else asked, "")
            for asked, default in ((self.low, parameter.low), (self.high, parameter.high))
        ]
        if ends[0] >= ends[1]:
            raise InputError(f"'{self.over}' from {ends[0]:g} to {ends[1]:g} is an empty range: the first must be lower")
        object.__setattr__(self, "low", float(ends[0]))
        object.__setattr__(self, "high", float(ends[1]))
        finest = 1.0 if parameter.kind == "int" else 0.0
        fine = (ends[1] - ends[0]) / FINENESS if self.resolution is None else self.resolution
        if not 0 < fine <= ends[1] - ends[0]:
            raise InputError(f"a resolution must be above 0 and at most the range ({ends[1] - ends[0]:g}), not {fine:g}")
        object.__setattr__(self, "resolution", max(float(fine), finest))

    @property
    def whole(self) -> bool:
        """Whether the parameter takes whole numbers only."""
        return self.scenario.definition.parameter(self.over).kind == "int"

    @property
    def cells(self) -> list[dict[str, Any]]:
        """What is set in each of the curves: nothing, or one value of the second parameter."""
        return [{self.across[0]: value} for value in self.across[1]] if self.across else [{}]


def check_worlds(worlds: int) -> None:
    """Raise InputError for too few worlds to be resampled, or for more than is needed."""
    if not 2 <= worlds <= MOST_WORLDS:
        raise InputError(f"resampling takes from 2 to {MOST_WORLDS:,} worlds, not {worlds:,}")


def ordered_parameter(scenario: Scenario, name: str) -> Parameter:
    """Return the registry entry of a parameter that can be searched (raises InputError where it has no order)."""
    parameter = scenario.definition.parameter(name)
    if parameter.kind in ("choice", "bool"):
        raise InputError(
            f"'{name}' has no order ({parameter.allowed}), so that it has no tipping point: "
            f"compare its values with --across {name}={','.join(parameter.choices) or 'true,false'}"
        )
    return parameter


@dataclass
class Curve:
    """What was found at one setting: probes in order, and the headline of every world at each (worlds, probes)."""

    setting: dict[str, Any]
    values: Array
    headlines: Array
    replicates: Array
    failed: int  # worlds left out because they could not be simulated at some probe
    exhausted: bool  # whether the search stopped at MOST_PROBES before it was as fine as asked

    def marks(self, curve: str) -> Array:
        """Marks (worlds, probes) of one of `CURVES`."""
        return np.isin(self.headlines, CURVES[curve])


def search(tip: Tip, run: RunWorlds, progress: Progress | None = None) -> list[Curve]:
    """Scan, then refine until every crossing is as finely known as asked; probes of one stage run together."""
    probes = [_Probes(setting, tip.worlds) for setting in tip.cells]
    wanted = [scan_values(tip)] * len(probes)
    done = 0
    while any(wanted):
        varied: dict[str, list[Any]] = {name: [] for name in (tip.over, *tip.cells[0])}
        for one, values in zip(probes, wanted, strict=True):
            for value in values:
                varied[tip.over] += [int(value) if tip.whole else value] * tip.worlds
                for name, setting in one.setting.items():
                    varied[name] += [setting] * tip.worlds
        number = len(varied[tip.over])
        rows = run(
            tip.preset,
            overrides=tip.overrides,
            varied=varied,
            replicates=list(range(tip.worlds)) * (number // tip.worlds),
            seed=tip.seed,
            months=tip.months,
            progress=_counted_on(progress, done),
        )
        headlines = np.where(rows["error"] == "", rows["headline"], "").reshape(-1, tip.worlds)
        done += number
        for one, values in zip(probes, wanted, strict=True):
            one.told.update(zip(values, headlines[: len(values)], strict=True))
            headlines = headlines[len(values) :]
        wanted = [_next_values(one, tip) for one in probes]
    return [one.curve() for one in probes]


def _counted_on(progress: Progress | None, before: int) -> Progress | None:
    """Count on from the stages before."""
    return None if progress is None else lambda done, total: progress(before + done, before + total)


def scan_values(tip: Tip) -> list[float]:
    """Evenly spaced probes over the range."""
    assert tip.low is not None
    assert tip.high is not None
    return _tidy(np.linspace(tip.low, tip.high, SCAN), tip.whole)


@dataclass
class _Probes:
    """Probes so far at one setting: value to the headlines of all worlds."""

    setting: dict[str, Any]
    worlds: int
    told: dict[float, Array] = field(default_factory=dict)
    exhausted: bool = False

    def curve(self) -> Curve:
        values = np.array(sorted(self.told))
        headlines = np.stack([self.told[value] for value in values.tolist()], axis=1)
        sound = (headlines != "").all(axis=1)
        if not sound.any():
            raise InputError("no world could be simulated at all probes: search a narrower range")
        replicates = np.arange(self.worlds)[sound]
        return Curve(self.setting, values, headlines[sound], replicates, int((~sound).sum()), self.exhausted)


def _next_values(probes: _Probes, tip: Tip) -> list[float]:
    """Where to look next: quarters of gaps with a crossing, middles of gaps near one half."""
    assert tip.resolution is not None
    curve = probes.curve()
    fine, coarse = tip.resolution, tip.resolution * COARSER
    wanted: set[float] = set()
    for name in CURVES:
        for gap, crossing in response.gaps_to_refine(curve.values, curve.marks(name), fine, coarse):
            left, right = curve.values[gap], curve.values[gap + 1]
            parts = 4 if crossing and right - left > 2 * fine else 2
            wanted.update(_tidy(np.linspace(left, right, parts + 1)[1:-1], tip.whole))
    fresh = sorted(wanted - set(probes.told))
    room = MOST_PROBES - len(probes.told)
    probes.exhausted = len(fresh) > room
    return fresh[:room]


def _tidy(values: Array, whole: bool) -> list[float]:
    """Values without the dust of floating point, or rounded to whole numbers, in order and without repetition."""
    return sorted({float(round(value)) if whole else float(f"{value:.9g}") for value in values.tolist()})


# --- what is told -------------------------------------------------------------------------------------------


def summarise(tip: Tip, curves: Sequence[Curve]) -> dict[str, Any]:
    """What summary.json says: the question, and threshold or reason, crossings and probes of both curves.

    Without a second parameter the finding stands at the top level; with one, under `cells`, one a value.
    """
    scenario = tip.scenario
    parameter = scenario.definition.parameter(tip.over)
    about: dict[str, Any] = {
        "question": "tipping_point",
        "preset": tip.preset,
        "over": tip.over,
        "unit": parameter.unit,
        "help": parameter.help,
        "range": [tip.low, tip.high],
        "resolution": tip.resolution,
        "overrides": {name: scenario.value(name) for name in tip.overrides},
        "worlds": tip.worlds,
        "months": scenario.judged,
        "first_month": scenario.definition.start,
        "seed": tip.seed,
        "simulated": sum(len(curve.values) for curve in curves) * tip.worlds,
    }
    if tip.over == THETA:
        about |= degrees(scenario)
    cells = [summarise_curve(curve, tip.seed) for curve in curves]
    if tip.across is None:
        return about | {key: value for key, value in cells[0].items() if key != "setting"}
    return about | {"across": tip.across[0], "cells": cells}


def summarise_curve(curve: Curve, seed: int = 1) -> dict[str, Any]:
    """One curve's finding; `threshold`, `low`, `high` and `reason` are those of the share that falls apart."""
    found = {name: _told(curve, name, seed) for name in CURVES}
    falls = found["falls_apart"]
    every = ("holds_up", "falls_apart", "undecided")
    return {
        "setting": curve.setting,
        **{key: falls[key] for key in ("threshold", "low", "high", "reason")},
        **found,
        "failed_worlds": curve.failed,
        "exhausted": curve.exhausted,
        "probes": [
            {"value": float(value), "headlines": shares(curve.headlines[:, k], every)}
            for k, value in enumerate(curve.values)
        ],
    }


def _told(curve: Curve, name: str, seed: int) -> dict[str, Any]:
    marks = curve.marks(name)
    found = response.find_threshold(curve.values, marks, seed=seed)
    share = marks.mean(axis=0)
    lowest, highest = int(share.argmin()), int(share.argmax())
    return {
        "threshold": found.value,
        "low": found.low,
        "high": found.high,
        "beyond": found.beyond,
        "reason": found.reason,
        "crossings": [asdict(one) for one in found.crossings],
        "response": asdict(found.response),
        "can_tell": response.can_tell(len(marks)),
        "lowest": {"value": float(curve.values[lowest]), "share": float(share[lowest])},
        "highest": {"value": float(curve.values[highest]), "share": float(share[highest])},
        "worlds": asdict(response.count_switches(curve.values, marks)),
    }


def degrees(scenario: Scenario) -> dict[str, Any]:
    """What degrees of tightening mean: rates, spreads and venture money at a degree of one, and squeezes of the past."""
    full = asdict(meaning(1.0, scenario.values))
    return {
        "at_full_tightening": {name: full[name] for name in ("rate_bp", "spread_bp", "venture_lost")},
        "history": {episode.name: place_on_ladder(episode, scenario.values) for episode in HISTORY},
    }


def probes_table(tip: Tip, curves: Sequence[Curve]) -> pd.DataFrame:
    """One row a world and probe: parameters, replicate, headline."""
    import pandas as pd

    parts = []
    for curve in curves:
        worlds, probes = curve.headlines.shape
        columns = {name: [value] * (worlds * probes) for name, value in curve.setting.items()}
        columns[tip.over] = np.tile(curve.values, worlds).tolist()
        columns["replicate"] = np.repeat(curve.replicates, probes).tolist()
        columns["seed"] = [tip.seed] * (worlds * probes)
        columns["headline"] = curve.headlines.ravel().tolist()
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)
