"""`telecom_1999` is `ono_2025` with other players and other openings: nothing of its behaviour is its own."""

from __future__ import annotations

import contextvars
import functools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.history import MONTHLY, facts, record
from perpetuum.model.preset_rows import is_row
from perpetuum.model.scenario import PRESETS, InputError, Scenario, load_preset
from perpetuum.model.words.catalogue import LANGUAGES, catalogue
from perpetuum.model.words.speech import Words, say, speak_of
from perpetuum.runs.study import fingerprint
from tests.openings import BEHAVIOUR, OPENINGS

ROOT = Path(__file__).resolve().parents[2]
TELECOM, BASE = "telecom_1999", "ono_2025"


def raw() -> dict:
    return tomllib.loads((PRESETS / f"{TELECOM}.toml").read_text(encoding="utf-8"))


@functools.cache
def parts() -> dict[str, str]:
    """Whose part each of its agents takes."""
    return {agent["id"]: agent.get("instead_of", agent["id"]) for agent in raw()["agents"]}


def test_no_behavioural_parameter_is_tuned():
    mine, theirs = load_preset(TELECOM), load_preset(BASE)
    names = {*mine.values, *theirs.values} - {"funding.tightening"}
    assert {name for name in names if mine.values.get(name) != theirs.values.get(name)} <= OPENINGS
    assert "supply.on" in names - OPENINGS


def test_its_agents_behave_as_those_whose_parts_they_take():
    theirs = {agent.id: agent for agent in load_preset(BASE).agents}
    for agent in load_preset(TELECOM).agents:
        other = theirs[parts()[agent.id]]
        assert (agent.role, agent.kind) == (other.role, other.kind)
        for figure in BEHAVIOUR:
            assert agent.figures.get(figure) == other.figures.get(figure), (agent.id, figure)


def test_what_nobody_knows_of_behaviour_is_the_same_table():
    agents = set(parts())

    def behaviour(preset: str) -> dict[str, tuple]:
        return {
            one.name: (one.distribution, one.low, one.high, one.source)
            for one in load_preset(preset).unknowns
            if one.name not in OPENINGS
            and not is_row(one.name)
            and one.name.partition(".")[0] not in agents | set(parts().values())
        }

    assert behaviour(TELECOM) == behaviour(BASE)
    assert len(behaviour(TELECOM)) > 40


def test_every_figure_has_a_source_and_every_estimate_its_range():
    data = raw()
    entries = dict(data["parameters"])
    for agent in data["agents"]:
        entries |= {f"{agent['id']}.{name}": entry for name, entry in agent["figures"].items()}
    assert not [name for name, entry in entries.items() if not entry["source"].strip()]
    estimated = {name for name, entry in entries.items() if entry["source"].startswith("estimate")}
    assert not estimated - set(data["uncertain"])
    assert not {name for name, entry in entries.items() if "unverified" in entry["source"]} - estimated
    for name, entry in data["uncertain"].items():
        if name in entries:
            assert entry["low"] <= entries[name]["value"] <= entry["high"], name
    assert all(row["source"] for row in (*data["contracts"], *data["stakes"]))


def test_no_figure_of_the_years_of_the_others_is_left_in_it():
    preset, own = load_preset(TELECOM), raw()
    said = {agent["id"]: set(agent["figures"]) for agent in own["agents"]}
    theirs = {agent.id: agent.figures for agent in load_preset(BASE).agents}
    for agent in preset.agents:
        kept = {n for n in agent.sources if n not in said[agent.id] and agent.figures[n] == theirs[parts()[agent.id]].get(n)}
        assert kept <= {*BEHAVIOUR, "inflow_share", "contract_share"}, (agent.id, kept)
    assert not [agent.id for agent in preset.agents if "2025" in agent.modelled_on]


def test_the_policy_rate_is_the_actual_one_and_is_lived_through():
    preset = load_preset(TELECOM)
    path = [fact.value / 100 for fact in facts(f"{MONTHLY}fedfunds_pct") if fact.date >= preset.start][: preset.months]
    assert list(preset.forcing["policy_rate"]) == pytest.approx(path)
    economy = Economy(Scenario(TELECOM, {"funding.tightening": 0.0}, worlds=2, months=3, series=("policy_rate",)))
    economy.run()
    assert economy.series["policy_rate"] == pytest.approx(np.tile(path[:3], (2, 1)))


