"""A run's figures drawn by two processes are those that one draws, to the byte, in the language and the industry of the run."""

from __future__ import annotations

import contextvars
import pickle

import pytest

from perpetuum.model.words.speech import speaking
from perpetuum.runs.study.arms import simulate
from perpetuum.runs.study.question import Question
from perpetuum.runs.study.summary import summarise
from perpetuum.visualization.figures.layout import has_face
from perpetuum.visualization.figures.run_figures import draw


class Elsewhere:
    """Stands in for a second process: what it is given is pickled, and done in a context of its own."""

    def __init__(self):
        self.drawn = []

    def begin(self, function, argument):
        function, argument = pickle.loads(pickle.dumps((function, argument)))

        def finished():
            self.drawn = contextvars.Context().run(function, argument)
            return self.drawn

        return finished


@pytest.mark.parametrize(("language", "preset", "industry"), [("zh", "ono_2025", "ai"), ("en", "telecom_1999", "telecom")])
def test_two_processes_draw_what_one_draws(tmp_path, language, preset, industry):
    if not has_face(language):
        pytest.skip("there is no typeface with the letters of this language")
    answer = simulate(Question(preset, {}, 2, 1, 14))
    alone, both, second = tmp_path / "alone", tmp_path / "both", Elsewhere()
    alone.mkdir()
    both.mkdir()
    with speaking(language, industry):
        summary = summarise(answer)
        files = draw(answer, summary, None, alone)
        assert sorted(draw(answer, summary, second, both)) == sorted(files)
    assert sorted(one.name for one in both.iterdir()) == sorted(files)
    assert 0 < len(second.drawn) < len(files)
    for name in files:
        assert (alone / name).read_bytes() == (both / name).read_bytes(), name
