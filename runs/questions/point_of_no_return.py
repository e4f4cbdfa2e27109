"""The point of no return: the last month in which loosening funding still keeps a world from a fall.

Worlds that fall as asked are run again from the month in which the tightening starts, forked into one arm a month of
loosening: from that month on funding eases to nothing, over as many months as it took to tighten. A coarse grid of months
shows whether later is always worse; then the month is searched between the last month that saved a world and the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.outcome import wilson
from perpetuum.model.scenario import InputError
from perpetuum.model.units import NEVER
from perpetuum.model.worlds import Array
from perpetuum.runs.questions.asked_scenario import AskedScenario
from perpetuum.runs.questions.forked_worlds import Steered, Steering
from perpetuum.runs.questions.response_curves import RESAMPLES, draw_worlds
from perpetuum.runs.questions.tipping import THETA, RunWorlds, check_worlds
from perpetuum.runs.study.batches import Progress

if TYPE_CHECKING:
    import pandas as pd

#: Something that simulates steered worlds, as `runs.questions.forked_worlds.run_all` does on some number of workers.
RunSteered = Callable[..., Steering]

#: Months between two months of the coarse grid.
STRIDE = 6
NO_FALLS, NOTHING_SAVES = "no_falls", "nothing_saves"


@dataclass(frozen=True)
class NoReturn(AskedScenario):
    """The question. Raises InputError where funding does not tighten within the run: there is nothing to loosen."""

    stride: int = STRIDE

    def __post_init__(self) -> None:
        check_worlds(self.worlds)
        scenario = self.scenario
        if not scenario.values[THETA] > 0:
            raise InputError(f"funding does not tighten in this scenario, so that there is nothing to loosen: set {THETA}")
        if self.start >= scenario.judged:
            raise InputError(
                f"funding tightens in month {self.start}, after the run's {scenario.judged} months: "
                f"simulate more of them, or set funding.start_month"
            )

    @property
    def end(self) -> int:
        """The first month in which loosening changes nothing, because funding is loose again or the run is over."""
        values = self.scenario.values
        lasts = sum(values[f"funding.{part}_months"] for part in ("ramp", "hold", "release"))
        return min(int(self.start + lasts), self.scenario.judged)


@dataclass(frozen=True)
class Loosening:
    """A plan: from its own month on, funding eases to nothing in each world; `months` (worlds,)."""

    months: Array

    @property
    def first(self) -> int:
        """The first month in which any world is loosened."""
        return int(self.months.min())

    def levels(self, month: int) -> Array:
        """Zero from the month of loosening on, before it nothing is moved."""
        return np.where(self.months <= month, 0.0, np.nan)

    def take(self, places: Array) -> Loosening:
        """Return the plan of chosen worlds."""
        return Loosening(self.months[places])


@dataclass
class Found:
    """What was found. `replicates` (fallen,) fell as asked; `grid` months, `saved` (fallen, grid) which loosening saved.

    `last` (fallen,): last month that saves each world, NEVER where none does; `to_and_fro` (fallen,): whether on the grid
    a later month saved a world that an earlier one did not. `failed`: worlds that could not be simulated.
    """

    replicates: Array
    grid: Array
    saved: Array
    last: Array
    to_and_fro: Array
    stood: int
    failed: int


def search(question: NoReturn, run: RunWorlds, run_steered: RunSteered, progress: Progress | None = None) -> Found:
    """Find the worlds that fall as asked, loosen them month by month on a grid, and close in on each world's last month."""
    rows = run(
        question.preset,
        overrides=question.overrides,
        replicates=list(range(question.worlds)),
        seed=question.seed,
        months=question.months,
        draws=not question.fixed,
    )
    failed = int((rows["error"] != "").sum())
    falls = ((rows["error"] == "") & (rows["state"] == "fallen")).to_numpy()
    replicates = rows["replicate"].to_numpy()[falls]
    stood = question.worlds - failed - len(replicates)
    grid = np.arange(question.start, question.end, question.stride)
    if not len(replicates):
        empty = np.zeros(0, dtype=np.int64)
        return Found(empty, grid, np.zeros((0, len(grid)), dtype=bool), empty, empty.astype(bool), stood, failed)
    done = 0
    # The grid, and about as many halvings as it takes from one stride to a month.
    total = len(replicates) * (len(grid) + int(np.ceil(np.log2(max(question.stride, 1)))))

    def saves(worlds: Array, months: Array) -> Array:
        """Which worlds do not fall when loosened in these months."""
        nonlocal done
        steered = Steered(
            question.preset,
            question.overrides,
            THETA,
            Loosening(months),
            worlds,
            question.seed,
            question.months,
            draws=not question.fixed,
        )
        told = run_steered(steered, progress=progress and (lambda d, _: progress(done + d, max(total, done + d))))
        done += len(worlds)
        return (told.state != "fallen") & (told.state != "")

    saved = saves(np.repeat(replicates, len(grid)), np.tile(grid, len(replicates))).reshape(len(replicates), len(grid))
    last, lost = _brackets(grid, saved, question.end)
    while (open_ := (last != NEVER) & (lost - last > 1)).any():
        middle = (last[open_] + lost[open_]) // 2
        well = saves(replicates[open_], middle)
        last[open_] = np.where(well, middle, last[open_])
        lost[open_] = np.where(well, lost[open_], middle)
    return Found(replicates, grid, saved, last, (np.diff(saved.astype(int), axis=1) > 0).any(axis=1), stood, failed)


