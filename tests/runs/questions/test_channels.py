"""One channel at a time: which weights are off, months by hand, what is said of a sign, and the command line."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import InputError
from perpetuum.model.words.speech import Words, speaking
from perpetuum.runs.questions.channels import CHANNELS, OneChannel, answer, cells_table, headline, summarise
from perpetuum.runs.screen.tip import show

SHORT = ("tip", "--channels", "--starts", "0,24", "--worlds", "3", "--months", "60", "--no-figures")

#: Those that can move anything in the default scenario.
ACTING = OneChannel(starts=[12], worlds=12).channels


def worlds_of(life, failed=()):
    """The table of a study's worlds: life (cells, replicates)."""
    life = np.array(life)
    error = np.full(life.shape, "", dtype=object)
    for place in failed:
        error[place] = "an error"
    return pd.DataFrame({"life": np.where(error == "", life, -1).ravel(), "error": error.ravel()})


def told(worlds=12, **lives):
    """A summary of one start (month 12), each world of a cell living as long as said; loose worlds live 60 months."""
    asked = OneChannel(starts=[12], worlds=worlds)
    life = [np.full(worlds, 60)]
    life += [np.resize(lives.get(name, [60]), worlds) for _, name in asked.cells[1:]]
    return summarise(asked, worlds_of(life))


# --- by hand --------------------------------------------------------------------------------------------------------


def test_channels_are_the_registrys_and_alone_means_that_all_others_are_off():
    assert [f"funding.channel_{one}" for one in CHANNELS] == [name for name in PARAMETERS if "funding.channel_" in name]
    assert set(CHANNELS) - set(ACTING) == {"capex"}  # clouds that build for expected needs have no budgets to be cut
    plain = OneChannel(overrides={"building.on": False, "rollover.on": False}, starts=[12], worlds=12)
    assert set(CHANNELS) - set(plain.channels) == {"rollover"}
    asked = OneChannel(starts=[12, 3], worlds=2, strength=0.5)
    assert asked.cells[:3] == [(3, ""), (3, "together"), (3, ACTING[0])]
    assert len(asked.cells) == 1 + 2 * (1 + len(ACTING))
    varied = pd.DataFrame(asked.study.varied)
    weights = varied[[f"funding.channel_{one}" for one in ACTING]].to_numpy()
    assert weights[0].tolist() == weights[1].tolist() == [1.0] * len(ACTING)
    assert weights[2 : 2 + len(ACTING)].tolist() == np.eye(len(ACTING)).tolist()
    assert varied["funding.tightening"].tolist() == [0.0] + [0.5] * (len(asked.cells) - 1)
    assert varied["funding.start_month"].tolist() == [3.0] * (2 + len(ACTING)) + [12.0] * (1 + len(ACTING))


def test_a_cell_is_the_mean_of_pairs_within_five_years_and_rows_stand_by_what_they_cost():
    asked = OneChannel(starts=[24], worlds=3)
    lives = {name: [120, 120, 20] for _, name in asked.cells[1:]}
    lives |= {"together": [30, 30, 20], "venture": [120, 120, 40], "rollover": [54, 120, 20], "rate": [60, 64, 10]}
    summary = summarise(asked, worlds_of([[120, 120, 20], *(lives[name] for _, name in asked.cells[1:])]))
    rows = summary["channels"]["rows"]
    assert [row["channel"] for row in rows[:3]] == ["together", "rate", "rollover"]
    cells = {row["channel"]: row["cells"][0] for row in rows}
    assert cells["rate"]["months"] == pytest.approx((24 + 20) / 2)  # to month 84; the third has fallen before month 24
    assert cells["rate"]["unconditional"]["months"] == pytest.approx((60 + 56 + 10) / 3)
    assert cells["rollover"]["months"] == pytest.approx(30 / 2)
    assert (cells["venture"]["months"], cells["venture"]["pairs"]) == (0.0, 2)
    assert cells["venture"]["unconditional"]["months"] == pytest.approx(-20 / 3)
    table = cells_table(summary)
    assert list(table["channel"])[:3] == ["together", "rate", "rollover"]
    assert table.iloc[1][["start", "date", "strength", "months", "pairs"]].tolist() == [24, "2027-10-01", 1.0, 22.0, 2]
    assert {"low", "high", "unconditional", "unconditional_low", "unconditional_high"} <= set(table)


