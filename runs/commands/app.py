"""`perpetuum app`: the page."""

from __future__ import annotations

import os
from typing import Annotated

import typer


def app(
    host: Annotated[str, typer.Option(help="address to listen on; 0.0.0.0 lets other machines in")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on", min=1, max=65535)] = 8765,
) -> None:
    """Open the page on which the machine runs: watch, pull levers, fork the world.

    Example:  perpetuum app --port 8800
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from visualization.app.serve import check_port, serve

    check_port(host, port)
    typer.echo(f"The page is at http://{host}:{port} (Ctrl-C stops it)")
    serve(host, port)
