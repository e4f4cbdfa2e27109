"""Claims about the reckoning: who gained and lost, and what became of a dollar, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from perpetuum.model.observed.reckoning import Reckoning

BN = 1e9


def bn(amount):
    return np.array([amount * BN])


@pytest.fixture
def economy(books, number, accounts):
    """Everybody opens with 100; the path of share prices is given."""
    return SimpleNamespace(
        ledger=books(1, {name: 100 * BN for name in number if name != "bank"}),
        accounts=accounts,
        core_events={
            "share_index": np.array([[1.0, 1.5, 1.2, 0.9]]),
            "unfinished_gw": np.array([[1.0, 2.0, 4.0, 3.0]]),
            "capability": np.array([[1.0, 2.0, 3.0, 5.0]]),
        },
        series={"gw_in_service": np.array([[1.0, 3.0, 2.0, 7.0]]), "compute_rent": np.array([[4.0, 3.0, 2.0, 2.5]])},
        p=SimpleNamespace(funding=SimpleNamespace(start_month=np.array([2.0]))),
    )


def test_gains_are_changes_of_equity_less_what_was_put_in(economy, number):
    reckoning, ledger = Reckoning(economy), economy.ledger
    ledger.pay(number["outside"], number["cloud"], bn(10), "direct_cloud_sales")
    ledger.pay(number["cloud"], number["vendor"], bn(6), "chips")
    ledger.pay(number["neocloud"], number["outside"], bn(3), "operations")
    ledger.pay(number["neocloud"], number["bond_fund"], bn(1), "bond_interest")
    ledger.pay(number["lab"], number["outside"], bn(8), "operations")
    ledger.pay(number["outside"], number["fundamental"], bn(20), "investor_inflow")  # savings: no gain
    ledger.pay(number["outside"], number["home_state"], bn(5), "state_funding")  # taxes: no gain
    ledger.advance(number["venture_fund"], number["lab"], bn(30), "private_equity", "funding_round")  # cash against shares
    reckoning.record(economy)
    ledger.begin_month(1)
    ledger.pay(number["fundamental"], number["outside"], bn(7), "investor_withdrawal")  # taken out: no loss
    ledger.pay(number["second_lab"], number["outside"], bn(2), "operations")
    reckoning.record(economy)
    gains = {name: value.item() for name, value in reckoning.settle(economy).items() if name.startswith("gain:")}
    by_hand = {
        "gain:chip_vendors": 6.0,
        "gain:clouds": 0.0,  # the cloud 10 - 6, the neocloud -3 - 1
        "gain:labs": -10.0,  # 8 and 2 spent; the 30 of the round were put in
        "gain:venture_funds": 0.0,
        "gain:lenders": 1.0,
        "gain:bank": 0.0,
        "gain:states": 0.0,
        "gain:fundamental_investors": 0.0,
        "gain:index_investors": 0.0,
    }
    assert gains == pytest.approx(by_hand)


def test_a_dollar_in_shares_is_told_at_its_best_when_tightening_began_and_at_the_end(economy):
    told = {name: value.item() for name, value in Reckoning(economy).settle(economy).items()}
    assert {name: told[f"exit:{name}"] for name in ("best_month", "best", "at_tightening", "at_end")} == {
        "best_month": 1.0,
        "best": 1.5,
        "at_tightening": 1.2,
        "at_end": 0.9,
    }
    assert {name: value for name, value in told.items() if name.startswith("remains:")} == {
        "remains:unfinished_gw": 3.0,
        "remains:capability": 5.0,
        "remains:usable_gw": 7.0,
        "remains:rent_per_hour": 2.5,
    }
