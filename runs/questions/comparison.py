"""Compare two runs or studies: in what their descriptions differ, and what that does to the worlds that both have.

A world is in both where its varied parameters, its seed and its replicate are the same: it lives through the same
shocks, so that whatever differs comes from what was set differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.observed.odds import spread_of
from perpetuum.model.observed.outcome import shares, wilson
from perpetuum.model.observed.states import STATES
from perpetuum.model.preset_rows import is_row
from perpetuum.model.scenario import InputError, load_preset
from perpetuum.model.worlds import Array
from perpetuum.runs.study.description import Difference, Study, as_typed
from perpetuum.runs.study.manifest import read_manifest
from perpetuum.runs.study.read_manifest import recorded

if TYPE_CHECKING:
    import pandas as pd


#: Metrics that are compared where both have them.
METRICS = (
    "life",
    "peak_revenue",
    "final_revenue",
    "drawdown",
    "full_ratio_last",
    "outside_financing_peak",
    "own_money_share",
    "first_default_month",
)
PAIRS = ("both", "only_a", "only_b", "neither")
#: Resamples of the bootstrap over replicates, and its seed: the same comparison gives the same interval.
RESAMPLES, RESAMPLING_SEED = 2000, 1


@dataclass(frozen=True)
class Side:
    """One of the two: a run (the arm as asked) or a study, with a row a world."""

    name: str
    kind: str  # "run" or "study"
    about: Mapping[str, Any]  # preset, months, replicates
    values: Mapping[str, Any]  # every parameter and opening figure that is the same in all worlds
    varied: Mapping[str, Any]  # varied parameters, as a user would write them
    worlds: pd.DataFrame
    failed: int
    study: Study | None = None

    def value(self, name: str) -> Any:
        """A parameter's values by world, or the one that all have; None for a name that the preset does not know."""
        return self.worlds[name].to_numpy() if name in self.varied else self.values.get(name)


# --- reading ------------------------------------------------------------------------------------------------


def read_side(folder: str | Path) -> Side:
    """Read a run's or a study's folder (raises InputError for a folder that is neither, or is not there)."""
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"'{folder}' is not a folder: compare takes the folders of two runs or studies")
    manifest = read_manifest(path) or {}
    kind = "study" if "study" in manifest else "run" if "arms" in manifest else ""
    if not kind and manifest.get("kind"):
        raise InputError(
            f"'{folder}' holds the answer of `perpetuum {manifest['kind']}`: compare takes the folders of two runs or "
            "studies"
        )
    if not kind:
        raise InputError(f"'{folder}' holds neither a run nor a study: it has no manifest.json of perpetuum")
    return _study_side(path, str(folder), manifest) if kind == "study" else _run_side(path, str(folder), manifest)


def _run_side(path: Path, name: str, manifest: Mapping[str, Any]) -> Side:
    from perpetuum.runs.study import load

    try:
        return _run_of(manifest, name, load(path))
    except (KeyError, TypeError, AttributeError):
        raise InputError(f"'{name}' holds a run that this version cannot read") from None


def _run_of(manifest: Mapping[str, Any], name: str, worlds: pd.DataFrame) -> Side:
    figures = {
        f"{agent}.{figure}": value
        for agent, about in manifest["agents"].items()
        for figure, value in about.items()
        if figure not in ("role", "kind", "modelled_on")
    }
    return Side(
        name=name,
        kind="run",
        about={"preset": manifest["preset"], "months": manifest["months"], "replicates": manifest["worlds"]},
        values={**manifest["parameters"], **figures, **manifest.get("rows", {})},
        varied={},
        worlds=worlds[worlds["arm"] == "asked"].reset_index(drop=True),
        failed=0,
    )


def _study_side(path: Path, name: str, manifest: Mapping[str, Any]) -> Side:
    from perpetuum.runs.study import load
    from perpetuum.runs.study.design import describe

    study = recorded(manifest, name)
    worlds = load(path)
    failed = worlds["error"] != ""
    return Side(
        name=name,
        kind="study",
        about={"preset": study.preset, "months": study.months, "replicates": study.replicates},
        values=study.fixed_values(),
        varied=describe(study.design) or {name: list(dict.fromkeys(column)) for name, column in study.varied.items()},
        worlds=worlds[~failed].reset_index(drop=True),
        failed=int(failed.sum()),
        study=study,
    )


# --- comparing ----------------------------------------------------------------------------------------------


def compare(a: Side, b: Side) -> dict[str, Any]:
    """Return in what the two differ, their outcomes, and the worlds that both have, pair by pair."""
    result: dict[str, Any] = {
        "a": _told(a),
        "b": _told(b),
        "differences": [vars(one) for one in contrasts(a, b)],
        "pairs": None,
    }
    rows_a, rows_b = match(a, b)
    if len(rows_a):
        result["pairs"] = _paired(a.worlds.iloc[rows_a], b.worlds.iloc[rows_b])
    result["metrics"] = {
        name: {"a": _median(a.worlds[name]), "b": _median(b.worlds[name])}
        for name in METRICS
        if name in a.worlds and name in b.worlds
    }
    for name, one in result["metrics"].items():
        both = None not in (one["a"], one["b"])
        one["difference"] = one["b"] - one["a"] if both else None
        one["paired"] = _paired_metric(a, b, rows_a, rows_b, name) if len(rows_a) else None
    return result


