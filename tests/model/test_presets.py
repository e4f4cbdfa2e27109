"""Presets: they load and inherit, `ono_2025` opens on the article's figures, and `optimist` is the vendor's forecast."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.parameters import FIGURES, PARAMETERS
from perpetuum.model.scenario import PRESETS, InputError, Scenario, load_preset, preset_names

ROOT = Path(__file__).resolve().parents[2]
#: Calendar years of `ono_2025`, whose month 0 is October 2025.
FIRST_JANUARY = 3


def year_of(series: np.ndarray, year: int) -> np.ndarray:
    """Sum of a monthly series over a calendar year (worlds,)."""
    start = FIRST_JANUARY + 12 * (year - 2026)
    return series[:, start : start + 12].sum(axis=1)


# --- reading presets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_loads_and_runs_a_month(name):
    economy = Economy(Scenario(preset=name, months=1))
    economy.run()
    assert economy.scenario.definition.title
    assert economy.scenario.definition.question
    assert all(np.isfinite(values).all() for values in economy.series.values())


def write(folder: Path, name: str, text: str) -> str:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_preset_inherits_what_it_does_not_say(tmp_path):
    path = write(
        tmp_path,
        "child",
        """extends = "ono_2025"
        title = "child"
        [parameters]
        "demand.strength" = 2
        [[agents]]
        id = "lead_lab"
        [agents.figures]
        cash = { value = 1, source = "test" }
        """,
    )
    child, base = load_preset(path), load_preset("ono_2025")
    assert (child.title, child.question, child.start) == ("child", base.question, base.start)
    assert child.values == {**base.values, "demand.strength": 2.0}
    assert (child.contracts, child.stakes) == (base.contracts, base.stakes)
    assert [agent.id for agent in child.agents] == [agent.id for agent in base.agents]
    for mine, theirs in zip(child.agents, base.agents, strict=True):
        changed = {"cash": 1.0} if mine.id == "lead_lab" else {}
        assert mine.figures == {**theirs.figures, **changed}
        assert mine.modelled_on == theirs.modelled_on


def test_contracts_and_stakes_are_inherited_unless_given(tmp_path):
    path = write(tmp_path, "child", 'extends = "ono_2025"\ncontracts = []\n')
    child = load_preset(path)
    assert child.contracts == ()
    assert child.stakes == load_preset("ono_2025").stakes


def test_who_sets_a_parameter_or_a_figure_does_not_doubt_it_unless_it_says_so(tmp_path):
    """Or telecom's backbone builder would draw the software that a cloud of 2025 has sold."""
    settled = """
        extends = "ono_2025"
        [parameters]
        "demand.strength" = { value = 1.5, source = "test" }
        [[agents]]
        id = "lead_lab"
        [agents.figures]
        revenue = { value = 20, source = "test" }
        """
    doubted = '[uncertain]\n"lead_lab.revenue" = { distribution = "uniform", low = 19, high = 21, source = "test" }\n'
    base = {one.name for one in load_preset("ono_2025").unknowns}
    assert {"demand.strength", "lead_lab.revenue"} < base
    certain = {one.name for one in load_preset(write(tmp_path, "certain", settled)).unknowns}
    assert certain == base - {"demand.strength", "lead_lab.revenue"}
    asked = {one.name: one.low for one in load_preset(write(tmp_path, "asked", settled + doubted)).unknowns}
    assert asked.keys() == base - {"demand.strength"}
    assert asked["lead_lab.revenue"] == 19
    assert "backbone_builder.software_commitments" not in {one.name for one in load_preset("telecom_1999").unknowns}


