"""The fits that a calibration makes: what each is called, by which day its figures were public, and on which years it rests."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """A fit: its name, the day by which its figures were public, and the presets whose first year it is fitted on."""

    name: str
    known: datetime.date
    years: tuple[str, ...]


PLANS = {
    "A": Plan("fit_a", datetime.date(2024, 10, 1), ("ono_2023",)),
    "B": Plan("fit_b", datetime.date(2025, 9, 30), ("ono_2023", "ono_2024")),
}
