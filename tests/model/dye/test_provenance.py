"""Claims about the dye: whose money is it, through single payments and through a clearing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from perpetuum.model.books.ledger import BooksBreachError
from perpetuum.model.books.payment_kinds import DYE, DYES
from perpetuum.model.books.settlement import TRADE, Settlement
from perpetuum.model.worlds import select


def clearing(ledger, dues):
    """Settle (kind, payer, payee, dollars) at once, without default costs."""
    accounts = ledger.accounts
    settlement = Settlement(ledger, accounts["vendors"] + accounts["clouds"] + accounts["labs"], 1.0, 1.0, 0.0)
    for kind, payer, payee, due in dues:
        settlement.owe(kind, accounts.number[payer], accounts.number[payee], np.asarray(due, dtype=float), TRADE)
    settlement.solve()
    ledger.clear(settlement)
    return settlement


def mix(ledger, name, world=0):
    """Composition of an account as a dict of what is not zero."""
    column = ledger.provenance.dye[ledger.accounts.number[name], :, world]
    return {dye: round(float(part), 9) for dye, part in zip(DYES, column, strict=True) if part > 1e-9}


@pytest.fixture
def triangle(books, number):
    """The vendor holds 10, the lab 30 of equity money, the cloud 20 of customers', in hundreds of dollars."""

    def build(worlds=1):
        ledger = books(worlds, {"vendor": 1000, "venture_fund": 3000, "outside": 2000})
        round_ = np.full(worlds, 3000.0)
        ledger.advance(number["venture_fund"], number["lab"], round_, "private_equity", "funding_round")
        ledger.pay(number["outside"], number["cloud"], np.full(worlds, 2000.0), "direct_cloud_sales")
        assert mix(ledger, "lab") == {"equity": 1}
        assert mix(ledger, "cloud") == {"customers": 1}
        return ledger

    return build


def shares_of_revenue(ledger):
    """Mixed, high and low share of the vendor's own money in its revenue."""
    provenance = ledger.provenance
    revenue = provenance.receipts.sum(axis=0)
    laps = provenance.receipts[DYE["lap_1"] :].sum(axis=0)
    return laps / revenue, provenance.returned_high / revenue, provenance.returned_low / revenue


def test_own_money_share_of_the_triangle_is_one_eighth_between_none_and_one_half(triangle, number):
    ledger = triangle()
    vendor, cloud, lab = number["vendor"], number["cloud"], number["lab"]
    ledger.pay(vendor, lab, np.array([1000.0]), "vendor_equity")
    ledger.pay(lab, cloud, np.array([2000.0]), "compute_rent_reserved")
    ledger.pay(cloud, vendor, np.array([2000.0]), "chips")
    mixed, high, low = shares_of_revenue(ledger)
    assert mixed == pytest.approx(0.125, abs=1e-12)
    assert (high[0], low[0]) == (0.5, 0.0)


def test_the_triangle_has_the_same_shares_in_one_clearing(triangle):
    ledger = triangle()
    clearing(
        ledger,
        [
            ("backstop", "vendor", "lab", [1000]),
            ("compute_rent_reserved", "lab", "cloud", [2000]),
            ("chips", "cloud", "vendor", [2000]),
        ],
    )
    mixed, high, low = shares_of_revenue(ledger)
    assert mixed == pytest.approx(0.125, abs=1e-9)
    assert ledger.provenance.returned_high.tolist() == [1000]
    assert high == pytest.approx(0.5, abs=1e-9)
    assert low[0] == 0
    assert mix(ledger, "cloud") == {"customers": 0.5, "equity": 0.375, "lap_1": 0.125}
    assert ledger.provenance.high[ledger.accounts.number["cloud"], 0] == 0
    ledger.audit("settlement")


