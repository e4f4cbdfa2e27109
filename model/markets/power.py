"""Shells and power: buildings under construction, those that wait to be energised, and those in which chips can run.

A shell is begun, paid for in equal monthly steps (one that is not paid stands still), finished, and energised as far as there is
power, all builders alike. GW, counted like chips' at the opening's content.
"""

from __future__ import annotations

import math

import numpy as np

from perpetuum.model.equations import DUST, equation
from perpetuum.model.worlds import Floats, Register, total


@equation
def power_there_is(first: float, opening: float, growth: float, month: float, denser: float) -> float:
    """first x opening x exp(growth x month / 12) x denser, GW that can be energised in a month.

    `first` is what builders finish a month at the start, `denser` the opening's GW that fit into a GW of today's power.

    >>> power_there_is(2.0, 1.25, 0.5, 0.0, 1.0), power_there_is(2.0, 1.25, 0.0, 24.0, 2.0)
    (2.5, 5.0)
    >>> round(power_there_is(2.0, 1.25, 0.5, 24.0, 1.0), 4)
    6.7957
    """
    return first * opening * math.exp(growth * month / 12) * denser


@equation
def part_energised(power: float, finished: float) -> float:
    """min(power / all that is finished, 1): shortfall is shared pro rata, and waits; 1 where nothing is finished.

    >>> part_energised(3.0, 4.0), part_energised(3.0, 2.0), part_energised(3.0, 0.0)
    (0.75, 1.0, 1.0)
    """
    return min(power / finished if finished > DUST else 1.0, 1.0)


@equation
def part_finished(spent: float, bill: float) -> float:
    """min(spent / bill, 1) of a month's step of construction; all of it where nothing is due.

    >>> part_finished(3.0, 4.0), part_finished(0.0, 4.0), part_finished(0.0, 0.0)
    (0.75, 0.0, 1.0)
    """
    return min(spent / bill if bill > DUST else 1.0, 1.0)


class Shells(Register):
    """Shells by cloud: `energised`, `waiting` for power, this month energised `now` and left `without_power` (clouds, worlds).

    `under_way` (clouds, months, worlds): those that have i + 1 steps left to be paid. `on` (worlds,): where chips need
    shells; `first` (worlds,): GW that builders finish in one of the first months.
    """

    def __init__(self, clouds: tuple[int, ...], months: int, on: Floats):
        self.row = {account: index for index, account in enumerate(clouds)}
        self.months = months
        self.on = on.copy()
        shape = (len(clouds), len(on))
        self.energised: Floats = np.zeros(shape)
        self.waiting: Floats = np.zeros(shape)
        self.now: Floats = np.zeros(shape)
        self.without_power: Floats = np.zeros(shape)
        self.under_way: Floats = np.zeros((len(clouds), months, len(on)))
        self.first: Floats = np.zeros(len(on))

    def open(self, cloud: int, energised: Floats, finished: Floats) -> None:
        """Enter what stands at the start, and what is energised in the first month."""
        self.energised[self.row[cloud]] = energised * self.on
        self.waiting[self.row[cloud]] = finished * self.on
        self.first = self.first + finished

    def open_under_way(self, cloud: int, soon: Floats, later: Floats, turn: Floats) -> None:
        """Enter what is under construction at the start: `soon` GW a month finish until `turn` months on, `later` after it.

        There is power for what is finished soon as for what is finished at once.
        """
        finished = self.now[self.row[cloud]] + self.without_power[self.row[cloud]]
        self.first = self.first + np.maximum(soon * self.on - finished, 0.0)
        for i, part in enumerate(self.by_month(turn)[:-1]):
            self.under_way[self.row[cloud], i] = (part * soon + (1.0 - part) * later) * self.on

    def by_month(self, months: Floats) -> Floats:
        """Part of each month of construction that falls within `months` (worlds,): (months, worlds)."""
        return np.clip(months[None, :] - np.arange(self.months)[:, None], 0.0, 1.0)

    def begin(self, cloud: int, gw: Floats) -> None:
        """Begin shells, of which all steps are left."""
        self.under_way[self.row[cloud], -1] += gw * self.on

    def under_construction(self, cloud: int) -> Floats:
        """GW under construction."""
        return total(self.under_way[self.row[cloud]])

    def unfinished_and_waiting(self, cloud: int) -> Floats:
        """GW under construction or finished and without power."""
        return self.under_construction(cloud) + self.waiting[self.row[cloud]]

    def finished_within(self, cloud: int, months: Floats) -> Floats:
        """GW that will be finished `months` (worlds,) from now, with those that wait."""
        return self.waiting[self.row[cloud]] + total(self.under_way[self.row[cloud]] * self.by_month(months))

    def build(self, cloud: int, part: Floats) -> None:
        """A month's step of construction of which `part` (worlds,) was paid; the rest stands still."""
        shells = self.under_way[self.row[cloud]]
        done = shells * part
        shells -= done
        shells[:-1] += done[1:]
        self.waiting[self.row[cloud]] += done[0]

    def energise(self, loss: Floats, power: Floats) -> None:
        """Lose part of what stands, and energise what is finished as far as there is power (worlds,), GW a month."""
        self.now = self.waiting * part_energised(power, total(self.waiting))
        self.waiting = np.maximum(self.waiting - self.now, 0.0)
        self.without_power = self.waiting.copy()
        self.energised = self.energised * (1.0 - loss) + self.now
