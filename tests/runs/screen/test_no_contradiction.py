"""No sentence of a run's screen stands against a figure on it, and none speaks of what does not happen as if it did."""

from __future__ import annotations

import pytest

from perpetuum.model.scenario import Scenario
from perpetuum.model.surroundings.funding_conditions import CHANNELS
from perpetuum.model.surroundings.past_squeezes import HISTORY, SCALED_BY, acts, channels_told, episode_like, place_on_ladder
from perpetuum.model.words.numbers import alike
from perpetuum.model.words.speech import say, speaking
from tests.runs.screen.test_screen import lines_of, spread, whole_summary

SCENARIO = Scenario(overrides={"funding.tightening": 0.6})
WHOLE = {one.channel: {"by": one.by, "months": one.months, "meant": one.meant} for one in channels_told(SCENARIO.values)}


def told_with(**squeeze):
    """A summary whose tightening is described so."""
    told = whole_summary(0.5, 0.4, 0.6)
    acting = [channel for channel in CHANNELS if acts(channel, SCENARIO.values)]
    return told | {"tightening": told["tightening"] | {"channels": WHOLE, "acting": acting} | squeeze}


# --- numbers and their intervals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "low", "high", "told"),
    [
        (12.3, -0.4, 28.1, "12.3 (−0.4 to 28.1)"),
        (12.3, -4.1, 28.1, "12 (−4 to 28)"),
        (0.02, -0.04, 0.1, "0.02 (−0.04 to 0.10)"),
        (0.0, -0.04, 0.04, "0.00 (−0.04 to 0.04)"),
        (28.0, 28.0, 28.0, "28"),
        (0.0, 0.0, 0.0, "0"),
    ],
)
def test_an_end_of_an_interval_that_is_not_zero_never_reads_as_zero(months, low, high, told):
    assert say.mean_months({"months": months, "low": low, "high": high}) == told


def test_a_value_is_told_within_its_interval_whatever_it_is():
    for value, low, high in ((0.449, 0.4451, 11.0), (9.949, 9.951, 9.96), (0.949, 0.94, 10.04), (-0.951, -9.96, -0.949)):
        low, value, high = sorted((low, value, high))
        told = [
            float(one.replace("−", "-")) for one in alike([low, value, high], 0 if max(abs(low), abs(high)) >= 9.95 else 1)
        ]
        assert told == sorted(told)


def test_what_the_tightening_costs_is_told_with_ends_that_keep_their_sign():
    told = whole_summary(0.5, 0.4, 0.6)
    told["life_lost"] = {"months": 4.0, "low": -0.04, "high": 8.1}
    assert "cannot be told from nothing (−0.04 to 8.10)" in lines_of(told)
    told["life_lost"] = {"months": 4.0, "low": 0.04, "high": 8.1}
    assert "costs 4.00 months of life on average, the time until a fall or the run's end (0.04 to 8.10;" in lines_of(told)
    told["life_lost"] = {"months": -4.0, "low": -8.1, "high": -0.04}
    assert "adds 4.00 months of life on average, the time until a fall or the run's end (0.04 to 8.10;" in lines_of(told)


def test_neither_a_share_above_nothing_reads_as_none_nor_one_below_all_as_all():
    assert (say.share(0.001), say.share(0.999), say.share(0.0), say.share(1.0)) == ("<1 %", ">99 %", "0 %", "100 %")
    assert (say.percent(0.001), say.percent(0.999), say.whole(0.001), say.whole(0.999)) == (
        "under 1 %",
        "over 99 %",
        "<1",
        ">99",
    )
    told = whole_summary(0.999, 0.99, 0.9999)
    assert "Sep 2035 >99 / >99 / >99 / >99" in lines_of(told)
    with speaking("zh"):
        assert (say.share(0.999), say.whole(0.001)) == ("99%以上", "不到1")


