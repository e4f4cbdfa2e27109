"""The inspector and the tab of the books: every agent can be opened, in both languages, and its figures are the books'."""

import re
from dataclasses import replace

import pytest

from perpetuum.model.scenario import preset_names
from perpetuum.model.words.catalogue import LANGUAGES, catalogue
from perpetuum.model.words.speech import Words, capital
from perpetuum.visualization.app import books, matrix
from perpetuum.visualization.app.frames import frame
from perpetuum.visualization.app.inspector import SMALLEST, _origin, agents, inspect
from perpetuum.visualization.app.readings import READINGS, written
from perpetuum.visualization.app.session import Session, Start


def lived(months, **settings):
    session = Session(Start(months=months + 1, settings=settings))
    for _ in range(months):
        session.step()
    return session


@pytest.fixture(scope="module")
def session():
    return lived(9, **{"vendor_finance.instrument": "guarantee"})


def sections(session, agent, language="en", world=0):
    return {section.key: section for section in inspect(Words(language), session, agent, world).sections}


def everybody(session):
    return [name for names in agents(session).values() for name in names]


@pytest.mark.parametrize("preset", preset_names())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_agent_of_every_preset_can_be_opened_in_words(preset, language):
    session = Session(Start(preset=preset, months=3))
    for month in range(2):
        for name in everybody(session):
            sheet = inspect(Words(language), session, name)
            said = [sheet.name, sheet.role, sheet.status, sheet.modelled_on]
            for section in sheet.sections:
                said += [section.title]
                for item in (*section.items, *section.bottom):
                    assert item.label
                    said += [item.label, item.value, item.about]
            for text in said:
                assert not re.search(r"\w\.\w+_|\{|_about|inspector\.|reading\.|instrument\.|\bnan\b|None", text), (
                    name,
                    text,
                )
        session.step()
        assert session.month == month + 1


def test_who_is_not_there_opens_the_lead_lab(session):
    for name in ("", "nobody", "<script>"):
        assert inspect(Words("en"), session, name).agent == "lead_lab"


@pytest.mark.parametrize("preset", preset_names())
def test_whose_books_open_first_is_the_firm_that_leads_in_every_preset(preset):
    """The telecom machine's books opened with the internet companies, which come first in its file."""
    session = Session(Start(preset, months=2))
    assert inspect(Words("en"), session, "").agent == session.economy.lead_lab.name


def test_owned_less_owed_is_book_equity_and_own_shares_are_told_apart(session):
    words, row, ledger, holdings = Words("en"), session.row(0), session.economy.ledger, session.economy.holdings
    for name in everybody(session):
        account = session.economy.accounts.number[name]
        found = sections(session, name)
        bottom = {item.label: item.value for item in found["liabilities"].bottom}
        net_worth, own = int(ledger.book[:, account, row].sum()), 0
        if account in holdings.issuer:
            own = int(holdings.market_value(holdings.asset_of(account))[row])
        for sector, instrument in (("funds", "fund_units"), ("lenders", "fund_units"), ("states", "state_liabilities")):
            if account in session.economy.accounts[sector]:
                own = -int(ledger.stock(instrument, account)[row])
        if name == "bank":
            own = -int(ledger.stock("bank_equity", account)[row])
        assert bottom["Book equity"] == words.money((net_worth + own) / 1e9)
        assert bottom.get("Worth to its owners", "$0.0bn") == words.money(own / 1e9)


def test_loans_are_told_by_lender_with_rate_and_time_and_add_up(session):
    economy, row = session.economy, session.row(0)
    cloud = economy.accounts.number["neocloud"]
    found = [item for item in sections(session, "neocloud")["owes"].items if "%" in item.value]
    pools = [
        (book, pool)
        for book in (economy.loans, economy.bonds, economy.vendor_credit)
        for pool in book.of_borrower(cloud)
        if book.balance[pool, row] >= SMALLEST
    ]
    assert len(found) == len(pools) > 1
    for book, pool in pools:
        amount = Words("en").money(book.balance[pool, row] / 1e9)
        rate = f"{100 * book.rate[pool, row]:.1f} %"
        lender = economy.accounts.names[book.pairs[pool][0]]
        assert any(item.value.startswith(f"{amount} at {rate}") and item.agent == lender for item in found)


