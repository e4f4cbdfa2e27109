"""What a study says at a glance: where the most worlds fall, and the states along each parameter."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.outcome import share_and_interval
from perpetuum.model.observed.states import STATES
from perpetuum.model.worlds import Array
from perpetuum.runs.study.description import Study

if TYPE_CHECKING:
    import pandas as pd


#: Cells that are named as those where the most worlds fall.
TOP = 5
#: A parameter with more values than this is told in so many groups of equal size.
GROUPS = 5
MOST_VALUES = 8


def columns_of(study: Study) -> list[str]:
    """Columns of the table of worlds that `overview` reads."""
    return ["world", *study.varied, "state", "error"]


def overview(study: Study, worlds: pd.DataFrame) -> dict[str, Any]:
    """Return where worlds fall, in plain numbers and words; `worlds` has a row a world.

    Shares are over the cells asked for: how often the machine falls among them, not how likely it is to.
    """
    failed = worlds["error"] != ""
    there = worlds[~failed]
    states = {name: (there["state"] == name).to_numpy() for name in STATES}
    cells = _cells(study, there["world"].to_numpy(), states["fallen"])
    fall = sorted((one for one in cells if one["fallen"]["share"] > 0), key=lambda one: -one["fallen"]["share"])
    alike = [one for one in fall if one["fallen"]["share"] == fall[0]["fallen"]["share"]]
    return {
        "errors": {str(text): int(n) for text, n in worlds.loc[failed, "error"].value_counts().head(TOP).items()},
        "cells_that_fall": len(fall),
        "most_fall": fall[:TOP],
        "as_many_fall_in": len(alike),
        "along": {name: _along(there[name], states) for name in study.varied},
    }


def _cells(study: Study, worlds: Array, fell: Array) -> list[dict[str, Any]]:
    """Each cell's values, its worlds, and the share of them that has fallen."""
    of_cell = worlds // study.replicates
    counts = np.bincount(of_cell, minlength=study.cells)
    falls = np.bincount(of_cell, weights=fell, minlength=study.cells)
    return [
        {
            "cell": {name: column[cell] for name, column in study.varied.items()},
            "worlds": int(counts[cell]),
            "fallen": share_and_interval(int(falls[cell]), int(counts[cell])),
        }
        for cell in np.flatnonzero(counts)
    ]


def _along(column: pd.Series[Any], states: Mapping[str, Array]) -> list[dict[str, Any]]:
    """Shares of the states by value of one parameter, over all values of the others."""
    numeric = column.dtype.kind in "if"
    place, values = column.factorize(sort=numeric)
    labels: list[dict[str, Any]] = [{"value": value} for value in values.tolist()]
    if len(labels) > MOST_VALUES and numeric:
        edges = np.unique(np.quantile(column, np.linspace(0, 1, GROUPS + 1)))
        place = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, len(edges) - 2)
        labels = [{"from": float(low), "to": float(high)} for low, high in itertools.pairwise(edges)]
    counts = np.bincount(place, minlength=len(labels))
    shares = {
        name: np.bincount(place, weights=mask, minlength=len(labels)) / np.maximum(counts, 1)
        for name, mask in states.items()
    }
    return [
        {**label, "worlds": int(counts[k]), **{name: float(share[k]) for name, share in shares.items()}}
        for k, label in enumerate(labels)
        if counts[k]
    ]
