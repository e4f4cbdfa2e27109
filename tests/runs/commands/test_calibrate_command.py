"""The command that a fit's table says it was made with: as it would be typed again."""

from __future__ import annotations

import inspect
import shlex
from pathlib import Path

from perpetuum.runs.commands import calibrate


def test_a_fit_says_its_command_with_every_digit_and_a_name_as_a_shell_reads_it():
    usual = {name: one.default for name, one in inspect.signature(calibrate.calibrate).parameters.items()}
    given = {name: usual[name] for name in ("points", "replicates", "waves", "draws", "discrepancy", "seed")}
    asked = given | {"seed": 123456789, "discrepancy": 0.1234567}
    words = shlex.split(calibrate._typed("A", asked, Path("my fits/a.csv")))
    assert words[4:] == ["--discrepancy", "0.1234567", "--seed", "123456789", "--out", "my fits/a.csv"]
    assert calibrate._typed("B", given, None) == "perpetuum calibrate --fit B"
