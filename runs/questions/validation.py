"""Validation: how far to trust the model, in one table: books, the article's figures, hindcasts, returns, expectations.

Every row is a claim with what the model says (a median and an interval over worlds), what is known, and a verdict.
"""

from __future__ import annotations

import functools
import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from perpetuum.model import history
from perpetuum.model.books.accounts import CLAIMS
from perpetuum.model.economy import Economy
from perpetuum.model.fits import Fit, fit_names, load_fit
from perpetuum.model.scenario import Scenario, load_preset, preset_names
from perpetuum.model.uncertainty import draw
from perpetuum.model.units import BN
from perpetuum.model.worlds import Floats
from perpetuum.runs.questions.expectations import MONTHS, Verdict, excess_kurtosis, expectations, log_returns
from perpetuum.runs.questions.forecasts import Score
from perpetuum.runs.questions.hindcast import DISCREPANCY, ORIGINS, RULERS, WORLDS, Hindcast, hindcast, simulated
from perpetuum.runs.questions.history_matching import IDENTIFIED, identified, narrowed
from perpetuum.runs.questions.telecom import PRESET, Telecom, telecom
from perpetuum.runs.study import fingerprint

#: Worlds in which books are audited, the article's figures are read and returns are pooled.
OPENING_WORLDS = 40
#: The fit that knows only the year before an origin, beside the hindcast by the priors.
FITTED = {"2024-10": "fit_a"}


@dataclass(frozen=True)
class Row:
    """A claim: what the model says with its interval, the fact and how far off it may be (a share), source and verdict."""

    claim: str
    model: float
    low: float
    high: float
    fact: float | None
    tolerance: float | None
    source: str
    verdict: str


@dataclass(frozen=True)
class Validation:
    """Everything that is validated."""

    books: list[Row]
    article: list[Row]
    returns: list[Row]
    expectations: list[Verdict]
    hindcasts: dict[str, Hindcast]
    telecom: Telecom | None = None
    fitted: dict[str, Hindcast] = field(default_factory=dict)  # by origin, drawn from `FITTED`
    held: dict[str, Hindcast] = field(default_factory=dict)  # by origin, the best-informed draw, hindsight at its middle
    wide: dict[str, Hindcast] = field(default_factory=dict)  # by origin, the best-informed draw with the model's discrepancy

    def told(self) -> dict[str, Any]:
        """As `validate --json` prints it."""
        return {
            "books": [asdict(row) for row in self.books],
            "article": [asdict(row) for row in self.article],
            "returns": [asdict(row) for row in self.returns],
            "expectations": [_expectation(one) for one in self.expectations],
            "hindcast": {
                origin: _told(one)
                | ({"fitted": self._fitted(origin)} if origin in self.fitted else {})
                | ({"without_hindsight": self._held(origin)} if origin in self.held else {})
                | ({"with_discrepancy": self._wide(origin)} if origin in self.wide else {})
                for origin, one in self.hindcasts.items()
            },
            "telecom": self._telecom(),
            "fits": [_fit(load_fit(name)) for name in fit_names()],
        }

    def _telecom(self) -> dict[str, Any] | None:
        if self.telecom is None:
            return None
        return {"origin": self.telecom.scored.origin, **_told(self.telecom.scored), "forecast": self.telecom.forecast()}

    def _fitted(self, origin: str) -> dict[str, Any]:
        known = load_fit(FITTED[origin]).known.isoformat()
        return {**self._drawn_from(origin), "known": known, **_told(self.fitted[origin])}

    def _held(self, origin: str) -> dict[str, Any]:
        names = sorted(without_hindsight(ORIGINS[origin], 1))
        return {"held": names, **self._drawn_from(origin), **_told(self.held[origin])}

    def _wide(self, origin: str) -> dict[str, Any]:
        return {"discrepancy": DISCREPANCY, **self._drawn_from(origin), **_told(self.wide[origin])}

    def _drawn_from(self, origin: str) -> dict[str, str]:
        if origin not in self.fitted:
            return {}
        fit = load_fit(FITTED[origin])
        return {"fit": fit.name, "of": fingerprint.of_text(fit.written())}


