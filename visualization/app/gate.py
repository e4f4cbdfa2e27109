"""Who gets in: an ASGI layer in front of everything that the server serves.

A request gets through where its Host is a name of this machine, its Origin, where it has one, is the page's own, its kind and
path are ones that the page uses, and, where there is an access code, it knows the code. All that a proxy might add is dropped.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from perpetuum.model.scenario import InputError
from perpetuum.visualization.app.answers import code_asked, refused

#: Letters of a code that is made: none is taken for another.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_LENGTH = 8
SHORTEST_CODE = 6
CODE = re.compile(rf"[A-Za-z0-9]{{{SHORTEST_CODE},40}}\Z")
#: Wrong codes heard in so many seconds from one machine, and from all, before they may not try for a while.
WRONG_CODES, WRONG_CODES_OF_ALL, WRONG_WITHIN = 20, 1000, 60.0
#: Bytes of an address, and of all headers.
LONGEST_ADDRESS, LONGEST_HEADERS = 16_000, 40_000
#: Headers by which a proxy tells of other addresses than those it asks with. They would steer what the page links to.
UNHEARD = (b"forwarded", b"x-forwarded", b"x-original", b"x-rewrite", b"script-name", b"x-script-name", b"x-real-ip", b"via")
#: Names in an address that are for Solara's own tools and would break the page.
TOOLS = frozenset({"kernelid", "modelid", "solara-no-close-beacon", "code"})
#: A Host header: a name or an address, and a port.
HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::\d{1,5})?\Z")
EVERYWHERE = ("0.0.0.0", "::")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
#: What the browser may do with the page: load from here alone, talk to here alone, and stand in nobody's frame.
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
        b"form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def made_code() -> str:
    """A code that nobody guesses."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def machine_of(scope: Scope) -> str:
    """From where somebody asks, as far as the network tells: an address, of IPv6 the network of which a machine has all names."""
    asking = str((scope.get("client") or ("",))[0]).partition("%")[0]
    try:
        address = ipaddress.ip_address(asking)
    except ValueError:
        return asking
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), 64), strict=False))


def is_loopback(host: str) -> bool:
    """Whether an address to listen on lets in this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def names_of_machine() -> set[str]:
    """By what others may call this machine."""
    name = socket.gethostname().lower()
    return {name, f"{name}.local", name.partition(".")[0]} - {""}


def address_in_network() -> str:
    """The address of this machine by which others reach it, as far as the machine knows; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.connect(("192.0.2.1", 9))  # an address for documents (RFC 5737), behind the way out
            return str(trial.getsockname()[0])
        except OSError:
            return socket.gethostname()


def invitation(door: Door, host: str, port: int) -> str:
    """What the terminal says when the page is served: where, and with which code."""
    code = f"/?code={door.code}" if door.code else ""
    reached = address_in_network() if host in EVERYWHERE else host
    said = f"The page is at http://{f'[{reached}]' if ':' in reached else reached}:{port}{code} (Ctrl-C stops it)"
    if is_loopback(host):
        return said
    return f"{said}\nWho has this link is let in, from any machine that reaches this one; others need the code {door.code}"


@dataclass
class Door:
    """Who may come in. `names`: what Host may be, beside the address at which a request arrives; `code`: "" for none."""

    names: frozenset[str] = frozenset(LOOPBACK)
    code: str = ""
    clock: Callable[[], float] = time.monotonic
    _wrong: deque[tuple[float, str]] = field(default_factory=deque)

    @classmethod
    def of(cls, host: str, code: str | None = None, names: Iterable[str] = ()) -> Door:
        """The door of a server that listens at an address; a code is made where it lets others in.

        `names`: more names of this machine. Raises InputError for a code that is none.
        """
        known = {*LOOPBACK, host.lower(), *(name.lower() for name in names)} - {*EVERYWHERE}
        if code is not None and not CODE.match(code):
            raise InputError(f"--code takes {SHORTEST_CODE} to 40 letters and digits, not '{code[:40]}'")
        alone = is_loopback(host)
        return cls(frozenset(known if alone else known | names_of_machine()), code or ("" if alone else made_code()))

    def knows_host(self, host: str, reached: str) -> bool:
        """Whether a Host header calls this machine; `reached`: the address at which the request arrived."""
        name = _name(host)
        return name != "" and (name in self.names or (_is_address(name) and name == reached.removeprefix("::ffff:")))

    # --- the code -----------------------------------------------------------------------------------------------

    @property
    def pass_(self) -> str:
        """What a browser keeps that has shown the code; the same as long as the code is."""
        return hmac.new(self.code.encode(), b"perpetuum", hashlib.sha256).hexdigest()[:32]

    def has_pass(self, shown: str) -> bool:
        """Whether a browser has shown the code before."""
        return not self.code or hmac.compare_digest(shown.encode(), self.pass_.encode())

    def tries(self, code: str, who: str) -> bool | None:
        """Whether a code is right; None where too many were wrong of late, and none is looked at. `who`: the machine."""
        now = self.clock()
        while self._wrong and now - self._wrong[0][0] > WRONG_WITHIN:
            self._wrong.popleft()
        if len(self._wrong) >= WRONG_CODES_OF_ALL or sum(one == who for _, one in self._wrong) >= WRONG_CODES:
            return None
        right = hmac.compare_digest(code.strip().lower().encode(), self.code.lower().encode())
        if not right:
            self._wrong.append((now, who))
        return right


