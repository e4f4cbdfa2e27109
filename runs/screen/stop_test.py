"""The stop test on one screen: the finding, months until who cannot pay, and why; made from the summary alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from perpetuum.model.words.speech import capital, say
from perpetuum.runs.questions.stop_test import CORE, answer, last_month, times
from perpetuum.runs.screen import layout
from perpetuum.runs.screen.layout import quiet, section, table

Summary = Mapping[str, Any]
#: A row of a table: its name, and what it says of a stop.
Line = tuple[str, Callable[[Summary], str]]

#: Stops that fit beside one another.
_COLUMNS = 4
#: What is told of the reason, in order; the others are shares of worlds.
_WHY = (
    "covers_commitments",
    "covers_spending",
    "covers_spending_last",
    "revenue_kept",
    "spending_kept",
    "commitments_kept",
    "cloud_serves_debt",
)
_RATIOS = ("revenue_kept", "spending_kept", "commitments_kept")


def parts(summary: Summary) -> list[RenderableType]:
    """The finding in bold, the reason, and the tables."""
    found, stops = [_title(summary), *layout.told(answer(summary))], summary["stops"]
    for place in range(0, len(stops), _COLUMNS):
        found += _sections(summary, stops[place : place + _COLUMNS])
    return found


def _title(summary: Summary) -> RenderableType:
    theta = summary["tightening"]
    # A tightening that begins as late as the last stop, or later, comes to nothing.
    comes = theta and max(one["stop"] for one in summary["stops"]) > summary["tightens_from"]
    before = say("stop_test.tight", theta=theta) if comes else say("stop_test.loose")
    asked = say("stop_test.asked", stops=_months(summary), before=before)
    return layout.title_of_cells(summary, asked, [one["worlds"] for one in summary["stops"]])


def _months(summary: Summary) -> str:
    """When it stops: the month where there is one, else how many there are."""
    stops = [one["stop"] for one in summary["stops"]]
    return say("lost_map.starts", n=len(stops), first=say.month_of(summary["first_month"], stops[0]))


def _sections(summary: Summary, stops: Sequence[Summary]) -> list[RenderableType]:
    last, events = last_month(summary), summary["events"]
    waits = [(say(f"stop_event.{event}"), _wait(event)) for event in events]
    standing = (say("stop_test.standing"), lambda row: str(row["worlds"]))
    never = [
        (say(f"stop_never.{event}"), lambda row, event=event: _share(row[event]["never"]))
        for event in events
        if event != "fallen"
    ]
    fallen = [(say(f"stop_test.{one}"), lambda row, one=one: _share(row[one])) for one in ("fallen_share", "fallen_without")]
    who = [(capital(say.firm(firm)), lambda row, firm=firm: _share(row["first_of_core"][firm])) for firm in CORE]
    why = [(say(f"stop_test.{one}"), _reason(one)) for one in (*_WHY, "why_worlds")]
    return [
        section(say("stop_test.until"), say("stop_test.until_note", last=last), _table(summary, stops, [*waits, standing])),
        section(
            say("stop_test.share_title"), say("stop_test.share_note", last=last), _table(summary, stops, never + fallen)
        ),
        section(say("stop_test.who"), say("stop_test.who_note"), _table(summary, stops, who)),
        section(
            say("stop_test.why"),
            say("stop_test.why_note", last=last),
            _table(summary, stops, why),
            quiet(say("stop_test.why_foot")),
        ),
    ]


def _table(summary: Summary, stops: Sequence[Summary], lines: Sequence[Line]) -> RenderableType:
    heads = [(say.month_of(summary["first_month"], row["stop"]), "left") for row in stops]
    rows = table((say("stop_test.stopped_in"), "left"), *heads, gap=1)
    for name, told in lines:
        rows.add_row(name, *(told(row) for row in stops))
    return rows


def _wait(event: str) -> Callable[[Summary], str]:
    """Median months with both percentiles: `64 (36–∞)`; nothing where no world stood at the stop."""

    def told(row: Summary) -> str:
        if not row["worlds"]:
            return ""
        middle, low, high = ("∞" if row[event][end] is None else str(row[event][end]) for end in ("median", "low", "high"))
        return middle if middle == low == high else f"{middle} ({low}–{high})"

    return told


def _reason(name: str) -> Callable[[Summary], str]:
    def told(row: Summary) -> str:
        why = row["why"]["always_pays"]
        if why is None:
            return ""
        if name == "why_worlds":
            return str(why["worlds"])
        return times(why[name]) if name in _RATIOS else say.share(why[name]["share"])

    return told


def _share(one: Mapping[str, float | None]) -> str:
    return "" if one["share"] is None else say.interval(one)  # type: ignore[arg-type]
