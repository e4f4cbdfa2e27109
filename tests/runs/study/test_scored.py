"""The log of scores: a configuration is logged once, and a screen quotes the last score of the test."""

from __future__ import annotations

from perpetuum.runs.study import scored

TOLD = {name: 0.25 for name in scored.COLUMNS[6:-1]}


def test_a_configuration_is_logged_once_and_another_beside_it(tmp_path):
    file = tmp_path / "scored.csv"
    for code in ("a", "a", "b"):
        scored.append(file, {"2024-10": TOLD}, code, {"2024-10": "p"}, 200, 1)
    assert [row["code"] for row in scored.rows(file)] == ["a", "b"]


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
