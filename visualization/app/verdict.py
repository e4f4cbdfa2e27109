"""What state the machine is in, in words, every month: the sentence above the machine.

The figures are of twelve months (`measures.series_months`); the first state that applies is told:

    fallen     a core firm has defaulted or shed a third of its book, or chip sales have been at half their peak for a year
    halved     chip sales are at half their peak or less: a fall, if it stays so for a year
    domino     a firm outside the core has defaulted in the last 12 months
    strain     in the last 6 months the lead lab's cash was shorter than the runway at which vendors rescue
               (`vendor_finance.rescue_runway`), or a core firm was rescued or in arrears
    alone      customers pay for running and building, own use left out, and sales are at three quarters of their peak or more
    smaller    they do, and sales are under three quarters of their peak
    shrinking  sales are a quarter under their peak
    circle     a quarter of vendors' revenue would be gone without vendor finance
    customers  customers pay for running, not for all that is built
    outside    none of these: the machine lives on money from outside AI

A page sees nothing of the future: what it tells is provisional, this month's reading by the numbers of
`model.observed.states`, and what needs a year to be confirmed is confirmed twelve months later. After the last month the verdict
itself is told: the state of the last month judged. Beside it stands in which of the four states of the verdict the world is,
since when, and for how many of the twelve months that confirm it (`Standing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from perpetuum.model.observed.states import SMALLER, SPINNING, STANDS_ALONE, Definition, lasting
from perpetuum.model.observed.states import STATES as ENDINGS
from perpetuum.model.units import YEAR
from perpetuum.model.words.speech import Words
from perpetuum.model.worlds import Floats, share
from perpetuum.visualization.app import cash
from perpetuum.visualization.app.session import WATCHED, Session

#: Months for which a strain is remembered, and share of sales that vendor finance keeps alive from which it is told.
REMEMBERED, KEPT_ALIVE = 6, 0.25
#: How far that share must go back before the state is left: more than it moves from month to month when nothing happens.
SLACK = 0.05
#: What strained a world and does not any more.
PAST = {"runway": "was_short", "arrears": "was_late"}
#: States that say by themselves in which state of the verdict a world is.
PLAIN = {"outside": "spinning", "alone": "stands_alone", "smaller": "smaller"}
#: The states, and how good or bad each is, for its colour.
TONES = {"fallen": "bad", "halved": "warn", "domino": "warn", "strain": "warn", "shrinking": "warn"} | {
    "alone": "good",
    "smaller": "good",
    "customers": "good",
    "circle": "plain",
    "outside": "plain",
}


@dataclass(frozen=True)
class Figures:
    """One world month by month, each (months,): over the last twelve months, or as many as have passed."""

    revenue: Floats  # vendors' AI revenue, $bn over the window
    own: Floats  # share of all revenue since the start that is vendors' own money, traced
    own_low: Floats
    own_high: Floats
    caused: Floats  # share of it that is gone in the shadow without vendor finance
    operating: Floats  # customers' payments over running costs
    full: Floats  # customers' payments over running costs and all building, own use left out on both sides
    level: Floats  # sales over a year against their highest so far
    runway: Floats  # lead lab's months of cash, at the end of the month
    cover: Floats  # lead lab's means over its bills of the coming year, at the end of the month
    failed: int  # month in which the lead lab first defaulted; -1 where it has not


@dataclass(frozen=True)
class State:
    """What a world is doing: one of `TONES` or, after the last month, how it ends: a state of `model.observed.states`."""

    name: str
    tone: str  # good, plain, warn or bad
    why: str = ""  # what brought it about, where a state has several causes
    who: str = ""  # the firm that it is about
    month: int = -1  # when that happened; 0 is the first month
    amount: float = 0.0  # the share lost


@dataclass(frozen=True)
class Standing:
    """Which of the four states of the verdict a world reads as now, since which month, and for how long it has."""

    state: str  # of `model.observed.states`
    since: int
    months: int
    confirmed: bool  # by a year, or at once where a firm has brought about the fall


def figures(session: Session, world: int) -> Figures:
    """The figures of the watched world (0) or its twin (1); needs a month to have passed."""
    economy, row, shadow = session.economy, session.row(world), session.shadow(world)
    series, window = economy.series, int(economy.p.measures.series_months)
    sales = series["vendor_revenue"]
    revenue, without = _trailing(sales[row], window), _trailing(sales[shadow], window)
    receipts = sum(dye[row] for dye in economy.dye_series.values())

    def traced(name: str) -> Floats:
        # Since the start: only of such sums do the two extreme rules bound what is traced.
        return share(np.cumsum(series[name][row] * receipts), np.cumsum(receipts))

    months = np.minimum(np.arange(1, len(revenue) + 1), window)
    read = economy.readings()
    return Figures(
        revenue=revenue,
        own=traced("own_money_share"),
        own_low=traced("own_money_share_low"),
        own_high=traced("own_money_share_high"),
        caused=1.0 - share(without, revenue, 1.0),
        operating=_trailing(series["operating_ratio"][row], window) / months,
        full=read.ratio[row],
        level=share(read.sales[row], read.peak[row]),
        runway=series["lead_lab_runway"][row],
        cover=series["commitment_cover"][row],
        failed=next((month for month, who in _defaults(economy.core_events, row) if who == economy.lead_lab.name), -1),
    )


def state(session: Session, world: int, seen: Figures) -> State:
    """What state a world is in at the end of the last month."""
    economy, row, now = session.economy, session.row(world), session.month - 1
    facts, limit = economy.core_events, Definition()
    if session.ended:
        return _ending(economy, row)
    if fall := _fall(facts, row, economy.core, seen.level, limit):
        month, why, who = fall
        return State("fallen", TONES["fallen"], why, who, month)
    if seen.level[-1] <= limit.fallen_sales:
        above = np.flatnonzero(seen.level > limit.fallen_sales)
        since = int(above[-1]) + 1 if len(above) else 0
        return State("halved", TONES["halved"], month=since, amount=float(1.0 - seen.level[-1]))
    defaults = _defaults(facts, row)
    if defaults and now - defaults[-1][0] < economy.p.measures.series_months:
        month, who = defaults[-1]
        before = {name for at, name in defaults if at < month}
        return State("domino", TONES["domino"], "again" if who in before else "another" if before else "first", who, month)
    strained = _strain(economy, row, seen.runway)
    recent = [(month, *reason) for month, reason in enumerate(strained) if reason and month > now - REMEMBERED]
    if recent:
        month, why, who = recent[-1]
        return State("strain", TONES["strain"], why if month == now else PAST.get(why, why), who, month)
    name = _running(seen, limit)
    amount = {"shrinking": 1.0 - seen.level[-1], "circle": seen.caused[-1], "smaller": 1.0 - seen.level[-1]}.get(name, 0.0)
    return State(name, TONES[name], amount=float(amount))


def standing(session: Session, world: int, seen: Figures) -> Standing:
    """This month's reading of the verdict's states, without foresight; at half of peak sales nothing but a fall is confirmed."""
    economy, limit, months = session.economy, Definition(), len(seen.full)
    if fall := _fall(economy.core_events, session.row(world), economy.core, seen.level, limit):
        return Standing("fallen", fall[0], months - fall[0], confirmed=True)
    pays, kept = seen.full >= limit.paid, seen.level >= limit.kept_sales
    codes = np.select([pays & kept, pays], [STANDS_ALONE, SMALLER], SPINNING)
    others = np.flatnonzero(codes != codes[-1])
    since = int(others[-1]) + 1 if len(others) else 0
    lasted = months - since
    confirmed = lasted >= YEAR and bool(seen.level[-1] > limit.fallen_sales)
    return Standing(ENDINGS[codes[-1]], since, lasted, confirmed)


# --- in words -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sentence:
    """The state in words: its name, what it says of it, since when, and the figures beside it."""

    lead: str
    detail: str
    since: str
    facts: tuple[str, ...]
    tone: str


def sentence(
    words: Words,
    session: Session,
    seen: Figures,
    now: State,
    reading: Standing | None = None,
    placed: tuple[int, int] | None = None,
    world: int = WATCHED,
) -> Sentence:
    """A world's state as a sentence; `placed`: above how many background worlds it stands, and of how many."""
    start = session.economy.scenario.definition.start
    places = {
        "who": words.firm(now.who),
        "month": words.month_of(start, now.month) if now.month >= 0 else "",
        "share": words.share(now.amount),
        "cash": words.cash(seen.runway[-1]),
    }
    if session.ended and now.name != "fallen":
        detail = words(f"state_about.{now.name}")
        if now.month >= 0:
            detail = words("verdict.first_alone", detail=detail, month=places["month"])
    else:
        detail = words(f"verdict.{now.name}.{now.why or 'detail'}", **places)
    left = ""
    if now.name in ("fallen", "halved"):
        left = "customers" if seen.full[-1] >= Definition().paid else "outside"
        detail = words("verdict.left", detail=detail, left=words(f"verdict.left_{left}"))
    told_to_pay = now.name in ("alone", "smaller") or left == "customers"
    if told_to_pay and seen.operating[-1] < Definition().paid:
        # What wears out may cost more than what is built, and clouds' own use counts as a running cost.
        detail = words("verdict.aside", detail=detail)
    if now.name in ("alone", "smaller", "stands_alone") and _held(seen.caused, KEPT_ALIVE):
        detail = words("verdict.kept", detail=detail, share=words.share(seen.caused[-1]))
    facts = _facts(words, session, seen, now, placed)
    if cash.asks(session):  # its own question, in its own words
        lead, detail, tone = cash.told(words, session, cash.tank(session, world, seen.failed))
        return Sentence(lead, detail, "", facts, tone)
    since = _since(words, session, now, reading) if reading else ""
    return Sentence(words(f"verdict.{now.name}.lead"), detail, since, facts, now.tone)


