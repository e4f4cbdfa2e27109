"""Folders of another format are refused by every command that reads folders: one sentence, and nothing is written.

Which commands those are is not remembered but looked up: every option that takes a path stands in one of three lists.
"""

from __future__ import annotations

import json
import shlex
import typing
from pathlib import Path

import pytest
import typer

from perpetuum.model.scenario import InputError
from perpetuum.runs.commands import cli
from perpetuum.runs.study import load
from perpetuum.runs.study.manifest import FORMAT, of_this_program, read_manifest
from tests.study_folders import THETA, write_study

#: Options by which a folder is read, with commands that read the folder `old`; `good` is one of today.
READ = {
    ("plot", "folder"): ("plot old", "plot old --out figures", "plot old --json"),
    ("compare", "a"): ("compare old good", "compare old good --json"),
    ("compare", "b"): ("compare good old",),
    ("sweep", "--out"): (
        f"sweep --vary {THETA}=0,1 --replicates 8 --out old",
        f"sweep --vary {THETA}=0,1 --replicates 8 --out old --csv",
        f"sweep --vary {THETA}=0,1 --replicates 8 --out old --dry-run",
    ),
    ("app", "--study"): ("app --study old --world 0",),
    ("report", "folder"): ("report old", "report old --lang zh"),
}
#: Options by which a folder is written, whatever was in it, and those that name a file.
WRITTEN = {
    ("plot", "--out"),
    ("run", "--out"),
    ("tip", "--out"),
    ("autopsy", "--out"),
    ("sensitivity", "--out"),
    ("validate", "--out"),
    ("calibrate", "--out"),
    ("report", "--out"),
}
FILES = {("sweep", "--study")}
COMMANDS = [command for commands in READ.values() for command in commands]


def paths_of_commands():
    """Every argument and option of the command line that takes a path: (command, name)."""
    parsers = typer.main.get_command(cli.app).commands
    for function in cli.COMMANDS:
        types = typing.get_type_hints(function)
        for one in parsers[function.__name__].params:
            if Path in (types.get(one.name), *typing.get_args(types.get(one.name))):
                yield function.__name__, one.opts[0] if one.opts[0].startswith("-") else one.name


def test_every_path_that_a_command_takes_is_known_as_read_or_written():
    assert {*paths_of_commands()} == {*READ} | WRITTEN | FILES


def study_of(folder: Path, **about) -> None:
    """A study of `funding.tightening`, whose manifest says more about itself, or less where that is None."""
    write_study(folder, [THETA])
    told = json.loads((folder / "manifest.json").read_text()) | about
    (folder / "manifest.json").write_text(json.dumps({name: value for name, value in told.items() if value is not None}))


def run_of(folder: Path, **about) -> None:
    """The folder of a run, likewise."""
    study_of(folder, **{"study": None, "arms": {"asked": {}}, "overrides": {}, "preset": "ono_2025", "months": 120} | about)


#: What an older or newer version has left behind.
LEFT = {
    "a study without a format": (study_of, {"format": None}, "is of an older format (1) than the one"),
    "a run without a format": (run_of, {"format": None}, "is of an older format (1)"),
    "a study stopped half-way": (study_of, {"format": None, "state": "running"}, "is of an older format (1)"),
    "a study of the future": (study_of, {"format": FORMAT + 1}, f"is of a newer format ({FORMAT + 1})"),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("left", LEFT)
def test_a_folder_of_another_format_is_refused_in_a_sentence_and_left_alone(perpetuum, tmp_path, left, command):
    make, about, words = LEFT[left]
    make(tmp_path / "old", **about)
    study_of(tmp_path / "good")
    before = contents(tmp_path)
    code, out, err = perpetuum(*shlex.split(command))
    assert (code, out) == (2, "")
    option = next((f"{one}: " for one in ("--out", "--study") if f"{one} old" in command), "")
    assert err.startswith(f"perpetuum: {option}'old' {words}")
    assert err.count("\n") == 1
    assert contents(tmp_path) == before


def contents(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """All files, with the time at which each was written."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for path in sorted(folder.rglob("*"))
    }


def test_tables_of_another_format_are_not_loaded(tmp_path):
    study_of(tmp_path / "old", format=None)
    with pytest.raises(InputError, match="is of an older format"):
        load(tmp_path / "old")
    study_of(tmp_path / "good")
    assert len(load(tmp_path / "good"))


def test_a_manifest_of_something_else_is_none(tmp_path):
    for text in ("{}", "[]", "not json", '{"arms": {}}'):
        (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
        assert read_manifest(tmp_path) is None
    (tmp_path / "manifest.json").write_text(json.dumps(of_this_program()), encoding="utf-8")
    assert read_manifest(tmp_path) == {"program": "perpetuum", "format": FORMAT}


def test_what_is_written_today_has_todays_format(perpetuum, tmp_path):
    code, _, err = perpetuum("sweep", "--vary", f"{THETA}=0,1", "--replicates", "2", "--months", "30", "--out", "made")
    assert code == 0, err
    code, _, err = perpetuum("run", "--worlds", "2", "--months", "30", "--no-figures", "--no-side-studies", "--out", "ran")
    assert code == 0, err
    assert [read_manifest(tmp_path / name)["format"] for name in ("made", "ran")] == [FORMAT, FORMAT]
    # Who only writes into a folder does not read it: with --force an older run's files make room for today's.
    run_of(tmp_path / "ran", format=None, files=["manifest.json", "worlds.parquet", "stale.png"])
    (tmp_path / "ran" / "stale.png").touch()
    again = ("run", "--worlds", "2", "--months", "30", "--no-figures", "--no-side-studies", "--out", "ran", "--force")
    code, _, err = perpetuum(*again)
    assert code == 0, err
    assert read_manifest(tmp_path / "ran")["format"] == FORMAT
    assert not (tmp_path / "ran" / "stale.png").exists()
