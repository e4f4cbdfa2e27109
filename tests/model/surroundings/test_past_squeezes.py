"""The squeezes of the past: figures within their ranges, and a squeeze like one of them month by month, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.scenario import InputError, Scenario
from perpetuum.model.surroundings.funding_conditions import CHANNELS, FundingConditions
from perpetuum.model.surroundings.past_squeezes import (
    HISTORY,
    STRENGTHS,
    WITH_SPREADS,
    channels_told,
    episode_like,
    grounds,
    meaning,
    place_on_ladder,
)
from perpetuum.model.surroundings.random_streams import Streams
from tests.plain import OFF


def opened(scenario):
    """Funding conditions of a scenario."""
    return FundingConditions(ParameterValues(scenario), Streams(1, scenario.shocks, 150))


def conditions(year, **also):
    """Funding conditions of one world in a squeeze like one of the past that starts at once."""
    overrides = episode_like(year).overrides() | {"funding.start_month": 0} | also
    return opened(Scenario(overrides=OFF | overrides))


@pytest.mark.parametrize("episode", HISTORY, ids=lambda episode: episode.year)
def test_every_figure_lies_in_its_range_and_has_a_source_or_says_why_it_is_an_estimate(episode):
    assert [one.parameter for one in episode.readings] != []
    assert {one.parameter for one in episode.readings} == {*STRENGTHS.values(), *WITH_SPREADS.values()}
    assert set(STRENGTHS) == set(CHANNELS)
    for one in episode.readings:
        assert one.low <= one.value <= one.high, one.parameter
        assert one.source or one.estimate, one.parameter
        for value in (one.low, one.high):
            PARAMETERS[f"funding.{one.parameter}"].check(value, "")
    for name in WITH_SPREADS.values():
        assert episode.reading(name).hold == episode.reading("spread_rise").hold
    Scenario(overrides=episode.overrides())


def test_policy_rates_were_cut_in_2000_and_2008_and_raised_in_2022():
    assert {episode.year: np.sign(episode.rate_bp) for episode in HISTORY} == {"2000": -1, "2008": -1, "2022": 1}


def test_2008_month_by_month():
    funding = conditions("2008")
    # Seventeen months to the worst; in the ninth of them nine parts of seventeen.
    funding.update(8)
    assert funding.policy_rate == pytest.approx(0.0422 - 0.0510 * 9 / 17)
    assert funding.spread_rise == pytest.approx(0.177 * 9 / 17)
    funding.update(16)
    assert funding.theta == pytest.approx(1.0)
    assert funding.policy_rate == pytest.approx(0.0)  # 5.1 points down from 4.22 %, as far as zero
    assert funding.spread_rise == pytest.approx(0.177)
    assert funding.graded_spread_rise == pytest.approx(0.177 / 4)
    assert funding.venture == pytest.approx(0.65)
    assert funding.lending == pytest.approx(0.47)
    assert funding.margin_requirement() == pytest.approx(0.35)
    assert funding.loan_to_value == pytest.approx(0.65)
    assert funding.leverage_limit == pytest.approx(4.3)
    assert funding.valuation == pytest.approx(0.63)
    assert funding.capex == pytest.approx(0.79)
    # Spreads stay four months and are back twelve later; valuations stay six; venture money two years, rates seven.
    funding.update(17 + 4 + 5)
    assert funding.spread_rise == pytest.approx(0.177 / 2)
    assert funding.lending == pytest.approx(1 - 0.53 / 2)
    assert funding.valuation == pytest.approx(1 - 0.37 * 8 / 12)
    funding.update(17 + 4 + 11)
    assert funding.spread_rise == pytest.approx(0.0)
    assert funding.venture == pytest.approx(0.65)
    funding.update(17 + 83)
    assert funding.venture == pytest.approx(1.0)
    assert funding.policy_rate == pytest.approx(0.0)
    funding.update(17 + 84 + 11)
    assert funding.policy_rate == pytest.approx(0.0422)


def test_without_a_time_of_its_own_every_channel_follows_the_index_to_the_bit():
    scenario = Scenario(overrides={"funding.start_month": 2, "funding.hold_months": 3, "funding.tightening": 0.7})
    funding = opened(scenario)
    for month in range(30):
        for level in funding.levels(month).values():
            assert np.array_equal(level, funding.level(month))


def test_a_lever_moves_all_channels_whatever_times_they_have_of_their_own():
    funding = conditions("2008")
    funding.update(30)
    spreads, index = funding.levels(30)["spreads"], funding.theta
    assert spreads < index
    funding.p.funding.tightening[:] = 0.25
    funding.steer(np.ones(1), 31)
    assert all(level == pytest.approx(0.25) for level in funding.levels(60).values())


def test_a_cut_stops_at_the_floor_and_a_rate_below_it_is_left_alone():
    for before, floor, expected in ((0.03, 0.01, 0.01), (0.0, 0.01, 0.0), (0.06, 0.0, 0.009)):
        funding = conditions("2008", **{"funding.policy_rate": before, "funding.rate_floor": floor})
        funding.update(16)
        assert funding.policy_rate == pytest.approx(expected)


def test_a_cut_reaches_the_economy():
    rates = {}
    for year in ("2008", "2022"):
        overrides = episode_like(year).overrides() | {"funding.start_month": 0}
        economy = Economy(Scenario(overrides=OFF | overrides, months=18))
        economy.run()
        rates[year] = economy.series["policy_rate"][0]
    assert rates["2008"][[0, 8, 16]] == pytest.approx([0.0422 - 0.051 / 17, 0.0422 - 0.051 * 9 / 17, 0.0])
    assert rates["2022"][[0, 11]] == pytest.approx([0.0422 + 0.0525 / 12, 0.0422 + 0.0525])


def test_each_squeeze_stands_at_one_on_a_scale_of_its_own():
    for episode in HISTORY:
        assert place_on_ladder(episode, Scenario(overrides=episode.overrides()).values) == pytest.approx(1.0)


def test_on_the_scale_of_the_preset_what_went_the_other_way_counts_as_zero():
    values = Scenario().values
    full = meaning(1.0, values)
    assert (full.rate_bp, full.spread_bp, full.venture_lost) == pytest.approx((300, 500, 1))
    places = {episode.year: place_on_ladder(episode, values) for episode in HISTORY}
    assert places == pytest.approx({"2000": (0 + 1 + 0.8) / 3, "2008": (0 + 1 + 0.35) / 3, "2022": (1 + 0.43 + 0.51) / 3})


def test_what_a_squeeze_does_is_told_of_the_scenario_and_not_of_the_past():
    values = Scenario(
        overrides=episode_like("2022").overrides() | {"funding.channel_margin": 0, "funding.hold_spreads": -1}
    ).values
    told = {one.channel: (one.by, one.months) for one in channels_told(values)}
    assert told == {
        "rate": (pytest.approx(0.0525), 42),
        "venture": (pytest.approx(0.51), 21),
        "collateral": (pytest.approx(0.05), 14),
        "covenants": (pytest.approx(1.2), 21),
        "spreads": (pytest.approx(0.0215), 42),
        "graded": (pytest.approx(0.0215 / 4), 42),
        "valuation": (pytest.approx(0.35), 21),
        "lending": (pytest.approx(0.45), 42),
        "rollover": (pytest.approx(0.43), 42),
    }


@pytest.mark.parametrize("episode", HISTORY, ids=lambda episode: episode.year)
def test_what_a_channel_rests_on_is_a_record_an_estimate_spreads_or_what_was_set(episode):
    whole = Scenario(overrides=episode.overrides())
    found = grounds(episode, whole.values)
    assert found.keys() == {one.channel for one in channels_told(whole.values)}
    leaves = STRENGTHS | WITH_SPREADS
    for channel, ground in found.items():
        if channel == "rollover":  # of which the table has no reading
            assert ground == "derived"
        else:
            assert ground == ("estimate" if episode.reading(leaves[channel]).estimate else "record"), channel
    if episode.year == "2008":
        assert {name for name, ground in found.items() if ground == "estimate"} == {"margin", "collateral", "graded"}

    def after(**settings):
        overrides = episode.overrides() | {f"funding.{name}": value for name, value in settings.items()}
        return grounds(episode, Scenario(overrides=overrides).values)

    assert set(after(tightening=0.5).values()) == {"set"}
    assert {name for name, ground in after(hold_spreads=70).items() if ground == "set"} == {
        "spreads",
        "graded",
        "lending",
        "rollover",
    }
    assert [name for name, ground in after(channel_rollover=0.25).items() if ground == "set"] == ["rollover"]
    assert [name for name, ground in after(channel_valuation=0.5).items() if ground == "set"] == ["valuation"]
    assert "capex" not in found  # who builds for expected needs has no budget that is cut
    assert after(policy_rate=0.03) == found  # how far a cut goes is told beside it


def test_an_unknown_squeeze_is_refused_and_either_name_of_a_known_one_will_do():
    assert episode_like("2000") is episode_like("2000-02") is HISTORY[0]
    with pytest.raises(InputError, match="--like takes 2000, 2008 or 2022, not '1929'"):
        episode_like("1929")
