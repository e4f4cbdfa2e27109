"""Studies: many worlds on one machine or many, their files, and what is asked of them, without the command line.

from perpetuum.runs.study import simulate, load
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perpetuum.runs.study.tables import load
    from perpetuum.runs.study.worlds_table import simulate

__all__ = ["load", "simulate"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: the command line imports parts of this package, and should start fast.
    if name == "simulate":
        from perpetuum.runs.study.worlds_table import simulate

        return simulate
    if name == "load":
        from perpetuum.runs.study.tables import load

        return load
    raise AttributeError(f"module 'perpetuum.runs.study' has no attribute '{name}'")
