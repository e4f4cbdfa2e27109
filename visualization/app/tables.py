"""Tables that pages share and that take a second to compute: kept on disk, so that a server that is started again has them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from perpetuum.visualization.app.background import cache_folder

#: Files kept; the ones used longest ago are let go.
ON_DISK = 16


def kept(name: str, compute: Callable[[], Any], folder: Path | None = None) -> Any:
    """What is computed, or was earlier: numbers and lists of them. `name` tells all that it depends on, in letters and digits.

    A folder that cannot be used is done without, and so is a file that is not whole.
    """
    folder = folder or cache_folder()
    if folder is None:
        return compute()
    file = folder / f"{name}.json"
    try:
        table = json.loads(file.read_bytes())
        file.touch()
    except (OSError, ValueError, RecursionError):
        table = compute()
        _put(file, table)
    return table


def _put(file: Path, table: Any) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".part", delete=False) as part:
            json.dump(table, part)
        os.replace(part.name, file)
        for old in sorted(file.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)[:-ON_DISK]:
            old.unlink(missing_ok=True)
    except OSError:
        return
