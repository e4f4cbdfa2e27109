"""The stop test: all outside finance ends in one month; how long until core firms cannot pay, and why some always can.

Rounds, new shares, new debt, vendors' support and states' money are zero from the stop on (`funding.stop_month`); money is loose
until then, unless the user sets a tightening. Counted are months from the stop, among worlds that have not fallen by then:

    cannot pay    the first month in which a firm defaults or pays late (`model/observed/payment_series.py`)
    shed          the first month in which a third of a firm's contracts of a year ago has been cancelled or has lapsed
    fallen        the onset of the fall (`model/observed/states.py`); the same worlds without a stop stand beside it

Why: in the second year after the stop, and in the last one judged, whether what the lead lab's customers pay covers its
take-or-pay bills and all that it still spends, which stands beside what it spends in the same months without a stop; and whether
the leveraged cloud's operations cover its debt service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.errors import about
from perpetuum.model.observed.odds import life_lost_from, share_of
from perpetuum.model.observed.states import Definition
from perpetuum.model.units import YEAR, date_of
from perpetuum.model.words.speech import capital, say
from perpetuum.model.worlds import Array, Floats
from perpetuum.runs.questions.asked_scenario import AskedScenario
from perpetuum.runs.questions.cells_by_month import months_of_the_run, sound_worlds
from perpetuum.runs.questions.tipping import THETA, check_worlds
from perpetuum.runs.study.description import Study
from perpetuum.runs.study.side_studies import WITHIN

if TYPE_CHECKING:
    import pandas as pd

Summary = Mapping[str, Any]
#: Series by name, (worlds, months).
Facts = Mapping[str, Floats]

STOP = "funding.stop_month"
#: Months in which all outside finance stops, unless the user says; and what stands for no stop.
STOPS, NO_STOP = (0, 12, 24, 36), -1
#: Core firms by role; of several in one month the first named counts as the first.
CORE = ("lead_lab", "leveraged_cloud", "lead_vendor")
#: What is waited for, in the order of the tables.
EVENTS = ("core", "neocloud", "lead_lab_shed", "leveraged_cloud_shed", "fallen")
#: Months after the stop over which payments are looked at: its second year.
SECOND_YEAR = (12, 24)
_SERIES = (
    *(f"{firm}_unpaid" for firm in CORE),
    "neoclouds_unpaid",
    "lead_lab_shed",
    "leveraged_cloud_shed",
    "lead_lab_revenue",
    "lead_lab_burn",
    "lead_lab_commitments",
    "leveraged_cloud_cover",
)


@dataclass(frozen=True)
class StopTest(AskedScenario):
    """The question: in which months (of the run) outside finance stops, under which scenario, over how many worlds.

    Raises InputError where a stop is no month that is judged, or is set as well.
    """

    stops: Sequence[int] | None = None

    def __post_init__(self) -> None:
        check_worlds(self.worlds)
        self.leave_free((STOP,), "asked about")
        with about("stop"):
            stops = months_of_the_run(self.stops, STOPS, self.scenario.judged, "a stop test", "a stop")
        object.__setattr__(self, "stops", stops)

    @property
    def cells(self) -> list[int]:
        """The month of the stop: first none, then each."""
        assert self.stops is not None
        return [NO_STOP, *self.stops]

    @cached_property
    def study(self) -> Study:
        """All worlds, as a study that can be stopped and continued; it keeps the series that are counted in."""
        return self.study_of({STOP: self.cells}, overrides={THETA: 0.0, **self.overrides}, series=_SERIES)


# --- what is measured ---------------------------------------------------------------------------------------


def summarise(asked: StopTest, worlds: pd.DataFrame, series: pd.DataFrame) -> dict[str, Any]:
    """What summary.json says, from the worlds of the study and their months; a world that failed anywhere is left out.

    `series`: a row a world and month in their order, as `load(folder, series=True)` has it.
    """
    cells = asked.cells
    sound = sound_worlds(worlds, len(cells), "of this question: choose other months")
    judged = asked.scenario.judged
    facts = _by_cell(worlds, series, len(cells), judged, sound)
    fallen = worlds["fallen_month"].to_numpy(dtype=np.int64).reshape(len(cells), -1)[:, sound]
    lives = np.where(fallen < 0, judged, fallen)
    rows = []
    for cell, stop in enumerate(cells[1:], start=1):
        here = {name: values[cell] for name, values in facts.items()}
        unstopped = {name: values[0] for name, values in facts.items()}
        rows.append(_row(stop, judged, (here, unstopped), lives[cell], lives[0]))
    scenario = asked.scenario
    return {
        "question": "stop_test",
        **asked.told(),
        "tightening": float(scenario.values[THETA]) if THETA in asked.overrides else 0.0,
        "tightens_from": asked.start,
        "failed_worlds": int((~sound).sum()),
        "within": WITHIN,
        "events": [one for one in EVENTS if one != "neocloud" or _has_neoclouds(asked)],
        "stops": rows,
    }


def _has_neoclouds(asked: StopTest) -> bool:
    return any(spec.kind == "neocloud" for spec in asked.scenario.definition.agents)


def _by_cell(worlds: pd.DataFrame, series: pd.DataFrame, cells: int, judged: int, sound: Array) -> dict[str, Floats]:
    """The series by cell: name to (cells, sound worlds, months judged)."""
    there = np.flatnonzero((worlds["error"] == "").to_numpy())
    months = len(series) // len(there)
    found = {}
    for name in _SERIES:
        whole = np.full((len(worlds), judged), np.nan)
        whole[there] = series[name].to_numpy(dtype=np.float64).reshape(len(there), months)[:, :judged]
        found[name] = whole.reshape(cells, -1, judged)[:, sound]
    return found


def _row(stop: int, judged: int, facts: tuple[Facts, Facts], life: Array, without: Array) -> dict[str, Any]:
    """What is told of one stop, among worlds that stand then; `facts` with it and without, likewise `life` and `without`."""
    standing = life >= stop
    after, unstopped = ({name: values[standing, stop:] for name, values in of.items()} for of in facts)
    third = Definition().shed
    unpaid = np.stack([months_until(after[f"{firm}_unpaid"] > 0) for firm in CORE])
    first = np.where(unpaid < 0, judged, unpaid)
    waits = {
        "core": np.where((unpaid >= 0).any(axis=0), first.min(axis=0), -1),
        "neocloud": months_until(after["neoclouds_unpaid"] > 0),
        "lead_lab_shed": months_until(after["lead_lab_shed"] >= third),
        "leveraged_cloud_shed": months_until(after["leveraged_cloud_shed"] >= third),
        "fallen": np.where(life[standing] < judged, life[standing] - stop, -1),
    }
    late = waits["core"] >= 0
    lost, pairs = life_lost_from(stop, life, without, WITHIN)
    return {
        "stop": stop,
        "worlds": int(standing.sum()),
        "watched": judged - stop,
        **{name: spread_of_waits(months) | {"curve": spared(months, judged - stop)} for name, months in waits.items()},
        "first_of_core": {firm: share_of(first[:, late].argmin(axis=0) == place) for place, firm in enumerate(CORE)},
        "fallen_share": share_of(life[standing] < judged),
        "fallen_without": share_of(without[standing] < judged),
        "life_lost": {**lost, "pairs": pairs},
        "why": {
            "standing": _why(after, unstopped, np.ones(len(late), dtype=bool)),
            "always_pays": _why(after, unstopped, ~late),
        },
    }


def months_until(marks: Array) -> Array:
    """Months from the first column to the first mark (worlds,), -1 where there is none."""
    return np.where(marks.any(axis=1), marks.argmax(axis=1), -1)


def spread_of_waits(months: Array) -> dict[str, Any]:
    """Median, 10th and 90th percentile of months (worlds,), each that of a world, and the share of never (-1).

    A percentile that falls on a world in which it never comes is None, as are all without any world.
    """
    ends: tuple[int | None, ...] = (None, None, None)
    if len(months):
        later = np.where(months < 0, np.inf, months)
        found = np.quantile(later, (0.1, 0.5, 0.9), method="inverted_cdf")
        ends = tuple(int(one) if np.isfinite(one) else None for one in found)
    return dict(zip(("low", "median", "high"), ends, strict=True)) | {"never": share_of(months < 0)}


def spared(months: Array, watched: int) -> list[float]:
    """Share of worlds in which it has not come after 0, 1, ... months, as long as all are watched; empty without any world."""
    if not len(months):
        return []
    later = np.where(months < 0, watched, months)
    return [round(float(np.mean(later > month)), 4) for month in range(watched)]


def _why(after: Facts, unstopped: Facts, which: Array) -> dict[str, Any] | None:
    """Payments of the second year after the stop, in these worlds; None where it is not over, or there is no world.

    `*_kept`: medians of what it is over what it is in the same months without a stop; `*_last`: of the last year judged.
    """
    first, last = SECOND_YEAR
    months = after["lead_lab_revenue"].shape[1]
    if months < last or not which.any():
        return None
    year = _means(after, which, slice(first, last))
    otherwise, end = _means(unstopped, which, slice(first, last)), _means(after, which, slice(months - YEAR, months))
    return {
        "worlds": int(which.sum()),
        "covers_commitments": share_of(year["revenue"] > year["commitments"]),
        "covers_spending": share_of(year["revenue"] >= year["spending"]),
        "covers_spending_last": share_of(end["revenue"] >= end["spending"]),
        **{f"{name}_kept": _median_ratio(year[name], otherwise[name]) for name in ("revenue", "spending", "commitments")},
        "cloud_serves_debt": share_of(year["cover"] >= 1.0),
    }


def _means(facts: Facts, which: Array, months: slice) -> dict[str, Floats]:
    """Monthly means of the lead lab's revenue, commitments and spending, and of the leveraged cloud's cover (worlds,)."""
    names = {"revenue": "lead_lab_revenue", "burn": "lead_lab_burn", "commitments": "lead_lab_commitments"}
    found = {name: facts[one][which, months].mean(axis=1) for name, one in names.items()}
    cover = facts["leveraged_cloud_cover"][which, months].mean(axis=1)
    return found | {"spending": found["revenue"] + found["burn"], "cover": cover}


def _median_ratio(part: Floats, whole: Floats) -> float | None:
    known = whole > 0
    return float(np.median(part[known] / whole[known])) if known.any() else None


def waits_table(summary: Summary) -> pd.DataFrame:
    """One row a stop and event: months until it (median, 10th and 90th percentile; empty: never), and the share of never."""
    import pandas as pd

    rows = [
        {
            "stop": row["stop"],
            "date": date_of(summary["first_month"], row["stop"]).isoformat(),
            "worlds": row["worlds"],
            "event": event,
            **{end: row[event][end] for end in ("median", "low", "high")},
            "never": row[event]["never"]["share"],
            "never_low": row[event]["never"]["low"],
            "never_high": row[event]["never"]["high"],
        }
        for row in summary["stops"]
        for event in summary["events"]
    ]
    numbers = ("median", "low", "high", "never", "never_low", "never_high")
    return pd.DataFrame(rows).astype(dict.fromkeys(numbers, float))


# --- what is said of it -------------------------------------------------------------------------------------


def headline(summary: Summary) -> str:
    """How long core firms go on paying, by the month in which all outside money stops, in one sentence."""
    rows = [row for row in summary["stops"] if row["worlds"]]
    if not rows:
        return say("stop_test.nobody")
    still, fail = ([row for row in rows if (row["core"]["median"] is None) is never] for never in (True, False))
    last = last_month(summary)
    parts = []
    if fail:
        months = [row["core"]["median"] for row in fail]
        parts.append(say("stop_test.fail", months=_range(months), stops=_stops(summary, fail, len(rows)), last=last))
    if still:
        shares = [row["core"]["never"] for row in still]
        told = say.between(min(one["low"] for one in shares), max(one["high"] for one in shares))
        parts.append(say("stop_test.still", share=told, stops=_stops(summary, still, len(rows)), last=last))
    return capital(say("list.semicolon").join(parts))


def answer(summary: Summary) -> list[str]:
    """The finding, why core firms always pay where most do, and what was left out."""
    told = [say("list.stop", sentence=headline(summary))]
    standing = [row for row in summary["stops"] if row["worlds"]]
    if standing:
        shares = {one: [row[one]["share"] for row in standing] for one in ("fallen_share", "fallen_without")}
        fallen, without = (say.between(min(of), max(of)) for of in shares.values())
        told.append(say("stop_test.falls", last=last_month(summary), fallen=fallen, without=without))
    rows = [row for row in standing if row["core"]["median"] is None]
    known = [row for row in rows if row["why"]["always_pays"]]
    if known:
        told.append(_reason(summary, max(known, key=lambda row: row["core"]["never"]["share"])))
    if summary["failed_worlds"]:
        told.append(say("tip.failed", worlds=say.counted(summary["failed_worlds"], "world")))
    return told


def _reason(summary: Summary, row: Mapping[str, Any]) -> str:
    why = row["why"]["always_pays"]
    return say(
        "stop_test.why_never",
        stop=say.month_of(summary["first_month"], row["stop"]),
        bills=say.percent(why["covers_commitments"]["share"]),
        spending=say.percent(why["covers_spending"]["share"]),
        last=say.percent(why["covers_spending_last"]["share"]),
        kept=times(why["spending_kept"]),
        debt=say.percent(why["cloud_serves_debt"]["share"]),
    )


def _stops(summary: Summary, rows: Sequence[Mapping[str, Any]], of: int) -> str:
    """The stops of some rows, by month; whenever it comes, where these are all that there are."""
    months = [say.month_of(summary["first_month"], row["stop"]) for row in rows]
    return say("stop_test.whenever") if len(rows) == of > 1 else say("stop_test.in_months", months=say.listed(months, "or"))


def _range(months: Sequence[int]) -> str:
    low, high = min(months), max(months)
    return say.counted(low, "month") if low == high else say("stop_test.months", low=low, high=high)


def last_month(summary: Summary) -> str:
    """The last month judged."""
    return say.month_of(summary["first_month"], summary["months"] - 1)


def times(ratio: float | None) -> str:
    """How many times as much: "0.62"; a dash where there is nothing to compare with."""
    return "–" if ratio is None else f"{ratio:.2f}".replace("-", "−")
