"""Manifests and other JSON: how a file gets safely onto the disk, and how and where the program was run."""

from __future__ import annotations

import contextlib
import datetime
import functools
import glob
import json
import os
import platform
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from perpetuum.model.scenario import InputError

#: End of the name of a file that is being written.
PARTIAL = ".partial"
#: Seconds after which nobody is at work any more on a file that was begun: a day.
_LEFT = 86_400.0
#: What folders hold: raised whenever what stands in them changes so that older ones mislead who reads them. 1: verdicts without
#: dates, and no number in the manifest; 2: dated states, and three classes of them beside; 3: the states alone.
FORMAT = 3
#: What to do with a folder whose files are damaged, gone or of another version.
ANEW = "simulate it anew, into another folder"


def write_file(path: Path, fill: Callable[[BinaryIO], Any]) -> None:
    """Write a file under a temporary name of its own, and rename it once it is safely on the disk: of two at once one stays."""
    partial = path.with_name(f".{path.name}-{secrets.token_hex(4)}{PARTIAL}")
    try:
        with partial.open("wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sweep(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove what writers of a file have left that were killed more than a day ago."""
    for left in path.parent.glob(f".{glob.escape(path.name)}-????????{PARTIAL}"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT:
                left.unlink()


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON that any reader takes (no NaN, no infinity)."""
    write_file(path, lambda file: file.write((to_json(content) + "\n").encode()))


def to_json(content: Mapping[str, Any]) -> str:
    """Return JSON text; numbers that JSON does not know become null."""
    return json.dumps(_plain(content), indent=2, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return value


def read_json(path: Path) -> Any:
    """Read a file of JSON, in which somebody may have written since (OSError, or ValueError for whatever is wrong in it)."""
    if path.exists() and not path.is_file():
        raise ValueError("no file that has an end")
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise ValueError("brackets in brackets without end") from None


def read_summary(folder: Path) -> dict[str, Any]:
    """Read summary.json of a finished study (raises InputError)."""
    path = folder / "summary.json"
    try:
        return dict(read_json(path))
    except (OSError, ValueError, TypeError):
        raise InputError(f"'{path}' cannot be read: {ANEW}") from None


def of_this_program() -> dict[str, Any]:
    """What every manifest begins with: whose it is, and the format of its folder."""
    return {"program": "perpetuum", "format": FORMAT}


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a folder that this program wrote, None where there is none: whoever reads a folder begins here.

    Raises InputError for a folder of another format, whose tables would be misread.
    """
    try:
        manifest = read_json(folder / "manifest.json")
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("program") != "perpetuum":
        return None
    found = manifest.get("format", 1)
    if found != FORMAT:
        age = "a newer" if isinstance(found, int) and found > FORMAT else "an older"
        raise InputError(f"'{folder}' is of {age} format ({found}) than the one that this version reads ({FORMAT}): {ANEW}")
    return manifest


# --- how and where ------------------------------------------------------------------------------------------


def circumstances() -> dict[str, Any]:
    """How and where the program was run, for a manifest: command, versions, state of the checkout, machine.

    Versions and checkout are looked at once a process, which goes on with the code that it has loaded.
    """
    git = _git_state()
    return {
        "command": ["perpetuum", *sys.argv[1:]],
        "versions": {**_versions()},
        "git": git and {**git},
        "machine": {"platform": platform.platform(), "processor": platform.machine(), "cpus": os.cpu_count()},
    }


@functools.cache
def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    versions = {"python": platform.python_version()}
    for package in ("perpetuum", "mesa", "numpy", "numba", "pyarrow", "matplotlib"):
        with contextlib.suppress(PackageNotFoundError):
            versions[package] = version(package)
    return versions


@functools.cache
def _git_state() -> dict[str, Any] | None:
    """Commit of the checkout that the program runs from, and whether anything was changed since; None where it is installed.

    An installed program may lie within somebody's own repository, whose commit says nothing of it.
    """
    root = Path(__file__).resolve().parents[2]

    def git(*arguments: str) -> str:
        return subprocess.run(
            ("git", "-C", str(root), *arguments),
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        ).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != root:
            return None
        return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None
