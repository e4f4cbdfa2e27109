"""Words in the ring hide no other and are not cut: any preset, both languages and modes, one world and two, on every screen."""

import pytest

from perpetuum.model.scenario import preset_names
from tests.browser.harness import PROJECTOR
from tests.browser.test_names import WORDS_IN_RING

SCREENS = {"projector": PROJECTOR, "large": {"width": 1920, "height": 1080}, "phone": {"width": 390, "height": 844}}
SPLIT = "&moves=20:fork;20:funding.tightening=1@1"
#: Presets whose rings have other firms or other names (those of other years have the same as `ono_2025`), and two worlds of the
#: two with most of either.
RINGS = [(name, "") for name in preset_names() if not name.startswith("ono_") or name == "ono_2025"]
RINGS += [(name, SPLIT) for name in ("ono_2025", "telecom_1999")]
#: Names whose firm is farther from them than a line is high and that no line leads to.
ADRIFT = """() => [...document.querySelectorAll('.machine .ring svg .node:not(.around)')].filter((node) => {
    const name = node.querySelector('.name').getBoundingClientRect(), tank = node.querySelector('.tank').getBoundingClientRect();
    const across = Math.max(name.left - tank.right, 0, tank.left - name.right);
    const up = Math.max(name.top - tank.bottom, 0, tank.top - name.bottom);
    return Math.hypot(across, up) > 1.2 * name.height && !node.querySelector('.leader');
}).map((node) => node.dataset.node)"""


@pytest.mark.parametrize(("preset", "split"), RINGS, ids=lambda one: "two worlds" if one == SPLIT else one or "one world")
def test_words_in_the_ring_hide_no_other_whatever_is_shown_on_whichever_screen(open_page, preset, split):
    """ "leveraged" lay under "costs", on a projector with two worlds."""
    viewer = open_page(f"preset={preset}&seed=1&month=50{split}", PROJECTOR)
    for lang, presents in (("en", False), ("en", True), ("zh", True), ("zh", False)):
        if ("presenter" in viewer.address()) != presents:
            viewer.page.keyboard.press("p")
        if viewer.address()["lang"] != lang:
            viewer.page.keyboard.press("l")
        shown = {"lang": lang} | ({"presenter": "1"} if presents else {})
        viewer.until(lambda shown=shown: shown.items() <= viewer.address().items(), str(shown))
        viewer.until(lambda presents=presents: ("presenter" in viewer.address()) == presents, str(shown))
        for name, size in SCREENS.items():
            viewer.page.set_viewport_size(size)
            viewer.settle()
            viewer.settle()
            assert viewer.page.evaluate(WORDS_IN_RING) == [], (name, shown)
            assert viewer.page.evaluate(ADRIFT) == [], (name, shown)
        viewer.page.set_viewport_size(PROJECTOR)
        viewer.settle()
