"""Who is on the page: sessions and their places, of which nobody holds all."""

from itertools import count

import pytest

from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import visits as module
from perpetuum.visualization.app.visits import MOST, MOST_OF_ADDRESS, MOST_OF_VISITOR, RESTS, Visit, Visits


def test_a_visit_stays_as_long_as_a_line_is_open():
    visits = Visits()
    visit = visits.enter("session1", "anna")
    assert visit.stays()
    visits.leave(visit)
    assert not visit.stays()
    assert visits.enter("session1", "anna") is visit
    assert visit.stays()
    visits.end(visit)
    assert not visit.stays()
    assert visits.enter("session1", "anna") is not visit


def test_nobody_joins_another_visitors_session():
    visits = Visits()
    visits.enter("session1", "anna")
    assert visits.enter("session1", "bert") is None


def test_there_is_room_for_so_many_and_who_is_in_can_come_back():
    visits = Visits(most=2)
    one, two = visits.enter("session1", "anna"), visits.enter("session2", "bert")
    visits.leave(one)
    assert visits.refusal("carl", "") is None  # who has no line makes room
    visits.enter("session1", "anna")
    assert visits.refusal("carl", "") is None  # and who has not asked for anything
    visits.hear(one)
    visits.hear(two)
    assert visits.refusal("carl", "") == ("door.full", 2)
    assert visits.enter("session3", "carl") is None
    assert visits.enter("session1", "anna") is one
    visits.end(two)
    assert visits.enter("session3", "carl") is not None


def test_an_ended_visit_does_not_end_its_successor():
    visits = Visits()
    old = visits.enter("session1", "anna")
    visits.end(old)
    new = visits.enter("session1", "anna")
    visits.end(old)
    assert isinstance(new, Visit)
    assert visits.find("session1") is new


# --- whose places ----------------------------------------------------------------------------------------------------


class House:
    """Visits with a clock of their own, and who asks for a session as the line does."""

    def __init__(self, **bounds):
        self.now, self.names = 0.0, (f"session{number}" for number in count())
        self.visits = Visits(clock=lambda: self.now, **bounds)
        self.left = []

    def comes(self, visitor, address="10.0.0.1", asks=True):
        kernel = next(self.names)
        self.left += self.visits.make_room(kernel, visitor, address)
        visit = self.visits.enter(kernel, visitor, "page", address)
        if visit is not None and asks:
            self.visits.hear(visit)
        return visit

    def crowd(self, number, address):
        return [self.comes(f"{address} {one}", address) for one in range(number)]


def test_sessions_open_and_closed_are_counted_each_once():
    visits = Visits()
    anna, bert = visits.enter("k1", "anna"), visits.enter("k2", "bert")
    assert visits.count() == 2
    visits.end(anna)
    visits.end(anna)
    assert visits.count() == 1
    visits.end(bert)
    assert visits.count() == 0


def test_a_class_of_sixty_behind_one_router_is_in_and_loads_its_pages_anew_at_once():
    house = House()
    first = house.crowd(60, "192.0.2.1")
    assert all(first)
    for visit in first:  # lines are lost before sessions end, and new ones come at once
        house.visits.leave(visit, "page")
    again = house.crowd(60, "192.0.2.1")
    assert all(again)
    assert all(visit.stays() for visit in again)


def test_whoever_is_let_in_holds_no_more_than_the_places_of_one_address():
    house = House()
    held = house.crowd(MOST, "198.51.100.7")
    assert sum(visit is not None for visit in held) == MOST_OF_ADDRESS
    assert house.visits.refusal("one more", "198.51.100.7") == ("door.full_for_address", MOST_OF_ADDRESS)
    assert all(house.crowd(60, "192.0.2.1")), "a class from elsewhere is let in all the same"
    assert all(visit.stays() for visit in held if visit)


def test_one_browser_holds_no_more_than_its_pages():
    house = House()
    held = [house.comes("anna") for _ in range(MOST_OF_VISITOR + 3)]
    assert sum(visit is not None for visit in held) == MOST_OF_VISITOR
    assert house.visits.refusal("anna", "10.0.0.1") == ("door.full_for_browser", MOST_OF_VISITOR)
    assert house.comes("bert") is not None


@pytest.mark.parametrize("bound", ["most", "most_of_address", "most_of_visitor"])
def test_who_finds_no_place_takes_that_of_a_lost_line_first_then_of_who_rested_longest(bound):
    house = House(**{bound: 3})
    one, two, three = (house.comes("anna") for _ in range(3))
    house.now = RESTS - 1
    house.visits.hear(one)
    assert house.comes("anna") is None, "nobody has rested for long"
    house.visits.leave(one, "page")
    assert house.comes("anna") is not None
    house.now = RESTS
    house.visits.hear(two)
    assert house.comes("anna") is not None
    assert house.left == [one, three]
    assert (one.ended, two.ended, three.ended) == (True, False, True)
    # Who lost its line comes back by itself; who had one is told why it has none any more.
    assert not house.visits.made_room(one.kernel, "anna")
    assert house.visits.made_room(three.kernel, "anna")
    assert not house.visits.made_room(three.kernel, "bert")


def test_who_opens_lines_and_asks_for_nothing_holds_no_place():
    house = House(most=3)
    mine = house.comes("anna")
    silent = [house.comes(str(number), asks=False) for number in range(30)]
    assert all(silent)
    assert [visit.ended for visit in silent] == [True] * 28 + [False] * 2
    assert house.comes("bert") is not None
    assert not mine.ended


def test_nobody_is_driven_out_for_who_is_refused_or_comes_back():
    house = House(most=2, most_of_visitor=1)
    house.comes("anna")
    one = house.comes("bert")
    house.now = 10 * RESTS
    house.visits.hear(one)
    assert house.comes("bert") is None  # that browser has its page, in which something is done
    assert house.visits.make_room(one.kernel, "bert", "") == []
    assert len(house.visits) == 2


def test_what_is_remembered_of_who_made_room_is_bounded():
    house = House(most=2)
    for visitor in range(20):
        house.comes(str(visitor))
        house.now += RESTS
    assert len(house.left) == 18
    assert len(house.visits._made_room) == 2


def test_each_refusal_is_one_sentence_with_its_number():
    house = House(most=3, most_of_address=2, most_of_visitor=1)
    told = []
    for visitor, address in (("anna", "a"), ("bert", "a"), ("carl", "b")):
        house.comes(visitor, address)
        told.append(house.visits.refusal(visitor, address))
    told += [house.visits.refusal("dora", "a"), house.visits.refusal("dora", "c")]
    assert told == [("door.full_for_browser", 1)] * 3 + [("door.full_for_address", 2), ("door.full", 3)]
    for language in ("en", "zh"):
        for key, most in set(told):
            sentence = Words(language)(key, most=most)
            assert str(most) in sentence
            assert sentence.count("." if language == "en" else "。") == 1


def test_the_shares_leave_room_for_a_class_and_for_others():
    assert module.MOST_OF_ADDRESS >= 60 + module.MOST_OF_VISITOR
    assert module.MOST - module.MOST_OF_ADDRESS >= 60
