"""A run's figures drawn by two processes are those that one draws, to the byte, in the language and the industry of the run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from perpetuum.model.words.speech import speaking
from perpetuum.runs.study.arms import simulate
from perpetuum.runs.study.question import Question
from perpetuum.runs.study.side_studies import run_side_studies
from perpetuum.runs.study.summary import summarise
from perpetuum.visualization.figures import run_figures
from perpetuum.visualization.figures.layout import has_face
from perpetuum.visualization.figures.run_figures import draw, draw_before_side_studies
from tests.fakes import Elsewhere


@pytest.mark.slow
@pytest.mark.parametrize(("language", "preset", "industry"), [("zh", "ono_2025", "ai"), ("en", "telecom_1999", "telecom")])
def test_two_processes_draw_what_one_draws(tmp_path, language, preset, industry):
    if not has_face(language):
        pytest.skip("there is no typeface with the letters of this language")
    answer, second = simulate(Question(preset, {}, 2, 1, 14)), Elsewhere()
    with speaking(language, industry):
        alone, both = (drawn(answer, tmp_path / name, who) for name, who in (("alone", None), ("both", second)))
    assert 0 < len(second.asked[1]) < len(alone) / 2
    assert both == alone


def drawn(answer, folder, second):
    """Files of the figures, with what they hold."""
    folder.mkdir(exist_ok=True)
    draw(answer, summarise(answer), second, folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.slow
def test_figures_drawn_before_side_studies_are_those_drawn_after_them(tmp_path):
    question = Question("ono_2025", {"funding.tightening": 1.0, "funding.start_month": 2}, 12, 1, 30)
    answer = simulate(question)
    (tmp_path / "early").mkdir()
    draw_before_side_studies(answer, SimpleNamespace(under_way=False), tmp_path / "early")
    assert list((tmp_path / "early").iterdir()) == []  # both processes may draw
    draw_before_side_studies(answer, SimpleNamespace(under_way=True), tmp_path / "early")
    early = {file.name: file.read_bytes() for file in (tmp_path / "early").iterdir()}
    answer.beside = run_side_studies(question)
    after = drawn(answer, tmp_path / "after", None)
    assert "life_lost.svg" in after.keys() - early.keys()
    assert len(early) >= 10
    assert early == {name: after[name] for name in early}
    # What stands there is not drawn again.
    (tmp_path / "early" / "fans.svg").write_text("as it was")
    both = drawn(answer, tmp_path / "early", Elsewhere())
    assert both == after | {"fans.svg": b"as it was"}


def test_a_squeeze_as_in_the_past_is_shaded_until_its_channels_ease_and_a_rate_that_is_cut_tightens_nothing():
    squeeze = {"within_run": True, "theta": 1.0, "start_month": 24, "full_month": 41, "easing_month": 65, "end_month": 77}
    channels = {"rate": (-0.0422, 101), "venture": (0.35, 40), "spreads": (0.177, 21)}
    like = {"name": "2008", "channels": {name: {"by": by, "months": months} for name, (by, months) in channels.items()}}
    asked = run_figures._window({"tightening": squeeze, "like": like})
    assert (asked.start, asked.full, asked.easing, asked.end) == (24, 41, 45, 76)
    assert asked.label == "funding tight, as in 2008"
    usual = run_figures._window({"tightening": squeeze, "like": None})
    assert (usual.easing, usual.end, usual.label) == (65, 77, "funding tight (degree 1)")
