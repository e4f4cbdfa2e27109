"""The report in Chromium: nothing wider than the screen, no request, no error, and sliders that move what they show."""

from __future__ import annotations

import pytest

from perpetuum.runs.commands import cli
from tests.browser.harness import why_not

SCREENS = ((1280, 720), (390, 844), (1920, 1080))
SMALL = ("run", "triangle", "--worlds", "3", "--months", "16", "--set", "funding.tightening=1", "--no-figures", "--report")


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
