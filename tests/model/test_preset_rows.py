"""Figures of contracts and stakes have names: ranges and `--set` reach them, and an opening with draws of them hangs together."""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.economy import Economy
from perpetuum.model.errors import InputError
from perpetuum.model.preset_rows import is_row
from perpetuum.model.presets import load_preset
from perpetuum.model.scenario import Scenario
from perpetuum.model.uncertainty import draw
from perpetuum.model.words.speech import say, speaking
from tests.model.test_writing_a_preset import CONTRACT, SMALL, STAKE, written

BN = 1e9
WITH_RANGES = ("ono_2023", "ono_2024", "ono_2025", "telecom_1999")
LATER = CONTRACT.replace("start = 0", "start = 6").replace("gw = 0.1", 'gw = 0.2\nid = "later"')


def ranged(name: str, low: float, high: float, more: str = "") -> str:
    return f'[uncertain."{name}"]\nlow = {low}\nhigh = {high}\nsource = "a test"\n{more}'


def of_pair(economy: Economy, buyer: str, seller: str) -> int:
    number = economy.ledger.accounts.number
    return economy.contracts.pairs.index((number[buyer], number[seller]))


def test_each_figure_of_a_contract_and_each_stake_has_its_name(tmp_path):
    preset = load_preset(written(tmp_path, SMALL + CONTRACT + LATER + STAKE))
    figures = {"gw": 0.1, "price": 12, "start": 0, "term": 12}
    later = {"gw": 0.2, "price": 12, "start": 6, "term": 12}
    assert {name: value for name, (_, value) in preset.rows.items()} == {
        **{f"contracts.model_maker.lessor.{figure}": value for figure, value in figures.items()},
        **{f"contracts.model_maker.lessor.later.{figure}": value for figure, value in later.items()},
        "stakes.backer.model_maker": 0.6,
    }
    assert preset.parameter("contracts.model_maker.lessor.later.gw").unit == "GW"


def test_what_is_set_is_what_the_books_open_with(tmp_path):
    preset = written(tmp_path, SMALL + CONTRACT + LATER + STAKE)
    set_to = {
        "contracts.model_maker.lessor.gw": [0.1, 0.3],
        "contracts.model_maker.lessor.price": 10.0,
        "contracts.model_maker.lessor.later.term": [12, 24],
        "stakes.backer.model_maker": [0.5, 0.25],
    }
    economy = Economy(Scenario(preset, set_to, worlds=2, months=3))
    pair = of_pair(economy, "model_maker", "lessor")
    # 0.1 and 0.3 GW at 10 for a year that runs, 0.2 at 12 for one year and for two from month 6 on.
    assert economy.contracts.gw[pair].tolist() == [0.1, 0.3]
    assert economy.contracts.bill[pair] == pytest.approx([1e9, 3e9])
    assert economy.contracts.obligations[pair] == pytest.approx([1e9 + 2.4e9, 3e9 + 4.8e9])
    number, holdings = economy.ledger.accounts.number, economy.holdings
    held = holdings.lots[number["backer"], (asset := holdings.asset_of(number["model_maker"]))]
    assert (held / holdings.outstanding[asset]).tolist() == [0.5, 0.25]
    assert economy.ledger.stock(holdings.instrument(asset), number["backer"]) / BN == pytest.approx([5.0, 2.5])  # of 10
    economy.run()


def test_presets_own_values_set_by_name_change_no_bit():
    own = {name: value for name, (_, value) in load_preset("ono_2025").rows.items()}
    plain, named = (Economy(Scenario("ono_2025", set_to, worlds=2, months=4)) for set_to in ({}, own))
    for economy in (plain, named):
        economy.run()
    assert all(np.array_equal(plain.series[name], named.series[name], equal_nan=True) for name in plain.series)
    assert np.array_equal(plain.contracts.obligations, named.contracts.obligations)