# --- the tightening -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "full", "easing", "end", "told"),
    [
        (120, 30, 78, 90, "by 0.6 from Oct 2027, eases from Apr 2032 to Apr 2033: policy rate"),
        (91, 30, 78, 90, "by 0.6 from Oct 2027, eases from Apr 2032 to Apr 2033: policy rate"),
        (
            90,
            30,
            78,
            90,
            "by 0.6 from Oct 2027, eases from Apr 2032, and not wholly by Sep 2035, the last month judged: policy",
        ),
        (78, 30, 78, 90, "by 0.6 from Oct 2027 and does not ease by Sep 2035, the last month judged: policy rate"),
        (
            27,
            30,
            78,
            90,
            "by 0.6 from Oct 2027, by Sep 2035, the last month judged, only as far as 0.3; at its height: policy",
        ),
    ],
)
def test_no_month_beyond_the_last_judged_is_announced(months, full, easing, end, told):
    """How long the run is; the date of its last month is as the other dates of this summary are."""
    summary = told_with(full_month=full, easing_month=easing, end_month=end) | {"months": months}
    assert f"Funding tightens {told}" in lines_of(summary)


def test_a_channel_that_moves_nothing_is_not_said_to_tighten():
    """Clouds that build for expected needs have no budgets: a cut of them is no part of a tightening by every way alike."""
    assert "capex" not in WHOLE
    assert "rollover" in WHOLE
    assert "every usual way alike" not in lines_of(told_with())
    with_budgets = {one.channel for one in channels_told({**SCENARIO.values, "building.on": False, "rollover.on": False})}
    assert with_budgets == WHOLE.keys() - {"rollover"} | {"capex"}


def test_channels_that_are_off_are_not_said_to_tighten():
    out = lines_of(told_with(channels={name: one for name, one in WHOLE.items() if name != "rate"}))
    assert "Funding tightens by 0.6 from Oct 2027, and not by every usual way alike" in out
    assert "venture money −60 % (54 months)" in out
    assert "policy rate" not in out
    off = told_with(channels={}, within_run=False)
    out = lines_of(off)
    assert "every way in which it could is switched off: nothing tightens." in out
    assert "Funding does not tighten within the run." in out
    for words in ("if money tightened", "loose money", "(loose", "as funding tightens"):
        assert words not in out, words


def test_a_channel_with_a_time_of_its_own_is_told_with_it():
    longer = WHOLE | {"rate": WHOLE["rate"] | {"months": 20}}
    out = lines_of(told_with(channels=longer))
    assert "policy rate +180 bp (20 months), venture money −60 % (54 months)" in out
    assert "refusal to roll debt over 0.6 of 1 (54 months)" in out


@pytest.mark.slow
@pytest.mark.parametrize("off", [*sorted(WHOLE.keys() & {"rate", "venture", "spreads"}), "rollover", ""])
def test_a_run_with_a_channel_at_nothing_says_nothing_of_it(perpetuum, off):
    names = [off] if off else ["rate", "venture", "margin", "collateral", "covenants", "spreads", "valuation", "rollover"]
    settings = [word for name in names for word in ("--set", f"funding.channel_{name}=0")]
    code, out, _ = perpetuum("run", "--worlds", "2", "--months", "30", "--no-side-studies", "--no-figures", *settings)
    told = " ".join(out.split()).partition(" With funding.")[0]
    assert code == 0
    words = {
        "rate": "policy rate",
        "venture": "venture money",
        "spreads": "credit spreads",
        "rollover": "roll",
    }
    for name in names:
        assert words.get(name, name) not in told.lower()
    assert (" 0 bp" in told) is False
    assert ("nothing tightens" in told) == (off == "")


def test_that_a_past_squeeze_eases_after_the_run_is_told():
    told = told_with()
    told["like"] = {"name": "2008", "channels": WHOLE, "set": {}, "instead": {}, "year": "2008"}
    assert "judged" not in lines_of(told).partition("By Sep 2035")[0]
    some = lines_of(told | {"like": told["like"] | {"channels": WHOLE | {"rate": WHOLE["rate"] | {"months": 96}}}})
    assert "Some of it eases only after Sep 2035, the last month judged." in some
    assert "None of it eases by Sep 2035, the last month judged." in lines_of(told | {"months": 60})


