"""Scenarios: which parameters there are, what a preset says of them, and what a user overrides.

A `Scenario` is a complete, validated description of a batch of worlds; an `Economy` takes one and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from perpetuum.model.errors import InputError, about, named_once, nearest
from perpetuum.model.given import array_of, as_given, is_a_list, is_whole
from perpetuum.model.observed.states import months_judged, months_simulated
from perpetuum.model.parameters import PARAMETERS, Parameter
from perpetuum.model.preset_entries import ContractSpec, StakeSpec
from perpetuum.model.preset_rows import refuse_more_than_all, refuse_worth_beyond_revenue
from perpetuum.model.presets import LONGEST, PRESETS, AgentSpec, Preset, load_preset, preset_names
from perpetuum.model.roles import ROLES
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
        check_worlds(self.worlds)
        if self.seed is not None and (not is_whole(self.seed) or self.seed < 0):
            raise InputError(f"seed must be a whole number of at least 0, not {as_given(self.seed)}", "seed")
        if not isinstance(self.overrides, Mapping) or not all(isinstance(name, str) for name in self.overrides):
            raise InputError(
                f"overrides must map names of parameters, such as 'demand.strength', to values, not {as_given(self.overrides)}",
                "overrides",
            )
        self.series = names_of_series(self.series)
        self.definition = load_preset(self.preset)
        if self.months is None:
            self.months = months_simulated(self.definition.months)
        if not is_whole(self.months) or not 1 <= self.months <= months_simulated(LONGEST):
            raise InputError(
                f"months must be a whole number from 1 to {months_simulated(LONGEST)}, not {as_given(self.months)}", "months"
            )
        self.replicates = _whole(np.arange(self.worlds) if self.replicates is None else self.replicates)
        if self.replicates.shape != (self.worlds,):
            raise InputError(f"replicates must have one entry per world ({self.worlds}), not shape {self.replicates.shape}")
        with about("overrides"):
            self._resolve()
        self._check_together()

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
        """Value of a dotted name, a parameter or a figure of an agent, a contract or a stake, in the registry's units."""
        group, _, figure = name.partition(".")
        if name in self.rows:
            return self.rows[name]
        return self.figures[group][figure] if group in self.figures else self.values[name]

    def all_values(self) -> dict[str, Any]:
        """Dotted names of all parameters, figures of agents that are there, and of contracts and stakes, to their values."""
        of = {agent.id: self.figures[agent.id] for agent in self.definition.agents}
        figures = {f"{agent}.{name}": value for agent, them in of.items() for name, value in them.items()}
        return self.values | figures | self.rows

    def row(self, one: ContractSpec | StakeSpec, figure: str) -> Any:
        """What a figure of a contract or a stake of the preset is here: its own value, one that is set, or one a world."""
        return self.rows.get(f"{one.name}.{figure}" if isinstance(one, ContractSpec) else one.name, getattr(one, figure))

    def _resolve(self) -> None:
        self.values: dict[str, Any] = {name: parameter.default for name, parameter in PARAMETERS.items()}
        self.values.update(self.definition.values)
        self.figures: dict[str, dict[str, Any]] = {agent.id: dict(agent.figures) for agent in self.definition.agents}
        self.rows: dict[str, Any] = {name: value for name, (_, value) in self.definition.rows.items()}
        for name, value in self.overrides.items():
            self._override(name, value)
        there = tuple(one for one in self.definition.agents if self.values.get(ROLES[one.role].switch, True))
        self.definition = replace(self.definition, agents=there)

    def _check_together(self) -> None:
        """Refuse what each is allowed by itself, and cannot be together: stakes in one firm, what a lab earns and is worth."""
        if any(name in self.rows for name in self.overrides):
            held = [(one.issuer, one.holder, self.row(one, "share")) for one in self.definition.stakes]
            refuse_more_than_all(held, f"of '{self.definition.name}' as set")
        for agent in self.definition.agents:
            if {"revenue", "worth", "valuation"} <= self.figures[agent.id].keys():
                refuse_worth_beyond_revenue(agent.id, self.figures[agent.id], self.values["venture.opening_multiple"])

    def _override(self, name: str, value: Any) -> None:
        checked = self._per_world(self.definition.parameter(name), name, value)
        group, _, figure = name.partition(".")
        if name in self.rows:
            self.rows[name] = checked
        elif group in self.figures:
            self.figures[group][figure] = checked
        else:
            self.values[name] = checked

    def _per_world(self, parameter: Parameter, name: str, value: Any) -> Any:
        if is_a_list(value):
            if len(value) != self.worlds:
                raise InputError(f"'{name}' has {len(value)} values for {self.worlds} worlds: give one, or one per world")
            if parameter.structural:
                raise InputError(f"'{name}' shapes the whole batch and takes one value, not one per world")
            return parameter.check_each(name, value)
        return parameter.check_as(name, value)


