"""Comparing two runs or studies: which worlds are the same, what became of them, and what was asked differently."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from perpetuum.model.observed.outcome import wilson
from perpetuum.model.scenario import InputError
from perpetuum.model.words.speech import say, speaking
from perpetuum.runs.commands import cli
from perpetuum.runs.commands.industry import speak_of
from perpetuum.runs.questions import comparison as comparing
from perpetuum.runs.questions.comparison import Side, compare, contrasts, match
from perpetuum.runs.screen.comparison import sentence, show
from perpetuum.runs.study.description import make_study
from perpetuum.runs.study.execute import run_study
from tests.model.words.test_catalogue import OF_AI

FELL, HELD, OPEN = "fallen", "stands_alone", "spinning"


def side(states, name="A", seed=1, varied=None, **values) -> Side:
    """A side in outline: states by world, replicates in order within each cell of `varied` (name to column)."""
    n = len(states)
    columns = {name: np.asarray(column) for name, column in (varied or {}).items()}
    cells = len({tuple(row) for row in zip(*columns.values(), strict=True)}) if columns else 1
    worlds = pd.DataFrame(
        {
            "world": np.arange(n),
            "replicate": np.arange(n) % (n // cells),
            "seed": np.full(n, seed),
            **columns,
            "state": list(states),
            "life": [30 if one == FELL else 120 for one in states],
            "first_domino": ["lead_lab" if one == FELL else "" for one in states],
            "first_default_month": [30 if one == FELL else -1 for one in states],
            "peak_revenue": np.arange(n) + 10.0,
        }
    )
    about = {"preset": "ono_2025", "months": 120, "replicates": n // cells}
    settings = {"funding.tightening": 0.6, "demand.strength": 1.0, **values}
    settings = {key: value for key, value in settings.items() if key not in columns}
    return Side(name, "study", about, settings, {key: list(column) for key, column in columns.items()}, worlds, 0)


# --- the same world twice -------------------------------------------------------------------------------------------


def test_the_same_worlds_are_counted_pair_by_pair():
    a = side([FELL] * 3 + [OPEN] * 7)
    b = side([OPEN] * 1 + [FELL] * 6 + [OPEN] * 3, name="B")
    result = compare(a, b)
    fell = result["pairs"][FELL]
    assert [fell[name] for name in comparing.PAIRS] == [2, 1, 4, 3]
    assert fell["difference"]["mean"] == pytest.approx(0.3)
    assert fell["difference"]["low"] < 0.3 < fell["difference"]["high"]
    assert fell["shares"]["only_b"]["share"] == 0.4
    assert result["pairs"]["same_ending"] == 5
    assert sentence(result) == "B has fallen in 4 of 10 worlds in which A has not, 1 the other way; in 2 both have."


def test_worlds_are_the_same_whatever_their_order():
    a = side([FELL, FELL, OPEN, OPEN])
    b = side([OPEN, OPEN, FELL, FELL])
    turned = Side(b.name, b.kind, b.about, b.values, b.varied, b.worlds.iloc[::-1].reset_index(drop=True), 0)
    rows_a, rows_b = match(a, turned)
    assert rows_a.tolist() == [0, 1, 2, 3]
    assert rows_b.tolist() == [3, 2, 1, 0]
    assert compare(a, turned)["pairs"] == compare(a, b)["pairs"]


def test_cells_match_by_the_values_of_what_is_varied():
    a = side([OPEN] * 4 + [FELL] * 2, varied={"funding.tightening": [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]})
    b = side([OPEN] * 2 + [FELL] * 2, varied={"funding.tightening": [0.5, 0.5, 0.25, 0.25]})
    rows_a, rows_b = match(a, b)
    assert (rows_a.tolist(), rows_b.tolist()) == ([2, 3], [0, 1])


def test_what_only_one_varies_is_matched_with_the_others_one_value():
    a = side([OPEN] * 4, varied={"demand.strength": [0.5, 0.5, 1.0, 1.0], "vendor_finance.instrument": ["loan"] * 4})
    b = side([OPEN] * 2, **{"demand.strength": 1.0, "vendor_finance.instrument": "loan"})
    assert match(a, b)[0].tolist() == [2, 3]
    other = side([OPEN] * 2, **{"demand.strength": 0.75, "vendor_finance.instrument": "loan"})
    assert len(match(a, other)[0]) == 0


def test_other_seeds_are_other_worlds():
    a, b = side([FELL] * 3 + [OPEN]), side([OPEN] * 4, seed=2)
    result = compare(a, b)
    assert result["pairs"] is None
    assert "A has fallen in 75 % (30–95) of its worlds, B in 0 % (0–49); no world is in both" in sentence(result)
    assert [one["what"] for one in result["differences"]] == ["seed"]


def test_where_worlds_are_alike_the_interval_is_what_so_many_might_not_have_shown():
    same = side([FELL] * 3 + [OPEN])
    difference = compare(same, same)["pairs"][FELL]["difference"]
    unseen = wilson(0, 4)[1]
    assert difference == {"mean": 0.0, "low": pytest.approx(-unseen), "high": pytest.approx(unseen)}
    assert sentence(compare(same, same)) == "Of 4 worlds that both have, fallen in A and in B: the same 3."


def test_the_interval_counts_replicates_not_cells():
    """Cells share their luck: a hundred copies of four replicates tell no more than the four."""
    one = [OPEN, OPEN, FELL, FELL]
    few = compare(side([OPEN] * 4), side(one))["pairs"][FELL]["difference"]
    copies = {"demand.strength": np.repeat(np.linspace(0.5, 1, 100), 4)}
    many = compare(side([OPEN] * 400, varied=copies), side(one * 100, varied=copies))["pairs"][FELL]["difference"]
    assert many == few
    assert few["high"] - few["low"] > 0.5


def test_medians_leave_out_worlds_without_a_default():
    a, b = side([FELL, OPEN, OPEN]), side([OPEN] * 3)
    metrics = compare(a, b)["metrics"]
    assert metrics["first_default_month"] == {"a": 30, "b": None, "difference": None, "paired": None}
    assert metrics["peak_revenue"]["paired"] == {"worlds": 3, "median": 0, "low": 0, "high": 0}


def test_what_was_asked_differently_is_named():
    a = side([OPEN] * 4, varied={"funding.tightening": [0, 0, 1, 1]})
    b = side([OPEN] * 4, **{"demand.strength": 2.0})
    assert [(one.what, one.mine, one.other) for one in contrasts(a, b)] == [
        ("replicates", "2", "4"),
        ("funding.tightening", "0,0,1,1", "0.6"),
        ("demand.strength", "1", "2"),
    ]


# --- folders --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> Path:
    """Two studies and two runs, small and short; `tight` and `run_tight` hold some of the same worlds."""
    root = tmp_path_factory.mktemp("compared")
    for name, strength in (("weak", 0.5), ("strong", 1.5)):
        overrides = {"demand.strength": strength, "demand.uncertainty": 0.0}
        study = make_study(
            "ono_2025", {"funding.tightening": "0:1:2"}, overrides=overrides, replicates=2, months=4, draws=True
        )
        run_study(study, root / name)
    for name, how in (("run_weak", "0.5"), ("run_strong", "1.5")):
        how = ["--set", f"demand.strength={how}", "--set", "funding.tightening=1"]
        quick = ["--worlds", "3", "--months", "4", "--no-figures", "--no-side-studies"]
        assert cli.main(["run", *how, *quick, "--out", str(root / name)]) == 0
    return root


@pytest.fixture
def perpetuum(capsys, folders, monkeypatch):
    monkeypatch.chdir(folders)
    capsys.readouterr()

    def call(*arguments: str):
        code = cli.main(["compare", *arguments])
        return code, *capsys.readouterr()

    return call


@pytest.mark.slow
def test_two_studies_are_compared_on_one_screen(perpetuum):
    code, out, err = perpetuum("weak", "strong")
    assert (code, err) == (0, "")
    for words in ("4 worlds that both have", "demand.strength", "0.5", "1.5", "fallen", "Medians"):
        assert words in out, words
    assert max(map(len, out.splitlines())) <= 96


def test_at_80_columns_no_name_of_a_state_is_cut():
    sides = []
    for name in "AB":
        one = side([FELL, OPEN], name)
        one.worlds["first_domino"] = "applications"  # a firm whose name leaves little room
        sides.append(one)
    console = Console(width=80, file=io.StringIO(), legacy_windows=False)
    show(compare(*sides), console)
    out = console.file.getvalue()
    for name in ("spinning on outside money", "smaller and self-financing", "first to default, mostly", "companies (2)"):
        assert name in out, name
    assert max(map(len, out.splitlines())) <= 80


def test_of_firms_that_default_first_in_equally_many_worlds_none_is_named_alone():
    one = side([FELL, FELL, FELL, OPEN])
    one.worlds["first_domino"] = ["lead_lab", "neocloud", "second_lab", ""]
    console = Console(width=200, file=io.StringIO(), legacy_windows=False)
    show(compare(one, side([FELL] * 4, "B")), console)
    told = " ".join(console.file.getvalue().split())
    assert "first to default, mostly the lead lab, the neocloud or the second lab (1) the lead lab (4)" in told


#: What is said of one industry's firms or goods alone.
OF_ONE = {
    "en": rf"{OF_AI['en']}|carrier|equipment|network|incumbent|backbone",
    "zh": f"{OF_AI['zh']}|运营商|设备|网络|骨干网",
}


@pytest.mark.parametrize(
    ("language", "firms"), [("en", ("the lead lab", "the lead carrier")), ("zh", ("头部实验室", "头部运营商"))]
)
def test_two_industries_are_compared_in_words_that_hold_for_both_and_each_names_its_own_firms(language, firms):
    sides = []
    for name, preset in zip("AB", ("ono_2025", "telecom_1999"), strict=True):
        one = side([FELL, OPEN], name)
        one.worlds[list(comparing.METRICS)] = 1.5
        sides.append(replace(one, about={**one.about, "preset": preset}))
    result = compare(*sides)
    with speaking(language, ""):
        speak_of("ono_2025", "telecom_1999", gone=True)
        console = Console(width=200, file=io.StringIO(), legacy_windows=False)
        show(result, console)
    told = console.file.getvalue()
    for firm in firms:
        assert firm in told, firm
        told = told.replace(firm, "")
    assert len(told.splitlines()) > 25
    assert [line for line in told.splitlines() if re.search(OF_ONE[language], line)] == []


@pytest.mark.parametrize(
    ("presets", "word"), [(("ono_2025", "ono_2023"), "Chip vendors"), (("telecom_1999",) * 2, "Equipment")]
)
def test_two_machines_of_one_industry_are_compared_in_its_own_words(presets, word):
    with speaking("en", ""):
        speak_of(*presets, gone=True)
        assert say.metric("peak_revenue")[0].startswith(word)


def test_numbers_beside_each_other_have_as_many_decimals_and_none_that_tell_nothing():
    a, b = side([FELL, OPEN, OPEN]), side([OPEN, OPEN, OPEN], "B")
    a.worlds["full_ratio_last"], b.worlds["full_ratio_last"] = [1.1, 1.1, 1.1], [0.732, 0.878, 1.168]
    a.worlds["outside_financing_peak"], b.worlds["outside_financing_peak"] = [4000.2, 4000.2, 4000.2], [360.4, 360.0, 0.3]
    console = Console(width=200, file=io.StringIO(), legacy_windows=False)
    show(compare(a, b), console)
    rows = [" ".join(line.split()) for line in console.file.getvalue().splitlines()]
    assert [row.partition(" ratio ")[2] for row in rows if " ratio " in row] == ["1.10 0.88 −0.22 (−0.35 to +0.04)"]
    assert [row.partition(" $bn ")[2] for row in rows if "Money from outside" in row] == [
        "4,000 360 −3,640 (−3,964 to −3,640)"
    ]


def test_runs_of_other_lengths_are_said_to_be_judged_after_other_times():
    a, b = side([FELL, HELD]), side([HELD, HELD])
    assert "judged after" not in sentence(compare(a, b))
    b.about["months"] = 33
    assert "A is judged after 120 months and B after 33" in sentence(compare(a, b))


@pytest.mark.slow
def test_json_of_two_runs_pairs_their_worlds(perpetuum):
    result = json.loads(perpetuum("run_weak", "run_strong", "--json")[1])
    assert result["pairs"]["worlds"] == 3
    assert result["differences"] == [{"what": "demand.strength", "mine": "0.5", "other": "1.5"}]
    assert result["metrics"]["final_revenue"]["paired"]["median"] > 0


def test_a_run_and_a_study_share_the_worlds_with_the_same_values(perpetuum):
    """The study's cell of full tightening holds the first two worlds of the run, to the last digit."""
    result = json.loads(perpetuum("run_weak", "weak", "--json")[1])
    assert result["pairs"]["worlds"] == 2
    assert [one["what"] for one in result["differences"]] == ["replicates", "funding.tightening"]
    for one in result["metrics"].values():
        assert one["paired"] is None or one["paired"]["low"] == one["paired"]["high"] == 0


def test_a_folder_that_is_neither_is_refused_in_a_sentence(perpetuum, folders):
    (folders / "empty").mkdir(exist_ok=True)
    for arguments, words in (
        (("weak", "empty"), "'empty' holds neither a run nor a study"),
        (("nowhere", "weak"), "'nowhere' is not a folder"),
        (("weak",), "missing argument"),
    ):
        code, out, err = perpetuum(*arguments)
        assert (code, out) == (2, "")
        assert words in err
        assert len(err.splitlines()) == 1


def test_a_manifest_that_says_nothing_is_refused(tmp_path):
    for text in ("{}", "[]", "not json"):
        (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="neither a run nor a study"):
            comparing.read_side(tmp_path)


def test_contracts_that_differ_are_told_and_an_older_run_that_does_not_say_is_not_taken_to_differ():
    name = "contracts.lead_lab.neocloud.gw"
    mine, other = side([OPEN], **{name: 0.1}), side([OPEN], name="B", **{name: 0.2})
    assert [one.what for one in contrasts(mine, other)] == [name]
    assert contrasts(mine, side([OPEN], name="older")) == []
