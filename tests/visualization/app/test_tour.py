"""The bar above the ring: the odds have their place before the first month and while they are computed, and say which."""

import pytest

from perpetuum.visualization.app import address, background, tour
from perpetuum.visualization.app.background import Shown
from perpetuum.visualization.app.desk import Desk


def desk_at(month, more=""):
    return Desk(address.read(f"preset=triangle&months=12&month={month}{more}"))


@pytest.mark.parametrize(
    ("language", "first", "computing"),
    [("en", "from the first month on", "computing the band …"), ("zh", "从第一个月起", "灰带计算中……")],
)
def test_the_odds_say_when_they_begin_and_that_they_are_computed(monkeypatch, language, first, computing):
    waits = Shown(None, stale=False, waiting=True)
    monkeypatch.setattr(background.Background, "shown", lambda self, session: waits)
    assert tour.odds(desk_at(0, f"&lang={language}")) == ([], first)
    assert tour.odds(desk_at(2, f"&lang={language}")) == ([], computing)


def test_odds_that_will_never_be_there_have_no_place(monkeypatch):
    monkeypatch.setattr(background.Background, "shown", lambda self, session: Shown(None, stale=False, waiting=False))
    assert tour.odds(desk_at(2)) == ([], "")


def test_while_a_class_votes_there_are_no_odds_nor_their_place():
    desk = desk_at(0)
    desk.predict()
    shown = tour.shown(desk)
    assert (shown["odds"], shown["odds_told"]) == ([], "")
