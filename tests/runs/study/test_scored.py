"""The log of scores: a configuration is logged once, and a screen quotes the last score of the test."""

from __future__ import annotations

import os

import pytest

from perpetuum.model.errors import InputError
from perpetuum.runs.study import scored

TOLD = {name: 0.25 for name in scored.COLUMNS[6:-1]}


def test_a_configuration_is_logged_once_and_another_beside_it(tmp_path):
    file = tmp_path / "scored.csv"
    for code in ("a", "a", "b"):
        scored.append(file, {"2024-10": TOLD}, code, {"2024-10": "p"}, 200, 1)
    assert [row["code"] for row in scored.rows(file)] == ["a", "b"]


def test_another_seed_and_other_worlds_are_looks_of_their_own_and_no_other_answer(tmp_path):
    file = tmp_path / "scored.csv"
    added = [
        scored.append(file, {"2024-10": TOLD | {"error": error}}, "a", {"2024-10": "p"}, worlds, seed)
        for error, worlds, seed in ((0.25, 200, 1), (0.5, 200, 2), (0.75, 50, 1), (0.75, 50, 1))
    ]
    assert added == [1, 1, 1, 0]
    assert [(row["worlds"], row["seed"]) for row in scored.rows(file)] == [("200", "1"), ("200", "2"), ("50", "1")]
    assert scored.trust("ono_2025", file)["error"] == 0.25
    scored.append(file, {"2024-10": TOLD | {"error": 0.125}}, "b", {"2024-10": "p"}, 200, 1)
    assert scored.trust("ono_2025", file)["error"] == 0.125


def test_a_look_is_logged_beside_its_document_or_in_the_checkout_and_told_to_be_logged_nowhere_else(tmp_path, monkeypatch):
    assert scored.log_of(None) == scored.SCORED
    assert scored.log_of(tmp_path / "told.md") == tmp_path / "scored.csv"
    monkeypatch.setattr(scored, "SCORED", tmp_path / "site-packages" / "perpetuum" / "model" / "scored.csv")
    assert scored.log_of(None) is None
    assert scored.log_of(tmp_path / "told.md") == tmp_path / "scored.csv"


def test_where_no_score_can_be_logged_none_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="every score is logged"):
        scored.log_of(None)


def test_the_log_itself_may_be_added_to_and_one_that_is_not_there(tmp_path):
    scored.check(scored.SCORED)
    scored.check(tmp_path / "scored.csv")


def test_what_is_fitted_is_logged_beside_the_priors_and_anew_where_the_fit_is_another(tmp_path):
    file = tmp_path / "scored.csv"
    for of in ("x", "x", "y"):
        told = TOLD | {"fitted": {"fit": "fit_a", "of": of, "error": 0.125, "coverage": 0.5, "crps": 0.75}}
        scored.append(file, {"2024-10": told}, "a", {"2024-10": "p"}, 200, 1)
    assert [(row["draws"], row["error"]) for row in scored.rows(file)] == [
        ("priors", "0.2500"),
        ("fit_a x", "0.1250"),
        ("fit_a y", "0.1250"),
    ]
    assert scored.trust("ono_2025", file)["coverage"] == 0.5


def test_without_hindsight_is_logged_and_never_quoted_as_the_score(tmp_path):
    file = tmp_path / "scored.csv"
    scores = {"error": 0.0625, "coverage": 0.875, "crps": 0.5}
    told = TOLD | {"fitted": {"fit": "fit_a", "of": "x", **TOLD}, "without_hindsight": {"fit": "fit_a", "of": "x", **scores}}
    told |= {"with_discrepancy": {"fit": "fit_a", "of": "x", **scores}}
    both = {"2023-10": TOLD | {"without_hindsight": scores}, "2024-10": told}
    scored.append(file, both, "a", {"2023-10": "p", "2024-10": "q"}, 9, 1)
    assert [(row["draws"], row["error"]) for row in scored.rows(file)] == [
        ("priors", "0.2500"),
        ("priors, hindsight held", "0.0625"),
        ("priors", "0.2500"),
        ("fit_a x", "0.2500"),
        ("fit_a x, hindsight held", "0.0625"),
        ("fit_a x, with discrepancy", "0.0625"),
    ]
    assert scored.trust("ono_2025", file)["error"] == 0.25


def test_a_row_from_before_there_were_fits_was_drawn_from_priors(tmp_path):
    file = tmp_path / "scored.csv"
    scored.append(file, {"2024-10": TOLD}, "a", {"2024-10": "p"}, 200, 1)
    file.write_text(file.read_text().replace(",priors", ""))
    assert scored.rows(file)[0]["draws"] == "priors"


def test_the_screen_quotes_the_last_score_of_the_test_for_presets_of_the_industry_alone(tmp_path):
    file = tmp_path / "scored.csv"
    assert scored.trust("ono_2025", file) == {"held_against_history": False}
    scored.append(file, {"2023-10": TOLD, "2024-10": TOLD | {"error": 0.5}}, "a", {"2023-10": "p", "2024-10": "q"}, 9, 1)
    scored.append(file, {"2024-10": TOLD | {"error": 0.4}}, "b", {"2024-10": "q"}, 9, 1)
    assert scored.trust("ono_2025", file) == {
        "held_against_history": True,
        "origin": "2024-10",
        "error": 0.4,
        "coverage": 0.25,
        "trend": 0.25,
        "trend_6": 0.25,
    }
    assert scored.trust("triangle", file) == {"held_against_history": False}
    assert scored.trust("telecom_1999", file) == {"held_against_history": False}
    scored.append(file, {"1999-10": TOLD | {"error": 0.6}}, "b", {"1999-10": "r"}, 9, 1)
    assert (scored.trust("telecom_1999", file)["origin"], scored.trust("telecom_1999", file)["error"]) == ("1999-10", 0.6)
    assert scored.trust("ono_2025", file)["error"] == 0.4
