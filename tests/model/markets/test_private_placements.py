"""Rounds by hand: who pays what, at which cut in price, and how a round ends."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from perpetuum.model.markets.private_placements import hold_rounds

VENTURE = {"round_cap": 0.25, "want_cap": 1.0, "covered": 0.5, "reprice_cut": 0.5, "bridge_share": 0.25}


def held(wanted: float, offered: float, cloud: float, at_a_cut: float = 0.0):
    """The round of a lab worth 400 that wants so much of funds that offer so much, more at a cut, and of a cloud."""
    p = SimpleNamespace(worlds=1, venture=SimpleNamespace(reprice_most=1, **{k: np.array([v]) for k, v in VENTURE.items()}))
    fund = SimpleNamespace(appetite=lambda discount: np.array([offered]) + at_a_cut * (discount > 0))
    lab = SimpleNamespace(wanted=np.array([wanted]), valuation=np.array([400.0]))
    (found,) = hold_rounds(p, [lab], [fund], [np.array([cloud])])
    ended = [name for name in ("closed", "bridged", "failed") if getattr(found, name)[0]]
    return found.offers[0][0], found.strategic[0], found.discount[0], ended


@pytest.mark.parametrize(
    ("wanted", "offered", "cloud", "at_a_cut", "ends"),
    [
        (80.0, 40.0, 0.0, 0.0, (40.0, 0.0, 0.0, ["closed"])),  # half is covered
        (80.0, 30.0, 10.0, 0.0, (30.0, 10.0, 0.0, ["closed"])),  # with a cloud's money
        (80.0, 30.0, 0.0, 20.0, (50.0, 0.0, 0.5, ["closed"])),  # at half the price
        (80.0, 30.0, 0.0, 0.0, (20.0, 0.0, 0.5, ["bridged"])),  # a quarter of what is sought, by those who offered
        (80.0, 0.0, 0.0, 0.0, (0.0, 0.0, 0.0, ["failed"])),
        (80.0, 0.0, 30.0, 0.0, (0.0, 0.0, 0.0, ["failed"])),  # a cloud alone bridges nothing
        (80.0, 0.0, 40.0, 0.0, (0.0, 40.0, 0.0, ["closed"])),
        (400.0, 400.0, 0.0, 0.0, (100.0, 0.0, 0.0, ["closed"])),  # a quarter of 400 at most
        (0.0, 30.0, 30.0, 0.0, (0.0, 0.0, 0.0, [])),
    ],
)
def test_how_a_round_ends_and_who_pays(wanted, offered, cloud, at_a_cut, ends):
    assert held(wanted, offered, cloud, at_a_cut) == ends
