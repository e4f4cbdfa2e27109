"""Votes of a class on how it ends and on who falls first, taken before the verdict is seen.

They stand in the page's address: a page that is loaded anew, or lost its server, hides the verdict as before.
"""

from __future__ import annotations

from collections.abc import Mapping

from perpetuum.model.observed.states import STATES
from perpetuum.visualization.app.session import Session

#: Votes on who defaults first are kept under this and the firm's id.
FIRST = "first:"
#: A class has so many votes at most.
MOST = 999
#: What an address says while a class votes, before anybody has.
NOBODY_YET = "1"


def voted(votes: Mapping[str, int], what: str, change: int) -> dict[str, int]:
    """The votes with some more, or fewer, for a state or for a firm; never below none."""
    return {**votes, what: min(max(votes.get(what, 0) + change, 0), MOST)}


def may_be_voted_for(session: Session) -> list[str]:
    """What votes are taken for: states, firms that may default first, and that nobody does."""
    return [*STATES, *(FIRST + one.name for one in session.economy.firms), FIRST]


def cast(votes: Mapping[str, int]) -> bool:
    """Whether anybody has voted on how it ends."""
    return any(votes.get(name, 0) for name in STATES)


def written(votes: Mapping[str, int]) -> str:
    """Votes as an address has them."""
    return ";".join(f"{what}:{many}" for what, many in votes.items() if many) or NOBODY_YET
