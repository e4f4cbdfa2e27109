"""A class on the page for half an hour: how long a step takes, what the server holds, what it gives back; nothing is asserted.

Run: `uv run python -m tests.benchmarks.bench_class [--sessions 60] [--minutes 30] [--playing 6]` from the repository's root.
Aims: with 60 sessions open, six of them playing at a month a second and the others stepping every 30 s, steps take under a
second, memory stays flat, and sessions that are closed are freed.

Sessions speak to the server as the page does, without browsers, which would take more of a machine than the server: they open
the page, keep its cookie, hold its line, and press the arrow key. A step is over when the server has sent all that changes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import statistics
import time
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websockets

from perpetuum.visualization.app.memory import EVERY
from tests.browser.harness import Server

#: Ticks a second in which Linux counts the time of processes.
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Session:
    """A browser's part of the page."""

    server: Server
    query: str
    kernel: str = field(default_factory=lambda: str(uuid.uuid4()))
    cookie: str = ""
    line: Any = None
    player: str = ""
    month: int = 0
    last: int = 0
    waits: dict[str, asyncio.Future[None]] = field(default_factory=dict)
    hears: asyncio.Task[None] | None = None

    async def open(self) -> float:
        """Open the page; returns after how many seconds everything of it was sent."""
        start = time.perf_counter()
        address = self.server.address
        answer = await asyncio.to_thread(urllib.request.urlopen, f"{address}/?{self.query}", None, 120)
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        line = f"ws{address[4:]}/jupyter/api/kernels/{self.kernel}/channels?session_id={uuid.uuid4()}"
        headers = {"cookie": self.cookie}
        self.line = await websockets.connect(
            line, origin=address, additional_headers=headers, max_size=None, open_timeout=120, ping_timeout=None
        )
        self.hears = asyncio.create_task(self._hear())
        control = uuid.uuid4().hex
        await self._ask("kernel_info_request")
        await self._ask("comm_open", comm_id=control, target_name="solara.control", data={})
        args = {"path": f"/?{self.query}", "dark": False, "themes": {}, "appName": None}
        await self._ask("comm_msg", comm_id=control, data={"method": "run", "args": args})
        return time.perf_counter() - start

    async def press(self, key: str) -> float:
        """Press a key; returns after how many seconds everything that changes was sent."""
        start = time.perf_counter()
        content = {"event": "key", "data": key}
        await self._ask("comm_msg", comm_id=self.player, data={"method": "custom", "content": content})
        return time.perf_counter() - start

    async def step(self) -> float:
        """Let a month pass; from the last one the first begins again, which is not counted."""
        if self.month >= self.last:
            await self.press("Home")
        before = self.month
        taken = await self.press("ArrowRight")
        assert self.month == before + 1, f"month {before} was followed by {self.month}"
        return taken

    async def close(self, tell: bool) -> None:
        """Close the tab; `tell`: say so to the server, as a browser does that is not killed."""
        if tell:
            headers = {"cookie": self.cookie, "origin": self.server.address}
            asked = urllib.request.Request(
                f"{self.server.address}/_solara/api/close/{self.kernel}", b"", headers, method="POST"
            )
            await asyncio.to_thread(urllib.request.urlopen, asked, None, 120)
        if self.hears is not None:
            self.hears.cancel()
        await self.line.close()

    async def _ask(self, kind: str, **content: Any) -> None:
        number = str(uuid.uuid4())
        self.waits[number] = asyncio.get_running_loop().create_future()
        header = {"msg_id": number, "msg_type": kind, "session": self.kernel, "username": "", "date": "", "version": "5.2"}
        told = {"header": header, "content": content, "channel": "shell", "buffers": [], "metadata": {}, "parent_header": {}}
        await self.line.send(json.dumps(told))
        await asyncio.wait_for(self.waits[number], 180)
        del self.waits[number]

    async def _hear(self) -> None:
        async for message in self.line:
            told = json.loads(message) if isinstance(message, str) else {}
            content = told.get("content", {})
            state = content.get("data", {}).get("state", {})
            if content.get("execution_state") == "idle":
                waits = self.waits.get(told["parent_header"].get("msg_id", ""))
                if waits is not None and not waits.done():
                    waits.set_result(None)
            elif {"playing", "moment", "tick"} <= set(state):  # the clock of the page, as it opens
                self.player, self.month = content["comm_id"], state["month"]
            elif content.get("comm_id") == self.player and "month" in state:
                self.month = state["month"]
            elif "months" in state and "label" in state:  # the line of time
                self.last = len(state["months"])


