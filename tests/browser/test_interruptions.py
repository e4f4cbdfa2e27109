"""What comes between: a projector amid a walk, a lost line with a lever in the hand, another language, a keyboard alone."""

import pytest

from tests.browser.harness import PROJECTOR, Server, Viewer, Wire, free_port
from tests.browser.test_story import SEEN

TRIANGLE = "preset=triangle&seed=1&months=40"
SPLIT = "preset=ono_2025&seed=1&month=40&moves=20:fork;20:funding.tightening=1@1"
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("step", ["f", "v"], ids=["two worlds", "a vote"])
def test_a_walk_that_a_projector_has_no_room_for_hides_nothing_of_the_ring(open_page, step):
    """The ring stayed dimmed and half hidden, and nothing was there to close the walk with."""
    viewer = open_page(f"{TRIANGLE}&month=6", PROJECTOR)
    everybody = viewer.page.evaluate(SEEN)
    viewer.page.click(".tour .build")
    viewer.until(lambda: set(viewer.page.evaluate(SEEN)) < set(everybody), "the first step")
    viewer.page.keyboard.press("p")
    viewer.page.wait_for_selector(".perpetuum.presenter")
    assert set(viewer.page.evaluate(SEEN)) < set(everybody)
    viewer.page.keyboard.press(step)
    viewer.page.wait_for_selector(".picture.two" if step == "f" else ".predictbox")
    viewer.until(lambda: viewer.page.locator(".tour").is_hidden(), "no walk")
    viewer.until(lambda: set(viewer.page.evaluate(SEEN)) == set(everybody), "the whole ring")


def test_what_could_not_be_done_is_said_in_the_language_that_is_chosen_next(open_page):
    viewer = open_page(f"{TRIANGLE}&tab=maps&moves=130:fork")
    assert "unknown tab 'maps'" in viewer.text(".notice")
    viewer.page.keyboard.press("l")
    viewer.until(lambda: "没有标签页“maps”" in viewer.text(".notice"), "the same in Chinese")
    assert "第130个月的调整晚于最后一个月" in viewer.text(".notice")
    assert "Left out" not in viewer.text(".notice")
    viewer.page.fill(".head .seed", "x")
    viewer.page.press(".head .seed", "Enter")
    viewer.until(lambda: "不是0到" in viewer.text(".notice"), "another")
    viewer.page.keyboard.press("l")
    viewer.until(lambda: "is not a whole number" in viewer.text(".notice"), "the same in English")
    viewer.page.click(".notice button")
    viewer.page.wait_for_selector(".notice", state="detached")
    viewer.page.keyboard.press("l")
    viewer.until(lambda: "播放" in viewer.text(".head .play"), "Chinese")
    assert viewer.count(".notice") == 0


def test_who_has_a_keyboard_alone_stays_where_he_is(open_page):
    """Every key that pressed a button lost its place: twelve votes were twelve ways through the page."""
    viewer = open_page(TRIANGLE)
    viewer.page.focus(".head .step")
    for month in (1, 2):
        viewer.page.keyboard.press("Enter")
        viewer.at_month(month)
    viewer.page.keyboard.press("v")
    more = viewer.page.locator(".predictbox [data-vote=fallen] button").last
    more.focus()
    for votes in (1, 2, 3):
        viewer.page.keyboard.press("Enter")
        viewer.until(lambda votes=votes: viewer.text("[data-vote=fallen] b") == str(votes), "the vote")
    # Who comes with a pointer goes on with the keys of the page.
    viewer.page.click(".head .step")
    viewer.at_month(3)
    viewer.page.keyboard.press(" ")
    viewer.until(lambda: viewer.month() > 3, "it plays")


def test_a_firm_that_is_touched_on_a_phone_shows_its_books(open_page):
    viewer = open_page(f"{TRIANGLE}&month=3", PHONE)
    inside = """() => { const box = document.querySelector('.books-view .glass').getBoundingClientRect();
        return box.top >= -2 && box.top < innerHeight / 2; }"""
    for node in ("lead_lab", "lead_vendor", "lead_vendor"):  # the last once more: its books are open already
        viewer.page.evaluate("() => scrollTo(0, 0)")
        viewer.page.click(f".node[data-node={node}] .tank")
        viewer.page.wait_for_selector(".books-view .glass")
        viewer.until(lambda: viewer.page.evaluate(inside), f"the books of {node}")


