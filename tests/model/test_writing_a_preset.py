"""What may stand in a preset and what is refused, in a sentence and never with a traceback; what `--check` tells."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perpetuum.model.economy import Economy
from perpetuum.model.errors import InputError
from perpetuum.model.preset_tables import last_day
from perpetuum.model.presets import PRESETS, _laid_over, _preset_data, _preset_from, check_preset, load_preset
from perpetuum.model.scenario import Scenario

#: Agents of the smallest sound preset.
SMALL = """
title = "Small"
[[agents]]
id = "maker"
role = "vendor"
[agents.figures]
market_cap = 100
cash = 10
capacity = 0.1
margin = 0.7
[[agents]]
id = "lessor"
role = "cloud"
[agents.figures]
market_cap = 100
cash = 10
capacity = 1
orders = 0.05
direct_share = 1
contract_share = 1
[[agents]]
id = "model_maker"
role = "lab"
[agents.figures]
revenue = { value = 1, source = "told", date = "2025-06", public = "2025-07-04" }
cash = 1
valuation = 10
training = 0.1
other_costs = 1
[[agents]]
id = "backer"
role = "fund"
[agents.figures]
cash = 10
[[agents]]
id = "lending"
role = "lender"
kind = "bonds"
[agents.figures]
cash = 10
inflow_share = 1
"""
CONTRACT = '[[contracts]]\nbuyer = "model_maker"\nseller = "lessor"\ngw = 0.1\nprice = 12\nstart = 0\nterm = 12\n'
STAKE = '[[stakes]]\nholder = "backer"\nissuer = "model_maker"\nshare = 0.6\n'


def written(folder, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_smallest_preset_is_sound_and_its_contracts_and_stakes_are_read(tmp_path):
    preset = load_preset(written(tmp_path, SMALL + CONTRACT + STAKE))
    assert [agent.id for agent in preset.agents] == ["maker", "lessor", "model_maker", "backer", "lending"]
    assert preset.agents[2].sources["revenue"] == "told (2025-06, public 2025-07-04)"
    contract, stake = preset.contracts[0], preset.stakes[0]
    assert (contract.gw, contract.price, contract.start, contract.term, contract.every, contract.count) == (
        0.1,
        12,
        0,
        12,
        1,
        1,
    )
    assert contract.precommitment is False
    assert (stake.holder, stake.issuer, stake.share) == ("backer", "model_maker", 0.6)
    economy = Economy(preset=str(tmp_path / "mine.toml"), months=2, seed=1)
    economy.run()
    assert np.isfinite(economy.series["vendor_revenue"]).all()


REFUSED = [
    # Figures that are missing, and agents that nobody knows.
    (SMALL.replace("capacity = 0.1\n", ""), "agent 'maker' in 'mine.toml' has no figure for capacity: write 0 where"),
    (
        SMALL.replace("revenue = { value = 1, source", "growth = { value = 1, source").replace("training = 0.1\n", ""),
        "agent 'model_maker' in 'mine.toml' has no figure for revenue, training: write 0 where there is nothing",
    ),
    (
        SMALL + '[[agents]]\nid = "idle"\nrole = "cloud"\n',
        "agent 'idle' .* no figure for market_cap, cash, capacity, orders",
    ),
    (SMALL.replace('id = "maker"', 'id = "demand"'), "no agent in 'mine.toml' may be called 'demand'"),
    (SMALL.replace('id = "maker"', 'id = "noise"'), "no agent in 'mine.toml' may be called 'noise'"),
    (SMALL.replace('id = "maker"', 'id = "the.maker"'), "'id' in 'mine.toml' must be letters, digits and underscores"),
    (SMALL.replace('id = "maker"', "id = 3"), "'id' of an agent in 'mine.toml' must be a text, not 3"),
    # Names that do not exist, with the nearest that does.
    (
        SMALL.replace('role = "vendor"\n', 'role = "vendor"\nlable = "x"\n'),
        "unknown entry 'lable' of agent 'maker' .*did you mean 'label'",
    ),
    (
        SMALL.replace("capacity = 1\n", "capactiy = 1\n"),
        "unknown figure 'capactiy' of agent 'lessor' .*did you mean 'capacity'",
    ),
    (
        SMALL.replace("public = ", "publik = "),
        "unknown entry 'publik' of 'revenue' of agent 'model_maker' .*did you mean 'public'",
    ),
    (SMALL.replace("value = 1, ", ""), "'revenue' of agent 'model_maker' in 'mine.toml' has no 'value'"),
    ('titel = "x"\n' + SMALL, "unknown section 'titel' in 'mine.toml'.*did you mean 'title'"),
    (
        SMALL + "[forcing.policy_rates]\nvalues = [0.05]\n",
        "unknown entry 'policy_rates' of 'forcing' .*did you mean 'policy_rate'",
    ),
    (SMALL + "[before.sale]\nvalues = [1]\n", "unknown entry 'sale' of 'before' .*did you mean 'sales'"),
    (SMALL + CONTRACT.replace("term", "tern"), "unknown entry 'tern' in 'mine.toml'.*did you mean 'term'"),
    (SMALL + STAKE.replace('"model_maker"', '"backer"'), "'issuer' in 'mine.toml' must be an agent's id .*not 'backer'"),
    (
        SMALL + CONTRACT.replace('"lessor"', '"lesor"'),
        "'seller' in 'mine.toml' must be an agent's id .*did you mean 'lessor'",
    ),
    (SMALL.replace('kind = "bonds"\n', ""), "'kind' of agent 'lending' .* must be one of bonds, private_credit, not ''"),
    (
        SMALL.replace('role = "cloud"\n', 'role = "cloud"\nkind = "hyperscalar"\n'),
        "'kind' of agent 'lessor' .* must be one of hyperscaler, leveraged, neocloud, builder, not .*did you mean 'hyperscaler'",
    ),
    # Shares of a whole.
    (
        SMALL.replace("direct_share = 1\n", "direct_share = 0.8\n"),
        "'direct_share' in 'mine.toml' shares direct AI-cloud sales and must add up to 1, not to 0.8: lessor 0.8",
    ),
    (SMALL.replace("contract_share = 1\n", ""), "'contract_share' .* must add up to 1, not to 0: lessor 0"),
    (
        SMALL.replace("inflow_share = 1\n", ""),
        "'inflow_share' in 'mine.toml' shares money for lenders .* not to 0.5: lending 0.5",
    ),
    (
        SMALL + STAKE + STAKE.replace("backer", "maker"),
        "stakes in 'model_maker' in 'mine.toml' may add up to 1 at most, not to 1.2: backer 0.6, maker 0.6",
    ),
    # Whole months.
    ("months = 1.5\n" + SMALL, "'months' in 'mine.toml' cannot be 1.5: it takes a whole number from 1 to 600"),
    ("months = 601\n" + SMALL, "'months' in 'mine.toml' cannot be 601"),
    (
        SMALL + '[parameters]\n"funding.start_month" = 2.5\n',
        "'funding.start_month' .* cannot be 2.5: it takes a whole number",
    ),
    (
        SMALL + '[parameters]\n"funding.ramp_months" = 1.5\n',
        "'funding.ramp_months' .* cannot be 1.5: it takes a whole number",
    ),
    (
        SMALL + CONTRACT.replace("term = 12", "term = 1.5"),
        "'term' of model_maker with lessor .* cannot be 1.5: it takes a whole number",
    ),
    (SMALL + CONTRACT.replace("start = 0", "start = -12"), "starts in month -12 for 12 months: it is over before the start"),
    (SMALL + CONTRACT.replace("gw = 0.1\n", ""), "what is said of model_maker with lessor .* has no 'gw'"),
    (SMALL + STAKE.replace("0.6", "1.6"), "'share' of backer in model_maker .* cannot be 1.6"),
    # Dates.
    (
        SMALL.replace("2025-07-04", "2025-06-04"),
        "'revenue' .* was public by 2025-06-04, before the period that it is of .2025-06. had ended",
    ),
    (SMALL.replace("2025-07-04", "2025-13"), "'public' of 'revenue' .* must be a date such as 2025, 2025-09 or 2025-09-30"),
    (SMALL.replace('"2025-07-04"', "20250704"), "'public' of 'revenue' .* must be a date such as"),
    ("start = 2025\n" + SMALL, "'start' in 'mine.toml' must be a date such as 2025-10-01"),
    ("start = 2025-10-01T00:00:00\n" + SMALL, "'start' in 'mine.toml' must be a date such as 2025-10-01"),
    # Shapes.
    ("agents = 3\n", r"'agents' in 'mine.toml' must be written as \[\[agents\]\], a table for each, not 3"),
    ("parameters = 3\n" + SMALL, "'parameters' in 'mine.toml' must be a table, not 3"),
    (
        SMALL.replace("[agents.figures]\nmarket_cap = 100\ncash = 10\ncapacity = 0.1\nmargin = 0.7", "figures = 3"),
        "'figures' of agent 'maker'",
    ),
    (SMALL.replace('title = "Small"', "title = 3"), "'title' in 'mine.toml' must be a text, not 3"),
    (SMALL + '[forcing.policy_rate]\nvalues = "x"\n', "'policy_rate' of 'forcing' .* must have a list of 'values'"),
    (
        SMALL + "[forcing.policy_rate]\nvalues = [4.22]\n",
        "'policy_rate' of 'forcing' .* cannot be 4.22|in 'policy_rate' of 'forcing'",
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_makes_no_sense_is_refused_in_a_sentence(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as error:
        load_preset(written(tmp_path, text))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "name", ["funding.start_month", "funding.stop_month", "default.grace_months", "vendor_finance.rescue_pause"]
)
def test_whole_months_are_whole_when_they_are_set_too(name):
    with pytest.raises(InputError, match=f"'{name}' cannot be 2.5: it takes a whole number"):
        Scenario("triangle", {name: 2.5})
    assert Scenario("triangle", {name: 2.0}).value(name) == 2


def test_nobody_needs_shares_of_nothing(tmp_path):
    """Where nothing is shared nobody needs a share; where the shares are there they still add up."""
    nothing = '[parameters]\n"demand.direct" = 0\n"contracts.reserve_share" = 0\n'
    text = SMALL.replace("direct_share = 1\ncontract_share = 1\n", "") + nothing
    assert load_preset(written(tmp_path, text)).agents[1].figures["direct_share"] == 0
    with pytest.raises(InputError, match=r"'direct_share' .* not to 0\.4"):
        load_preset(written(tmp_path, SMALL.replace("direct_share = 1\n", "direct_share = 0.4\n") + nothing))


@pytest.mark.parametrize(("text", "day"), [("2024", "2024-12-31"), ("2024-02", "2024-02-29"), ("2024-02-03", "2024-02-03")])
def test_a_period_ends_on_its_last_day(text, day):
    assert last_day(text).isoformat() == day


def test_a_check_tells_what_is_left_to_defaults_has_no_source_no_day_or_is_too_late(tmp_path, perpetuum):
    late = SMALL.replace('date = "2025-06", public = "2025-07-04"', 'date = "2025-10-02", public = "2025-10-02"')
    text = late + '[parameters]\n"demand.direct" = { value = 30, source = "clouds", date = "2025" }\n'
    _, notes = check_preset(written(tmp_path, text))
    assert notes["defaults"][3:] == ["backer: inflow_share 1"]
    assert notes["defaults"][2].startswith("model_maker: growth 1, worth 0, cost_growth 0.8, revenue_share 0")
    assert notes["unsourced"][:2] == ["maker.market_cap", "maker.cash"]
    assert notes["undated"] == ["demand.direct: of 2025"]
    assert notes["late"] == ["model_maker.revenue: public by 2025-10-02, and the start is 2025-10-01"]
    code, out, _ = perpetuum("scenarios", str(tmp_path / "mine.toml"), "--check")
    assert code == 0
    for told in (
        "mine  Small; 120 months from October 2025",
        "1 public only after the start:",
        "      demand.direct: of 2025",
    ):
        assert told in out
    assert json.loads(perpetuum("scenarios", str(tmp_path / "mine.toml"), "--check", "--json")[1])[0]["notes"] == notes


def test_a_check_refuses_what_a_run_refuses(tmp_path, perpetuum):
    path = written(tmp_path, "months = 1.5\n" + SMALL)
    for arguments in (("scenarios", path, "--check"), ("run", path)):
        code, out, err = perpetuum(*arguments)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert "cannot be 1.5" in err


# --- never a traceback ------------------------------------------------------------------------------------------------

FORCING = {"policy_rate": {"values": [0.05, 0.04], "source": "told"}}
#: A preset with every section, and one that extends another.
WHOLE = {**_preset_data(PRESETS / "ono_2024.toml"), "forcing": FORCING}
ODD = (None, True, -1, 0, 1.5, 10**400, float("nan"), "x", "", [], [1], {}, {"value": {}}, [[]], {"a": 1})


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in nested tables and lists."""
    keys = range(len(tree)) if isinstance(tree, list) else list(tree) if isinstance(tree, dict) else ()
    return [path, *(place for key in keys for place in places(tree[key], (*path, key)))]


