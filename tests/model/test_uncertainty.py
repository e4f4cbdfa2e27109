"""Uncertain parameters: their distributions, their draws, and what a preset's table may not say."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from perpetuum.model.errors import InputError
from perpetuum.model.fits import load_fit
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import load_preset
from perpetuum.model.uncertainty import Unknown, draw, read_unknowns


def unknown(name="demand.strength", distribution="uniform", low=0.5, high=2.0, mode=float("nan")):
    return Unknown(name, PARAMETERS[name], distribution, low, high, "a test", mode)


@pytest.mark.parametrize(
    ("distribution", "quantile", "value"),
    [
        ("uniform", 0.5, 1.25),
        ("uniform", 0.2, 0.8),
        ("log_uniform", 0.5, 1.0),
        ("log_uniform", 0.25, 0.5**0.5),  # a quarter of the way from 1/2 to 2 by factors: 1/2 x 4^(1/4)
        ("triangular", 0.0, 0.5),
        ("triangular", 1 / 12, 0.75),  # 0.5 + sqrt(1/12 x 1.5 x 0.5): half-way to the mode lies a quarter of a third
        ("triangular", 1 / 3, 1.0),  # the mode lies a third of the way up, and so does a third of the mass
        ("triangular", 5 / 6, 1.5),  # 2 - sqrt(1/6 x 1.5 x 1)
        ("triangular", 1.0, 2.0),
        ("normal", 0.5, 1.25),
        ("normal", 0.95, 2.0),
        ("log_normal", 0.5, 1.0),
        ("log_normal", 0.05, 0.5),
        ("log_normal", 0.95, 2.0),
    ],
)
def test_a_distribution_has_its_quantiles(distribution, quantile, value):
    drawn = unknown(distribution=distribution, mode=1.0).value(np.array([quantile]))
    assert drawn[0] == pytest.approx(value, rel=1e-12)


def test_draws_stay_within_the_registrys_range():
    parameter = PARAMETERS["demand.strength"]
    wide = unknown(distribution="normal", low=parameter.low, high=parameter.high)
    drawn = wide.value(np.linspace(1e-6, 1 - 1e-6, 1001))
    assert (drawn.min(), drawn.max()) == (parameter.low, parameter.high)


def test_a_draw_depends_on_seed_name_and_replicate_alone():
    two = [unknown(), unknown("technology.decay", low=0.01, high=0.02)]
    all_worlds = draw(two, 1, np.arange(8))
    assert np.array_equal(draw(two, 1, np.array([5]))["demand.strength"], all_worlds["demand.strength"][5:6])
    assert np.array_equal(draw(two[:1], 1, np.arange(8))["demand.strength"], all_worlds["demand.strength"])
    assert not np.array_equal(draw(two, 2, np.arange(8))["demand.strength"], all_worlds["demand.strength"])
    assert len(set(all_worlds["demand.strength"])) == 8


def test_unknowns_of_one_world_are_drawn_independently():
    two = [unknown(), unknown("technology.decay", low=0.01, high=0.02)]
    drawn = draw(two, 1, np.arange(400))
    quantiles = (drawn["demand.strength"] - 0.5) / 1.5, (drawn["technology.decay"] - 0.01) / 0.01
    assert abs(np.corrcoef(quantiles)[0, 1]) < 0.15  # three standard errors, 1 / sqrt(400)


@pytest.mark.parametrize(
    ("name", "entry", "said"),
    [
        ("demand.strength", {"low": 0.5, "high": 2.0}, "names no source"),
        ("demand.strength", {"low": 0.5, "high": 2.0, "source": "\x1b[2J"}, "letters that steer a terminal"),
        ("demand.strength", {"low": 0.5, "high": 2.0, "source": 5}, "'source' of uncertain .* must be a text, not 5"),
        ("demand.strength", {"low": 2.0, "high": 0.5, "source": "x"}, "must lie below"),
        ("demand.strength", {"low": 0.5, "high": 99.0, "source": "x"}, "it takes from"),
        ("demand.strength", {"low": 0.5, "high": 2.0, "source": "x", "distribution": "lognormal"}, "did you mean"),
        ("demand.strength", {"low": 0.5, "high": 2.0, "source": "x", "distribution": "triangular"}, "mode"),
        (
            "demand.strength",
            {"low": 0.5, "high": 2.0, "source": "x", "distribution": "triangular", "mode": 3.0},
            "must lie from 0.5 to 2",
        ),
        (
            "demand.noise",
            {"low": 0.0, "high": 0.1, "source": "x", "distribution": "log_uniform"},
            "lies above 0, not from 0",
        ),
        ("demand.strength", {"low": 0.5, "hihg": 2.0, "source": "x"}, "did you mean 'high'"),
        ("demand.strength", 3, "is a table with"),
        ("funding.tightening", {"low": 0.0, "high": 1.0, "source": "x"}, "never drawn"),
        ("vendor_finance.instrument", {"low": 0.0, "high": 1.0, "source": "x"}, "only numbers"),
    ],
)
def test_what_is_wrong_in_the_table_is_said_in_a_sentence(name, entry, said):
    with pytest.raises(InputError, match=said) as error:
        read_unknowns({name: entry}, PARAMETERS.__getitem__)
    assert "\n" not in str(error.value)


def test_ranges_whose_reason_came_after_the_start_are_marked_and_twice_as_wide():
    """What a preset of 2023 or 2024 takes over from 2025 says why it may, or stands in its own table, doubled and marked."""
    design = {one.name: one for one in load_preset("ono_2025").unknowns}
    shared = {name for name, share in load_fit("fit_a").common.items() if share == 1.0}  # one range in every preset
    late = re.compile(r"\b20(2[5-9]|3\d)|20\d\d-(2[5-9]|3\d)|at the opening")
    for preset in ("ono_2023", "ono_2024"):
        marked = [one for one in load_preset(preset).unknowns if one.hindsight]
        assert len(marked) == 23
        for one in load_preset(preset).unknowns:
            assert one.hindsight or not late.search(one.source), f"{preset}: {one.name} leans on {one.source}"
        for one in marked:
            of = design.get(one.name) or design[one.name.replace(".to_come", "")]  # what came was on record in 2025
            scale = np.log if one.distribution.startswith("log_") else np.asarray
            wide, narrow = (scale(x.high) - scale(x.low) for x in (one, of))
            assert math.isclose(wide, narrow * (1 if one.name in shared else 2), rel_tol=0.02), one.name
    assert not any(one.hindsight for one in design.values())


def test_hindsight_is_true_or_false():
    entry = {"distribution": "uniform", "low": 0.5, "high": 1.0, "source": "x", "hindsight": "yes"}
    with pytest.raises(InputError, match="hindsight is true or false, not 'yes'"):
        read_unknowns({"demand.strength": entry}, PARAMETERS.__getitem__)


def test_a_name_that_no_parameter_has_is_told_with_its_table_and_file():
    entry = {"low": 0.5, "high": 1.0, "source": "a guess"}
    said = (
        r"uncertain 'demand.strenght' in 'mine.toml': unknown parameter 'demand.strenght'; did you mean 'demand.strength'\?"
    )
    with pytest.raises(InputError, match=said):
        read_unknowns({"demand.strenght": entry}, load_preset("ono_2025").parameter, "in 'mine.toml'")
