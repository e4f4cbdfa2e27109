"""What the picture of the machine shows at a moment: nodes with their figures, and bands with whose money flows in them.

A frame is a pure function of the session: this month's single postings, in the colours that the books carried them in,
without smoothing. (A round that one firm raises in one month is seen in that month; the page's transitions take a third of
a second, so that at five months a second a single month does not jump.) What does not touch a firm of the machine is left
out, savings going into funds and trade in shares and gold among investors above all; so are the bank's own business and
what vendors sell outside AI.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from perpetuum.model.books.payment_kinds import BACKGROUND, DYES, LAPS, SALES
from perpetuum.model.economy import Economy
from perpetuum.model.roles import ROLES
from perpetuum.model.units import BN
from perpetuum.model.worlds import Array
from perpetuum.visualization.app.session import WATCHED, Session

#: Firms in the middle of the picture, in the order in which money goes round.
MACHINE = ("vendors", "labs", "clouds")
#: Whom each of them pays in the ring.
RINGWISE = {"vendors": "labs", "labs": "clouds", "clouds": "vendors"}
#: One node each for everybody else; the bank stands with the lenders.
AROUND = {role.sector: role.node for role in ROLES.values() if role.node}
#: The outside economy is two nodes: who buys, and who is paid for what the machine uses up.
CUSTOMERS, SUPPLIERS = "customers", "suppliers"
#: What a band names, largest first.
KINDS_NAMED = 3
#: Bands under so many $bn a month are not drawn.
SMALLEST = 0.005
_OWN = list(LAPS)
#: The claim that a sale on credit leaves: the seller's money comes round at once.
ON_CREDIT = "vendor_credit"


def frame(session: Session, world: int = WATCHED) -> dict[str, Any]:
    """The picture of one world, ready for JSON; amounts in $bn, flows in $bn a month.

    `month`: months passed. `nodes`: id, group, agents (ids), select (the agent to inspect), size (total assets), figures (name
    to number), dead (in default: within the months of grace), ailing (a bill unpaid or, of several firms, one in default),
    failed (month of the last default, or None). `bands`, one a pair of nodes between which money flowed: from, to, bn, dyes
    (its dollars' fractions in the order of `payment_kinds.DYES`), own (the fraction that is vendors' own money coming round),
    kinds ([kind, $bn], largest first). `year`: from, to, and $bn of the last twelve months or as many as have passed, of what
    went round the ring: a vendor puts money into labs every few months, and in a single month it is nothing or much.
    """
    economy, row = session.economy, session.row(world)
    flows, sales = _flows(economy, row)
    bands = [_band(pair, *flow) for pair, flow in flows.items() if flow[0] >= SMALLEST]
    nodes = [_firm_node(economy, row, *one, sales) for one in _firms(economy)] + _others(economy, row)
    for node in nodes:
        if node["group"] not in MACHINE:
            for figure, side in (("paid", "from"), ("received", "to")):
                node["figures"][figure] = _short(sum(band["bn"] for band in bands if band[side] == node["id"]))
    return {"month": session.month, "nodes": nodes, "bands": bands, "year": _year(economy, row)}


# --- nodes --------------------------------------------------------------------------------------------------------------


def _firms(economy: Economy) -> list[tuple[str, str, list[Any]]]:
    """Nodes of the machine: (id, group, firms): vendors and labs one by one, clouds by kind."""
    clouds: dict[str, list[Any]] = {}
    for cloud in economy.clouds:
        clouds.setdefault(cloud.kind, []).append(cloud)
    nodes: list[tuple[str, str, list[Any]]] = [(vendor.name, "vendors", [vendor]) for vendor in economy.vendors]
    nodes += [(kind, "clouds", members) for kind, members in clouds.items()]
    return nodes + [(lab.name, "labs", [lab]) for lab in economy.labs]


def _places(economy: Economy) -> dict[int, str]:
    """Node of every account but the outside economy's, which is two."""
    place = {firm.account: node for node, _, members in _firms(economy) for firm in members}
    for sector, node in AROUND.items():
        place |= dict.fromkeys(economy.accounts[sector], node)
    return place


def _firm_node(
    economy: Economy, row: int, name: str, group: str, firms: list[Any], sales: dict[str, float]
) -> dict[str, Any]:
    ledger, accounts = economy.ledger, [firm.account for firm in firms]
    alive = [bool(economy.alive(firm)[row]) for firm in firms]
    short = economy.settlement is not None and any(economy.settlement.shortfall(a)[row] > 0 for a in accounts)
    failed = max(int(economy.distress.defaulted_at[firm.account][row]) for firm in firms)
    figures = {
        "revenue": sales.get(name, 0.0),
        "cash": sum(ledger.cash(a)[row] for a in accounts) / BN,
        "debt": sum(economy.ledger.debt_of(a)[row] for a in accounts) / BN,
        "equity": sum(ledger.book_equity(a)[row] for a in accounts) / BN,
    }
    if group == "labs":
        figures["valuation"] = firms[0].valuation[row] / BN
        if failed < 0:
            figures["runway"] = firms[0].runway[row]
    else:
        shares = [economy.holdings.asset_of(a) for a in accounts]
        figures["market_value"] = sum(economy.holdings.market_value(share)[row] for share in shares) / BN
    if group == "clouds":
        figures["installed"] = sum(firm.installed()[row] for firm in firms)
    return {
        "id": name,
        "group": group,
        "agents": [firm.name for firm in firms],
        "select": max(firms, key=lambda firm: _assets(economy, [firm.account], row)).name,
        "size": _short(_assets(economy, accounts, row)),
        "figures": {key: _short(value) for key, value in figures.items()},
        "dead": not any(alive),
        "ailing": short or not all(alive),
        "failed": failed if failed >= 0 else None,
    }


