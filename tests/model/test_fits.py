"""Draws from a fit: joint, by the replicate alone, and only where a preset asks for them."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from perpetuum.model.errors import InputError
from perpetuum.model.fits import Fit, blended, fit_names
from perpetuum.model.scenario import load_preset
from perpetuum.model.uncertainty import draw, with_fit
from perpetuum.runs.study import fingerprint

ROWS = 40
FIT = Fit(
    "made_up",
    {name: tuple((np.arange(ROWS) + 0.5) / ROWS) for name in ("growth.fade", "building.speed", "growth.own")},
    {"growth.fade": 1.0, "building.speed": 1.0, "growth.own": 0.5},
    datetime.date(2025, 9, 30),
)
PRIORS = with_fit(load_preset("ono_2025").unknowns, None)
FITTED = with_fit(PRIORS, FIT)


def test_a_world_takes_one_row_of_the_table_and_the_others_keep_their_own_draws():
    priors, fitted = (draw(unknowns, 1, np.arange(200)) for unknowns in (PRIORS, FITTED))
    by_name = {one.name: one for one in PRIORS}
    speed, fade = by_name["building.speed"], by_name["growth.fade"]
    place = (fitted["building.speed"] - speed.low) / (speed.high - speed.low)
    assert fitted["growth.fade"] == pytest.approx(fade.value(place))  # both from the same row
    assert len(set(place.round(6))) > 35
    assert all(np.array_equal(values, fitted[name]) for name, values in priors.items() if name not in FIT.places)


def test_a_draw_from_a_fit_depends_on_seed_and_replicate_alone():
    whole = draw(FITTED, 1, np.arange(8))
    alone = draw([one for one in FITTED if one.name == "growth.own"], 1, np.array([5]))
    assert alone["growth.own"][0] == whole["growth.own"][5]
    assert not np.array_equal(draw(FITTED, 2, np.arange(8))["growth.fade"], whole["growth.fade"])


def test_half_of_an_opening_figures_place_is_the_years_own():
    generator = np.random.default_rng(1)
    fitted, own = generator.random(4000), generator.random(4000)
    place = blended(fitted, own, 0.5)
    assert np.quantile(place, (0.1, 0.5, 0.9)) == pytest.approx([0.1, 0.5, 0.9], abs=0.02)
    assert np.corrcoef(fitted, place)[0, 1] == pytest.approx(np.corrcoef(own, place)[0, 1], abs=0.04)


def test_the_presets_of_the_past_draw_from_their_priors():
    for preset in ("ono_2023", "ono_2024", "triangle", "first_lesson"):
        assert all(one.fit is None for one in load_preset(preset).unknowns), preset


def test_a_preset_that_names_a_fit_that_there_is_not_is_told_which_there_are(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('extends = "ono_2025"\nfit = "fit_x"\n')
    with pytest.raises(InputError, match=r"unknown fit 'fit_x' in 'mine.toml'.*there are"):
        load_preset(str(file))


@pytest.mark.skipif("fit_a" not in fit_names(), reason="no fit ships yet")
def test_a_preset_draws_from_the_fit_that_it_names_but_for_what_it_settles(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('extends = "ono_2025"\nfit = "fit_a"\n[parameters]\n"growth.fade" = 0.03\n')
    preset = load_preset(str(file))
    fitted = {one.name for one in preset.unknowns if one.fit is not None}
    assert {"growth.own", "building.speed"} <= fitted
    assert "growth.fade" not in {one.name for one in preset.unknowns}
    assert fingerprint.of_preset(str(file)) != fingerprint.of_preset("ono_2025")
