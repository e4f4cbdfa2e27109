"""Worlds in company: a world alone is the same world, to the bit, in any batch; copies and forks go on exactly."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.parameters import FIGURES, PARAMETERS
from perpetuum.model.scenario import InputError, Scenario, load_preset
from perpetuum.model.worlds import total

#: Worlds of the widest batch, and those that are simulated again alone or in other company.
WIDEST = 256
PRESET = load_preset("ono_2025")
INSTRUMENTS = PARAMETERS["vendor_finance.instrument"].choices


def wild(worlds: int, seed: int, changed: float) -> dict[str, list[Any]]:
    """Overrides under which much goes wrong: a part `changed` of all parameters, anywhere in their ranges."""
    rng = np.random.default_rng(seed)
    known = [(name, p, PRESET.values.get(name, p.default)) for name, p in PARAMETERS.items() if not p.structural]
    known += [
        (f"{agent.id}.{name}", p, agent.figures[name]) for agent in PRESET.agents for name, p in FIGURES[agent.role].items()
    ]
    overrides: dict[str, list[Any]] = {}
    for name, parameter, value in known:
        drawn = rng.uniform(parameter.low, parameter.high, worlds).tolist()
        if parameter.kind == "bool":
            drawn = (rng.random(worlds) < 0.5).tolist()
        elif parameter.kind == "choice":
            drawn = rng.choice(parameter.choices, worlds).tolist()
        elif parameter.kind == "int":
            drawn = [round(value) for value in drawn]
        moved = rng.random(worlds) < changed
        if moved.any():
            overrides[name] = [new if m else value for new, m in zip(drawn, moved, strict=True)]
    overrides["vendor_finance.instrument"] = [INSTRUMENTS[world % 4] for world in range(worlds)]
    overrides["funding.start_month"] = rng.integers(0, 12, worlds).tolist()
    overrides["funding.tightening"] = rng.random(worlds).tolist()
    return overrides


def simulate(
    overrides: dict[str, list[Any]], worlds: Sequence[int], months: int, seed: int = 5, start: bool = True
) -> Economy:
    """Simulate chosen worlds of a batch in the order given, each with its own parameters and shocks."""
    chosen = {name: [values[world] for world in worlds] for name, values in overrides.items()}
    scenario = Scenario(
        overrides=chosen, worlds=len(worlds), seed=seed, months=months, replicates=np.asarray(worlds, dtype=np.int64)
    )
    economy = Economy(scenario)
    if start:
        economy.run()
    return economy


def tables(economy: Economy) -> Iterator[tuple[str, np.ndarray]]:
    """Everything collected, by name."""
    for name, table in (("series", economy.series), ("event", economy.core_events), ("dye", economy.dye_series)):
        for key, values in table.items():
            yield f"{name} {key}", values


def differences(one: Economy, ours: Sequence[int], other: Economy, theirs: Sequence[int], since: int = 0) -> list[str]:
    """What differs between worlds of two economies, and from which month on."""
    theirs_by_name = dict(tables(other))
    found = []
    for name, values in tables(one):
        a, b = values[list(ours), since:], theirs_by_name[name][list(theirs), since:]
        if a.shape != b.shape:
            found.append(f"{name}: {a.shape} and {b.shape}")
        elif not np.array_equal(a, b, equal_nan=True):
            world, month = np.argwhere(a != b)[0]
            found.append(
                f"{name} of world {ours[world]} from month {since + month}: {a[world, month]!r}, {b[world, month]!r}"
            )
    return found


def books_differ(one: Economy, ours: int, other: Economy, theirs: int) -> bool:
    """Whether the books of two worlds differ in a single dollar."""
    return not np.array_equal(one.ledger.book[..., ours], other.ledger.book[..., theirs])


# --- a world alone equals the world in company ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def crowd() -> tuple[dict[str, list[Any]], Economy]:
    """Many wild worlds together, most of which see defaults."""
    overrides = wild(WIDEST, seed=1, changed=0.1)
    return overrides, simulate(overrides, range(WIDEST), 30)


@pytest.mark.slow
def test_the_wild_worlds_see_every_kind_of_trouble(crowd):
    _, together = crowd
    events = together.core_events
    for what in ("default", "rescue", "arrears"):
        rows = [values for name, values in events.items() if name.startswith(f"{what}:")]
        assert sum(int((row > 0).any(axis=1).sum()) for row in rows) > 10, what


@pytest.mark.parametrize("company", [[0], [1], [97], [255], [3, 2], [254, 7, 30], [60, 12, 5, 200, 9, 101, 33]])
def test_world_alone_equals_world_in_company(crowd, company):
    overrides, together = crowd
    apart = simulate(overrides, company, 30)
    assert not differences(together, company, apart, range(len(company)))
    assert not any(books_differ(together, world, apart, place) for place, world in enumerate(company))


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "changed"), [(2, 1.0), (3, 0.03)])
def test_order_of_worlds_does_not_matter(seed, changed):
    worlds = 12
    overrides = wild(worlds, seed, changed)
    forwards = simulate(overrides, range(worlds), 24, seed=seed)
    shuffled = np.random.default_rng(0).permutation(worlds).tolist()
    assert not differences(forwards, shuffled, simulate(overrides, shuffled, 24, seed=seed), range(worlds))


@pytest.mark.slow
def test_world_alone_equals_world_in_company_over_ten_years():
    worlds = 8
    overrides = {
        "vendor_finance.instrument": [INSTRUMENTS[world % 4] for world in range(worlds)],
        "funding.tightening": np.linspace(0, 1, worlds).tolist(),
        "demand.strength": np.linspace(0.3, 2.3, worlds)[::-1].tolist(),
        "vendor_finance.scale": np.linspace(3, 0, worlds).tolist(),
        "states.rescue": [0.0, 1.0] * (worlds // 2),
    }
    together = simulate(overrides, range(worlds), 120)
    for world in (0, 5):
        assert not differences(together, [world], simulate(overrides, [world], 120), [0])


# --- common random numbers ------------------------------------------------------------------------------------------


def test_same_replicate_lives_through_the_same_shocks_whatever_its_parameters():
    overrides = {"demand.strength": [0.3, 2.3, 1.0], "funding.tightening": [1.0, 0.0, 0.5]}
    scenario = Scenario(overrides=overrides, worlds=3, months=24, replicates=np.array([4, 4, 5]))
    economy = Economy(scenario)
    shocks = [economy.demand.noise, economy.narrative.noise, *(value.draws for value in economy.fair_values)]
    assert all(np.array_equal(draws[0], draws[1]) for draws in shocks)
    assert all((draws[0] != draws[2]).any() for draws in shocks)
    for keys in (economy.securities.mood_keys, economy.securities.whim_keys):
        assert keys[0] == keys[1] != keys[2]
    traits = economy.investor_books
    assert np.array_equal(traits.turnover[0], traits.turnover[1])


def test_worlds_with_one_replicate_and_the_same_parameters_are_the_same_world():
    economy = Economy(Scenario(worlds=2, months=12, replicates=np.array([3, 3])))
    economy.run()
    assert not differences(economy, [0], economy, [1])


def test_switching_noise_off_in_one_process_leaves_the_others_draws_alone():
    quiet = Economy(Scenario(overrides={"demand.noise": 0.0, "narrative.noise": 0.0}, months=6))
    usual = Economy(Scenario(months=6))
    assert np.array_equal(quiet.fair_values[0].draws, usual.fair_values[0].draws)


# --- copies go on exactly -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def halfway() -> tuple[bytes, Economy]:
    """A batch pickled in month 14, and the same batch at its end."""
    overrides = wild(5, seed=7, changed=0.05)
    economy = simulate(overrides, range(5), 28, start=False)
    economy.run(14)
    frozen = pickle.dumps(economy)
    economy.run()
    return frozen, economy


@pytest.mark.slow
def test_pickle_continues_exactly(halfway):
    frozen, whole = halfway
    thawed = pickle.loads(frozen)
    thawed.run()
    assert not differences(whole, range(5), thawed, range(5))
    assert not any(books_differ(whole, world, thawed, world) for world in range(5))


def test_deep_copy_continues_exactly_and_leaves_the_original_alone(halfway):
    frozen, whole = halfway
    original = pickle.loads(frozen)
    clone = copy.deepcopy(original)
    clone.run()
    assert original.month == 14
    original.run()
    assert not differences(whole, range(5), clone, range(5))
    assert not differences(whole, range(5), original, range(5))


@pytest.mark.slow
@pytest.mark.parametrize("chosen", [[2], [4, 0], [1, 1, 3], [4, 3, 2, 1, 0], [0] * 7])
def test_fork_continues_exactly(halfway, chosen):
    frozen, whole = halfway
    fork = pickle.loads(frozen).fork(np.array(chosen))
    assert fork.month == 14
    assert fork.p.worlds == len(chosen)
    fork.run()
    assert not differences(whole, chosen, fork, range(len(chosen)))
    assert not any(books_differ(whole, world, fork, place) for place, world in enumerate(chosen))
    assert fork.outcome() is not None


def test_fork_keeps_the_journal_of_its_worlds(halfway):
    frozen, _ = halfway
    original = pickle.loads(frozen)
    fork = original.fork(np.array([3, 3]))
    past = [event.text for event in original.journal.events if event.world == 3]
    assert [event.text for event in fork.journal.events if event.world == 1] == past


# --- levers ---------------------------------------------------------------------------------------------------------


def test_lever_moved_in_a_fork_changes_only_the_fork(halfway):
    frozen, whole = halfway
    original = pickle.loads(frozen)
    fork = original.fork(np.array([0, 0]))
    fork.move_lever("demand.strength", 0.3, np.array([False, True]))
    fork.run()
    original.run()
    assert not differences(whole, range(5), original, range(5))
    assert not differences(whole, [0], fork, [0])
    assert differences(whole, [0], fork, [1])
    assert not differences(fork.fork(np.array([1])), [0], fork, [1])


def test_lever_moves_chosen_worlds_from_the_next_month_on():
    scenario = Scenario(worlds=3, months=12, replicates=np.zeros(3, dtype=np.int64))
    economy = Economy(scenario)
    economy.run(4)
    economy.move_lever("funding.tightening", 1.0, np.array([False, True, False]))
    economy.move_lever("vendor_finance.instrument", "loan", np.array([False, False, True]))
    economy.run()
    theta = economy.core_events["theta"]
    assert (theta[1, :4] == 0).all()
    assert theta[1, 4:10] == pytest.approx(np.arange(1, 7) / 6)
    assert (theta[1, 10:] == 1.0).all()
    assert (theta[0] == 0).all()
    for name, values in tables(economy):
        assert np.array_equal(values[0, :4], values[1, :4]), name
        assert np.array_equal(values[0, :4], values[2, :4]), name
    assert (economy.series["policy_rate"][1, 4:] > economy.series["policy_rate"][0, 4:]).all()
    steered = [(event.month, event.world) for event in economy.journal.events if event.who == "lever"]
    assert sorted(steered) == [(4, 1), (4, 2)]


def test_steering_a_world_is_the_same_as_scheduling_it():
    scheduled = Economy(Scenario(overrides={"funding.tightening": 0.6, "funding.start_month": 4}, months=16))
    scheduled.run()
    steered = Economy(Scenario(overrides={"funding.tightening": 0.0, "funding.start_month": 4}, months=16))
    steered.run(4)
    steered.move_lever("funding.tightening", 0.6)
    steered.run()
    assert not differences(scheduled, [0], steered, [0])


def test_only_levers_can_be_moved():
    economy = Economy(Scenario(months=1))
    with pytest.raises(InputError, match="cannot be moved"):
        economy.move_lever("vendor.tax", 0.2)


def test_totals_have_the_same_bits_however_many_worlds_are_added_up_together():
    parts = np.random.default_rng(1).standard_normal((23, 9)) * 10.0 ** np.arange(-4, 5)
    together = total(parts)
    for world in range(9):
        alone = np.ascontiguousarray(parts[:, world : world + 1])
        assert total(alone)[0] == together[world]
        assert total(list(alone))[0] == together[world]
