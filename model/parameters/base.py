"""What a parameter is: name, default, unit, range, help and source, checked in one place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

#: Factor from the registry's unit to the base unit used in the code (dollars, persons, GW, months; rates stay per year).
SCALES = {
    "$bn": 1e9,
    "$bn/yr": 1e9,
    "$bn/mo": 1e9,
    "$bn/GW": 1e9,
    "$bn/GW-yr": 1e9,
    "bn persons": 1e9,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One entry of the registry: the only place where a number of the model lives.

    `unit` decides the conversion to base units (`SCALES`); `lever` parameters may be moved while a world runs and reach the
    sliders and the default sensitivity study; `structural` ones (counts) hold for a whole batch; a preset has to give the
    `needed` ones of an agent.
    """

    name: str
    default: Any
    unit: str
    low: float
    high: float
    help: str
    source: str = "assumption"
    lever: bool = False
    kind: str = "float"
    choices: tuple[str, ...] = ()
    structural: bool = False
    needed: bool = False

    @property
    def scale(self) -> float:
        """Factor from the registry's unit to the base unit."""
        return SCALES.get(self.unit, 1.0)

    @property
    def monetary(self) -> bool:
        """Whether it is an amount of money (`currency.unit` rescales it)."""
        return self.unit.startswith("$")

    @property
    def allowed(self) -> str:
        """What values are allowed, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "bool":
            return "true or false"
        unit = f" {self.unit}" if self.unit else ""
        return f"{'a whole number ' if self.kind == 'int' else ''}from {self.low:g} to {self.high:g}{unit}"

    def check_as(self, name: str, value: Any) -> Any:
        """Check a value that was given under a dotted name: the parameter's own, or that of an agent's opening figure."""
        return self.check(value, "", name)

    def check_each(self, name: str, values: Any) -> Any:
        """Check values given under a dotted name, one a world: an array of numbers, a list of choices."""
        import numpy as np

        if self.kind == "float":
            given = np.array(values, dtype=np.float64) if set(map(type, values)) <= {float, np.float64} else None
            if given is not None and ((given >= self.low) & (given <= self.high)).all():  # also finite, as both ends are
                return given + 0.0  # no minus before a zero
        checked = [self.check_as(name, value) for value in values]
        return checked if self.kind == "choice" else np.array(checked)

    def check(self, value: Any, where: str, name: str = "") -> Any:
        """Return the value in its proper type; `name`: that under which it was given, where that is another.

        Raises InputError (one sentence: what, where, what is allowed) for a wrong type or a value out of range.
        """
        from perpetuum.model.given import number

        if self.kind == "choice":
            if not isinstance(value, str) or value not in self.choices:
                raise self._refusal(value, where, name)
            return str(value)
        if self.kind == "bool":
            if isinstance(value, str) and value.lower() in ("true", "false"):
                return float(value.lower() == "true")
            try:
                known = bool(value in (True, False, 0, 1))
            except (TypeError, ValueError):  # an array
                known = False
            if not known:
                raise self._refusal(value, where, name)
            return float(value)
        try:
            given = number(value)
        except ValueError:
            raise self._refusal(value, where, name) from None
        if not math.isfinite(given) or not self.low <= given <= self.high:
            raise self._refusal(value, where, name)
        if self.kind == "int":
            if given != int(given):
                raise self._refusal(value, where, name)
            return int(given)
        return given

    def _refusal(self, value: Any, where: str, name: str) -> Exception:
        from perpetuum.model.errors import InputError
        from perpetuum.model.given import as_given

        place = f" {where}" if where else ""
        return InputError(f"'{name or self.name}'{place} cannot be {as_given(value)}: it takes {self.allowed}")
