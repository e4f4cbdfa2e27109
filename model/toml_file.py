"""Files of TOML that users write: read, or refused in a sentence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from perpetuum.model.errors import InputError

#: Bytes of the longest file that is read: a preset with all its sources has a hundredth of it.
MOST_BYTES = 16_000_000
#: What the reader of TOML says of a name that stands twice.
_TWICE = re.compile(r"Cannot (overwrite a value|declare .* twice)")


def toml_of(path: Path, what: str) -> dict[str, Any]:
    """The entries of a file. Raises InputError where it cannot be read or is no TOML; `what`: it is, such as "study file"."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{what} '{path}' has over {MOST_BYTES // 1_000_000} MB, and such a file has a few kB")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{what} '{path}' is no text in UTF-8") from None
    except OSError as error:
        raise InputError(f"{what} '{path}' cannot be read: {(error.strerror or str(error)).lower()}") from None
    if text.startswith("\0") or "\0" in text[:2]:
        raise InputError(f"{what} '{path}' is no text in UTF-8")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError(f"{what} '{path}' is not valid TOML: it has brackets in brackets without end") from None
    except ValueError as error:  # also for numbers of thousands of digits
        told = _TWICE.sub("a name stands twice", str(error))
        raise InputError(f"{what} '{path}' is not valid TOML: {told}") from None
