"""The economy: a Mesa model that carries many worlds at once and advances them by a month.

economy = Economy(Scenario(preset="ono_2025", worlds=100, seed=1))
economy.run()
economy.series["vendor_revenue"]        # (worlds, months), $bn a month
"""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import mesa
import numpy as np
import pandas as pd
from mesa.agentset import AgentSet

from perpetuum.agents.bank import Bank
from perpetuum.agents.central_bank import CentralBank
from perpetuum.agents.chip_vendor import ChipVendor
from perpetuum.agents.cloud_provider import CloudProvider
from perpetuum.agents.firm import Firm, ListedFirm
from perpetuum.agents.investors import STRATEGIES, make_populations
from perpetuum.agents.lender import Lender
from perpetuum.agents.model_lab import ModelLab
from perpetuum.agents.outside import OutsideEconomy
from perpetuum.agents.venture_fund import VentureFund
from perpetuum.model.books.investor_books import InvestorBooks
from perpetuum.model.books.ledger import Accounts, Ledger
from perpetuum.model.dye.money_ring import MoneyRing
from perpetuum.model.economy_scenario import EconomyScenario
from perpetuum.model.errors import InputError, nearest
from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.instruments.guarantee import Guarantees
from perpetuum.model.instruments.hardware import Hardware
from perpetuum.model.instruments.holdings import Holdings
from perpetuum.model.instruments.loan import LoanBook
from perpetuum.model.instruments.loan_kinds import LOAN_KINDS
from perpetuum.model.markets.chips import ChipMarket
from perpetuum.model.markets.compute import ComputeMarket
from perpetuum.model.markets.fair_value import FairValue
from perpetuum.model.markets.second_hand import SecondHandMarket
from perpetuum.model.markets.securities import SecuritiesMarket
from perpetuum.model.observed.collector import Collector
from perpetuum.model.observed.events import EventKind
from perpetuum.model.observed.journal import Journal
from perpetuum.model.observed.outcome import JUDGED_BY, Outcome, Thresholds, judge
from perpetuum.model.observed.payment_network import FlowNetwork
from perpetuum.model.observed.reckoning import Reckoning
from perpetuum.model.observed.series import OUNCES_PER_TONNE, needs_network
from perpetuum.model.opening import open_books
from perpetuum.model.parameters.values import ParameterValues
from perpetuum.model.phases import (
    PHASES,
    audit_and_collect,
    chip_market,
    conditions,
    credit_market,
    default_resolution,
    private_placement,
    sales,
    securities_market,
    settlement,
)
from perpetuum.model.readings import Readings
from perpetuum.model.roles import ROLES, cast_roles
from perpetuum.model.scenario import Scenario
from perpetuum.model.surroundings.demand import Demand
from perpetuum.model.surroundings.funding_conditions import FundingConditions
from perpetuum.model.surroundings.opinion import Narrative
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.surroundings.technology import OPENING_GENERATIONS, Technology
from perpetuum.model.worlds import Array, Floats, Stateful, select, share


def _class_of(role: str) -> type:
    """The class of a role's agents; any agent where the table of roles names none."""
    module, _, name = ROLES[role].agent.partition(".")
    return getattr(importlib.import_module(f"perpetuum.agents.{module}"), name) if module else mesa.Agent


def _classes(own: Mapping[str, type]) -> dict[str, type]:
    """The class of each role, with a user's own in their places. Raises InputError."""
    roles = cast_roles()
    for role, chosen in own.items():
        if role not in roles:
            raise InputError(f"unknown role '{role}' in agent_classes: there are {', '.join(roles)}{nearest(role, roles)}")
        if not (isinstance(chosen, type) and issubclass(chosen, _class_of(role))):
            raise InputError(f"a {role} must be a subclass of {_class_of(role).__name__}, and {chosen!r} is not")
    return {**{role: _class_of(role) for role in roles}, **own}


