"""Studies in processes: the same bytes whoever simulates them, killed or not; nothing is left behind."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import suppress

import pytest

from perpetuum.model.scenario import InputError
from perpetuum.runs.study import executors
from perpetuum.runs.study.execute import run_study
from perpetuum.runs.study.executors import InProcess, Processes
from tests.small_study import alive, children_of, contents, parts, small, start, wait_until


@pytest.mark.parametrize(
    ("workers", "batch"),
    [
        pytest.param(1, 3, marks=pytest.mark.slow),
        (1, 7),
        pytest.param(2, None, marks=pytest.mark.slow),
        pytest.param(2, 5, marks=pytest.mark.slow),
    ],
)
def test_tables_are_the_same_to_the_byte_for_any_workers_and_batches(tmp_path, whole, workers, batch):
    run_study(small(), tmp_path, workers=workers, batch=batch)
    assert contents(tmp_path) == contents(whole)


@pytest.mark.slow
def test_a_study_killed_at_any_moment_and_resumed_ends_the_same(tmp_path, whole):
    chance = random.Random(1)
    kills = 0
    for workers, batch in ((1, 1), (2, 2), (1, 5)):
        done = parts(tmp_path)
        program = start(tmp_path, workers, batch)
        while parts(tmp_path) < done + 2 and program.poll() is None:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.1)
        children = children_of(program.pid)
        program.send_signal(signal.SIGKILL)
        program.communicate()
        kills += program.returncode == -signal.SIGKILL
        assert workers == 1 or children
        wait_until(lambda children=children: not any(map(alive, children)))
    assert kills == 3
    assert 0 < parts(tmp_path) < 24
    run_study(small(), tmp_path, batch=9)
    assert contents(tmp_path) == contents(whole)


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing_but_time(tmp_path, whole, monkeypatch):
    pools: list[Processes] = []
    monkeypatch.setattr(executors.Processes, "__enter__", lambda self: pools.append(self) or self)
    killed = []

    def kill(done, total):
        for pid in list(pools[0].pool._processes or ()):
            if pid not in killed and len(killed) < 2:
                # One that fell with its pool is still listed for a moment.
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                    return

    run_study(small(), tmp_path, workers=2, batch=2, progress=kill)
    assert len(killed) == 2
    assert contents(tmp_path) == contents(whole)


def deadly(number: int) -> int:
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.slow
def test_a_task_that_always_kills_its_worker_stops_the_study_and_spares_the_others():
    results = []
    with Processes(2) as processes, pytest.raises(InputError, match="workers died 3 times in a row"):
        results.extend(processes.run(deadly, iter([(n, n) for n in range(8)])))
    with Processes(2) as processes:
        for result in _until_stopped(processes.run(deadly, iter([(n, n) for n in range(8)]))):
            results.append(result)
    assert all(key == value != 5 for key, value in results)
    assert {key for key, _ in results} >= set(range(5))


def _until_stopped(run):
    try:
        yield from run
    except InputError:
        return


@pytest.mark.slow
def test_ctrl_c_stops_the_workers_and_keeps_what_is_done(tmp_path):
    program = start(tmp_path, 2, 1)
    wait_until(lambda: parts(tmp_path) >= 2, 60)  # workers on a busy machine, kernels cold
    children = children_of(program.pid)
    os.killpg(program.pid, signal.SIGINT)  # as a terminal does: parent and workers
    _, said = program.communicate(timeout=20)
    assert "StudyStopped: stopped with" in said
    assert said.count("Traceback") == 1, said  # the parent's alone
    wait_until(lambda: not any(map(alive, children)))
    assert parts(tmp_path) >= 2


def test_tasks_are_drawn_as_they_are_needed_and_forgotten_when_done():
    drawn = []

    def tasks():
        for number in range(60):
            drawn.append(number)
            yield number, number

    with Processes(2) as processes:
        for done, _ in enumerate(processes.run(abs, tasks()), 1):
            assert len(drawn) - done <= 2 + executors.SPARE
    assert len(drawn) == 60


@pytest.mark.slow
def test_an_engine_leaves_no_processes_files_or_threads_behind(tmp_path):
    def left() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    def once(name: str) -> None:
        run_study(small(series=()), tmp_path / name, workers=2, batch=6)

    once("first")  # what stays for good, such as the server that workers are forked from
    before, children = left(), len(children_of(os.getpid()))
    once("second")
    wait_until(lambda: left() == before and len(children_of(os.getpid())) == children)


def test_linear_algebra_is_told_to_keep_to_one_thread_in_workers(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with Processes(2):
        assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    assert "OPENBLAS_NUM_THREADS" not in os.environ
    assert list(InProcess().run(abs, iter([(0, -1)]))) == [(0, 1)]
