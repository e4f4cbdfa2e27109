"""`triangle` defaults in the month that its formula says (model/README.md), stands still, and returns what its shares say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.scenario import Scenario

HORIZON = 120
#: The triangle's knobs: name in the registry and value in the preset.
KNOBS = {
    "finance": ("vendor_finance.scale", 1.0),
    "limit": ("vendor_finance.limit", 240.0),
    "letter": ("vendor_finance.untied_months", 240),
    "contract": ("contracts.precommitment", 1.0),
    "revenue": ("lead_lab.revenue", 48.0),
    "costs": ("lead_lab.other_costs", 12.0),
    "cash": ("lead_lab.cash", 6.0),
    "vendor_cash": ("lead_vendor.cash", 10.0),
    "margin": ("lead_vendor.margin", 0.5),
    "chips": ("clouds.capex_base", 1.0),
}


def monthly(**turned: float) -> dict[str, float]:
    """The symbols of model/README.md ($bn a month) from the knobs that are turned."""
    knob = {name: turned.get(name, default) for name, (_, default) in KNOBS.items()}
    B = 4.0 * knob["contract"]
    S = knob["chips"] * (B - 1.0)
    return {
        "R": knob["revenue"] / 12,
        "D": B + knob["costs"] / 12,
        "B": B,
        "S": S,
        "F": knob["finance"] * knob["limit"] / knob["letter"],
        "returned": knob["margin"] * S - 0.5,
        "M": knob["letter"],
        "C": knob["cash"],
        "X": knob["vendor_cash"] - 5.0,
    }


def default_month(**turned: float) -> float:
    """First month (0 is the first) in which the lab cannot pay a bill in full; infinite if it always can.

    By month t the lab has had C + (t+1) R and Phi(t) of finance, and owed (t+1) D, where
    Phi(t) = min(n F, X + (n-1) F*), n = min(t+1, M): the smallest of four lines, so that the first line to
    fall short decides.
    """
    m = monthly(**turned)
    earned = m["returned"]
    lines = (
        (m["C"], m["D"] - m["R"] - m["F"]),  # finance flows
        (m["C"] + m["X"] - earned, m["D"] - m["R"] - earned),  # the vendor gives what it earns
        (m["C"] + m["M"] * m["F"], m["D"] - m["R"]),  # the letter has ended
        (m["C"] + m["X"] + (m["M"] - 1) * earned, m["D"] - m["R"]),  # both
    )
    return min((math.floor(means / gap) for means, gap in lines if gap > 1e-12), default=math.inf)


SETTINGS = {
    "as it is": {},
    "less finance": {"finance": 0.45},
    "no finance": {"finance": 0.0, "cash": 6.5},
    "less revenue": {"revenue": 45.6, "cash": 6.5},
    "larger contract": {"contract": 1.07},
    "largest contract, more finance": {"contract": 1.3, "finance": 1.25},
    "smaller contract": {"contract": 0.9},
    "dearer staff": {"costs": 15.0, "cash": 3.1},
    "thin margin: less comes back": {"margin": 0.4},
    "fewer chips: less comes back": {"chips": 0.8},
    "letter ends": {"limit": 60.0, "letter": 60, "cash": 6.5},
    "letter ends, thin margin": {"limit": 30.0, "letter": 30, "margin": 0.4},
    # Both sides of the boundary "the cash lasts 120 months", b = C / 120.
    "just enough revenue": {"revenue": 47.5},
    "just too little revenue": {"revenue": 47.3},
    # Both sides of the boundary "for ever", with next to no cash: R + F = D ...
    "a little above": {"revenue": 48.1, "cash": 0.02},
    "a little below": {"revenue": 47.9, "cash": 0.02},
    "a little more finance": {"finance": 1.01, "cash": 0.1},
    "a little less finance": {"finance": 0.99, "cash": 0.1},
    # ... and m S = F + k_V: what comes back to the vendor carries the finance.
    "enough comes back": {"margin": 0.51, "cash": 0.5, "vendor_cash": 6.2},
    "too little comes back": {"margin": 0.49, "cash": 0.5, "vendor_cash": 6.2},
}


def triangle(settings: list[dict[str, float]], months: int = HORIZON) -> Economy:
    """Run one world for each setting."""
    overrides = {
        name: np.array([setting.get(knob, default) for setting in settings]) for knob, (name, default) in KNOBS.items()
    }
    economy = Economy(Scenario(preset="triangle", overrides=overrides, worlds=len(settings), months=months))
    economy.run()
    return economy


@pytest.fixture(scope="module")
def triangles() -> Economy:
    """Every setting for the whole horizon."""
    return triangle(list(SETTINGS.values()))


@pytest.mark.parametrize("name", SETTINGS)
def test_triangle_defaults_in_the_month_that_the_formula_says(triangles, name):
    world = list(SETTINGS).index(name)
    months = np.flatnonzero(triangles.core_events["default:lead_lab"][world])
    expected = default_month(**SETTINGS[name])
    if expected >= HORIZON:
        assert len(months) == 0
        assert not triangles.core_events["arrears:lead_lab"][world].any()
    else:
        assert len(months) > 0
        assert abs(months[0] - expected) <= 1
        assert not triangles.core_events["arrears:lead_lab"][world, : months[0]].any()


def test_triangle_stands_still(triangles):
    """At the preset's own settings customers put in what leaks out, and nobody's cash moves (but for whole lots)."""
    constant = ("vendor_revenue", "lab_revenue", "gw_in_service", "gpu_price", "compute_rent", "gold_price")
    for series in (*constant, "vendor_market_cap"):
        values = triangles.series[series][0]
        assert values == pytest.approx(np.full(HORIZON, values[0]), rel=1e-5), series
    ledger = triangles.ledger
    for agent, opened in (
        (triangles.lead_vendor, 10e9),
        (triangles.clouds[0], 10e9),
        (triangles.lead_lab, 6e9),
    ):
        assert ledger.cash(agent.account)[0] == pytest.approx(opened, abs=HORIZON * 100_000)


def test_triangle_loop_gain_and_multiplier_are_the_products_of_the_shares(triangles):
    """g = F/T_V x B/T_L x S/B with T what passes through; T_V is the first lap of outsiders' money over 1 - g."""
    for world, setting in enumerate(SETTINGS.values()):
        m = monthly(**setting)
        lab = max(m["D"], m["R"] + m["F"])  # cash drawn down counts as coming in
        drawn = max(m["F"] - m["returned"], 0.0)
        through = m["S"] + drawn
        gain = m["F"] / through * m["B"] / lab * m["S"] / m["B"]
        assert triangles.series["loop_gain"][world, 1] == pytest.approx(gain, rel=1e-3, abs=1e-6)
        first_lap = m["S"] / lab * (lab - m["F"]) + drawn
        revenue = triangles.series["vendor_revenue"][world, 1]
        assert revenue + drawn == pytest.approx(first_lap / (1.0 - triangles.series["loop_gain"][world, 1]), rel=1e-3)
    # The same number read off the colour of the money, once the old money has been spent: F / (R + F).
    assert triangles.series["own_money_share"][0, -1] == pytest.approx(0.2, rel=0.01)
    assert triangles.series["own_money_share_high"][0, -1] == pytest.approx(1 / 3, rel=0.01)
    assert triangles.series["own_money_share_low"][0, -1] == pytest.approx(0.0, abs=1e-9)
