"""Does growth live on outside money? What vendors sell a year, with outside money and with none from the first month on.

Run: `uv run python -m tests.growth_without_finance [--worlds 100] [--preset ono_2025] [--seed 1]`, from the root. Each world is
lived twice with loose money under the same luck and the same draw of what is unknown. Printed are medians over worlds.
"""

from __future__ import annotations

import sys

import numpy as np

from perpetuum.model.economy import Economy
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.model.uncertainty import draw
from perpetuum.model.worlds import Floats
from tests.asked import about_worlds

YEARS = 10
SERIES = {"vendor_revenue": "vendors' sales", "capex": "capital spending", "external_ai_revenue": "AI's customers pay"}
NEVER = -1


def by_year(preset: str, worlds: int, seed: int, stop_month: float, years: int = YEARS) -> dict[str, Floats]:
    """$bn a year (worlds, years) by series, where all finance from outside stops in a month (-1: never)."""
    drawn = draw(load_preset(preset).unknowns, seed, np.arange(worlds))
    asked = {**drawn, "funding.tightening": 0.0, "funding.stop_month": stop_month}
    economy = Economy(Scenario(preset, asked, worlds=worlds, seed=seed, months=12 * years, series=tuple(SERIES)))
    economy.run()
    return {name: economy.series[name].reshape(worlds, years, 12).sum(axis=2) for name in SERIES}


def main() -> int:
    """Print a line for each series with and without money from outside."""
    asked = about_worlds(__doc__).parse_args()
    lives = {
        words: by_year(asked.preset, asked.worlds, asked.seed, stop)
        for words, stop in (("with outside money", NEVER), ("without", 0))
    }
    print(f"{'$bn a year, median world':40s}" + "".join(f"{f'year {year}':>8s}" for year in range(1, YEARS + 1)))
    for name, words in SERIES.items():
        for money, series in lives.items():
            middle = np.median(series[name], axis=0)
            print(f"{f'{words}, {money}':40s}" + "".join(f"{value:8.0f}" for value in middle))
    return 0


if __name__ == "__main__":
    sys.exit(main())
