"""What may happen in the first year: changes of every headline series over worlds that draw every unknown.

Prints a table: `uv run python -m tests.first_year` (half a minute).
"""

from __future__ import annotations

import numpy as np

from perpetuum.model import Economy, Scenario
from perpetuum.model.scenario import load_preset
from perpetuum.model.uncertainty import draw
from perpetuum.model.worlds import Floats

#: What may rise or fall in a year; debt taken up for what is being built only rises in so short a time.
SERIES = (
    "external_ai_revenue",
    "lead_lab_revenue",
    "vendor_revenue",
    "capex",
    "compute_rent",
    "vendor_market_cap",
    "lead_lab_valuation",
    "gold_price",
    "high_yield_spread",
    "weekly_users",
    "rpo",
)
#: What labs earn and burn.
LABS = ("lab_revenue", "lab_burn", "lead_lab_burn")
#: What happens in one world of a thousand is in none of three thousand once in twenty times: twice as many are looked at.
WORLDS, BATCHES = 3000, 2
PERCENTILES = {"least": 0, "1 %": 1, "10 %": 10, "median": 50, "90 %": 90, "99 %": 99, "most": 100}


def lived(worlds: int = WORLDS, batches: int = BATCHES) -> dict[str, Floats]:
    """Series of the default over thirteen months of loose money, (worlds x batches, months), by name."""
    found = []
    for batch in range(batches):
        replicates = np.arange(batch * worlds, (batch + 1) * worlds)
        drawn = draw(load_preset("ono_2025").unknowns, 1, replicates)
        settings = {**drawn, "funding.tightening": 0.0}
        economy = Economy(Scenario("ono_2025", settings, worlds=worlds, seed=1, months=13, replicates=replicates))
        economy.run()
        found.append({name: economy.series[name] for name in (*SERIES, *LABS)})
    return {name: np.concatenate([series[name] for series in found]) for name in found[0]}


def changes(series: dict[str, Floats]) -> dict[str, Floats]:
    """ln of the thirteenth month over the first, by series, (worlds,)."""
    return {name: np.log(series[name][:, 12] / series[name][:, 0]) for name in SERIES}


def main() -> None:
    """Print a row a series, in % of its first month."""
    print(f"{'change over a year, %':24}" + "".join(f"{name:>9}" for name in PERCENTILES))
    for name, change in changes(lived()).items():
        print(
            f"{name:24}"
            + "".join(f"{100 * np.expm1(one):9.0f}" for one in np.percentile(change, list(PERCENTILES.values())))
        )


if __name__ == "__main__":
    main()
