"""Designs: which cells a study has, from what is varied and how.

A *cell* is one combination of values of the varied parameters; a design gives the cells as columns, one list of values
a parameter. A grid holds every combination of its axes, the last one moving fastest. Sampled designs spread samples over
ranges:

    lhs       Latin hypercube (M. D. McKay et al. 1979, Technometrics 21, 239-245)
    sobol     scrambled Sobol points (A. B. Owen 1998, Journal of Complexity 14, 466-489)
    saltelli  two Sobol samples and, for each parameter, one with its column exchanged: for Sobol indices of first and
              total order (A. Saltelli et al. 2010, Computer Physics Communications 181, 259-270)
    morris    trajectories that move one parameter at a time (M. D. Morris 1991, Technometrics 33, 161-174)

A design is a plain dict, and its cells are a pure function of (design, seed):

    {"kind": "grid", "axes": {name: [values]}}
    {"kind": "lhs", "samples": N, "ranges": {name: {"low": a, "high": b} or {"values": [...]}}}
    {"kind": "cells"}    # none of these: the columns were given
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from perpetuum.model.errors import about
from perpetuum.model.given import as_given, is_a_list, is_whole, whole
from perpetuum.model.parameters import Parameter
from perpetuum.model.scenario import InputError, Scenario, nearest
from perpetuum.model.words.speech import typed
from perpetuum.runs.written_pairs import pairs_of

if TYPE_CHECKING:
    import numpy as np

Column = list[Any]
Columns = dict[str, Column]

SAMPLED = ("lhs", "sobol", "saltelli", "morris")
KINDS = ("grid", *SAMPLED)
#: Kinds that keep their balance only where the number of samples is a power of two.
BALANCED = ("sobol", "saltelli")
#: Levels of a range in a Morris trajectory (the customary number).
MORRIS_LEVELS = 4
#: More cells than this are a slip of the pen: 0:1:1000 on three axes.
MOST_CELLS = 1_000_000

_SYNTAX = "NAME=LOW:HIGH:COUNT or NAME=A,B,C, such as --vary funding.tightening=0:1:21"


# --- what the user wrote ------------------------------------------------------------------------------------


def split_names(specs: Sequence[str]) -> dict[str, str]:
    """Read `--vary NAME=WHAT`: name to what, as written (raises InputError where there is no such pair, or twice a name)."""
    return pairs_of(specs, f"--vary takes {_SYNTAX}", "is varied twice: name it once, with all its values")


def make_design(
    written: Mapping[str, str | Sequence[Any]], scenario: Scenario, kind: str = "grid", samples: int | None = None
) -> dict[str, Any]:
    """Return the design of what is varied: name to `low:high:count`, `low:high`, `a,b,c` or a sequence of values.

    Raises InputError for an unknown name, a range that is empty, reversed or beyond the registry's, a wrong count, a
    value given twice, or more than `MOST_CELLS` cells.
    """
    if kind not in KINDS:
        raise InputError(f"unknown design '{kind}': there are {', '.join(KINDS)}{nearest(kind, KINDS)}", "design")
    if written and not isinstance(written, Mapping):
        raise InputError(f"what varies must map names of parameters to ranges or lists, not {as_given(written)}")
    if not written:
        raise InputError(f"a sweep varies at least one parameter: --vary {_SYNTAX.partition('--vary ')[2]}")
    for name in written:
        if name in scenario.overrides:
            raise InputError(f"'{name}' is both set and varied: leave out one of the two")
    parameters = {name: scenario.definition.parameter(name) for name in written}
    if kind == "grid":
        if samples is not None:
            raise InputError(f"a grid takes no samples: give each range a count, or a design ({', '.join(SAMPLED)})")
        axes = {name: _axis(name, what, parameters[name]) for name, what in written.items()}
        design: dict[str, Any] = {"kind": kind, "axes": axes}
    else:
        ranges = {name: _range(name, what, parameters[name], kind) for name, what in written.items()}
        design = {"kind": kind, "samples": _checked_samples(kind, samples), "ranges": ranges}
    if (cells := count_cells(design)) > MOST_CELLS:
        raise InputError(
            f"that makes {cells:,} cells, and a study has at most {MOST_CELLS:,}: use fewer values or samples",
            "vary" if samples is None else "samples",
        )
    return design


def count_cells(design: Mapping[str, Any]) -> int:
    """Number of cells of a grid or sampled design."""
    if design["kind"] == "grid":
        return math.prod(len(values) for values in design["axes"].values())
    return int(design["samples"]) * cells_per_sample(design["kind"], len(design["ranges"]))


def cells_per_sample(kind: str, parameters: int) -> int:
    """Cells that one sample costs: one, or for `saltelli` d + 2 and for `morris` d + 1 with d varied parameters."""
    return {"saltelli": parameters + 2, "morris": parameters + 1}.get(kind, 1)


def describe(design: Mapping[str, Any]) -> dict[str, str | list[Any]]:
    """Return what is varied as a user would write it: name to `low:high:count`, `low:high` or a list of values."""
    if design["kind"] == "grid":
        return {name: spelled(values) for name, values in design["axes"].items()}
    if design["kind"] in SAMPLED:
        return {
            name: list(one["values"]) if "values" in one else f"{_plain(one['low'])}:{_plain(one['high'])}"
            for name, one in design["ranges"].items()
        }
    return {}


def spelled(values: Sequence[Any]) -> str | list[Any]:
    """Return `low:high:count` for values that are evenly spaced, else the list of values."""
    numeric = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    if numeric and len(values) > 2 and list(values) == _even(values[0], values[-1], len(values)):
        return f"{_plain(values[0])}:{_plain(values[-1])}:{len(values)}"
    return list(values)


def _plain(number: float) -> str:
    """A number so that it is read again exactly: 0, 0.15, 1e-05."""
    return repr(number).removesuffix(".0")


def _axis(name: str, what: str | Sequence[Any], parameter: Parameter) -> Column:
    """Values of one axis of a grid."""
    if not isinstance(what, str) or ":" not in what:
        return _listed(name, what, parameter)
    parts = [part.strip() for part in what.split(":")]
    if len(parts) not in (2, 3):
        raise InputError(f"'{name}={what}' is no range: it takes LOW:HIGH:COUNT, such as {name}={_example(parameter)}")
    low, high = _ends(name, what, parameter)
    if len(parts) == 2:
        raise InputError(
            f"'{name}={what}' does not say how many values: write {name}={parts[0]}:{parts[1]}:5, "
            f"or sample the range with --design lhs --samples 64"
        )
    count = _count(name, what, parts[2])
    if count == 1 and low < high:
        raise InputError(f"'{name}={what}' asks for one value of a range: write {name}={parts[0]}, or a count of at least 2")
    if count > 1 and low == high:
        raise InputError(f"'{name}={what}' is an empty range: write {name}={parts[0]}, or two different ends")
    if count > MOST_CELLS:
        raise InputError(f"'{name}={what}' asks for {count:,} values: a study has at most {MOST_CELLS:,} cells")
    values = _even(low, high, count)
    if parameter.kind == "int" and any(value != int(value) for value in values):
        fitting = _whole_count(int(low), int(high), count)
        raise InputError(
            f"'{name}={what}' does not fall on whole numbers, which '{name}' takes: "
            f"{name}={parts[0]}:{parts[1]}:{fitting} does"
        )
    return [checked(parameter, value, name) for value in values]


def _range(name: str, what: str | Sequence[Any], parameter: Parameter, kind: str) -> dict[str, Any]:
    """What a sampled design draws from: a range, or values in equal slices."""
    if not isinstance(what, str) or ":" not in what:
        values = _listed(name, what, parameter)
        if len(values) == 1:
            told = typed(name, values[0])
            raise InputError(f"'{name}={told}' is one value, and nothing to sample: set it with --set {name}={told}")
        return {"values": values}
    parts = [part.strip() for part in what.split(":")]
    if len(parts) != 2:
        raise InputError(
            f"'{name}={what}' is no range: --design {kind} takes LOW:HIGH, such as {name}={':'.join(parts[:2])}"
        )
    low, high = _ends(name, what, parameter)
    if low == high:
        raise InputError(
            f"'{name}={what}' is an empty range: give two different ends, or set it with --set {name}={parts[0]}"
        )
    if parameter.kind == "int":
        return {"low": int(low), "high": int(high), "whole": True}
    return {"low": low, "high": high}


def _listed(name: str, what: str | Sequence[Any], parameter: Parameter) -> Column:
    if not is_a_list(what) and not isinstance(what, str):
        raise InputError(
            f"'{name}' is varied over a list or a range such as \"{_example(parameter)}\", not {as_given(what)}"
        )
    items = [item.strip() for item in what.split(",")] if isinstance(what, str) else list(what)
    if not items or any(isinstance(item, str) and not item for item in items):
        raise InputError(f"'{name}' is given an empty value: it takes {parameter.allowed}")
    values = [checked(parameter, item, name) for item in items]
    for number, value in enumerate(values):
        if value in values[:number]:
            raise InputError(f"'{name}' takes the value {items[number]} twice: each world needs to be simulated only once")
    return values


def _ends(name: str, what: str, parameter: Parameter) -> tuple[Any, Any]:
    low, high = (part.strip() for part in what.split(":")[:2])
    if parameter.kind in ("choice", "bool"):
        words = ",".join(parameter.choices) or "true,false"
        raise InputError(f"'{name}' has no range, it takes {parameter.allowed}: write {name}={words}")
    ends = tuple(checked(parameter, end, name) for end in (low, high))
    if ends[0] > ends[1]:
        swapped = ":".join((high, low, *what.split(":")[2:]))
        raise InputError(f"'{name}={what}' runs backwards: write {name}={swapped}")
    return ends[0], ends[1]


def _count(name: str, what: str, written: str) -> int:
    try:
        count = whole(written)
    except ValueError:
        raise InputError(f"'{name}={what}' has '{written}' for its count: it takes a whole number of at least 1") from None
    if count < 1:
        raise InputError(f"'{name}={what}' asks for {count} values: it takes at least 1")
    return count


@about("samples")
def _checked_samples(kind: str, samples: int | None) -> int:
    if samples is None:
        raise InputError(f"--design {kind} needs the number of samples: --samples 64")
    if not is_whole(samples) or samples < 1:
        raise InputError(f"--samples takes a whole number of at least 1, not {as_given(samples)}")
    samples = int(samples)
    if kind in BALANCED and samples & (samples - 1):
        below = 1 << (samples.bit_length() - 1)
        raise InputError(f"--design {kind} takes a power of two samples, not {samples}: {below} or {2 * below} would do")
    return samples


def _example(parameter: Parameter) -> str:
    return ",".join(parameter.choices) if parameter.kind == "choice" else f"{parameter.low:g}:{parameter.high:g}:5"


def checked(parameter: Parameter, value: Any, name: str) -> Any:
    """Return a value in its proper type, switches as true and false (raises InputError)."""
    proper = parameter.check_as(name, value)
    return bool(proper) if parameter.kind == "bool" else proper


def _even(low: float, high: float, count: int) -> list[float]:
    """Evenly spaced values with both ends, at twelve digits: 0.15 is 0.15 in a grid of eleven and in one of twenty-one."""
    if count == 1:
        return [low]
    step = (high - low) / (count - 1)
    inner = [float(f"{low + number * step:.12g}") for number in range(1, count - 1)]
    return [low, *inner, high]


def _whole_count(low: int, high: int, count: int) -> int:
    """Count nearest to the one wanted that falls on whole numbers."""
    span = high - low
    divisors = {divisor for one in range(1, math.isqrt(span) + 1) if span % one == 0 for divisor in (one, span // one)}
    return min((divisor + 1 for divisor in divisors), key=lambda fitting: (abs(fitting - count), fitting))


# --- cells --------------------------------------------------------------------------------------------------


def cells_of(design: Mapping[str, Any], seed: int) -> Columns:
    """Return the cells as columns: name to one value a cell; the same for the same design and seed."""
    if design["kind"] == "grid":
        names, axes = list(design["axes"]), list(design["axes"].values())
        columns = zip(*itertools.product(*axes), strict=True)
        return {name: list(column) for name, column in zip(names, columns, strict=True)}
    ranges = design["ranges"]
    points = unit_points(design["kind"], len(ranges), int(design["samples"]), seed)
    return {name: _placed(one, points[:, place]) for place, (name, one) in enumerate(ranges.items())}


def unit_points(kind: str, parameters: int, samples: int, seed: int) -> np.ndarray[Any, Any]:
    """Points of a sampled design in the unit cube, (cells, parameters)."""
    if kind in ("lhs", "sobol"):
        from scipy.stats import qmc

        sampler = qmc.LatinHypercube(parameters, rng=seed) if kind == "lhs" else qmc.Sobol(parameters, rng=seed)
        return sampler.random(samples)
    from SALib.sample import morris, sobol

    names = [f"x{number}" for number in range(parameters)]
    problem = {"num_vars": parameters, "names": names, "bounds": [[0.0, 1.0]] * parameters}
    if kind == "saltelli":
        return sobol.sample(problem, samples, calc_second_order=False, seed=seed)
    return morris.sample(problem, samples, num_levels=MORRIS_LEVELS, seed=seed)


def _placed(one: Mapping[str, Any], points: np.ndarray[Any, Any]) -> Column:
    """Values at points of the unit interval: along the range, or in equal slices of whole numbers or listed values."""
    import numpy as np

    if "values" in one:
        return [one["values"][place] for place in _slices(points, len(one["values"]))]
    low, high = one["low"], one["high"]
    if one.get("whole"):
        return [low + place for place in _slices(points, high - low + 1)]
    # The product may end a bit beyond the range.
    return np.clip(low + points * (high - low), low, high).tolist()


def _slices(points: np.ndarray[Any, Any], count: int) -> list[int]:
    import numpy as np

    return np.minimum((points * count).astype(np.int64), count - 1).tolist()
