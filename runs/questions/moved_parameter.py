"""What all questions that move a parameter share: the scenario in which it is moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perpetuum.model.scenario import Scenario


class Question:
    """A frozen dataclass with a preset, overrides, a number of months and a seed adds what it asks."""

    preset: str
    overrides: Mapping[str, Any]
    months: int | None
    seed: int

    @property
    def scenario(self) -> Scenario:
        """The scenario before the parameter is moved."""
        return Scenario(self.preset, dict(self.overrides), seed=self.seed, months=self.months)

    @property
    def start(self) -> int:
        """The month in which funding starts to tighten."""
        return int(self.scenario.values["funding.start_month"])
