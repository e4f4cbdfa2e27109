"""How much may be asked for: bounds on addresses, few long works at once, last asked first, none for who has left."""

import threading

import pytest

from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import address, bounds, replay
from perpetuum.visualization.app import turns as all_turns
from perpetuum.visualization.app.bounds import FORKS, MOVES, NAMES, NOTICES
from perpetuum.visualization.app.desk import Desk
from perpetuum.visualization.app.turns import Gone, InOrder, Turns

# --- addresses -------------------------------------------------------------------------------------------------------


def moves_in(query):
    return dict(address.parse_qsl(query))["moves"].split(";")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_address_with_too_much_in_it_is_cut_in_a_sentence(language):
    def told(query):
        return replay.address_of(f"lang={language}&{query}").notices

    words = Words(language)
    many = ";".join(f"{n % 100}:demand.strength=1" for n in range(MOVES + 5))
    assert told(f"moves={many}")[0] == words("bounds.moves", n=MOVES + 5, most=MOVES)
    forks = ";".join("3:fork;3:join=0" for _ in range(FORKS + 1))
    assert told(f"moves={forks}")[0] == words("bounds.forks", most=FORKS)
    names = "&".join(f"any.thing{n}=1" for n in range(2000))
    said = told(names)
    assert said[0] == words("bounds.names", n=2001, most=NAMES)
    assert len(said) == 1 + NOTICES + 1
    assert said[-1] == words("bounds.more_notices", n=NAMES - 1 - NOTICES)


def test_what_is_within_bounds_is_left_as_it_is():
    query = "preset=triangle&seed=3&demand.strength=0.1234567890123456&moves=2:fork;2:demand.strength=2@1&month=4"
    kept, told = bounds.within(query)
    assert (address.parse_qsl(kept), told) == (address.parse_qsl(query), [])


def test_exactly_as_many_as_are_allowed_are_kept():
    query = "moves=" + ";".join("3:fork;3:join=0" for _ in range(FORKS))
    assert len(moves_in(bounds.within(query)[0])) == 2 * FORKS
    assert bounds.within(query)[1] == []
    cut = bounds.within(query + ";4:fork;4:demand.strength=1")
    assert len(moves_in(cut[0])) == 2 * FORKS


@pytest.mark.parametrize("name", ["world", "seed", "months", "month"])
def test_numbers_are_read_to_their_last_digit(name):
    shown = replay.address_of(f"preset=triangle&{name}={'0' * 12}{'9' * 49}")
    assert (shown.start.replicate, shown.start.seed, shown.start.months, shown.month) == (0, 1, None, 0)
    assert shown.notices == [Words("en")("bounds.numbers")]
    far = replay.address_of(f"preset=triangle&moves={'0' * 12}{'9' * 49}:fork;2:fork")
    assert [move.month for move in far.moves] == [2]


def test_a_world_is_split_so_often_and_no_more():
    desk = Desk(replay.address_of("preset=triangle&months=5&month=1"))
    for _ in range(FORKS):
        desk.fork()
        desk.fork()
    desk.fork()
    assert desk.session.worlds == 1
    assert desk.notice.value == desk.words("bounds.forked_often", most=FORKS)


# --- turns -----------------------------------------------------------------------------------------------------------


def waits(turns, count):
    while turns.waiting < count:
        pass


def test_few_work_at_once_and_who_asked_last_is_next_and_then_who_has_waited_longest():
    turns, order, held = Turns(1), [], threading.Event()

    def work(name):
        with turns.turn():
            order.append(name)
            if name == "first":
                held.wait()

    threads = []
    for number, name in enumerate(["first", "second", "third", "fourth", "fifth"]):
        threads.append(threading.Thread(target=work, args=(name,)))
        threads[-1].start()
        if name == "first":
            while not order:
                pass
        else:
            waits(turns, number)
    assert order == ["first"]
    held.set()
    for thread in threads:
        thread.join()
    assert order == ["first", "fifth", "second", "fourth", "third"]


def test_months_pass_one_after_another_in_the_order_in_which_they_were_asked_for():
    months, order, held, within = InOrder(), [], threading.Event(), []

    def work(name):
        try:
            with months.place():
                within.append(name)
                order.append((name, len(within)))
                if name == "first":
                    held.wait()
                if name == "third":
                    raise ValueError
                within.remove(name)
        except ValueError:  # leaves its place to the next
            within.remove(name)

    threads = []
    for number, name in enumerate(["first", "second", "third", "fourth"]):
        threads.append(threading.Thread(target=work, args=(name,)))
        threads[-1].start()
        if name == "first":
            while not order:
                pass
        else:
            waits(months, number)
    held.set()
    for thread in threads:
        thread.join()
    assert order == [("first", 1), ("second", 1), ("third", 1), ("fourth", 1)]
    with months.place():
        assert months.waiting == 0


def test_a_page_lets_its_month_pass_and_shows_it_in_the_order_of_months(monkeypatch):
    asked = []

    class Noted(InOrder):
        def place(self):
            asked.append((desk.session.month, desk.tick.value))
            return super().place()

    monkeypatch.setattr(all_turns, "months", Noted())
    desk = Desk(replay.address_of("preset=triangle&months=5&month=1"))
    tick = desk.tick.value
    desk.step()
    desk.press("ArrowRight")
    assert asked == [(1, tick), (2, tick + 1)]
    assert not all_turns.months._busy


def test_whoever_goes_on_asking_keeps_nobody_waiting():
    """Thirty who opened long pages again and again kept another waiting for half a minute and longer."""
    turns, held, done = Turns(1), threading.Event(), threading.Event()

    def first():
        with turns.turn():
            held.wait()

    def waiting():
        with turns.turn():
            done.set()

    def asking(again):
        with turns.turn():
            if again and not done.is_set():
                more = threading.Thread(target=asking, args=(again - 1,))
                threads.append(more)
                more.start()
                while turns.waiting < 2 and not done.is_set():
                    pass

    threads = [threading.Thread(target=first)]
    threads[0].start()
    while turns.waiting or turns._free:
        pass
    threads += [threading.Thread(target=waiting)]
    threads[1].start()
    waits(turns, 1)
    threads += [threading.Thread(target=asking, args=(50,))]
    threads[2].start()
    waits(turns, 2)
    held.set()
    assert done.wait(60)
    for thread in threads:
        thread.join()
    assert len(threads) < 10, "served before the asking ended"


def test_who_has_left_loses_the_turn_and_keeps_nobody_waiting():
    turns = Turns(1)
    with turns.turn(), pytest.raises(Gone), turns.turn(lambda: False):
        pytest.fail("a turn for somebody who left")
    assert turns.waiting == 0
    with turns.turn():
        pass


def test_a_turn_ends_when_its_work_fails():
    turns = Turns(1)
    with pytest.raises(ZeroDivisionError), turns.turn():
        raise ZeroDivisionError
    with turns.turn():
        pass


# --- who has left ----------------------------------------------------------------------------------------------------


def test_a_long_way_stops_at_the_month_at_which_its_visitor_left():
    months = []

    def leaves_after_three():
        months.append(len(months))
        return len(months) <= 3

    with pytest.raises(Gone):
        Desk(replay.address_of("preset=triangle&month=100"), leaves_after_three)
    assert len(months) == 4
