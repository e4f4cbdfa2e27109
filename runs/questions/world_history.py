"""The history of one world: what happened as *steps* in order of time, read out of its account.

The same thing month after month is one step. A step is told in the past tense, from the catalogue (`story`).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from perpetuum.model.observed.events import Event, EventKind
from perpetuum.model.observed.outcome import trailing_mean
from perpetuum.model.observed.states import Definition
from perpetuum.model.units import YEAR
from perpetuum.model.words.speech import capital, say
from perpetuum.runs.questions.world_account import SMALLEST, Account, Late

#: The same event again within so many months is the same step.
PAUSE = 3
#: A buyer is named for the fall of revenue if it makes up at least this share of it.
NAMED = 0.05
#: What a default leaves undone stands with the default, before the next.
LEFT = ("loss", "rejection")
#: Kinds of steps by their place within a month: causes stand before their effects.
ORDER = {"tightening": 0, "drought": 1, "finance": 2, "rescue": 3, "breach": 4, "late": 5, "default": 6} | dict.fromkeys(
    LEFT, 6
)
ORDER |= {"guarantee": 7, "shed": 8, "cut": 9, "revenue": 10}
#: What the journal tells of, and the kind of step that it is.
DROUGHT = (EventKind.RAISES_DOWN_ROUND, EventKind.INSIDERS_BRIDGE, EventKind.ROUND_FAILS)
NOTED = dict.fromkeys(DROUGHT, "drought") | {
    EventKind.DEFAULTS: "default",
    EventKind.RESCUES: "rescue",
    EventKind.BREACHES_COVENANT: "breach",
    EventKind.PAYS_GUARANTEE: "guarantee",
}
#: What a default leaves undone.
LOSSES = {
    EventKind.BILLS_UNPAID: "loss",
    EventKind.DEBTS_WRITTEN_OFF: "loss",
    EventKind.COMMITMENTS_REJECTED: "rejection",
}


@dataclass(frozen=True)
class Step:
    """Something that happened, from `month` to `until`, with the numbers of the steps that caused it.

    `what`: its text in the catalogue, whose places are filled from `facts`; `to`: whom it befell, with $bn of each.
    """

    number: int
    kind: str
    month: int
    until: int
    who: str
    amount: float  # $bn
    what: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    to: Mapping[str, float] = field(default_factory=dict)
    causes: tuple[int, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def text(self) -> str:
        """It in a sentence."""
        places = {"who": self.called(self.who)}
        for name, fact in self.facts.items():
            places[name.removeprefix("missing_")] = _TOLD.get(name, lambda _, fact: fact)(self, fact)
        return capital(say("list.stop", sentence=say(f"story.{self.what}", **places)))

    def called(self, name: str) -> str:
        """What an institution is called in a sentence."""
        return say.called(name) if say.knows(f"firm.{name}") else self.names.get(name, say.called(name))

    def shares(self, to: Mapping[str, float]) -> str:
        """How much to whom, the largest first."""
        ordered = sorted(to.items(), key=lambda item: -item[1])
        return say.listed([say("story.to", amount=say.money(bn), whom=self.called(name)) for name, bn in ordered])


def _creditors(step: Step, to: Mapping[str, float]) -> str:
    return step.shares(to) if len(to) > 1 else say("story.all_to", whom=step.called(next(iter(to))))


def _worth(key: str) -> Callable[[Step, float], str]:
    """An amount within another text, or nothing where it is not worth a mention."""
    return lambda _, bn: say(f"story.{key}", amount=say.money(bn)) if bn >= SMALLEST else ""


def _or_nothing(_: Step, bn: float) -> str:
    return say.money(bn) if bn >= SMALLEST else say("story.next_to_nothing")


#: How facts are told.
_TOLD: dict[str, Callable[[Step, Any], Any]] = {
    "whom": Step.called,
    "amount": _or_nothing,
    "due": lambda _, bn: say.money(bn),
    "then": lambda _, bn: say.money(bn),
    "now": lambda _, bn: say("story.a_month", amount=say.money(bn)) if bn >= SMALLEST else say("story.next_to_nothing"),
    "rents": _worth("rents"),
    "share": lambda _, part: say.percent(part),
    "down": lambda _, part: say.percent(part),
    "month": lambda _, date: say.month(date, long=True),
    "until": lambda _, date: say("story.until", month=say.month(date, long=True)) if date else "",
    "creditors": _creditors,
    "missing_creditors": Step.shares,
}


def steps_of(account: Account) -> list[Step]:
    """Everything worth a sentence, in order of time, numbered from 1; causes are not filled in."""
    told = _Steps(account)
    found = [*told.tightening(), *told.journal(), *told.finance(), *told.losses()]
    found += [*told.lateness(), *told.fall_of_revenue(), *told.shed()]
    falls = _order_of_falls(found)
    found.sort(key=lambda step: (step.month, ORDER[step.kind], falls.get((step.month, step.who), 0), step.kind != "default"))
    return [replace(step, number=number, names=account.names) for number, step in enumerate(found, start=1)]


def _order_of_falls(steps: Sequence[Step]) -> dict[tuple[int, str], int]:
    """Place of every default among those of its month: first who is owed least by the others that still have to fall."""
    owed: dict[int, dict[tuple[str, str], float]] = {}
    fallen: dict[int, list[str]] = {}
    for step in steps:
        if step.kind == "default":
            fallen.setdefault(step.month, []).append(step.who)
        for whom, bn in step.to.items() if step.kind in LEFT else ():
            owed.setdefault(step.month, {})[step.who, whom] = bn + owed.get(step.month, {}).get((step.who, whom), 0.0)
    places: dict[tuple[int, str], int] = {}
    for month, firms in fallen.items():
        left, debts = list(firms), owed.get(month, {})
        for place in range(len(firms)):
            first = min(left, key=lambda one: sum(debts.get((other, one), 0.0) for other in left if other != one))
            places[month, first] = place
            left.remove(first)
    return places


class _Steps:
    """The steps of one world, source by source."""

    def __init__(self, account: Account):
        self.a = account
        self.limit, window = Definition(), YEAR
        self.revenue = trailing_mean(account.revenue[None, :], window)[0]
        self.purchases = {name: trailing_mean(row[None, :], window)[0] for name, row in account.purchases.items()}

    def tightening(self) -> Iterator[Step]:
        """The squeeze that the scenario prescribes."""
        theta = self.a.tightening
        if theta.any():
            tight, most = np.flatnonzero(theta), float(theta.max())
            yield _step("tightening", int(tight[0]), int(tight[-1]), "funding", most, "tightening", {"theta": most})

    def journal(self) -> Iterator[Step]:
        """Rounds that failed, rescues, breaches, defaults, guarantees."""
        for events in self._runs():
            first, last, bn = events[0], events[-1], sum(event.amount for event in events)
            kind = NOTED.get(first.kind)
            if kind is None:
                continue
            facts: dict[str, Any] = {"amount": bn, "whom": first.whom}
            if kind == "drought":
                facts["until"] = self._until(first.month, last.month)
            owing = first.kind is EventKind.DEFAULTS and bn >= SMALLEST
            what = "defaults_owing" if owing else first.kind.value
            to = {first.whom: bn} if kind in ("rescue", "guarantee") else {}
            yield _step(kind, first.month, last.month, first.who, 0.0 if kind == "breach" else bn, what, facts, to)

    def _runs(self) -> Iterator[list[Event]]:
        """Events of the journal, a drought's that repeat within a few months together."""
        runs: dict[tuple[str, ...], list[Event]] = {}
        for event in self.a.events:
            key = (event.who, event.kind, event.whom if event.kind is EventKind.RESCUES else "")
            run = runs.pop(key, [])
            if run and event.kind in DROUGHT and event.month - run[-1].month <= PAUSE:
                runs[key] = [*run, event]
            else:
                if run:
                    yield run
                runs[key] = [event]
        yield from runs.values()

    def finance(self) -> Iterator[Step]:
        """The last tranche of a programme of vendor finance: from then on nothing more comes."""
        tranches: dict[tuple[str, str], list[Event]] = {}
        for event in self.a.events:
            if event.kind is EventKind.FINANCES and event.amount >= SMALLEST:
                tranches.setdefault((event.who, event.whom), []).append(event)
        for (who, whom), paid in tranches.items():
            bn, month = sum(event.amount for event in paid), paid[-1].month
            what = "only_tranche" if len(paid) == 1 else "last_tranche"
            yield _step(
                "finance", month, month, who, bn, what, {"whom": whom, "amount": bn, "number": len(paid)}, {whom: bn}
            )

    def losses(self) -> Iterator[Step]:
        """What a default leaves undone, the creditors of one kind in one sentence."""
        losses: dict[tuple[int, str, EventKind], dict[str, float]] = {}
        for event in self.a.events:
            if event.kind in LOSSES and event.amount >= SMALLEST:
                losses.setdefault((event.month, event.who, event.kind), {})[event.whom] = event.amount
        for (month, who, kind), to in losses.items():
            whole = sum(to.values())
            yield _step(LOSSES[kind], month, month, who, whole, kind.value, {"amount": whole, "creditors": to}, to)

    def lateness(self) -> Iterator[Step]:
        """Months in which a firm paid in part and did not default, those that follow each other together."""
        defaults = {(event.who, event.month) for event in self.a.events if event.kind is EventKind.DEFAULTS}
        runs: dict[str, list[Late]] = {}
        for late in self.a.late:
            run = runs.pop(late.who, [])
            if (late.who, late.month) in defaults:
                # The month of the default itself is told by the default.
                if run:
                    yield self._late(run)
            elif run and late.month - run[-1].month > PAUSE:
                yield self._late(run)
                runs[late.who] = [late]
            else:
                runs[late.who] = [*run, late]
        for run in runs.values():
            yield self._late(run)

    def _late(self, run: Sequence[Late]) -> Step:
        worst = max(run, key=lambda late: late.due - late.paid)
        missing = {name: left for name, left in worst.missing.items() if left >= SMALLEST}
        first, last = run[0].month, run[-1].month
        facts = {"share": worst.paid / worst.due, "due": worst.due, "rents": worst.rents, "missing_creditors": missing}
        what = "paid_in_part" if len(run) == 1 else "behind"
        facts["until"] = self._until(first, last)
        return _step("late", first, last, worst.who, worst.due - worst.paid, what, facts, missing)

    def fall_of_revenue(self) -> Iterator[Step]:
        """The deepest fall from a peak after the tightening began: who bought less, and when half was gone."""
        metrics = self.a.outcome.metrics
        deepest, trough = float(metrics["drawdown"][0]), int(metrics["drawdown_month"][0])
        if trough < 0 or deepest < NAMED:
            return
        peak = int(np.argmax(self.revenue[: trough + 1]))
        lost = 1.0 - self.revenue / self.revenue[peak]
        counted = np.arange(len(lost)) >= max(peak, self.a.tightening_start)
        halved = np.flatnonzero((lost >= 1.0 - self.limit.fallen_sales) & counted)
        month = int(halved[0]) if len(halved) else trough
        recovered = np.flatnonzero(lost[month:] <= 1.0 - self.limit.kept_sales)
        until = month + int(recovered[0]) if len(recovered) else len(lost) - 1
        fallen = float(self.revenue[peak] - self.revenue[month])
        for name, row in sorted(self.purchases.items(), key=lambda item: item[1][month] - item[1][peak]):
            less = float(row[peak] - row[month])
            if less >= NAMED * fallen and less >= SMALLEST:
                facts = {"now": float(row[month]), "then": float(row[peak]), "month": self.a.dates[peak]}
                yield _step("cut", month, until, name, less, "bought_less", facts)
        facts = {"due": float(self.revenue[month]), "then": float(self.revenue[peak]), "month": self.a.dates[peak]}
        facts |= {"down": deepest}
        yield _step("revenue", month, until, "vendors", fallen, "halved" if len(halved) else "trough", facts)

    def shed(self) -> Iterator[Step]:
        """Core firms a third of whose commitments are gone."""
        for name, gone in self.a.shed.items():
            months = np.flatnonzero(gone >= self.limit.shed)
            if len(months):
                month, share = int(months[0]), float(gone[months[0]])
                yield _step("shed", month, month, name, share, "shed", {"share": share})

    def _until(self, first: int, last: int) -> datetime.date | None:
        return self.a.dates[last] if last > first else None


def _step(
    kind: str,
    month: int,
    until: int,
    who: str,
    amount: float,
    what: str,
    facts: Mapping[str, Any] | None = None,
    to: Mapping[str, float] | None = None,
) -> Step:
    return Step(0, kind, month, until, who, round(float(amount), 3), what, facts or {}, dict(to or {}))
