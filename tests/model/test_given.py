"""What anybody gives: a number is written in the digits 0 to 9 wherever it is written, and what is none is told in a sentence."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.errors import InputError, nearest
from perpetuum.model.given import Named, number
from perpetuum.model.presets import load_preset
from perpetuum.model.scenario import MOST_WORLDS, Scenario, check_memory, least_bytes
from perpetuum.runs.commands import cli
from perpetuum.runs.study import load, simulate
from perpetuum.runs.study.batches import run_worlds
from perpetuum.runs.study.description import make_study, read_toml
from perpetuum.runs.study.execute import run_study
from perpetuum.visualization.app.address import read

DEMAND, THETA = "demand.strength", "funding.tightening"
#: Arabic, Devanagari, full-width and superscript digits; a minus that is no hyphen; what Python, Excel or C would read.
NO_NUMBERS = ("٣", "२", "１", "²", "−1", "1_0", "1,5", "1e400", "0x1", "inf", "nan", "1 2", "½", "50%", "+", ".", "e1", "")
SHORT = {"preset": "triangle", "months": 2}


@pytest.mark.parametrize("written", NO_NUMBERS)
def test_what_is_no_number_is_none_wherever_it_is_written(written, tmp_path, capsys):
    with pytest.raises(InputError, match=f"'{DEMAND}' cannot be"):
        Scenario(**SHORT, overrides={DEMAND: written})
    with pytest.raises(InputError):
        Scenario(**SHORT, overrides={DEMAND: [written]})
    file = tmp_path / "mine.toml"
    file.write_text(f'extends = "triangle"\n[parameters]\n"{DEMAND}" = {{value = "{written}", source = "mine"}}\n', "utf-8")
    with pytest.raises(InputError, match=f"'{DEMAND}'"):
        load_preset(str(file))
    with pytest.raises(InputError):
        make_study("triangle", {DEMAND: f"{written}:2:3"}, months=2)
    with pytest.raises(InputError, match="for its count"):
        make_study("triangle", {DEMAND: f"1:2:{written}"}, months=2)
    address = read(f"{DEMAND}={written}&months=12&month={written}&seed={written}")
    assert (address.month, address.start.seed, address.start.settings) == (0, 1, {})
    for options in (
        ["--set", f"{DEMAND}={written}"],
        ["--worlds", written],
        ["--months", written],
        ["--seed", written],
        ["--until", f"2026-{written}"],
    ):
        assert cli.main(["run", "triangle", *options, "--out", str(tmp_path / "out")]) == 2, options
        told = capsys.readouterr().err.strip()
        assert told.startswith("perpetuum: ")
        assert "\n" not in told
    for options in (
        ["--from", written],
        ["--over", f"{THETA}={written}:1"],
        ["--by", f"2026-{written}"],
        ["--worlds", written],
    ):
        assert cli.main(["tip", "triangle", *options, "--out", str(tmp_path / "out")]) == 2, options
        assert capsys.readouterr().err.strip().count("\n") == 0
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("written", ["2", " 2 ", "+2", "2.", "2.0", "0.2e1", "20E-1", "\u30002"])
def test_a_number_may_be_written_in_any_of_the_usual_ways(written):
    assert number(written) == 2.0
    assert Scenario(**SHORT, overrides={DEMAND: written}).value(DEMAND) == 2.0


@pytest.mark.parametrize("nothing", ["-0", "-0.0", -0.0, np.float64(-0.0), [-0.0], ["-0"]], ids=repr)
def test_nothing_has_no_sign(nothing):
    told = Scenario(**SHORT, overrides={THETA: nothing}).value(THETA)
    assert str(np.ravel(told)[0]) == "0.0"


@pytest.mark.parametrize(
    "typed", [2, 2.0, np.float32(2), np.int8(2), np.array(2.0), Decimal(2), Fraction(4, 2), np.longdouble(2)], ids=repr
)
def test_a_number_may_be_of_any_type(typed):
    assert number(typed) == 2.0
    assert Scenario(**SHORT, overrides={DEMAND: typed}).value(DEMAND) == 2.0


@pytest.mark.parametrize(
    "typed",
    [True, np.True_, b"2", 2j, np.complex128(2), None, pd.NA, pd.NaT, np.ma.masked, Decimal("sNaN"), object(), {2}, "2x",
     10**5000, "9" * 5000, np.datetime64("2026-01-01"), lambda: 2],
    ids=lambda one: type(one).__name__,
)  # fmt: skip
def test_what_has_another_type_is_no_number(typed):
    with pytest.raises(InputError, match=f"'{DEMAND}' cannot be .* it takes from") as refused:
        Scenario(**SHORT, overrides={DEMAND: typed})
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("column", [pd.Series([0.5, 2.0]), pd.Index([0.5, 2.0]), (0.5, 2.0), np.array([0.5, 2.0])])
def test_one_value_a_world_may_come_in_any_list(column):
    assert Scenario(**SHORT, worlds=2, overrides={DEMAND: column}).value(DEMAND).tolist() == [0.5, 2.0]


@pytest.mark.parametrize(
    "worlds", [MOST_WORLDS + 1, 10**12, 2**63, 10**30, 10**5000], ids=["1e6", "1e12", "2**63", "1e30", "1e5000"]
)
def test_more_worlds_than_anybody_simulates_at_once_are_refused_before_any_is_made(worlds):
    with pytest.raises(InputError, match="an economy holds at most 1,000,000 worlds at once, not"):
        Scenario(**SHORT, worlds=worlds)


def test_more_worlds_than_the_memory_holds_are_refused_before_any_is_made(monkeypatch):
    monkeypatch.setattr("os.sysconf", lambda what: 10**6 if what == "SC_PHYS_PAGES" else 4096)
    usual = Scenario("ono_2025", months=131)
    room = 4096 * 10**6 // least_bytes(len(usual.definition.agents), 131)
    check_memory(room, usual)
    with pytest.raises(InputError, match=r"need more than 43 GB of memory, and this machine has 4: `perpetuum sweep`"):
        Economy(preset="ono_2025", months=131, worlds=100_000)
    with pytest.raises(InputError, match="worlds at once over 131 months need more than 4 GB"):
        Economy(preset="ono_2025", months=131, worlds=room + 1)
    check_memory(3 * room, Scenario("triangle", months=60))  # smaller worlds, for a shorter time
    monkeypatch.setattr("os.sysconf", lambda what: -1)  # where nobody says
    check_memory(100_000, usual)


@pytest.mark.slow
def test_a_world_takes_no_less_memory_than_is_said_that_it_takes_at_least():
    import tracemalloc

    worlds, months = 300, 14
    Economy(preset="triangle", worlds=1, months=months).run()
    tracemalloc.start()
    try:
        economy = Economy(preset="triangle", worlds=worlds, months=months, series=("vendor_revenue",))
        economy.run()
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    agents = len(economy.scenario.definition.agents)
    assert taken > worlds * least_bytes(agents, months)


def test_too_little_memory_is_told_in_a_sentence(monkeypatch, tmp_path, capsys):
    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr("perpetuum.runs.study.arms.simulate", full)
    assert cli.main(["run", "triangle", "--worlds", "2", "--out", str(tmp_path / "out")]) == 2
    assert "too little memory" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def economy():
    economy = Economy(preset="triangle", months=13, worlds=2)
    economy.run(1)
    return economy


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda e: e.run(1, progress=3), "progress must be a function"),
        (lambda e: e.outcome(3), "a definition of the states is a Definition, not 3"),
        (lambda e: e.ring_flows("x"), "window_months must be a whole number of at least 1, not 'x'"),
        (lambda e: e.ring_flows(0), "window_months"),
        (lambda e: e.ring_flows(1.5), "window_months"),
        (lambda e: e.ring_flows(worlds=[2]), "chosen by their numbers, whole ones from 0 to 1"),
        (lambda e: e.ring_flows(worlds=[-1]), "chosen by their numbers"),
        (lambda e: e.ring_flows(worlds=np.array([True, False, True])), "chosen by their numbers"),
        (lambda e: e.ring_flows(worlds=[]), "chosen by their numbers"),
        (lambda e: e.move_lever(None, 1), "unknown parameter 'None'"),
        (lambda e: e.move_lever([], 1), "unknown parameter"),
        (lambda e: e.move_lever(THETA, 1, [[0], [1, 2]]), "true or false for each of 2 worlds"),
        (lambda e: e.move_lever(THETA, 1, ["no", "yes"]), "true or false for each of 2 worlds"),
        (lambda e: e.move_lever(THETA, 1, [1, 0]), "true or false for each of 2 worlds"),
        (lambda e: e.fork([[1], [0, 1]]), "forked by their numbers"),
        (lambda e: e.fork(np.array([], dtype=int)), "forked by their numbers"),
        (lambda e: e.fork(np.zeros(MOST_WORLDS + 1, dtype=np.int8)), "at most 1,000,000 worlds"),
        (lambda e: e.series["vendor_revenu"], "no series 'vendor_revenu' here: .*; did you mean 'vendor_revenue'?"),
        (lambda e: e.agents_by_role["labs"], "no role 'labs' here: there are .*; did you mean 'lab'?"),
        (lambda _: Economy(**SHORT, overrides=None), "overrides must map names"),
        (lambda _: Economy(**SHORT, overrides=[1], demand__strength=1), "overrides must map names"),
        (lambda _: Economy(**SHORT, overrides={DEMAND: 1}, demand__strength=2), "is given twice"),
        (lambda _: Economy(**SHORT, agent_classes={5: object}), "unknown role '5' in agent_classes"),
        (lambda _: simulate(pd.DataFrame([[1, 2]], columns=[DEMAND] * 2)), "more than one column 'demand.strength'"),
        (lambda _: simulate({}, seeds=range(10**12)), "a table has at most 1,000,000 worlds"),
        (lambda _: simulate({}, workers=10**9, **SHORT), "workers must be a whole number from 1 to"),
        (lambda _: run_worlds(replicates=3), "replicates must be a list"),
        (lambda _: run_worlds(replicates=None), "replicates must be a list"),
        (lambda _: run_worlds(replicates=[0], varied={DEMAND: 3}), "'demand.strength' must be a list"),
        (lambda _: run_worlds(replicates=range(MOST_WORLDS + 1)), "1,000,000 at most, not range"),
        (lambda _: make_study("triangle", [THETA]), "what varies must map names"),
        (lambda _: make_study("triangle", {THETA: "0:1:2"}, replicates="3"), "replicates must be a whole number"),
        (lambda _: make_study("triangle", {THETA: "0:1:2"}, replicates=None), "replicates must be a whole number"),
        (lambda _: make_study("triangle", {THETA: "0:1"}, design="lhs", samples="4"), "--samples takes a whole number"),
        (lambda _: make_study("triangle", {THETA: "0:1"}, design="lhs", samples=True), "--samples takes a whole number"),
        (lambda _: make_study("triangle", {THETA: "0:1:2"}, design=5), "unknown design '5'"),
        (lambda _: make_study("triangle", {THETA: []}, design="cells"), "must be a list with one value a cell"),
        (lambda _: make_study("triangle", [THETA], design="cells"), "cells must map names"),
        (lambda _: make_study("triangle", {THETA: "0:1:2"}, overrides=["x"]), "overrides must map names"),
        (lambda _: make_study("triangle", {THETA: "0:1:2"}, series="capex"), "series must be a list of names"),
        (lambda _: make_study("triangle", {THETA: "0:1:2"}, series=5), "series must be a list of names"),
        (lambda _: read_toml(None), "a study's file must be a path, not None"),
        (lambda _: load(5), "a study's folder must be a path, not 5"),
        (lambda _: load(".", columns="state"), "columns must be a list of names"),
        (lambda _: run_study({}, "x"), "a study is what make_study or read_toml returns"),
        (lambda _: run_study(make_study("triangle", {THETA: "0:1:2"}, months=1), None), "a study's folder must be a path"),
    ],
)
def test_whatever_python_is_asked_is_answered_or_refused_in_a_sentence(asked, said, economy):
    with pytest.raises(InputError, match=said) as refused:
        asked(economy)
    assert "\n" not in str(refused.value)


def test_batches_hold_whole_worlds(tmp_path):
    study = make_study("triangle", {THETA: "0:1:2"}, months=1, replicates=1)
    for size in (0, 1.5, "a", True):
        with pytest.raises(InputError, match="a batch holds a whole number of worlds"):
            run_study(study, tmp_path / "study", batch=size)


def test_a_ring_is_that_of_the_worlds_chosen_by_number_or_mask(economy):
    first = economy.ring_flows(worlds=[0])
    assert first == economy.ring_flows(worlds=np.array([True, False])) == economy.ring_flows(worlds=np.array([0, 0]))


def test_named_values_are_an_ordinary_mapping():
    named = Named("series", {"capex": 1})
    for one in (named, copy.deepcopy(named), pickle.loads(pickle.dumps(named))):
        assert one == {"capex": 1}
        assert (one.get("x"), "x" in one) == (None, False)
        with pytest.raises(KeyError, match="no series 'x' here: there are capex"):
            one["x"]


def test_a_sentence_repeats_no_more_of_a_word_than_can_be_read():
    with pytest.raises(InputError) as refused:
        Scenario(**SHORT, overrides={"x" * 100_000: 1})
    assert len(str(refused.value)) < 500
    assert nearest("x" * 100_000, ["x"]) == ""
    assert "\n" not in str(InputError("two\nlines"))
