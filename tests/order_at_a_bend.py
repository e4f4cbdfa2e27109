"""What turns first when demand's growth bends: months after the bend until each series stays well below where it would be.

Run: `uv run python -m tests.order_at_a_bend [--worlds 100] [--preset ono_2025] [--seed 1] [--set power.on=true ...]`, from the
root. Each world is lived twice with loose money under the same luck and the same draw of what is unknown; in one of the two all
growth of demand is multiplied by a tenth from month 24 on (`growth.bend_to`). A series has turned where its sum over half a year
stays under nine tenths of that of the world without the bend for half a year. Printed are median and quartiles over worlds, and
in how many worlds it turns at all within six years.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from perpetuum.model.economy import Economy
from perpetuum.model.observed.states import trailing_sum
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.model.uncertainty import draw
from perpetuum.model.worlds import Array, Floats, Mask
from tests.asked import about_worlds

BEND, BEND_TO, MONTHS, WINDOW, LEFT = 24, 0.1, 96, 6, 0.9
SERIES = ("compute_rent", "bond_issuance", "vendor_revenue", "capex", "shells")


def lived(preset: str, worlds: int, seed: int, settings: Mapping[str, Any]) -> dict[str, Floats]:
    """Series by name (worlds, months), with the GW of chips that are ordered."""
    drawn = draw(load_preset(preset).unknowns, seed, np.arange(worlds))
    asked = {**drawn, "funding.tightening": 0.0, "growth.bend_month": BEND, **settings}
    economy = Economy(Scenario(preset, asked, worlds=worlds, seed=seed, months=MONTHS, series=SERIES))
    ordered = np.zeros((MONTHS, worlds))
    for month in range(MONTHS):
        economy.step()
        ordered[month] = economy.chips.ordered.sum(axis=0)
    return {"orders": ordered.T, **{name: economy.series[name] for name in SERIES}}


def turns(bent: Floats, straight: Floats) -> Array:
    """Months after the bend until a series (worlds, months) is, over half a year, under nine tenths of the other for half a year.

    -1 where it is not.
    """
    low = trailing_sum(bent, WINDOW) < LEFT * trailing_sum(straight, WINDOW)
    after: Mask = low[:, BEND:]
    stays = np.array([after[:, k : k + WINDOW].all(axis=1) for k in range(after.shape[1] - WINDOW + 1)]).T
    return np.where(stays.any(axis=1), stays.argmax(axis=1), -1)


def main() -> int:
    """Print a line for each series, those that turn first above."""
    ask = about_worlds(__doc__)
    ask.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    asked = ask.parse_args()
    settings = {name: value for name, value in (told.split("=", 1) for told in asked.set)}
    straight, bent = (
        lived(asked.preset, asked.worlds, asked.seed, {**settings, "growth.bend_to": to}) for to in (1.0, BEND_TO)
    )
    found = {name: turns(bent[name], straight[name]) for name in bent}
    for name, months in sorted(found.items(), key=lambda one: np.median(np.where(one[1] < 0, MONTHS, one[1]))):
        low, middle, high = np.quantile(months[months >= 0], (0.25, 0.5, 0.75)) if (months >= 0).any() else (np.nan,) * 3
        share = (months >= 0).mean()
        print(f"{name:16s} {middle:4.0f} ({low:.0f} to {high:.0f}) months after the bend, in {share:.0%} of worlds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