@dataclass
class Kept:
    """What was measured: seconds of the steps, by who made them, and what the server held minute by minute."""

    playing: list[float] = field(default_factory=list)
    stepping: list[float] = field(default_factory=list)
    held: list[tuple[float, float]] = field(default_factory=list)


def used(process: int) -> float:
    """Seconds of a processor that a process has used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def files(process: int) -> int:
    """Files that a process holds open (Linux)."""
    return len(os.listdir(f"/proc/{process}/fd"))


async def steps(session: Session, every: float, begins: float, ends: float, kept: list[float]) -> None:
    """Let a month pass every so many seconds; who is late goes on at once, and makes up for nothing."""
    for number in itertools.count():
        due = begins + number * every
        if (late := time.monotonic() - due) > every:
            continue
        await asyncio.sleep(max(0.0, -late))
        if time.monotonic() > ends:
            return
        kept.append(await session.step())


async def watch(server: Server, ends: float, kept: Kept) -> None:
    """Note once a minute what the server holds."""
    began = time.monotonic()
    while time.monotonic() < ends:
        kept.held.append(((time.monotonic() - began) / 60, server.memory()))
        await asyncio.sleep(min(60.0, max(0.1, ends - time.monotonic())))


def told(taken: list[float]) -> str:
    """Seconds in words."""
    if not taken:
        return "none"
    ranked = sorted(taken)
    slow = sum(one >= 1 for one in taken)
    return (
        f"{len(taken)} steps: {statistics.median(taken):.2f} s, 1 in 20 over {ranked[int(0.95 * len(ranked))]:.2f} s, "
        f"at most {ranked[-1]:.2f} s, {slow} of a second or more"
    )


async def measured(asked: argparse.Namespace, server: Server) -> None:
    """Open, run, close; print what was seen."""
    process = server.process.pid
    empty = server.memory()
    sessions = [Session(server, f"preset={asked.preset}&seed={number + 1}") for number in range(asked.sessions)]
    opened = []
    for session in sessions:  # one after the other, as a class comes in
        opened.append(await session.open())
    print(
        f"{len(sessions)} pages opened       {statistics.median(opened):.2f} s each, at most {max(opened):.2f} s", flush=True
    )
    print(f"the server then holds  {server.memory():.0f} MB (empty {empty:.0f}), {files(process)} files", flush=True)
    kept, began, processor = Kept(), time.monotonic(), used(process)
    ends = began + 60 * asked.minutes
    work = [watch(server, ends, kept)]
    for number, session in enumerate(sessions):
        plays = number < asked.playing
        every = 1.0 if plays else asked.every
        begins = began + every * (number % max(1, asked.sessions)) / asked.sessions
        work.append(steps(session, every, begins, ends, kept.playing if plays else kept.stepping))
    await asyncio.gather(*work)
    lasted = time.monotonic() - began
    print(f"{asked.playing} play a month a second  {told(kept.playing)}")
    print(f"{asked.sessions - asked.playing} step every {asked.every:g} s     {told(kept.stepping)}")
    thinned = kept.held[:: max(1, len(kept.held) // 6)] + kept.held[-1:]
    print("memory by minute       " + ", ".join(f"{minute:.0f}: {size:.0f} MB" for minute, size in thinned))
    print(f"the server's processor {100 * (used(process) - processor) / lasted:.0f} % of one")
    for number, session in enumerate(sessions):
        with contextlib.suppress(websockets.ConnectionClosed):
            await session.close(tell=number % 2 == 0)
    left = time.monotonic() + 120
    while server.sessions() and time.monotonic() < left:
        await asyncio.sleep(0.5)
    print(
        f"after closing all      {server.sessions()} sessions, {server.memory():.0f} MB, {files(process)} files", flush=True
    )
    await asyncio.sleep(EVERY + 10)
    print(f"{EVERY + 10:.0f} s later             {server.memory():.0f} MB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=60, help="sessions open at once")
    parser.add_argument("--playing", type=int, default=6, help="of which play at a month a second")
    parser.add_argument("--every", type=float, default=30.0, help="seconds between two steps of the others")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long")
    parser.add_argument("--preset", default="ono_2025", help="preset that they watch, each with a seed of its own")
    asked = parser.parse_args()
    print(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; {asked.minutes:g} minutes of {asked.preset}",
        flush=True,
    )
    server = Server()
    try:
        asyncio.run(measured(asked, server))
    finally:
        server.close()


if __name__ == "__main__":
    main()
