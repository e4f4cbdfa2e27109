"""What happened in one world, a sentence each: the events of its journal and of its books as *steps* in order of time.

The same thing month after month is one step. Sentences stand in the past tense and carry amounts in $bn.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from perpetuum.model.observed.events import Event, EventKind
from perpetuum.model.observed.outcome import Thresholds, trailing_mean
from perpetuum.model.words.speech import say
from perpetuum.runs.questions.debts_and_purchases import SMALLEST, Account, Late

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
#: Funding trouble of a lab, as the story puts it.
DROUGHT = {
    EventKind.RAISES_DOWN_ROUND: "could raise money only at a lower valuation",
    EventKind.INSIDERS_BRIDGE: "found no takers for a round and lived on insiders' bridges",
    EventKind.ROUND_FAILS: "failed to raise a round",
}
#: What a default leaves undone; then the sum, and by whom it is missed.
LOSSES = {
    EventKind.BILLS_UNPAID: "left bills of {} unpaid",
    EventKind.DEBTS_WRITTEN_OFF: "never paid back {} of its debts",
    EventKind.COMMITMENTS_REJECTED: "walked away from commitments of {}",
}
OUTSIDE = "suppliers, staff and the tax office"


@dataclass(frozen=True)
class Step:
    """Something that happened, from `month` to `until`, with the numbers of the steps that caused it."""

    number: int
    kind: str
    month: int
    until: int
    who: str
    amount: float  # $bn
    text: str
    to: Mapping[str, float] = field(default_factory=dict)  # whom it befell, with $bn of each
    causes: tuple[int, ...] = ()


def steps_of(testimony: Account) -> list[Step]:
    """Everything worth a sentence, in order of time, numbered from 1; causes are not filled in."""
    told = _Happenings(testimony)
    found = [*told.tightening(), *told.journal(), *told.finance(), *told.losses()]
    found += [*told.lateness(), *told.fall_of_revenue(), *told.shed()]
    falls = _order_of_falls(found)
    found.sort(key=lambda step: (step.month, ORDER[step.kind], falls.get((step.month, step.who), 0), step.kind != "default"))
    return [replace(step, number=number) for number, step in enumerate(found, start=1)]


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


class _Happenings:
    """The steps of one world, source by source."""

    def __init__(self, testimony: Account):
        self.t = testimony
        self.limit = Thresholds()
        window = round(self.limit.smoothing_months)
        self.revenue = trailing_mean(testimony.revenue[None, :], window)[0]
        self.purchases = {name: trailing_mean(row[None, :], window)[0] for name, row in testimony.purchases.items()}

    def tightening(self) -> Iterator[Step]:
        """The squeeze that the scenario prescribes."""
        theta = self.t.tightening
        if theta.any():
            tight = np.flatnonzero(theta)
            text = f"funding began to tighten, to {theta.max():g} on a scale from 0 (loose) to 1 (everything at once)"
            yield _step("tightening", int(tight[0]), int(tight[-1]), "funding", text, float(theta.max()))

    def journal(self) -> Iterator[Step]:
        """Rounds that failed, rescues, breaches, defaults, guarantees."""
        for events in self._runs():
            first, last = events[0], events[-1]
            bn = sum(event.amount for event in events)
            who, kind, whom = self._called(first.who), first.kind, first.whom
            if kind in DROUGHT:
                span = _span(self.t.dates, first.month, last.month)
                raised = _dollars(bn) if bn >= SMALLEST else "next to nothing"
                text = f"{who} {DROUGHT[kind]}{span}, raising {raised}"
                yield _step("drought", first.month, last.month, first.who, text, bn)
            elif kind is EventKind.DEFAULTS:
                debts = f", owing {_dollars(bn)} to lenders" if bn >= SMALLEST else ""
                yield _step("default", first.month, last.month, first.who, f"{who} defaulted{debts}", bn)
            elif kind is EventKind.RESCUES:
                text = f"{who} rescued {self._called(whom)} with {_dollars(bn)}"
                yield _step("rescue", first.month, last.month, first.who, text, bn, {whom: bn})
            elif kind is EventKind.BREACHES_COVENANT:
                yield _step("breach", first.month, last.month, first.who, f"{who} breached its loan covenants", 0.0)
            elif kind is EventKind.PAYS_GUARANTEE:
                text = f"{who} paid {_dollars(bn)} on its guarantee for {self._called(whom)}"
                yield _step("guarantee", first.month, last.month, first.who, text, bn, {whom: bn})

    def _runs(self) -> Iterator[list[Event]]:
        """Events of the journal, a drought's that repeat within a few months together."""
        runs: dict[tuple[str, ...], list[Event]] = {}
        for event in self.t.events:
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
        for event in self.t.events:
            if event.kind is EventKind.FINANCES and event.amount >= SMALLEST:
                tranches.setdefault((event.who, event.whom), []).append(event)
        for (who, whom), paid in tranches.items():
            bn, month = sum(event.amount for event in paid), paid[-1].month
            number = "its only tranche" if len(paid) == 1 else f"the last of {len(paid)} tranches"
            text = f"{self._called(who)} paid {number} to {self._called(whom)}, {_dollars(bn)} in all"
            yield _step("finance", month, month, who, text, bn, {whom: bn})

    def losses(self) -> Iterator[Step]:
        """What a default leaves undone, the creditors of one kind in one sentence."""
        losses: dict[tuple[int, str, EventKind], dict[str, float]] = {}
        for event in self.t.events:
            if event.kind in LOSSES and event.amount >= SMALLEST:
                losses.setdefault((event.month, event.who, event.kind), {})[event.whom] = event.amount
        for (month, who, kind), to in losses.items():
            whole = sum(to.values())
            creditors = self._shares(to) if len(to) > 1 else f"all {self._shares(to).partition('bn ')[2]}"
            text = f"{self._called(who)} {LOSSES[kind].format(_dollars(whole))}: {creditors}"
            yield _step(
                "rejection" if kind is EventKind.COMMITMENTS_REJECTED else "loss", month, month, who, text, whole, to
            )

    def lateness(self) -> Iterator[Step]:
        """Months in which a firm paid in part and did not default, those that follow each other together."""
        defaults = {(event.who, event.month) for event in self.t.events if event.kind is EventKind.DEFAULTS}
        runs: dict[str, list[Late]] = {}
        for late in self.t.late:
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
        rents = f", of which {_dollars(worst.rents)} take-or-pay rents" if worst.rents >= SMALLEST else ""
        who, first, last = self._called(worst.who), run[0].month, run[-1].month
        paid = say.percent(worst.paid / worst.due)
        if len(run) == 1:
            text = f"{who} paid {paid} of {_dollars(worst.due)} due{rents}; short by {self._shares(missing)}"
        else:
            span = _span(self.t.dates, first, last)
            text = f"{who} fell behind with its bills{span}, at worst by {self._shares(missing)}"
        return _step("late", first, last, worst.who, text, worst.due - worst.paid, missing)

    def fall_of_revenue(self) -> Iterator[Step]:
        """The deepest fall from a peak after the tightening began: who bought less, and when half was gone."""
        metrics = self.t.outcome.metrics
        deepest, trough = float(metrics["drawdown"][0]), int(metrics["drawdown_month"][0])
        if trough < 0 or deepest < NAMED:
            return
        peak = int(np.argmax(self.revenue[: trough + 1]))
        lost = 1.0 - self.revenue / self.revenue[peak]
        counted = np.arange(len(lost)) >= max(peak, self.t.tightening_start)
        halved = np.flatnonzero((lost >= self.limit.drawdown) & counted)
        month = int(halved[0]) if len(halved) else trough
        recovered = np.flatnonzero(lost[month:] <= 1.0 - self.limit.recovery)
        until = month + int(recovered[0]) if len(recovered) else len(lost) - 1
        fallen = float(self.revenue[peak] - self.revenue[month])
        when = f"{self.t.dates[peak]:%B %Y}"
        for name, row in sorted(self.purchases.items(), key=lambda item: item[1][month] - item[1][peak]):
            less = float(row[peak] - row[month])
            if less >= NAMED * fallen and less >= SMALLEST:
                now = f"{_dollars(row[month])} a month" if row[month] >= SMALLEST else "next to nothing"
                text = f"{self._called(name)} bought chips for {now} instead of {_dollars(row[peak])} a month in {when}"
                yield _step("cut", month, until, name, text, less)
        what = "had fallen by half" if len(halved) else f"was at its lowest, {say.percent(deepest)} down"
        now, then = _dollars(self.revenue[month]), _dollars(self.revenue[peak])
        text = f"the vendors' revenue {what}: {now} a month against {then} in {when} (means over six months)"
        yield _step("revenue", month, until, "vendors", text, fallen)

    def shed(self) -> Iterator[Step]:
        """Core firms a third of whose commitments are gone."""
        for name, gone in self.t.shed.items():
            months = np.flatnonzero(gone >= self.limit.shed)
            if len(months):
                share = float(gone[months[0]])
                text = f"{say.percent(share)} of all commitments to or of {self._called(name)} were gone"
                yield _step("shed", int(months[0]), int(months[0]), name, text, share)

    # --- words

    def _called(self, name: str) -> str:
        """What an institution is called in a sentence."""
        return self.t.names.get(name, f"the {name.replace('_', ' ')}")

    def _shares(self, to: Mapping[str, float]) -> str:
        """How much to whom, the largest first."""
        ordered = sorted(to.items(), key=lambda item: -item[1])
        parts = [f"{_dollars(bn)} to {OUTSIDE if name == 'outside' else self._called(name)}" for name, bn in ordered]
        return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _step(
    kind: str, month: int, until: int, who: str, text: str, amount: float, to: Mapping[str, float] | None = None
) -> Step:
    return Step(0, kind, month, until, who, round(float(amount), 3), f"{text[:1].upper()}{text[1:]}.", dict(to or {}))


def _dollars(bn: float) -> str:
    return f"${bn:.0f}bn" if bn >= 99.5 else f"${bn:.1f}bn"


def _span(dates: Sequence[datetime.date], first: int, last: int) -> str:
    return f" until {dates[last]:%B %Y}" if last > first else ""