def test_it_opens_at_rest():
    economy = Economy(Scenario(TELECOM, {"funding.tightening": 0.0}, months=3))
    economy.run()
    sales = economy.series["vendor_revenue"][0]
    assert sales == pytest.approx(np.full(3, sales[0]), rel=0.1)
    assert 12 * sales[0] == pytest.approx(40.6, rel=0.02)  # 24 and 16.5 a year
    assert not any(mask.any() for mask in economy.firm_defaults.breached)
    assert economy.core_events["share_index"][0, 0] == pytest.approx(1.0, abs=0.05)
    assert economy.core_events["sales"][0, 0] == pytest.approx(raw()["before"]["sales"]["values"][-1], rel=0.1)
    assert economy.core_events["spent"][0, 0] == pytest.approx(raw()["before"]["spent"]["values"][-1], rel=0.1)
    assert economy.core_events["paid"][0, 0] == pytest.approx(raw()["before"]["paid"]["values"][-1], rel=0.1)


# --- who takes whose part ---------------------------------------------------------------------------------------------


def test_a_part_is_taken_with_figures_unknowns_contracts_and_stakes(tmp_path):
    path = tmp_path / "child.toml"
    path.write_text(
        f'extends = "{BASE}"\n[[agents]]\nid = "star"\ninstead_of = "lead_lab"\nlabel = "star"\n[agents.figures]\ncash = 1\n'
    )
    child, base = load_preset(str(path)), load_preset(BASE)
    star = next(agent for agent in child.agents if agent.id == "star")
    lab = next(agent for agent in base.agents if agent.id == "lead_lab")
    assert star.figures == {**lab.figures, "cash": 1.0}
    assert (star.role, star.kind, star.label) == ("lab", "lead", "star")
    assert not [agent for agent in child.agents if agent.id == "lead_lab"]
    assert "star.revenue" in {one.name for one in child.unknowns}
    assert [c.buyer.replace("star", "lead_lab") for c in child.contracts] == [c.buyer for c in base.contracts]
    assert {stake.issuer for stake in child.stakes} >= {"star"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[agents]]\nid = "star"\ninstead_of = "lead_lap"', "must name an agent .*not 'lead_lap'; did you mean 'lead_lab'"),
        (
            '[[agents]]\nid = "a"\ninstead_of = "lead_lab"\n[[agents]]\nid = "b"\ninstead_of = "lead_lab"',
            "of agent 'b' .*each once",
        ),
        (
            'industry = "telcom"',
            "'industry' in 'child.toml' must be one of ai, telecom, triangle, not 'telcom'; did you mean 'telecom'",
        ),
    ],
)
def test_mistakes_in_who_takes_whose_part_are_told_in_a_sentence(tmp_path, text, message):
    path = tmp_path / "child.toml"
    path.write_text(f'extends = "{BASE}"\n{text}\n')
    with pytest.raises(InputError, match=message):
        load_preset(str(path))


# --- in its own words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_of_carriers_and_networks(language):
    words, usual = Words(language, "telecom"), Words(language)
    for key in ("sector.labs", "machine.clouds", "inspector.role_vendor"):
        assert words(key) != usual(key)
    assert words("tab.books") == usual("tab.books")
    for agent in load_preset(TELECOM).agents:
        assert usual.knows(f"firm.{agent.id}")


def test_a_command_speaks_of_carriers_once_it_knows_the_preset():
    def told() -> str:
        speak_of(load_preset(TELECOM).industry)
        return say("gainer.labs")

    assert (contextvars.copy_context().run(told), say("gainer.labs")) == ("carriers", "labs")


def test_words_of_an_industry_replace_words_that_there_are():
    for language in LANGUAGES:
        texts = catalogue(language)
        own = [key for key in texts if key.startswith("telecom.")]
        assert own
        assert not [key for key in own if key.removeprefix("telecom.") not in texts]


def test_the_words_in_which_a_preset_is_told_are_no_part_of_its_worlds(monkeypatch):
    import dataclasses

    before = fingerprint.of_preset(BASE)
    monkeypatch.setattr(fingerprint, "load_preset", lambda name: dataclasses.replace(load_preset(name), industry="telecom"))
    assert fingerprint.of_preset(BASE) == before


# --- the record of 2000 to 2003 ---------------------------------------------------------------------------------------


def test_monthly_rates_and_indices_are_used_nowhere_but_in_the_telecom_test():
    files = [file for folder in ("model", "agents", "runs", "visualization") for file in (ROOT / folder).rglob("*.py")]
    names = [name for name in record() if name.startswith(MONTHLY)]
    assert len(names) == 9
    for file in files:
        text = file.read_text(encoding="utf-8")
        used = [name for name in (*names, "macro_monthly", "MONTHLY") if name in text]
        assert not used or file.relative_to(ROOT).as_posix() in ("model/history/__init__.py", "runs/questions/telecom.py"), (
            file
        )
