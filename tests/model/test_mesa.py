"""Mesa: what a user of Mesa expects of a model works, or is refused in a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import mesa
import numpy as np
import pandas as pd
import pytest
import solara
from mesa.batchrunner import batch_run

from perpetuum.agents.model_lab import ModelLab
from perpetuum.model.economy import Economy
from perpetuum.model.errors import InputError
from perpetuum.model.observed.series import SERIES
from perpetuum.model.parameters import FIGURES
from perpetuum.model.roles import ROLES, cast_roles
from perpetuum.model.scenario import Scenario
from perpetuum.runs.study import simulate

ROOT = Path(__file__).resolve().parents[2]
SHORT = {"preset": "triangle", "months": 3}


@pytest.fixture
def run_batch(monkeypatch):
    """Mesa's `batch_run` without its change of how processes start."""
    monkeypatch.setattr("multiprocessing.set_start_method", lambda *_, **__: None)

    def run(model, parameters, **arguments) -> pd.DataFrame:
        return pd.DataFrame(batch_run(model, parameters, display_progress=False, **arguments))

    return run


# --- a model and its collector ----------------------------------------------------------------------------------------


def test_an_economy_is_a_mesa_model():
    economy = Economy(Scenario(worlds=2, months=3, series=["vendor_revenue", "policy_rate"]))
    assert isinstance(economy, mesa.Model)
    assert isinstance(economy.datacollector, mesa.DataCollector)
    assert {type(agent).__name__ for agent in economy.agents} >= {"ChipVendor", "ModelLab", "Bank", "NoiseTraders"}
    assert len(economy.agents) == len(economy.accounts)
    economy.run()
    table = economy.get_model_vars_dataframe()
    assert list(table.columns) == ["world", "month", "vendor_revenue", "policy_rate"]
    assert len(table) == 2 * 3
    assert table.loc[table.world == 1, "vendor_revenue"].tolist() == economy.series["vendor_revenue"][1].tolist()


def test_agents_stand_in_mesas_sets_by_type_and_by_role():
    economy = Economy(Scenario())
    assert list(economy.agents_by_type[ModelLab]) == economy.labs
    assert {role: list(members) for role, members in economy.agents_by_role.items()} == {
        "vendor": economy.vendors,
        "cloud": economy.clouds,
        "lab": economy.labs,
        "landlord": [],
        "fund": economy.funds,
        "lender": economy.lenders,
        "state": economy.states,
    }


def test_the_table_of_agents_has_the_books_cash_and_debt_and_what_was_sold():
    economy = Economy(Scenario(worlds=2, months=3))
    economy.run(2)
    table = economy.get_agent_vars_dataframe().set_index(["world", "month", "agent"])
    assert len(table) == 2 * 2 * len(economy.accounts)
    for firm in economy.firms:
        for world in (0, 1):
            row = table.loc[(world, 1, firm.name)]
            assert row.cash == firm.cash[world] / 1e9
            assert row.debt == economy.ledger.debt_of(firm.account)[world] / 1e9
    labs = table.loc[(slice(None), 1, [lab.name for lab in economy.labs]), "revenue"].groupby("world").sum()
    assert labs.to_numpy() == pytest.approx(economy.series["lab_revenue"][:, 1])
    fork = economy.fork(np.array([1, 1, 0]))
    fork.run()
    assert len(fork.get_agent_vars_dataframe()) == 3 * 3 * len(economy.accounts)


def test_agents_are_not_collected_where_series_are_named_and_that_is_said():
    with pytest.raises(InputError, match="leave `series` out"):
        Economy(**SHORT, series=("vendor_revenue",)).get_agent_vars_dataframe()


# --- keywords and seeds -----------------------------------------------------------------------------------------------


