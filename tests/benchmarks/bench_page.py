"""Speed and memory of the page, measured in a real browser and printed; nothing is asserted, for machines differ.

Run: `uv run python -m tests.benchmarks.bench_page [--sessions 30] [--months 60]` from the repository's root.
Aims: 10 months a second played with everything on screen; the page opens within 5 s; a lever shows that it was taken within
200 ms; 30 sessions at once each step at least once every two seconds, under 60 MB a session; closing a tab frees it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browser.harness import Server, Viewer, browser_of, wait_until, why_not  # noqa: E402

#: Months of a page that steps when it is told to: notes when each month was shown.
WATCH_MONTHS = """() => {
    const line = document.querySelector('.timeline');
    window.shown = [];
    new MutationObserver(() => window.shown.push([Number(line.getAttribute('aria-valuenow')), performance.now()]))
        .observe(line, { attributes: true, attributeFilter: ['aria-valuenow'] });
}"""
#: Milliseconds from letting go of a lever until the page says that it acts from next month, as the server has it.
PULL = """([lever, value]) => new Promise((done) => {
    const row = document.querySelector(`.lever[data-lever='${lever}']`), slider = row.querySelector('input');
    const start = performance.now(), found = {};
    const look = () => {
        if (!found.shown && row.querySelector('.taken')) found.shown = performance.now() - start;
        const address = decodeURIComponent(location.search);
        if (!found.taken && address.includes(`${lever}=${value}`)) found.taken = performance.now() - start;
        found.shown && found.taken ? done([found.shown, found.taken]) : requestAnimationFrame(look);
    };
    slider.value = value;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    slider.dispatchEvent(new Event('change', { bubbles: true }));
    look();
})"""
#: A page that asks for its next month as soon as the last one is there, so many times: when each was shown.
STEP_ON = """(months) => new Promise((done) => {
    const line = document.querySelector('.timeline'), times = [performance.now()];
    const press = () => window.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
    new MutationObserver(() => {
        times.push(performance.now());
        times.length > months ? done(times) : press();
    }).observe(line, { attributes: true, attributeFilter: ['aria-valuenow'] });
    press();
})"""
SMALL = {"width": 640, "height": 640}


def opening(browser: Any, server: Server, times: int = 3) -> list[float]:
    """Seconds until the page is complete, in a new browser session each."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        viewer = Viewer(browser, server)
        viewer.page.wait_for_selector(".chart canvas")
        taken.append(time.perf_counter() - start)
        viewer.close()
    return taken


def band_is_there(viewer: Viewer) -> None:
    """Wait for the hundred background worlds, so that they do not compete with what is measured."""
    wait_until(lambda: not viewer.count(".charts .waiting"), "the band", viewer.page.wait_for_timeout)


def played(viewer: Viewer, months: int) -> float:
    """Months a second at speed 10, with everything on screen, over so many months."""
    viewer.page.evaluate(WATCH_MONTHS)
    viewer.page.select_option(".head .speed", "10")
    viewer.page.click(".head .play")
    viewer.until(lambda: viewer.page.evaluate("() => window.shown.length") >= months, "the months")
    viewer.page.keyboard.press(" ")
    seen = viewer.page.evaluate("() => window.shown")
    (first, began), (last, ended) = seen[0], seen[-1]
    return 1000 * (last - first) / (ended - began)


def pulled(viewer: Viewer, times: int = 5) -> list[list[float]]:
    """Milliseconds until a lever shows that it was taken, and until the machine has it."""
    return [viewer.page.evaluate(PULL, ["demand.strength", f"{0.5 + 0.05 * k:g}"]) for k in range(1, 2 * times, 2)]


def crowd(browser: Any, server: Server, sessions: int, months: int) -> tuple[list[float], float]:
    """Seconds between two months of each of many pages that step at once, and megabytes a session."""
    before = server.memory()
    # A class watches the same world, so that all share its background worlds.
    viewers = [Viewer(browser, server, "seed=1", SMALL) for _ in range(sessions)]
    for viewer in viewers:
        # Begun together, awaited one after the other.
        viewer.page.evaluate(f"() => {{ window.stepped = ({STEP_ON})({months}); }}")
    gaps: list[float] = []
    for viewer in viewers:
        times = viewer.page.evaluate("() => window.stepped")
        gaps += [(late - early) / 1000 for early, late in pairwise(times)]
    memory = (server.memory() - before) / sessions
    for viewer in viewers:
        viewer.close()
    return gaps, memory


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=30, help="browser sessions at once")
    parser.add_argument("--months", type=int, default=60, help="months played")
    parser.add_argument("--steps", type=int, default=10, help="months that each of the sessions at once steps")
    asked = parser.parse_args()
    if why_not():
        sys.exit(why_not())
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    server = Server()
    try:
        with browser_of() as browser:
            taken = opening(browser, server)
            print(
                f"page opens             {taken[0]:.1f} s first, then {statistics.median(taken[1:]):.1f} s   (aim: under 5)"
            )
            viewer = Viewer(browser, server)
            band_is_there(viewer)
            print(f"played at 10 a second  {played(viewer, asked.months):.1f} months a second   (aim: 10)")
            shown, had = (statistics.median(column) for column in zip(*pulled(viewer), strict=True))
            print(f"lever taken            shown after {shown:.0f} ms, by the machine after {had:.0f} ms   (aim: 200)")
            viewer.close()
            gaps, memory = crowd(browser, server, asked.sessions, asked.steps)
            slow = sorted(gaps)[int(0.95 * len(gaps))]
            print(
                f"{asked.sessions} sessions at once   a step every {statistics.median(gaps):.2f} s (median), "
                f"{slow:.2f} s (1 in 20), {max(gaps):.2f} s (longest)   (aim: 2)"
            )
            print(f"memory a session       {memory:.0f} MB   (aim: under 60)")
            wait_until(lambda: server.sessions() == 0, "the end of all sessions")
            print(f"after closing all      {server.sessions()} sessions, {server.memory():.0f} MB in all")
    finally:
        server.close()


if __name__ == "__main__":
    main()
