"""Series of landlords: what they have let, what stands vacant, what they build, owe and are paid; 0 where there are none."""

from __future__ import annotations

import numpy as np

from perpetuum.model.observed.measured_economy import MeasuredEconomy
from perpetuum.model.observed.series import series
from perpetuum.model.units import BN
from perpetuum.model.worlds import Floats, total


@series("$bn", en=("let halls", "Of landlords, at cost."), zh=("已租机房", "业主出租的机房，按成本计。"), collected=False)
def halls_let(e: MeasuredEconomy) -> Floats:
    """Halls that landlords have let to clouds, at what they cost ($bn)."""
    return (e.hall_leases.rented + e.hall_leases.let[:, -1]).sum(axis=0) / BN


@series("$bn", en=("vacant halls", "Of landlords, at cost."), zh=("空置机房", "业主空置的机房，按成本计。"), collected=False)
def halls_vacant(e: MeasuredEconomy) -> Floats:
    """Halls of landlords that nobody rents, at what they cost ($bn)."""
    return e.hall_leases.vacant.sum(axis=0) / BN


@series("$bn a month", en=("halls built", "By landlords."), zh=("新建机房", "业主所建。"), collected=False)
def halls_built(e: MeasuredEconomy) -> Floats:
    """What landlords build for clouds this month; it is part of `capex` as well."""
    return total([e.hall_leases.built.sum(axis=0)]) / BN


@series("$bn", en=("loans on halls", "What landlords owe."), zh=("机房贷款", "业主的债务。"), collected=False)
def hall_loans(e: MeasuredEconomy) -> Floats:
    """What landlords owe on their halls ($bn)."""
    return e.loan_books["hall_loans"].balance.sum(axis=0) / BN


@series(
    "$bn a month",
    en=("rent of halls", "What clouds pay landlords."),
    zh=("机房租金", "云厂商付给业主的租金。"),
    collected=False,
)
def hall_rents(e: MeasuredEconomy) -> Floats:
    """Rent that clouds pay landlords this month."""
    return e.ledger.flow_of(("hall_rent",), e.accounts["landlords"]) / BN


@series("$bn", en=("leases", "Rents that all clouds still owe."), zh=("租约", "全体云厂商尚欠的租金。"), collected=False)
def hall_obligations(e: MeasuredEconomy) -> Floats:
    """Rents of halls that clouds will owe until the leases of today end ($bn): a fixed claim, of which no balance sheet tells."""
    return total([np.zeros(e.p.worlds), *(e.hall_leases.obligations(cloud.account) for cloud in e.clouds)]) / BN
