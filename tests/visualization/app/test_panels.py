"""The charts: what they show is what the economy measured, with words for all of it in both languages."""

import csv
import io
import json
import re

import numpy as np
import pytest

from perpetuum.model.observed.months import Months
from perpetuum.model.words.catalogue import LANGUAGES, catalogue
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import panels
from perpetuum.visualization.app.session import Session, Start

#: Forty months are judged, 51 pass.
SHORT = Start(months=40)
#: Shares of the background worlds in each state by month judged, each month's its own.
FALLEN = [month / 100 for month in range(40)]
ODDS = {
    "fallen": FALLEN,
    "stands_alone": [0.2] * 40,
    "smaller": [0.1] * 40,
    "spinning": [0.7 - fallen for fallen in FALLEN],
}


def after(session, months):
    for _ in range(months):
        session.step()
    return session


@pytest.fixture(scope="module")
def played():
    return after(Session(SHORT), 30)


@pytest.fixture(scope="module")
def forked():
    session = after(Session(SHORT), 10)
    session.fork()
    session.move("demand.strength", 0.5, world=1)
    return after(session, 8)


def shown(session, key, tab="money", whose="watched"):
    return np.array(panels.panel_data(session, tab)[whose][key])


@pytest.mark.parametrize("tab", panels.TABS)
def test_every_line_of_a_tab_has_a_value_for_every_month(played, tab):
    data = panels.panel_data(played, tab, ODDS)
    assert data["watched"]
    assert all(len(line) == played.month for line in data["watched"].values())
    json.dumps(data, allow_nan=False)


@pytest.mark.parametrize("tab", panels.TABS)
def test_before_the_first_month_there_is_nothing_to_draw(tab):
    assert all(line == [] for line in panels.panel_data(Session(SHORT), tab)["watched"].values())


def test_lines_are_the_watched_worlds_series(played):
    row = played.economy.series["vendor_revenue"][played.row(0)]
    assert shown(played, "vendor_revenue") == pytest.approx(row, abs=0.005)
    worth = played.economy.series["cloud_market_cap"][played.row(0)] / 1000
    assert shown(played, "cloud_market_cap", "prices") == pytest.approx(worth, abs=0.0005)


def test_layers_of_the_stack_add_up_to_what_vendors_were_paid(played):
    layers = sum(shown(played, line.key) for line in panels.TABS["money"][1].lines)
    paid = sum(dye[played.row(0)] for dye in played.economy.dye_series.values())
    assert layers == pytest.approx(paid, abs=0.05)


def test_odds_grow_with_the_months_and_never_show_the_future():
    session = Session(SHORT)
    for months in (1, 7, 39, 40, 45, 51):
        after(session, months - session.month)
        told = panels.panel_data(session, "money", ODDS)
        fallen, spinning, pays = (told["watched"][line.key] for line in panels.TABS["money"][0].lines)
        passed = min(months, 40)
        assert fallen == pytest.approx([100 * share for share in FALLEN[:passed]])
        assert pays == pytest.approx([30.0] * passed)
        assert [sum(shares) for shares in zip(fallen, spinning, pays, strict=True)] == pytest.approx([100.0] * passed)
        # What the background worlds come to later changes nothing that is drawn.
        other = {name: [*shares[:passed], *[0.0] * (40 - passed)] for name, shares in ODDS.items()}
        assert panels.panel_data(session, "money", other) == told


def test_until_the_other_worlds_are_there_no_odds_are_drawn(played):
    watched = panels.panel_data(played, "money")["watched"]
    assert [watched[line.key] for line in panels.TABS["money"][0].lines] == [[], [], []]


def test_going_back_takes_the_odds_back():
    session = after(Session(SHORT), 8)
    session.rewind(3)
    assert len(panels.panel_data(session, "money", ODDS)["watched"]["odds_fallen"]) == 3


def test_indices_begin_at_a_hundred_and_follow_their_series(played):
    gold = shown(played, "gold_index", "prices")
    price = played.economy.series["gold_price"][played.row(0)]
    assert gold[0] == 100
    assert gold == pytest.approx(price / price[0] * 100, abs=0.05)


def test_own_money_is_the_share_of_revenue_since_the_start_within_its_bracket(played):
    own, low, high = (shown(played, f"own_money_share{end}") for end in ("", "_low", "_high"))
    row = played.row(0)
    dyes = {name: values[row] for name, values in played.economy.dye_series.items()}
    laps = sum(dyes[name][:30].sum() for name in ("lap_1", "lap_2", "lap_3"))
    assert own[29] == pytest.approx(100 * laps / sum(dye[:30].sum() for dye in dyes.values()), abs=0.005)
    assert (low <= own).all()
    assert (own <= high).all()


def test_defaults_are_counted_up():
    session = after(Session(SHORT), 3)
    counted = session.economy.collector.values["defaults"] = Months(3)
    for firms in (1.0, 0.0, 2.0):
        counted.append(np.array([firms, 0.0]))
    assert shown(session, "defaults", "firms").tolist() == [1, 1, 3]


def test_the_twin_begins_at_the_fork_under_the_same_luck(forked):
    data = panels.panel_data(forked, "money")
    assert data["fork"] == 10
    assert len(data["twin"]["vendor_revenue"]) == 8
    twin = forked.economy.series["external_ai_revenue"][forked.row(1), 10:]
    assert data["twin"]["external_ai_revenue"] == pytest.approx(twin, abs=0.005)
    assert data["twin"]["external_ai_revenue"] != data["watched"]["external_ai_revenue"][10:]


