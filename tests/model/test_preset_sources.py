"""Nothing in a preset is later than it may know: every published figure has its period, and the day by which it was public."""

from __future__ import annotations

import datetime
import tomllib

import pytest

from perpetuum.model.history import facts
from perpetuum.model.preset_check import told_entries
from perpetuum.model.preset_rows import is_row
from perpetuum.model.preset_tables import last_day
from perpetuum.model.presets import _preset_data, check_preset
from perpetuum.model.scenario import PRESETS, load_preset
from tests.openings import BEHAVIOUR, OPENINGS

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
    doubted_then = {one.name for one in theirs.unknowns} - {one.name for one in mine.unknowns}
    assert doubted_then <= figures_set_by(name), "unknown in 2025, and known before?"


def figures_set_by(name: str) -> set[str]:
    """Parameters and agents' figures, by their dotted names, to which a preset and those between it and ono_2025 give a value."""
    data = tomllib.loads((PRESETS / f"{name}.toml").read_text(encoding="utf-8"))
    of_agents = {f"{agent['id']}.{figure}" for agent in data["agents"] for figure in agent.get("figures", {})}
    extended = set() if data["extends"] == "ono_2025" else figures_set_by(data["extends"])
    rows = {row for row in load_preset("ono_2025").rows if row.partition(".")[0] in data}
    return set(data["parameters"]) | of_agents | rows | extended


#: A unit rather than a fact: capacity in GW is sales over the content of a GW, and known sales would no longer be met.
UNIT = {"technology.content_today"}


@pytest.mark.parametrize("name", [*OF_RECORD, "telecom_1999"])
def test_every_estimate_has_a_range_that_holds_it(name):
    """Of parameters and agents' figures; of contracts how much, at what price and for how long, and of stakes the share."""
    data = tomllib.loads((PRESETS / f"{name}.toml").read_text(encoding="utf-8"))
    figures = {f"{agent['id']}.{figure}": entry for agent in data["agents"] for figure, entry in agent["figures"].items()}
    entries = {what: entry for what, entry in {**data["parameters"], **figures}.items() if isinstance(entry, dict)}
    estimates = {what: entry["value"] for what, entry in entries.items() if entry["source"].startswith("estimate")}
    rows = load_preset(name)
    estimates |= {
        f"{one.name}.{figure}": getattr(one, figure)
        for one in rows.contracts
        for figure in ("gw", "price", "term")
        if one.source.startswith("estimate")
    }
    estimates |= {one.name: one.share for one in rows.stakes if one.source.startswith("estimate")}
    assert sum(is_row(what) for what in estimates) > 10
    ranges = {one.name: (one.low, one.high) for one in load_preset(name).unknowns}
    assert len(estimates) > 50
    assert estimates.keys() - ranges.keys() <= UNIT
    outside = [
        what for what, value in estimates.items() if what in ranges and not ranges[what][0] <= value <= ranges[what][1]
    ]
    assert outside == []
