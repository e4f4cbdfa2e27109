"""The record: what was published about the industry up to September 2025, each figure with the day on which it was public.

`industry.csv` holds series of firms and markets (period's end, day of publication, value, unit, source, confidence: [P] filing or
release, [R] report on filings, [S] press, [D] derived, [U] unverified), `macro_monthly.csv` rates, spreads and the Nasdaq by
month, `share_prices.csv` month-end closes, `article.csv` what the newspaper essay says of which `ono_2025` is made. Openings,
priors and fits may use rows by the day of publication only. A column of `macro_monthly.csv` is the series `monthly_<column>`,
public at its month's end; what it says of 2000 to 2003 scores the preset `telecom_1999` and is used nowhere else.
"""

from __future__ import annotations

import csv
import datetime
import functools
from dataclasses import dataclass
from importlib import resources

from perpetuum.model.errors import InputError, nearest

#: What the names of monthly rates, spreads and indices begin with, and where they come from.
MONTHLY = "monthly_"
MACRO_SOURCE = "Federal Reserve, ICE BofA, Moody's, Nasdaq"


@dataclass(frozen=True, order=True)
class Fact:
    """One published figure: the period's end, the day on which it was public, value and unit, source and confidence."""

    date: datetime.date
    public: datetime.date
    series: str
    value: float
    unit: str
    source: str
    confidence: str


def _day(text: str) -> datetime.date:
    """A day; a month stands for its last day."""
    if len(text) > len("2025-09"):
        return datetime.date.fromisoformat(text)
    year, month = (int(part) for part in text.split("-"))
    return datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)


@functools.cache
def record() -> dict[str, tuple[Fact, ...]]:
    """All series of the record by name: their figures by the period's end."""
    found: dict[str, list[Fact]] = {}
    text = (resources.files(__name__) / "industry.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        days = _day(row["date"]), _day(row["public"])
        rest = row["unit"], row["source"], row["confidence"]
        found.setdefault(row["series"], []).append(Fact(*days, row["series"], float(row["value"]), *rest))
    text = (resources.files(__name__) / "macro_monthly.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        end = _day(row.pop("month"))
        for column, value in row.items():
            if value:
                name, unit = f"{MONTHLY}{column}", column.partition("_pct")[1].strip("_") or "index"
                found.setdefault(name, []).append(Fact(end, end, name, float(value), unit, MACRO_SOURCE, "[P]"))
    return {name: tuple(sorted(rows)) for name, rows in found.items()}


@dataclass(frozen=True)
class Said:
    """A figure of the newspaper essay (October 2025), and the share of itself that a model may be off; None: a bound."""

    value: float
    tolerance: float | None
    unit: str


#: Where the essay's figures come from.
ARTICLE = "newspaper essay, October 2025"


@functools.cache
def article() -> dict[str, Said]:
    """The essay's figures by claim."""
    text = (resources.files(__name__) / "article.csv").read_text(encoding="utf-8")
    return {
        row["claim"]: Said(float(row["value"]), float(row["tolerance"]) if row["tolerance"] else None, row["unit"])
        for row in csv.DictReader(text.splitlines())
    }


def facts(series: str, public_by: datetime.date | None = None) -> tuple[Fact, ...]:
    """A series' figures by the period's end: those that were public on a day, or all.

    Raises InputError for a series that the record does not have.
    """
    if series not in record():
        raise InputError(f"the record has no series '{series}'{nearest(series, list(record()))}")
    return tuple(fact for fact in record()[series] if public_by is None or fact.public <= public_by)
