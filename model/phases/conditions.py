"""Phases 1 to 3 and 16: funding conditions, technology, expectations and opinion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.markets.power import power_there_is
from perpetuum.model.worlds import anywhere, share, total

if TYPE_CHECKING:
    from perpetuum.agents.cloud_provider import CloudProvider
    from perpetuum.agents.landlord import Landlord
    from perpetuum.model.structure import Structure


def set_policy(economy: Structure) -> None:
    """1: rates, margin rule, venture drought and covenants of the month."""
    economy.funding.update(economy.month)
    economy.distress.begin_month()


def advance_technology(economy: Structure) -> None:
    """2: a new generation may come out; chips fail and age; last month's deliveries move on."""
    economy.technology.advance()
    economy.hardware.arrive()
    economy.hardware.decay(economy.p.technology.decay)
    economy.hardware.value_weights = economy.technology.value_weights()
    if anywhere(economy.shells.on):
        _energise_shells(economy)
    accounts = [owner.account for owner in (*economy.hardware_owners, *economy.landlords)]
    written_down = economy.hardware.depreciate(economy.ledger, accounts, economy.month)
    firms: list[CloudProvider | Landlord] = [*economy.clouds, *economy.landlords]
    for firm in firms:
        firm.depreciation = written_down[accounts.index(firm.account)]


def _energise_shells(economy: Structure) -> None:
    """Shells that are finished get power as far as there is any; denser chips need less of it for the same dollars."""
    p, shells = economy.p, economy.shells
    denser = share(p.technology.shell_cost, economy.technology.shell_cost, 1.0)
    power = power_there_is(shells.first, p.power.opening, p.power.growth, float(economy.month), denser)
    shells.energise(p.power.loss, power)


def form_expectations(economy: Structure) -> None:
    """3: adaptive forecasts of direct sales and of labs' needs, and what of these nobody has reserved."""
    expectations = economy.expectations
    expectations.learn_direct(economy.month, economy.demand.direct)
    foreseen = expectations.learn_need(economy.month, total([lab.compute_need() for lab in economy.labs]))
    # What starts and ends this month has not yet: contracts are seen as they were at the end of the last.
    reserved = economy.contracts.reserved_at(economy.lab_pairs, economy.month - 1, economy.p.chips.plan_months + 1)
    expectations.see_reserved(foreseen, reserved)


def form_opinion(economy: Structure) -> None:
    """16: sentiment follows prices, demand news, doubt, talk, commitments and defaults."""
    narrative, lead, distress = economy.narrative, economy.lead_lab, economy.distress
    doubt = narrative.doubts(lead.runway, lead.commitment_cover())
    news = narrative.surprise(total([lab.revenue_rate for lab in economy.labs]) + economy.demand.direct)
    ordered = sum((state.ordered for state in economy.states), np.zeros(economy.p.worlds))
    commitments = narrative.commitments(total([cloud.capex for cloud in economy.clouds]) + ordered)
    shock = narrative.shock(distress.failed_now[lead.account], distress.any_failed(economy.accounts["clouds"]))
    momentum = economy.securities.momentum[economy.holdings.asset_of(economy.lead_vendor.account)]
    narrative.update(economy.month, momentum, news, doubt, commitments, shock)
    narrative.forget()
