"""The map of life lost: what a squeeze costs, in months of life, by the month in which it begins and by how hard it is.

    a cell    mean over worlds of life with loose money - life, within `WITHIN` months of the start, among pairs that have not
              fallen by then (late starts would otherwise lose less by construction); the mean over all pairs beside it

The same worlds (shocks and draws of the same replicates) live in every cell and with loose money. `run` draws a coarse map of
few worlds; with its starts, strengths and number of worlds this one has the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.errors import InputError, about
from perpetuum.model.observed.odds import life_lost_by_start, life_lost_by_world
from perpetuum.model.surroundings.past_squeezes import HISTORY, place_on_ladder
from perpetuum.model.units import date_of
from perpetuum.runs.questions.asked_scenario import AskedScenario
from perpetuum.runs.questions.cells_by_month import months_of_the_run, sound_worlds
from perpetuum.runs.questions.selection import read_study
from perpetuum.runs.questions.tipping import THETA, check_worlds, degrees
from perpetuum.runs.study.description import Study
from perpetuum.runs.study.side_studies import WITHIN
from perpetuum.runs.study.tables import load

if TYPE_CHECKING:
    import pandas as pd

START = "funding.start_month"
#: Months in a cell's row.
_AMOUNTS = ("months", "low", "high", "unconditional", "unconditional_low", "unconditional_high")
#: Starts and strengths unless the user says: every half year for four years, and tenths.
STARTS, STRENGTHS = tuple(range(0, 49, 6)), tuple(step / 10 for step in range(1, 11))


@dataclass(frozen=True)
class LifeLostMap(AskedScenario):
    """The question: which starts (months of the run) and strengths, under which scenario, over how many worlds.

    Raises InputError where a start is no month that is judged, or what the map varies is set as well.
    """

    starts: Sequence[int] | None = None
    strengths: Sequence[float] | None = None

    def __post_init__(self) -> None:
        check_worlds(self.worlds)
        self.leave_free((START, THETA), "mapped")
        with about("starts"):
            starts = months_of_the_run(self.starts, STARTS, self.scenario.judged, "a map", "a start")
        object.__setattr__(self, "starts", starts)
        strengths = tuple(sorted({float(one) for one in self.strengths or STRENGTHS}))
        object.__setattr__(self, "strengths", strengths)
        if not strengths[-1] > 0:
            raise InputError(
                "a tightening of strength 0 is loose money, and costs nothing: give the map a strength above 0", "strengths"
            )

    @property
    def cells(self) -> list[tuple[int, float]]:
        """Loose money first, then every start with every strength that is more than nothing."""
        assert self.starts is not None
        assert self.strengths is not None
        return [(self.starts[0], 0.0), *((start, one) for start in self.starts for one in self.strengths if one > 0)]

    @cached_property
    def study(self) -> Study:
        """All worlds of the map, as a study that can be stopped and continued."""
        starts, strengths = zip(*self.cells, strict=True)
        return self.study_of({START: list(starts), THETA: list(strengths)})


def summarise(asked: LifeLostMap, worlds: pd.DataFrame) -> dict[str, Any]:
    """What summary.json says, from the worlds of the study in their order; a world that failed in any cell is left out of all."""
    cells = asked.cells
    sound = sound_worlds(worlds, len(cells), "of the map: choose other starts or strengths")
    life = worlds["life"].to_numpy(dtype=np.float64).reshape(len(cells), -1)[:, sound]
    loose = life[0]
    lives = dict(zip(cells[1:], life[1:], strict=True))
    assert asked.starts is not None
    assert asked.strengths is not None
    lives |= {(start, one): loose for start in asked.starts for one in asked.strengths if one == 0}
    scenario = asked.scenario
    return {
        "question": "life_lost_map",
        **asked.told(),
        "failed_worlds": int((~sound).sum()),
        **degrees(scenario),
        "history": [{"name": one.name, "theta": place_on_ladder(one, scenario.values)} for one in HISTORY],
        "life_lost_map": life_lost_by_start(lives, loose, WITHIN) | {"worlds": int(sound.sum()), "within": WITHIN},
    }


def by_world(folder: Path, found: Mapping[str, Any]) -> list[list[list[float | None]]]:
    """Months of life lost of each world of a map's study, (worlds, starts, strengths): those whose mean is in `found`.

    A study that is not finished, or not there, has none. Raises InputError where its tables cannot be read.
    """
    study = read_study(folder)
    worlds = load(folder, columns=["error", "life"])
    if len(worlds) != study.worlds:
        return []
    cells = list(zip(study.varied[START], study.varied[THETA], strict=True))
    sound = sound_worlds(worlds, len(cells), "of the map")
    life = worlds["life"].to_numpy(dtype=np.float64).reshape(len(cells), -1)[:, sound]
    lives = {(int(start), float(one)): of_cell for (start, one), of_cell in zip(cells[1:], life[1:], strict=True)}
    lives |= {(start, one): life[0] for start in found["starts"] for one in found["strengths"] if one == 0}
    return life_lost_by_world(lives, life[0], found["within"])


def cells_table(summary: Mapping[str, Any]) -> pd.DataFrame:
    """One row a start and strength: months of life lost with interval, pairs not fallen at the start, and over all pairs.

    `beyond_chance`: more is lost than chance would bring somewhere among so many cells.
    """
    import pandas as pd

    found = summary["life_lost_map"]
    rows = [
        {
            "start": start,
            "date": date_of(summary["first_month"], start).isoformat(),
            "strength": strength,
            **{name: found[name][row][column] for name in (*_AMOUNTS[:3], "pairs", *_AMOUNTS[3:], "beyond_chance")},
        }
        for row, start in enumerate(found["starts"])
        for column, strength in enumerate(found["strengths"])
    ]
    return pd.DataFrame(rows).astype(dict.fromkeys(_AMOUNTS, float))
