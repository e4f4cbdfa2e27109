"""The causal story of one world: who failed to pay whom, because of whom, as sentences in order and as a tree of causes.

Every step is given its causes among earlier ones by the rules of `RULES`: a firm is late because rounds failed it or because
others did not pay it; it defaults because it was late; a cloud buys less because a customer walked away from commitments.
Rules attribute, they do not prove: what would have happened otherwise is what the Shapley values tell.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.words.speech import capital, say
from perpetuum.runs.questions.world_account import Account
from perpetuum.runs.questions.world_history import Step, steps_of

if TYPE_CHECKING:
    import pandas as pd

#: A cause ended at most so many months before its effect began.
REACH = 12


@dataclass(frozen=True)
class Choice:
    """Which world is told of, and why it: nearest to the median date of those that fall, the middle, the first, or as asked."""

    replicate: int
    why: str = "asked"
    falling: int = 0
    worlds: int = 0


@dataclass(frozen=True)
class Story:
    """What is told of one world."""

    choice: Choice
    outcome: str
    steps: tuple[Step, ...]  # in order of time, numbered from 1
    ends: tuple[int, ...]  # steps that the story leads to, the most telling first
    untold: int  # steps that none of those goes back to
    dates: tuple[datetime.date, ...]
    fallen: int = -1  # the month of its fall, -1 where there is none
    cause: str = ""  # what its fall began with

    @property
    def replicate(self) -> int:
        """The world's replicate."""
        return self.choice.replicate

    @property
    def title(self) -> str:
        """How it ends: of a fall when, and what it began with."""
        if self.cause:
            month = say.month(self.dates[self.fallen], long=True)
            return capital(say("story.fell", ending=say(f"state.{self.outcome}"), month=month, cause=say.fall(self.cause)))
        return capital(say("story.title", ending=say(f"state.{self.outcome}"), about=say(f"state_about.{self.outcome}")))

    @property
    def why_this_world(self) -> str:
        """Why this world is told of."""
        one = self.choice
        return say(f"story.{one.why}", world=one.replicate, falling=one.falling, worlds=one.worlds)

    def sentences(self) -> list[str]:
        """The steps in order, each with its number and month."""
        return [
            say("story.line", number=step.number, month=say.month(self.dates[step.month], long=True), text=step.text)
            for step in self.steps
        ]

    def tree(self) -> list[str]:
        """The causes of each end, indented beneath it; what was told above is only named again."""
        told: set[int] = set()
        lines: list[str] = []
        sentences = self.sentences()

        def branch(number: int, depth: int) -> None:
            line = say("story.told_above", number=number) if number in told else sentences[number - 1]
            lines.append("   " * (depth - 1) + say("story.because", line=line) if depth else line)
            if number not in told:
                told.add(number)
                for cause in self.steps[number - 1].causes:
                    branch(cause, depth + 1)

        for end in self.ends:
            if end not in told:
                branch(end, 0)
        return lines

    def to_text(self) -> str:
        """The whole story as plain text."""
        lines = [self.title, self.why_this_world, "", say("story.in_order")]
        lines += self.sentences() or [say("autopsy.quiet")]
        lines += ["", say("story.why"), *self.tree()] if self.ends else []
        lines += ["", say("story.no_proof"), *([say("story.untold", number=self.untold)] if self.untold else [])]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """The story for machines: numbers and codes."""
        return {
            "world": self.replicate,
            "chosen": asdict(self.choice),
            "outcome": self.outcome,
            "fallen_month": self.fallen,
            "cause": self.cause,
            "ends": list(self.ends),
            "untold": self.untold,
            "steps": [
                {
                    "number": step.number,
                    "kind": step.kind,
                    "what": step.what,
                    "month": step.month,
                    "until": step.until,
                    "date": self.dates[step.month],
                    "who": step.who,
                    "amount": step.amount,
                    "to": dict(step.to),
                    "facts": dict(step.facts),
                    "causes": list(step.causes),
                }
                for step in self.steps
            ],
        }


# --- which world --------------------------------------------------------------------------------------------


def choose_world(worlds: pd.DataFrame) -> Choice:
    """Choose the world whose story is told: the falling one nearest the median date of falling.

    `worlds`: those of the scenario as asked. Where none falls it is the world in the middle by drawdown.
    """
    fine = worlds[worlds["error"] == ""]
    falling = fine[fine["fallen_month"] >= 0]
    if len(falling):
        return Choice(_nearest(falling["replicate"], falling["fallen_month"]), "falling", len(falling), len(fine))
    return Choice(_nearest(fine["replicate"], fine["drawdown"]), "middle", 0, len(fine))


def _nearest(replicates: pd.Series, values: pd.Series) -> int:
    away = (values - values.median()).abs().to_numpy()
    return int(replicates.to_numpy()[np.lexsort((replicates.to_numpy(), away))[0]])


