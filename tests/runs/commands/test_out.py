"""Where files go and what is printed: others' folders are left alone; no terminal, code page or full disk breaks an answer."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path

import pytest

from perpetuum.model.errors import InputError
from perpetuum.runs.commands import cli, options
from perpetuum.runs.questions import calibration, validation
from perpetuum.runs.questions.forecasts import Score
from perpetuum.runs.questions.hindcast import RULERS, Hindcast
from perpetuum.runs.study import batches, fingerprint, scored
from perpetuum.runs.study.folder import Folder

RUN = ("run", "--worlds", "2", "--months", "2", "--no-figures")


# --- folders ------------------------------------------------------------------------------------------------


def _never(*_):
    pytest.fail("simulated")


def test_a_run_refuses_an_earlier_run_and_other_peoples_files_but_for_force(perpetuum, monkeypatch, tmp_path):
    assert perpetuum(*RUN, "--out", "there")[0] == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.*")}
    with monkeypatch.context() as patch:
        patch.setattr(batches, "make_economy", _never)
        for folder, said in (
            ("there", "'there' holds earlier results: choose another folder, or replace them with --force"),
            ("mine", "'mine' holds other files (letter.txt): choose another folder, or write among them with --force"),
        ):
            code, out, err = perpetuum(*RUN, "--out", folder)
            assert (code, out, err) == (2, "", f"perpetuum: --out: {said}\n")
    assert {file: file.read_bytes() for file in tmp_path.rglob("*.*")} == before
    (tmp_path / "there" / "added.txt").write_text("by me")
    for folder in ("there", "mine"):
        assert perpetuum(*RUN, "--seed", "7", "--out", folder, "--force")[0] == 0
        assert json.loads((tmp_path / folder / "manifest.json").read_text())["seed"] == 7
    assert (tmp_path / "there" / "added.txt").read_text() == "by me"
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_two_runs_at_once_do_not_share_a_folder(perpetuum, monkeypatch, tmp_path, force):
    (tmp_path / ".there.partial-left").mkdir()  # of a program that was killed, which nobody has
    with Folder(Path("there")) as first:
        first.write_json("summary.json", {"whose": "the first"})
        with monkeypatch.context() as patch:
            patch.setattr(batches, "make_economy", _never)
            code, out, err = perpetuum(*RUN, "--out", "there", *force)
        said = "another program is at work on 'there': choose another folder, or wait for it"
        assert (code, out, err) == (2, "", f"perpetuum: --out: {said}\n")
        assert perpetuum(*RUN, "--out", "elsewhere")[0] == 0
    assert json.loads((tmp_path / "there" / "summary.json").read_text()) == {"whose": "the first"}
    assert perpetuum(*RUN, "--out", "there", "--force")[0] == 0, "the first has let go of it"


def test_what_was_written_meanwhile_is_left_alone_and_the_results_are_kept_beside_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("there-2").mkdir()

    def write() -> None:
        with Folder(Path("there")) as folder:
            folder.write_json("summary.json", {"whose": "ours"})
            Path("there").mkdir()
            Path("there", "letter.txt").write_text("dear")

    with pytest.raises(InputError, match="'there' was written to meanwhile: these results are in 'there-3'"):
        write()
    assert [one.name for one in Path("there").iterdir()] == ["letter.txt"]
    assert json.loads(Path("there-3", "summary.json").read_text()) == {"whose": "ours"}
    assert not list(tmp_path.glob(".there*"))


@pytest.mark.parametrize(
    "command",
    [("tip",), ("tip", "--map"), ("autopsy",), ("sensitivity", "--over", "demand.strength"), ("run",)],
    ids=" ".join,
)
def test_every_command_with_a_folder_refuses_one_that_holds_something(perpetuum, monkeypatch, tmp_path, command):
    monkeypatch.setattr(batches, "make_economy", _never)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    code, out, err = perpetuum(*command, "--months", "2", "--out", "mine")
    assert (code, out) == (2, "")
    assert "'mine' holds other files (letter.txt)" in err
    assert [file.name for file in tmp_path.rglob("*")] == ["mine", "letter.txt"]


def test_a_map_goes_on_in_the_folder_in_which_its_worlds_are_kept(perpetuum, tmp_path):
    asked = ("tip", "--map", "--starts", "0,12", "--strengths", "0.5,1", "--worlds", "2", "--months", "40", "--no-figures")
    assert perpetuum(*asked, "--out", "there")[0] == 0
    kept = tmp_path / "stopped"
    kept.mkdir()
    (tmp_path / "there" / "study").rename(kept / "study")
    assert perpetuum(*asked, "--out", "stopped")[0] == 0
    assert (kept / "summary.json").read_bytes() == (tmp_path / "there" / "summary.json").read_bytes()
    # The same again is answered from what is there; another question is another study.
    assert perpetuum(*asked, "--out", "stopped")[0] == 0
    assert "holds another study" in perpetuum(*asked, "--seed", "2", "--out", "stopped")[2]
    # Beside somebody's own file nothing is written, though the study is ours.
    (kept / "letter.txt").touch()
    assert perpetuum(*asked, "--out", "stopped")[0] == 2


def test_a_validation_is_written_over_an_older_one_and_over_nothing_else(perpetuum, monkeypatch, tmp_path):
    (tmp_path / "letter.md").write_text("Dear reader")
    code, _, err = perpetuum("validate", "--out", "letter.md")
    assert (code, err.count("\n")) == (2, 1)
    assert "is another file than a validation" in err
    assert (tmp_path / "letter.md").read_text() == "Dear reader"
    (tmp_path / "older.md").write_text("# How far to trust it · triangle · seed 3\n")
    monkeypatch.setattr(validation, "validate", _never)
    with pytest.raises(pytest.fail.Exception):  # it is asked for: the older one is no obstacle
        perpetuum("validate", "--out", "older.md")


@pytest.mark.parametrize(
    ("command", "kind"),
    [(("validate",), "a validation"), (("calibrate", "--fit", "A"), "a fit"), (("report", "there"), "a report")],
)
def test_a_command_that_writes_one_file_replaces_no_other_kind_and_no_pipe(perpetuum, monkeypatch, tmp_path, command, kind):
    assert perpetuum(*RUN, "--no-side-studies", "--out", "there")[0] == 0
    monkeypatch.setattr(batches, "make_economy", _never)
    monkeypatch.setattr(calibration, "calibrate", _never)
    os.mkfifo(tmp_path / "pipe")
    for name in ("there/worlds.parquet", "pipe"):
        size = (tmp_path / name).stat().st_size
        code, out, err = perpetuum(*command, "--out", name)
        assert (code, out, err) == (2, "", f"perpetuum: --out: '{name}' is another file than {kind}: choose another name\n")
        assert (tmp_path / name).stat().st_size == size


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="this system has no folder that takes no files")
@pytest.mark.parametrize("command", [("validate",), ("calibrate", "--fit", "A"), ("report", "there")])
def test_a_place_that_takes_no_file_is_told_before_anything_long(perpetuum, monkeypatch, tmp_path, command):
    assert perpetuum(*RUN, "--no-side-studies", "--out", "there")[0] == 0
    monkeypatch.setattr(batches, "make_economy", _never)
    monkeypatch.setattr("perpetuum.runs.questions.reported_folder.watch", _never)
    monkeypatch.setattr(calibration, "calibrate", _never)
    monkeypatch.setattr(validation, "validate", _never)
    code, out, err = perpetuum(*command, "--out", "/proc/self/told")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "cannot write to '/proc/self/told': " in err


@pytest.mark.parametrize("command", [("validate",), ("calibrate", "--fit", "A"), ("report", "there")])
def test_a_name_that_is_too_long_to_be_written_is_told_before_anything_long(perpetuum, monkeypatch, tmp_path, command):
    """A file is first written under a name of its own, which is longer."""
    assert perpetuum(*RUN, "--no-side-studies", "--out", "there")[0] == 0
    monkeypatch.setattr("perpetuum.runs.questions.reported_folder.watch", _never)
    monkeypatch.setattr(calibration, "calibrate", _never)
    monkeypatch.setattr(validation, "validate", _never)
    code, out, err = perpetuum(*command, "--out", "x" * 250)
    said = f"--out: cannot write to '{'x' * 60}...': file name too long"
    assert (code, out, err) == (2, "", f"perpetuum: {said}\n")


@pytest.mark.parametrize("befell", ["another", "a folder", "empty"])
def test_another_file_than_the_log_of_scores_is_not_added_to(perpetuum, monkeypatch, tmp_path, befell):
    log = tmp_path / "scored.csv"
    log.mkdir() if befell == "a folder" else log.write_text("goals,points\n3,1\n" if befell == "another" else "")
    monkeypatch.setattr(validation, "validate", _never)
    code, out, err = perpetuum("validate", "--out", "told.md")
    said = "--out: 'scored.csv' is another file than the log of scores, which stands beside it: choose another folder"
    assert (code, out, err) == (2, "", f"perpetuum: {said}\n")
    assert [one.name for one in tmp_path.iterdir()] == ["scored.csv"]


def test_every_look_at_the_test_is_logged_on_the_screen_as_json_and_as_a_document(perpetuum, monkeypatch, tmp_path):
    """A look with the same code, worlds and seed is logged once."""
    log = tmp_path / "model" / "scored.csv"
    log.parent.mkdir()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(scored, "SCORED", log)
    score = {"gold_price": Score(0.25, 0.5, 0.125)}
    hindcast = Hindcast("2024-10", 200, score, {}, dict.fromkeys(RULERS, score))
    looked = validation.Validation([], [], [], [], {"2024-10": hindcast})
    monkeypatch.setattr(validation, "validate", lambda preset, seed, worlds: looked)
    assert "added to model/scored.csv: 1" in " ".join(perpetuum("validate")[1].split())
    assert [row["seed"] for row in scored.rows(log)] == ["1"]
    assert "model/scored.csv has these scores already" in " ".join(perpetuum("validate")[1].split())
    told = json.loads(perpetuum("validate", "--seed", "2", "--json")[1])
    assert told["logged"] == {"file": "model/scored.csv", "rows": 1}
    assert [row["seed"] for row in scored.rows(log)] == ["1", "2"]
    assert perpetuum("validate", "--worlds", "9", "--out", "told.md")[0] == 0
    assert [row["worlds"] for row in scored.rows(tmp_path / "scored.csv")] == ["9"]
    assert [row["worlds"] for row in scored.rows(log)] == ["200", "200"]


def test_what_cannot_be_written_leaves_the_older_file_whole(tmp_path, monkeypatch):
    (tmp_path / "told.md").write_text("older")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot write to '.*told\.md': no space left on device"):
        options.write_out(tmp_path / "told.md", "newer")
    assert [file.name for file in tmp_path.iterdir()] == ["told.md"]
    assert (tmp_path / "told.md").read_text() == "older"


def test_a_folder_that_is_gone_is_named_as_what_is_wrong(monkeypatch, tmp_path, capsys):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for command in (RUN, ("sweep", "--vary", "demand.strength=1,2", "--out", "x"), ("report", "there")):
        assert cli.main(list(command)) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert "the folder in which it was started is gone" in err or "does not exist" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("validate", "--worlds", "99999999"), "--worlds takes at most 20,000 in one run, not 99,999,999"),
        (
            ("calibrate", "--fit", "A", "--points", "99999999999"),
            "--points takes at most 100,000 in one run, not 99,999,999,999",
        ),
        (("calibrate", "--fit", "A", "--draws", "999999999"), "--draws takes at most 100,000 in one run, not 999,999,999"),
        (
            ("autopsy", "--no-story", "--world", "2"),
            "--world says whose story is told, and --no-story that none is",
        ),
        (("plot", "s", "--over", "a,b,a"), "'a' stands twice in --over: name it once"),
        (
            ("autopsy", "--switch", "hoarding", "--switch", "hoarding"),
            "'hoarding' stands twice in the switches: name it once",
        ),
        (("autopsy", "--switch", "hoarding", "--also", "hoarding"), "'hoarding' stands twice in the switches: name it once"),
        (("autopsy", "--also", "vendor_equity"), "'vendor_equity' stands twice in the switches: name it once"),
        (("autopsy", "--payoff", "alone", "--payoff", "alone"), "'alone' stands twice in --payoff: name it once"),
        (("sensitivity", "--metric", "boom", "--metric", "boom"), "'boom' stands twice in the metrics: name it once"),
        (("tip", "--metric", "fallen", "--metric", "fallen"), "'fallen' is followed twice: name it once"),
        (("run", "--series", "capex,capex"), "'capex' stands twice in --series: name it once"),
        (
            ("sweep", "--vary", "demand.strength=1,2", "--series", "capex,capex"),
            "'capex' stands twice in series: name it once",
        ),
        (("app", "--name", "a.example", "--name", "a.example"), "'a.example' stands twice in --name: name it once"),
        (("autopsy", "--switches", "--out", "x"), "--switches only lists the switches, and --out would change nothing of"),
        (
            ("autopsy", "triangle", "--switches"),
            "--switches only lists the switches, and the preset would change nothing of",
        ),
        (
            ("params", "--series", "--levers"),
            "--series lists series instead of parameters, and --levers would change nothing",
        ),
        (("params", "--series", "--preset", "ono_2025"), "--series lists series instead of parameters, and --preset would"),
        (("params", "--json", "nosuchword"), "no parameter has 'nosuchword' in its name, help or source"),
        (("params", "--levers", "supplier"), "no lever has 'supplier' in its name, help or source"),
        (("params", "--series", "--json", "nosuchword"), "no series has 'nosuchword' in its name or help"),
        (
            ("sweep", "triangle", "--study", "s.toml"),
            "the preset of a study stands in its file (preset = \"...\", else ono_2025): leave out 'triangle'",
        ),
        (("plot", "s", "--metric", ""), "--metric takes a name"),
        (("app", "--host", ""), "--host takes an address to listen on, such as 127.0.0.1 or 0.0.0.0"),
        (("app", "--name", "a/b"), "--name takes a name such as class.example, without protocol, port or path, not 'a/b'"),
        (("app", "--name", ""), "without protocol, port or path, not ''"),
        (("autopsy", "--world", str(2**63)), "--world takes the number of a world, from 0 to 9223372036854775807, not"),
        (("tip", "--map", "--strengths", "0"), "give the map a strength above 0"),
        (("tip", "--by", "1990-01"), "--by takes a month that is judged, from 2025-10 to 2035-09, not '1990-01'"),
        (("tip", "--by", "2035-10"), "--by takes a month that is judged, from 2025-10 to 2035-09, not '2035-10'"),
        (
            ("sensitivity", "--over", "demand.strength=0.5:1:3"),
            "--over takes demand.strength=LOW:HIGH, without a count, not",
        ),
    ],
)
def test_what_nobody_waits_for_and_what_contradicts_itself_is_refused_at_once(perpetuum, monkeypatch, words, said):
    monkeypatch.setattr(batches, "make_economy", _never)
    monkeypatch.setattr(calibration, "calibrate", _never)
    monkeypatch.setattr(validation, "validate", _never)
    code, out, err = perpetuum(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_folder_has_a_name_and_its_name_is_text(perpetuum, monkeypatch, tmp_path):
    monkeypatch.setattr(batches, "make_economy", _never)
    for empty in ("", " "):
        of_study = (("plot", "study"), ("report", "study"))
        for command in (RUN, ("tip",), ("sweep", "--vary", "demand.strength=1,2"), ("validate",), *of_study):
            code, _, err = perpetuum(*command, "--out", empty)
            assert (code, err.count("\n")) == (2, 1)
            assert "a file or folder has a name" in err
    for words in (("run", "--out", "b\udcff"), ("run", "\udcff.toml"), ("compare", "a", "b\udcff")):
        code, _, err = perpetuum(*words)
        assert (code, err.count("\n")) == (2, 1)
        assert "is no text in UTF-8" in err
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/odd\xff")
    os.mkdir(odd)
    monkeypatch.chdir(odd)
    for command in (RUN, ("sweep", "--vary", "demand.strength=1,2", "--workers", "1")):
        assert cli.main([*command, "--out", "there"]) == 2
    assert os.listdir(odd) == []


def test_every_folder_says_which_code_made_it(perpetuum, tmp_path):
    perpetuum(*RUN, "--out", "there")
    perpetuum("sweep", "--vary", "demand.strength=1,2", "--months", "2", "--replicates", "1", "--workers", "1", "--out", "s")
    run, study = (json.loads((tmp_path / folder / "manifest.json").read_text()) for folder in ("there", "s"))
    assert run["code_hash"] == study["study"]["code_hash"] == fingerprint.of_code()


# --- printing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "gbk", "utf-8"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_code_page_lacks_is_printed_as_something_like_it(fake, monkeypatch, tmp_path, encoding, language):
    monkeypatch.chdir(tmp_path)
    printed = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", printed)
    assert cli.main([*RUN, "--out", "there", "--no-side-studies", "--lang", language]) == 0
    printed.flush()
    told = printed.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    assert "there/" in told
    if language == "en" and encoding == "ascii":
        assert "worlds * " in told  # a point in the middle of a line


def test_letters_are_replaced_one_for_one():
    cli._print_in_any_code_page()
    told = "−5 % · 3×2 ² ½ é █▏░ → 中 \udcff".encode("ascii", "perpetuum.alike").decode()
    assert told == "-5 % * 3x2 2 1 e #.. > ? ?"


def test_json_in_a_poor_code_page_loses_nothing(fake, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    told = []
    for encoding in ("ascii", "utf-8"):
        printed = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", printed)
        assert cli.main(["scenarios", "--json"]) == 0
        printed.flush()
        told.append(json.loads(printed.buffer.getvalue().decode(encoding)))  # type: ignore[attr-defined]
    assert told[0] == told[1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_full_standard_output_is_not_mistaken_for_results_that_were_not_written(
    fake, monkeypatch, capsys, tmp_path, words
):
    monkeypatch.chdir(tmp_path)
    full = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115 - it cannot be closed without an error
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", full)
        assert cli.main([*RUN, "--out", "there", "--no-side-studies", *words]) == 2
    with contextlib.suppress(OSError):
        full.close()
    said = "cannot print to standard output: no space left on device; all results are in 'there'"
    assert capsys.readouterr().err == f"perpetuum: {said}\n"
    assert (tmp_path / "there" / "manifest.json").is_file()


# --- engines, the page --------------------------------------------------------------------------------------


def test_processes_and_a_cluster_exclude_each_other(perpetuum):
    for command in (("sweep", "--vary", "demand.strength=1,2"), ("tip",)):
        code, _, err = perpetuum(*command, "--workers", "2", "--scheduler", "tcp://127.0.0.1:9", "--out", "there")
        assert (code, err.count("\n")) == (2, 1)
        assert "--workers are processes on this machine" in err
    for command in (("tip",), ("autopsy",), ("sensitivity",), ("calibrate", "--fit", "A")):
        code, _, err = perpetuum(*command, "--workers", "0")
        assert (code, err) == (2, "perpetuum: --workers takes a whole number of at least 1, not 0\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--port 99999999", "--port takes a whole number from 1 to 65535, not 99999999"),
        ("--port 0", "--port takes a whole number from 1 to 65535, not 0"),
        ("--seed -1", f"--seed takes a whole number from 0 to {2**31}, not -1"),
        ("--study there --world -1", "--world takes a whole number from 0 on, not -1"),
    ],
)
def test_the_page_says_what_it_takes(perpetuum, words, said):
    assert perpetuum("app", *words.split()) == (2, "", f"perpetuum: {said}\n")


def test_a_file_with_a_byte_order_mark_is_read(perpetuum, tmp_path):
    (tmp_path / "mine.toml").write_text('title = "mine"\nextends = "triangle"\n', encoding="utf-8-sig")
    (tmp_path / "study.toml").write_text(
        'months = 2\nreplicates = 1\n[vary]\n"demand.strength" = "1,2"\n', encoding="utf-8-sig"
    )
    assert perpetuum(*RUN, "mine.toml", "--out", "there")[0] == 0
    assert perpetuum("sweep", "study.toml", "--workers", "1", "--out", "study")[0] == 0


@pytest.mark.parametrize("columns", ["0", "1", "40", "79", "-3", "wide"])
def test_however_narrow_a_terminal_says_that_it_is_nothing_is_left_out(perpetuum, monkeypatch, columns):
    asked = (*RUN, "--no-side-studies", "--force", "--out", "there")
    monkeypatch.setenv("COLUMNS", "80")
    words = perpetuum(*asked)[1]
    monkeypatch.setenv("COLUMNS", columns)
    assert len(words) > 1000
    assert "…" not in words
    assert perpetuum(*asked)[1] == words
    for command in (("autopsy", "--switches"), ("sweep", "--vary", "demand.strength=1,2", "--out", "new", "--dry-run")):
        code, out, _ = perpetuum(*command)
        assert code == 0
        assert len(out.split()) > 20
