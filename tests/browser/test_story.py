"""The page's story in a browser: the tank, one dollar, the machine put together, keys that do one thing, levers, votes."""

import re

import pytest

SHORT = "preset=triangle&seed=1&months=40"
#: Nodes of the machine that can be seen, and those that are not dimmed.
SEEN = """() => [...document.querySelectorAll('.machine .node')].filter((node) => getComputedStyle(node).visibility !== 'hidden'
    && Number(getComputedStyle(node).opacity) > 0.5).map((node) => node.dataset.node)"""
#: Everything on the page that is read or shown when one points at it.
SAID = """() => {
    const marked = (name) => [...document.querySelectorAll(`.perpetuum [${name}]`)].map((one) => one.getAttribute(name));
    return [document.querySelector('.perpetuum').innerText, ...marked('title'), ...marked('aria-label')].join(' ');
}"""


@pytest.mark.parametrize(
    ("language", "tank"), [("en", "$6.0bn, for 6 months without the vendor"), ("zh", "60亿美元，没有芯片商可支撑6个月")]
)
def test_a_dollar_is_followed_and_the_machine_is_built_step_by_step(open_page, language, tank):
    viewer = open_page(f"{SHORT}&month=6&lang={language}")
    assert viewer.text(".tour .tank .told") == tank
    everybody = viewer.page.evaluate(SEEN)
    viewer.page.click(".tour .follow")
    viewer.page.click(".tour .onward")
    assert "80" in viewer.text(".tour .step p")
    assert set(viewer.page.evaluate(SEEN)) == {"lead_lab", "hyperscaler"}
    viewer.page.click(".tour .build")
    # The steps of a walk are told as it is opened.
    viewer.until(lambda: set(viewer.page.evaluate(SEEN)) == {"lead_vendor", "hyperscaler"}, "the first step")
    for part in (
        ".group[data-members~=lead_lab]",
        ".route.vendors",
        ".route.labs",
    ):  # nor is told of labs that are not there yet
        assert viewer.page.locator(f".machine {part}").first.is_hidden()
    for step in range(2, 7):
        viewer.page.click(".tour .onward")
        viewer.until(lambda step=step: viewer.text(".tour .count") == f"{step} / 6")
    viewer.until(lambda: viewer.page.evaluate(SEEN) == everybody, "the whole machine")
    assert viewer.page.locator(".tour .onward").is_disabled()
    viewer.page.click(".tour .close")
    assert viewer.count(".tour .step") == 0


def test_space_on_a_focused_button_presses_that_button_alone(open_page):
    viewer = open_page(f"{SHORT}&month=2")
    viewer.page.focus(".head .step")
    viewer.page.keyboard.press(" ")
    viewer.at_month(3)
    assert "Play" in viewer.text(".head .play")
    viewer.page.focus(".head .language")
    viewer.page.keyboard.press(" ")
    viewer.until(lambda: "播放" in viewer.text(".head .play"), "Chinese")
    viewer.settle()
    assert viewer.month() == 3
    viewer.page.evaluate("document.activeElement.blur()")
    viewer.page.keyboard.press(" ")
    viewer.until(lambda: viewer.month() > 3, "it plays")


def test_a_slider_dragged_away_and_back_leaves_no_move(open_page):
    viewer = open_page("preset=ono_2025&seed=1&months=40&month=3")
    stood = float(viewer.page.input_value(".lever[data-lever='funding.tightening'] input[type=range]"))
    viewer.slide("funding.tightening", 1)
    viewer.until(lambda: viewer.address().get("moves") == "3:funding.tightening=1", "the move")
    viewer.slide("funding.tightening", stood)
    viewer.until(lambda: "moves" not in viewer.address(), "the lever put back")
    assert "eases after" in viewer.text(".levers .now")


def test_funding_that_does_not_tighten_is_told_without_figures(open_page):
    viewer = open_page("preset=ono_2023&seed=1&months=40")
    told = ".lever[data-lever='funding.tightening'] .meaning"
    assert viewer.page.locator(told).first.inner_text() == "money gets no tighter"
    viewer.slide("funding.tightening", 0.5)
    assert "venture −" in viewer.page.locator(told).first.inner_text()


def test_while_the_class_votes_the_map_is_closed_and_no_odds_are_told(open_page):
    viewer = open_page(f"{SHORT}&month=4&tab=map")
    viewer.page.wait_for_selector(".mapbox .here")
    viewer.page.click(".head .predict")
    viewer.page.wait_for_selector(".predictbox .ask")
    viewer.page.wait_for_selector(".mapbox", state="detached")
    assert viewer.count(".foot .tab-map") == 0
    assert viewer.count(".tour .odds") == 0
    assert "when the class has voted" in viewer.text(".open-tab")


