"""How long a page takes to go on after it was cut off, measured in a real browser and printed; nothing is asserted.

Run: `uv run python -m tests.benchmarks.bench_reconnection [--rounds 3] [--month 60] [--apart 10]` from the repository's root.
Aim: a page left without connection for 10 s, or with a server that was killed and started again, goes on within 5 s at the same
month, without a click. It goes on when nothing says any more that the line is lost and all parts of it show that month; that
the next month passes on a key is tried afterwards.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from typing import Any

from tests.benchmarks.bench_page import busy
from tests.browser.harness import Server, Viewer, Wire, browser_of, free_port, why_not

QUERY = "preset={preset}&seed=2&moves=2:demand.strength=0.5&month={month}&lang={language}"
#: How often is looked whether the page goes on, in milliseconds.
LOOK = 20


def goes_on(viewer: Viewer, month: int, server: Server) -> tuple[float, float]:
    """Seconds from now until the page is whole and at its month, and of the server's processor; then a month passes and back."""
    since, before = time.monotonic(), busy(server.process.pid)

    def there() -> bool:
        try:
            whole = not viewer.count(".line-lost") and viewer.count(".machine .ring svg .node") > 0
            return bool(whole and viewer.month() == month and viewer.shown() == {month})
        except Exception:  # the page is being loaded anew
            return False

    while not there():
        if time.monotonic() - since > 180:
            raise AssertionError(f"the page does not go on at {viewer.page.url}")
        viewer.page.wait_for_timeout(LOOK)
    taken = time.monotonic() - since, (busy(server.process.pid) - before) / 1000
    for key, then in (("ArrowRight", month + 1), ("ArrowLeft", month)):
        viewer.page.keyboard.press(key)
        viewer.at_month(then)
    return taken


def lost(viewer: Viewer) -> None:
    """Wait until the page says that its line is lost."""
    viewer.until(lambda: viewer.count(".line-lost"), "the note that the line is lost")


def cut_off(browser: Any, query: str, month: int, apart: float, rounds: int) -> list[tuple[float, float]]:
    """Seconds from the line being whole again, after so many without one."""
    server = Server()
    wire = Wire(server)
    viewer = Viewer(browser, wire, query)
    taken = []
    try:
        viewer.at_month(month)
        for _ in range(rounds):
            wire.cut()
            viewer.page.wait_for_timeout(1000 * apart)
            lost(viewer)
            wire.mend()
            taken.append(goes_on(viewer, month, server))
    finally:
        viewer.close()
        wire.close()
        server.close()
    return taken


def started_again(browser: Any, query: str, month: int, rounds: int) -> list[tuple[float, float]]:
    """Seconds from a new server answering, after the one before was killed."""
    port = free_port()
    server = Server(port=port)
    viewer = Viewer(browser, server, query)
    taken = []
    try:
        viewer.at_month(month)
        for _ in range(rounds):
            server.process.kill()
            server.process.wait()
            lost(viewer)
            server.close()
            server = Server(port=port)
            taken.append(goes_on(viewer, month, server))
    finally:
        viewer.close()
        server.close()
    return taken


def told(taken: list[tuple[float, float]]) -> str:
    """In words."""
    seconds, processor = zip(*taken, strict=True)
    return (
        f"{statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s; processor {statistics.median(processor):.1f} s"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="times that each is tried")
    parser.add_argument("--month", type=int, default=60, help="month that the page is at")
    parser.add_argument("--apart", type=float, default=10.0, help="seconds without a line")
    parser.add_argument("--preset", default="ono_2025", help="preset that is watched")
    asked = parser.parse_args()
    if why_not():
        sys.exit(why_not())
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; {asked.preset} at month {asked.month}; aim: 5 s")
    with browser_of() as browser:
        for language in ("en", "zh"):
            query = QUERY.format(preset=asked.preset, month=asked.month, language=language)
            apart = cut_off(browser, query, asked.month, asked.apart, asked.rounds)
            print(f"{language}: {asked.apart:g} s without a line    goes on after {told(apart)}", flush=True)
            anew = started_again(browser, query, asked.month, asked.rounds)
            print(f"{language}: server killed, started  goes on after {told(anew)}", flush=True)


if __name__ == "__main__":
    main()