class Economy(Readings, mesa.Model, Stateful):
    """A batch of worlds described by one `Scenario`. `step()` is a month; `run()` goes to the scenario's horizon."""

    #: Name of each phase of the month, in order, to what happens in it.
    PHASES: ClassVar = PHASES

    def __init__(
        self,
        scenario: Scenario | None = None,
        rng: Any = None,
        *,
        agent_classes: Mapping[str, type] | None = None,
        **keywords: Any,
    ):
        """Open the books of a scenario, or of what keywords say: `Economy(preset="triangle", months=6, demand__strength=0.5)`.

        Keywords are the fields of `Scenario` and, beside a scenario too, parameters with two underscores for the dot.
        `rng` is the seed where the scenario leaves it open, as keywords do: a whole number, or whatever else
        `numpy.random.default_rng` takes; None is new luck each time. The seed taken stands in `scenario.seed`.
        `agent_classes` puts classes of your own in the place of roles' (`{"lab": CautiousLab}`).
        Raises InputError, also where scenario and `rng` say two seeds.
        """
        asked = EconomyScenario.of(scenario, rng, keywords)
        super().__init__(rng=asked.seed)
        self.scenario = asked
        self.agent_classes = _classes(agent_classes or {})
        self.month = 0
        self.journal = Journal()
        self.p = ParameterValues(asked)
        self.streams = Streams(int(asked.seed or 0), asked.shocks, asked.horizon)
        self.lots_per_tonne = self.p.technology.gold_lots_per_tonne + np.zeros(self.p.worlds)
        self._open_registers()
        self._create_agents()
        self._open_markets()
        open_books(self)
        self.opening_lots = [self.holdings.outstanding[k].copy() for k in range(self.holdings.gold)]
        self.opening_prices = [self.holdings.price[k].copy() for k in range(self.holdings.gold)]
        self._calibrate()
        self.collector = Collector(self)
        self.money_ring = MoneyRing(self.ledger, self.p.measures.series_months)
        self.ledgered_gains = Reckoning(self)

    # --- the month ----------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Advance every world by a month. Raises InputError beyond the scenario's last month."""
        self._refuse_beyond_horizon()
        self.ledger.begin_month(self.month)
        self._phase("policy_and_shocks", conditions.set_policy)
        self._phase("technology", conditions.advance_technology)
        self._phase("expectations", conditions.form_expectations)
        self._phase("end_demand", sales.collect_end_demand)
        self._phase("deliveries", sales.deliver_compute)
        self._phase("production_planning", sales.plan_production)
        self._phase("reservation_market", sales.reserve_compute)
        self._phase("credit_market", credit_market.lend)
        self._phase("private_placement", private_placement.place_privately)
        self._phase("chip_market", chip_market.trade_chips)
        self._phase("settlement", settlement.settle)
        self._phase("default_resolution", default_resolution.resolve_defaults)
        self._phase("reserve_management", securities_market.manage_reserves)
        self._phase("securities_market", securities_market.trade_securities)
        self._phase("mark_to_market", securities_market.mark_to_market)
        self._phase("narrative", conditions.form_opinion)
        self._phase("audit_and_collect", audit_and_collect.audit_and_collect)
        self.month += 1
        self.running = self.month < self.scenario.horizon

    def run(self, months: int | None = None, progress: Callable[[int], None] | None = None) -> None:
        """Advance to the scenario's horizon (or by `months`, but no further); `progress` is called with each month finished.

        Raises InputError unless `months` is a whole number of at least 0.
        """
        if months is not None and (isinstance(months, bool) or not isinstance(months, int | np.integer) or months < 0):
            raise InputError(f"an economy runs for a whole number of months, not {months!r}")
        last = self.scenario.horizon if months is None else min(self.month + months, self.scenario.horizon)
        while self.month < last:
            self.step()
            if progress:
                progress(self.month)

    def _phase(self, name: str, work: Callable[[Economy], None]) -> None:
        assert name in self.PHASES, name
        self.ledger.phase = name
        work(self)
        if self.audit_every_phase:
            audit_and_collect.audit(self)

    def _wrapped_step(self) -> None:
        # Mesa's scheduler forgets a month that raises, and would do nothing when asked for the next one.
        self._refuse_beyond_horizon()
        super()._wrapped_step()

    def _refuse_beyond_horizon(self) -> None:
        if self.month >= self.scenario.horizon:
            raise InputError(f"the scenario ends after {self.month} months: ask for more with Scenario(months=...)")

    def reset_rng(self, rng: Any = None) -> None:
        """Refuse, in a sentence: the luck of every month is drawn when an economy is opened."""
        raise InputError(
            "the luck of all months is drawn when an economy is opened: open another with Economy(..., rng=...)"
        )

    def reset_randomizer(self, seed: int | None = None) -> None:
        """Refuse, like `reset_rng`."""
        self.reset_rng(seed)

    def deregister_agent(self, agent: mesa.Agent) -> None:
        """Refuse, in a sentence: what an agent owns and owes would be left without an owner."""
        raise InputError(
            f"{type(agent).__name__} {agent.unique_id} stays on the books for good: write a preset without it (`extends`)"
        )

    #: Tests audit after every phase; production audits every month.
    audit_every_phase = False

    # --- steering -----------------------------------------------------------------------------------------------

    def move_lever(self, name: str, value: Any, worlds: Array | None = None) -> None:
        """Move a parameter marked as lever, for chosen worlds (a mask; default all), from the next month on."""
        mask = np.ones(self.p.worlds, dtype=bool) if worlds is None else np.asarray(worlds, dtype=bool)
        self.p.move(name, value, mask)
        if name == "funding.tightening":
            self.funding.steer(mask, self.month)
        self.journal.note(self.month, EventKind.LEVER_MOVED, "lever", mask, parameter=name, value=value)

    def fork(self, worlds: Array) -> Economy:
        """Copy chosen worlds (numbers, repeats allowed) into a new economy that continues exactly as they would."""
        chosen = np.asarray(worlds, dtype=np.int64)
        clone = select(self, chosen)
        clone.p.worlds = len(chosen)
        clone.scenario = self.scenario.of_worlds(chosen)
        clone.journal.keep(chosen)
        return clone

    # --- results ------------------------------------------------------------------------------------------------

    @property
    def series(self) -> dict[str, Array]:
        """Collected series by name, each (worlds, months so far)."""
        return self.collector.stacked(self.collector.values)

    @property
    def core_events(self) -> dict[str, Array]:
        """Monthly facts that the verdict needs, each (worlds, months so far)."""
        return self.collector.stacked(self.collector.facts)

    @property
    def dye_series(self) -> dict[str, Array]:
        """Vendor revenue by dye, each (worlds, months so far), $bn a month."""
        return self.collector.stacked(self.collector.dyes)

    @property
    def dates(self) -> list[datetime.date]:
        """First day of every month simulated so far."""
        start = self.scenario.definition.start
        return [
            datetime.date(start.year + (start.month - 1 + m) // 12, (start.month - 1 + m) % 12 + 1, 1)
            for m in range(self.month)
        ]

    def outcome(self, thresholds: Thresholds | None = None) -> Outcome:
        """The verdict on every world so far. Raises InputError where series that it is judged by are not collected."""
        core = tuple(firm.name for firm in (self.lead_lab, self.leveraged_cloud, self.lead_vendor))
        f = self.p.funding
        facts = {"core": core, "tightening_start": f.start_month.astype(np.int64)}
        released = f.start_month + f.ramp_months + f.hold_months + f.release_months
        facts["release_end"] = np.where(f.tightening > 0, released, f.start_month).astype(np.int64)
        missing = [name for name in JUDGED_BY if name not in self.series]
        if missing:
            raise InputError(
                f"a verdict needs the series {', '.join(missing)}: name them in `series`, or leave `series` out"
            )
        return judge(self.series | self.core_events, facts, thresholds)

    def reckoning(self) -> dict[str, Array]:
        """Who gained, who lost, when one should have left and what remains: name to (worlds,)."""
        return self.ledgered_gains.settle(self)

    def ring_flows(self, window_months: int = 12, worlds: Array | None = None) -> dict[tuple[str, str], dict[str, float]]:
        """Payments between sectors over the last year by colour, $bn a year, mean over chosen worlds."""
        return self.money_ring.flows(worlds)

    @property
    def datacollector(self) -> Collector:
        """The collector, by the name that Mesa's own tools look for."""
        return self.collector

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """One row a world and month with all collected series."""
        return self.collector.get_model_vars_dataframe()

    def get_agent_vars_dataframe(self) -> pd.DataFrame:
        """One row a world, month and agent: its cash, debt and revenue ($bn)."""
        return self.collector.get_agent_vars_dataframe()

    @property
    def agents_by_role(self) -> dict[str, AgentSet]:
        """Mesa's sets of agents by role ("vendor", "cloud", "lab", ...), each in order of size, whatever their classes."""
        return {role: AgentSet(members, random=self.random) for role, members in self._members.items()}

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

    # --- construction -------------------------------------------------------------------------------------------

    def _open_registers(self) -> None:
        definition, p, worlds, months = self.scenario.definition, self.p, self.p.worlds, self.scenario.horizon
        own = {"outside": ["outside"], "investor": list(STRATEGIES), "bank": ["bank"]}
        by_role = own | {role: [agent.id for agent in definition.agents if agent.role == role] for role in cast_roles()}
        self.accounts = Accounts({role.sector: by_role[role.name] for role in ROLES.values() if role.sector})
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
                tuple((lender, firm) for lender in a[kind.lenders] for firm in (*a["clouds"], *a["labs"])),
                self.scenario.values[kind.term],
                kind.bullet,
                worlds,
            )
            for kind in LOAN_KINDS.values()
        }
        self.guarantees = Guarantees(a["vendors"], len(self.loans.pairs), worlds)
        number = a.number
        reserved = [(lab, cloud) for lab in a["labs"] for cloud in a["clouds"]]
        reserved += sorted({(number[c.buyer], number[c.seller]) for c in definition.contracts} - set(reserved))
        horizon = months + p.chips.plan_months + 2
        self.contracts = ComputeContracts(tuple(reserved), horizon, worlds)
        self.prepaid: dict[tuple[int, int], Array] = {
            pair: np.zeros(worlds, dtype=np.int64) for pair in reserved if pair[0] in a["labs"]
        }

    def _create_agents(self) -> None:
        made: dict[str, list[Any]] = {role: [] for role in cast_roles()}
        for spec in self.scenario.definition.agents:
            made[spec.role].append(self.agent_classes[spec.role](self, spec, self))
        self._members = made
        self.vendors: list[ChipVendor] = made["vendor"]
        self.clouds: list[CloudProvider] = made["cloud"]
        self.labs: list[ModelLab] = made["lab"]
        self.funds: list[VentureFund] = made["fund"]
        self.lenders: list[Lender] = made["lender"]
        self.states: list[CentralBank] = made["state"]
        self.bank = Bank(self, self)
        self.outside_economy = OutsideEconomy(self, self)
        self.populations = make_populations(self, self.accounts, self.p)
        self.firms: list[Firm] = [*self.vendors, *self.clouds, *self.labs]
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
        self.lead_lab = next((lab for lab in self.labs if lab.kind == "lead"), self.labs[0])
        self.lead_vendor = next((v for v in self.vendors if v.kind == "lead"), self.vendors[0])
        self.leveraged_cloud = next((c for c in self.clouds if c.kind == "leveraged"), self.clouds[-1])

    def _open_markets(self) -> None:
        p, a = self.p, self.accounts
        self.funding = FundingConditions(p, self.scenario.definition.forcing.get("policy_rate", ()))
        self.funding.update(0)
        self.technology = Technology(p, self.hardware.installed.shape[1])
        self.narrative = Narrative(p, self.streams)
        revenue = sum((lab.figures.revenue for lab in self.labs), np.zeros(p.worlds))
        self.demand = Demand(p, self.streams, revenue)
        self.compute = ComputeMarket(p, self.contracts, a["clouds"], a["labs"])
        self.chips = ChipMarket(p, (*a["clouds"], *a["labs"], *a["states"]), a["vendors"])
        self.second_hand = SecondHandMarket(p, p.technology.content_today.copy())
        self.hardware.value_weights = self.technology.value_weights()
        strategies = tuple(population.members for population in self.populations)
        self.investor_books = InvestorBooks(a["investors"], strategies, self.holdings.traded, p.worlds)
        self.securities = SecuritiesMarket(
            self.ledger, self.holdings, self.investor_books, self.populations, self.streams, p, self.outside
        )
        self.dollars_per_tonne_opening = p.outside.gold_price * OUNCES_PER_TONNE
        self._open_memories()

    def _open_memories(self) -> None:
        """What the model remembers from month to month beside its agents."""
        worlds = self.p.worlds
        zero: Floats = np.zeros(worlds)
        self.direct_growth = zero + self.p.clouds.opening_growth
        self.direct_last = self.p.demand.direct.copy()
        self.open_need = zero.copy()
        self.lab_need = zero.copy()
        self.lab_need_growth = zero + self.p.clouds.opening_growth
        self.arrears: dict[tuple[str, int, int], Floats] = {}
        self.sales_last = zero.copy()
        self.sales_trend = zero + self.p.narrative.opening_trend
        self.state_orders = zero.copy()
        self.building_average = zero.copy()
        self.down_rounds = zero.copy()
        self.training_gw = zero.copy()
        self.lab_failed = zero.copy()
        self.cloud_failed = zero.copy()
        self.failed_now = {firm.name: zero.copy() for firm in self.firms}
        self.rescued_now = {firm.name: zero.copy() for firm in self.firms}
        self.defaulted_at = {firm.name: zero - 1.0 for firm in self.firms}
        self.last_round_price = {lab.account: zero.copy() for lab in self.labs}
        self.gold_orders: list[Any] = []
        self.settlement: Any = None

    def _calibrate(self) -> None:
        """Opening values that follow from others: shares of sales, premia, smoothed flows."""
        p = self.p
        revenue = sum((lab.figures.revenue for lab in self.labs), np.zeros(p.worlds))
        for cloud in self.clouds:
            cloud.open_accounts(self.opening_rents(cloud))
        for vendor in self.vendors:
            sales_now = vendor.figures.capacity * p.technology.content_today * p.chips.opening_use
            profit = sales_now * vendor.figures.margin + vendor.figures.other_revenue - vendor.figures.operating_costs
            vendor.earnings = profit * 12 * (1.0 - p.vendor.tax)
        self.sales_last = revenue + p.demand.direct
        self.building_average = sum((c.capex_average for c in self.clouds), np.zeros(p.worlds))
        self.building_average = self.building_average + p.states.hoard_order * p.states.hoarding * p.technology.content_today
        place = {firm: n for firms in (self.vendors, self.clouds) for n, firm in enumerate(firms)}
        self.fair_values = [
            FairValue(
                p,
                self.streams,
                f"{firm.role} {place[firm]}",
                firm.figures.market_cap,
                firm.figures.news,
                firm.earning_power(),
            )
            for firm in self.listed_firms
        ]
        gold = self.holdings.market_value(self.holdings.gold).astype(np.float64)
        self.gold_lots = self.holdings.outstanding[self.holdings.gold].astype(np.float64)
        self.fair_values.append(
            FairValue(p, self.streams, "gold", gold, p.valuation.gold_news, gold, p.valuation.gold_sentiment)
        )
        for lab in self.labs:
            lab.opening_share = share(lab.figures.revenue, revenue, 1.0 / len(self.labs))
            lab.market_share = lab.opening_share.copy()
            self.compute.reserved[lab.account] = self.contracts.reserved_at(self.contracts.of_buyer(lab.account), 0, 0)
            lab.measure_inference()
            lab.calibrate_valuation(self.comparables())
            lab.burn = np.maximum(lab.opening_burn(), 0.0)
            lab.measure_runway()
