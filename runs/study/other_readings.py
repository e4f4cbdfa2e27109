"""Other readings of what nobody knows: the same question asked under twelve sets of three assumptions.

Intervals over worlds say how much luck matters while every parameter stays where it is. What the answer owes to the
parameters themselves shows when those that matter most, and are known least, are read otherwise: how strong demand
is, how fast chips lose their value, and how much a dollar of vendor finance adds. Every reading lives through the same
shocks, those of the run's first replicates.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perpetuum.model.observed.outcome import HEADLINES, headline_shares
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import Scenario
from perpetuum.runs.study import arms as simulate

Array = np.ndarray[Any, Any]

#: Worlds of each reading: enough to tell rare from common, few enough for an answer in seconds.
WORLDS = 6

#: What is read otherwise: factors on the scenario's own values, clipped to the registry's ranges.
#: Demand: at the defaults AI revenue of about 0.37, 0.46 and 0.64 $tn in 2030 (Bain, Sep 2025: 2.0 needed).
#: Depreciation: at the defaults a chip keeps 80 or 60 % of its rent at each new generation, and 12 or 20 % of chips
#: fail or decay in a year (an old vintage's rent falls 25-30 % a year; 9.1 % a year failures in a 54-day training run).
#: Vendor finance: at the defaults 5 or 15 $bn per tied gigawatt (letter of intent, 22 Sep 2025: 10). Labs count it as a
#: rebate on compute, so that it moves how much a vendor dollar adds; the letter's limit of dollars stays.
READINGS: dict[str, dict[str, dict[str, float]]] = {
    "demand": {
        "weak": {"demand.strength": 0.75},
        "unchanged": {"demand.strength": 1.0},
        "strong": {"demand.strength": 1.5},
    },
    "depreciation": {
        "slow": {"technology.value_kept": 0.80 / 0.70, "technology.decay": 0.011 / 0.014},
        "fast": {"technology.value_kept": 0.60 / 0.70, "technology.decay": 0.018 / 0.014},
    },
    "vendor finance": {
        "thin": {"vendor_finance.per_gw": 0.5},
        "ample": {"vendor_finance.per_gw": 1.5},
    },
}
ARMS: dict[str, dict[str, float]] = {"asked": {}, "loose": {"funding.tightening": 0.0}}


@dataclass(frozen=True)
class Cell:
    """One reading: how each assumption is read, the parameters that follow, and the headlines of its worlds by arm."""

    reading: dict[str, str]
    parameters: dict[str, float]
    headlines: dict[str, Array]


def cells_of(values: Mapping[str, Any]) -> list[tuple[dict[str, str], dict[str, float]]]:
    """Every reading and its parameters, from the values of the scenario as asked."""
    result = []
    for levels in itertools.product(*(readings.items() for readings in READINGS.values())):
        reading = {name: level for name, (level, _) in zip(READINGS, levels, strict=True)}
        factors = {parameter: factor for _, moved in levels for parameter, factor in moved.items()}
        result.append((reading, {name: _moved(name, values[name], factor) for name, factor in factors.items()}))
    return result


def _moved(name: str, value: float, factor: float) -> float:
    return float(f"{min(max(value * factor, PARAMETERS[name].low), PARAMETERS[name].high):.6g}")


def simulate_readings(
    question: simulate.Question, worlds: int = WORLDS, progress: Callable[[int, int], None] | None = None
) -> list[Cell]:
    """Run every reading, as asked and loose; no more worlds of each than the question has."""
    scenario = question.scenario()
    worlds, months = min(worlds, question.worlds), int(scenario.months or 0)
    readings = cells_of(scenario.values)
    arms = ARMS if scenario.values["funding.tightening"] > 0 else {"asked": ARMS["asked"]}
    runs = [
        {"funding.tightening": scenario.values["funding.tightening"], **p, **a} for a in arms.values() for _, p in readings
    ]
    overrides = dict(question.overrides)
    overrides.update({name: np.repeat([run[name] for run in runs], worlds) for name in runs[0]})
    batch = Scenario(
        preset=question.preset,
        overrides=overrides,
        worlds=worlds * len(runs),
        seed=question.seed,
        months=months,
        replicates=np.tile(np.arange(worlds), len(runs)),
        series=simulate.JUDGED,
    )
    economy = simulate.make_economy(batch)
    for month in range(months):
        economy.step()
        if progress is not None:
            progress(month + 1, months)
    headlines = economy.outcome().headline.reshape(len(arms), len(readings), worlds)
    by_arm = dict(zip(arms, headlines, strict=True))
    return [
        Cell(reading, parameters, {arm: by_arm.get(arm, by_arm["asked"])[k] for arm in ARMS})
        for k, (reading, parameters) in enumerate(readings)
    ]


def summarise_readings(cells: Sequence[Cell]) -> dict[str, Any]:
    """What `summary.json` says of the readings: every cell, and the range of each headline over the cells."""
    shares = [{arm: headline_shares(one) for arm, one in cell.headlines.items()} for cell in cells]
    return {
        "worlds": len(cells[0].headlines["asked"]),
        "cells": [
            {"reading": cell.reading, "parameters": cell.parameters, **of_arm}
            for cell, of_arm in zip(cells, shares, strict=True)
        ],
        "ranges": {arm: {name: _range([of_arm[arm][name] for of_arm in shares]) for name in HEADLINES} for arm in ARMS},
        "most": {name: _most(cells, [of_arm["asked"][name] for of_arm in shares]) for name in HEADLINES},
    }


def _range(shares: Sequence[float]) -> dict[str, float]:
    return {"low": min(shares), "high": max(shares)}


def _most(cells: Sequence[Cell], shares: Sequence[float]) -> dict[str, Any]:
    """The largest share, in how many cells it occurs, and at which levels of the assumptions that matter for it."""
    top = [cell.reading for cell, share in zip(cells, shares, strict=True) if share == max(shares)]
    found = {
        name: [level for level in levels if any(one[name] == level for one in top)] for name, levels in READINGS.items()
    }
    levels = {name: some for name, some in found.items() if len(some) < len(READINGS[name])}
    return {"share": max(shares), "cells": len(top), "levels": levels}
