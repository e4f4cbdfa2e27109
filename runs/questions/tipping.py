"""The tipping point: at which value of a parameter does the tightening cost a year of life, and have half of the worlds fallen?

The same worlds (shocks and draws of the same replicates) live at every probe of the parameter, as asked and with loose money.
Curves are read off them (`tipping_curves`), these two unless others are asked for.

A scan comes first; then every gap in which a curve crosses its level is divided until it is as narrow as asked, and gaps where
it might cross in other worlds are divided more coarsely.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.errors import about
from perpetuum.model.observed.odds import share_of
from perpetuum.model.observed.outcome import shares
from perpetuum.model.observed.states import STATES
from perpetuum.model.scenario import InputError, Scenario
from perpetuum.model.surroundings.past_squeezes import HISTORY, at_full_tightening, place_on_ladder
from perpetuum.model.worlds import Array
from perpetuum.runs.questions import response_curves as response
from perpetuum.runs.questions.asked_scenario import AskedScenario
from perpetuum.runs.questions.tipping_curves import CURVES, Curve, columns_of, levels_of
from perpetuum.runs.study.batches import Progress
from perpetuum.runs.study.creditors import mean_loss

if TYPE_CHECKING:
    import pandas as pd

    from perpetuum.model.parameters import Parameter

#: Something that simulates worlds as `runs.study.batches.run_worlds` does.
RunWorlds = Callable[..., "pd.DataFrame"]

THETA = "funding.tightening"
#: Probes of the scan; probes of one curve at most; and how finely a range is searched unless the user says.
SCAN, MOST_PROBES, FINENESS = 21, 120, 250
MOST_WORLDS = 5000
#: A crossing is searched so much more finely than a stretch in which the curve is merely near one half.
COARSER = 4


@dataclass(frozen=True)
class Tip(AskedScenario):
    """The question: which parameter, between which values, under which scenario, over how many worlds.

    `across`: a second parameter and its values; tipping points are looked for at each. `by`: the month by which worlds have
    fallen or firms defaulted (default: the last one judged). `metrics`: the curves, as a user writes them; `levels` has the
    level of each. Raises InputError where the parameter is not ordered, a range is empty or beyond the registry's, a curve or
    a firm is not there, or anything is both set and searched.
    """

    over: str = THETA
    low: float | None = None
    high: float | None = None
    resolution: float | None = None
    across: tuple[str, Sequence[Any]] | None = None
    by: int | None = None
    metrics: Sequence[str] = tuple(CURVES)
    levels: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        check_worlds(self.worlds)
        with about("over"):
            parameter = ordered_parameter(self.scenario, self.over)
        for name in (self.over, *((self.across[0],) if self.across else ())):
            if name in self.overrides:
                raise InputError(f"'{name}' is both set and searched: leave out one of the two")
        if self.across and self.across[0] == self.over:
            raise InputError(f"'{self.over}' cannot be searched across itself: name another parameter")
        low, high = range_of(parameter, self.over, self.low, self.high)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)
        finest = 1.0 if parameter.kind == "int" else 0.0
        fine = (high - low) / FINENESS if self.resolution is None else self.resolution
        if not 0 < fine <= high - low:
            raise InputError(
                f"resolution must be above 0 and at most the range ({high - low:g}), not {fine:g}", "resolution"
            )
        object.__setattr__(self, "resolution", max(float(fine), finest))
        last = self.scenario.judged - 1
        if self.by is not None and not 0 <= self.by <= last:
            raise InputError(f"worlds are judged in months 0 to {last}, so that none can have fallen by month {self.by}")
        object.__setattr__(self, "by", last if self.by is None else self.by)
        moved = (self.over, *((self.across[0],) if self.across else ()))
        with about("metrics"):
            object.__setattr__(self, "levels", levels_of(self.metrics, self.scenario, moved))

    @property
    def whole(self) -> bool:
        """Whether the parameter takes whole numbers only."""
        return self.scenario.definition.parameter(self.over).kind == "int"

    @property
    def cells(self) -> list[dict[str, Any]]:
        """What is set in each of the curves: nothing, or one value of the second parameter."""
        return [{self.across[0]: value} for value in self.across[1]] if self.across else [{}]


@about("worlds")
def check_worlds(worlds: int) -> None:
    """Raise InputError for too few worlds to be resampled, or for more than is needed."""
    if not 2 <= worlds <= MOST_WORLDS:
        raise InputError(f"worlds must be a whole number from 2 to {MOST_WORLDS:,}, not {worlds:,}")


def ordered_parameter(scenario: Scenario, name: str) -> Parameter:
    """Return the registry entry of a parameter that can be searched (raises InputError where it has no order)."""
    parameter = scenario.definition.parameter(name)
    if parameter.kind in ("choice", "bool"):
        raise InputError(
            f"'{name}' has no order ({parameter.allowed}), so that it has no tipping point: "
            f"compare its values with --across {name}={','.join(parameter.choices) or 'true,false'}"
        )
    return parameter


def range_of(parameter: Parameter, name: str, low: float | None, high: float | None) -> tuple[float, float]:
    """The ends of what is searched or moved, the registry's where none are asked for (raises InputError for what is none)."""
    with about("low"):
        first = float(parameter.check_as(name, parameter.low if low is None else low))
    with about("high"):
        last = float(parameter.check_as(name, parameter.high if high is None else high))
    if first >= last:
        raise InputError(f"'{name}' from {first:g} to {last:g} is an empty range: the first must be lower", "low")
    return first, last