def _brackets(grid: Array, saved: Array, end: int) -> tuple[Array, Array]:
    """Last month of the grid that saved each world (NEVER: none), and the next month of the grid, which did not."""
    latest = saved.shape[1] - 1 - saved[:, ::-1].argmax(axis=1)
    any_saved = saved.any(axis=1)
    after = np.append(grid, end)
    return np.where(any_saved, grid[latest], NEVER), np.where(any_saved, after[latest + 1], NEVER)


def still_saved(last: Array, months: Array) -> Array:
    """Share of the fallen worlds that loosening in each of these months, or some later one, saves (months,)."""
    return (last[:, None] >= months[None, :]).mean(axis=0)


def median_month(last: Array) -> int:
    """The last month in which at least half of the fallen worlds can still be saved; NEVER if there is none."""
    return int(np.sort(last)[::-1][(len(last) + 1) // 2 - 1])


def summarise(question: NoReturn, found: Found) -> dict[str, Any]:
    """What summary.json says: the month, its interval, and the share that can still be saved month by month."""
    scenario = question.scenario
    about: dict[str, Any] = {
        "question": "point_of_no_return",
        **question.told(),
        "tightening": scenario.values[THETA],
        "start_month": question.start,
        "end_month": question.end,
        "ramp_months": scenario.values["funding.ramp_months"],
        "easing_month": int(
            question.start + scenario.values["funding.ramp_months"] + scenario.values["funding.hold_months"]
        ),
        "fallen": len(found.replicates),
        "stood": found.stood,
        "failed": found.failed,
    }
    if not len(found.replicates):
        return about | {"month": None, "low": None, "high": None, "reason": NO_FALLS}
    month = median_month(found.last)
    drawn = draw_worlds(len(found.last), RESAMPLES, question.seed).astype(np.int64)
    medians = np.array([median_month(np.repeat(found.last, weights)) for weights in drawn])
    low, high = (int(value) for value in np.quantile(medians, (0.025, 0.975), method="inverted_cdf"))
    never = int((found.last == NEVER).sum())
    months = np.arange(question.start, question.end)
    curve = still_saved(found.last, months)
    intervals = [wilson(round(share * len(found.last)), len(found.last)) for share in curve.tolist()]
    told = month != NEVER
    return about | {
        "month": month if told else None,
        "low": low if told and low != NEVER else None,
        "high": high if told else None,
        "reason": None if told else NOTHING_SAVES,
        "after_start": month - question.start if told else None,
        "never_saved": never,
        "to_and_fro": int(found.to_and_fro.sum()),
        "quartiles": [int(q) for q in np.quantile(found.last[found.last != NEVER], (0.25, 0.75), method="inverted_cdf")]
        if never < len(found.last)
        else None,
        "grid": [{"month": int(m), "saved": float(found.saved[:, k].mean())} for k, m in enumerate(found.grid.tolist())],
        "still_saved": [
            {"month": int(m), "share": float(share), "low": low, "high": high}
            for m, share, (low, high) in zip(months, curve, intervals, strict=True)
        ],
    }


def worlds_table(question: NoReturn, found: Found) -> pd.DataFrame:
    """One row a fallen world: replicate, last month that saves it (-1: none), and whether it went to and fro."""
    import pandas as pd

    return pd.DataFrame(
        {
            "replicate": found.replicates,
            "seed": question.seed,
            "last_month": found.last,
            "to_and_fro": found.to_and_fro,
        }
    )
