"""Who can still pay, and why: series that are computed only where a scenario asks for them by name.

They are the monthly facts of the verdict, firm by firm, for questions that count months until a firm cannot pay.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.observed.facts import pays_late, shed_within_a_year
from perpetuum.model.observed.measured_economy import MeasuredAgent, MeasuredEconomy
from perpetuum.model.observed.series import series
from perpetuum.model.units import BN
from perpetuum.model.worlds import Floats


def cannot_pay(e: MeasuredEconomy, firm: MeasuredAgent) -> Floats:
    """1 in a month in which a firm defaults or pays late, else 0 (worlds,)."""
    place = next(number for number, one in enumerate(e.firms) if one.account == firm.account)
    return np.maximum(e.distress.failed_now[firm.account] > 0, pays_late(e)[place])


@series("firms", collected=False)
def lead_lab_unpaid(e: MeasuredEconomy) -> Floats:
    """1 in a month in which the lead lab defaults or pays late, else 0."""
    return cannot_pay(e, e.lead_lab)


@series("firms", collected=False)
def leveraged_cloud_unpaid(e: MeasuredEconomy) -> Floats:
    """1 in a month in which the leveraged cloud defaults or pays late, else 0."""
    return cannot_pay(e, e.leveraged_cloud)


@series("firms", collected=False)
def lead_vendor_unpaid(e: MeasuredEconomy) -> Floats:
    """1 in a month in which the lead vendor defaults or pays late, else 0."""
    return cannot_pay(e, e.lead_vendor)


@series("firms", collected=False)
def neoclouds_unpaid(e: MeasuredEconomy) -> Floats:
    """Neoclouds that default or pay late this month (count)."""
    return np.sum([np.zeros(e.p.worlds), *(cannot_pay(e, c) for c in e.clouds if c.kind == "neocloud")], axis=0)


@series("share", collected=False)
def lead_lab_shed(e: MeasuredEconomy) -> Floats:
    """Share of the lead lab's contracts, as they stood a year ago, that was cancelled or lapsed since."""
    return shed_within_a_year(e, e.lead_lab)[0]


@series("share", collected=False)
def leveraged_cloud_shed(e: MeasuredEconomy) -> Floats:
    """Share of the leveraged cloud's contracts, as they stood a year ago, that was cancelled or lapsed since."""
    return shed_within_a_year(e, e.leveraged_cloud)[0]


@series("$bn a month", collected=False)
def lead_lab_commitments(e: MeasuredEconomy) -> Floats:
    """Take-or-pay bill of the lead lab's contracts in force."""
    return e.contracts.bill_of(e.lead_lab.account) / 12 / BN


@series("ratio", collected=False)
def leveraged_cloud_cover(e: MeasuredEconomy) -> Floats:
    """Debt service coverage of the leveraged cloud: EBITDA over a year's interest and principal; 99 without debt service."""
    return e.leveraged_cloud.coverage()
