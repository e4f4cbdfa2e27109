"""Distress of firms: who fails or is rescued this month, and who defaulted when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perpetuum.model.equations import equation
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.worlds import Dollars, Floats, Mask, Stateful


@equation
def stands(defaulted_at: float, month: float, grace: float) -> float:
    """0 where a firm defaulted less than `grace` months ago (-1: never), else 1.

    >>> stands(-1.0, 9.0, 6.0), stands(4.0, 9.0, 6.0), stands(3.0, 9.0, 6.0)
    (1.0, 0.0, 1.0)
    """
    return 0.0 if defaulted_at >= 0.0 and month - defaulted_at < grace else 1.0


class Distress(Stateful):
    """By account of a firm, (worlds,) each: `failed_now`, `rescued_now` (1 or 0), `defaulted_at` (month, -1 never)."""

    def __init__(self, p: ParameterValues, firms: Sequence[int]):
        self.p = p
        self.firms = tuple(firms)
        self.defaulted_at: dict[int, Floats] = {account: np.full(p.worlds, -1.0) for account in firms}
        self.failed_now: dict[int, Floats] = {}
        self.rescued_now: dict[int, Floats] = {}
        self.begin_month()
        self.begin_defaults()

    def begin_month(self) -> None:
        """Nobody has been rescued yet this month."""
        self.rescued_now = dict.fromkeys(self.firms, np.zeros(self.p.worlds))

    def begin_defaults(self) -> None:
        """Nobody has failed yet this month."""
        self.failed_now = dict.fromkeys(self.firms, np.zeros(self.p.worlds))

    def fail(self, account: int, failed: Mask, month: int) -> None:
        """A firm defaults."""
        self.defaulted_at[account] = np.where(failed, month, self.defaulted_at[account])
        self.failed_now[account] = failed.astype(np.float64)

    def rescue(self, account: int, paid: Dollars) -> None:
        """A firm is given money because it would fail."""
        self.rescued_now[account] = np.maximum(self.rescued_now[account], (paid > 0).astype(np.float64))

    def ever(self, account: int) -> Mask:
        """Where a firm has defaulted."""
        return self.defaulted_at[account] >= 0

    def within(self, account: int, month: int, months: float | Floats) -> Mask:
        """Where a firm defaulted less than some months ago."""
        at = self.defaulted_at[account]
        return (at >= 0) & (month - at < months)

    def standing(self, account: int, month: int) -> Floats:
        """1 where a firm is not within its months of grace, else 0."""
        return stands(self.defaulted_at[account], month, self.p.default.grace_months)

    def in_grace(self, account: int, month: int) -> Mask:
        """Where a firm defaulted within the months of grace: it does not default again, and nobody finances it but states
        that rescue champions."""
        return self.within(account, month, self.p.default.grace_months)

    def any_failed(self, accounts: Sequence[int]) -> Floats:
        """1 where any of some firms fails this month."""
        return np.maximum.reduce([self.failed_now[account] for account in accounts])