def test_money_that_goes_round_twice_is_lap_two_and_thrice_lap_three(books, number):
    ledger = books(1, {"vendor": 1000})
    vendor, cloud, lab = number["vendor"], number["cloud"], number["lab"]
    for lap in ("lap_1", "lap_2", "lap_3", "lap_3"):
        ledger.begin_month(0)
        for payer, payee, kind in (
            (vendor, lab, "vendor_equity"),
            (lab, cloud, "compute_rent_spot"),
            (cloud, vendor, "chips"),
        ):
            ledger.pay(payer, payee, np.array([1000.0]), kind)
        assert mix(ledger, "vendor") == {lap: 1}
        assert ledger.provenance.receipts[DYE[lap], 0] == 1000
        assert ledger.provenance.returned_high[0] == ledger.provenance.returned_low[0] == 1000


def test_any_other_payment_of_the_vendor_washes_the_laps_out(books, number):
    ledger = books(1, {"vendor": 1000})
    for payer, payee, kind in (
        ("vendor", "lab", "vendor_loan"),
        ("lab", "vendor", "chips"),
        ("vendor", "cloud", "compute_rent_spot"),
    ):
        ledger.pay(number[payer], number[payee], np.array([1000.0]), kind)
    assert mix(ledger, "cloud") == {"own": 1}
    assert ledger.provenance.high[number["cloud"], 0] == 0


def test_money_takes_its_colour_at_the_door(books, number):
    for kind, payer, colour in (
        ("ai_subscriptions", "outside", "customers"),
        ("other_business", "outside", "other_customers"),
        ("state_funding", "outside", "states"),
        ("bank_loan", "bank", "credit"),
        ("funding_round", "venture_fund", "equity"),
        ("loan_draw", "bond_fund", "credit"),
        ("cloud_equity", "cloud", "inside"),
    ):
        ledger = books(1, {payer: 100} if payer != "bank" else {})
        ledger.pay(number[payer], number["lab"], np.array([100.0]), kind)
        assert mix(ledger, "lab") == {colour: 1}, kind


def test_a_round_recolours_everything_but_the_laps(books, number):
    ledger = books(1, {"vendor": 100, "outside": 300})
    ledger.pay(number["vendor"], number["cloud"], np.array([100.0]), "backstop")
    ledger.pay(number["outside"], number["cloud"], np.array([300.0]), "direct_cloud_sales")
    ledger.pay(number["cloud"], number["lab"], np.array([40.0]), "cloud_equity")
    assert mix(ledger, "lab") == {"inside": 0.75, "lap_1": 0.25}


def test_a_sale_on_the_vendors_credit_is_its_own_money(books, number):
    ledger = books(1)
    ledger.credit_sale(number["vendor"], number["cloud"], np.array([50.0]), "chips")
    mixed, high, low = shares_of_revenue(ledger)
    assert (mixed[0], high[0], low[0]) == (1, 1, 1)


def test_an_account_drained_to_its_last_dollar_keeps_a_composition(books, number):
    ledger = books(1, {"outside": 10, "lab": 10})
    for _ in range(50):
        ledger.pay(number["lab"], number["cloud"], np.array([10.0]), "compute_rent_spot")
        ledger.pay(number["cloud"], number["lab"], np.array([10.0]), "revenue_share")
    assert sum(mix(ledger, "cloud").values()) == pytest.approx(1)
    assert sum(mix(ledger, "lab").values()) == pytest.approx(1)


def test_the_order_of_payments_in_one_call_is_irrelevant(triangle, number):
    payers = [number[name] for name in ("lab", "lab", "cloud", "venture_fund")]
    payees = [number[name] for name in ("neocloud", "outside", "neocloud", "second_lab")]
    amounts = np.array([[333.0, 777.0], [1001.0, 5.0], [12.0, 13.0], [0.0, 0.0]])
    results = []
    for order in itertools.permutations(range(4)):
        ledger = triangle(2)
        ledger.pay(number["vendor"], number["lab"], np.array([700.0, 100.0]), "vendor_equity")
        pick = list(order)
        ledger.pay([payers[i] for i in pick], [payees[i] for i in pick], amounts[pick], "operations")
        results.append(ledger)
    first = results[0]
    for other in results[1:]:
        assert (other.book == first.book).all()
        assert (other.provenance.high == first.provenance.high).all()
        assert (other.provenance.low == first.provenance.low).all()
        np.testing.assert_allclose(other.provenance.dye, first.provenance.dye, rtol=0, atol=1e-15)


