"""Figures of the dated answer: titles say what their intervals carry, sources name what was set, and no words collide."""

from __future__ import annotations

import re
import warnings

import pytest

from perpetuum.model.words.speech import speaking
from perpetuum.visualization.figures.life_lost import draw_life_lost, title_of_life_lost
from perpetuum.visualization.figures.outside_money import draw_outside_money, title_of_outside_money
from perpetuum.visualization.figures.states import draw_states, title_of_states
from perpetuum.visualization.figures.unknowns import draw_unknowns, separable, title_of_unknowns

SOURCES = ("other_business", "shares", "credit", "states", "cash")
NAMES = ("demand.strength", "labs.appetite", "clouds.race")


def share(x, low=None, high=None):
    return {"share": x, "low": x if low is None else low, "high": x if high is None else high}


def summary(**changed):
    """A run of 100 worlds over three years: a tenth falls, demand decides."""
    shares = {
        "fallen": share(0.1, 0.05, 0.18),
        "alone": share(0.4, 0.31, 0.5),
        "smaller": share(0.0),
        "spinning": share(0.5, 0.4, 0.6),
    }
    entries = [{"month": m, "date": f"{2025 + (9 + m) // 12}-{(9 + m) % 12 + 1:02d}-01", **shares} for m in range(36)]
    by_source = {"other_business": 0.9, "shares": 0.2, "credit": -0.1, "states": 0.0, "cash": -0.4}
    cents = {"median": 0.6, "low": 0.5, "high": 0.7, "mean": 0.6, "by_source": by_source, "months": 12}
    thirds = {
        "low_third": {"fallen": share(0.1), "alone": share(0.06, 0.01, 0.2)},
        "high_third": {"fallen": share(0.1), "alone": share(0.85, 0.7, 0.94)},
    }
    alike = {
        third: {"fallen": share(0.1, 0.02, 0.3), "alone": share(0.4, 0.25, 0.57)} for third in ("low_third", "high_third")
    }
    found = {
        "preset": "ono_2025",
        "seed": 7,
        "worlds": 100,
        "months": 36,
        "fixed": False,
        "overrides": {"demand.price_elasticity": 1.5},
        "unknowns": dict.fromkeys(NAMES, (0.5, 2.0)),
        "first_month": "2025-10-01",
        "tightening": {"theta": 0.6, "within_run": True},
        "odds": {"asked": entries, "loose": entries},
        "outside_cents": {"asked": {"2025": cents | {"months": 3}, "2026": cents, "2027": cents}},
        "life_lost_map": {
            "starts": [0, 12],
            "strengths": [0.5, 1.0],
            "months": [[0.0, 13.0], [0.0, 16.0]],
            "low": [[0.0, 6.0], [0.0, 5.0]],
            "high": [[0.0, 20.0], [0.0, 26.0]],
            "unconditional": [[0.0, 30.0], [0.0, 20.0]],
            "worlds": 12,
            "within": 60,
        },
        "history": [{"name": name, "theta": 0.5} for name in ("2000-02", "2008", "2022")],
        "odds_by": {"demand.strength": thirds, "labs.appetite": alike, "clouds.race": alike},
        "decided_by": {"demand.strength": share(0.0, 0.0, 0.1), "luck": share(0.5, 0.2, 0.9)},
        "decided_by_alone": {"demand.strength": share(0.44, 0.2, 0.6), "labs.appetite": share(0.01, 0.0, 0.1)},
    }
    return found | changed


FIGURES = {
    "states": lambda told: draw_states(told, None),
    "outside_money": draw_outside_money,
    "life_lost": draw_life_lost,
    "unknowns": draw_unknowns,
}


def words_in(figure) -> str:
    from matplotlib.text import Text

    return " ".join(text.get_text() for text in figure.findobj(Text) if text.get_visible()).replace("\n", " ")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_names_what_was_set_away_from_the_preset_and_its_worlds(name):
    words = words_in(FIGURES[name](summary()))
    for part in ("ono_2025", "demand.price_elasticity", "1.5", "100 worlds", "seed 7"):
        assert part in words, part


@pytest.mark.parametrize("name", FIGURES)
def test_no_two_words_lie_on_one_another_and_none_leaves_the_page(name):
    from matplotlib.text import Text

    figure = FIGURES[name](summary())
    renderer = figure.canvas.get_renderer()
    texts = [
        t
        for t in figure.findobj(Text)
        if t.get_text().strip() and t.get_visible() and not re.fullmatch(r"[\d.,−%$ ]+", t.get_text())
    ]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts]
    for number, (words, one) in enumerate(boxes):
        assert one.x0 >= figure.bbox.x0 - 1, words
        assert one.x1 <= figure.bbox.x1 + 1, words
        for others, other in boxes[number + 1 :]:
            assert not one.shrunk(0.98, 0.9).overlaps(other.shrunk(0.98, 0.9)), (words, others)


def test_titles_say_the_finding_where_intervals_carry_it():
    assert "demand" in title_of_unknowns(summary())
    assert "October 2026" in title_of_life_lost(summary())
    assert "50" in title_of_outside_money(summary())
    assert "2028" in title_of_states(summary())


def test_titles_claim_nothing_that_their_intervals_do_not_carry():
    wide = {
        "low_third": {"fallen": share(0.1), "alone": share(0.3, 0.1, 0.7)},
        "high_third": {"fallen": share(0.1), "alone": share(0.5, 0.2, 0.8)},
    }
    told = summary(odds_by={"demand.strength": wide}, decided_by_alone={"demand.strength": share(0.05, 0.0, 0.3)})
    assert not separable(told, "alone", "demand.strength")
    assert "hangs on" not in title_of_unknowns(told)
    nothing = summary()["life_lost_map"] | {"low": [[-3.0, -2.0], [-3.0, -1.0]]}
    assert "surely" not in title_of_life_lost(summary(life_lost_map=nothing))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_speaks_chinese(name):
    with speaking("zh"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the machine may have no typeface with these letters
        assert re.search("[\u4e00-\u9fff]{4}", words_in(FIGURES[name](summary())))
