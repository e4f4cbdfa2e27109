"""What nobody knows: the uncertain parameters of a preset, each with a distribution, a range and a source, and their draws.

A preset declares them in one table:

    [uncertain."demand.strength"]
    distribution = "log_normal"
    low = 0.5
    high = 2.0
    source = "..."

`low` and `high` are the ends of `uniform`, `log_uniform` and `triangular` (with a `mode`), and the points below and above which
one draw in twenty lies for `normal` and `log_normal`, which are cut off where the registry's range ends; whole
months are rounded. Figures of contracts and stakes are named as `model/preset_rows.py` says. `hindsight = true` marks a range
whose reason came after the preset's start. A world draws by its replicate alone, each parameter from a stream of its own: one
more unknown shifts no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from perpetuum.model.errors import InputError, nearest
from perpetuum.model.fits import Fit
from perpetuum.model.given import as_given
from perpetuum.model.parameters import Parameter
from perpetuum.model.preset_tables import dates_of, text_of
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Array, Floats


def _uniform(u: Floats, low: float, high: float, mode: float) -> Floats:
    return low + u * (high - low)


def _log_uniform(u: Floats, low: float, high: float, mode: float) -> Floats:
    return np.exp(_uniform(u, np.log(low), np.log(high), mode))


def _triangular(u: Floats, low: float, high: float, mode: float) -> Floats:
    whole, rise = high - low, mode - low
    up, down = low + np.sqrt(u * whole * rise), high - np.sqrt((1.0 - u) * whole * (high - mode))
    return np.where(u * whole < rise, up, down)


def _normal(u: Floats, low: float, high: float, mode: float) -> Floats:
    from scipy.special import ndtri  # here: the page draws nothing in its own process, and is there sooner without

    # So many standard deviations from the middle lie the points beyond which one draw in twenty falls.
    five_percent = float(ndtri(0.95))
    middle, deviation = (low + high) / 2, (high - low) / (2 * five_percent)
    return middle + deviation * ndtri(u)


def _log_normal(u: Floats, low: float, high: float, mode: float) -> Floats:
    return np.exp(_normal(u, np.log(low), np.log(high), mode))


#: Inverse distribution functions by name.
DISTRIBUTIONS: dict[str, Callable[[Floats, float, float, float], Floats]] = {
    "uniform": _uniform,
    "log_uniform": _log_uniform,
    "triangular": _triangular,
    "normal": _normal,
    "log_normal": _log_normal,
}


#: Those whose `low` and `high` are no ends.
UNBOUNDED = ("normal", "log_normal")


@dataclass(frozen=True)
class Unknown:
    """An uncertain parameter: its registry entry, distribution, range (registry's units) and source."""

    name: str
    parameter: Parameter
    distribution: str
    low: float
    high: float
    source: str
    mode: float = float("nan")  # of triangular ones
    fit: Fit | None = None  # what it is drawn from, in place of its distribution
    hindsight: bool = False  # whether the reason for its range came after the preset's start

    def value(self, u: Floats) -> Floats:
        """Values at quantiles u in (0, 1), in the registry's units and within its range."""
        drawn = DISTRIBUTIONS[self.distribution](u, self.low, self.high, self.mode)
        drawn = np.minimum(np.maximum(drawn, self.parameter.low), self.parameter.high)
        return np.rint(drawn) if self.parameter.kind == "int" else drawn

    @property
    def least(self) -> float:
        """The least that can be drawn: normal ranges reach as far as the registry lets them."""
        return self.parameter.low if self.distribution in UNBOUNDED else self.low

    @property
    def most(self) -> float:
        """The most that can be drawn."""
        return self.parameter.high if self.distribution in UNBOUNDED else self.high


def own_place(name: str, streams: Streams) -> Floats:
    """Where in its range a parameter lies in each world (worlds,), as its own stream has it: uniform."""
    return streams.uniform(f"unknown {name}", 1)[:, 0]


def draw(unknowns: Sequence[Unknown], seed: int, replicates: Array) -> dict[str, Floats]:
    """Values (worlds,) by parameter: a pure function of (seed, name, replicate), and of the fit where there is one."""
    streams = Streams(seed, replicates, 1)
    drawn = {}
    for one in unknowns:
        own = own_place(one.name, streams)
        drawn[one.name] = one.value(own if one.fit is None else one.fit.place(one.name, own, streams))
    return drawn


def with_fit(unknowns: Sequence[Unknown], fit: Fit | None) -> tuple[Unknown, ...]:
    """The unknowns, those that the fit has drawn from it, and no others (None: every one from its own distribution)."""
    return tuple(replace(one, fit=fit if fit is not None and one.name in fit.places else None) for one in unknowns)


def read_unknowns(table: Mapping[str, Any], parameter: Callable[[str], Parameter], where: str = "") -> tuple[Unknown, ...]:
    """The unknowns of a preset's table; raises InputError in a sentence for whatever is wrong in it."""
    return tuple(_read(name, entry, _known(name, parameter, where), where) for name, entry in table.items())


def _known(name: str, parameter: Callable[[str], Parameter], of: str) -> Parameter:
    try:
        return parameter(name)
    except InputError as error:
        raise InputError(f"uncertain '{name}' {of}".rstrip() + f": {error}") from None


def _read(name: str, entry: Any, parameter: Parameter, of: str) -> Unknown:
    where = f"uncertain '{name}' {of}".rstrip()
    allowed = ("distribution", "low", "high", "mode", "source", "date", "public", "hindsight")
    if not isinstance(entry, Mapping):
        raise InputError(f"{where} is a table with {', '.join(allowed)}")
    for key in entry:
        if key not in allowed:
            raise InputError(f"{where} has no '{key}'{nearest(key, list(allowed))}: it takes {', '.join(allowed)}")
    dates_of(entry, where)
    if name.startswith("funding."):
        raise InputError(f"{where}: funding is a policy that is asked about, never drawn")
    if parameter.kind not in ("float", "int") or parameter.structural:
        raise InputError(f"{where}: only numbers can be drawn, not a {parameter.kind}")
    distribution = str(entry.get("distribution", "uniform"))
    if distribution not in DISTRIBUTIONS:
        raise InputError(
            f"{where}: unknown distribution '{distribution}'{nearest(distribution, list(DISTRIBUTIONS))}: "
            f"there are {', '.join(DISTRIBUTIONS)}"
        )
    source = text_of(entry, "source", f"of {where}")
    if not source.strip():
        raise InputError(f"{where} names no source: say where its range comes from")
    low, high = (
        parameter.check(entry.get(end), f"at the {end} end of its range {of}".rstrip(), name) for end in ("low", "high")
    )
    if not low < high:
        raise InputError(f"{where}: low ({low:g}) must lie below high ({high:g})")
    if distribution.startswith("log_") and low <= 0:
        raise InputError(f"{where}: a {distribution} range lies above 0, not from {low:g}")
    mode = float("nan")
    if distribution == "triangular":
        mode = parameter.check(entry.get("mode"), f"as its mode {of}".rstrip(), name)
        if not low <= mode <= high:
            raise InputError(f"{where}: mode ({mode:g}) must lie from {low:g} to {high:g}")
    if not isinstance(entry.get("hindsight", False), bool):
        raise InputError(f"{where}: hindsight is true or false, not {as_given(entry['hindsight'])}")
    hindsight = entry.get("hindsight", False)
    return Unknown(name, parameter, distribution, low, high, source, mode, hindsight=hindsight)
