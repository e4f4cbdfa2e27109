"""Series of outside money and of the provisional state: by hand, and of one mind with the verdict."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.observed.measures import MEASURES
from perpetuum.model.observed.outcome import judge
from perpetuum.model.observed.series import SERIES
from perpetuum.model.observed.standing import Standing
from perpetuum.model.observed.states import FALLEN, SMALLER, SPINNING, STANDS_ALONE
from perpetuum.model.scenario import Scenario
from tests.plain import PLAIN

BN = 1e9
NEW = ("weekly_users", "high_yield_spread", "bond_issuance", "net_debt", "round_size", "state")
#: Facts of a month in which nothing is amiss with the one core firm.
CALM = {"default:lab": np.zeros(1), "shed:lab": np.zeros(1)}


@pytest.fixture
def month(books, number, accounts):
    """A month in which two clouds borrow and two labs raise; everybody had 1000 before."""
    ledger = books(1, {name: 1000 * BN for name in number if name != "bank"})

    def lend(holder, debtor, amount, instrument, kind):
        ledger.advance(number[holder], number[debtor], np.array([amount * BN]), instrument, kind)

    lend("bond_fund", "cloud", 40, "bonds", "bond_issue")
    lend("bond_fund", "neocloud", 5, "term_loans", "loan_draw")
    lend("bond_fund", "lab", 3, "term_loans", "loan_draw")  # of a lab: no cloud's
    lend("vendor", "neocloud", 7, "vendor_credit", "vendor_loan")  # a vendor's: no lender's
    ledger.redeem(number["cloud"], number["bond_fund"], np.array([10 * BN]), "bonds", "bond_redemption")
    lend("venture_fund", "lab", 12, "private_equity", "funding_round")
    lend("cloud", "second_lab", 4, "private_equity", "cloud_equity")
    lend("vendor", "lab", 20, "private_equity", "vendor_equity")  # a tranche of the vendor's: no round
    clouds = [SimpleNamespace(account=number[name]) for name in ("cloud", "neocloud")]
    return SimpleNamespace(
        ledger=ledger, accounts=accounts, clouds=clouds, demand=SimpleNamespace(users=np.array([0.7 * BN]))
    )


@pytest.mark.parametrize(
    ("name", "value", "by_hand"),
    [
        ("weekly_users", 0.7, "700 million"),
        ("bond_issuance", 45, "40 of bonds + 5 of loans; what is repaid is not taken off"),
        ("net_debt", 30 + 5 + 7 - (1000 + 40 - 10 - 4) - (1000 + 5 + 7), "debts of 42 less cash of 2038"),
        ("round_size", 16, "12 of a fund + 4 of a cloud"),
    ],
)
def test_a_series_of_outside_money_is_what_it_is_by_hand(month, name, value, by_hand):
    assert MEASURES[name](month) == pytest.approx([value]), by_hand


def test_the_new_series_are_collected_with_words_and_units_like_all_others():
    assert set(NEW) <= set(SERIES)
    assert "provisional" in MEASURES["state"].help
    assert all(MEASURES[name].unit for name in NEW)
    assert all(MEASURES[name].en[0] and MEASURES[name].zh[0] for name in NEW)


def test_the_high_yield_spread_opens_at_the_markets_and_moves_with_tightening_alone():
    """1.8 % + 0.6 % x (4.4 - 3)^1.5 = 2.79 %; full tightening adds 5 points; the leverage of AI's firms adds nothing."""
    squeezed = {"funding.tightening": 1.0, "funding.start_month": 1, "funding.ramp_months": 1}
    economy = Economy(Scenario(preset=PLAIN, overrides=squeezed, months=2, series=("high_yield_spread",)))
    economy.run()
    calm, tight = economy.series["high_yield_spread"][0]
    assert calm == pytest.approx(0.018 + 0.006 * 1.4**1.5)
    pessimism = 0.015 * max(-float(economy.narrative.sentiment[0]), 0.0)
    assert tight == pytest.approx(calm + 0.05 + pessimism)
    economy.p.credit.high_yield_leverage[:] = 3.0
    assert MEASURES["high_yield_spread"](economy) == pytest.approx([0.068 + pessimism])


# --- the state, without foresight -----------------------------------------------------------------------------------


