"""The economy: a Mesa model that carries many worlds at once and advances them by a month.

economy = Economy(Scenario(preset="ono_2025", worlds=100, seed=1))
economy.run()
economy.series["vendor_revenue"]        # (worlds, months), $bn a month
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, Concatenate

import mesa
import numpy as np
import pandas as pd

from perpetuum.model.dye.money_ring import MoneyRing, RingSums
from perpetuum.model.economy_scenario import EconomyScenario
from perpetuum.model.errors import InputError
from perpetuum.model.given import array_of, as_given, is_whole
from perpetuum.model.observed.collector import Collector
from perpetuum.model.observed.events import EventKind
from perpetuum.model.observed.firm_defaults import FirmDefaults
from perpetuum.model.observed.outcome import Outcome, Readings, judge, read_months
from perpetuum.model.observed.reckoning import Reckoning
from perpetuum.model.observed.states import Definition
from perpetuum.model.opening import open_books
from perpetuum.model.opening_accounts import open_accounts
from perpetuum.model.phases import (
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
from perpetuum.model.scenario import Scenario, check_memory, check_worlds
from perpetuum.model.structure import Structure
from perpetuum.model.units import date_of
from perpetuum.model.worlds import Array, select


class Economy(Structure):
    """A batch of worlds described by one `Scenario`. `step()` is a month; `run()` goes to the scenario's horizon."""

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
        check_memory(asked.worlds, asked)
        super().__init__(asked, {} if agent_classes is None else agent_classes)
        open_books(self)
        open_accounts(self)
        self.collector = Collector(self)
        self.money_ring = MoneyRing(self.ledger, self.p.measures.series_months)
        self.gains = Reckoning(self)
        self.firm_defaults = FirmDefaults(self)

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
        self.settlement = self._phase("settlement", settlement.settle)
        self._phase("default_resolution", default_resolution.resolve_defaults, self.settlement)
        gold_orders = self._phase("reserve_management", securities_market.manage_reserves)
        self._phase("securities_market", securities_market.trade_securities, gold_orders)
        self._phase("mark_to_market", securities_market.mark_to_market)
        self._phase("narrative", conditions.form_opinion)
        self._phase("audit_and_collect", audit_and_collect.audit_and_collect)
        self.month += 1
        self.running = self.month < self.scenario.horizon
        if not self.running and self.p.worlds == 1:
            self.collector.tell_verdict(self.outcome())

    def run(self, months: int | None = None, progress: Callable[[int], None] | None = None) -> None:
        """Advance to the scenario's horizon (or by `months`, but no further); `progress` is called with each month finished.

        Raises InputError unless `months` is a whole number of at least 0.
        """
        if months is not None and (not is_whole(months) or months < 0):
            raise InputError(f"an economy runs for a whole number of months, not {as_given(months)}")
        if progress is not None and not callable(progress):
            raise InputError(f"progress must be a function of the month finished, not {as_given(progress)}")
        last = self.scenario.horizon if months is None else min(self.month + months, self.scenario.horizon)
        while self.month < last:
            self.step()
            if progress:
                progress(self.month)

    def _phase[**Handed, Result](
        self,
        name: str,
        work: Callable[Concatenate[Structure, Handed], Result],
        *handed: Handed.args,
        **named: Handed.kwargs,
    ) -> Result:
        self.ledger.phase = name
        result = work(self, *handed, **named)
        if self.audit_every_phase:
            audit_and_collect.audit(self)
        return result

    def _wrapped_step(self) -> None:
        # Mesa's scheduler forgets a month that raises, and would do nothing when asked for the next one.
        self._refuse_beyond_horizon()
        super()._wrapped_step()

    def _refuse_beyond_horizon(self) -> None:
        if self.month >= self.scenario.horizon:
            raise InputError(f"the scenario ends after {self.month} months: ask for more with Scenario(months=...)")

    def _refuse_before_first_month(self) -> None:
        if not self.month:
            raise InputError(
                "no month has been simulated yet, so that there is nothing to judge: run() or step() comes first"
            )

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
        mask = np.ones(self.p.worlds, dtype=bool) if worlds is None else array_of(worlds)
        if mask.shape != (self.p.worlds,) or mask.dtype != bool:
            raise InputError(
                f"a lever is moved where a mask says so, true or false for each of {self.p.worlds} worlds, not by "
                f"{as_given(worlds)}"
            )
        self.p.move(name, value, mask)
        if name == "funding.tightening":
            self.funding.steer(mask, self.month)
        self.journal.note(self.month, EventKind.LEVER_MOVED, "lever", mask, parameter=name, value=value)

    def fork(self, worlds: Array) -> Economy:
        """Copy chosen worlds (numbers, repeats allowed) into a new economy that continues exactly as they would."""
        chosen = self._numbers(worlds, "forked")
        clone = select(self, chosen)
        clone.p.worlds = len(chosen)
        clone.scenario = self.scenario.of_worlds(chosen)
        clone.journal.keep(chosen)
        return clone

    def _numbers(self, worlds: Any, done: str) -> Array:
        """Chosen worlds by their numbers; raises InputError for anything else, and for more than an economy has room for."""
        chosen, last = array_of(worlds), self.p.worlds - 1
        if chosen.ndim != 1 or chosen.dtype.kind not in "iu" or not chosen.size or chosen.min() < 0 or chosen.max() > last:
            raise InputError(f"worlds are {done} by their numbers, whole ones from 0 to {last}, not {as_given(worlds)}")
        check_worlds(chosen.size)
        check_memory(chosen.size, self.scenario)
        return chosen.astype(np.int64)

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
        return [date_of(self.scenario.definition.start, month) for month in range(self.month)]

    @property
    def core(self) -> tuple[str, ...]:
        """Ids of the core firms, whose fall is the world's: lead lab, leveraged cloud, lead vendor."""
        return tuple(firm.name for firm in (self.lead_lab, self.leveraged_cloud, self.lead_vendor))

    def outcome(self, definition: Definition | None = None) -> Outcome:
        """The verdict on every world, on all months but the last eleven simulated so far. Raises InputError before the first."""
        self._refuse_before_first_month()
        if not isinstance(definition, Definition | None):
            raise InputError(f"a definition of the states is a Definition, not {as_given(definition)}")
        return judge(self.core_events, self.core, self._year_before(), definition)

    def readings(self) -> Readings:
        """What is read of every month so far, without foresight. Raises InputError before the first."""
        self._refuse_before_first_month()
        return read_months(self.core_events, self._year_before())

    def _year_before(self) -> dict[str, Array]:
        """What the preset says of the twelve months before the start, in the economy's money."""
        return {name: np.array([values]) * self.p.unit for name, values in self.scenario.definition.before.items()}

    def reckoning(self) -> dict[str, Array]:
        """Who gained, who lost, when one should have left and what remains: name to (worlds,); refused before month 1."""
        self._refuse_before_first_month()
        return self.gains.settle(self)

    def ring_flows(self, window_months: int = 12, worlds: Array | None = None) -> dict[tuple[str, str], dict[str, float]]:
        """Payments between sectors over the last months (a year at most) by colour, $bn a year, mean over chosen worlds.

        `worlds`: their numbers, or a mask (None: all). Raises InputError for none, and unless `window_months` is at least 1.
        """
        return self.ring_sums(window_months, worlds).flows()

    def ring_sums(self, window_months: int = 12, worlds: Array | None = None) -> RingSums:
        """The same added up over the chosen worlds, so that sums of several economies can be added before `flows` are told."""
        if not is_whole(window_months) or window_months < 1:
            raise InputError(f"window_months must be a whole number of at least 1, not {as_given(window_months)}")
        chosen = None if worlds is None else array_of(worlds)
        if chosen is not None and chosen.dtype == bool and chosen.shape == (self.p.worlds,):
            chosen = np.flatnonzero(chosen)
        return self.money_ring.sums(None if chosen is None else self._numbers(chosen, "chosen"), int(window_months))

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
