"""Attacks on the whole server over its sockets, as a stranger's program makes them: what it answers, and what is left of it."""

import contextlib
import http.client
import json
import socket
import time
import uuid

import pytest
from websockets.sync.client import connect

from perpetuum.visualization.app.line import MOST_OPENED
from tests.browser.harness import Server, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        server = Server()
    yield server
    server.close()


class Stranger:
    """A program that speaks as the page does, to a session of its own or another's."""

    def __init__(self, server, query=None, **named):
        self.port, self.told, self.widgets = server.port, [], {}
        self.kernel, self.visitor, self.page = (named.get(one) or str(uuid.uuid4()) for one in ("kernel", "visitor", "page"))
        own = f"http://127.0.0.1:{self.port}"
        opening = connect(
            f"ws://127.0.0.1:{self.port}/jupyter/api/kernels/{self.kernel}/channels?session_id={self.page}",
            origin=own,
            additional_headers={"Cookie": f"perpetuum-visitor-{self.port}={self.visitor}"} if self.visitor else {},
            max_size=None,
        )
        self.line = contextlib.ExitStack().enter_context(opening)
        if query is not None:
            self.say("comm_open", comm_id="control", target_name="solara.control", data={})
            self.say("comm_msg", comm_id="control", data={"method": "run", "args": {"path": f"/?{query}"}})

    def say(self, kind, **content):
        name = uuid.uuid4().hex
        header = {"msg_id": name, "msg_type": kind, "session": "x", "username": "", "version": "5.2", "date": ""}
        self.line.send(json.dumps({"header": header, "content": content, "channel": "shell"}))
        return name

    def hears(self, until, patience=120):
        """Take what comes until something in it is what is waited for."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                told = json.loads(self.line.recv(timeout=1))
                if told["header"]["msg_type"] == "comm_open":
                    self.widgets[told["content"]["comm_id"]] = told["content"]["data"].get("state", {})
                if until(told):
                    return told
        raise AssertionError("waited in vain")

    def opens(self):
        """Wait until the page is there."""
        self.hears(lambda told: told["content"].get("data", {}).get("method") == "finished")
        return self

    def does(self, event, data):
        """Send an event of the page, and wait until it is done with."""
        widget = next(name for name, state in self.widgets.items() if event in (state.get("events") or ()))
        name = self.say("comm_msg", comm_id=widget, data={"method": "custom", "content": {"event": event, "data": data}})
        self.hears(
            lambda told: told["content"].get("execution_state") == "idle" and told["parent_header"].get("msg_id") == name
        )


def asked(server, path, method="GET", **headers):
    """The status and the text of an answer."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    line.request(method, path, headers=headers)
    answer = line.getresponse()
    return answer.status, answer.read().decode()


def test_whether_a_session_is_kept_is_told_to_its_own_visitor_alone(server):
    mine = Stranger(server, "preset=triangle&months=3").opens()
    place, cookie = f"/jupyter/api/kernels/{mine.kernel}", f"perpetuum-visitor-{server.port}="

    def state(cookies):
        return json.loads(asked(server, place, Cookie=cookies)[1])["execution_state"]

    assert state(cookie + mine.visitor) == "idle"
    assert [state(one) for one in ("", cookie, cookie + str(uuid.uuid4()), "perpetuum-visitor-1=" + mine.visitor)] == [
        "dead"
    ] * 4
    for name in ("", "..%2f..%2fetc", "a" * 65, "short", f"{mine.kernel}%0a", f"{mine.kernel}%00", f"{mine.kernel}/restart"):
        assert asked(server, f"/jupyter/api/kernels/{name}")[0] == 404
    for method in ("DELETE", "PUT", "POST", "PATCH"):
        assert asked(server, place, method)[0] == 403
        assert asked(server, place, method, Origin=server.address)[0] == 405
    mine.line.close()


