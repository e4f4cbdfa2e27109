"""Which parameters move nothing: `uv run python -m tests.idle_parameters [NAME ...]` (minutes for all of them).

Situations are tried one after the other, each with what nothing has moved so far. A parameter is moved to both ends of its range
in a world of its own, which has the same luck as all the others: what differs comes from it alone. What may differ: the series,
also those computed only on demand, the facts that the verdict reads, and, of a single world, the payments of the ring.
"""

from __future__ import annotations

import itertools
import sys

import numpy as np

from perpetuum.model.economy import Economy
from perpetuum.model.errors import InputError
from perpetuum.model.observed.series import MEASURES, SERIES
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.presets import load_preset
from perpetuum.model.scenario import Scenario

#: Worlds of a batch.
BATCH = 250
#: Rules of the registry's own, in place of those that the preset of 2025 switches on.
PLAIN = {
    f"{group}.on": False for group in ("growth", "building", "ambition", "leases", "supply", "rollover", "prices", "support")
}
STOPPED_DEAD = {"demand.strength": 0.4, "funding.tightening": 1.0, "funding.start_month": 6}
#: Preset, months, and what is set: worlds in which what is idle in the ones before has something to do. Those that move most for
#: their months come first: all of them are tried until nothing is left.
SITUATIONS = (
    ("ono_2025", 14, {}),
    (
        "ono_2025",  # the vendor rescues again and again, and states wait for a dip
        72,
        {
            **PLAIN,
            **STOPPED_DEAD,
            "vendor_finance.rescue_runway": 24.0,
            "vendor_finance.rescue_dilution": 0.02,
            "states.dip_price": 1.4,
            "states.hoarding": 1.0,
        },
    ),
    ("ono_2025", 24, {"funding.tightening": 1.0, "funding.start_month": 3, "funding.rate_rise": -0.08}),  # rates are cut
    (
        "ono_2025",  # power is short, finance is untied, a wave of products breaks
        84,
        {
            "power.on": True,
            "demand.strength": 2.0,
            "vendor_finance.tied": False,
            "vendor_finance.instrument": "guarantee",
            "growth.break_rate": 0.03,
            "funding.tightening": 0.7,
            "funding.start_month": 24,
            "funding.hold_months": 18,
        },
    ),
    ("ono_2025", 84, {"landlords.on": True, "demand.strength": 0.5, "funding.tightening": 1.0, "funding.start_month": 12}),
    ("ono_2025", 36, {"growth.bend_to": 0.1, "funding.stop_month": 6}),
    (
        "ono_2025",  # lent too much
        72,
        {
            "demand.strength": 0.3,
            "funding.tightening": 1.0,
            "funding.start_month": 18,
            "vendor_finance.scale": 3.0,
            "vendor_finance.instrument": "loan",
            "support.additionality": 0.0,
        },
    ),
    ("ono_2023", 120, {"demand.strength": 0.7}),
    ("ono_2025", 60, {**PLAIN, **STOPPED_DEAD, "credit.leverage_limit": 2.0}),  # covenants are tight
    (
        "ono_2025",
        84,
        {
            **PLAIN,
            "demand.strength": 0.4,
            "vendor_finance.scale": 3.0,
            "vendor_finance.instrument": "loan",
            "funding.tightening": 1.0,
            "funding.start_month": 30,
            "funding.hold_months": 18,
        },
    ),
    ("ono_2025", 72, STOPPED_DEAD),
    ("ono_2025", 120, {"funding.tightening": 1.0}),
    ("telecom_1999", 48, {}),
    ("ono_2025", 72, {**PLAIN, "funding.tightening": 1.0, "funding.start_month": 18}),
    ("ono_2025", 48, {"demand.strength": 4.0, "labs.dividend_months": 0.0}),  # labs pay their owners
    ("triangle", 60, {"vendor_finance.scale": 0.5, "default.threshold": 0.1}),  # bills are paid in part
    ("ono_2025", 36, {"venture.round_cap": 0.02}),  # labs seek more than rounds can hold
)
#: What bounds how many times its revenue a lab may be worth, and worlds that its other end refuses before the first month.
BOUND, BEYOND = "venture.opening_multiple", ("ono_2025", 1, {"lead_lab.revenue": 0.02})


