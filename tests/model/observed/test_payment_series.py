"""Series of who cannot pay: the verdict's own facts, firm by firm, and the lead lab's bills by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.instruments.compute_contract import ComputeContracts
from perpetuum.model.observed.measures import MEASURES
from perpetuum.model.observed.series import SERIES
from perpetuum.model.scenario import Scenario

ROLES = ("lead_lab", "leveraged_cloud", "lead_vendor")
NAMES = (
    *(f"{role}_unpaid" for role in ROLES),
    "neoclouds_unpaid",
    "lead_lab_shed",
    "leveraged_cloud_shed",
    "lead_lab_commitments",
    "leveraged_cloud_cover",
)


@pytest.fixture(scope="module")
def economy():
    """Worlds of weak demand in which all outside finance has stopped."""
    about = {"demand.strength": 0.3, "funding.stop_month": 0.0}
    made = Economy(Scenario("first_lesson", about, worlds=6, months=60, seed=3, series=NAMES))
    made.run()
    return made


def test_who_defaults_cannot_pay_nor_who_pays_more_late_than_the_verdict_lets_pass():
    lab, cloud = (SimpleNamespace(account=account, kind="neocloud") for account in (5, 6))
    month = SimpleNamespace(
        firms=[lab, cloud],
        clouds=[cloud],
        lead_lab=lab,
        distress=SimpleNamespace(failed_now={5: np.array([1.0, 0.0, 0.0, 0.0]), 6: np.zeros(4)}),
        settlement=SimpleNamespace(paid_shares=lambda: np.array([[1.0, 1.0, 0.98, 0.995], [1.0, 0.5, 1.0, 1.0]])),
        p=SimpleNamespace(worlds=4, default=SimpleNamespace(arrears_floor=np.full(4, 0.01))),
    )
    assert MEASURES["lead_lab_unpaid"](month).tolist() == [1, 0, 1, 0]
    assert MEASURES["neoclouds_unpaid"](month).tolist() == [0, 1, 0, 0]
    month.clouds = []
    assert MEASURES["neoclouds_unpaid"](month).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("role", ROLES)
def test_a_firm_cannot_pay_in_the_months_in_which_the_verdict_sees_it_default_or_pay_late(economy, role):
    facts, firm = economy.core_events, getattr(economy, role).name
    marks = (facts[f"default:{firm}"] > 0) | (facts[f"arrears:{firm}"] > 0)
    assert economy.series[f"{role}_unpaid"].tolist() == marks.astype(float).tolist()
    assert role != "lead_lab" or marks.any()  # so that it says something


def test_neoclouds_are_counted(economy):
    facts = economy.core_events
    names = [cloud.name for cloud in economy.clouds if cloud.kind == "neocloud"]
    assert names
    marks = sum(((facts[f"default:{name}"] > 0) | (facts[f"arrears:{name}"] > 0)).astype(float) for name in names)
    assert economy.series["neoclouds_unpaid"].tolist() == marks.tolist()


@pytest.mark.parametrize("role", ["lead_lab", "leveraged_cloud"])
def test_what_is_shed_is_what_the_verdict_counts(economy, role):
    shed = economy.core_events[f"shed:{getattr(economy, role).name}"]
    assert economy.series[f"{role}_shed"].tolist() == shed.tolist()
    assert shed.max() > 0


def test_bills_are_those_of_contracts_in_force_a_twelfth_of_a_year():
    contracts = ComputeContracts(((7, 8), (7, 9), (6, 8)), 40, 1)
    contracts.bill[:] = np.array([[12e9], [6e9], [99e9]])
    month = SimpleNamespace(contracts=contracts, lead_lab=SimpleNamespace(account=7))
    assert MEASURES["lead_lab_commitments"](month) == pytest.approx([1.5])


def test_the_clouds_cover_is_its_own_and_none_is_computed_unasked():
    cloud = SimpleNamespace(coverage=lambda: np.array([1.25]))
    assert MEASURES["leveraged_cloud_cover"](SimpleNamespace(leveraged_cloud=cloud)).tolist() == [1.25]
    assert not set(NAMES) & set(SERIES)
    assert all(MEASURES[name].help and MEASURES[name].unit for name in NAMES)
