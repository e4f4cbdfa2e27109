"""The document of validation says what the code says: its verdicts are those of the log, and no claim is without words."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from perpetuum.model.fits import Fit
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.words.catalogue import catalogue
from perpetuum.runs.questions import validation
from perpetuum.runs.questions.expectations import CLAIMS, Claim, _verdict, decide
from perpetuum.runs.questions.forecasts import Score
from perpetuum.runs.questions.hindcast import DISCREPANCY, RULERS, Hindcast
from perpetuum.runs.questions.validation import FITTED
from perpetuum.runs.screen import validation as screen
from perpetuum.runs.study import scored

DOCUMENT = Path(__file__).resolve().parents[3] / "model" / "VALIDATION.md"


def test_the_document_shows_the_last_score_of_each_origin():
    text = DOCUMENT.read_text(encoding="utf-8")
    lines = [(origin, "the model", scored.PRIORS) for origin in ("2023-10", "2024-10")]
    lines += [(origin, "the same, fitted on the year before", fit) for origin, fit in FITTED.items()]
    for origin, line, draws in lines:
        own = [row for row in scored.rows() if row["origin"] == origin and "," not in row["draws"] and scored.is_usual(row)]
        logged = [row for row in own if row["draws"].split()[0] == draws]
        if draws != scored.PRIORS and not logged:
            continue  # a fit that the test has not been opened to
        last, part = logged[-1], text[text.index(f"Hindcast from {origin}") :]
        error, coverage = re.search(rf"\| {line} \| ([\d.]+) \| (\d+) % \|", part).groups()
        assert float(error) == pytest.approx(float(last["error"]), abs=0.002)
        assert float(coverage) == pytest.approx(100 * float(last["coverage"]), abs=0.6)


def test_every_claim_has_words_and_stands_in_the_document():
    text = DOCUMENT.read_text(encoding="utf-8")
    for language in ("en", "zh"):
        known = catalogue(language)
        assert all(f"validate.claim.{claim.name}" in known for claim in CLAIMS)
    assert all(catalogue("en")[f"validate.claim.{claim.name}"] in text for claim in CLAIMS)


def test_one_channel_alone_leaves_every_other_at_nothing():
    weights = {name for name in PARAMETERS if name.startswith("funding.channel_")}
    for claim in (one for one in CLAIMS if one.name.startswith("E12")):
        for settings in claim.settings:
            assert weights <= settings.keys()
            assert sum(settings[name] for name in weights) == 1.0


def test_a_claim_is_decided_by_its_interval():
    assert _verdict("up", 0.1, 0.2) == _verdict("below", -0.2, -0.1) == "confirmed"
    assert _verdict("up", -0.2, -0.1) == _verdict("down", 0.1, 0.2) == "refuted"
    assert _verdict("down", -0.1, 0.1) == "not separable"
    assert (_verdict("same", -0.1, 0.1), _verdict("same", 0.1, 0.2)) == ("not refuted", "refuted")


def test_a_difference_is_paired_world_by_world():
    import numpy as np

    values = {"a": np.array([0.0, 10.0, 20.0]), "b": np.array([1.0, 11.0, 21.0])}
    claim = Claim("made up", "up", lambda m: m, {}, {})
    got = decide(claim, [values["a"], values["b"]])
    assert (got.value, got.low, got.high, got.verdict) == (1.0, 1.0, 1.0, "confirmed")


@pytest.mark.parametrize(("second", "value", "verdict"), [(0.0, 0.0, "not separable"), (1.0, 1.0, "confirmed")])
def test_where_all_pairs_of_a_share_are_alike_as_many_as_are_seen_in_none_may_be_otherwise(second, value, verdict):
    """3.8416 / (64 + 3.8416) = 0.0566, Wilson's bound of none of 64."""
    import numpy as np

    claim = Claim("made up", "up", lambda m: m, {}, {})
    got = decide(claim, [np.zeros(64), np.full(64, second)])
    assert (got.value, got.verdict) == (value, verdict)
    assert (got.low, got.high) == pytest.approx((value - 0.0566, value + 0.0566), abs=1e-4)


