"""Serve the page on this machine, without any request leaving it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from types import FrameType
from typing import TYPE_CHECKING

from perpetuum.model.scenario import load_preset, preset_names
from perpetuum.visualization.app import background, map_study, memory, replay, sockets, terminal, visits
from perpetuum.visualization.app.assets import CDN
from perpetuum.visualization.app.gate import LONGEST_HEADERS, Door
from perpetuum.visualization.app.session import Session

if TYPE_CHECKING:
    from starlette.types import ASGIApp

#: Bytes of a message from a browser.
LONGEST_MESSAGE = 2**20
#: Seconds after which the server has left, come what may.
GRACE = 1.0


def serve(host: str, port: int, door: Door | None = None) -> None:
    """Serve until interrupted, to those whom the door lets in."""
    memory.share_one_heap()
    # What is compiled is loaded on another processor, in part, while this one reads Solara: whoever comes first waits for both.
    loading = threading.Thread(target=_load, daemon=True)
    loading.start()
    app = application(door or Door.of(host))
    import uvicorn

    class Server(uvicorn.Server):
        """A server that leaves when it is told to, whatever its sessions and workers are doing."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if not self.should_exit:
                last_resort = threading.Timer(GRACE, os._exit, (0,))
                last_resort.daemon = True
                last_resort.start()
            super().handle_exit(sig, frame)

    http, line = sockets.protocols(sockets.Room.of_machine())
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=http,
        ws=line,
        # A server behind a proxy has no rights that others have not.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="error",
        ws_max_size=LONGEST_MESSAGE,
        timeout_keep_alive=int(sockets.ASKS_WITHIN),
        h11_max_incomplete_event_size=2 * LONGEST_HEADERS,
        backlog=sockets.waiting_outside(sockets.files_allowed()),
    )
    terminal.tell()
    threading.Thread(target=_warm, daemon=True).start()
    done = threading.Event()
    memory.keep_giving_back(done, visits.shared.count)
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run()
    done.set()
    _end_workers()


def application(door: Door) -> ASGIApp:
    """What is served: Solara's sessions and widgets behind our own door, with none of its routes."""
    # Before Solara is imported: no telemetry, nothing fetched from elsewhere or kept, closed tabs forgotten soon.
    os.environ |= {
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
        "SOLARA_ASSETS_PROXY": "False",
        "SOLARA_ASSETS_CDN": CDN,
        "SOLARA_ROOT_PATH": "",
        "SOLARA_THEME_SHOW_BANNER": "False",
        "SOLARA_THEME_TITLE": "perpetuum",
        "SOLARA_KERNEL_CULL_TIMEOUT": "20s",
        "SOLARA_APP": "perpetuum.visualization.app.page",
    }
    from solara.server import app as solara_app

    from perpetuum.visualization.app import arrival, site

    solara_app.ensure_apps_initialized()
    solara_app.load_app_widget = arrival.arrive  # type: ignore[assignment]
    return site.build(door)


def _load() -> None:
    """Load what is compiled, or compile it: two months of the machine that pages open with; and the presets of the menu."""
    session = Session(replay.opening().start)
    session.step()
    session.step()
    for name in preset_names():
        load_preset(name)
    del session
    memory.set_apart()


def _warm() -> None:
    """Begin at once what the first page would wait for: compute what pages share."""
    from perpetuum.visualization.app import levers, machine

    preset = replay.opening().start.preset
    machine.ways(preset)
    levers.revenue_2030(preset)


def _end_workers() -> None:
    """End the processes beside the server; Python would wait for the worlds that they are computing, a few seconds' work.

    Nothing is lost: what is kept on disk is written whole or not at all.
    """
    for shared in (background.shared, map_study.shared):
        if shared.cache_info().currsize:
            shared().close()
    for worker in multiprocessing.active_children():
        worker.kill()