def test_presets_may_not_extend_each_other_in_a_loop(tmp_path):
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    write(tmp_path, "first", f'extends = "{second.as_posix()}"')
    write(tmp_path, "second", f'extends = "{first.as_posix()}"')
    with pytest.raises(InputError, match=r"loop: 'first.toml' extends 'second.toml' extends 'first.toml'$") as error:
        load_preset(str(first))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "ono_2026"', "unknown preset 'ono_2026'.*did you mean 'ono_202"),
        ("extends = 3", "'extends' in 'child.toml' must be the name of a preset, not 3"),
        (
            'extends = "ono_2025"\n[parameters]\n"demand.strength" = 9',
            "'demand.strength' in 'child.toml' cannot be 9",
        ),
        ('extends = "ono_2025"\n[[agents]]\nlabel = "who"', "an agent in 'child.toml' has no 'id'"),
        (
            'extends = "ono_2025"\n[[agents]]\nid = "new"',
            "agent 'new' in|an agent in 'child.toml' has no 'role'",
        ),
        ('extends = "ono_2025"\nforcings = 1', "unknown section 'forcings' in 'child.toml'"),
    ],
)
def test_mistakes_in_a_preset_that_extends_are_told_in_a_sentence(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        load_preset(write(tmp_path, "child", text))


# --- the registry -------------------------------------------------------------------------------------------

#: Registered, but read by nothing.
UNUSED: set[str] = set()


def test_every_number_of_the_registry_is_used():
    files = [file for folder in ("model", "agents") for file in (ROOT / folder).rglob("*.py")]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files if file.parent.name != "parameters")
    # Names that are put together, such as getattr(p, f"{strategy}_turnover").
    composed = [
        "".join(r"\w+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", text))
        for text in re.findall(r'getattr\([^"\n]*f"([^"]*\{[^"]*)"\)', code)
    ]
    names = {name: name.split(".", 1)[1] for name in PARAMETERS}
    names |= {f"{role}.{name}": name for role, figures in FIGURES.items() for name in figures}
    unused = {
        name
        for name, leaf in names.items()
        if not re.search(rf"\.{leaf}\b", code) and not any(re.fullmatch(pattern, leaf) for pattern in composed)
    }
    assert unused <= UNUSED
    assert unused >= UNUSED, "shorten the list of unused parameters"


# --- ono_2025: the article's figures ------------------------------------------------------------------------

#: Figures that only say yes or no.
SWITCHES = ("finances", "receives_finance", "receives_tickets")


def test_every_figure_of_ono_2025_has_a_source():
    preset = load_preset("ono_2025")
    missing = [name for name in preset.values if not preset.sources[name]]
    missing += [
        f"{agent.id}.{name}"
        for agent in preset.agents
        for name, source in agent.sources.items()
        if not source and name not in SWITCHES
    ]
    missing += [f"contract {c.buyer} with {c.seller}" for c in preset.contracts if not c.source]
    missing += [f"stake of {s.holder} in {s.issuer}" for s in preset.stakes if not s.source]
    assert missing == []


@pytest.fixture(scope="module")
def opening() -> Economy:
    """The books before the first month."""
    return Economy(Scenario(preset="ono_2025", worlds=20))


@pytest.fixture(scope="module")
def first_month() -> Economy:
    """The first month, over."""
    economy = Economy(Scenario(preset="ono_2025", worlds=20, months=1))
    economy.run()
    return economy


@pytest.fixture(scope="module")
def loose() -> Economy:
    """The loose arm until the end of 2028."""
    wanted = ("vendor_revenue", "lead_lab_burn")
    economy = Economy(Scenario(preset="ono_2025", overrides={"funding.tightening": 0}, worlds=100, months=39, series=wanted))
    economy.run()
    return economy


def test_book_equity_counts_a_listed_firm_s_stakes_in_other_listed_firms(opening):
    ledger, holdings = opening.ledger, opening.holdings
    vendor, neocloud = opening.accounts.number["lead_vendor"], opening.accounts.number["neocloud"]
    asset = holdings.asset_of(neocloud)
    stake = holdings.lots[vendor, asset] * holdings.price[asset]
    assert (stake > 1e9).all()
    others = ledger.book[:, vendor].sum(axis=0) - ledger.stock("listed_equity", vendor)
    assert (ledger.book_equity(vendor) == others + stake).all()


