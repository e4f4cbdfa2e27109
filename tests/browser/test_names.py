"""Names stand on no other: of firms in the ring on a phone, and of layers and lines in the charts."""

import pytest

from tests.browser.harness import PROJECTOR

SMALL_PHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 720}
#: Pairs of boxes [name, left, top, right, bottom] that overlap by more than a hair.
MEETING = """(boxes) => boxes.flatMap((one, i) => boxes.slice(i + 1).filter((other) => {
    const wide = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
    const tall = Math.min(one[4], other[4]) - Math.max(one[2], other[2]);
    return wide > 1 && tall > 0.3 * Math.min(one[4] - one[2], other[4] - other[2]);
}).map((other) => `${one[0]} and ${other[0]}`))"""
IN_RING = f"""() => ({MEETING})([...document.querySelectorAll('.machine .ring svg text.name')].map((text) => {{
    const {{ left, top, right, bottom }} = text.getBoundingClientRect();
    return [text.textContent, left, top, right, bottom];
}}))"""
#: Everything that is written in the ring, and what is written outside of it and so cut off.
WORDS_IN_RING = f"""() => [...document.querySelectorAll('.machine .ring svg')].flatMap((ring) => {{
    const frame = ring.parentElement.getBoundingClientRect();
    const boxes = [...ring.querySelectorAll('text, .node.around rect')]
        .filter((one) => one.matches('rect') || one.textContent.trim() && !one.parentElement.matches('.around')).map((one) => {{
            const {{ left, top, right, bottom }} = one.getBoundingClientRect();
            return [one.textContent.trim() || one.parentElement.dataset.node, left, top, right, bottom];
        }});
    const cut = boxes.filter(([, left, top, right, bottom]) => left < frame.left - 1 || right > frame.right + 1
        || top < frame.top - 4 || bottom > frame.bottom + 4);
    return [...({MEETING})(boxes), ...cut.map((one) => `${{one[0]}} is cut`)];
}})"""
IN_MAP = f"""() => ({MEETING})([...document.querySelectorAll('.mapped .squeeze.across span')].map((text) => {{
    const {{ left, top, right, bottom }} = text.getBoundingClientRect();
    return [text.textContent, left, top, right, bottom];
}}))"""
#: Names in charts are bold; everything else in them is not.
IN_CHARTS = f"""() => [...document.querySelectorAll('.chart')].flatMap((chart) => {{
    const drawn = chart.__vue__ && chart.__vue__.drawn;
    if (!drawn) return [];
    const words = drawn.getZr().storage.getDisplayList().filter((one) => one.style && one.style.text);
    const bold = words.filter((one) => /bold|700/.test(one.style.font));
    return ({MEETING})(bold.map((one) => {{
        const box = one.getBoundingRect().clone();
        if (one.transform) box.applyTransform(one.transform);
        return [one.style.text, box.x + 1, box.y + 1, box.x + box.width - 1, box.y + box.height - 1];
    }}));
}})"""

#: The layers of money that are named beside their stack, word for word.
LAYERS = """() => document.querySelector('.chart-funds').__vue__.drawn.getZr().storage.getDisplayList()
    .filter((one) => one.style && one.style.text && /bold|700/.test(one.style.font)).map((one) => one.style.text).join(' ')"""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("preset", ["ono_2025", "triangle", "telecom_1999"])
def test_names_in_the_ring_of_a_phone_stand_on_no_other(open_page, preset, language):
    viewer = open_page(f"preset={preset}&seed=1&lang={language}&month=40", SMALL_PHONE)
    for month in (40, 12, 0):
        viewer.travel(month)
        viewer.settle()
        assert viewer.page.evaluate(IN_RING) == [], month


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("preset", "months"),
    [
        ("ono_2025", (40, 0)),
        ("telecom_1999", (40, 0)),
        ("optimist", (110,)),
        ("ono_2025&moves=20:fork;20:funding.tightening=0@1", (40,)),
        ("telecom_1999&moves=20:fork;20:funding.tightening=1@1", (40,)),
    ],
)
def test_words_in_the_ring_of_a_projector_hide_no_other_and_are_not_cut(open_page, preset, months, language):
    """There the ring is low and words are large; one of these worlds has firms that have failed, one a twin."""
    viewer = open_page(f"preset={preset}&seed=1&lang={language}&presenter=1&month={months[0]}", PROJECTOR)
    for month in months:
        viewer.travel(month)
        viewer.settle()
        assert viewer.page.evaluate(WORDS_IN_RING) == [], month


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("preset", ["ono_2025", "telecom_1999"])
def test_names_in_charts_stand_on_no_other(open_page, preset, language):
    viewer = open_page(f"preset={preset}&seed=1&lang={language}&month=30", LAPTOP)
    viewer.page.wait_for_selector(".chart-funds canvas")
    for month in (30, 12, 2):
        viewer.travel(month)
        viewer.settle()
        assert viewer.page.evaluate(IN_CHARTS) == [], month


@pytest.mark.parametrize(
    ("screen", "query", "there"),
    [
        ((1920, 1080), "preset=ono_2025&month=12&presenter=1", {"vendors' own", "credit", "other customers"}),
        ((1280, 720), "preset=ono_2025&month=40&presenter=1", {"vendors' own", "other customers"}),
        ((1280, 720), "preset=triangle&month=5&vendor_finance.scale=0&presenter=1", {"AI customers"}),
        ((1280, 720), "preset=triangle&month=5&vendor_finance.scale=0", {"AI customers"}),
    ],
    ids=["on a large projector", "on a small one", "nothing of vendors there", "nor here"],
)
def test_layers_of_money_are_named_as_far_as_there_is_room_and_none_that_never_was(open_page, screen, query, there):
    viewer = open_page(f"{query}&seed=1", dict(zip(("width", "height"), screen, strict=True)))
    viewer.page.wait_for_selector(".chart-funds canvas")
    viewer.until(lambda: viewer.shown() == {viewer.month()}, "the charts")
    viewer.settle()
    named = viewer.page.evaluate(LAYERS)
    assert [name for name in there if name not in named] == []
    assert ("vendors' own" in named) == ("scale=0" not in query)


@pytest.mark.parametrize(("screen", "presenter"), [(SMALL_PHONE, ""), (PROJECTOR, "&presenter=1")])
def test_squeezes_of_the_past_stand_beside_each_other_on_the_map(open_page, screen, presenter):
    viewer = open_page(f"preset=ono_2025&seed=1&months=40&month=2&tab=map{presenter}", screen)
    viewer.page.wait_for_selector(".mapped .squeeze.across")
    viewer.settle()
    assert viewer.count(".mapped .squeeze.across") >= 3
    assert viewer.page.evaluate(IN_MAP) == []
