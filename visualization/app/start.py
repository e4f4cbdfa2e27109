"""What a session begins with; reading and checking it loads nothing of what simulates and shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from perpetuum.model.observed.series import SERIES
from perpetuum.model.scenario import Scenario, months_to_simulate

#: What the shadow of a watched world goes without.
WITHOUT = "vendor_finance.scale"
#: What is collected: all that a run collects, and the lead lab's cover of its commitments, which has a dial.
COLLECTED = (*SERIES, "commitment_cover")


@dataclass(frozen=True)
class Start:
    """What a session begins with: preset, seed, replicate (which luck), levers and opening figures set from the first month.

    `months`: judged; eleven more are simulated.
    """

    preset: str = "ono_2025"
    seed: int = 1
    replicate: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    months: int | None = None

    def scenario(self) -> Scenario:
        """The watched world and its shadow (raises InputError)."""
        asked = Scenario(self.preset, dict(self.settings), seed=self.seed, months=months_to_simulate(self.months))
        overrides = {**self.settings, WITHOUT: np.array([asked.values[WITHOUT], 0.0])}
        same = np.full(2, self.replicate)
        return Scenario(self.preset, overrides, 2, self.seed, asked.months, same, COLLECTED)
