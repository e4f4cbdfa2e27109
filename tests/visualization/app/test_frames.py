"""The picture of the machine: what flows, in whose colours, and who has fallen, as the books have it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from perpetuum.model.books.payment_kinds import DYES, KINDS, LAPS
from perpetuum.model.words.catalogue import LANGUAGES
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app.frames import AROUND, CUSTOMERS, MACHINE, SUPPLIERS, frame
from perpetuum.visualization.app.machine import FIGURES, ROUTES, pictured, ways
from perpetuum.visualization.app.session import Session, Start


def after(session, months):
    for _ in range(months):
        session.step()
    return session


def bands(picture):
    return {(band["from"], band["to"]): band for band in picture["bands"]}


def nodes(picture):
    return {node["id"]: node for node in picture["nodes"]}


@pytest.fixture(scope="module")
def year():
    """A session after a year."""
    return after(Session(Start(months=24)), 12)


def test_machine_is_dry_before_the_first_month():
    picture = frame(Session(Start(months=3)))
    assert picture["month"] == 0
    assert picture["bands"] == []
    assert {node["group"] for node in picture["nodes"]} == {*MACHINE, *AROUND.values(), CUSTOMERS, SUPPLIERS}


def test_a_year_round_the_ring_is_the_sum_of_its_months():
    session = Session(Start(preset="triangle", months=24))
    months, around = [], {"vendors": "labs", "labs": "clouds", "clouds": "vendors"}
    for _ in range(14):
        session.step()
        picture = frame(session)
        group = {node["id"]: node["group"] for node in picture["nodes"]}
        months.append(
            {pair: band["bn"] for pair, band in bands(picture).items() if around.get(group[pair[0]]) == group[pair[1]]}
        )
    year = {(one["from"], one["to"]): one["bn"] for one in picture["year"]}
    summed = {
        pair: sum(month.get(pair, 0.0) for month in months[2:]) for pair in {pair for month in months for pair in month}
    }
    assert year == pytest.approx({pair: bn for pair, bn in summed.items() if bn >= 0.005}, rel=2e-3)
    assert {(group[payer], group[payee]) for payer, payee in year} == set(around.items())


def test_every_band_joins_two_nodes_of_which_one_is_a_firm(year):
    picture = json.loads(json.dumps(frame(year)))
    group = {node["id"]: node["group"] for node in picture["nodes"]}
    assert len(group) == len(picture["nodes"])
    assert len(bands(picture)) == len(picture["bands"]) > 20
    for payer, payee in bands(picture):
        assert {group[payer], group[payee]} & set(MACHINE)
        assert payer != payee


def test_chips_are_dyed_as_the_books_recognise_the_vendors_revenue():
    session = Session(Start(preset="triangle", months=12))
    for _ in range(6):
        session.step()
        (sold,) = (band for (_, payee), band in bands(frame(session)).items() if payee == "lead_vendor")
        receipts = session.economy.ledger.provenance.receipts[:, session.row(0)] / 1e9
        np.testing.assert_allclose(sold["bn"] * np.array(sold["dyes"]), receipts, atol=2e-3)
        assert sold["own"] == pytest.approx(receipts[list(LAPS)].sum() / receipts.sum(), abs=1e-3)


def test_what_vendors_pay_labs_is_their_own_money_and_what_customers_pay_is_theirs():
    found = bands(frame(after(Session(Start(months=12)), 1)))
    assert found["lead_vendor", "lead_lab"]["own"] == pytest.approx(1.0)
    assert found[CUSTOMERS, "lead_lab"]["dyes"][DYES.index("customers")] == pytest.approx(1.0)
    assert found[CUSTOMERS, "lead_lab"]["own"] == 0


def test_fractions_of_a_band_sum_to_one(year):
    for band in frame(year)["bands"]:
        assert sum(band["dyes"]) == pytest.approx(1.0, abs=1e-3)
        assert sum(amount for _, amount in band["kinds"]) <= band["bn"] * 1.001


def test_figures_are_those_of_the_books(year):
    economy, picture = year.economy, nodes(frame(year))
    sales = sum(picture[vendor.name]["figures"]["revenue"] for vendor in economy.vendors)
    outside = sum(vendor.figures.other_revenue[0] for vendor in economy.vendors) / 1e9
    assert sales - outside == pytest.approx(year.economy.series["vendor_revenue"][0, -1], rel=2e-3)
    for firm in (economy.lead_lab, economy.lead_vendor):
        assert picture[firm.name]["figures"]["cash"] == pytest.approx(firm.cash[0] / 1e9, rel=1e-3)
    clouds = [cloud for cloud in economy.clouds if cloud.hyperscaler]
    held = [economy.ledger.book[:, cloud.account, 0] for cloud in clouds]
    assert picture["hyperscaler"]["size"] == pytest.approx(sum(book[book > 0].sum() for book in held) / 1e9, rel=1e-3)
    assert picture["hyperscaler"]["agents"] == [cloud.name for cloud in clouds]


def test_a_sale_on_credit_is_drawn_both_ways():
    session = after(
        Session(Start(months=6, settings={"vendor_finance.instrument": "lease", "vendor_finance.scale": 3.0})), 4
    )
    on_credit = [posting for posting in session.economy.ledger.postings if not posting.cash and posting.amount[0]]
    picture = bands(frame(session))
    lent = [
        band for (payer, _), band in picture.items() if payer == "lead_vendor" and dict(band["kinds"]).get("vendor_credit")
    ]
    assert lent
    bought = sum(posting.amount[0] for posting in on_credit) / 1e9
    assert sum(dict(band["kinds"])["vendor_credit"] for band in lent) == pytest.approx(bought, rel=0.01)
    for band in lent:
        assert picture[band["to"], band["from"]]["own"] > 0


def test_a_default_greys_a_node_for_the_months_of_grace():
    session = after(Session(Start(months=30)), 2)
    economy = session.economy
    grace = int(economy.p.default.grace_months[0])
    economy.distress.defaulted_at[economy.accounts.number["lead_lab"]][session.row(0)] = session.month
    economy.distress.defaulted_at[economy.accounts.number["hyperscaler_a"]][session.row(0)] = session.month
    fallen = nodes(frame(session))
    assert fallen["lead_lab"]["dead"]
    assert fallen["lead_lab"]["failed"] == 2
    # One of two hyperscalers: the node lives and shows that something is wrong.
    assert not fallen["hyperscaler"]["dead"]
    assert fallen["hyperscaler"]["ailing"]
    assert not fallen["second_lab"]["dead"]
    economy.distress.defaulted_at[economy.accounts.number["lead_lab"]][session.row(0)] = session.month - grace
    assert not nodes(frame(session))["lead_lab"]["dead"]


@pytest.mark.parametrize(("threshold", "state"), [(0.6, "ailing"), (1.0, "dead")])
def test_a_bill_left_unpaid_shows_and_so_does_the_default_it_may_be(threshold, state):
    halved = {"vendor_finance.scale": 0.5, "default.threshold": threshold}
    session = after(Session(Start(preset="triangle", months=14, settings=halved)), 11)
    assert not nodes(frame(session))["lead_lab"]["ailing"]
    session.step()  # the lab's cash is used up
    assert session.economy.settlement.shortfall(session.economy.lead_lab.account)[0] > 0
    assert nodes(frame(session))["lead_lab"][state]
    assert nodes(frame(session))["lead_lab"]["dead"] == (state == "dead")


def test_twin_is_drawn_like_its_origin_until_a_lever_parts_them():
    session = after(Session(Start(months=16)), 5)
    session.fork()
    session.step()
    assert frame(session, 0) == frame(session, 1)
    session.move("funding.tightening", 1.0, world=1)
    session.move("demand.strength", 0.3, world=1)
    after(session, 6)
    here, there = (bands(frame(session, world))[CUSTOMERS, "lead_lab"]["bn"] for world in (0, 1))
    assert there < 0.9 * here


def test_the_picture_of_a_month_does_not_depend_on_the_way_there():
    session = after(Session(Start(months=12)), 8)
    seen = frame(session)
    after(session, 3)
    session.rewind(8)
    assert frame(session) == seen


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("preset", ["ono_2025", "triangle"])
def test_all_that_the_picture_says_is_in_the_catalogue(language, preset):
    session = after(Session(Start(preset=preset, months=2)), 1)
    texts = pictured(Words(language), session.economy.scenario.definition, session.horizon, 1)
    picture = frame(session)
    assert {node["id"] for node in picture["nodes"]} <= set(texts["nodes"])
    assert set(KINDS) < set(texts["kinds"])
    assert {figure for node in picture["nodes"] for figure in node["figures"]} <= set(FIGURES)

    def said(part):
        if isinstance(part, dict):
            return [text for value in part.values() for text in said(value)]
        if isinstance(part, list):
            return [text for value in part for text in said(value)]
        return [part] if isinstance(part, str) else []

    sections = ("node.", "firm.", "kind.", "figure.", "machine.", "dye.", "number.")
    assert not [text for text in said(texts) if text.startswith(sections)]


@pytest.mark.parametrize(
    ("preset", "there", "not_there"),
    [
        (
            "triangle",
            ("customers", "labs"),
            [("funds", "labs"), ("lenders", "clouds"), ("vendors", "investors"), ("customers", "clouds")],
        ),
        ("telecom_1999", ("lenders", "clouds"), [("states", "vendors")]),
        ("ono_2025", ("funds", "labs"), []),
    ],
)
def test_ways_shown_at_rest_are_those_that_money_takes_in_the_first_year(preset, there, not_there):
    """The triangle at rest had ways from funds and lenders, who never pay or are paid there."""
    shown = ways(preset)
    assert there in shown
    assert not set(shown) & set(not_there)
    session = Session(Start(preset))
    paid = set()
    for _ in range(12):
        session.step()
        groups = {node["id"]: node["group"] for node in frame(session)["nodes"]}
        paid |= {(groups[band["from"]], groups[band["to"]]) for band in frame(session)["bands"]}
    assert set(shown) == {route for route in ROUTES if route in paid}
