"""Books exact and numbers finite at the extremes of every parameter's range, chosen by Hypothesis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from perpetuum.model.books.ledger import INSTRUMENT, TRANSACTION, OutgrownError
from perpetuum.model.books.payment_kinds import KIND_NUMBER
from perpetuum.model.economy import Economy
from perpetuum.model.markets.orders import pro_rata
from perpetuum.model.parameters import FIGURES, PARAMETERS, Parameter
from perpetuum.model.scenario import Scenario, load_preset

PRESET = load_preset("ono_2025")
#: Every parameter and every agent's figure that may differ from world to world, with its value in the preset.
KNOWN: list[tuple[str, Parameter, Any]] = [
    *((name, p, PRESET.values.get(name, p.default)) for name, p in PARAMETERS.items() if not p.structural),
    *((f"{agent.id}.{name}", p, agent.figures[name]) for agent in PRESET.agents for name, p in FIGURES[agent.role].items()),
]
LABS = [agent.id for agent in PRESET.agents if agent.role == "lab"]
#: Structural parameters: one value for a whole batch.
STRUCTURAL = {name: p for name, p in PARAMETERS.items() if p.structural}
#: Worlds of a batch; ten batches are a thousand worlds.
BATCH = 100


def extremes(parameter: Parameter) -> tuple[Any, ...]:
    """The ends of a parameter's range, or all its options."""
    if parameter.kind == "choice":
        return parameter.choices
    if parameter.kind == "bool":
        return (False, True)
    return (parameter.low, parameter.high)


def draw_world(seed: int, changed: float) -> dict[str, Any]:
    """For a part `changed` of all parameters the lowest, the highest or any value, for the others the preset's."""
    rng = np.random.default_rng(seed)
    world = {}
    for name, parameter, _ in KNOWN:
        fate, pick, inside = rng.random(3)
        if fate >= changed:
            continue
        ends = extremes(parameter)
        if parameter.kind == "float" and pick > 2 / 3:
            world[name] = parameter.low + (parameter.high - parameter.low) * inside
        else:
            world[name] = ends[int(inside * len(ends))]
    return world | too_little_revenue(world)


def too_little_revenue(world: dict[str, Any]) -> dict[str, Any]:
    """No revenue for every lab whose own the scenario refuses, as too little for what the lab is worth."""
    at = {name: world.get(name, value) for name, _, value in KNOWN}
    worth = {lab: at[f"{lab}.worth"] or at[f"{lab}.valuation"] for lab in LABS}
    return {f"{lab}.revenue": 0.0 for lab in LABS if worth[lab] > at["venture.opening_multiple"] * at[f"{lab}.revenue"]}


def overrides_of(worlds: list[dict[str, Any]]) -> dict[str, Any]:
    """One value per world for whatever differs in any of them."""
    return {
        name: [world.get(name, value) for world in worlds]
        for name, _, value in KNOWN
        if any(name in world for world in worlds)
    }


def simulate(overrides: dict[str, Any], worlds: int, months: int, every_phase: bool = True) -> Economy:
    """Simulate and check what must hold after every month; the books audit themselves, every phase where asked."""
    economy = Economy(Scenario(overrides=overrides, worlds=worlds, months=months, seed=11))
    economy.audit_every_phase = every_phase
    holdings, ledger, hardware = economy.holdings, economy.ledger, economy.hardware
    cashed = [account for account in range(len(ledger.accounts)) if account != ledger.bank]
    assert (ledger.row("deposits")[cashed] >= 0).all()
    for _ in range(months):
        lots, chips = holdings.outstanding.copy(), hardware.supplied.copy()
        economy.step()
        assert (ledger.row("deposits")[cashed] >= 0).all()
        # Gold comes only from mines and goes only to jewellers; shares change in number only by issue and buyback.
        made = holdings.outstanding - lots
        mined = ledger.changes[TRANSACTION, INSTRUMENT["gold"]].sum(axis=0)
        assert np.array_equal(mined, made[holdings.gold] * holdings.price[holdings.gold])
        traded = [KIND_NUMBER[kind] for kind in ("listed_issuance", "vendor_placement", "buyback")]
        paid = np.abs(ledger.flows[traded]).sum(axis=(0, 1))
        assert not made[: holdings.gold, paid == 0].any()
        # Chips come only from vendors; a chip a buyer and vendor may be lost to rounding gigawatts.
        shipped = sum(vendor.shipped for vendor in economy.vendors) * hardware.per_gw
        assert (np.abs(hardware.supplied - chips - shipped) <= len(ledger.accounts) * len(economy.vendors)).all()
        assert (holdings.price > 0).all()
        for table in (economy.collector.values, economy.collector.facts, economy.collector.dyes):
            for name, rows in table.items():
                assert np.isfinite(rows[-1]).all(), f"{name} in worlds {np.flatnonzero(~np.isfinite(rows[-1]))}"
    return economy


