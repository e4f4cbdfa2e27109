"""Side studies in a process of their own: the same answer, no new way to fail, and nothing left behind."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from perpetuum.model.books.ledger import OutgrownError
from perpetuum.model.scenario import InputError
from perpetuum.runs.commands import options
from perpetuum.runs.study import executors
from perpetuum.runs.study import side_studies as studied
from perpetuum.runs.study.executors import Processes
from perpetuum.runs.study.question import Question
from perpetuum.runs.study.side_studies import BesideTheRun, run_side_studies
from tests.small_study import ROOT, alive, children_of, wait_until


def asked(worlds: int = 2, months: int = 14) -> Question:
    return Question("ono_2025", {}, worlds, 1, months)


def where(_: object) -> int:
    return os.getpid()


def dies_elsewhere(here: int) -> str:
    """Bring down any process but one."""
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return "done here"


def refuses(what: str) -> None:
    raise InputError(what)


def has_no_memory_elsewhere(here: int) -> str:
    if os.getpid() != here:
        raise MemoryError
    return "done here"


# --- who does them --------------------------------------------------------------------------------------------


def test_without_a_process_of_their_own_they_are_run_when_they_are_asked_for(monkeypatch):
    seen = []
    monkeypatch.setattr(studied, "run_side_studies", lambda question, progress: seen.append(progress) or "found")
    others = BesideTheRun(asked(), None)
    assert (seen, others.under_way) == ([], False)
    assert others("progress") == "found"
    assert seen == ["progress"]


@pytest.mark.parametrize("error", [OSError(11, "no more processes"), ImportError("no semaphores"), NotImplementedError()])
def test_where_no_process_can_be_started_they_are_run_here(monkeypatch, error):
    def none(*_, **__):
        raise error

    monkeypatch.setattr(concurrent.futures, "ProcessPoolExecutor", none)
    with Processes(1) as process:
        assert not process.begin(where, None).under_way
        assert process.begin(where, None)() == os.getpid()


@pytest.mark.parametrize(
    ("cores", "worlds", "months", "worth"), [(1, 100, 120, False), (2, 100, 120, True), (2, 3, 12, False)]
)
def test_they_have_a_process_of_their_own_where_there_is_a_core_for_it_and_work(monkeypatch, cores, worlds, months, worth):
    monkeypatch.setattr(executors, "cores", lambda: cores)
    assert options.worth_a_process(asked(worlds, months)) is worth


@pytest.mark.parametrize(
    ("from_here", "workers", "threads", "platform", "known", "method"),
    [
        (True, 1, 1, "linux", "fork spawn forkserver", "fork"),
        (False, 1, 1, "linux", "fork spawn forkserver", "spawn"),
        (True, 1, 2, "linux", "fork spawn forkserver", "spawn"),
        (True, 1, 1, "darwin", "fork spawn forkserver", "spawn"),
        (True, 1, 1, "linux", "spawn", "spawn"),
        (False, 2, 1, "linux", "fork spawn forkserver", "forkserver"),
        (False, 2, 1, "win32", "spawn", "spawn"),
    ],
)
def test_a_process_is_copied_only_where_nothing_else_runs_in_it(
    monkeypatch, from_here, workers, threads, platform, known, method
):
    monkeypatch.setattr(executors.threading, "active_count", lambda: threads)
    monkeypatch.setattr(executors.sys, "platform", platform)
    monkeypatch.setattr(executors.multiprocessing, "get_all_start_methods", known.split)
    assert executors.start_method(workers, from_here) == method


COPIED = """
import os, signal, sys, warnings
from perpetuum.runs.study.executors import PRELOAD, Processes
warnings.simplefilter("error")

def what(_):
    return os.getpid(), marks, PRELOAD in sys.modules, signal.getsignal(signal.SIGTERM).name

marks = []
signal.signal(signal.SIGTERM, signal.default_int_handler)
with Processes(1, from_here=True) as second:
    marks.append("set later than imported")
    pid, *seen = second.begin(what, None)()
    assert pid != os.getpid()
    assert seen == [["set later than imported"], True, "SIG_DFL"], seen
try:
    os.kill(pid, 0)
