"""Demand that grows by itself, persistently, and fades (`growth.on`): four streams that one product wave carries.

Of each stream, L is the demand in compute at the opening's efficiency and g its log growth a month:

    g  = pull ln(M / L) + u             M = demand strength x the stream's limit x response to capability
    u' = (1 - fade) u + shock e - b     e normal, common to all streams by `growth.correlation`; u opens at g0 - pull ln(M1 / L0);
                                        b = break_size in months in which the wave breaks (chance break_rate), 0 in others
    L' = L exp(g)                       labs' streams x (1 - effort_loss (1 - effort)+)

g0 is the trailing growth of spending less what falling prices and rising efficiency explain of it; M1 is M at strength 1, so
that strength acts on growth from the first month and leaves the opening alone (Gompertz 1825; Harvey 1989). g itself never
reverts to pull ln(M / L): that would overshoot where fade < 4 pull. Levels are kept against the opening's: M / L needs no
unit, and the opening's dollars are met to the last bit. The price of compute, p = (rent / opening rent)^rent_share x
efficiency^-pass_through, acts once, through the elasticity e: what is spent is L p^(1 - e), the compute used L p^-e /
efficiency.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from perpetuum.model.equations import DUST, equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Floats, Stateful, anywhere

#: Who demands: labs' customers (the first two), direct customers of clouds, clouds for their own products.
STREAMS = ("consumers", "enterprises", "direct", "own")
#: Streams that labs sell to, and lose where they save.
LABS = STREAMS[:2]
#: Part of a level below which a limit pulls no harder: a limit of nought has no logarithm.
LEAST_ROOM = 1e-6
#: Levels, against the opening one, that no stream falls below or rises above.
SMALLEST_LEVEL, LARGEST_LEVEL = 1e-9, 1e9


@equation
def growth_at_opening(trailing: float, elasticity: float, pass_through: float, efficiency: float) -> float:
    """trailing - (elasticity - 1) pass_through x efficiency / 12, a month: growth of spending that falling prices do not explain.

    >>> growth_at_opening(0.125, 1.5, 0.5, 0.375), growth_at_opening(0.125, 1.0, 0.5, 0.375)
    (0.1171875, 0.125)
    """
    return trailing - (elasticity - 1.0) * pass_through * efficiency / 12


@equation
def growth_of_use_at_opening(trailing: float, elasticity: float, pass_through: float, efficiency: float) -> float:
    """trailing - (elasticity x pass_through - 1) efficiency / 12, a month: the same of compute used (GW), which cheaper work
    adds to and more efficient work takes from.

    >>> growth_of_use_at_opening(0.125, 1.5, 0.5, 0.375), growth_of_use_at_opening(0.125, 2.0, 0.5, 0.375)
    (0.1328125, 0.125)
    """
    return trailing - (elasticity * pass_through - 1.0) * efficiency / 12


@equation
def pulled(pull: float, limit: float, level: float) -> float:
    """pull x ln(limit / level), growth a month that the distance to the limit adds; nothing where there is no demand.

    >>> pulled(0.25, 8.0, 8.0), round(pulled(0.25, 16.0, 8.0), 4), round(pulled(0.25, 4.0, 8.0), 4)
    (0.0, 0.1733, -0.1733)
    >>> pulled(0.25, 8.0, 0.0), round(pulled(0.25, 0.0, 8.0), 4)
    (0.0, -3.4539)
    """
    return pull * math.log(max(limit / level, LEAST_ROOM)) if level > DUST else 0.0


@equation
def drawn_together(correlation: float, common: float, own: float) -> float:
    """sqrt(correlation) x common draw + sqrt(1 - correlation) x own, normal if both are.

    >>> drawn_together(0.25, 1.0, 0.0), drawn_together(0.75, 0.0, 1.0), drawn_together(1.0, 2.0, 9.0)
    (0.5, 0.5, 2.0)
    """
    return math.sqrt(max(correlation, 0.0)) * common + math.sqrt(max(1.0 - correlation, 0.0)) * own


@equation
def deviation(now: float, fade: float, shock: float, drawn: float, lost: float) -> float:
    """(1 - fade) u + shock x e - b, next month's.

    >>> deviation(0.5, 0.25, 0.125, 2.0, 0.0), deviation(0.5, 0.25, 0.125, -1.0, 0.0), deviation(0.5, 0.25, 0.125, 2.0, 0.75)
    (0.625, 0.25, -0.125)
    """
    return (1.0 - fade) * now + shock * drawn - lost


@equation
def lost_where_the_wave_breaks(luck: float, rate: float, size: float) -> float:
    """Growth a month that all streams lose at once in a month in which the wave breaks, 0 in others.

    >>> lost_where_the_wave_breaks(0.125, 0.25, 0.5), lost_where_the_wave_breaks(0.25, 0.25, 0.5)
    (0.5, 0.0)
    """
    return size if luck < rate else 0.0


@equation
def growth_of_month(pulled: float, deviation: float, month: float, bend_month: float, bend_to: float) -> float:
    """pulled + u, a month; from bend_month on, bend_to times that: a test of what follows when growth bends.

    >>> growth_of_month(0.25, 0.5, 11.0, 12.0, 0.5), growth_of_month(0.25, 0.5, 12.0, 12.0, 0.5)
    (0.75, 0.375)
    """
    return (pulled + deviation) * (bend_to if month >= bend_month else 1.0)


@equation
def level_next(level: float, growth: float, effort_loss: float, effort: float) -> float:
    """L exp(g) (1 - effort_loss (1 - effort)+), between a billionth and a billion: who saves loses, who overspends wins nobody.

    >>> [level_next(8.0, 0.0, 0.5, effort) for effort in (0.5, 1.0, 1.5)], round(level_next(8.0, 0.25, 0.0, 1.0), 4)
    ([6.0, 8.0, 8.0], 10.2722)
    >>> level_next(0.0, 0.25, 0.5, 1.0), level_next(1e9, 0.25, 0.5, 1.0)
    (1e-09, 1000000000.0)
    """
    kept = 1.0 - effort_loss * max(1.0 - effort, 0.0)
    return min(max(level * math.exp(growth) * kept, SMALLEST_LEVEL), LARGEST_LEVEL)


@equation
def price_of_compute(rent_index: float, rent_share: float, work: float, pass_through: float) -> float:
    """ln p = rent_share ln(rent / opening rent) - pass_through x ln(efficiency); 0 at the opening.

    Half of rents of e^2 times the opening's counts; three quarters of e^4 times the work of a GW are handed on:

    >>> [price_of_compute(rent, 0.5, work, 0.75) for rent, work in ((math.exp(2.0), 0.0), (1.0, 4.0))]
    [1.0, -3.0]
    """
    return rent_share * math.log(max(rent_index, DUST)) - pass_through * work


@equation
def spent(level: float, price: float, elasticity: float) -> float:
    """L p^(1 - elasticity), spending against the opening's; `price` is ln p.

    >>> [round(spent(8.0, math.log(4.0), elasticity), 9) for elasticity in (1.5, 1.0, 0.5)]
    [4.0, 8.0, 16.0]
    """
    return level * math.exp((1.0 - elasticity) * price)


@equation
def compute_used(level: float, price: float, elasticity: float, work: float) -> float:
    """L p^-elasticity / efficiency, GW against the opening's; `price` and `work` are ln p and ln(efficiency).

    >>> [round(compute_used(8.0, price, 1.5, work), 9) for price, work in ((math.log(4.0), 0.0), (0.0, math.log(4.0)))]
    [1.0, 2.0]
    """
    return level * math.exp(-elasticity * price - work)


@equation
def users_drawn(now: float, growth: float, ratio: float, limit: float) -> float:
    """U exp(ratio x growth of consumers' demand x (1 - U / limit)+), at most the limit: next month's users.

    >>> round(users_drawn(4.0, 0.25, 2.0, 8.0), 4), users_drawn(7.0, 9.0, 4.0, 8.0), users_drawn(9.0, 9.0, 4.0, 8.0)
    (5.1361, 8.0, 9.0)
    """
    return min(now * math.exp(ratio * growth * max(1.0 - now / limit, 0.0)), max(now, limit))


class DemandGrowth(Stateful):
    """Levels, growth and the price of compute; (worlds,) each, streams by name. Where `growth.on` is off nothing moves.

    `opening` is what a stream spends a year at the start, `limits` where it ends at strength 1 (dollars a year at the
    opening's prices; of clouds' own use, what their compute would rent for).
    """

    def __init__(self, p: ParameterValues, streams: Streams, opening: Mapping[str, Floats], limits: Mapping[str, Floats]):
        g, one = p.growth, np.ones(p.worlds)
        self.p = p
        self.opening = dict(opening)
        self.limits = dict(limits)
        self.level = {stream: one.copy() for stream in STREAMS}  # against the opening's
        self.efficiency = one.copy()  # work that a GW does, against the opening
        self.price = np.zeros(p.worlds)  # ln p, of compute to customers
        self.compute_per_dollar = one.copy()  # GW used per dollar spent, against the opening: 1 / (p x efficiency)
        self.own_use_index = one.copy()  # compute that clouds' own products use, against the opening
        self.effort = one.copy()  # labs' spending over what they would spend if cash did not bind
        self.growth: dict[str, Floats] = {}  # log growth a month; at the opening, what falling prices do not explain
        self.deviation: dict[str, Floats] = {}  # u
        self.shocks: dict[str, Floats] = {}  # (worlds, months)
        self.lost = np.zeros((p.worlds, 1))  # growth a month lost where the wave breaks (worlds, months)
        before = {"consumers": g.consumers, "enterprises": g.enterprises, "direct": g.direct, "own": g.own}
        for stream in STREAMS:
            beyond_prices = growth_of_use_at_opening if stream == "own" else growth_at_opening
            trailing = beyond_prices(before[stream], p.demand.price_elasticity, g.pass_through, g.efficiency)
            self.growth[stream] = trailing * g.on
            self.deviation[stream] = trailing - pulled(g.pull, self.limits[stream], self.opening[stream])
        if anywhere(g.on):
            for stream in ("common", *STREAMS):
                self.shocks[stream] = np.asfortranarray(streams.monthly_normal(f"growth of demand, {stream}").T)
            luck = streams.uniform("the wave of demand breaks", streams.months)
            self.lost = np.asfortranarray(lost_where_the_wave_breaks(luck, g.break_rate[:, None], g.break_size[:, None]))

    def advance(self, month: int, rent_index: Floats, scale: Mapping[str, Floats]) -> None:
        """Grow by a month (not in the first), towards limits times `scale`, and price compute at the month's rent."""
        if month:
            for stream in STREAMS:
                self._grow(stream, month, scale[stream])
        g = self.p.growth
        work = g.on * g.efficiency * (month / 12)
        self.efficiency = np.exp(work)
        self.price = g.on * price_of_compute(rent_index, g.rent_share, work, g.pass_through)
        self.compute_per_dollar = np.exp(-self.price - work)
        self.own_use_index = compute_used(self.level["own"], self.price, self.p.demand.price_elasticity, work)

    def _grow(self, stream: str, month: int, scale: Floats) -> None:
        g, shocks = self.p.growth, self.shocks
        drawn = drawn_together(g.correlation, shocks["common"][:, month], shocks[stream][:, month])
        self.deviation[stream] = deviation(self.deviation[stream], g.fade, g.shock, drawn, self.lost[:, month])
        pull = pulled(g.pull, self.limits[stream] * scale, self.opening[stream] * self.level[stream])
        grown = g.on * growth_of_month(pull, self.deviation[stream], month, g.bend_month, g.bend_to)
        loss = g.on * g.effort_loss if stream in LABS else 0.0
        self.growth[stream] = grown
        self.level[stream] = level_next(self.level[stream], grown, loss, self.effort)

    def spending(self, stream: str) -> Floats:
        """What a stream spends (dollars a year)."""
        return self.opening[stream] * spent(self.level[stream], self.price, self.p.demand.price_elasticity)
