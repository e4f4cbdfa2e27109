"""Studies on a Dask cluster: a real scheduler and worker processes on this machine, one of which is killed."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from perpetuum.model.scenario import InputError
from perpetuum.runs.questions.forked_worlds import Steered, run_all
from perpetuum.runs.questions.point_of_no_return import Loosening
from perpetuum.runs.questions.tipping import THETA
from perpetuum.runs.study import executors
from perpetuum.runs.study.batches import run_worlds
from perpetuum.runs.study.execute import run_study
from perpetuum.runs.study.executors import Cluster
from perpetuum.runs.study.folder import StudyFolder
from tests.small_study import ROOT, contents, small, wait_until

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
LOOPBACK = ("--host", "127.0.0.1")


def launch(what: str, *arguments: str) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", f"distributed.cli.{what}", *LOOPBACK, "--no-dashboard", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end(*programs: subprocess.Popen) -> None:
    for program in programs:
        program.kill()
        program.wait()


@pytest.fixture
def scheduler(tmp_path) -> Iterator[tuple[str, subprocess.Popen]]:
    """A scheduler of its own: its address and its process."""
    file = tmp_path / "scheduler.json"
    program = launch("dask_scheduler", "--port", "0", "--scheduler-file", str(file))
    try:
        wait_until(lambda: file.is_file() and file.read_text().endswith("}"), 30)
        yield json.loads(file.read_text())["address"], program
    finally:
        end(program)


def workers_of(address: str, number: int) -> list[subprocess.Popen]:
    arguments = ("--no-nanny", "--nthreads", "1", "--local-directory", os.environ.get("TMPDIR", "/tmp"))
    return [launch("dask_worker", address, *arguments) for _ in range(number)]


def test_a_worker_killed_in_mid_study_changes_no_byte_of_the_tables(tmp_path, scheduler):
    address, _ = scheduler
    programs = workers_of(address, 2)
    done_by_the_first = []

    def kill_one(done, total):
        done_by_the_first.append(done)
        if len(done_by_the_first) == 3:
            programs[0].send_signal(signal.SIGKILL)

    try:
        from distributed import Client

        with Client(address, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=30)
        run_study(small(), tmp_path / "cluster", scheduler=address, batch=1, progress=kill_one)
        assert programs[0].wait(10) == -signal.SIGKILL
        assert programs[1].poll() is None
    finally:
        end(*programs)
    run_study(small(), tmp_path / "here")
    assert contents(tmp_path / "cluster") == contents(tmp_path / "here")


def test_questions_of_single_worlds_and_of_steered_ones_are_answered_on_a_cluster_as_here(scheduler):
    address, _ = scheduler
    programs = workers_of(address, 1)
    overrides = {THETA: 1.0, "funding.start_month": 2}
    steered = Steered(
        "ono_2025", overrides, THETA, Loosening(np.array([3, 5])), np.array([1, 2]), 1, 12, ("vendor_revenue",)
    )
    try:
        from distributed import Client

        with Client(address, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=120)
        there = run_worlds(replicates=[3, 4], months=2, scheduler=address)
        steered_there = run_all(steered, scheduler=address)
    finally:
        end(*programs)
    assert there.equals(run_worlds(replicates=[3, 4], months=2))
    here = run_all(steered)
    assert here.state.tolist() == steered_there.state.tolist()
    assert np.array_equal(here.series["vendor_revenue"], steered_there.series["vendor_revenue"])


def test_a_scheduler_that_goes_away_is_told_in_a_sentence_and_what_is_done_is_kept(tmp_path, scheduler, monkeypatch):
    address, program = scheduler
    programs = workers_of(address, 1)
    try:
        with pytest.raises(InputError, match="went away: what is finished is kept") as error:
            run_study(small(), tmp_path / "study", scheduler=address, batch=2, progress=lambda *_: end(program))
    finally:
        end(*programs)
    assert "\n" not in str(error.value)
    assert not logging.getLogger("distributed.client").isEnabledFor(logging.ERROR)  # where Dask would print a traceback
    with StudyFolder(tmp_path / "study").open(small()) as folder:
        assert sum(last - first for first, last in folder.missing()) < 24
    run_study(small(), tmp_path / "study")
    run_study(small(), tmp_path / "here")
    assert contents(tmp_path / "study") == contents(tmp_path / "here")


def test_a_scheduler_that_does_not_answer_is_told_in_a_sentence_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(executors, "PATIENCE", 1)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        silent = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        for address in (silent, "tcp://127.0.0.1:9", "tcp://no.such.host.invalid:8786", "nonsense://nowhere", "here"):
            clock = time.monotonic()
            with pytest.raises(InputError, match=r"no scheduler answers at|is no address of a scheduler") as error:
                run_study(small(), tmp_path / "study", scheduler=address)
            assert "\n" not in str(error.value)
            assert time.monotonic() - clock < 10
    assert not (tmp_path / "study").exists()


def test_a_scheduler_without_workers_is_told_in_a_sentence(scheduler, monkeypatch):
    monkeypatch.setattr(executors, "PATIENCE", 1)
    with pytest.raises(InputError, match="has no workers"):
        Cluster(scheduler[0]).__enter__()


def test_a_worker_with_another_version_is_found_out(tmp_path, monkeypatch):
    from dataclasses import replace

    with pytest.raises(InputError, match="another version of the program"):
        run_study(replace(small(), code_hash="0123456789ab"), tmp_path / "study")


def test_without_dask_the_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="uv sync --extra cluster"):
        Cluster("tcp://127.0.0.1:8786").__enter__()


def test_the_program_does_not_load_dask_unless_asked():
    code = "import sys, perpetuum.runs.study.execute; print('distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(ROOT), capture_output=True, text=True).stdout == "False\n"
