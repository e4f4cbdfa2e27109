"""Stand-ins that are quick: an economy in outline."""

from __future__ import annotations

import datetime

import numpy as np

from perpetuum.model.books.payment_kinds import DYES
from perpetuum.model.observed.events import EventCause, EventKind
from perpetuum.model.observed.journal import Journal
from perpetuum.model.observed.outcome import judge
from perpetuum.model.observed.series import SERIES

CORE = ("lead_lab", "leveraged_cloud", "lead_vendor")


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
        first = int(scenario.values["funding.start_month"])
        tight = (np.arange(months) >= first) & (np.arange(months) < first + 60)
        self.theta = theta[:, None] * tight
        breaks = (theta + 0.5 * luck > 0.8)[:, None] & (np.arange(months) >= first + 10)
        grown = (14 + 2 * finance)[:, None] * 1.01 ** np.arange(months)
        self.series = {name: np.full((worlds, months), 0.5) for name in SERIES}
        self.series["vendor_revenue"] = np.where(breaks, 3.0, grown + luck[:, None])
        self.series["vendor_revenue_net"] = self.series["vendor_revenue"] - finance[:, None]
        self.series["operating_ratio"] = np.full((worlds, months), 1.1)
        self.core_events = {
            "theta": self.theta,
            "outside_financing": np.tile(np.where(np.arange(months) < months / 2, 2.0, -0.5), (worlds, 1)),
            "contracted_gw": np.ones((worlds, months)),
            "delivered_gw": np.ones((worlds, months)),
            "training_gw": np.ones((worlds, months)),
            "default:neocloud": breaks & (np.arange(months) == first + 11),
            "default:lead_lab": breaks & (np.arange(months) == first + 12),
        }
        self.dye_series = {
            dye: self.series["vendor_revenue"] * share
            for dye, share in zip(DYES, (0.2, 0.4, 0.1, 0.1, 0.03, 0.05, 0.05, 0.05, 0.015, 0.005), strict=True)
        }
        if months > first + 12:
            where, cause = breaks[:, -1], EventCause.DEBTS_UNSERVED
            self.journal.note(first + 11, EventKind.DEFAULTS, "neocloud", where, cause, 15e9)

    def step(self):
        self.month += 1

    def outcome(self, thresholds=None):
        facts = {"core": CORE, "tightening_start": self.scenario.values["funding.start_month"]}
        return judge(self.series | self.core_events, facts, thresholds)

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

    def ring_flows(self, window_months=12, worlds=None):
        return {
            ("outside", "clouds"): {"other_customers": 480.0, "customers": 36.0},
            ("clouds", "vendors"): {"other_customers": 120.0, "lap_1": 12.0},
            ("vendors", "labs"): {"lap_1": 12.0},
            ("labs", "clouds"): {"equity": 24.0, "lap_1": 6.0},
            ("vendors", "outside"): {"other_customers": 60.0},
        }
