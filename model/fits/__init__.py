"""Fits: what the record says of some unknowns, as a table of draws that worlds take in place of independent ones.

`perpetuum calibrate` writes a table: lines `# name: value` say how it was made, then a row a draw. A cell is a *place*: where in
its range, between 0 and 1, a parameter lies (the quantile of its prior), so that a fit holds for every preset in which the
parameter has a range. Of an opening figure only a part of the place is common to all presets, the rest is each start's own.
"""

from __future__ import annotations

import csv
import datetime
import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from perpetuum.model.errors import InputError, nearest
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Floats

FITS = Path(__file__).parent
#: What a table says of itself, in its order.
HEAD = ("fit", "command", "date", "known", "years", "common", "priors", "placebo")
#: Places closer to the ends of a range than this are not told from the ends.
EDGE = 0.0005


def blended(fitted: Floats, own: Floats, common: float) -> Floats:
    """Place of which a part is common to all starts: Phi(sqrt(c) Phi^-1(fitted) + sqrt(1 - c) Phi^-1(own)).

    c (common) is the share of the variance: where the fit says nothing, fitted and own are uniform and so is the place.

    >>> blended(np.array([0.9]), np.array([0.5]), 1.0).tolist(), blended(np.array([0.5]), np.array([0.5]), 0.5).tolist()
    ([0.9], [0.5])
    """
    if common >= 1.0:
        return fitted
    from scipy.special import ndtr, ndtri  # here: who draws nothing is ready sooner without

    return ndtr(np.sqrt(common) * ndtri(fitted) + np.sqrt(1.0 - common) * ndtri(np.clip(own, EDGE, 1.0 - EDGE)))


@dataclass(frozen=True, eq=False)
class Fit:
    """A table of draws: places by parameter, one a row, with the share of each that is common to all starts."""

    name: str
    places: Mapping[str, Sequence[float]]
    common: Mapping[str, float]
    known: datetime.date  # everything that it was fitted on was public by then
    years: tuple[str, ...] = ()  # presets that it was fitted from, a year each
    command: str = ""
    date: str = ""
    priors: str = ""  # fingerprint of the ranges in which the places lie
    placebo: float = math.nan  # narrower than this is beyond what chance gives; not a number where the table does not say

    @property
    def rows(self) -> int:
        """Number of draws."""
        return len(next(iter(self.places.values())))

    def row_of(self, streams: Streams) -> np.ndarray:
        """Which draw each world takes (worlds,), by its replicate alone."""
        return (streams.uniform("fit", 1)[:, 0] * self.rows).astype(np.int64)

    def place(self, parameter: str, own: Floats, streams: Streams) -> Floats:
        """Places of a parameter in each world (worlds,), given those that it would have drawn for itself."""
        fitted = np.asarray(self.places[parameter], dtype=np.float64)[self.row_of(streams)]
        return blended(fitted, own, self.common[parameter])

    def written(self) -> str:
        """The table as a file has it."""
        told = {
            "fit": self.name,
            "command": self.command,
            "date": self.date,
            "known": self.known.isoformat(),
            "years": " ".join(self.years),
            "common": " ".join(f"{name}={share:g}" for name, share in self.common.items()),
            "priors": self.priors,
            "placebo": "" if math.isnan(self.placebo) else f"{self.placebo:.4f}",
        }
        lines = [f"# {name}: {told[name]}" for name in HEAD if told[name] or name != "placebo"]
        rows = (",".join(f"{x:.4f}" for x in row) for row in zip(*self.places.values(), strict=True))
        return "\n".join([*lines, ",".join(self.places), *rows]) + "\n"


def fit_names() -> list[str]:
    """Names of the fits that ship with the program."""
    return sorted(file.stem for file in FITS.glob("*.csv"))


def load_fit(name: str, where: str = "") -> Fit:
    """A fit by name; raises InputError for one that there is not."""
    file = FITS / f"{name}.csv"
    if name not in fit_names():
        there = ", ".join(fit_names()) or "none"
        raise InputError(f"unknown fit '{name}' {where}".rstrip() + f"{nearest(name, fit_names())}: there are {there}")
    return _read(file, file.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _read(file: Path, stamp: int) -> Fit:
    lines = file.read_text(encoding="utf-8").splitlines()
    head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# ") and ": " in line)
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    shares = dict(pair.split("=") for pair in head["common"].split())
    return Fit(
        name=head["fit"],
        places={name: tuple(float(row[name]) for row in rows) for name in rows[0]},
        common={name: float(share) for name, share in shares.items()},
        known=datetime.date.fromisoformat(head["known"]),
        years=tuple(head["years"].split()),
        command=head["command"],
        date=head["date"],
        priors=head["priors"],
        placebo=float(head.get("placebo", "nan")),
    )
