"""Where batches run: in this process, in processes of this machine, on a Dask cluster, on any executor.

An engine runs a function on many tasks and yields results as they come. Few tasks are under way at any time, so that memory
does not grow with the study; a worker that dies costs its tasks, which are run again.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from perpetuum.model.scenario import InputError

Task = tuple[Any, Any]  # a key, and the argument of the function
Range = tuple[int, int]  # from the first number up to, not including, the last

#: Worlds simulated at once, at most. A month of a batch takes 5 ms however few its worlds are: many save time (1 024 take
#: an eighth less than twice 512, and 0.6 GB instead of 0.45), few save memory.
TOGETHER = 1024
#: How often in a row workers may die with nothing finished in between, before the study stops.
DEATHS = 3
#: Tasks under way beside one a worker, so that nobody waits for the next.
SPARE = 2


class Engine(Protocol):
    """Something that runs tasks: `run(function, tasks)` yields (key, result) as they come, in any order."""

    workers: int

    def run(self, function: Callable[[Any], Any], tasks: Iterator[Task]) -> Iterator[tuple[Any, Any]]:
        """Run `function(argument)` for each task."""
        ...


def cut(ranges: Iterable[Range], workers: int = 1, size: int | None = None) -> Iterator[Range]:
    """Cut ranges of worlds into batches: of `size`, or of equal parts of at most `TOGETHER`, as many for each worker.

    In long work the last round is cut in halves, for workers that have fallen out of step.
    """
    if size is not None and (isinstance(size, bool) or size < 1):
        raise InputError(f"a batch holds at least one world, not {size}")
    ranges = list(ranges)
    left = sum(last - first for first, last in ranges)
    rounds = -(-left // (workers * TOGETHER))
    part = size or -(-left // max(1, workers * rounds))
    for first, last in ranges:
        while first < last:
            here = last - first
            late = size is None and workers > 1 and rounds > 2 and left <= workers * part
            step = min(here, size or _even(here, -(-part // 2) if late else part))
            yield first, first + step
            first, left = first + step, left - step


def _even(worlds: int, most: int) -> int:
    """Size of the parts when so many worlds are cut evenly into batches of at most so many."""
    return -(-worlds // -(-worlds // most))


@contextlib.contextmanager
def open_engine(
    workers: int = 1, *, scheduler: str | None = None, executor: concurrent.futures.Executor | None = None
) -> Iterator[Engine]:
    """Open what the batches run on, and close it afterwards (an executor that was given stays open)."""
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InputError(f"workers must be a whole number of at least 1, not {workers!r}")
    if executor is not None:
        yield Borrowed(executor, max(workers, 2))
    elif scheduler is not None:
        from perpetuum.runs.study.cluster import Cluster

        with Cluster(scheduler) as cluster:
            yield cluster
    elif workers == 1:
        yield InProcess()
    else:
        with Processes(workers) as processes:
            yield processes


class InProcess:
    """Runs one task after the other in this process."""

    workers = 1

    def run(self, function: Callable[[Any], Any], tasks: Iterator[Task]) -> Iterator[tuple[Any, Any]]:
        """Run `function(argument)` for each task."""
        for key, argument in tasks:
            yield key, function(argument)


class Borrowed:
    """Runs tasks on a `concurrent.futures` executor that somebody else looks after."""

    def __init__(self, executor: concurrent.futures.Executor, workers: int):
        self.executor = executor
        self.workers = workers

    def run(self, function: Callable[[Any], Any], tasks: Iterator[Task]) -> Iterator[tuple[Any, Any]]:
        """Run `function(argument)` for each task."""
        under_way: dict[concurrent.futures.Future[Any], Any] = {}
        try:
            for key, argument in tasks:
                under_way[self.executor.submit(function, argument)] = key
                while len(under_way) >= self.workers + SPARE:
                    yield from _finished(under_way)
            while under_way:
                yield from _finished(under_way)
        finally:
            for future in under_way:
                future.cancel()


def _finished(under_way: dict[concurrent.futures.Future[Any], Any]) -> Iterator[tuple[Any, Any]]:
    """Wait for the next futures to finish, and yield their results."""
    done, _ = concurrent.futures.wait(under_way, return_when=concurrent.futures.FIRST_COMPLETED)
    for future in done:
        key = under_way.pop(future)
        yield key, future.result()


class Processes:
    """Worker processes on this machine. If one dies, all are started anew and their tasks run again.

    Nobody can tell which task brought a worker down, so that all under way are suspects; a suspect for the second time
    runs alone. Where workers die three times in a row with nothing finished in between, the study stops with a sentence:
    what is finished is kept, and no result ever depends on an accident.
    """

    def __init__(self, workers: int):
        self.workers = workers
        self._pool: concurrent.futures.ProcessPoolExecutor | None = None
        self._environment: dict[str, str | None] = {}

    def __enter__(self) -> Processes:
        # Numerical libraries read these as they are loaded: one thread a worker.
        self._environment = {name: os.environ.get(name) for name in THREADS}
        os.environ.update(dict.fromkeys(THREADS, "1"))
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        for name, value in self._environment.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value

    def pids(self) -> list[int]:
        """Process ids of the workers."""
        return list(_processes_of(self._pool))

    def run(self, function: Callable[[Any], Any], tasks: Iterator[Task]) -> Iterator[tuple[Any, Any]]:
        """Run `function(argument)` for each task."""
        queue = _Queue(tasks)
        under_way: dict[concurrent.futures.Future[Any], Task] = {}
        fruitless = 0
        while True:
            try:
                while len(under_way) < self.workers + SPARE and (task := queue.next(under_way.values())) is not None:
                    under_way[self._submit(function, task, queue)] = task
                if not under_way:
                    return
                concurrent.futures.wait(under_way, return_when=concurrent.futures.FIRST_COMPLETED)
                broken = False
            except BrokenProcessPool:
                broken = True
            for future in [one for one in under_way if one.done()]:
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    broken = True
                elif error is not None:
                    raise error
                else:
                    fruitless = 0
                    yield under_way.pop(future)[0], future.result()
            if broken:
                self._close()
                queue.give_back(under_way.values())
                under_way.clear()
                fruitless += 1
                if fruitless >= DEATHS:
                    raise InputError(
                        f"workers died {DEATHS} times in a row with nothing finished in between (out of memory? a "
                        "script without `if __name__ == '__main__':`?): what is finished is kept, run the same again with "
                        "fewer workers"
                    )

    def _submit(self, function: Callable[[Any], Any], task: Task, queue: _Queue) -> concurrent.futures.Future[Any]:
        try:
            return self._open().submit(function, task[1])
        except BrokenProcessPool:
            queue.put_back(task)
            raise

    def _open(self) -> concurrent.futures.ProcessPoolExecutor:
        if self._pool is None:
            methods = multiprocessing.get_all_start_methods()
            context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
            if "forkserver" in methods:
                context.set_forkserver_preload(["perpetuum.runs.study.preload"])
            self._pool = concurrent.futures.ProcessPoolExecutor(self.workers, context, initializer=_begin_work)
        return self._pool

    def _close(self) -> None:
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        processes = list(_processes_of(pool).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


class _Queue:
    """Tasks in order; those that were under way when a worker died come again, suspects for the second time alone."""

    def __init__(self, tasks: Iterator[Task]):
        self._fresh = iter(tasks)
        self._again: list[Task] = []
        self._accidents: dict[Any, int] = {}

    def next(self, under_way: Iterable[Task]) -> Task | None:
        """Return the next task; None if there is none, or if it must wait for those under way."""
        company = [self._accidents.get(key, 0) for key, _ in under_way]
        if not self._again:
            return None if max(company, default=0) > 1 else next(self._fresh, None)
        alone = self._accidents.get(self._again[0][0], 0) > 1
        return None if company and (alone or max(company) > 1) else self._again.pop(0)

    def put_back(self, task: Task) -> None:
        """Take back a task that was not begun."""
        self._again.insert(0, task)

    def give_back(self, tasks: Iterable[Task]) -> None:
        """Take back tasks that were under way when a worker died."""
        for task in tasks:
            self._accidents[task[0]] = self._accidents.get(task[0], 0) + 1
            self._again.append(task)
        self._again.sort(key=lambda task: self._accidents.get(task[0], 0))


#: Environment variables by which numerical libraries are told how many threads to use.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def _processes_of(pool: concurrent.futures.ProcessPoolExecutor | None) -> dict[int, Any]:
    return dict(getattr(pool, "_processes", None) or {})


def _begin_work() -> None:
    """Prepare a worker: Ctrl-C is for the parent alone, and a worker whose parent is gone has nothing left to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: Any) -> None:
    parent.join()
    os._exit(1)
