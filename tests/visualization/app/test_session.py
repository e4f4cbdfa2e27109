"""A viewer's session: levers, forks and rewinding are the same machine as a run."""

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from perpetuum.model.scenario import InputError
from perpetuum.visualization.app.session import CHECKPOINTS, Session, Start

SHORT = Start(months=30)


def after(session, months):
    for _ in range(months):
        session.step()
    return session


def revenue(session, world=0):
    return session.economy.series["vendor_revenue"][session.row(world)]


def test_watched_world_is_the_world_of_a_run():
    session = after(Session(Start(months=8, settings={"demand.strength": 0.7})), 8)
    economy = Economy(Scenario(overrides={"demand.strength": 0.7}, months=8))
    economy.run()
    assert (revenue(session) == economy.series["vendor_revenue"][0]).all()


def test_shadow_goes_without_vendor_finance():
    session = after(Session(SHORT), 12)
    drawn = session.economy.series["vendor_commitments"]
    assert drawn[session.row(0)].max() > 0
    assert (drawn[session.shadow(0)] == 0).all()


def test_twin_lives_through_the_same_shocks_until_a_lever_parts_them():
    session = after(Session(SHORT), 9)
    session.fork()
    after(session, 2)
    assert (revenue(session, 0) == revenue(session, 1)).all()
    session.move("funding.tightening", 1.0, world=1)
    after(session, 8)
    assert (revenue(session, 0)[:11] == revenue(session, 1)[:11]).all()
    assert (revenue(session, 0) != revenue(session, 1)).any()
    assert session.value("funding.tightening", 0) == 0.6
    assert session.value("funding.tightening", 1) == 1.0


def test_rewinding_takes_back_what_came_later_and_keeps_what_came_before():
    session = after(Session(SHORT), 4)
    session.move("demand.strength", 0.5)
    after(session, 5)
    as_it_was = revenue(session).copy()
    session.fork()
    session.move("funding.tightening", 1.0, world=1)
    after(session, 7)
    session.rewind(9)
    assert session.month == 9
    assert session.worlds == 1
    assert (revenue(session) == as_it_was).all()
    assert [move.lever for move in session.moves] == ["demand.strength"]
    session.rewind(3)
    assert session.moves == []
    assert session.value("demand.strength") == 1.0


def test_rewinding_into_a_forked_past_keeps_both_worlds():
    session = after(Session(SHORT), 5)
    session.fork()
    session.move("funding.tightening", 1.0, world=1)
    after(session, 9)
    both = [revenue(session, world).copy() for world in (0, 1)]
    after(session, 5)
    session.rewind(14)
    assert session.worlds == 2
    for world in (0, 1):
        assert (revenue(session, world) == both[world]).all()


def test_joining_goes_on_with_the_world_that_is_kept():
    session = after(Session(SHORT), 5)
    session.fork()
    session.move("demand.strength", 0.4, world=1)
    after(session, 4)
    kept = revenue(session, 1).copy()
    session.join(keep=1)
    assert session.worlds == 1
    assert (revenue(session) == kept).all()
    assert session.value("demand.strength") == 0.4


@pytest.mark.parametrize(
    ("lever", "value"), [("funding.tightning", 1), ("funding.tightening", 7), ("clouds.book_months", 3)]
)
def test_what_cannot_be_moved_is_refused_and_nothing_changes(lever, value):
    session = after(Session(SHORT), 1)
    with pytest.raises(InputError):
        session.move(lever, value)
    assert session.moves == []


def test_month_does_not_pass_beyond_the_horizon():
    session = after(Session(Start(months=3)), 16)
    assert session.month == session.horizon == 14  # three months are judged; eleven more confirm
    assert session.ended
    assert np.isfinite(revenue(session)).all()


def test_the_clock_lets_no_month_pass_that_is_not_played():
    from perpetuum.visualization.app import address
    from perpetuum.visualization.app.desk import Desk

    desk = Desk(address.read("seed=1&months=12"))
    desk.go_on()
    assert desk.session.month == 0
    desk.play()
    desk.go_on()
    assert desk.session.month == 1
    desk.play()
    desk.go_on()
    assert desk.session.month == 1


@pytest.mark.slow
def test_of_a_long_life_few_checkpoints_are_kept_and_the_way_back_is_the_same():
    start = Start("triangle", months=200)
    long, short = after(Session(start), 190), after(Session(start), 41)
    assert len(long.checkpoints) <= CHECKPOINTS
    long.rewind(41)
    assert long.month == 41
    assert (revenue(long) == revenue(short)).all()
