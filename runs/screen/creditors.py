"""The creditor's table: each firm's odds of a default and of a breach by date, and the expected loss per dollar lent to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from perpetuum.model.words.speech import say
from perpetuum.runs.screen.layout import quiet, section, table

Firm = Mapping[str, Any]
Summary = Mapping[str, Any]


def creditors(summary: Summary) -> RenderableType:
    """Firms that owe something today, default or are in breach in any world, and what lenders get back; others in a line."""
    firms: Mapping[str, Firm] = summary["firms"]
    if not _dates(summary):
        return Text("")
    shown = _ordered({name: one for name, one in firms.items() if one["debt_today"] > 0 or _fails(one)})
    parts: list[RenderableType] = [_table(summary, shown)] if shown else []
    start, rest = say.month(summary["first_month"]), [name for name in firms if name not in shown]
    if rest:
        who = say.listed([say.called(name) for name in rest])
        parts.append(quiet(say("creditors.others" if shown else "creditors.nobody", n=len(rest), who=who, start=start)))
    for name in shown:
        if months := round(firms[name]["breach_months"] or 0):
            key = "creditors.in_breach" if summary["worlds"] > 1 else "creditors.in_breach_one"
            parts.append(quiet(say(key, who=say.called(name), months=say.counted(months, "month"), of=summary["months"])))
        if back := _recovered(name, firms[name], summary["worlds"], start):
            parts.append(quiet(back))
    return section(say("creditors.title"), _note(summary), *parts)


def in_short(summary: Summary) -> RenderableType:
    """Firms that owe something today and default or are in breach in any world; in a line those that default and owe nothing."""
    firms: Mapping[str, Firm] = summary["firms"]
    if not _dates(summary):
        return Text("")
    start, last = say.month(summary["first_month"]), say.month(summary["last_month"])
    failing = _ordered({name: one for name, one in firms.items() if _fails(one)})
    lent = [name for name in failing if firms[name]["debt_today"] > 0]
    unlent = [
        _by_now(name, firms[name], summary["worlds"])
        for name in failing
        if not firms[name]["debt_today"] and _last(firms[name]["default"])
    ]
    parts: list[RenderableType] = []
    if lent:
        parts.append(_table(summary, lent))
    elif any(one["debt_today"] > 0 for one in firms.values()):
        parts.append(quiet(say("creditors.safe", start=start)))
    elif not unlent:
        parts.append(quiet(say("creditors.nobody", n=len(firms), start=start)))
    if unlent:
        parts.append(quiet(say("creditors.unlent", firms=say("list.comma").join(unlent), start=start, last=last)))
    return section(say("creditors.title"), _note(summary) if lent else "", *parts)


def _by_now(name: str, one: Firm, worlds: int) -> str:
    """A firm, and in how many worlds it has defaulted by the last month."""
    if worlds == 1:
        return say.called(name)
    return say("creditors.by_now", who=say.called(name), share=say.share(_last(one["default"])))


def _dates(summary: Summary) -> list[str]:
    """By when it is told what has happened."""
    return [date for one in list(summary["firms"].values())[:1] for date in one["default"]]


def _note(summary: Summary) -> str:
    """What the numbers of the table are, and by when."""
    *years, last = (*(date[:4] for date in _dates(summary)[:-1]), say.month(_dates(summary)[-1]))
    only, places = "_one" if summary["worlds"] == 1 else "", {"last": last, "start": say.month(summary["first_month"])}
    if years:
        return say(f"creditors.note{only}", ends=say("list.comma").join(years), **places)
    return say(f"creditors.note{only}_last", **places)


def _table(summary: Summary, names: Sequence[str]) -> RenderableType:
    """Odds of a default and of a breach by date, and the expected loss."""
    headings = (say(f"creditors.{column}") for column in ("default", "breach", "loss"))
    rows, worlds = table(("", "left"), *((heading, "left") for heading in headings), gap=2, wrapped=(0,)), summary["worlds"]
    for name in names:
        one = summary["firms"][name]
        rows.add_row(say.called(name), _odds(one["default"], worlds), _odds(one["breach"], worlds), _loss(one, worlds))
    return rows


def _ordered(firms: Mapping[str, Firm]) -> list[str]:
    """Names of firms: the likeliest to default first, then the likeliest to be in breach, then who owes most."""
    return sorted(firms, key=lambda name: _order(firms[name]), reverse=True)


def _fails(one: Firm) -> bool:
    """Whether it defaults or is in breach in any world."""
    return any(_last(one[what]) for what in ("default", "breach"))


def _order(one: Firm) -> tuple[float, float, float]:
    return _last(one["default"]), _last(one["breach"]), one["debt_today"]


def _last(by_date: Mapping[str, Any] | None) -> float:
    return list(by_date.values())[-1]["share"] or 0.0 if by_date else 0.0


def _odds(by_date: Mapping[str, Any] | None, worlds: int) -> str:
    """Shares of worlds in per cent, by date; of the only world whether it has happened."""
    if by_date is None:
        return say("creditors.none")
    shares = [one["share"] for one in by_date.values()]
    if worlds == 1:
        return " / ".join(say("creditors.yes" if share else "creditors.no") for share in shares)
    return " / ".join(map(say.whole, shares))


def _loss(one: Firm, worlds: int) -> str:
    """Loss per dollar with its interval, of which the only world has none."""
    if one["loss"] is None:
        return say("creditors.owes_nothing")
    return _per_dollar(one["loss"], worlds)


def _per_dollar(loss: Mapping[str, float], worlds: int) -> str:
    return say.interval(loss) if worlds > 1 else say.share(loss["share"])


def _recovered(name: str, one: Firm, worlds: int, start: str) -> str:
    """What each class of lenders gets back at a default, and how many worlds have one; "" where nobody is owed anything."""
    of_class = {
        kind: share for kind, share in one["recovered"].items() if kind not in ("guaranteed", "shares", "shares_later")
    }
    back = {kind: share for kind, share in of_class.items() if share is not None}
    if not back:
        return ""
    told = [say(f"creditor.{kind}", share=say.share(share)) for kind, share in back.items()]
    guaranteed = one["recovered"]["guaranteed"]
    also = say("creditors.guaranteed", share=say.share(guaranteed)) if guaranteed else ""
    defaults = say.counted(round(worlds * _last(one["default"])), "world")
    told_of = say("creditors.recovered", who=say.called(name), worlds=defaults, classes=say("list.comma").join(told)) + also
    return told_of + _shares(one, worlds, start)


def _shares(one: Firm, worlds: int, start: str) -> str:
    """What lenders get in shares, and what is lost after these; "" where there are none, and of a run of an earlier day.

    Such a run tells their worth at book value, `shares`.
    """
    if not one["recovered"].get("shares_later"):
        return ""
    told = say("creditors.shares", share=say.share(one["recovered"]["shares_later"]))
    after = one["loss_after_shares"]
    return told + (say("creditors.after_shares", loss=_per_dollar(after, worlds), start=start) if after is not None else "")
