"""Users without a home that can be written: where other packages keep what they keep there."""

from __future__ import annotations

import os
from pathlib import Path

from perpetuum.model.places import folder_of_this_user, may_write

#: Packages that keep something at home, and what tells them of another folder.
AT_HOME = {"matplotlib": "MPLCONFIGDIR", "ipython": "IPYTHONDIR"}


def keep_without_home() -> None:
    """Let packages that keep something at home do so among temporary files of this user's own where there is none.

    matplotlib's list of typefaces is one; each would make a folder for every process, and print that it does. A folder that the
    user chose and that cannot be written is as good as none.
    """
    home = os.path.expanduser("~")
    used: dict[str, tuple[str, ...]] = {package: (home,) for package in AT_HOME}
    used["matplotlib"] = tuple(
        os.environ.get(told) or os.path.join(home, usual)
        for told, usual in (("XDG_CONFIG_HOME", ".config"), ("XDG_CACHE_HOME", ".cache"))
    )
    for package, told in AT_HOME.items():
        chosen = os.environ.get(told)
        kept = (
            may_write(Path(chosen)) if chosen else all(os.path.isabs(one) and may_write(Path(one)) for one in used[package])
        )
        if not kept and (place := folder_of_this_user()):
            os.environ[told] = str(Path(place, package))
