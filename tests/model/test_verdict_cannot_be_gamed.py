"""The verdict cannot be gamed: by where the film ends, by a squeeze that does nothing, by a collapse, by names or money."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.observed.states import FALLEN, STANDS_ALONE
from perpetuum.model.scenario import Scenario
from perpetuum.model.uncertainty import draw
from tests.plain import PLAIN

CHANNELS = ("rate", "venture", "margin", "collateral", "covenants", "spreads", "valuation", "capex", "rollover")
TIGHT = {"funding.tightening": 1, "funding.start_month": 6}


def economy_of(worlds: int, months: int, preset: str = "ono_2025", replicates: int | None = None, **overrides) -> Economy:
    """Worlds with their own draws, simulated to the end; after so many `replicates` luck and draws begin anew."""
    luck = np.arange(worlds) % (replicates or worlds)
    scenario = Scenario(preset, months=1)
    unknowns = [one for one in scenario.definition.unknowns if one.name not in overrides]
    asked = {**draw(unknowns, 1, luck), **overrides}
    economy = Economy(Scenario(preset, asked, worlds=worlds, seed=1, months=months, replicates=luck))
    economy.run()
    return economy


@pytest.fixture(scope="module")
def tight() -> Economy:
    """Worlds of ten judged years under a hard squeeze."""
    return economy_of(40, 131, **TIGHT)


@pytest.mark.slow
def test_a_verdict_on_a_month_is_the_same_however_much_longer_the_world_runs(tight):
    short, long = tight.outcome(), economy_of(40, 180, **TIGHT).outcome()
    assert (short.dates.judged, long.dates.judged) == (120, 169)
    np.testing.assert_array_equal(short.dates.state, long.dates.state[:, :120])
    for one in ("fallen", "alone"):
        early = getattr(long.dates, one)
        np.testing.assert_array_equal(getattr(short.dates, one), np.where(early < 120, early, -1))
    fell = short.dates.fallen >= 0
    assert fell.any()
    np.testing.assert_array_equal(short.cause[fell], long.cause[fell])


def test_a_squeeze_with_every_channel_off_changes_no_bit():
    off = {f"funding.channel_{name}": 0.0 for name in CHANNELS}
    economy = economy_of(6, 60, replicates=3, **{**TIGHT, **off, "funding.tightening": [1, 1, 1, 0, 0, 0]})
    for table in (economy.series, {name: economy.core_events[name] for name in ("sales", "paid", "spent")}):
        for name, values in table.items():
            np.testing.assert_array_equal(values[:3], values[3:], err_msg=name)


@pytest.mark.slow
def test_a_harder_squeeze_costs_more_life_paired_but_for_worlds_that_are_counted():
    strengths = np.repeat((0.0, 0.6, 1.0), 30)
    lives = economy_of(90, 71, PLAIN, 30, **{"funding.start_month": 0, "funding.tightening": strengths}).outcome().life
    lives = lives.reshape(3, 30)
    lost = [float((lives[0] - life).mean()) for life in lives]
    assert lost == sorted(lost)
    assert lost[2] > 6
    backwards = int((lives[2] > lives[1]).sum())
    assert backwards <= 3, f"{backwards} of 30 worlds live longer under the harder squeeze"


@pytest.mark.slow
def test_with_three_times_the_demand_more_worlds_stand_alone():
    alone = []
    for times in (1.0, 3.0):
        unknowns = [u for u in Scenario("ono_2025", months=1).definition.unknowns if u.name == "demand.strength"]
        strength = np.clip(draw(unknowns, 1, np.arange(30))["demand.strength"] * times, 0.1, 8)
        economy = economy_of(30, 131, **{"demand.strength": strength, "funding.tightening": 0})
        alone.append(economy.outcome().state == "stands_alone")
    assert alone[1].sum() > alone[0].sum()


def test_without_outside_money_and_with_spending_held_the_lead_lab_fails_when_its_cash_is_gone():
    held = {
        "funding.stop_month": 0,
        "funding.tightening": 0,
        "labs.austerity_speed": 0.0,
        "labs.training_cut": 0.0,
        "labs.ceiling_speed": 0.0,
        "labs.training_growth": 0.0,
        "labs.planned_costs": 0.0,
        "labs.costs_floor": 1.0,
    }
    economy = Economy(Scenario(PLAIN, held, worlds=5, seed=1, months=48))
    cash, burn = economy.lead_lab.cash.astype(float), economy.lead_lab.burn.copy()
    limit = cash / burn + 2
    economy.run()
    facts, name = economy.core_events, economy.lead_lab.name
    cannot_pay = (facts[f"default:{name}"] > 0) | (facts[f"arrears:{name}"] > 0)
    assert cannot_pay.any(axis=1).all()
    assert (cannot_pay.argmax(axis=1) <= limit).all(), (cannot_pay.argmax(axis=1), limit)


def test_no_outside_money_comes_once_it_has_stopped():
    vendors = ("vendor_equity", "vendor_placement", "vendor_loan")
    raised = ("funding_round", "listed_issuance", "bond_issue", "loan_draw", "bank_loan", *vendors)
    economy = Economy(preset="ono_2025", worlds=3, months=30, seed=1, overrides={"funding.stop_month": 10})
    for month in range(30):
        economy.step()
        got = sum(np.abs(economy.ledger.flow_of((kind,), (firm.account,))) for kind in raised for firm in economy.firms)
        if month >= 10:
            assert not got.any(), month


@pytest.mark.slow
def test_a_world_under_half_its_peak_never_stands_alone(tight):
    read, dates = tight.readings(), tight.outcome().dates
    under = read.sales[:, : dates.judged] < 0.5 * read.peak[:, : dates.judged]
    assert under.any()
    assert not (under & (dates.state == STANDS_ALONE)).any()
    # From the fall on a world stays fallen.
    assert (np.diff((dates.state == FALLEN).astype(int), axis=1) >= 0).all()


@pytest.mark.slow
def test_other_names_of_the_same_firms_change_nothing(tmp_path):
    from perpetuum.model.presets import PRESETS

    text = (
        (PRESETS / "ono_2025.toml").read_text(encoding="utf-8").replace("lead_lab", "zeta").replace("lead_vendor", "alpha")
    )
    (tmp_path / "renamed.toml").write_text(text, encoding="utf-8")
    names = {"zeta": "lead_lab", "alpha": "lead_vendor"}
    verdicts = []
    for preset in ("ono_2025", str(tmp_path / "renamed.toml")):
        economy = Economy(Scenario(preset, TIGHT, worlds=6, seed=1, months=60))
        economy.run()
        verdicts.append(economy.outcome())
    np.testing.assert_array_equal(verdicts[0].dates.state, verdicts[1].dates.state)
    for one, other in zip(verdicts[0].cause.tolist(), verdicts[1].cause.tolist(), strict=True):
        kind, _, who = other.partition(":")
        assert one == (f"{kind}:{names.get(who, who)}" if who else kind)


@pytest.mark.parametrize("preset", ["triangle", "optimist"])
def test_a_preset_without_a_year_before_or_with_one_is_judged(preset):
    economy = Economy(Scenario(preset, worlds=2, seed=1, months=30))
    economy.run()
    assert economy.outcome().dates.judged == 19
