"""The first compilation is shared by two processes where that helps, and done by one where it does not."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys

import pytest

from perpetuum.model import equations
from perpetuum.runs.study import compilation, shared_compilation


class Second:
    """A process that notes what is done with it."""

    def __init__(self, done: list[str], starts: bool):
        self.done, self.starts, self.pid = done, starts, None

    def Process(self, target, daemon):  # noqa: N802 - as in multiprocessing
        self.done.append(f"made for {target.__name__}, ends with its parent: {daemon}")
        return self

    def start(self) -> None:
        if not self.starts:
            raise OSError("no more processes")
        self.pid = 1
        self.done.append("started")

    def join(self) -> None:
        self.done.append("waited for")

    def kill(self) -> None:
        self.done.append("ended")


@pytest.fixture
def compiled(monkeypatch):
    """What is done, in order; rules are noted once."""
    done: list[str] = []

    class Rule:
        def compile(self) -> None:
            done.append("rules")

    monkeypatch.setattr(shared_compilation, "compile_months", lambda: done.append("months"))
    monkeypatch.setattr(shared_compilation, "rules", lambda: {"one": Rule()})
    return done


def starting(monkeypatch, done: list[str], starts: bool = True) -> None:
    monkeypatch.setattr(shared_compilation, "shared", lambda: True)
    monkeypatch.setattr(multiprocessing, "get_context", lambda method: Second(done, starts))


MADE = "made for _second_half, ends with its parent: True"


def test_a_second_process_does_half_of_it_meanwhile_and_is_waited_for(monkeypatch, compiled):
    starting(monkeypatch, compiled)
    shared_compilation.compile_all()
    assert compiled == [MADE, "started", "months", "waited for", "ended", "waited for", "rules"]


def test_where_no_process_can_be_started_one_does_all(monkeypatch, compiled):
    starting(monkeypatch, compiled, starts=False)
    shared_compilation.compile_all()
    assert compiled == [MADE, "months", "rules"]


def test_a_compilation_that_is_broken_off_ends_the_second_process(monkeypatch, compiled):
    starting(monkeypatch, compiled)

    def broken() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shared_compilation, "compile_months", broken)
    with pytest.raises(KeyboardInterrupt):
        shared_compilation.compile_all()
    assert compiled == [MADE, "started", "ended", "waited for"]


def test_one_process_does_all_where_there_is_one_core_or_nothing_can_be_kept(monkeypatch, compiled):
    monkeypatch.setattr(multiprocessing, "get_context", lambda method: Second(compiled, starts=True))
    for cores, kept in ((1, True), (2, False)):
        monkeypatch.setattr(shared_compilation, "cores", lambda cores=cores: cores)
        monkeypatch.setattr(shared_compilation, "kept_as_it_comes", lambda kept=kept: kept)
        shared_compilation.compile_all()
    assert compiled == ["months", "rules"] * 2
    monkeypatch.setattr(shared_compilation, "cores", lambda: 2)
    monkeypatch.setattr(shared_compilation, "kept_as_it_comes", lambda: True)
    assert shared_compilation.shared()


def test_what_is_compiled_is_kept_as_it_comes_unless_a_kernel_has_no_folder(monkeypatch):
    assert compilation.kept_as_it_comes()
    alone = type("InMemory", (), {"_cache": None})()
    monkeypatch.setattr(equations, "KERNELS", [*equations.KERNELS, alone])
    assert not compilation.kept_as_it_comes()


def test_what_the_second_process_cannot_compile_is_not_told(monkeypatch):
    def fails() -> None:
        raise MemoryError

    monkeypatch.setattr(shared_compilation, "begin_work", lambda: None)
    monkeypatch.setattr(shared_compilation, "compile_rules_and_month_end", fails)
    shared_compilation._second_half()


@pytest.mark.slow
def test_the_second_process_begins_work_and_ends_by_itself():
    """Rules compiled, the market opened: with everything kept already it takes seconds."""
    command = "from perpetuum.runs.study.shared_compilation import _second_half; _second_half()"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
