"""End demand: what consumers, enterprises and direct cloud customers pay for AI.

Users follow Bass (1969): U' = U + (p + q U/N)(N - U). Enterprise and direct demand follow logistics that are anchored at
today's level, L(t) = L0 + (sat - L0)(S(t) - S(0))/(1 - S(0)), so that `demand.strength` scales the saturation and leaves the
first month alone. Where `growth.on`, all of it grows by itself instead (`demand_growth.py`). Capability
Q = log(1 + H)/log(1 + H0), H being GW-years of training.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.equations import equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.demand_growth import DemandGrowth, users_drawn
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Floats, Stateful, anywhere, bounded, share, total

#: Segments of enterprise demand and their share of saturation (weights of the `demand.segment_*` switches).
SEGMENTS = (("coding", 0.35), ("enterprise", 0.40), ("education", 0.10), ("health", 0.15))


@equation
def users(now: float, innovation: float, imitation: float, limit: float) -> float:
    """U + min(innovation + imitation U / limit, 1) (limit - U), next month's users (Bass 1969).

    >>> users(4.0, 0.125, 0.5, 16.0), users(4.0, 0.125, 8.0, 16.0)
    (7.0, 16.0)
    """
    return now + min(innovation + imitation * now / limit, 1.0) * (limit - now)


@equation
def paying(now: float, limit: float, per_capability: float, capability: float, speed: float) -> float:
    """s + speed (max(min(limit, per_capability Q), 0) - s), next month's share of users who pay.

    >>> [paying(0.25, 0.75, 0.25, capability, 0.5) for capability in (2.0, 9.0, -1.0)]
    [0.375, 0.5, 0.125]
    """
    return now + speed * (max(min(limit, per_capability * capability), 0.0) - now)


@equation
def spent_by_consumers(
    users: float, paying: float, price: float, ads: float, month: float, ads_months: float, wealth: float
) -> float:
    """U (12 s price + ads min(t / ads_months, 1)) x wealth, dollars a year.

    >>> [spent_by_consumers(8.0, 0.25, 2.0, 4.0, month, 12.0, 0.5) for month in (0.0, 6.0, 24.0)]
    [24.0, 32.0, 40.0]
    """
    return users * (paying * price * 12.0 + ads * min(month / ads_months, 1.0)) * wealth


@equation
def on_logistic(level: float, saturation: float, now: float, start: float) -> float:
    """(level + (saturation - level)(S(t) - S(0))/(1 - S(0)))+, dollars a year: today's level at the start.

    >>> on_logistic(8.0, 16.0, 0.75, 0.5), on_logistic(8.0, 16.0, 0.5, 0.5), on_logistic(8.0, -16.0, 1.0, 0.5)
    (12.0, 8.0, 0.0)
    """
    return max(level + (saturation - level) * (now - start) / (1.0 - start), 0.0)


@equation
def part_affordable(whole: float, budget_share: float, income: float) -> float:
    """min(1, budget_share x income / whole), what customers can spend of what they would.

    >>> part_affordable(80.0, 0.5, 120.0), part_affordable(20.0, 0.5, 120.0), part_affordable(0.0, 0.5, 120.0)
    (0.75, 1.0, 1.0)
    """
    return min(1.0, budget_share * income / (whole if whole > 0.0 else 1.0))


class Demand(Stateful):
    """Customers' willingness to pay; all attributes (worlds,). `own_use` is the GW of clouds' own products at the start."""

    def __init__(self, p: ParameterValues, streams: Streams, lab_revenue: Floats, own_use: Floats):
        d = p.demand
        self.p = p
        self.noise = np.asfortranarray(streams.monthly_normal("demand").T)
        draw = streams.normal("demand_strength", 1)[:, 0]
        self.strength_draw = np.exp(d.uncertainty * draw - d.uncertainty**2 / 2)
        self.users = d.users.copy()
        self.paying = d.paying_share.copy()
        self.training_stock = d.training_stock.copy()
        self.reference_stock = d.training_stock.copy()
        self.wealth = np.ones(p.worlds)
        self.consumer = self.users * self.paying * d.price_per_user * 12
        self.enterprise_now = np.maximum(lab_revenue - self.consumer, 0.0)  # today's level, a quantity
        self.enterprise = self.enterprise_now.copy()
        self.direct = d.direct.copy()
        self.capability = np.ones(p.worlds)
        self._at_opening: list[tuple[Floats, Floats]] = []  # by lab: opening training's weight, and its share of all labs'
        rent, g = p.compute.rent, p.growth
        self.grows_everywhere = bool(np.all(g.on))
        self.persistent = DemandGrowth(
            p,
            streams,
            {"consumers": self.consumer, "enterprises": self.enterprise, "direct": self.direct, "own": own_use * rent},
            {
                "consumers": g.consumer_limit,
                "enterprises": d.enterprise_limit,
                "direct": d.direct_limit,
                "own": g.own_limit,
            },
        )

    @property
    def growth(self) -> dict[str, Floats]:
        """Log growth a month of "consumers", "enterprises", "direct" and "own" at unchanged prices; 0 where it is off."""
        return self.persistent.growth

    @property
    def efficiency(self) -> Floats:
        """Work that a GW does, against the opening; 1 where growth is off."""
        return self.persistent.efficiency

    @property
    def own_use_index(self) -> Floats:
        """Compute that clouds' own products use, against the opening; 1 where growth is off."""
        return self.persistent.own_use_index

    @property
    def compute_per_dollar(self) -> Floats:
        """Compute used per dollar that customers spend, against the opening; 1 where growth is off."""
        return self.persistent.compute_per_dollar

    def note_effort(self, effort: Floats) -> None:
        """Labs' spending over what they would spend if cash did not bind: below 1 it costs them customers."""
        self.persistent.effort = effort

    def strength(self) -> Floats:
        """Demand strength with the replicate's own draw."""
        return self.p.demand.strength * self.strength_draw

    def learn(self, training_gw: Floats, month: int) -> None:
        """Add a month of training to the stock; the reference path is what customers' expectations are built on."""
        d = self.p.demand
        self.training_stock = self.training_stock + training_gw / 12
        self.reference_stock = self.reference_stock + d.reference_training * (1 + d.reference_growth) ** (month / 12) / 12
        base = np.log1p(d.training_stock)
        self.capability = np.log1p(self.training_stock) / base

    def update(self, month: int, rent_index: Floats, wealth_index: Floats, income: Floats) -> None:
        """What customers would spend in a year at today's prices, month by month (dollars a year)."""
        d = self.p.demand
        self.paying = paying(self.paying, d.paying_limit, d.paying_per_capability, self.capability, d.paying_speed)
        noise = np.exp(d.noise * self.noise[:, month])
        self.wealth = bounded(wealth_index, 0.1, 10.0) ** d.wealth_effect
        quality, users_before = self.quality(), self.users
        if not self.grows_everywhere:
            self._follow_curves(month, rent_index, quality, noise)
        if anywhere(self.p.growth.on):
            self._grow(month, rent_index, users_before, quality, noise)
        whole = self.consumer + self.enterprise + self.direct
        affordable = part_affordable(whole, d.budget_share, income)
        self.consumer, self.enterprise, self.direct = (x * affordable for x in (self.consumer, self.enterprise, self.direct))

    def _follow_curves(self, month: int, rent_index: Floats, quality: Floats, noise: Floats) -> None:
        """Users after Bass, and what customers would spend along logistics."""
        d = self.p.demand
        self.users = users(self.users, d.innovation, d.imitation, d.users_limit)
        self.consumer = spent_by_consumers(
            self.users, self.paying, d.price_per_user, d.ads_per_user, month, d.ads_ramp_months, self.wealth
        )
        saturation = self.strength() * d.enterprise_limit * quality * self._segments()
        price = rent_index ** (1.0 - d.price_elasticity)
        self.enterprise = self._logistic(month, self.enterprise_now, saturation, quality) * price * noise * self.wealth
        self.direct = self._logistic(month, d.direct, self.strength() * d.direct_limit, quality) * noise * self.wealth

    def _grow(self, month: int, rent_index: Floats, users_before: Floats, quality: Floats, noise: Floats) -> None:
        """Where demand grows by itself: users and what customers would spend, in the place of the curves'."""
        g, grown = self.p.growth, self.persistent
        scale = self.strength() * quality
        segments = scale * self._segments()
        grown.advance(month, rent_index, {"consumers": scale, "enterprises": segments, "direct": scale, "own": scale})
        drawn = users_drawn(users_before, grown.growth["consumers"], g.users_ratio, self.p.demand.users_limit)
        found: tuple[Floats, ...] = (
            drawn if month else users_before,
            grown.spending("consumers") * self.wealth,
            grown.spending("enterprises") * noise * self.wealth,
            grown.spending("direct") * noise * self.wealth,
        )
        if not self.grows_everywhere:
            curves = self.users, self.consumer, self.enterprise, self.direct
            found = tuple(np.where(g.on, x, curve) for x, curve in zip(found, curves, strict=True))
        self.users, self.consumer, self.enterprise, self.direct = found

    def quality(self) -> Floats:
        """Response of saturation to capability: (Q / Q_reference)^elasticity."""
        reference = np.log1p(self.reference_stock) / np.log1p(self.p.demand.training_stock)
        return (self.capability / reference) ** self.p.demand.capability_elasticity

    def labs_total(self) -> Floats:
        """Yearly spending on labs' products."""
        return self.consumer + self.enterprise

    def share_targets(
        self, training: Sequence[Floats], opening: Sequence[Floats], opening_shares: Sequence[Floats]
    ) -> list[Floats]:
        """Shares of sales that labs' training deserves: opening share x (share of weights / share of opening training).

        Weight: training^e x opening training^(1 - e), GW; e = `demand.share_elasticity`.
        """
        e = self.p.demand.share_elasticity
        if not self._at_opening:
            start = total(opening)
            self._at_opening = [(then ** (1.0 - e), share(then, start)) for then in opening]
        weights = [now**e * then for now, (then, _) in zip(training, self._at_opening, strict=True)]
        whole = total(weights)
        return [
            was * share(share(weight, whole), start, 1.0)
            for weight, (_, start), was in zip(weights, self._at_opening, opening_shares, strict=True)
        ]

    def _logistic(self, month: int, level: Floats, saturation: Floats, quality: Floats) -> Floats:
        d = self.p.demand
        midpoint = d.enterprise_midpoint / np.maximum(quality, 0.05)
        start = 1.0 / (1.0 + np.exp(np.minimum(midpoint / d.enterprise_width, 700.0)))
        now = 1.0 / (1.0 + np.exp(np.minimum((midpoint - month) / d.enterprise_width, 700.0)))
        return on_logistic(level, saturation, now, start)

    def _segments(self) -> Floats:
        result = np.zeros(self.p.worlds)
        for name, weight in SEGMENTS:
            result = result + weight * getattr(self.p.demand, f"segment_{name}")
        return result
