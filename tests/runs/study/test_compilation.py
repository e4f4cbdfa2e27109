"""Compilation: announced where it will happen, once, and then of all that any preset needs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from perpetuum.model.equations import KERNELS
from perpetuum.runs.commands import cli
from perpetuum.runs.commands import options as shared
from perpetuum.runs.commands.sweep import world_progress
from perpetuum.runs.study import compilation, executors, shared_compilation


def test_compilation_is_announced_where_something_is_missing_and_then_all_is_compiled(monkeypatch, capsys):
    missing = [27]
    monkeypatch.setattr(compilation, "_here_alone", False)
    monkeypatch.setattr(compilation, "uncompiled", lambda: missing[-1])
    monkeypatch.setattr(shared_compilation, "compile_all", lambda: missing.append(0))
    monkeypatch.setattr(shared_compilation, "shared", lambda: False)
    assert shared.compile_first()
    assert missing == [27, 0]
    assert capsys.readouterr().err == "compiling the kernels, once: about 120 s, on a slow machine 240 s ...\n"
    assert shared.compile_first()
    assert missing == [27, 0]
    assert capsys.readouterr().err == ""


def test_two_processes_are_announced_to_need_about_half_as_long(monkeypatch, capsys):
    monkeypatch.setattr(compilation, "_here_alone", False)
    monkeypatch.setattr(compilation, "uncompiled", lambda: 27)
    monkeypatch.setattr(shared_compilation, "compile_all", lambda: None)
    monkeypatch.setattr(shared_compilation, "shared", lambda: True)
    shared.compile_first()
    assert capsys.readouterr().err == "compiling the kernels, once: about 65 s, on a slow machine 130 s ...\n"


def test_what_cannot_be_kept_is_not_told_to_be_there_for_other_processes(monkeypatch):
    monkeypatch.setattr(compilation, "_here_alone", False)
    monkeypatch.setattr(compilation, "uncompiled", lambda: 27)
    monkeypatch.setattr(shared_compilation, "compile_all", lambda: None)
    assert not shared.compile_first()
    assert compilation.here_alone()


#: What a process of its own would not find changed.
KEPT = ["nothing"]


def kept_there(_: int) -> tuple[str, int]:
    """What a worker finds, and which process it is."""
    return KEPT[-1], os.getpid()


def _workers() -> tuple[set[str], set[int]]:
    with executors.open_engine(2) as engine:
        found = [result for _, result in engine.run(kept_there, ((number, number) for number in range(6)))]
    return {kept for kept, _ in found}, {process for _, process in found}


@pytest.mark.skipif(sys.platform != "linux", reason="copies of a process are Linux's")
@pytest.mark.slow
def test_workers_are_copies_of_the_process_that_could_not_keep_what_it_compiled(monkeypatch):
    """As in `sweep`, `tip`, `sensitivity`, `autopsy` and `calibrate`, which open such an engine, some of them again and again."""
    monkeypatch.setattr(compilation, "_here_alone", True)
    monkeypatch.setattr(executors.threading, "active_count", lambda: 1 + _of_pools())
    monkeypatch.setitem(globals(), "KEPT", ["compiled here"])
    for _ in range(2):
        kept, processes = _workers()
        assert kept == {"compiled here"}
        assert os.getpid() not in processes
    monkeypatch.setattr(compilation, "_here_alone", False)
    assert _workers()[0] == {"nothing"}


def _of_pools() -> int:
    """Threads of pools that were not let go; the tests' own are nobody's matter here."""
    return sum(type(thread).__name__ == "_ExecutorManagerThread" for thread in threading.enumerate())


def test_where_it_cannot_be_copied_the_process_that_compiled_does_all_by_itself(monkeypatch):
    monkeypatch.setattr(compilation, "_here_alone", True)
    monkeypatch.setattr(executors, "start_method", lambda workers, from_here: "spawn")
    assert _workers()[1] == {os.getpid()}
    with executors.Processes(1) as second:
        assert second.begin(kept_there, 0)()[1] == os.getpid()


def test_a_bar_has_no_thread_that_would_keep_workers_from_being_copies(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    for alone in (True, False):
        monkeypatch.setattr(compilation, "_here_alone", alone)
        before = threading.active_count()
        for bar in (shared.progress("working"), world_progress(4, 2, 0), shared.status("working")):
            with bar as moved:
                assert (threading.active_count() == before) == alone
                if moved is not None:
                    moved(1, 2)


def _uncompiled(folder: Path, first: str = "") -> int:
    """How many modules a new process finds uncompiled where numba keeps what it compiles in a folder."""
    command = f"from perpetuum.runs.study.compilation import uncompiled; {first or 'None'}; print(uncompiled())"
    env = os.environ | {"NUMBA_CACHE_DIR": str(folder)}
    return int(subprocess.run([sys.executable, "-c", command], env=env, check=True, capture_output=True, text=True).stdout)


def test_every_module_of_kernels_is_missing_where_numba_has_no_copies(tmp_path):
    root = Path(cli.__file__).parents[2]
    sources = [file.read_text(encoding="utf-8") for part in ("model", "agents") for file in (root / part).rglob("*.py")]
    assert _uncompiled(tmp_path) == sum("\n@kernel\n" in text or "\n@loop\n" in text for text in sources) > 20


def test_a_module_of_which_one_kernel_is_missing_counts_as_missing(monkeypatch):
    """A compilation that was broken off half-way is told once more."""
    import perpetuum.model.economy  # noqa: F401 - with it all kernels are there

    kept = dict.fromkeys(KERNELS, True)
    monkeypatch.setattr(compilation, "_is_kept", kept.__getitem__)
    assert compilation.uncompiled() == 0
    one, other, *_ = (kernel for kernel in KERNELS if kernel.py_func.__module__ == "perpetuum.model.dye.dye_kernels")
    kept[one] = False
    assert compilation.uncompiled() == 1
    kept[other] = False
    assert compilation.uncompiled() == 1


@pytest.mark.slow
def test_once_all_is_compiled_nothing_is_announced_for_any_preset(tmp_path):
    assert _uncompiled(tmp_path, "from perpetuum.runs.study.shared_compilation import compile_all; compile_all()") == 0
    env = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    for preset in ("triangle", "ono_2025", "telecom_1999"):
        words = f"-m perpetuum.runs run {preset} --worlds 2 --months 2 --no-side-studies --no-figures --out {preset}"
        done = subprocess.run([sys.executable, *words.split()], env=env, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
