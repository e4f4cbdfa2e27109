"""Facts of a month that the verdict is made from: sales, who paid for what, defaults, rescues and cancelled commitments.

The machine is all vendors, clouds and labs together, and landlords where there are any. What running and building it cost the
outside is paid by AI's customers, or by others, or out of cash:

    spent = paid + other business + shares + credit + states + cash run down

In the reading that judges, clouds' own use of chips is left out on both sides: no value for it, and its share of clouds'
running cost, replacement and growth (by GW) is taken out of what is spent and of what their other business pays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from perpetuum.model.books.payment_kinds import BY_SOURCE, KIND_NUMBER, SALES
from perpetuum.model.observed.measured_economy import MeasuredAgent, MeasuredEconomy
from perpetuum.model.observed.series import (
    building_cost,
    cash_costs,
    cost_of_replacing,
    external_ai_revenue,
    in_service,
    vendor_revenue,
)
from perpetuum.model.units import BN
from perpetuum.model.worlds import Dollars, Floats, share, total


def facts(e: MeasuredEconomy) -> dict[str, Floats]:
    """Name to (worlds,): sums in $bn of the month; by firm marks and shares.

    `default:`, `rescue:`, `arrears:`, `shed:`, `lapsed:` are followed by a firm's name.
    """
    found = {"sales": vendor_revenue(e), **_money(e), **_by_firm(e)}
    contracts, market = e.contracts, e.compute
    found["contracted_gw"] = total(contracts.gw)
    found["delivered_gw"] = total(contracts.gw * np.array([market.fraction[seller] for _, seller in contracts.pairs]))
    found["training_gw"] = total([lab.training for lab in e.labs if lab.kind != "applications"])
    found["theta"] = e.funding.theta.copy()
    found["share_index"] = e.holdings.share_index()
    found["capability"] = e.demand.capability.copy()
    found["unfinished_gw"] = total(
        [e.hardware.pipeline_gw(c.account) + e.chips.backlog_of_buyer(c.account) for c in e.clouds]
    )
    return found


def _money(e: MeasuredEconomy) -> dict[str, Floats]:
    """What AI's customers paid, what running and building cost, and who paid the difference ($bn)."""
    own_use, built = OwnUse.of_month(e), building_cost(e)
    whole, own = (cash_costs(e) + built) / BN, total(own_use.cost()) / BN
    paid = external_ai_revenue(e)
    sources = {source: e.ledger.flow_of(kinds, e.firm_accounts) / BN for source, kinds in BY_SOURCE.items()}
    sources["other_business"] = sources["other_business"] - own
    value = total(e.compute.own_used.rows) * e.compute.rent_average / 12 / BN
    return {
        "paid": paid,
        "spent": whole - own,
        "spent_whole": whole,
        "own_use_value": value,
        "growth_capex": (built - total(own_use.building()) - total(own_use.replacement_of_others(e))) / BN,
        "outside_financing": whole - paid,
        **{f"source:{source}": amount for source, amount in sources.items()},
        "source:cash": (whole - own) - paid - total(sources.values()),
    }


class OwnUse(NamedTuple):
    """What of each cloud is for its own products, and what a month cost the outside, all of the cloud, (clouds, worlds).

    `part`: share of its capacity; `chips`: cost of goods of those shipped to it, `shells`, `running`: dollars paid, by a landlord
    for halls that it leases.
    """

    part: Floats
    chips: Floats
    shells: Floats
    running: Dollars

    @classmethod
    def of_month(cls, e: MeasuredEconomy) -> OwnUse:
        """The month that has just been settled."""
        clouds = list(e.accounts["clouds"])
        buyers = [e.chips.buyer[cloud] for cloud in clouds]
        goods = [e.chips.shipped[buyers, e.chips.vendor[vendor.account]] * vendor.unit_cost() for vendor in e.vendors]
        return cls(
            part=np.array([e.compute.own_share(cloud) for cloud in clouds]),
            chips=total(goods),
            shells=e.hall_leases.built - e.ledger.flows[KIND_NUMBER["shell_and_power"], clouds],
            running=-e.ledger.flows[KIND_NUMBER["operations"], clouds],
        )

    def cost(self) -> Floats:
        """What own products cost the outside (dollars): their share of running cost, of new chips' cost and of shells."""
        return self.part * (self.chips + (self.running + self.shells))

    def building(self) -> Floats:
        """What of it was building: new chips and shells (dollars)."""
        return self.part * (self.chips + self.shells)

    def replacement_of_others(self, e: MeasuredEconomy) -> Floats:
        """What replacing the wear of everything but own use costs (dollars)."""
        return (1.0 - self.part) * (in_service(e, e.accounts["clouds"]) * e.p.technology.decay * cost_of_replacing(e))


def _by_firm(e: MeasuredEconomy) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    late = pays_late(e)
    for place, firm in enumerate(e.firms):
        found[f"default:{firm.name}"] = e.distress.failed_now[firm.account]
        found[f"rescue:{firm.name}"] = e.distress.rescued_now[firm.account]
        found[f"arrears:{firm.name}"] = late[place]
    for firm in (e.lead_lab, e.leveraged_cloud):
        found[f"shed:{firm.name}"], found[f"lapsed:{firm.name}"] = shed_within_a_year(e, firm)
    book, cancelled, shipped = e.chips.cancelled_by(e.lead_vendor.account)
    found[f"shed:{e.lead_vendor.name}"] = np.where(book >= shipped, share(cancelled, book), 0.0)
    found[f"lapsed:{e.lead_vendor.name}"] = np.zeros(e.p.worlds)
    return found


def pays_late(e: MeasuredEconomy) -> Floats:
    """1 where a firm pays more of this month's dues late than the verdict lets pass, else 0 (firms, worlds)."""
    assert e.settlement is not None, "facts are read after a month's settlement"
    return (1.0 - e.settlement.paid_shares() > e.p.default.arrears_floor).astype(np.float64)


def shed_within_a_year(e: MeasuredEconomy, firm: MeasuredAgent) -> tuple[Floats, Floats]:
    """Share of a firm's contracts, as they stood a year ago, that was cancelled since, and the part that lapsed."""
    book, cancelled, lapsed = e.contracts.cancelled_by(firm.account)
    # A book worth less than a month of the firm's revenue cannot be shed.
    counts = book >= np.maximum(e.ledger.flow_of(SALES, (firm.account,)), 0)
    return np.where(counts, share(cancelled, book), 0.0), np.where(counts, share(lapsed, book), 0.0)