# --- how many, and lists of names and numbers ---------------------------------------------------------------

#: Worlds that are simulated at once: more are a slip of the pen.
MOST_WORLDS = 1_000_000
#: Bytes that a world takes at least by the end of its run: for each agent, and for each month, whoever acts in it, and for
#: each of them. Two thirds of what a world with a single series took, of the smallest preset and of the usual one.
BYTES_AN_AGENT, BYTES_A_MONTH, BYTES_AN_AGENT_A_MONTH = 2_500, 400, 150


@about("worlds")
def check_worlds(worlds: Any) -> None:
    """Refuse what is no number of worlds, and more than are simulated at once (raises InputError)."""
    if not is_whole(worlds) or worlds < 1:
        raise InputError(f"worlds must be a whole number of at least 1, not {as_given(worlds)}")
    if worlds > MOST_WORLDS:
        raise InputError(
            f"an economy holds at most {MOST_WORLDS:,} worlds at once, not {as_given(worlds)}: `perpetuum sweep` goes through "
            "any number, a part at a time"
        )


def least_bytes(agents: int, months: int) -> int:
    """What a world takes at least, with so many agents, by the end of so many months."""
    return agents * BYTES_AN_AGENT + months * (BYTES_A_MONTH + agents * BYTES_AN_AGENT_A_MONTH)


@about("worlds")
def check_memory(worlds: int, scenario: Scenario) -> None:
    """Refuse so many worlds of a scenario where this machine's memory cannot hold them until their end (raises InputError).

    Refused is what certainly has no room, where the machine says how much it has; what is not may yet have none.
    """
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return
    there, needed = pages * size, worlds * least_bytes(len(scenario.definition.agents), scenario.horizon)
    if min(pages, size) > 0 and needed > there:
        raise InputError(
            f"{worlds:,} worlds at once over {scenario.horizon} months need more than {needed / 1e9:.0f} GB of memory, and this "
            f"machine has {there / 1e9:.0f}: `perpetuum sweep` goes through any number, a part at a time"
        )


#: Largest number of a world's shocks, and of what tables have to hold.
MOST = int(np.iinfo(np.int64).max)


@about("series")
def names_of_series(series: Any) -> tuple[str, ...] | None:
    """Names of series as a tuple, None for all. Raises InputError for what is no list of names; unknown ones are found later."""
    if series is None:
        return None
    if isinstance(series, str) or not isinstance(series, Iterable):
        raise InputError(
            f"series must be a list of names, such as ['vendor_revenue', 'capex'], or None for all, not {as_given(series)}"
        )
    names = tuple(series)
    for name in names:
        if not isinstance(name, str):
            raise InputError(
                f"series must be a list of names, such as ['vendor_revenue', 'capex'], and {as_given(name)} is none"
            )
    named_once(names, "series")
    return names


def _whole(replicates: Any) -> Array:
    """Numbers of shocks as an array of whole numbers. Raises InputError for any other."""
    numbers = array_of(replicates)
    if numbers.dtype.kind == "i" and not (numbers < 0).any():
        return numbers.astype(np.int64)
    given = np.asarray(replicates, dtype=object)
    for number in given.ravel().tolist():
        if not is_whole(number) or not 0 <= number <= MOST:
            raise InputError(f"replicates must be whole numbers of at least 0 and at most {MOST}, not {as_given(number)}")
    return given.astype(np.int64)
