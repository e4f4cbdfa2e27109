"""Facts of the verdict: who pays what running and building cost adds up, own use is left out on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.books.payment_kinds import BY_SOURCE, COSTS, INTEREST, KINDS, SOURCES
from perpetuum.model.economy import Economy
from perpetuum.model.observed.facts import OwnUse

SCENARIOS = {
    "as it is": {},
    "loans, weak demand, tight": {
        "vendor_finance.instrument": "loan",
        "vendor_finance.scale": 3,
        "demand.strength": 0.3,
        "funding.tightening": 1,
        "funding.start_month": 3,
    },
    "guarantees": {"vendor_finance.instrument": "guarantee", "demand.strength": 0.4, "funding.tightening": 1},
}


@pytest.mark.parametrize("overrides", SCENARIOS.values(), ids=SCENARIOS)
def test_what_is_not_paid_by_customers_comes_from_somewhere_or_out_of_cash(overrides):
    economy = Economy(preset="ono_2025", worlds=3, months=40, seed=1, overrides=overrides)
    for _ in range(40):
        before = sum(economy.ledger.cash(account) for account in economy.firm_accounts)
        economy.step()
        run_down = (before - sum(economy.ledger.cash(account) for account in economy.firm_accounts)) / 1e9
        facts = {name: rows[-1] for name, rows in economy.collector.facts.items()}
        np.testing.assert_allclose(facts["source:cash"], run_down, atol=1e-6)
        sources = sum(facts[f"source:{name}"] for name in (*SOURCES, "cash"))
        np.testing.assert_allclose(facts["spent"] - facts["paid"], sources, atol=1e-9)


def test_every_kind_of_payment_has_one_place_or_stays_inside():
    paid = {
        "ai_subscriptions",
        "direct_cloud_sales",
        "compute_rent_reserved",
    }  # the last where a customer outside has signed
    spent = {*COSTS, *INTEREST, "cost_of_goods", "shell_and_power"}
    sourced = [kind for kinds in BY_SOURCE.values() for kind in kinds]
    assert len(sourced) == len(set(sourced))
    assert not {*sourced} & (paid | spent)
    # What is left moves between firms of the machine, or between others: none of it crosses the machine's border.
    inside = set(KINDS) - paid - spent - set(sourced)
    economy = Economy(preset="ono_2025", worlds=2, months=30, seed=1, overrides=SCENARIOS["loans, weak demand, tight"])
    for _ in range(30):
        economy.step()
        for kind in inside:
            assert not economy.ledger.flow_of((kind,), economy.firm_accounts).any(), kind


def test_own_use_takes_its_share_of_a_clouds_running_cost_and_building_out():
    economy = Economy(preset="ono_2025", worlds=1, months=3, seed=1)
    economy.step()
    cloud = economy.clouds[0]
    own = float(economy.compute.own_used[cloud.account][0])
    share = own / float(economy.compute.capacity[cloud.account][0])
    assert 0.3 < share < 0.9  # hyperscaler A: 3.0 of 5.1 GW at the start
    running = -float(economy.ledger.flow_of(("operations",), (cloud.account,))[0])
    shells = -float(economy.ledger.flow_of(("shell_and_power",), (cloud.account,))[0])
    row = economy.chips.buyer[cloud.account]
    chips = sum(float(economy.chips.shipped[row, n, 0] * v.unit_cost()[0]) for n, v in enumerate(economy.vendors))
    cost = OwnUse.of_month(economy).cost()
    assert float(cost[0, 0]) == pytest.approx(share * (running + shells + chips))
    neocloud = next(n for n, c in enumerate(economy.clouds) if c.kind == "neocloud")
    assert float(cost[neocloud, 0]) == 0.0
