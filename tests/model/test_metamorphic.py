"""What must not matter: the names of agents, the order in which they are created, and the unit of the currency."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.observed.series import SERIES
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.scenario import PRESETS, Scenario, load_preset

PRESET = "ono_2025"
#: A squeeze early in the run, so that funding, defaults and markets all take part.
SQUEEZE = {"funding.tightening": 0.8, "funding.start_month": 4, "demand.strength": 0.6}


def simulate(preset: str, months: int, **overrides) -> Economy:
    """Four worlds of a preset."""
    scenario = Scenario(preset=preset, overrides={**SQUEEZE, **overrides}, worlds=4, seed=2, months=months)
    economy = Economy(scenario)
    economy.audit_every_phase = True
    economy.run()
    return economy


def text_of_preset() -> str:
    return (PRESETS / f"{PRESET}.toml").read_text(encoding="utf-8")


def blocks(text: str) -> tuple[str, list[str], str]:
    """A preset's text before, in and after its [[agents]] blocks."""
    parts = re.split(r"(?m)^(?=\[\[)", text)
    agents = [part for part in parts if part.startswith("[[agents]]")]
    others = [part for part in parts[1:] if not part.startswith("[[agents]]")]
    return parts[0], agents, "".join(others)


def same(one: Economy, other: Economy) -> list[str]:
    """Series that differ, whatever the agents are called."""
    found = [name for name, values in one.series.items() if not np.array_equal(values, other.series[name])]
    found += [f"dye {name}" for name, values in one.dye_series.items() if not np.array_equal(values, other.dye_series[name])]
    return found


@pytest.fixture(scope="module")
def usual() -> Economy:
    return simulate(PRESET, 36)


@pytest.mark.slow
def test_renaming_agents_changes_nothing(usual, tmp_path):
    """Names that sort the other way round; renamed in agents, contracts, stakes and what ranges are called alike."""
    ids = [agent.id for agent in load_preset(PRESET).agents]
    text = text_of_preset()
    for place, name in enumerate(ids):
        text = text.replace(f'"{name}.', f'"agent_{90 - place}.')
        text = re.sub(rf'(?m)(^"(?:contracts|stakes)\.(?:\w+\.)?){name}(?=[."])', rf"\1agent_{90 - place}", text)
        text = re.sub(rf'(?m)^(id|buyer|seller|holder|issuer) = "{name}"', rf'\1 = "agent_{90 - place}"', text)
    path = tmp_path / "renamed.toml"
    path.write_text(text, encoding="utf-8")
    renamed = simulate(str(path), 36)
    assert set(renamed.accounts.names).isdisjoint(ids)
    assert not same(usual, renamed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_order_of_creation_changes_nothing_but_rounding(usual, tmp_path, seed):
    head, agents, tail = blocks(text_of_preset())
    assert len(agents) == len(load_preset(PRESET).agents)
    order = np.random.default_rng(seed).permutation(len(agents))
    path = Path(tmp_path) / "shuffled.toml"
    path.write_text(head + "".join(agents[place] for place in order) + tail, encoding="utf-8")
    assert not same(usual, simulate(str(path), 36))


def test_order_of_contracts_and_stakes_changes_nothing_but_rounding(usual, tmp_path):
    head, agents, tail = blocks(text_of_preset())
    rows = re.split(r"(?m)^(?=\[\[)", tail)[::-1]
    path = tmp_path / "reversed.toml"
    path.write_text(head + "".join(agents) + "".join(rows), encoding="utf-8")
    other = simulate(str(path), 12)
    for name, values in other.series.items():
        assert values == pytest.approx(usual.series[name][:, :12], rel=1e-6, abs=1e-9), name


#: Months looked at, and the largest difference of any series and of the median one, against the series' largest value.
#: Prices are whole units a lot (a lot is about 100 000), so that rounding is 1e-5 a month; chaos adds to it later.
HORIZONS = ((1, 1e-4, 1e-7), (12, 3e-3, 3e-5), (36, 1e-2, 3e-4))


@pytest.mark.slow
@pytest.mark.parametrize("unit", [0.125, 7.0])
def test_rescaling_the_currency_changes_nothing_but_rounding(usual, unit):
    rescaled = simulate(PRESET, 36, **{"currency.unit": unit})
    for months, largest, median in HORIZONS:
        gaps = {}
        for name, values in usual.series.items():
            before, after = values[:, :months], rescaled.series[name][:, :months]
            after = after / unit if SERIES[name].money else after
            # Net debt is a small difference of large stocks: its rounding is theirs.
            size = usual.series["cloud_market_cap"] if name == "net_debt" else before
            gaps[name] = np.abs(after - before).max() / max(np.abs(size).max(), 1e-9)
        worst = max(gaps, key=gaps.__getitem__)
        assert gaps[worst] <= largest, f"{worst} differs by {gaps[worst]:.1e} within {months} months"
        assert np.median(list(gaps.values())) <= median


def test_rescaling_the_currency_scales_the_opening_books():
    one = Economy(Scenario(months=1))
    ten = Economy(Scenario(overrides={"currency.unit": 10.0}, months=1))
    # A price of 99 978 a lot becomes 999 778: whole units, so that a few lots more or less make up a sum.
    assert ten.holdings.price == pytest.approx(10 * one.holdings.price, rel=1e-5)
    assert np.abs(ten.holdings.lots - one.holdings.lots).max() <= 10
    assert ten.ledger.book == pytest.approx(10 * one.ledger.book, rel=1e-5, abs=1e8)


def test_money_is_told_from_quantities_by_its_unit():
    shares = ("share", "per year", "GW", "months", "x", "index", "weight", "ratio", "bn persons", "t")
    assert all(not parameter.monetary for parameter in PARAMETERS.values() if parameter.unit in shares)
    assert PARAMETERS["outside.gold_price"].monetary
    assert PARAMETERS["demand.price_per_user"].monetary
    assert PARAMETERS["vendor_finance.per_gw"].monetary
