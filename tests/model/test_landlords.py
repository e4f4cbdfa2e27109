"""Landlords (`landlords.on`): who pays for a hall, who rents it until when, who loses what when a tenant or a landlord fails."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.books.ledger import BooksBreachError
from perpetuum.model.books.payment_kinds import DYE
from perpetuum.model.economy import Economy
from perpetuum.model.instruments.hall_lease import HallLeases
from perpetuum.model.observed import landlord_series as told
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.observed.series import building_cost, capex
from perpetuum.model.phases.default_resolution import resolve_defaults
from perpetuum.model.phases.settlement import settle
from perpetuum.model.scenario import Scenario
from tests.model.test_extremes import draw_world, overrides_of, simulate

PRESET = "ono_2025"
CLOUD, LANDLORD = 7, 9
#: Two clouds, one landlord, leases of three months, a world; rent of a twelfth of a tenth of cost a month.
TWO = (CLOUD, 8)


def opened(on: bool = True, worlds: int = 2, months: int = 12, **overrides) -> Economy:
    values = {"landlords.on": on, "funding.tightening": 0.0, **overrides}
    economy = Economy(Scenario(preset=PRESET, overrides=values, worlds=worlds, months=months, seed=5))
    economy.audit_every_phase = True
    return economy


def paid(economy: Economy, kind: str, account: int) -> np.ndarray:
    return economy.ledger.flow(kind, account)


def leases(term: int = 3, rent_yield: float = 0.12) -> HallLeases:
    return HallLeases(TWO, (LANDLORD,), term, np.array([rent_yield / 12]))


def dollars(*amounts: int) -> np.ndarray:
    return np.array(amounts, dtype=np.int64)[:, None]


# --- a lease, month by month ----------------------------------------------------------------------------------------


def test_a_lease_of_three_months_is_paid_in_the_three_months_after_its_hall_is_handed_over():
    """A hall of 1000 for 1 % a month: nothing in the month itself, 10 in each of three, then nothing, and it is vacant."""
    book = leases()
    book.hand_over(LANDLORD, dollars(1000, 0), dollars(1000)[0])
    rents, vacant, owed = [], [], []
    for _ in range(5):
        rents.append(book.rent_of(CLOUD).tolist())
        book.serve_month()
        vacant.append(book.vacant_of(LANDLORD).tolist())
        owed.append(book.obligations(CLOUD).round(6).tolist())
    assert rents == [[0.0], [10.0], [10.0], [10.0], [0.0]]
    assert vacant == [[0], [0], [0], [1000], [1000]]
    assert owed == [[30.0], [20.0], [10.0], [0.0], [0.0]]


def test_who_rents_pays_for_its_own_halls_only_and_a_vacant_hall_is_let_again():
    book = leases()
    book.hand_over(LANDLORD, dollars(1000, 3000), dollars(4000)[0])
    for _ in range(4):
        book.serve_month()
    assert book.vacant_of(LANDLORD).tolist() == [4000]
    book.hand_over(LANDLORD, dollars(0, 4500), dollars(500)[0])  # 500 of them are new
    assert book.vacant_of(LANDLORD).tolist() == [0]
    assert book.halls.tolist() == [[4500]]
    book.serve_month()
    assert [book.rent_of(cloud).tolist() for cloud in TWO] == [[0.0], [45.0]]
    assert book.rents().tolist() == [[0.0], [45.0]]


def test_a_tenant_leaves_three_quarters_of_its_halls_and_owes_no_rent_for_them():
    """Of 1000 with three rents of 10 to come it leaves 750: 22.5 of 30 are lost to the landlord."""
    book = leases()
    book.hand_over(LANDLORD, dollars(1000, 400), dollars(1400)[0])
    book.serve_month()
    lost = book.reject(CLOUD, np.array([0.75]))
    assert lost[LANDLORD] == pytest.approx([22.5])
    assert book.vacant_of(LANDLORD).tolist() == [750]
    assert [book.let_to(cloud).tolist() for cloud in TWO] == [[250], [400]]
    assert book.reject(LANDLORD, np.array([1.0])) == {}  # who rents nothing leaves nothing


def test_halls_of_the_start_were_signed_in_equal_parts_and_end_one_part_a_month():
    book = leases(term=5)
    book.open(CLOUD, np.array([900.0]), 3)
    left = []
    for _ in range(6):
        left.append(book.let_to(CLOUD).tolist())
        book.serve_month()
    assert left == [[900], [900], [900], [600], [300], [0]]


def test_an_audit_finds_a_hall_that_is_neither_let_nor_vacant():
    economy = opened(months=1)
    economy.hall_leases.let[0, 3] -= 1
    with pytest.raises(BooksBreachError, match="halls let and vacant"):
        economy.step()


# --- the opening ----------------------------------------------------------------------------------------------------


def test_landlords_open_with_halls_loans_and_rents_that_follow_from_their_tenants():
    """The leveraged cloud's .8 GW at 13 a GW, .85 of them leased, are 8.84 $bn, on which four fifths are owed."""
    economy = opened()
    [landlord] = economy.landlords
    cloud = economy.leveraged_cloud
    assert economy.hall_leases.let_to(cloud.account) == pytest.approx(0.85 * 0.8 * 13e9)
    assert landlord.loans() == pytest.approx(0.8 * told.halls_let(economy) * 1e9)
    assert cloud.hall_rent() == pytest.approx(0.085 / 12 * 0.85 * 0.8 * 13e9)
    assert (economy.ledger.book_equity(landlord.account) > 0).all()
    assert -economy.ledger.stock("fund_units", landlord.account) == pytest.approx(
        economy.ledger.book_equity(landlord.account)
    )


