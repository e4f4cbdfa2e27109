"""The command line: its commands, and one clear sentence for whatever a user gets wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version

import pytest

from perpetuum.model.books.ledger import BooksBreachError
from perpetuum.model.observed.measures import MEASURES
from perpetuum.model.observed.series import SERIES
from perpetuum.model.presets import load_preset
from perpetuum.runs.commands import cli
from perpetuum.runs.commands import options as shared
from perpetuum.runs.study import arms as simulate
from perpetuum.runs.study import batches
from tests.fakes import FakeEconomy

# --- scenarios and params -----------------------------------------------------------------------------------


def test_scenarios_lists_the_presets(perpetuum):
    code, out, _ = perpetuum("scenarios")
    assert code == 0
    assert "ono_2025" in out
    code, out, _ = perpetuum("scenarios", "--json")
    assert "ono_2025" in {preset["name"] for preset in json.loads(out)}


def test_a_folder_of_a_presets_name_is_not_taken_for_the_preset(perpetuum, tmp_path):
    (tmp_path / "triangle").mkdir()
    (tmp_path / "mine").mkdir()
    assert perpetuum("scenarios", "triangle")[0] == 0
    assert "'mine' is a folder" in perpetuum("scenarios", "mine")[2]


def test_params_can_be_searched_and_show_unit_range_help_and_source(perpetuum):
    code, out, _ = perpetuum("params", "funding.tightening")
    assert code == 0
    assert "from 0 to 1" in out
    assert "source:" in out
    everything = json.loads(perpetuum("params", "--json")[1])
    found = json.loads(perpetuum("params", "margin", "--json")[1])
    assert 0 < len(found) < len(everything)
    assert {"name", "default", "unit", "allowed", "help", "source", "lever"} <= set(found[0])


@pytest.mark.parametrize(
    ("preset", "name", "default", "value", "from_where"),
    [
        ("ono_2025", "funding.tightening", 0.0, 0.6, "ono_2025"),
        ("triangle", "funding.tightening", 0.0, 0.0, "triangle"),
        ("ono_2025", "funding.rate_rise", 0.03, 0.03, None),
    ],
)
def test_params_shows_the_values_of_a_preset(perpetuum, preset, name, default, value, from_where):
    found = json.loads(perpetuum("params", name, "--preset", preset, "--json")[1])
    row = next(row for row in found if row["name"] == name)
    assert (row["default"], row["value"], row["preset"]) == (default, value, from_where)


def test_params_says_where_a_worlds_own_value_comes_from(perpetuum):
    told = perpetuum("params", "growth.fade")[1]
    assert "from fit_b, fitted to what was public by 2025-09-30; prior: log-uniform, 0.00943 to 0.191" in told
    told = perpetuum("params", "growth.fade", "--preset", "ono_2024")[1]
    assert "each world draws its own: log-uniform, 0.00943 to 0.191" in told
    row = json.loads(perpetuum("params", "growth.fade", "--json")[1])[0]
    assert row["uncertain"]["fit"]["command"] == "perpetuum calibrate --fit B --points 2000 --out model/fits/fit_b.csv"
    assert json.loads(perpetuum("params", "funding.tightening", "--json")[1])[0]["uncertain"] is None


def test_params_lists_figures_of_contracts_and_stakes_of_the_preset(perpetuum):
    row = json.loads(perpetuum("params", "contracts.lead_lab.hyperscaler_a.gw", "--json")[1])[0]
    assert (row["value"], row["unit"], row["preset"], row["source"]) == (0.55, "GW", "ono_2025", "estimate: compute in use")
    assert row["uncertain"]["distribution"] == "log_normal"
    told = perpetuum("params", "stakes.hyperscaler_a", "--preset", "ono_2024")[1]
    assert "stakes.hyperscaler_a.lead_lab = 0.4 share" in told
    assert "each world draws its own: uniform, 0.3 to 0.49 (the claim on profits" in told


def test_figures_of_contracts_and_stakes_can_be_set(perpetuum):
    code, _, error = perpetuum("run", "triangle", "--set", "contracts.lead_lab.clod.gw=3", "--worlds", "2")
    assert (code, "did you mean 'contracts.lead_lab.cloud.gw'?" in error) == (2, True)
    code, _, error = perpetuum("run", "ono_2025", "--set", "stakes.venture_fund.lead_lab=0.8", "--worlds", "2")
    assert (code, "stakes in 'lead_lab' of 'ono_2025' as set may add up to 1 at most" in error) == (2, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--fit C", "--fit takes A or B, not 'C'"),
        ("--fit A --points 5", "--points must be at least 20, not 5"),
        ("--fit A --replicates 1", "--replicates must be at least 2, not 1"),
        ("--fit A --waves 0", "--waves must be at least 1, not 0"),
        ("--fit A --discrepancy 0", "--discrepancy lies above 0 and up to 1, not 0"),
        ("--fit A --out nowhere/fit.csv", "--out takes a file to write, and 'nowhere/fit.csv' is a folder or lies in none"),
    ],
)
def test_what_is_wrong_with_a_calibration_is_said_before_anything_is_simulated(perpetuum, options, said):
    code, out, error = perpetuum("calibrate", *options.split())
    assert (code, out) == (2, "")
    assert said in error


def test_params_lists_whatever_may_be_set_of_an_agent(perpetuum):
    """The screen names opening figures among what nobody knows, and --set takes them: they can be looked up."""
    told = perpetuum("params", "lead_lab.revenue")[1]
    assert "lead_lab.revenue = 13 $bn/yr   (from 0 to 5000 $bn/yr)" in told
    assert "source: run-rate of 13" in told
    assert "each world draws its own: log-normal, 10.6 to 16" in told
    assert "did you mean 'lead_lab.cash'?" in perpetuum("params", "lead_lab.cashh")[2]
    drawn = {row["name"] for row in json.loads(perpetuum("params", "--json")[1]) if row["uncertain"]}
    assert drawn == {one.name for one in load_preset(shared.DEFAULT_PRESET).unknowns}


def test_params_shows_the_values_that_a_run_uses_and_says_whose_they_are(perpetuum):
    scenario = simulate.Question(shared.DEFAULT_PRESET, {}, worlds=1, seed=1).scenario()
    rows = json.loads(perpetuum("params", "--json")[1])
    listed = {row["name"]: row["value"] for row in rows}
    assert {name: listed.pop(name) for name in scenario.all_values()} == scenario.all_values()
    assert {name.partition(".")[0] for name in listed} == {"landlord"}  # who builds nothing as long as nobody asks for it
    assert {row["preset"] for row in rows if row["value"] != row["default"]} == {"ono_2025"}
    _, out, _ = perpetuum("params", "funding.tightening")
    assert "funding.tightening = 0.6 index in ono_2025, 0 by default" in out
    _, out, _ = perpetuum("params", "funding.tightening", "--preset", "triangle")
    assert "funding.tightening = 0 index   (from 0 to 1 index; lever)" in out


def test_params_lists_the_series_and_which_are_collected_unasked(perpetuum):
    rows = json.loads(perpetuum("params", "--series", "--json")[1])
    assert [row["name"] for row in rows] == list(MEASURES)
    assert {row["name"] for row in rows if row["collected"]} == set(SERIES)
    assert all(row["help"] for row in rows)
    code, out, _ = perpetuum("params", "--series", "debt_rank")
    assert code == 0
    assert "only where --series names it" in out


# --- bad input ----------------------------------------------------------------------------------------------

BAD_INPUT = [
    (("run", "ono_2052"), "did you mean 'ono_2025'?"),
    (("run", "--set", "funding.tightning=0.5"), "did you mean 'funding.tightening'?"),
    (("run", "--set", "lead_lab.csh=5"), "lead_lab"),
    (("run", "--set", "funding.tightening=1.5"), "from 0 to 1"),
    (("run", "--set", "funding.tightening=tight"), "from 0 to 1"),
    (("run", "--set", "funding.tightening"), "NAME=VALUE"),
    (("run", "--set", "=3"), "NAME=VALUE"),
    (
        ("run", "--set", "demand.strength=1", "--set", "demand.strength=2"),
        "'demand.strength' is set twice with --set: give it one value",
    ),
    (("run", "--worlds", "0"), "at least 1"),
    (("run", "--worlds", "-5"), "at least 1"),
    (("run", "--worlds", "many"), "takes a whole number"),
    (("run", "--months", "0"), "from 1 to 600"),
    (("run", "--months", "-12"), "from 1 to 600"),
    (("run", "--seed", "-1"), "at least 0"),
    (("run", "--wrlds", "5"), "no such option: --wrlds; did you mean '--worlds'? (see `perpetuum run --help`)"),
    (("run", "--blub"), "no such option: --blub (see"),
    (
        ("sweep", "--force"),
        "not of sweep: a study goes on in its folder and is never replaced, so give another --out or remove",
    ),
    (("sweep", "--forse"), "no such option: --forse; --force is one of run, tip, autopsy and sensitivity, not of sweep: "),
    (
        ("sweep", "--worlds", "3"),
        "not of sweep: --replicates says how many worlds a cell has (see `perpetuum sweep --help`)",
    ),
    (("run", "--when"), "--when is an option of tip, not of run (see `perpetuum run --help`)"),
    (
        ("compare", "a", "b", "--out", "c"),
        "--out is an option of other commands, not of compare: it prints, and a shell writes",
    ),
    (("--worlds", "3"), "--worlds stands behind a command, such as `perpetuum run --worlds` (see `perpetuum --help`)"),
    (("run", "--series", "capx"), "did you mean 'capex'? (`perpetuum params --series` lists them all)"),
    (("run", "--series", "qqqqqq"), "unknown series 'qqqqqq' (`perpetuum params --series` lists them all)"),
    (("run", "--series", ","), "separated by commas"),
    (("run", "broken.toml"), "broken.toml"),
    (("run", "missing.toml"), "does not exist"),
    (("run", "--out", "a_file"), "it is a file, not a folder"),
    (("run", "--out", "a_file/inside"), "cannot write to"),
    (("run", "ono_2025", "again"), "again"),
    (("rnu",), "did you mean 'run'?"),
    (("tip", "--worlds"), "--worlds takes a value, and none follows it (see `perpetuum tip --help`)"),
    (("sweep", "--vary"), "--vary takes a value, and none follows it (see `perpetuum sweep --help`)"),
    (("app", "--port"), "(see `perpetuum app --help`)"),
    (
        ("tip", "--stop", "x"),
        "unknown preset 'x' (--stop takes months such as 0,12,24, and any other word reads as the preset)",
    ),
    (("tip", "--map", "x"), "unknown preset 'x' (--map takes no value, and a word behind it reads as an argument)"),
    (("run", "triangle", "--json", "5"), "'5' is a word too many: --json takes no value, and a word behind it reads"),
    (("tip", "triangle", "x", "y"), "'x y' are words too many: tip takes PRESET (see `perpetuum tip --help`)"),
    (("compare", "a", "b", "c"), "'c' is a word too many: compare takes A and B"),
    (("run", "demand.strength=0.5"), "(a parameter is set with --set demand.strength=0.5): there are"),
    (("sensitivity", "demand.strength"), "(a parameter is set with --set demand.strength=VALUE): there are"),
    (("run", "40"), "unknown preset '40' (a number goes behind its option, such as --seed 1)"),
    (("run", "nowhere"), "unknown preset 'nowhere': there are"),
    (("run", "--out", "--json"), "'--json' reads as an option: write ./--json for a file or folder of that name"),
    (("run", "--preset", "triangle"), "the preset is given without --preset: perpetuum run PRESET (see"),
    (("tip", "--preset=triangle"), "the preset is given without --preset: perpetuum tip PRESET (see"),
    (("plot", "--dir", "results/squeeze"), "the dir is given without --dir: perpetuum plot DIR (see"),
    (("scenarios", ""), "the preset's name is empty: there are first_lesson, "),
    (("run", ""), "the preset's name is empty: there are first_lesson, "),
    (("params", "--series", "--levers"), "--levers would change nothing of that"),
    (("params", "--series", "--preset", "triangle"), "--preset would change nothing of that"),
    (
        ("scenarios", "../scenarios/triangle"),
        "preset '../scenarios/triangle' is no preset's name: give a preset's name (first",
    ),
    (("run", "./triangle"), "preset './triangle' is no preset's name: give a preset's name (first_lesson, "),
    (("run", "/etc/passwd"), "preset '/etc/passwd' is no preset's name: give a preset's name (first_lesson, "),
    (("run", "bytes.toml"), "preset file 'bytes.toml' is no text in UTF-8"),
    (("sweep", "--study", "bytes.toml", "--out", "o"), "study file 'bytes.toml' is no text in UTF-8"),
    (
        ("sweep", "--vary", "demand.strength=1,2", "--scheduler", "http://x", "--out", "o"),
        "'http://x' is no address of a scheduler: it must look like tcp://127.0.0.1:8786",
    ),
    (("params", "nosuchthing"), "nosuchthing"),
    (("params", "--series", "nosuchthing"), "no series has 'nosuchthing'"),
    (("params", "--preset", "ono"), "unknown preset"),
    (("run", "--set", "DEMAND.STRENGTH=1"), "did you mean 'demand.strength'?"),
    (("run", "x" * 300), "cannot be looked up: file name too long"),
    (("scenarios", "x" * 300 + ".toml"), "cannot be looked up: file name too long"),
    (("sweep", "--design", "", "--vary", "demand.strength=1,2", "--out", "o"), "unknown design ''"),
    (("sweep", "--workers", "999999", "--vary", "demand.strength=1,2", "--out", "o"), "--workers takes at most"),
    (("autopsy", "--workers", "999999"), "--workers takes at most"),
    (("plot", "x" * 300), "cannot be looked up: file name too long"),
    (("report", "x" * 300), "cannot be looked up: file name too long"),
    (("compare", "x" * 300, "y"), "cannot be looked up: file name too long"),
    (("app", "--study", "x" * 300, "--world", "1"), "cannot be looked up: file name too long"),
    (("sweep", "--study", "x" * 300, "--out", "o"), "cannot be looked up: file name too long"),
    (("sweep", "--study", "nested.toml", "--out", "o"), "tables in tables without end"),
    (("plot", "deep"), "'deep' holds no study"),
    (("report", "deep"), "'deep' holds neither a run nor a study"),
    (("run", "--out", "a_link"), "it is a link that leads nowhere, not a folder"),
    (("sweep", "--vary", "demand.strength=1,2", "--out", "a_loop"), "it is a link that leads nowhere, not a folder"),
    (("run", "\x1b[2J"), "unknown preset '\\x1b[2j'"),
    (("run", "\x1b[2J.toml"), "preset file '\\x1b[2j.toml' does not exist"),
    (("run", "titled.toml"), "'title' in 'titled.toml' has letters that steer a terminal"),
    (("run", "steers.toml"), "unknown section '\\x1b[2j\\x07' in 'steers.toml'"),
]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    BAD_INPUT,
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_one_sentence_and_leaves_nothing_behind(perpetuum, tmp_path, arguments, expected):
    (tmp_path / "a_file").write_text("")
    (tmp_path / "broken.toml").write_text('title = "x"\nmonths = = 3\n')
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "steers.toml").write_text('extends = "triangle"\n"\\u001b[2J\\u0007" = 3\n')
    (tmp_path / "titled.toml").write_text('extends = "triangle"\ntitle = "mine\\u001b[2J"\n')
    (tmp_path / "nested.toml").write_text(f"preset = 'triangle'\n[vary]\n{'.'.join('a' * 3000)} = 1\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "manifest.json").write_text("[" * 100_000)
    (tmp_path / "a_link").symlink_to("nothing")
    (tmp_path / "a_loop").symlink_to("a_loop")
    before = sorted(tmp_path.rglob("*"))
    code, out, err = perpetuum(*arguments)
    assert code == 2
    assert expected.lower() in err.lower()
    assert len(err.strip().splitlines()) == 1
    assert err.rstrip("\n").isprintable()
    assert "Traceback" not in err
    assert out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_malformed_toml_names_file_and_line(perpetuum, tmp_path):
    (tmp_path / "broken.toml").write_text('title = "x"\nmonths = = 3\n')
    _, _, err = perpetuum("run", "broken.toml")
    assert "broken.toml" in err
    assert "line 2" in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_found_before_simulating(perpetuum, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    code, _, err = perpetuum("run", "--out", "locked/here")
    assert (code, err.count("\n")) == (2, 1)


def _fails(error):
    class Failing(FakeEconomy):
        def step(self):
            raise error

    return Failing


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "stopped before the end"),
        (BooksBreachError("row 3 of world 7 in month 5 misses 2 dollars"), 1, "row 3 of world 7"),
        (
            OSError(28, "Error writing bytes to file. Detail: [errno 28]"),
            2,
            "cannot write the results: no space left on device",
        ),
        (OSError(30, "Read-only file system"), 2, "read-only"),
        (
            OSError(28, "No space", "there/a.parquet"),
            2,
            "cannot write the results to 'there/a.parquet': no space left on device",
        ),
        (OSError(27, "File too large"), 2, "cannot write the results: file too large"),  # ulimit -f
        (ImportError("libscipy.so: failed to map segment from shared object"), 2, "too little memory"),  # ulimit -v
        (OSError(5, "Input/output error"), 1, "cannot write the results: input/output error"),
    ],
)
def test_whatever_stops_a_run_leaves_no_half_written_files(perpetuum, monkeypatch, tmp_path, error, code, words):
    monkeypatch.setattr(batches, "make_economy", _fails(error))
    result, out, err = perpetuum("run", "--worlds", "2", "--out", "deep/down/there")
    assert (result, out) == (code, "")
    assert words in err
    assert len(err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_that_compiled_code_meets_is_no_fault_of_a_world(perpetuum, monkeypatch):
    class Interrupted(FakeEconomy):
        def step(self):
            if self.month == 3:
                try:
                    raise KeyboardInterrupt
                except KeyboardInterrupt as interrupt:
                    raise SystemError("a compiled function returned a result with an exception set") from interrupt
            super().step()

    monkeypatch.setattr(batches, "make_economy", Interrupted)
    code, out, err = perpetuum("run", "--worlds", "4", "--months", "6", "--out", "there")
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == "perpetuum: stopped before the end: nothing was written"
    code, out, err = perpetuum("sweep", "--vary", "demand.strength=0.5,1", "--months", "6", "--out", "there")
    assert (code, out) == (130, "")
    assert "perpetuum: stopped with 0 of" in err
    assert "Traceback" not in err


def test_an_interrupt_that_python_loses_is_heard_all_the_same(perpetuum, monkeypatch, tmp_path):
    class LetGo:
        def __del__(self):
            raise KeyboardInterrupt  # goes no further, as in any code that C calls back

    class Losing(FakeEconomy):
        def step(self):
            LetGo()
            end = time.monotonic() + 20
            while time.monotonic() < end:
                time.sleep(0.01)

    monkeypatch.setattr(batches, "make_economy", Losing)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # may have been ignored by whoever runs the tests
    try:
        code, out, err = perpetuum("run", "--worlds", "2", "--months", "2", "--out", "there")
    finally:
        signal.signal(signal.SIGINT, before)
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == "perpetuum: stopped before the end: nothing was written"
    assert list(tmp_path.iterdir()) == []


def test_being_told_to_end_leaves_nothing_half_written(perpetuum, monkeypatch, tmp_path):
    monkeypatch.setattr(batches, "make_economy", lambda *_, **__: signal.raise_signal(signal.SIGTERM))
    code, _, err = perpetuum("run", "triangle", "--worlds", "2", "--months", "2", "--no-side-studies", "--out", "out")
    assert (code, err) == (130, "perpetuum: stopped before the end: nothing was written\n")
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_an_interrupted_rerun_leaves_the_earlier_run_whole(perpetuum, monkeypatch, tmp_path):
    perpetuum("run", "--worlds", "2", "--months", "2", "--out", "there", "--no-figures", "--no-side-studies")
    before = {file.name: file.read_bytes() for file in (tmp_path / "there").iterdir()}
    monkeypatch.setattr(batches, "make_economy", _fails(KeyboardInterrupt()))
    perpetuum("run", "--worlds", "3", "--months", "2", "--out", "there", "--force")
    assert {file.name: file.read_bytes() for file in (tmp_path / "there").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_the_version_is_printed_and_nothing_else(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"perpetuum {version('perpetuum')}\n"


def test_a_shell_completes_commands():
    asked = os.environ | {"_PERPETUUM_COMPLETE": "complete_bash", "COMP_WORDS": "perpetuum ru", "COMP_CWORD": "1"}
    program = "import sys; from perpetuum.runs.commands.cli import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", program], env=asked, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["run"]
