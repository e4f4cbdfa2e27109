"""Presets: they load and inherit, `ono_2025` opens on the article's figures, `optimist` is the vendor's forecast, and
`triangle` defaults in the month that its formula says (model/README.md)."""

from __future__ import annotations

import datetime
import math
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.history import facts
from perpetuum.model.parameters import FIGURES, PARAMETERS
from perpetuum.model.preset_check import told_entries
from perpetuum.model.preset_tables import last_day
from perpetuum.model.presets import _preset_data, check_preset
from perpetuum.model.scenario import PRESETS, InputError, Scenario, load_preset, preset_names
from tests.openings import BEHAVIOUR, OPENINGS

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


# --- triangle: the survival condition -----------------------------------------------------------------------

HORIZON = 120
#: The triangle's knobs: name in the registry and value in the preset.
KNOBS = {
    "finance": ("vendor_finance.scale", 1.0),
    "limit": ("vendor_finance.limit", 240.0),
    "letter": ("vendor_finance.untied_months", 240),
    "contract": ("contracts.precommitment", 1.0),
    "revenue": ("lead_lab.revenue", 48.0),
    "costs": ("lead_lab.other_costs", 12.0),
    "cash": ("lead_lab.cash", 6.0),
    "vendor_cash": ("lead_vendor.cash", 10.0),
    "margin": ("lead_vendor.margin", 0.5),
    "chips": ("clouds.capex_base", 1.0),
}


def monthly(**turned: float) -> dict[str, float]:
    """The symbols of model/README.md ($bn a month) from the knobs that are turned."""
    knob = {name: turned.get(name, default) for name, (_, default) in KNOBS.items()}
    B = 4.0 * knob["contract"]
    S = knob["chips"] * (B - 1.0)
    return {
        "R": knob["revenue"] / 12,
        "D": B + knob["costs"] / 12,
        "B": B,
        "S": S,
        "F": knob["finance"] * knob["limit"] / knob["letter"],
        "returned": knob["margin"] * S - 0.5,
        "M": knob["letter"],
        "C": knob["cash"],
        "X": knob["vendor_cash"] - 5.0,
    }


def default_month(**turned: float) -> float:
    """First month (0 is the first) in which the lab cannot pay a bill in full; infinite if it always can.

    By month t the lab has had C + (t+1) R and Phi(t) of finance, and owed (t+1) D, where
    Phi(t) = min(n F, X + (n-1) F*), n = min(t+1, M): the smallest of four lines, so that the first line to
    fall short decides.
    """
    m = monthly(**turned)
    earned = m["returned"]
    lines = (
        (m["C"], m["D"] - m["R"] - m["F"]),  # finance flows
        (m["C"] + m["X"] - earned, m["D"] - m["R"] - earned),  # the vendor gives what it earns
        (m["C"] + m["M"] * m["F"], m["D"] - m["R"]),  # the letter has ended
        (m["C"] + m["X"] + (m["M"] - 1) * earned, m["D"] - m["R"]),  # both
    )
    return min((math.floor(means / gap) for means, gap in lines if gap > 1e-12), default=math.inf)


SETTINGS = {
    "as it is": {},
    "less finance": {"finance": 0.45},
    "no finance": {"finance": 0.0, "cash": 6.5},
    "less revenue": {"revenue": 45.6, "cash": 6.5},
    "larger contract": {"contract": 1.07},
    "largest contract, more finance": {"contract": 1.3, "finance": 1.25},
    "smaller contract": {"contract": 0.9},
    "dearer staff": {"costs": 15.0, "cash": 3.1},
    "thin margin: less comes back": {"margin": 0.4},
    "fewer chips: less comes back": {"chips": 0.8},
    "letter ends": {"limit": 60.0, "letter": 60, "cash": 6.5},
    "letter ends, thin margin": {"limit": 30.0, "letter": 30, "margin": 0.4},
    # Both sides of the boundary "the cash lasts 120 months", b = C / 120.
    "just enough revenue": {"revenue": 47.5},
    "just too little revenue": {"revenue": 47.3},
    # Both sides of the boundary "for ever", with next to no cash: R + F = D ...
    "a little above": {"revenue": 48.1, "cash": 0.02},
    "a little below": {"revenue": 47.9, "cash": 0.02},
    "a little more finance": {"finance": 1.01, "cash": 0.1},
    "a little less finance": {"finance": 0.99, "cash": 0.1},
    # ... and m S = F + k_V: what comes back to the vendor carries the finance.
    "enough comes back": {"margin": 0.51, "cash": 0.5, "vendor_cash": 6.2},
    "too little comes back": {"margin": 0.49, "cash": 0.5, "vendor_cash": 6.2},
}


