"""What a Python user gets wrong in a scenario, or asks of an economy too early, is said in one sentence before anything runs."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.errors import InputError
from perpetuum.model.scenario import Scenario
from perpetuum.model.uncertainty import read_unknowns
from perpetuum.runs.study.design import make_design

SHORT = {"preset": "triangle", "months": 2}


@pytest.mark.parametrize(
    ("keywords", "sentence"),
    [
        ({"preset": 5}, r"a preset is a name \(first_lesson, .*\) or the path of a .toml file, not 5"),
        ({"preset": None}, "a preset is a name"),
        ({"overrides": ["demand.strength"]}, "overrides must map names"),
        ({"overrides": {5: 1}}, "overrides must map names"),
        ({"series": "vendor_revenue"}, r"series must be a list of names, .* not 'vendor_revenue'"),
        ({"series": 5}, "series must be a list of names"),
        ({"series": [5]}, "series must be a list of names, .* and 5 is none"),
        (
            {"replicates": [1.2, 1.7]},
            "replicates must be whole numbers of at least 0 and at most 9223372036854775807, not 1.2",
        ),
        ({"replicates": [-1, 2]}, "replicates must be whole numbers .* not -1"),
        ({"replicates": [2**63, 1]}, f"replicates must be whole numbers .* not {2**63}"),
        ({"replicates": [2**70, 1]}, f"replicates must be whole numbers .* not {2**70}"),
        ({"replicates": ["a", "b"]}, "replicates must be whole numbers .* not 'a'"),
        ({"replicates": [True, False]}, "replicates must be whole numbers .* not True"),
        ({"replicates": [[1], [2, 3]]}, "replicates must be whole numbers"),
        ({"replicates": [[1], [2]]}, "one entry per world"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"overrides": {"demand.strength": -1}}, "^'demand.strength' cannot be -1: it takes from"),
        ({"overrides": {"demand.strength": 10**400}}, "'demand.strength' cannot be"),
        ({"overrides": {"vendor_finance.instrument": ["loan"]}}, "'vendor_finance.instrument'"),
        ({"overrides": {"growth.on": {}}}, "'growth.on' cannot be {}"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_scenario_is_told_in_a_sentence(keywords, sentence):
    with pytest.raises(InputError, match=sentence):
        Scenario(**{**SHORT, "worlds": 2, **keywords})


def test_rows_of_rows_are_no_values_of_a_parameter():
    with pytest.raises(InputError, match=r"'demand.strength' cannot be .*: it takes from"):
        make_design({"demand.strength": np.ones((2, 2))}, Scenario(**SHORT))


def test_a_value_is_refused_under_the_whole_name_told_once_with_what_is_allowed():
    """Parameters, opening figures of agents, figures of contracts and stakes: in a scenario, a study, a range of unknowns."""
    scenario = Scenario(preset="ono_2025")
    definition = scenario.definition
    for name in scenario.all_values():
        takes = f": it takes {definition.parameter(name).allowed}"
        refused = [partial(Scenario, "ono_2025", {name: "nonsense"}), partial(make_design, {name: "nonsense"}, scenario)]
        for one in refused:
            with pytest.raises(InputError) as error:
                one()
            assert str(error.value) == f"'{name}' cannot be 'nonsense'{takes}"
            assert error.value.about in ("overrides", "")
    with pytest.raises(InputError) as error:
        read_unknowns({"lead_lab.cash": {"low": -5, "high": 3, "source": "a guess"}}, definition.parameter, "in 'x.toml'")
    assert str(error.value).startswith(
        "'lead_lab.cash' at the low end of its range in 'x.toml' cannot be -5: it takes from 0"
    )


def test_a_refusal_says_which_part_of_the_question_it_is_about():
    for keywords, part in (
        ({"worlds": 0}, "worlds"),
        ({"seed": -1}, "seed"),
        ({"months": 0}, "months"),
        ({"series": 5}, "series"),
        ({"overrides": {"demand.strenght": 1}}, "overrides"),
        ({"preset": "nonsense"}, ""),
    ):
        with pytest.raises(InputError) as error:
            Scenario(**{**SHORT, **keywords})
        assert error.value.about == part
        assert pickle.loads(pickle.dumps(error.value)).about == part


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"lead_lab.revenue": 0.04}, "lead_lab.valuation is 500 $bn at a revenue of 0.04 $bn a year"),
        ({"lead_lab.revenue": [13.0, 0.04]}, "set lead_lab.revenue to 0 or to at least 0.05"),  # in one of two worlds
        ({"lead_lab.revenue": 13.0, "second_lab.revenue": 1e-6, "second_lab.worth": 170}, "second_lab.worth is 170 $bn"),
        ({"lead_lab.revenue": 0.05}, ""),
        ({"lead_lab.revenue": 0.0}, ""),
    ],
)
def test_a_lab_worth_over_ten_thousand_times_its_revenue_is_refused_in_a_sentence(overrides, told):
    if not told:
        Economy(Scenario(preset="ono_2025", worlds=2, months=2, overrides=overrides))
        return
    with pytest.raises(InputError) as refused:
        Scenario(preset="ono_2025", worlds=2, months=2, overrides=overrides)
    assert told in str(refused.value)
    assert "a lab opens at 10000 times its revenue at most" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_whole_numbers_of_any_make_name_the_shocks_of_worlds():
    for replicates in ([3, 2**63 - 1], pd.Series([3, 4]), np.array([3, 4], dtype=np.uint64), range(3, 5)):
        taken = Scenario(**SHORT, worlds=2, replicates=replicates).shocks
        assert taken.dtype == np.int64
        assert taken.tolist() == list(replicates)


def test_a_seed_of_numpys_own_length_is_taken():
    economies = [Economy(months=2, rng=2**127 + extra) for extra in (0, 0, 1)]
    for economy in economies:
        economy.run()
    same, again, other = (economy.series["vendor_market_cap"].tolist() for economy in economies)
    assert same == again != other
    assert economies[0].scenario.seed == 2**127


def test_some_series_are_enough_for_the_verdict():
    economy = Economy(preset="triangle", months=3, series=("vendor_revenue",))
    economy.run()
    assert list(economy.series) == ["vendor_revenue"]
    assert economy.outcome().state.tolist() == [""]  # three months simulated, none judged


def test_nothing_is_judged_before_the_first_month_and_no_other_worlds_are_asked_for():
    economy = Economy(**SHORT, worlds=2)
    for asked in (economy.outcome, economy.readings, economy.reckoning):
        with pytest.raises(InputError, match="no month has been simulated yet"):
            asked()
    for worlds in ([2], [-1], [0.5], [True], 0):
        with pytest.raises(InputError, match="forked by their numbers, whole ones from 0 to 1"):
            economy.fork(worlds)
    with pytest.raises(InputError, match="true or false for each of 2 worlds"):
        economy.move_lever("funding.tightening", 0.5, [True])
    with pytest.raises(InputError, match="agent_classes must map roles"):
        Economy(**SHORT, agent_classes=5)


@pytest.mark.parametrize("bad", [-1.0, 1e9, float("nan"), float("inf"), "much", None, True])
@pytest.mark.parametrize("make", [list, partial(np.array, dtype=object), partial(pd.Series, dtype=object)])
def test_one_bad_value_of_many_worlds_is_refused_as_it_is_alone(bad, make):
    with pytest.raises(InputError) as alone:
        Scenario(worlds=1, overrides={"demand.strength": bad})
    with pytest.raises(InputError) as among:
        Scenario(worlds=3, overrides={"demand.strength": make([0.5, bad, 2.0])})
    assert str(among.value) == str(alone.value)
    taken = Scenario(worlds=3, overrides={"demand.strength": make([0.5, 1, 2.0])}).values["demand.strength"]
    assert taken.tolist() == [0.5, 1.0, 2.0]
