"""On a large screen room is used: nothing is left alone on a line, all main levers are in sight, charts have no idle margin."""

from __future__ import annotations

import pytest

from tests.browser.harness import PROJECTOR
from tests.browser.screenshot import QUERY, SCREEN
from tests.browser.test_projector import readable

LARGE = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}
#: Entries of the legend, line by line: how many stand on each.
LINES = """() => {
    const places = [...document.querySelectorAll('.legend .entry:not(.measures):not(.scale), .legend .scale > span')]
        .map((one) => one.getBoundingClientRect()).filter((box) => box.width).map((box) => box.top + box.height / 2);
    const lines = [];
    for (const place of places) {
        const line = lines.find((one) => Math.abs(one.place - place) < 6);
        if (line) line.number += 1; else lines.push({ place, number: 1 });
    }
    return lines.map((line) => line.number);
}"""
#: Of the stacked chart: pixels right of its last year, its width, and where the last of its words ends.
MARGIN = """() => {
    const { drawn, size } = document.querySelector('.chart-funds').__vue__;
    const words = drawn.getZr().storage.getDisplayList().filter((one) => one.style && one.style.text && !one.ignore);
    const ends = words.map((one) => one.getBoundingRect().clone()).map((box) => box.x + box.width);
    return [drawn.getOption().grid[0].right, size.width, Math.max(...ends)];
}"""
#: What stands before and after the parts of the verdict that are seen.
DOTS = """() => [...document.querySelectorAll('.verdict .sentence')].map((sentence) =>
    [...sentence.querySelectorAll('.detail, .since, .fact')].filter((one) => one.getClientRects().length && one.textContent)
        .map((one) => ['::before', '::after'].map((side) => getComputedStyle(one, side).content)))"""
#: What the column of levers shows of how much.
ROOM = """() => {
    const { clientHeight, scrollHeight } = document.querySelector('.levers .main');
    return [clientHeight, scrollHeight];
}"""
MAIN_LEVERS = ".levers .main .lever:visible"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_entry_of_the_legend_is_left_alone_on_its_line(open_page, language):
    viewer = open_page(f"preset=ono_2025&seed=1&months=12&month=6&lang={language}", LARGE)
    for size in (LARGE, {"width": 1600, "height": 900}, PROJECTOR, PHONE):
        viewer.page.set_viewport_size(size)
        viewer.settle()
        lines = viewer.page.evaluate(LINES)
        assert sum(lines) >= 12, size
        assert min(lines) > 1, (size, lines)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_large_projector_has_as_many_main_levers_as_fit_and_a_small_one_at_least_two(open_page, language):
    viewer = open_page(f"preset=ono_2025&seed=1&months=40&month=30&presenter=1&lang={language}", LARGE)
    viewer.page.wait_for_selector(".open-tab.money .chart canvas")
    readable(viewer, "1920 x 1080")
    assert viewer.page.locator(MAIN_LEVERS).count() >= 6
    viewer.page.click(".levers .more")
    viewer.page.wait_for_selector(".levers .drawer")
    names = [one.get_attribute("data-lever") for one in viewer.page.locator(".levers .lever:visible").all()]
    assert len(names) == len(set(names))
    viewer.page.click(".levers .close")
    for tab in ("books", "map", "money"):
        viewer.page.click(f".foot .tab-{tab}")
        viewer.page.wait_for_selector(f".open-tab.{tab}")
        readable(viewer, tab)
    viewer.page.set_viewport_size(PROJECTOR)
    readable(viewer, "1280 x 720")
    assert 2 <= viewer.page.locator(MAIN_LEVERS).count() <= 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_screen_of_the_readme_shows_all_main_levers_whole(open_page, language):
    viewer = open_page(f"{QUERY}&lang={language}", SCREEN)
    viewer.settle()
    shown, whole = viewer.page.evaluate(ROOM)
    assert whole <= shown
    assert viewer.page.locator(MAIN_LEVERS).count() == 8


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("query", ["&month=30", "&month=30&moves=20:fork;20:funding.tightening=1@1&presenter=1"])
def test_no_line_of_the_verdict_begins_with_a_dot_and_none_ends_with_one_to_no_end(open_page, query, language):
    viewer = open_page(f"preset=ono_2025&seed=1&months=40&lang={language}{query}", LARGE)
    viewer.settle()
    sentences = viewer.page.evaluate(DOTS)
    assert len(sentences) == (2 if "fork" in query else 1)
    for parts in sentences:
        assert len(parts) >= 2
        assert not any("·" in before for before, _ in parts)
        assert [after.replace('"', "") for _, after in parts] == ["\u00a0·"] * (len(parts) - 1) + ["none"]


def test_a_chart_keeps_room_for_names_beyond_its_last_year_only_where_they_reach_it(open_page):
    viewer = open_page("preset=ono_2025&seed=1&months=40&month=12", LARGE)
    margins = []
    viewer.page.wait_for_selector(".chart-funds canvas")
    for month in (12, 40):
        viewer.travel(month)
        viewer.settle()
        margin, wide, end = viewer.page.evaluate(MARGIN)
        assert end <= wide + 1, month
        margins.append(margin)
    assert margins[0] < 20 < 60 < margins[1]
