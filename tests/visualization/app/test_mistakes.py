"""What the page refuses it refuses in a sentence in the viewer's language; what is put back is undone; votes see no future."""

from __future__ import annotations

import itertools
import pickle
import re

import numpy as np
import pytest

from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import InputError
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import levers
from perpetuum.visualization.app.address import read, write
from perpetuum.visualization.app.charts import _of_tab
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.page import open_to
from perpetuum.visualization.app.panels import banded_in
from perpetuum.visualization.app.session import TWIN, Session, Start

SHORT = Start(preset="ono_2025", months=40)
BAD = (
    "preset=onno_2025&seed=-4&month=x&demand.strength=99&funding.tightning=1&vendor_finance.instrument=shares&lang=zh&tab=maps"
    "&speed=3&technology.cadence_months=1.5&states.gold_buying=perhaps&moves=1:funding.tightning=2;2:fork"
)


@pytest.mark.parametrize(
    ("setting", "english", "chinese"),
    [
        (
            "lead_lab.cash=-5",
            "'lead_lab.cash' cannot be '-5': it takes a number from 0 to 1000",
            "“lead_lab.cash”不能是“-5”：须为0到1000之间的数",
        ),
        (
            "lead_lab.revenue=0.001",
            "lead_lab.valuation is 500 $bn at a revenue of 0.001 $bn",
            "模型不接受“lead_lab.revenue=0.001”",
        ),
        (
            "nobody.cash=4",
            "unknown parameter 'nobody.cash' (did you mean 'neocloud.cash'?)",
            "没有参数“nobody.cash”（是否想写“neocloud.cash”？）",
        ),
        ("lead_lab.csh=4", "(did you mean 'lead_lab.cash'?)", "没有参数“lead_lab.csh”（是否想写“lead_lab.cash”？）"),
        ("contracts.x.y.gw=4", "unknown parameter 'contracts.x.y.gw'", "没有参数“contracts.x.y.gw”"),
        ("nobody_at_all.=4", "unknown parameter 'nobody_at_all.'", "没有参数“nobody_at_all.”"),
    ],
)
def test_figures_of_firms_are_refused_by_name_in_the_language_of_the_page(setting, english, chinese):
    for language, sentence in (("en", english), ("zh", chinese)):
        address = read(f"preset=ono_2025&lang={language}&{setting}")
        assert sentence in address.notices[0]
        assert address.start.settings == {}


def test_moves_beyond_the_last_month_are_refused_in_a_sentence_and_not_cut():
    address = read("?preset=triangle&months=10&moves=5:fork;21:fork;130:demand.strength=0.5&month=200")
    assert [move.month for move in address.moves] == [5]
    assert address.month == 21  # ten months are judged, eleven more confirm
    assert address.notices == [
        *(
            f"Left out of the address: a move in month {month}, after the last: this machine has 21 months, "
            "and moves act in months 0 to 20."
            for month in (21, 130)
        ),
        "Left out of the address: month 200, after the last: this machine has 21 months and is shown at its end.",
    ]
    assert read("?preset=triangle&months=10&moves=20:fork&month=21").notices == []


def test_what_an_address_has_wrong_is_told_in_the_language_that_it_asks_for():
    notices = read(BAD).notices
    assert len(notices) == 11
    names = {"ono_2025", "onno_2025", "seed", "month", "x", "demand.strength", "funding.tightning", "funding.tightening"}
    names |= {
        "vendor_finance.instrument",
        "shares",
        "equity",
        "loan",
        "lease",
        "guarantee",
        "tab",
        "maps",
        "map",
        "speed",
        "seed",
    }
    names |= {"technology.cadence_months", "states.gold_buying", "perhaps", "true", "false", "moves"}
    for notice in notices:
        english = [word for word in re.findall(r"[A-Za-z][\w.]*", notice, re.ASCII) if word not in names]
        assert english == [], notice
    assert len(read(BAD.replace("zh", "en")).notices) == 11
    assert "did you mean 'ono_2025'?" in read("preset=onno_2025").notices[0]


@pytest.mark.parametrize("lever", ["funding.tightning", "clouds.book_months", "funding.tightening"])
def test_a_lever_that_cannot_be_moved_so_is_told_in_the_language_of_the_page(lever):
    desk = Desk(read("preset=triangle&lang=zh"))
    desk.move(lever, 7)
    assert re.search("[一-鿿]", desk.notice.value)
    with pytest.raises(InputError, match="'"):
        desk.session.move(lever, 7)
    assert desk.session.moves == []


