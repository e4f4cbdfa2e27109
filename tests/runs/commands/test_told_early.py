"""What is wrong is told before anything long: no compilation, and none of the packages that simulate, draw and serve loaded."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest

from perpetuum.runs.commands import cli
from perpetuum.runs.questions import reported_folder
from tests.runs.commands.option_answers import STUDIES
from tests.runs.commands.test_every_option import BASE
from tests.runs.commands.test_refused_options import BESIDE, CASES, without
from tests.study_folders import DEMAND, THETA, write_study

#: Mistakes that need neither the page's own packages nor those that draw, simulate and serve to be found.
EARLY = [
    "app --study study --world 1000",
    "app --study nowhere --world 1",
    "app nonsense",
    "app --name http://x",
    "app --host 203.0.113.7",
    "run --set lead_lab.revenue=0.04 --out there",
    "run nonsense",
    "sweep --vary lead_lab.revenue=0.04,1 --out there",
    "sweep --vary demand.strength=1,2 --out study",
    "tip --set lead_lab.revenue=0.04 --out there",
    "plot study --metric nonsense",
    "validate nonsense",
    "calibrate --fit C",
    "calibrate --fit A --out study",
    "validate --out study",
    "tip --scheduler http://x:1 --out there",
    "run --series nonsense",
    "sweep --vary demand.strength=1,2 --series nonsense --out there",
    "params --series nonsense",
    "params --preset nonsense",
]


def test_where_a_report_cannot_be_written_is_told_before_tables_are_read(tmp_path, monkeypatch, capsys):
    write_study(tmp_path / "study", (DEMAND, THETA))
    monkeypatch.setattr(reported_folder, "read_folder", None)
    assert cli.main(["report", str(tmp_path / "study"), "--out", str(tmp_path)]) == 2
    assert "--out takes a file to write, and" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("words", EARLY)
def test_a_mistake_is_told_before_anything_long_is_loaded(tmp_path, words):
    write_study(tmp_path / "study", (DEMAND, THETA))
    program = (
        "import sys\nfrom perpetuum.runs.commands import cli\ncode = cli.main(sys.argv[1:])\n"
        "print(code, *({'solara', 'mesa', 'uvicorn', 'matplotlib.pyplot', 'distributed'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program, *words.split()], capture_output=True, text=True, cwd=tmp_path)
    assert (done.stdout, done.stderr.count("\n")) == ("2\n", 1), done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"study"}


#: Calls every command line in a process of its own, as a shell does; says of which packages that take long were loaded.
ONE_AFTER_THE_OTHER = """
import json, sys
from perpetuum.runs.commands import cli
late = {}
for words in json.load(sys.stdin):
    before = {*sys.modules}
    assert cli.main(words) == 2, words
    if loaded := {"solara", "mesa", "uvicorn", "matplotlib.pyplot", "SALib", "distributed"} & {*sys.modules} - before:
        late[" ".join(words)] = sorted(loaded)
print(json.dumps(late))
"""


@pytest.mark.slow
def test_whatever_an_option_refuses_is_told_before_anything_long_is_loaded(tmp_path):
    for name, varied in STUDIES.items():
        write_study(tmp_path / name, varied)
    calls = [
        [command, *shlex.split(without(BESIDE.get((command, option), BASE[command]), option)), option, *shlex.split(value)]
        for command, option, value in CASES
    ]
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER], input=json.dumps(calls), capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == {}
