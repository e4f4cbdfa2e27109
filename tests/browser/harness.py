"""What drives the page: a server of its own, a Chromium, and a watch on everything that goes wrong in it."""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ROOT = Path(__file__).resolve().parents[2]
#: A projector's screen.
PROJECTOR = {"width": 1280, "height": 720}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
#: Milliseconds after which what is waited for will not come. Generous: machines that test are busy.
PATIENCE = 180_000
#: Where requests may go. The page is complete without any other.
HERE = ("127.0.0.1", "localhost", "")


def chromium() -> str | None:
    """The path of a Chromium on this machine; rather one without windows of its own, each of which is a page more to draw."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for path in map(shutil.which, names) if path), None)


def why_not() -> str:
    """What is missing to drive the page, in a sentence; empty where nothing is."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "the page is not driven: the package playwright is not installed"
    return "" if chromium() else "the page is not driven: there is no Chromium on this machine"


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def wait_until(
    holds: Callable[[], Any],
    what: str,
    pause: Callable[[float], None] = lambda ms: time.sleep(ms / 1000),
    progress: Callable[[], Any] = lambda: None,
) -> None:
    """Wait until something holds; fails after `PATIENCE` without progress. `pause` lets so many milliseconds pass."""
    deadline, before = time.monotonic() + PATIENCE / 1000, progress()
    while not holds():
        if (now := progress()) != before:
            deadline, before = time.monotonic() + PATIENCE / 1000, now
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what}")
        pause(30)