# --- put back -----------------------------------------------------------------------------------------------------------


def same(one: Session, other: Session) -> bool:
    """Whether two sessions stand at the same month, with every series the same to the last bit."""
    mine, others = one.economy.series, other.economy.series
    return one.month == other.month and all((mine[name] == others[name]).all() for name in mine)


@pytest.mark.slow
def test_a_lever_dragged_away_and_back_leaves_the_world_as_it_was_to_the_last_bit():
    left, moved = Session(SHORT), Session(SHORT)
    for session in (left, moved):
        for _ in range(22):
            session.step()
    stood = moved.value("funding.tightening")
    assert stood > 0
    for value in (1.0, 0.3, stood):
        moved.move("funding.tightening", value)
    assert moved.moves == []
    assert not moved.economy.funding.steered.any()
    assert pickle.dumps(moved.economy.funding.theta) == pickle.dumps(left.economy.funding.theta)
    for session in (left, moved):
        while not session.ended:
            session.step()
    assert moved.economy.series["vendor_revenue"].shape[1] == moved.horizon > 22 + 12
    assert same(left, moved)


def test_what_else_was_moved_in_the_month_stays_where_it_was_put():
    session = Session(SHORT)
    for _ in range(7):
        session.step()
    session.move("demand.strength", 0.5)
    session.fork()
    session.move("demand.strength", 2.0, TWIN)
    session.move("funding.tightening", 1.0, TWIN)
    session.move("funding.tightening", session.value("funding.tightening"), TWIN)
    assert [(move.lever, move.value, move.world) for move in session.moves] == [
        ("demand.strength", 0.5, None),
        ("fork", None, None),
        ("demand.strength", 2.0, TWIN),
    ]
    assert [session.value("demand.strength", world) for world in (0, 1)] == [0.5, 2.0]
    assert session.economy.funding.steered.tolist() == [0.0] * 4
    assert session.move("demand.strength", 0.5, world=0) is None


@pytest.mark.parametrize("lever", [*levers.MAIN, *levers.REST])
def test_where_a_lever_stands_is_no_move(lever):
    session = Session(Start("triangle", months=3))
    assert session.move(lever, session.value(lever)) is None
    row = levers.static(Words("en"), session, lever) if PARAMETERS[lever].kind in ("float", "int") else None
    if row:  # nor is what its slider shows for it
        steps = round((session.value(lever) - row["low"]) / row["step"])
        assert session.move(lever, row["low"] + steps * row["step"], near=levers.slack(lever) + 1e-9) is None
    assert session.moves == []


def test_a_move_of_a_twin_that_there_is_not_is_none():
    session = Session(Start("triangle", months=3))
    assert session.move("demand.strength", 0.5, TWIN) is None


def test_the_page_says_whether_a_lever_stays_where_it_was_put():
    session = Session(SHORT)
    for words, planned, moved in (
        (
            Words("en"),
            "as scheduled: from Oct 2027, eases after 48 months",
            "moved here, it stays (in `run` it eases after 48",
        ),
        (Words("zh"), "按计划：2027年10月起，48个月后松动", "已拨动，停在此处（`run` 中48个月后松动）"),
    ):
        assert planned in levers.funding_now(words, session, 0)
        session.move("funding.tightening", 0.9)
        assert moved in levers.funding_now(words, session, 0)
        session.rewind(0)


# --- nothing of the future ------------------------------------------------------------------------------------------------


def test_the_map_is_closed_until_the_class_has_voted():
    desk = Desk(read("preset=triangle&months=3"))
    assert "map" in open_to(desk)
    desk.predict()
    assert "map" not in open_to(desk)
    desk.predict()
    assert "map" in open_to(desk)


def test_until_the_class_has_voted_no_month_to_come_of_the_other_worlds_leaves_the_server():
    class Band:
        low = middle = high = {key: list(range(131)) for key in banded_in("money")}  # noqa: RUF012

    keys = ("low", "middle", "high")
    band = Band()
    told = _of_tab(band, "money", 7)
    assert {len(months) for end, name in itertools.product(keys, told["low"]) for months in [told[end][name]]} == {7}
    assert np.shape(_of_tab(band, "money")["low"]["capex"]) == (131,)


def test_an_address_leads_back_to_what_was_put_back():
    desk = Desk(read("preset=triangle&months=10&month=4"))
    desk.move("demand.strength", 0.5)
    desk.move("demand.strength", 1.0)
    assert "moves" not in write(desk.session, {})
