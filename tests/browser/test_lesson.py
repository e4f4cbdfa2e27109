"""The first lesson, clicked through on the page: what it tells to do can be done, and what it tells is seen.

Lines that begin with ▶ are done, from left to right: links are opened, **bold** names are clicked, keys in `code` are pressed,
numbers in `code` are months at which the line of time is clicked, and other words in `code` are votes. Lines that begin with ✓
are what is read on the page then.
"""

import re

import pytest

from tests.browser.harness import PROJECTOR, ROOT

STEP = re.compile(r"\]\(\?(?P<open>[^)]+)\)|\*\*(?P<click>[^*]+)\*\*|`(?P<code>[^`]+)`")
KEYS = {"→": "ArrowRight", "←": "ArrowLeft"}


def lines(language):
    text = (ROOT / "visualization" / "lessons" / f"first_lesson.{language}.md").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.startswith(("▶", "✓"))]


def do(viewer, line):
    for step in STEP.finditer(line):
        if query := step["open"]:
            viewer.open(query)
        elif (name := step["click"]) and name != "+":
            viewer.page.locator("button").filter(has_text=re.compile(rf"^\s*{re.escape(name)}\s*$")).first.click()
        elif code := step["code"]:
            if code.isdigit():
                viewer.travel(int(code))
            elif code in KEYS:
                viewer.page.keyboard.press(KEYS[code])
            else:
                viewer.page.locator(f"[data-vote={code}] button").last.click()
                viewer.until(lambda code=code: viewer.text(f"[data-vote={code}] b") == "1", f"the vote {code}")


def read(viewer):
    """What is read on the page; that a number and its unit stay on one line is not seen."""
    return viewer.text(".perpetuum").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_lesson_can_be_done_and_its_figures_are_seen(open_page, language):
    told = lines(language)
    viewer = open_page(STEP.search(told[0])["open"], PROJECTOR)
    for line in told:
        if line.startswith("▶"):
            do(viewer, line)
            continue
        for step in STEP.finditer(line):
            viewer.until(lambda text=step["click"]: text in read(viewer), f"'{step['click']}' after: {line}")


def test_the_lesson_is_the_same_in_both_languages():
    def bones(language):
        codes = [[step["code"] or step["open"] for step in STEP.finditer(line)] for line in lines(language)]
        return [[(code or "").removesuffix("&lang=zh") for code in line if code] for line in codes]

    assert bones("en") == bones("zh")
