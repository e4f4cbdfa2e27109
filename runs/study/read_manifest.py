"""What a folder's manifest says of its study, read again: whoever may have written or changed it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perpetuum.model.scenario import InputError, names_of_series
from perpetuum.runs.study import design as designs
from perpetuum.runs.study.description import Study, check_size

#: Types of what a manifest says of its study.
_RECORDED: dict[str, Any] = {
    **dict.fromkeys(("preset", "preset_hash", "cells_hash", "code_hash"), str),
    **dict.fromkeys(("replicates", "seed", "months"), int),
    **dict.fromkeys(("overrides", "design"), Mapping),
    **dict.fromkeys(("draws", "own_luck"), bool),
    "series": list | None,
}


def recorded(manifest: Mapping[str, Any], folder: str | Path) -> Study:
    """The study that a folder's manifest describes; raises InputError where this version cannot read it."""
    unread = InputError(f"'{folder}' holds a study that this version cannot read: choose another folder")
    content = manifest["study"]
    if not isinstance(content, Mapping) or not all(
        isinstance(content[one], kind) for one, kind in _RECORDED.items() if one in content
    ):
        raise unread
    try:
        if content["design"]["kind"] != "cells":
            check_size(designs.count_cells(content["design"]))
        names_of_series(content["series"])
        study = Study.from_dict(content)
        designs.describe(study.design)
        return study
    except InputError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
        raise unread from None