def triangle(settings: list[dict[str, float]], months: int = HORIZON) -> Economy:
    """Run one world for each setting."""
    overrides = {
        name: np.array([setting.get(knob, default) for setting in settings]) for knob, (name, default) in KNOBS.items()
    }
    economy = Economy(Scenario(preset="triangle", overrides=overrides, worlds=len(settings), months=months))
    economy.run()
    return economy


@pytest.fixture(scope="module")
def triangles() -> Economy:
    """Every setting for the whole horizon."""
    return triangle(list(SETTINGS.values()))


@pytest.mark.parametrize("name", SETTINGS)
def test_triangle_defaults_in_the_month_that_the_formula_says(triangles, name):
    world = list(SETTINGS).index(name)
    months = np.flatnonzero(triangles.core_events["default:lead_lab"][world])
    expected = default_month(**SETTINGS[name])
    if expected >= HORIZON:
        assert len(months) == 0
        assert not triangles.core_events["arrears:lead_lab"][world].any()
    else:
        assert len(months) > 0
        assert abs(months[0] - expected) <= 1
        assert not triangles.core_events["arrears:lead_lab"][world, : months[0]].any()


def test_triangle_stands_still(triangles):
    """At the preset's own settings customers put in what leaks out, and nobody's cash moves (but for whole lots)."""
    constant = ("vendor_revenue", "lab_revenue", "gw_in_service", "gpu_price", "compute_rent", "gold_price")
    for series in (*constant, "vendor_market_cap"):
        values = triangles.series[series][0]
        assert values == pytest.approx(np.full(HORIZON, values[0]), rel=1e-5), series
    ledger = triangles.ledger
    for agent, opened in (
        (triangles.lead_vendor, 10e9),
        (triangles.clouds[0], 10e9),
        (triangles.lead_lab, 6e9),
    ):
        assert ledger.cash(agent.account)[0] == pytest.approx(opened, abs=HORIZON * 100_000)


def test_triangle_loop_gain_and_multiplier_are_the_products_of_the_shares(triangles):
    """g = F/T_V x B/T_L x S/B with T what passes through; T_V is the first lap of outsiders' money over 1 - g."""
    for world, setting in enumerate(SETTINGS.values()):
        m = monthly(**setting)
        lab = max(m["D"], m["R"] + m["F"])  # cash drawn down counts as coming in
        drawn = max(m["F"] - m["returned"], 0.0)
        through = m["S"] + drawn
        gain = m["F"] / through * m["B"] / lab * m["S"] / m["B"]
        assert triangles.series["loop_gain"][world, 1] == pytest.approx(gain, rel=1e-3, abs=1e-6)
        first_lap = m["S"] / lab * (lab - m["F"]) + drawn
        revenue = triangles.series["vendor_revenue"][world, 1]
        assert revenue + drawn == pytest.approx(first_lap / (1.0 - triangles.series["loop_gain"][world, 1]), rel=1e-3)
    # The same number read off the colour of the money, once the old money has been spent: F / (R + F).
    assert triangles.series["own_money_share"][0, -1] == pytest.approx(0.2, rel=0.01)
    assert triangles.series["own_money_share_high"][0, -1] == pytest.approx(1 / 3, rel=0.01)
    assert triangles.series["own_money_share_low"][0, -1] == pytest.approx(0.0, abs=1e-9)


# --- nothing later than a preset may know ---------------------------------------------------------------------------

OF_RECORD = ("ono_2023", "ono_2024", "ono_2025")
#: Sources that begin so name no publication of a figure: they are of ours, and need no dates.
OURS = ("estimate", "assumption", "calibrated", "scenario", "hindcast", "upper end", "lower end")
#: Figures that follow from others of the preset, or are of no date.
FOLLOW = (
    "what the others leave",
    "what the lead vendor leaves",
    "no letter of intent yet",
    "no backstop yet",
    "no notes yet",
)