def test_tenants_open_as_they_do_without_landlords():
    """Their rents stood in their running costs: EBITDA, cash wanted and coverage are the same, and nobody breaches a covenant."""
    on, off = opened(), opened(on=False)
    for mine, theirs in zip(on.clouds, off.clouds, strict=True):
        assert mine.fixed_costs() == pytest.approx(theirs.operating_costs())
        assert mine.operating_costs() + mine.hall_rent() == pytest.approx(theirs.operating_costs())
        assert mine.ebitda == pytest.approx(theirs.ebitda)
        assert mine.cash_target() == pytest.approx(theirs.cash_target())
    on.step()
    assert not any(cloud.months_in_breach.any() for cloud in on.clouds)


# --- a month of building --------------------------------------------------------------------------------------------


def test_of_the_first_months_halls_landlords_pay_the_leased_share_and_clouds_the_rest():
    """Four fifths by lenders, the rest by own cash beyond the reserve and backers; all that is built is as much as without."""
    on, off = opened(), opened(on=False)
    on.step()
    off.step()
    [landlord] = on.landlords
    built = -paid(on, "shell_and_power", landlord.account)
    chips = {c.account: sum(on.chips.shipped[on.chips.buyer[c.account], v] for v in range(2)) for c in on.clouds}
    shell = on.technology.shell_cost  # a little under 13 bn a GW, chips having grown denser
    leased = sum(c.figures.leased_share * shell * chips[c.account] for c in on.clouds)
    assert built == pytest.approx(leased, abs=3)
    for mine, theirs in zip(on.clouds, off.clouds, strict=True):
        less = paid(on, "shell_and_power", mine.account) - paid(off, "shell_and_power", theirs.account)
        assert less == pytest.approx(mine.figures.leased_share * shell * chips[mine.account], abs=3)
    lent, equity = paid(on, "hall_loan", landlord.account), paid(on, "hall_equity", landlord.account)
    assert lent == pytest.approx(0.8 * built, rel=1e-9)
    assert (equity > 0).all()
    assert (equity < 0.2 * built).all()  # it had half a billion beyond its reserve
    assert capex(on) == pytest.approx(capex(off))
    assert building_cost(on) == pytest.approx(building_cost(off))


