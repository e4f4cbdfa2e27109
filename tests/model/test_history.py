"""The record of what was published: dates, and who may know what."""

from __future__ import annotations

import datetime

import pytest

from perpetuum.model.errors import InputError
from perpetuum.model.history import article, facts, record

OCTOBER_2024 = datetime.date(2024, 10, 1)


def test_every_figure_has_a_source_and_was_public_by_the_start_of_the_newest_preset():
    for name in record():
        for fact in facts(name):
            assert fact.source.strip()
            assert fact.value > 0
            assert fact.public <= datetime.date(2025, 10, 3), name


def test_a_quarter_is_known_when_it_is_published_not_when_it_ends():
    assert facts("vendor_dc_revenue_quarter", datetime.date(2024, 8, 27))[-1].value == 22.56
    assert facts("vendor_dc_revenue_quarter", datetime.date(2024, 8, 28))[-1].value == 26.27


def test_a_month_stands_for_its_last_day():
    assert facts("vendor_market_cap")[0].date == datetime.date(2022, 12, 31)


def test_an_unknown_series_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="leveraged_cloud_rpo"):
        facts("leveraged_cloud_rp")


def test_every_figure_of_the_article_has_a_unit_and_most_a_tolerance():
    said = article()
    assert (said["market_cap"].value, said["market_cap"].tolerance, said["market_cap"].unit) == (4420.0, 0.02, "$bn")
    assert [claim for claim, one in said.items() if one.tolerance is None] == ["profit"]
    assert all(one.unit and one.value > 0 for one in said.values())
