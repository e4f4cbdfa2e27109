"""What was tried on the line between a browser and its session, over real connections; a session stands in for Solara's."""

import asyncio
import contextlib
import json
import socket
import struct
import threading
import uuid
from types import SimpleNamespace

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from perpetuum.visualization.app import line, sockets
from perpetuum.visualization.app.visits import MOST_LINES, RESTS, Visits

ROUTE = "/jupyter/api/kernels/{kernel}/channels"


class Kernels:
    """Sessions: what was asked of them is held up until they may go on, and what their lines were told is kept."""

    def __init__(self):
        self.done, self.disconnected, self.ended, self.busy = [], [], [], []
        self.goes_on = threading.Event()

    def open(self, visit, page, outbox):
        visit.opened = True
        context = SimpleNamespace(id=visit.kernel, kernel=None, closed_event=threading.Event(), visit=visit)
        context.page_disconnect = lambda left: self.disconnected.append(left)
        return context

    def do(self, context, message):
        self.busy.append(context.id)
        if message == "wait":
            self.goes_on.wait(60)
        self.done.append(message)

    def end(self, context):
        self.ended.append(context.id)


@pytest.fixture
def kernels(monkeypatch):
    kernels = Kernels()
    monkeypatch.setattr(line, "_session", kernels.open)
    monkeypatch.setattr(line, "do", kernels.do)
    monkeypatch.setattr(line, "end", kernels.end)
    monkeypatch.setattr(line, "_threads", None)
    monkeypatch.setattr(line.visits, "shared", Visits())
    return kernels


def attack(kernels, made):
    """Serve the lines, and make an attack on them, which takes the port."""

    async def running():
        http, ws = sockets.protocols(sockets.Room(200))
        app = Starlette(routes=[WebSocketRoute(ROUTE, line.connect)])
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            config = uvicorn.Config(app, http=http, ws=ws, log_config=None, lifespan="off", timeout_graceful_shutdown=10)
            server = uvicorn.Server(config)
            serving = asyncio.ensure_future(server.serve([listener]))
            while not server.started:
                await asyncio.sleep(0.01)
            try:
                await made(listener.getsockname()[1])
            finally:
                kernels.goes_on.set()
                server.should_exit = True
                await serving

    asyncio.run(running())


def opened(port, kernel="", visitor="", page=""):
    kernel, visitor, page = (name or str(uuid.uuid4()) for name in (kernel, visitor, page))
    return connect(
        f"ws://127.0.0.1:{port}{ROUTE.format(kernel=kernel)}?session_id={page}",
        additional_headers={"Cookie": f"perpetuum-visitor-{port}={visitor}"},
        compression=None,
        max_size=None,
    )


async def until(holds):
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.01)


def test_however_many_lines_one_session_has_it_holds_up_nobody_else(kernels, monkeypatch):
    monkeypatch.setattr(line, "AT_ONCE", 3)

    async def made(port):
        async with contextlib.AsyncExitStack() as lines:
            for _ in range(5):
                one = await lines.enter_async_context(opened(port, "a" * 8, "b" * 8))
                await one.send("wait")
            await until(lambda: kernels.busy)
            other = await lines.enter_async_context(opened(port))
            await other.send("month")
            await until(lambda: "month" in kernels.done)
            assert kernels.busy.count("a" * 8) == 1, "one thing at a time is done for a session"

    attack(kernels, made)


def test_as_many_as_may_be_here_can_wait_for_long_work_and_leave_threads_for_the_rest():
    assert line.AT_ONCE > line.visits.MOST


def test_a_session_has_so_many_lines_and_no_more(kernels):
    async def made(port):
        async with contextlib.AsyncExitStack() as lines:
            for _ in range(MOST_LINES):
                await lines.enter_async_context(opened(port, "a" * 8, "b" * 8))
            with pytest.raises(WebSocketException):
                await lines.enter_async_context(opened(port, "a" * 8, "b" * 8))
            await lines.enter_async_context(opened(port))

    attack(kernels, made)


@pytest.mark.parametrize(("length", "most"), [(2**19, line.MOST_UNDONE * 2), (1, line.MOST_WAITING)])
def test_what_waits_to_be_done_is_bounded_in_number_and_in_bytes(kernels, caplog, length, most):
    async def made(port):
        async with opened(port) as one:
            await one.send("wait")
            await until(lambda: kernels.busy)
            with contextlib.suppress(WebSocketException):
                for _ in range(most + 100):
                    await one.send("x" * length)
            with pytest.raises(WebSocketException):
                await one.recv()
        assert kernels.done == []

    attack(kernels, made)
    assert "asks for more than is done" in caplog.text


def test_a_line_that_is_lost_while_it_opens_leaves_no_visit_behind(kernels):
    async def made(port):
        for _ in range(20):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            end = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, end)  # cut, not closed
            writer.write(
                f"GET {ROUTE.format(kernel=uuid.uuid4())}?session_id={uuid.uuid4()} HTTP/1.1\r\nHost: x\r\n"
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                f"Cookie: perpetuum-visitor-{port}={uuid.uuid4()}\r\n\r\n".encode()
            )
            await writer.drain()
            writer.transport.abort()
        await asyncio.sleep(0.2)
        visits = line.visits.shared
        await until(lambda: all(not visit.stays() for visit in visits._all.values()))
        assert len(kernels.ended) >= len(visits), "a session that nobody saw is not kept"

    attack(kernels, made)


