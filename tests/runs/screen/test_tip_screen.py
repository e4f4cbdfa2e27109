"""The screen of `tip`: nothing is cut at 80 columns, and levels are as short as tells them apart."""

from __future__ import annotations

import io

from rich.console import Console

from perpetuum.runs.questions import tipping
from perpetuum.runs.questions.tipping import Tip
from perpetuum.runs.screen.tip import show
from tests.runs.questions.test_tipping import FakeWorlds, logistic


def screen(over, falls=logistic):
    """Lines of the answer about a parameter."""
    asked = Tip(worlds=40, over=over)
    console = Console(width=80, file=io.StringIO(), legacy_windows=False)
    show(tipping.summarise(asked, tipping.search(asked, FakeWorlds(falls))), console, [], "there")
    return console.file.getvalue().splitlines()


def test_a_long_name_of_a_parameter_cuts_no_head_of_the_table_of_probes():
    told = " ".join(" ".join(screen("venture.inflow", lambda x: 0.06 * x / 100)).split())
    for head in ("venture funds", "months of life lost", "fallen by Sep 2035", "alone at the end"):
        assert head in told, head


def test_probes_are_told_in_no_more_digits_than_tell_them_apart():
    lines = screen("funding.tightening")
    table = lines[next(k for k, line in enumerate(lines) if line.startswith("Probes")) + 2 :]
    levels = [line.split()[0] for line in table if line[:1] == " " and line.split()]
    assert len(levels) > 10
    assert len({*levels}) == len(levels)
    assert max(len(level.partition(".")[2]) for level in levels) <= 3, levels
    assert {"0", "0.1", "1"} <= {*levels}