def test_keywords_say_what_a_scenario_says():
    said = Economy(preset="triangle", months=3, worlds=2, demand__strength=0.5, overrides={"demand.noise": 0.1}, rng=7)
    overrides = {"demand.strength": 0.5, "demand.noise": 0.1}
    built = Economy(Scenario("triangle", overrides, months=3, worlds=2, seed=7))
    for economy in (said, built):
        economy.run()
    assert said.get_model_vars_dataframe().equals(built.get_model_vars_dataframe())
    beside = Economy(Scenario("triangle"), demand__strength=0.5)
    assert beside.scenario.values["demand.strength"] == 0.5


def test_without_a_seed_luck_is_new_and_its_seed_is_kept():
    one, two = Economy(months=3), Economy(months=3)
    assert one.scenario.seed != two.scenario.seed
    again = Economy(months=3, rng=one.scenario.seed)
    for economy in (one, two, again):
        economy.run()
    assert one.get_model_vars_dataframe().equals(again.get_model_vars_dataframe())
    assert not one.get_model_vars_dataframe().equals(two.get_model_vars_dataframe())
    left_open = Scenario(**SHORT, seed=None)
    assert Economy(left_open).scenario.seed != Economy(left_open).scenario.seed
    assert Economy(left_open, rng=3).scenario.seed == 3
    drawn = [Economy(**SHORT, rng=np.random.default_rng(1)).scenario.seed for _ in range(2)]
    assert drawn[0] == drawn[1]


def test_a_scenario_has_a_seed_of_its_own_and_refuses_another():
    assert Economy(Scenario(**SHORT)).scenario.seed == 1
    assert Economy(Scenario(**SHORT, seed=4), rng=4).scenario.seed == 4
    with pytest.raises(InputError, match="seed 4 and rng is 5"):
        Economy(Scenario(**SHORT, seed=4), rng=5)


@pytest.mark.parametrize(
    ("keywords", "sentence"),
    [
        ({"month": 6}, "unknown keyword 'month': .* did you mean 'months'"),
        ({"demand__strenth": 1.0}, "unknown parameter 'demand.strenth'"),
        ({"rng": -1}, "rng must be a whole number of at least 0"),
        ({"rng": "luck"}, "rng must be a whole number"),
        ({"rng": True}, "rng must be a whole number"),
        ({"scenario": "triangle"}, "opens on a Scenario"),
        ({"scenario": Scenario(), "months": 6}, "says months itself"),
        ({"agent_classes": {"labs": ModelLab}}, "unknown role 'labs'.*did you mean 'lab'"),
        ({"agent_classes": {"vendor": ModelLab}}, "must be a subclass of ChipVendor"),
    ],
)
def test_mistakes_in_opening_an_economy_are_told_in_a_sentence(keywords, sentence):
    with pytest.raises(InputError, match=sentence):
        Economy(**keywords)


# --- Mesa's own tools -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_world_runs_under_mesas_own_batch_run(run_batch):
    parameters = {"months": 4, "demand__strength": [0.5, 1.5], "vendor_finance__instrument": "loan"}
    rows = run_batch(Economy, parameters, rng=[1, 2], data_collection_period=1)
    assert len(rows) == 2 * 2 * 4
    assert set(SERIES) <= set(rows.columns)
    for (seed, strength), mine in rows.groupby(["rng", "demand__strength"]):
        overrides = {"demand.strength": strength, "vendor_finance.instrument": "loan"}
        economy = Economy(Scenario(overrides=overrides, seed=int(seed), months=4))
        economy.run()
        assert mine["Step"].tolist() == [0, 1, 2, 3]
        assert mine["vendor_revenue"].tolist() == economy.series["vendor_revenue"][0].tolist()
        assert mine["verdict"].tolist() == ["", "", "", economy.outcome().state[0]]


def test_batch_run_without_seeds_has_new_luck_each_time(run_batch):
    for parameters in ({"months": 2}, {"scenario": Scenario(months=2, seed=None)}):
        rows = run_batch(Economy, parameters, rng=[None, None])
        assert rows["vendor_market_cap"].nunique() == 2


