"""Which parameters move nothing: `uv run python -m tests.idle_parameters [NAME ...]` (minutes for all of them).

Situations are tried one after the other, each with what nothing has moved so far. A parameter is moved to both ends of its range
in a world of its own, which has the same luck as all the others: what differs comes from it alone.
"""

from __future__ import annotations

import sys

import numpy as np

from perpetuum.model.economy import Economy
from perpetuum.model.observed.series import SERIES
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.presets import load_preset
from perpetuum.model.scenario import Scenario

#: Worlds of a batch.
BATCH = 250
#: Preset, months, and what is set: a calm world, one whose funding stops dead, one that was lent too much, another industry.
SITUATIONS = (
    ("ono_2025", 36, {}),
    ("ono_2025", 72, {"demand.strength": 0.4, "funding.tightening": 1.0, "funding.start_month": 6}),
    (
        "ono_2025",
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
    ("ono_2025", 120, {"funding.tightening": 1.0}),
    ("telecom_1999", 48, {}),
)


def ends(parameter):
    """The ends of a parameter's range, or all its options."""
    if parameter.kind == "choice":
        return parameter.choices
    return (False, True) if parameter.kind == "bool" else (parameter.low, parameter.high)


def known(settings):
    """Those of the settings that the registry has."""
    return {name: value for name, value in settings.items() if name in PARAMETERS}


def series_of(preset, months, worlds, usual):
    """Series (worlds, months) of worlds that differ by their settings and by nothing else."""
    names = sorted({name for world in worlds for name in world})
    overrides = {name: [world.get(name, usual[name]) for world in worlds] for name in names}
    alike = Scenario(
        preset=preset, overrides=overrides, worlds=len(worlds), months=months, replicates=np.zeros(len(worlds), int)
    )
    economy = Economy(alike)
    economy.run()
    return {name: economy.series[name] for name in SERIES}


def moved(preset, months, settings, names):
    """Those of the parameters whose ends give series that differ from one another."""
    usual = {name: parameter.default for name, parameter in PARAMETERS.items()} | load_preset(preset).values
    base = known(settings)
    found = set()
    free = [name for name in names if not PARAMETERS[name].structural]
    cases = [(name, end) for name in free for end in ends(PARAMETERS[name])]
    for first in range(0, len(cases), BATCH):
        here = cases[first : first + BATCH]
        series = series_of(preset, months, [base, *({**base, name: end} for name, end in here)], usual)
        for place, (name, _) in enumerate(here, start=1):
            if any(not np.array_equal(rows[place], rows[0], equal_nan=True) for rows in series.values()):
                found.add(name)
    for name in names:
        if PARAMETERS[name].structural:
            told = [structural(preset, min(months, 24), {**base, name: end}) for end in ends(PARAMETERS[name])]
            if any(
                one.keys() != told[0].keys()
                or any(not np.array_equal(one[key], told[0][key], equal_nan=True) for key in one)
                for one in told[1:]
            ):
                found.add(name)
    return found


def structural(preset, months, settings):
    """Series of one world with a structural parameter set."""
    economy = Economy(Scenario(preset=preset, overrides=settings, worlds=1, months=months))
    economy.run()
    return {name: economy.series[name] for name in SERIES}


def idle(names=()):
    """Parameters, of these or of all, that no situation moves."""
    left = list(names or PARAMETERS)
    for preset, months, settings in SITUATIONS:
        if left:
            gone = moved(preset, months, settings, left)
            left = [name for name in left if name not in gone]
            print(f"{preset}, {months} months, {settings}: {len(left)} move nothing: {', '.join(left)}", flush=True)
    return left


if __name__ == "__main__":
    idle(sys.argv[1:])
