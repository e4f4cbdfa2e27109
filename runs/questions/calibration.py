"""Calibration: what a year of the record, or two, says of parameters that the presets call unknown, and what it does not.

Priors are the presets' tables `[uncertain]`, which stood before anything was fitted. A fit may use the figures that were public
on its day and no others (`outcomes(..., public_by)`); what the model is tested on comes later. Free are fewer parameters than
there are figures; everything else that is unknown each world draws from its prior, as luck.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perpetuum.model.fits import Fit, blended
from perpetuum.model.history import Fact
from perpetuum.model.observed.states import months_judged
from perpetuum.model.scenario import load_preset
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.uncertainty import Unknown, own_place
from perpetuum.model.worlds import Array, Floats
from perpetuum.runs.questions import hindcast as hindcasts
from perpetuum.runs.questions.fit_plans import Plan
from perpetuum.runs.questions.forecasts import outcomes
from perpetuum.runs.questions.hindcast import DISCREPANCY, MONTHS, SCORED, before_of, read
from perpetuum.runs.questions.history_matching import Figure, Matched, Wave, identified, match, narrowed
from perpetuum.runs.study.batches import run_worlds


@dataclass(frozen=True)
class Free:
    """A free parameter: its name, those that share its place, and how much of the place is common to all starts."""

    name: str
    common: float = 1.0
    also: tuple[str, ...] = ()


#: How much of an opening figure's place is common to the presets (share of variance). All were read off the record in the same
#: way, so that they err together, and each by news of its own year: half and half.
OPENING = 0.5
#: What is fitted: how fast streams of demand grow when a year opens, what a gigawatt costs beside chips and shells, and how
#: growth fades, firms extrapolate, build, make chips, raise, sign and pay for risk. Opening levels are left out (a level read
#: wrongly one year says nothing of the next), and so is the strength of demand, which would take the blame for all shortfalls.
FREE = (
    Free("growth.consumers", OPENING),
    Free("growth.enterprises", OPENING),
    Free("growth.direct", OPENING),
    Free("growth.own", OPENING),
    Free("hyperscaler_a.site_cost", OPENING, ("hyperscaler_b.site_cost",)),
    Free("growth.fade"),
    Free("expectations.weight"),
    Free("building.speed"),
    Free("supply.growth_at_scale"),
    Free("ambition.round_rate"),
    Free("ambition.lump_rate"),
    Free("prices.spread_mean"),
)
#: Points of a wave, worlds at each, waves, draws of the table.
POINTS, REPLICATES, WAVES, DRAWS = 1000, 4, 3, 300
#: Standard deviation (logs) of how well a figure was observed, by what the record says of its confidence.
OBSERVED = {"high": 0.02, "month-end closes": 0.02, "medium": 0.1, "low": 0.2}
UNSURE = 0.1
#: A rise over the year is a figure of its own where a series has so many points.
RISES = 3
#: The origin of the year that every fit is trained on.
TRAINING = "2023-10"
#: Luck of a second year, so that no world has the same in both.
OTHER_LUCK = 10_000_000


@dataclass(frozen=True)
class Aim:
    """What of a series in a year is held against the model: its mean level or its rise over the year, with the facts."""

    preset: str
    series: str
    what: str  # "level" or "rise"
    facts: tuple[Fact, ...]

    def of(self, logs: Floats) -> Floats:
        """Level or rise (worlds,) of the logs of what the worlds say of the facts (facts, worlds)."""
        return logs.mean(axis=0) if self.what == "level" else logs[-1] - logs[0]

    @property
    def figure(self) -> Figure:
        """The record's figure in logs, and how well it is known: points of a series err together."""
        logs = np.log([fact.value for fact in self.facts])
        deviations = [observed(fact) for fact in self.facts]
        wide = float(np.mean(deviations)) if self.what == "level" else float(np.hypot(deviations[0], deviations[-1]))
        return Figure(f"{self.preset} {self.series} {self.what}", float(self.of(logs[:, None])[0]), wide)