def test_a_world_with_months_of_its_own_is_the_same_alone_and_in_company():
    unknowns = [one for one in load_preset("ono_2025").unknowns if is_row(one.name)]
    assert any(one.name.endswith(".term") for one in unknowns)

    def lived(replicates):
        drawn = draw(unknowns, 1, replicates)
        economy = Economy(Scenario("ono_2025", drawn, worlds=len(replicates), months=8, replicates=replicates))
        economy.run()
        return economy.series

    company, alone = lived(np.arange(4)), lived(np.array([2]))
    assert all(np.array_equal(company[name][2:3], alone[name], equal_nan=True) for name in alone)


@pytest.mark.parametrize("preset", WITH_RANGES)
def test_worlds_differ_by_replicate_alone_and_one_more_range_shifts_no_other(preset):
    unknowns = load_preset(preset).unknowns
    rows = [one for one in unknowns if is_row(one.name)]
    assert len(rows) > 10
    everything, without = (
        draw(unknowns, 1, np.arange(6)),
        draw([one for one in unknowns if not is_row(one.name)], 1, np.arange(6)),
    )
    assert all(np.array_equal(everything[name], values) for name, values in without.items())
    later = draw(rows, 1, np.array([4]))
    assert all(values[0] == everything[name][4] for name, values in later.items())
    for one in rows:
        assert len(set(everything[one.name])) > 1, one.name
        if one.name.endswith(".term"):
            assert (everything[one.name] == np.rint(everything[one.name])).all()


@pytest.mark.parametrize("preset", WITH_RANGES)
def test_an_opening_with_draws_hangs_together(preset):
    """Obligations are contracts in each world, and shares of each firm add up to what is outstanding."""
    worlds, definition = 12, load_preset(preset)
    economy = Economy(Scenario(preset, draw(definition.unknowns, 1, np.arange(worlds)), worlds=worlds, months=1))
    row, p = economy.scenario.row, economy.p
    for cloud in economy.clouds:
        signed = np.zeros(worlds)
        for one in definition.contracts:
            if one.seller == cloud.name:
                gw, price, start, term = (np.asarray(row(one, figure)) for figure in ("gw", "price", "start", "term"))
                scale = p.contracts.precommitment if one.precommitment else 1.0
                for step in range(one.count):
                    first = start + step * one.every
                    signed = signed + gw * scale * price * (first + term - np.maximum(first, 0)) / 12
        held = sum(economy.contracts.obligations[pair] for pair in economy.contracts.of_seller(cloud.account)) / BN
        outside = (cloud.figures.outside_commitments - cloud.obligations_beyond_contracts()) / BN
        assert held == pytest.approx(signed + outside, rel=1e-6), cloud.name
    holdings, number = economy.holdings, economy.ledger.accounts.number
    for firm in (*economy.listed_firms, *economy.labs):
        asset = holdings.asset_of(firm.account)
        assert np.array_equal(holdings.lots[:, asset].sum(axis=0), holdings.outstanding[asset])
        assert (holdings.lots[:, asset] >= 0).all()
        for stake in definition.stakes:
            if stake.issuer == firm.name:
                held = holdings.lots[number[stake.holder], asset] / holdings.outstanding[asset]
                assert held == pytest.approx(row(stake, "share"), abs=1e-3), stake.name
    economy.run()


