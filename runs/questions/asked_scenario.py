"""What all questions share: the scenario that is asked about, and what its worlds draw."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perpetuum.model.scenario import InputError, Scenario, load_preset, months_to_simulate
from perpetuum.model.uncertainty import draw
from perpetuum.model.worlds import Array
from perpetuum.runs.study.batches import check_months, check_seed
from perpetuum.runs.study.description import Study, make_study


def scenario_of(preset: str, overrides: Mapping[str, Any], seed: int, months: int | None) -> Scenario:
    """A scenario of one world with so many months judged (None: the preset's); raises InputError."""
    check_months(months)
    check_seed(seed)
    return Scenario(preset, dict(overrides), seed=seed, months=months_to_simulate(months))


def checked(scenario: Scenario, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as their parameters take them (raises InputError)."""
    return {name: scenario.definition.parameter(name).check_as(name, value) for name, value in overrides.items()}


def drawn(preset: str, known: Iterable[str], seed: int, replicates: Array) -> dict[str, Array]:
    """What the worlds draw of what the preset calls unknown, but for what is known: name to one value a replicate."""
    left = set(known)
    return dict(draw([one for one in load_preset(preset).unknowns if one.name not in left], seed, replicates))


@dataclass(frozen=True, kw_only=True)
class AskedScenario:
    """How many worlds of which scenario are asked about, over how many months judged; each question adds what it asks.

    `fixed`: nothing is drawn; else each world draws what the preset calls unknown, and nobody sets or moves.
    """

    preset: str = "ono_2025"
    overrides: Mapping[str, Any] = field(default_factory=dict)
    worlds: int = 100
    months: int | None = None
    seed: int = 1
    fixed: bool = False

    def study_of(self, varied: Mapping[str, Sequence[Any]], **keywords: Any) -> Study:
        """Cells in which these parameters take their values side by side, as a study that can be stopped and continued."""
        asked = {"overrides": self.overrides, "replicates": self.worlds, "seed": self.seed, "months": self.months}
        return make_study(self.preset, varied, **{**asked, **keywords}, design="cells", draws=not self.fixed)

    def leave_free(self, names: Iterable[str], done: str) -> None:
        """Refuse settings of what the question varies itself (raises InputError)."""
        for name in names:
            if name in self.overrides:
                raise InputError(f"'{name}' is both set and {done}: leave out --set {name}")

    @functools.cached_property
    def scenario(self) -> Scenario:
        """The scenario before the parameter is moved."""
        return scenario_of(self.preset, self.overrides, self.seed, self.months)

    def told(self) -> dict[str, Any]:
        """What its summary says of the question."""
        scenario = self.scenario
        return {
            "preset": self.preset,
            "overrides": {name: scenario.value(name) for name in self.overrides},
            "worlds": self.worlds,
            "months": scenario.judged,
            "first_month": scenario.definition.start.isoformat(),
            "seed": self.seed,
            "fixed": self.fixed,
        }

    @property
    def start(self) -> int:
        """The month in which funding starts to tighten."""
        return int(self.scenario.values["funding.start_month"])
