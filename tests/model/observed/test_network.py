"""Claims about the machine as a network: cycling, loop gain, contagion, concentration."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.observed.fragility import commitment_cover, debt_rank
from perpetuum.model.observed.payment_network import MONTHS, FlowNetwork
from perpetuum.model.worlds import select

CASH = dict.fromkeys(("outside", "vendor", "cloud", "neocloud", "lab", "second_lab"), 10_000)


@pytest.fixture
def machine(books):
    def build(worlds=1):
        ledger = books(worlds, CASH)
        ledger.network = FlowNetwork(ledger.accounts, worlds)
        ledger.begin_month(0)
        return ledger

    return build


def pay(ledger, *payments):
    for payer, payee, amount in payments:
        number = ledger.accounts.number
        ledger.pay(number[payer], number[payee], np.broadcast_to(float(amount), ledger.worlds), "operations")


#: V to L 10 (and 20 of its 30 leave), L to C 40 (30 come from outside into L), C to V 30 (and 10 leave).
TRIANGLE = (
    ("outside", "lab", 30),
    ("vendor", "lab", 10),
    ("vendor", "outside", 20),
    ("lab", "cloud", 40),
    ("cloud", "vendor", 30),
    ("cloud", "outside", 10),
)


def test_gain_of_the_triangle_is_a_quarter_and_so_is_the_cycling_index(machine, number):
    ledger = machine(2)
    pay(ledger, *TRIANGLE)
    assert ledger.network.loop_gain(number["vendor"]) == pytest.approx(1 / 3 * 1 * 3 / 4, abs=1e-9)
    assert ledger.network.finn_cycling_index() == pytest.approx(0.25, abs=1e-9)
    assert ledger.network.loop_gain(number["neocloud"]) == pytest.approx(0.0)


def test_cash_drawn_down_is_an_import_and_cash_built_up_an_export(machine, number):
    """The lab pays from its own cash what came from outside, the vendor hoards what it spent."""
    ledger = machine()
    pay(ledger, *(p for p in TRIANGLE if p[:2] not in (("outside", "lab"), ("vendor", "outside"))))
    assert ledger.network.loop_gain(number["vendor"]) == pytest.approx(0.25, abs=1e-9)
    assert ledger.network.finn_cycling_index() == pytest.approx(0.25, abs=1e-9)


def test_a_chain_cycles_nothing(machine, number):
    ledger = machine()
    pay(
        ledger,
        ("outside", "lab", 30),
        ("lab", "cloud", 30),
        ("cloud", "vendor", 30),
        ("vendor", "outside", 30),
    )
    assert ledger.network.finn_cycling_index() == pytest.approx(0.0)
    assert ledger.network.loop_gain(number["vendor"]) == pytest.approx(0.0)


def test_nothing_flowing_is_no_cycle(machine, number):
    ledger = machine(3)
    pay(ledger, ("outside", "index", 50))
    assert ledger.network.finn_cycling_index().tolist() == [0, 0, 0]
    assert (ledger.network.flows() == 0).all()


def test_a_closed_ring_comes_as_near_to_perpetual_motion_as_numbers_allow(machine, number):
    ledger = machine()
    pay(ledger, ("vendor", "lab", 10), ("lab", "cloud", 10), ("cloud", "vendor", 10))
    gain = ledger.network.loop_gain(number["vendor"])
    assert 1 - 1e-10 < gain[0] < 1
    assert ledger.network.finn_cycling_index()[0] == pytest.approx(1)


def test_the_ring_remembers_twelve_months(machine, number):
    ledger = machine()
    pay(ledger, *TRIANGLE)
    for month in range(1, MONTHS):
        ledger.begin_month(month)
        assert ledger.network.loop_gain(number["vendor"]) == pytest.approx(0.25, abs=1e-9)
    ledger.begin_month(MONTHS)
    assert (ledger.network.flows() == 0).all()


def test_a_sale_on_credit_is_a_loan_that_comes_home(machine, number):
    ledger = machine()
    ledger.credit_sale(number["vendor"], number["cloud"], np.array([10.0]), "chips")
    assert ledger.network.loop_gain(number["vendor"])[0] == pytest.approx(1)


def test_a_clearing_is_recorded_like_payments(machine, number):
    from perpetuum.model.books.settlement import TRADE, Settlement

    ledger = machine()
    members = ledger.accounts["vendors"] + ledger.accounts["clouds"] + ledger.accounts["labs"]
    pay(ledger, TRIANGLE[0])
    settlement = Settlement(ledger, members, 1.0, 1.0, 0.0)
    for payer, payee, amount in TRIANGLE[1:]:
        settlement.owe("operations", number[payer], number[payee], np.array([float(amount)]), TRADE)
    settlement.solve()
    ledger.clear(settlement)
    assert ledger.network.loop_gain(number["vendor"]) == pytest.approx(0.25, abs=1e-9)


def _random_months(ledger, amounts):
    number = ledger.accounts.number
    names = ("vendor", "cloud", "neocloud", "lab", "second_lab", "outside")
    pairs = [(a, b) for a in names for b in names if a != b]
    for month in range(3):
        ledger.begin_month(month)
        for (payer, payee), amount in zip(pairs, amounts[month], strict=True):
            ledger.pay(number[payer], number[payee], amount, "operations")


def test_index_is_that_of_counting_passages(machine):
    """n_ii by summing the series I + Q + Q^2 + ... of one world's flows."""
    ledger = machine()
    _random_months(ledger, np.random.default_rng(1).uniform(0, 100, (3, 30, 1)))
    flows = ledger.network.flows()[..., 0].astype(float)
    inside = flows[:-1, :-1]
    through = np.maximum(flows.sum(axis=0), flows.sum(axis=1))[:-1]
    step = inside / through[:, None]
    passages, power = np.eye(5), np.eye(5)
    for _ in range(2000):
        power = power @ step
        passages = passages + power
    expected = (through * (1 - 1 / np.diag(passages))).sum() / through.sum()
    assert ledger.network.finn_cycling_index()[0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("width", [1, 2, 3, 7])
def test_world_alone_equals_world_in_company(machine, number, width):
    amounts = np.random.default_rng(2).uniform(0, 100, (3, 30, 7))
    company = machine(7)
    _random_months(company, amounts)
    alone = machine(width)
    _random_months(alone, np.ascontiguousarray(amounts[..., 7 - width :]))
    fork = select(company, np.arange(7 - width, 7))
    for other in (alone, fork):
        assert (other.network.finn_cycling_index() == company.network.finn_cycling_index()[7 - width :]).all()
        gain = company.network.loop_gain(number["vendor"])[7 - width :]
        assert (other.network.loop_gain(number["vendor"]) == gain).all()


# --- fragility
# --------------------------------------------------------------------------------------------------------


def _pairwise(n, entries, worlds=1):
    matrix = np.zeros((n, n, worlds))
    for (holder, issuer), amount in entries.items():
        matrix[holder, issuer] = amount
    return matrix


def test_debt_rank_of_a_chain_is_the_product_of_its_impacts():
    """C fails; B held 50 on C with 100 of equity, A 80 on B with 100: h_B = 0.5, h_A = 0.4."""
    exposure = _pairwise(3, {(1, 2): 50.0, (0, 1): 80.0})
    equity = np.full((3, 1), 100.0)
    shock = np.array([[0.0], [0.0], [1.0]])
    rank = debt_rank(exposure, equity, shock)
    assert rank == pytest.approx((0.4 * 80 + 0.5 * 50) / 130)
    assert debt_rank(exposure, equity, shock, np.array([[1.0], [1.0], [2.0]])) == pytest.approx(0.9 / 4)


def test_debt_rank_passes_distress_on_once():
    """Two that hold each other's paper do not ruin each other by echoes."""
    exposure = _pairwise(2, {(0, 1): 50.0, (1, 0): 50.0})
    rank = debt_rank(exposure, np.full((2, 1), 100.0), np.array([[1.0], [0.0]]))
    assert rank == pytest.approx(0.25)


def test_debt_rank_needs_a_shock_and_never_exceeds_the_whole():
    rng = np.random.default_rng(3)
    exposure = rng.uniform(0, 100, (4, 4, 20)) * (1 - np.eye(4))[:, :, None]
    equity = rng.uniform(-10, 100, (4, 20))
    assert (debt_rank(exposure, equity, np.zeros((4, 20))) == 0).all()
    shock = (np.arange(4) == 0)[:, None] * np.ones(20)
    rank = debt_rank(exposure, equity, shock)
    assert ((rank > 0) & (rank < 1)).all()
    assert (debt_rank(exposure[..., :3], equity[:, :3], shock[:, :3]) == rank[:3]).all()


def test_commitment_cover_is_means_over_promises():
    cover = commitment_cover(np.array([10.0, 0.0, 5.0]), np.array([20.0, -5.0, 0.0]), 10.0, np.array([80.0, 10.0, 0.0]))
    assert cover.tolist() == [0.5, 0.5, 10.0]