GW = "contracts.model_maker.lessor.gw"
OTHER = STAKE.replace("backer", "lessor").replace("0.6", "0.3")
REFUSED = [
    (CONTRACT + ranged("contracts.model_maker.lesor.gw", 0.1, 0.2), f"did you mean '{GW}'"),
    (STAKE + ranged("stakes.baker.model_maker", 0.1, 0.2), "did you mean 'stakes.backer.model_maker'"),
    (CONTRACT * 2 + ranged(GW, 0.1, 0.2), "is a figure of two contracts .* give one of them an 'id'"),
    (OTHER * 2 + ranged("stakes.lessor.model_maker", 0.1, 0.2), "the name of two stakes .* write them as one"),
    (
        CONTRACT + ranged(GW, 0.1, 2000),
        f"^'{GW}' at the high end of its range in .* cannot be 2000: it takes from 0 to 1000 GW",
    ),
    (CONTRACT + ranged("contracts.model_maker.lessor.count", 1, 2), "unknown parameter .*model_maker.lessor.count'"),
    (LATER.replace("later", "no good"), "the 'id' of a contract .* must be letters, digits and underscores, not 'no good'"),
    (
        CONTRACT.replace("start = 0", "start = -8") + ranged("contracts.model_maker.lessor.term", 6, 24),
        "may start in month -8 for 6 months by the lower ends of its ranges: it would be over before the start",
    ),
    (
        STAKE + OTHER + ranged("stakes.backer.model_maker", 0.4, 0.8),
        "stakes in 'model_maker' .* at the upper ends of their ranges .* at most, not to 1.1: backer 0.8, lessor 0.3",
    ),
    (
        STAKE + OTHER + ranged("stakes.backer.model_maker", 0.4, 0.6, 'distribution = "normal"\n'),
        "not to 1.3: backer 1, lessor 0.3",
    ),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_is_wrong_with_a_name_or_its_range_is_said_in_a_sentence(text, said, tmp_path):
    with pytest.raises(InputError, match=said) as error:
        load_preset(written(tmp_path, SMALL + text))
    assert "\n" not in str(error.value)


def test_two_contracts_of_one_pair_without_ids_are_as_good_as_ever(tmp_path):
    economy = Economy(Scenario(written(tmp_path, SMALL + CONTRACT + CONTRACT), months=1))
    assert economy.contracts.gw[of_pair(economy, "model_maker", "lessor")] == pytest.approx([0.2])


def test_a_stake_that_is_set_to_more_than_is_left_is_refused():
    with pytest.raises(InputError, match=r"stakes in 'lead_lab' of 'ono_2025' as set may add up to 1 at most, not to 1\.36"):
        Scenario("ono_2025", {"stakes.venture_fund.lead_lab": 0.9})
    with pytest.raises(InputError, match=r"did you mean 'contracts\.lead_lab\.neocloud\.to_come\.gw'"):
        Scenario("ono_2025", {"contracts.lead_lab.neocloud.to_com.gw": 0.1})


def test_a_child_keeps_ranges_of_rows_that_it_takes_over_and_of_no_others(tmp_path):
    base = (
        SMALL
        + CONTRACT
        + STAKE
        + ranged("contracts.model_maker.lessor.gw", 0.1, 0.2)
        + ranged("stakes.backer.model_maker", 0.4, 0.7)
    )
    (tmp_path / "base.toml").write_text(base, encoding="utf-8")
    extends = f'extends = "{tmp_path / "base.toml"}"\n'

    def names(text):
        return {one.name for one in load_preset(written(tmp_path, extends + text)).unknowns}

    assert names("") == {"contracts.model_maker.lessor.gw", "stakes.backer.model_maker"}
    assert names(CONTRACT) == {"stakes.backer.model_maker"}
    assert names(CONTRACT + ranged("contracts.model_maker.lessor.price", 10, 14)) == {
        "contracts.model_maker.lessor.price",
        "stakes.backer.model_maker",
    }
    assert names('[[agents]]\nid = "star"\ninstead_of = "model_maker"\nrole = "lab"\n') == {
        "contracts.star.lessor.gw",
        "stakes.backer.star",
    }


def test_a_name_is_told_in_words_of_both_languages():
    assert (
        say.parameter("contracts.lead_lab.neocloud.to_come.gw")
        == "compute rented by the lead lab from the neocloud (to come)"
    )
    assert say.parameter("stakes.venture_fund.lead_lab") == "stake of the venture funds in the lead lab"
    with speaking("zh"):
        assert "持股" in say.parameter("stakes.venture_fund.lead_lab")
    for preset in WITH_RANGES:
        for name in load_preset(preset).rows:
            assert "{" not in say.parameter(name)
            assert "." not in say.parameter(name)