PLACES = places(WHOLE)[1:]
#: Copies of it and of the preset that it extends are made by the hundred.
PICKLED, PICKLED_BASE = pickle.dumps(WHOLE), pickle.dumps(_preset_data(PRESETS / "ono_2025.toml"))


def with_odd(place: tuple[Any, ...], odd: Any, how: str) -> dict[str, Any]:
    """The preset with something odd in a place: instead of what is there, nothing, or a key that nobody knows."""
    data = pickle.loads(PICKLED)
    parent = data
    for key in place[:-1]:
        parent = parent[key]
    if how == "instead":
        parent[place[-1]] = odd
    elif how == "nothing":
        del parent[place[-1]]
    elif isinstance(parent[place[-1]], dict):
        parent[place[-1]]["odd"] = odd
    return data


@pytest.mark.parametrize("number", [100, pytest.param(400, marks=pytest.mark.slow)], ids=["short", "long"])
def test_whatever_stands_in_a_preset_is_read_or_refused_in_a_sentence(number):
    @settings(max_examples=number, deadline=None, derandomize=True)
    @given(st.sampled_from(PLACES), st.sampled_from(ODD), st.sampled_from(("instead", "nothing", "besides")))
    def each(place, odd, how):
        is_read_or_refused_in_a_sentence(place, odd, how)

    each()


def is_read_or_refused_in_a_sentence(place: tuple[Any, ...], odd: Any, how: str) -> None:
    from perpetuum.model.preset_tables import check_shape

    path = PRESETS / "mine.toml"
    data = with_odd(place, odd, how)
    base = pickle.loads(PICKLED_BASE)
    for found in (lambda: data, lambda: _laid_over(base, data, path)):
        try:
            check_shape(data, "in 'mine.toml'")
            _preset_from(path, found())
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017 - both outcomes are right
