"""The bracket of traced own money: wherever it is shown it holds the value beside it."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.visualization.app.panels import _OWN, values
from perpetuum.visualization.app.session import Session, Start
from perpetuum.visualization.app.verdict import figures

SCENARIOS = {
    "ono_2025": Start("ono_2025", months=49),
    "loans, weak demand, tight": Start(
        "ono_2025",
        settings={
            "vendor_finance.instrument": "loan",
            "vendor_finance.scale": 3.0,
            "demand.strength": 0.3,
            "funding.tightening": 1.0,
        },
        months=49,
    ),
    "triangle with loans": Start("triangle", settings={"vendor_finance.instrument": "loan"}, months=49),
}


@pytest.mark.parametrize(
    "start",
    [pytest.param(start, id=name, marks=[pytest.mark.slow] * (name == "ono_2025")) for name, start in SCENARIOS.items()],
)
def test_every_reading_of_own_money_lies_within_its_bracket(start):
    session = Session(start)
    while not session.ended:
        session.step()
    seen = figures(session, 0)
    assert (seen.own_low <= seen.own + 1e-12).all()
    assert (seen.own <= seen.own_high + 1e-12).all()
    assert _OWN.bracket is not None
    low, middle, high = (values(session.economy, line) for line in (_OWN.bracket[0], _OWN, _OWN.bracket[1]))
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert float(np.max(high - low)) > 0 or start.preset == "triangle"
