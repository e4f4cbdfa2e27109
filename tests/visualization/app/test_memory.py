"""Memory that sessions have let go goes back to the machine, again and again; where a system cannot, it is free for the next."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from perpetuum.visualization.app import memory, serve
from perpetuum.visualization.app.session import Session, Start

#: Bytes of a page of memory, and of what is let go at once: too small to be a mapping of its own.
PAGE, BLOCK, BLOCKS = 4096, 4000, 25_000


def held() -> int:
    """Bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux") or not memory.give_back(), reason="the C library keeps it")
def test_what_is_let_go_below_something_that_stays_is_given_back():
    library = ctypes.CDLL(None)
    library.malloc.restype, library.free.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)
    blocks = [library.malloc(BLOCK) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK)
    for block in blocks[:-1]:
        library.free(block)
    before = held()
    assert memory.give_back()
    library.free(blocks[-1])
    assert before - held() > BLOCK * BLOCKS // 2


def looked_at_everything(
    monkeypatch, sessions: list[tuple[int, int]], machines: memory.Machines | None = None
) -> list[bool]:
    """Whether everything was looked through, time by time, while so many sessions were open and closed."""
    monkeypatch.setattr(memory, "machines", machines or memory.Machines())
    seen, told, over, done = [], iter(sessions), threading.Event(), threading.Event()

    def count() -> tuple[int, int]:
        seen.append(False)
        return next(told)

    def given_back() -> bool:
        if len(seen) == len(sessions):
            done.set()
            over.set()
        return True

    monkeypatch.setattr(memory, "give_back", given_back)
    monkeypatch.setattr(memory.gc, "unfreeze", lambda: seen.__setitem__(-1, True))
    monkeypatch.setattr(memory.gc, "freeze", lambda: None)
    monkeypatch.setattr(memory, "EVERY", 0.001)
    memory.keep_giving_back(done, count)
    assert over.wait(20)
    return seen


def test_it_is_given_back_again_and_again_and_everything_looked_through_once_in_ten_times(monkeypatch):
    assert looked_at_everything(monkeypatch, [(60, 0)] * 21) == ([False] * 9 + [True]) * 2 + [False]


@pytest.mark.parametrize(
    ("sessions", "everything"),
    [
        ([(0, 0), (0, 0)], [False, False]),
        ([(0, 1), (0, 1)], [True, False]),
        ([(3, 1), (3, 1), (3, 2)], [True, False, True]),
        ([(4, 1), (4, 1), (4, 2)], [False, False, True]),
        ([(60, 7), (52, 15), (52, 15)], [False, True, False]),
    ],
)
def test_where_many_sessions_were_closed_everything_is_looked_through(monkeypatch, sessions, everything):
    assert looked_at_everything(monkeypatch, sessions) == everything


@pytest.mark.parametrize(("left", "everything"), [(0, False), (75, False), (76, True)])
def test_where_sessions_left_many_machines_everything_is_looked_through(monkeypatch, left, everything):
    """Sixty that go back in time once a minute left a megabyte or two each, for ten minutes."""
    machines = memory.Machines()
    machines.times = 1
    for _ in range(left):
        machines.leave(0)
    assert looked_at_everything(monkeypatch, [(60, 0), (60, 0)], machines) == [everything, False]
    assert machines.times == 3


def test_a_machine_that_a_session_goes_on_without_is_counted_where_it_was_there_the_last_time(monkeypatch):
    machines = memory.Machines()
    monkeypatch.setattr(memory, "machines", machines)
    session = Session(Start("triangle", months=3))
    session.step()
    session.rewind(0)
    assert machines.left == 0, "found among what has come since"
    ways: tuple[Callable[[], None], ...] = (
        lambda: session.rewind(0),
        session.fork,
        lambda: session.reset(Start("triangle", seed=2)),
    )
    for number, goes_on in enumerate(ways, 1):
        machines.times += 1
        goes_on()
        assert machines.left == number
    session.step()
    assert machines.left == 3


def test_a_machine_left_by_a_session_is_let_go_when_everything_is_looked_through(monkeypatch):
    session = Session(Start("triangle", months=3))
    left = weakref.ref(session.economy)
    gc.collect()
    gc.freeze()
    try:
        session.rewind(0)
        gc.collect()
        assert left() is not None, "set apart with what was there"
        gc.unfreeze()
        gc.collect()
        assert left() is None
    finally:
        gc.unfreeze()


def test_between_two_looks_at_everything_only_what_has_come_since_is_looked_through(monkeypatch):
    done = threading.Event()
    looked: list[int] = []

    def given_back() -> bool:
        looked.append(len(gc.get_objects()))
        if len(looked) == 2:
            done.set()
        return True

    monkeypatch.setattr(memory, "give_back", given_back)
    monkeypatch.setattr(memory, "EVERY", 0.001)
    try:
        memory.keep_giving_back(done, lambda: (60, 0))
        assert done.wait(20)
        assert looked[1] < looked[0] / 2
    finally:
        gc.unfreeze()


def test_the_program_itself_is_not_looked_through_again_and_again_but_what_comes_later_is():
    class Session:
        pass

    gc.unfreeze()
    try:
        objects = len(gc.get_objects())
        assert memory.set_apart() > objects / 2
        assert len(gc.get_objects()) < objects / 10
        session = Session()
        session.itself, left = session, weakref.ref(session)
        del session
        gc.collect()
        assert left() is None
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("wrong", [OSError(), TypeError(), AttributeError()])
def test_circles_are_let_go_where_the_c_library_cannot_give_back(monkeypatch, wrong):
    class Session:
        pass

    def none(_):
        raise wrong

    gc.freeze()  # what other tests have left need not be looked through
    monkeypatch.setattr(ctypes, "CDLL", none)
    session = Session()
    session.itself, left = session, weakref.ref(session)
    del session
    assert not memory.give_back()
    assert left() is None


@pytest.mark.skipif(not sys.platform.startswith("linux") or not memory.give_back(), reason="the C library has one heap")
def test_all_threads_of_a_server_take_memory_from_one_heap():
    counted = """
import ctypes, re, tempfile, threading
from perpetuum.visualization.app import memory
{first}
library = ctypes.CDLL(None)
library.malloc.restype = library.fopen.restype = ctypes.c_void_p
there, done = threading.Barrier(9), threading.Event()

def heaps():
    with tempfile.NamedTemporaryFile() as told:
        file = ctypes.c_void_p(library.fopen(told.name.encode(), b"w"))
        library.malloc_info(0, file)
        library.fclose(file)
        return len(re.findall("<heap nr", told.read().decode()))

def work():
    library.malloc(4000)
    there.wait()
    done.wait()

before = heaps()
for _ in range(8):
    threading.Thread(target=work, daemon=True).start()
there.wait()
print(heaps() - before)
"""
    told = [
        subprocess.run([sys.executable, "-c", counted.format(first=first)], capture_output=True, text=True, check=True)
        for first in ("", "assert memory.share_one_heap()")
    ]
    more, none = (int(one.stdout) for one in told)
    assert more > 0
    assert none == 0


def test_a_server_shares_one_heap_before_it_opens_anything(monkeypatch):
    class EnoughError(Exception):
        pass

    def shared() -> bool:
        raise EnoughError

    monkeypatch.setattr(memory, "share_one_heap", shared)
    monkeypatch.setattr(serve, "application", lambda door: pytest.fail("opened before its heap was shared"))
    with pytest.raises(EnoughError):
        serve.serve("127.0.0.1", 0)
