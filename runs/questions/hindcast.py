"""Hindcasts: the model started on a day of the past, its worlds held against what was published of the year that followed.

Only what was public on the day of origin enters the openings and the rulers beside them; what came after only scores.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from perpetuum.model.economy import Economy
from perpetuum.model.fits import Fit
from perpetuum.model.history import Fact
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.uncertainty import draw, with_fit
from perpetuum.model.worlds import Floats
from perpetuum.runs.questions.forecasts import Score, mean_score, outcomes, ruler_score, score
from perpetuum.runs.study.scored import WORLDS

#: Origins and the presets that open there.
ORIGINS = {"2023-10": "ono_2023", "2024-10": "ono_2024"}
#: Months that are scored.
MONTHS = 12
#: What the model is not claimed to be nearer than, in logs: two dozen agents stand for thousands, and a seventh is what is left
#: of a figure when definitions and perimeters differ. Half of it would claim more than the record's own sources agree on.
DISCREPANCY = 0.15
RULERS = ("no_change", "half_trend", "trend", "trend_6", "ar_1")


@dataclass(frozen=True)
class Reading:
    """How a series of the record is read off the model: its series there, a factor, and over which months.

    `over` "quarter": the three months up to the period's end, each weighed by its days in them; "year": twelve times the mean of
    those months of the calendar year that are simulated; "month": the value at the end of the month in which the period ends.
    """

    of: str
    factor: float = 1.0
    over: str = "month"
    before: str = ""  # what the preset says of the months before its start, by its name there


#: What is scored, by name in the record.
SCORED: dict[str, Reading] = {
    "vendor_dc_revenue_quarter": Reading("lead_vendor_revenue", over="quarter", before="sales"),
    "hyperscaler4_capex_quarter": Reading("hyperscaler_capex", over="quarter"),
    "lead_lab_annualised_revenue": Reading("lead_lab_revenue", 12.0),
    "lead_lab_valuation": Reading("lead_lab_valuation"),
    "leveraged_cloud_rpo": Reading("leveraged_rpo"),
    "weekly_users": Reading("weekly_users"),
    "vendor_market_cap": Reading("vendor_market_cap"),
    "hy_oas_pct_avg": Reading("high_yield_spread", 100.0),
    "gold_price": Reading("gold_price"),
}
#: What is reported beside them: who lives on whose money.
FINANCE: dict[str, Reading] = {
    "leveraged_cloud_debt": Reading("leveraged_debt"),
    "neocloud_debt": Reading("neocloud_debt"),
    "lead_lab_cash_loss": Reading("lead_lab_burn", over="year"),
}


@dataclass(frozen=True)
class Hindcast:
    """Scores by series, of the model and of each ruler, and their means over the scored series; finance apart."""

    origin: str
    worlds: int
    series: dict[str, Score]
    finance: dict[str, Score]
    rulers: dict[str, dict[str, Score]]  # ruler to series to score

    @property
    def whole(self) -> Score:
        """The model's mean over the scored series."""
        return mean_score(self.series)

    def ruler(self, name: str) -> Score:
        """A ruler's mean over the same series; where it does not exist no change stands in."""
        stand_in = self.rulers["no_change"]
        return mean_score({series: self.rulers[name].get(series, stand_in[series]) for series in self.series})


def month_of(day: datetime.date, start: datetime.date) -> int:
    """Number of the month in which a day lies, 0 being the first simulated one; negative before the start."""
    return (day.year - start.year) * 12 + day.month - start.month


