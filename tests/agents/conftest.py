"""An economy in trouble, with every threshold in sight, of which agents' decisions are looked at."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from tests.plain import OFF, PLAIN

WORLDS = 4
#: No two channels of the squeeze alike.
CHANNELS = {
    "venture": 0.9,
    "margin": 0.8,
    "collateral": 0.7,
    "covenants": 0.6,
    "spreads": 0.5,
    "valuation": 0.4,
    "capex": 0.3,
}


@pytest.fixture
def economy():
    """Some months in, with opinion, runways and coverage on either side of every threshold."""
    overrides = {
        **OFF,
        "funding.tightening": [0.25, 0.5, 0.75, 1.0],
        "funding.start_month": 1,
        **{f"funding.channel_{name}": weight for name, weight in CHANNELS.items()},
        "funding.graded_share": 0.25,
        "funding.lending_fall": 0.75,
        "states.hoarding": [0.5, 1.0, 0.75, 0.25],
        "states.arms_race": 0.5,
        "states.dip_buying": 2.0,
        "vendor_finance.tied": 1,
    }
    one = Economy(Scenario(preset=PLAIN, worlds=WORLDS, months=6, overrides=overrides))
    for _ in range(4):
        one.step()
    one.narrative.sentiment = np.array([-0.6, -0.1, 0.3, 0.8])
    return one
