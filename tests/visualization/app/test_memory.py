"""Memory that sessions have let go goes back to the machine, again and again; where a system cannot, it is free for the next."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
import threading
import weakref
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


@pytest.fixture(autouse=True)
def thresholds():
    """Python looks again when it did, after each test."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def looked_at_everything(monkeypatch, sessions: list[int]) -> list[bool]:
    """Whether everything was looked through, time by time, while so many sessions were open."""
    seen: list[bool] = []
    told, over, done = iter(sessions), threading.Event(), threading.Event()

    def count() -> int:
        seen.append(False)
        return next(told)

    def given_back() -> bool:
        if len(seen) == len(sessions):
            done.set()
            over.set()
        return True

    monkeypatch.setattr(memory, "give_back", given_back)
    monkeypatch.setattr(memory, "set_apart", lambda: seen.__setitem__(-1, True))
    monkeypatch.setattr(memory, "EVERY", 0.001)
    memory.keep_giving_back(done, count)
    assert over.wait(20)
    return seen


def test_everything_is_looked_through_while_nobody_is_there_alone(monkeypatch):
    assert looked_at_everything(monkeypatch, [60, 1, 0, 0, 2, 60]) == [False, False, True, True, False, False]


def test_everything_is_looked_through_once_in_a_while_and_not_of_python_s_own_accord_besides(monkeypatch):
    monkeypatch.setattr(memory, "EVERY", 60.0)
    looked: list[int] = []

    def look(phase: str, told: dict[str, int]) -> None:
        if phase == "start" and told["generation"] == 2:
            looked.append(told["generation"])

    def circles(count: int) -> list[list[object]]:
        found: list[list[object]] = []
        for _ in range(count):
            one: list[object] = []
            one.append(one)
            found.append(one)
        return found

    gc.freeze()  # what others have left is not part of this
    gc.collect()
    gc.set_threshold(50, 2, 2)
    gc.callbacks.append(look)
    done = threading.Event()
    try:
        kept = circles(1000)
        assert looked, "as Python does by itself"
        memory.keep_giving_back(done, lambda: 1)
        looked.clear()
        kept += circles(10_000)
        assert not looked
        assert len(kept) == 11_000
    finally:
        done.set()
        gc.callbacks.remove(look)
        gc.unfreeze()


def test_a_session_that_came_while_the_program_was_set_apart_is_let_go_when_nobody_is_there():
    session = Session(Start("triangle", months=3))
    left = weakref.ref(session.economy)
    try:
        memory.set_apart()
        session.rewind(0)
        gc.collect()
        assert left() is not None, "set apart with what was there"
        memory.set_apart()
        assert left() is None
    finally:
        gc.unfreeze()


def test_what_a_session_leaves_later_is_let_go_though_the_program_stays_set_apart():
    try:
        memory.set_apart()
        session = Session(Start("triangle", months=3))
        left = weakref.ref(session.economy)
        session.rewind(0)
        memory.give_back()
        assert left() is None
        assert gc.get_freeze_count() > len(gc.get_objects())
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
