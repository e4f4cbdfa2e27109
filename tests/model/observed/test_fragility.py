"""Claims about fragility: Minsky's classes, who owes whom, and series computed only where they are asked for."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.instruments.guarantee import Guarantees
from perpetuum.model.instruments.holdings import Holdings
from perpetuum.model.instruments.loan import LoanBook
from perpetuum.model.instruments.prepayment import Prepayments
from perpetuum.model.observed import fragility_series as measures
from perpetuum.model.observed.fragility import MINSKY, minsky_class
from perpetuum.model.observed.measures import MEASURES
from perpetuum.model.observed.series import SERIES
from perpetuum.model.scenario import InputError, Scenario

OPTIONAL = tuple(name for name in MEASURES if name not in SERIES)
NETWORKED = tuple(name for name, measure in MEASURES.items() if measure.network)


@pytest.fixture
def machine(books, number, accounts):
    """Stand in for an economy of one world: two clouds, two labs, a bond fund, nothing owed and nothing signed."""
    ledger = books(1, {name: 1000 for name in number if name not in ("bank", "outside")} | {"outside": 10_000})
    firms = {name: SimpleNamespace(account=number[name]) for name in ("cloud", "neocloud", "lab", "second_lab")}
    firms["cloud"].obligations_beyond_contracts = lambda: np.array([0.0])
    borrowers = [(number["bond_fund"], firm.account) for firm in firms.values()]
    credit = [(number["vendor"], firm.account) for firm in firms.values()]
    signed = [(number[lab], number["cloud"]) for lab in ("lab", "second_lab")]
    return SimpleNamespace(
        ledger=ledger,
        accounts=accounts,
        p=SimpleNamespace(worlds=1),
        month=0,
        clouds=[firms["cloud"], firms["neocloud"]],
        labs=[firms["lab"], firms["second_lab"]],
        leveraged_cloud=firms["cloud"],
        lead_lab=firms["lab"],
        bonds=(bonds := LoanBook("bonds", tuple(borrowers), 60, True, 1)),
        loans=(loans := LoanBook("term_loans", tuple(borrowers), 48, False, 1)),
        loan_books={
            "bonds": bonds,
            "term_loans": loans,
            "vendor_credit": LoanBook("vendor_credit", tuple(credit), 60, False, 1),
        },
        guarantees=Guarantees(accounts["vendors"], len(borrowers), 1),
        contracts=ComputeContracts(tuple(signed), 40, 1),
        holdings=Holdings(len(accounts), (number["vendor"], number["cloud"], number["neocloud"]), accounts["labs"], 1),
        prepaid=Prepayments((), (), 1),
        bank=SimpleNamespace(lending_rate=lambda: np.array([0.12])),
    )


def dollars(amount):
    return np.array([float(amount)])


# --- Minsky


def test_minsky_classes_part_at_principal_interest_and_nothing():
    operating = np.array([30.0, 29.0, 10.0, 9.0, 0.0, -1.0])
    assert minsky_class(operating, 10.0, 20.0).tolist() == [0, 1, 1, 2, 2, 3]


def test_a_firm_without_debts_is_hedge_unless_it_burns_cash():
    assert minsky_class(np.array([0.0, 5.0, -5.0]), 0.0, 0.0).tolist() == [0, 0, 3]


def test_firms_are_counted_by_what_their_receipts_cover(machine, number):
    """The cloud earns 6, owes 5 of interest and 2 of principal; the neocloud earns 3 of 5; a lab burns."""
    ledger = machine.ledger
    for borrower in ("cloud", "neocloud"):
        pool = machine.bonds.pool(number["bond_fund"], number[borrower])
        ledger.open_claim("bonds", number["bond_fund"], number[borrower], dollars(500))
        machine.bonds.balance[pool] = 500
        machine.bonds.principal[pool, 40] = 500
        machine.bonds.rate[pool] = 0.12
    machine.bonds.principal[0, [5, 40]] = [[24], [476]]
    for payer, payee, amount, kind in (
        ("outside", "cloud", 10, "other_business"),
        ("cloud", "outside", 4, "operations"),
        ("cloud", "outside", 900, "shell_and_power"),
        ("outside", "neocloud", 3, "direct_cloud_sales"),
        ("outside", "lab", 5, "ai_subscriptions"),
        ("lab", "outside", 6, "operations"),
        ("outside", "second_lab", 5, "ai_subscriptions"),
    ):
        ledger.pay(number[payer], number[payee], dollars(amount), kind)
    assert [int(one[0]) for one in measures.minsky_classes(machine)] == [1, 2, 3, 0]
    assert [MEASURES[f"minsky_{kind}"](machine).tolist() for kind in MINSKY] == [[1], [1], [1], [1]]


# --- debts and promises


def test_refinancing_wall_counts_bullets_instalments_and_what_the_bank_can_call(machine, number):
    """Of bonds 100 mature in a year, 300 later; a loan of 24 instalments pays half; the bank may call 40."""
    cloud, fund = number["cloud"], number["bond_fund"]
    assert measures.refinancing_wall(machine).tolist() == [0]
    machine.bonds.principal[machine.bonds.pool(fund, cloud), [0, 11, 12]] = [[40], [60], [300]]
    machine.bonds.balance[machine.bonds.pool(fund, cloud)] = 400
    machine.loans.principal[machine.loans.pool(fund, number["neocloud"]), 23] = 200
    machine.loans.balance[machine.loans.pool(fund, number["neocloud"])] = 200
    machine.ledger.open_claim("bank_loans", machine.ledger.bank, cloud, dollars(40))
    lab = machine.loans.pool(fund, number["lab"])
    machine.loans.principal[lab, 0] = machine.loans.balance[lab] = 999  # labs' debts are none of clouds'
    assert measures.refinancing_wall(machine) == pytest.approx((100 + 100 + 40) / (400 + 200 + 40))


def test_instalments_within_a_year_are_what_twelve_months_of_repayment_take(machine, number):
    rng = np.random.default_rng(5)
    book, ledger = machine.loans, machine.ledger
    pool = book.pool(number["bond_fund"], number["cloud"])
    book.principal[pool] = rng.integers(0, 10**9, book.principal[pool].shape)
    book.principal[pool, -1] = 0  # nothing is lent after the month's payments
    book.balance[pool] = book.principal[pool].sum(axis=0)
    ledger.open_claim("deposits", number["cloud"], ledger.bank, book.balance[pool])
    ledger.open_claim("term_loans", number["bond_fund"], number["cloud"], book.balance[pool])
    foreseen = measures.due_within(book, 12)[pool]
    repaid = 0
    for _ in range(12):
        due = book.due()
        book.record_repayments(ledger, due)
        book.age()
        repaid += int(due[pool, 0])
    assert foreseen[0] == pytest.approx(repaid, abs=1000)


def test_customer_concentration_is_the_largest_buyers_part_of_all_obligations(machine):
    assert measures.customer_concentration(machine).tolist() == [0]
    machine.contracts.obligations[:] = [[300.0], [55.0]]
    machine.leveraged_cloud.obligations_beyond_contracts = lambda: np.array([100.0])
    assert measures.customer_concentration(machine) == pytest.approx(300 / 455)


def test_contracts_of_customers_outside_are_owed_by_many(machine, number):
    machine.contracts = ComputeContracts(tuple((number[who], number["cloud"]) for who in ("lab", "outside")), 40, 1)
    machine.contracts.obligations[:] = [[100.0], [300.0]]
    assert measures.customer_concentration(machine) == pytest.approx(100 / 400)


def test_rent_of_the_coming_year_follows_what_starts_and_ends(machine):
    """120 a year end after three more months; 240 a year start in month 7 and run 6 of the 12 months."""
    contracts = machine.contracts
    contracts.sign(0, dollars(1), dollars(120), 0, 4, 0)
    contracts.sign(0, dollars(1), dollars(240), 7, 30, 0)
    assert measures.rent_of_year(machine, 0) == pytest.approx(30 + 120)
    contracts.obligations[0] = 70.0
    assert measures.rent_of_year(machine, 0) == pytest.approx(70)


def test_debt_rank_of_the_lead_lab_runs_through_rent_loans_stakes_and_guarantees(machine, number):
    """Rent 500 of the cloud's equity of 1000: half of it is hurt; its lender loses half of 100; the vendor its stake.

    Every account has 1000 of cash. The lender's loan of 100 to the lab is guaranteed by the vendor.
    """
    ledger, fund = machine.ledger, number["bond_fund"]
    machine.contracts.sign(0, dollars(1), dollars(500), 0, 24, 0)
    cloud_loan = machine.loans.pool(fund, number["cloud"])
    machine.loans.balance[cloud_loan] = 200
    lab_loan = machine.loans.pool(fund, number["lab"])
    machine.loans.balance[lab_loan] = 100
    machine.guarantees.give(number["vendor"], lab_loan, np.array([100]))
    asset = machine.holdings.asset_of(number["lab"])
    machine.holdings.issue(asset, number["vendor"], np.array([30]))
    machine.holdings.price[asset] = 10
    accounts = [number[name] for name in ("vendor", "cloud", "neocloud", "lab", "second_lab", "bond_fund", "bank")]
    claims = measures.exposures(machine, accounts)[..., 0]
    expected = np.zeros((7, 7))
    expected[0, 3] = 300 + 100  # stake, and recourse for the guarantee
    expected[1, 3] = 500
    expected[5, 1] = 200
    expected[5, 0] = 100
    assert claims.tolist() == expected.tolist()
    assert ledger.book_equity(fund).tolist() == [1000]
    # Vendor 0.4 x 400, cloud 0.5 x 500, lender 0.4 x 0.1 + 0.5 x 0.2 = 0.14 of its 300, in claims of 1200.
    assert measures.debt_rank(machine) == pytest.approx((0.4 * 400 + 0.5 * 500 + 0.14 * 300) / 1200)


# --- only where asked for


def test_the_default_series_are_the_published_columns():
    economy = Economy(Scenario(worlds=1, months=1))
    assert economy.collector.names == tuple(SERIES)
    assert set(NETWORKED) == {"finn_index", "loop_gain"}
    assert economy.ledger.network is not None


def test_nothing_is_recorded_or_computed_that_is_not_asked_for(monkeypatch):
    def refuse(economy):
        raise AssertionError("computed unasked")

    for name in (*OPTIONAL, *NETWORKED):
        monkeypatch.setitem(MEASURES, name, replace(MEASURES[name], of=refuse))
    economy = Economy(Scenario(worlds=2, months=2, series=("vendor_revenue", "own_money_share")))
    economy.run()
    assert economy.ledger.network is None
    assert list(economy.series) == ["vendor_revenue", "own_money_share"]


@pytest.mark.parametrize("name", NETWORKED)
def test_either_network_series_alone_has_its_flows_recorded(name):
    economy = Economy(Scenario(worlds=1, months=2, series=(name,)))
    economy.run()
    assert (economy.series[name] > 0).all()


def test_an_unknown_series_names_the_nearest_optional_one():
    with pytest.raises(InputError, match="did you mean 'minsky_ponzi'"):
        Economy(Scenario(worlds=1, months=1, series=("minski_ponzi",)))


def test_optional_series_of_the_real_economy_are_sound_and_equal_in_company():
    company = Economy(Scenario(worlds=3, months=6, seed=2, series=OPTIONAL))
    alone = Economy(Scenario(worlds=1, months=6, seed=2, replicates=np.array([1]), series=OPTIONAL))
    company.run()
    alone.run()
    series = company.series
    for name in OPTIONAL:
        assert (series[name][1] == alone.series[name][0]).all(), name
    for name in ("customer_concentration", "refinancing_wall", "debt_rank"):
        assert ((series[name] > 0) & (series[name] < 1)).all(), name
    firms = len(company.clouds) + len(company.labs)
    assert (sum(series[f"minsky_{kind}"] for kind in MINSKY) == firms).all()