def test_programme_is_four_to_five_million_chips_and_a_year_of_shipments(opening):
    vendor, programme = opening.lead_vendor, 10
    chips = programme * opening.p.technology.gpus_per_gw
    assert 4e6 <= chips <= 5e6
    year = vendor.figures.capacity * 12 * opening.p.technology.gpus_per_gw
    assert year == pytest.approx(chips, rel=0.05)
    v = opening.p.vendor_finance
    assert (v.per_gw == 10e9).all()
    assert (v.limit == 100e9).all()


def test_opening_market_value_of_the_vendor(opening):
    asset = opening.holdings.asset_of(opening.lead_vendor.account)
    assert opening.holdings.market_value(asset) == pytest.approx(4.42e12, rel=0.02)


def test_vendors_free_cash_flow_is_history_only():
    preset = load_preset("ono_2025")
    assert 60.7 not in [value for agent in preset.agents for value in agent.figures.values()]
    text = (PRESETS / "ono_2025.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "60.7" in line]
    assert lines
    assert all("history" in line for line in lines)


def test_seven_hundred_million_use_it_and_under_three_percent_pay(opening, first_month):
    for economy in (opening, first_month):
        assert economy.demand.users == pytest.approx(0.7e9, rel=0.1)
        assert (economy.demand.paying < 0.03).all()
        assert (economy.demand.paying > 0.02).all()


def test_contract_with_the_leveraged_cloud_is_worth_300_at_signing(opening):
    number = opening.accounts.number
    pair = opening.contracts.pairs.index((number["lead_lab"], number["leveraged_cloud"]))
    assert opening.contracts.obligations[pair] == pytest.approx(300e9, rel=0.01)


def test_first_tranche_buys_about_two_percent_of_the_lead_lab(first_month):
    holdings = first_month.holdings
    asset = holdings.asset_of(first_month.lead_lab.account)
    stake = holdings.lots[first_month.lead_vendor.account, asset] / holdings.outstanding[asset]
    assert (stake >= 0.019).all()
    assert (stake <= 0.020).all()
    assert first_month.lead_lab.figures.valuation == pytest.approx(500e9)


def test_lead_lab_opens_burning_the_reported_cash_of_2025(first_month):
    assert 12 * np.median(first_month.series["lead_lab_burn"][:, 0]) == pytest.approx(8.25, rel=0.15)


def test_vendor_revenue_opens_without_a_false_dip(loose):
    revenue = np.median(loose.series["vendor_revenue"], axis=0)[:6]
    assert revenue == pytest.approx(np.full(6, revenue[0]), rel=0.25)


def test_lead_lab_loses_about_14_in_2026_and_earns_nothing_before_2029(loose):
    burn = loose.series["lead_lab_burn"]
    assert np.median(year_of(burn, 2026)) == pytest.approx(14, rel=0.25)
    for year in (2026, 2027, 2028):
        assert np.median(year_of(burn, year)) > 0, f"a profit in {year}"


# --- optimist: the vendor's forecast ------------------------------------------------------------------------


@pytest.mark.slow
def test_optimists_world_reaches_two_trillion_in_2030_and_builds_for_trillions():
    wanted = ("external_ai_revenue", "capex")
    economy = Economy(Scenario(preset="optimist", overrides={"funding.tightening": 0}, worlds=16, months=111, series=wanted))
    economy.run()
    series = economy.series
    assert np.median(year_of(series["external_ai_revenue"], 2030)) == pytest.approx(2000, rel=0.20)
    assert np.median(year_of(series["capex"], 2030)) > 1000
    assert np.median(year_of(series["capex"], 2034)) > 3000


def test_optimist_opens_like_ono_2025():
    one, two = (Economy(Scenario(preset=name, months=1)) for name in ("ono_2025", "optimist"))
    lab = one.lead_lab.account
    assert np.array_equal(one.ledger.stock("deposits", lab), two.ledger.stock("deposits", lab))
    assert np.array_equal(one.contracts.obligations, two.contracts.obligations)
    knob = "funding.tightening"
    assert load_preset("optimist").values[knob] == load_preset("ono_2025").values[knob]