def test_a_ring_in_a_clearing_mixes_as_by_hand(books, number):
    """Two that hold 10 each pay each other 20: a pool is its own 10 and 20 of the other's pool."""
    ledger = books(1, {"outside": 100, "venture_fund": 10})
    ledger.pay(number["venture_fund"], number["lab"], np.array([10.0]), "funding_round")
    ledger.pay(number["outside"], number["cloud"], np.array([10.0]), "direct_cloud_sales")
    clearing(ledger, [("compute_rent_reserved", "lab", "cloud", [20]), ("revenue_share", "cloud", "lab", [20])])
    assert mix(ledger, "lab") == {"equity": 0.6, "customers": 0.4}
    assert mix(ledger, "cloud") == {"equity": 0.4, "customers": 0.6}


def test_a_ring_without_cash_counts_as_own_money(books, number):
    ledger = books(1)
    clearing(ledger, [("compute_rent_reserved", "lab", "cloud", [20]), ("revenue_share", "cloud", "lab", [20])])
    assert mix(ledger, "lab") == mix(ledger, "cloud") == {"own": 1}
    ledger.audit("settlement")


def test_vendor_money_fills_a_cashless_ring_it_enters(books, number):
    """All cash in the ring is the vendor's: so is all that goes round, mixed or kept in the loop."""
    ledger = books(1, {"vendor": 10})
    clearing(
        ledger,
        [
            ("backstop", "vendor", "cloud", [10]),
            ("compute_rent_reserved", "lab", "cloud", [1000]),
            ("revenue_share", "cloud", "lab", [1000]),
        ],
    )
    assert mix(ledger, "lab") == {"lap_1": 1}
    assert ledger.provenance.high[number["cloud"], 0] == 10
    ledger.audit("settlement")


def test_a_clearing_reaches_traced_accounts_beyond_the_firms(triangle, number):
    ledger = triangle()
    clearing(ledger, [("backstop", "vendor", "lab", [1000]), ("dividends", "lab", "index", [500])])
    assert mix(ledger, "index") == {"equity": 0.75, "lap_1": 0.25}
    assert ledger.provenance.low[number["index"], 0] == 500
    assert ledger.provenance.high[number["index"], 0] == 0
    ledger.audit("settlement")


def test_a_ring_that_takes_ages_to_fill_stays_sound(books, number):
    """Ten dollars of the vendor's need 10^11 rounds to fill a ring of 10^12: the earmark gives up early."""
    ledger = books(1, {"vendor": 10})
    clearing(
        ledger,
        [
            ("backstop", "vendor", "cloud", [10]),
            ("compute_rent_reserved", "lab", "cloud", [10**12]),
            ("revenue_share", "cloud", "lab", [10**12]),
        ],
    )
    ledger.audit("settlement")


def _random_clearing(rng, ledger, worlds):
    firms = ("vendor", "cloud", "neocloud", "lab", "second_lab")
    dues = []
    for payer, payee in itertools.product(firms, (*firms, "bond_fund", "outside", "index", "bank")):
        if payer == payee or rng.random() < 0.4:
            continue
        kind = "backstop" if payer == "vendor" and payee != "outside" else "chips" if payee == "vendor" else "operations"
        dues.append((kind, payer, payee, rng.integers(0, 800, worlds) * (rng.random(worlds) < 0.7)))
    return clearing(ledger, dues)


@pytest.mark.parametrize("seed", range(8))
def test_a_clearing_neither_makes_nor_loses_a_colour(books, number, seed):
    """Among firms that are no vendors, and what they pay out, every colour's dollars stay the same."""
    rng = np.random.default_rng(seed)
    worlds = 6
    names = ("cloud", "neocloud", "lab", "second_lab")
    ledger = books(worlds, dict.fromkeys(names, rng.integers(0, 900, worlds)))
    provenance = ledger.provenance
    members = [number[name] for name in (*names, "bond_fund", "index")]
    mixes = rng.random((len(members), len(DYES), worlds))
    provenance.dye[members] = mixes / mixes.sum(axis=1, keepdims=True)
    before = (provenance.dye[members] * ledger.book[0, members][:, None]).sum(axis=0)
    dues = [
        ("operations", payer, payee, rng.integers(0, 800, worlds) * (rng.random(worlds) < 0.7))
        for payer, payee in itertools.permutations((*names, "bond_fund", "index"), 2)
        if payer in names
    ]
    clearing(ledger, dues)
    after = (provenance.dye[members] * ledger.book[0, members][:, None]).sum(axis=0)
    np.testing.assert_allclose(after, before, rtol=0, atol=1e-6)
    ledger.audit("settlement")


