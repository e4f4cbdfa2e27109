"""`run --until` and `run --like`: dates and squeezes in a user's words, which come to months and ordinary parameters."""

from __future__ import annotations

import json

import pytest

from perpetuum.model.surroundings.past_squeezes import HISTORY, episode_like

SHORT = ("--worlds", "2", "--no-figures")


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def settings_of(episode, without=()):
    """A squeeze as a user would have to write it."""
    given = {name: value for name, value in episode.overrides().items() if name not in without}
    return [word for name, value in given.items() for word in ("--set", f"{name}={value!r}")]


# --- until --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "months", "last"),
    [
        ("2025-10", 1, "2025-10-01"),
        ("2025", 3, "2025-12-01"),
        ("2027-12", 27, "2027-12-01"),
        ("2027-12-31", 27, "2027-12-01"),
        ("2030", 63, "2030-12-01"),
    ],
)
def test_the_last_month_judged_is_that_of_the_date(perpetuum, tmp_path, until, months, last):
    code, out, _ = perpetuum("run", *SHORT, "--until", until, "--out", "there", "--json")
    assert code == 0
    summary = json.loads(out)
    assert (summary["months"], summary["last_month"]) == (months, last)
    assert summary["odds"]["asked"][-1]["date"] == last
    told = manifest(tmp_path / "there")
    assert (told["until"], told["months"], told["simulated"]) == (until, months, months + 11)


def test_a_run_until_a_date_is_that_of_so_many_months(perpetuum):
    _, until, _ = perpetuum("run", *SHORT, "--until", "2029-06", "--json")
    _, months, _ = perpetuum("run", *SHORT, "--months", "45", "--json")
    assert until == months


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--until 2025-09", "--until takes a date from 2025-10, in which the scenario 'ono_2025' starts, to 2075-09"),
        ("--until 2075-10", "the last of the 600 months that can be judged, not '2075-10'"),
        ("--until 27", "--until takes a date from 2025-10"),
        ("--until 2027-13", "--until takes a date such as 2027-12, 2027-12-31 or 2030, not '2027-13'"),
        ("--until 2027-02-30", "--until takes a date such as"),
        ("--until soon", "--until takes a date such as"),
        ("--until 2027-12-31-1", "--until takes a date such as"),
        ("--until 2027-12 --months 27", "--months and --until both say how many months are judged"),
        ("--like 2010", "--like takes 2000, 2008 or 2022, not '2010'"),
        ("--like 2008 --set funding.rate_rise=0.1", "'funding.rate_rise' cannot be '0.1': it takes from -0.08 to 0.08"),
    ],
)
def test_a_wrong_date_or_year_is_one_sentence_and_nothing_is_written(perpetuum, tmp_path, words, sentence):
    code, out, err = perpetuum("run", "--out", "there", *words.split())
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert sentence in err
    assert not list(tmp_path.iterdir())


# --- like ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("episode", HISTORY, ids=lambda episode: episode.year)
def test_a_squeeze_like_one_of_the_past_is_nothing_but_its_settings(perpetuum, tmp_path, episode):
    short = (*SHORT, "--months", "40", "--json")
    _, liked, _ = perpetuum("run", *short, "--like", episode.year, "--out", "like")
    _, written, _ = perpetuum("run", *short, *settings_of(episode), "--out", "set")
    like, other = json.loads(liked), json.loads(written)
    assert like["like"]["set"] == episode.overrides() == like["overrides"]
    assert like["like"]["instead"] == {}
    assert other["like"] is None
    assert like | {"like": None} == other
    told = manifest(tmp_path / "like")
    assert told["like"] == like["like"]
    assert told["overrides"] == episode.overrides()
    assert told["parameters"]["funding.rate_rise"] == episode.reading("rate_rise").value
    assert told["arms"]["loose"] == {"funding.tightening": 0.0}


def test_what_is_set_holds_instead_of_the_past_and_is_said(perpetuum, tmp_path):
    settings = ("--set", "funding.rate_rise=0.01", "--set", "funding.start_month=3", "--set", "demand.strength=0.7")
    _, out, _ = perpetuum("run", *SHORT, "--like", "2008", *settings, "--out", "there")
    words = " ".join(out.split())
    assert "Not as in 2008: funding.rate_rise = 0.01." in words
    assert "policy rate +100 bp (101 months)" in words
    assert "With funding.start_month = 3, demand.strength = 0.7." in words
    told = manifest(tmp_path / "there")
    assert told["like"]["instead"] == {"funding.rate_rise": 0.01}
    assert "funding.rate_rise" not in told["like"]["set"]
    assert told["overrides"] == episode_like("2008").overrides() | {
        "funding.rate_rise": 0.01,
        "funding.start_month": 3,
        "demand.strength": 0.7,
    }