except ProcessLookupError:
    print("gone")
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process is copied")
def test_a_copied_process_knows_what_its_parent_has_loaded_dies_of_its_own_and_leaves_nothing():
    done = subprocess.run([sys.executable, "-c", COPIED], cwd=ROOT, capture_output=True, text=True, timeout=400)
    assert (done.stdout, done.stderr) == ("gone\n", "")


# --- the answer, and what goes wrong ----------------------------------------------------------------------------


@pytest.mark.slow
def test_apart_they_find_the_same_to_the_bit():
    here = run_side_studies(asked())
    with Processes(1) as second:
        others = BesideTheRun(asked(), second)
        assert others.under_way
        there = others()
        assert not others.under_way
    for name, dates in here.demand.items():
        for field, values in vars(dates).items():
            assert np.array_equal(values, getattr(there.demand[name], field)), (name, field)
    for name in ("stop", "other_luck", "stop_life"):
        assert np.array_equal(getattr(here, name), getattr(there, name)), name
    assert here.squeezes is not None
    assert there.squeezes is not None
    assert np.array_equal(here.squeezes.life, there.squeezes.life)
    assert np.array_equal(here.squeezes.loose, there.squeezes.loose)


@pytest.mark.slow
def test_a_task_runs_in_another_process_and_here_again_where_that_dies_or_lacks_memory():
    for task, answer in ((dies_elsewhere, "done here"), (has_no_memory_elsewhere, "done here")):
        with Processes(1) as process:
            assert process.begin(task, os.getpid())() == answer
    with Processes(1) as process:
        there = process.begin(where, None)()
        assert there != os.getpid()
    wait_until(lambda: not alive(there))


@pytest.mark.slow
def test_an_error_of_theirs_is_told_as_it_is_here():
    with Processes(1) as process, pytest.raises(InputError, match=r"^one sentence, and no more$"):
        process.begin(refuses, "one sentence, and no more")()


RUN = """
import sys
from perpetuum.runs.study import side_studies
from perpetuum.runs.commands import cli, options
options.worth_a_process = lambda question: True
{more}
sys.exit(cli.main(["run", "--worlds", "{worlds}", "--months", "{months}", "--out", sys.argv[1], "--no-figures"]))
"""


@contextlib.contextmanager
def started(folder: Path, worlds: int, months: int, more: str = "") -> Iterator[subprocess.Popen]:
    """A run with its side studies in a process of their own; both are gone afterwards, however the test ends."""
    # Ctrl-C may have been ignored by whoever runs the tests in the background.
    text = RUN.format(worlds=worlds, months=months, more=more)
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    with subprocess.Popen(
        [sys.executable, "-c", heard + text, str(folder)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as program:  # fmt: skip
        try:
            yield program
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("early", [True, False])
def test_ctrl_c_ends_both_processes_with_a_sentence_and_leaves_nothing(tmp_path, early):
    with started(tmp_path / "there", 100, 120) as program:
        # The equations may have to be compiled first.
        wait_until(lambda: children_of(program.pid), 400)
        if not early:
            wait_until(lambda: max(map(seconds_of, children_of(program.pid)), default=0) > 4, 400)
        children = children_of(program.pid)
        os.killpg(program.pid, signal.SIGINT)  # as a terminal does: both processes
        out, said = program.communicate(timeout=60)
        assert (program.returncode, out) == (130, "")
        assert said.splitlines()[-1] == "perpetuum: stopped before the end: nothing was written"
        assert "Traceback" not in said
        wait_until(lambda: not any(map(alive, children)))
    assert list(tmp_path.iterdir()) == []


def seconds_of(pid: int) -> float:
    """Time that a process has used."""
    try:
        parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
def test_what_is_wrong_with_a_side_study_alone_is_one_sentence_and_leaves_nothing(tmp_path):
    more = "import tests.runs.study.test_side_studies_apart as here; side_studies.run_side_studies = here.outgrown"
    with started(tmp_path / "there", 2, 2, more) as program:
        out, said = program.communicate(timeout=400)
    assert (program.returncode, out) == (2, "")
    assert "perpetuum: too many dollars: parameters that compound like this" in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def outgrown(question: Question, progress: object = None) -> None:
    raise OutgrownError("too many dollars")