def _limit_files(files: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


class Server:
    """`perpetuum app` in a process of its own."""

    def __init__(self, *arguments: str, port: int | None = None, files: int = 0):
        """`files`: how many it may open at most; 0 for as many as the system allows."""
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed with the server)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "perpetuum.runs.commands.cli", "app", *arguments, "--port", str(self.port)],
            cwd=ROOT,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            preexec_fn=functools.partial(_limit_files, files) if files else None,
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        said = self.said()
        self.close()
        raise RuntimeError(f"the page is not served; the server said: {said}")

    def said(self) -> str:
        """What the server wrote so far."""
        self._said.seek(0)
        return self._said.read()

    def sessions(self) -> int:
        """Browser sessions that the server keeps."""
        with urllib.request.urlopen(f"{self.address}/resourcez", timeout=30) as answer:
            return int(json.load(answer)["kernels"]["total"])

    def files(self) -> int:
        """Files and connections that the server has open (Linux)."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self) -> float:
        """Megabytes that the server holds in memory (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024

    def close(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._said.close()


class Wire:
    """A network between browser and server that can be cut."""

    def __init__(self, server: Server):
        self.server = server
        self.whole = True
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # it was taken away
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.server.port)) if self.whole else None
            except OSError:  # nobody listens: who asked is told so, and may ask again
                far = None
            if far is None:
                near.close()
                continue
            self._ends |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Nothing passes any more."""
        self.whole = False
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends = set()

    def mend(self) -> None:
        """It is whole again."""
        self.whole = True

    def close(self) -> None:
        """Take it away."""
        self.cut()
        self._listener.close()


class Viewer:
    """One browser with the page open. Everything that goes wrong in it is kept in `wrong`."""

    def __init__(self, browser: Any, server: Server | Wire, query: str = "", screen: dict | None = None):
        self.server = server
        self.wrong: list[str] = []
        self.context = browser.new_context(viewport=screen or {"width": 1600, "height": 1000}, accept_downloads=True)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._note("error", str(error), True))
        self.page.on("dialog", self._dialog)
        self.page.on("request", lambda request: self._outside(request.url))
        self.page.on("websocket", lambda socket: self._outside(socket.url))
        self.open(query)

    def _console(self, said: Any) -> None:
        # What could not be loaded is told by its address alone.
        self._note("console", f"{said.text} ({said.location['url']})", said.type in ("error", "assert"))

    def _note(self, kind: str, text: str, wrong: bool) -> None:
        if wrong:
            self.wrong.append(f"{kind}: {text[:400]}")

    def _dialog(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _outside(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname not in HERE:
            self.wrong.append(f"request that leaves the machine: {url}")

    def open(self, query: str) -> None:
        """Go to the page; returns when it is complete."""
        self.page.goto(f"{self.server.address}/?{query}")
        self.complete()

    def complete(self) -> None:
        """Wait until every part of the page is there and the address tells where it stands."""
        for part in PARTS:
            self.page.wait_for_selector(part, state="attached")
        self.until(lambda: "month" in self.address())

    def until(self, holds: Callable[[], Any], what: str = "") -> None:
        """Wait until something holds; fails after `PATIENCE` in which no month has passed: slow machines play slowly."""
        told = f"{what or 'the page'} at {self.page.url}; {self.wrong}"
        wait_until(holds, told, self.page.wait_for_timeout, self.month)

    def address(self) -> dict[str, str]:
        """The page's address in parts."""
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def month(self) -> int:
        """Months that have passed, as the line of time has it."""
        return int(self.page.get_attribute(".timeline", "aria-valuenow") or -1)

    def shown(self) -> set[int]:
        """Months that the machine and the charts show, one where they agree."""
        return set(self.page.evaluate(SHOWN))

    def at_month(self, month: int) -> None:
        """Wait until the page shows a month in all its parts, and its address too."""
        there = {"month": str(month)}.items()
        self.until(
            lambda: self.month() == month and self.shown() == {month} and there <= self.address().items(),
            f"month {month}",
        )

    def travel(self, month: int) -> None:
        """Click the line of time at a month, and wait until the page is there."""
        line = self.page.locator(".timeline").bounding_box()
        across = line["width"] * month / int(self.page.get_attribute(".timeline", "aria-valuemax") or 1)
        self.page.mouse.click(line["x"] + min(across, line["width"] - 1), line["y"] + line["height"] / 2)
        self.at_month(month)

    def keep(self, where: str) -> None:
        """Keep every text that stands there from now on, however briefly."""
        self.page.evaluate(KEEP, where)

    def kept(self, where: str) -> list[str]:
        """What stood there, one after the other."""
        return list(self.page.evaluate("(where) => window.kept[where]", where))

    def settle(self) -> None:
        """Let two frames of the screen pass, in which what the browser has is laid out and drawn."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")

    def text(self, where: str) -> str:
        """What stands there to be read."""
        return str(self.page.inner_text(where))

    def count(self, what: str) -> int:
        """How many of these are on the page."""
        return int(self.page.locator(what).count())

    def slide(self, lever: str, value: float) -> None:
        """Move a lever's slider, as a hand does that lets go."""
        self.page.eval_on_selector(
            f".lever[data-lever='{lever}'] input[type=range]",
            """(slider, value) => {
                slider.value = value;
                slider.dispatchEvent(new Event('input', { bubbles: true }));
                slider.dispatchEvent(new Event('change', { bubbles: true }));
            }""",
            value,
        )

    def close(self) -> None:
        """Close the tab as a viewer does."""
        self.context.close()


#: Months that the machine and the charts show; charts that are not drawn yet show none.
SHOWN = "() => [...document.querySelectorAll('.picture, .plot[data-month]')].map((part) => Number(part.dataset.month))"
#: Keeps every text of one part of the page, as soon as it changes.
KEEP = """(where) => {
    const kept = ((window.kept = window.kept || {})[where] = []);
    const note = () => {
        const part = document.querySelector(where), text = part ? part.textContent.trim() : '';
        if (text !== kept[kept.length - 1]) kept.push(text);
    };
    note();
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
#: The page is complete when these are on it.
PARTS = (
    ".head .month",
    ".verdictrow .sentence, .verdictrow .predictbox",
    ".machine .ring svg .node",
    ".levers .lever",
    ".happened .journal",
    ".foot .tab.open",
)


@contextmanager
def browser_of() -> Iterator[Any]:
    """A Chromium, ended at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
