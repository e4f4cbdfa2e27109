"""Serve the page on this machine, without any request leaving it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
import threading
import warnings
from types import FrameType

from perpetuum.model.scenario import InputError
from perpetuum.visualization.app import background, map_study

#: Seconds after which the server has left, come what may.
GRACE = 1.0


def check_port(host: str, port: int) -> None:
    """Raise InputError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(f"cannot serve the page at {host}:{port}: {why}; choose another with --port or --host") from None


def serve(host: str, port: int) -> None:
    """Serve until interrupted."""
    # Before Solara is imported: no telemetry, nothing fetched from elsewhere, closed tabs forgotten soon.
    os.environ["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] = "False"
    os.environ["SOLARA_ASSETS_PROXY"] = "True"
    os.environ["SOLARA_THEME_SHOW_BANNER"] = "False"
    os.environ["SOLARA_THEME_TITLE"] = "perpetuum"
    os.environ["SOLARA_KERNEL_CULL_TIMEOUT"] = "20s"
    os.environ["SOLARA_APP"] = "perpetuum.visualization.app.page"
    # On this machine's own address a cookie needs no encryption; the terminal belongs to the one who teaches.
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")
    import uvicorn

    class Server(uvicorn.Server):
        """A server that leaves when it is told to, whatever its sessions and workers are doing."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if not self.should_exit:
                last_resort = threading.Timer(GRACE, os._exit, (0,))
                last_resort.daemon = True
                last_resort.start()
            super().handle_exit(sig, frame)

    config = uvicorn.Config("solara.server.starlette:app", host=host, port=port, log_level="error", access_log=False)
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run()
    _end_workers()


def _end_workers() -> None:
    """End the processes beside the server; Python would wait for the worlds that they are computing, a few seconds' work.

    Nothing is lost: what is kept on disk is written whole or not at all.
    """
    for shared in (background.shared, map_study.shared):
        if shared.cache_info().currsize:
            shared().close()
    for worker in multiprocessing.active_children():
        worker.kill()
