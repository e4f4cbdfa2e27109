"""The balance sheets and payments that the page shows: rows sum to zero, and every entry is explained to the dollar."""

import pytest

from perpetuum.model.books.accounts import CLAIMS, INSTRUMENT_GROUPS, INSTRUMENTS, REAL_ASSETS, SWITCHED
from perpetuum.model.books.payment_kinds import KINDS
from perpetuum.model.observed.events import EventKind
from perpetuum.model.roles import sectors
from perpetuum.visualization.app import matrix
from perpetuum.visualization.app.session import Session, Start

#: Everything that can change an entry happens here within few months: leases, defaults, rounds, second-hand chips.
STORM = Start(
    settings={
        "demand.strength": 0.4,
        "funding.tightening": 1.0,
        "funding.start_month": 3,
        "vendor_finance.instrument": "lease",
        "outside.gold_demand": 0.5,
    },
    months=40,
)


def defaults(session):
    """Who has defaulted in the watched world."""
    return [
        event.who
        for event in session.economy.journal.events
        if event.kind is EventKind.DEFAULTS and event.world == session.row(0)
    ]


@pytest.fixture(scope="module")
def storm():
    """A session in the month of its first default."""
    session = Session(STORM)
    while not session.ended and not defaults(session):
        session.step()
    assert not session.ended
    return session


@pytest.fixture(scope="module", params=[0, 1, "storm"])
def session(request, storm):
    if request.param == "storm":
        return storm
    fresh = Session(Start(months=30))
    for _ in range(request.param):
        fresh.step()
    return fresh


def everywhere(view):
    """Key and sector of every entry of a view, bottom row included."""
    return [
        (row.key, sector, dollars)
        for row in (*view.rows, view.bottom)
        for sector, dollars in zip(view.sectors, row.cells, strict=True)
    ]


@pytest.mark.parametrize("grouped", [False, True])
def test_every_row_of_claims_sums_to_zero_and_columns_to_net_worth(session, grouped):
    view = matrix.balance_sheets(session, grouped=grouped)
    assert view.sectors == tuple(sector for sector in sectors() if sector not in SWITCHED)  # whom a switch leaves out
    assert any(any(row.cells) for row in view.rows)
    for row in view.rows:
        if set(row.members) <= set(CLAIMS):
            assert row.total == 0
    real = sum(row.total for row in view.rows if set(row.members) <= set(REAL_ASSETS))
    assert real == view.bottom.total > 0
    assert view.bottom.cells == tuple(sum(column) for column in zip(*(row.cells for row in view.rows), strict=True))


def test_every_row_of_payments_sums_to_zero_and_columns_to_the_change_of_deposits(session):
    view = matrix.payments(session)
    assert all(row.total == 0 for row in (*view.rows, view.bottom))
    assert view.bottom.cells == tuple(sum(column) for column in zip(*(row.cells for row in view.rows), strict=True))
    for sector, change in zip(view.sectors, view.bottom.cells, strict=True):
        deposits = matrix.explain_stock(session, "deposits", sector)
        assert change == deposits.stock - deposits.opening


def test_an_open_group_shows_its_kinds_which_add_up_to_it(storm):
    rows = {row.key: row for row in matrix.payments(storm, opened=["lending"]).rows}
    parts = [rows[kind].cells for kind in matrix.PAYMENT_GROUPS["lending"]]
    assert rows["lending"].cells == tuple(sum(column) for column in zip(*parts, strict=True))
    assert "chips" not in rows


def test_groups_hold_every_instrument_and_every_kind_once():
    assert sorted(sum(INSTRUMENT_GROUPS.values(), ())) == sorted(INSTRUMENTS)
    assert sorted(sum(matrix.PAYMENT_GROUPS.values(), ())) == sorted((*KINDS, matrix.CREDIT_SALE))


@pytest.mark.parametrize("grouped", [False, True])
def test_what_lies_behind_a_stock_adds_up_to_its_change(session, grouped):
    for key, sector, dollars in everywhere(matrix.balance_sheets(session, grouped=grouped)):
        entry = matrix.explain_stock(session, key, sector)
        assert entry.stock == dollars
        assert entry.opening + entry.paid + entry.built + entry.revalued + entry.written == entry.stock
        assert sum(line.effect for line in entry.lines) == entry.paid
        assert sum(dollars for _, dollars in entry.revalued_by) == entry.revalued
        assert sum(dollars for _, dollars in entry.written_by) == entry.written


def test_claims_change_by_payments_revaluations_and_write_offs_alone(storm):
    explained = {}
    for key, sector, _ in everywhere(matrix.balance_sheets(storm)):
        entry = matrix.explain_stock(storm, key, sector)
        if key in CLAIMS:
            assert entry.built == 0, (key, sector)
            explained[key] = explained.get(key, 0) + len(entry.lines) + len(entry.revalued_by) + len(entry.written_by)
    assert sum(1 for count in explained.values() if count) > 10
    assert matrix.explain_stock(storm, "hardware", "clouds").built < 0


def test_the_payments_behind_a_flow_add_up_to_it(storm):
    groups = list(matrix.PAYMENT_GROUPS)
    seen = 0
    for key, sector, dollars in everywhere(matrix.payments(storm, opened=groups)):
        entry = matrix.explain_payments(storm, key, sector)
        assert entry.stock == dollars, (key, sector)
        seen += len(entry.lines)
    assert seen > 50


def test_a_lease_is_a_sale_and_a_loan(storm):
    sold = [line for line in matrix.explain_stock(storm, "vendor_credit", "vendors").lines if not line.cash]
    assert sold
    assert all(line.effect == line.dollars > 0 for line in sold)
    lent = {
        (line.payer, line.payee): line.effect for line in matrix.explain_payments(storm, matrix.CREDIT_SALE, "vendors").lines
    }
    assert lent == {(line.payer, line.payee): -line.dollars for line in sold}


def test_a_default_marks_what_was_written_off_and_says_whose(storm):
    failed, accounts = defaults(storm)[0], storm.economy.accounts
    sector = next(name for name, members in accounts.sectors.items() if accounts.number[failed] in members)
    view = matrix.balance_sheets(storm)
    written = [row.key for row in view.rows if row.marks[view.sectors.index(sector)] == matrix.WRITTEN]
    assert written
    entry = matrix.explain_stock(storm, written[0], sector)
    assert abs(entry.written) >= matrix.LEAST_MOVED
    assert failed in dict(entry.written_by)


def test_a_twin_has_books_of_its_own():
    session = Session(Start(months=12))
    for _ in range(3):
        session.step()
    session.fork()
    session.move("demand.strength", 0.4, world=1)
    session.step()
    watched, twin = (matrix.payments(session, world).rows[0] for world in (0, 1))
    assert watched.total == twin.total == 0
    assert watched.cells != twin.cells
    for world in (0, 1):
        lines = matrix.explain_payments(session, "sales", "labs", world).lines
        assert sum(line.effect for line in lines) == matrix.payments(session, world).rows[0].cells[3]
