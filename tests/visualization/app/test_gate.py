"""Who gets in: the attacks that were made on the page's server, each with the answer it gets now."""

import http.server
import threading

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute

from perpetuum.model.scenario import InputError
from perpetuum.visualization.app.assets import CDN, Assets, listed
from perpetuum.visualization.app.gate import (
    CODE_LENGTH,
    LETTERS,
    WRONG_CODES,
    WRONG_WITHIN,
    Door,
    Gate,
    check_port,
    invitation,
    is_loopback,
    machine_of,
    made_code,
)
from tests.asgi import Visitor

OWN = {"origin": "http://127.0.0.1:8765"}
LINE = "/jupyter/api/kernels/0123456789/channels"


async def told(request):
    return PlainTextResponse(repr(sorted(request.headers.items())) + request.scope["root_path"] + str(request.url.query))


async def line(socket):
    await socket.accept()
    await socket.send_text("in")
    await socket.close()


def serves(path):
    return frozenset({"WEBSOCKET"} if path == LINE else {"POST"} if path == "/close" else {"GET"} if path == "/" else ())


def visitor(door=None):
    app = Starlette(routes=[Route("/", told), Route("/close", told, methods=["POST"]), WebSocketRoute(LINE, line)])
    return Visitor(Gate(app, door or Door(), serves))


def refused(answer, status):
    assert answer.status_code == status
    assert answer.text.count("<p>") == 1
    return True


# --- whose page, which machine ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "127.0.0.1.evil.example",
        "",
        "[::2]",
        "192.168.1.9",
        "127.0.0.1:80@evil.example",
        "evil.example@127.0.0.1",
        "127.0.0.1:evil",
        "127.0.0.1/evil.example",
        "[::1]evil.example",
        "[::1",
        "localhost:8765 evil.example",
        "localhost\n",
    ],
)
def test_a_name_that_is_not_this_machines_is_refused(host):
    assert refused(visitor().get("/", headers={"host": host}), 403)


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:9000", "LOCALHOST", "[::1]:8765", "127.0.0.1"])
def test_names_of_this_machine_are_known_through_a_tunnel_too(host):
    assert visitor().get("/", headers={"host": host}).status_code == 200


def test_a_body_that_ends_in_two_places_is_refused():
    assert refused(visitor().get("/", headers={"content-length": "5", "transfer-encoding": "chunked"}), 400)


def test_two_hosts_are_none():
    assert refused(visitor().get("/", headers=[("host", "127.0.0.1"), ("host", "evil.example")]), 403)


def test_the_address_at_which_a_request_arrives_is_a_name_of_the_machine():
    door = Door.of("0.0.0.0")
    assert door.knows_host("192.168.1.9:8765", "192.168.1.9")
    assert door.knows_host("192.168.1.9:8765", "::ffff:192.168.1.9")
    assert not door.knows_host("192.168.1.8:8765", "192.168.1.9")
    assert not door.knows_host("0.0.0.0:8765", "127.0.0.1")
    assert not door.knows_host("evil.example", "evil.example")
    assert Door.of("0.0.0.0", names=["Class.example"]).knows_host("class.example:8765", "10.0.0.2")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:9999", "http://localhost:8765", "null", "file://", ""]
)
def test_another_page_cannot_open_a_line_close_a_tab_or_read(origin):
    assert visitor().line(LINE, {"origin": origin}) is None
    assert refused(visitor().post("/close", headers={"origin": origin}), 403)
    assert refused(visitor().get("/", headers={"origin": origin}), 403)


@pytest.mark.parametrize("order", [1, -1])
def test_two_origins_are_none(order):
    headers = [("host", "127.0.0.1:8765"), *[("origin", one) for one in ("http://evil.example", OWN["origin"])][::order]]
    assert refused(visitor().get("/", headers=headers), 403)


def test_who_says_not_where_from_opens_no_line_and_changes_nothing():
    assert visitor().line(LINE) is None
    assert refused(visitor().post("/close"), 403)


def test_the_page_itself_does_both():
    assert visitor().line(LINE, OWN) == ["in"]
    assert visitor().post("/close", headers=OWN).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_may_be_followed_but_no_picture_frame_or_script_of_another_page_is_answered(site):
    def asked(mode, into):
        headers = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": into}
        return visitor().get("/", headers=headers).status_code

    assert asked("navigate", "document") == 200
    assert {asked("no-cors", "image"), asked("no-cors", "script"), asked("cors", "empty"), asked("navigate", "iframe")} == {
        403
    }