def test_the_first_rents_are_those_of_the_start_and_the_second_months_those_of_what_was_built_too():
    economy = opened()
    [landlord] = economy.landlords
    let = economy.hall_leases.let_by(landlord.account)
    economy.step()
    assert paid(economy, "hall_rent", landlord.account) == pytest.approx(let * 0.085 / 12, abs=5)
    built = -paid(economy, "shell_and_power", landlord.account)
    economy.step()
    assert paid(economy, "hall_rent", landlord.account) == pytest.approx((let + built) * 0.085 / 12, abs=5)
    assert -sum(paid(economy, "hall_rent", c.account) for c in economy.clouds) == pytest.approx(
        paid(economy, "hall_rent", landlord.account)
    )


def test_lenders_and_backers_money_keeps_its_colour():
    economy = opened()
    economy.step()
    colours = economy.ledger.provenance.dye[economy.landlords[0].account]
    assert (colours[DYE["equity"]] + colours[DYE["credit"]] > 0).all()


def test_a_lease_counts_in_dues_and_lowers_what_lenders_count():
    economy = opened(months=3)
    cloud = next(c for c in economy.clouds if c.kind == "neocloud")
    for _ in range(3):
        economy.step()
    without = cloud.operating_costs()
    assert cloud.fixed_costs() - without == pytest.approx(cloud.hall_rent())
    assert (cloud.hall_rent() > 0.8 * 1.2 * 13e9 * 0.085 / 12).all()
    assert (economy.hall_leases.obligations(cloud.account) > 100 * cloud.hall_rent()).all()
    leased, pledged = economy.hall_leases.let_to(cloud.account), cloud.collateral()
    economy.hall_leases.reject(cloud.account, np.ones(2))
    assert cloud.collateral() - pledged == pytest.approx(leased)  # what it leases it cannot pledge


# --- where they find no money -----------------------------------------------------------------------------------------


def test_where_outside_finance_has_stopped_clouds_pay_for_all_of_their_halls():
    economy = opened(**{"funding.stop_month": 0, "landlord.cash": 0.0})
    economy.step()
    [landlord] = economy.landlords
    assert (paid(economy, "hall_loan", landlord.account) == 0).all()
    assert (paid(economy, "shell_and_power", landlord.account) == 0).all()
    assert (economy.hall_leases.part == 0).all()
    cloud = economy.clouds[0]
    assert cloud.own_cost_with_chips() == pytest.approx(cloud.cost_with_chips())


def test_vacant_halls_are_let_before_any_is_built():
    economy = opened()
    [landlord] = economy.landlords
    book, cloud = economy.hall_leases, economy.leveraged_cloud
    left = book.reject(cloud.account, np.array([1.0, 0.0]))
    assert left[landlord.account][0] > left[landlord.account][1] == 0
    economy.step()
    assert paid(economy, "shell_and_power", landlord.account)[0] == 0  # 8.8 stand vacant, and 5 are asked for
    assert paid(economy, "shell_and_power", landlord.account)[1] < 0
    assert (paid(economy, "hall_loan", landlord.account) > 0).tolist() == [False, True]  # nor borrowed for
    assert (book.vacant_of(landlord.account)[0] > 0) & (book.vacant_of(landlord.account)[1] == 0)
    assert capex(economy)[0] < capex(economy)[1]


def test_dear_money_makes_lenders_lend_less_on_a_hall_and_dearer_still_nothing():
    """At 8.5 % rent, cover of 1.25 and a rate of 9 %: 0.755 of cost; from the ceiling on nothing."""
    economy = opened(**{"landlords.ceiling": 0.2})
    [landlord] = economy.landlords
    rate = landlord.borrowing_rate()
    economy.funding.policy_rate = economy.funding.policy_rate + (0.09 - rate)
    assert landlord.lent_per_cost() == pytest.approx(0.085 / 1.25 / 0.09)
    economy.funding.policy_rate = economy.funding.policy_rate + 0.12
    assert (landlord.lent_per_cost() == 0).all()


