"""Serve the page on this machine, without any request leaving it."""

from __future__ import annotations

import os
import socket

from model.scenario import InputError


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
    os.environ["SOLARA_APP"] = "visualization.app.page"
    import uvicorn

    uvicorn.run("solara.server.starlette:app", host=host, port=port, log_level="error", access_log=False)
