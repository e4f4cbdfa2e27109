"""What of the odds, and of who defaults, comes from credit, from lapses, and from how own use is counted, each as in the sketch.

Run: `uv run python -m tests.credit_as_in_the_sketch [--worlds 400] [--preset ono_2025] [--seed 1]`, from the root. The same
worlds, with the same luck, the same draw of what is unknown and loose money, live in every row; intervals are 95 %, of paired
worlds. In the sketch of this economy loans have no covenants that lenders call them for, what a firm pays over the market's rate
does not answer to how it stands, debt comes due over ten years, few contracts lapse, and clouds' own use of chips is a sale and a
cost (`tests/against_the_sketch.py`; what comes of it: model/DECISIONS.md, "Against the sketch, table by table").
"""

from __future__ import annotations

import sys

from perpetuum.model.economy import Economy
from perpetuum.model.observed.outcome import judge
from perpetuum.model.observed.states import FALLEN, Definition
from perpetuum.model.scenario import load_preset
from perpetuum.model.worlds import Array
from tests.against_the_sketch import (
    ALONE,
    FIRMS,
    FLAT_SPREADS,
    LONG_DEBT,
    NO_LAPSES,
    SKETCH_LAPSES,
    Replaced,
    Settings,
    first_defaults,
    lived,
    told,
    with_rules,
)
from tests.asked import about_worlds

#: Covenants as loose as they can be (the registry's widest slacks), and no sweep of cash: lenders hardly ever call a loan.
NO_COVENANTS = {
    "credit.coverage_covenant": 0.0,
    "credit.collateral_slack": 3.0,
    "credit.leverage_slack": 5.0,
    "credit.sweep_share": 0.0,
}
CREDIT = NO_COVENANTS | FLAT_SPREADS | LONG_DEBT
#: Months at which states are told, beside the last one judged: of `ono_2025` the ends of 2026, 2028 and 2030.
MONTHS = (14, 38, 62)
ROWS: tuple[tuple[str, Settings, tuple[Replaced, ...], float], ...] = (
    ("as it is", {}, (), 1.0),
    ("no covenants", NO_COVENANTS, (), 1.0),
    ("spreads do not answer to the firm", FLAT_SPREADS, (), 1.0),
    ("debt comes due over ten years", LONG_DEBT, (), 1.0),
    ("all three of credit", CREDIT, (), 1.0),
    ("and contracts lapse as in the sketch", CREDIT, SKETCH_LAPSES, 1.0),
    ("the same, half the demand", CREDIT, SKETCH_LAPSES, 0.5),
    ("the same, twice the demand", CREDIT, SKETCH_LAPSES, 2.0),
)


def states_of(economy: Economy, own_use: bool, definition: Definition) -> Array:
    """States by month (worlds, months judged), with clouds' own use as a sale and a cost, or left out on both sides."""
    facts = dict(economy.core_events)
    if not own_use:
        return economy.outcome(definition).dates.state
    facts |= {"paid": facts["paid"] + facts["own_use_value"], "spent": facts["spent_whole"]}
    return judge(facts, economy.core, {}, definition).dates.state


def main() -> int:
    """Print a row for each change, and under it the odds by date in four readings."""
    ask = about_worlds(__doc__)
    ask.set_defaults(worlds=400)
    asked = ask.parse_args()
    judged, usual = load_preset(asked.preset).months, {}
    for words, settings, rules, strength in ROWS:
        with with_rules(*rules):
            economy = lived(asked.preset, asked.worlds, asked.seed, settings, strength)
        defaults = first_defaults(economy, judged) >= 0
        before = usual.setdefault("defaults", defaults)
        print(f"\n{words}")
        for n, firm in enumerate(FIRMS):
            less = told(before[n] * 1.0 - defaults[n], 100)
            print(
                f"  {firm:16s} defaults in {100 * defaults[n].mean():4.1f} %, points less than as it is {less}", flush=True
            )
        for own_use in (False, True):
            for counted, definition in (("lapses counted", Definition()), ("no lapse counted", NO_LAPSES)):
                told_at = [*(month for month in MONTHS if month < judged - 1), judged - 1]
                states = states_of(economy, own_use, definition)[:, told_at]
                fallen, alone = ([f"{100 * part:.0f}" for part in (states == one).mean(axis=0)] for one in (FALLEN, ALONE))
                as_is = usual.setdefault((own_use, counted), states)
                fewer = told((as_is[:, -1] == FALLEN) * 1.0 - (states[:, -1] == FALLEN), 100)
                reading = f"{'own use on both sides' if own_use else 'own use left out'}, {counted}"
                print(
                    f"  {reading:40s} fallen {', '.join(fallen)}; alone {', '.join(alone)}; points fewer fall {fewer}",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
