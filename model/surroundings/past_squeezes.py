"""What a degree of tightening means in the units of the press, and where past squeezes stood on the scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Six rungs of the ladder, loose to everything at once.
RUNGS = tuple(rung / 5 for rung in range(6))


@dataclass(frozen=True)
class Meaning:
    """One degree of tightening: rates and spreads in basis points, venture money as a share lost."""

    theta: float
    rate_bp: float
    spread_bp: float
    venture_lost: float


def meaning(theta: float, values: Mapping[str, Any]) -> Meaning:
    """Translate theta with the channel weights of the scenario (`values` by dotted name)."""
    return Meaning(
        theta=theta,
        rate_bp=1e4 * values["funding.rate_rise"] * values["funding.channel_rate"] * theta,
        spread_bp=1e4 * values["funding.spread_rise"] * values["funding.channel_spreads"] * theta,
        venture_lost=values["funding.channel_venture"] * theta,
    )


@dataclass(frozen=True)
class Episode:
    """A squeeze of the past, channel by channel, for comparison; basis points, share lost, and its source."""

    name: str
    rate_bp: float
    spread_bp: float
    venture_lost: float
    source: str


#: Worst month against the calm before. Rates: federal funds rate; spreads: ICE BofA US high yield, monthly
#: means; venture money: US venture investment by year (PitchBook-NVCA yearbooks, rounded, not checked again).
HISTORY = (
    Episode(
        "2000-02",
        178,
        590,
        0.80,
        "rate 4.76 (Jun 1999) to 6.54 %; spread 4.8 to 10.7 %; venture 105 to 22 $bn",
    ),
    Episode("2008", -510, 1770, 0.35, "rate 5.26 to 0.16 %; spread 2.6 (Jun 2007) to 20.3 %; venture 31 to 20 $bn"),
    Episode("2022", 402, 215, 0.30, "rate 0.08 to 4.10 %; spread 3.15 (Oct 2021) to 5.3 %; venture 345 to 242 $bn"),
)


def place_on_ladder(episode: Episode, values: Mapping[str, Any]) -> float:
    """Where an episode stands on the scale: mean over the channels of the theta that does the same.

    Easing counts as zero: in 2001 and 2008 policy rates fell while everything else tightened.
    """
    full = meaning(1.0, values)
    parts = [
        min(max(done / at_full, 0.0), 1.0)
        for done, at_full in (
            (episode.rate_bp, full.rate_bp),
            (episode.spread_bp, full.spread_bp),
            (episode.venture_lost, full.venture_lost),
        )
        if at_full > 0
    ]
    return sum(parts) / len(parts) if parts else 0.0
