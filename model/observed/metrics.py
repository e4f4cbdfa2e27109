"""Metrics of a world: the unit of each by name; what each is stands in the catalogue (`metric.NAME`).

Shares are written in per cent; months are counted from the start, and negative where the thing never happens.
"""

from __future__ import annotations

#: What names of gains begin with: `reckoning:gain:lenders`, in $bn.
GAIN = "reckoning:gain:"
#: Measures of a single firm: `default:lead_lab`, `loss:lead_lab`, with what stands before the colon.
OF_FIRMS = {"default": "months from the start", "loss": "share"}

METRICS: dict[str, str] = {
    "first_default_month": "months from the start",
    "life": "months",
    "fallen_month": "months from the start",
    "alone_month": "months from the start",
    "alone_held_month": "months from the start",
    "drawdown": "share",
    "drawdown_month": "months from the start",
    "sales_turned_month": "months from the start",
    "full_ratio_last": "ratio",
    "full_ratio_own_use_last": "ratio",
    "core_shed": "share",
    "core_default_month": "months from the start",
    "core_rescued_month": "months from the start",
    "core_arrears_months": "months",
    "outside_financing_peak": "$bn",
    "outside_financing_peak_month": "months from the start",
    "peak_revenue": "$bn a month",
    "peak_revenue_month": "months from the start",
    "final_revenue": "$bn a month",
    "own_money_share": "share",
    "own_money_share_low": "share",
    "own_money_share_high": "share",
    "in_system_share": "share",
    "non_customer_share": "share",
    "vendor_revenue_sum": "$bn",
    "outside_financing_sum": "$bn",
    "vendor_finance_sum": "$bn",
    "caused_share": "share",
    "unlocked_per_dollar": "$",
    "reckoning:exit:best_month": "months from the start",
    "reckoning:exit:best": "$",
    "reckoning:exit:at_tightening": "$",
    "reckoning:exit:at_end": "$",
    "reckoning:remains:unfinished_gw": "GW",
    "reckoning:remains:usable_gw": "GW",
    "reckoning:remains:capability": "times",
    "reckoning:remains:rent_per_hour": "$ per GPU-hour",
}


def unit_of(name: str) -> str:
    """Unit of a metric by its name, of gains and of firms' measures too; "" where it is not known."""
    kind, _, firm = name.partition(":")
    return "$bn" if name.startswith(GAIN) else OF_FIRMS[kind] if firm and kind in OF_FIRMS else METRICS.get(name, "")
