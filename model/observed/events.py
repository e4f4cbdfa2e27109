"""Kinds of events and their causes, one row each, and an event of one world.

Whoever decides on events compares codes; the sentence is made from them by the catalogue (`events.kind`, `events.cause`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from perpetuum.model.words.catalogue import catalogue
from perpetuum.model.words.speech import Words, capital

#: Amounts under so many $bn are left out of a sentence that can do without.
SMALLEST = 0.005
#: Where an amount goes in a sentence that is kept without one.
AMOUNT = "\0"


class EventTheme(StrEnum):
    """What kinds of events have in common."""

    DEFAULT = "default"
    LOSS = "loss"  # what a default leaves undone, an event for each creditor
    BREACH = "breach"
    RESCUE = "rescue"
    TRANCHE = "tranche"
    ROUND = "round"
    DROUGHT = "drought"  # a lab finds less money than it sought, or none
    SALE = "sale"
    LEVER = "lever"


class EventKind(StrEnum):
    """What happened: its code and its theme, with what `amount` is and who `whom` is."""

    theme: EventTheme

    def __new__(cls, code: str, theme: EventTheme) -> EventKind:
        """Make a member of its code, which it is as a string too."""
        kind = str.__new__(cls, code)
        kind._value_ = code
        kind.theme = theme
        return kind

    DEFAULTS = "defaults", EventTheme.DEFAULT  # debts, where there are; the customer whose default is the cause
    BILLS_UNPAID = "bills_unpaid", EventTheme.LOSS  # bills; the creditor
    DEBTS_WRITTEN_OFF = "debts_written_off", EventTheme.LOSS  # debts lost; the creditor
    COMMITMENTS_REJECTED = "commitments_rejected", EventTheme.LOSS  # what was signed; the seller of compute
    PAYS_GUARANTEE = "pays_guarantee", EventTheme.RESCUE  # paid; the borrower that defaulted
    RESCUES = "rescues", EventTheme.RESCUE  # paid; the lab or cloud
    BREACHES_COVENANT = "breaches_covenant", EventTheme.BREACH
    FINANCES = "finances", EventTheme.TRANCHE  # the tranche; the lab
    FINANCES_ORDERS = "finances_orders", EventTheme.TRANCHE  # paid; the cloud that could not pay for the chips it is due
    RAISES_ROUND = "raises_round", EventTheme.ROUND  # raised
    RAISES_DOWN_ROUND = "raises_down_round", EventTheme.DROUGHT  # raised
    INSIDERS_BRIDGE = "insiders_bridge", EventTheme.DROUGHT  # raised
    ROUND_FAILS = "round_fails", EventTheme.DROUGHT  # sought
    SELLS_USED_CHIPS = "sells_used_chips", EventTheme.SALE  # proceeds
    LEVER_MOVED = "lever_moved", EventTheme.LEVER  # none; `parameter` and `value` say what was set to what


class EventCause(StrEnum):
    """Why it happened."""

    CUSTOMER_DEFAULTED = "customer_defaulted"  # `whom`
    COMMITMENTS_EXCEED_REVENUE = "commitments_exceed_revenue"
    LOANS_ACCELERATED = "loans_accelerated"
    DEBTS_UNSERVED = "debts_unserved"
    OWN_DEFAULT = "own_default"
    BORROWER_DEFAULTED = "borrower_defaulted"  # `whom`
    COMPUTE_COUNTED = "compute_counted"
    INSTALMENT_DUE = "instalment_due"
    RUNWAY_SHORT = "runway_short"
    MONEY_TO_BE_HAD = "money_to_be_had"
    CUSTOMER_RUNWAY_SHORT = "customer_runway_short"  # `whom`
    CUSTOMER_CASH_SHORT = "customer_cash_short"  # `whom`
    OFFERS_SHORT = "offers_short"
    NO_TAKERS = "no_takers"
    NO_OFFERS = "no_offers"
    CASH_NEEDED = "cash_needed"
    COVENANT_MISSED = "covenant_missed"


@dataclass(slots=True)
class Event:
    """One thing that happened in one world."""

    month: int
    world: int
    kind: EventKind
    who: str
    whom: str = ""  # the other party, as the kind's row says
    cause: EventCause | None = None
    amount: float = 0.0  # $bn, 0 where it does not apply
    parameter: str = ""  # of a lever that was moved
    value: Any = None  # what it was set to

    @property
    def text(self) -> str:
        """The event as an English sentence."""
        words = Words("en")
        if self.parameter:
            places = {"lever": words.lever(self.parameter), "value": words.setting(self.parameter, self.value)}
            return capital(sentence(words, self.kind, self.who, words.called(self.whom), self.amount, self.cause, **places))
        return _without_amount(self.kind, self.who, self.whom, self.cause, self.amount < SMALLEST).replace(
            AMOUNT, words.money(self.amount)
        )


@functools.cache
def _without_amount(kind: EventKind, who: str, whom: str, cause: EventCause | None, small: bool) -> str:
    """The sentence of all events that differ in their amounts alone: a run of a hundred worlds tells thirty thousand."""
    words = Words("en")
    return capital(_told(words, kind, who, words.called(whom), AMOUNT, small, cause))


def sentence(
    words: Words, kind: EventKind, who: str, whom: str, amount: float, cause: EventCause | None = None, **places: str
) -> str:
    """What happened and why, of one or several events ($bn); `whom` as it stands in the sentence."""
    return _told(words, kind, who, whom, words.money(amount), amount < SMALLEST, cause, **places)


def _told(
    words: Words, kind: EventKind, who: str, whom: str, amount: str, small: bool, cause: EventCause | None, **places: str
) -> str:
    bare = f"events.without_amount.{kind}"
    key = bare if small and bare in catalogue("en") else f"events.kind.{kind}"
    text = words(key, who=words.called(who), whom=whom, amount=amount, **places)
    return words("events.because", text=text, cause=words(f"events.cause.{cause}", whom=whom)) if cause else text