# --- defaults -------------------------------------------------------------------------------------------------------


def test_a_failed_cloud_leaves_its_halls_and_the_journal_tells_what_the_landlord_lost():
    economy = opened(**{"default.rejection": 0.6})
    economy.step()
    [landlord], cloud, book = economy.landlords, economy.leveraged_cloud, economy.hall_leases
    settled = settle(economy)
    let, owed = book.let_to(cloud.account), book.obligations(cloud.account)
    cloud.insolvent = lambda: np.array([True, False])
    resolve_defaults(economy, settled)
    assert book.vacant_of(landlord.account) == pytest.approx([0.6 * let[0], 0], abs=200)
    assert book.obligations(cloud.account) == pytest.approx(owed * [0.4, 1.0], rel=1e-6)
    [event] = [
        e
        for e in economy.journal.events
        if e.kind is EventKind.COMMITMENTS_REJECTED and e.whom == "landlord" and e.who == cloud.name
    ]
    assert event.amount == pytest.approx(0.6 * owed[0] / 1e9, rel=1e-3)


def test_lenders_of_a_failed_landlord_get_what_its_halls_are_worth_and_its_backers_nothing():
    """Rent of 8.5 % is worth all of cost at a rate of 6.5 %; where 70 % stand vacant, these bring half of it in a fire sale."""
    economy = opened(**{"default.fire_sale": 0.5, "landlord.cash": 0.0})
    [landlord], book, ledger = economy.landlords, economy.hall_leases, economy.ledger
    economy.step()
    for cloud in economy.clouds:
        book.reject(cloud.account, np.array([0.7, 0.0]))
    settled = settle(economy)
    loans, worth = landlord.loans(), landlord.worth()
    let, vacant = book.let_by(landlord.account), book.vacant_of(landlord.account)
    rate = landlord.borrowing_rate()
    assert worth == pytest.approx(let * np.minimum(0.085 / rate, 1) + 0.5 * vacant)
    assert worth[0] < loans[0]
    assert worth[1] > loans[1]
    lender = next(one for one in economy.lenders if one.kind == "private_credit")
    before = lender.losses.copy()
    landlord.insolvent = lambda: np.array([True, True])
    resolve_defaults(economy, settled)
    assert landlord.loans() == pytest.approx([worth[0], loans[1]], rel=1e-9)
    assert lender.losses - before == pytest.approx([loans[0] - worth[0], 0], rel=1e-9)
    assert ledger.stock("hardware", landlord.account)[0] == pytest.approx(worth[0], abs=2)
    assert ledger.book_equity(landlord.account)[0] == pytest.approx(landlord.cash[0], abs=2)
    assert book.let_by(landlord.account).tolist() == let.tolist()  # leases go on
    assert (landlord.lent_per_cost() == 0).all()  # for the months of grace
    row = economy.firm_defaults.place[landlord.account]
    assert (economy.firm_defaults.default_month[row] == 1).all()
    assert economy.firm_defaults.owed["secured"][row] == pytest.approx(loans)
    assert economy.firm_defaults.recovered["secured"][row] == pytest.approx([worth[0], loans[1]], rel=1e-9)
    assert {e.cause for e in economy.journal.events if e.who == "landlord" and e.kind is EventKind.DEFAULTS} == {
        EventCause.DEBTS_UNSERVED
    }


@pytest.mark.slow
def test_a_landlord_whose_rents_do_not_pay_its_interest_fails_by_itself():
    economy = opened(months=12, **{"landlords.rent_yield": 0.02, "landlord.cash": 0.3})
    for _ in range(12):
        economy.step()
    row = economy.firm_defaults.place[economy.landlords[0].account]
    assert (economy.firm_defaults.default_month[row] >= 0).all()


