"""Worked cases of hardware, in dollars: charges in the month before, at and after their end, and the lead time of chips."""

from __future__ import annotations

import numpy as np

from perpetuum.model.books.ledger import Ledger
from perpetuum.model.instruments.hardware import Hardware


def _hardware(ledger: Ledger) -> Hardware:
    return Hardware(
        len(ledger.accounts), generations=2, lead=3, months=130, book_months=60, per_gw=1000, worlds=ledger.worlds
    )


def _charges(ledger: Ledger, hardware: Hardware, account: int, months: range) -> list[int]:
    """What is charged in each of some months."""
    charged = []
    for month in months:
        ledger.begin_month(month)
        charged.append(int(hardware.depreciate(ledger, [account], month)[0, 0]))
        ledger.audit("depreciation")
    return charged


def test_what_stands_in_the_opening_books_is_written_down_to_nothing_over_its_life(books, number):
    ledger = books(1)
    hardware = _hardware(ledger)
    ledger.open_asset("hardware", number["cloud"], np.array([6000]))
    hardware.invest(number["cloud"], np.array([6000]), 0)
    assert _charges(ledger, hardware, number["cloud"], range(70)) == [100] * 60 + [0] * 10
    assert ledger.stock("hardware", number["cloud"]).tolist() == [0]


def test_what_is_bought_is_written_down_to_nothing_over_its_life(books, number):
    """Bought for 6000 in month 5, after that month's depreciation: 60 charges of 100 from month 6 to 65."""
    ledger = books(1)
    hardware = _hardware(ledger)
    _charges(ledger, hardware, number["cloud"], range(6))
    hardware.buy(ledger, number["cloud"], np.array([6000]), 5)
    assert _charges(ledger, hardware, number["cloud"], range(6, 70)) == [100] * 60 + [0] * 4
    assert ledger.stock("hardware", number["cloud"]).tolist() == [0]


def test_the_first_charge_on_what_is_bought_falls_into_the_next_month(books, number):
    ledger = books(1)
    hardware = _hardware(ledger)
    hardware.buy(ledger, number["cloud"], np.array([6000]), 5)
    hardware.buy(ledger, number["neocloud"], np.array([1200]), 5, life=12)
    assert _charges(ledger, hardware, number["cloud"], range(6, 8)) == [100, 100]
    assert _charges(ledger, hardware, number["neocloud"], range(6, 8)) == [100, 100]


def test_what_was_sold_is_charged_no_more_and_nothing_is_charged_on_nothing(books, number):
    """Three quarters of the schedule are sold after ten months; then the rest of the asset is used up."""
    ledger = books(1)
    hardware, cloud = _hardware(ledger), number["cloud"]
    ledger.open_asset("hardware", cloud, np.array([6000]))
    hardware.invest(cloud, np.array([6000]), 0)
    _charges(ledger, hardware, cloud, range(10))
    ledger.capitalise(cloud, np.array([-3750]), "hardware")
    hardware.shrink_schedule(cloud, np.array([0.25]))
    assert _charges(ledger, hardware, cloud, range(10, 12)) == [25, 25]
    ledger.capitalise(cloud, np.array([10 - 1200]), "hardware")
    assert _charges(ledger, hardware, cloud, range(12, 14)) == [10, 0]
    assert ledger.stock("hardware", cloud).tolist() == [0]


def test_chips_go_live_when_the_lead_time_has_passed(books, number):
    ledger = books(1)
    hardware, cloud = _hardware(ledger), number["cloud"]
    hardware.ship([cloud], np.array([[2.0]]), np.array([1]))
    live = []
    for _ in range(4):
        hardware.arrive()
        live.append(float(hardware.gw(cloud)[0]))
    assert live == [0, 0, 2, 2]
    assert hardware.installed[cloud, :, 0].tolist() == [0, 2000]
