"""Studies: many worlds on one machine or many, their files, and what is asked of them, without the command line.

from runs.studies import simulate, load
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runs.studies.api import simulate
    from runs.studies.store import load

__all__ = ["load", "simulate"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: the command line imports parts of this package, and should start fast.
    if name == "simulate":
        from runs.studies.api import simulate

        return simulate
    if name == "load":
        from runs.studies.store import load

        return load
    raise AttributeError(f"module 'runs.studies' has no attribute '{name}'")
