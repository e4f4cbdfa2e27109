"""Facts of a month that the verdict is made from: sales, who paid for what, defaults, rescues and cancelled commitments.

The machine is all vendors, clouds and labs together. What running and building it cost the outside is paid by AI's customers, or
by others, or out of cash:

    spent = paid + other business + shares + credit + states + cash run down

In the reading that judges, clouds' own use of chips is left out on both sides: no value for it, and its share of clouds'
running cost, replacement and growth (by GW) is taken out of what is spent and of what their other business pays.
"""

from __future__ import annotations

import numpy as np

from perpetuum.model.books.payment_kinds import BY_SOURCE, SALES
from perpetuum.model.observed.measured_economy import MeasuredAgent, MeasuredCloud, MeasuredEconomy
from perpetuum.model.observed.series import building_cost, cash_costs, external_ai_revenue, replacement_cost, vendor_revenue
from perpetuum.model.units import BN
from perpetuum.model.worlds import Floats, share, total


def facts(e: MeasuredEconomy) -> dict[str, Floats]:
    """Name to (worlds,): sums in $bn of the month; by firm marks and shares.

    `default:`, `rescue:`, `arrears:`, `shed:`, `lapsed:` are followed by a firm's name.
    """
    found = {"sales": vendor_revenue(e), **_money(e), **_by_firm(e)}
    contracts, market = e.contracts, e.compute
    found["contracted_gw"] = total(contracts.gw)
    found["delivered_gw"] = total(contracts.gw * np.stack([market.fraction[seller] for _, seller in contracts.pairs]))
    found["training_gw"] = total(lab.training for lab in e.labs if lab.kind != "applications")
    found["theta"] = e.funding.theta.copy()
    found["share_index"] = e.holdings.share_index()
    found["capability"] = e.demand.capability.copy()
    found["unfinished_gw"] = total(e.hardware.pipeline_gw(c.account) + e.chips.backlog_of_buyer(c.account) for c in e.clouds)
    return found


def _money(e: MeasuredEconomy) -> dict[str, Floats]:
    """What AI's customers paid, what running and building cost, and who paid the difference ($bn)."""
    whole, own = (cash_costs(e) + building_cost(e)) / BN, total(own_use_cost(e, cloud) for cloud in e.clouds) / BN
    paid = external_ai_revenue(e)
    sources = {source: e.ledger.flow_of(kinds, e.firm_accounts) / BN for source, kinds in BY_SOURCE.items()}
    sources["other_business"] = sources["other_business"] - own
    value = total(e.compute.own_used[cloud.account] for cloud in e.clouds) * e.compute.rent_average / 12 / BN
    return {
        "paid": paid,
        "spent": whole - own,
        "spent_whole": whole,
        "own_use_value": value,
        "growth_capex": growth_capex(e) / BN,
        "outside_financing": whole - paid,
        **{f"source:{source}": amount for source, amount in sources.items()},
        "source:cash": (whole - own) - paid - total(sources.values()),
    }


def own_use_cost(e: MeasuredEconomy, cloud: MeasuredCloud) -> Floats:
    """What a cloud's own products cost the outside (dollars): by GW, its share of running cost, of new chips' cost and shells."""
    spent = -e.ledger.flow_of(("operations", "shell_and_power"), (cloud.account,))
    return e.compute.own_share(cloud.account) * (_new_chips_cost(e, cloud) + spent)


def _new_chips_cost(e: MeasuredEconomy, cloud: MeasuredCloud) -> Floats:
    """Cost of goods of the chips that were shipped to a cloud (dollars)."""
    row = e.chips.buyer[cloud.account]
    return total(e.chips.shipped[row, e.chips.vendor[vendor.account]] * vendor.unit_cost() for vendor in e.vendors)


def growth_capex(e: MeasuredEconomy) -> Floats:
    """What building cost beyond replacing what wears out, clouds' own use left out (dollars); negative where less is built."""
    own = [e.compute.own_share(cloud.account) for cloud in e.clouds]
    for_own_use, replaced = [], []
    for cloud, part in zip(e.clouds, own, strict=True):
        shells = -e.ledger.flow_of(("shell_and_power",), (cloud.account,))
        for_own_use.append(part * (_new_chips_cost(e, cloud) + shells))
        replaced.append((1.0 - part) * replacement_cost(e, (cloud.account,)))
    return building_cost(e) - total(for_own_use) - total(replaced)


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
