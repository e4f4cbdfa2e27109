"""Executors: where batches run. In this process, in processes of this machine, on a Dask cluster, on any other executor.

An engine runs a function on many tasks through a `concurrent.futures` executor and yields results as they come. Few tasks are
under way at any time, so that memory does not grow with the study; a worker that dies costs its tasks, which are run again.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import importlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from typing import Any

from perpetuum.model.given import as_given, is_whole
from perpetuum.model.scenario import InputError
from perpetuum.runs.study.compilation import here_alone
from perpetuum.runs.study.scheduler import no_address

Task = tuple[Any, Any]  # a key, and the argument of the function
Range = tuple[int, int]  # from the first number up to, not including, the last

#: Worlds simulated at once, at most. A month of a batch takes 5 ms however few its worlds are: many save time (1 016 take
#: an eighth less than twice 512, and 0.6 GB instead of 0.45), few save memory.
TOGETHER = 1016
#: Worlds that may be asked for in one batch: its table is written, and kept, when all of them are done.
MOST_TOGETHER = 20_000
#: How often in a row workers may die with nothing finished in between, before the study stops.
DEATHS = 3
#: Tasks under way beside one a worker, so that nobody waits for the next.
SPARE = 2
#: Processes that any machine may be asked for, and that each core may.
MOST_WORKERS, PROCESSES_A_CORE = 16, 4
#: Seconds that a scheduler has to answer, and to find a worker.
PATIENCE = 10
#: What loads the model, once for all workers that are forked afterwards.
PRELOAD = "perpetuum.runs.study.preload"
#: Environment variables by which numerical libraries are told how many threads to use.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def cut(ranges: Iterable[Range], workers: int = 1, size: int | None = None) -> Iterator[Range]:
    """Cut ranges of worlds into batches: of `size`, or of equal parts of at most `TOGETHER`, as many for each worker.

    In long work the last round is cut in halves, for workers that have fallen out of step.
    """
    if size is not None and (not is_whole(size) or not 1 <= size <= MOST_TOGETHER):
        raise InputError(f"a batch holds a whole number of worlds from 1 to {MOST_TOGETHER:,}, not {as_given(size)}")
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
def open_engine(workers: int = 1, *, scheduler: str | None = None, executor: Executor | None = None) -> Iterator[Engine]:
    """Open what the batches run on, and close it afterwards (an executor that was given stays open)."""
    if not is_whole(workers) or not 1 <= workers <= most_workers():
        raise InputError(
            f"workers must be a whole number from 1 to {most_workers()} on this machine, which has {cores()} cores, not "
            f"{as_given(workers)}"
        )
    if not isinstance(scheduler, str | None):
        raise InputError(f"a scheduler is told by its address, such as tcp://127.0.0.1:8786, not by {as_given(scheduler)}")
    if executor is not None:
        yield Engine(lambda: executor, max(workers, 2))
        return
    here = workers == 1 or not others_would_help()
    with Cluster(scheduler) if scheduler is not None else InProcess() if here else Processes(workers) as engine:
        yield engine


def others_would_help() -> bool:
    """Whether other processes have what is compiled: each on its own would compile it anew, for minutes of a processor."""
    return not here_alone() or start_method(1, from_here=True) == "fork"


def cores() -> int:
    """Cores of the machine that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def most_workers() -> int:
    """Processes that this machine may be asked for: more would fill its memory and gain nothing."""
    return max(MOST_WORKERS, PROCESSES_A_CORE * cores())