def observed(fact: Fact) -> float:
    """Standard deviation (logs) of how well a fact is known; what is unverified is known as little as what is unsure."""
    if "[U]" in fact.confidence or "unverified" in fact.confidence:
        return OBSERVED["low"]
    return next((wide for word, wide in OBSERVED.items() if fact.confidence.startswith(word)), UNSURE)


def aims_of(plan: Plan) -> tuple[Aim, ...]:
    """What a plan is fitted on: every scored series' figures of its years that were public on its day."""
    found = []
    for preset in plan.years:
        for series in SCORED:
            known = outcomes(series, load_preset(preset).start, MONTHS, plan.known)
            if known:
                found.append(Aim(preset, series, "level", known))
            if len(known) >= RISES:
                found.append(Aim(preset, series, "rise", known))
    return tuple(found)


def unknowns_of(preset: str) -> dict[str, Unknown]:
    """A preset's unknowns by name."""
    return {one.name: one for one in load_preset(preset).unknowns}


def values_at(preset: str, places: Floats, luck: Array, seed: int) -> dict[str, Floats]:
    """Values of what is free, by name, in worlds with these places (worlds, free) and luck (worlds,)."""
    unknowns, streams = unknowns_of(preset), Streams(seed, luck, 1)
    return {
        name: unknowns[name].value(blended(places[:, number], own_place(name, streams), free.common))
        for number, free in enumerate(FREE)
        for name in (free.name, *free.also)
    }


def simulated(
    aims: Sequence[Aim], places: Floats, luck: Array, seed: int, workers: int = 1, run: Callable[..., Any] = run_worlds
) -> Floats:
    """What worlds at these places (worlds, free) say of the aims (worlds, aims), in logs; NaN where a world failed."""
    said = np.full((len(places), len(aims)), np.nan)
    for number, preset in enumerate(dict.fromkeys(aim.preset for aim in aims)):
        lucks = luck + number * OTHER_LUCK
        varied = {name: values.tolist() for name, values in values_at(preset, places, lucks, seed).items()}
        of_year = [(place, aim) for place, aim in enumerate(aims) if aim.preset == preset]
        names = sorted({SCORED[aim.series].of for _, aim in of_year})
        table = run(
            preset,
            overrides={"funding.tightening": 0.0},
            varied=varied,
            replicates=lucks.tolist(),
            seed=seed,
            months=months_judged(MONTHS),
            series=names,
            workers=workers,
            draws=True,
        )
        fine = table["world"].to_numpy()[::MONTHS].astype(np.int64)
        series = {name: table[name].to_numpy(dtype=np.float64).reshape(-1, MONTHS) for name in names}
        start, before = load_preset(preset).start, before_of(preset)
        for place, aim in of_year:
            reading = SCORED[aim.series]
            told = [read(reading, series[reading.of], start, fact, before.get(reading.before, ())) for fact in aim.facts]
            said[fine, place] = aim.of(np.log(np.maximum(told, 1e-12)))
    return said