def test_a_landlord_whose_loans_are_not_refinanced_repays_them_out_of_rent_and_builds_nothing():
    economy = opened(months=8, **{"funding.tightening": 1.0, "funding.start_month": 0, "funding.ramp_months": 1})
    [landlord] = economy.landlords
    for _ in range(8):
        economy.step()
    assert (paid(economy, "hall_repayment", landlord.account) < 0).all()
    assert (paid(economy, "shell_and_power", landlord.account) == 0).all()
    assert (told.halls_built(economy) == 0).all()
    assert (told.halls_vacant(economy) == 0).all()


# --- the switch, worlds and books -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_off_nobody_is_a_landlord_and_no_figure_of_theirs_moves_a_bit():
    clouds = ("hyperscaler_a", "hyperscaler_b", "leveraged_cloud", "neocloud", "other_builders")
    plain = opened(on=False, months=6)
    other = opened(
        on=False,
        months=6,
        **{f"{cloud}.leased_share": 0.0 for cloud in clouds},
        **{"landlord.cash": 50.0, "landlords.rent_yield": 0.3, "landlords.loan_months": 24},
    )
    plain.run()
    other.run()
    assert not plain.landlords
    assert "landlord" not in plain.accounts.names
    for table in ("series", "core_events", "dye_series"):
        for name, values in getattr(plain, table).items():
            assert np.array_equal(values, getattr(other, table)[name]), name


@pytest.mark.slow
def test_a_world_alone_and_a_forked_one_go_on_as_in_company():
    def run(worlds, replicates):
        values = {"landlords.on": True, "funding.tightening": 1.0, "funding.start_month": 4}
        economy = Economy(
            Scenario(preset=PRESET, overrides=values, worlds=worlds, replicates=np.array(replicates), months=18, seed=2)
        )
        economy.run(9)
        return economy

    company, alone = run(3, [0, 1, 2]), run(1, [2])
    fork = company.fork(np.array([2]))
    for economy in (company, alone, fork):
        economy.run()
    for name, values in company.series.items():
        assert np.array_equal(values[2:], alone.series[name]), name
        assert np.array_equal(values[2:], fork.series[name]), name
    assert company.landlords[0].loans()[2] == alone.landlords[0].loans()[0] == fork.landlords[0].loans()[0]


@pytest.mark.slow
def test_landlords_share_what_is_asked_in_equal_parts_and_pay_for_shells_under_way_too(tmp_path):
    preset = tmp_path / "two.toml"
    preset.write_text('extends = "ono_2025"\n[[agents]]\nid = "rival"\nrole = "landlord"\n[agents.figures]\ncash = 3\n')
    values = {"landlords.on": True, "power.on": True, "funding.tightening": 0.0}
    economy = Economy(Scenario(preset=str(preset), overrides=values, worlds=2, months=4, seed=5))
    economy.audit_every_phase = True
    one, other = (landlord.account for landlord in economy.landlords)
    book = economy.hall_leases
    assert book.let_by(one) == pytest.approx(book.let_by(other), abs=5 * 36)
    economy.step()
    due = [cloud._construction() for cloud in economy.clouds]
    whole = sum(cloud.figures.leased_share * part for cloud, part in zip(economy.clouds, due, strict=True))
    assert (whole > 0).all()
    economy.step()
    assert -paid(economy, "shell_and_power", one) == pytest.approx(-paid(economy, "shell_and_power", other), abs=3)
    assert (told.halls_built(economy) * 1e9 >= whole * 0.99).all()
    economy.run()
    for cloud in economy.clouds:
        kept = 1 - cloud.figures.leased_share * book.part
        assert cloud.construction_bill() == pytest.approx(cloud._construction() * kept)


@pytest.mark.slow
def test_books_are_exact_over_ten_years_of_twenty_random_scenarios():
    drawn = [draw_world(91_000 + seed, (0.01, 0.03, 0.1)[seed % 3]) for seed in range(20)]
    economy = simulate({**overrides_of(drawn), "landlords.on": True}, len(drawn), 120)
    assert (told.halls_let(economy) > 0).any()