class Engine:
    """Runs tasks on an executor. If a worker dies, the executor is opened anew and the tasks under way run again.

    Nobody can tell which task brought a worker down, so that all under way are suspects; a suspect for the second time
    runs alone. Where workers die three times in a row with nothing finished in between, the study stops with a sentence:
    what is finished is kept, and no result ever depends on an accident.
    """

    def __init__(self, open_executor: Callable[[], Executor], workers: int, spare: int = SPARE):
        self.open_executor = open_executor
        self.workers = workers
        self.spare = spare

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the executor, if it is ours."""

    def run(self, function: Callable[[Any], Any], tasks: Iterable[Task]) -> Iterator[tuple[Any, Any]]:
        """Run `function(argument)` for each task (key, argument); yields (key, result) as they come, in any order."""
        fresh, again = iter(tasks), list[Task]()
        under_way: dict[Future[Any], Task] = {}
        accidents: Counter[Any] = Counter()
        fruitless = 0
        try:
            while True:
                broken = False
                while not broken and len(under_way) < self._room([*under_way.values(), *again[:1]], accidents):
                    if (task := again.pop(0) if again else next(fresh, None)) is None:
                        break
                    try:
                        under_way[self.open_executor().submit(function, task[1])] = task
                    except BrokenExecutor:
                        again.insert(0, task)  # it was not begun
                        broken = True
                if under_way:
                    concurrent.futures.wait(under_way, return_when=concurrent.futures.FIRST_COMPLETED)
                elif not broken:
                    return
                for future in [one for one in under_way if one.done()]:
                    if isinstance(future.exception(), BrokenExecutor):
                        broken = True
                        continue
                    key, result = under_way.pop(future)[0], future.result()
                    fruitless = 0
                    yield key, result
                if broken:
                    self.close()
                    accidents.update(key for key, _ in under_way.values())
                    again = sorted([*again, *under_way.values()], key=lambda task: accidents[task[0]])
                    under_way.clear()
                    fruitless += 1
                    if fruitless >= DEATHS:
                        raise InputError(
                            f"workers died {DEATHS} times in a row with nothing finished in between (out of memory? a script "
                            "without `if __name__ == '__main__':`?): what is finished is kept, run the same again with fewer "
                            "workers"
                        )
        finally:
            for future in under_way:
                future.cancel()

    def _room(self, tasks: Iterable[Task], accidents: Counter[Any]) -> int:
        """How many tasks may be under way: one, where one of these is a suspect for the second time."""
        return 1 if any(accidents[key] > 1 for key, _ in tasks) else self.workers + self.spare


class InProcess(Engine):
    """Runs one task after the other in this process."""

    def __init__(self) -> None:
        super().__init__(_AtOnce, 1, spare=0)


class _AtOnce(Executor):
    """Does what it is given at once."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args, **kwargs))
        return future


class Processes(Engine):
    """Worker processes on this machine, forked from one that has loaded the model: they share its memory.

    `from_here`: that one is this process, which needs the model itself.
    """

    def __init__(self, workers: int, from_here: bool = False):
        super().__init__(self._open, workers)
        self.from_here = from_here
        self.pool: concurrent.futures.ProcessPoolExecutor | None = None
        self._environment: dict[str, str | None] = {}

    def __enter__(self) -> Processes:
        # Numerical libraries read these as they are loaded: one thread a worker.
        self._environment = {name: os.environ.get(name) for name in THREADS}
        os.environ.update(dict.fromkeys(THREADS, "1"))
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        for name, value in self._environment.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value

    def _open(self) -> Executor:
        if self.pool is None:
            method = start_method(self.workers, self.from_here or here_alone())
            context = multiprocessing.get_context(method)
            if method == "fork":
                importlib.import_module(PRELOAD)
            elif method == "forkserver":
                context.set_forkserver_preload([PRELOAD])
            self.pool = concurrent.futures.ProcessPoolExecutor(self.workers, context, initializer=begin_work)
        return self.pool

    def begin(self, function: Callable[[Any], Any], argument: Any) -> Begun:
        """Begin `function(argument)`; what is returned, when called, waits for its result."""
        if self.pool is None and not others_would_help():
            return Begun(function, argument, None)
        try:
            pool = self._open()
            with without_interrupts(), warnings.catch_warnings():
                # Libraries keep threads of their own; those know what a fork is (see `start_method`).
                warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
                return Begun(function, argument, pool.submit(function, argument))
        except (BrokenExecutor, OSError, ImportError, NotImplementedError):
            return Begun(function, argument, None)

    def close(self) -> None:
        """End the workers, whatever they are at."""
        if self.pool is None:
            return
        pool, self.pool = self.pool, None
        processes = list((getattr(pool, "_processes", None) or {}).values())
        manager = getattr(pool, "_executor_manager_thread", None)
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        for process in processes:
            process.join()
        if manager is not None and here_alone():
            manager.join(timeout=PATIENCE)  # the next workers are copies of a process that has no other thread


