"""What is wrong is told before anything long: no compilation, and none of the packages that simulate, draw and serve loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
    "params --preset nonsense",
]


@pytest.mark.slow
@pytest.mark.parametrize("words", EARLY)
def test_a_mistake_is_told_before_anything_long_is_loaded(tmp_path, words):
    write_study(tmp_path / "study", (DEMAND, THETA))
    program = (
        "import sys\nfrom perpetuum.runs.commands import cli\ncode = cli.main(sys.argv[1:])\n"
        "print(code, *({'solara', 'mesa', 'uvicorn', 'matplotlib.pyplot'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program, *words.split()], capture_output=True, text=True, cwd=tmp_path)
    assert (done.stdout, done.stderr.count("\n")) == ("2\n", 1), done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"study"}
