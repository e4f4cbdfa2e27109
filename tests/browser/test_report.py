"""The report in Chromium: nothing wider than the screen, no request, no error, and sliders that move what they show."""

from __future__ import annotations

import pytest

from perpetuum.runs.commands import cli
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
    tab = chromium.new_page()
    tab.goto(file.as_uri())
    tab.pdf(path=tmp_path / "printed.pdf", prefer_css_page_size=True, print_background=True)
    assert (tmp_path / "printed.pdf").stat().st_size > 50_000


def test_on_a_phone_all_letters_are_read_and_no_range_is_broken(file, chromium):
    tab = chromium.new_page(viewport={"width": 390, "height": 844})
    tab.goto(file.as_uri())
    for width in (390, 360, 412):
        tab.set_viewport_size({"width": width, "height": 844})
        assert tab.evaluate(HARD_TO_READ) == [], width
    tab.close()
