"""A page that loses its server says so and goes on by itself at the same month, with every move; nobody clicks anything."""

import pytest

from tests.browser.harness import Server, Viewer, Wire, free_port, wait_until
from tests.browser.test_screens import OUT_OF_REACH

QUERY = "preset=triangle&seed=2&moves=2:demand.strength=0.5&month=4"
NOTE = {"en": "The connection is lost", "zh": "连接中断"}


@pytest.fixture
def wire(server):
    laid = Wire(server)
    yield laid
    laid.close()


def forgive(viewer):
    """What the browser says of a server that is not there is no fault of the page."""
    viewer.wrong[:] = [
        wrong for wrong in viewer.wrong if "net::ERR" not in wrong and "WebSocket" not in wrong and "onnection" not in wrong
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_line_lost_for_a_while_is_mended_and_the_session_is_the_same(chromium, wire, language):
    viewer = Viewer(chromium, wire, f"{QUERY}&lang={language}")
    try:
        viewer.at_month(4)
        before = viewer.address()
        viewer.keep(".line-lost")
        viewer.page.evaluate("() => { window.never_loaded_anew = true; }")
        wire.cut()
        viewer.until(lambda: viewer.count(".line-lost"), "the note that the line is lost")
        assert NOTE[language] in viewer.text(".line-lost")
        viewer.page.wait_for_timeout(5000)
        assert viewer.shown() == {4}
        wire.mend()
        viewer.until(lambda: not viewer.count(".line-lost"), "the line")
        assert viewer.address() == before
        assert viewer.page.evaluate("() => window.never_loaded_anew")
        viewer.page.keyboard.press("ArrowRight")
        viewer.at_month(5)
        forgive(viewer)
        assert viewer.wrong == []
    finally:
        viewer.close()


def test_a_page_that_plays_goes_on_playing(chromium, wire):
    viewer = Viewer(chromium, wire, QUERY)
    try:
        viewer.page.keyboard.press(" ")
        viewer.until(lambda: viewer.month() > 5)
        wire.cut()
        viewer.until(lambda: viewer.count(".line-lost"), "the note that the line is lost")
        month = viewer.month()
        wire.mend()
        viewer.until(lambda: viewer.month() > month + 2, "the play")
        assert {"moves": "2:demand.strength=0.5"}.items() <= viewer.address().items()
    finally:
        viewer.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_server_that_starts_again_finds_the_page_where_it_was(chromium, language):
    port = free_port()
    first = Server(port=port)
    viewer = Viewer(chromium, first, f"{QUERY}&lang={language}")
    second = None
    try:
        viewer.at_month(4)
        before = viewer.address()
        first.close()
        viewer.until(lambda: viewer.count(".line-lost"), "the note that the line is lost")
        assert NOTE[language] in viewer.text(".line-lost")
        second = Server(port=port)
        wait_until(lambda: second.sessions() == 1, "a session", viewer.page.wait_for_timeout)
        viewer.until(lambda: not viewer.count(".line-lost"), "the line")
        viewer.complete()
        viewer.at_month(4)
        assert viewer.address() == before
        viewer.page.keyboard.press("ArrowRight")
        viewer.at_month(5)
        viewer.page.keyboard.press("ArrowLeft")
        viewer.at_month(4)
        forgive(viewer)
        assert viewer.wrong == []
    finally:
        viewer.close()
        first.close() if second is None else second.close()


def test_what_jupyters_side_asks_of_a_session_is_answered(open_page):
    """Where a line was closed early it asks, and gives the session up where there is no answer."""
    viewer = open_page(QUERY)
    ask = "async (id) => (await (await fetch('/jupyter/api/kernels/' + id)).json()).execution_state"
    assert viewer.page.evaluate(ask, viewer.page.evaluate("() => window.solara.debug.kernel().id")) == "idle"
    assert viewer.page.evaluate(ask, "somebody-elses-session") == "dead"


#: Controls that meet the note, of those that stay where they are while the page scrolls, or all where it does not.
UNDER_THE_NOTE = """() => {
    const note = document.querySelector('.line-lost').getBoundingClientRect();
    const scrolls = getComputedStyle(document.querySelector('.perpetuum')).overflowY === 'visible'; // as on small screens
    const stays = (part) => !scrolls || part.closest('.transport, .opensheet') || part.matches('.sheet');
    const parts = document.querySelectorAll('.perpetuum :is(button, select, input, [tabindex="0"], .sheet)');
    return [...parts].filter(stays).filter((part) => {
        const box = part.getBoundingClientRect();
        return box.width && box.bottom > note.top + 1 && box.top < note.bottom;
    }).map((part) => part.className || part.id || part.tagName);
}"""
SCREENS = [(360, 640), (390, 844), (640, 360), (853, 480), (1280, 720), (1920, 1080)]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("presenter", ["", "&presenter=1"], ids=["", "presents"])
def test_the_note_of_a_lost_line_covers_no_control(chromium, wire, language, presenter):
    viewer = Viewer(chromium, wire, f"{QUERY}&lang={language}{presenter}")
    try:
        viewer.at_month(4)
        before = viewer.page.locator(".foot").bounding_box()
        wire.cut()
        viewer.until(lambda: viewer.count(".line-lost"), "the note that the line is lost")
        for wide, high in SCREENS:
            viewer.page.set_viewport_size({"width": wide, "height": high})
            viewer.settle()
            viewer.settle()
            assert viewer.page.evaluate(UNDER_THE_NOTE) == [], wide
            assert viewer.page.evaluate(OUT_OF_REACH) == [], wide
            if wide < 720:
                viewer.page.evaluate("() => document.querySelector('.levers .opensheet').click()")
                viewer.settle()
                assert viewer.page.evaluate(UNDER_THE_NOTE) == [], f"{wide}, with levers"
                viewer.page.keyboard.press("Escape")
                viewer.page.wait_for_selector(".levers .main", state="hidden")
        viewer.page.set_viewport_size({"width": 1600, "height": 1000})
        wire.mend()
        viewer.until(lambda: not viewer.count(".line-lost"), "the line")
        viewer.settle()
        assert viewer.page.locator(".foot").bounding_box() == before
    finally:
        viewer.close()
