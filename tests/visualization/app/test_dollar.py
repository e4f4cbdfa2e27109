"""Follow one dollar, build the machine: by hand in the triangle, conserved in the large machine, with figures of the month."""

from __future__ import annotations

import itertools
import re

import pytest

from perpetuum.model.words.catalogue import LANGUAGES
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app.dollar import build_told, follow, follow_told, passed_on
from perpetuum.visualization.app.frames import frame
from perpetuum.visualization.app.session import Session, Start


def after(preset, months):
    session = Session(Start(preset, months=40))
    for _ in range(months):
        session.step()
    return session


@pytest.fixture(scope="module")
def triangle():
    return frame(after("triangle", 6))


@pytest.fixture(scope="module")
def large():
    return after("ono_2025", 26)


def test_a_dollar_in_the_triangle_by_hand(triangle):
    # F 1; lab: R + F = 5 in, B 4 to the cloud, k_L 1 out; cloud: 4 in, S 3 on; vendor: 3 in, 1 on, 2 out. Gain 4/5 x 3/4 x 1/3.
    first, second, _ = follow(triangle)
    start, lab, cloud, back = first.stops[0], first.stops[1], first.stops[2], first.stops[3]
    assert (start.at, start.arrives, start.goes["labs"]) == ("vendors", 1.0, pytest.approx(1.0))
    assert (lab.at, lab.arrives) == ("labs", pytest.approx(1.0, abs=1e-3))
    assert lab.goes["clouds"] == pytest.approx(0.8, abs=1e-3)
    assert lab.leaks["suppliers"] == pytest.approx(0.2, abs=1e-3)
    assert cloud.goes["vendors"] == pytest.approx(0.6, abs=1e-3)
    assert cloud.leaks["suppliers"] == pytest.approx(0.2, abs=1e-3)
    assert back.arrives == first.returns == pytest.approx(0.6, abs=1e-3)
    assert back.leaks["suppliers"] == pytest.approx(0.4, abs=1e-3)
    assert second.starts == pytest.approx(0.2, abs=1e-3)  # the loop gain of model/README.md
    assert second.returns == pytest.approx(0.12, abs=1e-3)


@pytest.mark.slow
def test_no_part_of_a_dollar_is_lost_or_made(large):
    shown = frame(large)
    assert all(sum(shares.values()) == pytest.approx(1.0) for shares in passed_on(shown).values())
    for lap in follow(shown):
        leaks = sum(sum(stop.leaks.values()) for stop in lap.stops[1:-1])
        assert lap.returns + leaks == pytest.approx(lap.starts, rel=1e-4)
        last = lap.stops[-1]
        assert last.goes_on + sum(last.leaks.values()) == pytest.approx(lap.returns)


def test_where_vendors_finance_nobody_no_dollar_goes_round():
    session = Session(Start("triangle", settings={"vendor_finance.scale": 0.0}, months=3))
    session.step()
    assert follow(frame(session)) == []
    (only,) = follow_told(Words("en"), frame(session))
    assert only["text"].startswith("This month the chip vendors put nothing")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stop_is_told_with_its_cents(triangle, language):
    steps = follow_told(Words(language), triangle)
    assert len(steps) == 3 * 4 + 1
    cents = {"en": ("80 ¢ to clouds", "20 ¢ to staff"), "zh": ("80美分给云厂商", "20美分给人力")}[language]
    assert all(part in steps[1]["text"] for part in cents)
    assert steps[1]["about"] == ["labs", "clouds"]
    assert not any("dollar." in step["text"] or "{" in step["text"] for step in steps)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("preset", ["ono_2025", "telecom_1999"])