def _name(host: str) -> str:
    """A Host header without its port; "" for one that is none."""
    found = HOST.match(host)
    return (found["v6"] or found["name"]).lower().rstrip(".") if found else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Gate:
    """The layer. `serves`: the methods that a path may be asked with, none where there is no such path."""

    def __init__(self, app: ASGIApp, door: Door, serves: Callable[[str], frozenset[str]]):
        self.app = app
        self.door = door
        self.serves = serves

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        answer = self.answer(scope)
        if answer is None:
            await self.app(_cleaned(scope), receive, _dressed(send) if scope["type"] == "http" else send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, _dressed(send))

    def answer(self, scope: Scope) -> Response | None:
        """What a request is told instead of what it asked for; None where it gets through."""
        headers = scope["headers"]
        asked = dict(headers)
        length = sum(len(name) + len(value) for name, value in headers)
        if b"content-length" in asked and b"transfer-encoding" in asked:
            return refused(400, "door.no_such_page", scope)  # where a body ends, two who read it may not agree
        if length > LONGEST_HEADERS or len(scope.get("query_string", b"")) > LONGEST_ADDRESS:
            return refused(414, "door.too_long", {**scope, "query_string": b""}, most=LONGEST_ADDRESS)
        host = asked.get(b"host", b"").decode("latin-1")
        reached = str((scope.get("server") or ("",))[0])
        if sum(name == b"host" for name, _ in headers) != 1 or not self.door.knows_host(host, reached):
            return refused(403, "door.other_name", scope)
        if sum(name == b"origin" for name, _ in headers) > 1 or not self._own(scope, asked, host):
            return refused(403, "door.other_page", scope)
        method = "WEBSOCKET" if scope["type"] == "websocket" else scope["method"]
        served = self.serves(scope["path"])
        if not served:
            return refused(404, "door.no_such_page", scope)
        if method not in served:
            return refused(405, "door.no_such_page", scope)
        return self._ask_code(scope)

    def _own(self, scope: Scope, asked: dict[bytes, bytes], host: str) -> bool:
        """Whether a request comes from the page itself, or from somebody who opens it."""
        origin = asked.get(b"origin")
        if origin is not None:
            kind, _, rest = origin.decode("latin-1").partition("://")
            return kind in ("http", "https") and rest.lower() == host.lower()
        if scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD"):
            return False
        # A link may be followed from anywhere; pictures and scripts are for the page alone.
        site, mode = asked.get(b"sec-fetch-site", b"none"), asked.get(b"sec-fetch-mode", b"navigate")
        into = asked.get(b"sec-fetch-dest", b"document")
        return site in (b"none", b"same-origin") or (mode == b"navigate" and into == b"document")

    def _ask_code(self, scope: Scope) -> Response | None:
        opened = scope["type"] == "http" and scope["path"] == "/"
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True) if opened else []
        if scope["path"] == "/readyz":
            return None
        if not self.door.has_pass(cookie_of(scope, "pass")):
            shown = dict(query).get("code", "")
            if not shown:
                return code_asked("door.needs_code", scope, 401)
            right = self.door.tries(shown, machine_of(scope))
            if right is None:
                return refused(429, "door.too_many_codes", scope)
            if not right:
                return code_asked("door.wrong_code", scope, 401)
        elif not any(name in TOOLS for name, _ in query):
            return None
        answer = RedirectResponse("/" + _query([(name, value) for name, value in query if name not in TOOLS]), 303)
        if self.door.code:
            keep(answer, scope, "pass", self.door.pass_)
        return answer


def _query(parts: list[tuple[str, str]]) -> str:
    return "?" + urlencode(parts, safe=":;=@,.", errors="replace") if parts else ""


def cookie_of(scope: Scope, what: str) -> str:
    """What a browser keeps for this server; "" where it keeps nothing.

    Read by hand: Python's own reader takes a tenth of a second over some thousand cookies, and none of them where one is odd.
    """
    header = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
    kept = (part.strip().partition("=") for part in header.decode("latin-1").split(";"))
    wanted = _cookie_name(scope, what)
    return next((value for name, _, value in kept if name == wanted), "")


def keep(answer: Response, scope: Scope, what: str, value: str) -> None:
    """Let a browser keep something: for this server, out of reach of scripts and of other people's pages."""
    answer.set_cookie(_cookie_name(scope, what), value, httponly=True, samesite="lax")


def _cookie_name(scope: Scope, what: str) -> str:
    # Browsers tell cookies apart by machine, not by port.
    return f"perpetuum-{what}-{(scope.get('server') or ('', 0))[1]}"


def _cleaned(scope: Scope) -> Scope:
    """A request without what proxies add, mounted nowhere."""
    kept = [(name, value) for name, value in scope["headers"] if not name.lower().startswith(UNHEARD)]
    return {**scope, "headers": kept, "root_path": ""}


def _dressed(send: Send) -> Send:
    """Send with the headers that keep the page to itself."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name for name, _ in HEADERS} | {b"server"}
            told: list[Any] = [(name, value) for name, value in message.get("headers", ()) if name not in names]
            message = {**message, "headers": [*told, *HEADERS]}
        await send(message)

    return sent


def check_port(host: str, port: int) -> None:
    """Raise InputError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except (TypeError, ValueError):  # no name of a host at all, which Python tells in several ways
        raise InputError(
            f"cannot serve the page at {host[:60]}: no address is written like that; choose another with --host"
        ) from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(f"cannot serve the page at {host}:{port}: {why}; choose another with --port or --host") from None
