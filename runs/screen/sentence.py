"""The finding in two or three sentences, and where to look further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perpetuum.model.observed.outcome import Thresholds
from perpetuum.model.scenario import LONGEST
from perpetuum.model.words.numbers import joined, many
from perpetuum.model.words.vocabulary import CLASS_MEANINGS, CLASS_WORDS


def answer(summary: Mapping[str, Any]) -> str:
    """The finding in two or three sentences."""
    n = summary["worlds"]
    fell, held, _ = _counts(summary["headlines"], n)
    squeeze = summary["tightening"]
    if squeeze["within_run"]:
        sentences = [
            f"When funding tightens, the machine {_finding(summary)}.",
            _with_loose_money(summary),
            _blame(summary),
        ]
    elif squeeze["theta"] == 0:
        sentences = [f"Funding does not tighten in this scenario; the machine {_finding(summary)}."]
    else:
        sentences = [f"The run ends before funding tightens; until then the machine {_finding(summary)}."]
    sentences.append(_commonest(summary) if 0 < fell < n or 0 < held < n else "")
    return " ".join(one for one in sentences if one)


def _counts(heads: Mapping[str, Mapping[str, float]], n: int) -> tuple[int, int, int]:
    """Worlds that fall apart, hold up and stay undecided."""
    fell, held, open_ = (round(heads[name]["share"] * n) for name in ("falls_apart", "holds_up", "undecided"))
    return fell, held, open_


def _finding(summary: Mapping[str, Any]) -> str:
    """What the machine does, from its verdicts and, where all worlds have the same, from their classes."""
    n = summary["worlds"]
    fell, held, open_ = _counts(summary["headlines"], n)
    if open_ == n:
        return f"neither falls apart nor stands on its own in {_any(n)}: {_what_undecided_do(summary)}"
    if fell == n:
        return f"falls apart in {_all(n)}: {_endings(summary, 'fall')}"
    if held == n:
        return f"holds up in {_all(n)}: {_endings(summary, 'hold')}"
    first = f"falls apart in {fell or 'none'} of {n} worlds and holds up in {held or 'none'}"
    if not open_:
        return first
    rest = "the other" if open_ == 1 else f"the other {open_}"
    return f"{first}; in {rest} {_what_undecided_do(summary)}"


#: What the machine does in an undecided world.
_DOES = {
    "still_spinning": "keeps spinning on money from outside AI",
    "stalled": "stalls",
    "rescued": "lives on because a core firm is rescued",
}
_CLASSES_OF = {
    "undecided": tuple(_DOES),
    "fall": ("collapse", "hard_landing", "contained_failure"),
    "hold": ("self_sustaining", "soft_landing"),
}


def _what_undecided_do(summary: Mapping[str, Any]) -> str:
    """What undecided worlds do, with numbers where they differ, and whether they could have held up at all."""
    classes = _classes(summary, "undecided")
    if len(classes) > 1:
        does = joined([f"{_DOES[name]} ({number})" for name, number in classes], "or")
    else:
        does = _DOES[classes[0][0]]
    return f"it {does}{_too_soon(summary)}"


def _endings(summary: Mapping[str, Any], kind: str) -> str:
    """How worlds with one verdict end: in words where they agree, else by class with numbers."""
    classes = _classes(summary, kind)
    if len(classes) == 1:
        return CLASS_MEANINGS[classes[0][0]]
    first = f"{CLASS_WORDS[classes[0][0]].lower()} ({CLASS_MEANINGS[classes[0][0]]}) in {classes[0][1]}"
    return joined([first, *(f"{CLASS_WORDS[name].lower()} in {number}" for name, number in classes[1:])])


def _classes(summary: Mapping[str, Any], kind: str) -> list[tuple[str, int]]:
    """Classes of a headline that occur, commonest first, and in how many worlds."""
    counts = [(name, round(summary["outcomes"][name]["share"] * summary["worlds"])) for name in _CLASSES_OF[kind]]
    return sorted((one for one in counts if one[1]), key=lambda one: -one[1])


def _too_soon(summary: Mapping[str, Any]) -> str:
    """A world holds up only when it has done so for two years after the squeeze: a short run cannot show it."""
    return "" if summary["months"] >= _soonest(summary) else " (the run is too short to show more)"


def _soonest(summary: Mapping[str, Any]) -> int:
    """Months after which a world can first be said to hold up."""
    squeeze = summary["tightening"]
    return (squeeze["end_month"] if squeeze["theta"] > 0 else squeeze["start_month"]) + Thresholds().last_months


def _any(n: int) -> str:
    return "the only world" if n == 1 else f"any of {n} worlds"


def _all(n: int) -> str:
    return "the only world" if n == 1 else "both worlds" if n == 2 else f"all {n} worlds"


def _with_loose_money(summary: Mapping[str, Any]) -> str:
    n = summary["worlds"]
    before, after = _counts(summary["headlines"], n), _counts(summary["loose"]["headlines"], n)
    fell, held, open_ = after
    start = "With loose money and the same luck it"
    if fell == n:
        return f"{start} falls apart in {_all(n)}{' too' if before == after else ''}."
    if held == n:
        return f"{start} holds up in {_all(n)}{' too' if before == after else ''}."
    if open_ == n:
        return f"{start} does neither{' either' if before == after else ''}."
    return f"{start} falls apart in {fell or 'none'} and holds up in {held or 'none'}."


def _blame(summary: Mapping[str, Any]) -> str:
    """How many falls the tightening made, and how many it prevented."""
    n, pairs = summary["worlds"], summary["paired"]
    because, anyway, saved = (round(pairs[k]["share"] * n) for k in ("fell_because_of_tightening", "fell_anyway", "saved"))
    fell = because + anyway
    rescued = f"saves {many(saved, 'world')} that loose money lets fall"
    if not fell:
        return f"The tightening {rescued}." if saved else ""
    if fell == 1:
        blame = "is to blame for the fall" if because else "is not to blame for the fall"
    elif because == fell:
        blame = "is to blame for every fall"
    else:
        blame = f"is to blame for {because or 'none'} of the {fell} falls"
    return f"The tightening {blame}{f', and {rescued}' if saved else ''}."


def _commonest(summary: Mapping[str, Any]) -> str:
    """Name the commonest ending, unless it is one of the undecided, of which the first sentence tells already."""
    outcomes = summary["outcomes"]
    name = max(outcomes, key=lambda one: outcomes[one]["share"])
    if name in _CLASSES_OF["undecided"]:
        return ""
    ending = f"{CLASS_WORDS[name].lower()} ({CLASS_MEANINGS[name]})"
    return f"The commonest ending is {ending}, in {many(round(outcomes[name]['share'] * summary['worlds']), 'world')}."


#: From this share of undecided worlds on, the screen says where to look further.
_HARDLY_DECIDED = 0.9


def hint(summary: Mapping[str, Any]) -> str:
    """Where to look further when (nearly) no world is decided: what has not been tried yet, or nothing."""
    if summary["headlines"]["undecided"]["share"] < _HARDLY_DECIDED:
        return ""
    ways = []
    if summary["months"] < _soonest(summary) <= LONGEST:
        ways.append(f"--months {_soonest(summary)}")
    if "ladder" not in summary:
        ways.append("--ladder (other degrees of tightening)")
    squeeze, tried = summary["tightening"], summary["overrides"]
    if squeeze["within_run"] and squeeze["theta"] < 1.0 and "funding.tightening" not in tried:
        ways.append("--set funding.tightening=1 (full tightening)")
    elif squeeze["within_run"] and "demand.strength" not in tried:
        ways.append("--set demand.strength=0.5 (weaker demand)")
    return f"To look further, try {joined(ways, 'or')}." if ways else ""