def test_lines_that_ask_for_nothing_are_cut_and_hold_no_place(kernels, monkeypatch):
    monkeypatch.setattr(line, "ASKS_WITHIN", 0.2)

    async def made(port):
        async with contextlib.AsyncExitStack() as lines:
            page = await lines.enter_async_context(opened(port, "a" * 8))
            await page.send("month")
            await until(lambda: kernels.done == ["month"])
            line.visits.shared.find("a" * 8).desk = object()
            rests = await lines.enter_async_context(opened(port, "b" * 8, "b" * 8))
            line.visits.shared.find("b" * 8).desk = object()
            silent = [await lines.enter_async_context(opened(port)) for _ in range(20)]
            for one in silent:
                with pytest.raises(WebSocketException):
                    await one.recv()
            await until(lambda: len(kernels.ended) == 20)
            for one in (page, rests):
                await one.send("still here")
            await until(lambda: kernels.done.count("still here") == 2)

    attack(kernels, made)


def test_who_makes_room_loses_the_session_and_its_lines_and_the_newcomer_is_in(kernels, monkeypatch):
    now, contexts = [0.0], {}
    monkeypatch.setattr(line.visits, "shared", Visits(most=1, clock=lambda: now[0]))
    monkeypatch.setattr(line.kernel_context, "contexts", contexts)
    opens = kernels.open

    def kept(visit, page, outbox):
        context = contexts[visit.kernel] = opens(visit, page, outbox)
        context.outbox = outbox
        return context

    def ended(context):
        kernels.ended.append(context.id)
        context.closed_event.set()
        context.outbox.close()

    monkeypatch.setattr(line, "_session", kept)
    monkeypatch.setattr(line, "end", ended)

    async def made(port):
        async with opened(port, "a" * 8) as first:
            await first.send("month")
            await until(lambda: kernels.done == ["month"])
            with pytest.raises(WebSocketException):
                await opened(port, "b" * 8)  # nobody rests yet
            now[0] = RESTS
            async with opened(port, "c" * 8) as newcomer:
                with pytest.raises(WebSocketException):
                    await first.recv()
                await newcomer.send("in")
                await until(lambda: "in" in kernels.done)
                assert kernels.ended[0] == "a" * 8

    attack(kernels, made)


def test_a_session_that_cannot_be_opened_leaves_no_visit_behind(kernels, monkeypatch, caplog):
    def fails(*_):
        raise RuntimeError("Solara opened no session")

    monkeypatch.setattr(line, "_session", fails)

    async def made(port):
        with contextlib.suppress(WebSocketException):
            async with opened(port) as one:
                await one.recv()
        await until(lambda: len(line.visits.shared) == 0)

    attack(kernels, made)


def test_a_session_that_is_ended_while_it_opens_does_not_stay_without_a_place(kernels, monkeypatch):
    """Its tab is closed, or it makes room, before there is a session that could be found: it would be counted by nobody."""
    monkeypatch.setattr(line, "ASKS_WITHIN", 3600.0)
    opens = kernels.open

    def meanwhile(visit, page, outbox):
        line.visits.shared.end(visit)
        return opens(visit, page, outbox)

    monkeypatch.setattr(line, "_session", meanwhile)

    async def made(port):
        async with opened(port, "a" * 8):
            await until(lambda: kernels.ended == ["a" * 8])

    attack(kernels, made)


def test_who_closes_a_tab_ends_the_visit_before_the_session_is_looked_for(kernels, monkeypatch):
    """In this order either finds the other: who opens a session then sees that its visit has ended."""
    found = []

    class Contexts(dict):
        def get(self, name):
            found.append(line.visits.shared.find(name))

    monkeypatch.setattr(line.kernel_context, "contexts", Contexts())
    line.visits.shared.enter("a" * 8, "anna")
    line.close("a" * 8, "bert")
    assert found == [], "nobody ends another's session"
    line.close("a" * 8, "anna")
    assert found == [None]


def test_each_page_of_a_session_is_told_that_its_line_was_lost(kernels):
    """Solara keeps a session as long as it takes one of its pages for connected."""

    async def made(port):
        first = await opened(port, "a" * 8, "b" * 8, "page-one")
        second = await opened(port, "a" * 8, "b" * 8, "page-two")
        again = await opened(port, "a" * 8, "b" * 8, "page-two")
        line.visits.shared.find("a" * 8).desk = object()
        await first.close()
        await until(lambda: kernels.disconnected == ["page-one"])
        await second.close()
        await asyncio.sleep(0.1)
        assert kernels.disconnected == ["page-one"]
        await again.close()
        await until(lambda: kernels.disconnected == ["page-one", "page-two"])
        assert kernels.ended == []

    attack(kernels, made)


def test_a_session_that_has_shown_no_page_is_not_kept(kernels):
    async def made(port):
        async with opened(port, "a" * 8):
            pass
        await until(lambda: kernels.ended == ["a" * 8])
        assert kernels.disconnected == []

    attack(kernels, made)


def test_a_message_that_breaks_leaves_the_line_as_it_was(monkeypatch, caplog):
    def breaks(*_):
        raise KeyError("within")

    class Context(contextlib.nullcontext):
        closed_event, kernel, lock = threading.Event(), None, threading.Lock()

    context = Context()
    monkeypatch.setattr(line.server, "process_kernel_messages", breaks)
    header = {"msg_id": "1", "msg_type": "kernel_info_request"}
    line.do(context, json.dumps({"header": header, "content": {}, "channel": "shell"}))
    assert "a message could not be done" in caplog.text
    assert not context.closed_event.is_set()
