"""Drafts: what a killed writer has left goes when the next one comes; nobody who lives loses anything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from perpetuum.model.errors import InputError
from perpetuum.runs.study import draft
from perpetuum.runs.study.draft import Draft
from perpetuum.runs.study.folder import Folder
from perpetuum.runs.study.locks import locked

WRITER = """
import sys, time
from pathlib import Path
from perpetuum.runs.study.folder import Folder
with Folder(Path(sys.argv[1])) as folder:
    (folder.path / "series.parquet").write_bytes(b"half of it")
    print("at work", flush=True)
    time.sleep(600)
"""
DATED = "ono_2025-20251129-212000"


def hidden(folder):
    return sorted(one.name for one in folder.iterdir() if one.name.startswith("."))


def left(folder, *names):
    """Drafts of writers that were killed."""
    for name in names:
        (folder / name).mkdir()
        (folder / name / "series.parquet").write_bytes(b"half")


def write(target, **keywords):
    with Folder(target, **keywords) as folder:
        folder.write_json("summary.json", {"whose": "ours"})


@pytest.mark.slow
def test_what_a_killed_run_has_left_goes_when_the_next_one_comes_and_not_before(tmp_path):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "there")], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout.readline() == "at work\n"
        (at_work,) = hidden(tmp_path)
        with pytest.raises(InputError, match="another program is at work on"):
            write(tmp_path / "there")
        write(tmp_path / "elsewhere")
        assert hidden(tmp_path) == [at_work]
        assert (tmp_path / at_work / "series.parquet").is_file()
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
    assert hidden(tmp_path) == [at_work]
    write(tmp_path / "there")
    assert hidden(tmp_path) == []
    assert (tmp_path / "there" / "summary.json").is_file()


def test_only_drafts_of_the_same_place_go(tmp_path):
    others = [".there-2.partial-abc", ".there.partial", ".there.partial-A B", "there.partial-abc", f".{DATED}.partial-x1_"]
    left(tmp_path, ".there.partial-abcd_123", ".there.partial-x", *others)
    (tmp_path / ".there.partial-file").touch()
    (tmp_path / "precious").mkdir()
    (tmp_path / ".there.partial-link").symlink_to(tmp_path / "precious")
    write(tmp_path / "there")
    stays = {*others, ".there.partial-file", ".there.partial-link", "precious", "there"}
    assert {one.name for one in tmp_path.iterdir()} == stays


def test_of_names_that_are_a_moment_those_of_other_moments_go_too(tmp_path):
    others = [".ono_2025-tip-20251129-212000.partial-abc", ".there.partial-abc"]
    left(tmp_path, f".{DATED}.partial-abc", ".ono_2025-20240101-000000-2.partial-abc", *others)
    with Draft_of(tmp_path / "ono_2025-20251128-000000") as living:
        write(tmp_path / "ono_2025-20251130-000000")
        assert hidden(tmp_path) == sorted([*others, living.name])


class Draft_of:  # noqa: N801 - reads as a sentence
    """A draft whose writer lives."""

    def __init__(self, target):
        self.draft = Draft(target)

    def __enter__(self):
        return self.draft.open()

    def __exit__(self, *_):
        self.draft.remove()


def test_a_writer_that_is_refused_leaves_nothing_and_takes_nothing(tmp_path):
    with Draft_of(tmp_path / "new" / "there") as living:
        (living / "series.parquet").touch()
        with pytest.raises(InputError, match="another program is at work"):
            write(tmp_path / "new" / "there")
        assert hidden(tmp_path / "new") == [living.name]
        assert (living / "series.parquet").is_file()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("when", ["before", "while", "after"])
def test_a_draft_that_is_swept_away_before_its_writer_has_it_is_made_again(tmp_path, monkeypatch, when):
    """Another writer comes between the making of the folder and its lock: it may be gone, in the other's hands, or both."""
    taken = []

    def late(path):
        if taken:
            return locked(path)
        taken.append(path)
        if when == "before":
            path.rmdir()
            return locked(path)
        if when == "while":
            other = locked(path)
            try:
                return locked(path)
            finally:
                path.rmdir()
                os.close(other)
        held = locked(path)
        path.rmdir()
        return held

    monkeypatch.setattr(draft, "locked", late)
    write(tmp_path / "there")
    assert len(taken) == 1
    assert hidden(tmp_path) == []
    assert (tmp_path / "there" / "summary.json").is_file()


