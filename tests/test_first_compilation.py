"""Processes of the tests share what is to be compiled: each part is done once, and nobody waits for one that fails."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from perpetuum.model.equations import Equation
from perpetuum.model.markets import clearing_kernels
from perpetuum.runs.study.compilation import compile_months, compile_rules_and_month_end, rules
from tests import first_compilation
from tests.first_compilation import PARTS, take_part


def test_every_part_is_done_by_one_process_and_all_wait_for_it(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(first_compilation, "PARTS", tuple(lambda part=part: done.append(part) for part in range(2)))
    with ThreadPoolExecutor(3) as processes:
        idle = processes.submit(take_part, 2, 3, tmp_path)
        first = processes.submit(take_part, 0, 3, tmp_path)
        with pytest.raises(TimeoutError):
            first.result(timeout=0.3)
        assert not idle.done()
        processes.submit(take_part, 1, 3, tmp_path).result(timeout=30)
        first.result(timeout=30)
        idle.result(timeout=30)
    assert done == [0, 1]


def test_a_part_that_fails_keeps_nobody_waiting(tmp_path, monkeypatch):
    def fails() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(first_compilation, "PARTS", (fails, fails))
    with ThreadPoolExecutor(2) as processes:
        for process in [processes.submit(take_part, number, 2, tmp_path) for number in range(2)]:
            process.result(timeout=30)


def test_parts_compile_what_they_say(monkeypatch):
    assert (compile_months, compile_rules_and_month_end) == PARTS
    compiled, compile_one = [], Equation.compile
    monkeypatch.setattr(Equation, "compile", lambda rule: compiled.append(rule) or compile_one(rule))
    compile_rules_and_month_end()
    assert compiled == list(rules().values())[::-1]
    assert any(getattr(one, "signatures", ()) for one in vars(clearing_kernels).values())
    compile_months()


def test_processes_of_the_tests_find_bytecode():
    assert not sys.dont_write_bytecode
    told = subprocess.run(
        [sys.executable, "-c", "import sys; print(sys.dont_write_bytecode, sys.pycache_prefix)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert told == ["False", os.environ.get("PYTHONPYCACHEPREFIX", "None")]
