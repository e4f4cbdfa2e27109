"""The question of a run: a preset with overrides, how many worlds and months, and the arms that answer it side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perpetuum.model.scenario import Scenario, months_to_simulate
from perpetuum.model.uncertainty import Unknown
from perpetuum.runs.study.batches import check_months, check_seed
from perpetuum.runs.study.description import Study

#: What the figures need of every world.
DRAWN = ("vendor_revenue", "capex", "gpu_price", "compute_rent")


@dataclass(frozen=True)
class Question:
    """What the user asked: a preset with overrides, how many worlds and months judged, which seed; `fixed` draws nothing."""

    preset: str
    overrides: Mapping[str, Any]
    worlds: int
    seed: int
    months: int | None = None
    ladder: tuple[float, ...] = ()
    series: Sequence[str] | None = None  # columns wanted; None: all
    fixed: bool = False
    until: str | None = None  # the date that gave `months`, as it was written
    like: str | None = None  # the year of the squeeze whose settings are among the overrides

    def scenario(self) -> Scenario:
        """Return the scenario as asked, validated (raises InputError)."""
        check_months(self.months)
        check_seed(self.seed)
        months = months_to_simulate(self.months)
        return Scenario(self.preset, dict(self.overrides), self.worlds, self.seed, months)

    def unknowns(self) -> tuple[Unknown, ...]:
        """What each world draws for itself."""
        return () if self.fixed else tuple(u for u in self.scenario().definition.unknowns if u.name not in self.overrides)

    def arms(self) -> dict[str, dict[str, Any]]:
        """Return what each arm moves: name to {dotted parameter: value}, arms that move nothing included."""
        return {
            "asked": {},
            "loose": {"funding.tightening": 0.0},
            "no_vendor_finance": {"vendor_finance.scale": 0.0},
            **{rung_name(rung): {"funding.tightening": rung} for rung in self.ladder},
        }

    def study(self) -> tuple[Study, dict[str, int]]:
        """Return the run as a study, and the number of each arm's cell.

        An arm that moves its levers to where another has them is the same cell: it is not simulated twice.
        """
        values, arms = self.scenario().values, self.arms()
        levers = sorted({lever for moved in arms.values() for lever in moved})
        places = {name: tuple(moved.get(lever, values[lever]) for lever in levers) for name, moved in arms.items()}
        cells = list(dict.fromkeys(places.values()))
        series = self.series and tuple(dict.fromkeys((*self.series, *DRAWN)))
        study = self.study_of([dict(zip(levers, cell, strict=True)) for cell in cells], self.worlds, series=series)
        return study, {name: cells.index(place) for name, place in places.items()}

    def study_of(
        self,
        cells: Sequence[Mapping[str, Any]],
        replicates: int,
        months: int | None = None,
        series: Sequence[str] | None = (),
    ) -> Study:
        """A study of the scenario with other cells, under the run's shocks and draws."""
        varied = {name: [cell[name] for cell in cells] for name in cells[0]}
        overrides = {name: value for name, value in self.overrides.items() if name not in varied}
        kept = None if series is None else tuple(series)
        return Study(
            self.preset,
            overrides,
            varied,
            replicates,
            self.seed,
            months or self.scenario().judged,
            kept,
            draws=not self.fixed,
        )


def rung_name(theta: float) -> str:
    """Name of the arm of one rung of the ladder."""
    return f"tightening_{theta:.1f}"
