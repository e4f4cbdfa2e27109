"""The picture of the page that README.md shows, taken anew from the page as it is.

Run: `uv run python -m tests.browser.screenshot [--to FILE]` from the repository's root, whenever the page or the economy
changes, on a machine that has a Chinese face: a button has a Chinese word.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.browser.harness import ROOT, Server, Viewer, browser_of, why_not

PICTURE = ROOT / "visualization" / "screenshot.png"
SCREEN = {"width": 1440, "height": 900}
MONTH = 40
QUERY = f"preset=ono_2025&seed=1&month={MONTH}"


def take(to: Path) -> None:
    """Open the page at its month, wait for the other worlds and for rest, and keep what is seen."""
    server = Server()
    try:
        with browser_of() as browser:
            viewer = Viewer(browser, server, QUERY, SCREEN)
            viewer.at_month(MONTH)
            viewer.page.wait_for_selector(".charts .chart canvas")
            viewer.until(lambda: viewer.count(".tour .odds svg path") > 0, "the other worlds")
            viewer.until(lambda: not viewer.count(".charts .waiting"), "their bands")
            viewer.page.wait_for_timeout(3000)  # charts and money come to rest
            viewer.page.screenshot(path=str(to))
            if viewer.wrong:
                raise SystemExit("; ".join(viewer.wrong))
            viewer.close()
    finally:
        server.close()


def main() -> None:
    """Take it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=PICTURE, help="file that it is written to")
    asked = parser.parse_args()
    if why_not():
        sys.exit(why_not())
    take(asked.to)
    print(f"{asked.to}: {SCREEN['width']} x {SCREEN['height']}, {QUERY}")


if __name__ == "__main__":
    main()