def test_a_firm_that_is_touched_on_a_laptop_scrolls_nothing(open_page):
    viewer = open_page(f"{TRIANGLE}&month=3", PROJECTOR)
    viewer.page.click(".node[data-node=lead_lab] .tank")
    viewer.page.wait_for_selector(".books-view .glass")
    viewer.settle()
    assert viewer.page.evaluate("() => [scrollY, document.querySelector('.perpetuum').scrollTop]") == [0, 0]


def test_a_lever_let_go_while_the_line_is_lost_leaves_no_ghost_and_no_other_value(chromium, server):
    wire = Wire(server)
    viewer = Viewer(chromium, wire, f"{TRIANGLE}&month=3")
    try:
        viewer.page.wait_for_selector(".chart-revenue canvas")
        lever = ".lever[data-lever='vendor_finance.scale'] input[type=range]"
        box = viewer.page.locator(lever).bounding_box()
        across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        viewer.page.mouse.move(across, down)
        viewer.page.mouse.down()
        viewer.page.mouse.move(across - 60, down, steps=3)
        viewer.page.wait_for_selector(".charts .key.ghost")
        wire.cut()
        viewer.until(lambda: viewer.count(".line-lost"), "the note that the line is lost")
        viewer.page.mouse.move(across - 70, down, steps=2)
        viewer.page.mouse.up()
        wire.mend()
        viewer.until(lambda: not viewer.count(".line-lost"), "the line")
        viewer.until(lambda: not viewer.count(".charts .key.ghost"), "no ghost")
        moves = viewer.address().get("moves")
        stands = float(viewer.page.input_value(lever))
        assert moves in (None, f"3:vendor_finance.scale={stands:g}")
    finally:
        viewer.close()
        wire.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_two_rings_on_a_laptop_have_the_height_that_they_need(open_page, language):
    """Beside each other they were 240 pixels high, below tanks that took two lines."""
    viewer = open_page(f"{SPLIT}&lang={language}", PROJECTOR)
    viewer.settle()
    assert viewer.page.locator(".tour .bar").bounding_box()["height"] < 30
    heights = [viewer.page.locator(".machine .ring svg").nth(k).bounding_box()["height"] for k in (0, 1)]
    assert min(heights) >= 285


@pytest.mark.parametrize(("screen", "levers"), [(PROJECTOR, 3), ({"width": 1920, "height": 1080}, 7)], ids=["1280", "1920"])
def test_two_worlds_on_a_projector_leave_no_column_empty(open_page, screen, levers):
    """Two levers stood above an empty column, and the payers of one world below the bars of two."""
    viewer = open_page(f"{SPLIT}&presenter=1", screen)
    viewer.until(lambda: viewer.page.locator(".levers .main .lever:visible").count() >= levers, "levers")
    assert viewer.page.locator(".funders .ends.words").is_hidden()
    room = viewer.page.evaluate(
        "() => { const { scrollHeight, clientHeight } = document.querySelector('.levers .main'); "
        "return scrollHeight - clientHeight; }"
    )
    assert room <= 1


