"""A viewer's session: levers, forks and rewinding are the same machine as a run."""

import sys

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from perpetuum.model.scenario import InputError
from perpetuum.visualization.app import checkpoint
from perpetuum.visualization.app import session as sessions
from perpetuum.visualization.app.checkpoint import Checkpoint
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


@pytest.mark.slow
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


def test_the_clock_lets_two_months_pass_at_once_and_never_more():
    from perpetuum.visualization.app import address
    from perpetuum.visualization.app.desk import Desk

    desk = Desk(address.read("seed=1&months=2"))  # eleven more confirm
    desk.play()
    for asked, month in ((2, 2), (1, 3), (3, 4), (10**9, 5), ("2", 6), (None, 7), ([2], 8), (2, 10), (2, 12), (2, 13)):
        tick = desk.tick.value
        desk.go_on(asked)
        assert (desk.session.month, desk.tick.value) == (month, tick + 1)
    assert not desk.playing.value


@pytest.mark.slow
def test_of_a_long_life_few_checkpoints_are_kept_and_the_way_back_is_the_same():
    start = Start("triangle", months=200)
    long, short = after(Session(start), 190), after(Session(start), 41)
    assert len(long.checkpoints) <= CHECKPOINTS
    long.rewind(41)
    assert long.month == 41
    assert (revenue(long) == revenue(short)).all()


def held(session):
    """Bytes of the way back: every checkpoint, and each record of months once, however many look at it."""
    packed = sum(len(checkpoint.packed) for checkpoint in session.checkpoints.values())
    records = {id(rows): rows.nbytes for checkpoint in session.checkpoints.values() for rows, _ in checkpoint.records}
    return packed + sum(records.values())


def test_the_way_back_takes_no_more_room_in_the_ninth_year_than_in_the_fourth():
    session = after(Session(), 42)
    early = held(session)
    late = max(held(after(session, 1)) for _ in range(54))
    assert late < 1.1 * early


def asked_of_python(work):
    """How many functions of the module of checkpoints are called."""
    calls = []
    sys.setprofile(lambda frame, event, _: calls.append(event) if frame.f_code.co_filename == checkpoint.__file__ else None)
    try:
        kept = work()
    finally:
        sys.setprofile(None)
    return kept, calls.count("call")


def test_packing_asks_python_about_arrays_and_the_record_alone():
    session = after(Session(SHORT), 8)
    packed, asked = asked_of_python(lambda: Checkpoint(session.economy))
    pickled = checkpoint._Pickler(checkpoint.io.BytesIO())
    pickled.dump(session.economy)
    assert len(pickled.arrays) > 1000
    assert asked <= len(pickled.arrays) + len(pickled.records) + 100
    assert len(packed.records) == len(pickled.records)


def test_arrays_wake_as_they_lay_in_memory():
    table = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    packed = {
        "columns": table,
        "again": table,
        "every other": np.arange(10)[::2],
        "none": np.zeros((0, 3)),
        "one": np.array(7, dtype=np.int32),
        "marks": np.array([True, False]),
        "firms": np.array(["lab", None], dtype=object),
    }
    woken = Checkpoint(packed).wake()
    for name, array in packed.items():
        assert (woken[name] == array).all(), name
        assert (woken[name].dtype, woken[name].shape) == (array.dtype, array.shape)
        assert woken[name].flags.writeable
    assert woken["columns"].flags.f_contiguous
    assert not woken["columns"].flags.c_contiguous
    assert woken["again"] is woken["columns"]


@pytest.mark.slow
def test_on_the_way_to_a_month_only_checkpoints_that_stay_are_taken(monkeypatch):
    stepped = after(Session(Start("triangle")), 60)
    taken = []
    monkeypatch.setattr(sessions, "Checkpoint", lambda economy: taken.append(economy.month) or Checkpoint(economy))
    jumped = Session(Start("triangle"))
    while jumped.month < 60:
        jumped.step(60)
    assert taken == sorted(stepped.checkpoints)
    after(stepped, 6)
    after(jumped, 6)
    assert set(jumped.checkpoints) == set(stepped.checkpoints)
    jumped.rewind(40)
    stepped.rewind(40)
    assert (revenue(jumped) == revenue(stepped)).all()


def test_all_checkpoints_look_at_one_record_and_who_goes_back_goes_on_in_it():
    session = after(Session(SHORT), 25)
    record = session.economy.collector.values["vendor_revenue"].rows
    lived = revenue(session).copy()
    shared = [any(rows is record for rows, _ in one.records) for month, one in session.checkpoints.items() if month]
    assert len(shared) >= 3
    assert all(shared)
    session.rewind(10)
    assert (revenue(session) == lived[:10]).all()
    session.move("demand.strength", 0.2)
    assert (revenue(after(session, 15))[:10] == lived[:10]).all()
    assert (revenue(session)[10:] != lived[10:]).any()
    assert session.economy.collector.values["vendor_revenue"].rows is record


def test_a_fork_leaves_the_record_that_it_came_from_alone():
    session = after(Session(SHORT), 8)
    lived = revenue(session).copy()
    session.fork()
    session.move("funding.tightening", 1.0, world=1)
    after(session, 15)
    session.rewind(7)
    assert session.worlds == 1
    assert (revenue(session) == lived[:7]).all()