def without_hindsight(preset: str, worlds: int) -> dict[str, Floats]:
    """Unknowns whose ranges rest on what came after the preset's start, at the middle of their ranges in every world."""
    return {one.name: one.value(np.full(worlds, 0.5)) for one in load_preset(preset).unknowns if one.hindsight}


def _expectation(one: Verdict) -> dict[str, Any]:
    row = Row(one.claim, one.value, one.low, one.high, None, None, "expected before the model was run", one.verdict)
    return asdict(row)


def _told(one: Hindcast) -> dict[str, Any]:
    return {
        "error": one.whole.error,
        "coverage": one.whole.inside,
        "crps": one.whole.crps,
        **{ruler: one.ruler(ruler).error for ruler in RULERS if one.rulers[ruler]},
        "crps_of_rulers": {ruler: one.ruler(ruler).crps for ruler in RULERS if one.rulers[ruler]},
        "series": {name: _score(score) for name, score in one.series.items()},
        "finance": {name: _score(score) for name, score in one.finance.items()},
    }


def _fit(fit: Fit) -> dict[str, Any]:
    """What a fit that ships knew, and what it says of each parameter: its spread over the prior's, and whether that is chance.

    A table that does not say what placebos gave identifies nothing.
    """
    spread = narrowed(np.array(list(fit.places.values())).T)
    names = {name: float(kept) for name, kept in zip(fit.places, spread, strict=True)}
    told = [name for name, kept in names.items() if identified(kept, fit.placebo)]
    return {
        "fit": fit.name,
        "known": fit.known.isoformat(),
        "years": list(fit.years),
        "command": fit.command,
        "narrowed": names,
        "bound": None if math.isnan(fit.placebo) else min(fit.placebo, IDENTIFIED),
        "identified": told,
        "not_identified": [name for name in names if name not in told],
    }


def _score(score: Score) -> dict[str, float]:
    return {"error": score.error, "inside": score.inside, "crps": score.crps}


def opened(preset: str, worlds: int, seed: int, months: int) -> Economy:
    """Worlds of a preset with their own unknowns and loose money, run for some months."""
    drawn = draw(load_preset(preset).unknowns, seed, np.arange(worlds))
    economy = Economy(Scenario(preset, {**drawn, "funding.tightening": 0.0}, worlds=worlds, seed=seed, months=months))
    economy.run()
    return economy


def _said(claim: str, values: Any) -> Row:
    """The median over worlds against what the article says: as near as it asks for, or, without a tolerance, not before it."""
    fact, tolerance = history.article()[claim].value, history.article()[claim].tolerance
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    middle, low, high = (float(x) for x in np.quantile(array, (0.5, 0.1, 0.9)))
    met = middle >= fact if tolerance is None else abs(middle - fact) <= tolerance * abs(fact)
    return Row(claim, middle, low, high, fact, tolerance, history.ARTICLE, "met" if met else "missed")


def audited(economy: Economy) -> list[Row]:
    """The books: every month of every world is audited to the dollar, and a breach ends the run."""
    months = economy.month * economy.p.worlds
    gap = float(np.abs(economy.ledger.book[: len(CLAIMS)].sum(axis=1)).max())
    source = f"every one of {months:,} months audited to the dollar"
    return [Row("books", gap, gap, gap, 0.0, 0.0, source, "met" if gap == 0 else "missed")]


def _year(economy: Economy, name: str, year: int) -> Floats:
    start = economy.scenario.definition.start
    first = max((year - start.year) * 12 + 1 - start.month, 0)
    last = (year - start.year) * 12 + 13 - start.month
    return economy.series[name][:, first:last].sum(axis=1)


def _first_profit(economy: Economy) -> Floats:
    """First calendar year in which the lead lab burns nothing (the last one plus one where there is none)."""
    start = economy.scenario.definition.start.year
    last = start + economy.month // 12
    found = np.full(economy.p.worlds, float(last + 1))
    for year in range(last, start, -1):
        found = np.where(_year(economy, "lead_lab_burn", year) <= 0, year, found)
    return found