def _others(economy: Economy, row: int) -> list[dict[str, Any]]:
    """Nodes around the machine."""
    members: dict[str, list[int]] = {}
    for sector, node in AROUND.items():
        members.setdefault(node, []).extend(economy.accounts[sector])
    nodes = []
    for node, accounts in members.items():
        if not accounts:
            continue
        names = [economy.accounts.names[account] for account in accounts]
        # The bank's deposits are what it owes everybody; its cash would say nothing.
        cash = sum(economy.ledger.cash(a)[row] for a in accounts if a != economy.ledger.bank) / BN
        largest = max(accounts, key=lambda account: _assets(economy, [account], row))
        figures = {"assets": _short(_assets(economy, accounts, row)), "cash": _short(cash)}
        nodes.append(_around(node, names, economy.accounts.names[largest], figures))
    return nodes + [_around(node, ["outside"], "outside", {}) for node in (CUSTOMERS, SUPPLIERS)]


def _around(name: str, agents: list[str], select: str, figures: dict[str, float]) -> dict[str, Any]:
    size = figures.get("assets")
    alive = {"dead": False, "ailing": False, "failed": None}
    return {"id": name, "group": name, "agents": agents, "select": select, "size": size, "figures": figures} | alive


def _assets(economy: Economy, accounts: list[int], row: int) -> float:
    """What accounts own, in $bn."""
    book = economy.ledger.book[:, accounts, row]
    return float(book[book > 0].sum()) / BN


# --- bands --------------------------------------------------------------------------------------------------------------

_Flow = tuple[float, Array, dict[str, float]]


def _flows(economy: Economy, row: int) -> tuple[dict[tuple[str, str], _Flow], dict[str, float]]:
    """This month's payments by pair of nodes: $bn, $bn by dye and $bn by kind; and every node's sales."""
    place = _places(economy)
    groups = {node: group for node, group, _ in _firms(economy)}
    flows: dict[tuple[str, str], _Flow] = {}
    sales: dict[str, float] = {}

    def add(payer: str, payee: str, kind: str, bn: float, colours: Array) -> None:
        if payer == payee or not (payer in groups or payee in groups):
            return
        if payer == CUSTOMERS and groups.get(payee) == "vendors":
            return
        before, dyes, kinds = flows.get((payer, payee)) or (0.0, np.zeros(len(DYES)), {})
        dyes += bn * colours
        kinds[kind] = kinds.get(kind, 0.0) + bn
        flows[payer, payee] = (before + bn, dyes, kinds)

    for posting in economy.ledger.postings or ():
        bn = posting.amount[row] / BN
        if not bn or posting.kind in BACKGROUND:
            continue
        colours = posting.colours[:, row]
        payer, payee = place.get(posting.payer, CUSTOMERS), place.get(posting.payee, SUPPLIERS)
        add(payer, payee, posting.kind, bn, colours)
        if posting.kind in SALES:
            sales[payee] = sales.get(payee, 0.0) + bn
        if not posting.cash:  # the seller lends what the buyer pays with
            add(payee, payer, ON_CREDIT, bn, colours)
    return flows, sales


def groups_paid(economy: Economy, row: int = WATCHED) -> set[tuple[str, str]]:
    """Which groups of nodes have paid which this month, as far as a picture shows it."""
    groups = {node: group for node, group, _ in _firms(economy)}
    flows, _ = _flows(economy, row)
    return {(groups.get(one, one), groups.get(other, other)) for (one, other), flow in flows.items() if flow[0] >= SMALLEST}


def _year(economy: Economy, row: int) -> list[dict[str, Any]]:
    """Payments round the ring of the last twelve months by pair of nodes, in $bn."""
    network = economy.ledger.network
    if network is None or not economy.month:
        return []
    flows = network.flows()[:, :, row]
    places = [(node, group, [network.node[firm.account] for firm in firms]) for node, group, firms in _firms(economy)]
    found = []
    for payer, group, sources in places:
        for payee, other, sinks in places:
            bn = float(flows[np.ix_(sources, sinks)].sum()) / BN if RINGWISE[group] == other else 0.0
            if bn >= SMALLEST:
                found.append({"from": payer, "to": payee, "bn": _short(bn)})
    return found


def _band(pair: tuple[str, str], bn: float, dyes: Array, kinds: dict[str, float]) -> dict[str, Any]:
    largest = sorted(kinds.items(), key=lambda item: -item[1])[:KINDS_NAMED]
    fractions = dyes / bn
    return {
        "from": pair[0],
        "to": pair[1],
        "bn": _short(bn),
        "dyes": np.round(fractions, 4).tolist(),
        "own": round(float(fractions[_OWN].sum()), 4),
        "kinds": [[kind, _short(amount)] for kind, amount in largest],
    }


def _short(value: float) -> float:
    """Four figures are enough for a picture, and keep the message small."""
    return float(f"{float(value):.4g}")
