"""The browser's back button: from a machine that was begun anew to the one before it, with its moves and at its month."""

import pytest

MOVED = "preset=triangle&seed=2&months=24&moves=2:demand.strength=0.5&month=4"


def there(viewer, address):
    """Wait until the page shows what an address says."""
    viewer.page.wait_for_function("() => !window.of_before && document.querySelector('.machine .ring svg .node')")
    viewer.complete()
    viewer.until(lambda: viewer.address() == address, str(address))
    viewer.at_month(int(address["month"]))
    viewer.page.evaluate("() => { window.of_before = true; }")  # gone when the page is loaded anew


@pytest.mark.parametrize("language", ["en", "zh"])
def test_back_and_forward_lead_from_machine_to_machine_and_further_back_leaves_the_page(open_page, language):
    viewer = open_page(f"{MOVED}&lang={language}")
    viewer.at_month(4)
    viewer.page.keyboard.press("ArrowRight")
    viewer.at_month(5)
    first = viewer.address()
    viewer.page.select_option(".head .preset", "ono_2025")
    viewer.at_month(0)
    viewer.page.keyboard.press("ArrowRight")
    viewer.at_month(1)
    second = viewer.address()
    assert (second["preset"], "moves" in second) == ("ono_2025", False)
    viewer.page.fill(".head input.seed", "7")
    viewer.page.press(".head input.seed", "Enter")
    viewer.until(lambda: viewer.address()["seed"] == "7", "another seed")
    viewer.at_month(0)
    third = viewer.address()
    viewer.page.evaluate("() => { window.of_before = true; }")
    ways = ["back", "back", "forward", "forward", "back", "back"]
    for way, address in zip(ways, [second, first, second, third, second, first], strict=True):
        viewer.page.evaluate(f"() => history.{way}()")
        there(viewer, address)
    viewer.page.evaluate("() => history.back()")
    viewer.page.wait_for_url("about:blank")


def test_what_is_not_begun_anew_makes_no_entry_and_to_begin_again_makes_one(open_page):
    viewer = open_page(MOVED)
    viewer.at_month(4)
    entries = viewer.page.evaluate("() => history.length")
    viewer.page.keyboard.press("p")
    viewer.until(lambda: "presenter" in viewer.address())
    viewer.page.keyboard.press("p")
    viewer.page.keyboard.press("f")
    viewer.until(lambda: "fork" in viewer.address()["moves"])
    viewer.page.keyboard.press("Home")
    viewer.at_month(0)
    assert viewer.page.evaluate("() => history.length") == entries
    viewer.page.click(".head .reset")  # as it stands already
    viewer.page.keyboard.press("ArrowRight")
    viewer.at_month(1)
    assert viewer.page.evaluate("() => history.length") == entries
    viewer.page.click(".head .reset")
    viewer.at_month(0)
    assert viewer.page.evaluate("() => history.length") == entries + 1
    before = {**viewer.address(), "month": "1"}
    viewer.page.evaluate("() => { window.of_before = true; }")
    viewer.page.evaluate("() => history.back()")
    there(viewer, before)