def test_strength_one_of_a_past_squeeze_is_that_squeeze():
    told = told_with()
    assert "if money tightened at full strength, months of life lost within" in lines_of(told)
    told["like"] = {"name": "2008", "channels": WHOLE, "set": {}, "instead": {"funding.tightening": 0.5}, "year": "2008"}
    assert "if money tightened as hard as in 2008, months of life lost within" in lines_of(told)
    told["like"] |= {"instead": {"funding.rate_rise": 0.01}}
    assert "if money tightened at full strength, months of life lost within" in lines_of(told)


def test_marks_of_past_squeezes_say_when_their_scale_is_not_the_usual_one():
    told = told_with()
    usual = "(mean of rates, spreads and venture money, each kept between 0 and 1)"
    assert f"2000-02 at 0.6, 2008 at 0.6 and 2022 at 0.6 {usual} Files" in lines_of(told)
    told["overrides"] = {"funding.ramp_months": 9}
    assert f"{usual} Files" in lines_of(told)
    told["overrides"] = {"funding.spread_rise": 0.1}
    assert f"{usual}; 1 is here what was set, so that they stand elsewhere than usual Files" in lines_of(told)
    told["like"] = {"name": "2008", "channels": WHOLE, "set": {}, "instead": {}, "year": "2008"}
    told["overrides"] = episode_like("2008").overrides()
    assert f"{usual}; 1 is here 2008 itself, so that the others stand elsewhere than usual Files" in lines_of(told)
    told["like"] |= {"instead": {"funding.spread_rise": 0.1}}
    assert f"{usual}; 1 is here what was set" in lines_of(told)


def test_the_scale_of_strengths_hangs_on_what_is_named_and_on_no_other_policy():
    before = Scenario().values
    places = [place_on_ladder(one, before) for one in HISTORY]
    lines = {
        name
        for name, value in before.items()
        for factor in (0.5, 2.0)
        if name.startswith("funding.") and isinstance(value, (int, float))
        if [place_on_ladder(one, before | {name: factor * value}) for one in HISTORY] != places
    }
    # The rate before and its floor bound a cut alone, which no usual tightening is.
    assert lines | {"funding.policy_rate", "funding.rate_floor"} == SCALED_BY


# --- robust, alone, safe, dear: and why -----------------------------------------------------------------------


def test_a_stop_that_looks_safer_is_given_its_reason_or_called_chance():
    told = whole_summary(0.5, 0.4, 0.6)
    fewer = {"share": 0.17, "low": 0.11, "high": 0.26}
    gap = {"months": -0.2, "low": -0.3, "high": -0.1}
    told["stop_test"] |= {"fallen": fewer, "as_asked": {"share": 0.25, "low": 0.18, "high": 0.34}, "half_fallen": None}
    told["stop_test"] |= {"more_shedding": gap, "more_fallen": gap}
    start = "with outside finance 25 % (18–34) fall by then"
    assert f"{start}, because firms then sign more that they walk away from what decides" in lines_of(told)
    # Fewer sheds give no reason for falls that may be as many.
    told["stop_test"]["more_fallen"] = gap | {"high": 0.1}
    assert f"{start}: the difference may be chance what decides" in lines_of(told)
    told["stop_test"]["more_fallen"] = gap
    told["stop_test"]["more_shedding"] = gap | {"high": 0.1}
    assert f"{start} what decides" in lines_of(told)
    told["stop_test"]["more_fallen"] = gap | {"high": 0.1}
    assert f"{start}: the difference may be chance what decides" in lines_of(told)
    # More falls without money than with it are told beside these, too, and are as little certain.
    told["stop_test"] |= {"fallen": {"share": 0.87, "low": 0.79, "high": 0.92}, "more_shedding": {"low": 0.4, "high": 0.6}}
    told["stop_test"]["more_fallen"] = {"months": 0.62, "low": 0.5, "high": 0.7}
    assert f"{start} what decides" in lines_of(told)
    told["stop_test"]["more_fallen"] = {"months": 0.1, "low": -0.2, "high": 0.3}
    assert f"{start}: the difference may be chance what decides" in lines_of(told)


def test_worlds_that_stand_alone_on_vendors_money_are_told_why_that_is_none():
    told = whole_summary(0.9, 0.8, 0.95)
    told["circularity"]["caused_share"] = spread(0.83)
    words = "vendors' money carries 83 % of chip sales all the same"
    assert words in lines_of(told)
    told["circularity"]["caused_share"] = {"median": 0.83, "low": -0.01, "high": 0.9}
    assert words not in lines_of(told)
    told = whole_summary(0.4, 0.3, 0.5)
    told["circularity"]["caused_share"] = spread(0.83)
    assert words not in lines_of(told)


