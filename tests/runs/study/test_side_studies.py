"""Side studies: which worlds they simulate, with which draws and shocks, and what is seen of them; nothing is simulated here."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.observed.states import Dates
from perpetuum.model.parameters import PARAMETERS
from perpetuum.runs.study import side_studies
from perpetuum.runs.study.question import Question
from perpetuum.runs.study.side_studies import DEMAND, STRENGTHS, _Rows, _Watcher, own_draws, run_side_studies

STRENGTH = "demand.strength"


def asked(worlds=3, **more):
    return Question("ono_2025", more.pop("overrides", {}), worlds, 1, **more)


def test_weak_and_strong_demand_are_half_and_twice_each_worlds_own():
    rows, own = _Rows(asked()), own_draws(asked(), 3)[STRENGTH]
    for name, factor in DEMAND.items():
        rows.add(name, 50, {}, demand=factor)
    assert len(set(own)) == 3
    assert rows.columns[STRENGTH] == pytest.approx([*(own * 0.5), *(own * 2.0)])
    assert rows.places["strong_demand"].tolist() == [3, 4, 5]
    assert rows.replicates == [0, 1, 2, 0, 1, 2]


def test_demand_moved_stays_within_the_registrys_range():
    rows = _Rows(asked(overrides={STRENGTH: 6.0}, fixed=True))
    rows.add("strong_demand", 1, {}, demand=2.0)
    assert rows.columns[STRENGTH] == [PARAMETERS[STRENGTH].high] == [8.0]


def test_other_luck_has_the_same_draws_and_other_shocks():
    rows = _Rows(asked())
    rows.add("stop", 2, {"funding.stop_month": 0.0})
    rows.add("other_luck", 2, {}, luck=1_000_000)
    assert rows.luck == [0, 1, 1_000_000, 1_000_001]
    assert rows.columns["funding.stop_month"] == [0.0, 0.0, -1.0, -1.0]
    for unknown in asked().unknowns():
        assert rows.columns[unknown.name][:2] == rows.columns[unknown.name][2:]


def test_what_the_user_sets_is_not_drawn_and_with_fixed_nothing_is():
    drawn = {unknown.name for unknown in asked().unknowns()}
    assert STRENGTH in drawn
    assert {unknown.name for unknown in asked(overrides={STRENGTH: 0.7}).unknowns()} == drawn - {STRENGTH}
    assert asked(fixed=True).unknowns() == ()


@pytest.mark.parametrize(
    ("months", "starts"), [(11, ()), (12, (0,)), (35, (0, 12)), (36, (0, 12, 24)), (130, (0, 12, 24, 36, 48))]
)
def test_squeezes_start_while_a_year_is_left_and_every_world_is_put_where_it_belongs(months, starts, monkeypatch):
    told = []

    def run_batch(batch, watcher):
        told.append(batch)
        watcher.unpaid = np.arange(100, 100 + len(batch.replicates))
        number = np.arange(len(batch.replicates))
        return SimpleNamespace(worlds=pd.DataFrame({"life": number, "vendor_revenue_sum": 0.5 * number}))

    monkeypatch.setattr(side_studies, "run_batch", run_batch)
    found = run_side_studies(asked(2, months=months))
    batch = told[0]
    # Two worlds each of weak and strong demand, of the stop, of other luck; then loose money, and squeezes start by start.
    assert (found.stop.tolist(), found.other_luck.tolist(), found.stop_months) == ([104, 105], [6, 7], min(60, months))
    sold = {name: sales.tolist() for name, sales in found.demand_sales.items()}
    assert sold == {"weak_demand": [0.0, 0.5], "strong_demand": [1.0, 1.5]}
    if not starts:
        assert found.squeezes is None
        return
    assert (found.squeezes.starts, found.squeezes.loose.tolist()) == (starts, [8, 9])
    assert found.squeezes.life.tolist() == np.arange(10, 10 + 8 * len(starts)).reshape(len(starts), 4, 2).tolist()
    place = 10 + 2 * 3  # the hardest squeeze of the first start
    assert batch.varied["funding.tightening"][place] == STRENGTHS[3] == 1.0
    assert batch.varied["funding.tightening"][8] == 0.0
    assert batch.varied["funding.start_month"][-1] == starts[-1]


def test_the_first_default_or_late_payment_of_a_core_firm_within_the_months_watched_counts():
    def marks(*months):
        row = np.zeros((1, 24))
        row[0, list(months)] = 1.0
        return row

    nothing = marks()
    worlds = [  # default and arrears of the lab, of the cloud, of another firm
        (marks(7), marks(9), nothing, nothing, nothing),
        (nothing, nothing, nothing, marks(5, 8), nothing),
        (nothing, nothing, marks(12), marks(13), nothing),
        (nothing, nothing, nothing, nothing, marks(0)),
    ]
    names = ("default:lab", "arrears:lab", "default:cloud", "arrears:cloud", "default:other")
    core = {name: np.concatenate([world[place] for world in worlds]) for place, name in enumerate(names)}
    economy = SimpleNamespace(
        month=23,
        scenario=SimpleNamespace(horizon=24),
        outcome=lambda: SimpleNamespace(dates=Dates.blank(4, 13)),
        core_events=core | {"default:vendor": np.zeros((4, 24)), "arrears:vendor": np.zeros((4, 24))},
        core=("lab", "cloud", "vendor"),
    )
    done = []
    watcher = _Watcher(SimpleNamespace(replicates=range(6)), 13, 12, lambda now, total: done.append((now, total)))
    watcher(economy, np.arange(4))
    assert watcher.unpaid.tolist() == [-1] * 6  # the run is not over
    economy.month = 24
    watcher(economy, np.array([5, 1, 2, 3]))
    assert watcher.unpaid.tolist() == [-1, 5, -1, -1, -1, 7]
    assert done == [(4, 144), (8, 144)]
