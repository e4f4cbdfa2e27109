"""Words stand out from what lies behind them, also where axe cannot tell: over shapes, pictures, halos, and in charts.

What axe leaves undecided is decided from pixels: the page is drawn with its words and without them, and the colour that a word
has is held against every pixel that it covers. Charts are canvases, of which axe sees nothing: their words are held against the
paper, of which those over lines and layers have a halo.
"""

import io
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from tests.browser.harness import PROJECTOR

YEARS = "preset=ono_2025&seed=1&month=30"
FALLEN = "preset=ono_2025&seed=1&demand.strength=0.4&funding.tightening=1&month=84"
PHONE = {"width": 390, "height": 844}
#: WCAG AA: contrast of words, and of large ones (24 px, or 18.66 px where bold).
READABLE, LARGE = 4.5, 3.0
#: Share of a word's pixels that must stand out: a hair of a line may pass behind it.
MOST = 0.95
PAPER = "#FFFCF7"
#: What a step of *follow one dollar* does not speak of is faded to this, and is there to be passed over.
FADED = 0.1
WORDLESS = """.perpetuum, .perpetuum * { color: transparent !important; -webkit-text-fill-color: transparent !important; }
.perpetuum svg text { fill: transparent !important; }"""
#: Where a word stands, its colour and what it is dimmed by, and its size; null where it is not on the screen.
WORD = """(where) => {
    const part = document.querySelector(where);
    if (!part) return null;
    const style = getComputedStyle(part), { left, top, right, bottom } = part.getBoundingClientRect();
    const box = [left, top, right, bottom].map(Math.round);
    let alpha = 1;
    for (let one = part; one; one = one.parentElement) alpha *= Number(getComputedStyle(one).opacity);
    const inside = box[0] >= 0 && box[1] >= 0 && box[2] <= innerWidth && box[3] <= innerHeight && box[2] > box[0];
    const met = inside && document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const near = (one) => one.closest('.machine, .timeline') || one;
    const over = met && !part.contains(met) && !met.contains(part) && !near(part).contains(met);
    const said = part.tagName === 'SELECT' ? part.selectedOptions[0].textContent : part.textContent.trim();
    return { said, box, inside: inside && !over, alpha, colour: part.closest('svg') ? style.fill : style.color,
        size: parseFloat(style.fontSize), bold: Number(style.fontWeight) >= 700 };
}"""
#: What stands in the charts, and in which colours.
IN_CHARTS = """() => [...document.querySelectorAll('.chart')].flatMap((chart) => {
    const drawn = chart.__vue__ && chart.__vue__.drawn;
    if (!drawn) return [];
    return drawn.getZr().storage.getDisplayList().filter((one) => one.style && one.style.text && one.style.text.trim())
        .map((one) => [chart.className, one.style.text, one.style.fill, one.style.stroke || '', one.style.lineWidth || 0]);
})"""
SCENES = {
    "running": (YEARS, PROJECTOR, []),
    "at rest, triangle": ("preset=triangle&seed=1", PROJECTOR, []),
    "after a fall, in Chinese": (f"{FALLEN}&lang=zh", PROJECTOR, []),
    "books of two worlds": (f"{YEARS}&tab=books&moves=20:fork", PROJECTOR, []),
    "projector": (f"{YEARS}&presenter=1&lang=zh", PROJECTOR, []),
    "vote": ("preset=ono_2025&seed=1&month=3", PROJECTOR, [".head .predict"]),
    "one dollar": (YEARS, PROJECTOR, [".tour .follow"]),
    "phone": (f"{YEARS}&lang=zh", PHONE, [".head .unfold", ".levers .opensheet", ".levers .more"]),
}


def luminance(colours):
    """Relative luminance of colours (..., 3) from 0 to 255, as WCAG has it."""
    part = np.asarray(colours, dtype=float) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(ink, paper):
    """Contrast of colours, from 1 to 21."""
    high, low = np.maximum(luminance(ink), luminance(paper)), np.minimum(luminance(ink), luminance(paper))
    return (high + 0.05) / (low + 0.05)


def rgb(colour):
    """Red, green and blue of a colour as a style has it, and its opacity."""
    if colour.startswith("#"):
        return [int(colour[k : k + 2], 16) for k in (1, 3, 5)], 1.0
    numbers = [float(one) for one in re.findall(r"[\d.]+", colour)]
    return numbers[:3], numbers[3] if len(numbers) > 3 else 1.0