def search(tip: Tip, run: RunWorlds, progress: Progress | None = None) -> list[Curve]:
    """Scan, then refine until every crossing is as finely known as asked; probes of one stage run together."""
    told = _Told(tip)
    probes = [_Probes(setting, tip, told) for setting in tip.cells]
    wanted = [scan_values(tip)] * len(probes)
    while any(wanted):
        told.simulate(
            [cell for one, values in zip(probes, wanted, strict=True) for cell in one.cells(values)], run, progress
        )
        for one, values in zip(probes, wanted, strict=True):
            one.values.extend(values)
        wanted = [_next_values(one, tip) for one in probes]
    return [one.curve() for one in probes]


@dataclass
class _Told:
    """What has been simulated: by cell (name to value, in order) columns of all worlds; `state` is "" where one failed."""

    tip: Tip
    of: dict[tuple[Any, ...], dict[str, Array]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """What varies between cells: the parameter, the second one, and the tightening, which the loose twin has at nothing."""
        return tuple(dict.fromkeys((self.tip.over, *self.tip.cells[0], THETA)))

    def cell(self, setting: Mapping[str, Any], value: float, *, loose: bool = False) -> tuple[Any, ...]:
        """Values of `names` where the parameter has a value, as asked or with loose money."""
        known = {THETA: float(self.tip.scenario.values[THETA]), **setting}
        known[self.tip.over] = int(value) if self.tip.whole else value
        return tuple((known | ({THETA: 0.0} if loose else {}))[name] for name in self.names)

    def simulate(self, cells: Sequence[tuple[Any, ...]], run: RunWorlds, progress: Progress | None) -> None:
        """Simulate the worlds of cells that have not been yet."""
        tip, fresh = self.tip, [cell for cell in dict.fromkeys(cells) if cell not in self.of]
        rows = run(
            tip.preset,
            overrides={name: value for name, value in tip.overrides.items() if name not in self.names},
            varied={
                name: [value for value in column for _ in range(tip.worlds)]
                for name, column in zip(self.names, zip(*fresh, strict=True), strict=True)
            },
            replicates=list(range(tip.worlds)) * len(fresh),
            seed=tip.seed,
            months=tip.months,
            draws=not tip.fixed,
            progress=_counted_on(progress, len(self.of) * tip.worlds),
        )
        sound = (rows["error"] == "").to_numpy()
        columns = {name: rows[name].to_numpy(dtype=np.float64) for name in ("life", *columns_of(tip.levels))}
        columns["state"] = np.where(sound, rows["state"], "")
        for number, cell in enumerate(fresh):
            here = slice(number * tip.worlds, (number + 1) * tip.worlds)
            self.of[cell] = {name: values[here] for name, values in columns.items()}


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
    """Probes so far at one setting."""

    setting: dict[str, Any]
    tip: Tip
    told: _Told
    values: list[float] = field(default_factory=list)
    exhausted: bool = False

    def cells(self, values: Sequence[float]) -> list[tuple[Any, ...]]:
        """What is to be simulated for these probes: worlds as asked, and their twins with loose money."""
        return [self.told.cell(self.setting, value, loose=loose) for value in values for loose in (False, True)]

    def curve(self) -> Curve:
        values = sorted(self.values)
        asked, loose = (
            [self.told.of[self.told.cell(self.setting, value, loose=one)] for value in values] for one in (False, True)
        )

        def stacked(cells: Sequence[Mapping[str, Array]], name: str) -> Array:
            return np.stack([cell[name] for cell in cells], axis=1)

        states = stacked(asked, "state")
        sound = (states != "").all(axis=1) & (stacked(loose, "state") != "").all(axis=1)
        if not sound.any():
            raise InputError("no world could be simulated at all probes: search a narrower range")
        assert self.tip.by is not None
        return Curve(
            self.setting,
            np.array(values),
            stacked(asked, "life")[sound],
            stacked(loose, "life")[sound],
            states[sound],
            np.arange(self.tip.worlds)[sound],
            self.tip.by,
            int((~sound).sum()),
            self.exhausted,
            {name: stacked(asked, name)[sound] for name in columns_of(self.tip.levels)},
        )


def _next_values(probes: _Probes, tip: Tip) -> list[float]:
    """Where to look next: quarters of gaps with a crossing, middles of gaps near the level."""
    assert tip.resolution is not None
    curve = probes.curve()
    fine, coarse = tip.resolution, tip.resolution * COARSER
    wanted: set[float] = set()
    for name, level in tip.levels.items():
        for gap, crossing in response.gaps_to_refine(curve.values, curve.of(name), fine, coarse, level):
            left, right = curve.values[gap], curve.values[gap + 1]
            parts = 4 if crossing and right - left > 2 * fine else 2
            wanted.update(_tidy(np.linspace(left, right, parts + 1)[1:-1], tip.whole))
    fresh = sorted(wanted - set(probes.values))
    room = MOST_PROBES - len(probes.values)
    probes.exhausted = len(fresh) > room
    return fresh[:room]


def _tidy(values: Array, whole: bool) -> list[float]:
    """Values without the dust of floating point, or rounded to whole numbers, in order and without repetition."""
    return sorted({float(round(value)) if whole else float(f"{value:.9g}") for value in values.tolist()})


# --- what is told -------------------------------------------------------------------------------------------


def summarise(tip: Tip, curves: Sequence[Curve]) -> dict[str, Any]:
    """What summary.json says: the question, and thresholds or reasons, crossings and probes of all curves, by their names.

    Without a second parameter the findings stand at the top level; with one, under `cells`, one a value.
    """
    scenario = tip.scenario
    parameter = scenario.definition.parameter(tip.over)
    about: dict[str, Any] = {
        "question": "tipping_point",
        **tip.told(),
        "over": tip.over,
        "unit": parameter.unit,
        "help": parameter.help,
        "range": [tip.low, tip.high],
        "resolution": tip.resolution,
        "by": tip.by,
        "metrics": tip.levels,
    }
    if tip.over == THETA:
        about |= degrees(scenario)
    cells = [summarise_curve(curve, tip.levels, tip.seed) for curve in curves]
    if tip.across is None:
        return about | {key: value for key, value in cells[0].items() if key != "setting"}
    return about | {"across": tip.across[0], "cells": cells}


def summarise_curve(curve: Curve, levels: Mapping[str, float], seed: int = 1) -> dict[str, Any]:
    """One setting's finding: each curve with threshold or reason, and the odds at every probe."""
    lost = curve.of("life_lost")
    ends = response.intervals(lost)
    of_firms = {name: curve.of(name) for name in levels if ":" in name}
    return {
        "setting": curve.setting,
        **{name: _told(curve.values, curve.of(name), level, seed) for name, level in levels.items()},
        "failed_worlds": curve.failed,
        "exhausted": curve.exhausted,
        "probes": [
            {
                "value": float(value),
                "fallen": share_of(curve.of("fallen")[:, k]),
                "life_lost": {"months": float(lost[:, k].mean()), "low": ends[k][0], "high": ends[k][1]},
                "states": shares(curve.states[:, k], STATES),
                **{name: _odds(seen[:, k]) for name, seen in of_firms.items()},
            }
            for k, value in enumerate(curve.values)
        ],
    }


def _odds(seen: Array) -> Mapping[str, float | None] | None:
    """A probe of a firm's curve: share of worlds, or mean loss per dollar, with its interval."""
    return share_of(seen) if seen.dtype == bool else mean_loss(seen)


def _told(values: Array, seen: Array, level: float, seed: int) -> dict[str, Any]:
    found = response.find_threshold(values, seen, seed=seed, level=level)
    mean = seen.mean(axis=0)
    lowest, highest = int(mean.argmin()), int(mean.argmax())
    return {
        "level": level,
        "threshold": found.value,
        "low": found.low,
        "high": found.high,
        "beyond": found.beyond,
        "reason": found.reason,
        "crossings": [asdict(one) for one in found.crossings],
        "response": asdict(found.response),
        "can_tell": response.can_tell(len(seen)),
        "lowest": {"value": float(values[lowest]), **_mean_told(seen[:, lowest])},
        "highest": {"value": float(values[highest]), **_mean_told(seen[:, highest])},
        "worlds": asdict(response.count_switches(values, seen >= level)),
    }


def _mean_told(seen: Array) -> dict[str, float]:
    """The mean of a probe, a share of worlds or of what each loses, with its interval."""
    ((low, high),) = response.intervals(seen[:, None])
    return {"mean": float(seen.mean()), "low": float(low), "high": float(high)}


def degrees(scenario: Scenario) -> dict[str, Any]:
    """What degrees of tightening mean: rates, spreads and venture money at a degree of one, and squeezes of the past."""
    return {
        "at_full_tightening": at_full_tightening(scenario.values),
        "history": {episode.name: place_on_ladder(episode, scenario.values) for episode in HISTORY},
    }


def probes_table(tip: Tip, curves: Sequence[Curve]) -> pd.DataFrame:
    """One row a world and probe: parameters, replicate, life, life with loose money, state at the last month judged, firms."""
    import pandas as pd

    parts = []
    for curve in curves:
        worlds, probes = curve.life.shape
        columns: dict[str, Any] = {name: [value] * (worlds * probes) for name, value in curve.setting.items()}
        columns[tip.over] = np.tile(curve.values, worlds).tolist()
        columns["replicate"] = np.repeat(curve.replicates, probes).tolist()
        columns["seed"] = [tip.seed] * (worlds * probes)
        columns |= {"life": curve.life.ravel(), "loose_life": curve.loose.ravel(), "state": curve.states.ravel().tolist()}
        columns |= {name: values.ravel() for name, values in curve.firms.items()}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)