def test_vendors_own_money_has_one_figure_or_says_of_what_each_is():
    told = whole_summary(0.5, 0.4, 0.6)
    told["paid_with"] = {"customers": 0.91, "lap_1": 0.06, "lap_2": 0.03}
    told["circularity"]["own_money_share"] = spread(0.08)
    assert "vendors' own money: 9 % of all worlds' sales, 8 % of the median world's" in lines_of(told)
    told["circularity"]["own_money_share"] = spread(0.09)
    assert "of all worlds' sales" not in lines_of(told)


def test_a_row_of_one_value_has_no_range():
    told = whole_summary(0.23, 0.2, 0.3)
    assert "all but customers' money (ring 3) 23 % in every world" in lines_of(told)
    told["circularity"]["non_customer_share"] = {"median": 0.23, "low": 0.14, "high": 0.32}
    assert "(ring 3) 23 % nine worlds in ten 14–32 %" in lines_of(told)
    assert "(ring 3) 23 % worlds 14–32 %" in lines_of(told | {"worlds": 9})


def test_worlds_that_are_one_and_the_same_have_no_intervals_and_nothing_decides():
    told = whole_summary(0.5, 0.4, 0.6)
    apart, alike_ = lines_of(told), lines_of(told | {"all_alike": True})
    assert "95 % intervals" in apart
    assert "one and the same" not in apart
    assert "95 % intervals" not in alike_
    assert f"all {told['worlds']} worlds are one and the same: neither luck nor unknowns act here" in alike_
    assert "both worlds are one and the same: neither" in lines_of(told | {"all_alike": True, "worlds": 2})
    assert "nothing: no world differs from another" in alike_
    assert "worlds differ in their best month" in apart
    assert "worlds differ in their best month" not in alike_
    assert "half of the worlds have fallen after 31 months, 50 % (40–60)" in apart
    assert "all of these worlds have fallen after 31 months" in alike_


def test_rent_at_its_ceiling_is_told_where_it_is_in_most_worlds_at_a_date():
    told = whole_summary(0.5, 0.4, 0.6)
    many, few = {"share": 0.71, "low": 0.61, "high": 0.79}, {"share": 0.4, "low": 0.3, "high": 0.5}
    bound = {"times": 3.0, "at": {"2030-12-01": few, "2035-09-01": many}}
    told["rent_bounds"] = {"ceiling": bound, "floor": {"times": 0.1, "at": {"2035-09-01": few}}}
    words = "rent is as high as the model lets it rise, 3 times that of Oct 2025, in 71 % (61–79) of worlds in Sep 2035"
    assert f"{words} cash out?" in lines_of(told)
    bound["at"]["2035-09-01"] = few
    assert "the model lets it" not in lines_of(told)
    told["rent_bounds"]["floor"]["at"]["2035-09-01"] = many
    assert "rent is as low as the model lets it fall, what a year of running costs, in 71 % (61–79) of worlds" in lines_of(
        told
    )


def test_shares_whose_prices_never_move_are_nothing_to_sell():
    told = whole_summary(0.5, 0.4, 0.6)
    assert "cash out?" in lines_of(told)
    told["reckoning"] |= {f"exit:{what}": spread(1.0) for what in ("best", "at_tightening", "at_end")}
    assert "cash out?" not in lines_of(told)
    told["reckoning"]["exit:best"] = {"median": 1.0, "low": 1.0, "high": 1.2}
    assert "cash out?" in lines_of(told)


def test_no_day_is_called_today_that_is_the_first_of_a_run():
    told = whole_summary(0.5, 0.4, 0.6) | {"first_month": "1999-10-01"}
    for language, today in (("en", "today"), ("zh", "今")):
        with speaking(language):
            assert today not in lines_of(told).lower()
    assert "money lost per dollar owed in Oct 1999" in lines_of(told)
    assert "times that of Oct 1999" in lines_of(told)
