"""Investors as the share market meets them: what it shows to them, and what it asks of each strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from perpetuum.model.worlds import Floats


@dataclass(frozen=True)
class MarketView:
    """What investors can see: last month's market, this month's news, margin rule and opinion. The world
    comes first.

    `price_anchor` and `value_anchor` (worlds, assets): an asset's share of the market at last month's prices,
    and at fair values, over its share at t = 0. `gap` ln(value/price) and `momentum` (worlds, assets), `mood`
    common noise of unit variance (worlds, assets);
    `share_drift` (worlds,): the same ratio for all shares together. `volatility` of the market a month,
    `margin` requirement, `lending_room` the exposure per dollar of equity at which the bank's limit on all margin debt
    binds, `opinion` in [-1, 1] (worlds,).
    """

    price_anchor: Floats
    value_anchor: Floats
    gap: Floats
    momentum: Floats
    mood: Floats
    share_drift: Floats
    volatility: Floats
    margin: Floats
    lending_room: Floats
    opinion: Floats

    @property
    def assets(self) -> int:
        """Number of assets."""
        return self.gap.shape[1]


class Population(Protocol):
    """A strategy: `members` individuals per world with an account in common. Answers are (worlds,) or (worlds, assets)."""

    strategy: ClassVar[str]
    rule: ClassVar[int]
    curvature: ClassVar[float]
    account: int
    members: int

    def share_of_wealth(self) -> Floats:
        """Share of all investors' net wealth at the start."""

    def turnover(self) -> Floats:
        """Share of the gap between wanted and held that is traded in a month."""

    def responsiveness(self) -> Floats:
        """Mean response to the lean."""

    def elasticity(self) -> Floats:
        """What the weights give up per log price within the month."""

    def anchor(self, view: MarketView) -> Floats:
        """How the neutral portfolio has moved since the start."""

    def base(self, view: MarketView) -> Floats:
        """Factor on the opening weights."""

    def lean(self, view: MarketView) -> Floats:
        """What members respond to."""

    def exposure(self, view: MarketView) -> Floats:
        """Factor on all weights."""

    def whim(self) -> Floats:
        """Standard deviation of a member's own noise."""

    def inflow(self, month: int, opinion: Floats, opening_opinion: Floats) -> Floats:
        """New savings, dollars a month."""
