"""The bar above the ring: the odds have their place before the first month and while they are computed, and say which."""

import pytest

from perpetuum.visualization.app import address, background, machine, tour, verdict_row
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


def test_a_walk_is_told_while_it_is_open_alone():
    desk = desk_at(3)
    assert tour.steps(desk, "") == tour.steps(desk, "nothing of the kind") == []
    assert len(tour.steps(desk, "follow")) > 1
    assert len(tour.steps(desk, "build")) == 6
    reacton = pytest.importorskip("reacton")
    bar, context = reacton.render_fixed(tour.Tour(desk))
    assert bar.get_state()["steps"] == []
    bar.vue_walk("build")
    assert (bar.walk, len(bar.get_state()["steps"])) == ("build", 6)
    bar.vue_walk("")
    assert (bar.walk, bar.get_state()["steps"]) == ("", [])
    context.close()


def test_pictures_and_figures_are_made_once_a_month_however_many_parts_of_the_page_show_them(monkeypatch):
    """The ring and the bar above it each made the month's picture, the verdict and the tank each its figures."""
    made = []

    def counted(module, name):
        work = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *inputs: made.append(name) or work(*inputs))

    counted(machine, "frame")
    counted(verdict_row, "figures")
    desk = desk_at(2)

    def seen():
        made.clear()
        machine.pictures(desk)
        verdict_row.shown(desk)
        tour.shown(desk)
        tour.steps(desk, "follow")
        tour.steps(desk, "build")
        return sorted(made)

    assert seen() == ["figures", "frame"]
    assert seen() == []
    desk.step()
    assert seen() == ["figures", "frame"]
    desk.rewind(1)
    desk.fork()
    assert seen() == ["figures", "figures", "frame", "frame"]