def drawn(page):
    """The screen as pixels (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB"))


def hard_to_read(word, whole, bare):
    """What is wrong with a word, "" where nothing is; `whole`, `bare`: the screen with and without words."""
    left, top, right, bottom = word["box"]
    behind = bare[top:bottom, left:right].astype(float)
    change = np.abs(whole[top:bottom, left:right] - behind).sum(axis=2)
    covered = behind[change > 30]
    if not len(covered):
        return "cannot be seen"
    colour, alpha = rgb(word["colour"])
    alpha *= word["alpha"]
    found = contrast(alpha * np.array(colour) + (1 - alpha) * covered, covered)
    needed = LARGE if word["size"] >= 24 or (word["bold"] and word["size"] >= 18.66) else READABLE
    worst = float(np.quantile(found, 1 - MOST))
    return "" if worst >= needed else f"contrast {worst:.2f} of {needed} in {word['colour']} at {alpha:.2f}"


def undecided(page):
    """Where the words stand of which axe could not tell."""
    found = Axe().run(page, options={"runOnly": ["color-contrast"]}).response
    assert found["violations"] == []
    return [node["target"][0] for rule in found["incomplete"] for node in rule["nodes"]]


def test_contrast_by_hand():
    assert contrast([0, 0, 0], [255, 255, 255]) == pytest.approx(21)
    assert contrast([118, 118, 118], [255, 255, 255]) == pytest.approx(4.54, abs=0.01)
    bare = np.full((20, 40, 3), 255, dtype=np.uint8)
    bare[:, 20:] = 118
    whole = bare.copy()
    whole[5:15, 5:35] = 0
    word = {"box": [0, 0, 40, 20], "colour": "rgb(0, 0, 0)", "alpha": 1.0, "size": 12, "bold": False}
    assert hard_to_read(word, whole, bare) == ""
    assert hard_to_read(word | {"colour": "rgb(100, 100, 100)"}, whole, bare).startswith("contrast 1.")
    assert hard_to_read(word, bare, bare) == "cannot be seen"


@pytest.mark.parametrize("scene", SCENES)
def test_what_axe_leaves_undecided_stands_out(open_page, scene):
    query, screen, steps = SCENES[scene]
    viewer = open_page(query, screen)
    for step in steps:
        viewer.page.click(step)
    viewer.settle()
    page = viewer.page
    page.wait_for_timeout(300)  # what unfolds is there
    wrong, left = {}, undecided(page)
    while left:
        page.evaluate("(where) => document.querySelector(where)?.scrollIntoView({ block: 'nearest' })", left[0])
        viewer.settle()
        whole = drawn(page)
        words = {where: page.evaluate(WORD, where) for where in left}
        tag = page.add_style_tag(content=WORDLESS)
        bare = drawn(page)
        tag.evaluate("(tag) => tag.remove()")
        seen = [where for where in left if words[where] and words[where]["inside"]]
        # What stays out of sight wherever one scrolls lies under something else, and is nothing to be read.
        for where in seen:
            if words[where]["alpha"] <= FADED:
                continue
            fault = hard_to_read(words[where], whole, bare)
            if fault:
                wrong[words[where]["said"]] = fault
        left = [where for where in left if where not in seen and where != left[0]]
    assert wrong == {}


@pytest.mark.parametrize("query", [f"{YEARS}&moves=20:fork", f"{FALLEN}&lang=zh"], ids=["forked", "fallen"])
@pytest.mark.parametrize("presenter", ["", "&presenter=1"], ids=["page", "projector"])
def test_words_in_charts_stand_out(open_page, query, presenter):
    viewer = open_page(query + presenter, PROJECTOR)
    wrong = {}
    for tab in ("money", "prices", "firms"):
        viewer.page.click(f".foot .tab-{tab}")
        viewer.page.wait_for_selector(f".open-tab.{tab} .chart canvas")
        while True:
            viewer.until(lambda: viewer.page.evaluate(IN_CHARTS), "words in charts")
            for chart, said, fill, halo, width in viewer.page.evaluate(IN_CHARTS):
                (ink, alpha), (paper, _) = rgb(fill), rgb(halo if width >= 2 else PAPER)
                if alpha == 1 and contrast(ink, paper) < READABLE:
                    wrong[chart, said] = f"{fill}: {contrast(ink, paper):.2f}"
            if not viewer.page.is_enabled(".charts .later"):
                break
            viewer.page.click(".charts .later")
            viewer.settle()
    assert wrong == {}
