"""Files where folders belong, links that lead nowhere, pipes, names too long, little memory: a sentence, nothing left."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from perpetuum.model.errors import InputError
from perpetuum.runs.commands import cli, surroundings
from perpetuum.runs.study import folder as folders
from perpetuum.runs.study.description import make_study
from perpetuum.runs.study.folder import Folder, StudyFolder
from tests.study_folders import DEMAND, THETA, write_study

LONG = "x" * 300
#: Commands that write a folder, and what they are asked beside it.
WRITERS = {
    "run": "triangle --worlds 2 --months 2 --no-figures --no-side-studies",
    "sweep": "triangle --vary demand.strength=0.5,1 --replicates 2 --months 2",
    "tip": "triangle --worlds 2 --months 2",
    "autopsy": "triangle --worlds 2 --months 2",
    "plot": "study",
}
#: Where they cannot write, and what is said of it.
PLACES = {
    "pipe": "--out: cannot write to 'pipe': it is a file, not a folder",
    "a_file/below": "--out: cannot write to 'a_file/below': 'a_file' is a file, not a folder",
    "loop": "--out: cannot write to 'loop': it is a link that leads nowhere, not a folder",
    "loop/below/it": "--out: cannot write to 'loop/below/it': 'loop' is a link that leads nowhere, not a folder",
    "/dev/full": "--out: cannot write to '/dev/full': it is a file, not a folder",
    LONG: f"invalid value for '--out': '{'x' * 60}...' cannot be looked up: file name too long",
}


def furnish(here: Path) -> None:
    os.mkfifo(here / "pipe")
    (here / "a_file").write_text("mine")
    (here / "loop").symlink_to("pool")
    (here / "pool").symlink_to("loop")
    write_study(here / "study", (DEMAND, THETA))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place[:20])
@pytest.mark.parametrize("command", WRITERS)
def test_a_place_that_is_no_folder_is_refused_by_name_before_anything_is_simulated(perpetuum, tmp_path, command, place):
    furnish(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    code, out, err = perpetuum(command, *WRITERS[command].split(), "--out", place)
    assert (code, out) == (2, "")
    assert err.partition(" (see `")[0].removesuffix("\n") == f"perpetuum: {PLACES[place]}"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (f"report study --out {LONG}", "--out"),
        (f"sweep --study {LONG} --out there", "--study"),
        (f"app --study {LONG} --world 1", "--study"),
        (f"compare {LONG} study", "A"),
    ],
    ids=["report", "sweep", "app", "compare"],
)
def test_a_name_that_is_too_long_is_told_short_and_with_its_option(perpetuum, tmp_path, words, option):
    furnish(tmp_path)
    code, out, err = perpetuum(*words.split())
    assert (code, out) == (2, "")
    told = f"perpetuum: invalid value for '{option}': '{'x' * 60}...' cannot be looked up: file name too long"
    assert err == f"{told} (see `perpetuum {words.partition(' ')[0]} --help`)\n"


def test_a_way_through_a_folder_that_is_yet_to_be_made_leads_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Folder(Path("new/../there")) as folder:
        folder.write_json("summary.json", {})
    assert (tmp_path / "there" / "summary.json").is_file()


def test_a_study_that_cannot_be_begun_leaves_no_folder_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders, "write_json", full)
    study = make_study("triangle", {DEMAND: [0.5, 1.0]}, replicates=1, months=2)
    (tmp_path / "mine").mkdir()
    for place, left in (("a/b/study", set()), ("mine/study", set()), ("mine", set())):
        with StudyFolder(tmp_path / place) as target, pytest.raises(InputError, match=r"no space left on device$"):
            target.open(study)
        assert {one.name for one in tmp_path.rglob("*")} == {"mine"} | left


@pytest.mark.parametrize(
    ("megabytes", "words", "needed"),
    [
        (100, "scenarios", "250 MB"),
        (100, "--help", "250 MB"),
        (750, "run", "1,100 MB"),
        (500, "plot study", "1,100 MB"),
        (750, "scenarios triangle", ""),
        (750, "run --help", ""),
        (1127, "compare a b", ""),
        (None, "run", ""),
    ],
)
def test_a_shell_that_leaves_too_little_memory_is_told_before_libraries_end_the_program(
    monkeypatch, megabytes, words, needed
):
    limit = resource.RLIM_INFINITY if megabytes is None else megabytes * 1_000_000
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, resource.RLIM_INFINITY))
    told = surroundings.little_memory(words.split())
    assert (
        (f"lets a program use {megabytes} MB" in told and f"takes {needed}: raise the limit" in told)
        if needed
        else told == ""
    )


def test_too_little_memory_ends_the_program_with_that_sentence(monkeypatch, capsys):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (10**8, resource.RLIM_INFINITY))
    assert cli.main(["run"]) == 2
    assert capsys.readouterr().err.startswith("perpetuum: this shell lets a program use 100 MB of memory (ulimit -v)")
