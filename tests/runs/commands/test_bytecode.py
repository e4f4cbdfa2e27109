"""Bytecode of a process that keeps none is kept with the compiled kernels, and not where the user chose otherwise."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from perpetuum.model import places
from perpetuum.runs.commands.bytecode import keep_bytecode


@pytest.fixture
def told_to_keep_none(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)


def test_it_is_kept_beside_the_kernels_for_this_process_and_those_that_it_starts(told_to_keep_none, tmp_path):
    (tmp_path / "__pycache__").mkdir()
    keep_bytecode(tmp_path / "source.py")
    assert (sys.dont_write_bytecode, sys.pycache_prefix) == (False, str(tmp_path / "__pycache__" / "bytecode"))
    assert os.environ["PYTHONPYCACHEPREFIX"] == sys.pycache_prefix
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ


def test_the_folder_of_kernels_that_a_user_chose_is_taken(told_to_keep_none, monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "not there yet"))
    keep_bytecode()
    assert sys.pycache_prefix == str(tmp_path / "not there yet" / "bytecode")


@pytest.fixture
def of_somebody_else(told_to_keep_none, monkeypatch, tmp_path):
    """A source in a folder that may not be written."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE")
    monkeypatch.setattr(os, "access", lambda place, how: "theirs" not in str(place))
    monkeypatch.setattr(places.tempfile, "gettempdir", lambda: str(tmp_path))
    source = tmp_path / "theirs" / "source.py"
    source.parent.mkdir()
    return source


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no numbers of users here")
def test_it_is_kept_among_temporary_files_where_packages_have_none_and_are_somebody_elses(of_somebody_else, tmp_path):
    keep_bytecode(of_somebody_else)
    assert sys.pycache_prefix == str(tmp_path / f"perpetuum-{os.getuid()}" / "bytecode")
    assert os.environ["PYTHONPYCACHEPREFIX"] == sys.pycache_prefix


def test_bytecode_that_came_with_somebody_elses_packages_is_read(of_somebody_else):
    kept = Path(importlib.util.cache_from_source(str(of_somebody_else)))
    kept.parent.mkdir()
    kept.write_bytes(b"")
    keep_bytecode(of_somebody_else)
    assert sys.pycache_prefix is None


def test_nothing_changes_where_a_user_chose_a_folder_or_none_may_be_written(told_to_keep_none, monkeypatch, tmp_path):
    monkeypatch.setattr(os, "access", lambda *asked: False)
    monkeypatch.setattr(places.tempfile, "gettempdir", lambda: str(tmp_path / "none"))
    keep_bytecode()
    assert (sys.dont_write_bytecode, sys.pycache_prefix) == (True, None)
    monkeypatch.undo()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    keep_bytecode()
    assert (sys.dont_write_bytecode, sys.pycache_prefix) == (True, str(tmp_path))


def test_nothing_changes_where_python_keeps_bytecode_anyway(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    keep_bytecode()
    assert sys.pycache_prefix is None


@pytest.mark.slow
def test_a_command_leaves_bytecode_of_what_it_loads_there(tmp_path):
    ours = {"PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    others = {name: value for name, value in os.environ.items() if name != "PYTHONPYCACHEPREFIX"}
    subprocess.run([sys.executable, "-m", "perpetuum.runs", "scenarios"], env=others | ours, check=True, capture_output=True)
    assert "presets" in {path.name.split(".")[0] for path in (tmp_path / "bytecode").rglob("*.pyc")}
