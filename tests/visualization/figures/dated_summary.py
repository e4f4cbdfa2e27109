"""What a run's summary says, as much of it as the dated figures read, by hand."""

from __future__ import annotations

import datetime

import numpy as np

from perpetuum.model.observed.odds import share_of

UNKNOWNS = ("demand.strength", "labs.appetite", "contracts.reserve_share", "technology.value_kept")


def share(part, worlds=100):
    return share_of(np.arange(worlds) < round(part * worlds))


def odds(worlds, months):
    entries = []
    for month in range(months):
        fallen, alone, smaller = (round(part * month / max(months, 2) * worlds) / worlds for part in (0.1, 0.5, 0.05))
        parts = {"fallen": fallen, "alone": alone, "smaller": smaller, "spinning": 1 - fallen - alone - smaller}
        date = datetime.date(2025 + (9 + month) // 12, (9 + month) % 12 + 1, 1).isoformat()
        entries.append({"month": month, "date": date} | {name: share(part, worlds) for name, part in parts.items()})
    return entries


def year(cents, low, high, months=12):
    sources = {"other_business": 1.2 * cents + 0.8, "shares": 0.1, "credit": -0.2, "states": 0.02}
    sources["cash"] = cents - sum(sources.values())
    return {"median": cents, "mean": cents, "low": low, "high": high, "by_source": sources, "months": months}


def summary(worlds=100, months=120, **more):
    last = 2025 + (months + 8) // 12
    money = {
        str(y): year(0.6 - 0.1 * k, 0.55 - 0.12 * k, 0.65 - 0.08 * k) for k, y in enumerate(range(2026, max(last, 2027)))
    }
    ends = {name: ({"fallen": share(0.05, 33), "alone": share(0.4, 33), "range": [0, 1]},) * 2 for name in UNKNOWNS}
    ends["demand.strength"] = (
        {"fallen": share(0.06, 33), "alone": share(0.06, 33), "range": [0.4, 0.9]},
        {"fallen": share(0.0, 33), "alone": share(0.85, 33), "range": [1.2, 3.0]},
    )
    table = [[0.0, 0.5, 13.0], [0.0, 0.0, 8.0], [0.0, 0.0, -1.0]]
    return {
        "preset": "ono_2025",
        "overrides": {},
        "fixed": False,
        "unknowns": {name: [0, 1] for name in UNKNOWNS},
        "seed": 1,
        "worlds": worlds,
        "months": months,
        "first_month": "2025-10-01",
        "tightening": {"within_run": months > 24, "theta": 0.6, "start_month": 24},
        "odds": {"asked": odds(worlds, months), "loose": odds(worlds, months)},
        "outside_cents": {"asked": {"2025": year(0.61, 0.6, 0.63, 3), **money}},
        "life_lost_map": {
            "starts": [0, 12, 24], "strengths": [0.25, 0.5, 1.0], "months": table, "worlds": min(worlds, 12), "within": 60,
            "low": [[0.0, 0.0, 5.0], [0.0, 0.0, 2.0], [0.0, 0.0, -3.0]],
            "high": [[0.0, 1.6, 21.0], [0.0, 0.0, 13.0], [0.0, 0.0, 0.5]],
            "unconditional": [[0.0, 2.0, 38.0], [0.0, 0.0, 30.0], [0.0, 0.0, 6.0]],
            "unconditional_low": [[0.0, -1.0, 20.0], [0.0, 0.0, 11.0], [0.0, 0.0, -2.0]],
            "unconditional_high": [[0.0, 4.0, 55.0], [0.0, 0.0, 47.0], [0.0, 0.0, 14.0]],
            "beyond_chance": [[False, False, True], [False, False, True], [False, False, False]],
        },
        "history": [{"name": name, "theta": theta} for name, theta in (("2000-02", 0.8), ("2008", 0.45), ("2022", 0.58))],
        "decided_by": {name: {"share": 0.02, "low": 0.0, "high": 0.09} for name in UNKNOWNS}
        | {"luck": {"share": 0.9, "low": 0.7, "high": 1.0}},
        "decided_by_alone": {name: {"share": 0.03, "low": 0.0, "high": 0.1} for name in UNKNOWNS}
        | {"demand.strength": {"share": 0.44, "low": 0.28, "high": 0.62}},
        "odds_by": {name: dict(zip(("low_third", "high_third"), both, strict=True)) for name, both in ends.items()},
        **more,
    }  # fmt: skip
