"""The account of one world, simulated again and alone: who owed whom and who bought what, month by month.

Bit for bit the same as in company. The journal tells what happened; the settlement tells month by month who paid late without
defaulting; the ledger tells whose purchases made the vendors' revenue.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from perpetuum.model.observed.events import Event
from perpetuum.model.observed.outcome import Outcome
from perpetuum.model.scenario import Scenario, months_to_simulate
from perpetuum.model.units import BN
from perpetuum.model.worlds import Array
from perpetuum.runs.questions.asked_scenario import drawn
from perpetuum.runs.study.batches import make_economy
from perpetuum.runs.study.measures import SALES

#: Amounts under this many $bn are not worth a sentence.
SMALLEST = 0.05


@dataclass(frozen=True)
class Late:
    """A month in which a firm did not pay all it owed ($bn)."""

    month: int
    who: str
    due: float
    paid: float
    missing: Mapping[str, float]  # by creditor
    rents: float  # part of what was due for compute reserved by take-or-pay contracts


@dataclass(frozen=True)
class Account:
    """What is known of one world; arrays are (months,)."""

    replicate: int
    dates: list[datetime.date]
    outcome: Outcome
    core: tuple[str, ...]
    roles: Mapping[str, str]  # firm to role: vendor, cloud, lab
    names: Mapping[str, str]  # institution to what it is called in a sentence: "the lead lab", "hyperscaler A"
    events: list[Event]
    late: list[Late]
    tightening: Array
    tightening_start: int
    revenue: Array  # all vendors' AI revenue, $bn a month
    purchases: Mapping[str, Array]  # by buyer, $bn a month, paid in cash
    shed: Mapping[str, Array]  # by core firm: share of its commitments that is gone


def attend(
    preset: str,
    overrides: Mapping[str, Any],
    replicate: int,
    *,
    seed: int = 1,
    months: int | None = None,
    draws: bool = False,
    watch: Callable[[Any], None] | None = None,
) -> Account:
    """Simulate one world of a scenario and return what is known of the months judged; `draws`: with what it draws itself.

    `watch` sees the economy after every month.
    """
    own = drawn(preset, overrides, seed, np.array([replicate])) if draws else {}
    scenario = Scenario(
        preset=preset,
        overrides={**overrides, **own},
        worlds=1,
        seed=seed,
        months=months_to_simulate(months),
        replicates=np.array([replicate]),
        series=SALES,
    )
    economy = make_economy(scenario)
    notes = _Notes()
    for month in range(scenario.horizon):
        economy.step()
        notes.take(economy, month)
        if watch is not None:
            watch(economy)
    n = scenario.judged
    facts = {name: values[:, :n] for name, values in economy.core_events.items()}
    return Account(
        replicate=replicate,
        dates=economy.dates[:n],
        outcome=economy.outcome(),
        core=economy.core,
        roles={firm.name: firm.role for firm in economy.firms},
        names={institution.name: called(institution.label, institution.role) for institution in economy.institutions},
        events=[event for event in economy.journal.events if event.month < n],
        late=[late for late in notes.late if late.month < n],
        tightening=np.asarray(facts["theta"])[0],
        tightening_start=int(scenario.values["funding.start_month"]),
        revenue=np.asarray(economy.series["vendor_revenue"], dtype=np.float64)[0, :n],
        purchases={name: np.array(values[:n]) for name, values in notes.purchases.items()},
        shed={name: np.asarray(facts[f"shed:{name}"])[0] for name in economy.core},
    )


def called(label: str, role: str) -> str:
    """What an institution is called in a sentence; many in one, and those with a letter for a name, have no article."""
    return label if role in ("landlord", "lender", "fund") or label[-2:-1] == " " else f"the {label}"


@dataclass
class _Notes:
    late: list[Late] = field(default_factory=list)
    purchases: dict[str, list[float]] = field(default_factory=dict)

    def take(self, economy: Any, month: int) -> None:
        settlement, names = economy.settlement, economy.ledger.accounts.names
        for firm in economy.firms:
            missing = float(settlement.shortfall(firm.account)[0]) / BN
            if missing >= SMALLEST:
                by_creditor = {names[to]: float(left[0]) / BN for to, left in settlement.unpaid(firm.account).items()}
                paid = float(settlement.paid_in_all(firm.account)[0]) / BN
                rents = sum(
                    float(settlement.due("compute_rent_reserved", firm.account, cloud.account)[0])
                    for cloud in economy.clouds
                )
                some = {creditor: left for creditor, left in by_creditor.items() if left > 0}
                self.late.append(Late(month, firm.name, paid + missing, paid, some, rents / BN))
        for buyer in (*economy.clouds, *economy.states, *economy.labs):
            bought = max(-float(buyer.flow("chips")[0]), 0.0) / BN
            self.purchases.setdefault(buyer.name, []).append(bought)
