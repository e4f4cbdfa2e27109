"""On a projector everything can be read from the last row: large type, nothing cut, nothing that scrolls."""

import random

import pytest

from tests.browser.harness import PROJECTOR

#: What is written in the first chart, the odds over time.
SAID = """() => { const { drawn } = document.querySelector('.chart').__vue__;
    const shown = drawn ? drawn.getZr().storage.getDisplayList() : [];
    return shown.map((one) => one.style && one.style.text).filter((text) => text); }"""

#: What holds more than it shows, and so scrolls or is cut off. 2 px: rounding of type.
OVERFLOWING = """() => {
    const over = [];
    for (const part of document.querySelectorAll('html, .perpetuum, .perpetuum *')) {
        if (!part.clientHeight || !part.textContent.trim() || part.closest('svg')) continue;
        const { overflowX, overflowY } = getComputedStyle(part);
        const cuts = (way) => ['auto', 'scroll', 'hidden', 'clip'].includes(way) || part.tagName === 'HTML';
        const tall = cuts(overflowY) && part.scrollHeight > part.clientHeight + 2;
        const wide = cuts(overflowX) && part.scrollWidth > part.clientWidth + 2;
        if (tall || wide) over.push(`${part.className || part.tagName}: ${part.scrollWidth}x${part.scrollHeight} in `
            + `${part.clientWidth}x${part.clientHeight}: ${part.textContent.trim().slice(0, 40)}`);
    }
    return over;
}"""
#: What is to be read and is smaller than 20 px, or reaches beyond the screen.
HARD_TO_READ = """() => {
    const small = [];
    const texts = document.createTreeWalker(document.querySelector('.perpetuum'), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode, said = text.textContent.trim();
        if (!said) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const box = range.getBoundingClientRect();
        if (box.width < 1 || box.height < 1 || getComputedStyle(text.parentElement).visibility === 'hidden') continue;
        const size = parseFloat(getComputedStyle(text.parentElement).fontSize);
        const inside = box.left >= -1 && box.top >= -1 && box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1;
        if (size < 20 || !inside) small.push(`${said.slice(0, 40)}: ${size} px at ${box.left}, ${box.top}`);
    }
    return small;
}"""
#: Worlds that a class looks at: calm, split, and after the lead lab has failed in one of two worlds.
WORLDS = {
    "calm": "months=40&month=30",
    "split": "months=40&month=30&moves=12:demand.strength=0.5;20:fork;20:funding.tightening=1@1",
    "failed": "demand.strength=0.4&funding.tightening=1&month=50&moves=20:fork;20:funding.tightening=0@1",
}


def readable(viewer, where):
    """What waits to be laid out may pass; what stays is wrong."""

    def wrong():
        return viewer.page.evaluate(OVERFLOWING) + viewer.page.evaluate(HARD_TO_READ)

    viewer.settle()
    try:
        viewer.until(lambda: wrong() == [], where)
    except AssertionError:
        assert wrong() == [], where


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("world", WORLDS)
def test_everything_on_a_projector_is_large_and_nothing_is_cut(open_page, world, language):
    viewer = open_page(f"preset=ono_2025&seed=1&{WORLDS[world]}&presenter=1&lang={language}", PROJECTOR)
    viewer.page.wait_for_selector(".perpetuum.presenter")
    for tab, shown in (("books", ".books-view table"), ("map", ".mapbox .here")):
        viewer.page.click(f".foot .tab-{tab}")
        viewer.page.wait_for_selector(f".open-tab.{tab} {shown}")
        readable(viewer, tab)
    for tab in ("money", "prices", "firms"):
        viewer.page.click(f".foot .tab-{tab}")
        viewer.page.wait_for_selector(f".open-tab.{tab} .chart canvas")
        readable(viewer, tab)
        while viewer.page.is_enabled(".charts .later"):
            viewer.page.click(".charts .later")
            readable(viewer, f"{tab}: {viewer.text('.charts .pages')}")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("world", ["preset=telecom_1999&seed=1&month=40", "preset=optimist&seed=1&month=110"])
