"""Batches on an existing Dask cluster."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Iterator
from typing import Any

from perpetuum.model.scenario import InputError
from perpetuum.runs.study.executors import DEATHS, Borrowed, Task

#: Seconds that a scheduler has to answer, and to find a worker.
PATIENCE = 10


class Cluster:
    """A connection to a Dask scheduler; its workers need this program in the same version, and one thread each is best."""

    def __init__(self, scheduler: str):
        self.scheduler = scheduler
        self.workers = 1
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
        except ValueError as error:
            raise InputError(
                f"'{self.scheduler}' is no address of a scheduler: it must look like tcp://127.0.0.1:8786 ({_one_line(error)})"
            ) from None
        except (OSError, TypeError):
            raise InputError(
                f"no scheduler answers at '{self.scheduler}' within {PATIENCE} s: start one with `dask scheduler` and give "
                "the address that it prints"
            ) from None
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            self._client.close()
            raise InputError(
                f"the scheduler at '{self.scheduler}' has no workers: start some with `dask worker {self.scheduler}`"
            ) from None
        self.workers = max(1, sum(self._client.nthreads().values()))
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def run(self, function: Callable[[Any], Any], tasks: Iterator[Task]) -> Iterator[tuple[Any, Any]]:
        """Run `function(argument)` for each task; the scheduler itself runs again what was lost with a worker."""
        from distributed import CancelledError, KilledWorker

        # Not pure: nobody has to compute a key from the arguments.
        executor = self._client.get_executor(pure=False)
        try:
            yield from Borrowed(executor, self.workers).run(function, tasks)
        except KilledWorker:
            raise InputError(
                f"the same batch brought workers down more than {DEATHS} times (out of memory?): what is finished is kept"
            ) from None
        except (CancelledError, concurrent.futures.CancelledError, OSError):
            raise InputError(
                f"the scheduler at '{self.scheduler}' went away: what is finished is kept, run the same again to go on"
            ) from None


async def _call(scheduler: str) -> None:
    """Ask the scheduler who it is: a client would wait without end for a port that takes calls and never answers."""
    from distributed import Security, rpc

    async with asyncio.timeout(PATIENCE), rpc(scheduler, connection_args=Security().get_connection_args("client")) as call:
        await call.identity()


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