def article(economy: Economy) -> list[Row]:
    """The article's figures: what the opening says of them, and the first years."""
    p, s, unit = economy.p, economy.series, BN * economy.p.unit
    lab, vendor = economy.lead_lab, economy.lead_vendor
    contracts = [c for c in economy.scenario.definition.contracts if c.buyer == lab.name and c.precommitment]
    of_leveraged = sum(c.gw * c.price * c.term / 12 * c.count for c in contracts if c.seller == economy.leveraged_cloud.name)
    first = p.vendor_finance.per_gw / unit
    return [
        _said("market_cap", vendor.figures.market_cap / unit),
        _said("market_cap_first_month", s["vendor_market_cap"][:, 0]),
        _said("per_gw", first),
        _said("limit", p.vendor_finance.limit / unit),
        _said("tranche_share", 100 * first / (lab.figures.valuation / unit + first)),
        _said("valuation", lab.figures.valuation / unit),
        _said("contract", of_leveraged),
        _said("chips_of_programme", history.article()["programme"].value * p.technology.gpus_per_gw / 1e6),
        _said("year_of_shipments", 12 * vendor.figures.capacity),
        _said("users", p.demand.users / BN),
        _said("paying", 100 * p.demand.paying_share),
        _said("loss_2026", _year(economy, "lead_lab_burn", 2026)),
        _said("profit", _first_profit(economy)),
    ]


def autocorrelation(x: Floats, lag: int) -> Floats:
    """Autocorrelation of each row at a lag (worlds,).

    >>> float(autocorrelation(np.array([[1.0, -1.0, 1.0, -1.0]]), 1)[0])
    -0.75
    """
    centred = x - x.mean(axis=1, keepdims=True)
    return (centred[:, lag:] * centred[:, :-lag]).sum(axis=1) / np.maximum((centred**2).sum(axis=1), 1e-18)


def stylised(economy: Economy) -> list[Row]:
    """Stylised facts of monthly returns; clustering of volatility is imposed by the news, the rest emerges."""
    r = log_returns(economy.series["vendor_market_cap"])
    source = "month-end prices 2021-2025"
    return [
        _within("returns_autocorrelation", autocorrelation(r, 1), -0.15, 0.15, source),
        _within("returns_volatility", r.std(axis=1), 0.08, 0.14, source),
        _within("returns_kurtosis", excess_kurtosis(r), 0.0, 3.0, source),
        _within("returns_clustering", autocorrelation(np.abs(r), 3), 0.0, 0.5, f"{source}; imposed by the news"),
    ]


def _within(claim: str, values: Floats, low: float, high: float, source: str) -> Row:
    middle, ten, ninety = (float(x) for x in np.quantile(values, (0.5, 0.1, 0.9)))
    verdict = "met" if low <= middle <= high else "missed"
    return Row(claim, middle, ten, ninety, (low + high) / 2, (high - low) / 2, source, verdict)


def validate(preset: str = "ono_2025", seed: int = 1, worlds: int = WORLDS) -> Validation:
    """Validate a preset; hindcasts start from the presets of their origins."""
    economy = opened(preset, min(OPENING_WORLDS, worlds), seed, MONTHS)
    hindcasts, fitted, held, wide = {}, {}, {}, {}
    for origin in ORIGINS:
        if ORIGINS[origin] in preset_names():
            hindcasts[origin] = hindcast(origin, worlds, seed)
            run = simulated
            if FITTED.get(origin) in fit_names():
                run = functools.partial(simulated, fit=load_fit(FITTED[origin]))
                fitted[origin] = hindcast(origin, worlds, seed, run=run)
            at_middle = without_hindsight(ORIGINS[origin], worlds)
            if at_middle:
                held[origin] = hindcast(origin, worlds, seed, at_middle, run)
            wide[origin] = hindcast(origin, worlds, seed, None, run, DISCREPANCY)
    told_telecom = None
    if PRESET in preset_names():
        told_telecom = telecom(worlds, seed)
    decided = expectations(preset, seed)
    return Validation(
        audited(economy), article(economy), stylised(economy), decided, hindcasts, told_telecom, fitted, held, wide
    )