@dataclass(frozen=True)
class Calibration:
    """A plan carried out: aims, waves and draws, and the table that ships."""

    plan: Plan
    aims: tuple[Aim, ...]
    matched: Matched
    fit: Fit
    discrepancy: float
    seed: int

    def told(self) -> dict[str, Any]:
        """As `calibrate --json` prints it."""
        waves = self.matched.waves
        return {
            "fit": self.plan.name,
            "known": self.plan.known.isoformat(),
            "years": list(self.plan.years),
            "facts": len({fact for aim in self.aims for fact in aim.facts}),
            "discrepancy": self.discrepancy,
            "seed": self.seed,
            "draws": self.fit.rows,
            "waves": [
                {"points": len(one.points), "worlds": one.said[..., 0].size, "kept": float(one.kept.mean()), "left": one.left,
                 "passed": one.passed} for one in waves
            ],
            "regression": {"points": self.matched.effective, "figures": self.matched.predictors},
            "placebo": {
                "count": len(self.matched.placebos),
                "median": float(np.median(self.matched.placebos)),
                "bound": self.matched.bound,
            },
            "parameters": {free.name: self._parameter(number, free) for number, free in enumerate(FREE)},
            "figures": {aim.figure.name: self._figure(number, aim) for number, aim in enumerate(self.aims)},
        }  # fmt: skip

    def _parameter(self, number: int, free: Free) -> dict[str, Any]:
        places = self.matched.draws[:, number]
        kept = float(narrowed(places[:, None])[0])
        unknown = unknowns_of(self.plan.years[-1])[free.name]
        quantiles = np.quantile(places, (0.1, 0.5, 0.9))
        return {
            "also": list(free.also),
            "common": free.common,
            "prior": [unknown.low, unknown.high],
            "places": quantiles.tolist(),
            "values": unknown.value(quantiles).tolist(),
            "shift": float((places.mean() - 0.5) * np.sqrt(12.0)),
            "narrowed": kept,
            "by_chance": self.matched.by_chance(kept),
            "identified": identified(kept, self.matched.bound),
            "freedom": float(self.matched.freedom[number]),
            "inflated": float(self.matched.inflated[number]),
        }

    def _figure(self, number: int, aim: Aim) -> dict[str, Any]:
        first, last = self.matched.waves[0], self.matched.waves[-1]
        figure = aim.figure
        return {
            "preset": aim.preset,
            "series": aim.series,
            "what": aim.what,
            "facts": len(aim.facts),
            "record": float(np.exp(figure.value)),
            "before": float(np.nanmedian(first.said[:, :, number]) - figure.value),
            "after": float(np.nanmedian(last.said[last.kept][:, :, number]) - figure.value),
            "least": float(first.implausible[:, number].min()),
            "used": bool(first.used[number]),
        }


def priors_of(years: Sequence[str]) -> str:
    """Fingerprint of the ranges in which a fit's places lie: what is free, how much is common, and the presets' tables."""
    content = [
        [preset, name, one.distribution, one.low, one.high, str(one.mode), free.common]
        for preset in years
        for free in FREE
        for name in (free.name, *free.also)
        if (one := unknowns_of(preset)[name])
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]


def calibrate(
    plan: Plan,
    *,
    points: int = POINTS,
    replicates: int = REPLICATES,
    waves: int = WAVES,
    draws: int = DRAWS,
    discrepancy: float = DISCREPANCY,
    seed: int = 1,
    workers: int = 1,
    command: str = "",
    aims: Sequence[Aim] | None = None,
    run: Callable[..., Any] = run_worlds,
    told: Callable[[Wave], None] = lambda wave: None,
) -> Calibration:
    """Carry a plan out. `aims`: what else than the record to fit on (a record that the model made, in tests)."""
    chosen = tuple(aims_of(plan) if aims is None else aims)
    matched = match(
        lambda places, luck: simulated(chosen, places, luck, seed, workers, run),
        [aim.figure for aim in chosen],
        len(FREE),
        points=points,
        replicates=replicates,
        waves=waves,
        discrepancy=discrepancy,
        draws=draws,
        seed=seed,
        told=told,
    )
    columns = {name: (number, free) for number, free in enumerate(FREE) for name in (free.name, *free.also)}
    fit = Fit(
        name=plan.name,
        places={name: tuple(matched.draws[:, number].tolist()) for name, (number, _) in columns.items()},
        common={name: free.common for name, (_, free) in columns.items()},
        known=plan.known,
        years=plan.years,
        command=command,
        date=datetime.date.today().isoformat(),
        priors=priors_of(plan.years),
        placebo=matched.bound,
    )
    return Calibration(plan, chosen, matched, fit, discrepancy, seed)


def trained(fit: Fit, seed: int = 1) -> dict[str, Any]:
    """The hindcast of the year of training, by the priors and by a fit, with luck by which no draw was chosen: another seed's."""
    told: dict[str, Any] = {"origin": TRAINING, "worlds": hindcasts.WORLDS}
    for name, drawn_from in (("priors", None), ("fitted", fit)):
        run = functools.partial(hindcasts.simulated, fit=drawn_from)
        score = hindcasts.hindcast(TRAINING, hindcasts.WORLDS, seed + 1, run=run).whole
        told[name] = {"error": score.error, "coverage": score.inside, "crps": score.crps}
    return told