def test_what_a_proxy_might_say_is_not_heard():
    lies = ("x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix", "forwarded", "script-name", "x-script-name")
    heard = visitor().get("/", headers=dict.fromkeys(lies, "//evil.example"))
    assert heard.status_code == 200
    assert "evil" not in heard.text


def test_the_page_stands_in_no_frame_and_loads_from_here_alone():
    headers = visitor().get("/").headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'self'" in headers["content-security-policy"]


# --- odd paths, headers, addresses -----------------------------------------------------------------------------------


def test_there_is_nothing_but_the_page():
    assert refused(visitor().get("/jupyter/api/kernels/x"), 404)
    assert refused(visitor().get("/_solara/api/evict/0123456789"), 404)
    assert refused(visitor().ask("PUT", "/"), 403)  # no page asks so
    assert refused(visitor().ask("PUT", "/", OWN), 405)
    assert refused(visitor().get(LINE), 405)


def test_what_is_too_long_is_refused_in_a_sentence_in_the_readers_language():
    assert refused(visitor().get("/?x=" + "a" * 17_000), 414)
    assert refused(visitor().get("/", headers={"x-more": "a" * 41_000}), 414)
    assert "网址过长" in visitor().get("/?x=" + "a" * 17_000, headers={"accept-language": "zh-CN"}).text
    assert "没有内容" in visitor().get("/nothing?lang=zh").text


def test_names_by_which_tools_take_over_a_session_are_taken_out_of_the_address():
    answer = visitor().get("/?kernelid=../../x&modelid=y&preset=triangle&moves=3:fork;4:join=0&code=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?preset=triangle&moves=3:fork;4:join=0")


def test_an_address_in_any_letters_is_handed_on_as_it_is():
    chinese = "preset=%E6%A8%A1%E5%9E%8B.toml&lang=zh&x=%F0%9F%99%82"
    assert visitor().get(f"/?kernelid=x&{chinese}").headers["location"] == f"/?{chinese}"
    assert visitor(Door(**DOOR)).get(f"/?code=abcd2345&{chinese}").headers["location"] == f"/?{chinese}"
    odd = visitor().get("/?kernelid=x&x=%ed%a0%80%ff").headers["location"]
    assert odd.isascii()


# --- the code --------------------------------------------------------------------------------------------------------

DOOR = {"code": "abcd2345"}


def test_without_the_code_there_is_a_form_and_no_line():
    one = visitor(Door(**DOOR))
    assert refused(one.get("/?seed=3&lang=zh"), 401)
    assert '<input type="hidden" name="seed" value="3">' in one.get("/?seed=3&lang=zh").text
    assert one.line(LINE, OWN) is None
    assert one.post("/close", headers=OWN).status_code == 401


def test_with_the_code_one_is_in_and_the_address_forgets_it():
    one = visitor(Door(**DOOR))
    answer = one.get("/?seed=3&code=ABCD2345")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?seed=3")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert one.get("/").status_code == 200
    assert one.line(LINE, OWN) == ["in"]


def test_who_was_in_stays_in_when_the_server_with_the_same_code_starts_again():
    one = visitor(Door(**DOOR))
    one.get("/?code=abcd2345")
    kept = one.cookies
    again, other = visitor(Door(**DOOR)), visitor(Door(code="zzzz2345"))
    again.cookies.update(kept)
    other.cookies.update(kept)
    assert (again.get("/").status_code, other.get("/").status_code) == (200, 401)


@pytest.mark.parametrize(
    "others", ["; ".join(f"a{n}=b" for n in range(4000)), "odd name=x", 'a="', "=;;=; \xff=\x80", ";" * 9000]
)
def test_what_a_browser_keeps_is_found_among_whatever_else_it_keeps(others):
    headers = {"cookie": f"{others}; perpetuum-pass-8765={Door(**DOOR).pass_}; perpetuum-pass-8765=second"}
    assert visitor(Door(**DOOR)).get("/", headers=headers).status_code == 200
    assert visitor(Door(**DOOR)).get("/", headers={"cookie": others}).status_code == 401


def test_codes_cannot_be_tried_out():
    now = [0.0]
    one = visitor(Door(**DOOR, clock=lambda: now[0]))
    assert [one.get(f"/?code=wrong{n}").status_code for n in range(WRONG_CODES)] == [401] * WRONG_CODES
    assert one.get("/?code=abcd2345").status_code == 429
    one.client = "10.0.0.7"
    assert one.get("/?code=wrong").status_code == 401  # another machine may still try
    one.client = "127.0.0.1"
    now[0] += WRONG_WITHIN + 1
    assert one.get("/?code=abcd2345").status_code == 303


