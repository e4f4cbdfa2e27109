"""Connections: each has some seconds to ask, the oldest that has not asked makes room, and files are left for the rest.

Uvicorn waits for whoever connects and says nothing, until the process may open no file any more. This protocol does not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from typing import Any

import h11
from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

#: Seconds to ask in, and to take what was asked for.
ASKS_WITHIN, TAKES_WITHIN = 10.0, 60.0
#: Files that the process opens for itself: worlds on disk, processes beside it, its own parts.
OWN_FILES = 64
#: Connections at most, whatever the system allows; a session holds one, a page that opens up to six more.
MOST = 1000
#: Connections that wait outside. The server takes in as many in a turn of its loop, and so many turns pass before what makes
#: room for the first has closed its file: taken in, made a connection, told to close. Files are left for them all.
WAIT_OUTSIDE, TURNS = 128, 3
#: Files that the server asks the system to let it open.
WANTED_FILES = 2048
#: What is answered where a line is asked for in words that are none.
NOT_UNDERSTOOD = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
#: Bytes of a line that are heard before everybody else's turn comes, and frames of a message; browsers send messages whole.
AT_ONCE, MOST_FRAMES = 4096, 1000


def files_allowed() -> int:
    """How many files this process may open, after asking for more; a guess where the system does not say."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 512
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft != unlimited and soft < WANTED_FILES:
        more = WANTED_FILES if hard == unlimited else min(WANTED_FILES, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST + OWN_FILES if soft == unlimited else int(soft)


def waiting_outside(files: int) -> int:
    """How many connections may wait to be taken in, where so many files may be open."""
    return min(WAIT_OUTSIDE, files // (4 * TURNS))


class Room:
    """Connections that are open, and in what order those came that have asked for nothing yet, or for nothing more."""

    def __init__(self, most: int):
        self.most = most
        self.open = 0
        self.silent: OrderedDict[Any, None] = OrderedDict()

    @classmethod
    def of_machine(cls) -> Room:
        """As many as the system's files allow."""
        files = files_allowed()
        return cls(max(8, min(MOST, files - OWN_FILES - TURNS * (waiting_outside(files) + 1))))

    def enter(self, connection: Any) -> bool:
        """A connection opens; False where there is no room, because all have asked and are served."""
        if self.open >= self.most:
            if not self.silent:
                return False
            oldest, _ = self.silent.popitem(last=False)
            oldest.cut()
        self.open += 1
        self.silent[connection] = None
        return True

    def asks(self, connection: Any) -> None:
        """A connection has asked for something."""
        self.silent.pop(connection, None)

    def rests(self, connection: Any) -> None:
        """A connection was answered, and may ask again."""
        self.silent[connection] = None

    def leave(self, connection: Any) -> None:
        """A connection is closed."""
        self.silent.pop(connection, None)
        self.open -= 1


def protocols(room: Room) -> tuple[type[H11Protocol], type[WebSocketsSansIOProtocol]]:
    """HTTP and WebSocket as uvicorn speaks them, within a room and in time."""

    class Patient(H11Protocol):
        """A connection that asks for pages and files."""

        deadline: asyncio.TimerHandle | None = None
        inside = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.inside = room.enter(self)
            if self.inside:
                self.within(ASKS_WITHIN)
            else:
                transport.abort()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self.within(None)
            if self.inside:
                room.leave(self)

        def within(self, seconds: float | None) -> None:
            """Cut the connection unless something happens in time; None: let it be."""
            if self.deadline is not None:
                self.deadline.cancel()
            self.deadline = None if seconds is None else self.loop.call_later(seconds, self.cut)

        def cut(self) -> None:
            """Close the connection at once."""
            self.within(None)
            self.transport.abort()

        def handle_events(self) -> None:
            before = self.cycle
            super().handle_events()
            if self.cycle is not before and not self.cycle.response_complete:
                room.asks(self)
                self.within(TAKES_WITHIN)

        def handle_websocket_upgrade(self, event: h11.Request) -> None:
            room.asks(self)
            self.within(None)
            super().handle_websocket_upgrade(event)

        def on_response_complete(self) -> None:
            room.rests(self)
            self.within(ASKS_WITHIN)
            super().on_response_complete()

    class Line(WebSocketsSansIOProtocol):
        """A line to a session, which took over its connection. It hears no more than it can answer, and no more at once than
        others can wait for; who takes nothing of what it is told is cut in time, as a connection is. One that has not asked, or
        is closed and waits for the browser to agree, makes room for others.
        """

        answers = True
        deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            transport.max_size = AT_ONCE  # type: ignore[attr-defined]
            room.rests(self)

        def data_received(self, data: bytes) -> None:
            if self.handshake_complete and not self.close_sent:
                room.asks(self)
            super().data_received(data)
            if not self.handshake_initiated:
                # All that was asked came at once. Of what it does not understand (longer or more headers, odd letters) uvicorn
                # says nothing, and it would stay.
                self.transport.write(NOT_UNDERSTOOD)
                self.transport.close()

        async def send(self, message: ASGISendEvent) -> None:
            await super().send(message)
            if self.close_sent:
                room.rests(self)

        def cut(self) -> None:
            """Close the line at once."""
            self.transport.abort()

        def pause_writing(self) -> None:
            # What is not read cannot be answered: a ping, for one, that asks for a pong.
            super().pause_writing()
            self.answers = False
            self.transport.pause_reading()
            # Closed with words on the way, it would stay until they are taken.
            self.deadline = self.loop.call_later(TAKES_WITHIN, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            self._let_be()
            self.answers = True
            if not self.read_paused:
                self.transport.resume_reading()

        async def receive(self) -> ASGIReceiveEvent:
            message = await super().receive()
            if not self.answers:
                self.transport.pause_reading()
            return message

        def handle_cont(self, event: Frame) -> None:
            super().handle_cont(event)
            if len(self.frames) > MOST_FRAMES:
                self.transport.abort()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self._let_be()
            room.leave(self)

        def _let_be(self) -> None:
            if self.deadline is not None:
                self.deadline.cancel()
            self.deadline = None

    return Patient, Line
