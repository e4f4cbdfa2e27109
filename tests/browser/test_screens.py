"""The page on every screen and for everybody: phones, zoomed pages, a keyboard alone, a screen reader, a page at rest."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.harness import PROJECTOR

YEARS = "preset=ono_2025&seed=1&month=30"
PHONE, SMALL_PHONE = {"width": 390, "height": 844}, {"width": 360, "height": 640}
#: A laptop's 1280 x 720 at 150 and at 200 % zoom.
ZOOMED = {"150": {"width": 853, "height": 480}, "200": {"width": 640, "height": 360}}
#: Controls that cannot be brought to where a hand or a pointer meets them.
OUT_OF_REACH = """() => {
    const lost = [];
    for (const part of document.querySelectorAll('.perpetuum :is(button, select, input, [tabindex="0"])')) {
        if (!part.getClientRects().length || part.disabled) continue;
        part.scrollIntoView({ block: 'center', inline: 'nearest' });
        const box = part.getBoundingClientRect();
        const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 12)];
        const met = document.elementFromPoint(x, y);
        const hit = met && (part.contains(met) || met.contains(part) || part.closest('svg') || part.matches('.timeline, .dial'));
        const inside = box.left >= -1 && box.right <= innerWidth + 1;
        if (!hit || !inside) lost.push(`${part.dataset.node || part.className || part.id || part.tagName} at ${x}, ${y}`);
    }
    return lost;
}"""
#: Controls that nobody sees, which some step must bring to sight.
UNSEEN = """() => [...document.querySelectorAll('.perpetuum :is(button, select, input)')]
    .filter((part) => !part.getClientRects().length).map((part) => part.className || part.id)"""
#: Where the parts of the page stand.
PLACES = """() => Object.fromEntries(['.verdictrow', '.stage', '.machine .ring svg', '.happened', '.foot'].map((part) => {
    const { left, top, width, height } = document.querySelector(part).getBoundingClientRect();
    return [part, [left, top, width, height].map(Math.round)];
}))"""
RUNNING = "() => document.getAnimations().filter((one) => one.playState === 'running').length"


@pytest.mark.parametrize(
    ("query", "screen", "steps"),
    [
        (YEARS, PROJECTOR, []),
        (f"{YEARS}&tab=books&moves=20:fork", PROJECTOR, []),
        (f"{YEARS}&presenter=1&lang=zh", PROJECTOR, []),
        ("preset=ono_2025&seed=1&month=3&tab=map", PROJECTOR, [".head .predict"]),
        (f"{YEARS}&lang=zh", PHONE, [".head .unfold", ".levers .opensheet", ".levers .more"]),
    ],
    ids=["laptop", "books of two worlds", "projector", "vote", "phone"],
)
def test_axe_finds_no_serious_fault(open_page, query, screen, steps):
    viewer = open_page(query, screen)
    for step in steps:
        viewer.page.click(step)
    viewer.settle()
    assert serious_faults(viewer) == {}


def serious_faults(viewer):
    """What axe finds: rule to the places that break it."""
    found = Axe().run(viewer.page).response["violations"]
    return {
        fault["id"]: [node["target"] for node in fault["nodes"]]
        for fault in found
        if fault["impact"] in ("serious", "critical")
    }


AT_WORK = """() => {
    app.$data.kernelBusyLong = true;
    const bar = document.querySelector('.v-progress-linear');
    return bar && bar.checkVisibility() && bar.getBoundingClientRect().height > 0;
}"""


@pytest.mark.parametrize(("lang", "name"), [("en", "The server is at work"), ("zh", "服务器正在计算")])
def test_the_bar_of_a_server_long_at_work_has_a_name_for_those_who_cannot_see_it(open_page, lang, name):
    viewer = open_page(f"{YEARS}&lang={lang}", PROJECTOR)
    viewer.settle()
    # As when a replay takes long; said again and again, for a server that ends its last work says that it is at none.
    viewer.page.wait_for_function(AT_WORK)
    assert viewer.page.get_attribute(".v-progress-linear", "aria-label") == name
    assert serious_faults(viewer) == {}


@pytest.mark.parametrize("screen", [SMALL_PHONE, *ZOOMED.values()], ids=["360 px", "150 %", "200 %"])
def test_every_control_is_within_reach_on_small_screens(open_page, screen):
    viewer = open_page(f"{YEARS}&moves=20:demand.strength=0.8", screen)
    viewer.page.wait_for_selector(".chart canvas")
    assert viewer.page.evaluate(OUT_OF_REACH) == []
    if screen["width"] < 720:
        viewer.page.click(".head .unfold")
        viewer.page.click(".levers .opensheet")
        assert viewer.page.evaluate(UNSEEN) == []
        viewer.page.evaluate("document.querySelector('.levers .panel.sheet').scrollTo(0, 0)")
        assert viewer.page.evaluate(OUT_OF_REACH.replace(".perpetuum :is", ".levers :is")) == []
        viewer.page.keyboard.press("Escape")
        viewer.page.wait_for_selector(".levers .main", state="hidden")
    wide = viewer.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]


def test_a_phone_shows_state_ring_chart_and_play_at_once(open_page):
    viewer = open_page(YEARS, PHONE)
    viewer.page.wait_for_selector(".chart canvas")
    for part in (".verdict .sentence", ".machine .ring svg", ".head .play", ".levers .opensheet"):
        box = viewer.page.locator(part).first.bounding_box()
        assert box["width"] > 30, part
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= PHONE["height"], part
    assert viewer.count(".chart") == 1
    assert viewer.page.locator(".chart .plot").bounding_box()["y"] < PHONE["height"] - 150
    viewer.page.click(".levers .opensheet")
    viewer.slide("demand.strength", 0.5)
    viewer.page.wait_for_selector(".lever[data-lever='demand.strength'] .taken")


@pytest.mark.parametrize("screen", [PROJECTOR, {"width": 1920, "height": 1080}], ids=["1280", "1920"])
def test_nothing_changes_its_place_when_panels_fill(open_page, screen):
    viewer = open_page("preset=ono_2025&seed=1&months=40", screen)
    viewer.page.wait_for_selector(".chart canvas")
    rest = viewer.page.evaluate(PLACES)
    viewer.page.click(".head .step")
    viewer.at_month(1)
    assert viewer.page.evaluate(PLACES) == rest
    viewer.open(f"{YEARS}&months=40")
    viewer.at_month(30)
    assert viewer.page.evaluate(PLACES) == rest


#: Where the parts of an upright page stand, and how tall those are that tell figures and states.
LINES = """() => Object.fromEntries(['.sentence', '.machine', '.dials', '.happened'].map((part) => {
    const box = document.querySelector(part).getBoundingClientRect();
    return [part, [Math.round(box.top + scrollY), part === '.happened' ? 0 : Math.round(box.height / 4)]];
}))"""


@pytest.mark.parametrize("screen", [PHONE, SMALL_PHONE], ids=["phone", "small phone"])
@pytest.mark.parametrize("query", ["month=2", "month=2&moves=2:fork"], ids=["one world", "two worlds"])
def test_nothing_changes_its_place_on_a_phone_when_words_take_more_lines(open_page, screen, query):
    """Of this machine a state has two lines more after its lab was rescued, and funders of chips one to three."""
    viewer = open_page(f"preset=ono_2025&seed=1&months=80&{query}", screen)
    seen = []
    for month in (2, 8, 30, 68, 78):
        viewer.open(f"preset=ono_2025&seed=1&months=80&{query.replace('month=2', f'month={month}')}")
        viewer.at_month(month)
        viewer.settle()
        seen.append(viewer.page.evaluate(LINES))
    assert all(one == seen[0] for one in seen), seen


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("screen", [PHONE, PROJECTOR], ids=["phone", "laptop"])
def test_the_ring_stays_where_it_is_from_month_to_month_and_from_stop_to_stop(open_page, screen, language):
    viewer = open_page(f"preset=ono_2025&seed=1&months=40&lang={language}", screen)
    viewer.page.wait_for_selector(".chart canvas")

    def place():
        viewer.settle()
        return viewer.page.evaluate("() => document.querySelector('.machine .ring svg').getBoundingClientRect().top")

    rest = place()
    viewer.page.click(".head .step")
    viewer.at_month(1)
    assert place() == rest
    viewer.open(f"{YEARS}&months=40&lang={language}")
    viewer.at_month(30)
    assert place() == rest
    viewer.page.click(".tour .follow")
    stops = set()
    while viewer.page.locator(".tour .onward").is_enabled():
        stops.add(place())
        viewer.page.click(".tour .onward")
    assert len(stops) == 1


def test_the_search_of_levers_on_a_phone_is_within_the_sheet(open_page):
    viewer = open_page(YEARS, PHONE)
    viewer.page.click(".levers .opensheet")
    viewer.page.click(".levers .more")
    for part in (".drawer input[type=search]", ".drawer .lever label", ".drawer .lever .value", ".drawer .close"):
        box = viewer.page.locator(f".levers {part}").first.bounding_box()
        assert box["x"] >= 8, part
        assert box["x"] + box["width"] <= PHONE["width"] - 8, part


def test_a_page_at_rest_moves_nothing_and_tells_ways_and_names(open_page):
    viewer = open_page("preset=ono_2025&seed=1&months=40")
    viewer.until(lambda: viewer.page.evaluate(RUNNING) == 0, "the end of the bar that tells of loading")
    for _ in range(10):  # what moves for ever or again and again would be seen
        viewer.page.wait_for_timeout(200)
        assert viewer.page.evaluate(RUNNING) == 0
    assert viewer.count(".pipe.main .arrow") > 5
    assert viewer.count(".pipe.route .arrow") > 8
    assert [one.text_content() for one in viewer.page.query_selector_all("text.route")] == [
        "fund the labs",
        "pay for compute",
        "buy chips",
    ]
    viewer.page.wait_for_selector(".chart-odds canvas")
    told = """() => document.querySelector('.chart-odds').__vue__.drawn.getZr().storage.getDisplayList()
        .map((one) => one.style.text || '').join(' ').split(/\\s+/).join(' ')"""
    viewer.until(lambda: "how many of 100 other worlds" in viewer.page.evaluate(told), "what will come")
    viewer.page.click(".head .step")
    viewer.at_month(1)
    viewer.until(lambda: viewer.page.evaluate(RUNNING) > 0, "money that drifts")
    viewer.until(lambda: viewer.page.evaluate(RUNNING) == 0, "rest")
    assert viewer.count(".pipe.route") == 0


def test_who_hears_the_page_and_has_a_keyboard_alone_can_use_it(open_page):
    viewer = open_page("preset=ono_2025&seed=1&months=40")
    assert viewer.page.get_attribute("html", "lang") == "en"
    line = viewer.page.locator(".timeline")
    line.focus()
    viewer.page.keyboard.press("ArrowRight")
    viewer.at_month(1)
    viewer.page.keyboard.press("PageUp")
    viewer.at_month(13)
    viewer.page.keyboard.press("PageDown")
    viewer.at_month(1)
    assert "Oct 2025" in line.get_attribute("aria-valuetext")
    heard = viewer.page.locator("[role=status][aria-live=polite]").first.text_content()
    assert viewer.page.locator(".verdict .sentence strong").text_content() in heard
    node = viewer.page.get_by_role("button", name="lead lab;")
    assert "cash" in node.get_attribute("aria-label")
    node.focus()
    viewer.page.keyboard.press(" ")
    viewer.page.wait_for_selector(".open-tab.books .glass")
    assert node.get_attribute("aria-pressed") == "true"
    assert viewer.month() == 1  # and it does not play


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_projector_tells_what_happened_last_and_who_pays(open_page, language):
    viewer = open_page(f"preset=ono_2025&seed=1&month=40&presenter=1&lang={language}", PROJECTOR)
    lines = viewer.page.locator(".happened .line:visible")
    assert lines.count() == 1
    assert lines.first.inner_text().strip()
    payers = viewer.page.locator(".funders .ends.words span")
    assert payers.count() >= 2
    row = viewer.page.locator(".funders .ends.words").bounding_box()
    for k in range(payers.count()):
        box = payers.nth(k).bounding_box()
        assert row["y"] - 1 <= box["y"] < row["y"] + row["height"] / 2  # in its one line


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tank_of_the_smallest_machine_is_told_whole_on_a_phone(open_page, language):
    viewer = open_page(f"preset=triangle&seed=1&months=40&month=6&lang={language}", SMALL_PHONE)
    told = viewer.page.locator(".tour .tank .told").bounding_box()
    assert told["x"] >= 0
    assert told["x"] + told["width"] <= SMALL_PHONE["width"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_balance_sheets_stand_whole_on_a_laptop_down_to_net_worth(open_page, language):
    """The row of net worth, to which all others add up, was cut in half."""
    viewer = open_page(f"{YEARS}&tab=books&lang={language}", PROJECTOR)
    viewer.page.wait_for_selector(".books-view .ledger tfoot td")
    hidden, below = viewer.page.evaluate(
        """() => {
            const ledger = document.querySelector('.books-view .ledger');
            const last = ledger.querySelector('tfoot').getBoundingClientRect();
            return [ledger.scrollHeight - ledger.clientHeight, last.bottom - innerHeight];
        }"""
    )
    assert hidden <= 0
    assert below <= 0


@pytest.mark.parametrize(("language", "ends"), [("en", ["0 %", "100 %"]), ("zh", ["0%", "100%"])])
def test_shares_of_the_map_and_of_levers_are_written_as_the_language_writes_them(open_page, language, ends):
    viewer = open_page(f"preset=triangle&tab=map&lang={language}", PROJECTOR)
    viewer.page.wait_for_selector(".mapbox .scale span")
    assert viewer.page.locator(".mapbox .scale span").all_inner_texts() == ends
    viewer.page.click(".levers .more")
    values = viewer.page.locator(".levers .lever .value").all_inner_texts()
    shares = [value for value in values if "%" in value]
    assert shares
    assert all((" %" in value) == (language == "en") for value in shares)
