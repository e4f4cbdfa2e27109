"""Chip generations: when they come, what they cost, and what an older chip is still worth."""

from __future__ import annotations

import numpy as np

from perpetuum.model.equations import equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Dollars, Floats, Stateful, bounded

#: Generations that the opening fleet is made of: two old, one old, current.
OPENING_GENERATIONS = 3


@equation
def blended_content(content: float, current: float, speed: float) -> float:
    """content + speed x (content of the current generation - content), dollars per GW: a generation arrives over quarters.

    >>> blended_content(20.0, 28.0, 0.25), blended_content(28.0, 28.0, 0.25)
    (22.0, 28.0)
    """
    return content + speed * (current - content)


class Technology(Stateful):
    """The current generation in every world and the rental value of each older one."""

    def __init__(self, p: ParameterValues, generations: int):
        self.p = p
        self.generations = generations
        self.current: Dollars = np.full(p.worlds, OPENING_GENERATIONS - 1, dtype=np.int64)
        self.age: Floats = p.technology.opening_age.copy()
        self.content: Floats = self._content()

    def advance(self) -> None:
        """A month passes; a new generation is released when the current one has reached the cadence."""
        self.age = self.age + 1.0
        released = self.age >= self.p.technology.cadence_months
        room = self.current < self.generations - 1
        self.current = self.current + (released & room)
        self.age = np.where(released, 0.0, self.age)
        blended = blended_content(self.content, self._content(), self.p.supply.mix_speed)
        self.content = np.where(self.p.supply.on, blended, self._content())

    def value_weights(self) -> Floats:
        """Rental value of each generation relative to the current one, kept^(generations behind): (generations, worlds)."""
        behind = np.maximum(self.current[None, :] - np.arange(self.generations)[:, None], 0).astype(np.float64)
        return np.ascontiguousarray(self.p.technology.value_kept[None, :] ** behind)

    def content_per_gw(self) -> Floats:
        """Vendor's products per GW at list price (dollars): today's mix moves to the next generation's over two releases, at
        once or, where `supply.on`, as a mix of what is shipped."""
        return self.content

    def _content(self) -> Floats:
        t = self.p.technology
        progress = bounded((self.current - (OPENING_GENERATIONS - 1)) / 2.0, 0.0, 1.0)
        return t.content_today + (t.content_next - t.content_today) * progress
