"""The squeezes of 2000-02, 2008 and 2022, channel by channel, and what a degree of tightening means in the units of the press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perpetuum.model.errors import InputError
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.parameters.squeezes import TABLE, Reading
from perpetuum.model.surroundings.funding_conditions import CHANNELS, rate_move

#: Six rungs of the ladder, loose to everything at once.
RUNGS = tuple(rung / 5 for rung in range(6))


@dataclass(frozen=True)
class Episode:
    """A squeeze of the past: its first month, months until all channels had moved, and until they were back once they eased."""

    name: str
    year: str
    start: str
    ramp: int
    release: int
    readings: tuple[Reading, ...]

    def reading(self, parameter: str) -> Reading:
        """One channel's reading, by the leaf of its parameter's name."""
        return next(one for one in self.readings if one.parameter == parameter)

    @property
    def rate_bp(self) -> float:
        """Basis points by which policy rates rose (below 0: were cut)."""
        return round(1e4 * self.reading("rate_rise").value, 6)

    @property
    def spread_bp(self) -> float:
        """Basis points by which high-yield spreads rose."""
        return round(1e4 * self.reading("spread_rise").value, 6)

    @property
    def venture_lost(self) -> float:
        """Share of venture money lost."""
        return self.reading("channel_venture").value

    @property
    def source(self) -> str:
        """Where these three figures are from."""
        return "; ".join(self.reading(name).source for name in ("rate_rise", "spread_rise", "channel_venture"))

    def overrides(self) -> dict[str, float]:
        """The squeeze as settings of a scenario; when it starts is the scenario's own.

        The index goes to 1 and stays for as long as the channel that tightened longest; each channel has its own time.
        """
        longest = max(one.hold for one in self.readings if one.value > 0)
        schedule = {"tightening": 1.0, "ramp_months": self.ramp, "hold_months": longest, "release_months": self.release}
        strengths = {one.parameter: one.value for one in self.readings}
        strengths["channel_rollover"] = min(1.0, self.reading("spread_rise").value / WHOLLY_REFUSED)
        holds = {f"hold_{channel}": self.reading(STRENGTHS[channel]).hold for channel in CHANNELS}
        return {f"funding.{name}": float(value) for name, value in (schedule | strengths | holds).items()}


#: The parameter that says how far a channel goes.
STRENGTHS = {
    "rate": "rate_rise",
    "venture": "channel_venture",
    "margin": "margin_rise",
    "collateral": "collateral_fall",
    "covenants": "leverage_fall",
    "spreads": "spread_rise",
    "valuation": "valuation_fall",
    "capex": "capex_fall",
}

#: What spreads bring with them, for as long as they stay up: investment-grade spreads and lenders' new money.
WITH_SPREADS = {"graded": "graded_share", "lending": "lending_fall"}
#: There is no record of refinancings refused: lenders hold back as high-yield spreads rise, wholly where these rise by as much as
#: at full tightening (per year).
DERIVED = "rollover"
WHOLLY_REFUSED = float(PARAMETERS["funding.spread_rise"].default)
#: What a channel's strength and time may rest on.
GROUNDS = ("record", "estimate", "derived", "set")

#: The squeezes of the past, in order.
HISTORY = tuple(Episode(*row) for row in TABLE)


def episode_like(year: str) -> Episode:
    """A squeeze by its year; raises InputError for one that is not known."""
    for episode in HISTORY:
        if year in (episode.year, episode.name):
            return episode
    known = [episode.year for episode in HISTORY]
    raise InputError(f"--like takes {', '.join(known[:-1])} or {known[-1]}, not '{year}'")


# --- what a degree of tightening means ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Meaning:
    """One degree of tightening: rates and spreads in basis points, venture money as a share lost."""

    theta: float
    rate_bp: float
    spread_bp: float
    venture_lost: float


#: What says how far policy rates, spreads and venture money move at full tightening: what the scale of its degrees hangs on.
SCALED_BY = frozenset(
    f"funding.{name}"
    for name in (
        "rate_rise",
        "channel_rate",
        "policy_rate",
        "rate_floor",
        "spread_rise",
        "channel_spreads",
        "channel_venture",
    )
)


def meaning(theta: float, values: Mapping[str, Any]) -> Meaning:
    """Translate theta with the channel weights of the scenario (`values` by dotted name)."""
    before, floor = values["funding.policy_rate"], values["funding.rate_floor"]
    return Meaning(
        theta=theta,
        rate_bp=1e4 * rate_move(values["funding.rate_rise"], values["funding.channel_rate"], theta, before, floor),
        spread_bp=1e4 * values["funding.spread_rise"] * values["funding.channel_spreads"] * theta,
        venture_lost=values["funding.channel_venture"] * theta,
    )


def at_full_tightening(values: Mapping[str, Any]) -> dict[str, float]:
    """What a degree of one means, by name: what a scale of degrees is told by."""
    full = meaning(1.0, values)
    return {"rate_bp": full.rate_bp, "spread_bp": full.spread_bp, "venture_lost": full.venture_lost}


@dataclass(frozen=True)
class Told:
    """What a scenario's tightening does through a channel at its height, in the parameter's unit, and months until it eases.

    `meant`: what it would do if nothing held it; a cut of the policy rate ends at the rate's floor.
    """

    channel: str
    by: float
    months: int
    meant: float


def acts(channel: str, values: Mapping[str, Any]) -> bool:
    """Whether a channel can move anything: a cut of budgets where clouds have any, which who builds for expected needs has not;
    refused refinancing where debt is rolled over.
    """
    return not {"capex": bool(values["building.on"]), "rollover": not values["rollover.on"]}.get(channel, False)


def channels_told(values: Mapping[str, Any]) -> list[Told]:
    """Every channel that moves, and what it does: beside high-yield spreads investment-grade ones, lenders' new money, and how
    far they refuse to roll debt over (1: wholly).
    """
    theta = float(values["funding.tightening"])
    found = {name: values[f"funding.{leaf}"] * theta for name, leaf in STRENGTHS.items()}
    found |= {name: by * values[f"funding.channel_{name}"] for name, by in found.items() if name != "venture"}
    meant = {"rate": found["rate"]}
    found["rate"] = meaning(theta, values).rate_bp / 1e4
    found["graded"] = found["spreads"] * values["funding.graded_share"]
    found["lending"] = values["funding.lending_fall"] * values["funding.channel_spreads"] * theta
    found["rollover"] = values["funding.channel_rollover"] * theta
    told = []
    for channel in CHANNELS:
        own = values[f"funding.hold_{channel}"]
        months = int(values["funding.ramp_months"] + (own if own >= 0 else values["funding.hold_months"]))
        of_spreads = ("spreads", "graded", "lending", "rollover")
        together = [name for name in (of_spreads if channel == "spreads" else (channel,)) if acts(name, values)]
        told += [Told(name, float(by), months, float(meant.get(name, by))) for name in together if (by := found[name])]
    return told


def grounds(episode: Episode, values: Mapping[str, Any]) -> dict[str, str]:
    """What each channel that moves rests on: a published figure (`record`), an `estimate`, the rise of spreads (`derived`), or
    what a scenario says instead of the squeeze (`set`), of strength or time.
    """
    weights = {f"funding.channel_{name}" for name in CHANNELS}
    usual = {name: PARAMETERS[name].default for name in weights} | episode.overrides()
    then = {one.channel: (one.meant, one.months) for one in channels_told({**values, **usual})}
    leaves = STRENGTHS | WITH_SPREADS
    found = {}
    for one in channels_told(values):
        if then.get(one.channel) != (one.meant, one.months):
            found[one.channel] = "set"
        elif one.channel == DERIVED:
            found[one.channel] = "derived"
        else:
            found[one.channel] = "estimate" if episode.reading(leaves[one.channel]).estimate else "record"
    return found


def place_on_ladder(episode: Episode, values: Mapping[str, Any]) -> float:
    """Where an episode stands on the scale: mean over rates, spreads and venture money of the theta that does the same.

    What went the other way counts as zero: in 2001 and 2008 policy rates fell while everything else tightened.
    """
    full = meaning(1.0, values)
    parts = [
        min(max(done / at_full, 0.0), 1.0)
        for done, at_full in (
            (episode.rate_bp, full.rate_bp),
            (episode.spread_bp, full.spread_bp),
            (episode.venture_lost, full.venture_lost),
        )
        if at_full
    ]
    return sum(parts) / len(parts) if parts else 0.0
