"""Scenarios: which parameters there are, what a preset says of them, and what a user overrides.

A `Scenario` is a complete, validated description of a batch of worlds; an `Economy` takes one and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from perpetuum.model.errors import InputError, nearest
from perpetuum.model.observed.states import months_judged, months_simulated
from perpetuum.model.parameters import PARAMETERS, Parameter
from perpetuum.model.presets import LONGEST, PRESETS, AgentSpec, Preset, load_preset, preset_names
from perpetuum.model.worlds import Array

__all__ = [
    "LONGEST",
    "PRESETS",
    "AgentSpec",
    "InputError",
    "Preset",
    "Scenario",
    "load_preset",
    "months_to_simulate",
    "nearest",
    "preset_names",
]


def months_to_simulate(judged: int | None) -> int | None:
    """`months` of a scenario so that so many of them are judged; None stays the preset's."""
    return None if judged is None else months_simulated(judged)


@dataclass
class Scenario:
    """A batch of worlds: preset, overrides (one value, or one per world), number of worlds, seed, months simulated.

    `overrides` maps dotted names (`demand.strength`, or `lead_lab.cash` for an agent's opening figure) to a value or to an
    array (worlds,). `replicates` (worlds,) names the shocks of each world: worlds with the same seed and replicate live
    through the same shocks whatever their parameters (common random numbers). Default: 0, 1, 2, ...
    `months` are all that are simulated (H, `horizon`), of which the first H - 11 are judged (`judged`); what commands, studies
    and questions call months are those judged (`months_to_simulate`). None: what the preset wants judged, and eleven more.
    `seed=None` leaves the seed open: an economy opened on it takes its `rng`, or new luck each time.

    Raises InputError with one sentence for anything impossible.
    """

    preset: str = "ono_2025"
    overrides: Mapping[str, Any] = field(default_factory=dict)
    worlds: int = 1
    seed: int | None = 1
    months: int | None = None
    replicates: Array | None = None
    series: Sequence[str] | None = None  # None: all

    def __post_init__(self) -> None:
        for name, low in (("worlds", 1), ("seed", 0)):
            value = getattr(self, name)
            if name == "seed" and value is None:
                continue
            if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < low:
                raise InputError(f"{name} must be a whole number of at least {low}, not {value!r}")
        if not isinstance(self.overrides, Mapping) or not all(isinstance(name, str) for name in self.overrides):
            raise InputError(
                f"overrides must map names of parameters, such as 'demand.strength', to values, not {self.overrides!r}"
            )
        self.series = names_of_series(self.series)
        self.definition = load_preset(self.preset)
        if self.months is None:
            self.months = months_simulated(self.definition.months)
        if (
            not isinstance(self.months, (int, np.integer))
            or isinstance(self.months, bool)
            or not 1 <= self.months <= months_simulated(LONGEST)
        ):
            raise InputError(f"months must be a whole number from 1 to {months_simulated(LONGEST)}, not {self.months!r}")
        self.replicates = _whole(np.arange(self.worlds) if self.replicates is None else self.replicates)
        if self.replicates.shape != (self.worlds,):
            raise InputError(f"replicates must have one entry per world ({self.worlds}), not shape {self.replicates.shape}")
        self._resolve()

    @property
    def horizon(self) -> int:
        """Months to simulate."""
        return int(self.months or months_simulated(self.definition.months))

    @property
    def judged(self) -> int:
        """Months that are judged."""
        return months_judged(self.horizon)

    @property
    def shocks(self) -> Array:
        """Which shocks each world lives through (worlds,)."""
        return np.asarray(self.replicates, dtype=np.int64)

    def value(self, name: str) -> Any:
        """Value of a dotted name, a parameter or an agent's opening figure, in the registry's units."""
        group, _, figure = name.partition(".")
        return self.figures[group][figure] if group in self.figures else self.values[name]

    def _resolve(self) -> None:
        self.values: dict[str, Any] = {name: parameter.default for name, parameter in PARAMETERS.items()}
        self.values.update(self.definition.values)
        self.figures: dict[str, dict[str, Any]] = {agent.id: dict(agent.figures) for agent in self.definition.agents}
        for name, value in self.overrides.items():
            self._override(name, value)

    def _override(self, name: str, value: Any) -> None:
        checked = self._per_world(self.definition.parameter(name), name, value)
        group, _, figure = name.partition(".")
        if group in self.figures:
            self.figures[group][figure] = checked
        else:
            self.values[name] = checked

    def _per_world(self, parameter: Parameter, name: str, value: Any) -> Any:
        if isinstance(value, (list, tuple, np.ndarray)):
            if len(value) != self.worlds:
                raise InputError(f"'{name}' has {len(value)} values for {self.worlds} worlds: give one, or one per world")
            if parameter.structural:
                raise InputError(f"'{name}' shapes the whole batch and takes one value, not one per world")
            checked = [parameter.check_as(name, item) for item in value]
            return np.array(checked) if parameter.kind != "choice" else checked
        return parameter.check_as(name, value)


# --- lists of names and numbers -----------------------------------------------------------------------------

#: Largest number of a world's shocks, and of what tables have to hold.
MOST = int(np.iinfo(np.int64).max)


def names_of_series(series: Any) -> tuple[str, ...] | None:
    """Names of series as a tuple, None for all. Raises InputError for what is no list of names; unknown ones are found later."""
    if series is None:
        return None
    if isinstance(series, str) or not isinstance(series, Iterable):
        raise InputError(
            f"series must be a list of names, such as ['vendor_revenue', 'capex'], or None for all, not {series!r}"
        )
    names = tuple(series)
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"series must be a list of names, such as ['vendor_revenue', 'capex'], and {name!r} is none")
    return names


def _whole(replicates: Any) -> Array:
    """Numbers of shocks as an array of whole numbers. Raises InputError for any other."""
    given = np.asarray(replicates, dtype=object)
    for number in given.ravel().tolist():
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or not 0 <= number <= MOST:
            raise InputError(f"replicates must be whole numbers of at least 0 and at most {MOST}, not {number!r}")
    return given.astype(np.int64)
