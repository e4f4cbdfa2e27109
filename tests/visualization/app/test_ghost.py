"""The ghost of a lever that is held: a few background worlds, in slices, which end with the drag."""

from __future__ import annotations

from concurrent.futures import Executor, Future

import pytest

from perpetuum.visualization.app.background import Request, simulate
from perpetuum.visualization.app.ghost import SLICE, Ghosts, live, request_of
from perpetuum.visualization.app.session import TWIN, Session, Start

START = Start("triangle", months=20)  # 31 months are simulated, in three slices


class Later(Executor):
    """Does what it is handed when it is told to."""

    def __init__(self):
        self.waiting = []

    def submit(self, work, /, *inputs):
        future = Future()
        self.waiting.append((future, work, inputs))
        return future

    def go_on(self):
        future, work, inputs = self.waiting.pop(0)
        future.set_running_or_notify_cancel()
        future.set_result(work(*inputs))
        return inputs[0]


@pytest.fixture
def ghosts():
    later = Later()
    made = Ghosts(2, lambda: later)
    made.later = later
    return made


def held(value):
    return Request.of(START, [(2, "vendor_finance.scale", value)])


@pytest.mark.slow
def test_a_ghost_is_what_the_band_of_as_many_worlds_would_be():
    request = held(0.5)
    for until in range(SLICE, 31 + SLICE, SLICE):
        lines = live(request, 2, until)
        assert (lines is None) == (until < 31)
    band = simulate(request, 2)
    odds = {key: lines["middle"].pop(key) for key in ("odds_fallen", "odds_spinning", "odds_pays")}
    assert (lines["low"], lines["middle"], lines["high"]) == (band.low, band.middle, band.high)
    assert odds["odds_fallen"] == [round(100 * share, 2) for share in band.odds["fallen"]]
    assert [round(sum(month)) for month in zip(*odds.values(), strict=True)] == [100] * 20
    loose = simulate(Request.of(START), 2)
    assert lines["middle"]["lead_lab_runway"] != loose.middle["lead_lab_runway"]


def test_a_drag_that_ends_leaves_nothing_running_but_the_slice_that_has_begun(ghosts):
    assert ghosts.ask("me", held(0.5)) is None
    ghosts.later.go_on()
    assert len(ghosts.later.waiting) == 1  # the next slice
    ghosts.drop("me")
    ghosts.later.go_on()
    assert ghosts.later.waiting == []
    assert ghosts.slices == 2


def test_of_a_hand_that_moves_on_only_the_latest_value_is_computed(ghosts):
    for value in (0.9, 0.8, 0.5):
        ghosts.ask("me", held(value))
    assert ghosts.later.go_on() == held(0.9)  # had begun
    computed = []
    while ghosts.later.waiting:
        computed.append(ghosts.later.go_on())
    assert computed == [held(0.5)] * 3
    assert ghosts.ask("me", held(0.5))["middle"]["lead_lab_runway"][-1] >= 0
    assert ghosts.later.waiting == []


def test_two_hands_on_one_value_are_one_ghost_and_it_lives_as_long_as_one_wants_it(ghosts):
    ghosts.ask("me", held(0.5))
    ghosts.ask("you", held(0.5))
    ghosts.drop("me")
    while ghosts.later.waiting:
        ghosts.later.go_on()
    assert ghosts.slices == 3
    assert ghosts.ask("you", held(0.5)) is not None


def test_what_is_asked_for_is_the_machine_with_the_lever_moved_now():
    session = Session(START)
    session.step()
    session.step()
    assert request_of(session, "vendor_finance.scale", 0.5, None) == held(0.5)
    assert request_of(session, "vendor_finance.scale", 1.0, None) == Request.of(START)
    assert request_of(session, "vendor_finance.scale", 1.004, None, near=0.01) == Request.of(START)
    assert session.moves == []  # nothing has moved
    session.move("vendor_finance.scale", 0.7)
    assert request_of(session, "vendor_finance.scale", 0.5, 0) == held(0.5)
    for lever, value, world in (
        ("vendor_finance.scale", 0.5, TWIN),
        ("nonsense", 1, None),
        ("vendor_finance.scale", 99, None),
    ):
        assert request_of(session, lever, value, world) is None
