"""Numbers that belong together, written in as many decimals each: values beside each other, a value and its interval, ends."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: Figures that numbers are told in at most where smaller ones beside them ask for digits.
_FIGURES = 3
#: Decimals that tell neighbouring levels apart, at most.
_MOST = 9


def ends_of(low: float, high: float) -> tuple[str, str]:
    """Both ends of a range to the same decimals, three digits of what lies between them.

    >>> ends_of(0.0001982, 0.2002), ends_of(3.0, 47.99), ends_of(-0.5, 1200.0), ends_of(2.0, 2.0)
    (('0.000', '0.200'), ('3.0', '48.0'), ('0', '1,200'), ('2', '2'))
    """
    if not high > low:
        return f"{low:g}", f"{high:g}"
    decimals = max(0, 2 - math.floor(math.log10(high - low)))
    told = (f"{round(end, decimals) + 0.0:,.{decimals}f}" for end in (low, high))  # + 0.0: no minus before a zero
    first, last = (text.replace("-", "−") for text in told)
    return first, last


def alike(values: Sequence[float], digits: int, sign: str = "-", most: int = 3) -> list[str]:
    """Numbers that belong together in as many digits each: more than these, up to `most`, where one that is not zero would read
    as zero, and would not with so many as give the largest three figures. Rounding alike keeps their order, so that a value
    stays within its interval.

    >>> alike([12.3, -0.4, 28.1], 0), alike([12.3, -4.1, 28.1], 0), alike([0.0, -0.2, 0.2], 0), alike([0.0, 0.0, 0.0], 1)
    (['12.3', '−0.4', '28.1'], ['12', '−4', '28'], ['0.0', '−0.2', '0.2'], ['0.0', '0.0', '0.0'])

    What is next to nothing beside the largest, or too small for any digits, gives the others none that say nothing.

    >>> alike([66.7, -0.004, 100.0], 0), alike([7.2, 0.003, 9.9], 1), alike([0.00002, 0.00004], 0)
    (['67', '0', '100'], ['7.2', '0.0', '9.9'], ['0', '0'])

    With a plus sign where asked for: changes.

    >>> alike([8.0, -2.0, 18.0], 0, "+"), alike([0.0, -12.0, 10.0], 0, "+")
    (['+8', '−2', '+18'], ['0', '−12', '+10'])
    """
    largest = max((abs(value) for value in values), default=0.0)
    limit = min(most, _FIGURES - 1 - math.floor(math.log10(largest))) if largest else digits
    small = [value for value in values if round(value, digits) == 0 != round(value, max(limit, digits))]
    while any(round(value, digits) == 0 for value in small):
        digits += 1
    rounded = [round(value, digits) + 0.0 for value in values]  # + 0.0: no minus before a zero
    return [f"{one:{sign if one else '-'},.{digits}f}".replace("-", "−") for one in rounded]


def told_apart(values: Sequence[float]) -> list[str]:
    """Levels along a scale, each as short as it can be written without reading as another: no digits that tell nothing.

    >>> told_apart([0.0, 0.003125, 0.00625, 0.1, 0.253125, 1.0]), told_apart([0.5, 0.7, 2.0]), told_apart([1200.0, 3.0])
    (['0', '0.003', '0.006', '0.1', '0.253', '1'], ['0.5', '0.7', '2'], ['1,200', '3'])
    """
    largest = max((abs(value) for value in values), default=0.0)
    decimals = max(_FIGURES - 1 - math.floor(math.log10(largest)), 0) if largest else 0
    several = len({*values})
    while decimals < _MOST and len({round(value, decimals) for value in values}) < several:
        decimals += 1
    texts = (f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−") for value in values)
    return [text.rstrip("0").rstrip(".") if "." in text else text for text in texts]


def whole_ends(low: float, high: float) -> list[str]:
    """Both ends of a range of shares in whole per cent, once where they read the same; but neither nothing nor all is told of a
    range that is not wholly so.

    >>> whole_ends(0.082, 0.168), whole_ends(0.571, 0.574), whole_ends(0.0002, 0.0006), whole_ends(0.9998, 1.0)
    (['8', '17'], ['57'], ['0', '1'], ['99', '100'])
    """
    ends = [round(100 * end, 6) for end in (low, high)]
    whole = [round(end) for end in ends]
    if whole[0] == whole[1] in (0, 100) and ends[0] != ends[1]:
        whole = [math.floor(ends[0]), math.ceil(ends[1])]
    return list(dict.fromkeys(f"{end}".replace("-", "−") for end in whole))


def joined_ends(low: float, high: float) -> str:
    """Both ends of a range of shares in whole per cent, with a dash: `8–17`."""
    return "–".join(whole_ends(low, high))


def together(values: Sequence[float], figures: int = 3, sign: str = "-") -> list[str]:
    """Numbers that stand beside each other, with as many decimals each: so many figures of the largest, none where all are whole.

    A number that is not zero does not read as zero (`alike`).

    >>> together([5.18, 5.2]), together([115.2, 132.0, 63.7]), together([6.0, 0.367]), together([49.0, 46.3]), together([6, 12])
    (['5.18', '5.20'], ['115', '132', '64'], ['6.00', '0.37'], ['49.0', '46.3'], ['6', '12'])
    >>> together([0.00031, 0.00028]), together([-0.19, -0.37, 0.068], 2, "+"), together([-3620.4, -5520.2, -1500.0], 2, "+")
    (['0', '0'], ['−0.19', '−0.37', '+0.07'], ['−3,620', '−5,520', '−1,500'])
    """
    largest = max((abs(value) for value in values), default=0.0)
    whole = all(abs(value - round(value)) < 1e-9 for value in values)
    nothing = round(largest, 3) == 0  # which no digits that are told would show
    digits = 0 if whole or nothing else min(max(figures - 1 - math.floor(math.log10(largest)), 0), 3)
    return alike(values, digits, sign)