def days_in_quarter(end: datetime.date) -> dict[tuple[int, int], float]:
    """Share of each month's days that lie in the three months up to a quarter's end: (year, month) to 0..1.

    >>> days_in_quarter(datetime.date(2024, 9, 30))
    {(2024, 7): 1.0, (2024, 8): 1.0, (2024, 9): 1.0}
    >>> days_in_quarter(datetime.date(2024, 10, 27))[2024, 7] == 4 / 31
    True
    """
    first = (end.year * 12 + end.month - 1) - 3
    begun = min(end.day, calendar.monthrange(first // 12, first % 12 + 1)[1])
    shares: dict[tuple[int, int], float] = {}
    for number in range(first, first + 4):
        year, month = number // 12, number % 12 + 1
        days = calendar.monthrange(year, month)[1]
        held = days
        if number == first:
            held = 0 if end.day == calendar.monthrange(end.year, end.month)[1] else days - begun
        elif number == first + 3:
            held = end.day
        if held:
            shares[year, month] = held / days
    return shares


def read(reading: Reading, series: Floats, start: datetime.date, fact: Fact, before: Sequence[float] = ()) -> Floats:
    """What the worlds say of a published figure (worlds,), from a series (worlds, months) and the months before the start."""
    if reading.over == "month":
        return series[:, month_of(fact.date, start)] * reading.factor
    if reading.over == "year":
        first = max(month_of(datetime.date(fact.date.year, 1, 1), start), 0)
        last = month_of(datetime.date(fact.date.year, 12, 1), start) + 1
        return 12.0 * series[:, first:last].mean(axis=1) * reading.factor
    whole = np.zeros(len(series))
    for (year, month), part in days_in_quarter(fact.date).items():
        number = month_of(datetime.date(year, month, 1), start)
        value = series[:, number] if number >= 0 else np.full(len(series), before[number] if before else np.nan)
        whole = whole + part * value
    return whole * reading.factor


Simulate = Callable[
    [str, int, int, Mapping[str, Floats]], tuple[dict[str, Floats], datetime.date, dict[str, tuple[float, ...]]]
]


def simulated(
    preset: str, worlds: int, seed: int, settings: Mapping[str, Floats], fit: Fit | None = None
) -> tuple[dict[str, Floats], datetime.date, dict[str, tuple[float, ...]]]:
    """Worlds of a preset over the scored year, each with its own unknowns: series, first month, months before it ($bn).

    `fit`: what some of the unknowns are drawn from in place of their own distributions.
    """
    definition = load_preset(preset)
    replicates = np.arange(worlds)
    unknowns = with_fit(definition.unknowns, fit)
    drawn = draw([one for one in unknowns if one.name not in settings], seed, replicates)
    economy = Economy(
        Scenario(preset, overrides={**drawn, **settings, "funding.tightening": 0.0}, worlds=worlds, seed=seed, months=MONTHS)
    )
    economy.run()
    return economy.series, definition.start, before_of(preset)


def before_of(preset: str) -> dict[str, tuple[float, ...]]:
    """What a preset says of the twelve months before its start ($bn), sales being the lead vendor's part of them."""
    definition = load_preset(preset)
    before = dict(definition.before)
    if "sales" in before:
        lead = next(agent for agent in definition.agents if agent.role == "vendor")  # the largest stands first
        before["sales"] = tuple(value * lead.figures["order_share"] for value in before["sales"])
    return before


def beside_the_model(series: str, seed: int, worlds: int, discrepancy: float) -> Floats:
    """exp(discrepancy x e), e standard normal, in each world (worlds,): how far off the model may be of a series all year."""
    return np.exp(discrepancy * Streams(seed, np.arange(worlds), 1).normal(f"discrepancy {series}", 1)[:, 0])


def hindcast(
    origin: str,
    worlds: int = WORLDS,
    seed: int = 1,
    settings: Mapping[str, Floats] | None = None,
    run: Simulate = simulated,
    discrepancy: float = 0.0,
) -> Hindcast:
    """Score the preset of an origin on the year that followed, beside the rulers.

    With a `discrepancy` (logs) every world of every series is off by a draw of it (Kennedy and O'Hagan 2001).
    """
    series, start, before = run(ORIGINS[origin], worlds, seed, settings or {})
    scores: dict[str, dict[str, Score]] = {}
    for group, readings in (("series", SCORED), ("finance", FINANCE)):
        scores[group] = {}
        for name, reading in readings.items():
            happened = outcomes(name, start, MONTHS)
            if happened:
                off = beside_the_model(name, seed, worlds, discrepancy)
                said = [
                    off * read(reading, series[reading.of], start, fact, before.get(reading.before, ())) for fact in happened
                ]
                scores[group][name] = score(said, happened)
    beside: dict[str, dict[str, Score]] = {}
    for ruler in RULERS:
        found = {name: ruler_score(name, start, ruler, outcomes(name, start, MONTHS)) for name in scores["series"]}
        beside[ruler] = {name: one for name, one in found.items() if one is not None}
    return Hindcast(origin, worlds, scores["series"], scores["finance"], beside)
