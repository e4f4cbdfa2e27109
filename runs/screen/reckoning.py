"""The reckoning: who goes first, who gained and lost, what is left standing, what became of a dollar in shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from perpetuum.model.words.speech import say
from perpetuum.runs.screen.layout import Paragraph, section, table

Summary = Mapping[str, Any]
Spreads = Mapping[str, Mapping[str, float]]
#: Who gained or lost, and by how much.
Gain = tuple[str, Mapping[str, float]]

#: What remains, in the order in which it is told; the rest as name and number.
_REMAINS = ("usable_gw", "unfinished_gw", "capability", "rent_per_hour")
_GIGAWATTS = _REMAINS[:2]
#: So many of those who first default, and of those who gained or lost, are named.
_FIRST, _GAINERS, _GAINERS_IN_SHORT = 4, 6, 3


def dominoes(summary: Summary) -> RenderableType:
    """Who defaults first, in what share of the worlds, when, and how often the machine falls then or later."""
    named = [one for one in summary["first_dominoes"] if one["name"]]
    nobody = next((one["share"] for one in summary["first_dominoes"] if not one["name"]), 0.0)
    if not named:
        return section(say("dominoes.title"), say("dominoes.nobody", n=summary["worlds"]))
    if summary["worlds"] == 1:
        first = {"who": say.called(named[0]["name"]), "month": say.month(named[0]["date"])}
        how = "only" if named[0]["then_fallen"] else "only_before" if named[0].get("fallen_before") else "only_stands"
        return section(say("dominoes.title"), say(f"dominoes.{how}", **first))
    rows = table(
        (say("dominoes.first"), "left"),
        (say("dominoes.worlds"), "right"),
        (say("dominoes.median"), "left"),
        (say("dominoes.middle"), "left"),
        (say("dominoes.falls"), "right"),
        gap=1,
        wrapped=(0,),
    )
    for one in named[:_FIRST]:
        early, late = (say.month(one[end]) for end in ("early", "late"))
        dates = f"{early}–{late}" if early != late else ""
        firm, falls = say.called(one["name"]), round(one["worlds"] * one["then_fallen"])
        told = say("dominoes.falls_in", falls=falls, worlds=one["worlds"])
        rows.add_row(firm, say.interval(one), say.month(one["date"]), dates, told)
    if others := sum(one["share"] for one in named[_FIRST:]):
        rows.add_row(say("dominoes.others"), say.share(others), "", "", "")
    note = say("dominoes.nobody_in", share=say.percent(nobody)) if nobody > 0 else ""
    return section(say("dominoes.title"), note, rows)


def reckoning(summary: Summary) -> RenderableType:
    """Gains and losses, what remains, and the best month to have sold; beside what remains, what loose money leaves."""
    remains = split_reckoning(summary["reckoning"])[1]
    loose = split_reckoning(summary["loose"]["reckoning"])[1] if summary["tightening"]["within_run"] else {}
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column()
    gained, lost, either = _gains(summary)
    grid.add_row(say("reckoning.gained"), Paragraph(_listing(gained)))
    grid.add_row(say("reckoning.lost"), Paragraph(_listing(lost)))
    if either:
        grid.add_row(say("reckoning.either"), Paragraph(_listing(either)))
    if remains:
        names = [*(name for name in _REMAINS if name in remains), *(name for name in remains if name not in _REMAINS)]
        start = say.month(summary["first_month"])
        told = say("list.comma").join(_left(name, remains, loose, start) for name in names)
        grid.add_row(say("reckoning.remains"), Paragraph(told + _bound(summary)))
    if _prices_move(summary["reckoning"]):
        grid.add_row(say("reckoning.cash_out"), Paragraph(_exit(summary)))
    note = say("reckoning.note" if summary["worlds"] > 1 else "reckoning.note_one")
    return section(say("reckoning.title"), note, grid)


def in_short(summary: Summary) -> str:
    """Who gained and lost most, and whether one should have sold."""
    gained, lost, either = _gains(summary)
    beats = _beats(summary) if _prices_move(summary["reckoning"]) else ""
    if either and not gained and not lost:
        return say("reckoning.short_unsure") + beats
    told = {"gained": _listing(gained, _GAINERS_IN_SHORT), "lost": _listing(lost, _GAINERS_IN_SHORT)}
    key = "reckoning.short_sure" if summary["worlds"] > 1 and not summary.get("all_alike") else "reckoning.short"
    return say(key, **told) + beats


def _gains(summary: Summary) -> tuple[list[Gain], list[Gain], list[Gain]]:
    """Who gained, the most first, who lost, the most first, and who may as well have done either."""
    moved = {
        name: one
        for name, one in split_reckoning(summary["reckoning"])[0].items()
        if any(round(one[end]) for end in ("low", "median", "high"))
    }
    ordered = sorted(moved.items(), key=lambda item: -item[1]["median"])
    signs = {name: surely(one["median"], summary["gain_odds"][name], summary["worlds"]) for name, one in ordered}
    gained, lost, either = ([one for one in ordered if signs[one[0]] == sign] for sign in (1, -1, 0))
    return gained, lost[::-1], either


def surely(median: float, gain: Mapping[str, float], worlds: int) -> int:
    """1 where more than half of all such worlds gain, by the interval of their share, -1 where more than half lose, else 0.

    The only world of a run is told as it is; half a billion dollars or less, told as 0, are neither gained nor lost.
    """
    if round(median) == 0:
        return 0
    if worlds == 1:
        return (median > 0) - (median < 0)
    return int(gain["low"] > 0.5) - int(gain["high"] < 0.5)


def _listing(items: Sequence[Gain], most: int = _GAINERS) -> str:
    told = [f"{say.gainer(name)} {one['median']:+,.0f}".replace("-", "−") for name, one in items[:most]]
    return say("list.comma").join(told) or say("reckoning.nobody")


def _left(name: str, remains: Spreads, loose: Spreads, start: str) -> str:
    """What is left of one thing, and what loose money leaves; gigawatts all in as many decimals, a rent in cents."""
    key = f"left.{name}" if name in _REMAINS else "left.other"
    beside = [name, *(one for one in _GIGAWATTS if name in _GIGAWATTS and one != name)]
    arms = [[arm[one]["median"] for one in beside if one in arm] for arm in (remains, loose) if name in arm]
    values = [value for arm in arms for value in arm]
    numbers = [f"{value:.2f}" for value in values] if name == "rent_per_hour" else say.numbers(values)
    told = say(key, number=numbers[0], name=_plain(name), start=start)
    return say("reckoning.loose", told=told, number=numbers[len(arms[0])]) if len(arms) > 1 else told


def _bound(summary: Summary) -> str:
    """That rent is at its ceiling or floor, where it is in most worlds at a date that the table of odds has."""
    told = []
    for name, bound in summary.get("rent_bounds", {}).items():  # runs of an earlier day do not know
        at = {date: one for date, one in bound["at"].items() if one["share"] > 0.5}
        if at:
            shares = say.listed([_when(one, say.month(date), summary["worlds"]) for date, one in at.items()])
            told.append(say(f"left.{name}", times=bound["times"], start=say.month(summary["first_month"]), shares=shares))
    return "".join(told)


def _when(one: Mapping[str, float], month: str, worlds: int) -> str:
    """In how many worlds in a month; of the only world the month."""
    return say("left.at", share=say.interval(one), month=month) if worlds > 1 else month


def _prices_move(reckoning: Spreads) -> bool:
    """Whether any share has a price that moves in any world."""
    if "exit:best" not in reckoning:
        return False
    best, end = reckoning["exit:best"], reckoning["exit:at_end"]
    return not all(one[part] == 1.0 for one in (best, end) for part in ("low", "median", "high"))


def _exit(summary: Summary) -> str:
    """What became of a dollar put into vendors' and clouds' shares at the start, by when it was taken out; median world."""
    worth = {key.removeprefix("exit:"): one["median"] for key, one in summary["reckoning"].items()}
    best = say.month_of(summary["first_month"], round(worth["best_month"]))
    tightens = ""
    if summary["tightening"]["within_run"]:
        tightens = say("reckoning.exit_tightens", worth=f"{worth['at_tightening']:.2f}")
    amounts = {"best": f"{worth['best']:.2f}", "end": f"{worth['at_end']:.2f}"}
    # A month is not told with two medians: where the last one is the best of the median world, others have had theirs.
    last = "reckoning.exit_last" if amounts["best"] != amounts["end"] else "reckoning.exit_end"
    at_end = best == say.month(summary["last_month"])
    told = say(last if at_end else "reckoning.exit", tightens=tightens, month=best, **amounts)
    differ = summary["worlds"] > 1 and not summary.get("all_alike")
    return told + (say("reckoning.exit_medians") if differ else "") + _beats(summary)


def _beats(summary: Summary) -> str:
    """In how many worlds to sell as funding tightens beats holding on; nothing of the only world, or without a tightening."""
    if not summary["tightening"]["within_run"] or summary["worlds"] == 1:
        return ""
    return say("reckoning.exit_beats", share=say.interval(summary["sooner_better"]))


def _plain(name: str) -> str:
    return name.replace(":", " ").replace("_", " ")


def split_reckoning(found: Spreads) -> tuple[dict[str, Mapping[str, float]], dict[str, Mapping[str, float]]]:
    """Gains by name, and what remains by name; keys read `gain:...` and `remains:...`."""
    gains, remains = {}, {}
    for key, one in found.items():
        kind, _, name = key.partition(":")
        if kind == "remains":
            remains[name] = one
        elif kind == "gain" or not name:
            gains[name or kind] = one
    return gains, remains
