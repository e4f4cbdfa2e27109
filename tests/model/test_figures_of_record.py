"""Figures of the presets of record are what their sources say: each beside its row of the record, worked out, not copied."""

from __future__ import annotations

import math

import pytest

from perpetuum.model.history import Fact, facts
from perpetuum.model.presets import Preset
from perpetuum.model.scenario import load_preset

OF_RECORD = ("ono_2023", "ono_2024", "ono_2025")
#: The article's own figures stand against the record's.
ARTICLE = {("ono_2025", "lead_vendor.market_cap")}
#: Figures that are the last row of a series which was public before the start, and what one is of the other.
ROWS = {
    "lead_vendor.market_cap": ("vendor_market_cap", 1.0),
    "funding.policy_rate": ("fedfunds_pct", 0.01),
    "prices.spread": ("hy_oas_pct_avg", 0.01),
    "outside.gold_price": ("gold_price", 1.0),
    "lead_lab.valuation": ("lead_lab_valuation", 1.0),
    "second_lab.valuation": ("second_lab_valuation", 1.0),
}
#: Lead vendor's part of all vendors' sales, by which `before.sales` is its data-centre revenue.
LEAD = 0.92


def figure(preset: Preset, name: str) -> float:
    group, _, leaf = name.partition(".")
    agent = next((one for one in preset.agents if one.id == group), None)
    return agent.figures[leaf] if agent else preset.values.get(name, preset.parameter(name).default)


def known(series: str, preset: Preset) -> list[Fact]:
    return [row for row in facts(series) if row.public < preset.start]


@pytest.mark.parametrize("what", ROWS)
@pytest.mark.parametrize("name", OF_RECORD)
def test_a_figure_is_the_last_row_that_was_public(name, what):
    if (name, what) in ARTICLE:
        pytest.skip("the article's own figure")
    preset, (series, unit) = load_preset(name), ROWS[what]
    assert figure(preset, what) == pytest.approx(known(series, preset)[-1].value * unit)


@pytest.mark.parametrize("name", OF_RECORD)
def test_trailing_growth_is_that_of_the_rows(name):
    preset = load_preset(name)
    sales = [row.value for row in known("vendor_dc_revenue_quarter", preset)]
    vendor = figure(preset, "lead_vendor.sales_growth")
    assert vendor == pytest.approx(math.log(sales[-1] / sales[-5]) / 12, abs=0.0005)
    gold = known("gold_price", preset)
    first = next(row for row in gold if (gold[-1].date - row.date).days <= 370)
    months = (gold[-1].date - first.date).days / 30.4375
    trend = math.log(gold[-1].value / first.value) / months
    assert figure(preset, "prices.gold_drift") == pytest.approx(trend, abs=0.0005)


@pytest.mark.parametrize("name", OF_RECORD)
def test_sales_of_the_year_before_are_the_quarters_of_the_record(name):
    """November to July are three fiscal quarters; the leap of summer 2023 is smoothed between two of them."""
    preset, near = load_preset(name), 0.13 if name == "ono_2023" else 0.04
    sales, quarters = preset.before["sales"], known("vendor_dc_revenue_quarter", preset)[-3:]
    for first, row in zip((1, 4, 7), quarters, strict=True):
        assert LEAD * sum(sales[first : first + 3]) == pytest.approx(row.value, rel=near)


@pytest.mark.parametrize("name", OF_RECORD)
def test_what_is_not_known_has_the_opening_figure_in_its_range(name):
    """At its middle where the range is normal or log-normal, as an error of measurement is."""
    preset = load_preset(name)
    given = {*preset.values, *(f"{agent.id}.{one}" for agent in preset.agents for one in agent.sources)}
    for unknown in preset.unknowns:
        if unknown.name not in given:
            continue
        value = figure(preset, unknown.name)
        assert unknown.low <= value <= unknown.high, unknown.name
        if unknown.distribution == "log_normal":
            assert math.sqrt(unknown.low * unknown.high) == pytest.approx(value, rel=0.03), unknown.name
        if unknown.distribution == "normal":
            assert (unknown.low + unknown.high) / 2 == pytest.approx(value, abs=0.001), unknown.name