def test_a_world_that_fails_in_one_cell_is_left_out_of_all():
    asked = OneChannel(starts=[0], worlds=3)
    life = np.full((len(asked.cells), 3), 60)
    life[1] = [10, 20, 50]
    summary = summarise(asked, worlds_of(life, failed=[(4, 1)]))
    assert (summary["failed_worlds"], summary["channels"]["worlds"]) == (1, 2)
    assert summary["channels"]["rows"][0]["cells"][0]["months"] == pytest.approx((50 + 10) / 2)
    with pytest.raises(InputError, match="no world could be simulated in all cells"):
        summarise(asked, worlds_of(life, failed=[(1, 0), (2, 1), (3, 2)]))


def test_unless_the_user_says_starts_leave_a_year():
    assert OneChannel().starts == (3, 12, 36)
    assert OneChannel(months=30).starts == (3, 12)


# --- what is said ---------------------------------------------------------------------------------------------------


def test_a_channel_is_named_with_its_sign_only_where_the_interval_carries_it():
    summary = told(together=[30], venture=[64, 68], rollover=[40, 50], valuation=[61] + [60] * 10, rate=[50, 70])
    assert headline(summary) == (
        "A stop of rolling debt over alone costs life; a drought of venture money alone lengthens life"
    )
    text = " ".join(answer(summary))
    assert "A drought of venture money alone lengthens life, in months, by 6.0 (" in text
    assert "A stop of rolling debt over alone costs, in months of life, 15 (" in text
    assert "All channels together cost, in months of life, 30 from Oct 2026." in text
    assert "fall of valuations" not in text  # one world of twelve gained a month: chance
    assert "rise of policy rates" not in text  # as many lost ten months as gained ten
    assert "No world's life changes at all through: share margins, chip collateral," in text
    assert "the most life is lost through a stop of rolling debt over: 15 (" in text