@pytest.mark.slow
def test_mesas_page_shows_an_economy_before_its_first_month_and_steps_and_resets_it():
    import ipyvuetify
    from mesa.visualization import SolaraViz, make_plot_component
    from mesa.visualization.solara_viz import ModelController

    economy = Economy(**SHORT, rng=1)
    plot = make_plot_component("vendor_revenue")
    slider = {"type": "SliderFloat", "value": 1.0, "label": "demand", "min": 0.5, "max": 1.5, "step": 0.1}
    parameters = {**SHORT, "demand__strength": slider}
    box, page = solara.render(SolaraViz(economy, components=[plot], model_params=parameters), handle_error=False)
    assert box.children
    page.close()
    model = solara.reactive(economy)
    asked, at_once = solara.reactive({**SHORT, "demand__strength": 0.5}), solara.reactive(1)
    controls = ModelController(
        model, model_parameters=asked, play_interval=at_once, render_interval=at_once, use_threads=solara.reactive(False)
    )
    _, page = solara.render(controls, handle_error=False)

    def press(label: str) -> None:
        page.find(ipyvuetify.Btn, children=[label]).widget.click()

    press("Step")
    assert model.value.month == 1
    press("Reset")
    assert model.value.month == 0
    assert model.value.scenario.definition.name == "triangle"
    assert model.value.scenario.values["demand.strength"] == 0.5
    page.close()


def test_what_an_economy_cannot_do_for_mesa_is_refused_in_a_sentence():
    economy = Economy(**SHORT)
    for refused in (economy.reset_rng, economy.reset_randomizer, economy.labs[0].remove, economy.remove_all_agents):
        with pytest.raises(InputError):
            refused()
    assert len(economy.agents) == len(economy.accounts)
    for months in (2.5, -1, True, "3"):
        with pytest.raises(InputError, match="whole number of months"):
            economy.run(months)
    economy.run_model()
    for _ in range(2):  # Mesa's scheduler would do nothing the second time
        with pytest.raises(InputError, match="ends after 3 months"):
            economy.step()
    assert economy.month == economy.steps == 3


# --- roles and phases -------------------------------------------------------------------------------------------------


class IdleLab(ModelLab):
    """A lab that trains nothing."""

    def plan_training(self) -> None:
        self.training = self.constant()


def test_a_class_of_ones_own_takes_the_place_of_a_role():
    economy = Economy(Scenario(months=2), agent_classes={"lab": IdleLab})
    economy.run()
    assert list(economy.agents_by_type[IdleLab]) == list(economy.agents_by_role["lab"])
    assert ModelLab not in economy.agents_by_type
    assert all(lab.training[0] == 0 for lab in economy.labs)


def test_studies_take_classes_of_ones_own_in_one_process():
    usual, idle = (simulate({}, months=6, agent_classes=own) for own in (None, {"lab": IdleLab}))
    assert not usual.equals(idle)
    with pytest.raises(InputError, match="workers=1"):
        simulate({}, months=2, agent_classes={"lab": IdleLab}, workers=2)


def test_every_role_of_presets_has_its_class_and_its_figures():
    economy = Economy(months=1)
    assert tuple(economy.agent_classes) == cast_roles()
    for role in cast_roles():
        assert FIGURES[role].keys() >= {ROLES[role].size, "cash"}
        assert all(type(agent).__name__ == ROLES[role].agent.partition(".")[2] for agent in economy.agents_by_role[role])


def test_the_month_is_its_phases_in_their_order_and_so_the_documents_say():
    phases = []

    class Watched(Economy):
        def _phase(self, name, work, *handed):
            phases.append((name, work))
            return super()._phase(name, work, *handed)

    Watched(**SHORT).step()
    table = re.findall(
        r"^\| (\d+) (\w+) \| (.*) \| `(\S+)` `(\w+)` \|$", (ROOT / "model/README.md").read_text(), re.MULTILINE
    )
    assert all(what for _, _, what, _, _ in table)
    said = [(int(n), name, file.replace("/", ".")[:-3], function) for n, name, _, file, function in table]
    assert said == [
        (n, name, work.__module__.removeprefix("perpetuum."), work.__name__) for n, (name, work) in enumerate(phases, 1)
    ]
