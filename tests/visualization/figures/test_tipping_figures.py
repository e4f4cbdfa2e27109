"""Figures of tipping points, points of no return and hysteresis: drawn from their summaries alone."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest

from perpetuum.runs.questions import hysteresis, tipping
from perpetuum.runs.questions import point_of_no_return as no_return
from perpetuum.runs.questions import tipping_report as tip_findings
from perpetuum.runs.questions.hysteresis import Hysteresis
from perpetuum.runs.questions.tipping import Tip
from perpetuum.visualization.figures.of_studies import tipping_points as pictures
from perpetuum.visualization.figures.of_studies.panels import source_of
from tests.runs.questions.test_tipping import FakeWorlds, logistic
from tests.runs.questions.test_tipping_steered import Machine, SavesUntil, asked_when, relay, runs_worlds


def tip_of(falls, **more):
    asked = Tip(worlds=40, **more)
    return asked, tipping.summarise(asked, tipping.search(asked, FakeWorlds(falls)))


def answer(kind):
    if kind == "one threshold":
        return tip_of(logistic)
    if kind == "a firm's odds and losses":
        return tip_of(logistic, metrics=("default:neocloud", "loss:neocloud"))
    if kind == "a firm across numbers":
        middle = {
            "across": ("demand.strength", [0.5, 0.7, 0.9, 2.0]),
            "metrics": ("fallen", "default:neocloud", "loss:neocloud"),
        }
        return tip_of(lambda x, d: logistic(x, d, 0.03), **middle)
    if kind == "several crossings":
        return tip_of(lambda x: 0.9 - 1.6 * np.abs(x - 0.5))
    if kind == "none in range":
        return tip_of(lambda x: 0.06 * x)
    if kind == "across numbers":
        return tip_of(lambda x, d: logistic(x, d, 0.03), across=("demand.strength", [0.5, 0.7, 0.9, 2.0]))
    if kind == "across words":
        middle = {"equity": 0.8, "loan": 0.5}
        falls = lambda x, words: logistic(x, np.array([middle[word] for word in words]))  # noqa: E731
        return tip_of(falls, across=("vendor_finance.instrument", ["equity", "loan"]))
    if kind == "no return":
        asked = asked_when()
        return asked, no_return.summarise(asked, no_return.search(asked, runs_worlds, SavesUntil()))
    asked = Hysteresis(worlds=20, months=120)
    return asked, hysteresis.summarise(asked, hysteresis.run(asked, Machine(relay)))


KINDS = {
    "one threshold": "tip",
    "several crossings": "tip",
    "none in range": "tip",
    "across numbers": "across",
    "a firm's odds and losses": "tip",
    "a firm across numbers": "across",
    "across words": "across",
    "no return": "no_return",
    "hysteresis": "hysteresis",
}


def words_of(figure) -> str:
    """All words of a figure, none of which may leave the page."""
    from matplotlib.text import Text

    renderer, page = figure.canvas.get_renderer(), figure.bbox
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    for text in texts:
        if re.fullmatch(r"[\d.,−%$ ]+", text.get_text()):
            continue  # tick labels outside an axis' limits exist but are not drawn
        box = text.get_window_extent(renderer)
        assert page.x0 - 1 <= box.x0, text.get_text()
        assert box.x1 <= page.x1 + 1, text.get_text()
    return " ".join(" ".join(text.get_text().split()) for text in texts)


def test_where_a_level_is_never_passed_the_headline_says_so_in_a_few_words():
    _, summary = tip_of(lambda x: 0.06 * x)
    headline = tip_findings.headline(summary)
    assert "half of the worlds fallen by Sep 2035: at no tightening in range" in headline
    assert len(headline) < 160
    assert "none in range, " in tip_findings.finding(summary)  # on the screen with how far the curve goes
    low = summary | {"fallen": summary["fallen"] | {"lowest": {"mean": 0.55, "low": 0.34, "high": 0.7, "value": 1.0}}}
    low["fallen"] |= {"highest": {"mean": 0.8, "low": 0.6, "high": 0.9, "value": 0.2}}
    assert "fallen by Sep 2035: at every tightening in range (few worlds: not sure)" in tip_findings.headline(low)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_has_its_finding_as_headline_and_all_its_words_on_the_page(kind, tmp_path, monkeypatch):
    asked, summary = answer(kind)
    words = []
    save = pictures.save
    monkeypatch.setattr(pictures, "save", lambda figure, *rest: words.append(words_of(figure)) or save(figure, *rest))
    files = pictures.draw_tip(summary, asked, tmp_path)
    assert files == [f"{KINDS[kind]}.png", f"{KINDS[kind]}.svg"]
    assert (tmp_path / files[0]).read_bytes().startswith(b"\x89PNG")
    assert tip_findings.headline(summary) in words[0]
    assert "Source: perpetuum tip, preset ono_2025" in words[0]


@pytest.mark.slow
def test_squeezes_of_the_past_stand_on_the_axis_of_tightening_alone(tmp_path):
    asked, summary = answer("one threshold")
    pictures.draw_tip(summary, asked, tmp_path)
    assert "2000-02" in (tmp_path / "tip.svg").read_text()
    asked, summary = tip_of(lambda x: logistic(x, 1.0), over="demand.strength")
    pictures.draw_tip(summary, asked, tmp_path)
    assert "2000-02" not in (tmp_path / "tip.svg").read_text()


def test_where_nothing_falls_nothing_is_drawn(tmp_path):
    asked = asked_when()
    standing = lambda *a, **k: runs_worlds(*a, **k).assign(state="stands_alone")  # noqa: E731
    summary = no_return.summarise(asked, no_return.search(asked, standing, SavesUntil()))
    assert pictures.draw_tip(summary, asked, tmp_path) == []


def test_sources_say_where_nothing_unknown_was_drawn():
    _, summary = answer("none in range")
    assert "no unknowns drawn" not in pictures._source(summary | {"fixed": False})
    assert "; no unknowns drawn; 40 worlds at each probe" in pictures._source(summary | {"fixed": True})
    study = {"preset": "ono_2025", "overrides": {}, "worlds": 9, "replicates": 3, "cells": 3, "seed": 1, "months": 60}
    told = [
        source_of(SimpleNamespace(study=SimpleNamespace(**study, draws=draws), fixed={}, worlds=[], failed=0))
        for draws in (True, False)
    ]
    assert ["no unknowns drawn" in one for one in told] == [False, True]
