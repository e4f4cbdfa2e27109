"""Stand-ins that are quick: an economy in outline, a second process."""

from __future__ import annotations

import contextvars
import datetime
import pickle
from types import SimpleNamespace

import numpy as np

from perpetuum.model.books.payment_kinds import DYES
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.observed.firm_defaults import CREDITORS
from perpetuum.model.observed.journal import Journal
from perpetuum.model.observed.outcome import judge
from perpetuum.model.observed.series import SERIES

CORE = ("lead_lab", "leveraged_cloud", "lead_vendor")


class FakeFirmDefaults:
    """Defaults of firms in outline: each owes a billion and pays back a quarter."""

    def __init__(self, defaults):
        self.names = tuple(defaults)
        self.marks = np.stack(list(defaults.values()))

    def told(self, months):
        marks = self.marks[:, :, :months]
        fell = marks.any(axis=-1)
        nothing = np.zeros(fell.shape)
        return {
            "default_month": np.where(fell, marks.argmax(axis=-1), -1),
            "cause": np.where(fell, EventCause.DEBTS_UNSERVED.value, ""),
            "breach_months": fell * 1,
            "first_breach_month": np.where(fell, 0, -1),
            "rescue_month": np.full(fell.shape, -1),
            "distress": nothing,
            "debt_today": nothing + 1.0,
            "debt_at_default": fell * 1.0,
            **{f"{what}_{name}": nothing for name in CREDITORS for what in ("owed", "recovered", "shares")},
            "owed_unsecured": fell * 1.0,
            "recovered_unsecured": fell * 0.25,
            "guaranteed": nothing,
            "share_price_later": np.where(fell, 1.0, np.nan),
        }


class FakeEconomy:
    """An economy in outline: what the command line asks of one, with the tightening as the only story."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.month = 0
        self.journal = Journal()
        start = scenario.definition.start
        count = [start.year * 12 + start.month - 1 + t for t in range(scenario.months)]
        self.dates = [datetime.date(c // 12, c % 12 + 1, 1) for c in count]
        worlds, months = scenario.worlds, scenario.months
        luck = np.array([np.random.default_rng([scenario.seed, r]).normal() for r in scenario.replicates])
        theta = np.broadcast_to(scenario.values["funding.tightening"], worlds).astype(float)
        finance = np.broadcast_to(scenario.values["vendor_finance.scale"], worlds).astype(float)
        first = np.broadcast_to(scenario.values["funding.start_month"], worlds).astype(int)[:, None]
        tight = (np.arange(months) >= first) & (np.arange(months) < first + 60)
        self.theta = theta[:, None] * tight
        breaks = (theta + 0.5 * luck > 0.8)[:, None] & (np.arange(months) >= first + 10)
        strength = np.broadcast_to(scenario.values["demand.strength"], worlds).astype(float)
        grown = (13.9 + 2 * finance + 0.1 * strength)[:, None] * 1.01 ** np.arange(months)
        self.series = {name: np.full((worlds, months), 0.5) for name in (*SERIES, *(scenario.series or ()))}
        self.series["vendor_revenue"] = np.where(breaks, 3.0, grown + luck[:, None])
        self.series["vendor_revenue_net"] = self.series["vendor_revenue"] - finance[:, None]
        self.series["operating_ratio"] = np.full((worlds, months), 1.1)
        names = ("lead_lab", "leveraged_cloud", "lead_vendor")
        self.lead_lab, self.leveraged_cloud, self.lead_vendor = (SimpleNamespace(name=name) for name in names)
        self.core = names
        sales, spent = self.series["vendor_revenue"], np.full((worlds, months), 10.0)
        # Customers pay for more of it from month to month, and for all of it from month 50 on.
        paid = np.broadcast_to(np.minimum(5 + np.arange(months) / 10, 11.0), (worlds, months))
        self.core_events = {
            "theta": self.theta,
            "sales": sales,
            "paid": paid,
            "spent": spent,
            "spent_whole": spent + 2,
            "own_use_value": spent * 0 + 1,
            "source:other_business": (spent - paid) * 0.5,
            "source:shares": (spent - paid) * 0.25,
            "source:credit": (spent - paid) * 0.25,
            "source:states": spent * 0,
            "source:cash": spent * 0,
            "outside_financing": spent + 2 - paid,
            "contracted_gw": np.ones((worlds, months)),
            "delivered_gw": np.ones((worlds, months)),
            **{f"{what}:{firm}": spent * 0 for what in ("default", "arrears") for firm in CORE},
            "training_gw": np.ones((worlds, months)),
            "default:neocloud": breaks & (np.arange(months) == first + 11),
            "default:lead_lab": breaks & (np.arange(months) == first + 12),
        }
        for who in CORE:
            self.series[f"{who}_unpaid"] = self.core_events[f"default:{who}"] + 0.0
        self.series["neoclouds_unpaid"] = self.core_events["default:neocloud"] + 0.0
        self.dye_series = {
            dye: self.series["vendor_revenue"] * share
            for dye, share in zip(DYES, (0.2, 0.4, 0.1, 0.1, 0.03, 0.05, 0.05, 0.05, 0.015, 0.005), strict=True)
        }
        self.firm_defaults = FakeFirmDefaults(
            {name: self.core_events[f"default:{name}"] for name in ("neocloud", "lead_lab")}
        )
        for start in np.unique(first[first + 12 < months]).tolist():
            where = breaks[:, -1] & (first[:, 0] == start)
            self.journal.note(start + 11, EventKind.DEFAULTS, "neocloud", where, EventCause.DEBTS_UNSERVED, 15e9)

    def step(self):
        self.month += 1

    def outcome(self, definition=None):
        return judge(self.core_events, CORE, {}, definition)

    def reckoning(self):
        gain = self.series["vendor_revenue"].sum(axis=1)
        return {
            "gain:vendors": gain,
            "gain:funds": -gain / 3,
            "remains:usable_gw": gain / 100,
            "exit:best_month": gain * 0 + 30,
            "exit:best": gain * 0 + 2,
            "exit:at_tightening": gain * 0 + 1.5,
            "exit:at_end": gain * 0 + 1.2,
        }

    def ring_sums(self, window_months=12, worlds=None):
        return FakeRing()


class FakeRing:
    """Payments between sectors that are the same in every world."""

    def __add__(self, other):
        return self

    def flows(self):
        return {
            ("outside", "clouds"): {"other_customers": 480.0, "customers": 36.0},
            ("clouds", "vendors"): {"other_customers": 120.0, "lap_1": 12.0},
            ("vendors", "labs"): {"lap_1": 12.0},
            ("labs", "clouds"): {"equity": 24.0, "lap_1": 6.0},
            ("vendors", "outside"): {"other_customers": 60.0},
        }


class Elsewhere:
    """Stands in for a second process: what it is given is pickled, and done in a context of its own."""

    asked = None

    def begin(self, function, argument):
        self.asked = argument
        function, argument = pickle.loads(pickle.dumps((function, argument)))
        return lambda: contextvars.Context().run(function, argument)