def test_other_machines_on_a_projector_are_not_cut_and_what_happened_takes_one_line(open_page, world, language):
    viewer = open_page(f"{world}&presenter=1&lang={language}", PROJECTOR)
    viewer.page.wait_for_selector(".open-tab.money .chart canvas")
    readable(viewer, world)
    line = viewer.page.locator(".happened .line:visible").bounding_box()
    assert line["height"] < 1.6 * 20
    ring, room = (viewer.page.locator(f".machine .{part}").first.bounding_box() for part in ("ring svg", "rings"))
    assert ring["height"] <= room["height"] + 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_two_worlds_the_figure_that_their_states_are_told_from_stands_there_too(open_page, language):
    """1.35 stood alone beside "what is left lives on outside money", which is told from 0.57, with building."""
    moves = "moves=24:fork;24:funding.tightening=1@1"
    viewer = open_page(f"preset=optimist&seed=1&month=60&{moves}&presenter=1&lang={language}", PROJECTOR)
    viewer.page.wait_for_selector(".open-tab.money .chart canvas")
    shown = viewer.page.locator(".dial-ratio .value:visible").all_inner_texts()
    assert len(shown) == 4
    outside = {"en": "lives on outside money", "zh": "靠外部资金维持"}[language]
    told = [outside in viewer.text(f".verdict .sentence.world-{world} .detail") for world in (0, 1)]
    assert any(told)
    for world in (0, 1):
        lowest = min(map(float, shown[2 * world : 2 * world + 2]))
        assert lowest < 1 or not told[world]
    readable(viewer, "dials of two worlds")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_votes_levers_and_help_on_a_projector_are_large_and_nothing_is_cut(open_page, language):
    viewer = open_page(f"preset=ono_2025&seed=1&months=6&month=3&presenter=1&lang={language}", PROJECTOR)
    viewer.page.click(".levers .more")
    viewer.page.wait_for_selector(".levers .drawer")
    readable(viewer, "levers")
    viewer.page.click(".levers .close")
    viewer.page.click(".head .help")
    viewer.page.wait_for_selector(".helpbox")
    readable(viewer, "help")
    viewer.page.click(".helpbox .close")
    viewer.page.click(".head .predict")
    viewer.page.click(".predictbox .asking")
    viewer.page.wait_for_selector(".predictbox .firms")
    viewer.page.locator("[data-vote=fallen] button").last.click()
    viewer.until(lambda: viewer.text("[data-vote=fallen] b") == "1", "the vote")
    readable(viewer, "votes")
    viewer.page.click(".predictbox .run")
    viewer.page.wait_for_selector(".predictbox .result")
    readable(viewer, "what came of it")


def test_what_a_vote_hides_leaves_no_name_in_the_chart(open_page):
    """How worlds fare is not told while the class votes: neither the layers nor their names, but when they will be."""
    viewer = open_page("preset=ono_2025&seed=1&months=6&month=3", PROJECTOR)
    viewer.until(lambda: "spinning" in viewer.page.evaluate(SAID), "the odds")
    viewer.page.click(".head .predict")
    viewer.until(lambda: "spinning" not in viewer.page.evaluate(SAID), "no odds")
    assert "Told when the class" in " ".join(viewer.page.evaluate(SAID)).replace("\n", " ")


@pytest.mark.parametrize(
    ("language", "first", "coming"),
    [("en", "From the first month on", "Being computed"), ("zh", "从第一个月起", "正在计算")],
)
def test_odds_that_are_being_computed_are_not_promised_from_the_first_month_on(open_page, language, first, coming):
    """At month 3 the chart said that odds would stand there from the first month on."""
    strength = f"demand.strength={random.uniform(0.8, 0.9):.6f}"  # of which no band is kept
    viewer = open_page(f"preset=ono_2025&seed=1&months=40&month=3&lang={language}&{strength}", PROJECTOR)
    said = []

    def written():
        said.append(" ".join(viewer.page.evaluate(SAID)).replace("\n", " "))
        return said[-1]

    viewer.until(lambda: coming in written(), "that odds are being computed")
    viewer.until(lambda: {"en": "spinning", "zh": "转动"}[language] in written() and coming not in said[-1], "the odds")
    assert not any(first in one for one in said)
    viewer.page.keyboard.press("Home")
    viewer.at_month(0)
    viewer.until(lambda: first in written().replace("  ", " "), "what will come")


def test_the_stack_has_room_beside_its_names(open_page):
    viewer = open_page("preset=ono_2025&seed=1&month=30&presenter=1", PROJECTOR)
    viewer.page.wait_for_selector(".chart-funds canvas")
    stack, lines = (viewer.page.locator(f".chart-{name}").bounding_box() for name in ("funds", "revenue"))
    assert stack["width"] > 1.2 * lines["width"]