def test_on_the_chinese_page_everything_is_said_in_chinese_notices_too(open_page):
    viewer = open_page("preset=triangle&months=40&month=4&lang=zh&tab=maps&moves=130:fork;2:demand.strength=99")
    viewer.page.wait_for_selector(".charts .chart canvas")
    said = viewer.page.evaluate(SAID)
    assert "第130个月的调整晚于最后一个月" in viewer.text(".notice")
    # Names of parameters in an address, units and marks are no words.
    known = {"perpetuum", "CSV", "English", "demand", "strength", "maps", "map", "run", "bp", "GPU"}
    assert {word for word in re.findall(r"[A-Za-z]{3,}", said) if word not in known} == set()


def test_while_a_slider_is_held_a_ghost_shows_where_the_bands_would_go_and_nothing_moves(open_page):
    viewer = open_page("preset=triangle&seed=1&months=40&month=3")
    viewer.page.wait_for_selector(".chart-runway canvas, .chart-revenue canvas")
    box = viewer.page.locator(".lever[data-lever='vendor_finance.scale'] input[type=range]").bounding_box()
    across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    viewer.page.mouse.move(across, down)
    viewer.page.mouse.down()
    viewer.page.mouse.move(across - 60, down, steps=3)
    viewer.page.wait_for_selector(".charts .key.ghost")
    odds = viewer.page.evaluate(
        "() => document.querySelector('.chart-odds').__vue__.page.ghost.middle.odds_pays.slice(3).some((share) => share > 0)"
    )
    assert odds, "and where the odds would go"
    drawn = viewer.page.evaluate("() => document.querySelector('.chart-revenue').__vue__.page.ghost.middle.vendor_revenue")
    assert len(drawn) == 51
    assert "moves" not in viewer.address()
    viewer.page.mouse.up()
    viewer.page.wait_for_selector(".charts .key.ghost", state="detached")
    viewer.until(lambda: "vendor_finance.scale" in viewer.address().get("moves", ""), "the move")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("preset", ["ono_2025", "telecom_1999", "triangle"])
def test_tank_and_odds_stand_in_one_line_above_the_ring(open_page, preset, language):
    viewer = open_page(f"preset={preset}&seed=1&month=12&lang={language}", {"width": 1280, "height": 720})
    viewer.page.wait_for_selector(".tour .odds svg path", state="attached")  # a layer may be flat
    assert viewer.page.locator(".tour .bar").bounding_box()["height"] < 30


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("screen", [(1280, 720), (1920, 1080), (390, 844)], ids=["laptop", "projector", "phone"])
def test_the_odds_have_their_place_above_the_ring_before_the_first_month(open_page, screen, language):
    viewer = open_page(f"preset=triangle&months=40&lang={language}", dict(zip(("width", "height"), screen, strict=True)))
    viewer.page.wait_for_selector(".tour .odds svg")
    said = {"en": "from the first month on", "zh": "从第一个月起"}
    assert said[language] in viewer.text(".tour .odds")
    box = viewer.page.locator(".tour .odds").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= screen[0]


@pytest.mark.parametrize("screen", [(1280, 720), (853, 480), (390, 844)], ids=["laptop", "at 150 %", "phone"])
@pytest.mark.parametrize("moves", ["", "6:fork"], ids=["one world", "two"])
def test_tanks_and_odds_that_take_a_second_line_stand_below_the_first(open_page, screen, moves):
    viewer = open_page(f"preset=ono_2025&seed=1&month=12&moves={moves}", dict(zip(("width", "height"), screen, strict=True)))
    if not moves:
        viewer.page.wait_for_selector(".tour .odds svg path", state="attached")
    assert viewer.count(".tour .tank") == (2 if moves else 1)
    bar = viewer.page.locator(".tour .bar").bounding_box()
    boxes = [one.bounding_box() for one in viewer.page.locator(".tour .tank, .tour .odds").all() if one.is_visible()]
    lines = {round(box["y"] + box["height"] / 2): 0.0 for box in boxes}
    for box in boxes:
        middle = round(box["y"] + box["height"] / 2)
        lines[middle] = max(lines[middle], box["x"] + box["width"])
    assert all(abs(bar["x"] + bar["width"] - end) < 2 for end in lines.values()), (bar, boxes)


def test_a_page_that_is_loaded_anew_while_a_class_votes_hides_the_verdict_and_keeps_the_votes(open_page):
    viewer = open_page("preset=triangle&seed=1&months=3&month=4")
    viewer.page.click(".head .predict")
    for _ in range(2):
        viewer.page.click(".predictbox [data-vote=fallen] button:last-child")
    viewer.until(lambda: viewer.address().get("predict") == "fallen:2", "the votes in the address")
    viewer.page.reload()
    viewer.complete()
    assert viewer.text(".predictbox [data-vote=fallen] b") == "2"
    assert viewer.count(".verdict .sentence") == 0
    assert viewer.count(".foot .tab-map") == 0
    viewer.page.click(".predictbox .giveup")
    viewer.page.wait_for_selector(".verdict .sentence")
    viewer.until(lambda: "predict" not in viewer.address(), "an address without a vote")
