"""Metrics of a world: the unit of each by name; what each is stands in the catalogue (`metric.NAME`).

Shares are written in per cent; months are counted from the start, and negative where the thing never happens.
"""

from __future__ import annotations

#: What names of gains begin with: `reckoning:gain:lenders`, in $bn.
GAIN = "reckoning:gain:"

METRICS: dict[str, str] = {
    "first_default_month": "months from the start",
    "drawdown": "share",
    "drawdown_month": "months from the start",
    "operating_ratio_last24": "ratio",
    "gw_kept": "ratio",
    "training_kept": "ratio",
    "delivered_share": "share",
    "growth_last24": "share a year",
    "core_shed": "share",
    "core_default_month": "months from the start",
    "core_rescued": "share",
    "core_arrears": "share",
    "outside_financing_peak": "$bn",
    "outside_financing_peak_month": "months from the start",
    "peak_revenue": "$bn a month",
    "peak_revenue_month": "months from the start",
    "final_revenue": "$bn a month",
    "months_after_release": "months",
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
