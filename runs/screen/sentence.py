"""The finding in two or three sentences, and where to look further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perpetuum.model.observed.outcome import Thresholds
from perpetuum.model.scenario import LONGEST
from perpetuum.model.words.speech import say, uncapital

Summary = Mapping[str, Any]

_ENDINGS = {
    "undecided": ("still_spinning", "stalled", "rescued"),
    "fall": ("collapse", "hard_landing", "contained_failure"),
    "hold": ("self_sustaining", "soft_landing"),
}
#: From this share of undecided worlds on, the screen says where to look further.
_HARDLY_DECIDED = 0.9


def answer(summary: Summary) -> str:
    """The finding in two or three sentences."""
    n, squeeze = summary["worlds"], summary["tightening"]
    fell, held, _ = _counts(summary)
    when = "tightens" if squeeze["within_run"] else "calm" if squeeze["theta"] == 0 else "too_early"
    told = [say(f"answer.{when}", finding=_finding(summary))]
    if squeeze["within_run"]:
        told += [_with_loose_money(summary), _blame(summary)]
    if 0 < fell < n or 0 < held < n:
        told.append(_commonest(summary))
    return say.sentences(told)


def _counts(arm: Summary, worlds: int | None = None) -> tuple[int, int, int]:
    """Worlds that fall apart, hold up and stay undecided."""
    n = arm["worlds"] if worlds is None else worlds
    fell, held, rest = (round(arm["headlines"][name]["share"] * n) for name in ("falls_apart", "holds_up", "undecided"))
    return fell, held, rest


def _finding(summary: Summary) -> str:
    """What the machine does, from its verdicts and, where all worlds have the same, from their classes."""
    n = summary["worlds"]
    fell, held, rest = _counts(summary)
    if rest == n:
        return say("answer.all_undecided", worlds=say("answer.any_world", n=n), does=_undecided(summary))
    if fell == n:
        return say("answer.all_fall", worlds=_all(n), ending=_endings(summary, "fall"))
    if held == n:
        return say("answer.all_hold", worlds=_all(n), ending=_endings(summary, "hold"))
    first = say("answer.some", fell=_some(fell), n=n, held=_some(held))
    return say("answer.rest", first=first, n=rest, does=_undecided(summary)) if rest else first


def _undecided(summary: Summary) -> str:
    """What undecided worlds do, with numbers where they differ, and whether they could have held up at all."""
    classes = _classes(summary, "undecided")
    told = [say(f"answer.does.{name}") for name, _ in classes]
    if len(classes) > 1:
        told = [say("answer.does_so", does=does, number=k) for does, (_, k) in zip(told, classes, strict=True)]
    does = say.listed(told, "or")
    return does if summary["months"] >= _soonest(summary) else say("answer.too_short", does=does)


def _endings(summary: Summary, kind: str) -> str:
    """How worlds with one verdict end: in words where they agree, else by class with numbers."""
    (first, number), *others = _classes(summary, kind)
    about = say(f"ending_about.{first}")
    if not others:
        return about
    told = [say("answer.ends_so", ending=_ending(first), about=about, number=number)]
    return say.listed([*told, *(say("answer.ends_too", ending=_ending(name), number=k) for name, k in others)])


def _ending(name: str) -> str:
    return uncapital(say(f"ending.{name}"))


def _classes(summary: Summary, kind: str) -> list[tuple[str, int]]:
    """Classes of a headline that occur, commonest first, and in how many worlds."""
    counts = [(name, round(summary["outcomes"][name]["share"] * summary["worlds"])) for name in _ENDINGS[kind]]
    return sorted((one for one in counts if one[1]), key=lambda one: -one[1])


def _soonest(summary: Summary) -> int:
    """Months after which a world can first be said to hold up: two years after the squeeze."""
    squeeze = summary["tightening"]
    return (squeeze["end_month"] if squeeze["theta"] > 0 else squeeze["start_month"]) + Thresholds().last_months


def _all(n: int) -> str:
    return say("answer.both_worlds") if n == 2 else say("answer.all_worlds", n=n)


def _some(number: int) -> str:
    return str(number) if number else say("answer.none")


def _with_loose_money(summary: Summary) -> str:
    n = summary["worlds"]
    before, after = _counts(summary), _counts(summary["loose"], n)
    fell, held, rest = after
    too, either = (say(f"answer.{word}") if before == after else "" for word in ("too", "either"))
    if n in (fell, held):
        return say("answer.loose_falls" if fell == n else "answer.loose_holds", worlds=_all(n), too=too)
    if rest == n:
        return say("answer.loose_neither", either=either)
    return say("answer.loose_some", fell=_some(fell), held=_some(held))


def _blame(summary: Summary) -> str:
    """How many falls the tightening made, and how many it prevented."""
    n, pairs = summary["worlds"], summary["paired"]
    because, anyway, saved = (round(pairs[k]["share"] * n) for k in ("fell_because_of_tightening", "fell_anyway", "saved"))
    fell = because + anyway
    if not fell:
        return say("answer.saves", n=saved) if saved else ""
    saves = say("answer.and_saves", n=saved) if saved else ""
    if fell == 1:
        return say("answer.blamed" if because else "answer.not_blamed", saves=saves)
    if because == fell:
        return say("answer.blamed_for_all", saves=saves)
    return say("answer.blamed_for_some", because=_some(because), fell=fell, saves=saves)


def _commonest(summary: Summary) -> str:
    """Name the commonest ending, unless it is one of the undecided, of which the first sentence tells already."""
    outcomes = summary["outcomes"]
    name = max(outcomes, key=lambda one: outcomes[one]["share"])
    if name in _ENDINGS["undecided"]:
        return ""
    worlds = say.counted(round(outcomes[name]["share"] * summary["worlds"]), "world")
    return say("answer.commonest", ending=_ending(name), about=say(f"ending_about.{name}"), worlds=worlds)


def hint(summary: Summary) -> str:
    """Where to look further when (nearly) no world is decided: what has not been tried yet, or nothing."""
    if summary["headlines"]["undecided"]["share"] < _HARDLY_DECIDED:
        return ""
    ways = []
    if summary["months"] < _soonest(summary) <= LONGEST:
        ways.append(f"--months {_soonest(summary)}")
    if "ladder" not in summary:
        ways.append(say("answer.try_ladder"))
    squeeze, tried = summary["tightening"], summary["overrides"]
    if squeeze["within_run"] and squeeze["theta"] < 1.0 and "funding.tightening" not in tried:
        ways.append(say("answer.try_full"))
    elif squeeze["within_run"] and "demand.strength" not in tried:
        ways.append(say("answer.try_weak"))
    return say("answer.look_further", ways=say.listed(ways, "or")) if ways else ""