@pytest.mark.parametrize("seed", range(8))
def test_dyes_and_earmarks_stay_sound_through_random_months(books, number, seed):
    rng = np.random.default_rng(seed)
    worlds = 5
    everybody = ("outside", "vendor", "cloud", "neocloud", "lab", "second_lab", "index", "venture_fund")
    ledger = books(worlds, {name: rng.integers(0, 1000, worlds) for name in everybody})
    for month in range(6):
        ledger.begin_month(month)
        for kind, payer, payee in (
            ("ai_subscriptions", "outside", "lab"),
            ("compute_rent_spot", "lab", "cloud"),
            ("chips", "cloud", "vendor"),
            ("backstop", "vendor", "cloud"),
        ):
            ledger.pay(number[payer], number[payee], ledger.cash(number[payer]) * rng.random(), kind)
        _random_clearing(rng, ledger, worlds)
        ledger.audit("settlement")


@pytest.mark.parametrize("at_once", [False, True])
def test_wages_before_chips_take_all_vendor_money_along_or_none(books, number, at_once):
    """Of 400, 100 are the vendor's; 300 of wages leave the loop, 100 of chips stay in it."""
    ledger = books(1, {"vendor": 100, "lab": 300})
    bills = [("operations", "lab", "outside", [300]), ("chips", "lab", "vendor", [100])]
    if at_once:
        clearing(ledger, [("backstop", "vendor", "lab", [100]), *bills])
    else:
        ledger.pay(number["vendor"], number["lab"], np.array([100.0]), "vendor_equity")
        for kind, payer, payee, amount in bills:
            ledger.pay(number[payer], number[payee], np.array(amount, dtype=float), kind)
    mixed, high, low = shares_of_revenue(ledger)
    assert mixed == pytest.approx(0.25, abs=1e-9)
    assert (high[0], low[0]) == (1, 0)


def test_one_call_that_pays_inside_and_outside_splits_as_by_hand(books, number):
    """A lab with 60 of the vendor's among 100 pays a cloud 50 and a bond fund 30.

    High: 50 and, as 40 others are left, 0. Low: 30 to the fund, and 50 - 40 others to the cloud.
    """
    ledger = books(1, {"vendor": 60, "lab": 40})
    lab, cloud, fund = number["lab"], number["cloud"], number["bond_fund"]
    ledger.pay(number["vendor"], lab, np.array([60.0]), "backstop")
    ledger.pay([lab, lab], [cloud, fund], np.array([[50.0], [30.0]]), "operations")
    provenance = ledger.provenance
    assert provenance.high[[lab, cloud, fund], 0].tolist() == [10, 50, 0]
    assert provenance.low[[lab, cloud, fund], 0].tolist() == [20, 10, 30]
    clearing(ledger, [("loan_interest", "cloud", "bond_fund", [45])])
    assert provenance.high[[cloud, fund], 0].tolist() == [5, 45]
    assert provenance.low[[cloud, fund], 0].tolist() == [0, 40]
    ledger.audit("settlement")


def test_what_a_lender_holds_comes_back_with_its_loans(books, number):
    """High: interest takes vendor money out of the loop last; low: a loan brings it back last."""
    ledger = books(1, {"vendor": 100, "lab": 100, "bond_fund": 100})
    lab, cloud, fund = number["lab"], number["cloud"], number["bond_fund"]
    ledger.pay(number["vendor"], lab, np.array([100.0]), "vendor_loan")
    ledger.pay(lab, fund, np.array([150.0]), "loan_interest")
    ledger.pay(fund, cloud, np.array([200.0]), "loan_draw")
    provenance = ledger.provenance
    assert provenance.high[[lab, cloud, fund], 0].tolist() == [50, 50, 0]
    assert provenance.low[[lab, cloud, fund], 0].tolist() == [0, 50, 50]


