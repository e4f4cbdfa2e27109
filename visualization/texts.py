"""Words for the names in the tables: outcomes, firms, sectors and series, as a newspaper would write them."""

from __future__ import annotations

HEADLINE_WORDS: dict[str, str] = {
    "holds_up": "holds up",
    "falls_apart": "falls apart",
    "undecided": "undecided",
}

CLASS_WORDS: dict[str, str] = {
    "collapse": "Collapse",
    "hard_landing": "Hard landing",
    "contained_failure": "Contained failure",
    "self_sustaining": "Self-sustaining",
    "soft_landing": "Soft landing",
    "rescued": "Rescued",
    "stalled": "Stalled",
    "still_spinning": "Still spinning",
}

CLASS_MEANINGS: dict[str, str] = {
    "collapse": "a core firm defaults and the chip vendor's revenue halves",
    "hard_landing": "the chip vendor's revenue halves and does not come back",
    "contained_failure": "a core firm fails, the rest carries on",
    "self_sustaining": "customers pay for it and revenue hardly dipped",
    "soft_landing": "customers pay for it after a dip",
    "rescued": "a core firm had to be rescued",
    "stalled": "neither grows nor pays for itself",
    "still_spinning": "still running on money from outside AI",
}

SECTOR_WORDS: dict[str, str] = {
    "vendors": "Chip vendors",
    "clouds": "Clouds",
    "labs": "AI labs",
    "funds": "Venture and\nprivate funds",
    "investors": "Shareholders",
    "lenders": "Lenders",
    "states": "States",
    "bank": "Bank",
    "customers": "Customers",
    "suppliers": "Suppliers,\nstaff, power",
}


def firm(name: str) -> str:
    """Return an agent's id as words: `lead_lab` is "the lead lab"; nobody is "nobody"."""
    return f"the {name.replace('_', ' ')}" if name else "nobody"


def percent(share: float) -> str:
    """Write a share as a percentage without pretending to know more than it does."""
    if 0 < share < 0.005:
        return "under 1 %"
    whole = round(100 * share)
    return f"{'−' if whole < 0 else ''}{abs(whole)} %"
