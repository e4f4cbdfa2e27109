"""Refinancing: how much of a borrower's maturing debt lenders roll over. Each an equation for one borrower in one world."""

from __future__ import annotations

from perpetuum.model.equations import equation


@equation
def willingness(rate: float, ceiling: float, width: float) -> float:
    """clip((ceiling - all-in rate) / width, 0, 1): lenders hold back as the rate nears what no borrower can earn.

    >>> willingness(0.25, 0.75, 0.25), willingness(0.625, 0.75, 0.25), willingness(0.875, 0.75, 0.25)
    (1.0, 0.5, 0.0)
    """
    return min(max((ceiling - rate) / width, 0.0), 1.0)


@equation
def part_rolled_over(
    tightening: float, loss: float, willing: float, open_: float, in_breach: float, patience: float
) -> float:
    """(1 - tightening x loss)+ x willingness, share of maturing principal refinanced; 0 where all outside finance has
    stopped, and after `patience` months in breach of a covenant.

    >>> part_rolled_over(0.5, 0.5, 0.5, 1.0, 0.0, 3.0), part_rolled_over(0.0, 0.5, 1.0, 1.0, 2.0, 3.0)
    (0.375, 1.0)
    >>> part_rolled_over(0.0, 0.5, 1.0, 0.0, 0.0, 3.0), part_rolled_over(0.0, 0.5, 1.0, 1.0, 3.0, 3.0)
    (0.0, 0.0)
    """
    if in_breach >= patience:
        return 0.0
    return max(1.0 - tightening * loss, 0.0) * willing * open_