def lived(sales, paid, spent=8.0, before=None, **marks):
    """Codes of one world month by month: sales were 10 a month in the year before, spending 8, of which customers paid 4."""
    year = {"sales": [10.0] * 12, "paid": [4.0] * 12, "spent": [8.0] * 12} if before is None else before
    standing, codes = Standing(("lab",), year, 1), []
    for number, values in enumerate(zip(*np.broadcast_arrays(sales, paid, spent), strict=True)):
        facts = dict(zip(("sales", "paid", "spent"), (np.array([value]) for value in values), strict=True))
        happened = {name.replace("_", ":"): np.array([value]) for name, (when, value) in marks.items() if when == number}
        standing.record(CALM | facts | happened)
        codes.append(int(standing.code[0]))
    return codes


def test_the_state_is_this_months_reading():
    # Customers pay all from the start: the sums of twelve months are equal after twelve of them.
    assert lived(np.full(14, 10.0), 8.0) == [SPINNING] * 11 + [STANDS_ALONE] * 3
    # With sales of 7 the mean of twelve months is 10 - k / 4 after k of them: under 7.5 from the eleventh on.
    assert lived(np.full(12, 7.0), 100.0) == [STANDS_ALONE] * 10 + [SMALLER] * 2


def test_a_default_and_a_shed_third_are_a_fall_at_once_and_for_good():
    assert lived(np.full(4, 10.0), 100.0, default_lab=(2, 1.0)) == [STANDS_ALONE] * 2 + [FALLEN] * 2
    assert lived(np.full(4, 10.0), 100.0, shed_lab=(1, 0.34)) == [STANDS_ALONE] + [FALLEN] * 3
    assert lived(np.full(3, 10.0), 100.0, shed_lab=(1, 0.33)) == [STANDS_ALONE] * 3


def test_half_of_the_peak_is_a_fall_once_it_has_lasted_a_year():
    """Without sales from month 0 the mean of twelve months is half its peak in month 5: the twelfth such month is month 16."""
    codes = lived(np.zeros(20), 4.0)
    assert codes == [SPINNING] * 16 + [FALLEN] * 4


def test_without_a_year_before_the_first_month_stands_for_it():
    assert lived(np.full(3, 5.0), 8.0, before={}) == [STANDS_ALONE] * 3


def test_the_state_agrees_with_the_verdict_but_for_what_foresight_adds():
    """Of random worlds: a fall by sales shows eleven months after its crossing, everything else in its month."""
    rng, worlds, months = np.random.default_rng(3), 60, 80
    facts = {name: 8.0 * np.exp(np.cumsum(rng.normal(0, 0.12, (worlds, months)), axis=1)) for name in ("sales", "paid")}
    facts["spent"] = 8.0 * np.ones((worlds, months))
    facts |= {"default:lab": rng.random((worlds, months)) < 0.002, "shed:lab": 0.34 * (rng.random((worlds, months)) < 0.002)}
    standing, codes = Standing(("lab",), {}, worlds), []
    for number in range(months):
        standing.record({name: values[:, number] for name, values in facts.items()})
        codes.append(standing.code)
    others = dict.fromkeys(("spent_whole", "own_use_value", "outside_financing"), facts["spent"])
    dates = judge(facts | others, ("lab",), {}).dates
    told, month = np.stack(codes, axis=1)[:, : dates.judged], np.arange(dates.judged)
    by_sales = (dates.cause == "sales")[:, None]
    unseen = by_sales & (month >= dates.fallen[:, None]) & (month < dates.fallen[:, None] + 11)
    assert by_sales.sum() > 10
    assert {*np.unique(dates.state)} == {FALLEN, STANDS_ALONE, SMALLER, SPINNING}
    np.testing.assert_array_equal(told[~unseen], dates.state[~unseen])


def test_the_state_of_a_real_world_is_the_verdicts():
    hard = {"demand.strength": 0.5, "funding.tightening": 1.0, "funding.start_month": 6}
    economy = Economy(Scenario(preset=PLAIN, overrides=hard, worlds=6, seed=1, months=80))
    economy.run()
    dates = economy.outcome().dates
    assert {*np.unique(dates.cause)} <= {"", "default:lead_lab"}
    np.testing.assert_array_equal(economy.series["state"][:, : dates.judged], dates.state)


def test_a_fork_stands_where_its_worlds_stood():
    economy = Economy(Scenario(worlds=3, months=6))
    economy.run(3)
    fork = economy.fork(np.array([2, 0]))
    for one in (economy, fork):
        one.run()
    np.testing.assert_array_equal(fork.series["state"], economy.series["state"][[2, 0]])
    np.testing.assert_array_equal(fork.collector.standing.peak, economy.collector.standing.peak[[2, 0]])