def test_without_a_fork_there_is_no_twin(played):
    data = panels.panel_data(played, "money")
    assert data["fork"] is None
    assert data["twin"] == {}


def test_the_axis_of_time_is_the_whole_horizon():
    dates = panels.calendar(Session(SHORT))
    assert (dates[0], dates[3], dates[-1], len(dates)) == ("2025-10", "2026-01", "2029-12", 51)


def test_tight_months_are_told_beforehand_and_come_true():
    session = Session(SHORT)
    told = panels.tight(session)
    assert told == [[24, 50]]
    after(session, 51)
    tight = np.array(session.economy.collector.facts["theta"])[:, session.row(0)] > 0
    assert np.flatnonzero(tight).tolist() == list(range(24, 51))
    assert panels.tight(session) == told


def test_a_lever_moves_the_tight_months():
    session = after(Session(SHORT), 5)
    session.move("funding.tightening", 1.0)
    assert panels.tight(session) == [[5, 50]]
    session.rewind(5)
    session.move("funding.tightening", 0.0)
    assert panels.tight(session) == []


def test_levers_leave_marks_by_name_and_the_twins_are_told_apart(forked):
    (mark,) = panels.marks(forked, Words("en"))
    assert mark["month"] == 10
    assert mark["texts"][1].endswith(" 0.5")
    assert mark["texts"][1].startswith(Words("en")("lever.demand.strength"))
    assert not mark["twin"]  # the split stands there too
    session = after(Session(SHORT), 2)
    session.fork()
    session.step()
    session.move("states.gold_buying", False, world=1)
    last = panels.marks(session, Words("zh"))[-1]
    assert last["twin"]
    assert last["texts"][0].endswith(Words("zh")("charts.off"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tab", panels.TABS)
def test_every_chart_line_and_unit_has_words(language, tab):
    texts = catalogue(language)
    for chart in panels.TABS[tab]:
        keys = [f"chart.{chart.key}.title", f"chart.{chart.key}.note"]
        keys += [f"unit.{chart.unit}.{part}" for part in ("name", "value", "times")]
        keys += [f"series.{line.key}.{part}" for line in chart.lines for part in ("label", "about")]
        keys += [f"chart.{chart.key}.reference"] if chart.reference is not None else []
        assert [key for key in keys if key not in texts] == []
        assert "{x}" in texts[f"unit.{chart.unit}.value"]
        assert texts[f"chart.{chart.key}.note"].strip()


@pytest.mark.parametrize(("language", "running"), [("en", "running"), ("zh", "运营")])
@pytest.mark.parametrize("industry", ["ai", "telecom"])
def test_the_chart_of_the_running_ratio_does_not_promise_that_a_world_stands_alone(language, running, industry):
    """Its line stood over "stands by itself" while the verdict said that the machine needs money from outside: for building."""
    words = Words(language, industry)
    chart = next(chart for chart in panels.plan("firms", words) if chart["key"] == "alone")
    assert [line.series for one in panels.TABS["firms"] if one.key == "alone" for line in one.lines] == ["operating_ratio"]
    for text in (chart["title"], chart["reference_label"]):
        assert running in text
        assert not any(claim in text for claim in ("itself", "alone", "自立"))
    assert running in words("dial.ratio_running", ratio="1.0")


def test_billions_become_hundreds_of_millions_in_chinese():
    english, chinese = (panels.plan("money", Words(language))[2] for language in ("en", "zh"))
    assert (english["times"], chinese["times"]) == (1, 10)
    assert (english["unit"], chinese["unit"]) == ("$bn a month", "亿美元/月")


def test_the_table_has_every_series_of_world_and_twin(forked):
    rows = list(csv.DictReader(io.StringIO(panels.table(forked))))
    assert [row["world"] for row in rows] == ["watched"] * 18 + ["twin"] * 18
    assert set(forked.economy.series) <= set(rows[0])
    capex = forked.economy.series["capex"]
    assert [float(row["capex"]) for row in rows[18:]] == pytest.approx(capex[forked.row(1)], rel=1e-8)
    assert rows[0]["date"] == "2025-10-01"


def test_a_picture_says_where_it_comes_from(forked):
    told = panels.origin(forked, Words("en"))
    assert "ono_2025" in told
    assert "month 18 of 51" in told
    assert "0.5" in told


#: What the machines of 2025 are made of, and no machine of 1999 is.
OF_AI = {
    "en": re.compile(r"\b(clouds?|labs?|chips?|AI|GPU|hyperscalers?|neoclouds?|computing|models|vendors)\b"),
    "zh": re.compile(r"云|实验室|芯片|AI|GPU|算力|模型"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_levers_tank_and_verdict_of_telecom_speak_of_telecom(language):
    words, known = Words(language, "telecom"), catalogue(language)
    asked = [
        key for key in known if key.startswith(("tour.", "verdict.", "dial.", "lever.", "lever_help.", "lever_meaning."))
    ]
    for charts in panels.TABS.values():
        for chart in charts:
            asked += [f"chart.{chart.key}.{part}" for part in ("title", "note")]
            asked += [f"unit.{chart.unit}.{part}" for part in ("name", "value")]
            asked += [f"series.{line.key}.{part}" for line in chart.lines for part in ("label", "about")]
    asked.remove("lever_meaning.demand.strength")  # revenue of 2030, of which a machine that ends before tells nothing
    said = {key: known.get(f"telecom.{key}") or known[key] for key in asked if key in known}
    assert len(said) > 150
    assert words("chart.chips.title") == said["chart.chips.title"]
    assert {key: text for key, text in said.items() if OF_AI[language].search(text)} == {}
