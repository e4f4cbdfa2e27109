"""How and where a program was run: the commit is that of its own checkout, and of no repository that it is installed in."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from perpetuum.runs.study import manifest


@pytest.fixture
def repository(tmp_path):
    """Somebody's repository with one commit: its folder and the commit."""
    if not shutil.which("git"):
        pytest.skip("no git")

    def git(*words):
        who = ("-c", "user.name=x", "-c", "user.email=x@x")
        return subprocess.run(("git", "-C", str(tmp_path), *who, *words), check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    (tmp_path / "mine.txt").write_text("mine")
    git("add", "-A")
    git("commit", "-q", "-m", "mine")
    return tmp_path, git("rev-parse", "HEAD").strip()


@pytest.mark.parametrize(("within", "ours"), [("", True), ("venv/lib/site-packages/perpetuum", False), ("src", False)])
def test_the_commit_is_that_of_the_checkout_the_program_runs_from(repository, monkeypatch, within, ours):
    folder, commit = repository
    file = folder / within / "runs" / "study" / "manifest.py"
    file.parent.mkdir(parents=True)
    monkeypatch.setattr(manifest, "__file__", str(file))
    manifest._git_state.cache_clear()
    try:
        assert manifest._git_state() == ({"commit": commit, "changed": False} if ours else None)
    finally:
        manifest._git_state.cache_clear()
