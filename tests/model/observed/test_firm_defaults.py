"""What becomes of firms and of what they owe: first defaults, breaches, distress, recoveries, in worked dollars."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.books.accounts import DEBTS
from perpetuum.model.economy import Economy
from perpetuum.model.observed.events import EventCause
from perpetuum.model.observed.firm_defaults import CREDITORS, LENT, loss_per_dollar, measures
from perpetuum.model.scenario import Scenario
from tests.plain import PLAIN
from tests.small_house import SmallHouse

#: Dollars to which whole lots, of at most as much, are a creditor's due.
LOT = 50

# Recovery is a quarter, a fire sale brings half: see `tests/small_house.py`. Money is told in $bn.


def told_of(house: SmallHouse, name: str, months: int = 12) -> dict[str, list]:
    """What the register tells of one firm, dollars, by world."""
    register = house.economy.firm_defaults
    told, row = register.told(months), register.names.index(name)
    return {
        one: (values[row] * 1e9).round(6).tolist()
        if one.startswith(("owed", "recovered", "shares", "debt", "guaranteed"))
        else values[row].tolist()
        for one, values in told.items()
    }


def owes_today(house: SmallHouse, name: str, dollars: float) -> None:
    """The firm owed so much when the books were opened."""
    register = house.economy.firm_defaults
    register.debt_today[register.names.index(name)] = dollars


def losses(house: SmallHouse, name: str, months: int = 12) -> list[float]:
    register = house.economy.firm_defaults
    return loss_per_dollar(register.told(months))[register.names.index(name)].tolist()


def test_every_debt_is_of_exactly_one_class_of_creditors():
    assert sorted(row for rows in LENT.values() for row in rows) == sorted(DEBTS)


def test_a_default_is_told_by_class_of_creditor_with_its_month_cause_and_debts():
    """Loans of 1000 on four GW at 300 a GW, half price: 600. Bonds 400, revolver 200 and vendor credit 800 return a quarter."""
    house = SmallHouse(worlds=2)
    house.lend("term_loans", "loan_fund", "neocloud", 1000)
    house.lend("bonds", "bond_fund", "neocloud", 400)
    house.lend("bank_loans", "bank", "neocloud", 200)
    house.lend("vendor_credit", "lead_vendor", "neocloud", 800)
    house.economy.second_hand.price = np.array([300.0, 300.0])
    house.month(3)
    house.accelerate("neocloud", [True, False])
    owes_today(house, "neocloud", 500.0)
    house.resolve()
    told = told_of(house, "neocloud")
    assert told["default_month"] == [3, -1]
    assert told["cause"] == [EventCause.LOANS_ACCELERATED.value, ""]
    assert told["debt_at_default"] == [2400, 0]
    owed = {name: told[f"owed_{name}"] for name in CREDITORS}
    recovered = {name: told[f"recovered_{name}"] for name in CREDITORS}
    assert owed == {"secured": [1000, 0], "unsecured": [600, 0], "vendor": [800, 0], "trade": [0, 0]}
    assert recovered == {"secured": [600, 0], "unsecured": [150, 0], "vendor": [200, 0], "trade": [0, 0]}
    assert told["guaranteed"] == [0, 0]
    assert losses(house, "neocloud") == pytest.approx([1 - 950 / 2400, 0.0])


@pytest.mark.parametrize(
    ("worth", "shares"), [(10_000, (4800, 1200, 4000)), (50_000, (4800, 1200, 4000)), (5000, (2400, 600, 2000))]
)
def test_shares_that_lenders_get_are_told_by_class_and_count_in_a_loss_of_their_own(worth, shares):
    """Bonds 4000, vendor credit 1600, revolver 2400 and bills of 4000: 3000, 1200, 1800 and 4000 are lost, ten thousand in all.

    A firm that is worth as much or more makes them good in shares; one that is worth half of it does by half.
    """
    house = SmallHouse()
    house.own("neocloud", worth + 2000)
    house.lend("bonds", "bond_fund", "neocloud", 4000)
    house.lend("vendor_credit", "other_vendor", "neocloud", 1600)
    house.lend("bank_loans", "bank", "neocloud", 2400)
    owes_today(house, "neocloud", 8000.0)
    house.resolve([("operations", "neocloud", "outside", 4000)])
    told = told_of(house, "neocloud")
    unsecured, vendor, trade = (told[f"shares_{name}"][0] for name in ("unsecured", "vendor", "trade"))
    assert (unsecured, vendor, trade) == pytest.approx(shares, abs=LOT)
    assert told["shares_secured"] == [0]
    assert losses(house, "neocloud") == [0.75] == told["loss"]
    assert told["loss_after_shares"] == pytest.approx([(6000 - sum(shares[:2])) / 8000], abs=2 * LOT / 8000)


def test_shares_that_lenders_get_count_at_what_the_market_pays_for_them_eleven_months_later():
    """Of bonds of 400 000 three quarters are lost; the firm is worth 100 000: so are the shares, and three fifths of it later on.

    In the second world the price is four times as high: the lender has lost no more than 300 000. Before, nothing is known.
    """
    house = SmallHouse(worlds=2)
    house.own("neocloud", 200_000)
    house.lend("bonds", "bond_fund", "neocloud", 400_000)
    owes_today(house, "neocloud", 400_000.0)
    house.month(3)
    house.resolve([("operations", "neocloud", "outside", 1)])
    register, economy = house.economy.firm_defaults, house.economy
    asset = economy.holdings.asset_of(house.number["neocloud"])
    price = economy.holdings.price[asset] + 0.0
    assert told_of(house, "neocloud")["shares_unsecured"] == pytest.approx([100_000] * 2, rel=0.001)
    for month, multiple in ((13, [9.0, 9.0]), (14, [0.6, 4.0]), (15, [8.0, 8.0])):
        house.month(month)
        economy.holdings.price[asset] = price * np.array(multiple)
        register.record(economy)
        later = np.array([1.0, 1.0] if month < 14 else [0.6, 4.0])
        told = told_of(house, "neocloud", 12)
        assert told["share_price_later"] == pytest.approx(later)
        assert told["loss_after_shares"] == pytest.approx(np.maximum(0.75 - 0.25 * later, 0.0), abs=0.001)
    assert np.isnan(told_of(house, "lead_lab")["share_price_later"]).all()


def test_the_shares_that_a_guarantor_gets_for_what_it_paid_are_nothing_that_vendors_recover():
    """Of 1000 that 500 were paid for a quarter is left of both halves; the vendor lent 400 of its own besides."""
    house = SmallHouse()
    pool = house.lend("term_loans", "loan_fund", "neocloud", 1000)
    house.own("neocloud", 3000)
    house.lend("vendor_credit", "lead_vendor", "neocloud", 400)
    house.economy.second_hand.price = np.zeros(1)
    house.economy.guarantees.give(house.number["lead_vendor"], pool, np.array([500]))
    house.give("lead_vendor", 500)
    house.resolve([("operations", "neocloud", "outside", 100)])
    told = told_of(house, "neocloud")
    assert told["shares_secured"] == pytest.approx([375], abs=5)
    assert told["shares_vendor"] == pytest.approx([300], abs=5)


def test_nobody_recovers_more_in_money_and_shares_than_is_owed():
    """All forms of vendor finance, little demand and no money."""
    forms = ["equity", "loan", "lease", "guarantee"]
    squeezed = {"demand.strength": 0.4, "funding.tightening": 1.0, "vendor_finance.instrument": forms}
    economy = Economy(Scenario(overrides=squeezed, worlds=len(forms), months=72))
    economy.run()
    told = economy.firm_defaults.told(60)
    for name in CREDITORS:
        assert (told[f"recovered_{name}"] + told[f"shares_{name}"] <= told[f"owed_{name}"] + 1e-9).all()
    there = np.isfinite(told["loss"])
    assert (told["loss_after_shares"][there] <= told["loss"][there]).all()
    assert (told["loss_after_shares"][there] >= 0).all()
    assert (told["loss_after_shares"][there] < told["loss"][there]).any()


def test_unpaid_bills_are_trade_credit_and_no_loss_per_dollar_lent():
    house = SmallHouse()
    house.lend("bonds", "bond_fund", "neocloud", 400)
    owes_today(house, "neocloud", 400.0)
    house.resolve([("operations", "neocloud", "outside", 300)])
    told = told_of(house, "neocloud")
    assert (told["owed_trade"], told["recovered_trade"]) == ([300], [0])
    assert told["cause"] == [EventCause.DEBTS_UNSERVED.value]
    assert losses(house, "neocloud") == [0.75]


@pytest.mark.parametrize(("cash", "paid"), [(10_000, 500), (300, 300), (0, 0)])
def test_a_guarantors_payment_counts_as_recovered_and_is_shown_apart(cash, paid):
    """Of 1000 without collateral 500 are guaranteed; a quarter of what nobody has paid for is left."""
    house = SmallHouse()
    pool = house.lend("term_loans", "loan_fund", "neocloud", 1000)
    house.lend("vendor_credit", "lead_vendor", "neocloud", 400)
    house.economy.second_hand.price = np.zeros(1)
    house.economy.guarantees.give(house.number["lead_vendor"], pool, np.array([500]))
    house.give("lead_vendor", cash)
    house.accelerate("neocloud")
    house.resolve()
    told = told_of(house, "neocloud")
    assert told["guaranteed"] == [paid]
    assert told["owed_secured"] == [1000]
    assert told["recovered_secured"] == [paid + (1000 - paid) // 4]
    # The claim that the guarantor has taken over is nothing that it lent.
    assert told["owed_vendor"] == [400]
    assert told["recovered_vendor"] == pytest.approx([100], abs=1)


def test_nobody_recovers_more_than_is_owed_though_guarantee_and_collateral_pay_twice():
    house = SmallHouse()
    pool = house.lend("term_loans", "loan_fund", "neocloud", 1000)
    house.economy.second_hand.price = np.array([9000.0])
    house.economy.guarantees.give(house.number["lead_vendor"], pool, np.array([1000]))
    house.give("lead_vendor", 1000)
    house.accelerate("neocloud")
    house.resolve()
    told = told_of(house, "neocloud")
    assert told["recovered_secured"] == told["owed_secured"] == told["guaranteed"] == [1000]


def test_only_the_first_default_counts():
    house = SmallHouse(default__grace_months=1)
    house.lend("bonds", "bond_fund", "neocloud", 1000)
    for month in (0, 2):
        house.month(month)
        house.accelerate("neocloud")
        house.resolve()
        assert house.failed("neocloud") == [True]
    told = told_of(house, "neocloud")
    assert (told["default_month"], told["owed_unsecured"]) == ([0], [1000])


def test_a_later_default_in_one_world_leaves_the_first_in_another_as_it_was():
    """Loans that are called fell the first world in month 0, and a bill that nobody can pay both of them in month 2."""
    house = SmallHouse(worlds=2, default__grace_months=1)
    house.lend("bonds", "bond_fund", "neocloud", 1000)
    house.accelerate("neocloud", [True, False])
    house.resolve()
    house.month(2)
    house.accelerate("neocloud", False)
    house.resolve([("operations", "neocloud", "outside", 300)])
    assert house.failed("neocloud") == [True, True]
    told = told_of(house, "neocloud")
    assert told["default_month"] == [0, 2]
    assert told["cause"] == [EventCause.LOANS_ACCELERATED.value, EventCause.DEBTS_UNSERVED.value]
    assert told["owed_trade"] == [0, 300]


def test_the_first_rescue_within_the_months_judged_is_told():
    house = SmallHouse(worlds=3)
    rescued = house.economy.distress.rescued_now
    lab = house.number["lead_lab"]
    for month, worlds in enumerate(([0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 0])):
        house.month(month)
        rescued[lab] = np.array(worlds, dtype=float)
        house.economy.firm_defaults.record(house.economy)
    assert told_of(house, "lead_lab", 3)["rescue_month"] == [1, -1, 2]
    assert told_of(house, "lead_lab", 2)["rescue_month"] == [1, -1, -1]


def test_a_default_after_the_months_judged_is_none():
    house = SmallHouse()
    house.lend("bonds", "bond_fund", "neocloud", 1000)
    owes_today(house, "neocloud", 1000.0)
    house.month(6)
    house.accelerate("neocloud")
    house.resolve()
    assert told_of(house, "neocloud", 7)["default_month"] == [6]
    before = told_of(house, "neocloud", 6)
    assert (before["default_month"], before["cause"], before["owed_unsecured"]) == ([-1], [""], [0])
    assert losses(house, "neocloud", 6) == [0.0]
    assert losses(house, "neocloud", 7) == [0.75]


def test_without_a_default_nothing_is_lost_and_who_owes_nothing_today_has_no_loss_at_all():
    house = SmallHouse(worlds=2)
    house.lend("bonds", "bond_fund", "neocloud", 1000)
    owes_today(house, "neocloud", 1000.0)
    owes_today(house, "lead_lab", 0.0)
    house.accelerate("neocloud", [True, False])
    house.resolve()
    assert losses(house, "neocloud") == [0.75, 0.0]
    assert np.isnan(losses(house, "lead_lab")).all()
    register = house.economy.firm_defaults
    columns = measures(register.names, register.told(12))
    assert columns["default:neocloud"].tolist() == [0, -1]
    assert columns["loss:neocloud"].tolist() == [0.75, 0.0]
    assert columns["default:lead_lab"].tolist() == [-1, -1]


def test_a_breach_that_a_default_wipes_out_is_counted_in_its_month():
    house = SmallHouse(worlds=2)
    house.lend("bonds", "bond_fund", "neocloud", 1000)
    house.accelerate("neocloud", [True, False])
    house.resolve()
    assert house["neocloud"].months_in_breach.tolist() == [0, 0]
    house.economy.firm_defaults.record(house.economy)
    told = told_of(house, "neocloud")
    assert (told["breach_months"], told["first_breach_month"]) == ([1, 0], [0, -1])
    house.month(1)  # nobody is in breach any more
    house.economy.firm_defaults.record(house.economy)
    assert told_of(house, "neocloud")["breach_months"] == [1, 0]


def test_distress_is_the_share_of_the_two_years_before_with_cover_below_one():
    """Of thirty months the cloud's cash flow covers its debt service in the first nine and in every fourth after them."""
    house = SmallHouse(worlds=2)
    register, cloud = house.economy.firm_defaults, house["neocloud"]
    cloud.service = np.array([100.0, 100.0])
    for month in range(30):
        covered = month < 9 or month % 4 == 0
        cloud.ebitda = np.array([100.0 if covered else 99.0, 200.0])
        house.month(month)
        register.record(house.economy)
    short = [month for month in range(9, 30) if month % 4]
    assert told_of(house, "neocloud", 30)["distress"] == [len([month for month in short if month >= 6]) / 24, 0.0]
    row = register.names.index("neocloud")
    register.default_month[row] = [12, -1]
    assert told_of(house, "neocloud", 30)["distress"] == [len([month for month in short if month < 12]) / 12, 0.0]
    assert np.isnan(told_of(house, "lead_vendor", 30)["distress"]).all()