def start_method(workers: int, from_here: bool) -> str:
    """How worker processes begin.

    fork        copies of this process, where it has no other thread of Python's that might hold a lock just then; threads of
                libraries (allocators, linear algebra) see to themselves. Linux alone: elsewhere system libraries forbid it
    forkserver  copies of a process that does nothing else
    spawn       from nothing: where there is no other way, and for a worker alone, which would share with nobody
    """
    known = multiprocessing.get_all_start_methods()
    if from_here and sys.platform == "linux" and "fork" in known and threading.active_count() == 1:
        return "fork"
    return "forkserver" if workers > 1 and "forkserver" in known else "spawn"


@dataclass(frozen=True)
class Begun:
    """Something that another process has begun. Called, it waits for the result.

    Where no process could be started, or it died or had too little memory, the function is run here instead, then.
    """

    function: Callable[[Any], Any]
    argument: Any
    future: Future[Any] | None

    def __call__(self) -> Any:
        """Return the result."""
        try:
            return self.function(self.argument) if self.future is None else self.future.result()
        except (BrokenExecutor, MemoryError):
            return self.function(self.argument)

    @property
    def under_way(self) -> bool:
        """Whether the other process is still at it."""
        return self.future is not None and not self.future.done()


@contextlib.contextmanager
def without_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait; a process that is started meanwhile never sees it, not even before it has begun its work."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin_work() -> None:
    """Prepare a worker: Ctrl-C is for the parent alone, and a worker whose parent is gone has nothing left to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a fork has its parent's
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


class Cluster(Engine):
    """A connection to a Dask scheduler; its workers need this program in the same version, and one thread each is best."""

    def __init__(self, scheduler: str):
        # Not pure: nobody has to compute a key from the arguments.
        super().__init__(lambda: self._client.get_executor(pure=False), 1)
        self.scheduler = scheduler
        self._client: Any = None

    def __enter__(self) -> Cluster:
        try:
            from distributed import Client
        except ImportError:
            raise InputError(
                "a Dask cluster needs the package dask[distributed]: install it with `uv sync --extra cluster` or "
                "`pip install 'perpetuum[cluster]'`"
            ) from None
        try:
            # In a thread of its own, for a notebook has an event loop already.
            with concurrent.futures.ThreadPoolExecutor(1) as thread:
                thread.submit(asyncio.run, _call(self.scheduler)).result()
            self._client = Client(self.scheduler, timeout=PATIENCE, set_as_default=False)
            _keep_from_logging()
        except ValueError:
            raise no_address(self.scheduler) from None
        except (OSError, TypeError):
            raise InputError(
                f"no scheduler answers at '{self.scheduler}' within {PATIENCE} s: start one with `dask scheduler` and give "
                "the address that it prints"
            ) from None
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            self.close()
            raise InputError(
                f"the scheduler at '{self.scheduler}' has no workers: start some with `dask worker {self.scheduler}`"
            ) from None
        self.workers = max(1, sum(self._client.nthreads().values()))
        return self

    def close(self) -> None:
        """Hang up; the cluster stays."""
        self._client.close()

    def run(self, function: Callable[[Any], Any], tasks: Iterable[Task]) -> Iterator[tuple[Any, Any]]:
        """Run `function(argument)` for each task; the scheduler itself runs again what was lost with a worker."""
        from distributed import CancelledError, KilledWorker

        try:
            yield from super().run(function, tasks)
        except KilledWorker:
            raise InputError(
                f"the same batch brought workers down more than {DEATHS} times (out of memory?): what is finished is kept"
            ) from None
        except (CancelledError, concurrent.futures.CancelledError, OSError):
            raise InputError(
                f"the scheduler at '{self.scheduler}' went away: what is finished is kept, run the same again to go on"
            ) from None


def _keep_from_logging() -> None:
    """Dask logs a lost scheduler as a traceback of its own; here it is told in a sentence."""
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL)


async def _call(scheduler: str) -> None:
    """Ask the scheduler who it is: a client would wait without end for a port that takes calls and never answers."""
    from distributed import Security, rpc

    async with asyncio.timeout(PATIENCE), rpc(scheduler, connection_args=Security().get_connection_args("client")) as call:
        await call.identity()
