"""Used chips: a cloud that lacks cash for its bills sells idle chips before it defaults."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from perpetuum.model.phases.audit_and_collect import audit
from perpetuum.model.phases.second_hand import raise_cash


@pytest.fixture
def economy() -> Economy:
    """Two worlds after some months; in both half of the neocloud's chips stand idle."""
    economy = Economy(Scenario(worlds=2, months=6))
    for _ in range(5):
        economy.step()
    neocloud = economy.accounts.number["neocloud"]
    economy.compute.idle[neocloud] = 0.5 * economy.hardware.gw(neocloud)
    economy.compute.spot_sold[neocloud] = np.zeros(2)
    return economy


def _missing(economy: Economy, neocloud: tuple[float, float]) -> list:
    return [np.array(neocloud if cloud.name == "neocloud" else (0.0, 0.0)) for cloud in economy.clouds]


def test_a_cloud_short_of_cash_sells_idle_chips_and_only_in_that_world(economy):
    neocloud = economy.accounts.number["neocloud"]
    everybody = [*economy.accounts["clouds"], *economy.accounts["states"]]
    cash, own = economy.ledger.cash(neocloud).copy(), economy.hardware.gw(neocloud).copy()
    chips = sum(economy.hardware.gw(account) for account in everybody)
    quoted = economy.second_hand.price.copy()
    raise_cash(economy, _missing(economy, (2e8, 0.0)))
    gained = economy.ledger.cash(neocloud) - cash
    assert 0 < gained[0] <= 2e8
    assert gained[1] == 0
    sold = own - economy.hardware.gw(neocloud)
    assert sold[0] > 0
    assert sold[1] == 0
    assert sum(economy.hardware.gw(account) for account in everybody) == pytest.approx(chips)
    assert economy.second_hand.price[1] == quoted[1]
    audit(economy)


def test_who_lacks_more_sells_more_but_never_chips_at_work(economy):
    neocloud = economy.accounts.number["neocloud"]
    own = economy.hardware.gw(neocloud).copy()
    raise_cash(economy, _missing(economy, (1e8, 1e15)))
    kept = economy.hardware.gw(neocloud) / own
    assert kept[1] < kept[0] < 1.0
    assert kept[1] >= 0.5 - 1e-9
    audit(economy)


def test_nobody_sells_without_need(economy):
    before = economy.ledger.book.copy()
    raise_cash(economy, _missing(economy, (-1e9, 0.0)))
    assert (economy.ledger.book == before).all()
