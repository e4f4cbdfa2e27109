"""Connections that say nothing make room and are cut; what is served goes on."""

import asyncio
import contextlib
import socket

import pytest
import uvicorn

from perpetuum.visualization.app import sockets
from perpetuum.visualization.app.sockets import Room


class Connection:
    was_cut = False

    def cut(self):
        self.was_cut = True


def test_who_has_said_nothing_longest_makes_room():
    room = Room(2)
    first, second, third = Connection(), Connection(), Connection()
    assert room.enter(first)
    assert room.enter(second)
    assert room.enter(third)
    assert (first.was_cut, second.was_cut) == (True, False)


def test_who_has_asked_is_not_cut_and_then_nobody_else_gets_in():
    room = Room(2)
    first, second, third = Connection(), Connection(), Connection()
    for connection in (first, second):
        room.enter(connection)
        room.asks(connection)
    assert not room.enter(third)
    assert (first.was_cut, second.was_cut) == (False, False)
    room.rests(first)
    assert room.enter(third)
    assert first.was_cut
    room.leave(first)
    room.leave(second)
    assert room.open == 1


async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})
    elif scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass


@contextlib.asynccontextmanager
async def served(room, app=app):
    http, line = sockets.protocols(room)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=http, ws=line, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        running = asyncio.ensure_future(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        await running


async def asked(port, request=b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


def test_three_hundred_silent_connections_keep_nobody_out():
    room = Room(20)

    async def attack():
        async with served(room) as port:
            silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
            assert (await asked(port)).endswith(b"ok")
            assert room.open <= 20
            for _, writer in silent:
                writer.close()
            await asyncio.gather(*(reader.read() for reader, _ in silent), return_exceptions=True)

    asyncio.run(attack())
    assert (room.open, len(room.silent)) == (0, 0)


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_who_asks_for_nothing_more_is_cut_in_time(monkeypatch, said):
    monkeypatch.setattr(sockets, "ASKS_WITHIN", 0.05)
    room = Room(5)

    async def attack():
        async with served(room) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(said)
            with contextlib.suppress(ConnectionResetError):
                await reader.read()  # to the end: the server closes
            writer.close()

    asyncio.run(attack())
    assert room.open == 0


def test_a_line_is_left_alone_and_leaves_the_room_when_it_ends(monkeypatch):
    monkeypatch.setattr(sockets, "ASKS_WITHIN", 0.05)
    room = Room(5)
    upgrade = (
        b"GET /line HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )

    async def talk():
        async with served(room) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(upgrade)
            assert b"101" in await reader.readline()
            await asyncio.sleep(0.2)
            assert (room.open, len(room.silent)) == (1, 1)
            writer.write(frame(1, b"month"))
            while room.silent:
                await asyncio.sleep(0.01)
            assert room.open == 1
            writer.close()
            while room.open:
                await asyncio.sleep(0.01)

    asyncio.run(talk())


@pytest.mark.parametrize("files", [256, 1024, 2048, 10**6])
def test_files_are_left_for_the_rest_of_the_server_and_for_those_who_are_taken_in_before_anybody_is_cut(monkeypatch, files):
    monkeypatch.setattr(sockets, "files_allowed", lambda: files)
    most, outside = Room.of_machine().most, sockets.waiting_outside(files)
    assert most + sockets.TURNS * (outside + 1) <= files - sockets.OWN_FILES
    assert most >= 2 * 60, "a class, of which half load their pages anew"


# --- attacks on a line ----------------------------------------------------------------------------------------------------


UPGRADE = (
    b"GET /line HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def frame(opcode, data=b"", fin=True):
    """What a browser sends, masked with zeros."""
    return bytes([(fin << 7) | opcode, 0x80 | len(data)]) + b"\0\0\0\0" + data


async def upgraded(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(UPGRADE)
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


@pytest.mark.parametrize("closes", [False, True], ids=["ask nothing", "do not agree that they are closed"])
def test_lines_that_nobody_needs_make_room(closes):
    room = Room(20)

    async def line(scope, receive, send):
        if closes and scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.receive":
                pass
            await send({"type": "websocket.close"})
        else:
            await app(scope, receive, send)

    async def talk():
        async with served(room, line) as port:
            lines = []
            for _ in range(60):
                reader, writer = await upgraded(port)
                writer.write(frame(1, b"month") if closes else b"")
                lines.append((reader, writer))
                if closes:  # one that is still being heard stays
                    while len(room.silent) < min(len(lines), 20):
                        await asyncio.sleep(0.001)
            assert (await asked(port)).endswith(b"ok")
            assert room.open <= 20
            for _, writer in lines:
                writer.transport.abort()
            while room.open:
                await asyncio.sleep(0.01)

    asyncio.run(talk())


@pytest.mark.parametrize(
    "more",
    [b"X-Odd: \x01\r\n", b"X-Long: " + b"a" * 9000 + b"\r\n", b"".join(b"X-%d: a\r\n" % n for n in range(200))],
    ids=["odd letters", "a long header", "many headers"],
)
def test_who_asks_for_a_line_in_words_that_are_none_is_answered_and_leaves(more):
    room = Room(5)

    async def talk():
        async with served(room) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(UPGRADE[:-2] + more + b"\r\n")
            assert b"400" in await asyncio.wait_for(reader.read(), 60)  # to the end: the server closes
            writer.close()
            while room.open:
                await asyncio.sleep(0.01)

    asyncio.run(talk())


def test_who_pings_and_hears_no_answer_is_not_listened_to_any_more():
    """Forty megabytes of pings, whose pongs nobody takes: they would be kept in memory as long as somebody pings."""
    pings = frame(9, b"x" * 125) * 500

    async def talk():
        async with served(Room(5)) as port:
            reader, writer = await upgraded(port)
            reader._transport.pause_reading()
            taken = 0
            with contextlib.suppress(TimeoutError):
                while taken < 600 * len(pings):
                    writer.write(pings)
                    async with asyncio.timeout(1):
                        await writer.drain()
                    taken += len(pings)
            # The system keeps a few megabytes on the way, the server no more than it writes at once.
            assert taken < 600 * len(pings)
            assert (await asked(port)).endswith(b"ok")
            writer.transport.abort()

    asyncio.run(talk())


@pytest.mark.parametrize("closes", [False, True])
def test_who_takes_nothing_of_what_a_line_tells_is_cut_though_it_was_closed_meanwhile(monkeypatch, closes):
    monkeypatch.setattr(sockets, "TAKES_WITHIN", 0.3)
    room = Room(5)

    async def tells(scope, receive, send):
        await send({"type": "websocket.accept"})
        with contextlib.suppress(TimeoutError):
            while True:
                async with asyncio.timeout(0.1 if closes else None):
                    await send({"type": "websocket.send", "text": "x" * 2**16})
        await send({"type": "websocket.close"})

    async def talk():
        async with served(room, tells) as port:
            reader, writer = await upgraded(port)
            reader._transport.pause_reading()
            await asyncio.sleep(0.05)
            assert room.open == 1
            async with asyncio.timeout(30):
                while room.open:
                    await asyncio.sleep(0.01)
            writer.transport.abort()

    asyncio.run(talk())


def test_a_message_in_thousands_of_pieces_is_none():
    room = Room(5)

    async def talk():
        async with served(room) as port:
            reader, writer = await upgraded(port)
            writer.write(frame(1, fin=False) + frame(0, fin=False) * (sockets.MOST_FRAMES + 10))
            with contextlib.suppress(ConnectionResetError):
                await reader.read()
            while room.open:
                await asyncio.sleep(0.01)

    asyncio.run(talk())


def test_a_line_is_heard_in_small_pieces_so_that_others_have_their_turn():
    class Transport:
        max_size = 256 * 1024

        def get_extra_info(self, _):
            return None

    _, line = sockets.protocols(Room(5))
    transport = Transport()

    async def made():
        config = uvicorn.Config(app, log_config=None)
        config.load()
        line(config, uvicorn.server.ServerState(), {}).connection_made(transport)

    asyncio.run(made())
    assert transport.max_size == sockets.AT_ONCE


@pytest.mark.parametrize(
    "sent",
    [
        frame(1, b"\xff\xfe"),
        frame(0, b"x"),
        frame(11, b"x"),
        frame(9, b"x", fin=False),
        frame(8, b"x"),
        frame(1, fin=False) + frame(1),
        b"\xf1\x81\0\0\0\0x",
        b"\x81\x02{}",
        b"\x81\xff" + (2**62).to_bytes(8) + b"\0\0\0\0",
    ],
    ids=[
        "no text",
        "goes on with nothing",
        "unknown",
        "ping in pieces",
        "bad end",
        "two at once",
        "extended",
        "bare",
        "vast",
    ],
)
def test_what_is_no_message_ends_its_line_alone(sent):
    room = Room(5)

    async def talk():
        async with served(room) as port:
            _, other = await upgraded(port)
            reader, writer = await upgraded(port)
            writer.write(sent)
            with contextlib.suppress(ConnectionResetError):
                await reader.read()
            writer.close()
            while room.open > 1:
                await asyncio.sleep(0.01)
            other.close()

    asyncio.run(talk())
