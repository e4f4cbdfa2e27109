"""What an economy is made of: its registers, agents and markets, how they are opened, and what agents see of each other."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import mesa
import numpy as np
from mesa.agentset import AgentSet

from perpetuum.agents.bank import Bank
from perpetuum.agents.central_bank import CentralBank
from perpetuum.agents.chip_vendor import ChipVendor
from perpetuum.agents.cloud_provider import CloudProvider
from perpetuum.agents.firm import Firm, ListedFirm
from perpetuum.agents.investors import STRATEGIES, make_populations
from perpetuum.agents.landlord import Landlord
from perpetuum.agents.lender import Lender
from perpetuum.agents.model_lab import ModelLab
from perpetuum.agents.outside import OutsideEconomy
from perpetuum.agents.venture_fund import VentureFund
from perpetuum.model.books.arrears import Arrears
from perpetuum.model.books.investor_books import InvestorBooks
from perpetuum.model.books.ledger import Accounts, Ledger
from perpetuum.model.books.settlement import Settlement
from perpetuum.model.dye.money_ring import MoneyRing
from perpetuum.model.errors import InputError, nearest
from perpetuum.model.given import Named, as_given
from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.instruments.guarantee import Guarantees
from perpetuum.model.instruments.hall_lease import HallLeases
from perpetuum.model.instruments.hardware import Hardware
from perpetuum.model.instruments.holdings import Holdings
from perpetuum.model.instruments.loan import LoanBook
from perpetuum.model.instruments.loan_kinds import LOAN_KINDS
from perpetuum.model.instruments.prepayment import Prepayments
from perpetuum.model.markets.chips import ChipMarket
from perpetuum.model.markets.compute import ComputeMarket
from perpetuum.model.markets.fair_value import FairValue
from perpetuum.model.markets.leases import SELLERS, LeaseMarket
from perpetuum.model.markets.power import Shells
from perpetuum.model.markets.second_hand import SecondHandMarket
from perpetuum.model.markets.securities import SecuritiesMarket
from perpetuum.model.observed.collector import Collector
from perpetuum.model.observed.declaration import needs_network
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.observed.firm_defaults import FirmDefaults
from perpetuum.model.observed.journal import Journal
from perpetuum.model.observed.payment_network import FlowNetwork
from perpetuum.model.observed.reckoning import Reckoning
from perpetuum.model.observed.series import OUNCES_PER_TONNE
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.roles import ROLES, cast_roles
from perpetuum.model.scenario import Scenario
from perpetuum.model.surroundings.demand import Demand
from perpetuum.model.surroundings.distress import Distress
from perpetuum.model.surroundings.expectations import Expectations
from perpetuum.model.surroundings.funding_conditions import FundingConditions
from perpetuum.model.surroundings.opinion import Narrative
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.surroundings.technology import OPENING_GENERATIONS, Technology
from perpetuum.model.views import WholeView
from perpetuum.model.worlds import Dollars, Floats, Stateful, anywhere, share, total


def _class_of(role: str) -> type:
    """The class of a role's agents; any agent where the table of roles names none."""
    module, _, name = ROLES[role].agent.partition(".")
    return getattr(importlib.import_module(f"perpetuum.agents.{module}"), name) if module else mesa.Agent


def _classes(own: Mapping[str, type]) -> dict[str, type]:
    """The class of each role, with a user's own in their places. Raises InputError."""
    roles = cast_roles()
    if not isinstance(own, Mapping):
        raise InputError(f"agent_classes must map roles ({', '.join(roles)}) to classes, not {as_given(own)}")
    for role, chosen in own.items():
        if role not in roles:
            raise InputError(f"unknown role '{role}' in agent_classes: there are {', '.join(roles)}{nearest(role, roles)}")
        if not (isinstance(chosen, type) and issubclass(chosen, _class_of(role))):
            raise InputError(f"a {role} must be a subclass of {_class_of(role).__name__}, and {as_given(chosen)} is not")
    return {**{role: _class_of(role) for role in roles}, **own}