def test_every_figure_of_the_books_is_within_reach_of_a_keyboard(open_page):
    """What lies behind a figure was shown to who has a pointer alone; one stop of the keyboard, and arrows from there."""
    viewer = open_page(f"{TRIANGLE}&month=3&tab=books", PROJECTOR)
    viewer.page.wait_for_selector(".books-view .ledger td[tabindex]")
    assert viewer.count(".ledger td[tabindex='0']") == 1
    focused = """() => { const cell = document.activeElement; return [cell.parentElement.dataset.row, cell.cellIndex]; }"""
    viewer.page.locator(".ledger td[tabindex='0']").focus()
    places = [viewer.page.evaluate(focused)]
    for key in ("ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        viewer.page.keyboard.press(key)
        places.append(viewer.page.evaluate(focused))
    assert places[0] == places[4] != places[1] == places[3] != places[2]
    viewer.page.keyboard.press("Enter")
    viewer.page.wait_for_selector(".books-view .entry .steps")
    viewer.page.keyboard.press(" ")
    viewer.page.wait_for_selector(".books-view .entry", state="detached")
    assert viewer.month() == 3  # no arrow has stepped, and it does not play
    assert "Play" in viewer.text(".head .play")


def test_the_keyboard_goes_on_stepping_and_going_back_beside_the_books(open_page):
    """After a click of a pointer on a figure it moved from figure to figure; keys of the browser's own were kept from it."""
    viewer = open_page(f"{TRIANGLE}&month=3&tab=books", PROJECTOR)
    viewer.page.wait_for_selector(".books-view .ledger td[tabindex]")
    viewer.page.locator(".ledger td[tabindex='0']").click()
    viewer.page.wait_for_selector(".books-view .entry .steps")
    viewer.page.keyboard.press("ArrowRight")
    viewer.at_month(4)
    viewer.page.locator(".ledger td[tabindex='0']").focus()
    kept = """() => { const cell = document.activeElement;
        const pressed = new KeyboardEvent("keydown", { key: "ArrowLeft", altKey: true, bubbles: true, cancelable: true });
        return [cell.dispatchEvent(pressed), document.activeElement === cell]; }"""
    assert viewer.page.evaluate(kept) == [True, True]


def test_two_worlds_take_no_height_from_the_books(open_page):
    heights = []
    for moves in ("", "&moves=2:fork"):
        viewer = open_page(f"{TRIANGLE}&month=6{moves}&tab=books", PROJECTOR)
        viewer.page.wait_for_selector(".books-view .ledger")
        heights.append(viewer.page.evaluate("() => document.querySelector('.books-view').getBoundingClientRect().height"))
    assert heights[1] >= heights[0] - 2


def test_who_goes_back_while_the_server_is_down_is_told_so_and_is_there_when_it_answers(chromium):
    """The machine that was left stood there without a word."""
    port = free_port()
    first = Server(port=port)
    viewer = Viewer(chromium, first, f"{TRIANGLE}&month=3")
    second = None
    try:
        viewer.at_month(3)
        viewer.page.fill(".head .seed", "7")
        viewer.page.press(".head .seed", "Enter")
        viewer.until(lambda: viewer.address()["seed"] == "7" and viewer.month() == 0, "another machine")
        first.close()
        viewer.page.evaluate("() => history.back()")
        viewer.until(lambda: viewer.count(".line-lost"), "the note")
        viewer.until(lambda: viewer.address()["seed"] == "1", "the address before")
        viewer.page.wait_for_timeout(2000)
        assert viewer.count(".line-lost") == 1
        second = Server(port=port)
        viewer.until(lambda: not viewer.count(".line-lost"), "the line")
        viewer.complete()
        viewer.at_month(3)
        assert viewer.address()["seed"] == "1"
    finally:
        viewer.close()
        first.close() if second is None else second.close()


@pytest.mark.parametrize(("language", "state"), [("en", "stands alone"), ("zh", "自立")])
def test_what_the_class_should_have_said_is_told_where_a_verdict_has_words_of_its_own(open_page, language, state):
    """ "0 of 1 votes had it right" stood beside "the cash lasts", which nobody could vote for."""
    viewer = open_page(f"preset=triangle&months=6&month=3&predict=fallen:1&lang={language}", PROJECTOR)
    viewer.page.click(".predictbox .run")
    viewer.page.wait_for_selector(".predictbox .result")
    assert viewer.text(".predictbox .result .side p").endswith(state)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_head_of_a_column_of_the_books_is_cut_on_a_projector(open_page, language):
    """ "Equipmer" stood over the makers of the telecom machine."""
    viewer = open_page(f"preset=telecom_1999&seed=1&months=20&month=6&tab=books&presenter=1&lang={language}", PROJECTOR)
    viewer.page.wait_for_selector(".books-view thead th")
    viewer.settle()
    cut = """() => [...document.querySelectorAll('.books-view thead th')].filter((head) => head.textContent
        && head.scrollWidth > head.clientWidth + 1).map((head) => head.textContent)"""
    assert viewer.page.evaluate(cut) == []


@pytest.mark.parametrize("screen", [(853, 480), (740, 900), (640, 360), (1280, 720)])
@pytest.mark.parametrize("split", ["", "&moves=6:fork"], ids=["one world", "two"])
def test_no_ring_and_no_legend_reaches_beyond_the_window(open_page, screen, split):
    """At 150 % zoom a long entry of the legend made the picture wider than its place: the states were cut."""
    viewer = open_page(
        f"preset=ono_2025&seed=1&months=20&month=12{split}", dict(zip(("width", "height"), screen, strict=True))
    )
    viewer.settle()
    beyond = """() => [...document.querySelectorAll('.ring svg, .ring rect, .ring text, .legend .entry span, .legend .entry')]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.textContent || one.tagName)"""
    assert viewer.page.evaluate(beyond) == []