@pytest.mark.slow
def test_a_channel_can_be_switched_off_and_the_whole_go_half_as_far(perpetuum):
    _, off, _ = perpetuum("run", *SHORT, "--like", "2008", "--set", "funding.channel_rate=0", "--json")
    _, half, _ = perpetuum("run", *SHORT, "--like", "2008", "--set", "funding.tightening=0.5", "--json")
    _, whole, _ = perpetuum("run", *SHORT, "--like", "2008", "--json")
    off, half, whole = (json.loads(one)["like"]["channels"] for one in (off, half, whole))
    assert whole.keys() - off.keys() == {"rate"}
    assert all(off[name] == whole[name] for name in off)
    assert half["spreads"]["by"] == pytest.approx(0.177 / 2)
    assert half["rate"]["by"] == pytest.approx(-0.051 / 2)
    assert whole["rate"]["by"] == pytest.approx(-0.0422)  # as far as zero
    assert half["venture"]["by"] == pytest.approx(0.35 / 2)


@pytest.mark.slow
def test_the_screen_names_every_channel_with_its_strength_and_time(perpetuum):
    _, out, _ = perpetuum("run", *SHORT, "--like", "2008", "--set", "funding.start_month=1")
    words = " ".join(out.split())
    for told in (
        "Funding tightens as in 2008, from Nov 2025 (time until each channel eases in brackets). On record: policy rate −422 bp",
        "(101 months), as far as it can fall (−510 bp asked), venture money −35 % (41 months)",
        "venture money −35 % (41 months)",
        "initial margin +5 points (21 months)",
        "loan to value −20 points (21 months)",
        "leverage limit −2.2 x EBITDA (29 months)",
        "credit spreads +1,770 bp (21 months)",
        "lenders' new money −53 % (as long as spreads)",
        "valuations −37 % (23 months). Estimated, no figure being published: initial margin",
        "loan to value −20 points (21 months), investment-grade spreads +442 bp (as long as other spreads). "
        "Derived, not from history: refusal to roll debt over 1 of 1 (21 months), "
        "which lasts as long as credit spreads stay up and grows with them, to 1 at +500 bp.",
    ):
        assert told in words, told
    assert "funding.capex_fall" not in words
    assert "capex budgets" not in words  # which clouds that build for expected needs have not
    assert "as much as then" not in words
    _, out, _ = perpetuum("run", *SHORT, "--like", "2000", "--set", "funding.tightening=0")
    assert "nothing is left of it" in out


@pytest.mark.parametrize("otherwise", ["funding.channel_rate=0", "funding.tightening=0.5"])
def test_a_squeeze_that_was_changed_is_not_said_to_be_as_then(perpetuum, otherwise):
    _, out, _ = perpetuum("run", *SHORT, "--like", "2008", "--set", "funding.start_month=1", "--set", otherwise)
    words = " ".join(out.split())
    assert "Funding tightens as in 2008 but for what is set otherwise, from Nov 2025 (time until each channel eases" in words
    assert ("As set: policy rate" in words) == (otherwise != "funding.channel_rate=0")
    assert ("On record: venture money" in words) == (otherwise == "funding.channel_rate=0")


def test_a_squeeze_of_the_past_that_comes_after_the_last_month_is_not_announced_as_if_it_came(perpetuum):
    _, out, _ = perpetuum("run", *SHORT, "--like", "2008", "--months", "24")
    words = " ".join(out.split())
    assert "Funding would tighten as in 2008 only from Oct 2027, after the last month judged." in words
    assert "Funding tightens as in" not in words


@pytest.mark.slow
def test_figures_name_the_squeeze_and_what_else_was_set(perpetuum, tmp_path):
    perpetuum("run", "--worlds", "3", "--like", "2022", "--set", "demand.strength=0.7", "--out", "there")
    drawn = (tmp_path / "there" / "outside_money.svg").read_text(encoding="utf-8")
    words = " ".join(drawn.split())
    assert "funding tightens as in 2022" in words
    assert "demand.strength = 0.7" in words
    assert "funding.hold_rate" not in words


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("--like 2008", "policy rate −422 bp (101 months), as far as it can fall (−510 bp asked)"),
        ("--like 2008 --set funding.tightening=0.5", "policy rate −255 bp (101 months), venture money"),
        ("--like 2008 --set funding.channel_rate=0.5", "As set: policy rate −255 bp (101 months). "),
        ("--like 2022", "policy rate +"),
    ],
)
def test_a_cut_is_held_by_the_floor_only_where_it_reaches_it(perpetuum, asked, told):
    short = ("--worlds", "1", "--months", "26", "--no-side-studies", "--no-figures")
    _, out, _ = perpetuum("run", *short, *asked.split(), "--out", "there")
    found = " ".join(out.split())
    assert told in found
    assert ("as far as it can fall" in found) == ("as far as" in told)
