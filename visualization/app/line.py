"""The line between a browser and its session: what the browser sends is done in order, beside the server's own loop.

Solara's own handler keeps a thread and three more file descriptors for every browser and notices that one has left only when
the work at hand is done. This one waits in the server's loop, borrows a thread for each message, and knows at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import threading
from collections import deque
from typing import Any

import anyio
from anyio import to_thread
from solara.server import kernel_context, server, websocket
from solara.server.kernel import Kernel, deserialize_binary_message
from starlette.websockets import WebSocket, WebSocketDisconnect

from perpetuum.visualization.app import visits
from perpetuum.visualization.app.gate import cookie_of, machine_of
from perpetuum.visualization.app.sockets import ASKS_WITHIN
from perpetuum.visualization.app.turns import Gone
from perpetuum.visualization.app.visits import Visit

#: What names a session, or one of its connections.
NAME = re.compile(r"[A-Za-z0-9-]{8,64}\Z")
#: Messages that wait to be done, and megabytes of them and of what waits to be sent, before a line is cut.
MOST_WAITING, MOST_UNDONE, MOST_UNSENT = 500, 4, 16
#: Parts of a message with buffers.
MOST_PARTS = 64
#: Threads for messages: one for each session, however many lines it has, and some for lines that open and close. A session that
#: waits for its turn at long work (`turns.py`) holds its own and nobody else's.
AT_ONCE = visits.MOST + 32
#: What a browser may ask a session for.
ASKED = frozenset({"kernel_info_request", "comm_open", "comm_msg", "comm_close", "comm_info_request", "shutdown_request"})
#: What a browser may open by itself: the page's own controls, no widgets; and how many of them a session keeps.
OPENED = frozenset({"solara.control", "jupyter.widget.control"})
MOST_OPENED = 64

logger = logging.getLogger(__name__)
_threads: anyio.CapacityLimiter | None = None
_closings: set[asyncio.Future[None]] = set()


async def _beside(work: Any, *inputs: Any) -> Any:
    """Do work in a thread."""
    global _threads
    _threads = _threads or anyio.CapacityLimiter(AT_ONCE)
    loop = asyncio.get_running_loop()

    def within() -> Any:
        asyncio.set_event_loop(loop)  # what Solara schedules for later runs in the server's loop
        return work(*inputs)

    return await to_thread.run_sync(within, limiter=_threads)


class Outbox(websocket.WebsocketWrapper):  # type: ignore[misc]
    """What a session sends to a browser: taken at once, sent in order by the server's loop, however slow the browser is."""

    def __init__(self, socket: WebSocket):
        self.socket = socket
        self.loop = asyncio.get_running_loop()
        self.closed = False
        self._unsent: deque[str | bytes] = deque()
        self._size = 0
        self._lock = threading.Lock()
        self._news = asyncio.Event()

    def send_text(self, data: str) -> None:
        """Take a message."""
        self._take(data)

    def send_bytes(self, data: bytes) -> None:
        """Take a message with buffers."""
        self._take(data)

    def _take(self, data: str | bytes) -> None:
        with self._lock:
            if self._size + len(data) > MOST_UNSENT * 2**20:
                self.closed = True
            if not self.closed:
                self._unsent.append(data)
                self._size += len(data)
        self.loop.call_soon_threadsafe(self._news.set)
        if self.closed:
            raise websocket.WebSocketDisconnect

    def close(self) -> None:
        """Cut the line, after what is on its way."""
        self.closed = True
        self.loop.call_soon_threadsafe(self._news.set)

    async def receive(self) -> str | bytes:
        """Refused: an outbox only sends (Solara's class has both directions in one; here `speak` receives)."""
        raise TypeError("an outbox only sends")

    async def send_all(self) -> None:
        """Send what is taken until the line is cut."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._unsent:
                with self._lock:
                    data = self._unsent.popleft()
                    self._size -= len(data)
                if isinstance(data, str):
                    await self.socket.send_text(data)
                else:
                    await self.socket.send_bytes(data)
            if self.closed:
                return


def _plain(message: bytes) -> bool:
    """Whether the parts of a message stand one behind the other: Solara copies each as often as it is named."""
    count = int.from_bytes(message[:4])
    if not 0 < count <= MOST_PARTS:
        return False
    ends = [int.from_bytes(message[4 * part : 4 * part + 4]) for part in range(1, count + 1)]
    return 4 * (count + 1) <= ends[0] and ends == sorted(ends) and ends[-1] <= len(message)


def understood(message: str | bytes) -> dict[str, Any] | None:
    """A message of the page, None for anything else that somebody sends."""
    try:
        if isinstance(message, bytes) and not _plain(message):
            return None
        told = json.loads(message) if isinstance(message, str) else deserialize_binary_message(message)
    except Exception:  # whatever is wrong in bytes from elsewhere
        return None
    if not isinstance(told, dict) or not all(isinstance(told.get(part), dict) for part in ("header", "content")):
        return None
    header, content = told["header"], told["content"]
    kind = header.get("msg_type")
    if not all(isinstance(text, str) for text in (kind, header.get("msg_id"), told.get("channel"))) or kind not in ASKED:
        return None
    if kind.startswith("comm_") and kind != "comm_info_request" and not isinstance(content.get("comm_id"), str):
        return None
    if kind == "comm_open" and str(content.get("target_name")) not in OPENED:
        return None
    if kind in ("comm_open", "comm_msg") and not isinstance(content.get("data"), dict):
        return None
    told.setdefault("parent_header", {})
    told.setdefault("metadata", {})
    told["buffers"] = told["buffers"] if isinstance(told.get("buffers"), list) else []
    return told


def do(context: kernel_context.VirtualKernelContext, message: str | bytes) -> None:
    """Do what a message asks for, in its session."""
    told, goes_on = understood(message), True
    if told is None:
        logger.warning("a message that is none of the page's was dropped")
        return
    try:
        with context, context.lock:
            if context.closed_event.is_set():
                return
            if told["header"]["msg_type"] == "comm_open" and _opened(context.kernel) >= MOST_OPENED:
                logger.warning("a browser opens more than the page does, which was dropped")
                return
            goes_on = server.process_kernel_messages(context.kernel, told)
    except Gone:
        goes_on = False
    except Exception:  # whatever breaks, the line goes on
        logger.exception("a message could not be done")
    if not goes_on:
        end(context)


def _opened(kernel: Kernel) -> int:
    """How many controls a browser has opened in a session."""
    comms = kernel.comm_manager.comms.values() if kernel.comm_manager is not None else ()
    return sum(getattr(comm, "target_name", "") in OPENED for comm in comms)


def end(context: kernel_context.VirtualKernelContext) -> None:
    """Close a session, if it is not closed."""
    if not context.closed_event.is_set():
        context.close()


def close(kernel: str, visitor: str) -> None:
    """End a visitor's session, whose tab was closed, and what is being done for it; nobody else's."""
    visit = visits.shared.find(kernel)
    if visit is not None and visit.visitor == visitor:
        visits.shared.end(visit)  # before the session is looked for: whoever is opening it sees that it has ended
        _close_session(visit)


def _close_session(visit: Visit) -> None:
    """Close the session of a visit that was ended, and with it its lines."""
    context = kernel_context.contexts.get(visit.kernel)
    if context is not None:
        end(context)


async def connect(socket: WebSocket) -> None:
    """Join a browser to its session, and hold the line until it is cut."""
    kernel, page = socket.path_params["kernel"], socket.query_params.get("session_id", "")
    visitor = cookie_of(socket.scope, "visitor")
    named = all(NAME.match(name) for name in (kernel, page, visitor))
    address = machine_of(socket.scope)
    for left in visits.shared.make_room(kernel, visitor, address) if named else ():
        closing = asyncio.ensure_future(_beside(_close_session, left))
        _closings.add(closing)  # or nobody would hold it
        closing.add_done_callback(_closings.discard)
    visit = visits.shared.enter(kernel, visitor, page, address) if named else None
    if visit is None:
        await socket.close(1008)
        return
    outbox = Outbox(socket)
    try:
        await socket.accept()
        context = await _beside(_session, visit, page, outbox)
    except BaseException as cut:
        visits.shared.leave(visit, page)
        if not visit.opened and not visit.lines:
            visits.shared.end(visit)
        if isinstance(cut, WebSocketDisconnect):
            return
        raise
    if visit.ended:  # while its session was being opened, which nobody found yet: it would be there without a place
        await _beside(end, context)
    await speak(socket, visit, page, context, outbox)


async def speak(
    socket: WebSocket, visit: Visit, page: str, context: kernel_context.VirtualKernelContext, outbox: Outbox
) -> None:
    """Hold a line."""
    # As they came: what a message means takes many times the room, and is found out when its turn has come.
    waiting: asyncio.Queue[str | bytes | None] = asyncio.Queue(MOST_WAITING + 1)
    undone = 0

    async def work() -> None:
        nonlocal undone
        while (message := await waiting.get()) is not None and not context.closed_event.is_set():
            async with visit.busy:
                await _beside(do, context, message)
            undone -= len(message)

    async def listen() -> None:
        nonlocal undone
        # A line to a session that shows nothing yet has some seconds to ask, as a connection has.
        patience = ASKS_WITHIN if visit.desk is None else None
        while True:
            try:
                async with asyncio.timeout(patience):
                    came = await socket.receive()
            except TimeoutError:
                return
            if came["type"] != "websocket.receive":
                return
            patience = None
            visits.shared.hear(visit)
            message = came.get("text") or came.get("bytes") or b""
            undone += len(message)
            if waiting.qsize() >= MOST_WAITING or undone > MOST_UNDONE * 2**20:
                logger.warning("a browser asks for more than is done: its line is cut")
                return
            waiting.put_nowait(message)

    async def send() -> None:
        try:
            await outbox.send_all()
        except (WebSocketDisconnect, RuntimeError):
            return

    listening, sending, working = (asyncio.ensure_future(part()) for part in (listen, send, work))
    try:
        await asyncio.wait((listening, sending, working), return_when=asyncio.FIRST_COMPLETED)
    finally:
        outbox.closed = True
        visits.shared.leave(visit, page)  # from now on, what is being done for it stops
        listening.cancel()
        sending.cancel()
        while not waiting.empty():
            waiting.get_nowait()
        waiting.put_nowait(None)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # where the browser closed it
            await socket.close()
        await working
        await _beside(_left, visit, context, page, outbox)


def _session(visit: Visit, page: str, outbox: Outbox) -> kernel_context.VirtualKernelContext:
    """The session of a visit, with this line as one of its own."""
    context = server.initialize_virtual_kernel(visit.visitor, visit.kernel, outbox)
    if context is None:
        raise RuntimeError("Solara opened no session")
    if not visit.opened:
        visit.opened = True
        context.on_close(lambda: visits.shared.end(visit))
    context.page_connect(page)
    return context


def _left(visit: Visit, context: kernel_context.VirtualKernelContext, page: str, outbox: Outbox) -> None:
    """A line was cut: a session that has shown its page is kept for a while, for whoever comes back."""
    kernel: Kernel | None = context.kernel
    if kernel is not None and kernel.session is not None:
        kernel.session.websockets.discard(outbox)
    if visit.lines == 0 and visit.desk is None:
        end(context)
    elif not visit.pages[page] and not context.closed_event.is_set():
        context.page_disconnect(page)  # of every page: a session is kept as long as one of them is there
