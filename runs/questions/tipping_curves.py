"""What `tip` follows along a parameter: curves over the same worlds, each with the level at which it tips.

life lost         mean over worlds of life with loose money - life, in months; its level is a year
fallen            share of worlds that have fallen by a date; its level is one half
default:<firm>    share of worlds in which a firm has defaulted by then; one half, unless another level is stated
loss:<firm>       mean loss per dollar lent to a firm by then; a tenth, unless another level is stated
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from perpetuum.model.given import number
from perpetuum.model.scenario import InputError, Scenario, nearest
from perpetuum.model.units import YEAR
from perpetuum.model.worlds import Array
from perpetuum.runs.questions.payoffs import check_firms
from perpetuum.runs.questions.response_curves import HALF

#: The usual two curves, and the level at which each tips: months, and a share of the worlds.
CURVES: dict[str, float] = {"life_lost": float(YEAR), "fallen": HALF}
#: Curves of a single firm, by what stands before the colon, and their levels where none is stated.
OF_FIRMS: dict[str, float] = {"default": HALF, "loss": 0.1}


def levels_of(written: Sequence[str], scenario: Scenario, moved: Collection[str] = ()) -> dict[str, float]:
    """Read names of curves, those of firms with a level of their own or without (`loss:neocloud=0.2`): name to level.

    `moved`: parameters that differ between probes. Raises InputError for unknown names, firms without debt, and levels that no
    share passes.
    """
    found: dict[str, float] = {}
    for one in written:
        name, equals, level = (part.strip() for part in one.partition("="))
        kind, _, firm = name.partition(":")
        if kind not in OF_FIRMS and name not in CURVES:
            near = nearest(name, [*CURVES, *(f"{of}:{firm}" for of in OF_FIRMS)])
            known = [*CURVES, *(f"{of}:<firm>" for of in OF_FIRMS)]
            raise InputError(f"tip follows no '{name}'{near} (there are {', '.join(known)})")
        if name in found:
            raise InputError(f"'{name}' is followed twice: name it once")
        if equals and name in CURVES:
            raise InputError(f"'{name}' has a level of its own: leave out '={level}'")
        check_firms([name], scenario, moved)
        found[name] = _level(name, level) if equals else {**CURVES, **OF_FIRMS}[kind]
    return found


def _level(name: str, written: str) -> float:
    try:
        level = number(written)
    except ValueError:
        level = np.nan
    if not 0 < level < 1:
        raise InputError(f"'{name}' passes a share above 0 and below 1, such as {name}=0.2, not '{written}'")
    return level


def columns_of(curves: Collection[str]) -> list[str]:
    """Columns of the table of worlds that curves of firms are read from."""
    firms = {curve.partition(":")[2]: None for curve in curves if ":" in curve}
    losses = [curve for curve in curves if curve.startswith("loss:")]
    return [*(f"default:{firm}" for firm in firms), *losses]


@dataclass
class Curve:
    """What was found at one setting: probes in order, and of every world at each (worlds, probes) its life and state.

    `loose`: life of the same worlds with loose money; `by`: the month by which something has happened; `firms`: columns of
    the table of worlds, `default:<firm>` (month, -1 never) and `loss:<firm>`, likewise.
    """

    setting: dict[str, Any]
    values: Array
    life: Array
    loose: Array
    states: Array
    replicates: Array
    by: int
    failed: int  # worlds left out because they could not be simulated at some probe
    exhausted: bool  # whether the search stopped before it was as fine as asked
    firms: dict[str, Array] = field(default_factory=dict)

    def of(self, curve: str) -> Array:
        """A curve (worlds, probes): months of life lost, marks of what has happened by the date, or losses per dollar.

        Worlds in which a firm owes nothing at some probe have no loss on it and are left out of that curve.
        """
        kind, _, firm = curve.partition(":")
        if kind == "life_lost":
            return self.loose - self.life
        if kind == "fallen":
            return self.life <= self.by
        month = self.firms[f"default:{firm}"]
        happened = (month >= 0) & (month <= self.by)
        if kind == "default":
            return happened
        owes = np.isfinite(self.firms[curve]).all(axis=1)
        if not owes.any():
            raise InputError(f"'{curve}': in no world does the firm owe anything at all probes: search a narrower range")
        return np.where(happened, self.firms[curve], 0.0)[owes]
