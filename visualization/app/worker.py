"""A worker beside the server: one process, opened with its first work, opened anew after it was lost, gone with the server."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any


def open_process(niceness: int = 5) -> Executor:
    """One process beside the server; the nicer, the more it gives way to others."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare, initargs=(niceness,)
    )


def _prepare(niceness: int) -> None:
    """Make a process that gives way to the page and leaves with it."""
    import multiprocessing
    import signal

    def leave_with(parent: Any) -> None:
        parent.join()
        os._exit(0)

    # A Ctrl-C reaches all processes of a terminal; the server ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(niceness)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=leave_with, args=(parent,), daemon=True).start()


class Worker:
    """Work for one process: `done(result, error)` is called when it is finished, not at all where it was cancelled."""

    def __init__(self, open_executor: Callable[[], Executor]):
        self.open_executor = open_executor
        self.executor: Executor | None = None

    def submit[R](
        self, done: Callable[[R | None, BaseException | None], None], work: Callable[..., R], *inputs: Any
    ) -> bool:
        """Hand over work; False where the process was lost while it was idle: the next work opens another."""
        self.executor = self.executor or self.open_executor()
        try:
            future: Future[R] = self.executor.submit(work, *inputs)
        except BrokenExecutor:
            self.executor = None
            return False
        future.add_done_callback(lambda ended: self._ended(ended, done))
        return True

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
