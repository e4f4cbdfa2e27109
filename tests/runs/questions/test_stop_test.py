"""The stop test: months counted from the stop by hand, the reason where it is never, the run's own test, the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from perpetuum.model.scenario import InputError
from perpetuum.model.words.speech import speaking
from perpetuum.runs.questions import stop_test as stopping
from perpetuum.runs.questions.stop_test import (
    EVENTS,
    StopTest,
    answer,
    headline,
    months_until,
    spared,
    spread_of_waits,
    summarise,
)
from perpetuum.runs.screen.tip import show
from perpetuum.runs.study import execute as engine
from perpetuum.runs.study.question import Question
from perpetuum.runs.study.side_studies import run_side_studies

SHORT = ("tip", "--stop", "0,24", "--worlds", "3", "--months", "60", "--no-figures")
SIMULATED = 60 + 11


def tables(fallen, failed=(), **marks):
    """Tables of a study of 60 months judged: fall by (cell, world), and by series {(cell, world): {month: value}}."""
    fallen = np.array(fallen)
    cells, worlds = fallen.shape
    error = np.full(fallen.shape, "", dtype=object)
    for place in failed:
        error[place] = "an error"
    usual = {"lead_lab_revenue": 2.0, "lead_lab_burn": 1.0, "lead_lab_commitments": 1.0, "leveraged_cloud_cover": 2.0}
    series = {name: np.full((cells, worlds, SIMULATED), usual.get(name, 0.0)) for name in stopping._SERIES}
    for name, changes in marks.items():
        for (cell, world), months in changes.items():
            for month, value in months.items():
                series[name][cell, world, month] = value
    there = (error == "").ravel()
    rows = {name: values.reshape(-1, SIMULATED)[there].ravel() for name, values in series.items()}
    return pd.DataFrame({"fallen_month": fallen.ravel(), "error": error.ravel()}), pd.DataFrame(rows)


def from_month(month, value=1.0):
    return {later: value for later in range(month, SIMULATED)}


# --- by hand --------------------------------------------------------------------------------------------------------


def test_months_to_the_first_mark_and_never():
    assert months_until(np.array([[0, 0, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0]]) > 0).tolist() == [2, 0, -1]


def test_percentiles_are_worlds_and_never_is_later_than_all():
    found = spread_of_waits(np.array([5, 3, -1, 8, -1]))
    assert (found["low"], found["median"], found["high"]) == (3, 8, None)
    assert found["never"]["share"] == 0.4
    found = spread_of_waits(np.array([4, -1, -1]))
    assert (found["low"], found["median"], found["high"]) == (4, None, None)
    found = spread_of_waits(np.array([], dtype=int))
    assert (found["median"], found["never"]["share"]) == (None, None)


def test_a_curve_is_the_share_of_worlds_spared_so_far():
    assert spared(np.array([0, 2, -1, -1]), 4) == [0.75, 0.75, 0.5, 0.5]
    assert spared(np.array([], dtype=int), 4) == []


def test_months_are_counted_from_the_stop_among_worlds_that_stand_then():
    asked = StopTest(stops=[12], worlds=4, months=60)
    assert asked.cells == [-1, 12]
    worlds, series = tables(
        [[-1, -1, 50, 11], [40, -1, 20, 11]],
        lead_lab_unpaid={(1, 0): {5: 1, 30: 1}, (1, 3): {13: 1}, (0, 1): {14: 1}},  # month 5 is before the stop
        leveraged_cloud_unpaid={(1, 0): {30: 1}, (1, 2): from_month(18)},
        neoclouds_unpaid={(1, 1): {59: 2}, (1, 2): {65: 1}},  # month 65 is not judged
        lead_lab_shed={(1, 0): from_month(36, 0.3333), (1, 1): from_month(36, 0.34)},
    )
    summary = summarise(asked, worlds, series)
    row = summary["stops"][0]
    assert (row["stop"], row["worlds"], row["watched"]) == (12, 3, 48)  # the fourth had fallen a month before
    assert (row["core"]["low"], row["core"]["median"], row["core"]["high"]) == (6, 18, None)
    assert row["core"]["never"]["share"] == pytest.approx(1 / 3)
    assert row["neocloud"]["low"] == 47
    assert row["neocloud"]["never"]["share"] == pytest.approx(2 / 3)
    assert (row["lead_lab_shed"]["low"], row["lead_lab_shed"]["never"]["share"]) == (24, pytest.approx(2 / 3))
    assert row["leveraged_cloud_shed"]["never"]["share"] == 1.0
    assert (row["fallen"]["low"], row["fallen"]["median"]) == (8, 28)
    # Both firms of the first world stop paying in one month: the first named counts.
    assert [row["first_of_core"][firm]["share"] for firm in stopping.CORE] == [0.5, 0.5, 0.0]
    assert row["fallen_share"]["share"] == pytest.approx(2 / 3)
    assert row["fallen_without"]["share"] == pytest.approx(1 / 3)
    assert row["life_lost"]["months"] == pytest.approx((20 + 0 + 30) / 3)
    table = stopping.waits_table(summary)
    assert table["event"].tolist() == list(EVENTS)
    assert table.iloc[0][["stop", "date", "worlds", "median", "low"]].tolist() == [12, "2026-10-01", 3, 18.0, 6.0]
    assert np.isnan(table.iloc[0]["high"])


def test_the_reason_is_read_off_the_second_year_of_worlds_that_always_pay():
    asked = StopTest(stops=[0], worlds=3, months=60)
    year = {month: 0.0 for month in range(12, 24)}
    worlds, series = tables(
        [[-1] * 3] * 2,
        lead_vendor_unpaid={(1, 2): {40: 1}},
        lead_lab_burn={(1, 0): {m: -0.5 for m in year}, (1, 1): {m: 0.5 for m in year} | from_month(48, -1.0)},
        lead_lab_commitments={(1, 0): {m: 1.5 for m in year}, (1, 1): {m: 2.5 for m in year}},
        leveraged_cloud_cover={(1, 1): {m: 0.9 for m in year}},
    )
    why = summarise(asked, worlds, series)["stops"][0]["why"]
    pays = why["always_pays"]
    assert (pays["worlds"], why["standing"]["worlds"]) == (2, 3)
    assert pays["covers_commitments"]["share"] == 0.5  # revenue of 2 over bills of 1.5 and of 2.5
    assert pays["covers_spending"]["share"] == 0.5  # burn of -0.5 and of 0.5
    assert pays["covers_spending_last"]["share"] == 0.5  # the first burns 1 a month again, the second has stopped burning
    assert pays["cloud_serves_debt"]["share"] == 0.5
    assert pays["spending_kept"] == pytest.approx((1.5 / 3 + 2.5 / 3) / 2)
    assert pays["commitments_kept"] == pytest.approx(2.0)
    assert pays["revenue_kept"] == pytest.approx(1.0)


def test_the_reason_waits_for_the_second_year_to_be_over():
    worlds, series = tables([[-1] * 2] * 3)
    rows = summarise(StopTest(stops=[36, 37], worlds=2, months=60), worlds, series)["stops"]
    assert [row["why"]["always_pays"] is None for row in rows] == [False, True]


def test_a_world_that_fails_in_one_cell_is_left_out_of_all():
    worlds, series = tables([[-1, -1, -1], [-1, -1, 30]], failed=[(0, 0)], lead_lab_unpaid={(1, 0): {3: 1}, (1, 2): {7: 1}})
    summary = summarise(StopTest(stops=[0], worlds=3, months=60), worlds, series)
    row = summary["stops"][0]
    assert (summary["failed_worlds"], row["worlds"], row["core"]["low"], row["core"]["never"]["share"]) == (1, 2, 7, 0.5)
    worlds, series = tables([[-1, -1], [-1, -1]], failed=[(0, 0), (1, 1)])
    with pytest.raises(InputError, match="no world could be simulated in all cells"):
        summarise(StopTest(stops=[0], worlds=2, months=60), worlds, series)


def test_money_is_loose_until_the_stop_unless_the_user_tightens_it():
    study = StopTest(stops=[0], worlds=2).study
    assert (study.varied, study.overrides["funding.tightening"]) == ({"funding.stop_month": [-1.0, 0.0]}, 0.0)
    assert StopTest(stops=[0], worlds=2, overrides={"funding.tightening": 0.5}).study.overrides["funding.tightening"] == 0.5
    assert StopTest().stops == (0, 12, 24, 36)
    assert StopTest(months=30).stops == (0, 12)


# --- what is said ---------------------------------------------------------------------------------------------------


def told(*unpaid, worlds=4):
    """A summary of stops at 0, 12, ...; so many worlds of each have a lead lab that cannot pay ten months after the stop."""
    stops = [12 * place for place in range(len(unpaid))]
    marks = {
        (place + 1, world): {stop + 10: 1}
        for place, (stop, some) in enumerate(zip(stops, unpaid, strict=True))
        for world in range(some)
    }
    found = tables([[-1] * worlds] * (1 + len(unpaid)), lead_lab_unpaid=marks)
    return summarise(StopTest(stops=stops, worlds=worlds, months=60), *found)


def test_the_headline_tells_months_or_that_they_go_on_paying():
    assert headline(told(3)) == (
        "The first core firm cannot pay 10 months after all outside money stops in Oct 2025, in the median world"
    )
    assert headline(told(3, 4)) == (
        "The first core firm cannot pay 10 months after all outside money stops, whichever month it is, in the median world"
    )
    assert headline(told(1, 0)) == (
        "Every core firm goes on paying to Sep 2030 in 30 to 100 % of worlds after all outside money stops, whichever month it is"
    )
    both = headline(told(3, 1, 0))
    assert both.startswith("The first core firm cannot pay 10 months after all outside money stops in Oct 2025, in the")
    assert both.endswith("in 30 to 100 % of worlds after all outside money stops in Oct 2026 or Oct 2027")


def test_where_most_worlds_go_on_paying_the_reader_is_told_why():
    text = " ".join(answer(told(1, 0)))
    assert "Why core firms go on paying (stopped in Oct 2026, worlds in which they all do): in the second year" in text
    assert "more than its take-or-pay bills in 100 % of these worlds" in text
    assert "(1.00 times what it would spend without a stop) in 0 %, in the last year judged in 0 %" in text
    assert "By Sep 2030, 0 % of worlds have fallen, 0 % of the same worlds without a stop." in text
    assert not any("Why core firms" in sentence for sentence in answer(told(3, 3)))


def test_where_no_world_stands_at_the_stop_nothing_is_made_up():
    worlds, series = tables([[3, 4], [3, 4]])
    summary = summarise(StopTest(stops=[12], worlds=2, months=60), worlds, series)
    assert answer(summary) == ["No world stands any more when outside money stops."]
    assert stopping.waits_table(summary)["median"].isna().all()
    console = Console(width=80, file=io.StringIO())
    show(summary, console)
    assert "worlds standing then" in console.file.getvalue()


@pytest.mark.parametrize(
    ("stop", "told"), [(12, "money is loose until then"), (24, "money is loose until then"), (30, "tightens by 0.6 as set")]
)
def test_a_tightening_that_comes_after_the_stop_is_none_until_then(stop, told):
    worlds, series = tables([[3, 4], [3, 4]])
    asked = StopTest(stops=[stop], worlds=2, months=60, overrides={"funding.tightening": 0.6})
    console = Console(width=80, file=io.StringIO())
    show(summarise(asked, worlds, series), console)
    assert told in " ".join(console.file.getvalue().split())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_screen_fits_80_columns_and_cuts_nothing(language):
    summary = told(3, 1, 0, 0)
    share = {"share": 1.0, "low": 0.956, "high": 1.0}
    for row in summary["stops"]:
        row |= {event: {"low": 101, "median": 111, "high": 119, "never": share} for event in EVENTS}
        row |= {"first_of_core": dict.fromkeys(stopping.CORE, share), "fallen_share": share, "fallen_without": share}
    console = Console(width=80, file=io.StringIO())
    with speaking(language):
        show(summary, console)
    text = console.file.getvalue()
    assert text.count("111 (101–119)") == 4 * len(EVENTS)
    assert text.count("(96–100)" if language == "en" else "（96–100）") == 4 * (len(EVENTS) - 1 + 2 + 3)
    assert ("cloud sheds a third" if language == "en" else "高杠杆云甩掉三分之一") in text


def test_a_preset_without_neoclouds_is_told_of_none(monkeypatch):
    monkeypatch.setattr(stopping, "_has_neoclouds", lambda asked: False)
    summary = told(1)
    assert "neocloud" not in summary["events"]
    assert "neocloud" not in stopping.waits_table(summary)["event"].tolist()


# --- on the command line --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_stopped_at_once_it_is_the_stop_test_of_a_run(fake, tmp_path):
    settings = {"funding.tightening": 1.0, "funding.start_month": 0.0}
    asked = StopTest(stops=[0], worlds=20, overrides=settings, months=60)
    engine.run_study(asked.study, tmp_path / "study")
    from perpetuum.runs.study import load

    row = summarise(asked, load(tmp_path / "study"), load(tmp_path / "study", series=True))["stops"][0]
    beside = run_side_studies(Question("ono_2025", settings, 20, 1, months=60))
    assert beside.stop_months == 60
    assert (beside.stop >= 0).any()
    found = spread_of_waits(beside.stop)
    assert {name: row["core"][name] for name in found} == found


def test_files_hold_the_answer_and_the_worlds_as_a_study(perpetuum, tmp_path):
    code, out, _ = perpetuum(*SHORT[:-1], "--out", "there")
    assert code == 0
    there = tmp_path / "there"
    assert {file.name for file in there.iterdir()} == {
        "manifest.json", "summary.json", "stop_test.parquet", "stop_test.csv", "stop_test.png", "stop_test.svg", "study",
    }  # fmt: skip
    table, written = pd.read_parquet(there / "stop_test.parquet"), pd.read_csv(there / "stop_test.csv")
    pd.testing.assert_frame_equal(table, written)
    assert len(table) == 2 * len(EVENTS)
    series = pd.read_parquet(there / "study" / "series.parquet")
    assert len(series) == 3 * 3 * SIMULATED
    drawn = (there / "stop_test.svg").read_text()
    assert all(words in drawn for words in ("A neocloud cannot pay", "Oct 2027", "Months after the stop"))
    assert "Which core firm first?" in out
    # The same again is answered from what is there.
    assert perpetuum(*SHORT, "--out", "there", "--json")[0] == 0


def test_stopped_it_goes_on_where_it_stood(perpetuum, monkeypatch):
    command = (*SHORT, "--workers", "1", "--json", "--out")
    whole = perpetuum(*command, "whole")[1]
    real, calls = engine.run_batch, []

    def interrupted(batch):
        calls.append(list(batch.worlds))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(batch)

    monkeypatch.setattr(engine, "run_batch", interrupted)
    cut = engine.cut
    monkeypatch.setattr(engine, "cut", lambda missing, workers, batch: cut(missing, workers, 4))
    code, _, err = perpetuum(*command, "there")
    assert code == 130
    assert "stopped with 4 of 9 worlds done, which are kept in 'there/study'" in err
    assert perpetuum(*command, "there") == (0, whole, "")
    assert Path("whole/study/series.parquet").read_bytes() == Path("there/study/series.parquet").read_bytes()


@pytest.mark.parametrize(
    ("words", "preset", "stops"),
    [
        ("--stop", "ono_2025", [0, 12, 24]),  # the usual ones that leave a year
        ("--stop optimist", "optimist", [0, 12, 24]),
        ("optimist --stop --seed 1", "optimist", [0, 12, 24]),
        ("--stop 5", "ono_2025", [5]),
        ("--stop=6,3", "ono_2025", [3, 6]),
        ("--stop 0:20:3 optimist", "optimist", [0, 10, 20]),
    ],
)
def test_months_may_be_left_out(perpetuum, words, preset, stops):
    code, out, err = perpetuum(
        "tip", *words.split(), "--worlds", "2", "--months", "40", "--no-figures", "--json", "--out", "there"
    )
    assert code == 0, err
    found = json.loads(out)
    assert (found["preset"], [row["stop"] for row in found["stops"]]) == (preset, stops)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--stop 0 --channels", "--channels and --stop are 2 questions"),
        ("--stop 0 --over demand.strength", "--stop is about the month in which outside finance stops"),
        ("--stop 0 --by 2030-12", "--by goes with the search for a tipping point"),
        ("--stop 0 --starts 3", "--starts and --strengths are those of a map or of channels"),
        ("--stop 0,6.5", "'funding.stop_month' cannot be '6.5': it takes a whole number from -1 to 599 month"),
        ("--stop 120", "a stop is a whole number of months from 0 to 119, the last one judged, not 120"),
        ("--stop 0:12", "--stop takes LOW:HIGH:COUNT or A,B,C, such as --stop 0,12,24,36, not '0:12'"),
        ("--stop --months 8", "a stop test looks 12 months beyond a stop, and only 8 are judged"),
        ("--stop --set funding.stop_month=3", "'funding.stop_month' is both set and asked about"),
        ("--stop --worlds 1", "--worlds must be a whole number from 2 to 5,000, not 1"),
        ("--stop ono_2205", "unknown preset 'ono_2205'"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence_and_nothing_is_written(perpetuum, tmp_path, words, sentence):
    code, out, err = perpetuum("tip", "--out", "there", *words.split())
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert sentence in err
    assert not list(tmp_path.iterdir())