class Structure(mesa.Model, Stateful):
    """Registers, agents and markets of a batch of worlds; `Economy` lets months pass over them."""

    #: What is remembered of the months, from the end of the opening on.
    collector: Collector
    money_ring: MoneyRing
    gains: Reckoning
    firm_defaults: FirmDefaults

    def __init__(self, scenario: Scenario, agent_classes: Mapping[str, type]):
        super().__init__(rng=scenario.seed)
        self.scenario = scenario
        self.agent_classes = _classes(agent_classes)
        self.month = 0
        self.journal = Journal()
        self.p = ParameterValues(scenario)
        self.streams = Streams(int(scenario.seed or 0), scenario.shocks, scenario.horizon)
        self.lots_per_tonne = self.p.technology.gold_lots_per_tonne + np.zeros(self.p.worlds)
        self._open_registers()
        self._create_agents()
        self._open_markets()

    # --- members ------------------------------------------------------------------------------------------------

    @property
    def agents_by_role(self) -> dict[str, AgentSet]:
        """Mesa's sets of agents by role ("vendor", "cloud", "lab", ...), each in order of size, whatever their classes."""
        sets = {role: AgentSet(members, random=self.random) for role, members in self._members.items()}
        return Named("role", sets)

    @property
    def bonds(self) -> LoanBook:
        """All bonds."""
        return self.loan_books["bonds"]

    @property
    def loans(self) -> LoanBook:
        """All term loans, which guarantees cover."""
        return self.loan_books["term_loans"]

    @property
    def vendor_credit(self) -> LoanBook:
        """All loans and leases of vendors to their customers."""
        return self.loan_books["vendor_credit"]

    # --- what agents see of each other --------------------------------------------------------------------------

    @property
    def direct_growth(self) -> Floats:
        """Growth of direct sales that clouds expect, per year."""
        return self.expectations.direct_growth

    @property
    def direct_open(self) -> Floats:
        """Part of direct customers' use that no contract covers, against the opening's."""
        return self.leases.direct_open

    def direct_open_in(self, ahead: Floats, grown: Floats) -> Floats:
        """The same `ahead` months from now, when that use has grown to so many times today's."""
        contracted = self.contracts.reserved_then(self.contracts.of_buyer(self.outside), self.month, ahead)
        return self.leases.open_when(contracted, grown)

    @property
    def open_need(self) -> Floats:
        """GW that labs will need and have not reserved."""
        return self.expectations.open_need

    @property
    def lead_time(self) -> Floats:
        """Months until what is ordered now is in service: the wait for chips, then shipment and installation."""
        return self.expectations.lead_time

    @property
    def kept_then(self) -> Floats:
        """Part of today's chips that is in service when that arrives."""
        return self.expectations.kept_then

    @property
    def open_need_then(self) -> Floats:
        """GW that labs will need when that arrives, and have not reserved."""
        return self.expectations.open_need_then

    @property
    def volatility(self) -> Floats:
        """Volatility that enters the option to build: the whole market's, per year."""
        return np.sqrt(12.0 * self.securities.market_variance)

    def open_need_in(self, ahead: Floats) -> Floats:
        """GW that labs will need `ahead` months from now, and have not reserved."""
        reserved = self.contracts.reserved_then(self.lab_pairs, self.month, ahead)
        return np.maximum(self.expectations.labs_will_need(ahead) - reserved, 0.0)

    def share_volatility(self, account: int) -> Floats:
        """Estimated volatility of a firm's share, per month."""
        return np.sqrt(self.securities.variance[self.holdings.asset_of(account)])

    def rivals_growth(self, account: int) -> Floats:
        """How much rivals' capex exceeds its average of the last year."""
        rivals = [c.growth for c in self.clouds if c.account != account and c.hyperscaler]
        return total(rivals) / len(rivals) if rivals else np.zeros(self.p.worlds)

    def part_of_open_need(self, account: int) -> Floats:
        """A hyperscaler's part of the compute that labs will need and have not reserved."""
        open_to = total([c.figures.contract_share for c in self.clouds if c.hyperscaler])
        return share(self.cloud_of[account].figures.contract_share, open_to)

    def shipments(self) -> Floats:
        """GW that all vendors shipped last month; before the first, what they can ship."""
        return total([vendor.shipped if self.month else vendor.capacity for vendor in self.vendors])

    def part_of_contracts(self, account: int) -> Floats:
        """A cloud's part of newly signed contracts."""
        return self._contract_parts[account]

    def market_value(self, account: int) -> Dollars:
        """Market value of a listed firm (dollars)."""
        return self.holdings.market_value(self.holdings.asset_of(account))

    def guaranteed(self, vendor: int, borrower: int) -> Dollars:
        """Dollars of a borrower's loans that a vendor guarantees."""
        return self.guarantees.on(vendor, self.loans.of_borrower(borrower))

    def finance_left(self) -> Floats:
        """1 where the lead vendor's programme of customer finance is not used up."""
        return self.lead_vendor.programme.left()

    def dry_powder_left(self) -> Floats:
        """Funds' dry powder against the opening one, at most 1: what labs dare depends on what backers could still pay."""
        left = total([fund.cash for fund in self.funds])
        return np.minimum(share(left, total([fund.figures.cash for fund in self.funds]), 1.0), 1.0)

    def alive(self, firm: Firm) -> Floats:
        """1 where a firm has not defaulted within the months of grace."""
        return self.distress.standing(firm.account, self.month)

    def note_rescue(self, rescuer: Firm | CentralBank, firm: Firm, paid: Dollars) -> None:
        """Remember and journal a rescue."""
        self.distress.rescue(firm.account, paid)
        cause = EventCause.CUSTOMER_RUNWAY_SHORT
        self.journal.note(self.month, EventKind.RESCUES, rescuer.name, paid > 0, cause, paid, firm.name)

    # --- construction -------------------------------------------------------------------------------------------

    def _open_registers(self) -> None:
        definition, p, worlds, months = self.scenario.definition, self.p, self.p.worlds, self.scenario.horizon
        own = {"outside": ["outside"], "investor": list(STRATEGIES), "bank": ["bank"]}
        by_role = own | {role: [agent.id for agent in definition.agents if agent.role == role] for role in cast_roles()}
        there = [role for role in ROLES.values() if role.sector and (by_role[role.name] or not role.switch)]
        self.accounts = Accounts({role.sector: by_role[role.name] for role in there})
        a = self.accounts
        self.outside = a["outside"][0]
        self.ledger = Ledger(a, worlds)
        if needs_network(self.scenario.series):
            self.ledger.network = FlowNetwork(a, worlds)
        self.ledger.credit_line = self.outside
        generations = OPENING_GENERATIONS + months // 6 + 1
        t = p.technology
        self.hardware = Hardware(
            len(a), generations, p.chips.lead_months, months, p.clouds.book_months, t.gpus_per_gw, worlds
        )
        listed = (*a["vendors"], *a["clouds"])
        self.holdings = Holdings(len(a), listed, a["labs"], worlds)
        self.ledger.shares = self.holdings
        self.loan_books = {
            kind.instrument: LoanBook(
                kind.instrument,
                tuple(
                    (lender, firm)
                    for lender in a[kind.lenders]
                    for firm in (one for sector in kind.borrowers for one in a[sector])
                ),
                self.scenario.values[kind.term],
                kind.bullet,
                worlds,
            )
            for kind in LOAN_KINDS.values()
        }
        lets = p.landlords
        self.hall_leases = HallLeases(a["clouds"], a["landlords"], lets.lease_months, lets.rent_yield / 12)
        self.guarantees = Guarantees(a["vendors"], len(self.loans.pairs), worlds)
        number = a.number
        reserved = [(lab, cloud) for lab in a["labs"] for cloud in a["clouds"]]
        reserved += sorted({(number[c.buyer], number[c.seller]) for c in definition.contracts} - set(reserved))
        if anywhere(p.leases.on):
            reserved += sorted(set(self._pairs_of_leases()) - set(reserved))
        seen = max(p.chips.plan_months, p.chips.lead_months + p.building.wait_limit, 12)  # months ahead that anybody looks
        on = p.power.on * p.building.on  # shells are ordered as chips are
        self.shells = Shells(a["clouds"], p.power.lead_months, on)
        seen = max(seen, p.power.lead_months if anywhere(on) else 0)
        horizon = months + seen + 2
        beyond = int(np.max(np.maximum(p.ambition.lump_horizon, p.ambition.runway_months) * p.ambition.on))
        self.contracts = ComputeContracts(tuple(reserved), horizon, worlds, beyond)
        self.lab_pairs = [pair for pair, (buyer, _) in enumerate(reserved) if buyer in a["labs"]]
        self.prepaid = Prepayments(reserved, a["labs"], worlds)

    def _pairs_of_leases(self) -> list[tuple[int, int]]:
        """Who may lease from whom, and outside customers with whom they sign."""
        clouds = [agent for agent in self.scenario.definition.agents if agent.role == "cloud"]
        number = self.accounts.number
        buyers = [number[cloud.id] for cloud in clouds if cloud.kind == "hyperscaler"]
        return [(who, number[one.id]) for one in clouds if one.kind in SELLERS for who in (*buyers, self.outside)]

    def _create_agents(self) -> None:
        view: WholeView = self  # checked here: classes of agents are known by role alone
        made: dict[str, list[Any]] = {role: [] for role in cast_roles()}
        for spec in self.scenario.definition.agents:
            made[spec.role].append(self.agent_classes[spec.role](self, spec, view))
        self._members = made
        self.vendors: list[ChipVendor] = made["vendor"]
        self.clouds: list[CloudProvider] = made["cloud"]
        self.labs: list[ModelLab] = made["lab"]
        self.landlords: list[Landlord] = made["landlord"]
        self.funds: list[VentureFund] = made["fund"]
        self.lenders: list[Lender] = made["lender"]
        self.states: list[CentralBank] = made["state"]
        self.bank = Bank(self, view)
        self.outside_economy = OutsideEconomy(self, view)
        self.populations = make_populations(self, self.accounts, self.p)
        self.firms: list[Firm] = [*self.vendors, *self.clouds, *self.labs, *self.landlords]
        self.listed_firms: list[ListedFirm] = [*self.vendors, *self.clouds]
        self.institutions = [one for role, members in made.items() if ROLES[role].sector for one in members]
        self.firm_accounts = tuple(firm.account for firm in self.firms)
        self.saver_accounts = (*tuple(agent.account for agent in self.institutions), self.outside)
        self.creditor_accounts = (
            *tuple(agent.account for agent in (*self.firms, *self.lenders)),
            self.ledger.bank,
            self.outside,
        )
        self.payee_accounts = (*self.firm_accounts, *self.accounts["lenders"], self.ledger.bank, self.outside)
        self.hardware_owners = [*self.clouds, *self.labs, *self.states]
        self.cloud_of = {cloud.account: cloud for cloud in self.clouds}
        open_to = total([cloud.figures.contract_share for cloud in self.clouds])
        self._contract_parts = {c.account: share(c.figures.contract_share, open_to) for c in self.clouds}
        self.lead_lab = next((lab for lab in self.labs if lab.kind == "lead"), self.labs[0])
        self.lead_vendor = next((v for v in self.vendors if v.kind == "lead"), self.vendors[0])
        stakes = {(s.issuer, s.holder): s.share for s in self.scenario.definition.stakes}
        for lab in self.labs:
            # Who holds most of a lab, else the first cloud, receives the revenue share and joins rounds.
            lab.partner = max(self.clouds, key=lambda cloud: stakes.get((lab.name, cloud.name), 0.0)).account
        self.leveraged_cloud = next((c for c in self.clouds if c.kind == "leveraged"), self.clouds[-1])

    def _open_markets(self) -> None:
        p, a = self.p, self.accounts
        self.funding = FundingConditions(p, self.streams, self.scenario.definition.forcing.get("policy_rate", ()))
        self.funding.update(0)
        self.technology = Technology(p, self.hardware.installed.shape[1])
        self.narrative = Narrative(p, self.streams)
        revenue = sum((lab.figures.revenue for lab in self.labs), np.zeros(p.worlds))
        own_use = sum((cloud.figures.own_use for cloud in self.clouds), np.zeros(p.worlds))
        self.demand = Demand(p, self.streams, revenue, own_use)
        self.compute = ComputeMarket(p, self.contracts, a["clouds"], a["labs"])
        signers = [cloud for cloud in self.clouds if cloud.hyperscaler or cloud.kind in SELLERS]
        place = {cloud.account: n for n, cloud in enumerate(self.clouds)}
        self.leases = LeaseMarket(
            p, self.streams, {one.account: f"cloud {place[one.account]}" for one in signers if anywhere(p.leases.on)}
        )
        self.chips = ChipMarket(p, (*a["clouds"], *a["labs"], *a["states"]), a["vendors"])
        self.second_hand = SecondHandMarket(p, p.technology.content_today.copy())
        self.hardware.value_weights = self.technology.value_weights()
        strategies = tuple(population.members for population in self.populations)
        self.investor_books = InvestorBooks(a["investors"], strategies, self.holdings.traded, p.worlds)
        self.securities = SecuritiesMarket(
            self.ledger, self.holdings, self.investor_books, self.populations, self.streams, p, self.outside
        )
        self.dollars_per_tonne_opening = p.outside.gold_price * OUNCES_PER_TONNE
        self.expectations = Expectations(p)
        self.distress = Distress(p, self.firm_accounts)
        self.arrears = Arrears()
        self.settlement: Settlement | None = None  # the last month's
        self.fair_values: list[FairValue] = []  # of listed firms in order, and of gold
        self.gold_lots: Floats = np.zeros(p.worlds)  # that there are