def test_the_cents_of_a_stop_add_up_to_what_arrives_there(preset, language):
    """Each rounded by itself, 43.5 cents came back and 43.6 went on and leaked."""
    session = after(preset, 12)
    words = Words(language, session.economy.scenario.definition.industry)
    cents = {"en": r"([\d.]+) ¢", "zh": r"([\d.]+)美分"}[language]
    for _ in range(12):
        session.step()
        for step in follow_told(words, frame(session))[:-1]:
            said = step["text"].replace(words("dollar.little"), "")
            arrived, *parts = (round(10 * float(number)) for number in re.findall(cents, said))
            assert sum(parts) == arrived, step["text"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_stop_is_told_at_which_nothing_can_be_told_of_what_becomes_of_it(language, large):
    words = Words(language)
    steps = follow_told(words, frame(large))
    assert len(steps) < 3 * 4 + 1  # a third lap leaves labs less than a tenth of a cent
    nothing = words("dollar.nothing")
    for step in steps[:-1]:
        assert step["text"].count(nothing) < 2


def test_the_machine_is_put_together_in_six_steps_with_the_amounts_of_the_month(triangle):
    steps = build_told(Words("en"), triangle, 4.0)
    assert [step["text"].rpartition(": ")[2] for step in steps] == [
        "$3.0bn.",  # S
        "$4.0bn.",  # B
        "$4.0bn.",  # R
        "$1.0bn.",  # F
        "nothing.",
        "$4.0bn.",  # k_L + k_C + (1 - m) S + k_V
    ]
    assert [step["closed"] for step in steps] == [False, False, False, True, True, True]
    assert set(steps[0]["shown"]) == {"lead_vendor", "hyperscaler"}
    assert set(steps[-1]["shown"]) == {node["id"] for node in triangle["nodes"]}
    for before, now in itertools.pairwise(steps):
        assert set(before["shown"]) <= set(now["shown"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_who_puts_money_in_is_told_of_those_alone_who_are_there(triangle, large, language):
    words = Words(language)
    states = words("dollar.to.states")
    assert states in build_told(words, frame(large), 4.0)[4]["text"]
    told = build_told(words, triangle, 4.0)[4]["text"]
    assert states not in told
    assert words("dollar.to.investors") in told


def test_at_rest_the_machine_can_be_built_but_no_dollar_followed():
    shown = frame(after("triangle", 0))
    assert len(build_told(Words("zh"), shown, 0.0)) == 6
    assert len(follow_told(Words("zh"), shown)) == 1


def walked(preset: str, language: str) -> list[str]:
    """What is told of a dollar after a year."""
    return [step["text"] for step in follow_told(Words(language), frame(after(preset, 12)))]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("preset", ["ono_2023", "first_lesson", "ono_2025"])
def test_the_last_step_tells_what_sets_out_again_as_the_step_of_that_stop_does(preset, language):
    """Under 0.1 cents set out to the labs, and at the end it was 0.1."""
    steps, words = walked(preset, language), Words(language)
    again = next(part for text in steps for part in re.split("Set out again|再次出发", text)[1:])
    parts = re.findall(r"(under |不到)?(\d+(?:\.\d+)?) ?(?:¢|美分)", re.split("Leaks|漏出", again)[0])
    tenths = sum(round(10 * float(number)) for little, number in parts if not little)
    assert parts
    told = words("dollar.cents", number=f"{tenths / 10:g}") if tenths else words("dollar.little")
    assert steps[-1].startswith(words("dollar.end", laps=3, gain=told, cents="|").split("|")[0]), again


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_a_walk_begin_with_a_capital_and_their_lists_can_be_told_apart(language):
    """ "11 ¢ to shareholders, 10.9 ¢ to its own account, unspent and 1.4 ¢ to lenders" read as if accounts were lent to."""
    steps = walked("ono_2025", language)
    assert not [text for text in steps if re.search(r"\. [a-z]", text)]
    assert any(Words(language)("dollar.part_kept", cents="").strip() in text for text in steps)
    for part in (part for text in steps[:-1] for part in re.split(r"[;；:：。]|\. ", text)):
        assert part.count("¢") + part.count("美分") <= 1, part
