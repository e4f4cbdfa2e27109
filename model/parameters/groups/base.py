"""What every group of parameters is: arrays with the world on their first axis."""

import numpy as np
from numpy.typing import NDArray

from perpetuum.model.worlds import Stateful

Codes = NDArray[np.int64]


class Group(Stateful):
    """The parameters of one dotted group, or the opening figures of one agent."""
