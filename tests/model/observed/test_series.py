"""Claims about series: figures of one month that can be checked by hand, in billions of dollars."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from perpetuum.model.books.payment_kinds import DYE
from perpetuum.model.observed.collector import Collector
from perpetuum.model.observed.facts import facts
from perpetuum.model.observed.series import MEASURES, OUNCES_PER_TONNE

BN = 1e9


def bn(amount):
    return np.array([amount * BN])


@pytest.fixture
def month(books, number, accounts):
    """A month of a vendor, two clouds and two labs: who paid what, and what they have beside their books."""
    ledger = books(1, {name: 1000 * BN for name in number if name != "bank"})

    def pay(payer, payee, amount, kind):
        ledger.pay(number[payer], number[payee], bn(amount), kind)

    pay("outside", "lab", 30, "ai_subscriptions")
    pay("outside", "cloud", 10, "direct_cloud_sales")
    pay("lab", "outside", 24, "operations")
    pay("cloud", "outside", 4, "taxes")
    pay("neocloud", "bond_fund", 12, "bond_interest")
    pay("vendor", "outside", 25, "cost_of_goods")
    pay("cloud", "outside", 10, "shell_and_power")
    pay("landlord", "outside", 5, "shell_and_power")  # for a hall that the cloud leases
    pay("lab", "cloud", 9, "compute_rent_reserved")  # inside the machine: costs nobody outside anything
    ledger.advance(number["vendor"], number["lab"], bn(15), "private_equity", "vendor_equity")
    figures = SimpleNamespace(other_capex=10 * BN)
    clouds = [
        SimpleNamespace(
            name=name,
            account=number[name],
            kind=name,
            figures=figures,
            capex=bn(25),
            interest=bn(12),
            last_net=bn(net),
            obligations_beyond_contracts=lambda: bn(30),
        )
        for name, net in (("cloud", 2.0), ("neocloud", 0.5))
    ]
    labs = [
        SimpleNamespace(name=name, account=number[name], kind="models", last_burn=bn(burn), training=np.array([gw]))
        for name, burn, gw in (("lab", 3.0, 1.5), ("second_lab", -1.0, 0.5))
    ]
    vendor = SimpleNamespace(
        name="vendor",
        account=number["vendor"],
        sales=bn(60),
        leased=bn(20),
        programme=SimpleNamespace(financed=bn(30), backstop_paid=bn(5)),
        figures=SimpleNamespace(finances=1.0),
        unit_cost=lambda: bn(40),
    )
    in_service = np.zeros((len(accounts), 1))
    in_service[number["cloud"]], in_service[number["lab"]] = 200, 50  # at 100 chips a GW
    firms = (vendor, *clouds, *labs)
    return SimpleNamespace(
        ledger=ledger,
        accounts=accounts,
        vendors=[vendor],
        clouds=clouds,
        labs=labs,
        firms=firms,
        states=[SimpleNamespace(account=number["home_state"])],
        firm_accounts=tuple(firm.account for firm in firms),
        lead_vendor=vendor,
        leveraged_cloud=clouds[0],
        lead_lab=labs[0],
        hall_leases=SimpleNamespace(built=np.array([[5.0 * BN], [0.0]])),
        hardware=SimpleNamespace(
            in_service=in_service, per_gw=np.array([100.0]), pipeline_gw=lambda account: np.array([0.25])
        ),
        technology=SimpleNamespace(shell_cost=bn(20)),
        p=SimpleNamespace(
            worlds=1,
            clouds=SimpleNamespace(shell_wear=0.5),
            technology=SimpleNamespace(decay=0.1, shell_cost=30 * BN),
            default=SimpleNamespace(arrears_floor=0.05),
            vendor_finance=SimpleNamespace(limit=bn(100), scale=0.5, backstop_limit=bn(40), backstop_on=1.0),
        ),
        guarantees=SimpleNamespace(of=lambda account: bn(7)),
        contracts=SimpleNamespace(
            obligations=np.array([[200 * BN], [50 * BN]]),
            cancelled_by=lambda account: (bn(200), bn(80), bn(20)) if account == number["lab"] else (bn(1), bn(1), bn(0)),
            gw=np.array([[3.0], [1.0]]),
            pairs=((number["lab"], number["cloud"]), (number["second_lab"], number["neocloud"])),
        ),
        compute=SimpleNamespace(
            fraction={number["cloud"]: np.array([0.5]), number["neocloud"]: np.array([1.0])},
            own_share=lambda account: np.array([0.2 if account == number["cloud"] else 0.0]),
            own_used=SimpleNamespace(rows=np.array([[1.0], [0.0]])),  # of the cloud and the neocloud
            rent_average=bn(12),
        ),
        settlement=SimpleNamespace(paid_shares=lambda: np.array([[1.0], [0.96], [0.9], [1.0], [1.0]])),
        distress=SimpleNamespace(
            failed_now=np.eye(len(accounts))[:, [number["neocloud"]]], rescued_now=np.zeros((len(accounts), 1))
        ),
        holdings=SimpleNamespace(
            gold=0,
            price=np.array([[1000.0]]),
            lots=np.full((len(accounts), 1, 1), 3000.0),
            share_index=lambda: np.array([1.2]),
        ),
        lots_per_tonne=np.array([4 * OUNCES_PER_TONNE]),
        funding=SimpleNamespace(theta=np.array([0.6])),
        demand=SimpleNamespace(capability=np.array([2.5])),
        chips=SimpleNamespace(
            backlog_of_buyer=lambda account: np.array([0.5]),
            buyer={number["cloud"]: 0, number["neocloud"]: 1},
            vendor={number["vendor"]: 0},
            shipped=np.array([[[0.5]], [[0.25]]]),
            cancelled_by=lambda vendor: (np.array([2.0]), np.array([1.0]), np.array([3.0])),
        ),
    )


@pytest.mark.parametrize(
    ("name", "value", "by_hand"),
    [
        ("external_ai_revenue", 40, "30 of the lab + 10 of the cloud"),
        ("vendor_revenue", 80, "60 sold + 20 leased"),
        ("vendor_revenue_net", 45, "80 - 15 of stakes - 20 leased"),
        ("capex", 50, "25 + 25"),
        ("operating_ratio", 0.8, "40 / (24 + 4 + 12 of costs + 2 GW x 0.1 x (40 + 0.5 x 20) of replacement)"),
        ("full_ratio", 0.5, "40 / (40 of costs + 25 of goods + 15 of shells)"),
        ("bain_gap", 1 - 40 / 120, "four times (25 - 10) + (25 - 10) of building are 120"),
        ("ponzi_share", 0.5, "the neocloud earns 0.5 < 12 / 12, the lab burns; the cloud and the second lab do not"),
        ("rpo", 310, "200 + 50 of labs + 2 x 30 of others"),
        ("vendor_guarantees", 22, "7 + what is left of the backstop, 40 x 0.5 - 5"),
        ("vendor_commitments", 42, "100 x 0.5 - 30 undrawn + 22"),
        ("gw_in_service", 2.5, "200 / 100 of the cloud, 50 / 100 of the lab"),
        ("gold_price", 4000, "1000 a lot, four lots an ounce"),
        ("state_gold", 3000 / (4 * OUNCES_PER_TONNE), "3000 lots"),
        ("defaults", 1, "the neocloud"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_a_series_is_what_it_is_by_hand(month, name, value, by_hand):
    assert MEASURES[name](month) == pytest.approx([value]), by_hand


def test_the_rings_are_shares_of_what_vendors_received(month):
    provenance = month.ledger.provenance
    amounts = {
        "customers": 30,
        "other_customers": 10,
        "equity": 15,
        "credit": 15,
        "inside": 10,
        "lap_1": 12,
        "lap_2": 6,
        "lap_3": 2,
    }
    for name, amount in amounts.items():
        provenance.receipts[DYE[name]] = amount * BN
    provenance.returned_low[:], provenance.returned_high[:] = int(8 * BN), int(35 * BN)
    rings = {
        "own_money_share": 0.20,  # laps: 12 + 6 + 2 of 100
        "own_money_share_low": 0.08,
        "own_money_share_high": 0.35,
        "in_system_share": 0.30,  # and 10 of firms inside
        "non_customer_share": 0.60,  # all but 30 + 10
    }
    assert {name: MEASURES[name](month).item() for name in rings} == pytest.approx(rings)


def test_what_the_verdict_needs_is_what_it_is_by_hand(month):
    told = {name: value.item() for name, value in facts(month).items()}
    assert told["outside_financing"] == pytest.approx(40)  # 40 of costs + 40 of building - 40 of customers
    assert (told["contracted_gw"], told["delivered_gw"], told["training_gw"]) == (4.0, 2.5, 2.0)  # half of 3, all of 1
    assert told["unfinished_gw"] == 1.5  # of two clouds 0.25 in the pipeline and 0.5 ordered
    assert [name for name, value in told.items() if name.startswith("arrears:") and value] == ["arrears:neocloud"]
    assert [name for name, value in told.items() if name.startswith("default:") and value] == ["default:neocloud"]
    assert (told["shed:lab"], told["lapsed:lab"]) == (0.4, 0.1)  # 80 and 20 of a book of 200
    assert told["shed:cloud"] == 0.0  # a book of 1 is worth less than a month of its revenue
    assert told["shed:vendor"] == 0.0  # 2 GW on order, and 3 shipped in a month
    # Own use takes a fifth of the cloud's 15 for shells and of 20 for chips (0.5 GW at 40): 7 of 80.
    assert (told["paid"], told["spent_whole"], told["spent"]) == pytest.approx((40, 80, 73))
    # Of 40 of building 7 are for own use, and four fifths of 2 GW x 0.1 x (40 + 0.5 x 20) replace what wears out.
    assert told["growth_capex"] == pytest.approx(40 - 7 - 8)
    assert told["own_use_value"] == pytest.approx(1.0)  # a gigawatt at 12 a year
    assert (told["theta"], told["share_index"], told["capability"]) == (0.6, 1.2, 2.5)


def test_co_movement_of_three_months_is_their_correlation():
    pairs = ((0.01, 0.02), (0.02, 0.06), (0.03, 0.04))  # 1 2 3 and 2 6 4: 2 / (√2 √8)
    remembered = SimpleNamespace(returns=[[np.array([shares]), np.array([gold])] for shares, gold in pairs])
    assert Collector.co_movement(remembered) == pytest.approx([0.5])
    remembered.returns.pop()
    assert Collector.co_movement(remembered) == [0.0]
