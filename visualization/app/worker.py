"""A worker beside the server: one process, opened with its first work, opened anew after it was lost, gone with the server."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from typing import Any

from perpetuum.runs.study.executors import begin_work

#: In the process beside the server: set where nobody wants any more what it works at.
_unwanted: Any = None


class UnwantedError(Exception):
    """Work was given up, because nobody wants what comes of it."""


def go_on() -> None:
    """Called by work from time to time: raises UnwantedError where nobody wants what comes of it."""
    if _unwanted is not None and _unwanted.is_set():
        raise UnwantedError


class Process(ProcessPoolExecutor):
    """One process, for one work at a time, which can be told to give it up."""

    def __init__(self, niceness: int):
        context = multiprocessing.get_context("spawn")
        self._unwanted = context.Event()
        super().__init__(1, mp_context=context, initializer=_prepare, initargs=(niceness, self._unwanted))

    def submit[R](self, work: Callable[..., R], /, *inputs: Any, **named: Any) -> Future[R]:
        """Hand over work."""
        self._unwanted.clear()
        return super().submit(work, *inputs, **named)

    def give_up(self) -> None:
        """Let the process leave off what it works at."""
        self._unwanted.set()


def open_process(niceness: int = 5) -> Executor:
    """One process beside the server; the nicer, the more it gives way to others."""
    return Process(niceness)


def _prepare(niceness: int, unwanted: Any) -> None:
    """Make a process that gives way to the page and leaves with it."""
    global _unwanted
    _unwanted = unwanted
    begin_work()
    if hasattr(os, "nice"):
        os.nice(niceness)


def _of_no_session() -> contextlib.AbstractContextManager[None]:
    """Threads that are started here outlive sessions: Solara's would hold the one in which they were started for good."""
    server = sys.modules.get("solara.server.kernel_context")  # not in the process beside the server
    return server.without_context() if server is not None else contextlib.nullcontext()


class Worker:
    """Work for one process: `done(result, error)` is called when it is finished, not at all where it was cancelled."""

    def __init__(self, open_executor: Callable[[], Executor]):
        self.open_executor = open_executor
        self.executor: Executor | None = None

    def submit[R](
        self, done: Callable[[R | None, BaseException | None], None], work: Callable[..., R], *inputs: Any
    ) -> bool:
        """Hand over work; False where the process was lost while it was idle: the next work opens another."""
        try:
            with _of_no_session():
                self.executor = self.executor or self.open_executor()
                future: Future[R] = self.executor.submit(work, *inputs)
        except BrokenExecutor:
            self.executor = None
            return False
        future.add_done_callback(lambda ended: self._ended(ended, done))
        return True

    def give_up(self) -> None:
        """Leave off the work at hand; `done` is called with an UnwantedError, or with what came of it already."""
        if isinstance(self.executor, Process):
            self.executor.give_up()

    def _ended[R](self, future: Future[R], done: Callable[[R | None, BaseException | None], None]) -> None:
        if future.cancelled():
            done(None, None)
            return
        error = future.exception()
        if isinstance(error, BrokenExecutor):
            self.executor = None
        done(None if error else future.result(), error)

    def close(self) -> None:
        """Let the process go."""
        executor, self.executor = self.executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)