def _since(words: Words, session: Session, now: State, reading: Standing) -> str:
    """In which state of the verdict a world is, since when, and whether that is confirmed; at the end, of when the verdict is."""
    scenario = session.economy.scenario
    start = scenario.definition.start
    if session.ended:
        if now.name == "unjudged":
            return ""
        judged = words("verdict.judged", month=words.month_of(start, scenario.judged - 1))
        if reading.state == now.name:
            return judged
        later = words.month_of(start, session.month - 1)
        return words("verdict.later", judged=judged, later=later, state=words(f"state.{reading.state}"))
    if now.name == "fallen":  # told already
        return ""
    if now.name == "halved":  # of the fall, which stands before
        return words("verdict.unconfirmed", months=session.month - now.month)
    named = "since" if PLAIN.get(now.name) == reading.state else f"reading.{reading.state}"
    since = words(f"verdict.{named}", month=words.month_of(start, reading.since))
    return since if reading.confirmed else words("verdict.provisional", since=since, months=min(reading.months, YEAR))


def _facts(words: Words, session: Session, seen: Figures, now: State, placed: tuple[int, int] | None) -> tuple[str, ...]:
    start, lab = session.economy.scenario.definition.start, session.economy.lead_lab.name
    own = words(
        "verdict.own",
        share=words.share(seen.own[-1]),
        low=words.share(seen.own_low[-1]),
        high=words.share(seen.own_high[-1]),
        caused=words.share(seen.caused[-1]),
    )
    facts = [own]
    # The state itself may have said how much cash there is, or that the lab has defaulted. Whoever has defaulted has no
    # runway to speak of: what its creditors left it says nothing of how long it can go on.
    if seen.failed >= 0:
        if (now.who, now.month) != (lab, seen.failed) and not cash.asks(session):
            facts.append(words("verdict.lab_failed", month=words.month_of(start, seen.failed)))
    elif now.why != "runway" and not cash.asks(session):
        facts.append(words("verdict.lab", cash=words.cash(seen.runway[-1])))
    if placed:
        facts.append(words("verdict.standing", below=placed[0], worlds=placed[1]))
    return tuple(facts)


