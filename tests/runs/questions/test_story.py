"""The causal story of a world: who failed to pay whom, because of whom."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.observed.events import Event, EventKind
from perpetuum.model.observed.outcome import judge
from perpetuum.model.observed.states import months_simulated
from perpetuum.model.scenario import Scenario
from perpetuum.model.words.speech import speaking
from perpetuum.runs.questions.causal_story import Choice, choose_world, tell
from perpetuum.runs.questions.world_account import Account, Late, attend
from perpetuum.runs.questions.world_history import steps_of
from tests.plain import PLAIN

MONTHS = 40


def made_up(
    events: Sequence[Event] = (),
    late: Sequence[Late] = (),
    *,
    state: str = "fallen",
    revenue=None,
    theta=None,
    **purchases,
) -> Account:
    """What a witness of a made-up world says of the months judged; funding tightens from month 5 on."""
    revenue = np.full(MONTHS, 10.0) if revenue is None else np.asarray(revenue, dtype=float)
    simulated = np.pad(revenue, (0, months_simulated(MONTHS) - MONTHS), mode="edge")[None, :]
    steady = np.ones_like(simulated)
    names = ("paid", "spent", "spent_whole", "own_use_value", "outside_financing")
    judged = judge({"sales": simulated, **dict.fromkeys(names, steady)}, ("lab",), {})
    return Account(
        replicate=7,
        dates=[datetime.date(2025 + m // 12, m % 12 + 1, 1) for m in range(MONTHS)],
        outcome=replace(judged, state=np.array([state])),
        core=("lab", "cloud", "vendor"),
        roles={"lab": "lab", "cloud": "cloud", "vendor": "vendor"},
        names={"hyper_a": "hyperscaler A"},
        events=list(events),
        late=list(late),
        tightening=np.zeros(MONTHS) if theta is None else theta,
        tightening_start=5,
        revenue=revenue,
        purchases={name: np.asarray(row, dtype=float) for name, row in purchases.items()},
        shed={"lab": np.zeros(MONTHS)},
    )


def event(month: int, who: str, kind: EventKind, amount: float = 0.0, whom: str = "") -> Event:
    return Event(month, 0, kind, who, whom, amount=amount)


SQUEEZE = np.where(np.arange(MONTHS) >= 5, 1.0, 0.0)
CHAIN = [
    event(6, "lab", EventKind.INSIDERS_BRIDGE, 0.2),
    event(7, "lab", EventKind.INSIDERS_BRIDGE, 0.3),
    event(9, "lab", EventKind.DEFAULTS),
    event(9, "lab", EventKind.BILLS_UNPAID, 3.0, "cloud"),
    event(9, "lab", EventKind.COMMITMENTS_REJECTED, 80.0, "cloud"),
    event(11, "cloud", EventKind.BREACHES_COVENANT),
    event(14, "cloud", EventKind.DEFAULTS, 12.0),
    event(14, "cloud", EventKind.DEBTS_WRITTEN_OFF, 8.0, "bond_fund"),
]
LATE = [Late(8, "lab", 5.0, 4.0, {"cloud": 0.9, "outside": 0.1}, 3.5)]


def test_the_chain_of_failures_is_told_in_order_with_amounts():
    story = tell(made_up(CHAIN, LATE, theta=SQUEEZE))
    kinds = [step.kind for step in story.steps]
    assert kinds == ["tightening", "drought", "late", "default", "loss", "rejection", "breach", "default", "loss"]
    months = [step.month for step in story.steps]
    assert months == sorted(months)
    text = story.to_text()
    assert "The lab paid 80 % of $5.0bn due, of which $3.5bn take-or-pay rents; short by $0.9bn to the cloud" in text
    assert "The lab left bills of $3.0bn unpaid: all to the cloud." in text
    assert "The lab walked away from commitments of $80bn: all to the cloud." in text
    assert "The cloud never paid back $8.0bn of debts: all to the bond holders." in text


def test_every_cause_comes_before_its_effect_and_the_tree_leads_back_to_the_squeeze():
    story = tell(made_up(CHAIN, LATE, theta=SQUEEZE))
    by_kind = {(step.kind, step.who): step for step in story.steps}
    assert all(cause < step.number for step in story.steps for cause in step.causes)
    late, default = by_kind["late", "lab"], by_kind["default", "lab"]
    assert late.number in default.causes
    assert by_kind["drought", "lab"].number in late.causes
    assert by_kind["tightening", "funding"].number in by_kind["drought", "lab"].causes
    fall = by_kind["default", "cloud"]
    assert by_kind["loss", "lab"].number in fall.causes
    assert by_kind["rejection", "lab"].number in fall.causes
    assert default.number in by_kind["loss", "lab"].causes
    tree = story.tree()
    assert tree[0].startswith(f"[{default.number}]")
    assert any(line.lstrip().startswith("└─ because") and "Funding began to tighten" in line for line in tree)


def test_in_one_month_a_firm_falls_after_those_that_failed_it():
    """The journal lists firms by role; the story tells the debtor's fall before its creditor's."""
    month = [
        event(9, "cloud", EventKind.DEFAULTS, 20.0),
        event(9, "cloud", EventKind.BILLS_UNPAID, 1.0, "bond_fund"),
        event(9, "lab", EventKind.DEFAULTS),
        event(9, "lab", EventKind.BILLS_UNPAID, 6.0, "cloud"),
        event(9, "lab", EventKind.COMMITMENTS_REJECTED, 90.0, "cloud"),
    ]
    story = tell(made_up(month))
    assert [(step.who, step.kind) for step in story.steps[:4]] == [
        ("lab", "default"),
        ("lab", "loss"),
        ("lab", "rejection"),
        ("cloud", "default"),
    ]
    assert story.steps[3].causes == (2, 3)


def test_what_leads_to_nothing_is_counted_and_not_told():
    alone = [*CHAIN, event(1, "second_lab", EventKind.ROUND_FAILS), event(30, "neocloud", EventKind.BREACHES_COVENANT)]
    story = tell(made_up(alone, LATE))
    assert story.untold == 2
    assert "second_lab" not in story.to_text()


def test_months_that_repeat_are_one_step_and_a_long_pause_begins_another():
    events = [event(m, "lab", EventKind.INSIDERS_BRIDGE, 0.1) for m in (3, 4, 6, 20, 21)]
    spans = [(step.month, step.until, step.amount) for step in steps_of(made_up(events))]
    assert spans == [(3, 6, pytest.approx(0.3)), (20, 21, pytest.approx(0.2))]


def test_a_cause_that_ended_long_ago_is_none():
    events = [event(2, "lab", EventKind.ROUND_FAILS), event(30, "lab", EventKind.DEFAULTS)]
    default = next(step for step in tell(made_up(events)).steps if step.kind == "default")
    assert default.causes == ()


def test_the_fall_of_revenue_names_who_bought_less_and_whose_customer_had_failed():
    revenue = np.where(np.arange(MONTHS) < 10, 10.0, 2.0)
    bought = np.where(np.arange(MONTHS) < 10, 6.0, 0.5)
    steady = np.full(MONTHS, 1.5)
    losses = [event(9, "lab", EventKind.DEFAULTS), event(9, "lab", EventKind.COMMITMENTS_REJECTED, 50.0, "hyper_a")]
    told = tell(made_up(losses, revenue=revenue, hyper_a=bought, state=steady))
    cut, fall = (next(step for step in told.steps if step.kind == kind) for kind in ("cut", "revenue"))
    assert cut.who == "hyper_a"
    assert "Hyperscaler A bought chips" in cut.text
    assert "had fallen by half" in fall.text
    assert fall.causes == (cut.number,)
    assert next(step for step in told.steps if step.kind == "rejection").number in cut.causes
    assert "state" not in {step.who for step in told.steps}


def test_a_quiet_world_has_a_short_story():
    text = tell(made_up(state="spinning")).to_text()
    assert "Nothing went wrong that anybody noted." in text
    assert text.startswith("Spinning on outside money")


def test_a_story_of_a_fall_begins_with_its_month_and_what_it_began_with():
    account = made_up(CHAIN, LATE, theta=SQUEEZE)
    outcome = replace(account.outcome, fallen_month=np.array([9]), cause=np.array(["default:lab"]))
    told = tell(replace(account, outcome=outcome))
    assert told.title == "Fallen in October 2025: default of the lab."
    assert (told.to_dict()["fallen_month"], told.to_dict()["cause"]) == (9, "default:lab")


def test_story_for_machines_has_every_step_with_its_causes():
    told = tell(made_up(CHAIN, LATE, theta=SQUEEZE)).to_dict()
    assert [step["number"] for step in told["steps"]] == list(range(1, len(told["steps"]) + 1))
    assert told["steps"][3]["to"] == {}
    assert told["steps"][5]["to"] == {"cloud": 80.0}
    assert set(told["ends"]) <= {step["number"] for step in told["steps"]}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_story_is_told_whole_in_either_language(language):
    events = [
        *CHAIN,
        event(4, "vendor", EventKind.FINANCES, 5.0, "lab"),
        event(12, "vendor", EventKind.RESCUES, 1.0, "cloud"),
    ]
    choice = Choice(7, "falling", 5, 6)
    with speaking(language):
        text = tell(
            made_up(events, LATE, theta=SQUEEZE, revenue=np.where(np.arange(MONTHS) < 10, 10.0, 2.0)), choice
        ).to_text()
    assert "story." not in text
    assert "{" not in text
    if language == "zh":
        assert set(re.findall("[a-z]{2,}", text.lower())) <= {"lab", "cloud", "vendor", "bond", "fund"}


def worlds(**columns) -> pd.DataFrame:
    n = len(columns["state"])
    table = {"replicate": range(n), "fallen_month": [-1] * n, "error": [""] * n}
    return pd.DataFrame(table | {"drawdown": [0.1] * n} | columns)


def test_the_story_is_of_the_falling_world_nearest_the_median_date():
    fell = ["fallen"] * 5 + ["spinning"]
    chosen = choose_world(worlds(state=fell, fallen_month=[10, 90, 48, 50, 60, -1]))
    assert chosen == Choice(3, "falling", 5, 6)


def test_where_none_falls_it_is_the_middle_world_by_drawdown():
    chosen = choose_world(worlds(state=["spinning"] * 3, drawdown=[0.4, 0.1, 0.2]))
    assert chosen == Choice(2, "middle", 0, 3)


def test_worlds_that_failed_have_no_story():
    chosen = choose_world(worlds(state=["", "spinning"], drawdown=[np.nan, 0.2], error=["Overdraft", ""]))
    assert chosen.replicate == 1


# --- the real economy ---------------------------------------------------------------------------------------

HARD = {"demand.strength": 0.3, "funding.tightening": 1.0, "funding.start_month": 3, "vendor_finance.scale": 0}


@pytest.fixture(scope="module")
def broken() -> Account:
    """A world that is squeezed hard and early."""
    return attend(PLAIN, HARD, 1, months=30)


@pytest.mark.slow
def test_a_default_says_in_the_journal_who_is_not_paid_and_how_much(broken):
    defaults = [one for one in broken.events if one.kind is EventKind.DEFAULTS and one.who == "lead_lab"]
    assert defaults
    month = defaults[0].month
    unpaid = {one.whom: one.amount for one in broken.events if one.kind is EventKind.BILLS_UNPAID and one.month == month}
    noted = next(late for late in broken.late if late.who == "lead_lab" and late.month == month)
    assert unpaid
    for whom, bn in unpaid.items():
        assert bn == pytest.approx(noted.missing[whom], abs=1e-3)
    rejected = [one for one in broken.events if one.kind is EventKind.COMMITMENTS_REJECTED and one.month == month]
    assert {one.whom for one in rejected} <= {"hyperscaler_a", "hyperscaler_b", "leveraged_cloud", "neocloud"}
    assert sum(one.amount for one in rejected) > sum(unpaid.values())


def test_the_story_of_a_real_default_goes_back_to_the_squeeze(broken):
    story = tell(broken)
    default = next(step for step in story.steps if step.kind == "default" and step.who == "lead_lab")
    seen, waiting = set(), [default.number]
    while waiting:
        number = waiting.pop()
        seen.add(story.steps[number - 1].kind)
        waiting += story.steps[number - 1].causes
    assert {"default", "drought", "tightening"} <= seen
    assert any(step.kind == "rejection" and step.who == "lead_lab" for step in story.steps)


def test_a_witness_sees_the_same_world_as_a_batch_does(broken):
    batch = Economy(Scenario(PLAIN, HARD, worlds=3, months=30))
    batch.run()
    in_company = [event for event in batch.journal.events if event.world == 1]
    assert [(e.month, e.text, e.amount) for e in in_company] == [(e.month, e.text, e.amount) for e in broken.events]
    assert broken.revenue.tolist() == batch.series["vendor_revenue"][1].tolist()
