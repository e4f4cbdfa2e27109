"""Files of the page, as installed: read once, kept in memory, handed out as they are. No request names a path on the disk.

What may be asked for is listed when the server starts, and a request looks into the list: whatever is not in it is not there.
Nothing is written, deleted, or fetched from elsewhere.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from perpetuum.visualization.app.answers import refused

#: Where the page looks for the files of packages.
CDN = "/_solara/cdn"
#: Files kept in memory, the latest asked for; a page needs about twenty.
IN_MEMORY = 48
#: Bytes above which a file is sent smaller where the browser can take it so, and endings of files that get smaller.
WORTH_PACKING = 1000
PACKED = frozenset({".css", ".js", ".json", ".svg", ".html", ".map", ".txt"})
#: For how long a browser need not ask again: names in addresses carry a version, so that a file under one never changes.
KEPT_BY_BROWSERS = "public, max-age=86400"


@dataclass(frozen=True)
class Asset:
    """A file's bytes as they are and packed (None where that is not worth it), its type, and a mark of its content."""

    plain: bytes
    packed: bytes | None
    kind: str
    mark: str


@functools.lru_cache(maxsize=IN_MEMORY)
def _read(path: Path) -> Asset:
    plain = path.read_bytes()
    small = len(plain) < WORTH_PACKING or path.suffix not in PACKED
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    mark = f'"{hashlib.sha256(plain).hexdigest()[:24]}"'
    return Asset(plain, None if small else gzip.compress(plain, 6), kind, mark)


def listed(folders: Mapping[str, Path]) -> dict[str, Path]:
    """All files of some folders by the path that a request asks for; `folders`: by the path that stands for each."""
    found: dict[str, Path] = {}
    for under, folder in folders.items():
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file():
                found.setdefault(f"{under}/{path.relative_to(folder).as_posix()}", path)
    return found


class Assets:
    """Hands out the files of some folders."""

    def __init__(self, folders: Mapping[str, Path]):
        self._files = listed(folders)

    def path(self, asked: str) -> Path | None:
        """The file that a request asks for."""
        return self._files.get(asked)

    async def answer(self, request: Request) -> Response:
        """A file, or a sentence where there is none of that name."""
        path = self.path(request.url.path)
        if path is None:
            return refused(404, "door.no_such_page", request.scope)
        try:
            asset = await to_thread.run_sync(_read, path)
        except OSError:
            return refused(404, "door.no_such_page", request.scope)
        headers = {"etag": asset.mark, "cache-control": KEPT_BY_BROWSERS, "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == asset.mark:
            return Response(status_code=304, headers=headers)
        if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, media_type=asset.kind, headers={**headers, "content-encoding": "gzip"})
        return Response(asset.plain, media_type=asset.kind, headers=headers)