def test_a_lab_is_in_distress_where_its_means_do_not_cover_a_year_of_commitments(monkeypatch):
    house = SmallHouse(worlds=3)
    lab = house["lead_lab"]
    monkeypatch.setattr(type(lab), "commitment_cover", lambda self: np.array([0.99, 1.0, 1.01]))
    house.economy.firm_defaults.record(house.economy)
    assert told_of(house, "lead_lab", 1)["distress"] == [1.0, 0.0, 0.0]


@pytest.mark.slow
def test_what_is_told_of_a_month_is_the_same_however_much_longer_the_world_runs():
    def told(months: int) -> dict[str, np.ndarray]:
        tight = {"funding.tightening": 1.0, "funding.start_month": 0, "credit.leverage_limit": 2.0}
        settings = {"demand.strength": 0.5, **tight}
        economy = Economy(
            Scenario(PLAIN, worlds=3, seed=1, months=months, overrides=settings, series=("vendor_revenue", "capex"))
        )
        economy.run()
        return economy.firm_defaults.told(36)

    short, long = told(47), told(53)  # a default that is told has eleven months after it
    assert (short["default_month"] >= 0).any()
    assert (short["first_breach_month"] >= 0).any()
    assert (short["rescue_month"] >= 0).any()
    for name, values in short.items():
        assert np.array_equal(values, long[name], equal_nan=values.dtype.kind == "f"), name
