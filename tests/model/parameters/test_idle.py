"""No parameter without effect: each moves an output in one of the situations of `tests.idle_parameters`."""

from __future__ import annotations

import pytest

from perpetuum.model.parameters import PARAMETERS
from tests.idle_parameters import idle, moved


def test_a_parameter_that_nothing_reads_in_a_situation_is_found_idle_there():
    assert moved("triangle", 2, {}, ["power.loss", "compute.rent"]) == {"compute.rent"}


@pytest.mark.slow
def test_every_parameter_moves_an_output_in_some_situation():
    assert idle(PARAMETERS) == []
