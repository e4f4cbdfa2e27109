"""What was expected of the model before it was run, claim by claim, each decided on pairs of worlds that differ in one thing.

A claim compares two settings under the same shocks and draws, or a setting with a bound. All settings are worlds of one batch,
so that some thirty of them take little longer than one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np

from perpetuum.model.economy import Economy
from perpetuum.model.observed.outcome import Outcome, wilson
from perpetuum.model.observed.states import STATES
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.model.uncertainty import draw
from perpetuum.model.worlds import Array, Floats
from perpetuum.runs.questions.channels import CHANNELS

#: Replicates of each setting, and months simulated (ten years are judged).
REPLICATES, MONTHS = 64, 131
#: Normal quantile of 95 % intervals.
_Z = 1.96

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Measured:
    """The worlds of one setting: series (worlds, months), the verdict, and who was first to default."""

    series: Mapping[str, Floats]
    outcome: Outcome
    first_domino: Array

    @property
    def life(self) -> Floats:
        """Months until the fall."""
        return self.outcome.life.astype(np.float64)

    @property
    def fallen(self) -> Floats:
        """1 where a world has fallen."""
        return (self.outcome.fallen_month >= 0).astype(np.float64)

    @property
    def core_default(self) -> Floats:
        """1 where a core firm has defaulted."""
        return (self.outcome.core_default_month >= 0).astype(np.float64)


Measure = Callable[[Measured], Floats]


@dataclass(frozen=True)
class Claim:
    """An expectation: what `measure` should do from setting `a` to setting `b` ("up", "down", "same"), or where it should lie.

    Without `b` the mean over setting `a` is compared with `bound` ("above" or "below").
    """

    name: str
    expected: str
    measure: Measure
    a: Settings
    b: Settings | None = None
    bound: float = 0.0
    also: Settings = field(default_factory=dict)

    @property
    def settings(self) -> tuple[Settings, ...]:
        """The settings that it compares."""
        both = (self.a,) if self.b is None else (self.a, self.b)
        return tuple({**self.also, **one} for one in both)


@dataclass(frozen=True)
class Verdict:
    """What came of a claim: the mean difference (or the mean) with its interval, and whether that confirms or refutes it."""

    claim: str
    value: float
    low: float
    high: float
    verdict: str  # "confirmed", "refuted", "not refuted", "not separable"


def _final(name: str) -> Measure:
    return lambda m: m.series[name][:, -12:].mean(axis=1)


def _mean(name: str) -> Measure:
    return lambda m: m.series[name].mean(axis=1)


def _lowest(name: str) -> Measure:
    return lambda m: m.series[name].min(axis=1)


def log_returns(value: Floats) -> Floats:
    """Monthly log returns of a share from its market value: (worlds, months - 1)."""
    return np.diff(np.log(np.maximum(value, 1e-9)), axis=1)


def excess_kurtosis(x: Floats) -> Floats:
    """Kurtosis of each row beyond the normal distribution's (worlds,).

    >>> float(excess_kurtosis(np.array([[1.0, -1.0, 1.0, -1.0]]))[0])
    -2.0
    """
    centred = x - x.mean(axis=1, keepdims=True)
    return (centred**4).mean(axis=1) / np.maximum((centred**2).mean(axis=1) ** 2, 1e-18) - 3.0


def _kurtosis(m: Measured) -> Floats:
    return excess_kurtosis(log_returns(m.series["vendor_market_cap"]))


def _neocloud_first(m: Measured) -> Floats:
    return (m.first_domino == "neocloud").astype(np.float64)


def _spinning(m: Measured) -> Floats:
    return (m.outcome.state == STATES[3]).astype(np.float64)


def _together(m: Measured) -> Floats:
    return m.series["ai_gold_corr"][:, 24:].mean(axis=1)


_life, _fallen, _core_default = attrgetter("life"), attrgetter("fallen"), attrgetter("core_default")
_drawdown = attrgetter("outcome.drawdown")
_peak, _peak_month = attrgetter("outcome.peak_revenue"), attrgetter("outcome.peak_revenue_month")

LOOSE: Settings = {"funding.tightening": 0.0}
FULL: Settings = {"funding.tightening": 1.0}
WEAK: Settings = {"demand.strength": 0.5}
STRONG: Settings = {"demand.strength": 2.0}


def _only(channel: str) -> Settings:
    return {**FULL, **{f"funding.channel_{one}": float(one == channel) for one in CHANNELS}}


#: What was expected, by number; a number may have several parts.
CLAIMS: tuple[Claim, ...] = (
    Claim("E1", "up", _peak, {"vendor_finance.scale": 0.0}, {"vendor_finance.scale": 3.0}, also=LOOSE),
    Claim(
        "E2_equity",
        "below",
        _core_default,
        {"vendor_finance.instrument": "equity", "vendor_finance.scale": 3.0, "funding.tightening": 0.4, **WEAK},
        bound=0.05,
    ),
    Claim(
        "E2_loan",
        "up",
        _core_default,
        {"vendor_finance.instrument": "equity"},
        {"vendor_finance.instrument": "loan"},
        also={"vendor_finance.scale": 3.0, "funding.tightening": 0.4, **WEAK},
    ),
    Claim("E3_weak", "up", _fallen, LOOSE, FULL, also=WEAK),
    Claim("E3_strong", "below", _core_default, {**FULL, **STRONG}, bound=0.05),
    Claim("E3_demand", "down", _fallen, WEAK, STRONG, also=FULL),
    Claim("E4_none", "same", _fallen, {**LOOSE}, {**FULL}, also={"contracts.precommitment": 0.0}),
    Claim("E4", "up", _fallen, {"contracts.precommitment": 0.0}, {"contracts.precommitment": 1.5}, also=FULL),
    Claim("E5_floor", "up", _lowest("gpu_price"), {"states.hoarding": 0.0}, {"states.hoarding": 3.0}, also=FULL),
    Claim("E5_drawdown", "down", _drawdown, {"states.hoarding": 0.0}, {"states.hoarding": 3.0}, also=FULL),
    Claim("E5_ratio", "same", _final("full_ratio"), {"states.hoarding": 0.0}, {"states.hoarding": 3.0}, also=FULL),
    Claim("E6", "up", _kurtosis, {"investors.leverage": 1.0}, {"investors.leverage": 4.0}, also=FULL),
    Claim("E7", "up", _together, {"investors.barbell_share": 0.0}, {"investors.barbell_share": 0.2}, also=LOOSE),
    Claim("E8_peak", "up", _peak, {"narrative.talk_up": 0.0}, {"narrative.talk_up": 1.0}),
    Claim("E8_later", "up", _peak_month, {"narrative.talk_up": 0.0}, {"narrative.talk_up": 1.0}),
    Claim("E9_capex", "up", _mean("capex"), {"clouds.race": 0.0}, {"clouds.race": 1.0}, also=LOOSE),
    Claim("E9_ratio", "down", _final("full_ratio"), {"clouds.race": 0.0}, {"clouds.race": 1.0}, also=LOOSE),
    Claim("E9_fallen", "up", _fallen, {"clouds.race": 0.0}, {"clouds.race": 1.0}, also=FULL),
    Claim(
        "E10_own_money",
        "up",
        _mean("own_money_share"),
        {"vendor_finance.tied": False},
        {"vendor_finance.tied": True},
        also=LOOSE,
    ),
    Claim("E10_peak", "down", _peak_month, {"vendor_finance.tied": False}, {"vendor_finance.tied": True}, also=LOOSE),
    Claim("E11", "up", _neocloud_first, {"technology.cadence_months": 20.0}, {"technology.cadence_months": 10.0}, also=FULL),
    Claim("E12_venture", "down", _life, _only("rate"), _only("venture")),
    Claim("E12_covenants", "down", _life, _only("rate"), _only("covenants")),
    Claim("E13_weak", "above", _spinning, {**LOOSE, **WEAK}, bound=0.5),
    Claim("E13_strong", "above", _spinning, {**LOOSE, **STRONG}, bound=0.5),
    Claim(
        "E14_without",
        "down",
        _life,
        LOOSE,
        {"funding.tightening": 0.5},
        also={**STRONG, "demand.capability_elasticity": 0.0},
    ),
    Claim("E14_with", "down", _life, LOOSE, {"funding.tightening": 0.5}, also=STRONG),
    Claim("E15", "up", _peak, {"vendor_finance.scale": 0.0}, {"vendor_finance.scale": 1.0}),
    Claim("E16", "above", _together, {**LOOSE, "investors.barbell_share": 0.0}, bound=0.0),
)


def measured(preset: str, settings: Sequence[Settings], replicates: int, seed: int, months: int) -> list[Measured]:
    """Worlds of several settings, each with the same draws and shocks, in one batch."""
    named = sorted({name for one in settings for name in one})
    base = Scenario(preset, seed=seed)
    count = replicates * len(settings)
    overrides: dict[str, Any] = {}
    for name, values in draw(load_preset(preset).unknowns, seed, np.arange(replicates)).items():
        overrides[name] = np.tile(values, len(settings))
    for name in named:
        usual = list(overrides[name]) if name in overrides else [_plain(base, name)] * count
        for place, one in enumerate(settings):
            if name in one:
                usual[place * replicates : (place + 1) * replicates] = [one[name]] * replicates
        overrides[name] = usual
    luck = np.tile(np.arange(replicates), len(settings))
    economy = Economy(Scenario(preset, overrides, worlds=count, seed=seed, months=months, replicates=luck))
    economy.run()
    outcome, series = economy.outcome(), economy.series
    found = []
    for place in range(len(settings)):
        worlds = np.arange(place * replicates, (place + 1) * replicates)
        part = {name: values[worlds] for name, values in series.items()}
        verdict = outcome.take(worlds)
        found.append(Measured(part, verdict, verdict.first_domino))
    return found


def _plain(scenario: Scenario, name: str) -> Any:
    value = scenario.value(name)
    parameter = scenario.definition.parameter(name)
    return bool(value) if parameter.kind == "bool" else value


def decide(claim: Claim, found: Sequence[Measured]) -> Verdict:
    """Hold a claim against the worlds of its settings: paired difference, or mean against a bound, with a 95 % interval.

    Where all worlds (or pairs) of a share are alike their spread says nothing: as many as in none of n may still be otherwise
    (Wilson's bound).
    """
    measured = [np.asarray(claim.measure(one), dtype=np.float64) for one in found]
    values = measured[0] - claim.bound if claim.b is None else measured[1] - measured[0]
    middle = float(values.mean())
    wide = _Z * float(values.std(ddof=1)) / np.sqrt(len(values))
    if wide == 0.0 and all(np.isin(one, (0.0, 1.0)).all() for one in measured):
        wide = wilson(0, len(values))[1]
    low, high = middle - wide, middle + wide
    shift = claim.bound if claim.b is None else 0.0
    return Verdict(claim.name, middle + shift, low + shift, high + shift, _verdict(claim.expected, low, high))


def _verdict(expected: str, low: float, high: float) -> str:
    if expected == "same":  # a difference of nothing can be refuted, and never be shown
        return "not refuted" if low <= 0.0 <= high else "refuted"
    up = expected in ("up", "above")
    if (low > 0.0) if up else (high < 0.0):
        return "confirmed"
    if (high < 0.0) if up else (low > 0.0):
        return "refuted"
    return "not separable"


def expectations(preset: str = "ono_2025", seed: int = 1) -> list[Verdict]:
    """All claims, decided on one batch of worlds."""
    settings: list[Settings] = []
    for claim in CLAIMS:
        settings += [one for one in claim.settings if one not in settings]
    found = measured(preset, settings, REPLICATES, seed, MONTHS)
    return [decide(claim, [found[settings.index(one)] for one in claim.settings]) for claim in CLAIMS]
