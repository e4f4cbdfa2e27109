"""Speed and memory of the page, measured in a real browser and printed; nothing is asserted, for machines differ.

Run: `uv run python -m tests.benchmarks.bench_page [--sessions 30] [--pages 6] [--months 60]` from the repository's root.
Aims: 10 months a second played with everything on screen; a paused page takes under 5 % of a processor; the page opens within
5 s; a lever shows that it was taken within 200 ms; 30 sessions at once each step at least once every two seconds, under 60 MB a
session; closing a tab frees it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.browser.harness import Server, Viewer, browser_of, wait_until, why_not

ROOT = Path(__file__).resolve().parents[2]

#: Notes when each month was shown until so many were; a page that is asked again and again would be slowed by it.
WATCH_MONTHS = """(months) => {
    const line = document.querySelector('.timeline'), shown = [];
    window.shown = new Promise((done) => {
        const watch = new MutationObserver(() => {
            shown.push([Number(line.getAttribute('aria-valuenow')), performance.now()]);
            if (shown.length >= months) { watch.disconnect(); done(shown); }
        });
        watch.observe(line, { attributes: true, attributeFilter: ['aria-valuenow'] });
    });
}"""
#: Milliseconds from letting go of a lever until the page says that it acts from next month, as the server has it.
PULL = """([lever, asked]) => new Promise((done) => {
    const row = document.querySelector(`.lever[data-lever='${lever}']`), slider = row.querySelector('input');
    slider.value = asked;
    const value = Number(slider.value); // the nearest that the slider has
    const start = performance.now(), found = {};
    const look = () => {
        if (!found.shown && row.querySelector('.taken')) found.shown = performance.now() - start;
        const address = decodeURIComponent(location.search);
        if (!found.taken && address.includes(`${lever}=${value}`)) found.taken = performance.now() - start;
        found.shown && found.taken ? done([found.shown, found.taken]) : requestAnimationFrame(look);
    };
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


@dataclass(frozen=True)
class Played:
    """A stretch of months played: months that passed and months that were drawn a second, and milliseconds of a processor that
    a month took.

    `server`: the whole process; `thread`: the page's main thread in the browser, which draws it.
    """

    speed: float
    drawn: float
    server: float
    thread: float


def played(viewer: Viewer, months: int) -> Played:
    """So many months from the first one at speed 10, with everything on screen."""
    page, server = viewer.page, viewer.server.process.pid
    page.keyboard.press("Home")
    viewer.at_month(0)
    page.select_option(".head .speed", "10")
    page.evaluate(WATCH_MONTHS, months)
    devtools = viewer.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = busy(server), drawn(devtools)
    page.keyboard.press(" ")
    seen = page.evaluate("() => window.shown")
    page.keyboard.press(" ")
    (first, began), (last, ended) = seen[0], seen[-1]
    spent = [after - earlier for after, earlier in zip((busy(server), drawn(devtools)), before, strict=True)]
    devtools.detach()
    viewer.until(lambda: "Play" in viewer.text(".head .play"), "the pause")
    seconds = (ended - began) / 1000
    return Played((last - first) / seconds, (len(seen) - 1) / seconds, *(milliseconds / last for milliseconds in spent))


def busy(process: int) -> float:
    """Milliseconds of a processor that a process has used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def drawn(devtools: Any) -> float:
    """Milliseconds of a processor that a page's main thread has used."""
    metrics = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
    return 1000 * float(metrics["TaskDuration"])


def resting(viewer: Viewer, seconds: float = 20.0) -> float:
    """Percent of a processor that a paused page takes, the server and every process of the browser together (Linux)."""
    viewer.page.wait_for_timeout(3000)  # money drifts for a moment after the last month
    below = [viewer.server.process.pid, *descendants(os.getpid())]
    before, start = sum(map(busy, below)), time.perf_counter()
    viewer.page.wait_for_timeout(1000 * seconds)
    return 100 * (sum(map(busy, below)) - before) / 1000 / (time.perf_counter() - start)


def descendants(process: int) -> list[int]:
    """All processes below one, but the servers among them (Linux)."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
    found, looked = [], [process]
    while looked:
        one = looked.pop()
        children = [child for child, parent in parents.items() if parent == one and not serves(child)]
        found += children
        looked += children
    return found


def serves(process: int) -> bool:
    """Whether a process is a server of the page (Linux)."""
    try:
        return b"perpetuum.runs.commands.cli" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def pulled(viewer: Viewer, times: int = 5) -> list[list[float]]:
    """Milliseconds until a lever shows that it was taken, and until the machine has it; never where it stood at first."""
    return [viewer.page.evaluate(PULL, ["demand.strength", f"{0.4 + 0.1 * k:g}"]) for k in range(1, times + 1)]


def crowd_of_pages(browser: Any, server: Server, pages: int, months: int) -> tuple[list[float], float]:
    """Seconds between two months of each of several pages that step at once, and the server's megabytes a page."""
    before = server.memory()
    # A class watches the same world, so that all share its background worlds.
    viewers = [Viewer(browser, server, "seed=1", SMALL) for _ in range(pages)]
    for viewer in viewers:  # begun together, awaited one after the other
        viewer.page.evaluate(f"() => {{ window.stepped = ({STEP_ON})({months}); }}")
    gaps: list[float] = []
    for viewer in viewers:
        gaps += [(late - early) / 1000 for early, late in pairwise(viewer.page.evaluate("() => window.stepped"))]
    memory = (server.memory() - before) / pages
    for viewer in viewers:
        viewer.close()
    return gaps, memory


def crowd_of_desks(sessions: int, months: int) -> tuple[list[float], float]:
    """The same of the machines alone, and of what their pages compute a month, in as many threads and without browsers."""
    from perpetuum.visualization.app import address, happened, panels, verdict_row
    from perpetuum.visualization.app.desk import Desk
    from perpetuum.visualization.app.frames import frame

    def month(desk: Desk) -> None:
        desk.step()
        with desk.lock:
            frame(desk.session, 0)
            panels.panel_data(desk.session, "money")
            happened.told(desk.words, desk.session)
        verdict_row.shown(desk)

    month(Desk(address.read("seed=1")))  # compiles, and fills what all share
    before = resident()
    desks = [Desk(address.read("seed=1")) for _ in range(sessions)]

    def work(desk: Desk) -> list[float]:
        times = [time.perf_counter()]
        for _ in range(months):
            month(desk)
            times.append(time.perf_counter())
        return [late - early for early, late in pairwise(times)]

    with ThreadPoolExecutor(sessions) as pool:
        gaps = [gap for own in pool.map(work, desks) for gap in own]
    return gaps, (resident() - before) / sessions


def resident() -> float:
    """Megabytes that this process holds in memory (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def told(gaps: list[float], memory: float) -> str:
    """Both in words."""
    usual, slow = statistics.median(gaps), sorted(gaps)[int(0.95 * len(gaps))]
    return f"a step every {usual:.2f} s, 1 in 20 over {slow:.2f} s, at most {max(gaps):.2f} s; {memory:.0f} MB each"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=30, help="sessions at once, without browsers")
    parser.add_argument(
        "--pages", type=int, default=6, help="pages at once in the browser, which draws all of them here too"
    )
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
            rounds = [played(viewer, asked.months) for _ in range(3)]
            speeds = ", ".join(f"{one.speed:.1f} ({one.drawn:.1f} drawn)" for one in rounds)
            server_ms, thread_ms = (statistics.median(getattr(one, of) for one in rounds) for of in ("server", "thread"))
            print(f"played at 10 a second  {speeds} months a second   (aim: 10)")
            print(f"processor a month      server {server_ms:.0f} ms, the browser's main thread {thread_ms:.0f} ms")
            print(f"paused                 {resting(viewer):.1f} % of a processor, browser and server   (aim: under 5)")
            shown, had = (statistics.median(column) for column in zip(*pulled(viewer), strict=True))
            print(f"lever taken            shown after {shown:.0f} ms, by the machine after {had:.0f} ms   (aim: 200)")
            viewer.close()
            print(f"{asked.pages:2} pages at once       {told(*crowd_of_pages(browser, server, asked.pages, asked.steps))}")
            wait_until(lambda: server.sessions() == 0, "the end of all sessions")
            print(f"after closing all      {server.sessions()} sessions, {server.memory():.0f} MB in all")
    finally:
        server.close()
    sessions = crowd_of_desks(asked.sessions, asked.steps)
    print(f"{asked.sessions:2} sessions at once    {told(*sessions)}   (aims: 2 s, under 60 MB)")


if __name__ == "__main__":
    main()
