"""A visitor that asks an ASGI application in memory: whatever headers it likes, no more checks than a network makes."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import unquote


@dataclass
class Answer:
    """What came back."""

    status_code: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """What there is to be read."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.content) if packed else self.content).decode()


class Visitor:
    """Asks from 127.0.0.1, at port 8765 of the machine, and keeps the cookies that it gets."""

    def __init__(self, app: Any, host: str = "127.0.0.1:8765", reached: str = "127.0.0.1"):
        self.app = app
        self.host = host
        self.reached = reached
        self.client = "127.0.0.1"
        self.cookies: dict[str, str] = {}

    def _scope(self, kind: str, target: str, headers: Any) -> dict[str, Any]:
        path, _, query = target.partition("?")
        told = list(headers.items() if isinstance(headers, dict) else headers or ())
        if "host" not in [name for name, _ in told]:
            told.insert(0, ("host", self.host))
        if self.cookies:
            told.append(("cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())))
        return {
            "type": kind,
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http" if kind == "http" else "ws",
            "server": (self.reached, 8765),
            "client": (self.client, 40000),
            "root_path": "",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in told],
        }

    def get(self, target: str, headers: Any = None) -> Answer:
        """Ask for something."""
        return self.ask("GET", target, headers)

    def post(self, target: str, headers: Any = None) -> Answer:
        """Tell something."""
        return self.ask("POST", target, headers)

    def ask(self, method: str, target: str, headers: Any = None) -> Answer:
        """Ask by any method."""
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = self._scope("http", target, headers) | {"method": method}
        asyncio.run(self.app(scope, receive, send))
        told = [(name.decode(), value.decode("latin-1")) for name, value in sent[0]["headers"]]
        for name, value in told:
            if name == "set-cookie":
                self.cookies |= {key: one.value for key, one in SimpleCookie(value).items()}
        return Answer(sent[0]["status"], dict(told), b"".join(part.get("body", b"") for part in sent[1:]))

    def line(self, target: str, headers: Any = None) -> list[str] | None:
        """Open a WebSocket and hear what comes until it is closed; None where it was refused."""
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect" if not sent else "websocket.disconnect", "code": 1000}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        asyncio.run(self.app(self._scope("websocket", target, headers) | {"subprotocols": []}, receive, send))
        accepted = any(message["type"] == "websocket.accept" for message in sent)
        return [message["text"] for message in sent if "text" in message] if accepted else None
