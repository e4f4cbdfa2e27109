"""Who finances a firm in the months of grace after its default: nobody; worked cases in dollars, on both sides of the branch."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.phases.chip_market import set_terms, trade_chips
from perpetuum.model.phases.private_placement import _finance
from perpetuum.model.phases.sales import _sign_leases
from perpetuum.model.phases.settlement import _draw_revolver
from perpetuum.model.scenario import Scenario
from tests.plain import OFF, PLAIN

WORLDS = 4
GRACE = 3
#: Never in default; in it this month; two months ago, which is the last of grace; three months ago, which is the first after it.
FINANCED = np.array([1, 0, 0, 1])


def default(economy, firm) -> None:
    """A firm has defaulted in worlds of its own months."""
    economy.p.default.grace_months = np.full(WORLDS, GRACE)
    month = economy.month
    economy.distress.defaulted_at[firm.account] = np.array([-1.0, month, month - 2, month - 3])


def test_a_lab_in_grace_gets_no_ticket(economy):
    """Half of a programme with tickets of 2 $bn a month, and 5 or 0.25 $bn of cash beyond the floor: 1 or 0.25 $bn."""
    lab, vendor, ledger = (
        next(lab for lab in economy.labs if lab.figures.receives_tickets.all()),
        economy.lead_vendor,
        economy.ledger,
    )
    v, asset = economy.p.vendor_finance, economy.holdings.asset_of(lab.account)
    lab.figures.receives_finance = np.zeros(WORLDS)
    v.small_tickets, v.scale, v.tickets_on = np.full(WORLDS, 2e9), np.full(WORLDS, 0.5), np.ones(WORLDS)
    v.cash_floor = vendor.cash - np.array([5e9, 5e9, 5e9, 0.25e9])
    default(economy, lab)
    ledger.begin_month(economy.month)
    before = lab.cash.copy()
    equity = _finance(economy, vendor, lab, asset)
    due = np.array([1e9, 0.0, 0.0, 0.25e9])
    lot = economy.holdings.price[asset]
    assert (np.abs(equity - due) <= lot).all()  # in whole lots
    assert (equity[FINANCED == 0] == 0).all()
    assert (lab.cash - before).tolist() == equity.tolist() == ledger.flow("vendor_equity", lab.account).tolist()


def test_the_bank_lends_nothing_at_short_notice_to_a_cloud_in_grace(economy):
    """A cloud lacks 3 $bn for its dues; two months of revenue of 2 $bn less what is drawn are 4 $bn or, in the last world, 1."""
    cloud, ledger = economy.leveraged_cloud, economy.ledger
    drawn = -ledger.stock("bank_loans", cloud.account)
    economy.p.credit.revolver_months = np.full(WORLDS, 2.0)
    cloud.revenue = (np.array([4e9, 4e9, 4e9, 1e9]) + drawn) / 2
    cloud.months_in_breach, cloud.to_come = np.zeros(WORLDS), np.zeros(WORLDS)
    default(economy, cloud)
    ledger.begin_month(economy.month)
    left = _draw_revolver(economy, cloud, cloud.cash + 3e9)
    assert ledger.flow("bank_loan", cloud.account).tolist() == [3e9, 0, 0, 1e9]
    assert left.tolist() == [0.0, 3e9, 3e9, 2e9]


@pytest.mark.parametrize("side", ["seller", "buyer"])
def test_nobody_signs_a_lease_with_a_cloud_in_grace_nor_does_such_a_cloud_sign_one(side, monkeypatch):
    """Half of 2 GW that a hyperscaler lacks, in four quarters from the ninth month on at 12 $bn a year for 36 months in all:
    0.25 GW for 36, 33, 30 and 27 months, which is 0.25 x 12 x 126 / 12 = 31.5 $bn.
    """
    values = {
        **OFF,
        **{"funding.tightening": 0.0, "leases.on": True, "leases.rate": 1.0, "leases.spread": 0.0, "leases.steps": 4},
        **{"leases.start_months": 9, "leases.wait": 0, "leases.term_least": 36, "leases.term_most": 36},
        **{"leases.part": 0.5, "leases.least": 0.0, "leases.most": 4.0, "leases.to_neocloud": 0.0},
        **{"leases.arrivals_leveraged": 0.0, "leases.arrivals_neocloud": 0.0},
    }
    economy = Economy(Scenario(preset=PLAIN, worlds=WORLDS, months=60, seed=3, overrides=values))
    for _ in range(4):
        economy.step()
    contracts, seller = economy.contracts, economy.leveraged_cloud
    buyer = next(cloud for cloud in economy.clouds if cloud.hyperscaler)
    gaps = {buyer.account: np.full(WORLDS, 2.0)}
    monkeypatch.setattr(type(buyer), "gap_to_lease", lambda self, _: gaps.get(self.account, np.zeros(WORLDS)))
    economy.compute.fraction[seller.account] = np.ones(WORLDS)
    economy.compute.capacity[seller.account] = np.full(WORLDS, 1.0)
    default(economy, {"seller": seller, "buyer": buyer}[side])
    pair = contracts.pairs.index((buyer.account, seller.account))
    before, all_before = contracts.obligations[pair].copy(), contracts.obligations.sum(axis=0)
    _sign_leases(economy, np.full(WORLDS, 12e9))
    assert contracts.obligations[pair] - before == pytest.approx(31.5e9 * FINANCED)
    assert contracts.obligations.sum(axis=0) - all_before == pytest.approx(31.5e9 * FINANCED)


def test_a_neocloud_in_grace_pays_for_all_its_chips():
    """A quarter of 4 $bn of the lead vendor's chips is leased and owed for, 3 $bn are paid; in grace all 4 are paid."""
    values = {**OFF, "funding.tightening": 0.0, "vendor_finance.lease_share": 0.25, "vendor_finance.scale": 1.0}
    economy = Economy(Scenario(preset=PLAIN, worlds=WORLDS, months=60, seed=3, overrides=values))
    for _ in range(4):
        economy.step()
    cloud = next(cloud for cloud in economy.clouds if cloud.kind == "neocloud")
    row, place, ledger = economy.chips.buyer[cloud.account], economy.vendors.index(economy.lead_vendor), economy.ledger
    default(economy, cloud)
    ledger.begin_month(economy.month)
    ledger.pay(economy.outside, cloud.account, np.full(WORLDS, 100e9), "other_business")
    set_terms(economy)
    economy.chips.backlog[...] = 0.0
    economy.chips.backlog[row, place] = 4e9 / economy.lead_vendor.list_price()  # no more than a month ships
    owed, cash = economy.vendor_credit.owed_by(cloud.account).copy(), cloud.cash.copy()
    trade_chips(economy)
    leased = economy.vendor_credit.owed_by(cloud.account) - owed
    beside = ledger.flow_of(("other_capex", "shell_and_power"), (cloud.account,))
    assert -ledger.flow("chips", cloud.account) == pytest.approx(4e9, abs=2.0)  # sales on credit too
    assert cash - cloud.cash + beside == pytest.approx(np.array([3e9, 4e9, 4e9, 3e9]), abs=2.0)
    assert leased == pytest.approx([1e9, 0.0, 0.0, 1e9], abs=2.0)
