"""The same worlds under several settings, with the same luck and the same draws, in one batch; and what is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from perpetuum.model.economy import Economy
from perpetuum.model.errors import InputError
from perpetuum.model.observed.outcome import Outcome
from perpetuum.model.observed.states import months_judged
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.model.uncertainty import draw
from perpetuum.model.worlds import Array, Floats

Settings = Mapping[str, Any]
#: Normal quantile of 95 % intervals, and the month from which gold's correlation with AI is averaged, both as in `validate`.
_Z, _SETTLED = 1.96, 24
_THIRD_YEAR = slice(24, 36)
_SERIES = ("ai_gold_corr", "compute_rent")


class Lived(NamedTuple):
    """Worlds under one setting: the verdict, and by firm (worlds,) the first default (-1: none), its cause, months in breach."""

    outcome: Outcome
    defaults: dict[str, Array]
    causes: dict[str, Array]
    breaches: dict[str, Array]
    gold_with_ai: Floats
    rent: Floats  # of a chip-hour on the spot market in the third year, over that of the first month

    @property
    def fallen(self) -> Array:
        """Whether a world falls."""
        return self.outcome.fallen_month >= 0

    @property
    def core_default(self) -> Array:
        """Whether a core firm defaults."""
        return self.outcome.core_default_month >= 0


def lived(preset: str, worlds: int, seed: int, rows: Mapping[str, Settings], months: int) -> dict[str, Lived]:
    """Each row's worlds of a preset, with their own draws but for the row's settings; a month is one that is simulated.

    What shapes a whole batch must be the same in all rows.
    """
    drawn = draw(load_preset(preset).unknowns, seed, np.arange(worlds))
    usual, asked = Scenario(preset, seed=seed), {}
    for name in sorted({*drawn, *(name for settings in rows.values() for name in settings)}):
        values: list[Any] = []
        for settings in rows.values():
            own = name in drawn and name not in settings
            values += list(drawn[name]) if own else [settings.get(name, _plain(usual, name))] * worlds
        structural = usual.definition.parameter(name).structural
        if structural and len(set(values)) > 1:
            raise InputError(f"'{name}' shapes the whole batch, so that no row may have another value than the others")
        asked[name] = values[0] if structural else values
    luck = np.tile(np.arange(worlds), len(rows))
    economy = Economy(Scenario(preset, asked, worlds=len(luck), seed=seed, months=months, replicates=luck, series=_SERIES))
    economy.run()
    outcome, firms = economy.outcome(), economy.firm_defaults
    told_of = firms.told(months_judged(months))
    together, spot = (economy.series[name] for name in _SERIES)
    rent = spot[:, _THIRD_YEAR].mean(axis=1) / spot[:, 0]

    def of_row(place: int) -> Lived:
        mine = np.arange(place * worlds, (place + 1) * worlds)
        month, cause, breach = (
            {name: told_of[what][n][mine] for n, name in enumerate(firms.names)}
            for what in ("default_month", "cause", "breach_months")
        )
        return Lived(outcome.take(mine), month, cause, breach, together[mine, _SETTLED:].mean(axis=1), rent[mine])

    return {words: of_row(place) for place, words in enumerate(rows)}


def _plain(scenario: Scenario, name: str) -> Any:
    value = scenario.value(name)
    return bool(value) if scenario.definition.parameter(name).kind == "bool" else value


def told(values: Array, scale: float = 100.0, digits: int = 1) -> str:
    """A mean over worlds with its 95 % interval, in per cent unless a scale is given.

    >>> told(np.array([True, False, True, False])), told(np.array([1.0, 3.0]), 1.0)
    ('50.0 (-6.6 to 106.6)', '2.0 (0.0 to 4.0)')
    """
    each = np.asarray(values, dtype=np.float64) * scale
    middle, wide = each.mean(), _Z * each.std(ddof=1) / np.sqrt(len(each))
    return f"{middle:.{digits}f} ({middle - wide:.{digits}f} to {middle + wide:.{digits}f})"
