"""Parameters of a batch as the model reads them: arrays with one value for each world, in base units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_type_hints

import numpy as np

from perpetuum.model.errors import InputError
from perpetuum.model.parameters import FIGURES, PARAMETERS, Parameter, registered
from perpetuum.model.parameters.groups import FIGURES_OF, Figures, ParameterGroups
from perpetuum.model.worlds import Array

if TYPE_CHECKING:
    from perpetuum.model.presets import AgentSpec
    from perpetuum.model.scenario import Scenario


class ParameterValues(ParameterGroups):
    """All parameters of a batch: `values.demand.strength` is an array (worlds,) in base units (dollars, months).

    A choice is an array of option numbers; a bool is 0.0 or 1.0. The names are known to type checkers (`groups/`).
    """

    def __init__(self, scenario: Scenario):
        self.worlds = scenario.worlds
        self.unit: float = scenario.values["currency.unit"]
        classes = get_type_hints(ParameterGroups)
        for name, value in scenario.values.items():
            group, _, leaf = name.partition(".")
            if group not in vars(self):
                setattr(self, group, classes[group]())
            setattr(getattr(self, group), leaf, self._in_base_units(PARAMETERS[name], value))
        self.figures = {agent.id: self._figures(agent, scenario.figures[agent.id]) for agent in scenario.definition.agents}

    def _figures(self, agent: AgentSpec, figures: dict[str, Any]) -> Figures:
        group = FIGURES_OF.get(agent.role, Figures)()
        for name, value in figures.items():
            setattr(group, name, self._in_base_units(FIGURES[agent.role][name], value))
        return group

    def _scale(self, parameter: Parameter) -> float:
        return parameter.scale * (self.unit if parameter.monetary else 1.0)

    def _in_base_units(self, parameter: Parameter, value: Any) -> Any:
        if parameter.structural:
            return value
        if parameter.kind == "choice":
            options = parameter.choices
            codes = [options.index(v) for v in value] if isinstance(value, list) else options.index(value)
            return np.ascontiguousarray(np.broadcast_to(np.asarray(codes, dtype=np.int64), self.worlds))
        numbers = np.asarray(value, dtype=np.float64) * self._scale(parameter)
        return np.array(np.broadcast_to(numbers, self.worlds))

    def value(self, name: str, world: int) -> Any:
        """Where a parameter stands in one world, in the units of the registry."""
        parameter = PARAMETERS[name]
        group, _, leaf = name.partition(".")
        held = getattr(getattr(self, group), leaf)
        if parameter.structural:
            return held
        if parameter.kind == "choice":
            return parameter.choices[int(held[world])]
        number = float(held[world]) / self._scale(parameter)
        return bool(number) if parameter.kind == "bool" else round(number) if parameter.kind == "int" else number

    def move(self, name: str, value: Any, worlds: Array) -> None:
        """Set a parameter (in the units of the registry) for chosen worlds from now on."""
        parameter = registered(name)
        if not parameter.lever:
            levers = [n for n, p in PARAMETERS.items() if p.lever]
            raise InputError(f"'{name}' cannot be moved while the world runs; levers are {', '.join(levers)}")
        checked = parameter.check(value, "")
        group, _, leaf = name.partition(".")
        array = getattr(getattr(self, group), leaf)
        array[worlds] = (
            parameter.choices.index(checked) if parameter.kind == "choice" else float(checked) * self._scale(parameter)
        )
