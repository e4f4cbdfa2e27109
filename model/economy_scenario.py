"""The scenario of an economy: what it was opened with, seed and all, in the form in which Mesa's own tools look for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import mesa.experimental.scenarios
import numpy as np

from perpetuum.model.errors import InputError, nearest
from perpetuum.model.given import as_given
from perpetuum.model.scenario import Scenario
from perpetuum.model.worlds import Array

FIELDS = tuple(field.name for field in fields(Scenario))


@dataclass
class EconomyScenario(Scenario, mesa.experimental.scenarios.Scenario):
    """A `Scenario` that Mesa's page takes for one of its own; until an economy is opened on it, its seed is open."""

    seed: int | None = None

    @classmethod
    def of(cls, scenario: Scenario | None, rng: Any, keywords: Mapping[str, Any]) -> EconomyScenario:
        """What `Economy(scenario, rng, **keywords)` asks for, its seed settled.

        Keywords are the fields of `Scenario`, and parameters with two underscores for the dot; beside a scenario
        parameters only. Raises InputError.
        """
        if scenario is not None and not isinstance(scenario, Scenario):
            raise InputError(
                f'an economy opens on a Scenario, not on {as_given(scenario)}: say Economy(preset="triangle"), for example'
            )
        given = {name: value for name, value in keywords.items() if name in FIELDS}
        overrides = {name.replace("__", "."): value for name, value in keywords.items() if name not in FIELDS}
        for name in overrides:
            if "." not in name:
                raise InputError(
                    f"unknown keyword '{name}': there are {', '.join(FIELDS)}{nearest(name, FIELDS)}, "
                    "and parameters with two underscores for the dot, such as demand__strength"
                )
        if scenario is None:
            asked = cls(**given)
            for name in overrides:
                if name in asked.overrides:
                    raise InputError(f"'{name}' is given twice, in overrides and as a keyword: leave out one of the two")
        elif given:
            raise InputError(f"a scenario is given, and says {', '.join(given)} itself: put what you want into the scenario")
        else:
            asked = cls._like(scenario)
        if overrides:
            asked.overrides = {**asked.overrides, **overrides}
            asked.__post_init__()
        asked.seed = settled(asked.seed, rng)
        return asked

    def of_worlds(self, chosen: Array) -> EconomyScenario:
        """The scenario of chosen worlds (numbers)."""
        return self._like(self, worlds=len(chosen), replicates=self.shocks[chosen])

    @classmethod
    def _like(cls, scenario: Scenario, **changed: Any) -> EconomyScenario:
        # Not built anew: what has been checked is not checked again, and Mesa lets nobody change the scenario of a model.
        copied = cls.__new__(cls)
        vars(copied).update({**vars(scenario), **changed})
        return copied


def settled(seed: int | None, rng: Any) -> int:
    """The seed of an economy: its scenario's, or where that is open `rng`'s, or new luck. Raises InputError where two differ."""
    if isinstance(rng, bool) or (isinstance(rng, int | np.integer) and rng < 0):
        raise InputError(f"rng must be a whole number of at least 0, not {as_given(rng)}")
    if seed is not None and rng is not None and not (isinstance(rng, int | np.integer) and rng == seed):
        raise InputError(
            f"the scenario has the seed {seed} and rng is {as_given(rng)}: leave one of them out, or the scenario's open "
            "(seed=None)"
        )
    if seed is not None:
        return int(seed)
    if isinstance(rng, int | np.integer):
        return int(rng)
    try:
        return int(np.random.default_rng(rng).integers(2**31))
    except (TypeError, ValueError):
        raise InputError(f"rng must be a whole number of at least 0, or None for new luck, not {as_given(rng)}") from None