@pytest.mark.parametrize(
    ("asking", "machine"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:aaaa::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::8", "2001:db8:1:2::/64"),
        ("fe80::7%eth0", "fe80::/64"),
        ("", ""),
        ("of no kind", "of no kind"),
    ],
)
def test_a_machine_is_one_by_whichever_of_its_addresses_it_asks(asking, machine):
    assert machine_of({"client": (asking, 40000)}) == machine
    assert machine_of({"client": None}) == ""


def test_what_a_form_hands_on_is_text():
    assert "<script>" not in visitor(Door(**DOOR)).get('/?a="><script>alert(1)</script>').text


def test_codes_that_are_made_differ_and_are_easy_to_read_out():
    codes = {made_code() for _ in range(50)}
    assert len(codes) == 50
    assert set("".join(codes)) <= set(LETTERS)


@pytest.mark.parametrize(("host", "alone"), [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False)])
def test_others_are_let_in_by_other_addresses_than_the_machines_own(host, alone):
    assert is_loopback(host) is alone


@pytest.mark.parametrize("code", ["", "short", "with space", "a" * 41, "abc;def", "\x1b[2Jabcdef", "编码编码编码"])
def test_a_code_that_is_none_is_a_sentence(code):
    with pytest.raises(InputError, match="--code takes 6 to 40 letters and digits"):
        Door.of("127.0.0.1", code)


def test_a_code_is_made_and_told_with_the_link_where_others_are_let_in():
    alone, others = Door.of("127.0.0.1"), Door.of("0.0.0.0")
    assert (alone.code, len(others.code)) == ("", CODE_LENGTH)
    assert invitation(alone, "127.0.0.1", 8765) == "The page is at http://127.0.0.1:8765 (Ctrl-C stops it)"
    assert f":99/?code={others.code} (Ctrl-C" in invitation(others, "0.0.0.0", 99)
    assert "http://[fe80::1]:99/?code=abcd2345" in invitation(Door.of("fe80::1", "abcd2345"), "fe80::1", 99)


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def packaged(tmp_path):
    (tmp_path / "cdn" / "font@4" / "css").mkdir(parents=True)
    (tmp_path / "cdn" / "font@4" / "css" / "font.css").write_text("a{}" * 1000)
    (tmp_path / "secret").write_text("secret")
    return tmp_path / "cdn"


@pytest.fixture
def internet(monkeypatch):
    """A listener in place of everything that is elsewhere: what it is asked for is kept."""
    asked = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"alert(1)")

        def log_message(self, *_):
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{listener.server_port}")
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listener.server_port}")
    yield asked
    listener.shutdown()


def files_of(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def test_no_request_for_a_file_writes_deletes_or_leaves_the_machine(packaged, internet):
    assets = Assets({CDN: packaged})
    before = files_of(packaged.parent)
    one = Visitor(Starlette(routes=[Route("/{path:path}", assets.answer)]))
    for asked in (
        "font@4",
        "font@4/",
        "font@4/css",
        "font@4/css/",
        "",
        "unknown@1/main.js",
        "../secret",
        "%2e%2e/secret",
        "font@4/css/..%2f..%2f..%2fsecret",
        "font@4\\css\\font.css",
        "font@4/css/font.css%00",
        "/etc/passwd",
        "font@4//css/font.css",
    ):
        assert one.get(f"{CDN}/{asked}").status_code == 404
    assert one.get(f"{CDN}/font@4/css/font.css").text == "a{}" * 1000
    assert files_of(packaged.parent) == before
    assert internet == []


def test_files_are_sent_packed_and_not_again(packaged):
    one = Visitor(Starlette(routes=[Route("/{path:path}", Assets({CDN: packaged}).answer)]))
    first = one.get(f"{CDN}/font@4/css/font.css")
    assert "content-encoding" not in first.headers
    packed = one.get(f"{CDN}/font@4/css/font.css", {"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert (packed.text, len(packed.content) < 100) == (first.text, True)
    again = one.get(f"{CDN}/font@4/css/font.css", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")


def test_files_are_listed_by_what_is_asked_for(packaged):
    assert listed({CDN: packaged}) == {f"{CDN}/font@4/css/font.css": packaged / "font@4" / "css" / "font.css"}
    assert listed({CDN: packaged / "nothing"}) == {}


@pytest.mark.parametrize("host", ["\u00e9..\u00e9", "a\0b"])
def test_what_is_no_address_at_all_is_refused_in_a_sentence(host):
    with pytest.raises(
        InputError, match=r"cannot serve the page at .*: no address is written like that; choose another with"
    ):
        check_port(host, 8765)
