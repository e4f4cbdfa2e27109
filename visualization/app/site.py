"""What the server serves: the page, its files, the line to its session, and nothing else; behind the gate."""

from __future__ import annotations

import gzip
import uuid
from functools import partial
from pathlib import Path

from anyio import to_thread
from solara.server import kernel_context, server, settings
from solara.server import starlette as solara_starlette
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

from perpetuum.visualization.app import line, visits
from perpetuum.visualization.app.answers import refused
from perpetuum.visualization.app.assets import CDN, Assets
from perpetuum.visualization.app.gate import Door, Gate, cookie_of, keep, machine_of
from perpetuum.visualization.app.scripts import scripts

#: Extensions of the browser's side that the page uses.
EXTENSIONS = ("jupyter-vue", "jupyter-vuetify", "jupyter-js-widgets")
#: The question whether a session is kept, the line to it, and the note that a tab was closed. Jupyter's side of the browser asks
#: too, by this name, where a line was closed early, and gives the session up where there is no answer.
SESSION = "/jupyter/api/kernels/{kernel}"
LINE, CLOSE = f"{SESSION}/channels", "/_solara/api/close/{kernel}"
READ = frozenset({"GET", "HEAD"})
#: How it looks that the line is lost, or the page broke. What Solara says of it, in English, is not shown.
LOOKS = (
    ".v-application--wrap > .v-overlay, .v-application--wrap > .v-alert, .v-dialog__content { display: none !important }"
    ".line-lost { position: fixed; z-index: 200000; left: 0; right: 0; bottom: 0; text-align: center;"
    " padding: 6px 14px; background: #222222; color: #FFFCF7; font: 16px/1.4 system-ui, sans-serif }"
    ".line-lost button { padding: 2px 12px; border-radius: 4px; background: #FFFCF7; color: #222222 }"
    ".broke { margin: 20vh auto; max-width: 32em; padding: 0 1em; font: 18px/1.5 system-ui, sans-serif }"
    ".broke .begin-anew { display: inline-block; padding: 4px 12px; border-radius: 4px; background: #222222;"
    " color: #FFFCF7 !important; text-decoration: none }"
)


def folders() -> dict[str, Path]:
    """Folders of the packages installed, by the path that stands for each."""
    packaged = Path(settings.assets.proxy_cache_dir)
    extensions = packaged.parent.parent / "jupyter" / "nbextensions"
    return {
        CDN: packaged,
        **{f"/jupyter/nbextensions/{name}": extensions / name for name in EXTENSIONS},
        "/static/assets": server.solara_static.parent / "assets",
        "/static": server.solara_static,
    }


def page() -> bytes:
    """The page before a session draws on it, the same for everybody."""
    return str(server.read_root("/", "")).replace("</html>", f"<style>{LOOKS}</style>{scripts()}</html>").encode()


class Site:
    """The routes. `serves` tells the gate which there are."""

    def __init__(self) -> None:
        self.assets = Assets(folders())
        self.page = page()
        self.packed = gzip.compress(self.page, 9)

    def serves(self, path: str) -> frozenset[str]:
        """The methods that a path may be asked with; none where there is nothing."""
        known = path in ("/", "/readyz", "/resourcez") or self.assets.path(path) is not None
        if known or _is_one(SESSION.replace("{kernel}", ""), path):
            return READ
        before, _, after = path.rpartition("/")
        if after == "channels" and _is_one(LINE.replace("{kernel}/channels", ""), before):
            return frozenset({"WEBSOCKET"})
        return frozenset({"POST"}) if _is_one(CLOSE.replace("{kernel}", ""), path) else frozenset()

    def routes(self) -> list[Route | WebSocketRoute]:
        """For Starlette."""
        return [
            Route("/", self.open),
            Route("/readyz", self.ready),
            Route("/resourcez", self.resources),
            Route(SESSION, self.session),
            Route(CLOSE, self.close, methods=["POST"]),
            WebSocketRoute(LINE, line.connect),
            Route("/{path:path}", self.assets.answer),
        ]

    async def open(self, request: Request) -> Response:
        """The page, and a name by which its session is told from others'."""
        visitor = cookie_of(request.scope, "visitor")
        full = visits.shared.refusal(visitor, machine_of(request.scope))
        if full is not None:
            return refused(503, full[0], request.scope, most=full[1])
        if "gzip" in request.headers.get("accept-encoding", ""):
            answer = Response(self.packed, media_type="text/html", headers={"content-encoding": "gzip"})
        else:
            answer = Response(self.page, media_type="text/html")
        answer.headers["cache-control"] = "no-store"
        keep(answer, request.scope, "visitor", visitor if line.NAME.match(visitor) else str(uuid.uuid4()))
        return answer

    async def ready(self, request: Request) -> Response:
        """Whether the server answers: what a page that lost its line asks."""
        return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})

    async def session(self, request: Request) -> Response:
        """Whether a visitor's session is kept, so that a page may go on with it: idle or dead, and whether it made room."""
        kernel, visitor = request.path_params["kernel"], cookie_of(request.scope, "visitor")
        visit = visits.shared.find(kernel)
        own = visit is not None and visit.visitor == visitor
        state = "idle" if own and visit is not None and visit.desk is not None else "dead"
        model = {"id": kernel, "name": "perpetuum", "execution_state": state}
        model |= {"made_room": visits.shared.made_room(kernel, visitor)}
        return JSONResponse(model, headers={"cache-control": "no-store"})

    async def resources(self, request: Request) -> Response:
        """How many sessions are kept."""
        return JSONResponse({"kernels": {"total": len(kernel_context.contexts)}})

    async def close(self, request: Request) -> Response:
        """A tab was closed: its session ends, and its work stops."""
        kernel, visitor = request.path_params["kernel"], cookie_of(request.scope, "visitor")
        await to_thread.run_sync(partial(line.close, kernel, visitor))
        return Response(status_code=204)


def _is_one(folder: str, path: str) -> bool:
    """Whether a path is a folder's and then the name of a session."""
    return path.startswith(folder) and line.NAME.match(path[len(folder) :]) is not None


def build(door: Door) -> ASGIApp:
    """The application that is served."""
    site = Site()
    return Gate(Starlette(routes=site.routes(), lifespan=solara_starlette.lifespan), door, site.serves)
