"""Designs and descriptions of studies: which cells there are, written down and read again, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from perpetuum.model.scenario import InputError, Scenario
from perpetuum.runs.study import description as record
from perpetuum.runs.study import design, fingerprint
from perpetuum.runs.study.description import Study, make_study

SCENARIO = Scenario(overrides={"demand.strength": 0.7})
RANGES = ("funding.tightening=0:1", "vendor_finance.instrument=equity,loan,lease", "credit.bond_months=60:63")


def make(*specs: str, kind: str = "grid", samples: int | None = None) -> dict:
    return design.make_design(design.split_names(specs), SCENARIO, kind, samples)


def cells(*specs: str, **how) -> dict:
    return design.cells_of(make(*specs, **how), seed=1)


# --- grids ----------------------------------------------------------------------------------------------------------


def test_a_range_has_both_ends_and_so_many_values():
    values = cells("funding.tightening=0:1:21")["funding.tightening"]
    assert (len(values), values[0], values[-1]) == (21, 0.0, 1.0)
    assert np.allclose(np.diff(values), 0.05)


def test_a_value_is_the_same_number_in_coarse_and_fine_grids():
    fine, coarse = (set(cells(f"funding.tightening=0:1:{n}")["funding.tightening"]) for n in (21, 11))
    assert coarse < fine


def test_a_grid_is_every_combination_with_the_last_axis_fastest():
    columns = cells("funding.tightening=0,1", "vendor_finance.instrument=equity,loan,lease", "lead_lab.cash=5:40:8")
    assert len(columns["lead_lab.cash"]) == 2 * 3 * 8
    assert columns["lead_lab.cash"][:3] == [5.0, 10.0, 15.0]
    assert columns["vendor_finance.instrument"][7:9] == ["equity", "loan"]
    assert len(set(zip(*columns.values(), strict=True))) == 48


def test_words_and_switches_vary_too():
    columns = cells("vendor_finance.tied=true,false", "vendor_finance.instrument=loan,guarantee")
    assert columns == {
        "vendor_finance.tied": [True, True, False, False],
        "vendor_finance.instrument": ["loan", "guarantee"] * 2,
    }


def test_what_is_spelled_gives_the_same_values_again():
    for what in ("0:1:21", "0.1:0.7:7", "0:1:3"):
        values = cells(f"funding.tightening={what}")["funding.tightening"]
        assert design.spelled(values) == what
    assert design.spelled([0.0, 0.5, 0.6]) == [0.0, 0.5, 0.6]
    assert design.spelled(["equity", "loan", "lease"]) == ["equity", "loan", "lease"]


# --- sampled designs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", design.SAMPLED)
def test_a_sampled_design_is_a_pure_function_of_itself_and_the_seed(kind):
    how = make(*RANGES, kind=kind, samples=8)
    first = design.cells_of(how, seed=1)
    assert design.cells_of(json.loads(json.dumps(how)), seed=1) == first
    assert design.cells_of(how, seed=2) != first
    assert {len(column) for column in first.values()} == {design.count_cells(how)}


@pytest.mark.parametrize("kind", design.SAMPLED)
def test_samples_stay_in_their_ranges_and_reach_every_listed_value(kind):
    columns = cells(*RANGES, kind=kind, samples=16)
    assert all(0 <= value <= 1 for value in columns["funding.tightening"])
    assert set(columns["vendor_finance.instrument"]) == {"equity", "loan", "lease"}
    assert set(columns["credit.bond_months"]) == {60, 61, 62, 63}


def test_a_latin_hypercube_has_one_sample_in_every_slice():
    values = np.array(cells("funding.tightening=0:1", "demand.users=1:2", kind="lhs", samples=10)["demand.users"])
    assert sorted((10 * (values - 1)).astype(int)) == list(range(10))


def test_sobol_points_fill_halves_and_quarters_evenly():
    values = np.array(cells("funding.tightening=0:1", kind="sobol", samples=64)["funding.tightening"])
    assert np.bincount((4 * values).astype(int)).tolist() == [16] * 4


def test_morris_moves_one_parameter_at_a_time():
    columns = cells("funding.tightening=0:1", "demand.users=1:2", "lead_lab.cash=5:40", kind="morris", samples=5)
    rows = np.array(list(columns.values())).T.reshape(5, 4, 3)
    assert (np.count_nonzero(np.diff(rows, axis=1), axis=2) == 1).all()


def test_saltelli_exchanges_one_column_at_a_time():
    columns = cells("funding.tightening=0:1", "demand.users=1:2", kind="saltelli", samples=4)
    rows = np.array(list(columns.values())).T.reshape(4, 4, 2)
    for base, first, second, other in rows:
        assert (first == [other[0], base[1]]).all()
        assert (second == [base[0], other[1]]).all()


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("specs", "how", "words"),
    [
        (["funding.tightening"], {}, "takes NAME=LOW:HIGH:COUNT"),
        (["funding.tightenin=0:1:5"], {}, "did you mean 'funding.tightening'?"),
        (["lead_lab.cas=1,2"], {}, "did you mean 'cash'?"),
        (["funding.tightening=0:1"], {}, "write funding.tightening=0:1:5"),
        (["funding.tightening=1:0:5"], {}, "write funding.tightening=0:1:5"),
        (["funding.tightening=0.5:0.5:3"], {}, "empty range"),
        (["funding.tightening=0:2:5"], {}, "it takes from 0 to 1"),
        (["funding.tightening=0:1:0"], {}, "at least 1"),
        (["funding.tightening=0:1:many"], {}, "whole number"),
        (["funding.tightening=0:1:1"], {}, "at least 2"),
        (["funding.tightening=0:1:2:3"], {}, "is no range"),
        (["funding.tightening=0,0.5,0"], {}, "twice"),
        (["funding.tightening=0,,1"], {}, "empty value"),
        (["funding.tightening=0,1", "funding.tightening=0:1:2"], {}, "varied twice"),
        (["demand.strength=0.5,1"], {}, "both set and varied"),
        (["vendor_finance.instrument=equity,lone"], {}, "one of equity, loan"),
        (["vendor_finance.instrument=0:1:2"], {}, "write vendor_finance.instrument=equity,loan"),
        (["vendor_finance.tied=0:1:2"], {}, "write vendor_finance.tied=true,false"),
        (["credit.bond_months=12:60:6"], {}, "credit.bond_months=12:60:5 does"),
        (["funding.tightening=0:1:9000000"], {}, "at most 1,000,000 cells"),
        (["funding.tightening=0:1:2000", "lead_lab.cash=5:40:2000"], {}, "4,000,000 cells"),
        ([], {}, "at least one parameter"),
        (["funding.tightening=0:1:5"], {"samples": 8}, "a grid takes no samples"),
        (["funding.tightening=0:1:5"], {"kind": "lhs", "samples": 8}, "such as funding.tightening=0:1"),
        (["funding.tightening=0:0"], {"kind": "lhs", "samples": 8}, "empty range"),
        (["funding.tightening=0:1"], {"kind": "lhs"}, "needs the number of samples"),
        (["funding.tightening=0:1"], {"kind": "lhs", "samples": 0}, "at least 1"),
        (["funding.tightening=0:1"], {"kind": "sobol", "samples": 100}, "64 or 128"),
        (["funding.tightening=0:1"], {"kind": "saltelli", "samples": 3}, "2 or 4"),
        (["funding.tightening=0:1"], {"kind": "sobel", "samples": 4}, "did you mean 'sobol'?"),
    ],
)
def test_a_wrong_design_is_told_in_a_sentence(specs, how, words):
    with pytest.raises(InputError) as told:
        make(*specs, **how)
    assert words in str(told.value)
    assert "\n" not in str(told.value)


# --- studies --------------------------------------------------------------------------------------------------------


def study(**changed) -> Study:
    about = {
        "preset": "ono_2025",
        "vary": {"funding.tightening": "0:1:3", "vendor_finance.instrument": "equity,loan"},
        "overrides": {"demand.strength": "0.7", "states.gold_buying": "false"},
        "replicates": 4,
        "months": 12,
    }
    return make_study(**{**about, **changed})


def test_a_world_is_a_cell_and_a_replicate_and_replicates_recur_in_every_cell():
    batch = study().batch(6, 10)
    assert list(batch.worlds) == [6, 7, 8, 9]
    assert list(batch.replicates) == [2, 3, 0, 1]
    assert batch.varied["funding.tightening"] == [0.0, 0.0, 0.5, 0.5]
    assert batch.varied["vendor_finance.instrument"] == ["loan", "loan", "equity", "equity"]
    assert batch.overrides == {"demand.strength": 0.7, "states.gold_buying": False}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"series": ("capex",)},
        {"series": None, "overrides": {}},
        {"vary": {"funding.tightening": "0:1", "vendor_finance.tied": [True, False]}, "design": "lhs", "samples": 5},
        {"vary": {"funding.tightening": [0.1, 0.1], "lead_lab.cash": [5, 1 / 3]}, "design": "cells"},
    ],
)
def test_a_study_is_the_same_after_a_round_trip(changed, tmp_path):
    one = study(**changed)
    assert Study.from_dict(json.loads(json.dumps(one.to_dict()))) == one
    (tmp_path / "study.toml").write_text(one.to_toml(), encoding="utf-8")
    again = record.read_toml(tmp_path / "study.toml")
    assert again == one
    assert one.differences(again) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seed": 2}, ["seed 2 here, 1 there"]),
        ({"months": 13}, ["months 13 here, 12 there"]),
        ({"replicates": 5}, ["replicates 5 here, 4 there"]),
        ({"series": ("capex",)}, ["series capex here, none there"]),
        ({"overrides": {"demand.strength": 0.7}}, ["states.gold_buying not set here, false there"]),
        (
            {"vary": {"funding.tightening": "0:1:5", "vendor_finance.instrument": "equity,loan"}},
            ["funding.tightening 0:1:5 here, 0:1:3 there"],
        ),
        ({"vary": {"funding.tightening": "0:1:3"}}, ["vendor_finance.instrument not varied here, equity,loan there"]),
    ],
)
def test_differences_name_what_differs_and_nothing_else(changed, said):
    assert study(**changed).differences(study()) == said


def test_the_order_of_axes_makes_another_study():
    turned = study(vary={"vendor_finance.instrument": "equity,loan", "funding.tightening": "0:1:3"})
    assert len(turned.differences(study())) == 1
    assert turned.differences(study())[0].startswith("cells ")


def test_a_changed_preset_makes_another_study(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('extends = "ono_2025"\ntitle = "Mine"\n', encoding="utf-8")
    before = study(preset=str(file))
    file.write_text('extends = "ono_2025"\ntitle = "Another title"  # and a comment\n', encoding="utf-8")
    assert study(preset=str(file)).differences(before) == []
    file.write_text('extends = "ono_2025"\n[parameters]\n"demand.users" = 1.0\n', encoding="utf-8")
    (said,) = study(preset=str(file)).differences(before)
    assert said.startswith(f"content of preset {file}")


def test_changed_code_makes_another_study(monkeypatch, tmp_path):
    before = study()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "economy.py").write_text("other = True\n", encoding="utf-8")
    monkeypatch.setattr(fingerprint, "ROOT", tmp_path)
    monkeypatch.setattr(fingerprint, "DECISIVE", ("model",))
    fingerprint.of_code.cache_clear()
    try:
        (said,) = study().differences(before)
    finally:
        fingerprint.of_code.cache_clear()
    assert said.startswith("the model's code has changed since then")


def test_a_study_file_may_be_written_by_hand(tmp_path):
    (tmp_path / "mine.toml").write_text('extends = "ono_2025"\n', encoding="utf-8")
    file = tmp_path / "study.toml"
    file.write_text(
        'preset = "mine.toml"\nmonths = 12\nseries = "capex, gold_price"\nset.demand.strength = 0.5\n'
        '[vary]\nfunding.tightening = "0:1:3"\n"vendor_finance.instrument" = ["equity", "loan"]\n',
        encoding="utf-8",
    )
    assert record.is_study_file(str(file))
    assert not record.is_study_file(str(tmp_path / "mine.toml"))
    one = record.read_toml(file, replicates=2)
    assert (one.preset, one.worlds, one.series) == (str(tmp_path / "mine.toml"), 12, ("capex", "gold_price"))
    assert one.overrides == {"demand.strength": 0.5}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('repliactes = 3\n[vary]\n"funding.tightening" = "0:1:3"\n', "did you mean 'replicates'?"),
        ('replicates = "3"\n[vary]\n"funding.tightening" = "0:1:3"\n', "must be a whole number"),
        ('[vary]\n"funding.tightening" = 0.5\n', "over a list or a range"),
        ('[vary]\n"funding.tightening" = "0:1:3"\n[set]\n"funding.tightening" = 1\n', "both set and varied"),
        ('design = "cells"\n[vary]\n"funding.tightening" = "0:1:3"\n', "one value a cell"),
        ('design = "cells"\n[vary]\n"funding.tightening" = [1]\n"lead_lab.cash" = [1, 2]\n', "one value a cell"),
        ('series = ["capx"]\n[vary]\n"funding.tightening" = "0:1:3"\n', "did you mean 'capex'?"),
        ("[vary\n", "not valid TOML"),
    ],
)
def test_a_wrong_study_file_is_told_in_a_sentence(text, words, tmp_path):
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as told:
        record.read_toml(file)
    assert words in str(told.value)
