"""Users without a home that can be written: where other packages keep what they keep there."""

from __future__ import annotations

import os
from pathlib import Path

from perpetuum.model.places import folder_of_this_user, may_write

#: Packages that keep something at home, and what tells them of another folder.
AT_HOME = {"matplotlib": "MPLCONFIGDIR", "ipython": "IPYTHONDIR"}


def keep_without_home() -> None:
    """Let packages that keep something at home do so among temporary files of this user's own where there is none.

    matplotlib's list of typefaces is one; each would make a folder for every process, and print that it does.
    """
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~")
    mine = os.path.isabs(home) and may_write(Path(home))
    for package, told in AT_HOME.items():
        if told not in os.environ and not mine and (place := folder_of_this_user()):
            os.environ[told] = str(Path(place, package))
