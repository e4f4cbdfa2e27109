"""The parameter registry: every number of the model lives here once."""

from perpetuum.model.parameters.base import Parameter
from perpetuum.model.parameters.firms import FIGURES
from perpetuum.model.parameters.firms import PARAMETERS as _FIRMS
from perpetuum.model.parameters.funding import PARAMETERS as _FUNDING
from perpetuum.model.parameters.investors import PARAMETERS as _INVESTORS
from perpetuum.model.parameters.world import PARAMETERS as _WORLD

PARAMETERS: dict[str, Parameter] = {parameter.name: parameter for parameter in (*_FUNDING, *_WORLD, *_FIRMS, *_INVESTORS)}

__all__ = ["FIGURES", "PARAMETERS", "Parameter"]
