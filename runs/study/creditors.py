"""What a creditor asks: each firm's odds of a default and of a breach by date, and the expected loss per dollar lent to it."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from perpetuum.model.observed.firm_defaults import LENT, loss_per_dollar, worth_of_shares
from perpetuum.model.observed.odds import Share, share_of
from perpetuum.model.observed.outcome import wilson
from perpetuum.model.worlds import Array

#: Odds are told by the ends of these years, where they lie within the run, and by its last month.
YEARS = (2026, 2028, 2030)


def firms(
    names: Sequence[str], told: Mapping[str, Array], covenants: Collection[str], dates: Sequence[datetime.date]
) -> dict[str, Any]:
    """By firm, money in $bn: {debt_today, default, breach, breach_months, loss, loss_after_shares, recovered}.

    `told`: as `FirmDefaults.told` has it, (firms, worlds). `default`, `breach`: first day of the month to {share, low, high} of
    worlds in which it has happened by then; `breach`, and `breach_months` (median), are None of firms not in `covenants`.
    `loss`: per dollar lent, of debt outstanding today, by the last month: {share, low, high}, or None where the firm owes
    nothing; `loss_after_shares`: the same after the shares that lenders get in the restructuring, at the market's price eleven
    months later. `recovered`: by class of creditors the share of what it is owed at the first default, over all defaults,
    `guaranteed` the share that guarantors paid of all that is lent, and `shares_later` what those shares fetch of it.
    """
    losses, after_shares = loss_per_dollar(told), loss_per_dollar(told, shares=True)
    return {
        name: {
            "debt_today": float(told["debt_today"][row].mean()) if told["debt_today"].shape[1] else 0.0,
            "default": _by_date(told["default_month"][row], dates),
            "breach": _by_date(told["first_breach_month"][row], dates) if name in covenants else None,
            "breach_months": float(np.median(told["breach_months"][row])) if name in covenants else None,
            "loss": mean_loss(losses[row]),
            "loss_after_shares": mean_loss(after_shares[row]),
            "recovered": _recovered(row, told),
        }
        for row, name in enumerate(names)
    }


def ends(dates: Sequence[datetime.date]) -> list[int]:
    """Months by which odds are told: the ends of some years, and the last one."""
    last = len(dates) - 1
    return [
        *(n for n, date in enumerate(dates[:last]) if date.month == 12 and date.year in YEARS),
        *([last] if dates else []),
    ]


def _by_date(first: Array, dates: Sequence[datetime.date]) -> dict[str, Share]:
    return {dates[month].isoformat(): share_of((first >= 0) & (first <= month)) for month in ends(dates)}


def mean_loss(losses: Array) -> dict[str, float] | None:
    """Mean of losses per dollar (worlds,), each from 0 to 1: {share, low, high}; None where no world owes anything (NaN).

    The interval is Wilson's of a share as large as the mean, m: no quantity within 0 and 1 varies more than m (1 - m), and
    with no loss in n worlds it still says how large one may be.
    """
    there = losses[np.isfinite(losses)]
    if not there.size:
        return None
    mean = float(there.mean())
    low, high = wilson(mean * there.size, there.size)
    return {"share": mean, "low": low, "high": high}


def _recovered(row: int, told: Mapping[str, Array]) -> dict[str, float | None]:
    """Share of what each class is owed at the first default that it gets back, dollars of all worlds together."""
    found: dict[str, float | None] = {}
    for name in LENT:
        owed = float(told[f"owed_{name}"][row].sum())
        found[name] = float(told[f"recovered_{name}"][row].sum()) / owed if owed > 0 else None
    owed = sum(float(told[f"owed_{name}"][row].sum()) for name in LENT)
    paid = float(told["guaranteed"][row].sum())
    shares = float(worth_of_shares(told)[row].sum())
    return found | {name: of / owed if owed > 0 else None for name, of in (("guaranteed", paid), ("shares_later", shares))}
