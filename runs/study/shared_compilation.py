"""The first compilation: all kernels at once, at the first need, in two processes where there are two cores.

All at once: a command that compiled what its own question meets would leave the rest to others, and each would have to announce
what it compiles, or announce what it does not.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator

from perpetuum.runs.study.compilation import compile_months, compile_rules_and_month_end, kept_as_it_comes, rules
from perpetuum.runs.study.executors import begin_work, cores, without_interrupts


def compile_all() -> None:
    """Compile what is missing, and keep it where something may be written."""
    with _second_half_elsewhere():
        compile_months()
    for rule in rules().values():  # those of agents and markets that the months above do not have
        rule.compile()


def shared() -> bool:
    """Whether a second process helps: there is a core for it, and what it compiles is found by the first."""
    return cores() > 1 and kept_as_it_comes()


@contextlib.contextmanager
def _second_half_elsewhere() -> Iterator[None]:
    """Meanwhile another process compiles the other half. What it fails to do is done here, where it is needed."""
    if not shared():
        yield
        return
    second = multiprocessing.get_context("spawn").Process(target=_second_half, daemon=True)
    with contextlib.suppress(OSError), without_interrupts():  # where no process can be started, all is done here
        second.start()
    try:
        yield
        if second.pid is not None:
            second.join()
    finally:
        if second.pid is not None:
            second.kill()
            second.join()


def _second_half() -> None:
    begin_work()
    with contextlib.suppress(Exception):  # what cannot be compiled fails where it is needed
        compile_rules_and_month_end()
