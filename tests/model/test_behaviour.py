"""Behaviour without the mechanisms of growth and finance, as claims over worlds: what brings that machine down, what holds it
up. Findings stand in model/DECISIONS.md; what is expected of the whole is decided by `perpetuum validate`."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from tests.plain import OFF, PLAIN

WORLDS = 12

#: One batch holds every cell, so that all of them live through the same shocks.
CELLS: dict[str, dict[str, float | str]] = {
    "loose": {"funding.tightening": 0.0},
    "loose, weak demand": {"funding.tightening": 0.0, "demand.strength": 0.4},
    "loose, strong demand": {"funding.tightening": 0.0, "demand.strength": 2.0},
    "tight, weak demand": {"funding.tightening": 1.0, "demand.strength": 0.4},
    "tight, strong demand": {"funding.tightening": 1.0, "demand.strength": 2.0},
    "tight": {"funding.tightening": 1.0, "demand.strength": 0.65},
    "tight, no vendor finance": {"funding.tightening": 1.0, "demand.strength": 0.65, "vendor_finance.scale": 0.0},
    "tight, vendor finance tripled": {"funding.tightening": 1.0, "demand.strength": 0.65, "vendor_finance.scale": 3.0},
    "tight, no commitments": {"funding.tightening": 1.0, "demand.strength": 0.65, "contracts.precommitment": 0.0},
    "tight, more commitments": {"funding.tightening": 1.0, "demand.strength": 0.65, "contracts.precommitment": 1.5},
    "tight, weak demand, no hoarding": {"funding.tightening": 1.0, "demand.strength": 0.4, "states.hoarding": 0.0},
    "tight, weak demand, hoarding": {"funding.tightening": 1.0, "demand.strength": 0.4, "states.hoarding": 3.0},
    "tight, lent": {"funding.tightening": 1.0, "demand.strength": 0.65, "vendor_finance.instrument": "loan"},
    "tight, talk": {"funding.tightening": 1.0, "demand.strength": 0.65, "narrative.talk_up": 1.0},
    "tight, leased": {"funding.tightening": 1.0, "demand.strength": 0.65, "vendor_finance.instrument": "lease"},
}
DEFAULTS = {
    "funding.tightening": 0.6,
    "demand.strength": 1.0,
    "vendor_finance.scale": 1.0,
    "contracts.precommitment": 1.0,
    "states.hoarding": 1.0,
    "vendor_finance.instrument": "equity",
    "narrative.talk_up": 0.25,
}


@pytest.fixture(scope="module")
def batch():
    overrides = {
        name: [cell.get(name, default) for cell in CELLS.values() for _ in range(WORLDS)]
        for name, default in DEFAULTS.items()
    }
    economy = Economy(
        Scenario(
            worlds=WORLDS * len(CELLS),
            preset=PLAIN,
            overrides=overrides,
            replicates=np.tile(np.arange(WORLDS), len(CELLS)),
            series=("vendor_revenue", "gpu_price", "operating_ratio", "gw_in_service"),
        )
    )
    economy.run()
    return economy, economy.outcome()


def _worlds(name: str) -> slice:
    place = list(CELLS).index(name)
    return slice(place * WORLDS, (place + 1) * WORLDS)


def _falls(batch, name: str) -> float:
    return float((batch[1].state[_worlds(name)] == "fallen").mean())


def _peak(batch, name: str) -> float:
    return float(np.median(batch[0].series["vendor_revenue"][_worlds(name)].max(axis=1)))


@pytest.mark.slow
def test_loose_money_does_not_bring_it_down(batch):
    for name in ("loose", "loose, weak demand", "loose, strong demand"):
        assert _falls(batch, name) <= 0.25, name


def test_full_tightening_brings_it_down_when_demand_is_weak(batch):
    assert _falls(batch, "tight, weak demand") >= 0.75


def test_strong_demand_survives_full_tightening(batch):
    assert _falls(batch, "tight, strong demand") <= 0.25


def test_vendor_finance_off_lowers_the_peak_when_money_is_tight(batch):
    off, usual, tripled = (
        _peak(batch, name) for name in ("tight, no vendor finance", "tight", "tight, vendor finance tripled")
    )
    assert off < usual < tripled


def test_more_commitments_more_default(batch):
    core = batch[1].core_default_month >= 0
    none, usual, more = (
        core[_worlds(name)].mean() for name in ("tight, no commitments", "tight", "tight, more commitments")
    )
    assert none < usual <= more
    assert none == 0.0


def test_hoarding_lifts_the_lowest_chip_price_after_the_squeeze(batch):
    economy, _ = batch
    after = economy.series["gpu_price"][:, 30:]
    low = {
        name: float(np.median(after[_worlds(name)].min(axis=1)))
        for name in ("tight, weak demand, no hoarding", "tight, weak demand, hoarding")
    }
    assert low["tight, weak demand, hoarding"] > low["tight, weak demand, no hoarding"]


def test_leases_bring_no_cash_and_break_what_equity_carries(batch):
    assert _falls(batch, "tight, leased") >= _falls(batch, "tight")


def test_tripled_vendor_finance_carries_the_lab_through(batch):
    core = batch[1].core_default_month >= 0
    assert core[_worlds("tight, vendor finance tripled")].mean() == 0.0
    assert core[_worlds("tight")].mean() > 0.0


def test_the_same_dollars_as_loans_break_what_equity_carries(batch):
    core = batch[1].core_default_month >= 0
    assert core[_worlds("tight, lent")].mean() > core[_worlds("tight")].mean()


def test_talk_raises_the_peak_and_the_fall(batch):
    assert _peak(batch, "tight, talk") > _peak(batch, "tight")
    assert _falls(batch, "tight, talk") > _falls(batch, "tight")


# --- compute, demand and milestones ---------------------------------------------------------------------------------


def test_dearer_compute_cuts_gigawatts_by_the_elasticity_and_spending_by_one_less():
    economy = Economy(Scenario(preset=PLAIN, worlds=2, months=2, overrides={**OFF, "demand.price_elasticity": [1.2, 0.0]}))
    economy.step()
    cheap, dear = economy.fork(np.arange(2)), economy.fork(np.arange(2))
    dear.compute.rent_average *= 2.0
    for one in (cheap, dear):
        one.demand.update(1, one.compute.rent_index(), one.holdings.share_index(), one.outside_economy.income(1))
        lab = one.lead_lab
        lab.sell(one.demand.enterprise)
        lab.measure_inference()
    elasticity = np.array([1.2, 0.0])
    assert dear.demand.enterprise / cheap.demand.enterprise == pytest.approx(2.0 ** (1.0 - elasticity))
    assert dear.lead_lab.inference / cheap.lead_lab.inference == pytest.approx(2.0**-elasticity)
    assert dear.clouds[0].direct_gw() == pytest.approx(cheap.clouds[0].direct_gw() / 2.0)


def test_need_for_compute_is_that_of_all_customers_also_where_few_are_served():
    economy = Economy(Scenario(preset=PLAIN, worlds=1, months=1))
    lab = economy.lead_lab
    need = lab.inference.copy()
    for served in (1.0, 0.5, 0.1):
        lab.served = np.array([served])
        assert lab.sell(lab.demand_rate / lab.market_share) * 12 == pytest.approx(served * lab.figures.revenue)
        assert lab.inference == pytest.approx(need)


def test_a_gigawatt_is_a_milestone_once_when_signed_or_when_live():
    lab = Economy(Scenario(preset=PLAIN, worlds=1, months=1)).lead_lab
    live = np.array([0.5])
    lab.count_started(live)  # committed before the start: counted when it goes live
    lab.count_signed(np.array([2.0]))
    assert lab.milestones == pytest.approx(2.5)
    for _ in range(lab.p.chips.plan_months - 1):
        lab.count_started(0.0 * live)
        lab.count_signed(0.0 * live)
    lab.count_started(np.array([2.0]) + live)
    assert lab.milestones == pytest.approx(3.0)
