"""What a validation shows: nothing cut at 80 columns, what was asked of the test, every score of it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from perpetuum.model.words.speech import speaking
from perpetuum.runs.screen import validation as screen
from perpetuum.runs.study import scored
from tests.logged_scores import rows_of

SCORE = {"error": 0.2435, "inside": 0.5, "crps": 0.1879}
HINDCAST = {
    **{
        "error": 0.2477,
        "coverage": 0.5,
        "crps": 0.1942,
        "trend": 0.2219,
        "trend_6": 0.1605,
        "half_trend": 0.28,
        "no_change": 0.53,
    },
    "fitted": {"error": 0.2435, "coverage": 0.5, "crps": 0.1879},
    "with_discrepancy": {"error": 0.2525, "coverage": 0.69, "crps": 0.1872},
    "crps_of_rulers": {"no_change": 0.514, "half_trend": 0.28, "trend": 0.195, "trend_6": 0.153},
    "series": {"gold_price": SCORE},
    "finance": {"gold_price": SCORE},
}
NOTHING = dict.fromkeys(("books", "article", "returns", "expectations", "fits"), ())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_scores_of_a_hindcast_are_cut_nowhere(language):
    console = Console(width=80, file=io.StringIO(), legacy_windows=False)
    with speaking(language):
        told = {**NOTHING, "hindcast": {"2024-10": HINDCAST}, "telecom": None, "logged": {"file": "told.csv", "rows": 0}}
        screen.show(told, "ono_2025", 1, console)
    out = console.file.getvalue()
    assert "told.csv" in out
    assert "…" not in out
    for number in ("0.243", "0.188", "0.222", "0.195", "0.161", "0.153", "0.514", "69"):
        assert number in out, number
    assert "CRPS" in out


def test_what_was_asked_of_the_test_is_told_as_met_or_missed():
    told = screen.asked_of(HINDCAST)
    assert "an error below 0.222, a year's trend: missed (0.243)" in told
    assert "60 % to 95 % of outcomes inside the bands: missed (50 %)" in told
    assert "a CRPS below 0.153, the better trend's: missed (0.188)" in told
    better = screen.asked_of(HINDCAST | {"fitted": {"error": 0.2, "coverage": 0.6, "crps": 0.15}})
    assert "a year's trend: met (0.2); better still below 0.161, half a year's: missed; " in better
    assert "the bands: met (60 %); a CRPS below 0.153, the better trend's: met (0.15)" in better


def test_every_score_of_the_test_stands_in_the_document_and_none_of_another():
    rows = scored.rows()
    section = "\n".join(screen.scores_section(rows))
    of_test = [row for row in rows if row["origin"] == "2024-10"]
    assert len(of_test) > 40
    for row in of_test:
        of = f"{row['worlds']}, {row['seed']}"
        assert f"| {row['date']} | {row['code']} | {row['draws']} | {of} | {row['error']} | " in section
    assert section.count("\n| 2026-") == len(of_test)
    assert f"({len(of_test)} scores of " in section
    assert screen.scores_section([row for row in rows if row["origin"] != "2024-10"]) == []


def test_the_document_in_the_checkout_has_them():
    document = (scored.SCORED.parent / "VALIDATION.md").read_text(encoding="utf-8")
    assert "\n".join(screen.scores_section(rows_of(document))).rstrip() in document


def test_a_look_with_another_seed_does_not_make_the_document_wrong_and_one_with_other_code_does(tmp_path):
    document = (scored.SCORED.parent / "VALIDATION.md").read_text(encoding="utf-8")
    of_test = [row for row in rows_of(document) if row["origin"] == "2024-10"]
    log = tmp_path / "scored.csv"
    log.write_bytes(scored.SCORED.read_bytes())
    again = dict.fromkeys(scored.COLUMNS[6:-1], 0.25)
    scored.append(log, {"2024-10": again}, "0" * 12, {"2024-10": "p"}, scored.WORLDS, scored.SEED + 1)
    assert [row for row in rows_of(document, log) if row["origin"] == "2024-10"] == of_test
    scored.append(log, {"2024-10": again}, "f" * 12, {"2024-10": "p"}, scored.WORLDS, scored.SEED)
    assert len([row for row in rows_of(document, log) if row["origin"] == "2024-10"]) == len(of_test) + 2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_look_says_where_it_was_logged(language):
    with speaking(language):
        first, again = ({"file": "model/scored.csv", "rows": rows} for rows in (4, 0))
        assert "model/scored.csv" in screen.logged(first)
        assert "4" in screen.logged(first)
        assert "model/scored.csv" in screen.logged(again)
        assert len({screen.logged(one) for one in (first, again, None)}) == 3
