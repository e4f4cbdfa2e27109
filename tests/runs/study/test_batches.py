"""Worlds by description, and `simulate`: a world is a function of its parameters, its shocks and the months."""

from __future__ import annotations

import concurrent.futures
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.books.accounts import OverdraftError
from perpetuum.model.economy import Economy
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import InputError, Scenario
from perpetuum.runs.study import batches as worlds
from perpetuum.runs.study import simulate
from perpetuum.runs.study.batches import Batch, run_batch, run_worlds
from perpetuum.runs.study.executors import TOGETHER, cut

ROOT = Path(__file__).resolve().parents[3]
MONTHS = 6
#: Months simulated where so many are judged.
SIMULATED = MONTHS + 11
DEMAND = [0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.7]
LABELS = ("state", "cause", "outcome", "first_domino")


def batch(**changed) -> Batch:
    """Seven worlds that differ in demand, three of them living through the same shocks."""
    of = {"preset": "ono_2025", "overrides": {}, "varied": {"demand.strength": DEMAND}, "worlds": range(7)}
    return Batch(**{**of, "replicates": [0, 0, 0, 1, 2, 3, 4], "months": MONTHS, **changed})


class FrailEconomy(Economy):
    """An economy in which worlds whose demand is 0.9 or 1.5 break in the fourth month; `told` says so or not."""

    told = True

    def step(self) -> None:
        if self.month == 3:
            mask = np.isin(self.p.demand.strength, (0.9, 1.5))
            if mask.any():
                raise OverdraftError("somebody overdraws", mask) if self.told else ZeroDivisionError("nothing to divide by")
        super().step()


@pytest.fixture
def frail(monkeypatch):
    monkeypatch.setattr(worlds, "make_economy", FrailEconomy)
    return FrailEconomy


@pytest.mark.slow
def test_a_row_says_what_the_economy_alone_says_bit_for_bit():
    table = simulate({"demand.strength": DEMAND}, seeds=[0, 0, 0, 1, 2, 3, 4], months=MONTHS)
    for place in (0, 4):
        alone = Scenario(overrides={"demand.strength": DEMAND[place]}, months=SIMULATED, replicates=[[0, 0, 0, 1, 2][place]])
        economy = Economy(alone)
        economy.run(MONTHS)
        reckoning = economy.reckoning()  # of the months judged
        economy.run()
        verdict, row = economy.outcome(), table.loc[place]
        for name in LABELS:
            assert row[name] == getattr(verdict, name)[0]
        for name, values in verdict.metrics.items():
            assert row[name] == values[0], name
        for name, values in reckoning.items():
            assert row[f"reckoning:{name}"] == values[0], name
        revenue, own = (economy.series[name][0, :MONTHS] for name in ("vendor_revenue", "own_money_share"))
        assert row["vendor_revenue_sum"] == revenue.sum()
        assert row["own_money_share"] == (own * revenue).sum() / revenue.sum()


@pytest.mark.slow
def test_simulate_takes_columns_rows_and_frames_alike():
    columns = {"demand.strength": [0.5, 1.5], "vendor_finance.instrument": ["loan", "equity"], "funding.tightening": 1.0}
    table = simulate(columns, seeds=[3, 4], months=3)
    assert table["replicate"].tolist() == [3, 4]
    assert table["vendor_finance.instrument"].tolist() == ["loan", "equity"]
    assert table["funding.tightening"].tolist() == [1.0, 1.0]
    frame = pd.DataFrame({name: values if isinstance(values, list) else [values] * 2 for name, values in columns.items()})
    assert simulate(frame, seeds=np.array([3, 4]), months=3).equals(table)
    assert simulate(frame.to_dict("records"), seeds=(3, 4), months=3).equals(table)
    single = simulate({"demand.strength": 0.5}, seeds=3, months=3)
    assert single["final_revenue"][0] == simulate({"demand.strength": [0.5]}, [3], 3)["final_revenue"][0]


def test_simulate_does_not_mind_company_or_order():
    forth = simulate({"demand.strength": DEMAND}, seeds=range(7), months=MONTHS)
    back = simulate({"demand.strength": DEMAND[::-1]}, seeds=range(6, -1, -1), months=MONTHS)
    numbers = forth.columns.drop("world")
    assert back.iloc[::-1].reset_index(drop=True)[numbers].equals(forth[numbers])


def test_worlds_with_the_same_seed_share_their_luck():
    table = simulate({"demand.strength": 1.0}, seeds=[2, 3, 2], months=MONTHS)
    assert table["vendor_revenue_sum"][0] == table["vendor_revenue_sum"][2] != table["vendor_revenue_sum"][1]


