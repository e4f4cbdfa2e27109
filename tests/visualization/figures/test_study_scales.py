"""What is written and coloured along the axes of a study's figures: marks, units, notes, cells and shades."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from perpetuum.model.observed.states import STATES
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import Scenario
from perpetuum.model.surroundings.past_squeezes import HISTORY, place_on_ladder
from perpetuum.model.words.speech import Words, speaking
from perpetuum.runs.questions.selection import look_at
from perpetuum.visualization.figures.of_studies import panels as common
from perpetuum.visualization.figures.palette import SHARE_COLOURS, STATE_HATCHES
from perpetuum.visualization.figures.phase_diagrams import endings_colours
from perpetuum.visualization.figures.scales import Scale
from tests.study_folders import DEMAND, THETA, write_study


def test_history_stands_on_the_tightening_axis_where_the_ladder_puts_it(tmp_path):
    write_study(tmp_path, [DEMAND, THETA])
    view = look_at(tmp_path)
    scale = common.scale_of(view.axes[1], view)
    values = Scenario().values
    assert scale.marks == {episode.name: place_on_ladder(episode, values) for episode in HISTORY}
    assert "policy rate +300 bp" in scale.note
    assert common.scale_of(view.axes[0], view).marks == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_unit_of_a_parameter_has_its_words(language):
    told = Words(language)
    units = {one.unit for one in PARAMETERS.values()} - set(common._BARE_UNITS)
    assert [unit for unit in sorted(units) if not told.knows(f"unit_name.{unit}")] == []
    if language == "zh":
        said = [told(f"unit_name.{unit}") for unit in sorted(units)]
        assert [one for one in said if re.search("[a-z]{2}", one)] == []


def test_what_only_the_english_registry_explains_has_no_note_in_chinese_and_its_unit_is_translated(tmp_path):
    write_study(tmp_path, [DEMAND])
    view = look_at(tmp_path)
    (lever,) = view.axes
    other = dataclasses.replace(lever, name="contracts.lapse")
    assert "lapses" in common.note_on(other, view)
    assert common.scale_of(other, view).label.endswith(", per month")
    with speaking("zh"):
        assert common.note_on(other, view) == ""
        assert common.scale_of(other, view).label.endswith("，每月")
        assert re.search("[一-鿿]", common.note_on(lever, view))


def test_cells_border_half_way_between_uneven_levels():
    assert Scale("a", "a", (0.0, 1.0, 3.0)).edges.tolist() == [-0.5, 0.5, 2.0, 4.0]


def test_shares_run_from_light_to_dark_so_that_they_read_in_grey():
    from matplotlib.colors import to_rgb

    for colours in SHARE_COLOURS.values():
        luminance = [np.dot(to_rgb(colour), (0.2126, 0.7152, 0.0722)) for colour in colours]
        assert np.all(np.diff(luminance) < -0.04)
    assert len(set(STATE_HATCHES.values())) == len(STATES)


def test_the_commoner_the_verdict_the_stronger_its_colour():
    colours = endings_colours(np.array(["fallen", "fallen", ""]), np.array([1.0, 0.5, np.nan]))
    assert colours[0, :3].sum() < colours[1, :3].sum()
    assert colours[2, 3] == 0
