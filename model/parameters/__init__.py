"""The parameter registry: every number of the model lives here once."""

from collections.abc import Iterable

from perpetuum.model.errors import InputError, nearest
from perpetuum.model.parameters.base import Parameter
from perpetuum.model.parameters.firms import FIGURES
from perpetuum.model.parameters.firms import PARAMETERS as _FIRMS
from perpetuum.model.parameters.funding import PARAMETERS as _FUNDING
from perpetuum.model.parameters.investors import PARAMETERS as _INVESTORS
from perpetuum.model.parameters.mechanisms import PARAMETERS as _MECHANISMS
from perpetuum.model.parameters.world import PARAMETERS as _WORLD

#: The registry's parameters by the module that holds them.
PARTS = {"funding": _FUNDING, "world": _WORLD, "mechanisms": _MECHANISMS, "firms": _FIRMS, "investors": _INVESTORS}
PARAMETERS: dict[str, Parameter] = {parameter.name: parameter for part in PARTS.values() for parameter in part}


def registered(name: str, where: str = "", also: Iterable[str] = ()) -> Parameter:
    """The registry's entry of a dotted name.

    Raises InputError with the nearest name there is, of the registry's and of `also`.
    """
    if not isinstance(name, str) or name not in PARAMETERS:
        place = f" {where}" if where else ""
        raise InputError(f"unknown parameter '{name}'{place}{nearest(name, [*PARAMETERS, *also])} (see `perpetuum params`)")
    return PARAMETERS[name]


__all__ = ["FIGURES", "PARAMETERS", "PARTS", "Parameter", "registered"]