def test_series_give_a_row_a_world_and_month():
    table = simulate({"demand.strength": [0.5, 1.5]}, seeds=1, months=3, series=["vendor_revenue"])
    assert table.columns.tolist() == ["world", "replicate", "demand.strength", "verdict", "month", "date", "vendor_revenue"]
    economy = Economy(Scenario(overrides={"demand.strength": np.array([0.5, 1.5])}, worlds=2, months=14, replicates=[1, 1]))
    economy.run()
    assert table["vendor_revenue"].to_numpy().reshape(2, 14).tolist() == economy.series["vendor_revenue"].tolist()
    assert table["date"].tolist() == economy.dates * 2


@pytest.mark.slow
def test_what_shapes_a_batch_may_vary_from_world_to_world():
    name, sizes = "investors.per_strategy", [4, 33, 4]
    assert PARAMETERS[name].structural
    table = simulate({name: sizes}, seeds=[0, 1, 2], months=3)
    assert table[name].tolist() == sizes
    for place, size in enumerate(sizes):
        alone = Economy(Scenario(overrides={name: size}, months=3, replicates=[place]))
        alone.run()
        assert table["reckoning:gain:index_investors"][place] == alone.reckoning()["gain:index_investors"][0]


@pytest.mark.slow
def test_a_crowd_of_investors_makes_smaller_batches_and_the_same_worlds(monkeypatch):
    sizes = []
    make = worlds.make_economy
    monkeypatch.setattr(worlds, "make_economy", lambda scenario: sizes.append(scenario.worlds) or make(scenario))
    monkeypatch.setattr(worlds, "CROWD", 1)
    monkeypatch.setattr(worlds, "TOGETHER", 3 * 33)
    small = run_batch(batch(months=2))
    assert sizes == [3, 3, 1]
    monkeypatch.undo()
    pd.testing.assert_frame_equal(small.worlds.to_pandas(), run_batch(batch(months=2)).worlds.to_pandas(), check_exact=True)


@pytest.mark.slow
@pytest.mark.parametrize("told", [True, False])
def test_a_world_that_fails_is_a_row_with_its_error_and_the_others_do_not_notice(monkeypatch, frail, told):
    monkeypatch.setattr(frail, "told", told)
    result = run_batch(batch(series=("vendor_revenue",)))
    monkeypatch.undo()
    sound = run_batch(batch(series=("vendor_revenue",)))
    table, whole = result.worlds.to_pandas(), sound.worlds.to_pandas()
    failed = table["demand.strength"].isin((0.9, 1.5))
    expected = "OverdraftError in month 3, audit_and_collect"
    if not told:
        expected = "ZeroDivisionError in month 3, audit_and_collect: nothing to divide by"
    assert table["error"].tolist() == [expected if one else "" for one in failed]
    assert table[~failed].equals(whole[~failed])
    assert (table.loc[failed, list(LABELS)] == "").all(axis=None)
    assert (table.loc[failed, "first_default_month"] == -1).all()
    assert table.loc[failed, "final_revenue"].isna().all()
    assert table.loc[failed, "replicate"].tolist() == [0, 3]
    months = result.series.to_pandas()
    assert months.equals(sound.series.to_pandas().query("world not in (2, 5)").reset_index(drop=True))


@pytest.mark.slow
def test_where_all_worlds_fail_the_columns_and_types_are_the_same(monkeypatch, frail):
    failed = run_batch(batch(varied={"demand.strength": [0.9] * 7}, series=("capex",)))
    monkeypatch.undo()
    sound = run_batch(batch(series=("capex",)))
    assert failed.worlds.schema == sound.worlds.schema
    assert failed.series.schema == sound.series.schema
    assert failed.series.num_rows == 0
    assert set(failed.worlds["error"].to_pylist()) == {"OverdraftError in month 3, audit_and_collect"}


def test_an_error_reads_the_same_in_any_company(frail):
    alone = run_batch(batch(varied={"demand.strength": [1.5]}, worlds=[5], replicates=[3]))
    together = run_batch(batch())
    assert alone.worlds.to_pandas().equals(together.worlds.slice(5, 1).to_pandas())


@pytest.mark.slow
def test_any_executor_will_do_and_gets_few_batches_at_a_time():
    class Watched(concurrent.futures.ThreadPoolExecutor):
        waiting = most = 0

        def submit(self, *args, **kwargs):
            future = super().submit(*args, **kwargs)
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            future.add_done_callback(lambda _: setattr(self, "waiting", self.waiting - 1))
            return future

    done = []
    with Watched(1) as executor:
        table = run_worlds(
            "triangle",
            varied={"demand.strength": np.linspace(0.5, 1.5, 30).tolist()},
            replicates=range(30),
            months=2,
            batch=2,
            executor=executor,
            progress=lambda *worlds: done.append(worlds),
        )
    assert executor.most <= 4
    assert table["world"].tolist() == list(range(30))
    assert done[-1] == (30, 30)
    assert len(done) == 15