def test_a_contract_is_told_by_both_sides(session):
    buyer = [item for item in sections(session, "lead_lab")["contracts"].items if item.agent == "hyperscaler_a"]
    seller = [item for item in sections(session, "hyperscaler_a")["contracts"].items if item.agent == "lead_lab"]
    assert len(buyer) == len(seller) == 1
    assert buyer[0].value == seller[0].value
    economy, row = session.economy, session.row(0)
    pair = economy.contracts.pairs.index(tuple(economy.accounts.number[name] for name in ("lead_lab", "hyperscaler_a")))
    assert buyer[0].value.startswith(f"{economy.contracts.gw[pair, row]:.2g} GW, ")


def test_the_month_is_told_to_the_dollar_of_the_flows(session):
    flows = session.economy.ledger.flows[:, session.economy.accounts.number["lead_lab"], session.row(0)]
    total = Words("en").money(float(flows[flows > 0].sum()) / 1e9)
    assert sections(session, "lead_lab")["received"].bottom[0].value == total


def test_promises_beside_the_books_are_told(session):
    vendor, row = session.economy.lead_vendor, session.row(0)
    undrawn = session.economy.p.vendor_finance.limit[row] - vendor.programme.financed[row]
    text = Words("en").money(undrawn / 1e9)
    assert text in [item.value for item in sections(session, "lead_vendor")["promises"].items]
    assert text in [item.value for item in sections(session, "lead_lab")["promises"].items]
    backed = session.economy.guarantees.amount[..., row].sum()
    assert backed > 0
    assert Words("en").money(backed / 1e9) in [item.value for item in sections(session, "private_credit")["promises"].items]


def test_a_default_is_told_with_its_month():
    session = lived(2)
    session.economy.distress.defaulted_at[session.economy.accounts.number["neocloud"]][session.row(0)] = 1
    assert inspect(Words("en"), session, "neocloud").status == "defaulted in Nov 2025"
    assert inspect(Words("zh"), session, "neocloud").status == "2025年11月违约"
    assert inspect(Words("en"), session, "lead_lab").status == ""


def test_whom_an_agent_is_modelled_on_comes_with_its_month_in_the_readers_language(session):
    assert inspect(Words("en"), session, "lead_lab").modelled_on.endswith(", Sep 2025")
    assert inspect(Words("zh"), session, "lead_lab").modelled_on.endswith("（2025年9月）")
    # What a preset says in Chinese is read in Chinese; where it says nothing, only the month is.
    specs = session.economy.scenario.definition.agents
    assert all(spec.modelled_on_zh for spec in specs if spec.modelled_on)
    for spec in specs:
        told = inspect(Words("zh"), session, spec.id).modelled_on
        assert told == (f"原型：{spec.modelled_on_zh}" if spec.modelled_on else "")
    silent = replace(specs[0], modelled_on="somebody (May 2024)", modelled_on_zh="")
    assert _origin(Words("zh"), silent) == "原型：somebody（2024年5月）"
    assert any("(2025" in line for line in inspect(Words("en"), session, "lead_vendor").sources)


def test_every_reading_has_a_name_and_a_meaning_in_both_languages():
    for language in LANGUAGES:
        for reading in sum(READINGS.values(), ()):
            for part in ("name", "about"):
                assert f"reading.{reading.key}.{part}" in catalogue(language)
            assert "reading." not in written(Words(language), reading, 3.0)


# --- what a viewer opens ----------------------------------------------------------------------------------------------


def test_clicks_open_and_close_entries_and_what_is_not_there_opens_nothing():
    look = books.Look()
    opened = books._entered(look, {"row": "bonds", "sector": "clouds"})
    assert opened.entry == ("bonds", "clouds")
    assert books._entered(opened, {"row": "bonds", "sector": "clouds"}).entry is None
    for wrong in (
        {},
        {"row": "bonds"},
        {"row": "chips", "sector": "clouds"},
        {"row": "bonds", "sector": "moon"},
        {"row": [1]},
    ):
        assert books._entered(look, wrong).entry is None


