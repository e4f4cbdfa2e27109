"""The lead vendor covers gaps of customers: what it offers, in which form it comes, where it stops, and what it may cost it."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.agents.vendor_support import Need
from perpetuum.model.books.payment_kinds import KINDS
from perpetuum.model.economy import Economy
from perpetuum.model.observed.events import EventKind
from perpetuum.model.phases.chip_market import allocate_chips, set_terms
from perpetuum.model.phases.customer_finance import deliver, support_customers
from tests.plain import OFF_KEYWORDS, PLAIN

ON = {**OFF_KEYWORDS, "support__on": True}
FORMS = ("equity", "loan", "lease", "guarantee")
#: Nothing but the caps holds the vendor back.
GENEROUS = {
    "support__additionality": 2.0,
    "support__cash_flow": 5.0,
    "support__one_customer": 1.0,
    "support__cash_months": 0.0,
    "support__runway": 36.0,
    "support__months": 24.0,
}
BN = 1e9


def opened(**keywords) -> Economy:
    given = {"months": 6, "worlds": 1, "seed": 3, "funding__tightening": 0.0, **ON, **keywords}
    return Economy(preset=PLAIN, **given)


def need(gap: float, orders: float = 1e4, risk: float = 0.0, value: float = 1e4, leasable: float = 1e4) -> Need:
    gap, orders, risk, value, leasable = (np.array([x]) for x in (gap, orders, risk, value, leasable))
    return Need(gap * BN, orders * BN, risk, value * BN, leasable * BN, np.zeros(1, dtype=np.int64))


def offered(economy: Economy, *needs: Need, equity: float = 100.0, guaranteed: float = 0.0) -> list[float]:
    """What the lead vendor offers the first customers, $bn."""
    accounts = [firm.account for firm in (*economy.labs, *economy.clouds)][: len(needs)]
    whole = [np.array([int(x * BN)]) for x in (guaranteed, equity)]
    found = economy.lead_vendor.support.offer(dict(zip(accounts, needs, strict=True)), *whole)
    return [float(found[account][0]) / BN for account in accounts]


# --- how much ---------------------------------------------------------------------------------------------------------


def free_cash_flow(economy: Economy, bn: float) -> None:
    economy.lead_vendor.support.free_cash_flow = [np.array([bn / 12 * BN])] * 12


def test_a_gap_is_covered_up_to_the_part_of_the_years_free_cash_flow_for_one_customer():
    one = opened(support__cash_flow=0.5, support__one_customer=0.25)
    free_cash_flow(one, 96.0)
    assert offered(one, need(5.0)) == pytest.approx([5.0])
    assert offered(one, need(50.0)) == pytest.approx([12.0])  # 0.25 x 0.5 x 96
    one.lead_vendor.support.count(one.labs[0].account, np.array([10.0 * BN]))
    assert offered(one, need(50.0)) == pytest.approx([2.0])
    for _ in range(11):  # the gift of a year ago counts no more
        one.lead_vendor.support.count(one.labs[0].account, np.zeros(1))
    assert offered(one, need(50.0)) == pytest.approx([12.0])


def test_all_together_get_no_more_than_the_cap_and_than_the_cash_that_is_not_kept():
    one = opened(support__cash_flow=0.25, support__one_customer=0.5, support__cash_months=0.0)
    free_cash_flow(one, 96.0)  # a cap of 24, 12 for one
    assert offered(one, need(12.0), need(12.0), need(24.0)) == pytest.approx([8.0, 8.0, 8.0])
    rich = opened(support__cash_flow=5.0, support__one_customer=1.0, support__cash_months=10.0)
    free_cash_flow(rich, 960.0)
    left = rich.lead_vendor.cash[0] / BN - 10 * 1.6  # running costs of 1.6 a month, nothing sold yet
    assert offered(rich, need(100.0)) == pytest.approx([left])
    poor = opened(support__cash_flow=5.0, support__one_customer=1.0)
    free_cash_flow(poor, -96.0)
    assert offered(poor, need(1.0)) == [0.0]


def test_all_are_judged_by_the_risk_of_the_weakest():
    """0.5 x 0.73 x 4 of orders = 1.46 against risk x 0.6 x 6: worth it up to a risk of 0.405."""
    one = opened(support__additionality=0.5, support__cash_flow=5.0)
    free_cash_flow(one, 96.0)
    sound, weak = need(6.0, orders=4.0, risk=0.4), need(1.0, risk=0.41)
    assert offered(one, sound) == pytest.approx([6.0])
    assert offered(one, sound, weak) == pytest.approx([0.0, 1.0])
    assert offered(one, sound, need(0.0, risk=0.9)) == pytest.approx([6.0, 0.0])  # who does not ask does not count


def test_guarantees_are_capped_by_book_equity_and_no_cash_is_needed_for_them():
    one = opened(vendor_finance__instrument="guarantee", support__guarantees=0.5, support__one_customer=0.25)
    free_cash_flow(one, -96.0)
    assert offered(one, need(50.0), equity=80.0) == pytest.approx([10.0])  # 0.25 x 0.5 x 80
    assert offered(one, need(50.0), equity=80.0, guaranteed=37.0) == pytest.approx([3.0])
    assert offered(one, need(50.0), equity=-80.0) == [0.0]


@pytest.mark.parametrize(("form", "most"), [("equity", 0.0), ("loan", 0.0), ("lease", 9.0), ("guarantee", 9.0)])
def test_cash_on_hand_limits_only_what_is_paid_in_cash(form, most):
    one = opened(vendor_finance__instrument=form, lead_vendor__cash=0.0, **GENEROUS)
    free_cash_flow(one, 96.0)
    assert offered(one, need(9.0)) == [most]


def test_shares_are_limited_by_what_the_firm_is_worth_and_leases_by_what_they_spare():
    wide = {"support__cash_flow": 5.0, "support__one_customer": 1.0, "support__cash_months": 0.0}
    shares, lease = (opened(vendor_finance__instrument=form, **wide) for form in ("equity", "lease"))
    for one in (shares, lease):
        free_cash_flow(one, 96.0)
    assert offered(shares, need(9.0, value=30.0, leasable=4.0)) == pytest.approx([6.0])  # a fifth of 30
    assert offered(lease, need(9.0, value=30.0, leasable=4.0)) == pytest.approx([4.0])


@pytest.mark.parametrize("off", [{"support__on": False}, {"vendor_finance__scale": 0.0}, {"funding__stop_month": 0}])
def test_nothing_is_offered_where_it_is_switched_off_or_all_external_finance_has_stopped(off):
    one = opened(**off)
    free_cash_flow(one, 96.0)
    assert offered(one, need(5.0)) == [0.0]


# --- in which form ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_every_form_reaches_labs_and_clouds_and_the_books_stay_exact(form):
    one = opened(months=2, vendor_finance__instrument=form, worlds=2)
    one.step()
    one.ledger.begin_month(1)
    set_terms(one)
    allocate_chips(one)
    vendor = one.lead_vendor
    for customer, kind in ((one.lead_lab, "vendor_equity"), (one.leveraged_cloud, "vendor_placement")):
        account, asset = customer.account, one.holdings.asset_of(customer.account)
        cash, lots = customer.cash.copy(), one.holdings.lots[vendor.account, asset].copy()
        bill = one.chips.cash_bill(account, vendor.account) if customer.role == "cloud" else None
        waiting, owed = one.chips.backlog_of_buyer(account), one.vendor_credit.owed_by(account).copy()
        backed = one.guarantees.on(vendor.account, one.loans.of_borrower(account))
        got = deliver(one, vendor, customer, np.array([0.25 * BN, 0.0])).whole
        assert got[0] == pytest.approx(0.25 * BN, rel=1e-3)
        assert got[1] == 0
        if form == "lease":
            assert (customer.cash == cash).all()
            if bill is None:
                assert (one.chips.backlog_of_buyer(account) - waiting)[0] == pytest.approx(
                    0.25 * BN / vendor.list_price()[0]
                )
            else:
                assert (bill - one.chips.cash_bill(account, vendor.account))[0] == pytest.approx(0.25 * BN)
            continue
        assert (customer.cash - cash == got).all()
        if form == "equity":
            assert KINDS[kind].vendor_finance
            assert (one.ledger.flow(kind, account) == got).all()
            assert one.holdings.lots[vendor.account, asset][0] > lots[0]
        elif form == "loan":
            assert (one.vendor_credit.owed_by(account) - owed == got).all()
        else:
            assert (one.guarantees.on(vendor.account, one.loans.of_borrower(account)) - backed == got).all()
    for book in one.loan_books.values():
        book.audit(one.ledger)
    one.ledger.audit("private_placement")


def test_a_lab_short_of_cash_lives_on_the_vendor_which_is_dated_and_told_as_a_rescue():
    short = {"vendor_finance__limit": 0.0, "support__additionality": 2.0, "support__runway": 36.0}
    one = opened(months=6, worlds=2, **{**short, "support__on": [True, False]}, vendor_finance__rescue_share=0.0)
    one.run()
    told = [e for e in one.journal.events if e.kind is EventKind.RESCUES]
    assert {e.world for e in told} == {0}
    assert {(e.who, e.whom) for e in told} == {("lead_vendor", "lead_lab")}
    row = one.firm_defaults.place[one.lead_lab.account]
    assert one.firm_defaults.rescue_month[row].tolist() == [told[0].month, -1]
    assert (one.core_events["rescue:lead_lab"].any(axis=1) == [True, False]).all()
    own = one.dye_series["lap_1"].sum(axis=1)
    assert own[0] > own[1]


def test_the_rescue_of_before_gives_way_to_support():
    one = opened(worlds=2, support__on=[True, False], vendor_finance__cash_floor=0.0)
    rescue = one.lead_vendor.programme.rescue_offer(np.zeros(2), np.full(2, 100 * BN))
    assert rescue[0] == 0.0
    assert rescue[1] > 0.0


def test_a_cloud_lacks_what_chips_dues_and_the_kept_cushion_need_beyond_its_cash():
    one = opened()
    cloud = one.leveraged_cloud
    cloud.kept_for_dues, cloud.cushion = np.array([2.0 * BN]), np.array([4.0 * BN])
    spent = 30 * BN + cloud.figures.other_capex + 2 * BN + one.p.clouds.cushion_kept * 4 * BN
    assert cloud.funding_gap(np.array([30 * BN])) == pytest.approx(spent - cloud.cash)
    assert cloud.funding_gap(np.zeros(1)) == 0.0


# --- what follows -----------------------------------------------------------------------------------------------------


def test_support_without_measure_can_bring_the_vendor_down_which_stands_without_it():
    weak = {
        "demand__strength": 0.1,
        "funding__tightening": 1.0,
        "funding__start_month": 0,
        "funding__ramp_months": 1,
        "vendor_finance__limit": 0.0,
        "vendor_finance__rescue_share": 0.0,
        "lead_lab__cash": 2.0,
        "lead_vendor__cash": 10.0,
        "lead_vendor__other_revenue": 0.0,
        "lead_vendor__capacity": 0.2,
        "lead_vendor__operating_costs": 2.5,
    }
    one = opened(months=12, worlds=2, **{**weak, **GENEROUS, "support__on": [True, False]})
    one.run()
    assert one.distress.ever(one.lead_vendor.account).tolist() == [True, False]


def test_a_forked_world_is_supported_as_the_original():
    one = opened(months=6, worlds=2, **{"lead_lab__cash": 1.0, "venture__inflow": 0.0, **GENEROUS})
    one.step()
    other = one.fork(np.array([1]))
    one.step()
    other.step()
    mine, theirs = (e.lead_vendor.support for e in (one, other))
    assert mine.trailing()[1:] == theirs.trailing()
    assert any(months[-2][1] > 0 and months[-1][1] > 0 for months in mine.given.values())  # before the fork and after
    for account, months in mine.given.items():
        assert [month[1] for month in months] == [month[0] for month in theirs.given[account]]


@pytest.mark.parametrize(("cash", "dues", "kind"), [(2.0, 5.0, EventKind.RESCUES), (5.0, 2.0, EventKind.FINANCES_ORDERS)])
def test_a_cloud_lives_on_support_only_where_its_dues_would_go_unpaid_without_it(cash, dues, kind):
    one = opened()
    vendor, cloud = one.lead_vendor, one.leveraged_cloud
    one.ledger.pay(cloud.account, one.outside, cloud.cash - cash * BN, "operations")
    cloud.kept_for_dues = np.array([dues * BN])
    cloud.cushion = np.array([50.0 * BN])  # so that it lacks money in both cases
    vendor.support.offer = lambda needs, *_: {account: np.full(1, BN * (account == cloud.account)) for account in needs}
    support_customers(one)
    told = [event for event in one.journal.events if event.whom == cloud.name]
    assert [(event.kind, event.who, event.amount) for event in told] == [(kind, vendor.name, 1.0)]
    assert one.distress.rescued_now[cloud.account].tolist() == [float(kind is EventKind.RESCUES)]


def test_chips_sold_on_credit_are_no_free_cash_flow():
    one = opened()
    vendor = one.lead_vendor
    one.ledger.begin_month(one.month)
    one.ledger.pay(one.outside, vendor.account, np.full(one.p.worlds, 5e9), "other_business")
    vendor.leased = np.full(one.p.worlds, 2e9)
    vendor.support.count_month()
    assert vendor.support.free_cash_flow[-1] == pytest.approx(np.full(one.p.worlds, 3e9))
