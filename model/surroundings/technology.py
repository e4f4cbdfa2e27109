"""Chip generations: when they come, what they cost, and what an older chip is still worth."""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Dollars, Floats, Stateful, bounded

#: Generations that the opening fleet is made of: two old, one old, current.
OPENING_GENERATIONS = 3


@equation
def next_generation(part: float, speed: float) -> float:
    """part + speed (1 - part): share of the next generation in what is shipped; it arrives over quarters.

    >>> next_generation(0.5, 0.25)
    0.625
    """
    return part + speed * (1.0 - part)


@equation
def shells_needed(cost: float, content: float, following: float, part: float) -> float:
    """cost x content / (content + part (next generation's - content)), dollars per GW counted at the opening's content: what
    carries more dollars a GW needs fewer shells for them.

    >>> shells_needed(12.0, 20.0, 40.0, 0.0), shells_needed(12.0, 20.0, 40.0, 1.0)
    (12.0, 6.0)
    """
    return cost * content / (content + part * (following - content))


class Technology(Stateful):
    """The current generation in every world and the rental value of each older one."""

    def __init__(self, p: ParameterValues, generations: int):
        self.p = p
        self.generations = generations
        self.current: Dollars = np.full(p.worlds, OPENING_GENERATIONS - 1, dtype=np.int64)
        self.age: Floats = p.technology.opening_age.copy()
        self.content: Floats = self._content()
        self.next_share: Floats = np.zeros(p.worlds)  # of the next generation in what is shipped, where generations blend
        self.shell_cost: Floats = p.technology.shell_cost.copy()  # dollars per GW

    def advance(self) -> None:
        """A month passes; a new generation is released when the current one has reached the cadence."""
        self.age = self.age + 1.0
        released = self.age >= self.p.technology.cadence_months
        room = self.current < self.generations - 1
        self.current = self.current + (released & room)
        self.age = np.where(released, 0.0, self.age)
        t, on = self.p.technology, self.p.supply.on
        out = self.current > OPENING_GENERATIONS - 1  # the next one has been released
        self.next_share = np.where(out, next_generation(self.next_share, self.p.supply.mix_speed), self.next_share)
        self.content = np.where(on, t.content_today, self._content())
        fewer = shells_needed(t.shell_cost, t.content_today, t.content_next, self.next_share)
        self.shell_cost = np.where(on, fewer, t.shell_cost)

    def value_weights(self) -> Floats:
        """Rental value of each generation relative to the current one, kept^(generations behind): (generations, worlds)."""
        behind = np.maximum(self.current[None, :] - np.arange(self.generations)[:, None], 0).astype(np.float64)
        return np.ascontiguousarray(self.p.technology.value_kept[None, :] ** behind)

    def content_per_gw(self) -> Floats:
        """Vendor's products per GW at list price (dollars): today's mix moves to the next generation's over two releases, or,
        where `supply.on`, stays: GW count at the opening's content."""
        return self.content

    def _content(self) -> Floats:
        t = self.p.technology
        progress = bounded((self.current - (OPENING_GENERATIONS - 1)) / 2.0, 0.0, 1.0)
        return t.content_today + (t.content_next - t.content_today) * progress
