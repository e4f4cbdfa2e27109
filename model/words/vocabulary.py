"""Words for the names in the tables: outcomes, firms, sectors and series, as a newspaper would write them."""

from __future__ import annotations

from perpetuum.model.words import names
from perpetuum.model.words.catalogue import Words
from perpetuum.model.words.names import capital

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

#: What worlds do that have a headline, one of them and several.
HEADLINE_VERBS: dict[str, tuple[str, str]] = {
    "holds_up": ("holds up", "hold up"),
    "falls_apart": ("falls apart", "fall apart"),
    "undecided": ("stays undecided", "stay undecided"),
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


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: "1 world", "8,820 worlds"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """Write a share as a percentage without pretending to know more than it does."""
    if 0 < share < 0.005:
        return "under 1 %"
    whole = round(100 * share)
    return f"{'−' if whole < 0 else ''}{abs(whole)} %"


def parameter(name: str) -> str:
    """Return a parameter's dotted name as words: `demand.strength` is "demand", `lead_lab.cash` "lead lab cash"."""
    return names.parameter(Words("en"), name)


#: Metrics of a world: name to what it is and its unit; shares are written in per cent.
METRIC_WORDS: dict[str, tuple[str, str]] = {
    "first_default_month": ("Month of the first default", "months from the start"),
    "drawdown": ("Largest fall of the chip vendors' revenue", "share"),
    "drawdown_month": ("Month of the revenue's trough", "months from the start"),
    "operating_ratio_last24": ("Customers' payments over running costs, last 24 months", "ratio"),
    "gw_kept": ("Chips in service at the end against the tightening's start", "ratio"),
    "training_kept": ("Training at the end against the tightening's start", "ratio"),
    "delivered_share": ("Contracted gigawatts that were delivered", "share"),
    "growth_last24": ("Growth of the chip vendors' revenue, last 24 months", "share a year"),
    "core_shed": ("Commitments that a core firm shed", "share"),
    "core_default_month": ("Month of a core firm's first default", "months from the start"),
    "core_rescued": ("Worlds in which a core firm is rescued", "share"),
    "core_arrears": ("Worlds in which a core firm falls into arrears", "share"),
    "outside_financing_peak": ("Money from outside at its peak", "$bn"),
    "outside_financing_peak_month": ("Month in which money from outside peaks", "months from the start"),
    "peak_revenue": ("Chip vendors' highest AI revenue", "$bn a month"),
    "peak_revenue_month": ("Month of the chip vendors' highest AI revenue", "months from the start"),
    "final_revenue": ("Chip vendors' AI revenue at the end", "$bn a month"),
    "months_after_release": ("Months after funding is back to normal", "months"),
    "own_money_share": ("Vendors' own money in their revenue", "share"),
    "own_money_share_low": ("Vendors' own money in their revenue, spent last", "share"),
    "own_money_share_high": ("Vendors' own money in their revenue, spent first", "share"),
    "in_system_share": ("Money of vendors, clouds and labs in the vendors' revenue", "share"),
    "non_customer_share": ("Money that is no customer's in the vendors' revenue", "share"),
    "vendor_revenue_sum": ("Chip vendors' AI revenue over the run", "$bn"),
    "outside_financing_sum": ("Money from outside over the run", "$bn"),
    "vendor_finance_sum": ("Vendor finance over the run", "$bn"),
    "caused_share": ("Chip vendors' revenue that vendor finance caused", "share"),
    "unlocked_per_dollar": ("Outside money brought by a dollar of vendor finance", "$"),
    "reckoning:exit:best_month": ("Best month to leave AI shares", "months from the start"),
    "reckoning:exit:best": ("A dollar in AI shares at its best", "$"),
    "reckoning:exit:at_tightening": ("A dollar in AI shares as funding tightens", "$"),
    "reckoning:exit:at_end": ("A dollar in AI shares at the end", "$"),
    "reckoning:remains:unfinished_gw": ("Gigawatts left unfinished", "GW"),
    "reckoning:remains:usable_gw": ("Gigawatts in use at the end", "GW"),
    "reckoning:remains:capability": ("Capability at the end, against today's", "times"),
    "reckoning:remains:rent_per_hour": ("Rent of computing power at the end", "$ per GPU-hour"),
}

_GAIN = "reckoning:gain:"


def metric(name: str) -> tuple[str, str]:
    """Return what a metric is and its unit ("" where it is not known)."""
    if name.startswith(_GAIN):
        who = name.removeprefix(_GAIN).replace("_", " ")
        return f"Gain of {who.replace('chip vendors', 'the chip vendors')}", "$bn"
    return METRIC_WORDS.get(name, (capital(name.replace("_", " ").replace(":", " ")), ""))


def amount(value: float, unit: str) -> str:
    """Write a metric's value with its unit: "12 %", "$1,200bn", "33 GW"."""
    if unit.startswith("share"):
        return percent(value) + unit.removeprefix("share")
    figure = f"{abs(value):,.0f}" if abs(value) >= 100 else f"{abs(value):.3g}"
    sign = "−" if value < 0 else ""
    if unit.startswith("$bn"):
        return f"{sign}${figure}bn{unit.removeprefix('$bn')}"
    if unit.startswith("$"):
        return f"{sign}${figure}{unit.removeprefix('$')}"
    return f"{sign}{figure} {unit}" if unit not in ("", "ratio", "months from the start") else f"{sign}{figure}"