def simulate_what_stays(drawn: list[dict[str, Any]], months: int, every_phase: bool = True) -> int:
    """The same, worlds whose amounts outgrow the books left out: how many there are."""
    outgrown = 0
    while drawn:
        try:
            simulate(overrides_of(drawn), len(drawn), months, every_phase)
            break
        except OutgrownError as grown:
            gone = np.asarray(grown.mask)
            outgrown += int(gone.sum())
            drawn = [world for world, left_out in zip(drawn, gone, strict=True) if not left_out]
    return outgrown


# --- chosen by Hypothesis -------------------------------------------------------------------------------------------


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(
    worlds=st.lists(
        st.tuples(st.integers(0, 2**64 - 1), st.sampled_from((0.01, 0.03, 0.1, 0.3, 1.0))),
        min_size=BATCH,
        max_size=BATCH,
    ),
    months=st.sampled_from((24, 36)),
    every_phase=st.booleans(),
)
@pytest.mark.slow
def test_books_are_exact_in_a_thousand_worlds_at_the_extremes(worlds, months, every_phase):
    drawn = [draw_world(seed, changed) for seed, changed in worlds]
    note(f"{months} months")
    assert simulate_what_stays(drawn, months, every_phase) <= BATCH / 4


# --- every extreme by itself, and all at once -----------------------------------------------------------------------

SINGLE = [(name, end) for name, parameter, _ in KNOWN for end in extremes(parameter)]


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, len(SINGLE), 300))
def test_every_parameter_at_either_end_of_its_range(first):
    cases = SINGLE[first : first + 300]
    simulate(overrides_of([{name: end} for name, end in cases]), len(cases), 8, every_phase=False)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, len(SINGLE), 300))
def test_every_parameter_at_either_end_in_a_squeeze(first):  # of which the first two months are loose
    squeeze = {"funding.tightening": 1.0, "funding.start_month": 2, "demand.strength": 0.3}
    cases = SINGLE[first : first + 300]
    simulate(overrides_of([{**squeeze, name: end} for name, end in cases]), len(cases), 12, every_phase=False)


@pytest.mark.slow
def test_all_parameters_at_their_ends_at_once():
    rng = np.random.default_rng(1)
    worlds = [{name: extremes(parameter)[end] for name, parameter, _ in KNOWN} for end in (0, -1)]
    for _ in range(98):
        worlds.append({name: ends[int(rng.integers(len(ends)))] for name, p, _ in KNOWN for ends in [extremes(p)]})
    assert simulate_what_stays(worlds, 48) <= len(worlds) / 2


@pytest.mark.slow
@pytest.mark.parametrize("name", STRUCTURAL)
def test_structural_parameters_at_either_end(name):
    parameter = STRUCTURAL[name]
    # A million investors a strategy take a minute to draw; the benchmark measures them.
    ends = (1, 300) if name == "investors.per_strategy" else extremes(parameter)
    for end in ends:
        simulate({name: end, "funding.tightening": 1.0, "funding.start_month": 1, "demand.strength": 0.5}, 1, 14)


# --- what the question is about -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_instrument_at_triple_scale_through_the_worst_squeeze_for_ten_years():
    instruments = PARAMETERS["vendor_finance.instrument"].choices
    worlds = [
        {
            "vendor_finance.instrument": instrument,
            "vendor_finance.scale": 3.0,
            "vendor_finance.tied": tied,
            "vendor_finance.lease_share": 1.0,
            "funding.tightening": 1.0,
            "demand.strength": demand,
        }
        for instrument in instruments
        for demand in (0.3, 2.3)
        for tied in (True, False)
    ]
    economy = simulate(overrides_of(worlds), len(worlds), 120, every_phase=False)
    defaults = economy.series["defaults"]
    weak = np.array([world["demand.strength"] < 1 for world in worlds])
    assert defaults[weak].sum() > defaults[~weak].sum()


def test_no_cash_at_all_at_the_start():
    worlds = [{f"{agent.id}.cash": 0.0} for agent in PRESET.agents]
    worlds.append({f"{agent.id}.cash": 0.0 for agent in PRESET.agents} | {"outside.cushion": 0.0})
    simulate(overrides_of(worlds), len(worlds), 36)


def test_nobody_owns_anything_worth_mentioning():
    nothing = {
        f"{agent.id}.{figure}": FIGURES[agent.role][figure].low
        for agent in PRESET.agents
        for figure in ("cash", "market_cap", "valuation", "gold", "gpus", "revenue", "capacity", "training")
        if figure in FIGURES[agent.role]
    }
    simulate(overrides_of([nothing, nothing | {"investors.gold_stock": 0.0}]), 2, 36)


@given(
    rows=st.lists(st.integers(0, 2**48), min_size=1, max_size=7),
    part=st.floats(0, 1),
)
@settings(deadline=None, derandomize=True)
def test_any_number_of_lots_is_split_exactly(rows, part):
    """Penny shares come in so many lots that products of lots do not fit into 64 bits."""
    whole = int(sum(rows) * part)
    parts = pro_rata(np.array([whole]), np.array(rows)[:, None])[:, 0]
    marks = [whole * sum(rows[: place + 1]) // max(sum(rows), 1) for place in range(len(rows))]
    assert np.cumsum(parts).tolist() == marks
    assert (parts >= 0).all()
    assert (parts <= rows).all()