def figures_of(name: str, inherited: bool) -> list[tuple[str, dict[str, str]]]:
    """What a preset says, with what it takes over from those it extends or without: name and table of each figure."""
    path = PRESETS / f"{name}.toml"
    data = _preset_data(path) if inherited else tomllib.loads(path.read_text(encoding="utf-8"))
    roles = {agent.id: agent.role for agent in load_preset(name).agents}
    agents = [{**agent, "role": roles[agent["id"]]} for agent in data.get("agents", [])]
    return [(what, entry) for what, entry in told_entries({**data, "agents": agents}) if isinstance(entry, dict)]


@pytest.mark.parametrize("name", OF_RECORD)
def test_no_figure_was_public_only_after_the_start(name):
    """By the day of publication, with what is inherited; the newspaper article's own figures are marked so and excepted."""
    start = load_preset(name).start
    dated = [(what, entry) for what, entry in figures_of(name, inherited=True) if entry.get("public")]
    assert len(dated) > 50
    late = [what for what, entry in dated if last_day(entry["public"]) >= start and "article" not in entry["source"]]
    assert late == []
    assert set(check_preset(name)[1]) == {"defaults"}


@pytest.mark.parametrize("name", [*OF_RECORD, "first_lesson", "optimist"])
def test_a_published_figure_has_its_period_and_the_day_by_which_it_was_public(name):
    """Neither before its period had ended; what has no dates is called an estimate or an assumption."""
    for what, entry in figures_of(name, inherited=False):
        date, public = entry.get("date", ""), entry.get("public", "")
        assert bool(date) == bool(public), what
        if date:
            assert last_day(public) >= last_day(date), what
        elif not what.startswith("uncertain ") and not isinstance(entry.get("value"), bool):
            assert entry["source"].startswith((*OURS, *FOLLOW)), what


def test_telecom_marks_what_was_published_after_its_start_and_takes_nothing_later_than_its_year():
    """A year or a month counts to its end; books of a day are published weeks later, prices on the day itself."""
    start = load_preset("telecom_1999").start
    agents = {agent["id"] for agent in tomllib.loads((PRESETS / "telecom_1999.toml").read_text(encoding="utf-8"))["agents"]}
    marked = 0
    for what, entry in figures_of("telecom_1999", inherited=False):
        if not entry.get("date"):
            continue
        end, (of, _, figure) = last_day(entry["date"]), what.partition(".")
        books = of in agents and figure not in ("market_cap", "valuation", "gold")
        if end >= start or (books and end == start - datetime.timedelta(days=1)):
            assert "published after the start" in entry["source"], what
            assert end.year == start.year, what
            marked += 1
    assert marked > 50


#: Figures of `ono_2025` that are rows of the record, by the series that holds them.
RECORDED = {
    "leveraged_cloud.outside_commitments": "leveraged_cloud_rpo",
    "leveraged_cloud.bonds": "leveraged_cloud_debt",
    "leveraged_cloud.other_business": "leveraged_cloud_operating_cash_flow_ttm",
    "lead_vendor.sales_growth": "vendor_dc_revenue_quarter",
    "lead_lab.revenue": "lead_lab_annualised_revenue",
    "second_lab.valuation": "second_lab_valuation",
    "growth.users_ratio": "weekly_users",
}


@pytest.mark.parametrize("what", RECORDED)
def test_dates_of_the_default_are_those_of_the_record(what):
    entry = dict(figures_of("ono_2025", inherited=False))[what]
    days = {(row.date, row.public) for row in facts(RECORDED[what])}
    assert (last_day(entry["date"]), last_day(entry["public"])) in days


@pytest.mark.parametrize("name", ["ono_2023", "ono_2024"])
def test_younger_presets_differ_from_ono_2025_in_openings_alone(name):
    mine, theirs = load_preset(name), load_preset("ono_2025")
    changed = {p for p, value in mine.values.items() if value != theirs.values.get(p)} - {"funding.tightening"}
    assert changed <= OPENINGS
    behaviour = {agent.id: {figure: agent.figures.get(figure) for figure in BEHAVIOUR} for agent in theirs.agents}
    assert {agent.id: {figure: agent.figures.get(figure) for figure in BEHAVIOUR} for agent in mine.agents} == behaviour
    assert {one.name for one in theirs.unknowns} - {one.name for one in mine.unknowns} <= {"venture.inflow"}