def test_a_draft_is_held_until_it_has_become_the_folder(tmp_path, monkeypatch):
    """Another writer may come in the very moment in which all is written and nothing is in its place yet."""
    rename, seen = Path.rename, []

    def meanwhile(self, target):
        if Path(target).name == "there" and not seen:
            seen.append(self)
            with pytest.raises(InputError, match="another program is at work"):
                write(tmp_path / "there")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", meanwhile)
    write(tmp_path / "there")
    assert seen
    assert (tmp_path / "there" / "summary.json").is_file()


def test_without_locks_nobody_knows_who_lives_and_all_stays(tmp_path, monkeypatch):
    left(tmp_path, ".there.partial-abc")
    monkeypatch.setattr(draft, "locked", lambda _: None)
    write(tmp_path / "there")
    assert hidden(tmp_path) == [".there.partial-abc"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="here no process is forked")
def test_a_process_forked_from_a_writer_does_not_keep_its_folder(tmp_path):
    held = locked(tmp_path)
    assert held is not None
    asked, ask = os.pipe()
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(tell, b"x")
        os.read(asked, 1)  # lives on until it is told to end
        os._exit(0)
    try:
        os.read(told, 1)
        os.close(held)  # as a parent does that ends; the child lives
        taken = locked(tmp_path)
        assert taken is not None
        os.close(taken)
    finally:
        os.write(ask, b"x")
        os.waitpid(child, 0)
        for one in (asked, ask, told, tell):
            os.close(one)


def test_a_folder_on_another_disk_has_its_draft_within(tmp_path, monkeypatch):
    """What is mounted, and a link to another disk, which nothing can be moved to from beside."""
    disk = Path("/dev/shm")
    if not os.access(disk, os.W_OK) or disk.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other disk here")
    with tempfile.TemporaryDirectory(dir=disk) as other:
        (tmp_path / "there").symlink_to(other)
        left(Path(other), ".there.partial-abc")
        with Folder(tmp_path / "there") as folder:
            assert hidden(tmp_path) == []
            assert hidden(Path(other)) == [folder.path.name]
            with pytest.raises(InputError, match="another program is at work on"):
                write(tmp_path / "there")
            folder.write_json("summary.json", {"whose": "ours"})
        assert os.listdir(other) == ["summary.json"]
        write(tmp_path / "there", force=True)

        def write_while_others_do() -> None:
            with Folder(tmp_path / "there", force=False) as folder:
                folder.write_json("summary.json", {"whose": "ours"})
                Path(other, "letter.txt").write_text("dear")

        os.unlink(Path(other, "summary.json"))
        with pytest.raises(InputError, match=r"these results are in '.*/there/there-2'"):
            write_while_others_do()
        assert sorted(os.listdir(other)) == ["letter.txt", "there-2"]


def test_a_folder_in_one_that_may_not_be_written_has_its_draft_within(tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    monkeypatch.setattr(draft, "may_write", lambda folder: folder != tmp_path)
    with Folder(tmp_path / "there") as folder:
        assert (hidden(tmp_path), folder.path.parent) == ([], tmp_path / "there")
        folder.write_json("summary.json", {"whose": "ours"})
    assert os.listdir(tmp_path / "there") == ["summary.json"]


def test_a_draft_of_the_current_folder_goes_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    left(tmp_path, ".here.partial-abc")

    def write_while_others_do() -> None:
        with Folder(Path(".")) as folder:
            assert hidden(tmp_path) == [folder.path.name]
            with pytest.raises(InputError, match="another program is at work on"):
                write(tmp_path / "here")
            folder.write_json("summary.json", {"whose": "ours"})
            (tmp_path / "here" / "letter.txt").write_text("dear")

    with pytest.raises(InputError, match=r"'\.' was written to meanwhile: these results are in 'here-2'"):
        write_while_others_do()
    assert sorted(os.listdir(tmp_path / "here")) == ["here-2", "letter.txt"]
