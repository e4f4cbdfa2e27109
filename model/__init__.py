"""The economy of perpetuum: `from perpetuum.model import Economy, Scenario`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perpetuum.model.economy import Economy
    from perpetuum.model.scenario import Scenario

__all__ = ["Economy", "Scenario"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: agents import parts of this package, and the command line should start fast.
    if name == "Economy":
        from perpetuum.model.economy import Economy

        return Economy
    if name == "Scenario":
        from perpetuum.model.scenario import Scenario

        return Scenario
    raise AttributeError(f"module 'perpetuum.model' has no attribute '{name}'")