@pytest.mark.slow
def test_a_hindcast_fitted_on_the_year_before_stands_beside_that_of_the_priors(monkeypatch):
    fit = Fit("fit_a", {"growth.fade": (0.2, 0.8), "growth.own": (0.5, 0.5)}, {}, datetime.date(2024, 10, 1), placebo=0.8)
    monkeypatch.setattr(validation, "fit_names", lambda: ["fit_a"])
    monkeypatch.setattr(validation, "load_fit", lambda name: fit)
    for name in ("opened", "audited", "article", "stylised", "expectations"):
        monkeypatch.setattr(validation, name, lambda *_, **__: [])
    drawn = []

    def hindcast(origin, worlds, seed, settings=None, run=None, discrepancy=0.0):
        of = getattr(run, "keywords", {}).get("fit")
        drawn.append((origin, of, len(settings or ()), discrepancy))
        score = Score((0.25 if of is None else 0.125) + (0.5 if settings else 0.0) + discrepancy, 0.5, 0.1)
        return Hindcast(
            origin,
            worlds,
            {"gold_price": score},
            {},
            {ruler: {"gold_price": score} for ruler in RULERS},
        )

    monkeypatch.setattr(validation, "hindcast", hindcast)
    told = validation.validate(worlds=2).told()
    assert drawn == [
        ("2023-10", None, 0, 0.0),
        ("2023-10", None, 23, 0.0),
        ("2023-10", None, 0, DISCREPANCY),
        ("2024-10", None, 0, 0.0),
        ("2024-10", fit, 0, 0.0),
        ("2024-10", fit, 23, 0.0),
        ("2024-10", fit, 0, DISCREPANCY),
    ]
    assert "fitted" not in told["hindcast"]["2023-10"]
    assert [line[1] for line in screen.scored(told["hindcast"]["2024-10"])[:4]] == ["0.25", "0.125", "0.625", "0.275"]
    assert (told["fits"][0]["identified"], told["fits"][0]["not_identified"]) == (["growth.own"], ["growth.fade"])
    assert "not identified (spread not below 0.8 of" in screen.document(told, "ono_2025", 1)


def test_a_fit_that_does_not_say_what_chance_gives_identifies_nothing():
    old = Fit("fit_a", {"growth.own": (0.5, 0.5)}, {}, datetime.date(2024, 10, 1), command="perpetuum calibrate --fit A")
    told = validation._fit(old)
    assert (told["identified"], told["not_identified"]) == ([], ["growth.own"])
    line = screen.fits({"fits": [told]})[-1]
    assert "no parameter counts as identified" in line
    assert line.endswith("perpetuum calibrate --fit A")


def test_narrower_than_placebos_but_by_less_than_a_tenth_is_not_identified():
    spread = 0.95 / 12**0.5
    fit = Fit("fit_a", {"growth.own": (0.5 - spread, 0.5 + spread)}, {}, datetime.date(2024, 10, 1), placebo=0.97)
    assert validation._fit(fit)["identified"] == []
    assert validation._fit(fit)["bound"] == 0.9
    assert "identifies nothing: no parameter's spread is below 0.9 of" in screen.fits({"fits": [validation._fit(fit)]})[-1]


def test_what_the_article_says_is_met_within_its_tolerance_or_not_before_its_year():
    near, far = validation._said("loss_2026", [9.2, 9.2]), validation._said("loss_2026", [9.0])  # 14 less 35 %: 9.1
    assert (near.fact, near.tolerance, near.verdict, far.verdict) == (14.0, 0.35, "met", "missed")
    assert [validation._said("profit", [year]).verdict for year in (2028, 2029, 2035)] == ["missed", "met", "met"]