# --- causes -------------------------------------------------------------------------------------------------

Rule = Callable[[Step, Step, Account], bool]  # (cause, effect, account)


def _unpaid(cause: Step, effect: Step, _: Account) -> bool:
    """Somebody did not pay, or walked away from, the firm that the effect befalls."""
    return cause.kind in ("loss", "rejection", "late") and effect.who in cause.to


def _own(*kinds: str) -> Rule:
    return lambda cause, effect, _: cause.kind in kinds and cause.who == effect.who


def _of_whom(*kinds: str) -> Rule:
    return lambda cause, effect, _: cause.kind in kinds and cause.who in effect.to


def _any(*kinds: str) -> Rule:
    return lambda cause, effect, _: cause.kind in kinds and cause.who != effect.who


def _last_tranche(cause: Step, effect: Step, _: Account) -> bool:
    return cause.kind == "finance" and effect.who in cause.to


def _sales_fell(cause: Step, effect: Step, account: Account) -> bool:
    return cause.kind == "revenue" and account.roles.get(effect.who) == "vendor"


def _same_default(cause: Step, effect: Step, _: Account) -> bool:
    return cause.kind == "default" and cause.who == effect.who and cause.month == effect.month


def _same_rejection(cause: Step, effect: Step, _: Account) -> bool:
    return cause.kind == "rejection" and cause.month == effect.month and effect.who in (cause.who, *cause.to)


#: Causes of each kind of step, in ranks: the first rank in which any is found counts, and what lies behind it explains the rest.
RULES: dict[str, tuple[tuple[Rule, ...], ...]] = {
    "drought": ((_any("tightening", "default"),),),
    "rescue": ((_of_whom("late", "drought"),),),
    "breach": ((_unpaid, _own("late")), (_any("tightening"),)),
    "late": ((_unpaid, _own("drought"), _last_tranche, _sales_fell),),
    "default": ((_unpaid, _own("late", "breach")), (_own("drought"), _last_tranche, _sales_fell)),
    "guarantee": ((_of_whom("default"),),),
    "loss": ((_same_default,),),
    "rejection": ((_same_default,),),
    "shed": ((_same_rejection,), (_own("breach"),)),
    "cut": ((_unpaid,), (_own("breach"), _any("default")), (_any("drought"),), (_any("tightening"),)),
    "revenue": ((_any("cut"),), (_any("tightening"),)),
}


def causes_of(step: Step, steps: Sequence[Step], account: Account) -> tuple[int, ...]:
    """Numbers of the earlier steps that the rules hold to be this one's causes."""
    earlier = [one for one in steps if one.number < step.number and one.until >= step.month - REACH]
    for rank in RULES.get(step.kind, ()):
        found = tuple(one.number for one in earlier if any(rule(one, step, account) for rule in rank))
        if found:
            return found
    return ()


def tell(account: Account, choice: Choice | None = None) -> Story:
    """Tell a world's story: its steps, their causes, and only what leads to an end or follows from one at once."""
    everything = steps_of(account)
    linked = [replace(step, causes=causes_of(step, everything, account)) for step in everything]
    ends = _ends(linked, set(account.core))
    wanted = _ancestors(linked, ends)
    told = [
        step
        for step in linked
        if step.number in wanted or (step.kind in ("loss", "rejection", "guarantee") and wanted.intersection(step.causes))
    ]
    new = {step.number: place for place, step in enumerate(told, start=1)}
    return Story(
        choice=choice or Choice(account.replicate),
        outcome=str(account.outcome.state[0]),
        steps=tuple(
            replace(step, number=new[step.number], causes=tuple(new[cause] for cause in step.causes)) for step in told
        ),
        ends=tuple(new[end] for end in ends),
        untold=len(linked) - len(told),
        dates=tuple(account.dates),
        fallen=int(account.outcome.fallen_month[0]),
        cause=str(account.outcome.cause[0]),
    )


def _ends(steps: Sequence[Step], core: set[str]) -> list[int]:
    """What the story leads to: defaults of core firms, lost commitments, the fall of revenue, others' first defaults, rescues."""
    others: dict[str, Step] = {}
    for step in steps:
        if step.kind == "default" and step.who not in core:
            others.setdefault(step.who, step)
    ranks: tuple[Sequence[Step], ...] = (
        [step for step in steps if step.kind == "default" and step.who in core],
        [step for step in steps if step.kind in ("shed", "revenue")],
        list(others.values()),
        [step for step in steps if step.kind == "rescue" and core.intersection(step.to)],
    )
    return [step.number for rank in ranks for step in rank]


def _ancestors(steps: Sequence[Step], ends: Sequence[int]) -> set[int]:
    seen: set[int] = set()
    waiting = list(ends)
    while waiting:
        number = waiting.pop()
        if number not in seen:
            seen.add(number)
            waiting += steps[number - 1].causes
    return seen
