"""The network between browser and server, which tests of the page cut: while nobody listens it says so, and goes on."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any, cast

from tests.browser.harness import Wire, free_port


def said_over(wire: Wire) -> bytes:
    """What somebody hears who connects."""
    with socket.create_connection(("127.0.0.1", int(wire.address.rpartition(":")[2])), timeout=10) as end:
        return end.recv(10)


def test_a_wire_whose_server_is_down_turns_away_and_carries_when_it_is_back():
    port = free_port()
    wire = Wire(cast(Any, SimpleNamespace(port=port)))
    try:
        assert said_over(wire) == b""
        assert said_over(wire) == b""
        with socket.create_server(("127.0.0.1", port)) as server:
            near = socket.create_connection(("127.0.0.1", int(wire.address.rpartition(":")[2])), timeout=10)
            far, _ = server.accept()
            far.sendall(b"here")
            assert near.recv(10) == b"here"
            far.close()
            near.close()
    finally:
        wire.close()
