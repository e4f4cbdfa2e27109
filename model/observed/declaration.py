"""How a series is declared: `@series` over a function from the economy at the end of a month to (worlds,)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from perpetuum.model.observed.measured_economy import MeasuredEconomy
from perpetuum.model.worlds import Floats


@dataclass(frozen=True)
class Series:
    """One series: called with an economy at the end of a month it gives (worlds,).

    `en`, `zh`: what a chart calls it, and what it adds to that; "" where no chart shows it.
    """

    name: str
    of: Callable[[MeasuredEconomy], Floats]
    help: str
    unit: str
    en: tuple[str, str]
    zh: tuple[str, str]
    network: bool  # needs the ledger to record who pays whom: not asked for, it costs nothing

    def __call__(self, economy: Any) -> Floats:
        """This month's value (worlds,)."""
        return self.of(economy)

    def __reduce__(self) -> tuple[Callable[[str], Series], tuple[str]]:
        """Copies are the series itself: it holds nothing that varies by world."""
        return _declared, (self.name,)

    @property
    def money(self) -> bool:
        """Whether it is an amount of money, which grows with the unit of account."""
        return self.unit.startswith("$")


#: Series collected by default, and all that can be asked for.
SERIES: dict[str, Series] = {}
MEASURES: dict[str, Series] = {}


def _declared(name: str) -> Series:
    return MEASURES[name]


def series(
    unit: str,
    *,
    en: str | tuple[str, str] = "",
    zh: str | tuple[str, str] = "",
    collected: bool = True,
    network: bool = False,
    name: str = "",
) -> Callable[[Callable[[MeasuredEconomy], Floats]], Series]:
    """Declare the function below as a series; its docstring is the help, its name the column's.

    `collected`: False where it is computed only for a scenario that names it in `series`.
    """

    def declare(function: Callable[[MeasuredEconomy], Floats]) -> Series:
        text = " ".join((function.__doc__ or "").split())
        one = Series(name or function.__name__, function, text, unit, _words(en), _words(zh), network)
        MEASURES[one.name] = one
        if collected:
            SERIES[one.name] = one
        return one

    return declare


def _words(label: str | tuple[str, str]) -> tuple[str, str]:
    return (label, "") if isinstance(label, str) else label


def needs_network(asked: Sequence[str] | None) -> bool:
    """Whether any of the series asked for (None: the default ones) is measured on the flow network."""
    return any(MEASURES[name].network for name in (SERIES if asked is None else asked) if name in MEASURES)