def test_events_of_any_kind_leave_the_session_at_work_and_the_terminal_readable(server):
    mine = Stranger(server, "preset=triangle&months=20").opens()
    odd = [
        None,
        {},
        [],
        -1,
        1e308,
        10**40,
        "1" * 6000,
        "\x1b[2J",
        {"lever": "demand.strength", "value": [1]},
        {"preset": {}},
    ]
    for event in ("key", "begin", "pace", "aim", "hold", "pull", "rewind", "select", "look", "ask", "verb"):
        for data in odd:
            mine.does(event, data)
    mine.does("verb", "step")
    said = server.said().splitlines()
    assert len(said) < 60
    assert all(one.isprintable() for one in said)
    assert "Traceback" not in "".join(said)
    mine.line.close()


def handshake(port, origin, end="\r\n\r\n"):
    return (
        f"GET /jupyter/api/kernels/{uuid.uuid4()}/channels?session_id={uuid.uuid4()} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: {origin}\r\n"
        f"Cookie: perpetuum-visitor-{port}={uuid.uuid4()}{end}"
    )


HALF_OPEN = {
    "says nothing": lambda port: "",
    "half a head": lambda port: "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: a",
    "half a handshake": lambda port: handshake(port, f"http://127.0.0.1:{port}", end=""),
    "half a handshake from elsewhere": lambda port: handshake(port, "http://evil.example", end="\r\n"),
    "a handshake from elsewhere": lambda port: handshake(port, "http://evil.example"),
    "a handshake, and nothing asked": lambda port: handshake(port, f"http://127.0.0.1:{port}"),
}


@pytest.fixture(scope="module")
def server_with_few_files(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("few")))
        server = Server(files=256)
    yield server
    server.close()


@pytest.mark.parametrize("said", HALF_OPEN)
def test_three_hundred_half_open_connections_keep_nobody_out_and_fill_no_log(server_with_few_files, said):
    server = server_with_few_files
    mine = Stranger(server, "preset=triangle&months=40").opens()
    with contextlib.ExitStack() as ends:
        for _ in range(300):
            end = ends.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
            with contextlib.suppress(ConnectionError):  # who makes room for another is cut
                end.sendall(HALF_OPEN[said](server.port).encode())
        assert [asked(server, path)[0] for path in ("/readyz", "/")] == [200, 200]
        mine.does("verb", "step")
        other = Stranger(server, "preset=triangle&months=40").opens()
        other.does("verb", "step")
        for one in (mine, other):
            one.line.close()
        wait_until(lambda: server.files() < 60, "the end of those that ask for nothing")
        assert asked(server, "/")[0] == 200
    assert len(server.said()) < 500


def test_what_a_browser_opens_in_its_session_is_bounded(server):
    """Twenty thousand controls with two kilobytes each were kept, fifty megabytes."""
    mine = Stranger(server, "preset=triangle&months=40").opens()
    for number in range(MOST_OPENED + 50):
        mine.say("comm_open", comm_id=f"more{number}", target_name="solara.control", data={})
    asked_for = mine.say("comm_info_request")
    told = mine.hears(
        lambda told: told["header"]["msg_type"] == "comm_info_reply" and told["parent_header"].get("msg_id") == asked_for
    )
    kept = [one for one in told["content"]["comms"].values() if one["target_name"] == "solara.control"]
    assert len(kept) == MOST_OPENED
    mine.does("verb", "step")
    assert len(server.said()) < 5000
    mine.line.close()


def test_while_many_open_long_pages_another_goes_on(server):
    mine = Stranger(server, "preset=triangle&months=100").opens()
    crowd = [Stranger(server, f"preset=ono_2025&months=600&month=600&seed={number}") for number in range(75)]
    for _ in range(3):
        mine.does("verb", "step")
    here = Stranger(server, kernel=crowd[0].kernel, visitor=crowd[0].visitor)
    assert here.line.ping().wait(60), "lines are answered meanwhile"
    for one in (here, *crowd):
        one.line.close()
    mine.does("verb", "step")
    mine.line.close()
