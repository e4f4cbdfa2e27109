"""Folders of studies made up for tests: worlds that fall with a known chance, written as `perpetuum sweep` writes them."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd

from perpetuum.runs.study.description import Study
from perpetuum.runs.study.manifest import of_this_program

DEMAND, THETA, FORM = "demand.strength", "funding.tightening", "vendor_finance.instrument"
AXES = {
    DEMAND: [0.4, 0.7, 1.0, 1.3],
    THETA: [0.0, 0.25, 0.5, 0.75, 1.0],
    "vendor_finance.scale": [0.0, 1.0, 3.0],
    FORM: ["equity", "loan"],
    "vendor_finance.tied": [True, False],
}
#: How likely a world is to fall with one parameter at a level, the others aside.
PULLS = {DEMAND: lambda d: 1.3 - d, THETA: lambda t: t, "vendor_finance.scale": lambda s: 0.5 - s / 10}


def chance(cell):
    """Chance that a world of a cell falls: a smooth function of its numbers, a bit more with loans."""
    pulls = [PULLS[name](value) for name, value in cell.items() if name in PULLS]
    return min(max(float(np.mean(pulls)) if pulls else 0.3, 0.0), 1.0) + (0.2 if cell.get(FORM) == "loan" else 0.0)


def worlds_table(columns, replicates=8, luck=1):
    """Worlds of cells given as columns: world r of each cell falls if its luck is under the cell's chance."""
    cells = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    draws = np.random.default_rng(luck).permutation((np.arange(replicates) + 0.5) / replicates)
    rows = []
    for number, (cell, replicate) in enumerate(itertools.product(cells, range(replicates))):
        fell = bool(draws[replicate] < chance(cell))
        held = not fell and draws[replicate] > 0.95
        state = "fallen" if fell else "stands_alone" if held else "spinning"
        rows.append(
            {
                "world": number,
                "replicate": replicate,
                "seed": 1,
                **cell,
                "state": state,
                "fallen_month": 45 + replicate if fell else -1,
                "alone_month": 60 if held else -1,
                "cause": "default:lead_lab" if fell else "",
                "life": 45 + replicate if fell else 120,
                "outcome": state,
                "first_domino": "lead_lab" if fell else "",
                "first_default_month": 40 + replicate if fell else -1,
                "drawdown": 0.1 + 0.8 * fell + 0.01 * draws[replicate],
                "final_revenue": 2000.0 * (1 - 0.5 * fell) + 100 * draws[replicate],
                "core_rescued": float(fell),
                "error": "",
            }
        )
    return pd.DataFrame(rows)


def write_study(folder, names=(), replicates=8, design=None, columns=None, spoil=None):
    """Write a study as `perpetuum sweep` does, without simulating it."""
    if columns is None:
        axes = {name: AXES[name] for name in names}
        cells = list(itertools.product(*axes.values()))
        columns = {name: [cell[k] for cell in cells] for k, name in enumerate(axes)}
        design = {"kind": "grid", "axes": axes}
    study = Study("ono_2025", {}, columns, replicates, 1, 120, (), design)
    table = worlds_table(columns, replicates)
    if spoil is not None:
        spoil(table)
    folder.mkdir(parents=True, exist_ok=True)
    table.to_parquet(folder / "worlds.parquet")
    manifest = {**of_this_program(), "study": study.to_dict(), "state": "finished", "files": ["worlds.parquet"]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return table


def lhs_columns(cells=64, names=(DEMAND, THETA, "clouds.race")):
    rng = np.random.default_rng(3)
    low = {DEMAND: (0.4, 1.3), THETA: (0.0, 1.0), "clouds.race": (0.0, 1.0)}
    columns = {name: rng.uniform(*low[name], cells).tolist() for name in names}
    return columns, {"kind": "cells"}
