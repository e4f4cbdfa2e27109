"""What the command that takes apart failed expectations compares and counts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from perpetuum.model.errors import InputError
from perpetuum.model.observed.states import months_judged
from perpetuum.model.scenario import Scenario, load_preset
from perpetuum.runs.questions.expectations import CLAIMS, FULL, LOOSE
from tests import against_the_sketch, why_expectations_failed
from tests.paired_worlds import Lived, lived
from tests.why_expectations_failed import TABLES, alone, begins_with, core_defaults, default_run, defaults_of, main

MONTHS, BOTH = 27, {"loose money": LOOSE, "full": {**FULL, "funding.start_month": 3}}


def made(defaults: list[int], fallen: list[int], cause: list[str], core: list[int]) -> Lived:
    """Worlds by hand: months of the leveraged cloud's default, of the fall and of the first core default (-1: none)."""
    outcome = SimpleNamespace(fallen_month=np.array(fallen), cause=np.array(cause), core_default_month=np.array(core))
    of_firms = {name: np.array(defaults) for name in ("leveraged_cloud", "lead_lab")}
    causes = {name: np.where(months >= 0, "loans_accelerated", "") for name, months in of_firms.items()}
    return Lived(cast(Any, outcome), of_firms, causes, {}, np.zeros(len(defaults)), np.ones(len(defaults)))


def test_rows_of_a_batch_are_the_worlds_that_each_would_be_alone():
    found = lived("ono_2025", 2, 1, BOTH, MONTHS)
    loose = against_the_sketch.lived("ono_2025", 2, 1, {}, months=MONTHS)
    full = against_the_sketch.lived("ono_2025", 2, 1, BOTH["full"], months=MONTHS)
    for row, economy in zip(found.values(), (loose, full), strict=True):
        assert np.array_equal(row.gold_with_ai, economy.series["ai_gold_corr"][:, 24:].mean(axis=1))
        assert np.array_equal(
            row.rent, economy.series["compute_rent"][:, 24:].mean(axis=1) / economy.series["compute_rent"][:, 0]
        )
        told_of, firms = economy.firm_defaults.told(months_judged(MONTHS)), economy.firm_defaults.names
        assert all(np.array_equal(row.breaches[name], told_of["breach_months"][n]) for n, name in enumerate(firms))
    assert not np.array_equal(found["full"].gold_with_ai, found["loose money"].gold_with_ai)


def test_what_is_taken_apart_is_what_validate_claims():
    rows = {name: list(table.rows.values()) for name, table in TABLES.items()}
    of_table = {"E2_equity": "E2", "E3_weak": "E3", "E3_strong": "E3_strong", "E11": "E11", "E13_weak": "E13", "E16": "E16"}
    of_table |= {"E12_venture": "E12", "E12_covenants": "E12", "E13_strong": "E13"}
    usual = {"funding.start_month": Scenario("ono_2025").value("funding.start_month")}
    for claim in CLAIMS:
        for settings in claim.settings if claim.name in of_table else ():
            there = rows[of_table[claim.name]]
            assert settings in there or {**settings, **usual} in there, claim.name


@pytest.mark.parametrize("name", TABLES)
def test_every_row_differs_from_the_preset_and_from_every_other(name: str):
    preset, rows = Scenario("ono_2025"), TABLES[name].rows
    whole = [{**{one: preset.value(one) for row in rows.values() for one in row}, **settings} for settings in rows.values()]
    assert all(whole.count(one) == 1 for one in whole)
    assert not [one for settings in rows.values() for one in settings if not preset.definition.parameter(one)]


def test_one_channel_alone_has_all_others_shut_and_itself_open():
    shut = {name: value for name, value in alone("rate").items() if name.startswith("funding.channel_")}
    assert (shut.pop("funding.channel_rate"), set(shut.values())) == (1.0, {0.0})
    assert "funding.channel_rollover" in shut


def test_defaults_are_counted_by_cause_and_dated_by_their_median():
    row = made(
        [30, -1, 32, -1], [40, 30, 32, -1], ["shedding:lead_lab", "sales", "default:leveraged_cloud", ""], [30, -1, 32, -1]
    )
    assert defaults_of("leveraged_cloud", row, "ono_2025") == "leveraged_cloud 2 (loans_accelerated 2; median 2028-05)"
    assert (begins_with(row, "default:"), begins_with(row, "shedding:leveraged_cloud")) == (1, 0)
    said = default_run({"as asked": row}, "ono_2025")[0]
    assert (
        "fallen 3 of 4; 1 begin with a core default; without any default of a core firm 1; some core firm defaults in 2"
        in said
    )


def test_points_less_are_of_the_first_row_s_own_worlds():
    as_it_is, taken = (made([-1] * 4, [-1] * 4, [""] * 4, core) for core in ([3, 4, -1, 5], [3, -1, -1, -1]))
    lines = core_defaults({"as it is": as_it_is, "taken away": taken}, "ono_2025")
    assert "core default 75.0" in lines[0]
    assert "points less 0.0 (0.0 to 0.0)" in lines[0]
    assert "core default 25.0" in lines[1]
    assert "points less 50.0" in lines[1]


def test_what_shapes_the_whole_batch_may_not_differ_between_rows():
    with pytest.raises(InputError, match=r"contracts\.term_months"):
        lived("ono_2025", 2, 1, {"as it is": {}, "short": {"contracts.term_months": 6}}, MONTHS)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["E33"], "unknown name 'E33'"),
        (["--worlds", "1"], "--worlds must be 2 at least"),
        (["--preset", "ono_2052"], "did you mean 'ono_2025'"),
        (["--preset", "telecom_1999"], "has no lead_lab"),
    ],
)
def test_what_cannot_be_printed_is_refused_in_a_sentence(
    asked: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.argv", ["why_expectations_failed", *asked])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert said in told
    assert "Traceback" not in told


def test_a_table_is_printed_for_each_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(why_expectations_failed, "months_simulated", lambda _: MONTHS)
    monkeypatch.setattr("sys.argv", ["why_expectations_failed", "E12", "E11", "E11_short", "--worlds", "2"])
    assert main() == 0
    told = capsys.readouterr().out
    assert "E12, 2 worlds" in told
    assert "E11, 2 worlds" in told
    assert "from month 3 rates cost more than covenants by" in told
    assert told.count("faster: points more first") == 5
    assert load_preset("ono_2025").months > MONTHS