def test_an_exchange_shares_earmarked_money_among_receivers_of_a_side(books, number):
    """Index pays 90, a third of it to a cloud, with 50 of the vendor's among its 100."""
    ledger = books(1, {"vendor": 50, "index": 50})
    ledger.pay(number["vendor"], number["index"], np.array([50.0]), "guarantee_call")
    value = np.zeros((len(ledger.accounts), 1), dtype=np.int64)
    for name, dollars in (("index", 90), ("cloud", -30), ("fundamental", -40), ("home_state", -20)):
        value[number[name]] = dollars
    ledger.exchange([("listed_equity", "share_trading", value)])
    who = [number[name] for name in ("index", "cloud", "fundamental", "home_state")]
    assert ledger.provenance.high[who, 0].tolist() == [10, 30, 6, 3]
    assert ledger.provenance.low[who, 0].tolist() == [0, 0, 33, 16]
    ledger.audit("securities_market")


def test_a_posting_keeps_the_colours_of_its_moment(triangle, number):
    ledger = triangle()
    ledger.postings = []
    vendor, cloud, lab, index = (number[name] for name in ("vendor", "cloud", "lab", "index"))
    ledger.pay(vendor, lab, np.array([1000.0]), "vendor_equity")
    ledger.pay(lab, cloud, np.array([2000.0]), "compute_rent_reserved")
    ledger.pay(lab, cloud, np.array([2000.0]), "state_support")
    ledger.pay(cloud, number["outside"], np.array([3000.0]), "operations")
    traded = np.zeros((len(ledger.accounts), 1), dtype=np.int64)
    traded[index], traded[cloud] = -1000, 1000
    ledger.exchange([("gold", "gold_trading", traded)])
    found = [{dye: round(float(f), 3) for dye, f in zip(DYES, p.colours[:, 0], strict=True) if f} for p in ledger.postings]
    mixed = {"customers": 0.333, "equity": 0.25, "states": 0.25, "lap_1": 0.167}
    recoloured = {"states": 0.75, "lap_1": 0.25}
    assert found == [{"lap_1": 1}, {"equity": 0.75, "lap_1": 0.25}, recoloured, mixed, mixed]


def test_second_hand_chips_are_no_revenue(books, number):
    ledger = books(1, {"cloud": 100})
    ledger.pay(number["cloud"], number["vendor"], np.array([60.0]), "second_hand_chips")
    assert ledger.provenance.receipts.sum() == 0


def test_colour_and_earmark_audits_name_the_account(books, number):
    ledger = books(2, {"lab": 5})
    ledger.provenance.low[number["lab"], 1] = 6
    with pytest.raises(BooksBreachError, match="lab in world 1 holds 6 earmarked dollars among deposits of 5"):
        ledger.audit("x")


@pytest.mark.parametrize("worlds", [[0], [5, 6], [2, 0, 1], [6, 5, 4, 3, 2, 1, 0]])
def test_world_alone_equals_world_in_company_in_a_clearing(books, worlds):
    start = books(7, dict.fromkeys(("vendor", "cloud", "neocloud", "lab", "second_lab"), np.arange(7) * 100 + 50))
    alone = select(start, np.array(worlds))
    rng = np.random.default_rng(3)
    firms = ("vendor", "cloud", "neocloud", "lab", "second_lab")
    for _ in range(3):
        dues = [
            (
                "backstop" if payer == "vendor" else "chips" if payee == "vendor" else "operations",
                payer,
                payee,
                amounts,
            )
            for payer, payee in itertools.permutations((*firms, "outside", "index"), 2)
            if payer in firms and (amounts := rng.integers(0, 300, 7).astype(float)) is not None
        ]
        clearing(start, dues)
        clearing(alone, [(kind, payer, payee, due[worlds]) for kind, payer, payee, due in dues])
    assert (start.book[..., worlds] == alone.book).all()
    for name in ("dye", "high", "low", "receipts", "returned_high", "returned_low"):
        assert (getattr(start.provenance, name)[..., worlds] == getattr(alone.provenance, name)).all(), name