def ends(parameter):
    """The ends of a parameter's range, or all its options."""
    if parameter.name == "investors.per_strategy":
        return (1, 300)  # a million investors a strategy take a minute to draw
    if parameter.kind == "choice":
        return parameter.choices
    return (False, True) if parameter.kind == "bool" else (parameter.low, parameter.high)


def by_itself(name):
    """Whether all worlds of a batch have the same of it, or its other end is refused before the first month."""
    return PARAMETERS[name].structural or name == BOUND


def outputs(economy):
    """All that a batch tells month by month: name to (worlds, months)."""
    return {**{name: economy.series[name] for name in economy.scenario.series}, **economy.core_events}


def of_worlds(preset, months, worlds, usual, series):
    """Outputs of worlds that differ by their settings and by nothing else."""
    names = sorted({name for world in worlds for name in world})
    overrides = {name: [world[name] if name in world else usual[name] for world in worlds] for name in names}
    overrides |= {name: overrides[name][0] for name in names if name in PARAMETERS and PARAMETERS[name].structural}
    alike = Scenario(
        preset=preset,
        overrides=overrides,
        worlds=len(worlds),
        months=months,
        replicates=np.zeros(len(worlds), int),
        series=series,
    )
    economy = Economy(alike)
    economy.run()
    return outputs(economy)


def of_one(preset, months, settings, series):
    """Outputs of one world, with the payments of its ring; of a refused one, that it is."""
    try:
        economy = Economy(Scenario(preset=preset, overrides=settings, worlds=1, months=months, series=series))
        economy.run()
    except InputError:
        return {"refused": np.ones(1)}
    ring = {
        (*way, colour): np.array(paid) for way, colours in economy.ring_flows().items() for colour, paid in colours.items()
    }
    return {**outputs(economy), **ring}


def differ(one, other):
    """Whether two sets of outputs are not the same to the last bit."""
    return one.keys() != other.keys() or any(not np.array_equal(one[key], other[key], equal_nan=True) for key in one)


def moved(preset, months, settings, names, series=tuple(MEASURES)):
    """Those of the parameters whose ends give outputs, among them these series, that differ from one another."""
    usual = {name: parameter.default for name, parameter in PARAMETERS.items()} | load_preset(preset).values
    alone = [name for name in names if by_itself(name)]
    found = set()
    for name in alone:
        first, *others = (of_one(preset, months, {**settings, name: end}, series) for end in ends(PARAMETERS[name]))
        if any(differ(first, other) for other in others):
            found.add(name)
    cases = [(name, end) for name in names if name not in alone for end in ends(PARAMETERS[name])]
    for start in range(0, len(cases), BATCH):
        here = cases[start : start + BATCH]
        told = of_worlds(preset, months, [settings, *({**settings, name: end} for name, end in here)], usual, series)
        for place, (name, _) in enumerate(here, start=1):
            if any(not np.array_equal(rows[place], rows[0], equal_nan=True) for rows in told.values()):
                found.add(name)
    return found


def idle(names=()):
    """Parameters, of these or of all, that no situation moves.

    Series that are computed on demand alone take as long as the month: they are asked for once the others have told enough.
    """
    left = list(names or PARAMETERS)
    first = ((tuple(SERIES), BEYOND, [name for name in left if name == BOUND]),)
    others = itertools.product((tuple(SERIES), tuple(MEASURES)), SITUATIONS)
    for series, (preset, months, settings), *only in (*first, *others):
        if left:
            gone = moved(preset, months, settings, *(only or [left]), series)
            left = [name for name in left if name not in gone]
            print(f"{preset}, {months} months, {settings}: {len(left)} move nothing: {', '.join(left)}", flush=True)
    return left


if __name__ == "__main__":
    sys.exit(1 if idle(sys.argv[1:]) else 0)
