"""The file of a study: its entries, names with and without quotes, and the series by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perpetuum.model.errors import InputError, about, named_once
from perpetuum.model.toml_file import toml_of


def entries_of(path: Path) -> dict[str, Any]:
    """The entries of a study's file as they stand in it. Raises InputError where it cannot be read or is no TOML."""
    return toml_of(path, "study file")


def dotted(table: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names, whether they were quoted ("funding.tightening") or not (funding.tightening).

    Raises InputError for one that is written in both ways: TOML takes them for two.
    """
    flat: dict[str, Any] = {}
    for name, value in table.items():
        inner = dotted(value) if isinstance(value, Mapping) else None
        for whole, one in (
            {name: value}.items() if inner is None else ((f"{name}.{leaf}", one) for leaf, one in inner.items())
        ):
            if whole in flat:
                raise InputError(f"'{whole}' stands twice, with quotes and without: give it once")
            flat[whole] = one
    return flat


@about("series")
def parse_series(written: Any) -> tuple[str, ...] | None:
    """Read what is said of the series: "none", "all", names separated by commas, or a list of names."""
    if written in ("none", "all", []):
        return None if written == "all" else ()
    names = written.split(",") if isinstance(written, str) else [str(one) for one in written]
    series = tuple(name.strip() for name in names if name.strip())
    if not series:
        raise InputError(f"series takes none, all, or names separated by commas, not {written!r}")
    named_once(series, "series")
    return series
