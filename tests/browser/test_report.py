"""The report in Chromium: nothing wider than the screen, no request, no error, and sliders that move what they show."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from perpetuum.model.words.speech import speaking
from perpetuum.runs.commands import cli
from perpetuum.visualization.figures.money_ring import PLACES
from perpetuum.visualization.report import Chapter, Document, Table, html_of
from perpetuum.visualization.report.pictures import embedded
from perpetuum.visualization.report.ring import _node
from tests.browser.harness import why_not

SCREENS = ((1280, 720), (390, 844), (1920, 1080))
SMALL = ("run", "triangle", "--worlds", "3", "--months", "16", "--set", "funding.tightening=1", "--no-figures", "--report")

#: Letters that stand under eleven pixels high, and ranges of which a line ends inside.
HARD_TO_READ = """() => {
  const found = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const node = words.currentNode, within = node.parentElement, range = document.createRange();
    range.selectNodeContents(node);
    if (!node.textContent.trim() || !range.getClientRects().length) continue;
    const matrix = within.ownerSVGElement ? within.getScreenCTM() : { a: 1, b: 0 };
    const height = parseFloat(getComputedStyle(within).fontSize) * Math.hypot(matrix.a, matrix.b);
    if (height < 10.95) found.push(`${height.toFixed(1)} px: ${node.textContent}`);
    for (const one of node.textContent.matchAll(/\\d[–-]\\d/g)) {
      range.setStart(node, one.index);
      range.setEnd(node, one.index + one[0].length);
      if (new Set([...range.getClientRects()].filter((box) => box.width).map((box) => Math.round(box.top))).size > 1)
        found.push(`broken: ${node.textContent}`);
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The report of a small run."""
    if why_not():
        pytest.skip(why_not())
    folder = tmp_path_factory.mktemp("reported") / "there"
    assert cli.main([*SMALL, "--out", str(folder)]) == 0
    return folder / "report.html"


def test_a_report_fits_every_screen_and_its_sliders_move_what_they_show(file, tmp_path, chromium):
    for width, height in SCREENS:
        tab = chromium.new_page(viewport={"width": width, "height": height})
        wrong: list[str] = []
        tab.on("console", lambda said, wrong=wrong: wrong.append(said.text))
        tab.on("pageerror", lambda error, wrong=wrong: wrong.append(str(error)))
        tab.on("request", lambda one, wrong=wrong: None if one.url.startswith("file:") else wrong.append(one.url))
        tab.goto(file.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
        for name, shown in (("ring", "output"), ("map", "table")):
            before = tab.inner_text(f"#{name} {shown}")
            tab.focus(f"#{name} input")
            tab.keyboard.press("ArrowRight")
            assert tab.inner_text(f"#{name} {shown}") != before or tab.inner_text(f"#{name} output") != before, name
        assert tab.locator("svg.ring polygon").count() > 4
        assert wrong == []
        tab.close()


def pages(tab, path):
    """Widths and heights of the pages that are printed."""
    tab.goto(path.as_uri())
    printed = path.with_suffix(".pdf")
    tab.pdf(path=printed, prefer_css_page_size=True, print_background=True)
    return [tuple(map(float, box.split()[2:])) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", printed.read_bytes())]


def picture(wide, name, tall=300):
    return embedded(
        f'<svg width="{wide}pt" height="{tall}pt" viewBox="0 0 {wide} {tall}"><text style="font: 9px x">a</text></svg>', name
    )


#: Points of the smallest letters in pictures.
SMALLEST = """() => Math.min(...[...document.querySelectorAll('svg text')].map((one) =>
  0.75 * parseFloat(getComputedStyle(one).fontSize) * Math.hypot(one.getScreenCTM().a, one.getScreenCTM().b)))"""


def test_on_a4_letters_of_figures_have_seven_points(file, tmp_path, chromium):
    tab, across = chromium.new_page(), set()
    tab.emulate_media(media="print")
    for wide, tall in ((640, 400), (660, 480), (665, 480), (720, 536), (800, 500), (980, 590)):
        drawn = [picture(wide, "picture", tall)]
        told = html_of(Document("A study", "", [Chapter("figures", "Figures", "figures", drawn)]))
        (tmp_path / "told.html").write_text(told, encoding="utf-8")
        tab.goto((tmp_path / "told.html").as_uri())
        lies = tab.locator("figure.broad").count()
        across.add(lies)
        room = 297 - 2 * 10 if lies else 210 - 2 * 14  # less the margins of the page
        tab.set_viewport_size({"width": int(room / 25.4 * 96), "height": 1000})
        assert tab.evaluate(SMALLEST) > 6.98, (wide, tall)
    assert across == {0, 1}
    tab.goto(file.as_uri())
    tab.set_viewport_size({"width": 687, "height": 1000})
    assert tab.evaluate(SMALLEST.replace("svg text", "svg.ring text")) > 6.98
    tab.close()


def test_on_paper_a_broad_figure_lies_across_with_its_heading_and_no_page_is_left_empty(file, tmp_path, chromium):
    tab = chromium.new_page()
    for order, across in (((640, 1040), [False, True]), ((1040, 640), [False, True]), ((640, 640), [False])):
        drawn = [picture(wide, f"picture{place}") for place, wide in enumerate(order)]
        told = html_of(Document("A study", "", [Chapter("figures", "Figures", "figures", drawn)]))
        (tmp_path / "told.html").write_text(told, encoding="utf-8")
        printed = [wide > tall for wide, tall in pages(tab, tmp_path / "told.html")]
        # The title's page stands upright, and takes what stands upright too.
        assert printed == across, order
    shutil.copy(file, tmp_path / "whole.html")
    assert 5 <= len(pages(tab, tmp_path / "whole.html")) <= 10
    tab.close()


def test_no_control_is_printed_and_no_heading_without_what_it_is_of(chromium, tmp_path):
    folded = Chapter("tables", "Tables", "table", [Table("All parameters", ("name", "value"), [("a", "1")])])
    shown = Chapter("others", "Others", "table", [Table("What was set", ("name", "value"), [("a", "1")], open=True)])
    (tmp_path / "told.html").write_text(html_of(Document("A study", "", [folded, shown])), encoding="utf-8")
    tab = chromium.new_page()
    tab.goto((tmp_path / "told.html").as_uri())
    assert tab.locator("#tables h2").is_visible()
    tab.emulate_media(media="print")
    assert not tab.locator("#tables").is_visible()
    assert tab.locator("#others td").first.is_visible()
    assert tab.evaluate("getComputedStyle(document.querySelector('#others summary')).listStyleType") == "none"
    for inside in ("h2", "summary"):
        assert tab.evaluate(f"getComputedStyle(document.querySelector('#others {inside}')).breakAfter") == "avoid"
    tab.close()


def test_on_every_screen_all_letters_are_read_and_no_range_is_broken(file, chromium):
    tab = chromium.new_page(viewport={"width": 390, "height": 844})
    tab.goto(file.as_uri())
    for width in (390, 360, 412, 1024, 1280, 1920):
        tab.set_viewport_size({"width": width, "height": 844})
        assert tab.evaluate(HARD_TO_READ) == [], width
        assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
        scrolled = "[...document.querySelectorAll('figure')].filter((one) => one.scrollWidth > one.clientWidth + 1).length"
        assert width < 1280 or tab.evaluate(scrolled) == 0, width
    tab.close()


#: Labels of the ring that touch their box or leave it: texts, with the pixels left beside them.
BEYOND_THEIR_BOX = """() => [...document.querySelectorAll("svg.ring > g:nth-of-type(2) > text")].flatMap((text) => {
  const own = text.getBoundingClientRect(), scale = text.getScreenCTM().a;
  const holds = (box) => box.left <= own.x + own.width / 2 && own.x + own.width / 2 <= box.right
    && box.top <= own.y + own.height / 2 && own.y + own.height / 2 <= box.bottom;
  const boxes = [...text.parentElement.querySelectorAll("rect")].map((box) => box.getBoundingClientRect()).filter(holds);
  if (boxes.length !== 1) return [`${text.textContent}: in ${boxes.length} boxes`];
  const [box] = boxes, free = Math.min(own.left - box.left, box.right - own.right, own.top - box.top, box.bottom - own.bottom);
  return free >= 3 * scale ? [] : [`${text.textContent}: ${free.toFixed(1)}`];
})"""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("typeface", ["inherit", "serif", "monospace"])
def test_no_label_of_the_ring_touches_its_box_in_any_typeface_on_any_screen_or_on_paper(
    file, tmp_path, chromium, language, typeface
):
    told = tmp_path / "report.html"
    assert cli.main(["report", str(file.parent), "--lang", language, "--out", str(told)]) == 0
    text = told.read_text(encoding="utf-8")
    assert text.count("font-family: inherit; }") == 1
    data = json.loads(re.search(r'<script[^>]* id="data"[^>]*>(.*?)</script>', text, re.DOTALL)[1])
    some = json.dumps(data["ring"]["nodes"], ensure_ascii=False, separators=(",", ":"))
    assert some in text
    with speaking(language):  # all that any ring has
        every = json.dumps([_node(name) for name in PLACES], ensure_ascii=False)
    text = text.replace(some, every).replace("font-family: inherit; }", f"font-family: {typeface}; }}")
    told.write_text(text, encoding="utf-8")
    for width, height in (*SCREENS, (360, 640), (844, 390)):
        tab = chromium.new_page(viewport={"width": width, "height": height})
        tab.goto(told.as_uri())
        assert tab.locator("svg.ring > g:nth-of-type(2) > text").count() > len(PLACES)
        for media in ("screen", "print"):
            tab.emulate_media(media=media)
            assert tab.evaluate(BEYOND_THEIR_BOX) == [], (width, media)
        tab.emulate_media(media="screen")
        assert tab.evaluate(HARD_TO_READ) == [], width
        tab.close()
