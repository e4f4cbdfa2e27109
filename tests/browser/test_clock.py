"""A viewer lets time pass: every part shows one month, none is asked for too early, and playing stops when it should."""

from itertools import pairwise

from tests.browser.test_page import SHORT


def test_months_pass_while_it_plays_and_none_when_it_pauses(open_page):
    viewer = open_page(SHORT)
    viewer.page.select_option(".head .speed", "10")
    viewer.page.click(".head .play")
    viewer.until(lambda: viewer.month() >= 5, "five months")
    assert "Pause" in viewer.text(".head .play")
    pause(viewer)
    # What the server told before the pause has arrived before it.
    viewer.at_month(viewer.month())
    paused = viewer.month()
    viewer.page.click(".head .language")
    viewer.until(lambda: viewer.address()["lang"] == "zh")
    assert viewer.month() == paused


#: Whenever a chart or the machine changes its month, and in every frame of the screen: by how many months they differ.
WATCH_APART = """() => {
    window.apart = [];
    const look = () => {
        const months = [...document.querySelectorAll('.plot, .picture')].map((part) => Number(part.dataset.month));
        window.apart.push(Math.max(...months) - Math.min(...months));
    };
    new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-month'] });
    const frame = () => { look(); requestAnimationFrame(frame); };
    frame();
}"""
#: Asks of this page: the months that had passed, those of them that were not drawn, and for how many more it asked.
WATCH_CLOCK = """() => {
    window.asked = [];
    const spans = [...document.querySelectorAll('.perpetuum span')];
    const clock = (window.clock = spans.map((one) => one.__vue__).find((one) => one && one.next));
    const next = clock.next;
    clock.next = (months) => {
        window.asked.push([clock.month, clock.unseen, months]);
        next(months);
    };
}"""


#: A part of the page that has its month later than the others.
LATE = """() => {
    window.late = { arriving: { moment: 'none yet' } };
    window.perpetuumParts.add(window.late);
}"""
ARRIVES = """() => {
    window.perpetuumParts.delete(window.late);
    window.dispatchEvent(new Event('perpetuum-part'));
}"""


def charted(viewer):
    """Wait until all charts are drawn."""
    viewer.page.wait_for_selector(".chart canvas")
    viewer.page.wait_for_selector(".plot:not([data-month])", state="detached")


def pause(viewer):
    """Stop what plays, and wait until it has stopped."""
    viewer.page.keyboard.press(" ")
    viewer.until(lambda: "Play" in viewer.text(".head .play"), "the pause")


def test_charts_and_machine_stay_together_while_it_plays_and_show_one_month_when_it_stops(open_page):
    viewer = open_page(SHORT)
    charted(viewer)
    viewer.page.evaluate(WATCH_APART)
    viewer.page.select_option(".head .speed", "10")
    viewer.page.keyboard.press(" ")
    viewer.until(lambda: viewer.month() >= 20, "twenty months")
    pause(viewer)
    viewer.at_month(viewer.month())
    months = viewer.page.evaluate(
        "() => [...document.querySelectorAll('.plot, .picture')].map((part) => part.dataset.month)"
    )
    assert len(months) > 2
    assert set(months) == {str(viewer.month())} == {viewer.address()["month"]}
    # At no moment, whatever lies between two messages of the server or two frames of the screen.
    assert set(viewer.page.evaluate("() => window.apart")) == {0}


def test_no_part_shows_a_month_before_all_have_it(open_page):
    viewer = open_page(SHORT)
    charted(viewer)
    viewer.page.evaluate(LATE)
    viewer.page.select_option(".head .speed", "10")
    viewer.page.keyboard.press(" ")
    viewer.until(lambda: viewer.month() >= 2, "the second ask's arrival")
    arrived = viewer.month()
    viewer.page.wait_for_timeout(500)
    assert viewer.shown() == {0}
    assert viewer.month() == arrived <= 3  # and the clock does not run ahead of what is seen
    viewer.page.evaluate(ARRIVES)
    viewer.until(lambda: viewer.month() >= 5, "it goes on")
    pause(viewer)
    viewer.at_month(viewer.month())


def test_charts_that_are_not_open_hold_nothing_back(open_page):
    viewer = open_page(SHORT)
    charted(viewer)
    viewer.page.click(".foot .tab-books")
    viewer.page.wait_for_selector(".plot", state="detached")
    viewer.page.click(".head .step")
    viewer.at_month(1)
    viewer.page.click(".foot .tab-prices")
    charted(viewer)
    assert viewer.count(".plot") > 1
    assert viewer.shown() == {1}


def test_clock_asks_for_a_month_once_and_not_before_the_one_before_the_last_is_drawn(open_page):
    viewer = open_page(SHORT)
    viewer.page.evaluate(WATCH_CLOCK)
    viewer.page.select_option(".head .speed", "10")
    viewer.page.keyboard.press(" ")
    viewer.until(lambda: viewer.month() >= 5, "five months")
    # A lever that is taken meanwhile tells the clock nothing about a month.
    for value in (0.8, 0.9, 1.1, 1.2):
        viewer.slide("demand.strength", value)
    viewer.until(lambda: viewer.month() >= 15, "fifteen months")
    pause(viewer)
    asked = viewer.page.evaluate("() => window.asked")
    assert len(asked) > 5
    assert all(before + months == after for (before, _, months), (after, _, _) in pairwise(asked))
    assert max(unseen for _, unseen, _ in asked) <= 1


def test_clock_asks_for_two_months_at_once_only_where_one_is_missing(open_page):
    viewer = open_page(SHORT)
    viewer.page.evaluate(WATCH_CLOCK)
    viewer.page.select_option(".head .speed", "1")
    viewer.page.keyboard.press(" ")
    viewer.until(lambda: viewer.month() >= 2, "two months, each in its time")
    viewer.page.evaluate(LATE)
    viewer.page.wait_for_timeout(5000)  # two months more can come, and none beyond
    in_time = viewer.page.evaluate("() => window.asked")
    viewer.page.evaluate(ARRIVES)
    viewer.until(lambda: len(viewer.page.evaluate("() => window.asked")) > len(in_time), "it goes on")
    pause(viewer)
    viewer.at_month(viewer.month())
    assert in_time[0][2] == 1
    late = viewer.page.evaluate("() => window.asked")[len(in_time)]
    assert late[2] == 2


def test_a_month_asked_for_before_the_pause_does_not_pass_after_it(open_page):
    viewer = open_page(SHORT)
    viewer.page.select_option(".head .speed", "10")
    viewer.page.keyboard.press(" ")
    viewer.until(lambda: viewer.month() >= 5, "five months")
    viewer.page.evaluate(WATCH_CLOCK)
    viewer.page.keyboard.press("Home")  # goes back, and stops
    viewer.at_month(0)
    viewer.page.evaluate("() => window.clock.next()")  # an ask that was on its way
    viewer.page.click(".head .language")
    viewer.until(lambda: viewer.address()["lang"] == "zh", "an answer to what was asked after it")
    assert viewer.month() == 0


def test_playing_stops_at_the_last_month(open_page):
    viewer = open_page("months=6")  # judged; eleven more confirm
    viewer.page.select_option(".head .speed", "10")
    viewer.page.click(".head .play")
    viewer.at_month(17)
    viewer.until(lambda: "Play" in viewer.text(".head .play"))
    assert viewer.page.is_disabled(".head .play")
    assert viewer.page.is_disabled(".head .step")
