"""Drafts: hidden folders in which results are written, beside the place where they appear when they are whole, or in it.

A draft is locked for as long as its writer lives. One that nobody has is what a program that was killed has left, and goes
when the next writer to the same place comes.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from perpetuum.model.errors import InputError, about
from perpetuum.model.places import may_write
from perpetuum.runs.study.locks import locked

#: Names that stand for no place of their own but for a moment: any of them is as good as the other (`default_folder`).
_DATED = re.compile(r"(?P<what>.+)-\d{8}-\d{6}(-\d+)?")
#: Times that a draft is made again which somebody swept away before its writer had it.
_TRIES = 20


class Draft:
    """A hidden folder beside `target`, in which one program writes until it becomes that folder.

    It lies in `target` where that is there and nothing can be moved to it from beside.
    """

    def __init__(self, target: Path):
        self.target = target
        self.name = target.absolute().name  # that of the current folder, too
        self.path: Path | None = None
        self._made: list[Path] = []
        self._lock: int | None = None

    @about("out")
    def open(self) -> Path:
        """Make the folder, and those above it; what killed writers have left goes. Raises OSError as the system does, and
        InputError where another program is at work on the same place.
        """
        place = self.target.absolute().parent
        self._make(place)
        if self.within:
            place = self.target.absolute()
        self.path = self._locked(place)
        if self._sweep(place):
            raise InputError(f"another program is at work on '{self.target}': choose another folder, or wait for it")
        return self.path

    @property
    def within(self) -> bool:
        """Whether the draft lies in the target: a folder on another disk (what is mounted, a link), or one in a folder that may
        not be written.
        """
        if not self.target.is_dir():
            return False
        parent = self.target.absolute().parent
        return self.target.stat().st_dev != parent.stat().st_dev or not may_write(parent)

    def close(self) -> None:
        """Let go of the folder, which stays where it is."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def remove(self) -> None:
        """Leave nothing behind."""
        if self.path is not None:
            shutil.rmtree(self.path, ignore_errors=True)
        self.close()
        for folder in reversed(self._made):
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _make(self, parent: Path) -> None:
        missing = []
        while not parent.exists():
            missing.append(parent)
            parent = parent.parent
        for folder in reversed(missing):
            if not folder.exists():  # `made/..` is there as soon as `made` is
                folder.mkdir()
                self._made.append(folder)

    def _locked(self, parent: Path) -> Path:
        """A new folder that is this program's; another one may have swept it away before it was locked."""
        for _ in range(_TRIES):
            path = Path(tempfile.mkdtemp(prefix=f".{self.name}.partial-", dir=parent))
            try:
                held = locked(path)
            except (BlockingIOError, FileNotFoundError):
                continue
            if held is None or _is_there(path, held):
                self._lock = held
                return path
            os.close(held)
        raise OSError("the folder in which results are written is taken away again and again")

    def _sweep(self, parent: Path) -> bool:
        """Remove what killed writers have left; returns whether one that lives is at work on the same place."""
        for other in sorted(parent.glob(".*.partial-*")):
            place = _place_of(other)
            ours = self.path is not None and other.name == self.path.name  # the way there may be written otherwise
            if ours or place is None or not self._is_mine(place) or other.is_symlink() or not other.is_dir():
                continue
            try:
                held = locked(other)
            except BlockingIOError:
                if place == self.name:
                    return True
                continue
            except OSError:  # gone meanwhile, or somebody else's
                continue
            if held is not None:  # without locks nobody knows whether its writer lives
                shutil.rmtree(other, ignore_errors=True)
                os.close(held)
        return False

    def _is_mine(self, place: str) -> bool:
        """Whether a draft of that place is one of this target: of its name, or of the same name at another moment."""
        if place == self.name:
            return True
        mine, other = _DATED.fullmatch(self.name), _DATED.fullmatch(place)
        return mine is not None and other is not None and mine["what"] == other["what"]


def _place_of(path: Path) -> str | None:
    """The name of the folder that a draft is to become; None for what is no draft."""
    found = re.fullmatch(r"\.(.+)\.partial-[a-z0-9_]+", path.name)
    return found[1] if found else None


def _is_there(path: Path, held: int) -> bool:
    """Whether a path still leads to the folder that is held."""
    try:
        return os.path.samestat(path.stat(), os.fstat(held))
    except FileNotFoundError:
        return False
