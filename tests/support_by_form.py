"""What the vendor's help gives, by the instrument in which it comes, against a vendor that helps nobody.

Run: `uv run python -m tests.support_by_form [--worlds 100] [--preset ono_2025] [--seed 1]`, from the root. Each world is lived
with and without help (`support.on`; without: no rescue either), with loose money and with full tightening from the thirteenth
month on, under the same luck and the same draw of what is unknown. Printed are months of life that help gives (means of pairs
with 95 % intervals), first defaults of the lead lab and of neoclouds (median month), the median ratio of the peaks of sales, and
what tightening costs.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from perpetuum.model.economy import Economy
from perpetuum.model.observed.odds import mean_with_interval
from perpetuum.model.observed.states import months_simulated
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.model.uncertainty import draw
from perpetuum.model.worlds import Array, Floats
from tests.asked import about_worlds

FORMS = ("equity", "loan", "lease", "guarantee")
MONEY = {"loose": {"funding.tightening": 0.0}, "tight": {"funding.tightening": 1.0, "funding.start_month": 12}}
HELP, NOBODY = {"support.on": True}, {"support.on": False, "vendor_finance.rescue_share": 0.0}
FIRMS = ("lead_lab", "neocloud")


class Lived(NamedTuple):
    """Months of life, peaks of sales and first defaults by firm (-1: none), (worlds,) each."""

    life: Floats
    peak: Floats
    defaults: dict[str, Array]


def lived(preset: str, worlds: int, seed: int, settings: Mapping[str, Any]) -> Lived:
    """Worlds of a preset with their own draws and some settings."""
    given = load_preset(preset)
    drawn = draw(given.unknowns, seed, np.arange(worlds))
    months = months_simulated(given.months)
    economy = Economy(Scenario(preset, {**drawn, **settings}, worlds=worlds, seed=seed, months=months))
    economy.run()
    outcome, firms = economy.outcome(), economy.firm_defaults
    told = firms.told(given.months)["default_month"]
    defaults = {name: told[firms.names.index(name)] for name in FIRMS}
    return Lived(outcome.life.astype(np.float64), outcome.metrics["peak_revenue"], defaults)


def of_defaults(months: Array) -> str:
    """How many default, and the median month in which they do."""
    fell = months[months >= 0]
    return f"{len(fell)} @ {np.median(fell):g}" if len(fell) else "0"


def main() -> int:
    """Print a line for each form and state of money."""
    asked = about_worlds(__doc__).parse_args()
    for form in FORMS:
        lives: dict[str, tuple[Floats, Floats]] = {}
        for money, funding in MONEY.items():
            settings = {"vendor_finance.instrument": form, **funding}
            helped, alone = (lived(asked.preset, asked.worlds, asked.seed, {**settings, **who}) for who in (HELP, NOBODY))
            lives[money] = helped.life, alone.life
            gives = mean_with_interval(helped.life - alone.life)
            defaults = ", ".join(
                f"{name} {of_defaults(alone.defaults[name])} to {of_defaults(helped.defaults[name])}" for name in FIRMS
            )
            print(
                f"{form:9s} {money:5s} life {gives['months']:+.1f} ({gives['low']:.1f} to {gives['high']:.1f}); {defaults}; "
                f"peak x {np.median(helped.peak / alone.peak):.3f}",
                flush=True,
            )
        with_help, without = (
            float((loose - tight).mean()) for loose, tight in zip(lives["loose"], lives["tight"], strict=True)
        )
        print(f"{form:9s} tightening costs {with_help:.1f} months with help and {without:.1f} without", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
