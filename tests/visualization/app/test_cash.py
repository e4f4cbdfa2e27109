"""The lead lab's tank of cash, and how long it lasts in the smallest machine; figures by hand from model/README.md."""

from __future__ import annotations

import pytest

from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import cash
from perpetuum.visualization.app.session import WATCHED, Session, Start
from perpetuum.visualization.app.verdict import figures, sentence, standing, state

EN = Words("en")


def told(settings, months, language="en"):
    session = Session(Start("triangle", settings=settings, months=60))
    for _ in range(months):
        session.step()
    seen = figures(session, WATCHED)
    return sentence(Words(language), session, seen, state(session, WATCHED, seen), standing(session, WATCHED, seen))


def test_on_its_edge_the_cash_lasts_and_the_sentence_says_on_whose_money():
    said = told({}, 1)
    assert (said.lead, said.tone, said.since) == ("THE CASH LASTS", "good", "")
    # R 4, B 4, k_L 1: the lab lacks 1 a month, and F is 1; of cash 6 it would have 6 months.
    assert said.detail == (
        "the lab lacks $1.0bn a month and the vendor puts in $1.0bn: its cash stays at $6.0bn; "
        "without the vendor it would last 6 months"
    )


def test_a_lot_that_a_tranche_was_short_is_no_month_less():
    for month in (1, 12, 40):
        assert "its cash stays at $6.0bn; without the vendor it would last 6 months" in told({}, month).detail


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "lasts"),
    [  # T* of model/README.md, the month in which the lab cannot pay
        ({"vendor_finance.scale": 0.45}, 10),
        ({"vendor_finance.scale": 0.0, "lead_lab.cash": 6.5}, 6),
        ({"lead_lab.revenue": 45.6, "lead_lab.cash": 6.5}, 32),
    ],
)
def test_the_months_that_it_tells_are_those_that_the_cash_lasts(settings, lasts):
    session = Session(Start("triangle", settings=settings, months=60))
    for month in range(1, lasts + 1):
        session.step()
        tank = cash.tank(session, WATCHED, -1)
        lead, detail, tone = cash.told(EN, session, tank)
        assert (lead, tone) == ("THE CASH RUNS OUT", "warn")
        assert EN.cash(cash.whole(tank.lasts)) in detail
        assert month + cash.whole(tank.lasts) == lasts  # though tranches come in whole lots
    session.step()
    said = told(settings, lasts + 1)
    assert said.lead == "THE CASH IS GONE"
    assert f"lasted {lasts} months" in said.detail
    assert "现金撑了" in told(settings, lasts + 1, "zh").detail


def test_large_machines_are_told_in_their_own_words():
    session = Session(Start("ono_2025"))
    assert not cash.asks(session)
    assert cash.asks(Session(Start("triangle", months=3)))
