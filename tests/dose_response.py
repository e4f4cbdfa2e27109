"""Dose and response under every definition: months of life that a tightening costs, by its start and strength.

Run: `uv run python -m tests.dose_response [--worlds 100] [--preset ono_2025] [--seed 1]`, from the root. Each world is
lived with loose money and with each start and strength, under the same luck and the same draw of what is unknown, and judged by
the definition of the states, by each of its numbers moved by a fifth, by defaults alone, and without what lapses. Printed are
means over all worlds to the end of the run; a row in which a stronger tightening costs less by more than two standard errors of
the paired difference is marked with an asterisk.
"""

from __future__ import annotations

import itertools
import math
import sys
from dataclasses import replace

import numpy as np

from perpetuum.model.economy import Economy
from perpetuum.model.observed.outcome import thresholds_moved
from perpetuum.model.observed.states import Definition, months_simulated
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.model.uncertainty import draw
from perpetuum.model.worlds import Floats
from tests.asked import about_worlds

STARTS, STRENGTHS = (3, 12, 24, 36), (0.2, 0.4, 0.6, 0.8, 1.0)


def definitions() -> dict[str, Definition]:
    """The definition, each number that dates a fall moved by a fifth, and what is left without one of the ways to fall."""
    base = Definition()
    dates_no_fall = ("kept_sales", "paid")
    moved = {
        f"{name} {side}": one
        for name, sides in thresholds_moved().items()
        for side, one in sides.items()
        if name not in dates_no_fall
    }
    return {"the definition": base, **moved, "defaults alone": replace(base, shed=math.inf, fallen_sales=-1.0)}


def lives(preset: str, worlds: int, seed: int, start: int, strength: float) -> dict[str, Floats]:
    """Months of life of each world (worlds,) by definition."""
    given = load_preset(preset)
    drawn = draw(given.unknowns, seed, np.arange(worlds))
    asked = {**drawn, "funding.tightening": strength, "funding.start_month": start}
    economy = Economy(Scenario(preset, asked, worlds=worlds, seed=seed, months=months_simulated(given.months)))
    economy.run()
    return {name: economy.outcome(one).life for name, one in definitions().items()}


def shrinks(costs: list[Floats]) -> bool:
    """Whether a stronger tightening costs less than the next weaker one by more than two standard errors of the difference.

    Costs are of the same worlds in the same order:

    >>> weak, strong = np.array([2.0, 3.0, 4.0]), np.array([1.0, 2.0, 2.0])
    >>> shrinks([weak, strong]), shrinks([strong, weak]), shrinks([weak, np.array([9.0, 3.0, -4.0])])
    (True, False, False)
    """
    for weaker, stronger in itertools.pairwise(costs):
        less = weaker - stronger
        if less.mean() > 2.0 * less.std(ddof=1) / math.sqrt(len(less)):
            return True
    return False


def main() -> int:
    """Print a table for each start."""
    asked = about_worlds(__doc__).parse_args()
    loose = lives(asked.preset, asked.worlds, asked.seed, 0, 0.0)
    for start in STARTS:
        tight = [lives(asked.preset, asked.worlds, asked.seed, start, strength) for strength in STRENGTHS]
        print(f"\nfrom month {start}, strengths {', '.join(f'{one:g}' for one in STRENGTHS)}")
        for name, life in loose.items():
            costs = [(life - one[name]).astype(np.float64) for one in tight]
            mark = " *" if shrinks(costs) else ""
            print(f"  {name:28s}" + "".join(f"{cost.mean():7.1f}" for cost in costs) + mark, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