def test_turning_to_another_view_closes_the_entry_and_another_world_keeps_it():
    look = books.Look(entry=("bonds", "clouds"))
    assert books._turned(look, {"view": "flows"}).entry is None
    assert books._turned(look, {"world": 1}) == books.Look(world=1, entry=("bonds", "clouds"))
    assert books._turned(look, {"world": 7}) == look
    assert books._turned(look, {"view": "moon"}) == look
    opened = books._turned(books.Look(view="flows"), {"group": "costs"})
    assert opened.group == "costs"
    assert books._turned(opened, {"group": "costs"}).group == ""
    assert books._turned(opened, {"group": "moon"}).group == ""


@pytest.mark.parametrize("presenter", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_both_views_has_its_name_and_meaning(session, language, presenter):
    words = Words(language)
    plan = books.planned(words, agents(session), presenter)
    for view, rows in (
        ("sheets", matrix.balance_sheets(session, grouped=presenter)),
        ("flows", matrix.payments(session, opened=list(matrix.PAYMENT_GROUPS))),
    ):
        for row in (*rows.rows, rows.bottom):
            name = plan["names"][view][row.key][0]
            assert name
            assert "." not in name
            assert name == capital(name)
    assert [name for name, _, _ in plan["sectors"]] == list(rows.sectors)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_lies_behind_an_entry_is_told_in_words(session, language):
    words = Words(language)
    for view, rows, explain in (
        ("sheets", matrix.balance_sheets(session), matrix.explain_stock),
        ("flows", matrix.payments(session, opened=list(matrix.PAYMENT_GROUPS)), matrix.explain_payments),
    ):
        for row in (*rows.rows, rows.bottom):
            for sector in rows.sectors:
                entry = explain(session, row.key, sector)
                for step in books._steps(words, view, row.key, entry):
                    assert not re.search(r"books\.|instrument\.|_", "".join(step)), step
                for text, amount, parts, _ in (books._line(words, line) for line in entry.lines):
                    assert not re.search(r"kind\.|books\.|_|\{", text), text
                    assert amount[0] in "+−"
                    assert sum(part for part, _, _ in parts) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("language", "told"), [("en", "≥ 3.0 times"), ("zh", "≥3.0倍")])
def test_cover_is_told_as_on_its_dial_which_counts_no_further(language, told):
    words = Words(language)
    reading = next(one for one in READINGS["lab"] if one.key == "cover")
    assert written(words, reading, 3.0) == told
    assert "≥" not in written(words, reading, 2.9)


@pytest.mark.slow
def test_cover_in_the_books_is_that_of_the_dial_in_every_month():
    session = Session(Start("ono_2025", seed=1))
    reading, apart = next(one for one in READINGS["lab"] if one.key == "cover"), 0
    for _ in range(82):
        session.step()
        lab, now = session.economy.lead_lab, session.economy.collector.values["commitment_cover"][-1]
        assert reading.of(session.economy, lab).tolist() == now.tolist()
        apart += f"{now[0]:.1f}" != f"{lab.commitment_cover()[0]:.1f}"
    assert apart, "no month tells the bills of the next from its own"


@pytest.mark.parametrize("language", LANGUAGES)
def test_landlords_have_a_sheet_of_their_own_a_column_and_their_place_in_the_picture(language):
    session = lived(3, **{"landlords.on": True})
    for name in everybody(session):
        sheet = inspect(Words(language), session, name)
        assert all(item.label for section in sheet.sections for item in (*section.items, *section.bottom))
    assert agents(session)["landlords"] == ("landlord",)
    sheets = matrix.balance_sheets(session)
    column = sheets.sectors.index("landlords")
    held = {row.key: row.cells[column] for row in sheets.rows}
    assert held["hall_loans"] < 0 < held["hardware"]
    bands = {(band["from"], band["to"]): dict(band["kinds"]) for band in frame(session)["bands"]}
    assert bands["neocloud", "lenders"]["hall_rent"] > 0
