"""Phases 1 to 3 and 16: funding conditions, technology, expectations and opinion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from perpetuum.model.worlds import bounded, share, total

if TYPE_CHECKING:
    from perpetuum.model.economy import Economy


def set_policy(economy: Economy) -> None:
    """1: rates, margin rule, venture drought and covenants of the month."""
    economy.funding.update(economy.month)
    economy.rescued_now = {firm.name: np.zeros(economy.p.worlds) for firm in economy.firms}


def advance_technology(economy: Economy) -> None:
    """2: a new generation may come out; chips fail and age; last month's deliveries move on."""
    economy.technology.advance()
    economy.hardware.arrive()
    economy.hardware.decay(economy.p.technology.decay)
    economy.hardware.value_weights = economy.technology.value_weights()
    accounts = [owner.account for owner in economy.hardware_owners]
    written_down = economy.hardware.depreciate(economy.ledger, accounts, economy.month)
    for cloud in economy.clouds:
        cloud.depreciation = written_down[accounts.index(cloud.account)]


def form_expectations(economy: Economy) -> None:
    """3: adaptive forecasts of direct sales, and what rivals' building and share prices look like from here."""
    before = economy.direct_last
    growth = share(economy.demand.direct, before, 1.0) - 1.0 if economy.month else np.zeros(economy.p.worlds)
    c = economy.p.clouds
    learnt = bounded(12 * growth, -1.0, c.forecast_limit)
    economy.direct_growth = economy.direct_growth + c.forecast_speed * (learnt - economy.direct_growth)
    economy.direct_last = economy.demand.direct.copy()
    need = total(lab.compute_need() for lab in economy.labs)
    growth = bounded(12 * (share(need, economy.lab_need, 1.0) - 1.0), -1.0, c.forecast_limit)
    economy.lab_need_growth = economy.lab_need_growth + c.need_speed * (growth - economy.lab_need_growth)
    economy.lab_need = need
    ahead = economy.p.chips.plan_months
    foreseen = need * (1.0 + bounded(economy.lab_need_growth, 0.0, c.need_limit) * ahead / 12)
    buyers = [pair for pair, (buyer, _) in enumerate(economy.contracts.pairs) if economy.is_lab(buyer)]
    reserved = economy.contracts.reserved_at(buyers, economy.month, ahead)
    # What labs will need beyond what they have reserved is open to whoever builds for it.
    economy.open_need = np.maximum(foreseen - reserved, 0.0)


def form_opinion(economy: Economy) -> None:
    """16: sentiment follows prices, demand news, doubt, talk, commitments and defaults."""
    n = economy.p.narrative
    lead = economy.lead_lab
    thin = bounded(1.0 - share(lead.runway, economy.p.labs.raise_runway, 1.0), 0.0, 1.0)
    squeezed = bounded(1.0 - economy.commitment_cover(), 0.0, 1.0)
    doubt = n.doubt_runway * thin + n.doubt_cover * squeezed + n.doubt_rounds * economy.down_rounds
    sales = total(lab.revenue_rate for lab in economy.labs) + economy.demand.direct
    surprise = bounded(12.0 * (share(sales, economy.sales_last, 1.0) - 1.0) - economy.sales_trend, -1.0, 1.0)
    economy.sales_trend = economy.sales_trend + n.trend_speed * surprise
    economy.sales_last = sales
    building = total(cloud.capex for cloud in economy.clouds) + economy.state_orders
    economy.building_average = economy.building_average + (building - economy.building_average) / 12.0
    commitments = bounded(share(building, economy.building_average, 1.0) - 1.0, -1.0, 1.0)
    shock = n.lab_default_shock * economy.lab_failed + n.cloud_default_shock * economy.cloud_failed
    economy.narrative.update(economy.month, economy.share_momentum(), surprise, doubt, commitments, shock)
    economy.down_rounds = n.round_memory * economy.down_rounds