def test_batches_are_cut_without_gaps_and_evenly_over_workers():
    for total in (1, 2, 95, 100, TOGETHER, TOGETHER + 1, 2000, 8820, 100_003):
        for workers in (1, 2, 7):
            parts = list(cut([(0, total)], workers))
            assert [first for first, _ in parts] == [0, *(last for _, last in parts[:-1])]
            assert parts[-1][1] == total
            sizes = [last - first for first, last in parts]
            assert max(sizes) <= TOGETHER
            rounds = -(-total // (TOGETHER * workers))
            halved = workers if rounds > 2 and workers > 1 else 0
            assert len(sizes) <= workers * rounds + halved
            assert max(sizes[:workers]) - min(sizes[:workers]) <= workers
    assert list(cut([(0, 10), (12, 13)], 2, 4)) == [(0, 4), (4, 8), (8, 10), (12, 13)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"parameters": {"demand.strenght": 1.0}}, "did you mean 'demand.strength'"),
        ({"parameters": {"demand.strength": [1.0, -5.0]}}, "cannot be -5.0"),
        ({"parameters": {"demand.strength": [1.0, [2.0]]}}, "cannot be [2.0]"),
        ({"parameters": {"demand.strength": [1.0, 1.1], "vendor.lock_in": [0.1]}}, "not different numbers"),
        ({"parameters": {"demand.strength": [1.0, 1.1]}, "seeds": [1, 2, 3]}, "3 of seeds"),
        ({"parameters": {"demand.strength": []}}, "at least one world"),
        ({"parameters": []}, "at least one world"),
        ({"parameters": [{"demand.strength": 1.0}, {"vendor.lock_in": 0.1}]}, "the same names"),
        ({"parameters": {}, "seeds": -1}, "at least 0"),
        ({"parameters": {}, "seeds": 0.5}, "whole number"),
        ({"parameters": {}, "months": 0}, "months must be"),
        ({"parameters": {}, "workers": 0}, "workers must be"),
        ({"parameters": {}, "series": ["capexx"]}, "did you mean 'capex'"),
        ({"parameters": {}, "preset": "nowhere"}, "unknown preset"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(InputError) as error:
        simulate(**{"months": 2, **arguments})
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_fixed_cannot_vary_too():
    with pytest.raises(InputError, match="both fixed and varied"):
        run_worlds(overrides={"demand.strength": 1.0}, varied={"demand.strength": [1.0]}, replicates=[0], months=1)


@pytest.mark.slow
def test_simulate_is_importable_without_the_command_line_or_figures():
    code = (
        "import sys; from perpetuum.runs.study import simulate; simulate({}, months=1, preset='triangle');"
        "print([name for name in ('typer', 'matplotlib', 'perpetuum.runs.commands.cli', 'perpetuum.visualization', 'solara')"
        " if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


# --- seeds of `simulate` --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seeds", [[3, 4], (3, 4), range(3, 5), np.array([3, 4]), pd.Series([3, 4])], ids=type)
def test_seeds_come_as_any_list(fake, seeds):
    assert simulate({}, seeds, months=2)["replicate"].tolist() == [3, 4]
    assert simulate({}, np.int64(3), months=2)["replicate"].tolist() == [3]


@pytest.mark.parametrize(
    ("parameters", "seeds", "sentence"),
    [
        ({}, -1, "a replicate is a whole number of at least 0 and at most 9223372036854775807, not -1"),
        ({}, 2**63, "a replicate is a whole number of at least 0"),
        ({}, [1, 2**64 + 1], "a replicate is a whole number of at least 0"),
        ({}, [1.5], "a replicate is a whole number"),
        ({}, {1, 2}, "a replicate is a whole number"),
        ({}, pd.Series([1.5]), "a replicate is a whole number"),
        ({}, "3", "a replicate is a whole number"),
        (5, 0, "parameters must map names to values"),
        (None, 0, "parameters must map names to values"),
        ({5: 1}, 0, "parameters have names such as"),
        ({"demand.strength": -1}, 0, "^'demand.strength' cannot be -1: it takes"),
    ],
    ids=str,
)
def test_what_is_wrong_with_worlds_is_told_before_any_is_simulated(monkeypatch, parameters, seeds, sentence):
    monkeypatch.setattr(worlds, "make_economy", lambda *_: pytest.fail("simulated"))
    with pytest.raises(InputError, match=sentence):
        simulate(parameters, seeds, months=2)


def test_a_seed_that_tables_do_not_hold_is_refused_before_any_world_is_simulated(monkeypatch):
    monkeypatch.setattr(worlds, "make_economy", lambda *_: pytest.fail("simulated"))
    for seed in (2**63, -1, 1.5, True):
        with pytest.raises(InputError, match="seed must be a whole number of at least 0 and at most 9223372036854775807"):
            run_worlds(replicates=[0], seed=seed)