def contrasts(a: Side, b: Side) -> list[Difference]:
    """In what the descriptions differ: of two studies as recorded, else every value that is not the same."""
    if a.study is not None and b.study is not None:
        return [one for one in a.study.contrasts(b.study) if one.what != "series"]
    found = [Difference(name, str(a.about[name]), str(b.about[name])) for name in a.about if a.about[name] != b.about[name]]
    seeds = [sorted(set(side.worlds["seed"].tolist())) for side in (a, b)]
    if seeds[0] != seeds[1]:
        found.append(Difference("seed", as_typed("seed", seeds[0]), as_typed("seed", seeds[1])))
    names = dict.fromkeys((*a.varied, *b.varied, *a.values, *b.values))
    unsaid = not all(any(map(is_row, side.values)) for side in (a, b))  # an older run does not say what its contracts were
    for name in names:
        if unsaid and is_row(name):
            continue
        mine, other = (side.varied.get(name, side.values.get(name, "not there")) for side in (a, b))
        if mine != other:
            found.append(Difference(name, as_typed(name, mine), as_typed(name, other)))
    return found


def match(a: Side, b: Side) -> tuple[Array, Array]:
    """Rows of the worlds that both have: the same varied parameters, seed and replicate; row by row the same world.

    A parameter that only one of the two varies has its one value in the other.
    """
    import pandas as pd

    names = list(dict.fromkeys((*a.varied, *b.varied)))
    keys = []
    for side in (a, b):
        columns = {name: side.worlds[name].to_numpy() for name in ("seed", "replicate")}
        columns |= {name: np.broadcast_to(np.asarray(side.value(name)), len(side.worlds)) for name in names}
        keys.append(pd.DataFrame(columns))
    for name in names:
        if keys[0][name].dtype != keys[1][name].dtype:
            numeric = all(key[name].dtype.kind in "bif" for key in keys)
            for key in keys:
                key[name] = key[name].astype(float) if numeric else key[name].astype(str)
    for key in keys:
        key["row"] = np.arange(len(key))
    on = ["seed", "replicate", *names]
    both = keys[0].drop_duplicates(on).merge(keys[1].drop_duplicates(on), on=on, suffixes=("_a", "_b"))
    both = both.sort_values("row_a")
    return both["row_a"].to_numpy(), both["row_b"].to_numpy()


def _told(side: Side) -> dict[str, Any]:
    """A side's outcomes: shares with Wilson intervals, and who goes first."""
    first = side.worlds["first_domino"]
    return {
        "folder": side.name,
        "kind": side.kind,
        **side.about,
        "industry": _industry(str(side.about["preset"])),
        "varied": dict(side.varied),
        "worlds": len(side.worlds),
        "failed": side.failed,
        "outcomes": shares(side.worlds["state"].to_numpy(), STATES),
        "first_dominoes": {name: int(n) for name, n in first[first != ""].value_counts().items()},
    }


def _industry(preset: str) -> str:
    """The industry in whose words a side's firms are named; "" where its preset cannot be read any more."""
    try:
        return load_preset(preset).industry
    except InputError:
        return ""


def _paired(a: pd.DataFrame, b: pd.DataFrame) -> dict[str, Any]:
    """What became of the worlds that both have, and the difference in each state's share (b minus a)."""
    result: dict[str, Any] = {"worlds": len(a), "replicates": int(a["replicate"].nunique())}
    for state in STATES:
        in_a, in_b = (side["state"].to_numpy() == state for side in (a, b))
        labels = np.select([in_a & in_b, in_a & ~in_b, ~in_a & in_b], list(PAIRS[:3]), PAIRS[3])
        counts = {name: int(np.count_nonzero(labels == name)) for name in PAIRS}
        moved = in_b.astype(float) - in_a
        result[state] = {**counts, "shares": shares(labels, PAIRS), "difference": _by_replicate(a, moved)}
    result["same_ending"] = int(np.count_nonzero(a["state"].to_numpy() == b["state"].to_numpy()))
    return result


def _paired_metric(a: Side, b: Side, rows_a: Array, rows_b: Array, name: str) -> dict[str, float] | None:
    """Median over the worlds that both have of the difference (b minus a), with the 5th and 95th percentile."""
    first, second = (side.worlds[name].to_numpy(dtype=float)[rows] for side, rows in ((a, rows_a), (b, rows_b)))
    there = np.isfinite(first) & np.isfinite(second)
    if name.endswith("_month"):
        there &= (first >= 0) & (second >= 0)
    return {"worlds": int(there.sum()), **spread_of((second - first)[there])} if there.any() else None


def _by_replicate(worlds: pd.DataFrame, values: Array) -> dict[str, float | None]:
    """Mean of a difference with a 95 % interval: a bootstrap over replicates, since cells share their luck.

    Where all replicates tell the same, a share of others that would not have been seen among so many (Wilson's upper end of none)
    could each lie anywhere from -1 to 1.
    Source: B. Efron (1979), Annals of Statistics 7, 1-26 (percentile method).
    """
    replicates, place = np.unique(worlds["replicate"].to_numpy(), return_inverse=True)
    mean: dict[str, float | None] = {"mean": float(values.mean()), "low": None, "high": None}
    sums, counts = np.bincount(place, weights=values), np.bincount(place)
    if np.ptp(sums / counts) > 0:
        drawn = np.random.default_rng(RESAMPLING_SEED).integers(0, len(replicates), (RESAMPLES, len(replicates)))
        means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
        mean["low"], mean["high"] = (float(q) for q in np.percentile(means, (2.5, 97.5)))
    else:
        unseen = wilson(0, len(replicates))[1]
        alike = (1.0 - unseen) * values.mean()
        mean["low"], mean["high"] = float(max(-1.0, alike - unseen)), float(min(1.0, alike + unseen))
    return mean


def _median(column: pd.Series[Any]) -> float | None:
    values = column.to_numpy(dtype=float)
    values = values[np.isfinite(values) & ((values >= 0) | (not str(column.name).endswith("_month")))]
    return float(np.median(values)) if len(values) else None