# --- conditions, one by one ---------------------------------------------------------------------------------------


def _running(seen: Figures, limit: Definition) -> str:
    """The state of a world in which nothing has broken."""
    pays, kept = seen.full[-1] >= limit.paid, seen.level[-1] >= limit.kept_sales
    if pays:
        return "alone" if kept else "smaller"
    if not kept:
        return "shrinking"
    if _held(seen.caused, KEPT_ALIVE):
        return "circle"
    return "customers" if seen.operating[-1] >= limit.paid else "outside"


def _held(values: Floats, threshold: float) -> bool:
    """Whether a threshold was reached and not left by the slack since."""
    above = np.flatnonzero(values >= threshold)
    return bool(len(above)) and not bool((values[above[-1] :] < threshold - SLACK).any())


def _fall(facts: Any, row: int, core: tuple[str, ...], level: Floats, limit: Definition) -> tuple[int, str, str] | None:
    """When the machine fell, how and by whom, as far as it is confirmed by now; nobody where sales halved for a year."""
    causes = [(facts[f"default:{firm}"][row] > 0, "default", firm) for firm in core]
    causes += [(facts[f"shed:{firm}"][row] >= limit.shed, "shed", firm) for firm in core]
    causes.append((lasting((level <= limit.fallen_sales)[None, :], YEAR)[0], "halved", ""))
    return min(((int(marks.argmax()), why, firm) for marks, why, firm in causes if marks.any()), default=None)


def _ending(economy: Any, row: int) -> State:
    outcome = economy.outcome()
    name = str(outcome.state[row])
    if name not in ENDINGS:
        return State("unjudged", "plain")
    tone = {"stands_alone": "good", "smaller": "good", "fallen": "bad"}.get(name, "plain")
    if name != "fallen":
        return State(name, tone, month=int(outcome.alone_month[row]))
    kind, _, who = str(outcome.cause[row]).partition(":")
    why = {"default": "default", "shedding": "shed", "sales": "halved"}[kind]
    return State(name, tone, why, who, int(outcome.fallen_month[row]))


def _defaults(facts: Any, row: int) -> list[tuple[int, str]]:
    """Every default so far, oldest first: month and firm."""
    marks = {name.removeprefix("default:"): marks[row] for name, marks in facts.items() if name.startswith("default:")}
    return sorted((month, firm) for firm, months in marks.items() for month in np.flatnonzero(months).tolist())


def _strain(economy: Any, row: int, runway: Floats) -> list[tuple[str, str] | None]:
    """What strains a world in each month, and whom: a short runway, a rescue or arrears of a core firm, or nothing."""
    short = runway < economy.p.vendor_finance.rescue_runway[row]
    reasons = [("runway", economy.lead_lab.name) if now else None for now in short]
    for why in ("rescue", "arrears"):
        for name in economy.core:
            for month in np.flatnonzero(economy.core_events[f"{why}:{name}"][row]).tolist():
                reasons[month] = (why, name)
    return reasons


def _trailing(values: Floats, window: int) -> Floats:
    """Sum over the last `window` months, or as many as there are."""
    summed = np.concatenate([[0.0], np.cumsum(values)])
    months = np.arange(1, len(values) + 1)
    return summed[months] - summed[np.maximum(months - window, 0)]