def test_one_channel_costs_more_than_another_only_by_the_difference_in_the_same_worlds():
    """Separate intervals overlap widely: world by world one costs four months more, or as often more as less."""
    worlds = np.arange(40)
    of_world = 60 - (worlds % 20) * 2  # worlds differ far more than channels
    summary = told(worlds=40, rate=of_world - 4, spreads=of_world)
    cells = {row["channel"]: row["cells"][0] for row in summary["channels"]["rows"]}
    assert cells["rate"]["low"] < cells["spreads"]["high"]
    found = next(one for one in summary["channels"]["pairs"] if {one["more"], one["less"]} == {"rate", "spreads"})
    assert found == {"start": 12, "more": "rate", "less": "spreads", "months": 4.0, "low": 4.0, "high": 4.0}
    assert len(summary["channels"]["pairs"]) == len(ACTING) * (len(ACTING) - 1) / 2
    text = " ".join(answer(summary))
    assert (
        "From Oct 2026 the most life is lost through a rise of policy rates: "
        "4.0 months more than through credit spreads, the nearest." in text
    )
    assert "hold for all 28 pairs at once" in text

    turned = of_world - np.where(worlds // 20 == worlds % 2, 4, -4)
    text = " ".join(answer(told(worlds=40, rate=turned - 0.1, spreads=of_world)))
    assert "whether more than through credit spreads cannot be told." in text
    assert "than through policy rates" not in text


def test_luck_alone_names_a_channel_or_an_order_of_two_in_few_studies():
    """Nine channels whose worlds gain as often as they lose, 40 studies: single intervals would name one in every third."""
    rng = np.random.default_rng(3)
    named = ordered = 0
    for _ in range(40):
        luck = {one: 60 + rng.integers(-20, 21, 30) for one in ACTING}
        found = told(worlds=30, **luck)["channels"]
        named += any(cell["sign"] for row in found["rows"][1:] for cell in row["cells"])
        ordered += any((one["low"] or 0) > 0 for one in found["pairs"])
    assert named <= 5
    assert ordered <= 5


def test_a_summary_that_does_not_say_what_differs_from_chance_claims_nothing():
    summary = told(rate=[40])
    for row in summary["channels"]["rows"]:
        for cell in row["cells"]:
            del cell["sign"]
    assert headline(summary) == "Months of life lost through one channel alone"
    assert len(answer(summary)) == 1


def test_several_channels_are_listed_and_a_saving_tightening_is_told_as_one():
    summary = told(together=[70], rate=[40], spreads=[50])
    assert headline(summary) == "A rise of policy rates and dearer and scarcer new credit, each alone, cost life"
    assert "All channels together lengthen life, in months, by 10 from Oct 2026." in answer(summary)


def test_where_nothing_is_sure_that_is_the_answer_and_few_worlds_tell_nothing():
    assert headline(told()) == "No channel alone costs or lengthens life beyond what chance explains"
    few = told(worlds=9, rate=[10])
    assert "Too few worlds" in headline(few)
    assert len(answer(few)) == 1


def test_every_channel_has_its_words_in_both_languages():
    for language in ("en", "zh"):
        words = Words(language)
        assert all(words.knows(f"{table}.{one}") for table in ("channel", "channel_alone") for one in CHANNELS)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_screen_fits_80_columns_and_cuts_nothing(language):
    summary = told(together=[30], venture=[64, 68], rollover=[40, 50])
    cell = {"months": -12.34, "low": -23.45, "high": -1.0, "start": 12, "pairs": 12}
    for row in summary["channels"]["rows"]:
        row["cells"] = [cell | {"unconditional": cell, "start": start} for start in (3, 12, 36, 48)]
    summary["channels"]["starts"] = [3, 12, 36, 48]
    console = Console(width=80, file=io.StringIO())
    with speaking(language):
        show(summary, console)
    text = console.file.getvalue()
    assert text.count("−12" if language == "en" else "−12（") >= 2 * 4 * (1 + len(ACTING))
    assert text.count("−1)" if language == "en" else "−1）") >= 2 * 4 * (1 + len(ACTING))
    if language == "zh":
        assert "风投资金" in text


# --- on the command line --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_files_hold_the_answer_and_the_worlds_as_a_study(perpetuum, tmp_path):
    code, out, _ = perpetuum(*SHORT[:-1], "--out", "there")
    assert code == 0
    there = tmp_path / "there"
    assert {file.name for file in there.iterdir()} == {
        "manifest.json", "summary.json", "channels.parquet", "channels.csv", "channels.png", "channels.svg", "study",
    }  # fmt: skip
    table, written = pd.read_parquet(there / "channels.parquet"), pd.read_csv(there / "channels.csv")
    pd.testing.assert_frame_equal(table, written)
    assert len(table) == 2 * (1 + len(ACTING))
    assert len(pd.read_parquet(there / "study" / "worlds.parquet")) == 3 * (1 + 2 * (1 + len(ACTING)))
    drawn = (there / "channels.svg").read_text()
    assert all(words in drawn for words in ("Venture money", "From Oct 2027", "All together"))
    assert "3 worlds a cell" in out
    # The same again is answered from what is there, and another strength is another study.
    code, again, _ = perpetuum(*SHORT, "--out", "there", "--json")
    assert json.loads(again)["channels"]["strength"] == 1.0
    code, _, err = perpetuum(*SHORT, "--out", "there", "--strengths", "0.5")
    assert code == 2
    assert "holds another study" in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--channels --map", "--map and --channels are 2 questions"),
        ("--channels --over demand.strength", "--channels is about ways in which funding tightens"),
        ("--channels --metric fallen", "--metric goes with the search for a tipping point"),
        ("--channels --strengths 0.5,1", "--channels takes one strength, such as --strengths 1, not '0.5,1'"),
        ("--channels --strengths 0", "a tightening through a channel has a strength above 0, not 0"),
        ("--channels --strengths 1.5", "'funding.tightening' cannot be"),
        ("--channels --starts 0:1", "--starts takes LOW:HIGH:COUNT or A,B,C, such as --starts 3,12,36, not '0:1'"),
        ("--channels --starts 0,120", "a start is a whole number of months from 0 to 119, the last one judged, not 120"),
        ("--channels --months 8", "a tightening through one channel looks 12 months beyond a start, and only 8 are judged"),
        ("--channels --set funding.channel_rate=0", "'funding.channel_rate' is both set and moved from channel to channel"),
        ("--channels --set funding.tightening=1", "'funding.tightening' is both set and moved"),
        ("--channels --worlds 1", "--worlds must be a whole number from 2 to 5,000, not 1"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence_and_nothing_is_written(perpetuum, tmp_path, words, sentence):
    code, out, err = perpetuum("tip", "--out", "there", *words.split())
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert sentence in err
    assert not list(tmp_path.iterdir())
