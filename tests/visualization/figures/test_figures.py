"""Figures: drawn from plain arrays, labelled inside the picture, written as PNG and SVG."""

from __future__ import annotations

import datetime
import re
import warnings
from itertools import pairwise

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon

from perpetuum.model.books.payment_kinds import DYES
from perpetuum.model.observed.odds import NAMES
from perpetuum.model.observed.states import ALARMING, STATES
from perpetuum.model.words.catalogue import catalogue
from perpetuum.model.words.speech import say
from perpetuum.visualization import figures
from perpetuum.visualization.figures import layout as furniture
from perpetuum.visualization.figures.money_ring import PLACES, by_node
from perpetuum.visualization.figures.palette import (
    DYE_COLOURS,
    DYE_ORDER,
    SHARE_COLOURS,
    STATE_COLOURS,
    STATE_HATCHES,
    STATE_INKS,
    dye_label,
)
from tests.visualization.figures.legible import check_legible

MONTHS = 60
DATES = [datetime.date(2025 + (9 + t) // 12, (9 + t) % 12 + 1, 1) for t in range(MONTHS)]
WINDOW = figures.Window(start=24, full=30, easing=48, end=72, label="funding tightened by 0.6")
SOURCE = "Source: a test"
FLOWS = {
    ("outside", "clouds"): {"other_customers": 480.0, "customers": 36.0},
    ("clouds", "vendors"): {"other_customers": 120.0, "lap_1": 12.0},
    ("vendors", "labs"): {"lap_1": 12.0},
    ("labs", "clouds"): {"equity": 24.0, "lap_1": 6.0},
    ("clouds", "clouds"): {"inside": 108.0},
    ("bank", "clouds"): {"own": 108.0},
    ("funds", "labs"): {"equity": 0.001},
}


def world_series(months=MONTHS, worlds=5):
    rng = np.random.default_rng(1)
    names = ("vendor_revenue", "capex", "gpu_price", "compute_rent")
    return {name: 10 + rng.normal(0, 0.3, (worlds, months)).cumsum(axis=1) for name in names}


def words_in(figure) -> str:
    from matplotlib.text import Text

    return "\n".join(text.get_text() for text in figure.findobj(Text))


def drawn(name: str):
    dyes = {dye: np.full(MONTHS, float(k + 1)) for k, dye in enumerate(DYES)}
    heading = {"title": "The finding in a sentence", "source": SOURCE}
    if name == "fans":
        arms = {"asked": world_series(), "loose": world_series()}
        return figures.fan_charts(arms, DATES, window=WINDOW, note="Worlds differ by luck alone.", **heading)
    if name == "funds":
        return figures.who_funds(dyes, DATES, window=WINDOW, **heading)
    if name == "one ring":
        every_dye = {("labs", "clouds"): dict.fromkeys(DYES, 10.0)}
        return figures.money_ring([("Before", every_dye)], **heading)
    return figures.money_ring([("Before", FLOWS), ("After", FLOWS)], **heading)


@pytest.mark.parametrize("name", ["fans", "funds", "ring"])
def test_a_figure_carries_headline_and_source_and_becomes_png_and_svg(name, tmp_path):
    figure = drawn(name)
    words = words_in(figure)
    assert "The finding in a sentence" in words
    assert SOURCE in words
    files = figures.save(figure, tmp_path, name)
    assert files == [f"{name}.png", f"{name}.svg"]
    assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert "The finding in a sentence" in (tmp_path / f"{name}.svg").read_text()


@pytest.mark.parametrize("name", ["fans", "funds", "ring", "one ring"])
def test_no_words_leave_the_page(name):
    figure = drawn(name)
    renderer = figure.canvas.get_renderer()
    page = figure.bbox
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        if not text.get_text().strip() or not text.get_visible():
            continue
        box = text.get_window_extent(renderer)
        if re.fullmatch(r"[\d.,−%$ ]+", text.get_text()):
            continue  # tick labels outside an axis' limits exist but are not drawn
        assert box.x0 >= page.x0 - 1, text.get_text()
        assert box.x1 <= page.x1 + 1, text.get_text()


def test_a_footer_says_only_what_is_true_of_its_figure():
    assert "Worlds differ by luck" in words_in(drawn("fans"))
    for name in ("funds", "ring"):
        assert "luck" not in words_in(drawn(name))
    lonely = {"asked": world_series(worlds=1)}
    alone = words_in(figures.fan_charts(lonely, DATES, window=None, title="t", source=SOURCE, note="by luck"))
    assert "luck" not in alone
    assert "A single world" in alone


def test_the_ring_names_the_colours_that_it_uses_and_no_others():
    words = words_in(
        figures.money_ring([("Now", {("labs", "clouds"): {"equity": 3.0, "lap_1": 1.0}})], title="t", source="s")
    )
    assert dye_label("equity") in words
    assert dye_label("credit") not in words
    assert "two white lines" not in words
    assert "two white lines" in words_in(drawn("ring"))


#: A year's flows late in a run, $bn: states' orders at the clouds cross what vendors pay their shareholders.
LATE = {
    ("states", "clouds"): 1, ("states", "vendors"): 2, ("vendors", "investors"): 338, ("clouds", "investors"): 485,
    ("investors", "clouds"): 13, ("clouds", "vendors"): 694, ("vendors", "clouds"): 15, ("vendors", "labs"): 5,
    ("vendors", "outside"): 337, ("clouds", "outside"): 1118, ("labs", "outside"): 536, ("labs", "clouds"): 564,
    ("clouds", "labs"): 9, ("outside", "labs"): 1397, ("outside", "clouds"): 2482, ("lenders", "clouds"): 160,
    ("clouds", "lenders"): 112, ("funds", "labs"): 8, ("labs", "funds"): 3,
}  # fmt: skip


def test_a_sum_stands_on_its_own_band_and_upon_no_other_where_it_has_room():
    flows = {pair: {"states" if pair == ("states", "clouds") else "customers": float(sum_)} for pair, sum_ in LATE.items()}
    figure = figures.money_ring([("Now", flows)], title="t", source="s")
    check_legible(figure)
    axis, renderer = figure.axes[0], figure.canvas.get_renderer()
    (label,) = (text for text in axis.texts if text.get_text() == "1")
    box = label.get_window_extent(renderer)
    upon = set()
    for band in axis.patches + [one for one in axis.get_children() if isinstance(one, Polygon)]:
        if isinstance(band, Polygon) and band.get_path().intersects_bbox(box.transformed(band.get_transform().inverted())):
            upon.add(to_hex(band.get_facecolor()).upper())
    plt.close(figure)
    assert upon == {DYE_COLOURS["states"]}


def test_a_long_source_leaves_the_key_of_the_ring_its_room():
    source = "Source: perpetuum simulation, " + ", ".join(f"contracts.reserve_share = 0.{k}" for k in range(9))
    figure = figures.money_ring([("Now", {("labs", "clouds"): dict.fromkeys(DYES, 9.0)})], title="t", source=source)
    check_legible(figure)
    plt.close(figure)


@pytest.mark.parametrize("start", [0, 40, 57])
@pytest.mark.parametrize("name", ["fans", "funds"])
def test_the_name_of_a_tight_time_stays_within_its_axis_and_touches_no_words(name, start):
    window = figures.Window(start=start, full=start + 1, easing=start + 3, end=start + 4, label=WINDOW.label)
    heading = {"title": "The finding in a sentence", "source": SOURCE, "window": window}
    if name == "funds":
        figure = figures.who_funds({dye: np.full(MONTHS, float(k + 1)) for k, dye in enumerate(DYES)}, DATES, **heading)
    else:
        figure = figures.fan_charts({"asked": world_series(), "loose": world_series()}, DATES, **heading)
    check_legible(figure)
    axis, renderer = figure.axes[0], figure.canvas.get_renderer()
    (label,) = (text for text in axis.texts if text.get_text() == WINDOW.label)
    box, within = label.get_window_extent(renderer), axis.get_window_extent(renderer)
    plt.close(figure)
    assert within.x0 - 2 <= box.x0 < box.x1 <= within.x1 + 2


def test_the_name_of_a_ceiling_stands_over_it_where_no_world_can_be():
    arms = {"asked": world_series()}
    top = float(np.percentile(arms["asked"]["compute_rent"], 95, axis=0).max())
    figure = figures.fan_charts(arms, DATES, window=None, title="t", source=SOURCE, ceilings={"compute_rent": top})
    (label,) = (text for axis in figure.axes for text in axis.texts if "ceiling" in text.get_text())
    foot = label.get_window_extent(figure.canvas.get_renderer()).y0
    line = label.axes.transData.transform((0, top))[1]
    head = label.axes.get_window_extent().y1
    assert line <= foot
    assert label.get_window_extent().y1 <= head
    check_legible(figure)
    plt.close(figure)


def test_a_ceiling_is_drawn_only_where_worlds_come_up_against_it():
    arms = {"asked": world_series()}
    top = float(np.percentile(arms["asked"]["compute_rent"], 95, axis=0).max())
    heading = {"window": WINDOW, "title": "t", "source": SOURCE}
    assert "ceiling" in words_in(figures.fan_charts(arms, DATES, ceilings={"compute_rent": top}, **heading))
    assert "ceiling" not in words_in(figures.fan_charts(arms, DATES, ceilings={"compute_rent": 2 * top}, **heading))


def test_headlines_break_into_lines_of_like_length():
    title = "Tight money takes up to 55 % off the chip vendors' revenue, most in 2032"
    lines = furniture.balanced(title, 70).split("\n")
    assert len(lines) == 2
    assert abs(len(lines[0]) - len(lines[1])) <= 10
    assert furniture.balanced("Short", 70) == "Short"


def test_the_ring_of_the_same_flows_is_drawn_in_the_same_order_whatever_the_hashes_of_words():
    axis = figures.money_ring([("Now", FLOWS)], title="t", source="s").axes[0]
    nodes = {say(f"ring.node.{name}").replace("|", "\n"): name for name in PLACES}
    drawn_ones = [nodes[text.get_text()] for text in axis.texts if text.get_text() in nodes]
    seen = [name for pair, mix in by_node(FLOWS).items() if sum(mix.values()) >= 1 for name in pair]
    assert drawn_ones == list(dict.fromkeys(["vendors", "labs", "clouds", *seen]))


def test_dollars_are_dollars_and_not_mathematics():
    title = "Of every $100 the vendors take, $1 is their own"
    figure = figures.money_ring([("Now", FLOWS)], title=title, source="s")
    written = next(text for text in figure.texts if text.get_text() == title)
    assert not written.get_parse_math()


def test_lines_are_labelled_in_place_not_in_a_legend():
    figure = drawn("fans")
    assert all(axis.get_legend() is None for axis in figure.axes)
    assert words_in(figure).count("as asked") == 4
    assert words_in(figure).count("loose money") == 4


def test_stacked_dyes_keep_the_colours_of_the_palette_and_add_up():
    figure = drawn("funds")
    axis = figure.axes[0]
    from matplotlib.colors import to_hex

    found = [to_hex(patch.get_facecolor()[0]).upper() for patch in axis.collections]
    assert found[: len(DYES)] == [DYE_COLOURS[name] for name in DYE_ORDER]
    assert axis.get_ylim()[1] >= sum(range(1, len(DYES) + 1))


def test_bands_are_as_wide_as_their_flows_and_cut_ones_are_marked():
    figure = figures.money_ring([("Now", FLOWS)], title="t", source="s")
    words = words_in(figure)
    assert "516" in words
    assert "132" in words
    axis = figure.axes[0]
    assert len(axis.lines) == 2  # two white lines across the one band that is wider than shown


def test_flows_inside_a_sector_and_tiny_ones_are_left_out():
    words = words_in(figures.money_ring([("Now", FLOWS)], title="t", source="s"))
    assert "Venture" not in words
    assert "108" not in words


def test_short_runs_and_missing_twins_are_drawn_too(tmp_path):
    figure = figures.fan_charts({"asked": world_series(months=2)}, DATES[:2], window=None, title="t", source="s")
    assert "loose money" not in words_in(figure)
    figures.save(figure, tmp_path, "short")
    empty = figures.money_ring([("Now", {})], title="t", source="s")
    figures.save(empty, tmp_path, "empty")


def test_labels_are_moved_apart_in_order_and_stay_inside():
    places = furniture.apart([0.5, 0.5, 0.52, 0.99], [0.1, 0.1, 0.1, 0.1], 0.0, 1.0)
    assert places == sorted(places)
    assert all(b - a >= 0.1 - 1e-9 for a, b in pairwise(places))
    assert places[0] >= 0.05 - 1e-9
    assert places[-1] <= 0.95 + 1e-9


def test_every_dye_and_state_has_its_colour_and_words():
    assert set(DYE_COLOURS) == set(DYE_ORDER) == set(DYES)
    assert set(STATE_COLOURS) == set(STATE_INKS) == set(STATE_HATCHES) == set(SHARE_COLOURS) == set(ALARMING) == set(STATES)
    assert all(say.knows(f"{what}.{name}") for what in ("state", "state_about", "one_does", "several_do") for name in STATES)
    assert all(say.knows(f"states.{name}") for name in NAMES.values())


def test_words_for_shares_and_firms():
    assert [say.percent(x) for x in (0, 0.004, 0.125, 1, -0.001, -0.2)] == [
        "0 %",
        "under 1 %",
        "12 %",
        "100 %",
        "0 %",
        "−20 %",
    ]
    assert say.called("lead_lab") == "the lead lab"
    assert say.called("") == ""


# --- the language -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_runs_figures_are_all_in_chinese_with_lang_zh(perpetuum, monkeypatch, tmp_path):
    from matplotlib.text import Text

    from perpetuum.visualization import figures
    from perpetuum.visualization.figures import layout

    drawn = {}

    def kept(figure, directory, name):
        drawn[name] = " ".join(text.get_text() for text in figure.findobj(Text))
        return []

    monkeypatch.setattr(figures, "save", kept)
    monkeypatch.setattr(layout, "has_face", lambda language: True)  # words are looked at, not drawn
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        perpetuum("run", "--worlds", "3", "--months", "40", "--ladder", "--lang", "zh", "--out", str(tmp_path / "r"))
    dated = {"states", "outside_money"}
    assert set(drawn) == {"fans", "who_funds_the_machine", "money_ring", "ladder", *dated}
    for name, words in drawn.items():
        left = set(re.findall(r"[A-Za-z]{2,}", words)) - {"perpetuum", "AI", "GPU", "ono", "funding", "tightening"}
        assert not left, (name, left)


@pytest.mark.slow
def test_without_a_chinese_face_figures_are_in_english_and_one_sentence_says_so(perpetuum, monkeypatch, tmp_path):
    from perpetuum.visualization.figures import layout

    monkeypatch.setattr(layout, "has_face", lambda language: language != "zh")
    _, out, err = perpetuum("run", "--worlds", "2", "--months", "30", "--lang", "zh", "--out", str(tmp_path / "r"))
    assert err.count("没有安装含中文字形的字体") == 1
    assert "谁得谁失" in out
    assert "Clouds' capital spending" in (tmp_path / "r" / "fans.svg").read_text(encoding="utf-8").replace("’", "'")


# --- faces ------------------------------------------------------------------------------------------------------------


def test_marks_that_a_face_lacks_come_from_the_one_that_has_them_all(monkeypatch, tmp_path):
    # `cmr10` comes with matplotlib and has neither circles nor lozenges; a glyph that is missing is a warning, and so an error.
    from matplotlib import pyplot as plt

    monkeypatch.setattr(furniture, "_FACES", ("cmr10",))
    with furniture.style():
        assert plt.rcParams["font.family"][0] == "cmr10"
        figure = plt.figure()
        figure.text(0.1, 0.5, "○ alone ◇ last ≥ − …")
        figure.savefig(tmp_path / "marks.png")
        plt.close(figure)


def test_the_face_that_stands_in_has_every_mark_of_the_catalogue():
    from fontTools.ttLib import TTFont
    from matplotlib import font_manager

    known = TTFont(font_manager.findfont(furniture.WHOLE)).getBestCmap()
    used = {letter for key, text in catalogue("en").items() if not key.startswith("head.") for letter in text}
    assert sorted(letter for letter in used if letter.isprintable() and ord(letter) not in known) == []
